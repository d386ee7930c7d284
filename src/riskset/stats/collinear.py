"""Columns of a design that the columns before them describe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats

_COLLINEAR = 1e-10  # share of a column's variance that the columns before it must leave over


def require_independent(design: Floats, names: Sequence[str], *, where: str) -> None:
    """Refuse a column (of N rows) that is a linear combination of those before it."""
    length = np.sqrt(np.einsum("np,np->p", design, design))
    for name, size in zip(names, length, strict=True):
        if size == 0:
            raise FitError(
                "is zero in every row",
                where=f"{where}: {name}",
                remedy="leave it out",
                problem=FitProblem.ZERO_COLUMN,
                terms=[name],
            )
    left = shares_left(design)
    for j, name in enumerate(names):
        if left[j] < _COLLINEAR:
            raise FitError(
                f"collinear with {', '.join(names[:j]) or 'the constant'}",
                where=f"{where}: {name}",
                remedy="leave one of them out",
                problem=FitProblem.COLLINEAR_BEFORE,
                terms=[name],
            )


def shares_left(x: Floats) -> Floats:
    """(p,) of each column's squares the share that the columns before leave over.

    Beside a constant, wherever that stands, it is a share of the squares about the mean: it does not hang on where the
    column has its zero. A column that is constant but for rounding leaves 0.
    """
    constant = np.flatnonzero(np.ptp(x, axis=0) == 0)[:1]
    others = np.delete(np.arange(x.shape[1]), constant)
    order = np.concatenate([constant, others])
    within, mean = np.array(x), x.mean(axis=0)
    if constant.size:
        within[:, others] -= mean[others]
    length = np.sqrt(np.einsum("np,np->p", within, within))
    flat = others[(length <= 1e-12 * np.sqrt(len(x)) * np.abs(mean))[others]]
    left = np.zeros(x.shape[1])
    triangle = np.linalg.qr((within / np.where(length > 0, length, 1.0))[:, order], mode="r")
    diagonal = np.diagonal(triangle) ** 2
    left[order[: diagonal.size]] = diagonal
    left[flat] = 0.0
    return left
