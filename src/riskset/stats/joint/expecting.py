"""What is expected of patients known to a landmark at times after it: integrals of their likelihood as alive then."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from riskset.stats.arrays import Floats, Integers
from riskset.stats.joint.data import JointData, Visits
from riskset.stats.joint.fitting import JointFit
from riskset.stats.joint.likelihood import EventRows, JointLikelihood, log_hazard
from riskset.stats.joint.parameters import Parameters
from riskset.stats.joint.quadrature import Grid, Integrand, adapt, first_moments, make_grid, posterior_weights, stack

_ORDER = 25  # nodes an axis: forecasts need a few patients, not a thousand evaluations
_AT_ONCE = 25_000  # quadrature nodes of all units together


@dataclass(frozen=True)
class Expected:
    """At D parameters of n patients at T times: survival and mean scores (D, n, T)."""

    survival: Floats
    score: Floats
    score_undying: Floats

    def of_patient(self, i: int) -> Expected:
        """(D, T) of one patient."""
        return Expected(self.survival[:, i], self.score[:, i], self.score_undying[:, i])


class Later:
    """Patients known to a landmark, each once as that and once as alive at each of T later times."""

    def __init__(self, fit: JointFit, data: JointData, times: Floats) -> None:
        self.data, self.times = data, times
        self.stop = np.concatenate([data.stop[:, None], np.broadcast_to(times, (data.n, len(times)))], axis=1)
        who = np.repeat(np.arange(data.n), self.stop.shape[1])
        stacked = replace(
            data, start=np.zeros(len(who)), stop=self.stop.ravel(), event=np.zeros(len(who), np.int64),
            x=data.x[who], w=data.w[who], visits=data.visits.take(who),
        )  # fmt: skip
        self.likelihood = follow(fit, stacked)

    def expect(self, thetas: Floats) -> Expected:
        """Survival from the landmark, and scores: among the living, and as if nobody died after it; at (D, P)."""
        likelihood, data, course = self.likelihood, self.data, self.data.trajectory
        points, q = [likelihood.layout.unpack(theta) for theta in thetas], likelihood.layout.q
        value, effects = np.empty((len(points), self.stop.size)), np.empty((len(points), self.stop.size, q))
        for block in likelihood.blocks:
            integrand = stack([block.integrand(likelihood.data, point) for point in points])
            log_value, mean = _first_moments(integrand, make_grid(block.k, q))
            value[:, block.patients] = log_value.reshape(len(points), -1)
            effects[:, block.patients] = mean.reshape(len(points), -1, q)
        log_value, b = value.reshape(-1, *self.stop.shape), effects.reshape(-1, *self.stop.shape, q)
        kappa = np.array([course.coefficients(point.beta, data.x) for point in points])
        course_mean, random = kappa @ course.fixed.value(self.times).T, course.random.value(self.times)
        return Expected(
            np.exp(np.minimum(log_value[..., 1:] - log_value[..., :1], 0.0)),
            course_mean + np.einsum("tq,dntq->dnt", random, b[:, :, 1:]),
            course_mean + b[:, :, 0] @ random.T,
        )

    def incidence(self, theta: Floats, survival: Floats) -> Floats:
        """(causes, n, T) probability of an event of each cause; several share a step as their hazards do then."""
        before = np.concatenate([np.ones((self.data.n, 1)), survival[:, :-1]], axis=1)
        share = self._shares(theta) if self.likelihood.layout.causes > 1 else 1.0
        return np.asarray(np.cumsum(share * (before - survival)[None], axis=2))

    def _shares(self, theta: Floats) -> Floats:
        """(causes, n, T) of the events in each step, who is at risk being known at its beginning."""
        likelihood, q = self.likelihood, self.likelihood.layout.q
        parameters = likelihood.layout.unpack(theta)
        until = np.append(self.stop[:, 1:], self.stop[:, -1:], axis=1).ravel()
        out = np.zeros((likelihood.layout.causes, self.stop.size))
        for block in likelihood.blocks:
            take, integrand = block.patients, block.integrand(likelihood.data, parameters)
            weight, b = posterior_weights(integrand, adapt(integrand), make_grid(block.k, q))
            rows = likelihood.rows_between(likelihood.data.stop[take], until[take])
            hazard = cumulative_hazard(likelihood.data, parameters, take, rows, b)
            total = np.maximum(hazard.sum(axis=0), 1e-300)
            out[:, take] = ((hazard / total) * (-np.expm1(-total) * weight)).sum(axis=2)
        out /= np.maximum(out.sum(axis=0), 1e-300)
        return np.asarray(out.reshape(-1, *self.stop.shape)[..., :-1])


def _first_moments(integrand: Integrand, grid: Grid) -> tuple[Floats, Floats]:
    """(n,) log integrals and (n, q) means, some units at a time: their arrays stay in the processor's cache."""
    nodes = adapt(integrand)
    at_once = max(1, _AT_ONCE // len(grid.z))
    parts = [slice(i, i + at_once) for i in range(0, len(nodes.centre), at_once)]
    moments = [first_moments(integrand.part(some), nodes.part(some), grid) for some in parts]
    log_value, mean = (np.concatenate(part) for part in zip(*moments, strict=True))
    return log_value, mean


def cumulative_hazard(data: JointData, parameters: Parameters, take: Integers, rows: EventRows, b: Floats) -> Floats:
    """(causes, n, G) hazards summed over the rows' time nodes, at random effects ``b`` (n, G, q)."""
    kappa = data.trajectory.coefficients(parameters.beta, data.x[take])
    along = rows.features(kappa)
    hazards = []
    for cause in range(len(parameters.alpha)):
        s, c = log_hazard(rows, along, data.w[take], parameters, cause)
        exponent = s[:, :, None] + c @ np.swapaxes(b, 1, 2)
        hazards.append(np.exp(np.clip(exponent, -300, 300)).sum(axis=1))
    return np.array(hazards)


def known_to(
    like: JointData, y: Floats, time: Floats, patient: Integers, stop: Floats, x: Floats, w: Floats
) -> JointData:
    """Patients alive at ``stop``, of whom only this is known."""
    course, n = like.trajectory, len(stop)
    visits = Visits.of(y, course.fixed.value(time), course.random.value(time), patient, n)
    return replace(
        like, y=y, time=time, patient=patient, start=np.zeros(n), stop=stop, event=np.zeros(n, np.int64),
        x=x, w=w, visits=visits,
    )  # fmt: skip


def follow(fit: JointFit, data: JointData) -> JointLikelihood:
    """The likelihood of other patients under a fit's model, by fine quadrature."""
    return JointLikelihood(data, fit.likelihood.baseline, fit.likelihood.association, np.full((2, data.n), _ORDER))
