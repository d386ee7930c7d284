"""How many digits of a number are promised, in one place.

Whole numbers, dates and texts are the same on every processor. The last bits of an estimate are not: they come from the
linear algebra of the machine. So what is compared, drawn or written as text is rounded first.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

PROMISED = 6
"""Significant digits of an estimate that every processor gives: those of a digest and of a drawing."""
WRITTEN = 10
"""Significant digits of a number in a CSV file: more than are promised, fewer than hang on the last bits."""
NOTHING = 1e-9
"""What is smaller than this in size is 0 in a digest: the residual of an iteration, a vanishing p-value."""

_DRAWN = 3
"""Decimals of a place in a drawing, in pixels."""
_PLACES = re.compile(
    r' (d|transform|viewBox|points|x|y|x1|x2|y1|y2|dx|dy|cx|cy|r|width|height|offset)="([^"]*)"', flags=re.ASCII
)
_LONG = re.compile(rf"-?\d*\.\d{{{_DRAWN + 1},}}(e-?\d+)?", flags=re.ASCII)


def significant(value: float, digits: int = PROMISED) -> float:
    """A number rounded to so many significant digits; a whole number, an infinity and NaN stay what they are."""
    return value if value.is_integer() else float(f"{value:.{digits - 1}e}")


def rounded(values: NDArray[np.float64], digits: int = PROMISED) -> NDArray[np.float64]:
    """Numbers rounded as by :func:`significant`; any shape."""
    distinct, place = np.unique(values, return_inverse=True)
    short = np.array([significant(value, digits) for value in distinct.tolist()], np.float64)
    return short[place].reshape(values.shape)


def rounded_table(table: pa.Table, digits: int = PROMISED) -> pa.Table:
    """The table with its columns of floating numbers rounded."""
    for i, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            column = table.column(i)
            values = rounded(pc.fill_null(column, 0.0).to_numpy().astype(np.float64), digits)
            short = pa.array(values, field.type, mask=pc.is_null(column).to_numpy())
            table = table.set_column(i, field, short)
    return table


def rounded_numbers(specification: Any) -> Any:
    """The specification of a drawing with its floating numbers rounded."""
    if isinstance(specification, float):
        return significant(specification)
    if isinstance(specification, dict):
        return {key: rounded_numbers(value) for key, value in specification.items()}
    if isinstance(specification, list):
        return [rounded_numbers(value) for value in specification]
    return specification


def rounded_places(svg: str) -> str:
    """A drawing with its places in thousandths of a pixel; its words stay as they are."""
    return _PLACES.sub(lambda found: f' {found[1]}="{_LONG.sub(_shorter, found[2])}"', svg)


def _shorter(number: re.Match[str]) -> str:
    short = f"{float(number[0]):.{_DRAWN}f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short
