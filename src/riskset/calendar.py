"""Calendar subtraction and birthdays, the same in the windows, the planted hazards, every age and the report.

A day is a ``numpy.datetime64[D]``. Going back whole years or months keeps the day of the month, and takes the last
day of the month where that day does not exist: one year before 29 February is 28 February. Who was born on 29 February
completes a year on 1 March where there is no such day, as Swedish law has it: that is the day from which the birth lies
at least a year back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]

YEAR = 365.25
"""Days of a year, as a unit of length and of person-time."""

MONTH = YEAR / 12
"""Days of a month, as a unit of length and of decline."""


def months_before(days: Days | np.datetime64, months: int | NDArray[np.int64]) -> Days:
    """Go back a number of calendar months (negative: forward).

    Parameters
    ----------
    days : datetime64[D], any shape
    months : whole calendar months, one number or one for each

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


def years_before(days: Days | np.datetime64, years: int | NDArray[np.int64]) -> Days:
    """Go back a number of calendar years (negative: forward); see :func:`months_before`."""
    return months_before(days, 12 * years)


def birthday(born: Days | np.datetime64, years: int | NDArray[np.int64]) -> Days:
    """The day on which that many years are completed; of 29 February 1 March where there is no such day.

    Parameters
    ----------
    born : datetime64[D], any shape
    years : completed years, one number or one for each

    Returns
    -------
    datetime64[D]. ``completed_years(born, day) >= years`` from this day on, and not before. NaT stays NaT.
    """
    day = np.asarray(born, dtype="datetime64[D]")
    month = day.astype("datetime64[M]")
    reached: Days = (month + 12 * np.asarray(years)).astype("datetime64[D]") + (day - month.astype("datetime64[D]"))
    return reached


def born_by(day: Days | np.datetime64, years: int) -> Days:
    """The last birth date of those who have completed so many years on ``day``: ``birthday(born, years) <= day``."""
    return years_before(day, years)


def completed_years(start: Days, day: Days) -> NDArray[np.int64]:
    """Age in completed years on ``day`` of someone born on ``start``: how many times `birthday` has come."""
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
