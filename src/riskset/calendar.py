"""Calendar subtraction, the same in the windows, the planted hazards and the report.

A day is a ``numpy.datetime64[D]``. Going back whole years or months keeps the day of the month, and takes the last
day of the month where that day does not exist: one year before 29 February is 28 February.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]


def months_before(days: Days | np.datetime64, months: int) -> Days:
    """Go back a number of calendar months (negative: forward).

    Parameters
    ----------
    days : datetime64[D], any shape
    months : whole calendar months

    Returns
    -------
    datetime64[D], the same shape. NaT stays NaT.
    """
    day = np.asarray(days, dtype="datetime64[D]")
    month = day.astype("datetime64[M]")
    day_of_month = day - month.astype("datetime64[D]")
    target = month - months
    last = (target + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    moved: Days = np.minimum(target.astype("datetime64[D]") + day_of_month, last)
    return moved


def years_before(days: Days | np.datetime64, years: int) -> Days:
    """Go back a number of calendar years (negative: forward); see :func:`months_before`."""
    return months_before(days, 12 * years)


def completed_years(start: Any, day: Any) -> NDArray[np.int64]:
    """Age in completed years on ``day`` of someone born on ``start``.

    A person born on 29 February completes a year on 1 March of other years, as Swedish law has it.
    """
    born, now = np.asarray(start, "datetime64[D]"), np.asarray(day, "datetime64[D]")
    years = now.astype("datetime64[Y]").astype(np.int64) - born.astype("datetime64[Y]").astype(np.int64)
    since_new_year = _month_and_day(now) < _month_and_day(born)
    return years - since_new_year


def _month_and_day(days: Days) -> NDArray[np.int64]:
    month = days.astype("datetime64[M]")
    of_year = month.astype(np.int64) % 12
    of_month = (days - month.astype("datetime64[D]")).astype(np.int64)
    combined: NDArray[np.int64] = of_year * 32 + of_month
    return combined
