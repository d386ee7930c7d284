"""Amounts as they are written: exact, and by how much each may have been rounded."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

_PLACES = 30
"""Decimals that are kept: sums of amounts are sums of whole numbers of any size, in units of the last of them."""
UNIT = 10**_PLACES
_DIGITS = 15
"""What a floating number holds of a written one, whatever it was multiplied by."""


def as_written(amounts: Sequence[float], shift: int = 0) -> tuple[list[int], list[int]]:
    """Amounts in whole units of 1/`UNIT`, each with half a unit of its last decimal: 0 where it is whole.

    Parameters
    ----------
    amounts : whole numbers, or floating ones; what is above or below 0 stays so
    shift : the power of ten by which they are multiplied
    """
    known = {one: _exact(one, shift) for one in dict.fromkeys(amounts)}
    return [known[one][0] for one in amounts], [known[one][1] for one in amounts]


def in_units(units: int, shift: int = 0) -> int:
    """The nearest whole number of an amount above 0 in units, times a power of ten; at least 1."""
    return max(1, int((2 * units * 10**shift + UNIT) // (2 * UNIT)))


def _exact(amount: float, shift: int) -> tuple[int, int]:
    written = Decimal(amount) if isinstance(amount, int) else Decimal(f"{amount:.{_DIGITS}g}")
    written = written.normalize().scaleb(shift)
    if not written:
        return 0, 0
    size = max(1, int(abs(written).scaleb(_PLACES)))
    last = int(np.clip(-written.as_tuple().exponent, 0, _PLACES))  # type: ignore[operator]
    return (size if written > 0 else -size), (10 ** (_PLACES - last) // 2 if last else 0)
