"""What is given for an argument that should not be, or in another dress than it mostly is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

Kinds = dict[str, Callable[[np.ndarray], Any]]


class NAType:
    """As pandas' NA: nothing is true of it, and it is no number."""

    def __eq__(self, other: object) -> Any:
        return self

    def __ne__(self, other: object) -> Any:
        return self

    def __hash__(self) -> int:
        return 1

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    def __float__(self) -> float:
        raise TypeError("float() argument must be a string or a real number")


def _with(values: np.ndarray, odd: object) -> Any:
    """The values with an odd one in the first place."""
    kind = object if not isinstance(odd, float) else float
    changed = np.array(values, kind)
    if changed.ndim == 0:
        return odd
    changed[(0,) * changed.ndim] = odd
    return changed


def _framed(values: np.ndarray, column: Callable[[list[Any]], Any], frame: Callable[[dict[str, Any]], Any]) -> Any:
    """A column, or a frame of columns; one number stays one."""
    if values.ndim == 0:
        return values[()]
    if values.ndim == 1:
        return column(values.tolist())
    return frame({f"x[{j}]": column(part.tolist()) for j, part in enumerate(values.T)})


def _first_masked(values: np.ndarray) -> Any:
    """A list in which a mask stands."""
    if values.ndim == 0:
        return np.ma.masked
    if values.ndim == 1:
        return [np.ma.masked, *values[1:].tolist()]
    return [np.ma.MaskedArray(row, mask=i == 0) for i, row in enumerate(values)]


def _null(values: list[Any]) -> list[Any]:
    return [None, *values[1:]]


def _masked(values: np.ndarray) -> Any:
    return np.ma.MaskedArray(values, mask=np.arange(values.size).reshape(values.shape) == 0)


SAME: Kinds = {
    "objects": lambda v: v.astype(object),
    "decimals": lambda v: _each(v, lambda number: Decimal(repr(number))),
    "fractions": lambda v: _each(v, Fraction),
    "masked nowhere": lambda v: np.ma.MaskedArray(v, mask=False),
    "a list": lambda v: v.tolist(),
    "a list of masked arrays with no mask": lambda v: [np.ma.MaskedArray(row) for row in v] if v.ndim else v.tolist(),
    "another order in memory": lambda v: np.asfortranarray(np.repeat(v, 2, axis=0)[::2]) if v.ndim else v,
    "read only": lambda v: np.broadcast_to(v, v.shape),
    "pandas": lambda v: _framed(v, pd.Series, pd.DataFrame),
    "pandas with another index": lambda v: _framed(v, lambda c: pd.Series(c, index=range(len(c), 0, -1)), pd.DataFrame),
    "pandas that may be null": lambda v: _framed(v, lambda c: pd.Series(c).convert_dtypes(), pd.DataFrame),
    "polars": lambda v: _framed(v, pl.Series, pl.DataFrame),
    "arrow": lambda v: _framed(v, pa.array, pa.table),
    "arrow in chunks": lambda v: _framed(v, lambda c: pa.chunked_array([c[:1], c[1:]]), pa.table),
}
"""The same values."""

