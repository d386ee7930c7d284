"""Whether a whole run finds the planted course: nation, cases, follow-up, exposure, scores, models, ``truth.json``.

``python -m tests.simulation.prognosis [replicates [workers]]`` prints the tables of docs/validation.md.

A replicate is a nation of 20,000 with the incidence of ALS raised 900-fold, about 700 registered patients. The planted
hazard is that of death from ALS, so deaths from other causes are taken out of the delivery, and end observation as
emigration does. Two courses are run: the nation's own, whose scores stop at a floor of 0, and the same one told in
points four times as wide, which come nowhere near the ends of the scale. What a rounded score says of a patient is the
same in both, apart from the floor.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow.compute as pc
from scipy import stats

from riskset.nation import NationSettings, make_nation
from riskset.nation.canonical import ALS_CODE
from riskset.nation.planted_truth import truth_of
from riskset.nation.settings import DiseaseCourse
from riskset.registers.engine import Engine
from riskset.registers.tables import registers_from_tables
from riskset.results.beside import known_of
from riskset.results.columns import key_of
from riskset.results.planted import read_planted
from riskset.results.planted_prognosis import CASES, MODEL
from riskset.results.released import Released
from riskset.results.rows import Estimate, model_of
from riskset.results.vocabulary import Family
from riskset.run import run_study
from riskset.spec import PopulationControls, Study
from tests.simulation.replicates import START, STUDY, run_replicates

WIDE = 4
"""Points of the nation's course in one of the wide one."""

Key = tuple[str, str, str]
"""What (direct, total, slope, association), the exposure, and the scale."""

PLAINER = {"direct effect": Family.COX, "slope": Family.MIXED}
"""The plainer model of the same number."""

RATIOS = ("log_hr", "log_chr")


@dataclass(frozen=True)
class Replicate:
    """A run's estimates that have a planted truth, and what plainer models make of the same.

    Attributes
    ----------
    found : what → (estimate, standard error); none where a model failed
    plain : the same by the Cox model (for the direct effect) and by the mixed model (for the slope)
    truth : what → what was planted
    patients, events, scores : how many the joint model had
    """

    found: dict[Key, tuple[float, float]]
    plain: dict[Key, tuple[float, float]]
    truth: dict[Key, float]
    patients: int
    events: int
    scores: int


def wide_course() -> DiseaseCourse:
    """The nation's course in points ``WIDE`` times as wide, about the same mean at diagnosis."""
    own = DiseaseCourse()
    return replace(
        own,
        slope=own.slope / WIDE,
        covariance=tuple(value / WIDE**2 for value in own.covariance),
        residual_variance=own.residual_variance / WIDE**2,
        association=own.association * WIDE,
        antidepressant_slope=own.antidepressant_slope / WIDE,
    )


def prognosis_study() -> Study:
    """The founding study's prognosis of death alone, in the model that aims at what was planted."""
    stated = Study.load(STUDY)
    asked = {"endpoint": ("death",), "adjust": ("age", "onset_site"), "classes": ("together",)}
    changed = {
        "controls": (PopulationControls(ratio=1),),
        "models": (),
        "covariates": (),
        "published": (),
        "published_sets": (),
        "prognosis": stated.prognosis.model_copy(update={**asked, "lag_only": "reference"}),
    }
    return Study.model_validate(stated.model_copy(update=changed).model_dump())


@lru_cache(maxsize=1)
def run_nation(seed: int, *, wide: bool, persons: int = 20_000, incidence: float = 900) -> Released:
    """The results of a run on one nation, with what was planted in it."""
    study = prognosis_study()
    settings = NationSettings(
        persons=persons, seed=seed, incidence=incidence, course=wide_course() if wide else DiseaseCourse()
    )
    tables = make_nation(settings).tables()
    tables["death"] = tables["death"].filter(pc.field("cause") == ALS_CODE)
    with TemporaryDirectory() as folder, Engine(threads=1) as engine:
        path = Path(folder, "truth.json")
        path.write_text(json.dumps(truth_of(settings)), encoding="utf-8")
        registers = registers_from_tables(tables, engine=engine, starts=START, remarks=False)
        return run_study(study, registers, planted=read_planted(path)).released


