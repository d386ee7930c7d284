"""The course of ALS: registration, scores, ventilation and death. Time in months from diagnosis unless it is a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from riskset.calendar import years_before
from riskset.nation.arithmetic import exp, log, power, total
from riskset.nation.people import END, People
from riskset.nation.settings import CLASSES, DiseaseCourse
from riskset.nation.streams import MONTH, NEVER, YEAR, Bools, Floats, Ints, Stream, as_days, day_number, spread, stream

GRID = np.concatenate([np.arange(0, 24, 0.25), np.arange(24, 120, 0.5), np.arange(120, 601, 4.0)])
"""Edges of the intervals, in months, within which a patient's hazard is taken as constant."""

DELAY = (2.37, 0.77)
"""Log-normal mean and SD of the months from symptom onset to diagnosis (median 11)."""
BULBAR_SHARE = 0.30
REGISTRY_START = day_number(date(2012, 1, 1))
REGISTRATION_DELAY = 45.0
"""Mean days from diagnosis, or from the registry's start, to registration: exponential."""
VISIT_EVERY, VISIT_SPREAD, VISIT_KEPT, DROPOUT = 84.0, 14.0, 0.80, 0.10
"""Days between planned visits and their SD; share kept; chance after each visit that it was the last."""
VENTILATED, BMI_KNOWN = 0.03, 0.85
MEAN_AGE = 65.0


@dataclass(frozen=True)
class NationPatients:
    """The ALS patients of a block, length m; days are numbers, `NEVER` where there is none.

    Attributes
    ----------
    person : position in the block
    diagnosis, onset, death, registration, ventilation : days; death is the earlier of ALS and other causes
    of_als : whether the death is from ALS
    bulbar : bulbar onset, otherwise spinal
    intercept, slope : the latent score at diagnosis, and its change a month
    visits : (patient, day, score) of the measured ALSFRS-R
    bmi, bmi_before : (patient, day, value) at registration and from 1-5 years before diagnosis
    """

    person: Ints
    diagnosis: Ints
    onset: Ints
    death: Ints
    of_als: Bools
    registration: Ints
    ventilation: Ints
    bulbar: Bools
    intercept: Floats
    slope: Floats
    visits: tuple[Ints, Ints, Floats]
    bmi: tuple[Ints, Ints, Floats]
    bmi_before: tuple[Ints, Ints, Floats]


def make_patients(
    people: People, als: Ints, qualified: dict[str, Ints], course: DiseaseCourse, key: tuple[int, int]
) -> NationPatients:
    """Follow every person with ALS from diagnosis to death or the end of the registers.

    Parameters
    ----------
    people : the block, with deaths from other causes
    als : day of diagnosis, `NEVER` for most
    qualified : class → qualifying day
    key : seed and block
    """
    rng = stream(key[0], "course", key[1])
    person = np.flatnonzero(als != NEVER)
    diagnosis, m = als[person], len(person)
    age = (diagnosis - people.birth[person]) / YEAR
    lagged = years_before(as_days(diagnosis), 1).astype(np.int64)
    user = np.stack([qualified[name][person] < lagged for name in CLASSES]) if m else np.zeros((3, 0), bool)
    bulbar = rng.random(m) < BULBAR_SHARE
    intercept, slope = _latent(course, user[2], rng.standard_normal((2, m)))
    months = survival_times(
        course, intercept, slope, _log_hazard(course, user, age, bulbar), rng.standard_exponential(m)
    )
    dies = np.minimum(diagnosis + np.floor(months * MONTH), NEVER - 1).astype(np.int64)
    of_als = dies <= people.death[person]
    death = np.minimum(dies, people.death[person])
    last = np.where(people.stop[person] == NEVER, people.leave[person], people.stop[person]) - 1
    seen = np.minimum(death, last)
    onset = diagnosis - np.ceil(exp(DELAY[0] + DELAY[1] * rng.standard_normal(m)) * MONTH).astype(np.int64)
    registration = _registration(diagnosis, age, seen, rng)
    ventilated = (rng.random(m) < VENTILATED) & (death < END)
    when = diagnosis + ((0.3 + 0.65 * rng.random(m)) * (np.minimum(death, END) - diagnosis)).astype(np.int64)
    ventilation = np.where(ventilated & (when <= seen), when, NEVER)
    visits = _visits(course, registration, diagnosis, seen, intercept, slope, rng)
    before = 25 + 4 * rng.standard_normal(m)
    bmi = before - 0.08 * (40 - intercept) + 0.8 * rng.standard_normal(m)
    patient = np.flatnonzero((registration != NEVER) & (rng.random(m) < BMI_KNOWN))
    earlier = np.flatnonzero((registration != NEVER) & (rng.random(m) < BMI_KNOWN))
    measured = diagnosis[earlier] - rng.integers(366, 5 * 365, len(earlier))
    return NationPatients(
        person, diagnosis, onset, death, of_als, registration, ventilation, bulbar, intercept, slope, visits,
        (patient, registration[patient], _bmi(bmi[patient])),
        (earlier, measured, _bmi(before[earlier])),
    )  # fmt: skip