MISSING: Kinds = {
    "masked": _masked,
    "masked integers": lambda v: _masked(v.astype(int)),
    "masked objects": lambda v: _masked(v.astype(object)),
    "all masked": lambda v: np.ma.MaskedArray(v, mask=True),
    "a mask inside a list": _first_masked,
    "a mask inside objects": lambda v: _with(v, np.ma.masked),
    "NA": lambda v: _with(v, NAType()),
    "NA of pandas": lambda v: _with(v, pd.NA),
    "None": lambda v: _with(v, None) if v.ndim else NAType(),
    "None in a list": lambda v: _null(v.tolist()) if v.ndim else NAType(),
    "NA among booleans": lambda v: _with(v.astype(bool), NAType()),
    "NaN": lambda v: _with(v.astype(float), np.nan),
    "NaN among objects": lambda v: _with(v.astype(object), np.float64("nan")),
    "NaN in a list of texts": lambda v: [np.nan, *map(str, v.ravel()[1:])],
    "all NaN": lambda v: v * np.nan,
    "NaT": lambda v: np.full(v.shape, np.datetime64("NaT")),
    "pandas with null": lambda v: _framed(v, lambda c: pd.Series(_null(c)).convert_dtypes(), pd.DataFrame),
    "polars with null": lambda v: _framed(v, lambda c: pl.Series(_null(c)), pl.DataFrame),
    "arrow with null": lambda v: _framed(v, lambda c: pa.array(_null(c)), pa.table),
    "arrow booleans with null": lambda v: pa.array([None, *(v.ravel() > 0).tolist()[1:]]),
}
"""Values of which some are missing; of one number, the number. (Of frames with null see `no_null`.)"""

NO_NUMBERS: Kinds = {
    "texts": lambda v: v.astype(str),
    "bytes": lambda v: v.astype("S8"),
    "a text": lambda v: "stop",
    "a text among numbers": lambda v: _with(v, "12"),
    "any object": lambda v: _with(v, object()),
    "lists": lambda v: _with(v, [1]),
    "complex": lambda v: v + 1j,
    "dates": lambda v: np.full(v.shape, np.datetime64("2020-01-01")),
    "days": lambda v: np.full(v.shape, date(2020, 1, 1), object),
    "days of pandas": lambda v: (
        _framed(v, lambda c: pd.to_datetime(pd.Series(c), unit="D"), pd.DataFrame)
        if v.ndim
        else pd.Timestamp("2020-01-01")
    ),
    "days of polars": lambda v: (
        _framed(v, lambda c: pl.Series([date(2020, 1, 1)] * len(c)), pl.DataFrame) if v.ndim else date(2020, 1, 1)
    ),
    "lengths of time": lambda v: np.full(v.shape, np.timedelta64(3, "D")),
    "fields": lambda v: np.zeros(v.shape, [("a", float)]),
    "a dictionary": lambda v: {"a": 1},
    "a set": lambda v: {1, 2},
    "ragged": lambda v: [[1], [1, 2], 3],
    "infinite": lambda v: _with(v.astype(float), np.inf),
    "minus infinite": lambda v: _with(v.astype(float), -np.inf),
    "huge": lambda v: _with(v, 10**400),
    "very large": lambda v: (v + 1) * 1e200,
    "three dimensions": lambda v: np.ones((2, 3, 4)),
}
"""Not numbers, or none to compute with."""

ODD: Kinds = {
    "empty": lambda v: v[:0] if v.ndim else np.zeros(0),
    "one row": lambda v: v[:1] if v.ndim else np.zeros(1),
    "no dimension": lambda v: np.float64(1),
    "a row too many": lambda v: np.concatenate([np.atleast_1d(v), np.atleast_1d(v)[:1]]),
    "a row too few": lambda v: v[1:] if v.ndim else np.zeros(0),
    "no columns": lambda v: np.zeros((len(v) if v.ndim else 1, 0)),
    "negative": lambda v: -1.0 - np.abs(v),
    "zeros": lambda v: v * 0,
    "constant": lambda v: v * 0 + 1,
    "halves": lambda v: v + 0.5,
    "large": lambda v: v * 1e12,
    "small": lambda v: v * 1e-12,
    "tiny": lambda v: v * 1e-200,
    "unsigned": lambda v: np.abs(v).astype(np.uint64) + np.uint64(2**63),
    "a number": lambda v: 7,
    "booleans": lambda v: v > 0,
    "float16": lambda v: v.astype(np.float16),
    "a percentage": lambda v: v * 100,
}
"""What may be answered or refused."""


def _each(values: np.ndarray, kind: Callable[[Any], Any]) -> Any:
    made = np.array([kind(number) for number in values.ravel().tolist()], object).reshape(values.shape)
    return made if made.ndim else made.item()
