"""Survival and score of patients to come, given survival to a landmark and the scores before it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError
from riskset.stats.joint.data import JointData, Visits
from riskset.stats.joint.fitting import JointFit
from riskset.stats.joint.likelihood import Block, EventRows, JointLikelihood, log_hazard
from riskset.stats.joint.parameters import Parameters
from riskset.stats.joint.quadrature import Integrand, Nodes, adapt, make_grid, posterior_weights
from riskset.stats.newton import Floats, one_thread
from riskset.stats.sets import Integers

_ORDER = 15  # nodes an axis: forecasts need a few patients, not a thousand evaluations


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
    data = _one_patient(fit, y, time, landmark, x, w)
    ahead = _rising(times, landmark)
    rng = np.random.default_rng([seed, draws])
    likelihood = _follow(fit, data)
    with one_thread():
        found = _expect(likelihood, fit.theta, ahead)
        root = np.linalg.cholesky(fit.covariance)
        curves, own, latent, noise = [], [], [], []
        for _ in range(draws):
            theta = fit.theta + root @ rng.standard_normal(len(root))
            drawn = _expect(likelihood, theta, ahead, rng)
            curves.append(drawn.survival[0])
            own.append(drawn.drawn_survival)
            latent.append(drawn.drawn_score)
            noise.append(np.exp(theta[likelihood.layout.p]) * rng.standard_normal(len(ahead)))
    lived, score = np.array(own), np.array(latent)
    tail = np.array([(1 - level) / 2, (1 + level) / 2])
    return Forecast(
        times=ahead,
        survival=found.survival[0],
        survival_interval=np.quantile(np.array(curves), tail, axis=0).T,
        patient_interval=np.quantile(lived, tail, axis=0).T,
        incidence=found.incidence[:, 0],
        score=found.score[0],
        score_undying=found.score_undying[0],
        score_interval=_weighted_quantiles(score, lived, tail),
        measured_interval=_weighted_quantiles(score + np.array(noise), lived, tail),
        level=level,
    )


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
    at_risk = np.flatnonzero((everyone.stop > landmark) & (everyone.start <= landmark))
    if not at_risk.size:
        raise FitError("nobody is at risk then", where="landmark", remedy="choose an earlier landmark")
    position = np.full(everyone.n, -1)
    position[at_risk] = np.arange(at_risk.size)
    seen = (everyone.time <= landmark) & (position[everyone.patient] >= 0)
    known = _known(
        everyone,
        everyone.y[seen],
        everyone.time[seen],
        position[everyone.patient[seen]],
        np.full(at_risk.size, landmark),
        everyone.x[at_risk],
        everyone.w[at_risk],
    )
    steps = landmark + horizon * np.arange(1, 13) / 12
    with one_thread():
        found = _expect(_follow(fit, known), fit.theta, steps)
    return at_risk, found.incidence[cause - 1, :, -1]


@dataclass(frozen=True)
class _Expected:
    """Of n patients at T times: survival and scores (n, T), incidence (causes, n, T); of one drawn patient (T,)."""

    survival: Floats
    incidence: Floats
    score: Floats
    score_undying: Floats
    drawn_survival: Floats
    drawn_score: Floats


def _expect(
    likelihood: JointLikelihood, theta: Floats, times: Floats, rng: np.random.Generator | None = None
) -> _Expected:
    data, parameters = likelihood.data, likelihood.layout.unpack(theta)
    grid = make_grid(_ORDER, likelihood.layout.q)
    shape = (data.n, len(times))
    survival, score, undying = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    incidence = np.zeros((likelihood.layout.causes, *shape))
    drawn_survival, drawn_score = np.zeros(len(times)), np.zeros(len(times))
    for block in likelihood.blocks:
        integrand = block.integrand(data, parameters)
        nodes = adapt(integrand)
        weight, b = posterior_weights(integrand, nodes, grid)
        if rng is not None:
            drawn = _draw(integrand, nodes, rng)
            weight, b = np.pad(weight, ((0, 0), (0, 1))), np.concatenate([b, drawn[:, None]], axis=1)
        hazard = _hazards(likelihood, parameters, block, b, times)
        total = np.cumsum(hazard.sum(axis=0), axis=1)
        alive = np.exp(-total)
        before = np.concatenate([np.ones_like(alive[:, :1]), alive[:, :-1]], axis=1)
        share = hazard / np.maximum(hazard.sum(axis=0), 1e-300)
        take = block.patients
        incidence[:, take] = np.cumsum(np.einsum("ng,kntg->knt", weight, share * (before - alive)), axis=2)
        survival[take] = np.einsum("ng,ntg->nt", weight, alive)
        latent = _scores(data, parameters, take, b, times)
        undying[take] = np.einsum("ng,ntg->nt", weight, latent)
        living = np.einsum("ng,ntg->nt", weight, alive * latent)
        score[take] = living / np.maximum(survival[take], 1e-300)
        drawn_survival, drawn_score = alive[0, :, -1], latent[0, :, -1]
    return _Expected(survival, incidence, score, undying, drawn_survival, drawn_score)


def _hazards(likelihood: JointLikelihood, parameters: Parameters, block: Block, b: Floats, times: Floats) -> Floats:
    """(causes, n, T, G) cumulative hazards between one time and the next, at random effects ``b`` (n, G, q)."""
    data, take = likelihood.data, block.patients
    edges = np.concatenate([data.stop[take, None], np.broadcast_to(times, (len(take), len(times)))], axis=1)
    out = np.zeros((likelihood.layout.causes, len(take), len(times), b.shape[1]))
    for step in range(len(times)):
        rows = likelihood.rows_between(edges[:, step], edges[:, step + 1])
        out[:, :, step] = cumulative_hazard(data, parameters, take, rows, b)
    return out


def cumulative_hazard(data: JointData, parameters: Parameters, take: Integers, rows: EventRows, b: Floats) -> Floats:
    """(causes, n, G) hazards summed over the rows' time nodes, at random effects ``b`` (n, G, q)."""
    kappa = data.trajectory.coefficients(parameters.beta, data.x[take])
    along = rows.features(kappa)
    found = []
    for cause in range(len(parameters.alpha)):
        s, c = log_hazard(rows, along, data.w[take], parameters, cause)
        exponent = s[:, :, None] + c @ np.swapaxes(b, 1, 2)
        found.append(np.exp(np.clip(exponent, -300, 300)).sum(axis=1))
    return np.array(found)


