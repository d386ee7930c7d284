"""Numbers at risk, of events and of censorings at each time that a row ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from riskset.stats.arrays import Floats, Integers, checked_per_row
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
    leaves, enters
        (n,) number of times before the row's end; number of times at or before its start.
    """

    survival: Survival
    weights: Floats
    time: Floats
    n_risk: Floats
    n_event: Floats
    n_censor: Floats
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
        return cls(survival, w, time, at_risk(survival, w, time), by_kind[:, 1:], by_kind[:, 0], leaves, enters)


def at_risk(survival: Survival, weights: Floats, times: Floats) -> Floats:
    """(k,) weight at risk at each of ``times``: start < t ≤ stop."""
    number = _before(survival.stop, weights, times, side="left")
    total = weights.sum()
    if survival.start is None:
        return np.asarray(total - number)
    return np.asarray(_before(survival.start, weights, times, side="left") - number)


def _before(values: Floats, weights: Floats, times: Floats, *, side: Literal["left", "right"]) -> Floats:
    """(k,) weight of the rows whose value comes before each time; with ``"right"`` also those at it."""
    order = np.argsort(values, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(weights[order])])
    return np.asarray(total[np.searchsorted(values[order], times, side=side)])
