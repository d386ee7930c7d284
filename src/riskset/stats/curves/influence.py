"""The infinitesimal jackknife of cumulative incidences: what each person's weight does to them."""

from __future__ import annotations

import numpy as np

from riskset.stats.arrays import Floats
from riskset.stats.curves.counts import Counts


def influence_variance(counts: Counts, survival: Floats, incidence: Floats) -> Floats:
    """(m, K) Σ_i (w_i ∂F_k(t)/∂w_i)² over persons i, for right-censored data equal to the Greenwood-type variance.

    With Y at risk, q_k = d_k/Y, g = S(t−)/Y and r = g/S(t), person i has at time t

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
    with np.errstate(divide="ignore", invalid="ignore"):
        g = np.where(counts.n_risk > 0, before / counts.n_risk, 0.0)
        r = np.where(survival > 0, g / survival, 0.0)
        q = np.where(counts.n_risk[:, None] > 0, counts.n_event / counts.n_risk[:, None], 0.0)
    return np.column_stack([_one_cause(counts, g, r, q, incidence[:, k], k + 1) for k in range(incidence.shape[1])])


def _one_cause(counts: Counts, g: Floats, r: Floats, q: Floats, incidence: Floats, cause: int) -> Floats:
    m, leaves, enters = g.size, counts.leaves, counts.enters
    squared = counts.weights**2
    event = counts.survival.event
    met_p = np.concatenate([[0.0], np.cumsum(g * q[:, cause - 1] + r * incidence * q.sum(axis=1))])
    met_r = np.concatenate([[0.0], np.cumsum(r * q.sum(axis=1))])
    entry_p, entry_r = met_p[enters], met_r[enters]

    last_p = entry_p - met_p[leaves + 1] + np.where(event == cause, g[leaves], 0.0)
    last_p += np.where(event > 0, (r * incidence)[leaves], 0.0)
    last_r = entry_r - met_r[leaves + 1] + np.where(event > 0, r[leaves], 0.0)

    def left(values: Floats) -> Floats:
        """(m,) Σ over those who have left by each time."""
        return np.asarray(np.cumsum(np.bincount(leaves, squared * values, m)))

    def present(values: Floats | float) -> Floats:
        """(m,) Σ over those who entered before each time and stay after it."""
        entered = np.cumsum(np.bincount(enters, squared * values, m + 1))[:m]
        return np.asarray(entered - np.cumsum(np.bincount(leaves, squared * values, m)))

    now_p, now_r, number = met_p[1:], met_r[1:], present(1.0)
    at_p, at_r = present(entry_p), present(entry_r)
    pp = left(last_p**2) + number * now_p**2 - 2 * now_p * at_p + present(entry_p**2)
    rr = left(last_r**2) + number * now_r**2 - 2 * now_r * at_r + present(entry_r**2)
    pr = left(last_p * last_r) + number * now_p * now_r - now_p * at_r - now_r * at_p + present(entry_p * entry_r)
    return np.asarray(np.maximum(pp - 2 * incidence * pr + incidence**2 * rr, 0.0))