def _bmi(value: Floats) -> Floats:
    rounded: Floats = np.rint(10 * np.clip(value, 13, 60)) / 10
    return rounded


def _latent(course: DiseaseCourse, antidepressants: Bools, normal: Floats) -> tuple[Floats, Floats]:
    var0, cov, var1 = course.covariance
    sd = np.sqrt(var0)
    intercept = course.score + sd * normal[0]
    slope = course.slope + cov / sd * normal[0] + np.sqrt(var1 - cov / var0 * cov) * normal[1]
    return intercept, slope + course.antidepressant_slope * antidepressants


def _log_hazard(course: DiseaseCourse, user: Bools, age: Floats, bulbar: Bools) -> Floats:
    ratios = log([getattr(course, name) for name in CLASSES])
    return total(ratios[:, None] * user) + course.age * (age - MEAN_AGE) + log(course.bulbar) * bulbar


def _cumulative(course: DiseaseCourse, scale: float, intercept: Floats, slope: Floats, log_hazard: Floats) -> Floats:
    """Cumulative hazard at the edges of `GRID`, (patients, edges): baseline exact, the score at each middle."""
    baseline = np.diff(power(GRID / scale, course.shape))
    middle = (GRID[1:] + GRID[:-1]) / 2
    score = intercept[:, None] - course.score + slope[:, None] * middle
    rise = baseline * exp(np.clip(course.association * score + log_hazard[:, None], -50, 50))
    cumulative: Floats = np.concatenate([np.zeros((len(intercept), 1)), np.cumsum(rise, axis=1)], axis=1)
    return cumulative


def survival_times(
    course: DiseaseCourse, intercept: Floats, slope: Floats, log_hazard: Floats, exponential: Floats
) -> Floats:
    """Months from diagnosis to death from ALS, by inversion; beyond 50 years: infinite."""
    times = np.full(len(intercept), np.inf)
    for start in range(0, len(intercept), 4096):
        part = slice(start, start + 4096)
        cumulative = _cumulative(course, solve_scale(course), intercept[part], slope[part], log_hazard[part])
        target = exponential[part]
        edge = (cumulative <= target[:, None]).sum(axis=1)
        inside = np.flatnonzero(edge < len(GRID))
        low, high = cumulative[inside, edge[inside] - 1], cumulative[inside, edge[inside]]
        share = (target[inside] - low) / (high - low)
        begin, end = (power(GRID[edge[inside] + step], course.shape) for step in (-1, 0))
        times[start + inside] = power(begin + share * (end - begin), 1 / course.shape)
    return times


TYPICAL_USE = (0.13, 0.17, 0.16)
"""Shares of users of the classes among patients for which the median survival is solved."""


