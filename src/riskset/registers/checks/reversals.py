"""Dispensings that are taken back: which earlier ones a negative amount cancels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]


def left_after_reversals(
    group: Ints, day: Days, amount: Sequence[int], other: Ints, rounding: Sequence[int] | None = None
) -> tuple[list[int], NDArray[np.bool_]]:
    """What is left of each dispensing once every negative amount has taken back what it corrects.

    In order of time, a reversal takes the nearest earlier dispensing of its group (of the same day, too) of which
    exactly its amount is left, one with the same other amount before those with another. Where there is none, and the
    nearest earlier ones do not add up to it either, one of which its amount is left but for rounding; else it takes
    from the nearest earlier ones until its amount is used up. What rounding explains is neither left nor lacking.

    Parameters
    ----------
    group : (n,) whose and of what; a reversal looks no further than its own
    day : (n,)
    amount : (n,) below zero for a reversal; whole numbers of any size, so that sums are exact
    other : (n,) the size of another amount of the row, which says whether two are the same item
    rounding : (n,) by how much the amount may differ from what was meant; not at all when left out

    Returns
    -------
    What is left (n,), zero for reversals; and which reversals (n,) found less than their amount.
    """
    amounts, others, groups = list(amount), other.tolist(), group.tolist()
    left, doubt = [max(one, 0) for one in amounts], list(rounding or [0] * len(amounts))
    short = np.zeros(len(amounts), bool)
    back = np.array([one < 0 for one in amounts], bool)
    earlier: list[int] = []
    of = None
    for i in np.lexsort((other, _rank([abs(one) for one in amounts]), back, day, group)).tolist():
        if groups[i] != of:
            of, earlier = groups[i], []
        if amounts[i] > 0:
            earlier.append(i)
        elif amounts[i] < 0:
            alike = [j for j in earlier if left[j] == -amounts[i]]
            same = [j for j in alike if left[j] == amounts[j] and others[j] == others[i]]
            chosen = same or alike or _alike_but_for_rounding(-amounts[i], doubt[i], earlier, left, doubt) or earlier
            short[i] = not _take(-amounts[i], doubt[i], chosen, left, doubt)
            earlier = [j for j in earlier if left[j]]
    return left, short


def _rank(sizes: Sequence[int]) -> Ints:
    places = {size: place for place, size in enumerate(sorted(set(sizes)))}
    return np.array([places[size] for size in sizes], np.int64)


def _is_rounding(rest: int, doubt: int, wanted: int, smallest: int) -> bool:
    """Whether a rest is what rounding left: no larger than that, and small beside all that was bought and taken back.

    Amounts with few decimals (0.5) may be exact, and many of them leave a large doubt.
    """
    return rest <= doubt and 20 * rest <= wanted and 2 * rest <= smallest


def _alike_but_for_rounding(
    wanted: int, doubtful: int, earlier: Sequence[int], left: Sequence[int], doubt: Sequence[int]
) -> list[int]:
    """The nearest dispensing of which the amount is left but for rounding; none where the nearest add up to it."""
    total = 0
    for j in reversed(earlier):
        total += left[j]
        if total >= wanted:
            break
    if total == wanted:
        return []
    alike = (j for j in reversed(earlier) if _is_rounding(abs(left[j] - wanted), doubt[j] + doubtful, wanted, left[j]))
    return list(next(([j] for j in alike), []))


def _take(wanted: int, doubtful: int, earlier: Sequence[int], left: list[int], doubt: list[int]) -> bool:
    """Take an amount from dispensings, the last first; whether there was enough."""
    lacking, smallest = wanted, wanted
    for place in reversed(range(len(earlier))):
        j = earlier[place]
        smallest, doubtful = min(smallest, left[j]), doubtful + doubt[j]
        taken = min(lacking, left[j])
        left[j] -= taken
        lacking -= taken
        # Of several sums that are near the amount the nearest is meant: the next dispensing may belong to it.
        ends_here = not lacking or not place or 2 * lacking < left[earlier[place - 1]]
        if ends_here and _is_rounding(left[j] or lacking, doubtful, wanted, smallest):
            left[j] = lacking = 0
        if not lacking:
            doubt[j] = doubtful
            break
    # Where nothing more was bought, nothing is left to be told from rounding.
    return not lacking or (bool(earlier) and lacking <= doubtful)
