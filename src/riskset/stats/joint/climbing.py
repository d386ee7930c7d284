"""Climbing to the maximum: BFGS that starts from the scores' own metric, then Newton's method."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

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
_STEPS, _REACH, _RENEWALS = 300, 1.0, 6


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
    theta, nodes, iterations = _approach(likelihood, theta)
    if degenerate(likelihood, theta):
        nothing = np.full((len(theta), len(theta)), np.nan)
        return Summit(likelihood, theta, nodes, *likelihood(theta, nodes), nothing, np.inf, iterations, False)
    if grade:
        modes = likelihood.modes(nodes)
        likelihood = likelihood.finer(orders=needed_orders(likelihood, theta, modes))
        nodes = likelihood.adapt(theta, modes)
    # Formed at the graded nodes: at the few of the approach it need not be positive definite.
    return _newton(likelihood, theta, nodes, information(likelihood, theta, nodes), iterations)


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


def _approach(likelihood: JointLikelihood, theta: Floats) -> tuple[Floats, list[Nodes], int]:
    """BFGS until gᵀB⁻¹g is small, the nodes adapted anew at every point; θ, nodes and the steps taken."""
    nodes = likelihood.adapt(theta)
    value, scores = likelihood(theta, nodes)
    metric, gradient = _Metric(scores), scores.sum(axis=0)
    for taken in range(_STEPS):
        step = metric.inverse @ gradient
        decrement = float(gradient @ step)
        if decrement < _NEAR or degenerate(likelihood, theta):
            return theta, nodes, taken
        length = min(1.0, _REACH / float(np.max(np.abs(_logs(likelihood, step)), initial=1e-9)))
        for _ in range(30):
            candidate = theta + length * step
            new_nodes = likelihood.adapt(candidate, likelihood.modes(nodes))
            new_value, scores = likelihood(candidate, new_nodes)
            if new_value >= value + 1e-4 * length * decrement - 1e-7 * abs(value):
                break
            length /= 3
        else:
            return theta, nodes, taken
        new_gradient = scores.sum(axis=0)
        metric.learn(length * step, gradient - new_gradient)
        theta, nodes, value, gradient = candidate, new_nodes, new_value, new_gradient
    return theta, nodes, _STEPS


def _logs(likelihood: JointLikelihood, step: Floats) -> Floats:
    """The part of a step that moves logs of standard deviations, which may not leap."""
    layout = likelihood.layout
    row, column = layout.lower
    return np.append(step[layout.p], step[layout.p + 1 : layout.event_start][row == column])


def _newton(likelihood: JointLikelihood, theta: Floats, nodes: list[Nodes], matrix: Floats, iterations: int) -> Summit:
    """Steps with the Hessian held, which is formed anew where it leads too slowly, and at the end."""
    value, scores = likelihood(theta, nodes)
    last, fresh, renewals = np.inf, False, 0
    for _ in range(60):
        gradient = scores.sum(axis=0)
        try:
            step = solve_information(matrix, gradient)
        except np.linalg.LinAlgError:
            return Summit(likelihood, theta, nodes, value, scores, matrix, np.inf, iterations, False)
        decrement = float(gradient @ step)
        done = decrement < TOLERANCE
        if fresh and (done or renewals > _RENEWALS):
            return Summit(likelihood, theta, nodes, value, scores, matrix, decrement, iterations, done)
        if done or decrement > 0.3 * last:
            matrix, last, fresh, renewals = information(likelihood, theta, nodes), np.inf, True, renewals + 1
            continue
        theta = theta + step / max(1.0, np.sqrt(decrement) / 2)
        nodes = likelihood.adapt(theta, likelihood.modes(nodes))
        value, scores = likelihood(theta, nodes)
        last, fresh, iterations = decrement, False, iterations + 1
    return Summit(likelihood, theta, nodes, value, scores, matrix, decrement, iterations, False)


def degenerate(likelihood: JointLikelihood, theta: Floats) -> str:
    """Why the model has no inner maximum here: a variance that vanishes, an association without bound; else ""."""
    parameters, data = likelihood.layout.unpack(theta), likelihood.data
    seen = data.visits.count > 0
    reach = np.sqrt(np.einsum("nqq->nq", data.visits.zz[seen]).mean(axis=0))  # of a unit of b, over a patient's visits
    for name, value, unit in zip(
        data.trajectory.random.names, np.diagonal(parameters.root), reach / parameters.sigma, strict=True
    ):
        if value * unit < 2e-3:
            return (
                f"the variance of the random effect of {name} vanishes"
                + (" while an association grows without bound" if np.max(np.abs(parameters.alpha)) > 50 else "")
                + "; drop that random effect"
            )
    return ""