def _scores(data: JointData, parameters: Parameters, take: Integers, b: Floats, times: Floats) -> Floats:
    """(n, T, G) latent scores."""
    course = data.trajectory
    mean = course.coefficients(parameters.beta, data.x[take]) @ course.fixed.value(times).T
    return np.asarray(mean[:, :, None] + course.random.value(times) @ np.swapaxes(b, 1, 2))


def _draw(integrand: Integrand, nodes: Nodes, rng: np.random.Generator, candidates: int = 80) -> Floats:
    """(n, q) random effects from the posterior: of candidates from a wide t about the mode, one by its weight."""
    n, q = nodes.centre.shape
    freedom = 5
    z = rng.standard_normal((n, candidates, q))
    z *= np.sqrt(freedom / rng.chisquare(freedom, (n, candidates)))[..., None]
    b = nodes.centre[:, None] + z @ np.swapaxes(nodes.spread, 1, 2)
    exponent = integrand.log_rate[:, :, None] + integrand.load @ np.swapaxes(b, 1, 2)
    height = np.einsum("ngq,nq->ng", b, integrand.linear)
    height -= 0.5 * np.einsum("ngq,nqr,ngr->ng", b, integrand.precision, b)
    height -= np.exp(np.clip(exponent, -300, 300)).sum(axis=1)
    height += 0.5 * (freedom + q) * np.log1p(np.einsum("ngq,ngq->ng", z, z) / freedom)
    weight = np.cumsum(np.exp(height - height.max(axis=1, keepdims=True)), axis=1)
    chosen = (weight < rng.random((n, 1)) * weight[:, -1:]).sum(axis=1)
    return np.asarray(b[np.arange(n), chosen])


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


def _rising(times: ArrayLike, landmark: float) -> Floats:
    ahead = np.atleast_1d(np.asarray(times, float))
    if ahead.ndim != 1 or not ahead.size or not np.all(np.diff(np.append(landmark, ahead)) > 0):
        raise ValueError("times should rise from after the landmark")
    return ahead


def _one_patient(
    fit: JointFit, y: ArrayLike, time: ArrayLike, landmark: float, x: ArrayLike | None, w: ArrayLike | None
) -> JointData:
    data = fit.likelihood.data
    scores, when = np.atleast_1d(np.asarray(y, float)), np.atleast_1d(np.asarray(time, float))
    if scores.shape != when.shape:
        raise ValueError(f"y has {scores.size} scores but time has {when.size}")
    if np.any(when > landmark):
        raise FitError(f"{np.count_nonzero(when > landmark)} scores are after the landmark", where="forecast")
    row, hazard = (np.zeros((1, 0)) if part is None else np.asarray(part, float).reshape(1, -1) for part in (x, w))
    if row.shape[1] != data.x.shape[1] or hazard.shape[1] != data.w.shape[1]:
        raise ValueError(f"the fit has {data.x.shape[1]} covariates in x and {data.w.shape[1]} in w")
    return _known(data, scores, when, np.zeros(scores.size, np.int64), np.array([float(landmark)]), row, hazard)


def _known(
    like: JointData, y: Floats, time: Floats, patient: Integers, stop: Floats, x: Floats, w: Floats
) -> JointData:
    """Patients alive at ``stop``, of whom only this is known."""
    course, n = like.trajectory, len(stop)
    visits = Visits.of(y, course.fixed.value(time), course.random.value(time), patient, n)
    return replace(
        like, y=y, time=time, patient=patient, start=np.zeros(n), stop=stop, event=np.zeros(n, np.int64),
        x=x, w=w, visits=visits,
    )  # fmt: skip


def _follow(fit: JointFit, data: JointData) -> JointLikelihood:
    return JointLikelihood(data, fit.likelihood.baseline, fit.likelihood.association, np.full((2, data.n), _ORDER))
