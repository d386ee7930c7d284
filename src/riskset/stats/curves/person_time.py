"""Person-time and rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from riskset.errors import FitError
from riskset.stats.arrays import Floats, confidence, finite, grouped, number
from riskset.stats.risk_sets import Survival


@dataclass(frozen=True, eq=False)
class Rates:
    """Events by person-time, one row a group.

    Attributes
    ----------
    groups
        (k,) labels, sorted.
    events, person_time
        (k,) events, and time at risk in the unit of ``stop`` divided by ``per``.
    rate, conf_low, conf_high
        (k,) events by person-time, with exact Poisson limits.
    """

    groups: NDArray[np.generic]
    events: Floats
    person_time: Floats
    rate: Floats
    conf_low: Floats
    conf_high: Floats


def rates(
    stop: ArrayLike,
    event: ArrayLike,
    *,
    start: ArrayLike | None = None,
    group: ArrayLike | None = None,
    per: float = 1.0,
    level: float = 0.95,
) -> Rates:
    """Rates with exact Poisson limits (Garwood, Biometrika 1936; 28: 437-442).

    Parameters
    ----------
    stop, start
        (n,) the interval (start, stop]; 0 is the default start.
    event
        (n,) boolean or 0/1.
    group
        (n,) labels of any type; one group by default. A person may be in several rows.
    per
        Units of ``stop`` in a unit of person-time: 365.25 gives person-years from days, 36525 hundreds of them.
    """
    survival = Survival.checked(stop, event, start, near_ties=False)
    per = number(per, "per")
    if not per > 0:
        raise ValueError(f"per is {per}; it should be positive")
    groups, codes = grouped(np.zeros(survival.stop.size, np.int64) if group is None else group, survival.stop.size)
    length = survival.stop if survival.start is None else survival.stop - survival.start
    time = np.bincount(codes, length) / per
    events = np.bincount(codes, survival.event).astype(float)
    low, high = poisson_limits(events, level)
    return Rates(groups, events, time, events / time, low / time, high / time)


def poisson_limits(events: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Exact limits of the mean of Poisson counts, of any shape; from 0 where nothing was counted."""
    level = confidence(level)
    count = finite(events, "events")
    if np.any(count < 0):
        raise FitError("a number of events is negative", where="rates")
    tail = (1 - level) / 2
    low = np.where(count > 0, special.gammaincinv(np.maximum(count, 1), tail), 0.0)
    return low, np.asarray(special.gammaincinv(count + 1, 1 - tail))
