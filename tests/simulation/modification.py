"""Effect modification by what differs within a set: tests that keep their level, and ratios of ratios found again.

``python -m tests.simulation.modification [replicates [nations]]`` prints the tables of docs/validation.md.

Sets are drawn from the model that conditional logistic regression assumes: of a set's members one becomes the case,
with a probability in proportion to exp(everything that acts on it). Women, the old and the less educated use the
medicine twice as often and fall ill at other rates, so that the case's value goes with its use, as in every family.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.analysis.frame import AnalysisFrame
from riskset.analysis.risk import fit_risk
from riskset.registers.tables import registers_from_tables
from riskset.results.columns import as_cells
from riskset.results.vocabulary import Contrast
from riskset.run import run_study
from riskset.spec.study import Study, parse
from riskset.stats import fit_clogit, likelihood_ratio_test

Floats = NDArray[np.float64]
Yes = NDArray[np.bool_]

DAY = dt.date(2015, 6, 1)
SETS = 640
USE, MORE_USE = 0.15, 2.0
"""The share of users among those whom nothing makes use more, and how many times as often the others do."""
RISK = {"sex": 0.7, "age": 0.5, "education": 1.0}
"""Log hazard ratios of women, of each ten years of age, and of little schooling."""
SIBLINGS: dict[str, Any] = {"kind": "siblings"}
POPULATION: dict[str, Any] = {"kind": "population"}
PARTED: dict[str, list[dict[str, Any]]] = {
    "siblings": [{"by": "sex"}, {"by": "age", "cuts": [60]}, {"by": "education"}],
    "population": [{"by": "education"}],
}


@dataclass(frozen=True)
class Effect:
    """Log hazard ratios of use, and what it is multiplied by in those whom a covariate marks."""

    use: float = 0.0
    modified_by: str = ""
    times: float = 0.0


class Found(NamedTuple):
    """The comparison of two strata in one replicate; logarithms."""

    by: str
    p_value: float
    ratio: float
    low: float
    high: float
    strata: tuple[float, float]


@dataclass(frozen=True)
class People:
    """Members of sets as arrays (n,), the sets together; ``old`` is 60 years or more, ``short`` little schooling."""

    set_id: NDArray[np.int64]
    female: Yes
    age: Floats
    short: Yes
    used: Yes

    @property
    def marks(self) -> dict[str, Yes]:
        return {"sex": self.female, "age": self.age >= 60, "education": self.short}

    def log_hazard(self, effect: Effect) -> Floats:
        risk = RISK["sex"] * self.female + RISK["age"] * (self.age - 60) / 10 + RISK["education"] * self.short
        extra = self.marks[effect.modified_by] * effect.times if effect.modified_by else 0.0
        return np.asarray(risk + self.used * (effect.use + extra), dtype=float)


def families(rng: np.random.Generator, number: int = SETS) -> People:
    """Sibships of two to four of any age and sex, whose parents' schooling goes with theirs."""
    set_id = np.repeat(np.arange(number), rng.integers(2, 5, number))
    home, years = rng.random(number)[set_id], rng.uniform(50, 70, number)[set_id]
    n = len(set_id)
    return _using(rng, set_id, rng.random(n) < 0.5, years + rng.normal(0, 5, n), rng.random(n) < 0.2 + 0.4 * home)


def matched(rng: np.random.Generator, number: int = SETS, ratio: int = 5) -> People:
    """A case and its controls of one sex and one birth year, of whatever schooling."""
    set_id = np.repeat(np.arange(number), ratio + 1)
    years = rng.uniform(45, 75, number)[set_id] + rng.uniform(-0.4, 0.4, len(set_id))
    return _using(rng, set_id, (rng.random(number) < 0.5)[set_id], years, rng.random(len(set_id)) < 0.4)


def _using(rng: np.random.Generator, set_id: NDArray[np.int64], female: Yes, age: Floats, short: Yes) -> People:
    share = USE * MORE_USE ** (1.0 * female + (age >= 60) + short - 1.0)
    return People(set_id, female, age, short, rng.random(len(set_id)) < share)


