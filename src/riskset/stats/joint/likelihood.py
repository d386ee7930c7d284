"""The log-likelihood of a joint model, with exact scores of each patient.

Given the random effects b of a patient the scores are independent of survival, so with T > entry known

    L = p(y) ∫ N(b; μ, V) λ(T|b)^δ exp(−Λ(T|b)) db / ∫ N(b; 0, D) exp(−Λ(entry|b)) db.

p(y, b) needs only sums over a patient's visits, formed once; λ(T|b)^δ is exponential in b and so merely moves the
Gaussian. By Fisher's identity the score is the complete data's averaged over the posterior of b, which the quadrature
gives with the integral; at nodes held fixed it is the exact derivative of the quadrature sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riskset.stats.arrays import Booleans, Floats, Integers
from riskset.stats.joint.baseline import Baseline
from riskset.stats.joint.data import JointData, Visits
from riskset.stats.joint.parameters import Layout, Parameters
from riskset.stats.joint.quadrature import (
    Integral,
    Integrand,
    Nodes,
    adapt,
    integrate,
    log_integral,
    make_grid,
    nowhere,
)
from riskset.stats.joint.trajectory import Association, Features, Trajectory
from riskset.stats.small import invert_lower

_BLOCK = 512  # patients of up to 49 quadrature nodes, fewer of more: their arrays stay in the processor's cache


@dataclass(frozen=True)
class EventRows:
    """What a log hazard is made of, at the time nodes of n patients or (M = 1) at their last times.

    ``log_weight`` (n, M), ``terms`` (n, M, m) of the baseline, ``fixed`` A × (n, M, K), ``random`` A × (n, M, q).
    """

    log_weight: Floats
    terms: Floats
    fixed: Features
    random: Features

    def features(self, kappa: Floats) -> list[Floats]:
        """A arrays (n, M): the part of each feature that the fixed effects make."""
        return [(fixed @ kappa[:, :, None])[..., 0] for fixed in self.fixed]

    def part(self, some: slice) -> EventRows:
        """Of some of the patients."""
        fixed, random = (tuple(feature[some] for feature in part) for part in (self.fixed, self.random))
        return EventRows(self.log_weight[some], self.terms[some], fixed, random)

    def load(self, alpha: Floats) -> Floats:
        """(n, M, q) what multiplies the random effects in the log hazard."""
        total = alpha[0] * self.random[0]
        for value, random in zip(alpha[1:], self.random[1:], strict=True):
            total = total + value * random
        return np.asarray(total)


def event_rows(
    baseline: Baseline,
    trajectory: Trajectory,
    association: tuple[Association, ...],
    time: Floats,
    log_weight: Floats,
) -> EventRows:
    """The rows at ``time`` (n, M) with ``log_weight`` (n, M)."""
    return EventRows(log_weight, baseline.terms(time), *trajectory.exposed(association, time))


@dataclass(frozen=True)
class PatientBlock:
    """Some patients with their time nodes: of their own likelihood (``sign`` 1), or of survival to entry (−1).

    ``k`` is the number of Gauss-Hermite nodes an axis.
    """

    patients: Integers
    sign: int
    k: int
    visits: Visits
    rows: EventRows
    last: EventRows

    @property
    def row(self) -> int:
        """Where its patients stand in arrays of both kinds of integrals: 0, or 1 for survival to entry."""
        return 0 if self.sign > 0 else 1

    def part(self, some: slice) -> PatientBlock:
        """Of some of the patients."""
        patients, visits = self.patients[some], self.visits.take(some)
        return PatientBlock(patients, self.sign, self.k, visits, self.rows.part(some), self.last.part(some))

    def integrand(self, data: JointData, parameters: Parameters) -> Integrand:
        """What is integrated over the random effects."""
        take = self.patients
        inverse = invert_lower(parameters.root)
        precision = np.broadcast_to(inverse.T @ inverse, (len(take), *inverse.shape))
        constant = np.full(len(take), float(np.sum(np.log(np.diagonal(inverse)))))
        constant -= 0.5 * len(inverse) * np.log(2 * np.pi)
        linear = np.zeros((len(take), len(inverse)))
        kappa = data.trajectory.coefficients(parameters.beta, data.x[take])
        if self.sign > 0:
            visits, variance = self.visits, parameters.sigma**2
            precision = precision + visits.zz / variance
            linear = visits.toward_random(kappa) / variance
            squares = visits.squares(kappa)
            constant = constant - 0.5 * (squares / variance + visits.count * np.log(2 * np.pi * variance))
            at_event = self.last.features(kappa)
            for cause in range(len(parameters.alpha)):
                happened = data.event[take] == cause + 1
                s, c = log_hazard(self.last, at_event, data.w[take], parameters, cause)
                constant += happened * s[:, 0]
                linear += happened[:, None] * c[:, 0]
        along = self.rows.features(kappa)
        parts = [
            log_hazard(self.rows, along, data.w[take], parameters, cause) for cause in range(len(parameters.alpha))
        ]
        if len(parts) == 1:
            return Integrand(constant, linear, precision, *parts[0])
        log_rate, load = (np.concatenate([part[j] for part in parts], axis=1) for j in range(2))
        return Integrand(constant, linear, precision, log_rate, load)

    def scores(self, data: JointData, parameters: Parameters, layout: Layout, integral: Integral) -> Floats:
        """(n, P) each patient's derivative of the log integral."""
        take = self.patients
        x, w = data.x[take], data.w[take]
        out = np.zeros((len(take), layout.size))
        kappa = data.trajectory.coefficients(parameters.beta, x)
        by_kappa = np.zeros_like(kappa)
        if self.sign > 0:
            visits, variance = self.visits, parameters.sigma**2
            fitted = np.einsum("nkq,nq->nk", visits.fz, integral.mean)
            by_kappa += (visits.toward_fixed(kappa) - fitted) / variance
            toward = visits.toward_random(kappa)
            squares = visits.squares(kappa) - 2 * np.einsum("nq,nq->n", toward, integral.mean)
            squares += np.einsum("nqr,nqr->n", visits.zz, integral.second)
            out[:, layout.p] = squares / variance - visits.count
        inverse = invert_lower(parameters.root)
        whitened = inverse @ integral.second @ inverse.T - np.eye(layout.q)
        by_root = inverse.T @ whitened  # ∂ log N(b; 0, LLᵀ)/∂L, averaged
        row, column = layout.lower
        chain = np.where(row == column, parameters.root[row, column], 1.0)
        out[:, layout.p + 1 : layout.event_start] = by_root[:, row, column] * chain
        along = self.rows.features(kappa)
        at_event = self.last.features(kappa) if self.sign > 0 else []
        n_nodes = self.rows.log_weight.shape[1]
        for cause in range(layout.causes):
            nodes = slice(cause * n_nodes, (cause + 1) * n_nodes)
            rate, rate_b = integral.rate[:, nodes], integral.rate_b[:, :, nodes]
            happened = (data.event[take] == cause + 1).astype(float) * (self.sign > 0)
            for_baseline, for_gamma, for_alpha = layout.event(cause)
            out[:, for_baseline] = -np.einsum("nm,nmf->nf", rate, self.rows.terms)
            if self.sign > 0:
                out[:, for_baseline] += happened[:, None] * self.last.terms[:, 0]
            out[:, for_gamma] = w * (happened - rate.sum(axis=1))[:, None]
            by_alpha = out[:, for_alpha]
            for j in range(layout.a):
                fixed, random = self.rows.fixed[j], self.rows.random[j]
                by_alpha[:, j] = -np.einsum("nm,nm->n", rate, along[j]) - np.einsum("nqm,nmq->n", rate_b, random)
                toward_event = -np.einsum("nm,nmk->nk", rate, fixed)
                if self.sign > 0:
                    felt = at_event[j][:, 0] + np.einsum("nq,nq->n", self.last.random[j][:, 0], integral.mean)
                    by_alpha[:, j] += happened * felt
                    toward_event += happened[:, None] * self.last.fixed[j][:, 0]
                by_kappa += parameters.alpha[cause, j] * toward_event
        out[:, : layout.p] = data.trajectory.spread_score(by_kappa, x)
        return out


