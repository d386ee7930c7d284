"""The infinitesimal jackknife of cumulative incidences: what each person's weight does to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskset.stats.arrays import Floats, Integers
from riskset.stats.curves.counts import Counts, covering
from riskset.stats.intervals import Intervals


def influence_variance(counts: Counts, survival: Floats, incidence: Floats) -> Floats:
    """(m, K) Σ_i (w_i ∂F_k(t)/∂w_i)² over persons i, for right-censored data equal to the Greenwood-type variance.

    With Y at risk, q_k = d_k/Y, g = S(t−)/Y and r = g/S(t) = 1/(Y − d), person i has at time t

        P_i(t) − F_k(t) R_i(t),
        R_i(t) = Σ_{s ≤ t} r (δ_i − Y_i q),   P_i(t) = Σ_{s ≤ t} g (δ_ik − Y_i q_k) + r F_k(s) (δ_i − Y_i q),

    so that two running sums of times, and sums over persons of what they were at entry and exit, give all m variances
    in O(n + m). Persons are rows.

    Parameters
    ----------
    counts
        One row a person.
    survival
        (m,) probability of no event yet.
    incidence
        (m, K) cumulative incidence of each cause.
    """
    before = np.concatenate([[1.0], survival[:-1]])
    g = _over(before, counts.n_risk)
    r, q = _over(1.0, counts.n_spared), _over(counts.n_event, counts.n_risk)
    met = _Met.of(counts)
    step_r = r * q.sum(axis=1)
    last_r = np.where(counts.survival.event > 0, r[counts.leaves], 0.0) - met.until_exit(step_r)
    rr = met.left(last_r**2) + met.present(step_r, step_r)

    def of_cause(k: int) -> Floats:
        f, event = incidence[:, k], counts.survival.event
        step_p = g * q[:, k] + f * step_r
        last_p = np.where(event == k + 1, g[counts.leaves], 0.0) + np.where(event > 0, (r * f)[counts.leaves], 0.0)
        last_p -= met.until_exit(step_p)
        pp = met.left(last_p**2) + met.present(step_p, step_p)
        pr = met.left(last_p * last_r) + met.present(step_p, step_r)
        return np.asarray(np.maximum(pp - 2 * f * pr + f**2 * rr, 0.0))

    return np.column_stack([of_cause(k) for k in range(incidence.shape[1])])


def survival_influence(counts: Counts) -> Floats:
    """(m,) Σ_i (w_i ∂ log S(t)/∂w_i)² of Kaplan-Meier: the R_i of all persons, which needs no difference of curves."""
    r, q = _over(1.0, counts.n_spared), _over(counts.n_event, counts.n_risk)
    met = _Met.of(counts)
    of_event = r * q.sum(axis=1)
    last = np.where(counts.survival.event > 0, r[counts.leaves], 0.0) - met.until_exit(of_event)
    return met.left(last**2) + met.present(of_event, of_event)


@dataclass(frozen=True, eq=False)
class _Met:
    """Sums of what persons meet at the times they are at risk, from entry on, by adding alone."""

    counts: Counts
    early: Integers
    later: Integers
    at_risk: Intervals
    staying: Intervals
    stays: Integers

    @classmethod
    def of(cls, counts: Counts) -> _Met:
        early, later = np.flatnonzero(counts.enters == 0), np.flatnonzero(counts.enters > 0)
        stays = later[counts.leaves[later] > counts.enters[later]]
        m, first = counts.time.size, counts.enters - 1
        return cls(
            counts,
            early,
            later,
            Intervals(first[later], counts.leaves[later], m),
            Intervals(first[stays], counts.leaves[stays] - 1, m),
            stays,
        )

    def until_exit(self, steps: Floats) -> Floats:
        """(n,) sums of ``steps`` (m,) over the times at which each person is at risk."""
        sums = np.cumsum(steps)[self.counts.leaves]
        sums[self.later] = self.at_risk.within(steps)
        return np.asarray(sums)

    def left(self, values: Floats) -> Floats:
        """(m,) Σ w² ``values`` (n,) over those who have left by each time."""
        leaving = np.bincount(self.counts.leaves, self.counts.weights**2 * values, self.counts.time.size)
        return np.asarray(np.cumsum(leaving))

    def present(self, a: Floats, b: Floats) -> Floats:
        """(m,) Σ w² A B over those who stay beyond each time, A and B what they have met of ``a`` and ``b`` (m,)."""
        counts, square = self.counts, self.counts.weights**2
        early = covering(counts.enters[self.early], counts.leaves[self.early] - 1, square[self.early], a.size)
        return np.asarray(early * np.cumsum(a) * np.cumsum(b) + self.staying.products(square[self.stays], a, b))


def _over(above: Floats | float, below: Floats) -> Floats:
    """``above`` over ``below`` (m,), 0 where that is 0."""
    under = below if np.ndim(above) < 2 else below[:, None]
    return np.divide(above, under, out=np.zeros(np.broadcast(above, under).shape), where=under > 0)