def fall_ill(rng: np.random.Generator, people: People, effect: Effect) -> Yes:
    """One case in each set: the first to fall ill where each has a constant hazard."""
    time = rng.exponential(size=len(people.set_id)) / np.exp(people.log_hazard(effect))
    order = np.lexsort((time, people.set_id))
    first = order[np.r_[True, np.diff(people.set_id[order]) != 0]]
    case = np.zeros(len(time), dtype=bool)
    case[first] = True
    return case


def frame_of(people: People, case: Yes, comparison: str) -> AnalysisFrame:
    """The analysis table of these sets."""
    n = len(case)
    persons, days = pa.array(np.arange(n)), pa.array([DAY] * n, pa.date32())
    sets = pa.table(
        {
            "comparison": [comparison] * n,
            "set_id": pa.array(people.set_id),
            "person_id": persons,
            "case": pa.array(case),
            "index_date": days,
            "anchor_date": days,
        }
    )
    term = {"term": "pills|ever|ever", "exposure": "pills", "measure": "ever", "level": "ever", "order": 1}
    users = np.flatnonzero(people.used)
    values = pa.table(
        {
            "person_id": pa.array(users),
            "index_date": pa.array([DAY] * len(users), pa.date32()),
            "term": ["pills|ever|ever"] * len(users),
            "value": pa.array(np.ones(len(users), dtype=np.int64)),
        }
    )
    covariates = {
        "sex": pa.array(np.where(people.female, "female", "male").tolist()),
        "age": pa.array(people.age),
        "education": pa.array(np.where(people.short, "short", "long").tolist()),
    }
    return AnalysisFrame(
        sets,
        pa.Table.from_pylist([term | {"reference": "never"}]),
        values,
        pa.table({"person_id": persons, "index_date": days} | covariates),
    )


def study_of(kind: dict[str, Any], subgroups: Sequence[dict[str, Any]], **changes: Any) -> Study:
    """Ever use of one class, parted."""
    return parse(
        Study,
        {
            "name": "effect modification",
            "period": {"start": dt.date(2010, 1, 1), "stop": dt.date(2016, 1, 1)},
            "cases": {"first": {"icd10": ["G12.2"]}},
            "controls": [kind],
            "exposures": [{"name": "pills", "codes": {"atc": ["N06A"]}, "measures": [{"kind": "ever"}]}],
            "models": [
                {
                    "kind": "conditional logistic",
                    "measure": "ever",
                    "firth_below": 0,
                    "adjust": ["education"],
                    "subgroups": list(subgroups),
                }
            ],
        }
        | changes,
    )


def read(rows: Iterable[dict[str, Any]], comparison: str) -> list[Found]:
    """The ratios of ratios of a comparison, as from the first stratum to the second, in estimates of a run."""
    place = comparison, "ever", "exposure"
    parted = [r for r in rows if (r["comparison"], r["measure"], r["role"]) == place and r["modifier"]]
    found = []
    for row in (r for r in parted if r["contrast"] == Contrast.RATIO_OF_RATIOS and r["estimate"] is not None):
        by = row["modifier"]
        strata = [r["estimate"] for r in parted if (r["modifier"], r["contrast"]) == (by, Contrast.LEVEL)]
        numbers = (row["p_value"], row["estimate"], row["conf_low"], row["conf_high"])
        found.append(Found(by, *numbers, (strata[0], strata[1])))
    return found


MAKE: dict[str, Callable[[np.random.Generator], People]] = {"siblings": families, "population": matched}
KIND = {"siblings": SIBLINGS, "population": POPULATION}


def replicate(kind: str, seed: int, effect: Effect, *, only: int | None = None) -> list[Found]:
    """One draw of sets, parted by everything that differs within them, or by one of these."""
    rng = np.random.default_rng(seed)
    people = MAKE[kind](rng)
    study = study_of(KIND[kind], PARTED[kind] if only is None else [PARTED[kind][only]])
    frame = frame_of(people, fall_ill(rng, people, effect), kind)
    fitted = fit_risk(study, study.models[0], frame, comparison=kind, estimand=())
    return read([dict(as_cells(row)) for row in fitted.estimates], kind)