def log_hazard(
    rows: EventRows, features: Sequence[Floats], w: Floats, parameters: Parameters, cause: int
) -> tuple[Floats, Floats]:
    """s (n, M) and c (n, M, q) of a cause's log hazard s + cᵀb, the log weight included in s."""
    s = rows.log_weight + rows.terms @ parameters.baseline[cause]
    s += (w @ parameters.gamma[cause])[:, None]
    for value, feature in zip(parameters.alpha[cause], features, strict=True):
        s += value * feature
    return s, rows.load(parameters.alpha[cause])


class JointLikelihood:
    """The log-likelihood of validated data under a baseline and an association.

    Parameters
    ----------
    orders
        (2, n) Gauss-Hermite nodes an axis for each patient's own likelihood, and for the survival to entry.
    points_factor
        Multiplies the time nodes of each piece, to see that they suffice.
    only
        (2, n) the integrals to form; all by default.
    """

    def __init__(
        self,
        data: JointData,
        baseline: Baseline,
        association: tuple[Association, ...],
        orders: Integers,
        *,
        points_factor: int = 1,
        only: Booleans | None = None,
    ) -> None:
        self.data, self.baseline, self.association, self.orders = data, baseline, association, orders
        features = data.trajectory.features(association)
        self.layout = Layout(
            p=len(data.trajectory.terms),
            q=data.trajectory.random.n_terms,
            m=len(baseline.names),
            r=data.w.shape[1],
            a=len(features),
            causes=data.causes,
        )
        self.points_factor = points_factor
        wanted = np.ones((2, data.n), bool) if only is None else only
        chosen, late = np.flatnonzero(wanted[0]), np.flatnonzero(wanted[1] & (data.start > 0))
        self.blocks = [*self._blocks(data.stop, chosen, 1, orders[0]), *self._blocks(data.start, late, -1, orders[1])]

    def finer(
        self, *, orders: Integers | None = None, points_factor: int = 1, only: Booleans | None = None
    ) -> JointLikelihood:
        """The same with other quadrature, for all or some of the integrals."""
        chosen = self.orders if orders is None else orders
        return JointLikelihood(
            self.data, self.baseline, self.association, chosen, points_factor=points_factor, only=only
        )

    def _blocks(self, until: Floats, patients: Integers, sign: int, orders: Integers) -> list[PatientBlock]:
        """Patients alike in nodes and nearly alike in follow-up, so that few time nodes are padding."""
        blocks = []
        for k in np.unique(orders[patients]):
            alike = patients[orders[patients] == k]
            alike = alike[np.argsort(until[alike], kind="stable")]
            size = int(np.clip(_BLOCK * 49 // int(k) ** self.layout.q, 8, _BLOCK))
            parts = [alike[i : i + size] for i in range(0, len(alike), size)]
            blocks += [self._block(until, part, sign, int(k)) for part in parts]
        return blocks

    def _block(self, until: Floats, patients: Integers, sign: int, k: int) -> PatientBlock:
        limit = until[patients]
        time, log_weight = self.baseline.nodes(limit, factor=self.points_factor)
        last = np.zeros((len(patients), 1))
        visits = self.data.visits.take(patients)
        return PatientBlock(
            patients, sign, k, visits, self.rows_at(time, log_weight), self.rows_at(limit[:, None], last)
        )

    def rows_at(self, time: Floats, log_weight: Floats) -> EventRows:
        """What the hazard is made of at ``time`` (n, M)."""
        return event_rows(self.baseline, self.data.trajectory, self.association, time, log_weight)

    def rows_between(self, since: Floats, until: Floats) -> EventRows:
        """Rows that integrate the hazard from ``since`` (n,) to ``until`` (n,)."""
        time, log_weight = self.baseline.nodes(until, since=since, factor=self.points_factor)
        return self.rows_at(time, log_weight)

    def adapt(self, theta: Floats, modes: Floats | None = None) -> list[Nodes]:
        """Nodes of each block at the modes under θ, sought from ``modes`` (2, n, q) where some are known."""
        parameters = self.layout.unpack(theta)
        return [
            adapt(block.integrand(self.data, parameters), None if modes is None else modes[block.row, block.patients])
            for block in self.blocks
        ]

    def modes(self, nodes: list[Nodes]) -> Floats:
        """(2, n, q) where the nodes lie: of each patient's own likelihood, and of survival to entry (0 without)."""
        out = np.zeros((2, self.data.n, self.layout.q))
        for block, where in zip(self.blocks, nodes, strict=True):
            out[block.row, block.patients] = where.centre
        return out

    def __call__(self, theta: Floats, nodes: list[Nodes], *, more: int = 0) -> tuple[float, Floats]:
        """Log-likelihood, and scores (n, P) of the patients, with ``more`` nodes an axis than the blocks have."""
        parameters = self.layout.unpack(theta)
        scores = np.zeros((self.data.n, self.layout.size))
        total = 0.0
        for block, where in zip(self.blocks, nodes, strict=True):
            total += self._add(scores, block, parameters, block.integrand(self.data, parameters), where, more)
        return total, scores

    def adapted(self, theta: Floats, modes: Floats | None = None) -> tuple[list[Nodes], float, Floats]:
        """Nodes as `adapt` lays them, and the log-likelihood and scores there.

        Where a mode ran off the rest is not sought: the value is NaN already, which no climb takes.
        """
        parameters = self.layout.unpack(theta)
        scores = np.zeros((self.data.n, self.layout.size))
        total, nodes = 0.0, []
        for block in self.blocks:
            if np.isnan(total):
                nodes.append(nowhere(len(block.patients), self.layout.q))
                continue
            integrand = block.integrand(self.data, parameters)
            nodes.append(adapt(integrand, None if modes is None else modes[block.row, block.patients]))
            total += self._add(scores, block, parameters, integrand, nodes[-1], 0)
        return nodes, total, scores

    def _add(
        self, scores: Floats, block: PatientBlock, parameters: Parameters, integrand: Integrand, nodes: Nodes, more: int
    ) -> float:
        """Add a block to the scores (n, P) and return its log-likelihood."""
        integral = integrate(integrand, nodes, make_grid(block.k + more, self.layout.q))
        scores[block.patients] += block.sign * block.scores(self.data, parameters, self.layout, integral)
        return block.sign * float(integral.log_value.sum())

    def by_patient(self, theta: Floats, nodes: list[Nodes], *, more: int = 0) -> Floats:
        """(2, n) log of the integrals: of each patient's own likelihood, and of survival to entry (0 without)."""
        parameters = self.layout.unpack(theta)
        out = np.zeros((2, self.data.n))
        for block, where in zip(self.blocks, nodes, strict=True):
            grid = make_grid(block.k + more, self.layout.q)
            out[block.row, block.patients] = log_integral(block.integrand(self.data, parameters), where, grid)
        return out

    def posterior(self, theta: Floats, nodes: list[Nodes]) -> tuple[Floats, Floats]:
        """Mean (n, q) and covariance (n, q, q) of the random effects of each patient, given all that was seen."""
        parameters, q = self.layout.unpack(theta), self.layout.q
        mean, spread = np.zeros((self.data.n, q)), np.zeros((self.data.n, q, q))
        for block, where in zip(self.blocks, nodes, strict=True):
            if block.sign > 0:
                integral = integrate(block.integrand(self.data, parameters), where, make_grid(block.k, q))
                mean[block.patients] = integral.mean
                spread[block.patients] = integral.second - integral.mean[:, :, None] * integral.mean[:, None, :]
        return mean, spread
