"""ALS patients from the nation's course alone: months from diagnosis, without registers around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskset.nation.progression import (
    BULBAR_SHARE,
    DROPOUT,
    MEAN_AGE,
    REGISTRATION_DELAY,
    TYPICAL_USE,
    VISIT_EVERY,
    VISIT_KEPT,
    VISIT_SPREAD,
    survival_times,
)
from riskset.nation.settings import CLASSES, DiseaseCourse
from riskset.nation.streams import MONTH

COVARIATES = (*CLASSES, "age", "bulbar")
ANTIDEPRESSANTS = tuple(CLASSES).index("antidepressants")


@dataclass(frozen=True)
class Patients:
    """Patients of one draw: visits (N,), and for each patient (n,) entry, last time, death, and covariates (n, 5)."""

    latent: np.ndarray
    delivered: np.ndarray
    time: np.ndarray
    patient: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    event: np.ndarray
    covariates: np.ndarray


def truth(course: DiseaseCourse) -> dict[str, float]:
    """What is planted, by the names of a joint fit."""
    hazard = {name: float(np.log(getattr(course, name))) for name in CLASSES}
    return {
        "1": course.score,
        "t": course.slope,
        "t:antidepressants": course.antidepressant_slope,
        **hazard,
        "age": course.age,
        "bulbar": float(np.log(course.bulbar)),
        "alpha[value]": course.association,
        "log sigma": float(np.log(course.residual_variance) / 2),
    }


def draw_patients(n: int, seed: int, *, delayed: bool, course: DiseaseCourse | None = None) -> Patients:
    """``n`` patients who lived to be registered.

    Registration comes an exponential delay after diagnosis, and where ``delayed`` every second patient was diagnosed
    up to two years before the register began; otherwise everybody is followed from diagnosis. Follow-up ends 1 to 6
    years after diagnosis, but not before a month has passed since registration.
    """
    course = DiseaseCourse() if course is None else course
    rng = np.random.default_rng([seed, n, delayed])
    m = 4 * n if delayed else n
    covariates = np.column_stack(
        [
            *(rng.random(m) < share for share in TYPICAL_USE),
            2 + 11 * rng.standard_normal(m),
            rng.random(m) < BULBAR_SHARE,
        ]
    ).astype(float)
    assert MEAN_AGE + 2 == 67.0
    var0, cov, var1 = course.covariance
    effects = rng.standard_normal((m, 2)) @ np.linalg.cholesky([[var0, cov], [cov, var1]]).T
    intercept = course.score + effects[:, 0]
    slope = course.slope + effects[:, 1] + course.antidepressant_slope * covariates[:, ANTIDEPRESSANTS]
    log_ratios = np.array([*(np.log(getattr(course, name)) for name in CLASSES), course.age, np.log(course.bulbar)])
    death = survival_times(course, intercept, slope, covariates @ log_ratios, rng.standard_exponential(m))
    entry = np.zeros(m)
    if delayed:
        entry = REGISTRATION_DELAY / MONTH * rng.standard_exponential(m)
        entry += np.where(rng.random(m) < 0.5, rng.uniform(0, 24, m), 0.0)
    end = np.maximum(rng.uniform(12, 72, m), entry + 1)
    seen = np.flatnonzero(death > entry)[:n]
    stop = np.minimum(death, end)[seen]
    event = (death <= end)[seen].astype(int)
    patient, time = _visits(entry[seen], stop, rng)
    score = intercept[seen][patient] + slope[seen][patient] * time
    score += np.sqrt(course.residual_variance) * rng.standard_normal(len(time))
    return Patients(score, np.clip(np.round(score), 0, 48), time, patient, entry[seen], stop, event, covariates[seen])


def _visits(start: np.ndarray, stop: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Patient and time of the visits that are kept: planned from entry on, until death, the end, or dropping out."""
    every, spread = VISIT_EVERY / MONTH, VISIT_SPREAD / MONTH
    planned = np.minimum((stop - start) // every + 1, rng.geometric(DROPOUT, len(start))).astype(int)
    patient = np.repeat(np.arange(len(start)), planned)
    number = np.arange(len(patient)) - np.repeat(np.cumsum(planned) - planned, planned)
    away = np.where(number > 0, rng.normal(0, spread, len(patient)).clip(-1.3, 1.3), 0)
    time = start[patient] + number * every + away
    kept = (time <= stop[patient]) & (rng.random(len(patient)) < VISIT_KEPT)
    return patient[kept], time[kept]