PLANTED = Effect(float(np.log(1.5)), times=float(np.log(2.0)))
"""The hazard ratio in those whom the covariate does not mark, and what it is multiplied by in the others."""
FIRST_SEED, PLANTED_SEED = 40_001, 60_001


class Row(NamedTuple):
    """What many replicates gave for one parting."""

    comparison: str
    by: str
    replicates: int
    rejected: int
    covered: int
    truth: float
    estimate: float
    std_error: float

    @classmethod
    def of(cls, comparison: str, found: Sequence[Found], truth: float) -> Row:
        ratios = np.array([f.ratio for f in found])
        held = sum(f.low <= truth <= f.high for f in found)
        spread = float(ratios.std(ddof=1) / np.sqrt(len(found)))
        rejected = sum(f.p_value < 0.05 for f in found)
        return cls(comparison, found[0].by, len(found), rejected, held, truth, float(ratios.mean()), spread)


def truth_of(by: str, effect: Effect) -> float:
    """The log ratio of ratios from the first stratum to the second; women are the first by sex, and marked."""
    if effect.modified_by != by:
        return 0.0
    return -effect.times if by == "sex" else effect.times


def null_rows(kind: str, replicates: int, *, first_seed: int = FIRST_SEED) -> list[Row]:
    """Partings of one comparison where nothing has an effect."""
    draws = [replicate(kind, first_seed + i, Effect()) for i in range(replicates)]
    return [Row.of(kind, list(found), 0.0) for found in zip(*draws, strict=True)]


def planted_rows(kind: str, replicates: int, *, first_seed: int = PLANTED_SEED) -> list[Row]:
    """Each parting in draws where its covariate, and no other, modifies the effect."""
    rows = []
    for i, by in enumerate(parted["by"] for parted in PARTED[kind]):
        effect = Effect(PLANTED.use, by, PLANTED.times)
        draws = [replicate(kind, first_seed + i * replicates + j, effect, only=i) for j in range(replicates)]
        rows.append(Row.of(kind, [found for (found,) in draws], truth_of(by, effect)))
    return rows


def rejects_by_the_case(kind: str, by: str, seed: int) -> bool:
    """Whether the product of use with the *case's* value would have been called an interaction, nothing acting.

    All that acts is in the model: sex, age and schooling of each person.
    """
    rng = np.random.default_rng(seed)
    people = MAKE[kind](rng)
    case = fall_ill(rng, people, Effect())
    mark = people.marks[by].astype(float)
    of_case = mark[case][np.searchsorted(people.set_id[case], people.set_id)]
    columns = [people.used, *((people.female, people.age / 10) if kind == "siblings" else ()), people.short]
    smaller, larger = (
        fit_clogit(np.column_stack(x).astype(float), case, people.set_id)
        for x in (columns, [*columns, people.used * of_case])
    )
    return likelihood_ratio_test(smaller, larger).p_value < 0.05


SEVEN, PERIOD = dt.date(2005, 7, 1), (dt.date(2010, 1, 1), dt.date(2016, 1, 1))
WHOLE: dict[str, Any] = {
    "controls": [{"kind": "population", "ratio": 5}, {"kind": "siblings"}],
    "eligibility": {"run_in": "0d"},
}


