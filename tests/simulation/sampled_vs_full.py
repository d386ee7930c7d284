"""The sampled odds ratio against the full cohort's hazard ratio, in the same nations.

``python -m tests.simulation.sampled_vs_full [nations [draws]]`` prints the table of docs/validation.md.

In each nation the full cohort is followed day by day from its tables, by a reference of its own that shares nothing
with the sampler or the exposure windows: calendar time, strata of sex and birth year, windows since the qualifying
date and confounders that change with time, Breslow ties. Beside it stand matched sets from the same nation, drawn
again and again and stacked: the mean of the draws' maximum-likelihood estimates would carry the bias of small
samples. All nations enter one likelihood of each kind, and the variance of the difference of the two comes from what
each nation contributes to it.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import stats

from riskset.analysis.frame import AnalysisFrame
from riskset.calendar import years_before
from riskset.cohort.cases import find_cases
from riskset.cohort.sampler import draw_controls, sets_of
from riskset.cohort.sampling_frame import find_risk_sets
from riskset.exposure.covariates import measure_covariates
from riskset.exposure.windows import anchors_of, measure_exposures
from riskset.nation import NationSettings, make_nation
from riskset.registers.engine import Engine
from riskset.registers.tables import registers_from_tables
from riskset.spec import Cases, PopulationControls
from riskset.stats import fit_clogit, fit_cox
from tests.simulation.replicates import ALL_DIAGNOSES, START, founding_study

CLASSES = {"anxiolytics": "N05B", "hypnotics": "N05C", "antidepressants": "N06A"}
LEVELS = ("0-1y", "1-5y", ">5y")
NAMES = (*((name, level) for name in CLASSES for level in LEVELS),)
FIRST, STOP = np.datetime64("2015-01-01"), np.datetime64("2023-07-01")
REGISTER = np.datetime64("2005-07-01")
NEVER = np.datetime64("2100-01-01")

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cohort:
    """Counting-process rows of a nation: (start, stop] in days since ``FIRST``; a stratum is a sex and birth year."""

    x: NDArray[np.int8]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    event: NDArray[np.bool_]
    stratum: NDArray[np.int64]


@dataclass(frozen=True)
class Sampled:
    """Matched sets of several draws from a nation, each set a stratum of its own."""

    x: NDArray[np.int8]
    case: NDArray[np.bool_]
    set_id: NDArray[np.int64]


@dataclass(frozen=True)
class Comparison:
    """Log ratios (9,) of both kinds, the standard errors of their difference, and the joint test that it is zero."""

    sampled: Floats
    full: Floats
    difference_error: Floats
    full_error: Floats
    statistic: float
    p_value: float
    nations: int


def follow(tables: dict[str, pa.Table]) -> Cohort:
    """The full cohort of a nation, from its tables: who is at risk on each day, and what they are like on it."""
    person = tables["person"]
    ids = np.asarray(person["person_id"])
    order = np.argsort(ids)
    birth = _dates(person["birth_date"])[order]
    male = np.array([sex == "male" for sex in person["sex"].to_pylist()])[order]
    known = Lookup(ids[order])
    death = known.first(tables["death"], "date", np.ones(len(tables["death"]), dtype=bool))
    codes = np.array([code.replace(".", "") for code in tables["diagnosis"]["code"].to_pylist()])
    onset = known.first(tables["diagnosis"], "date", np.char.startswith(codes, "G122"))
    psychiatric = known.first(tables["diagnosis"], "date", np.char.startswith(codes, "F"))
    qualified = {name: known.second(tables["dispensing"], code) for name, code in CLASSES.items()}

    spells = tables["residence"]
    who = known.place(np.asarray(spells["person_id"]))
    begin = np.maximum(_dates(spells["start"]), FIRST)
    begin = np.maximum(begin, years_before(birth[who], -18))
    # A person is at risk on the day of death and on the day of diagnosis, and not after.
    end = np.minimum(_dates(spells["stop"]), STOP)
    for last in (death[who], onset[who]):
        end = np.minimum(end, last + 1)
    end = np.minimum(end, years_before(birth[who], -111))
    there = begin < end
    who, begin, end = who[there], begin[there], end[there]

    cuts = [_first_day_beyond(psychiatric, 1)]
    for day in qualified.values():
        cuts += [day + 1, _first_day_beyond(day, 1), _first_day_beyond(day, 5)]
    new_years = [np.full(len(birth), np.datetime64(f"{year}-01-01")) for year in range(2016, 2024)]
    edges = np.column_stack([begin, *(cut[who] for cut in (*cuts, *new_years)), end])
    edges = np.sort(np.clip(edges, begin[:, None], end[:, None]), axis=1)
    row, column = np.nonzero(edges[:, 1:] > edges[:, :-1])
    start, stop, who = edges[row, column], edges[row, column + 1], who[row]

    one, five = years_before(start, 1), years_before(start, 5)
    columns = []
    for day in qualified.values():
        q = day[who]
        columns += [(q < start) & (q >= one), (q < one) & (q >= five), q < five]
    education, is_known = known.education(tables["socioeconomic"], who, start)
    columns += [education == "primary", education == "tertiary", psychiatric[who] < one]
    x = np.column_stack(columns).astype(np.int8)
    event = stop == onset[who] + 1
    stratum = 2 * (birth[who].astype("datetime64[Y]").astype(np.int64) + 1970) + male[who]
    rows = [x, (start - FIRST).astype(np.int64), (stop - FIRST).astype(np.int64), event, stratum]
    return _merged(Cohort(*(values[is_known] for values in rows)), who[is_known])


def _merged(cohort: Cohort, who: NDArray[np.int64]) -> Cohort:
    """Rows that follow each other without a change, as one."""
    same = (np.diff(who) == 0) & (cohort.start[1:] == cohort.stop[:-1]) & (cohort.x[1:] == cohort.x[:-1]).all(axis=1)
    first = np.flatnonzero(np.r_[True, ~same])
    last = np.r_[first[1:], len(who)] - 1
    return Cohort(cohort.x[first], cohort.start[first], cohort.stop[last], cohort.event[last], cohort.stratum[first])


class Lookup:
    """Facts by the position of a person among sorted identifiers."""

    def __init__(self, ids: NDArray[Any]) -> None:
        self.ids = ids

    def place(self, ids: NDArray[Any]) -> NDArray[np.int64]:
        """(n,) positions."""
        return np.searchsorted(self.ids, ids)

    def first(self, table: pa.Table, column: str, keep: NDArray[np.bool_]) -> Days:
        """(persons,) the first date, `NEVER` without."""
        found = np.full(len(self.ids), NEVER)
        np.minimum.at(found, self.place(np.asarray(table["person_id"])[keep]), _dates(table[column])[keep])
        return found

    def second(self, dispensing: pa.Table, code: str) -> Days:
        """(persons,) the second distinct date of a class in the register, `NEVER` without."""
        date = _dates(dispensing["date"])
        keep = np.array([atc.startswith(code) for atc in dispensing["atc"].to_pylist()]) & (date >= REGISTER)
        who = self.place(np.asarray(dispensing["person_id"])[keep])
        pairs = np.unique(np.column_stack([who, date[keep].astype(np.int64)]), axis=0)
        begins = np.flatnonzero(np.r_[True, np.diff(pairs[:, 0]) != 0])
        second = begins + 1
        has = np.r_[np.diff(begins), len(pairs) - begins[-1]] > 1
        found = np.full(len(self.ids), NEVER)
        found[pairs[begins[has], 0]] = pairs[second[has], 1].astype("datetime64[D]")
        return found

    def education(
        self, socioeconomic: pa.Table, who: NDArray[np.int64], day: Days
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Education in the last recorded year before that of the day, and whether it is known."""
        person, year = self.place(np.asarray(socioeconomic["person_id"])), np.asarray(socioeconomic["year"])
        order = np.lexsort((year, person))
        key = (person * 10_000 + year)[order]
        values = np.array([v or "" for v in socioeconomic["education"].to_pylist()])[order]
        asked = who * 10_000 + day.astype("datetime64[Y]").astype(np.int64) + 1970
        at = np.searchsorted(key, asked) - 1
        own = (at >= 0) & (key[at] // 10_000 == who)
        found = np.where(own, values[at], "")
        return found, found != ""


def _first_day_beyond(day: Days, years: int) -> Days:
    """The first day t with day < t − years, by calendar subtraction."""
    found = np.full(len(day), NEVER)
    for offset in range(365 * years + 3, 365 * years - 1, -1):
        candidate = day + offset
        found = np.where(years_before(candidate, years) > day, candidate, found)
    return np.where(day == NEVER, NEVER, found)


def _dates(column: pa.ChunkedArray) -> Days:
    return column.to_numpy().astype("datetime64[D]")


def sample(tables: dict[str, pa.Table], seed: int, draws: int) -> Sampled:
    """Matched sets by the program's own sampler and windows, drawn anew ``draws`` times."""
    study = founding_study(seed, Cases(first=ALL_DIAGNOSES, free_of=(ALL_DIAGNOSES,)))
    controls = study.controls[0]
    assert isinstance(controls, PopulationControls)
    with Engine(threads=1) as engine:
        registers = registers_from_tables(tables, engine=engine, starts=START, remarks=False)
        cases = find_cases(registers, study.case_definition)
        risk_sets = find_risk_sets(registers, study.at_risk, controls, cases)
        drawn = [sets_of(cases, controls, draw_controls(risk_sets, seed + i, controls)) for i in range(draws)]
        anchors = anchors_of(pa.concat_tables(drawn))
        measured = measure_exposures(registers, anchors, study.exposures)
        covariates = measure_covariates(
            registers, anchors, ["education", "psychiatric_diagnosis"], study.covariates, most_levels=study.most_levels
        )
    x, case, set_id = [], [], []
    for number, sets in enumerate(drawn):
        frame = AnalysisFrame(
            sets.append_column("anchor_date", sets["index_date"]), measured.terms, measured.values, covariates
        )
        columns = [frame.value(f"{name}|first_use|{level}") for name, level in NAMES]
        education = np.array([value or "" for value in frame.covariate("education").to_pylist()])
        columns += [education == "primary", education == "tertiary"]
        columns.append(np.asarray(frame.covariate("psychiatric_diagnosis").to_numpy(zero_copy_only=False), dtype=bool))
        keep = education != ""
        x.append(np.column_stack(columns)[keep].astype(np.int8))
        case.append(frame.case[keep])
        set_id.append(frame.set_id[keep] + (number << 20))
    return Sampled(np.vstack(x), np.concatenate(case), np.concatenate(set_id))


def one_nation(seed: int, draws: int, persons: int = 20_000, incidence: float = 300) -> tuple[Cohort, Sampled]:
    """The full cohort and the stacked draws of one nation."""
    tables = make_nation(NationSettings(persons=persons, seed=seed, incidence=incidence)).tables()
    return follow(tables), sample(tables, seed, draws)


def compare(pairs: list[tuple[Cohort, Sampled]]) -> Comparison:
    """Both kinds of likelihood over all nations.

    With s a nation's score and I the information of the whole, nation i moves the sampled estimate by I⁻¹s_i and the
    full one likewise; the difference of the two movements has mean zero if both aim at the same, and its sum of squares
    over nations is the variance of the difference of the estimates. The joint test is Hotelling's.
    """
    cohorts, drawn = [c for c, _ in pairs], [s for _, s in pairs]
    of_row = np.repeat(np.arange(len(pairs)), [len(c.stop) for c in cohorts])
    full = fit_cox(
        np.vstack([c.x for c in cohorts]).astype(float),
        np.concatenate([c.stop for c in cohorts]),
        np.concatenate([c.event for c in cohorts]),
        start=np.concatenate([c.start for c in cohorts]),
        strata=np.concatenate([c.stratum for c in cohorts]) + of_row * 10_000,
        ties="breslow",
    )
    of_member = np.repeat(np.arange(len(pairs)), [len(s.case) for s in drawn])
    sampled = fit_clogit(
        np.vstack([s.x for s in drawn]).astype(float),
        np.concatenate([s.case for s in drawn]),
        np.concatenate([s.set_id for s in drawn]) + (of_member << 40),
    )
    moves = sampled.likelihood.cluster_scores(sampled.beta, of_member) @ sampled.covariance_model
    moves -= full.partial_likelihood(where="comparison").cluster_scores(full.beta, of_row) @ full.covariance_model
    k, n = len(NAMES), len(pairs)
    moves = moves[:, :k]
    covariance = moves.T @ moves * n / (n - 1)
    away = (sampled.beta - full.beta)[:k]
    statistic = p_value = np.nan
    if n > k:  # with fewer nations than coefficients nothing can be tested jointly
        squared = float(away @ np.linalg.solve(covariance, away))
        statistic = squared * (n - k) / (k * (n - 1))
        p_value = float(stats.f.sf(statistic, k, n - k))
    errors = np.sqrt(np.diag(covariance)), full.std_error[:k]
    return Comparison(sampled.beta[:k], full.beta[:k], *errors, statistic, p_value, n)


def run(nations: int, draws: int, *, first: int = 20_001, workers: int = 2, **nation: Any) -> Comparison:
    """Nations with seeds from ``first`` on, in parallel processes."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        made = [pool.submit(one_nation, seed, draws, **nation) for seed in range(first, first + nations)]
        return compare([each.result() for each in made])


def as_markdown(found: Comparison) -> str:
    """The table of docs/validation.md."""
    lines = [
        "| class | level | full-cohort Cox | sampled, draws stacked | ratio of the two | SE of its log |",
        "|---|---|---|---|---|---|",
    ]
    for i, (name, level) in enumerate(NAMES):
        ratio = np.exp(found.sampled[i] - found.full[i])
        lines.append(
            f"| {name} | {level} | {np.exp(found.full[i]):.3f} | {np.exp(found.sampled[i]):.3f} | {ratio:.3f} | "
            f"{found.difference_error[i]:.4f} |"
        )
    test = f"F = {found.statistic:.2f}, df {len(NAMES)} and {found.nations - len(NAMES)}"
    return "\n".join([*lines, f"| | | | *joint test that they are equal* | {test} | p = {found.p_value:.3f} |"])


if __name__ == "__main__":
    asked = [int(text) for text in sys.argv[1:]]
    print(as_markdown(run(*(asked + [40, 10][len(asked) :]), workers=1)))