def run_replicate(seed: int, *, wide: bool) -> Replicate:
    """One nation, from its tables to its estimates and their truth."""
    released = run_nation(seed, wide=wide)
    rows = {_place(row): row for row in released.table("estimates").to_pylist() if row["comparison"] == CASES}
    truths = [row for row in released.table("planted").to_pylist() if row["comparison"] == CASES]
    found, plain, truth = {}, {}, {_named(planted): planted["value"] for planted in truths}
    for row in rows.values():
        planted = known_of(row, truths).planted
        if planted is None:
            continue
        key = _named(planted)
        _take(found, key, row)
        if key[0] in PLAINER:
            _take(plain, key, rows.get(_place(row | {"family": PLAINER[key[0]], "association": ""})))
    fitted = next(row for row in rows.values() if model_of(row) == MODEL)
    return Replicate(found, plain, truth, fitted["n_cases"], fitted["n_events"], fitted["n_scores"] or 0)


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells a number from all others of a run, but for how it was estimated."""
    return tuple(row[name] for name in key_of(Estimate) if name != "estimator")


def _named(planted: Mapping[str, str]) -> Key:
    what = {"log_chr": "total effect", "slope": "slope"}.get(planted["scale"], "direct effect")
    what = "association" if planted["role"] == "marker" else what
    return what, planted["exposure"] if what != "association" else "", planted["scale"]


def _take(into: dict[Key, tuple[float, float]], key: Key, row: dict[str, float] | None) -> None:
    if row is not None and row["estimate"] is not None and row["std_error"] is not None:
        into[key] = row["estimate"], row["std_error"]


@dataclass(frozen=True)
class Row:
    """One number over the replicates.

    Attributes
    ----------
    truth, mean, std_error : what was planted, the mean of the estimates and its standard error
    plain : the mean of the plainer model; NaN where there is none
    covered, replicates : intervals that hold the truth, of how many
    """

    key: Key
    truth: float
    mean: float
    std_error: float
    plain: float
    covered: int
    replicates: int

    @property
    def z(self) -> float:
        """How many standard errors the mean lies from the truth."""
        return (self.mean - self.truth) / self.std_error

    @property
    def coverage_p(self) -> float:
        """Exact binomial test of 95 %."""
        return float(stats.binomtest(self.covered, self.replicates, 0.95).pvalue)


@dataclass(frozen=True)
class Judged:
    """All rows, and Hotelling's joint test that none is biased; its χ² is T²."""

    rows: tuple[Row, ...]
    chi2: float
    df: int
    bias_p: float


def judge(replicates: list[Replicate], *, without: tuple[str, ...] = ()) -> Judged:
    """Hold the estimates to what was planted; some that are known to be biased are shown and not judged."""
    keys = sorted(replicates[0].truth)
    rows = tuple(_row(replicates, key) for key in keys)
    judged = [key for key in keys if key[0] not in without]
    whole = [r for r in replicates if all(key in r.found for key in judged)]
    away = np.array([[r.found[key][0] - r.truth[key] for key in judged] for r in whole])
    mean, spread, (n, k) = away.mean(axis=0), np.cov(away.T) / len(whole), away.shape
    chi2 = float(mean @ np.linalg.solve(spread, mean))
    return Judged(rows, chi2, k, float(stats.f.sf(chi2 * (n - k) / (k * (n - 1)), k, n - k)))


def _row(replicates: list[Replicate], key: Key) -> Row:
    truth = replicates[0].truth[key]
    each = np.array([r.found[key] for r in replicates if key in r.found])
    plain = [r.plain[key][0] for r in replicates if key in r.plain]
    covered = int((np.abs(each[:, 0] - truth) <= stats.norm.ppf(0.975) * each[:, 1]).sum())
    error = float(each[:, 0].std(ddof=1) / np.sqrt(len(each)))
    return Row(key, truth, each[:, 0].mean(), error, float(np.mean(plain or [np.nan])), covered, len(each))


def as_markdown(judged: Judged, without: tuple[str, ...] = ()) -> str:
    """A table of docs/validation.md."""
    lines = [
        "| what | class | planted | found (mean) | its SE | z | plainer model | coverage, % | p |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in judged.rows:
        what, name, scale = row.key
        mark = " (not judged)" if what in without else ""
        unit = f"{what}{mark}, {'log ratio' if scale in RATIOS else 'points a month'}"
        plain = "" if np.isnan(row.plain) else f"{row.plain:.4f}"
        lines.append(
            f"| {unit} | {name} | {row.truth:.4f} | {row.mean:.4f} | {row.std_error:.4f} | {row.z:.2f} | {plain} | "
            f"{100 * row.covered / row.replicates:.1f} of {row.replicates} | {row.coverage_p:.3f} |"
        )
    test = f"T² = {judged.chi2:.1f}, df {judged.df}"
    return "\n".join([*lines, f"| *joint test of bias* | | | | | {test} | | | {judged.bias_p:.3f} |"])


FLOOR = ("association",)
"""What the floor of the delivered score is known to bias."""


def main(number: int = 100, workers: int = 1) -> None:
    """Print what ``number`` replicates of each course find."""
    for wide in (True, False):
        found = run_replicates(range(1, number + 1), partial(run_replicate, wide=wide), workers=workers, chunk=2)
        without = () if wide else FLOOR
        size = ", ".join(
            f"{np.mean([getattr(r, what) for r in found]):.0f} {what}" for what in ("patients", "events", "scores")
        )
        print(
            f"\n{'points four times as wide' if wide else 'own course'}: {len(found)} replicates, {size} on average\n"
        )
        print(as_markdown(judge(found, without=without), without), flush=True)


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