def registers_of(seed: int, effect: Effect, *, households: int = 4_000, ill: float = 0.08) -> dict[str, pa.Table]:
    """A small country: sibships with their parents' numbers, use since 2006, and who falls ill of whom, and when.

    Everybody has a constant hazard, so that who falls ill in the period is the model's own choice from those at risk.
    """
    rng = np.random.default_rng(seed)
    people = families(rng, households)
    n = len(people.set_id)
    rate = np.exp(people.log_hazard(effect))
    days = (PERIOD[1] - PERIOD[0]).days
    onset = rng.exponential(size=n) * days / (rate * ill / rate.mean())
    cases, users = np.flatnonzero(onset < days), np.flatnonzero(people.used)
    first = np.datetime64(PERIOD[0], "D")
    born = np.datetime64("2013-01-01", "D") - np.round(people.age * 365.25).astype(np.int64)
    person = {
        "person_id": np.arange(n),
        "sex": np.where(people.female, "female", "male"),
        "birth_date": born,
        "mother_id": n + 2 * people.set_id,
        "father_id": n + 2 * people.set_id + 1,
    }
    parents = np.arange(n, n + 2 * households)
    old = {
        "person_id": parents,
        "sex": np.where(parents % 2 == n % 2, "female", "male"),
        "birth_date": np.full(len(parents), np.datetime64("1915-01-01", "D")),
    }
    everyone = pa.concat_tables([pa.table(person), pa.table(old)], promote_options="default")
    begin = np.datetime64("1990-01-01", "D")
    return {
        "person": everyone,
        "residence": pa.table(
            {
                "person_id": np.arange(n),
                "start": np.full(n, begin),
                "stop": pa.nulls(n, pa.date32()),
                "county": np.full(n, "01"),
            }
        ),
        "diagnosis": pa.table(
            {
                "person_id": cases,
                "date": first + onset[cases].astype(np.int64),
                "code": ["G122"] * len(cases),
                "system": ["icd10"] * len(cases),
                "source": ["inpatient"] * len(cases),
            }
        ),
        "dispensing": pa.table(
            {
                "person_id": np.tile(users, 2),
                "date": np.repeat(np.array(["2006-02-01", "2006-06-01"], "datetime64[D]"), len(users)),
                "atc": ["N06AB04"] * (2 * len(users)),
            }
        ),
        "socioeconomic": pa.table(
            {
                "person_id": np.arange(n),
                "year": np.full(n, 2005),
                "education": np.where(people.short, "short", "long"),
            }
        ),
    }


def run_nation(seed: int, effect: Effect) -> dict[str, list[Found]]:
    """A country through the whole run, parted by what differs within the sets of each comparison."""
    subgroups = [{"by": "education"}, {"by": "sex"}]
    study = study_of(POPULATION, subgroups, **WHOLE | {"seed": seed})
    tables = registers_of(seed, effect)
    run = run_study(study, registers_from_tables(tables, starts={"dispensing": SEVEN}, remarks=False))
    rows = run.released.table("estimates").to_pylist()
    return {kind: read(rows, kind) for kind in ("population", "siblings")}


def nation_rows(nations: int, by: str, effect: Effect, *, first_seed: int = 80_001) -> list[Row]:
    """The ratio of ratios of one covariate in many countries, against either kind of controls."""
    found = [run_nation(first_seed + i, effect) for i in range(nations)]
    kinds = {kind: [next(f for f in one[kind] if f.by == by) for one in found] for kind in found[0]}
    return [Row.of(kind, own, truth_of(by, effect)) for kind, own in kinds.items()]


def print_rows(title: str, rows: Iterable[Row]) -> None:
    """Rows of the tables in docs/validation.md."""
    for row in rows:
        rejected, covered = (f"{100 * n / row.replicates:.1f} %" for n in (row.rejected, row.covered))
        ratios = f"{np.exp(row.truth):.2f} | {np.exp(row.estimate):.3f} (SE of its log {row.std_error:.4f})"
        print(f"| {title} | {row.comparison} | {row.by} | {row.replicates:,} | {rejected} | {covered} | {ratios} |")


def main(replicates: int = 4_000, nations: int = 40) -> None:
    """Print every row: nothing planted, something planted, and through the whole run."""
    print("| sets | comparison | by | replicates | p < 0.05 | interval holds the truth | planted | geometric mean |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in MAKE:
        print_rows("drawn, no effect", null_rows(kind, replicates))
        print_rows("drawn, planted", planted_rows(kind, replicates // 2))
    for by in ("education", "sex"):
        effect = Effect(PLANTED.use, by, PLANTED.times)
        print_rows("whole run, planted", nation_rows(nations, by, effect))


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
