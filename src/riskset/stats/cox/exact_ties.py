"""Exact ties: a partial likelihood as the conditional likelihood of matched sets, one for each event time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from riskset.errors import FitError
from riskset.stats.arrays import Floats
from riskset.stats.clogit.layout import SetLayout
from riskset.stats.clogit.likelihood import ConditionalLikelihood
from riskset.stats.risk_sets import RiskSets

_MOST = 2 * 10**8  # numbers that the risk sets may hold, 1.6 GB


def at_each_event_time(
    x: Floats, sets: RiskSets, *, weights: Floats | None, offset: Floats | None, names: Sequence[str]
) -> ConditionalLikelihood:
    """The likelihood of who had the event at each time, given how many did, with every risk set written out.

    The memory is that of all risk sets together; more than 2 × 10⁸ numbers are refused.
    """
    if not x.shape[1]:
        raise FitError("the model has no terms", where="proportional hazards regression")
    slots = np.flatnonzero(sets.n_tied > 0)
    length = sets.last - sets.first
    if int(length.sum()) * max(x.shape[1], 1) > _MOST:
        raise FitError(
            "the risk sets are too large to be written out for exact ties", where="ties", remedy='use ties="efron"'
        )
    position = np.repeat(np.arange(sets.rows.size), length)
    step = np.arange(position.size) - np.repeat(np.cumsum(length) - length, length)
    slot = sets.first[position] + 1 + step
    is_event = np.zeros(sets.rows.size, bool)
    is_event[sets.events] = True
    case = is_event[position] & (slot == sets.last[position])
    rows = sets.rows[position]
    if weights is not None and sets.n_tied[slots].max() > 1:
        raise FitError("weights are not defined for exact ties", where="weights", remedy='use ties="efron"')
    return ConditionalLikelihood(
        x[rows],
        SetLayout(case, slot),
        weights=None if weights is None else weights[rows],
        offset=None if offset is None else offset[rows],
        ties="exact",
        names=names,
    )
