"""What may be said in words of estimates: conditions on numbers alone, the same for every class and comparison.

None of them looks at whether one interval touches 1 while its neighbor's does not: where a sentence needs intervals to
hold 1 or to leave it out, it needs that of all that it speaks of, or it is not written.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

CLOSE = (0.90, 1.11)
"""Ratios within these ends are close to 1; they are each other's inverse, to two decimals."""

TOUCHES = 0.02
"""An interval that ends so near to 1 is not told from one that holds it."""

MODEST = 2.0
"""An association is modest below this ratio and above its inverse."""


class FiniteRatio(NamedTuple):
    """A ratio with its interval, all finite and above 0."""

    value: float
    low: float
    high: float


def stands_out(windows: Sequence[FiniteRatio | None]) -> int | None:
    """Which of a class's windows stands out: that of the largest ratio, if its interval lies above all others'.

    Parameters
    ----------
    windows : each window of one class in one comparison; None where a ratio may not be put in words

    Returns
    -------
    The position of the window; None where none stands out, where there is one alone, or where one is missing: of what
    is not known nothing can be said to exceed it.
    """
    known = [window for window in windows if window is not None]
    if len(known) < 2 or len(known) < len(windows):
        return None
    largest = max(range(len(known)), key=lambda i: known[i].value)
    others = [window for i, window in enumerate(known) if i != largest]
    return largest if known[largest].low > max(window.high for window in others) else None


def in_every_comparison(which: int, compared: Sequence[Sequence[FiniteRatio | None]]) -> bool:
    """Whether the same window of a class stands out in each of two or more comparisons.

    Parameters
    ----------
    which : the position of the window
    compared : of each comparison its windows, as `stands_out` takes them
    """
    return len(compared) > 1 and all(stands_out(windows) == which for windows in compared)


def agree(one: FiniteRatio, other: FiniteRatio) -> bool:
    """Whether each interval holds the other's estimate."""
    return one.low <= other.value <= one.high and other.low <= one.value <= other.high


def mostly_similar(pairs: Sequence[tuple[FiniteRatio, FiniteRatio]]) -> bool:
    """Whether more than half of the pairs agree; of no pairs nothing is said."""
    return 2 * sum(agree(*pair) for pair in pairs) > len(pairs)


def overlap(one: FiniteRatio, other: FiniteRatio) -> bool:
    """Whether two intervals have a ratio in common."""
    return one.low <= other.high and other.low <= one.high


def less_precise(one: FiniteRatio, other: FiniteRatio) -> bool:
    """Whether the first interval is wider, as a ratio of its ends."""
    return one.high / one.low > other.high / other.low


def close_to_one(estimates: Sequence[FiniteRatio]) -> bool:
    """Whether all of them, at least one, lie within `CLOSE`."""
    return bool(estimates) and all(CLOSE[0] <= one.value <= CLOSE[1] for one in estimates)


def none_or_modest(one: FiniteRatio) -> bool:
    """Whether an interval is compatible with no association or a modest one.

    It holds 1 or ends within `TOUCHES` of it, and reaches neither `MODEST` nor its inverse.
    """
    reaches_one = one.low <= 1 + TOUCHES and one.high >= 1 - TOUCHES
    return reaches_one and one.high < MODEST and one.low > 1 / MODEST


def all_none_or_modest(estimates: Sequence[FiniteRatio]) -> bool:
    """Whether that holds of all of them, at least one: it is said of all together or of none."""
    return bool(estimates) and all(none_or_modest(one) for one in estimates)


def all_overlap(estimates: Sequence[FiniteRatio]) -> bool:
    """Whether each two of them, of at least two, have a ratio in common."""
    return len(estimates) > 1 and all(overlap(one, other) for one, other in combinations(estimates, 2))


def holm(p_values: Sequence[float]) -> list[float]:
    """P values adjusted for their number by Holm's step-down rule, in the order given.

    Below α they reject at least one true hypothesis in at most a share α of studies, whatever the tests depend on
    (Holm, Scandinavian Journal of Statistics 1979;6:65-70).
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = largest
    return adjusted


def finite_ratio(value: float | None, low: float | None, high: float | None) -> FiniteRatio | None:
    """The three as one; None where any is missing, is no number, is infinite or is not above 0."""
    if value is None or low is None or high is None:
        return None
    is_whole = all(math.isfinite(end) and end > 0 for end in (value, low, high))
    return FiniteRatio(value, low, high) if is_whole else None
