"""Integrals over random effects: exp(a quadratic − a cumulative hazard), by adaptive Gauss-Hermite quadrature.

Each unit (a patient, or a draw of the parameters for one patient) has the integrand

    exp(constant + rᵀb − ½ bᵀPb − Σ_m exp(s_m + c_mᵀb)),

in which the sum is a cumulative hazard at its time nodes m. The exponent is concave in b. Nodes lie at its mode and are
spread by its curvature (Pinheiro & Bates, Journal of Computational and Graphical Statistics 1995; 4: 12-35). On a
product grid exp(cᵀAz) is a product over the axes, so only q·k exponentials are needed at a time node, not k^q.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from riskset.stats.arrays import Floats, Integers
from riskset.stats.small import cholesky, invert_lower, multiply

_NEAR = 1e-12  # squared length of Newton's step, in standard deviations of b, after which the next is the last
_FAR = 100.0  # such a length from which the mode is far
_HALVINGS, _DOUBLINGS = 30, 30
_RIDGE = 1e-10  # of a curvature's diagonal


@dataclass(frozen=True)
class Integrand:
    """``constant`` (n,), r ``linear`` (n, q), P ``precision`` (n, q, q), s ``log_rate`` and c ``load`` (n, M, q)."""

    constant: Floats
    linear: Floats
    precision: Floats
    log_rate: Floats
    load: Floats

    @property
    def arrays(self) -> tuple[Floats, ...]:
        """All five."""
        return self.constant, self.linear, self.precision, self.log_rate, self.load

    def part(self, some: Integers | slice) -> Integrand:
        """Of some of the units."""
        return Integrand(*(values[some] for values in self.arrays))


@dataclass(frozen=True)
class Nodes:
    """Where the integrand is evaluated: b = ``centre`` (n, q) + ``spread`` (n, q, q) z, for z on a ``Grid``."""

    centre: Floats
    spread: Floats

    def part(self, some: slice) -> Nodes:
        """Of some of the units."""
        return Nodes(self.centre[some], self.spread[some])


@dataclass(frozen=True)
class Grid:
    """A product Gauss-Hermite grid: ``axis`` (k,), ``z`` (k^q, q), ``log_weight`` (k^q,) for ∫ f(z) dz."""

    axis: Floats
    z: Floats
    log_weight: Floats


@dataclass(frozen=True)
class Integral:
    """The integral, and means under the normalised integrand (the posterior of the random effects).

    Attributes
    ----------
    log_value
        (n,) log of the integral.
    mean, second
        E[b] (n, q) and E[bbᵀ] (n, q, q).
    rate
        (n, M) E[exp(s_m + c_mᵀb)].
    rate_b
        (n, q, M) E[exp(s_m + c_mᵀb) b].
    """

    log_value: Floats
    mean: Floats
    second: Floats
    rate: Floats
    rate_b: Floats


@lru_cache(maxsize=32)
def make_grid(k: int, q: int) -> Grid:
    """The grid of ``k`` nodes on each of ``q`` axes."""
    axis, weight = np.polynomial.hermite_e.hermegauss(k)
    z = np.stack(np.meshgrid(*[axis] * q, indexing="ij"), axis=-1).reshape(-1, q)
    each = np.log(weight) + axis**2 / 2
    log_weight = np.stack(np.meshgrid(*[each] * q, indexing="ij"), axis=-1).reshape(-1, q).sum(axis=1)
    return Grid(axis, z, log_weight)


def stack(integrands: Sequence[Integrand]) -> Integrand:
    """The units of several, one after another."""
    return Integrand(*(np.concatenate(part) for part in zip(*(each.arrays for each in integrands), strict=True)))


def adapt(integrand: Integrand, start: Floats | None = None, *, iterations: int = 100) -> Nodes:
    """Nodes at the mode of each unit's integrand, by Newton's method with steps halved or doubled.

    A unit is left alone once it has arrived. One whose steps are no longer numbers, or that is still on its way at the
    end, is given up: its centre is NaN, and so is what is integrated there.

    Parameters
    ----------
    start
        (n, q) where to begin; the mode without the hazard by default. The last step is taken unseen, which leaves
        about its square: the mode to some 1e-12 standard deviations of b, wherever the search began.
    """
    at = _mode_without_hazard(integrand) if start is None else start
    nodes = nowhere(*at.shape)
    who, part = np.arange(len(at)), integrand
    value, rate = _height(part, at)
    for _ in range(iterations):
        step, nodes.spread[who], distance = _newton_step(part, at, rate)
        arrived = distance < _NEAR
        nodes.centre[who[arrived]] = at[arrived] + step[arrived]
        left = np.flatnonzero(~arrived & np.isfinite(distance))
        if not left.size:
            break
        if left.size < len(who):
            who, part, at, step = who[left], part.part(left), at[left], step[left]
            value, distance = value[left], distance[left]
        at, value, rate = _advance(part, at, step, value, distance)
    return nodes


def nowhere(n: int, q: int) -> Nodes:
    """Nodes of n units whose modes are not known: NaN."""
    return Nodes(np.full((n, q), np.nan), np.full((n, q, q), np.nan))


def _mode_without_hazard(integrand: Integrand) -> Floats:
    root = invert_lower(cholesky(integrand.precision))
    return multiply(np.swapaxes(root, -1, -2), multiply(root, integrand.linear))


def _height(integrand: Integrand, b: Floats) -> tuple[Floats, Floats]:
    """(n,) the exponent at ``b`` (n, q), without its constant, and (n, M) the rates."""
    exponent = integrand.log_rate + (integrand.load @ b[:, :, None])[..., 0]
    rate = np.exp(np.clip(exponent, -300, 300))
    half = 0.5 * multiply(integrand.precision, b)
    return np.einsum("nq,nq->n", b, integrand.linear - half) - rate.sum(axis=1), rate


def _newton_step(integrand: Integrand, b: Floats, rate: Floats) -> tuple[Floats, Floats, Floats]:
    """Newton's step (n, q), the spread (n, q, q) by the curvature at ``b``, and the step's squared length by it (n,).

    Where the hazard is beyond all bounds the rest of the curvature drowns in its rounding, and is made up.
    """
    load = integrand.load
    gradient = integrand.linear - multiply(integrand.precision, b) - (rate[:, None, :] @ load)[:, 0]
    curvature = integrand.precision + np.swapaxes(rate[..., None] * load, 1, 2) @ load
    lower = cholesky(curvature)
    drowned = np.flatnonzero(~np.isfinite(lower[:, -1, -1]))
    if drowned.size:
        diagonal = np.einsum("nqq->nq", curvature[drowned])
        lower[drowned] = cholesky(curvature[drowned] + _RIDGE * diagonal[:, :, None] * np.eye(b.shape[1]))
    root = invert_lower(lower)
    whitened = multiply(root, gradient)
    spread = np.swapaxes(root, -1, -2)
    return multiply(spread, whitened), spread, np.einsum("nq,nq->n", whitened, whitened)


def _advance(
    integrand: Integrand, b: Floats, step: Floats, value: Floats, distance: Floats
) -> tuple[Floats, Floats, Floats]:
    """Where each unit's step leads, with the exponent and the rates there.

    A step is halved until the exponent does not fall. From far above, a step lowers the log hazard by one: there it is
    doubled as long as the exponent does not fall.
    """
    least = value - 1e-9 * (1 + np.abs(value))
    there = b + step
    new_value, rate = _height(integrand, there)
    worse = np.flatnonzero(~(new_value >= least))
    far = np.flatnonzero((distance > _FAR) & (new_value >= least))
    for halving in range(1, _HALVINGS):
        if not worse.size:
            break
        there[worse] = b[worse] + 0.5**halving * step[worse]
        new_value[worse], rate[worse] = _height(integrand.part(worse), there[worse])
        worse = worse[~(new_value[worse] >= least[worse])]
    for doubling in range(1, _DOUBLINGS):
        if not far.size:
            break
        beyond = b[far] + 2.0**doubling * step[far]
        height, rate_beyond = _height(integrand.part(far), beyond)
        better = height >= new_value[far]
        far = far[better]
        there[far], new_value[far], rate[far] = beyond[better], height[better], rate_beyond[better]
    return there, new_value, rate


def integrate(integrand: Integrand, nodes: Nodes, grid: Grid) -> Integral:
    """The integral of each unit, and the means that its derivatives need."""
    posterior, log_value, (base, left, right) = _evaluate(integrand, nodes, grid)
    centre, spread = nodes.centre, nodes.spread
    n, q = centre.shape
    k, z = len(grid.axis), grid.z
    mean_z = posterior @ z
    second_z = (posterior @ (z[:, :, None] * z[:, None, :]).reshape(len(z), -1)).reshape(n, q, q)
    weight = np.swapaxes(posterior.reshape(n, -1, k), 1, 2)
    right = np.swapaxes(right, 0, 1)
    rate_z = np.empty((n, q, base.shape[1]))
    over = _times(weight, left) * right
    last = np.stack([np.ones(k), grid.axis]) @ over
    rate, rate_z[:, q - 1] = base * last[:, 0], last[:, 1]
    z_left = z.reshape(-1, k, q)[:, 0, : q - 1]
    for j in range(q - 1):
        np.sum(_times(weight * z_left[:, j], left) * right, axis=1, out=rate_z[:, j])
    rate_z *= base[:, None]
    shifted = multiply(spread, mean_z)
    mean = centre + shifted
    cross = centre[:, :, None] * shifted[:, None, :]
    second = spread @ second_z @ np.swapaxes(spread, 1, 2) + cross + np.swapaxes(cross, 1, 2)
    second += centre[:, :, None] * centre[:, None, :]
    return Integral(log_value, mean, second, rate, spread @ rate_z + centre[:, :, None] * rate[:, None])


def log_integral(integrand: Integrand, nodes: Nodes, grid: Grid) -> Floats:
    """(n,) the log of the integral alone."""
    return _evaluate(integrand, nodes, grid)[1]


def first_moments(integrand: Integrand, nodes: Nodes, grid: Grid) -> tuple[Floats, Floats]:
    """(n,) the log of the integral, and (n, q) the mean of b."""
    posterior, log_value, _ = _evaluate(integrand, nodes, grid)
    return log_value, nodes.centre + multiply(nodes.spread, posterior @ grid.z)


def posterior_weights(integrand: Integrand, nodes: Nodes, grid: Grid) -> tuple[Floats, Floats]:
    """Normalised weights (n, G) of the nodes, and the random effects (n, G, q) there."""
    posterior = _evaluate(integrand, nodes, grid)[0]
    return posterior, nodes.centre[:, None, :] + grid.z @ np.swapaxes(nodes.spread, 1, 2)


def posterior_rates(integrand: Integrand, nodes: Nodes, grid: Grid) -> tuple[Floats, Floats, Floats]:
    """As ``posterior_weights``, and the rates exp(s_m + c_mᵀb) (n, M, G) at the nodes."""
    posterior, _, (base, left, right) = _evaluate(integrand, nodes, grid)
    rate = right * base
    if left is not None:
        rate = (left[:, None] * rate).reshape(-1, *base.shape)
    return posterior, nodes.centre[:, None, :] + grid.z @ np.swapaxes(nodes.spread, 1, 2), rate.transpose(1, 2, 0)


def _times(weight: Floats, left: Floats | None) -> Floats:
    """(n, k, M) the sum over all axes but the last; with one axis there is nothing to sum over."""
    return weight if left is None else weight @ np.swapaxes(left, 0, 1)


def _evaluate(
    integrand: Integrand, nodes: Nodes, grid: Grid
) -> tuple[Floats, Floats, tuple[Floats, Floats | None, Floats]]:
    """Posterior weights (n, G), log integral (n,), and the factors of the rate: (n, M), (k^(q−1), n, M), (k, n, M)."""
    centre, spread, z = nodes.centre, nodes.spread, grid.z
    n, q = centre.shape
    bound = 700.0 / (q + 1)
    base = np.exp(np.clip(integrand.log_rate + (integrand.load @ centre[:, :, None])[..., 0], -bound, bound))
    factors = []
    for j in range(q):
        exponent = grid.axis[:, None, None] * (integrand.load @ spread[:, :, j, None])[..., 0]
        np.clip(exponent, -bound, bound, out=exponent)
        factors.append(np.exp(exponent, out=exponent))
    right = factors[-1]
    left: Floats | None = None
    for factor in factors[:-1]:
        left = factor if left is None else (left[:, None] * factor).reshape(-1, *base.shape)
    weighted = right * base
    hazard = weighted.sum(axis=2).T
    if left is not None:
        hazard = np.swapaxes(left, 0, 1) @ weighted.transpose(1, 2, 0)
    half = multiply(integrand.precision, centre)
    slope = multiply(np.swapaxes(spread, 1, 2), integrand.linear - half)
    curve = np.swapaxes(spread, 1, 2) @ integrand.precision @ spread
    height = slope @ z.T
    height -= 0.5 * (curve.reshape(n, -1) @ (z[:, :, None] * z[:, None, :]).reshape(len(z), -1).T)
    height -= hazard.reshape(n, -1)
    height += grid.log_weight
    top = height.max(axis=1)
    np.exp(height - top[:, None], out=height)
    total = height.sum(axis=1)
    height /= total[:, None]
    at_centre = integrand.constant + np.einsum("nq,nq->n", centre, integrand.linear - 0.5 * half)
    log_size = np.log(np.abs(np.prod(np.einsum("nqq->nq", spread), axis=1)))
    return height, at_centre + top + np.log(total) + log_size, (base, left, right)
