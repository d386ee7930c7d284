"""The conditional likelihood of one block of alike sets: one case a set, and Breslow's and Efron's sums for several.

A block holds the covariates as (p, size, sets), centred on the cases of each set, so that the cases' own linear
predictors sum to zero and sums within a set run along contiguous memory.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from riskset.stats.arrays import Booleans, Floats, Integers
from riskset.stats.newton import Point

_LARGE = 300.0  # exp() of more than this is shifted by the set's maximum


@dataclass(frozen=True)
class SetBlock(ABC):
    """Sets alike in size and number of cases.

    Attributes
    ----------
    z
        (p, size, sets) covariates less the mean of the set's cases, cases first. In a set with one case its own
        row, all zero, is left out of ``z`` and stands as ``base = 1`` in the denominator.
    offset
        (size, sets) log of what multiplies exp(zβ): offsets and log weights, relative to the cases'; None for zero.
    weight
        (sets,) multiplies the log denominator: the sum of the cases' weights under Breslow, their mean under Efron;
        None for ones.
    case_weight
        (cases, sets) the weight of each case; None for ones.
    rows
        (sets, size) row numbers, cases first, the single case included.
    n_cases
        Cases a set.
    """

    z: Floats
    offset: Floats | None
    weight: Floats | None
    case_weight: Floats | None
    rows: Integers
    n_cases: int

    def take(self, keep: Booleans) -> SetBlock:
        """The block of some of its sets."""

        def part(values: Floats | None) -> Floats | None:
            return None if values is None else np.compress(keep, values, axis=-1)

        return replace(
            self,
            z=np.compress(keep, self.z, axis=-1),
            offset=part(self.offset),
            weight=part(self.weight),
            case_weight=part(self.case_weight),
            rows=self.rows[keep],
        )

    @abstractmethod
    def evaluate(self, beta: Floats) -> Point:
        """Log-likelihood, score (p,) and information (p, p) of these sets."""

    @abstractmethod
    def skewness(self, beta: Floats, inverse: Floats) -> Floats:
        """(p,) the trace of ``inverse`` @ ∂I/∂β_r for each r, where I is the information of these sets."""

    def cumulants(self, beta: Floats, inverse: Floats) -> tuple[Floats, Floats] | None:
        """(p, p, p) ∂I/∂β, and (p, p) the trace of ``inverse`` @ ∂²I/∂β²; None where only differences give them."""
        return None

    @abstractmethod
    def residuals(self, beta: Floats) -> Floats:
        """(p, sets, size) score residuals, each already multiplied by its weight; they sum to the score."""

    def _linear(self, beta: Floats) -> Floats:
        p, size, n = self.z.shape
        eta: Floats = (beta @ self.z.reshape(p, size * n)).reshape(size, n)
        if self.offset is not None:
            eta += self.offset
        return eta


@dataclass(frozen=True)
class SumBlock(SetBlock):
    """One log denominator a set: sets with one case, and Breslow's approximation for several.

    The log-likelihood of a set is −w log(base + Σ_j exp(z_jβ + o_j)).
    """

    @property
    def base(self) -> float:
        return 1.0 if self.z.shape[1] < self.rows.shape[1] else 0.0

    def _probabilities(self, beta: Floats) -> tuple[Floats, Floats]:
        """(sets,) log denominators and (size, sets) probabilities of the rows in ``z``."""
        eta = self._linear(beta)
        shift: Floats | float = 0.0
        base: Floats | float = self.base
        if eta.max() > _LARGE:
            shift = np.maximum(eta.max(axis=0), 0.0)
            eta -= shift
            base = base * np.exp(-shift)
        u = np.exp(eta, out=eta)
        total = u.sum(axis=0)
        total += base
        u *= 1 / total
        return np.log(total) + shift, u

    def evaluate(self, beta: Floats) -> Point:
        p, size, n = self.z.shape
        log_total, u = self._probabilities(beta)
        if self.weight is not None:
            u *= self.weight
            log_total *= self.weight
        weighted = self.z * u
        mean = weighted.sum(axis=1)
        information = weighted.reshape(p, size * n) @ self.z.reshape(p, size * n).T
        information -= (mean.copy() if self.weight is None else mean / self.weight) @ mean.T  # A @ A.T itself is slower
        return Point(-float(log_total.sum()), -mean.sum(axis=1), information)

    def skewness(self, beta: Floats, inverse: Floats) -> Floats:
        z, u = self._with_base(beta)
        mean = np.einsum("pms,ms->ps", z, u)
        return _third_moment(z, u if self.weight is None else u * self.weight, mean, inverse)

    def cumulants(self, beta: Floats, inverse: Floats) -> tuple[Floats, Floats]:
        z, u = self._with_base(beta)
        return _later_cumulants(z, u, np.einsum("pms,ms->ps", z, u), self.weight, inverse)

    def residuals(self, beta: Floats) -> Floats:
        z, u = self._with_base(beta)
        mean = np.einsum("pms,ms->ps", z, u)
        excess = -u if self.weight is None else -u * self.weight
        excess[: self.n_cases] += 1.0 if self.case_weight is None else self.case_weight
        return np.asarray(np.einsum("pms,ms->psm", z - mean[:, None], excess))

    def _with_base(self, beta: Floats) -> tuple[Floats, Floats]:
        """Covariates (p, size, sets) and probabilities (size, sets) of all rows, the single case's included."""
        _, u = self._probabilities(beta)
        if not self.base:
            return self.z, u
        z = np.concatenate([np.zeros_like(self.z[:, :1]), self.z], axis=1)
        return z, np.concatenate([(1 - u.sum(axis=0))[None], u])


