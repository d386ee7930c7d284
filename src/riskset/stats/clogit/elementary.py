"""The exact conditional likelihood of sets with several cases, by the recursion over elementary symmetric functions.

Given that n of a set's M members are cases, the probability of who they are is exp(Σ_cases η) / e_n(exp η), where
e_n sums the products over all subsets of n members. Gail, Lubin and Rubinstein (Biometrika 1981; 68: 703-707) build
it member by member: e_r(1..j) = e_r(1..j−1) + u_j e_{r−1}(1..j−1).

The same recursion is taken here for the *moments* of the sum of the chosen members' covariates: among the first j
members with r chosen, member j is chosen with probability q = u_j e_{r−1}(1..j−1) / e_r(1..j), so the distribution is
a mixture of two smaller ones, whose means, covariances and third moments mix by the law of total cumulance. Only
probabilities are multiplied, and nothing cancels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from riskset.stats.arrays import Floats
from riskset.stats.clogit.set_blocks import SetBlock
from riskset.stats.newton import Point


@dataclass(frozen=True)
class ExactBlock(SetBlock):
    """Sets with several cases under the exact conditional likelihood; weights are not defined here.

    Where most of a set are cases, ``z`` holds the negated covariates with controls and cases exchanged: choosing
    whom to leave out is the same and takes fewer steps.
    """

    def evaluate(self, beta: Floats) -> Point:
        p, _, sets = self.z.shape
        n = self.n_cases
        mean = np.zeros((p, n + 1, sets))
        covariance = np.zeros((p, p, n + 1, sets))
        log_sum = self._log_sums()
        for member, now, before, q in self._members(beta, log_sum):
            step = mean[:, before] + self.z[:, member, None] - mean[:, now]
            both = covariance[:, :, now] + q * (covariance[:, :, before] - covariance[:, :, now])
            both += (q * (1 - q)) * step * step[:, None]
            covariance[:, :, now] = both
            mean[:, now] += q * step
        return Point(-float(log_sum[n].sum()), -mean[:, n].sum(axis=1), covariance[:, :, n].sum(axis=2))

    def skewness(self, beta: Floats, inverse: Floats) -> Floats:
        p, _, sets = self.z.shape
        n = self.n_cases
        mean = np.zeros((p, n + 1, sets))
        covariance = np.zeros((p, p, n + 1, sets))
        trace = np.zeros((p, n + 1, sets))
        for member, now, before, q in self._members(beta, self._log_sums()):
            step = mean[:, before] + self.z[:, member, None] - mean[:, now]
            wider = covariance[:, :, before] - covariance[:, :, now]
            along = np.einsum("ab,brs->ars", inverse, step)
            length = np.einsum("ars,ars->rs", step, along)
            cross = np.einsum("ab,abrs->rs", inverse, wider) * step + 2 * np.einsum("abrs,brs->ars", wider, along)
            spread = q * (1 - q)
            trace[:, now] += q * (trace[:, before] - trace[:, now]) + spread * (cross + (1 - 2 * q) * length * step)
            covariance[:, :, now] += q * wider + spread * step * step[:, None]
            mean[:, now] += q * step
        return np.asarray(trace[:, n].sum(axis=1))

    def residuals(self, beta: Floats) -> Floats:
        """The set's score, put on its first row: a cluster holds whole sets here."""
        p, _, sets = self.z.shape
        mean = np.zeros((p, self.n_cases + 1, sets))
        for member, now, before, q in self._members(beta, self._log_sums()):
            mean[:, now] += q * (mean[:, before] + self.z[:, member, None] - mean[:, now])
        residual = np.zeros((p, sets, self.rows.shape[1]))
        residual[:, :, 0] = -mean[:, self.n_cases]
        return residual

    def _log_sums(self) -> Floats:
        """(n + 1, sets) log e_r of no members."""
        log_sum = np.full((self.n_cases + 1, self.z.shape[2]), -np.inf)
        log_sum[0] = 0.0
        return log_sum

    def _members(self, beta: Floats, log_sum: Floats) -> Iterator[tuple[int, slice, slice, Floats]]:
        """Take the members in turn, bringing ``log_sum`` up to date.

        Yields the member; the numbers of chosen that matter, as slices with and without this member among them; and q
        (numbers, sets). Numbers from which n can no longer be reached are left behind.
        """
        eta = self._linear(beta)
        size = len(eta)
        for member in range(size):
            low, high = max(1, self.n_cases - (size - member - 1)), min(member + 1, self.n_cases)
            if low > high:
                continue
            now, before = slice(low, high + 1), slice(low - 1, high)
            with_member = eta[member] + log_sum[before]
            q = expit(with_member - log_sum[now])
            log_sum[now] = np.logaddexp(log_sum[now], with_member)
            yield member, now, before, q
