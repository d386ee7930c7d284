"""The observed information of a joint model, by Louis' formula at the quadrature nodes.

−∂² log L = E[−∂² log p(y, T, b)] − var[∂ log p(y, T, b)] over the posterior of b (Louis, Journal of the Royal
Statistical Society B 1982; 44: 226-233). At nodes held fixed this is the exact second derivative of the quadrature sum.
It is formed for each patient in few own parameters ρ: the coefficients κ of time, log σ, the root of D, and for each
cause the baseline, the offset wᵀγ and α; then carried to θ by ∂ρ/∂θ, whose entries are 1, a covariate, or 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskset.stats.joint.data import JointData
from riskset.stats.joint.likelihood import Block, EventRows, JointLikelihood, log_hazard
from riskset.stats.joint.parameters import Layout, Parameters
from riskset.stats.joint.quadrature import Nodes, make_grid, posterior_weights
from riskset.stats.newton import Floats
from riskset.stats.small import invert_lower, multiply


def information(likelihood: JointLikelihood, theta: Floats, nodes: list[Nodes]) -> Floats:
    """(P, P) negative Hessian of the log-likelihood at nodes held fixed."""
    layout = likelihood.layout
    parameters = layout.unpack(theta)
    total = np.zeros((layout.size, layout.size))
    for block, where in zip(likelihood.blocks, nodes, strict=True):
        total += block.sign * _block_information(likelihood.data, parameters, layout, block, where)
    return (total + total.T) / 2


def _block_information(data: JointData, parameters: Parameters, layout: Layout, block: Block, nodes: Nodes) -> Floats:
    integrand = block.integrand(data, parameters)
    weight, b = posterior_weights(integrand, nodes, make_grid(block.k, layout.q))
    own = _Own(data, parameters, layout, block, weight, b)
    score, information = own.visits()
    score_root, information_root = own.root()
    places = _Places(len(own.kappa[0]), layout)
    n, nodes_per_patient = weight.shape
    s = np.zeros((n, nodes_per_patient, places.size))
    m = np.zeros((n, places.size, places.size))
    first = slice(0, places.k + 1)
    s[..., first] = score
    m[:, first, first] = information
    s[..., places.root] = score_root
    m[:, places.root, places.root] = information_root
    for cause in range(layout.causes):
        score, information = own.event(cause)
        at = places.event(cause)
        s[..., at] += score  # `at` starts with κ, to which every cause adds
        m[:, at[:, None], at] += information
    mean = np.einsum("ng,ngr->nr", weight, s)
    s -= mean[:, None]
    m -= np.swapaxes(s * weight[..., None], 1, 2) @ s
    along = places.jacobian(data, layout, block)
    return np.asarray(along.reshape(-1, layout.size).T @ (m @ along).reshape(-1, layout.size))


@dataclass(frozen=True)
class _Places:
    """Where each parameter of a patient stands in ρ: κ (k), log σ, the root, then the causes' own."""

    k: int
    layout: Layout

    @property
    def root(self) -> slice:
        return slice(self.k + 1, self._events)

    @property
    def _events(self) -> int:
        return self.k + 1 + self.layout.q * (self.layout.q + 1) // 2

    @property
    def size(self) -> int:
        return self._events + self.layout.causes * self._own

    @property
    def _own(self) -> int:
        return self.layout.m + 1 + self.layout.a

    def event(self, cause: int) -> np.ndarray:
        """Positions of κ, and of the baseline, the offset and α of a cause."""
        start = self._events + cause * self._own
        return np.concatenate([np.arange(self.k), np.arange(start, start + self._own)])

    def jacobian(self, data: JointData, layout: Layout, block: Block) -> Floats:
        """(n, R, P) ∂ρ/∂θ."""
        x, w = data.x[block.patients], data.w[block.patients]
        out = np.zeros((len(x), self.size, layout.size))
        for j, (k, column) in enumerate(data.trajectory.terms):
            out[:, k, j] = 1.0 if column is None else x[:, column]
        for j in range(self.k, self._events):
            out[:, j, layout.p + j - self.k] = 1.0
        for cause in range(layout.causes):
            start = self._events + cause * self._own
            baseline, gamma, alpha = layout.event(cause)
            for j in range(layout.m):
                out[:, start + j, baseline.start + j] = 1.0
            out[:, start + layout.m, gamma] = w
            for j in range(layout.a):
                out[:, start + layout.m + 1 + j, alpha.start + j] = 1.0
        return out


