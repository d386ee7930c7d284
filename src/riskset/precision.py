"""How many digits of a number are promised, in one place.

Whole numbers, dates and texts are the same on every processor. The last bits of an estimate are not: they come from the
linear algebra of the machine. So what is compared, drawn or written as text is rounded first.
"""

from __future__ import annotations

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
