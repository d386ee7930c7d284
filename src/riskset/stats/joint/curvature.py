"""The observed information of a joint model, by Louis' formula at the quadrature nodes.

−∂² log L = E[−∂² log p(y, T, b)] − var[∂ log p(y, T, b)] over the posterior of b (Louis, Journal of the Royal
Statistical Society B 1982; 44: 226-233). At nodes held fixed this is the exact second derivative of the quadrature sum.
It is formed for each patient in few own parameters ρ: the coefficients κ of time, log σ, the root of D, and for each
cause the baseline, the offset wᵀγ and α; then carried to θ by ∂ρ/∂θ, whose entries are 1, a covariate, or 0.

The score by ρ is a quadratic in b, all but its hazards: coefficients times φ(b) = (1, b, b⊗b), less sums of the rates
exp(s_m + c_mᵀb). So one matrix product for each patient gives it at all nodes, and E[φ] and E[rate φ] are all that the
first part needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskset.stats.arrays import Floats
from riskset.stats.joint.data import JointData
from riskset.stats.joint.likelihood import EventRows, JointLikelihood, PatientBlock
from riskset.stats.joint.parameters import Layout, Parameters
from riskset.stats.joint.quadrature import Nodes, make_grid, posterior_rates
from riskset.stats.small import invert_lower, multiply

_AT_ONCE = 12_000  # quadrature nodes of all patients together, whose arrays a processor's cache about holds


def information(likelihood: JointLikelihood, theta: Floats, nodes: list[Nodes]) -> Floats:
    """(P, P) negative Hessian of the log-likelihood at nodes held fixed."""
    layout = likelihood.layout
    parameters = layout.unpack(theta)
    total = np.zeros((layout.size, layout.size))
    for block, where in zip(likelihood.blocks, nodes, strict=True):
        size = max(1, _AT_ONCE // block.k**layout.q)
        for begin in range(0, len(block.patients), size):
            some = slice(begin, begin + size)
            total += block.sign * _of_patients(likelihood.data, parameters, layout, block.part(some), where.part(some))
    return (total + total.T) / 2


def _of_patients(data: JointData, parameters: Parameters, layout: Layout, block: PatientBlock, nodes: Nodes) -> Floats:
    per_patient = _Own(data, parameters, layout, block, nodes)
    if block.sign > 0:
        per_patient.add_visits()
    per_patient.add_root()
    score = per_patient.hazard_scores()
    score += per_patient.coefficients @ per_patient.phi
    score -= score @ per_patient.weight[:, :, None]
    within = per_patient.hessian - (score * per_patient.weight[:, None]) @ np.swapaxes(score, 1, 2)
    along = per_patient.places.jacobian(data, layout, block)
    return np.asarray(along.reshape(-1, layout.size).T @ (within @ along).reshape(-1, layout.size))


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

    def event(self, cause: int) -> tuple[tuple[slice, slice], ...]:
        """Where κ, and the baseline, the offset and α of a cause, stand among themselves and in ρ."""
        start = self._events + cause * self._own
        return (
            (slice(0, self.k), slice(0, self.k)),
            (slice(self.k, self.k + self._own), slice(start, start + self._own)),
        )

    def jacobian(self, data: JointData, layout: Layout, block: PatientBlock) -> Floats:
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
    """The parts of log p(y, T, b) by ρ, for some patients.

    Attributes
    ----------
    weight, phi, rate
        Of the quadrature nodes: weights (n, G), φ(b) (n, 1 + q + q², G), and rates (n, causes · M, G).
    moments
        (n, 1 + q + q²) E[φ].
    coefficients
        (n, R, 1 + q + q²) what multiplies φ in the score.
    hessian
        (n, R, R) E[−∂² log p(y, T, b)].
    """

    def __init__(
        self, data: JointData, parameters: Parameters, layout: Layout, block: PatientBlock, nodes: Nodes
    ) -> None:
        self.data, self.parameters, self.layout, self.block = data, parameters, layout, block
        integrand = block.integrand(data, parameters)
        self.weight, b, self.rate = posterior_rates(integrand, nodes, make_grid(block.k, layout.q))
        n, q = len(b), layout.q
        self.phi = np.empty((n, 1 + q + q * q, b.shape[1]))
        self.phi[:, 0] = 1.0
        self.phi[:, 1 : 1 + q] = np.swapaxes(b, 1, 2)
        for j in range(q):
            np.multiply(self.phi[:, 1 : 1 + q], self.phi[:, 1 + j, None], out=self.phi[:, 1 + q + j * q :][:, :q])
        self.moments = multiply(self.phi, self.weight)
        self.kappa = data.trajectory.coefficients(parameters.beta, data.x[block.patients])
        self.places = _Places(self.kappa.shape[1], layout)
        self.coefficients = np.zeros((n, self.places.size, self.phi.shape[1]))
        self.hessian = np.zeros((n, self.places.size, self.places.size))

    def add_visits(self) -> None:
        """By κ and log σ."""
        k, q = self.places.k, self.layout.q
        visits, variance = self.block.visits, self.parameters.sigma**2
        straight = visits.toward_fixed(self.kappa) / variance
        score = self.coefficients
        score[:, :k, 0] = straight
        score[:, :k, 1 : 1 + q] = -visits.fz / variance
        score[:, k, 0] = visits.squares(self.kappa) / variance - visits.count
        score[:, k, 1 : 1 + q] = -2 * visits.toward_random(self.kappa) / variance
        score[:, k, 1 + q :] = visits.zz.reshape(-1, q * q) / variance
        self.hessian[:, :k, :k] = visits.ff / variance
        cross = 2 * (straight - multiply(visits.fz, self.moments[:, 1 : 1 + q]) / variance)
        self.hessian[:, :k, k] = self.hessian[:, k, :k] = cross
        self.hessian[:, k, k] = 2 * (np.einsum("nf,nf->n", score[:, k], self.moments) + visits.count)

    def add_root(self) -> None:
        """By the root of D."""
        q, root = self.layout.q, self.parameters.root
        inverse = invert_lower(root)
        row, column = self.layout.lower
        moves = []  # L⁻¹ ∂L for each entry
        for i, j in zip(row, column, strict=True):
            unit = np.zeros_like(root)
            unit[i, j] = root[i, j] if i == j else 1.0
            moves.append(inverse @ unit)
        at = np.arange(self.places.size)[self.places.root]
        second = self.moments[:, 1 + q :]
        for e, one in enumerate(moves):
            self.coefficients[:, at[e], 1 + q :] = (inverse.T @ one @ inverse).ravel()
            self.coefficients[:, at[e], 0] = -1.0 if row[e] == column[e] else 0.0
            for f, other in enumerate(moves):
                bend = other.T @ one + other @ one + one @ other
                if e == f and row[e] == column[e]:
                    bend = bend - one
                self.hessian[:, at[e], at[f]] = second @ (inverse.T @ bend @ inverse).ravel()

    def hazard_scores(self) -> Floats:
        """(n, R, G) what the cumulative hazards give to the score; the rest of the events is added to the parts."""
        n, q, a = len(self.weight), self.layout.q, self.layout.a
        rows, n_nodes = self.block.rows, self.block.rows.log_weight.shape[1]
        b = self.phi[:, 1 : 1 + q]
        weighted = np.swapaxes(self.phi * self.weight[:, None], 1, 2)
        random = [np.swapaxes(part, 1, 2) for part in rows.random]
        score = np.zeros((n, self.places.size, self.weight.shape[1]))
        for cause in range(self.layout.causes):
            rate = self.rate[:, cause * n_nodes : (cause + 1) * n_nodes]
            known = self._columns(rows, self.parameters.alpha[cause])
            met = np.concatenate([known, *random], axis=1) @ rate
            n_known = known.shape[1]
            met[:, n_known - a : n_known] += (met[:, n_known:].reshape(n, a, q, -1) * b[:, None]).sum(axis=2)
            for local, there in self.places.event(cause):
                score[:, there] -= met[:, local]
            self._add_event(cause, known, rate @ weighted)
        return score

    def _add_event(self, cause: int, known: Floats, rates: Floats) -> None:
        """By κ, and the baseline, the offset and α of a cause; ``rates`` (n, M, 1 + q + q²) are E[rate φ]."""
        q, a, k, rows, last = self.layout.q, self.layout.a, self.places.k, self.block.rows, self.block.last
        alpha = self.parameters.alpha[cause]
        total, once = rates[:, None, :, 0], rates[..., 1 : 1 + q]
        twice = rates[..., 1 + q :].reshape(*once.shape, q)
        hessian = known * total @ np.swapaxes(known, 1, 2)
        coefficients = np.zeros((*hessian.shape[:2], self.phi.shape[1]))
        happened = (self.data.event[self.block.patients] == cause + 1) * float(self.block.sign > 0)
        coefficients[..., 0] = happened[:, None] * self._columns(last, alpha)[..., 0]
        by_alpha = hessian.shape[1] - a
        moved = np.stack([(once * random).sum(axis=-1) for random in rows.random], axis=-1)
        cross = known @ moved  # Σ E[rate zᵀb] times the known columns
        hessian[:, :, by_alpha:] += cross
        hessian[:, by_alpha:, :] += np.swapaxes(cross, 1, 2)
        for j in range(a):
            turned = (twice @ rows.random[j][..., None])[..., 0]
            for i in range(a):
                hessian[:, by_alpha + i, by_alpha + j] += (turned * rows.random[i]).sum(axis=(1, 2))
            # κ and α meet as a product in the log hazard itself
            bend = (total @ rows.fixed[j])[:, 0] - happened[:, None] * last.fixed[j][:, 0]
            hessian[:, :k, by_alpha + j] += bend
            hessian[:, by_alpha + j, :k] += bend
            coefficients[:, by_alpha + j, 1 : 1 + q] = happened[:, None] * last.random[j][:, 0]
        for local, there in self.places.event(cause):
            self.coefficients[:, there] += coefficients[:, local]
            for across, beyond in self.places.event(cause):
                self.hessian[:, there, beyond] += hessian[:, local, across]

    def _columns(self, rows: EventRows, alpha: Floats) -> Floats:
        """(n, K + m + 1 + A, M) the log hazard's derivatives where b = 0."""
        by_kappa = sum(value * fixed for value, fixed in zip(alpha, rows.fixed, strict=True))
        parts = [np.swapaxes(by_kappa, 1, 2), np.swapaxes(rows.terms, 1, 2)]
        parts.append(np.ones((len(rows.terms), 1, rows.log_weight.shape[1])))
        parts += [feature[:, None] for feature in rows.features(self.kappa)]
        return np.concatenate(parts, axis=1)
