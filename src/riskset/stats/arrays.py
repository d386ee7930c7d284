"""The arrays that callers give: checked, and labels made numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskset.errors import FitError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


def checked_columns(x: ArrayLike, n_rows: int, names: Sequence[str] | None) -> tuple[Floats, tuple[str, ...]]:
    """Covariates as (n, p) and their names; refused where a value is missing or infinite."""
    columns = np.asarray(x, float)
    if columns.ndim == 1:
        columns = columns[:, None]
    if columns.ndim != 2 or len(columns) != n_rows:
        raise ValueError(f"x has shape {np.shape(x)}; it should be ({n_rows}, p)")
    terms = tuple(names) if names is not None else tuple(f"x[{j}]" for j in range(columns.shape[1]))
    if len(terms) != columns.shape[1]:
        raise ValueError(f"there are {len(terms)} names for {columns.shape[1]} columns")
    if not np.isfinite(columns.sum()):
        bad = [name for name, column in zip(terms, columns.T, strict=True) if not np.isfinite(column).all()]
        if bad:
            raise FitError("some values are missing or infinite", where=", ".join(bad), remedy="leave those rows out")
    return columns, terms


def checked_per_row(values: ArrayLike | None, n_rows: int, what: str) -> Floats | None:
    """(n,) finite numbers, or None; weights are positive too."""
    if values is None:
        return None
    numbers = np.asarray(values, float)
    if numbers.shape != (n_rows,):
        raise ValueError(f"{what} has shape {numbers.shape}; it should be ({n_rows},)")
    if not np.isfinite(numbers).all():
        raise FitError("some values are missing or infinite", where=what, remedy="leave those rows out")
    if what == "weights" and not np.all(numbers > 0):
        raise FitError("some weights are not positive", where=what, remedy="leave those rows out")
    return numbers


def label_codes(labels: ArrayLike, *, what: str) -> Integers:
    """Number the labels from 0; integers keep their order and may leave gaps.

    Labels of any type are accepted; those that cannot be sorted are numbered as they come.
    """
    values = np.asarray(labels)
    if values.ndim != 1:
        raise ValueError(f"{what} has {values.ndim} dimensions; it should have one")
    if values.size == 0:
        return np.zeros(0, np.int64)
    if values.dtype.kind in "iu":
        low, high = int(values.min()), int(values.max())
        if high - low < 2**61:
            wide = (
                values.astype(np.int64, copy=False)
                if values.dtype.kind == "i"
                else values.astype(np.uint64, copy=False)
            )
            return np.asarray(wide - wide.dtype.type(low), np.int64)
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise FitError("some rows have no label", where=what, remedy="leave those rows out")
    if values.dtype.kind == "O":
        if any(value is None or value != value for value in values):
            raise FitError("some rows have no label", where=what, remedy="leave those rows out")
        number: dict[object, int] = {}
        return np.fromiter((number.setdefault(value, len(number)) for value in values), np.int64, values.size)
    return np.unique(values, return_inverse=True)[1].astype(np.int64, copy=False)


def dense_codes(labels: ArrayLike, n_rows: int, what: str) -> Integers:
    """(n,) labels of any type numbered 0, 1, … without gaps."""
    codes = np.unique(label_codes(labels, what=what), return_inverse=True)[1]
    if codes.shape != (n_rows,):
        raise ValueError(f"{what} has shape {codes.shape}; it should be ({n_rows},)")
    return np.asarray(codes, np.int64)
