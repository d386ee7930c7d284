"""Cumulative incidences under competing causes, and Gray's test between groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Booleans, Floats, Integers, confidence, dense_codes, whole
from riskset.stats.curves.counts import Counts
from riskset.stats.curves.influence import influence_variance
from riskset.stats.curves.kaplan_meier import Curve
from riskset.stats.curves.limits import ConfType, survival_limits
from riskset.stats.inference import Test, quadratic_test
from riskset.stats.risk_sets import Survival


def aalen_johansen(
    stop: ArrayLike,
    event: ArrayLike,
    *,
    start: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    conf_type: ConfType = "log-log",
    level: float = 0.95,
) -> Curve:
    """The cumulative incidence of each of K competing causes.

    Parameters
    ----------
    stop
        (n,) end of the time at risk (start, stop], in any one unit; each row is one person.
    event
        (n,) 0 censored, 1 … K the cause.
    start
        (n,) delayed entry; 0 for all by default.
    weights
        (n,) positive. The variance does not change when all are multiplied: each row is one person, whatever it weighs.
    conf_type
        As in ``kaplan_meier``, on the probability itself.

    Returns
    -------
    Curve
        With K columns in ``estimate`` (m, K), which with ``kaplan_meier`` of any event add up to 1.

    Notes
    -----
    Aalen & Johansen (Scand J Stat 1978; 5: 141-150): F_k(t) = Σ S(s−) d_k/Y. The variance is the infinitesimal
    jackknife over persons, as in R's ``survfit``; without delayed entry it equals the Greenwood-type one.
    """
    level, counts = confidence(level), Counts.of(stop, event, start, weights, causes=True)
    survival = np.asarray(np.cumprod(counts.n_spared / counts.n_risk), float)
    before = np.concatenate([[1.0], survival[:-1]])
    incidence = np.cumsum(before[:, None] * counts.n_event / counts.n_risk[:, None], axis=0)
    error = np.sqrt(influence_variance(counts, survival, incidence))
    low, high = survival_limits(incidence, error, conf_type, level)
    return Curve(
        "cumulative incidence",
        counts.time,
        counts.n_risk,
        counts.n_event,
        counts.n_censor,
        incidence,
        error,
        low,
        high,
        conf_type,
        level,
        counts,
    )


def gray_test(
    stop: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    cause: int = 1,
    start: ArrayLike | None = None,
    strata: ArrayLike | None = None,
) -> Test:
    """Gray's test that the cumulative incidence of a cause is the same in all groups.

    Parameters
    ----------
    stop, event
        (n,) as in ``aalen_johansen``.
    group
        (n,) labels of any type.
    cause
        Which cause.
    start
        Refused: the test weighs those who had a competing event as if they had been seen from the beginning.
    strata
        (n,) labels; scores and variances are added over strata.

    Notes
    -----
    Gray (Ann Stat 1988; 16: 1141-1154) with weight 1 (ρ = 0), the variance with its correction for ties as in
    ``cmprsk::cuminc``.
    """
    if start is not None:
        raise FitError(
            "Gray's test is not defined under delayed entry",
            where="start",
            remedy="use fit_fine_gray, which weighs for truncation",
            problem=FitProblem.DELAYED_ENTRY,
        )
    survival = Survival.checked(stop, event, None, causes=True)
    codes = dense_codes(group, survival.stop.size, "group")
    layers = np.zeros(codes.size, np.int64) if strata is None else dense_codes(strata, codes.size, "strata")
    cause = whole(cause, "cause", least=1)
    if not np.any(survival.event == cause):
        raise FitError("no row has an event of this cause", where="event", problem=FitProblem.NO_EVENT_OF_CAUSE)
    n_groups = int(codes.max()) + 1
    if n_groups < 2:
        raise FitError("there is one group only", where="group", problem=FitProblem.ONE_GROUP)
    score, variance = np.zeros(n_groups), np.zeros((n_groups, n_groups))
    for layer in np.unique(layers):
        part = _gray_score(survival, codes, layers == layer, cause, n_groups)
        score, variance = score + part[0], variance + part[1]
    return quadratic_test(score[:-1], variance[:-1, :-1])


def _gray_score(
    survival: Survival, codes: Integers, rows: Booleans, cause: int, n_groups: int
) -> tuple[Floats, Floats]:
    """(groups,) score and (groups, groups) variance of one stratum.

    h = Y/S(t−) is a group's number at risk of the subdistribution, were nobody censored. A group's score is its events
    less its part, in proportion to h (1 − F(t−)), of all of them.
    """
    kind = np.where(survival.event == 0, 0, np.where(survival.event == cause, 1, 2))[rows]
    time, slot = np.unique(survival.stop[rows], return_inverse=True)
    m = time.size
    table = np.bincount((slot * n_groups + codes[rows]) * 3 + kind, minlength=m * n_groups * 3)
    table = table.reshape(m, n_groups, 3).astype(float)
    at_risk = np.cumsum(table.sum(axis=2)[::-1], axis=0)[::-1]
    d1, d2 = table[:, :, 1], table[:, :, 2]
    present = at_risk > 0
    y = np.where(present, at_risk, 1.0)
    after = np.cumprod(np.where(present, 1 - (d1 + d2) / y, 1.0), axis=0)
    before = np.concatenate([np.ones((1, n_groups)), after[:-1]])
    incidence = np.cumsum(np.where(present, before * d1 / y, 0.0), axis=0)
    earlier = np.concatenate([np.zeros((1, n_groups)), incidence[:-1]])
    safe = np.where(before > 0, before, 1.0)
    h = np.where(present, at_risk / safe, 0.0)
    total, h_total = d1.sum(axis=1), h.sum(axis=1)
    share = h * (1 - earlier)
    score = (d1 - total[:, None] * share / share.sum(axis=1, keepdims=True)).sum(axis=0)

    pooled = np.cumsum(total / h_total)
    pooled_before = np.concatenate([[0.0], pooled[:-1]])
    a = h[:, :, None] * (np.eye(n_groups) - (h / h_total[:, None])[:, None, :])
    c = np.cumsum(a * (total / (h_total * (1 - pooled_before)))[:, None, None], axis=0)
    to_come = c[-1] - c  # (m, groups scored, groups)
    left = np.where(after > 0, (1 - pooled)[:, None] / np.where(after > 0, after, 1.0), 0.0)
    of_cause = np.where(after > 0, 1 - left, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ties = np.where(total[:, None] > 1, 1 - (total[:, None] - 1) / (h_total[:, None] * before - 1), 1.0)
        one = np.where(present, ties * before * (total / h_total)[:, None] / y, 0.0)
        ties = np.where(d2 > 1, 1 - (d2 - 1) / (y - 1), 1.0)
        two = np.where(present & (after > 0), ties * before**2 * d2 / y**2, 0.0)
    by_cause = a + of_cause[:, None, :] * to_come
    by_other = left[:, None, :] * to_come
    variance = np.einsum("mik,mjk,mk->ij", by_cause, by_cause, one)
    variance += np.einsum("mik,mjk,mk->ij", by_other, by_other, two)
    return score, variance
