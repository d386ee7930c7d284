"""Survival curves and cumulative incidences, with intervals, numbers at risk and quantiles."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError
from riskset.microdata import Microdata
from riskset.stats.arrays import Floats, confidence, in_a_row
from riskset.stats.curves.counts import Counts, at_risk
from riskset.stats.curves.influence import survival_influence
from riskset.stats.curves.limits import ConfType, survival_limits
from riskset.stats.inference import normal_quantile
from riskset.stats.near_ties import reach

Kind = Literal["survival", "cumulative hazard", "cumulative incidence"]


@dataclass(frozen=True, eq=False)
class Curve(Microdata):
    """A step function of time, right-continuous, that starts from 1 (survival) or 0.

    Time is in the unit of ``stop``. A curve of K competing causes has a last axis of length K where it says (…).

    Attributes
    ----------
    kind
        ``"survival"``, ``"cumulative hazard"`` or ``"cumulative incidence"``.
    time
        (m,) the distinct ends of rows, events or not.
    n_risk
        (m,) at risk at that time: start < t ≤ stop.
    n_event, n_censor
        (m, …) events at that time, and (m,) censored; sums of weights where there are weights.
    estimate, std_error, conf_low, conf_high
        (m, …) after what happens at that time; NaN where not defined.
    conf_type, conf_level
        How the limits were made.
    counts
        The rows and their counts, for numbers at risk at other times.
    """

    kind: Kind
    time: Floats
    n_risk: Floats
    n_event: Floats
    n_censor: Floats
    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    conf_type: str
    conf_level: float
    counts: Counts = field(repr=False)

    def at(self, times: ArrayLike) -> CurveTable:
        """The curve, numbers at risk and cumulative events at some times (k,), for a table under a figure.

        After the last time at risk the curve is not known, NaN, unless it has come to rest with everyone dead.
        """
        asked = in_a_row(times, "times")
        near = reach(self.time, asked)
        step = np.searchsorted(self.time, near, side="right")
        beyond = (near > self.time[-1]) & (self.n_censor[-1] > 0)
        begin = 1.0 if self.kind == "survival" else 0.0

        def after(values: Floats, first: float) -> Floats:
            whole = np.concatenate([np.full((1, *values.shape[1:]), first), values])[step]
            whole[beyond] = np.nan
            return np.asarray(whole)

        events = np.concatenate([np.zeros((1, *self.n_event.shape[1:])), np.cumsum(self.n_event, axis=0)])[step]
        return CurveTable(
            asked,
            at_risk(self.counts.survival, self.counts.weights, asked),
            events,
            after(self.estimate, begin),
            after(self.std_error, 0.0),
            after(self.conf_low, begin),
            after(self.conf_high, begin),
        )


@dataclass(frozen=True, eq=False)
class CurveTable(Microdata):
    """A curve at asked times: ``time`` (k,), ``n_risk`` (k,), cumulative ``n_event``, ``estimate``, ``std_error``,
    ``conf_low`` and ``conf_high``, each (k, …)."""

    time: Floats
    n_risk: Floats
    n_event: Floats
    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats

    def to_dict(self) -> dict[str, list[float]]:
        """Column → values at the asked times, for ``pandas.DataFrame``, ``polars.DataFrame`` or ``pyarrow.table``."""
        return {f.name: getattr(self, f.name).tolist() for f in fields(self)}


@dataclass(frozen=True, eq=False)
class Quantiles:
    """Times by which a share has had the event: ``probability``, ``time``, ``conf_low``, ``conf_high``, each (k,).

    NaN where the curve, or its limit, does not come so far.
    """

    probability: Floats
    time: Floats
    conf_low: Floats
    conf_high: Floats


def kaplan_meier(
    stop: ArrayLike,
    event: ArrayLike,
    *,
    start: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    conf_type: ConfType = "log-log",
    level: float = 0.95,
) -> Curve:
    """The Kaplan-Meier estimate of survival.

    Parameters
    ----------
    stop
        (n,) end of the time at risk (start, stop], in any one unit.
    event
        (n,) boolean or 0/1.
    start
        (n,) delayed entry; 0 for all by default. A person in several rows that follow on each other counts once at
        risk at any time, so the estimate may be had from them, and Greenwood's variance too.
    weights
        (n,) positive. The variance is then the robust one, for which each row must be one person; it does not change
        when all weights are multiplied.
    conf_type
        ``"log-log"``, ``"log"``, ``"plain"``, ``"logit"`` or ``"arcsin"``.

    Notes
    -----
    Kaplan & Meier (J Am Stat Assoc 1958; 53: 457-481), Greenwood's variance S² Σ d/(Y (Y − d)); with weights the
    infinitesimal jackknife, as R's ``survfit``. With delayed entry a risk set that empties early takes the curve to 0
    for good: choose a later origin then.
    """
    level, counts = confidence(level), Counts.of(stop, event, start, weights)
    events = counts.n_event[:, 0]
    survival = np.asarray(np.cumprod(counts.n_spared / counts.n_risk), float)
    with np.errstate(divide="ignore", invalid="ignore"):
        if weights is None:
            greenwood = events / (counts.n_risk * counts.n_spared)
            error = survival * np.sqrt(np.cumsum(greenwood))
        else:
            error = survival * np.sqrt(survival_influence(counts))
            error[survival == 0] = np.nan
    low, high = survival_limits(survival, error, conf_type, level)
    return Curve(
        "survival",
        counts.time,
        counts.n_risk,
        events,
        counts.n_censor,
        survival,
        error,
        low,
        high,
        conf_type,
        level,
        counts,
    )


def nelson_aalen(
    stop: ArrayLike,
    event: ArrayLike,
    *,
    start: ArrayLike | None = None,
    ties: Literal["together", "one by one"] = "together",
    level: float = 0.95,
) -> Curve:
    """The Nelson-Aalen estimate of the cumulative hazard; its limits are symmetric on the log scale.

    Parameters
    ----------
    ties
        ``"together"`` adds d/Y at a time with d events, with variance d/Y²; ``"one by one"`` adds 1/Y + 1/(Y − 1) + …
        and the squares of these (Fleming & Harrington 1984), as if ties were broken.
    """
    level, counts = confidence(level), Counts.of(stop, event, start)
    events, n = counts.n_event[:, 0], counts.n_risk
    if ties == "together":
        step, square = events / n, events / n**2
    elif ties == "one by one":
        size = events.astype(np.int64)
        at = np.repeat(np.arange(size.size), size)
        left = n[at] - (np.arange(at.size) - np.repeat(np.cumsum(size) - size, size))
        step = np.asarray(np.bincount(at, 1 / left, size.size), float)
        square = np.asarray(np.bincount(at, 1 / left**2, size.size), float)
    else:
        raise ValueError(f'ties is {ties!r}; it should be "together" or "one by one"')
    hazard, error = np.cumsum(step), np.sqrt(np.cumsum(square))
    z = normal_quantile(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = hazard * np.exp(-z * error / hazard), hazard * np.exp(z * error / hazard)
    return Curve(
        "cumulative hazard",
        counts.time,
        n,
        events,
        counts.n_censor,
        hazard,
        error,
        low,
        high,
        "log",
        level,
        counts,
    )


def quantiles(curve: Curve, probability: ArrayLike = 0.5) -> Quantiles:
    """Times by which a share of persons has had the event, from a survival curve; the median by default.

    The first time at which 1 − S reaches the share; where it stays exactly there, the middle of that stretch. The
    limits are where the curve's own limits cross (Brookmeyer & Crowley, Biometrics 1982; 38: 29-41), as in R.
    """
    if curve.kind != "survival":
        raise FitError("quantiles are those of a survival curve", where="quantiles", remedy="use kaplan_meier")
    shares = in_a_row(probability, "probability")
    if np.any((shares < 0) | (shares > 1)):
        raise ValueError("a share of persons lies between 0 and 1")
    rows = [
        np.array([_crossing(curve.time, 1 - values, p) for p in shares])
        for values in (curve.estimate, curve.conf_low, curve.conf_high)
    ]
    return Quantiles(shares, *rows)


def _crossing(time: Floats, share: Floats, p: float) -> float:
    known = ~np.isnan(share)
    tolerance = 1e-8
    reached = np.flatnonzero(known & (share >= p - tolerance))
    if reached.size == 0:
        return float("nan")
    passed = np.flatnonzero(known & (share > p + tolerance))
    end = passed[0] if passed.size else time.size - 1
    exact = abs(share[reached[0]] - p) <= tolerance
    return float((time[reached[0]] + time[end]) / 2) if exact else float(time[reached[0]])
