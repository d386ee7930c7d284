"""How good predicted risks are: discrimination, calibration and both, with censoring weighted away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Booleans, Floats, Integers, probabilities, span, whole
from riskset.stats.near_ties import reach
from riskset.stats.risk_sets import Survival


@dataclass(frozen=True)
class Performance:
    """Of risks predicted at a landmark for a horizon.

    Attributes
    ----------
    auc
        Probability that of two patients, one with the event in the horizon and one without, the first had the higher
        risk (ties count half).
    brier, brier_null, scaled_brier
        Mean squared distance of risk from outcome; the same with everybody given the observed mean risk; and 1 − their
        ratio.
    auc_error, brier_error, scaled_brier_error
        Their standard errors, of the given predictions in patients like these; NaN where no draws were asked for.
    n_at_risk, n_events, n_censored
        Patients, events of the cause in the horizon, and censored before its end (they count by the weights of others).
    """

    auc: float
    brier: float
    brier_null: float
    scaled_brier: float
    auc_error: float
    brier_error: float
    scaled_brier_error: float
    n_at_risk: int
    n_events: int
    n_censored: int


@dataclass(frozen=True)
class Calibration:
    """Patients in groups of rising risk.

    Attributes
    ----------
    predicted, observed
        (g,) mean predicted risk, and Aalen-Johansen's estimate: NaN where the last of a group left, without an event,
        before the end of the horizon, so that what comes after is not known.
    size
        (g,) patients.
    """

    predicted: Floats
    observed: Floats
    size: Integers


def measure_performance(
    risk: ArrayLike,
    stop: ArrayLike,
    event: ArrayLike,
    *,
    landmark: float,
    horizon: float,
    cause: int = 1,
    draws: int = 0,
    seed: int = 0,
) -> Performance:
    """Time-dependent AUC and Brier score of risks by inverse probability of censoring weights.

    Parameters
    ----------
    risk
        (a,) predicted probabilities of ``cause`` in (landmark, landmark + horizon], of patients at risk at the
        landmark.
    stop, event
        (a,) their last times and causes.
    draws
        Bootstrap samples of patients for the standard errors. The weights are formed anew in each, the predictions are
        not: that the model was fitted is not in the errors.
    seed
        Key of the samples: the same gives the same errors.

    Raises
    ------
    FitError
        No event in the horizon, nobody known to be without one at its end, or nobody followed to it.

    Notes
    -----
    Blanche et al., Biometrics 2015; 71: 102-113; Efron & Tibshirani, *An Introduction to the Bootstrap* (1993),
    chapter 6. Samples in which all or none have the event, or nobody is followed to the end, are passed over. Who has
    an event of another cause counts as without.
    """
    p, end, kind, limit = _checked(risk, stop, event, landmark, horizon)
    cause, draws = whole(cause, "cause", least=1), whole(draws, "draws", most=1_000_000)
    if _unknown(end, kind, limit):
        raise FitError(
            "nobody is followed to the end of the horizon",
            where="horizon",
            remedy="choose a shorter one",
            problem=FitProblem.BEYOND_LAST,
        )
    measured = _measured(p, end, kind, limit, cause)
    if measured is None:
        raise FitError(
            "all or none of the patients have the event",
            where="horizon",
            remedy="choose another horizon",
            problem=FitProblem.ALL_OR_NONE,
        )
    auc, brier, null = measured
    rng = np.random.default_rng([whole(seed, "seed"), draws])
    samples = [rng.integers(0, len(p), len(p)) for _ in range(draws)]
    drawn = [_measured(p[take], end[take], kind[take], limit, cause) for take in samples]
    again = np.array([one for one in drawn if one is not None]).reshape(-1, 3)
    scaled = 1 - again[:, 1] / again[:, 2]
    errors = np.std(np.column_stack([again[:, :2], scaled]), axis=0, ddof=1) if len(again) > 1 else np.full(3, np.nan)
    return Performance(
        auc=auc,
        brier=brier,
        brier_null=null,
        scaled_brier=1 - brier / null,
        auc_error=float(errors[0]),
        brier_error=float(errors[1]),
        scaled_brier_error=float(errors[2]),
        n_at_risk=len(p),
        n_events=int(np.count_nonzero((end <= limit) & (kind == cause))),
        n_censored=int(np.count_nonzero((end <= limit) & (kind == 0))),
    )


def measure_calibration(
    risk: ArrayLike,
    stop: ArrayLike,
    event: ArrayLike,
    *,
    landmark: float,
    horizon: float,
    cause: int = 1,
    groups: int = 10,
) -> Calibration:
    """Predicted against observed risk in ``groups`` of about equal size, by rising predicted risk."""
    p, end, kind, limit = _checked(risk, stop, event, landmark, horizon)
    cause, groups = whole(cause, "cause", least=1), whole(groups, "groups", least=1, most=end.size)
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, groups) if part.size]
    observed = [_incidence(end[part], kind[part], limit, cause) for part in parts]
    return Calibration(
        np.array([p[part].mean() for part in parts]), np.array(observed), np.array([part.size for part in parts])
    )


def _checked(
    risk: ArrayLike, stop: ArrayLike, event: ArrayLike, landmark: float, horizon: float
) -> tuple[Floats, Floats, Integers, float]:
    """Risks, last times, causes, and the end of the horizon; times that part by rounding only are one time."""
    survival = Survival.checked(stop, event, None, causes=True)
    end = survival.stop
    begin, limit = reach(np.unique(end), np.array(span(landmark, horizon)))
    p = probabilities(risk, end.size, "risk")
    gone = int(np.count_nonzero(end <= begin))
    if gone:
        raise FitError(f"{gone} patients are not at risk at the landmark", where="stop", remedy="leave them out")
    return p, end, survival.event, float(limit)


def _measured(p: Floats, end: Floats, kind: Integers, limit: float, cause: int) -> tuple[float, float, float] | None:
    """AUC, Brier score and that of the observed mean risk; None where they are not defined."""
    happened = (end <= limit) & (kind == cause)
    known = (end > limit) | (kind > 0)
    without = known & ~happened
    if not happened.any() or not without.any() or _unknown(end, kind, limit):
        return None
    weight = np.where(known, 1 / _uncensored(end, kind, np.minimum(end, limit), before=end <= limit), 0.0)
    mean = float(weight @ happened / weight.sum())
    return (
        _concordance(p[happened], weight[happened], p[without], weight[without]),
        float(weight @ (happened - p) ** 2 / len(p)),
        float(weight @ (happened - mean) ** 2 / len(p)),
    )


def _uncensored(end: Floats, kind: Integers, at: Floats, before: Booleans) -> Floats:
    """Kaplan-Meier probability of not being censored by ``at``, or up to just before it; events come first."""
    times, counts = np.unique(end[kind == 0], return_counts=True)
    ends, events = np.sort(end), np.sort(end[kind > 0])
    tied = np.searchsorted(events, times, side="right") - np.searchsorted(events, times, side="left")
    at_risk = len(end) - np.searchsorted(ends, times, side="left") - tied
    steps = np.concatenate([[1.0], np.cumprod(1 - counts / np.maximum(at_risk, 1))])
    left = np.searchsorted(times, at, side="left")
    right = np.searchsorted(times, at, side="right")
    return np.asarray(np.maximum(steps[np.where(before, left, right)], 1e-12))


def _unknown(end: Floats, kind: Integers, limit: float) -> bool:
    """Did the last of the patients leave before ``limit`` without an event?"""
    last = end.max()
    return bool(last < limit and np.any(kind[end == last] == 0))


def _incidence(end: Floats, kind: Integers, limit: float, cause: int) -> float:
    """Aalen-Johansen probability of ``cause`` by ``limit``; NaN where that lies beyond the last time at risk."""
    if _unknown(end, kind, limit):
        return np.nan
    alive, incidence = 1.0, 0.0
    for t in np.unique(end[(kind > 0) & (end <= limit)]):
        at_risk = np.count_nonzero(end >= t)
        at_t = end == t
        incidence += alive * np.count_nonzero(at_t & (kind == cause)) / at_risk
        alive *= 1 - np.count_nonzero(at_t & (kind > 0)) / at_risk
    return float(incidence)


def _concordance(cases: Floats, case_weight: Floats, others: Floats, other_weight: Floats) -> float:
    """Weighted share of pairs in which the case has the higher risk, ties half."""
    order = np.argsort(others)
    cumulative = np.concatenate([[0.0], np.cumsum(other_weight[order])])
    below = cumulative[np.searchsorted(others[order], cases, side="left")]
    upto = cumulative[np.searchsorted(others[order], cases, side="right")]
    return float(case_weight @ ((below + upto) / 2) / (case_weight.sum() * cumulative[-1]))
