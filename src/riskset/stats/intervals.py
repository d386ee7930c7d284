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
    """The intervals that are cut in the middle of a block of ``2 * half`` slots.

    ``number`` (k,) says which they are, ``blocks`` which blocks of this size hold any; ``low`` and ``high`` are their
    first and last slot, counted through those blocks.
    """

    half: int
    number: Integers
    blocks: Integers
    low: Integers
    high: Integers

    @property
    def n_cells(self) -> int:
        return 2 * self.half * self.blocks.size

    def halves(self, cells: NDArray[_Number]) -> tuple[NDArray[_Number], NDArray[_Number]]:
        """(blocks, half) views of the slots before the middles, backwards from them, and of those behind, onwards."""
        parts = cells.reshape(-1, 2, self.half)
        return parts[:, 0, ::-1], parts[:, 1]

    def count(self, slots: Integers, values: Floats) -> Floats:
        """(cells,) sums of ``values`` (k,) by slot."""
        return np.asarray(np.bincount(slots, values, self.n_cells), float)

    def of(self, all_slots: NDArray[_Number]) -> NDArray[_Number]:
        """(blocks, 2 half) view or copy of the values of whole blocks."""
        return all_slots.reshape(-1, 2 * self.half)[self.blocks]


class Intervals:
    """n intervals of slots, first + 1 … last, of m slots. None is empty.

    Work and memory grow as n + m log m at most.
    """

    def __init__(self, first: Integers, last: Integers, n_slots: int) -> None:
        self.n, self.n_slots = first.size, n_slots
        low, high = first + 1, last
        level = np.frexp((low ^ high).astype(float))[1].astype(np.int8)  # the place of the highest bit that differs
        by_level = np.argsort(level, kind="stable")
        bounds = np.searchsorted(level[by_level], np.arange(int(level.max(initial=0)) + 2))
        self._single = by_level[: bounds[1]]  # of one slot
        self._slot = low[self._single]
        self._cuts: list[_Cut] = []
        for k, (begin, end) in enumerate(pairwise(bounds)):
            if k == 0 or begin == end:
                continue
            number = by_level[begin:end]
            held = np.zeros(n_slots // 2**k + 1, bool)
            held[low[number] >> k] = True
            shift = (np.arange(held.size) - (np.cumsum(held) - 1)) << k
            moved = shift[low[number] >> k]
            blocks = np.flatnonzero(held)
            self._cuts.append(_Cut(2 ** (k - 1), number, blocks, low[number] - moved, high[number] - moved))
        self._n_padded = 2 ** int(n_slots).bit_length()

    def over(self, values: Floats) -> Floats:
        """(m,) sums of ``values`` (n,) over the intervals that cover each slot."""
        total = np.asarray(np.bincount(self._slot, values[self._single], self._n_padded), float)
        for cut in self._cuts:
            of_cell = values[cut.number]
            cells = cut.count(cut.low, of_cell) + cut.count(cut.high, of_cell)
            for half in cut.halves(cells):  # towards the middle
                np.cumsum(half[:, ::-1], axis=1, out=half[:, ::-1])
            self._add(total, cut, cells)
        return total[: self.n_slots]

    def within(self, values: Floats) -> Floats:
        """(n,) sums of ``values`` (m,) over the slots of each interval."""
        total, padded = np.zeros(self.n), self._padded(values)
        total[self._single] = values[self._slot]
        for cut in self._cuts:
            cells = cut.of(padded).ravel()
            for half in cut.halves(cells):  # outwards
                np.cumsum(half, axis=1, out=half)
            total[cut.number] = cells[cut.low] + cells[cut.high]
        return total

    def products(self, weight: Floats, a: Floats, b: Floats) -> Floats:
        """(m,) Σ w A B over the intervals that cover each slot, A and B the sums of ``a`` and ``b`` (m,) up to it.

        (A + a)(B + b) = AB + aB + bA + ab, from slot to slot, and from the middle on all A and B grow alike.
        """
        total = np.bincount(self._slot, weight[self._single], self._n_padded) * self._padded(a * b)
        padded = [self._padded(values) for values in (a, b)]
        for cut in self._cuts:
            w = weight[cut.number]
            (a_left, a_right), (b_left, b_right) = (cut.halves(cut.of(values)) for values in padded)
            number = np.cumsum(cut.halves(cut.count(cut.low, w))[0][:, ::-1], axis=1)
            a_left, b_left = a_left[:, ::-1], b_left[:, ::-1]
            sum_a, sum_b = np.cumsum(a_left * number, axis=1), np.cumsum(b_left * number, axis=1)
            growth = a_left * b_left * number
            growth[:, 1:] += a_left[:, 1:] * sum_b[:, :-1] + b_left[:, 1:] * sum_a[:, :-1]
            out = np.zeros(cut.n_cells)
            left, right = cut.halves(out)
            left[:, ::-1] = np.cumsum(growth, axis=1)
            to_middle = []
            for values in (a_left, b_left):
                suffix = np.zeros(cut.n_cells)
                cut.halves(suffix)[0][:] = np.cumsum(values[:, ::-1], axis=1)
                to_middle.append(suffix[cut.low])
            of_a, of_b = to_middle
            once, with_a, with_b, both = (
                np.cumsum(cut.halves(cut.count(cut.high, w * values))[1][:, ::-1], axis=1)[:, ::-1]
                for values in (1.0, of_a, of_b, of_a * of_b)
            )
            from_a, from_b = np.cumsum(a_right, axis=1), np.cumsum(b_right, axis=1)
            right[:] = both + from_a * with_b + from_b * with_a + from_a * from_b * once
            self._add(total, cut, out)
        return np.asarray(total[: self.n_slots])

    def highest(self, rank: Integers) -> Integers:
        """(m,) the largest ``rank`` (n,), 0 or more, of the intervals that cover each slot; −1 where none does."""
        best = np.full(self._n_padded, -1, np.int64)
        np.maximum.at(best, self._slot, rank[self._single])
        for cut in self._cuts:
            of_cell, cells = rank[cut.number], np.full(cut.n_cells, -1, np.int64)
            np.maximum.at(cells, cut.low, of_cell)
            np.maximum.at(cells, cut.high, of_cell)
            for half in cut.halves(cells):
                np.maximum.accumulate(half[:, ::-1], axis=1, out=half[:, ::-1])
            blocks = best.reshape(-1, 2 * cut.half)
            blocks[cut.blocks] = np.maximum(blocks[cut.blocks], cells.reshape(-1, 2 * cut.half))
        return best[: self.n_slots]

    def _padded(self, values: Floats) -> Floats:
        return np.concatenate([values, np.zeros(self._n_padded - self.n_slots)])

    @staticmethod
    def _add(total: Floats, cut: _Cut, cells: Floats) -> None:
        """Add the cells of a cut to the slots they stand for."""
        total.reshape(-1, 2 * cut.half)[cut.blocks] += cells.reshape(-1, 2 * cut.half)
