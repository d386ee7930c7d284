"""Newton's method with step-halving, for log-likelihoods that have one maximum."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.linalg.lapack import dposv
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from riskset.stats.arrays import Booleans, Floats

TOLERANCE = 1e-18
"""Largest decrement gᵀH⁻¹g at convergence: the squared distance to the maximum, in standard errors."""
_STANDSTILL = 1e-14
"""A decrement that three steps do not halve is rounding's, if it is no more than this: 10⁻⁷ standard errors."""
_STAYS = 1e-6
"""A step that moves no log ratio by more than this stays where it is."""
_ROUNDING = 1e-26
"""Of the sum of weights: a score is known to some 10⁻¹³ of what it sums, and large weights make small errors."""


@dataclass(frozen=True)
class Point:
    """An objective at one parameter: ``value``, ``gradient`` (p,) and ``information`` (p, p), the negative Hessian."""

    value: float
    gradient: Floats
    information: Floats


def reachable(weight: float) -> float:
    """The tolerance that rounding lets a likelihood reach whose cases, or events, have this ``weight`` in all."""
    return max(TOLERANCE, _ROUNDING * weight)


@dataclass(frozen=True)
class Maximum:
    """Where Newton's method stopped.

    ``decrement`` is gᵀH⁻¹g over the free parameters; it is infinite where the information is singular.
    """

    beta: Floats
    point: Point
    decrement: float
    iterations: int
    converged: bool


def maximise(
    objective: Callable[[Floats], Point],
    start: Floats,
    *,
    first: Point | None = None,
    free: Booleans | None = None,
    max_iterations: int = 40,
    tolerance: float = TOLERANCE,
    widths: Floats | None = None,
) -> Maximum:
    """Maximise a smooth function by Newton's method with step-halving.

    Convergence is judged by the decrement gᵀH⁻¹g alone, which changes neither with the scale of the columns nor
    with the number of sets; a relative change of the log-likelihood would stop early in large data. A step is taken
    where it raises the value; where its change drowns in rounding, where the slope along the step has at least halved
    (Hager & Zhang, SIAM Journal on Optimization 2005; 16: 170-192). Of nearly collinear terms rounding may hold the
    decrement above the tolerance: it then stands still, and that is the maximum too.

    Parameters
    ----------
    objective
        Gives value, gradient and information at a parameter; a value that is not finite shortens the step.
    start
        (p,) where to begin.
    first
        The objective at ``start``, where it is known already.
    free
        (p,) the parameters to move; the others stay at ``start``. All by default.
    widths
        (p,) how far the values of each column lie apart. Where little is known, by tiny weights or by offsets that
        decide nearly everything, each step is small beside the standard error: it must be small beside 1 then too, as
        a change of the log ratio between the farthest values.

    Returns
    -------
    Maximum
        With ``converged`` false where the iterations ran out, the information became singular or no step helped.
    """
    beta = np.array(start, float)
    moving = np.ones(beta.size, bool) if free is None else free
    point = objective(beta) if first is None else first
    step = np.zeros_like(beta)
    lowest, stood = np.inf, 0
    for iteration in range(max_iterations + 1):
        if not moving.any():
            return Maximum(beta, point, 0.0, iteration, True)
        gradient = point.gradient[moving]
        try:
            step[moving] = solve_information(point.information[moving][:, moving], gradient)
        except np.linalg.LinAlgError:
            return Maximum(beta, point, np.inf, iteration, False)
        decrement = float(gradient @ step[moving])
        stood = stood + 1 if decrement > lowest / 2 else 0
        lowest = min(lowest, decrement)
        stays = widths is None or float(np.max(np.abs(step) * widths)) <= _STAYS
        done = (decrement <= tolerance and stays) or (stood >= 3 and decrement <= _STANDSTILL)
        if done or iteration == max_iterations:
            return Maximum(beta, point, decrement, iteration, done)
        for halvings in range(40):
            length = 0.5**halvings
            candidate = objective(beta + length * step)
            gain, size = candidate.value - point.value, 1 + abs(point.value)
            if gain >= 1e-4 * length * decrement - 1e-12 * size:
                break
            if gain >= -1e-8 * size and 2 * abs(candidate.gradient[moving] @ step[moving]) <= decrement:
                break
        else:
            return Maximum(beta, point, decrement, iteration, False)
        beta, point = beta + length * step, candidate
    raise AssertionError("unreachable")


def solve_information(information: Floats, right: Floats) -> Floats:
    """Solve with a positive definite matrix, scaled to unit diagonal first; LinAlgError where it is not."""
    diagonal = np.diagonal(information)
    if not np.all(np.isfinite(information)) or np.any(diagonal <= 0):
        raise np.linalg.LinAlgError("not positive definite")
    scale = 1 / np.sqrt(diagonal)
    across = scale if right.ndim == 1 else scale[:, None]
    _, solution, failed = dposv(information * scale * scale[:, None], across * right)
    if failed:
        raise np.linalg.LinAlgError("not positive definite")
    return np.asarray(across * solution)


def invert_information(information: Floats) -> Floats:
    """Invert a positive definite matrix, exactly symmetric; LinAlgError where it is not positive definite."""
    inverse = solve_information(information, np.eye(len(information)))
    return (inverse + inverse.T) / 2


@lru_cache(maxsize=1)
def _threadpools() -> ThreadpoolController:
    return ThreadpoolController()  # searches the loaded libraries, which takes longer than a small fit


def one_thread() -> AbstractContextManager[Any]:
    """Limit BLAS to one thread: these products are small, and on a busy machine more threads are slower."""
    return _threadpools().limit(limits=1, user_api="blas")  # type: ignore[no-any-return]
