"""Dispensings that are taken back: which earlier ones a negative amount cancels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]


def left_after_reversals(group: Ints, day: Days, amount: Ints, other: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """What is left of each dispensing once every negative amount has taken back what it corrects.

    In order of time, a reversal takes the nearest earlier dispensing of its group (of the same day, too) of which
    exactly its amount is left, one with the same other amount before those with another. Where there is none, it takes
    from the nearest earlier ones until its amount is used up.

    Parameters
    ----------
    group : (n,) whose and of what; a reversal looks no further than its own
    day : (n,)
    amount : (n,) below zero for a reversal
    other : (n,) the size of another amount of the row, which says whether two are the same item

    Returns
    -------
    What is left (n,), zero for reversals; and which reversals (n,) found less than their amount.
    """
    left = np.maximum(amount, 0).tolist()
    short = np.zeros(len(amount), bool)
    amounts, others, groups = amount.tolist(), other.tolist(), group.tolist()
    earlier: list[int] = []
    of = None
    for i in np.lexsort((other, np.abs(amount), amount < 0, day, group)).tolist():
        if groups[i] != of:
            of, earlier = groups[i], []
        if amounts[i] > 0:
            earlier.append(i)
        elif amounts[i] < 0:
            alike = [j for j in earlier if left[j] == -amounts[i]]
            same = [j for j in alike if left[j] == amounts[j] and others[j] == others[i]]
            short[i] = not _take(-amounts[i], same or alike or earlier, left)
            earlier = [j for j in earlier if left[j]]
    return np.array(left, np.int64), short


def _take(wanted: int, earlier: list[int], left: list[int]) -> bool:
    """Take an amount from dispensings, the last first; whether there was enough."""
    for j in reversed(earlier):
        taken = min(wanted, left[j])
        left[j] -= taken
        wanted -= taken
        if not wanted:
            break
    return not wanted
