"""The planted ratios are in the nation's own person-time, and the incidence is what was asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from riskset.calendar import years_before
from riskset.nation import Effects, NationSettings, make_nation
from riskset.nation.block import NationBlock
from riskset.nation.disease import AGE_BANDS, INCIDENCE, Risks
from riskset.nation.people import MAN, WOMAN
from riskset.nation.settings import CLASSES
from riskset.nation.streams import NEVER, YEAR, as_days

FIRST, LAST, STEP = 13149, 19723, 61  # 2006-01-01 to 2024-01-01 in days, person-time taken every 61 days
FAMILY_WISE = 0.001


def design(block: NationBlock, person: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Stratum (sex, age band) and the 12 planted indicators of persons on days, written anew from the definition."""
    people = block.people
    one, five = (years_before(as_days(day), years).astype(np.int64) for years in (1, 5))
    columns = []
    for name in CLASSES:
        q = block.qualified[name][person]
        columns += [(one <= q) & (q < day), (five <= q) & (q < one), q < five]
    education = block.education[person]
    columns += [education == 0, education == 2, block.psychiatric.first[person] < one]
    age = (day - people.birth[person]) / YEAR
    return people.sex[person] * 10 + np.searchsorted(AGE_BANDS, age, side="right") - 1, np.stack(columns, axis=1)


def rows_of(blocks: tuple[NationBlock, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cells of stratum and indicators with their events and years at risk."""
    codes, events, years = [], [], []
    for block in blocks:
        people, patients = block.people, block.patients
        struck = np.full(len(people), NEVER)
        struck[patients.person] = patients.diagnosis
        for day in range(FIRST + STEP // 2, LAST, STEP):
            there = np.flatnonzero(people.present(slice(None), day) & (struck > day) & (people.birth < day - 30 * YEAR))
            stratum, x = design(block, there, np.full(len(there), day))
            code, count = np.unique(stratum << 12 | x @ (1 << np.arange(12)), return_counts=True)
            codes.append(code)
            years.append(count * STEP / YEAR)
            events.append(np.zeros(len(code)))
        during = (patients.diagnosis >= FIRST) & (patients.diagnosis < LAST)
        during &= patients.diagnosis - people.birth[patients.person] > 30 * YEAR
        stratum, x = design(block, patients.person[during], patients.diagnosis[during])
        codes.append(stratum << 12 | x @ (1 << np.arange(12)))
        years.append(np.zeros(during.sum()))
        events.append(np.ones(during.sum()))
    cells, where = np.unique(np.concatenate(codes), return_inverse=True)
    total = [np.bincount(where, np.concatenate(values)) for values in (events, years)]
    return cells >> 12, (cells[:, None] >> np.arange(12)) & 1, total[0], total[1]


def fit_poisson(
    stratum: np.ndarray, x: np.ndarray, events: np.ndarray, years: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log rate ratios and their information, a free rate in each stratum."""
    kept = years > 0
    stratum, x, events, years = stratum[kept], x[kept], events[kept], years[kept]
    dummies = (stratum[:, None] == np.unique(stratum)).astype(float)
    full = np.concatenate([x, dummies], axis=1)
    beta = np.zeros(full.shape[1])
    beta[x.shape[1] :] = np.log((dummies.T @ events + 0.5) / (dummies.T @ years))
    for _ in range(30):
        mean = years * np.exp(full @ beta)
        information = full.T @ (full * mean[:, None])
        step = np.linalg.solve(information, full.T @ (events - mean))
        beta += step
    assert np.abs(step).max() < 1e-8
    covariance = np.linalg.inv(information)[: x.shape[1], : x.shape[1]]
    return beta[: x.shape[1]], np.linalg.inv(covariance)


@pytest.fixture(scope="module")
def blocks() -> tuple[NationBlock, ...]:
    return make_nation(NationSettings(persons=150_000, seed=11, incidence=150)).blocks


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    effects = Effects()
    ratios = [r for name in CLASSES for r in effects.of(name)]
    education = effects.education_risk
    return np.log([*ratios, education[0] / education[1], education[2] / education[1], effects.psychiatric_risk])


def test_the_planted_ratios_are_recovered_from_the_nations_own_person_time(
    blocks: tuple[NationBlock, ...], truth: np.ndarray
) -> None:
    stratum, x, events, years = rows_of(blocks)
    estimate, information = fit_poisson(stratum, x, events, years)
    gap = estimate - truth
    standard_errors = np.sqrt(np.diag(np.linalg.inv(information)))
    assert standard_errors[:9].max() < 0.25  # the test has power: hypnotics' 6.10 is 7 or more standard errors from 1
    assert stats.chi2.sf(gap @ information @ gap, len(gap)) > FAMILY_WISE, np.round(gap / standard_errors, 1)


def test_leaving_the_confounders_out_gives_other_ratios(blocks: tuple[NationBlock, ...], truth: np.ndarray) -> None:
    stratum, x, events, years = rows_of(blocks)
    estimate, information = fit_poisson(stratum, x[:, :9], events, years)
    gap = estimate - truth[:9]
    assert stats.chi2.sf(gap @ information @ gap, 9) < FAMILY_WISE
    assert gap.mean() > 0


def test_incidence_by_age_and_sex_is_the_stated_one_whatever_is_planted(blocks: tuple[NationBlock, ...]) -> None:
    stratum, _, events, years = rows_of(blocks)
    for sex in (WOMAN, MAN):
        for band in range(2, len(AGE_BANDS) - 1):
            those = stratum == sex * 10 + band
            expected = INCIDENCE[sex][band] / 1e5 * 150 * years[those].sum()
            # use since 2005 builds up, so the mean ratio before and after 2018 differs a little; depletion is slight
            assert abs(events[those].sum() / expected - 1) < 0.08 + 4 / np.sqrt(expected), (sex, band)


def test_without_effects_use_is_unrelated_to_disease() -> None:
    blocks = make_nation(NationSettings(persons=60_000, seed=12, incidence=150, effects=Effects.none())).blocks
    stratum, x, events, years = rows_of(blocks)
    estimate, information = fit_poisson(stratum, x, events, years)
    assert stats.chi2.sf(estimate @ information @ estimate, 12) > FAMILY_WISE


def test_windows_are_calendar_windows_and_the_day_itself_is_in_none() -> None:
    t = int(np.datetime64("2020-02-29", "D").astype(int))
    effects = replace(Effects.none(), hypnotics=(7.0, 5.0, 3.0))
    days = {"2020-02-29": 1, "2020-02-28": 7, "2019-02-28": 7, "2019-02-27": 5, "2015-02-28": 5, "2015-02-27": 3}
    q = np.array([np.datetime64(day, "D").astype(int) for day in days])
    never, zeros = np.full(len(q), NEVER), np.zeros(len(q), np.int64)
    risks = Risks({"anxiolytics": never, "hypnotics": q, "antidepressants": never}, zeros, never)
    person = np.arange(len(q))
    assert risks.ratio(person, np.full(len(q), t), effects).tolist() == [*days.values()]
    assert (risks.bound(effects) == 7).all()


def test_withheld_use_acts_only_when_asked() -> None:
    seen, hidden = (
        make_nation(NationSettings(persons=5_000, effects=replace(Effects(), withheld_use_acts=acts))).blocks[0]
        for acts in (False, True)
    )
    start = int(np.datetime64("2005-07-01", "D").astype(int))
    for name in CLASSES:
        assert (seen.qualified[name] >= start).all()
        earlier = hidden.qualified[name] < start
        assert earlier.any()
        assert (hidden.qualified[name] <= seen.qualified[name]).all()
