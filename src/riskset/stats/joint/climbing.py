"""Climbing to the maximum: BFGS that starts from the scores' own metric, then Newton's method."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats, Integers
from riskset.stats.joint.curvature import information
from riskset.stats.joint.likelihood import JointLikelihood
from riskset.stats.joint.quadrature import Nodes
from riskset.stats.newton import invert_information, solve_information

TOLERANCE = 1e-9
"""Largest gᵀB⁻¹g at convergence: the squared distance to the maximum, in standard errors."""
LADDER = (5, 9, 15, 25)
"""Gauss-Hermite nodes an axis, from which each patient gets the fewest that suffice."""
_MOST = 20_000  # nodes of a patient
_ENOUGH = 3e-5  # change of a patient's log-likelihood by four more nodes
_NEAR = 0.03  # gᵀB⁻¹g at which Newton's method takes over from BFGS
_CLOSE = 1.0  # gᵀH⁻¹g after that, at more nodes, from which it needs no watching
_SETTLED = 1e-18  # gᵀH⁻¹g at which one stays: 10⁻⁹ standard errors
_FLAT = 1e-8  # of the largest curvature, one that is taken for no less
_STEPS, _REACH, _RENEWALS, _CUTS = 300, 1.0, 6, 4


@dataclass(frozen=True)
class Summit:
    """Where the climb ended.

    Attributes
    ----------
    likelihood
        With the quadrature that was found to be needed.
    theta, nodes, value, scores
        The parameters, the quadrature nodes adapted there, the log-likelihood and its scores (n, P) at those nodes.
    information
        (P, P) negative Hessian at ``theta``; NaN where the climb was given up.
    decrement
        gᵀH⁻¹g; infinite where the information is not positive definite.
    iterations, converged
        Steps, and whether the decrement came below ``TOLERANCE``.
    """

    likelihood: JointLikelihood
    theta: Floats
    nodes: list[Nodes]
    value: float
    scores: Floats
    information: Floats
    decrement: float
    iterations: int
    converged: bool


@dataclass(frozen=True)
class _Place:
    """A point of the climb, after so many ``steps``: θ, the nodes adapted there, log-likelihood, and scores (n, P)."""

    theta: Floats
    nodes: list[Nodes]
    value: float
    scores: Floats
    steps: int

    @classmethod
    def at(cls, likelihood: JointLikelihood, theta: Floats, modes: Floats | None = None, steps: int = 0) -> _Place:
        """The place at θ, its nodes sought from ``modes`` (2, n, q)."""
        return cls(theta, *likelihood.adapted(theta, modes), steps)

    @property
    def gradient(self) -> Floats:
        """(P,)."""
        return np.asarray(self.scores.sum(axis=0))

    @property
    def fields(self) -> tuple[Floats, list[Nodes], float, Floats]:
        """As a summit begins."""
        return self.theta, self.nodes, self.value, self.scores


class _Metric:
    """An approximate inverse information, first from the outer product of the scores (Berndt et al. 1974)."""

    def __init__(self, scores: Floats) -> None:
        outer = scores.T @ scores
        scale = np.sqrt(np.maximum(np.diagonal(outer), 1e-300))
        outer += np.diag(1e-8 * scale**2)
        self.inverse = invert_information(outer)

    def learn(self, step: Floats, fall: Floats) -> None:
        """The BFGS update for a step along which the gradient fell by ``fall``."""
        along = float(step @ fall)
        if along <= 1e-10 * float(np.sqrt(step @ step) * np.sqrt(fall @ fall)):
            return
        left = np.eye(len(step)) - np.outer(step, fall) / along
        self.inverse = left @ self.inverse @ left.T + np.outer(step, step) / along


def climb(likelihood: JointLikelihood, theta: Floats, *, grade: bool) -> Summit:
    """Find the maximum: far from it by BFGS, near it by Newton's method.

    Parameters
    ----------
    grade
        Near the maximum choose for each patient the number of nodes that the integral needs.
    """
    place, near = _Place.at(likelihood, theta), False
    if np.isfinite(place.value):
        place, near = _approach(likelihood, place)
    for _ in range(2):  # the second where the first nodes were chosen far from the maximum
        if not np.isfinite(place.value) or degenerate(likelihood, place.theta):
            nothing = np.full((len(theta), len(theta)), np.nan)
            return Summit(likelihood, *place.fields, nothing, np.inf, place.steps, False)
        if grade:
            likelihood, place = _graded(likelihood, place)
        # At the few nodes of the approach the information need not be positive definite.
        begun = place.steps
        place, matrix = _scramble(likelihood, place, near)
        if place.steps == begun:
            break
        near = True
    return _newton(likelihood, place, matrix)


def _graded(likelihood: JointLikelihood, place: _Place) -> tuple[JointLikelihood, _Place]:
    """The likelihood with the nodes that each patient needs, and the same place under it."""
    modes = likelihood.modes(place.nodes)
    finer = likelihood.finer(orders=needed_orders(likelihood, place.theta, modes))
    return finer, _Place.at(finer, place.theta, modes, place.steps)


def needed_orders(likelihood: JointLikelihood, theta: Floats, modes: Floats) -> Integers:
    """(2, n) the fewest nodes an axis, of a ladder, that four more change by less than 3e-5 in the log integral.

    Few patients, those seen seldom but long alive, need many: their slopes are known by survival alone, and the
    density of the slope breaks off. ``modes`` (2, n, q) are those of the integrands.
    """
    orders = np.full_like(likelihood.orders, LADDER[0])
    todo = np.ones_like(orders, bool)
    todo[1] = likelihood.data.start > 0
    ladder = [k for k in LADDER if k**likelihood.layout.q <= _MOST]
    for k, finer in pairwise(ladder):
        trial = likelihood.finer(orders=np.full_like(orders, k), only=todo)
        nodes = trial.adapt(theta, modes)
        change = trial.by_patient(theta, nodes, more=4) - trial.by_patient(theta, nodes)
        todo &= np.abs(change) > _ENOUGH
        if not todo.any():
            break
        orders[todo] = finer
    return orders


def _approach(likelihood: JointLikelihood, place: _Place) -> tuple[_Place, bool]:
    """BFGS until gᵀB⁻¹g is small, the nodes adapted anew at every point; where that is, and whether it is near.

    At few nodes the value and its slope need not agree: where steps must be cut to nothing it is not near.
    """
    metric = _Metric(place.scores)
    for _ in range(_STEPS):
        step = metric.inverse @ place.gradient
        decrement = float(place.gradient @ step)
        if decrement < _NEAR or degenerate(likelihood, place.theta):
            return place, True
        there = _higher(likelihood, place, step, decrement)
        if there is None:
            return place, False
        metric.learn(there.theta - place.theta, place.gradient - there.gradient)
        place = there
    return place, False


def _scramble(likelihood: JointLikelihood, place: _Place, near: bool) -> tuple[_Place, Floats]:
    """Newton's method where the log-likelihood need not be concave, until it is, and the maximum near.

    Along eigenvectors of the information whose curvature is downward it is taken for upward, so that every step leads
    up. ``near`` says that it was at fewer nodes, so that less will do. Returns the information there, too.
    """
    while True:
        matrix = information(likelihood, place.theta, place.nodes)
        if not np.isfinite(matrix).all():
            return place, matrix
        scale = 1 / np.sqrt(np.maximum(np.abs(np.diagonal(matrix)), 1e-300))
        value, vector = np.linalg.eigh(matrix * scale * scale[:, None])
        size = np.maximum(np.abs(value), _FLAT * np.abs(value).max())
        along = vector.T @ (scale * place.gradient)
        decrement = float(along @ (along / size))
        if place.steps > _STEPS or (value[0] > 0 and decrement < (_CLOSE if near else _NEAR)):
            return place, matrix
        there = _higher(likelihood, place, scale * (vector @ (along / size)), decrement)
        if there is None or degenerate(likelihood, there.theta):
            return place, matrix
        place, near = there, False


def _higher(likelihood: JointLikelihood, place: _Place, step: Floats, decrement: float) -> _Place | None:
    """A place along the step, cut to a third until it is high enough; None where that leaves next to nothing of it."""
    length = min(1.0, _REACH / float(np.max(np.abs(_logs(likelihood, step)), initial=1e-9)))
    modes = likelihood.modes(place.nodes)
    for _ in range(_CUTS):
        there = _Place.at(likelihood, place.theta + length * step, modes, place.steps + 1)
        if there.value >= place.value + 1e-4 * length * decrement - 1e-7 * abs(place.value):
            return there
        length /= 3
    return None


def _logs(likelihood: JointLikelihood, step: Floats) -> Floats:
    """The part of a step that moves logs of standard deviations, which may not leap."""
    layout = likelihood.layout
    row, column = layout.lower
    return np.append(step[layout.p], step[layout.p + 1 : layout.event_start][row == column])


def _newton(likelihood: JointLikelihood, place: _Place, matrix: Floats) -> Summit:
    """Steps with the Hessian held, which is formed anew where it leads too slowly, and at the end.

    They go on beyond ``TOLERANCE`` to where the way here no longer shows in the estimates.
    """
    last, fresh, renewals = np.inf, False, 0
    for _ in range(60):
        try:
            step = solve_information(matrix, place.gradient)
        except np.linalg.LinAlgError:
            return Summit(likelihood, *place.fields, matrix, np.inf, place.steps, False)
        decrement = float(place.gradient @ step)
        done = decrement < TOLERANCE
        if fresh and (done or renewals > _RENEWALS):
            break
        if decrement < _SETTLED or decrement > 0.3 * last:
            matrix = information(likelihood, place.theta, place.nodes)
            last, fresh, renewals = np.inf, True, renewals + 1
            continue
        theta = place.theta + step / max(1.0, np.sqrt(decrement) / 2)
        place = _Place.at(likelihood, theta, likelihood.modes(place.nodes), place.steps + 1)
        last, fresh = decrement, False
    return Summit(likelihood, *place.fields, matrix, decrement, place.steps, fresh and done)


def degenerate(likelihood: JointLikelihood, theta: Floats) -> FitError | None:
    """Why the model has no inner maximum here: a variance that vanishes, an association without bound."""
    parameters, data = likelihood.layout.unpack(theta), likelihood.data
    seen = data.visits.count > 0
    reach = np.sqrt(np.einsum("nqq->nq", data.visits.zz[seen]).mean(axis=0))  # of a unit of b, over a patient's visits
    for name, value, unit in zip(
        data.trajectory.random.names, np.diagonal(parameters.root), reach / parameters.sigma, strict=True
    ):
        if value * unit < 2e-3:
            unbounded = bool(np.max(np.abs(parameters.alpha)) > 50)
            return FitError(
                f"the variance of the random effect of {name} vanishes"
                + (" while an association grows without bound" if unbounded else ""),
                where="joint model",
                remedy="drop that random effect",
                problem=FitProblem.ASSOCIATION_UNBOUNDED if unbounded else FitProblem.VARIANCE_VANISHES,
                terms=[name],
            )
    return None