def typical_survival(course: DiseaseCourse, scale: float, exposed: dict[str, bool] | None = None) -> Floats:
    """Marginal survival from ALS at the edges of `GRID`, in 8,000 fixed patients.

    Parameters
    ----------
    exposed : class → whether all patients, or none, use it; the others use as in `TYPICAL_USE`
    """
    hazard = _typical_hazard(course, exposed) * power(scale, -course.shape)
    return total(exp(-hazard)) / len(hazard)


def _typical_hazard(course: DiseaseCourse, exposed: dict[str, bool] | None = None) -> Floats:
    """Cumulative hazards of the fixed patients for a scale of one month."""
    rng = stream(0, "typical course", 0)
    m = 8_000
    user = rng.random((3, m)) < np.array(TYPICAL_USE)[:, None]
    for row, name in enumerate(CLASSES):
        if exposed and name in exposed:
            user[row] = exposed[name]
    bulbar = rng.random(m) < BULBAR_SHARE
    log_hazard = _log_hazard(course, user, 67 + 11 * rng.standard_normal(m), bulbar)
    intercept, slope = _latent(course, user[2], rng.standard_normal((2, m)))
    return _cumulative(course, 1.0, intercept, slope, log_hazard)


@lru_cache(maxsize=64)
def solve_scale(course: DiseaseCourse) -> float:
    """Scale of the baseline, in months, that gives the marginal median survival asked for; by bisection."""
    edge = int(np.searchsorted(GRID, course.median))
    share = (course.median - GRID[edge - 1]) / (GRID[edge] - GRID[edge - 1])
    hazard = _typical_hazard(course)
    at_median = hazard[:, edge - 1] + share * (hazard[:, edge] - hazard[:, edge - 1])
    low, high = log(course.median / 1000), log(course.median * 1000)
    for _ in range(50):
        middle = (low + high) / 2
        alive = total(exp(-at_median * exp(-course.shape * middle))) / len(at_median)
        low, high = (middle, high) if alive < 0.5 else (low, middle)
    return float(exp((low + high) / 2))


def _registration(diagnosis: Ints, age: Floats, seen: Ints, rng: Stream) -> Ints:
    """Day of registration; who is not alive and resident then is never registered."""
    year = 1970 + diagnosis / YEAR
    log_odds = -0.6 + 0.09 * (year - 2019) - 0.008 * (age - 68)
    chosen = rng.random(len(diagnosis)) < 1 / (1 + exp(-log_odds))
    delay = np.floor(REGISTRATION_DELAY * rng.standard_exponential(len(diagnosis))).astype(np.int64)
    day = np.maximum(diagnosis, REGISTRY_START) + delay
    return np.where(chosen & (day <= seen), day, NEVER)


def _visits(course: DiseaseCourse, registration: Ints, diagnosis: Ints, seen: Ints, intercept: Floats, slope: Floats,
            rng: Stream) -> tuple[Ints, Ints, Floats]:  # fmt: skip
    planned = np.where(registration == NEVER, 0, (seen - registration) // VISIT_EVERY + 1).astype(np.int64)
    until = rng.geometric(DROPOUT, len(diagnosis))
    patient, number = spread(np.minimum(np.maximum(planned, 0), until))
    away = np.where(number > 0, (VISIT_SPREAD * rng.standard_normal(len(patient))).clip(-40, 40), 0)
    day = registration[patient] + np.floor(number * VISIT_EVERY + away).astype(np.int64)
    kept = (day <= seen[patient]) & (rng.random(len(patient)) < VISIT_KEPT)
    noise = np.sqrt(course.residual_variance) * rng.standard_normal(len(patient))
    latent = intercept[patient] + slope[patient] * (day - diagnosis[patient]) / MONTH
    score = np.clip(np.rint(latent + noise), 0, 48) + 0.0  # no -0.0: which zero the larger of two is, nothing fixes
    return patient[kept], day[kept], score[kept]
