"""Survival and score of patients to come, given survival to a landmark and the scores before it.

To live to a later time is one more thing known of a patient. So what is expected then is an integral of the likelihood
itself, at nodes of its own: survival is the ratio of two integrals, and the mean score among those who live to a time
is that of the random effects given so long a life. Nodes laid out at the landmark would miss, over years, the few in
whom that life is likely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats, Integers, confidence, finite, in_a_row, moment, span, whole
from riskset.stats.joint.data import JointData
from riskset.stats.joint.expecting import Later, cumulative_hazard, follow, known_to
from riskset.stats.joint.fitting import JointFit
from riskset.stats.joint.likelihood import JointLikelihood
from riskset.stats.joint.quadrature import Integrand, adapt, stack
from riskset.stats.near_ties import tolerance
from riskset.stats.newton import one_thread

_FREEDOM, _CANDIDATES = 5, 80  # of the t about a mode, and how many are drawn from it to choose one


@dataclass(frozen=True)
class Forecast:
    """What is expected of one patient, at ``times`` (T,) after the landmark.

    Attributes
    ----------
    times
        (T,) from the origin of the model.
    survival
        (T,) probability of being free of every event at each time, given that at the landmark.
    survival_interval
        (T, 2) limits of that probability from the uncertainty of the parameters: of patients with this history.
    patient_interval
        (T, 2) limits of this patient's own probability, whose random effects are not known either.
    incidence
        (causes, T) probability of an event of each cause by then.
    score
        (T,) mean score *while alive*, among patients with this history who live to that time.
    score_undying
        (T,) mean score *as if nobody died* after the landmark.
    mean_interval, undying_interval
        (T, 2) limits of those two means from the uncertainty of the parameters.
    score_interval, measured_interval
        (T, 2) limits of this patient's latent score, and of a measured one, while alive.
    level
        Of all limits.
    """

    times: Floats
    survival: Floats
    survival_interval: Floats
    patient_interval: Floats
    incidence: Floats
    score: Floats
    score_undying: Floats
    mean_interval: Floats
    undying_interval: Floats
    score_interval: Floats
    measured_interval: Floats
    level: float


def forecast(
    fit: JointFit,
    y: ArrayLike,
    time: ArrayLike,
    *,
    landmark: float,
    times: ArrayLike,
    x: ArrayLike | None = None,
    w: ArrayLike | None = None,
    level: float = 0.95,
    draws: int = 400,
    seed: int = 0,
) -> Forecast:
    """Forecast one patient who is alive at ``landmark``; with no scores, a patient known by covariates alone.

    Parameters
    ----------
    y, time
        (V,) scores and their times, none after the landmark.
    landmark
        The time to which the patient is known to have lived.
    times
        (T,) rising times after the landmark; incidences of several causes assume that their hazards keep a constant
        ratio between one and the next.
    x, w
        (m,) and (r,) the patient's covariates, as in the fit.
    draws
        Of the parameters and, for each, of the random effects, for the limits.
    seed
        Key of the draws: the same gives the same limits.

    Raises
    ------
    FitError
        A fit that did not converge; scores after the landmark.

    Notes
    -----
    Rizopoulos, Biometrics 2011; 67: 819-829. Probabilities come from quadrature at the estimate; the limits are
    quantiles over draws of the parameters from their normal approximation.
    """
    _require(fit)
    landmark, level, draws = (
        moment(landmark, "landmark"),
        confidence(level),
        whole(draws, "draws", least=1, most=1_000_000),
    )
    data = _one_patient(fit, y, time, landmark, x, w)
    ahead = _rising(times, landmark)
    known, later = follow(fit, data), Later(fit, data, ahead)
    with one_thread():
        drawn = _Draws.of(fit, draws, seed, len(ahead))
        expected = later.expect(np.concatenate([fit.theta[None], drawn.theta])).of_patient(0)
        lived, score = _draw_courses(known, drawn, ahead)
    _require_computed(expected.survival, expected.score, lived, score)
    measured = score + np.exp(drawn.theta[:, known.layout.p, None]) * drawn.error
    tail = np.array([(1 - level) / 2, (1 + level) / 2])

    def limits(values: Floats) -> Floats:
        return np.asarray(np.quantile(values, tail, axis=0).T)

    return Forecast(
        times=ahead,
        survival=expected.survival[0],
        survival_interval=limits(expected.survival[1:]),
        patient_interval=limits(lived),
        incidence=later.incidence(fit.theta, expected.survival[:1])[:, 0],
        score=expected.score[0],
        score_undying=expected.score_undying[0],
        mean_interval=limits(expected.score[1:]),
        undying_interval=limits(expected.score_undying[1:]),
        score_interval=_weighted_quantiles(score, lived, tail),
        measured_interval=_weighted_quantiles(measured, lived, tail),
        level=level,
    )


@dataclass(frozen=True)
class MeanScores:
    """Mean scores *while alive* of all patients with given covariates, at ``times`` (T,) from the origin.

    Attributes
    ----------
    times
        (T,).
    score
        (n, T) of those with each of n rows of covariates who live to each time.
    interval
        (n, T, 2) limits from the uncertainty of the parameters.
    """

    times: Floats
    score: Floats
    interval: Floats


def mean_scores(
    fit: JointFit,
    times: ArrayLike,
    *,
    x: ArrayLike | None = None,
    w: ArrayLike | None = None,
    level: float = 0.95,
    draws: int = 400,
    seed: int = 0,
) -> MeanScores:
    """The mean scores that `forecast` gives without scores from time 0, of many rows of covariates at once.

    Parameters
    ----------
    times
        (T,) rising times after 0.
    x, w
        (n, m) and (n, r) covariates, as in the fit.
    draws, seed
        Of the parameters, for the limits, and their key; all rows have the same draws.

    Raises
    ------
    FitError
        A fit that did not converge.
    """
    _require(fit)
    level, draws = confidence(level), whole(draws, "draws", least=1, most=1_000_000)
    ahead = _rising(times, 0.0)
    data = _covariates_alone(fit, x, w)
    with one_thread():
        theta = _Draws.of(fit, draws, seed, len(ahead)).theta
        score = Later(fit, data, ahead).expect(np.concatenate([fit.theta[None], theta])).score
    _require_computed(score)
    tail = np.array([(1 - level) / 2, (1 + level) / 2])
    return MeanScores(ahead, score[0], np.moveaxis(np.quantile(score[1:], tail, axis=0), 0, -1))


def landmark_risk(
    fit: JointFit, landmark: float, horizon: float, *, cause: int = 1, data: JointData | None = None
) -> tuple[Integers, Floats]:
    """Who is alive and followed at ``landmark``, and each one's risk of ``cause`` in (landmark, landmark + horizon].

    The scores up to the landmark are used, none after it.

    Parameters
    ----------
    data
        Other patients than those of the fit, from ``check_data``.

    Returns
    -------
    patients, risk
        (a,) positions and (a,) probabilities.
    """
    _require(fit)
    everyone = fit.likelihood.data if data is None else data
    landmark, end = span(landmark, horizon)
    cause = whole(cause, "cause", least=1, most=len(fit.alpha))
    latest = landmark + tolerance(everyone.stop)  # what parts from the landmark by rounding only is at the landmark
    at_risk = np.flatnonzero((everyone.stop > latest) & (everyone.start <= latest))
    if not at_risk.size:
        raise FitError(
            "nobody is at risk then",
            where="landmark",
            remedy="choose an earlier landmark",
            problem=FitProblem.NOBODY_AT_RISK,
        )
    position = np.full(everyone.n, -1)
    position[at_risk] = np.arange(at_risk.size)
    seen = (everyone.time <= latest) & (position[everyone.patient] >= 0)
    known = known_to(
        everyone,
        everyone.y[seen],
        everyone.time[seen],
        position[everyone.patient[seen]],
        np.full(at_risk.size, landmark),
        everyone.x[at_risk],
        everyone.w[at_risk],
    )
    n_steps = 1 if everyone.causes == 1 else 12  # several causes share the events of each step
    steps = landmark + (end - landmark) * np.arange(1, n_steps + 1) / n_steps
    with one_thread():
        later = Later(fit, known, steps)
        incidence = later.incidence(fit.theta, later.expect(fit.theta[None]).survival[0])
    _require_computed(incidence)
    return at_risk, incidence[cause - 1, :, -1]


@dataclass(frozen=True)
class _Draws:
    """D draws of the parameters, and what is drawn with each for one patient.

    ``theta`` (D, P), ``z`` (D, candidates, q) of a wide t, ``chance`` (D,) that chooses among them, and ``error``
    (D, T) of the scores in standard deviations.
    """

    theta: Floats
    z: Floats
    chance: Floats
    error: Floats

    @classmethod
    def of(cls, fit: JointFit, number: int, seed: int, times: int) -> _Draws:
        rng = np.random.default_rng([whole(seed, "seed"), number])
        root, q = np.linalg.cholesky(fit.covariance), fit.likelihood.layout.q
        drawn = []
        for _ in range(number):
            theta = fit.theta + root @ rng.standard_normal(len(root))
            z = rng.standard_normal((_CANDIDATES, q))
            z *= np.sqrt(_FREEDOM / rng.chisquare(_FREEDOM, _CANDIDATES))[:, None]
            drawn.append((theta, z, rng.random(), rng.standard_normal(times)))
        return cls(*(np.array(part) for part in zip(*drawn, strict=True)))


def _draw_courses(known: JointLikelihood, drawn: _Draws, times: Floats) -> tuple[Floats, Floats]:
    """Survival (D, T) and latent score (D, T) of the patient, with random effects drawn from their posterior."""
    data, course = known.data, known.data.trajectory
    points = [known.layout.unpack(theta) for theta in drawn.theta]
    (block,) = known.blocks
    effects = _draw(stack([block.integrand(data, point) for point in points]), drawn)
    rows = known.rows_between(np.append(data.stop, times[:-1]), times)
    take, fixed = np.zeros(len(times), np.int64), course.fixed.value(times)
    lived, mean = [], []
    for point, b in zip(points, effects, strict=True):
        hazard = cumulative_hazard(data, point, take, rows, np.broadcast_to(b, (len(times), 1, len(b))))
        lived.append(np.exp(-np.cumsum(hazard.sum(axis=0)[:, 0])))
        mean.append(fixed @ course.coefficients(point.beta, data.x)[0])
    return np.array(lived), np.array(mean) + effects @ course.random.value(times).T


def _draw(integrand: Integrand, drawn: _Draws) -> Floats:
    """(D, q) random effects from the posterior: of candidates from a wide t about the mode, one by its weight."""
    nodes, z = adapt(integrand), drawn.z
    b = nodes.centre[:, None] + z @ np.swapaxes(nodes.spread, 1, 2)
    exponent = integrand.log_rate[:, :, None] + integrand.load @ np.swapaxes(b, 1, 2)
    height = np.einsum("ngq,nq->ng", b, integrand.linear)
    height -= 0.5 * np.einsum("ngq,nqr,ngr->ng", b, integrand.precision, b)
    height -= np.exp(np.clip(exponent, -300, 300)).sum(axis=1)
    height += 0.5 * (_FREEDOM + z.shape[2]) * np.log1p(np.einsum("ngq,ngq->ng", z, z) / _FREEDOM)
    weight = np.cumsum(np.exp(height - height.max(axis=1, keepdims=True)), axis=1)
    chosen = (weight < drawn.chance[:, None] * weight[:, -1:]).sum(axis=1)
    return np.asarray(b[np.arange(len(b)), chosen])


def _weighted_quantiles(values: Floats, weight: Floats, tail: Floats) -> Floats:
    """(T, 2) quantiles of ``values`` (draws, T), each draw with its own weight at each time."""
    out = np.empty((values.shape[1], 2))
    for t in range(values.shape[1]):
        order = np.argsort(values[:, t])
        share = np.cumsum(weight[order, t])
        out[t] = np.interp(tail * share[-1], share, values[order, t])
    return out


def _require(fit: JointFit) -> None:
    if not fit.converged:
        raise FitError(f"the joint model did not converge: {fit.reason}", where="forecast")


def _require_computed(*values: Floats) -> None:
    if not all(np.isfinite(part).all() for part in values):
        raise FitError(
            "scores, times or covariates lie so far from those of the fit that nothing can be computed",
            where="forecast",
            remedy="look for another unit",
        )


def _rising(times: ArrayLike, landmark: float) -> Floats:
    ahead = in_a_row(times, "times")
    if not ahead.size or not np.all(np.diff(ahead, prepend=landmark) > tolerance(ahead)):
        raise ValueError("times should rise from after the landmark, each by more than rounding")
    return ahead


def _one_patient(
    fit: JointFit, y: ArrayLike, time: ArrayLike, landmark: float, x: ArrayLike | None, w: ArrayLike | None
) -> JointData:
    data = fit.likelihood.data
    scores, when = in_a_row(y, "y"), in_a_row(time, "time")
    if scores.shape != when.shape:
        raise ValueError(f"y has shape {scores.shape} and time {when.shape}; both should be (V,)")
    late = int(np.count_nonzero(when > landmark + tolerance(data.stop)))
    if late:
        raise FitError(f"{late} scores are after the landmark", where="forecast", remedy="leave them out")
    row, hazard = _row(x, "x"), _row(w, "w")
    if row.shape != (1, data.x.shape[1]) or hazard.shape != (1, data.w.shape[1]):
        raise ValueError(f"the fit has {data.x.shape[1]} covariates in x and {data.w.shape[1]} in w")
    return known_to(data, scores, when, np.zeros(scores.size, np.int64), np.array([float(landmark)]), row, hazard)


def _row(values: ArrayLike | None, what: str) -> Floats:
    return np.zeros((1, 0)) if values is None else np.atleast_2d(finite(values, what))


def _covariates_alone(fit: JointFit, x: ArrayLike | None, w: ArrayLike | None) -> JointData:
    """Patients of whom nothing is known but their covariates."""
    data = fit.likelihood.data
    given = [None if part is None else np.atleast_2d(finite(part, what)) for part, what in ((x, "x"), (w, "w"))]
    n = max((len(part) for part in given if part is not None), default=1)
    rows, hazard = (np.zeros((n, 0)) if part is None else part for part in given)
    if rows.shape != (n, data.x.shape[1]) or hazard.shape != (n, data.w.shape[1]):
        wanted = f"(n, {data.x.shape[1]}) and (n, {data.w.shape[1]})"
        raise ValueError(f"x and w have shapes {rows.shape} and {hazard.shape}; they should be {wanted}")
    nothing = np.zeros(0)
    return known_to(data, nothing, nothing, np.zeros(0, np.int64), np.zeros(len(rows)), rows, hazard)
