"""Where the climb starts: the mixed model, then the hazard given its predicted trajectories (two stages)."""

from __future__ import annotations

import numpy as np

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats, Integers
from riskset.stats.joint.likelihood import JointLikelihood
from riskset.stats.joint.parameters import Parameters
from riskset.stats.mixed.deviance import rough_fit
from riskset.stats.newton import Point, maximise

_BLOCK = 2048
_SILENT = 1e-6  # events expected where a term is not 0: its coefficient has gone to −∞, since none is seen


def start(likelihood: JointLikelihood) -> tuple[Floats, float]:
    """θ to start from, and the log-likelihood of the two submodels fitted apart (every α = 0)."""
    data, layout = likelihood.data, likelihood.layout
    fixed, random = data.design()
    beta, sigma, root, effects, loglik = rough_fit(data.y, fixed, random, data.patient)
    b = np.zeros((data.n, layout.q))
    b[: len(effects)] = effects
    parts, apart = [], loglik
    for cause in range(1, layout.causes + 1):
        poisson = _Poisson(likelihood, cause, beta, b)
        alone, value = poisson.maximum(poisson.constant, features=0)
        with_features, _ = poisson.maximum(np.append(alone, np.zeros(layout.a)), features=layout.a)
        parts.append(np.split(with_features, [layout.m, layout.m + layout.r]))
        apart += value
    baseline, gamma, alpha = (np.array([part[j] for part in parts]) for j in range(3))
    return layout.pack(Parameters(beta, sigma, root, baseline, gamma, alpha)), apart


class _Poisson:
    """The log-linear hazard of a cause, with the features of trajectories that are taken as known."""

    def __init__(self, likelihood: JointLikelihood, cause: int, beta: Floats, b: Floats) -> None:
        data = likelihood.data
        self.cause, self.layout = cause, likelihood.layout
        self.rates = [_design(likelihood, beta, b, take) for take in _parts(data.n)]
        happened = np.flatnonzero(data.event == cause)
        at_event, _ = _rows(likelihood, beta, b, happened, data.stop[happened, None], np.zeros((len(happened), 1)))
        self.events = at_event.sum(axis=0)
        self.reach = np.max([np.abs(x).max(axis=0, initial=0.0) for x, _ in self.rates], axis=0)
        # the coefficients of the baseline that come nearest to a constant hazard
        times = np.linspace(0.02, 1, 50) * float(data.stop.max())
        level = np.log(len(happened) / float(np.sum(data.stop - data.start)))
        flat = np.linalg.lstsq(likelihood.baseline.terms(times), np.full(50, level), rcond=None)[0]
        self.constant = np.append(flat, np.zeros(self.layout.r))

    def maximum(self, first: Floats, *, features: int) -> tuple[Floats, float]:
        """Coefficients (m + r + features,), sought from ``first``, and the log-likelihood."""
        used = self.layout.m + self.layout.r + features
        rates = [(x[:, :used], log_weight) for x, log_weight in self.rates]
        events = self.events[:used]

        def objective(theta: Floats) -> Point:
            value, gradient, information = float(events @ theta), events.copy(), np.zeros((used, used))
            for x, log_weight in rates:
                rate = np.exp(np.clip(x @ theta + log_weight, -500, 500))
                value -= float(rate.sum())
                gradient -= rate @ x
                information += (x * rate[:, None]).T @ x
            return Point(value, gradient, information)

        fit = maximise(objective, first, max_iterations=60, tolerance=1e-8)
        some = slice(self.layout.m + self.layout.r)
        silent = np.diagonal(fit.point.information)[some] <= _SILENT * self.reach[some] ** 2
        if silent.any() or not np.all(np.isfinite(fit.beta)) or not np.isfinite(fit.decrement):
            raise FitError(
                f"the hazard of cause {self.cause} cannot be estimated: a piece of the baseline or a level has no"
                " events",
                where="joint model",
                remedy="use fewer pieces or merge levels",
                problem=FitProblem.NO_EVENT_IN_PIECE,
            )
        return fit.beta, fit.point.value


def _parts(n: int) -> list[Integers]:
    return [np.arange(i, min(i + _BLOCK, n)) for i in range(0, n, _BLOCK)]


def _design(likelihood: JointLikelihood, beta: Floats, b: Floats, take: Integers) -> tuple[Floats, Floats]:
    """Design and log weights of the time nodes from entry to the last time."""
    data = likelihood.data
    time, log_weight = likelihood.baseline.nodes(data.stop[take], since=data.start[take])
    x, flat = _rows(likelihood, beta, b, take, time, log_weight)
    used = flat > -1e4
    return x[used], flat[used]


def _rows(
    likelihood: JointLikelihood,
    beta: Floats,
    b: Floats,
    take: Integers,
    time: Floats,
    log_weight: Floats,
) -> tuple[Floats, Floats]:
    data = likelihood.data
    rows = likelihood.rows_at(time, log_weight)
    kappa = data.trajectory.coefficients(beta, data.x[take])
    columns = [rows.terms.reshape(-1, rows.terms.shape[-1]), np.repeat(data.w[take], time.shape[1], axis=0)]
    for known, random in zip(rows.features(kappa), rows.random, strict=True):
        columns.append((known + (random @ b[take][:, :, None])[..., 0]).reshape(-1, 1))
    return np.concatenate(columns, axis=1), log_weight.ravel()
