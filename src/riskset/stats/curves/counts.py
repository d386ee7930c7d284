"""Numbers at risk, of events and of censorings at each time that a row ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskset.stats.arrays import Floats, Integers, checked_per_row
from riskset.stats.intervals import Intervals
from riskset.stats.near_ties import reach
from riskset.stats.risk_sets import Survival


@dataclass(frozen=True, eq=False)
class Counts:
    """Weighted counts of n rows, one row a person, at m times.

    Attributes
    ----------
    survival, weights
        The rows: times and causes, and (n,) weights.
    time
        (m,) the distinct ends of rows.
    n_risk, n_event, n_censor
        (m,) at risk just before, (m, K) events by cause, (m,) censored.
    n_spared
        (m,) at risk there and without an event there; added up, not what is left of ``n_risk``.
    leaves, enters
        (n,) number of times before the row's end; number of times at or before its start.
    """

    survival: Survival
    weights: Floats
    time: Floats
    n_risk: Floats
    n_event: Floats
    n_censor: Floats
    n_spared: Floats
    leaves: Integers
    enters: Integers

    @classmethod
    def of(
        cls,
        stop: ArrayLike,
        event: ArrayLike,
        start: ArrayLike | None,
        weights: ArrayLike | None = None,
        *,
        causes: bool = False,
    ) -> Counts:
        """Count checked rows; ``causes`` lets ``event`` have more values than 0 and 1."""
        survival = Survival.checked(stop, event, start, causes=causes)
        n = survival.stop.size
        given = checked_per_row(weights, n, "weights")
        w = np.ones(n) if given is None else given
        time, leaves = np.unique(survival.stop, return_inverse=True)
        enters = np.zeros(n, np.int64)
        if survival.start is not None:
            enters = np.searchsorted(time, survival.start, side="right")
        n_causes = max(1, int(survival.event.max()))
        cell = leaves * (n_causes + 1) + survival.event
        by_kind = np.asarray(np.bincount(cell, w, time.size * (n_causes + 1)), float).reshape(time.size, -1)
        stay = covering(enters, leaves - 1, w, time.size)
        n_risk = covering(enters, leaves, w, time.size)
        return cls(survival, w, time, n_risk, by_kind[:, 1:], by_kind[:, 0], stay + by_kind[:, 0], leaves, enters)


def at_risk(survival: Survival, weights: Floats, times: Floats) -> Floats:
    """(k,) weight at risk at each of ``times``: start < t ≤ stop."""
    ends = survival.stop if survival.start is None else np.concatenate([survival.start, survival.stop])
    known, asked = np.unique(reach(np.unique(ends), times), return_inverse=True)
    last = np.searchsorted(known, survival.stop, side="right") - 1
    low = np.zeros_like(last)
    if survival.start is not None:
        low = np.searchsorted(known, survival.start, side="right")
    return np.asarray(covering(low, last, weights, known.size)[asked.reshape(times.shape)])


def covering(low: Integers, last: Integers, weights: Floats, n_slots: int) -> Floats:
    """(m,) weight of the rows whose slots, ``low`` … ``last``, cover each of m; those with none cover nothing."""
    early = np.flatnonzero((low == 0) & (last >= 0))
    leaving = np.asarray(np.bincount(last[early], weights[early], n_slots), float)
    total = np.cumsum(leaving[::-1])[::-1]
    later = np.flatnonzero((low > 0) & (last >= low))
    if later.size:
        total = total + Intervals(low[later] - 1, last[later], n_slots).over(weights[later])
    return np.asarray(total, float)
