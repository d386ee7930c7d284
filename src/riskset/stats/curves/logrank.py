"""The log-rank test between groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats, grouped
from riskset.stats.inference import Test, quadratic_test
from riskset.stats.risk_sets import RiskSets, Survival


@dataclass(frozen=True, eq=False)
class LogRank:
    """A log-rank test.

    Attributes
    ----------
    groups
        (k,) labels, sorted.
    observed, expected
        (k,) events of each group, and how many there would be if all had the same hazard.
    covariance
        (k, k) of observed − expected.
    test
        χ² with one degree of freedom less than groups at risk with others.
    """

    groups: NDArray[np.generic]
    observed: Floats
    expected: Floats
    covariance: Floats
    test: Test


def log_rank_test(
    stop: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    start: ArrayLike | None = None,
    strata: ArrayLike | None = None,
) -> LogRank:
    """Test that k groups have the same hazard at all times (Mantel-Cox), within strata.

    It is the score test of a Cox model with exact ties and a factor for the groups: the variance at each event time is
    hypergeometric (Mantel, Cancer Chemother Rep 1966; 50: 163-170). Delayed entry needs nothing more.

    Parameters
    ----------
    stop, event, start
        (n,) the interval (start, stop], and did the event happen at ``stop``; ``start`` is 0 by default.
    group, strata
        (n,) labels of any type.
    """
    survival = Survival.checked(stop, event, start)
    groups, codes = grouped(group, survival.stop.size)
    if groups.size < 2:
        raise FitError("there is one group only", where="group", problem=FitProblem.ONE_GROUP)
    sets = RiskSets(survival, strata)
    member = np.arange(groups.size)[:, None] == codes[sets.rows]
    at_risk = np.array([sets.at_risk(row.astype(float)) for row in member])
    events, everyone = sets.n_tied, np.maximum(at_risk.sum(axis=0), 1.0)
    share = at_risk / everyone
    observed = np.bincount(codes[survival.event > 0], minlength=groups.size).astype(float)
    expected = share @ events
    spread = events * (everyone - events) / np.maximum(everyone - 1, 1)
    covariance = np.diag(share @ spread) - (share * spread) @ share.T
    compared = np.flatnonzero(np.diagonal(covariance) > 1e-12)
    if compared.size < 2:
        raise FitError("no two groups are ever at risk together", where="group", problem=FitProblem.NEVER_TOGETHER)
    kept = compared[:-1]
    test = quadratic_test((observed - expected)[kept], covariance[np.ix_(kept, kept)])
    return LogRank(groups, observed, expected, covariance, test)
