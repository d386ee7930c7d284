"""Whether scores can tell the variances of a mixed model apart."""

from __future__ import annotations

import numpy as np

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats
from riskset.stats.mixed.deviance import Structure, Sums

_ALIKE = 1e-10  # of the squares of a part of the covariance, what others must leave over


def require_told_apart(sums: Sums, structure: Structure) -> None:
    """Refuse random effects of which scores show no more than the sum of their variances and the error's.

    The covariance of the scores is Σ θ_k A_k, A_0 = I of the error and A_k = W E_k Wᵀ of each entry of D; the fixed
    effects take away what lies in the space of X, with P = I − QQᵀ. Where some of the P A_k P make another, or one is
    0, many D and σ fit alike: two scores of each patient at the same two times, say, or a patient's own level in X.
    """
    parts = _parts(sums.q, structure)
    u, outer = sums.u[..., : sums.p], sums.u[..., : sums.p] @ np.swapaxes(sums.u[..., : sums.p], 1, 2)
    taken = [np.einsum("gqi,qr,grj->ij", u, part, u, optimize=True) for part in parts]
    n, k = len(sums.y), len(parts)
    products, whole = np.empty((k + 1, k + 1)), np.empty(k + 1)
    products[0, 0] = n - sums.p
    for j, part in enumerate(parts):
        products[0, j + 1] = products[j + 1, 0] = np.sum(part * sums.s.sum(axis=0)) - np.trace(taken[j])
        toward = sums.s @ part
        square, left = (toward @ sums.s).sum(axis=0), (toward @ outer).sum(axis=0)
        for i, other in enumerate(parts):
            products[i + 1, j + 1] = np.sum(other * (square - left - left.T)) + np.sum(taken[i] * taken[j].T)
        whole[j + 1] = np.sum(part * square)
    whole[0] = n
    size = np.diagonal(products)
    if np.all(size > _ALIKE * whole):
        scale = 1 / np.sqrt(size)
        if np.linalg.eigvalsh(products * scale * scale[:, None])[0] > _ALIKE:
            return
    raise FitError(
        "the variances of the random effects cannot be told from one another, or from the error's",
        where="mixed model",
        remedy="leave out a random effect, or look for more times of scores",
        problem=FitProblem.NOT_TOLD_APART,
    )


def _parts(q: int, structure: Structure) -> list[Floats]:
    """The symmetric (q, q) matrices that multiply the entries of D."""
    pairs = [(i, j) for i in range(q) for j in range(i + 1) if i == j or structure != "diagonal"]
    parts = [np.zeros((q, q)) for _ in pairs]
    for part, (i, j) in zip(parts, pairs, strict=True):
        part[i, j] = part[j, i] = 1.0
    return parts
