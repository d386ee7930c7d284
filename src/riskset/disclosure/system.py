"""The numbers that leave, or would leave, and the sums that hold between them: all tables as one linear system.

A table is only a way to set numbers out. What lets a reader compute a withheld number are the sums, within a table
and across tables, figures and earlier releases. So there is one system of all of them, never one a table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from riskset.errors import DisclosureError, several

Key = tuple[str, ...]
"""What names a number: of any length, each part a text."""

ONE: Key = ("one",)
"""The key of the constant 1, which everybody knows: by it a sum holds a known number (`2 a - b + 7 one = 0`)."""


BEYOND = "(beyond)"
"""The last part of the key of what is left over where numbers add up to nought or more: it counts nobody."""


def counts_people(key: Key) -> bool:
    """Whether a number is one of persons, sets or events, so that it may be too small to be known."""
    return key[-1] != BEYOND


@dataclass
class Synonyms:
    """Keys that name one number; each group of them has one main key."""

    _main: dict[Key, Key] = field(default_factory=dict)

    def __contains__(self, key: Key) -> bool:
        """Whether another key than this one is the main one."""
        return key in self._main

    def put(self, key: Key, main: Key) -> None:
        """From now on `key`, a main one until now, names what `main` names."""
        self._main[key] = main

    def main(self, key: Key) -> Key:
        """The main key of the number that this one names."""
        while key in self._main:
            key = self._main[key]
        return key

    def rewritten(self, terms: Mapping[Key, int]) -> dict[Key, int]:
        """A sum in main keys, without what cancels out."""
        sums: defaultdict[Key, int] = defaultdict(int)
        for key, times in terms.items():
            sums[self.main(key)] += times
        return {key: times for key, times in sums.items() if times}


LARGEST = 2**40
"""No count of persons is larger; whole numbers up to it and their sums are exact in floating arithmetic, too."""


@dataclass(frozen=True)
class Cell:
    """A whole number, at least 0, that stands or would stand in released files.

    A number that stands in no file is a cell, too, where it follows from others and may not be known: the rest of a
    total, the difference between two releases, an inner cell that two tables share. It is `hidden`.

    Parameters
    ----------
    key
        Its name, unique in the system.
    value
        The number itself.
    primary
        Whether a rule of the policy says that it may not be known.
    lower, upper
        What anybody knows of it before any release, both ends included; None where nothing bounds it above. A zero that
        everybody knows to be one (no man is pregnant) has `upper` 0, or it would count as a number that is in doubt.
    weight
        What it costs to withhold it, above 0. With 1 for all, as few numbers as can be are withheld.
    published
        It stands in an earlier release, and can no longer be withheld.
    hidden
        It was withheld before, or never stands in a file, and stays withheld.
    stands_for
        Of a published cell whose number was printed rounded: the lowest and the highest value that the printed number
        can stand for, both ends included. None is the value itself.
    """

    key: Key
    value: int
    primary: bool = False
    lower: int = 0
    upper: int | None = None
    weight: float = 1.0
    published: bool = False
    hidden: bool = False
    stands_for: tuple[int, int] | None = None


@dataclass(frozen=True)
class Equation:
    """A sum that everybody knows to hold: each coefficient times its cell's value, added up, is 0.

    Parameters
    ----------
    coefficients
        Key of a cell → whole number other than 0. A total is a cell: `{a: 1, b: 1, total: -1}`.
    """

    coefficients: Mapping[Key, int]


@dataclass(frozen=True)
class System:
    """All numbers of a release and of those before it, with all sums that hold between them.

    Raises
    ------
    DisclosureError
        Two cells have one key, a cell's value is not between what is known of it, a sum names a cell that is not there,
        or a sum does not hold: of tables that do not add up nothing can be shown to be safe. No message holds a value.
    """

    cells: tuple[Cell, ...]
    equations: tuple[Equation, ...]

    def __post_init__(self) -> None:
        problems = [*self._wrong_cells(), *self._wrong_equations()]
        if problems:
            raise several(problems)

    @cached_property
    def places(self) -> dict[Key, int]:
        """Key of a cell → its place among the cells."""
        return {cell.key: place for place, cell in enumerate(self.cells)}

    @cached_property
    def matrix(self) -> csr_matrix:
        """Coefficients, a row an equation and a column a cell; int64."""
        entries = [
            (row, self.places[key], coefficient)
            for row, equation in enumerate(self.equations)
            for key, coefficient in equation.coefficients.items()
        ]
        rows, columns, coefficients = np.array(entries, np.int64).reshape(-1, 3).T
        return csr_matrix((coefficients, (rows, columns)), shape=(len(self.equations), len(self.cells)), dtype=np.int64)

    def mask(self, keys: Mapping[Key, object] | frozenset[Key] | set[Key]) -> NDArray[np.bool_]:
        """Whether each cell's key is among some keys, shape (cells,)."""
        return np.array([cell.key in keys for cell in self.cells], np.bool_)

    def _wrong_cells(self) -> Iterator[DisclosureError]:
        for place, cell in enumerate(self.cells):
            where = named(cell.key)
            if self.places[cell.key] != place:
                yield DisclosureError(
                    "two numbers have this key", where=where, remedy="each number has a key of its own"
                )
            highest = LARGEST if cell.upper is None else cell.upper
            if not 0 <= cell.lower <= cell.value <= min(highest, LARGEST):
                yield DisclosureError(
                    "a number lies outside what is known of it",
                    where=where,
                    remedy="0 <= lower <= value <= upper <= 2^40",
                )
            if cell.stands_for and not (cell.published and cell.stands_for[0] <= cell.value <= cell.stands_for[1]):
                yield DisclosureError(
                    "only a published number stands for others, and for itself among them", where=where
                )
            if not 0 < cell.weight < float("inf"):
                yield DisclosureError("a weight must be above 0 and finite", where=where)
            if cell.published and cell.hidden:
                yield DisclosureError("a number cannot be both published and withheld", where=where)
            if cell.key == ONE and cell.value != 1:
                yield DisclosureError("the constant must be 1", where=where)

    def _wrong_equations(self) -> Iterator[DisclosureError]:
        values = {cell.key: cell.value for cell in self.cells}
        for row, equation in enumerate(self.equations, start=1):
            where = f"sum {row}"
            unknown = [key for key in equation.coefficients if key not in values]
            if unknown:
                yield DisclosureError(f"a number that is in no table: {named(unknown[0])}", where=where)
            elif not all(equation.coefficients.values()):
                yield DisclosureError("a coefficient is 0", where=where, remedy="leave that number out")
            elif sum(coefficient * values[key] for key, coefficient in equation.coefficients.items()):
                yield DisclosureError(
                    "the numbers do not add up", where=f"{where} with {named(next(iter(equation.coefficients)))}"
                )


def named(key: Key) -> str:
    """A key on one line, for a message."""
    return " / ".join(key)
