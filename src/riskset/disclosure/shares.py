"""Which counts a printed percentage gives away: with its total known, few decimals are enough."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import ceil, floor


def counts_behind(printed: str, total: int, *, per: int = 100) -> range:
    """The counts out of a known total that a printed share can stand for.

    A share that leaves one count, or only small ones, tells it as surely as the count itself.

    Parameters
    ----------
    printed
        The number as printed, without a sign of percent: its decimals tell how it was rounded ("33.3", "0.1250").
    total
        Persons whom the share is of, at least 0.
    per
        What the share is per: 100 for a percentage, 1 for a proportion, 100000 for a rate.

    Returns
    -------
    range
        Every count with |per × count / total - printed| at most half a unit of the last digit, both ends included (who
        rounds halves, and which way, is not printed). Empty where none is.

    Raises
    ------
    ValueError
        `printed` is no finite number, or `total` or `per` is out of range.
    """
    if total < 0 or per < 1:
        raise ValueError("a total is at least 0, and a share is per at least 1")
    try:
        number = Decimal(printed)
    except InvalidOperation:
        raise ValueError("no number is printed") from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError("no finite number is printed")
    if total == 0:
        return range(1)
    half = Fraction(10) ** exponent / 2
    lowest = ceil((Fraction(number) - half) * total / per)
    highest = floor((Fraction(number) + half) * total / per)
    return range(max(lowest, 0), min(highest, total) + 1)
