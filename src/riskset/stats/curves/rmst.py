"""Restricted mean survival time and its difference between groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats, number
from riskset.stats.curves.kaplan_meier import Curve
from riskset.stats.inference import LinearContrast, normal_quantile
from riskset.stats.near_ties import reach, tolerance


@dataclass(frozen=True)
class RestrictedMean:
    """Mean time without the event up to ``until``, in the unit of ``stop``, with standard error and Wald limits."""

    until: float
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float


def restricted_mean(curve: Curve, until: float, *, level: float = 0.95) -> RestrictedMean:
    """The area under a Kaplan-Meier curve up to a time.

    The variance is Σ A(s)² d/(Y (Y − d)) over event times s < until, A(s) the area from s on (Klein & Moeschberger,
    *Survival Analysis*, 2003, §4.5), as R's ``print(survfit, rmean=)``.

    Raises
    ------
    FitError
        ``until`` lies beyond the last time at risk while some are still event-free: the curve is not known there.
    """
    if curve.kind != "survival":
        raise FitError("a restricted mean is that of a survival curve", where="restricted mean")
    until = number(until, "until")
    if not until > 0:
        raise ValueError(f"until is {until}; it should be positive")
    until = float(reach(curve.time, np.array([until]))[0])
    if until > curve.time[-1] and curve.estimate[-1] > 0:
        raise FitError(
            "the time lies beyond the last time at risk",
            where="restricted mean",
            remedy="choose an earlier one",
            problem=FitProblem.BEYOND_LAST,
        )
    if not np.array_equal(curve.counts.weights, np.ones(curve.counts.weights.size)):
        raise FitError("the variance is not defined with weights", where="restricted mean")
    inside = curve.time < until
    time, estimate = curve.time[inside], curve.estimate[inside]
    width = np.diff(np.concatenate([[0.0], time, [until]]))
    area = width * np.concatenate([[1.0], estimate])
    to_come = np.cumsum(area[::-1])[::-1][1:]
    left = curve.n_risk[inside] - curve.n_event[inside]
    jump: Floats = np.zeros(time.size)
    np.divide(curve.n_event[inside], curve.n_risk[inside] * left, out=jump, where=left > 0)
    return _with_limits(until, float(area.sum()), float(np.sqrt(to_come**2 @ jump)), level)


def restricted_mean_difference(first: RestrictedMean, second: RestrictedMean, *, level: float = 0.95) -> LinearContrast:
    """First less second, of independent groups up to the same time."""
    if abs(first.until - second.until) > tolerance(np.array([first.until])):
        raise FitError("the two means have different ends", where="restricted mean")
    difference = first.estimate - second.estimate
    error = float(np.hypot(first.std_error, second.std_error))
    whole = _with_limits(first.until, difference, error, level)
    if error == 0:
        raise FitError(
            "neither group has an event before the end", where="restricted mean", problem=FitProblem.NO_EVENT
        )
    z = difference / error
    return LinearContrast(difference, error, whole.conf_low, whole.conf_high, z, float(2 * special.ndtr(-abs(z))))


def _with_limits(until: float, estimate: float, error: float, level: float) -> RestrictedMean:
    reach = normal_quantile(level) * error
    return RestrictedMean(until, estimate, error, estimate - reach, estimate + reach)
