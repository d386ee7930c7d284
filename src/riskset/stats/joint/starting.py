"""Where the climb starts: the mixed model, then the hazard given its predicted trajectories (two stages)."""

from __future__ import annotations

import numpy as np

from riskset.errors import FitError
from riskset.stats.joint.likelihood import JointLikelihood
from riskset.stats.joint.parameters import Parameters
from riskset.stats.mixed_deviance import rough_fit
from riskset.stats.newton import Floats, Point, maximise
from riskset.stats.sets import Integers

_BLOCK = 2048


def start(likelihood: JointLikelihood) -> tuple[Floats, float]:
    """θ to start from, and the log-likelihood of the two submodels fitted apart (every α = 0)."""
    data, layout = likelihood.data, likelihood.layout
    fixed, random = data.design()
    beta, sigma, root, effects, loglik = rough_fit(data.y, fixed, random, data.patient)
    b = np.zeros((data.n, layout.q))
    b[: len(effects)] = effects
    found, apart = [], loglik
    for cause in range(1, layout.causes + 1):
        with_features, _ = _poisson(likelihood, cause, beta, b, layout.a)
        _, alone = _poisson(likelihood, cause, beta, b, 0)
        found.append(np.split(with_features, [layout.m, layout.m + layout.r]))
        apart += alone
    baseline, gamma, alpha = (np.array([part[j] for part in found]) for j in range(3))
    return layout.pack(Parameters(beta, sigma, root, baseline, gamma, alpha)), apart


def _poisson(likelihood: JointLikelihood, cause: int, beta: Floats, b: Floats, features: int) -> tuple[Floats, float]:
    """Coefficients of a log-linear hazard (m + r + features,), its covariates known, and the log-likelihood."""
    data = likelihood.data
    rates = [_design(likelihood, beta, b, take, features) for take in _parts(data.n)]
    happened = np.flatnonzero(data.event == cause)
    x_event = _rows(likelihood, beta, b, happened, data.stop[happened, None], np.zeros((len(happened), 1)), features)[0]
    total_event = x_event.sum(axis=0)

    def objective(theta: Floats) -> Point:
        value, gradient, information = float(total_event @ theta), total_event.copy(), np.zeros((len(theta),) * 2)
        for x, log_weight in rates:
            rate = np.exp(np.clip(x @ theta + log_weight, -500, 500))
            value -= float(rate.sum())
            weighted = x * rate[:, None]
            gradient -= weighted.sum(axis=0)
            information += weighted.T @ x
        return Point(value, gradient, information)

    layout = likelihood.layout
    first = np.zeros(layout.m + layout.r + features)
    first[: layout.m] = _constant(likelihood, np.log(len(happened) / float(np.sum(data.stop - data.start))))
    found = maximise(objective, first, max_iterations=60, tolerance=1e-8)
    if not np.all(np.isfinite(found.beta)) or not np.isfinite(found.decrement):
        raise FitError(
            f"the hazard of cause {cause} cannot be estimated: a piece of the baseline or a level has no events",
            where="joint model",
            remedy="use fewer pieces or merge levels",
        )
    return found.beta, found.point.value


def _constant(likelihood: JointLikelihood, level: float) -> Floats:
    """Coefficients of the baseline that come nearest to a constant log hazard."""
    times = np.linspace(0.02, 1, 50) * float(likelihood.data.stop.max())
    return np.asarray(np.linalg.lstsq(likelihood.baseline.terms(times), np.full(50, level), rcond=None)[0])


def _parts(n: int) -> list[Integers]:
    return [np.arange(i, min(i + _BLOCK, n)) for i in range(0, n, _BLOCK)]


def _design(
    likelihood: JointLikelihood, beta: Floats, b: Floats, take: Integers, features: int
) -> tuple[Floats, Floats]:
    """Design and log weights of the time nodes from entry to the last time."""
    data = likelihood.data
    time, log_weight = likelihood.baseline.nodes(data.stop[take], since=data.start[take])
    x, flat = _rows(likelihood, beta, b, take, time, log_weight, features)
    used = flat > -1e4
    return x[used], flat[used]


def _rows(
    likelihood: JointLikelihood,
    beta: Floats,
    b: Floats,
    take: Integers,
    time: Floats,
    log_weight: Floats,
    features: int,
) -> tuple[Floats, Floats]:
    data = likelihood.data
    rows = likelihood.rows_at(time, log_weight)
    kappa = data.trajectory.coefficients(beta, data.x[take])
    columns = [rows.terms.reshape(-1, rows.terms.shape[-1]), np.repeat(data.w[take], time.shape[1], axis=0)]
    for known, random in list(zip(rows.features(kappa), rows.random, strict=True))[:features]:
        columns.append((known + (random @ b[take][:, :, None])[..., 0]).reshape(-1, 1))
    return np.concatenate(columns, axis=1), log_weight.ravel()
