"""Many small matrices at once: loops over their few rows, vectors over the many.

Stacked ``numpy.linalg`` calls LAPACK once a matrix, which for 2 × 2 costs more than all the rest of a likelihood.
"""

from __future__ import annotations

import numpy as np

from riskset.stats.arrays import Floats


def cholesky(a: Floats) -> Floats:
    """(…, q, q) lower L with LLᵀ = a; NaN or infinite where ``a`` is not positive definite."""
    q = a.shape[-1]
    lower = np.zeros_like(a)
    with np.errstate(invalid="ignore", divide="ignore"):
        for j in range(q):
            rest = a[..., j:, j] - np.einsum("...ik,...k->...i", lower[..., j:, :j], lower[..., j, :j])
            lower[..., j:, j] = rest / np.sqrt(rest[..., :1])
    return lower


def invert_lower(lower: Floats) -> Floats:
    """(…, q, q) inverse of lower triangular matrices."""
    q = lower.shape[-1]
    inverse = np.zeros_like(lower)
    for j in range(q):
        inverse[..., j, j] = 1 / lower[..., j, j]
        for i in range(j + 1, q):
            total = np.einsum("...k,...k->...", lower[..., i, j:i], inverse[..., j:i, j])
            inverse[..., i, j] = -total / lower[..., i, i]
    return inverse


def multiply(a: Floats, x: Floats) -> Floats:
    """(…, i) the products of (…, i, j) matrices with (…, j) vectors."""
    return np.asarray(np.einsum("...ij,...j->...i", a, x))
