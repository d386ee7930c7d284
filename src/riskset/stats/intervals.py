"""Sums over intervals by adding alone, so that nothing is lost where large numbers come before small ones.

"Who entered, less who left" and "the hazard up to the end, less that up to the entry" are right until the two are
nearly equal: of a sum of 10¹³ that came and went a double leaves nothing of the 1 that stayed. Here each interval is
cut once, at the middle of the smallest block of 2ᵏ slots (from a multiple of 2ᵏ on) that holds it. The intervals cut in
one place all cover it. So those that cover a slot before it are those that began by then, those that cover a slot
behind it are those that have not ended: running sums from the ends towards the middle, and from the middle outwards for
what an interval covers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from riskset.stats.arrays import Floats, Integers

_Number = TypeVar("_Number", np.float64, np.int64)


@dataclass(frozen=True)
class _Cut:
    """The intervals that are cut in the middle of a block of ``2 * half`` slots: their numbers, first and last slot."""

    half: int
    number: Integers
    low: Integers
    high: Integers
    n_slots: int  # those of whole blocks

    def halves(self, cells: NDArray[_Number]) -> tuple[NDArray[_Number], NDArray[_Number]]:
        """(blocks, half) views of the slots before the middles, backwards from them, and of those behind, onwards."""
        blocks = cells.reshape(-1, 2, self.half)
        return blocks[:, 0, ::-1], blocks[:, 1]


class Intervals:
    """n intervals of slots, first + 1 … last, of m slots. None is empty.

    Work and memory grow as n + m log m at most. Short ones are taken slot by slot unless ``cut`` is asked for, which
    ``products`` needs.
    """

    def __init__(self, first: Integers, last: Integers, n_slots: int, *, cut: bool = False) -> None:
        self.n, self.n_slots = first.size, n_slots
        low, high = first + 1, last
        level = np.frexp((low ^ high).astype(float))[1].astype(
            np.int8
        )  # the place of the highest bit in which they differ
        by_level = np.argsort(level, kind="stable")
        bounds = np.searchsorted(level[by_level], np.arange(int(level.max(initial=0)) + 2))
        short: list[Integers] = [by_level[:0]]
        self._cuts: list[_Cut] = []
        for k, (begin, end) in enumerate(pairwise(bounds)):
            number = by_level[begin:end]
            quicker = not cut and int((high[number] - low[number]).sum()) <= number.size + n_slots
            if k == 0 or quicker:
                short.append(number)
                continue
            whole = -(-n_slots // 2**k) * 2**k
            self._cuts.append(_Cut(2 ** (k - 1), number, low[number], high[number], whole))
        number = np.concatenate(short)
        length = high[number] - low[number] + 1
        self._number = np.repeat(number, length)
        step = np.arange(self._number.size) - np.repeat(np.cumsum(length) - length, length)
        self._slot = low[self._number] + step

    def over(self, values: Floats) -> Floats:
        """(m,) sums of ``values`` (n,) over the intervals that cover each slot."""
        total = np.zeros(self.n_slots)
        if self._slot.size:
            total += np.bincount(self._slot, values[self._number], self.n_slots)
        for cut in self._cuts:
            own = values[cut.number]
            cells = np.bincount(cut.low, own, cut.n_slots)
            cells += np.bincount(cut.high, own, cut.n_slots)
            for half in cut.halves(cells):  # towards the middle
                np.cumsum(half[:, ::-1], axis=1, out=half[:, ::-1])
            total += cells[: self.n_slots]
        return total

    def within(self, values: Floats) -> Floats:
        """(n,) sums of ``values`` (m,) over the slots of each interval."""
        total = np.zeros(self.n)
        if self._slot.size:
            total += np.bincount(self._number, values[self._slot], self.n)
        for cut in self._cuts:
            cells = np.zeros(cut.n_slots)
            cells[: self.n_slots] = values
            for half in cut.halves(cells):  # outwards
                np.cumsum(half, axis=1, out=half)
            total[cut.number] = cells[cut.low] + cells[cut.high]
        return total

    def products(self, weight: Floats, a: Floats, b: Floats) -> Floats:
        """(m,) Σ w A B over the intervals that cover each slot, A and B the sums of ``a`` and ``b`` (m,) up to it.

        (A + a)(B + b) = AB + aB + bA + ab, from slot to slot, and from the middle on all A and B grow alike.
        """
        total = np.bincount(self._slot, weight[self._number], self.n_slots) * a * b  # intervals of one slot
        for cut in self._cuts:
            w = weight[cut.number]
            steps = [np.concatenate([values, np.zeros(cut.n_slots - self.n_slots)]) for values in (a, b)]
            (a_left, a_right), (b_left, b_right) = (cut.halves(values) for values in steps)
            cells = np.bincount(cut.low, w, cut.n_slots)
            number = np.cumsum(cut.halves(cells)[0][:, ::-1], axis=1)
            a_left, b_left = a_left[:, ::-1], b_left[:, ::-1]
            sum_a, sum_b = np.cumsum(a_left * number, axis=1), np.cumsum(b_left * number, axis=1)
            growth = a_left * b_left * number
            growth[:, 1:] += a_left[:, 1:] * sum_b[:, :-1] + b_left[:, 1:] * sum_a[:, :-1]
            out = np.zeros(cut.n_slots)
            left, right = cut.halves(out)
            left[:, ::-1] = np.cumsum(growth, axis=1)
            to_middle = []
            for values in (a_left, b_left):
                suffix = np.zeros(cut.n_slots)
                cut.halves(suffix)[0][:] = np.cumsum(values[:, ::-1], axis=1)
                to_middle.append(suffix[cut.low])
            of_a, of_b = to_middle
            once, with_a, with_b, both = (
                np.cumsum(cut.halves(np.bincount(cut.high, w * values, cut.n_slots))[1][:, ::-1], axis=1)[:, ::-1]
                for values in (1.0, of_a, of_b, of_a * of_b)
            )
            from_a, from_b = np.cumsum(a_right, axis=1), np.cumsum(b_right, axis=1)
            right[:] = both + from_a * with_b + from_b * with_a + from_a * from_b * once
            total += out[: self.n_slots]
        return total

    def highest(self, rank: Integers) -> Integers:
        """(m,) the largest ``rank`` (n,), 0 or more, of the intervals that cover each slot; −1 where none does."""
        best = np.full(self.n_slots, -1, np.int64)
        np.maximum.at(best, self._slot, rank[self._number])
        for cut in self._cuts:
            own, cells = rank[cut.number], np.full(cut.n_slots, -1, np.int64)
            np.maximum.at(cells, cut.low, own)
            np.maximum.at(cells, cut.high, own)
            for half in cut.halves(cells):
                np.maximum.accumulate(half[:, ::-1], axis=1, out=half[:, ::-1])
            np.maximum(best, cells[: self.n_slots], out=best)
        return best