class _Own:
    """Scores (n, G, ·) at the nodes, and the averaged negative Hessian (n, ·, ·), of the parts of log p(y, T, b)."""

    def __init__(
        self, data: JointData, parameters: Parameters, layout: Layout, block: Block, weight: Floats, b: Floats
    ) -> None:
        self.data, self.parameters, self.layout, self.block = data, parameters, layout, block
        self.weight, self.b = weight, b
        self.kappa = data.trajectory.coefficients(parameters.beta, data.x[block.patients])
        self.mean = np.einsum("ng,ngq->nq", weight, b)
        self.second = np.swapaxes(b * weight[..., None], 1, 2) @ b

    def visits(self) -> tuple[Floats, Floats]:
        """By κ and log σ."""
        n, k = self.kappa.shape
        score, information = np.zeros((*self.weight.shape, k + 1)), np.zeros((n, k + 1, k + 1))
        if self.block.sign < 0:
            return score, information
        visits, variance = self.block.visits, self.parameters.sigma**2
        straight = (visits.fy - multiply(visits.ff, self.kappa)) / variance
        score[..., :k] = straight[:, None] - self.b @ np.swapaxes(visits.fz, 1, 2) / variance
        toward = visits.zy - np.einsum("nkq,nk->nq", visits.fz, self.kappa)
        squares = visits.squares(self.kappa)[:, None] - 2 * (self.b @ toward[..., None])[..., 0]
        squares += np.einsum("ngq,ngq->ng", self.b @ visits.zz, self.b)
        score[..., k] = squares / variance - visits.count[:, None]
        information[:, :k, :k] = visits.ff / variance
        cross = 2 * (straight - multiply(visits.fz, self.mean) / variance)
        information[:, :k, k] = information[:, k, :k] = cross
        information[:, k, k] = 2 * np.einsum("ng,ng->n", self.weight, squares) / variance
        return score, information

    def root(self) -> tuple[Floats, Floats]:
        """By the root of D."""
        root = self.parameters.root
        inverse = invert_lower(root)
        row, column = self.layout.lower
        moves = []  # L⁻¹ ∂L for each entry
        for i, j in zip(row, column, strict=True):
            unit = np.zeros_like(root)
            unit[i, j] = root[i, j] if i == j else 1.0
            moves.append(inverse @ unit)
        u = self.b @ inverse.T
        score = np.stack([np.einsum("ngq,qr,ngr->ng", u, move, u, optimize=True) for move in moves], axis=-1)
        score -= row == column
        white = inverse @ self.second @ inverse.T
        information = np.empty((len(white), len(moves), len(moves)))
        for e, one in enumerate(moves):
            for f, other in enumerate(moves):
                information[:, e, f] = np.einsum("nqr,qr->n", white, other.T @ one + other @ one + one @ other)
            if row[e] == column[e]:
                information[:, e, e] -= np.einsum("nqr,qr->n", white, one)
        return score, information

    def event(self, cause: int) -> tuple[Floats, Floats]:
        """By κ, and the baseline, the offset and α of a cause."""
        data, block, layout = self.data, self.block, self.layout
        alpha = self.parameters.alpha[cause]
        rows = block.rows
        s, c = log_hazard(rows, rows.features(self.kappa), data.w[block.patients], self.parameters, cause)
        rate = s[:, :, None] + c @ np.swapaxes(self.b, 1, 2)
        np.exp(np.clip(rate, -300, 300, out=rate), out=rate)
        known = self._columns(rows, alpha)
        k, a = self.kappa.shape[1], layout.a
        score = -np.swapaxes(rate, 1, 2) @ known
        rate_nodes = np.swapaxes(rate, 1, 2)
        for j in range(a):
            score[..., k + layout.m + 1 + j] -= np.einsum("ngq,ngq->ng", rate_nodes @ rows.random[j], self.b)
        rate *= self.weight[:, None]
        flat = (self.b[..., :, None] * self.b[..., None, :]).reshape(*self.b.shape[:2], -1)
        once, twice = rate @ self.b, (rate @ flat).reshape(*rate.shape[:2], layout.q, layout.q)
        total = rate.sum(axis=2)
        information = np.swapaxes(known * total[..., None], 1, 2) @ known
        last = slice(k + layout.m + 1, None)
        moved = np.stack([np.einsum("nmq,nmq->nm", once, random) for random in rows.random], axis=-1)
        cross = np.swapaxes(known, 1, 2) @ moved  # Σ E[rate zᵀb] times the known columns
        information[:, :, last] += cross
        information[:, last, :] += np.swapaxes(cross, 1, 2)
        for i in range(a):
            for j in range(a):
                both = np.einsum("nmq,nmqr,nmr->n", rows.random[i], twice, rows.random[j], optimize=True)
                information[:, k + layout.m + 1 + i, k + layout.m + 1 + j] += both
        for j in range(a):  # κ and α meet as a product in the log hazard itself
            bend = np.einsum("nm,nmk->nk", total, rows.fixed[j])
            if block.sign > 0:
                bend = bend - (data.event[block.patients] == cause + 1)[:, None] * block.last.fixed[j][:, 0]
            information[:, :k, k + layout.m + 1 + j] += bend
            information[:, k + layout.m + 1 + j, :k] += bend
        if block.sign > 0:
            score += self._at_event(cause, alpha)
        return score, information

    def _columns(self, rows: EventRows, alpha: Floats) -> Floats:
        """(n, M, K + m + 1 + A) the log hazard's derivatives where b = 0."""
        by_kappa = sum(value * fixed for value, fixed in zip(alpha, rows.fixed, strict=True))
        parts = [by_kappa, rows.terms, np.ones((*rows.log_weight.shape, 1))]
        parts += [feature[..., None] for feature in rows.features(self.kappa)]
        return np.concatenate(parts, axis=-1)

    def _at_event(self, cause: int, alpha: Floats) -> Floats:
        """(n, G, K + m + 1 + A) the derivatives of the log hazard at the event, 0 where there is none."""
        last, layout, k = self.block.last, self.layout, self.kappa.shape[1]
        score = np.repeat(self._columns(last, alpha), self.b.shape[1], axis=1)
        for j in range(layout.a):
            score[..., k + layout.m + 1 + j] += (self.b @ last.random[j][:, 0, :, None])[..., 0]
        happened = self.data.event[self.block.patients] == cause + 1
        return np.asarray(score * happened[:, None, None])