@dataclass(frozen=True)
class EfronBlock(SetBlock):
    """Sets with several cases under Efron's approximation.

    The log-likelihood of a set is −w Σ_k log(Σ_j u_j − (k/n) Σ_cases u_j), k = 0 … n − 1, with u = exp(zβ + o).
    """

    def _sums(self, beta: Floats) -> tuple[Floats, Floats, Floats, Floats | float]:
        eta = self._linear(beta)
        shift: Floats | float = 0.0
        if eta.max() > _LARGE:
            shift = eta.max(axis=0)
            eta -= shift
        u = np.exp(eta, out=eta)
        return u, u.sum(axis=0), u[: self.n_cases].sum(axis=0), shift

    def evaluate(self, beta: Floats) -> Point:
        p, size, n = self.z.shape
        u, total, tied, shift = self._sums(beta)
        weight = np.ones(n) if self.weight is None else self.weight
        sum_all = np.einsum("pms,ms->ps", self.z, u)
        sum_tied = np.einsum("pms,ms->ps", self.z[:, : self.n_cases], u[: self.n_cases])
        log_total = np.zeros(n) + self.n_cases * shift
        score, information = np.zeros(p), np.zeros((p, p))
        share, share_tied = np.zeros(n), np.zeros(n)
        for k in range(self.n_cases):
            fraction = k / self.n_cases
            denominator = total - fraction * tied
            mean = (sum_all - fraction * sum_tied) / denominator
            log_total += np.log(denominator)
            score -= mean @ weight
            information -= (mean * weight) @ mean.T
            share += weight / denominator
            share_tied += weight * (1 - fraction) / denominator
        u[: self.n_cases] *= share_tied
        u[self.n_cases :] *= share
        information += (self.z * u).reshape(p, size * n) @ self.z.reshape(p, size * n).T
        return Point(-float(weight @ log_total), score, information)

    def _steps(self, beta: Floats) -> Iterator[tuple[Floats, Floats]]:
        """For each k the probabilities (size, sets), times the weight, and the means under them (p, sets)."""
        u, total, tied, _ = self._sums(beta)
        for k in range(self.n_cases):
            fraction = k / self.n_cases
            probability = u / (total - fraction * tied)
            probability[: self.n_cases] *= 1 - fraction
            mean = np.einsum("pms,ms->ps", self.z, probability)
            yield probability if self.weight is None else probability * self.weight, mean

    def skewness(self, beta: Floats, inverse: Floats) -> Floats:
        terms = [_third_moment(self.z, weighted, mean, inverse) for weighted, mean in self._steps(beta)]
        return np.asarray(np.sum(terms, axis=0))

    def cumulants(self, beta: Floats, inverse: Floats) -> tuple[Floats, Floats]:
        p = len(self.z)
        third, fourth = np.zeros((p, p, p)), np.zeros((p, p))
        for weighted, mean in self._steps(beta):
            probability = weighted if self.weight is None else weighted / self.weight
            step = _later_cumulants(self.z, probability, mean, self.weight, inverse)
            third, fourth = third + step[0], fourth + step[1]
        return third, fourth

    def residuals(self, beta: Floats) -> Floats:
        p, size, n = self.z.shape
        residual = np.zeros((p, n, size))
        for weighted, mean in self._steps(beta):
            excess = -weighted
            excess[: self.n_cases] += (1.0 if self.case_weight is None else self.case_weight) / self.n_cases
            residual += np.einsum("pms,ms->psm", self.z - mean[:, None], excess)
        return residual


def _later_cumulants(
    z: Floats, probability: Floats, mean: Floats, weight: Floats | None, inverse: Floats
) -> tuple[Floats, Floats]:
    """Sums over sets of a distribution's third cumulants (p, p, p), and of its fourth ones traced with ``inverse``."""
    p, size, n = z.shape
    c = z - mean[:, None]
    weighted = c * probability if weight is None else c * (probability * weight)
    flat, flat_weighted = c.reshape(p, size * n), weighted.reshape(p, size * n)
    pairs = (flat[:, None] * flat[None]).reshape(p * p, size * n)
    third = (pairs @ flat_weighted.T).reshape(p, p, p)
    length = np.einsum("pk,pk->k", flat, inverse @ flat)
    fourth = (flat_weighted * length) @ flat.T
    covariance = np.matmul((c * probability).transpose(2, 0, 1), c.transpose(2, 1, 0))
    traced = covariance @ inverse
    of_set = np.einsum("spp->s", traced)[:, None, None] * covariance + 2 * traced @ covariance
    fourth -= of_set.sum(axis=0) if weight is None else np.tensordot(weight, of_set, 1)
    return third, fourth


def _third_moment(z: Floats, weight: Floats, mean: Floats, inverse: Floats) -> Floats:
    """Σ w_j (c_jᵀ M c_j) c_j, where c_j = z_j − mean is (p,), M is ``inverse`` and w is ``weight`` (size, sets)."""
    p, size, n = z.shape
    centred = (z - mean[:, None]).reshape(p, size * n)
    length = np.einsum("pk,pk->k", centred, inverse @ centred)
    return np.asarray(centred @ (length * weight.reshape(size * n)))
