"""Which rows make a matched set, found once and used by every fit on the same sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError
from riskset.stats.arrays import Booleans, Integers, label_codes, numbers


@dataclass(frozen=True)
class SetGroup:
    """Sets alike in size and in number of cases, so that they can be computed as one array.

    Attributes
    ----------
    rows
        (sets, size) row numbers, the cases of a set before its controls.
    n_cases
        Cases in each of these sets; may be 0, and may equal the size.
    """

    rows: Integers
    n_cases: int

    @property
    def n_sets(self) -> int:
        return len(self.rows)

    @property
    def size(self) -> int:
        return int(self.rows.shape[1])


class SetLayout:
    """The matched sets of a table of rows, which come in any order.

    Parameters
    ----------
    case
        (n,) boolean or 0/1: is the row a case?
    set_id
        (n,) the set of each row; integers, strings, anything that can be told apart.

    Attributes
    ----------
    n_rows, n_sets, n_cases
        Totals, with sets that have no case or nothing but cases counted in.
    groups
        The sets by size and number of cases.

    Raises
    ------
    FitError
        No rows, a missing set, or a case indicator other than 0 and 1.
    """

    __slots__ = ("groups", "n_cases", "n_rows", "n_sets")

    def __init__(self, case: ArrayLike, set_id: ArrayLike) -> None:
        is_case = _as_boolean(case)
        codes = label_codes(set_id, what="set_id")
        if codes.shape != is_case.shape:
            raise ValueError(f"case has {is_case.size} rows but set_id has {codes.size}")
        if is_case.size == 0:
            raise FitError("there are no rows", where="matched sets")

        key = 2 * codes + ~is_case  # sorts by set, cases first
        order = None if _is_sorted(key) else np.argsort(key, kind="stable")
        if order is not None:
            key = key[order]
        first = np.flatnonzero(np.diff(key >> 1, prepend=-1))
        size = np.diff(first, append=key.size)
        n_cases = np.add.reduceat(1 - (key & 1), first)

        self.n_rows: int = key.size
        self.n_sets: int = first.size
        self.n_cases: int = int(n_cases.sum())
        self.groups: tuple[SetGroup, ...] = tuple(_groups(first, size, n_cases, order))

    def __repr__(self) -> str:
        return f"SetLayout({self.n_sets} sets, {self.n_rows} rows, {self.n_cases} cases)"


def _as_boolean(case: ArrayLike) -> Booleans:
    values = numbers(case, "case")
    if values.ndim != 1:
        raise ValueError(f"case has {values.ndim} dimensions; it should have one")
    is_case = values == 1
    if not np.all(is_case | (values == 0)):
        raise FitError("the case indicator has values other than 0 and 1", where="case")
    return np.asarray(is_case, bool)


def _is_sorted(key: Integers) -> bool:
    return bool(np.all(key[1:] >= key[:-1]))


def _groups(first: Integers, size: Integers, n_cases: Integers, order: Integers | None) -> list[SetGroup]:
    kind = size * (int(n_cases.max()) + 1) + n_cases
    if kind.min() == kind.max():
        members = [np.arange(kind.size)]
    else:
        by_kind = np.argsort(kind, kind="stable")
        members = np.split(by_kind, np.flatnonzero(np.diff(kind[by_kind])) + 1)
    groups = []
    for sets in members:
        rows = first[sets, None] + np.arange(size[sets[0]])
        groups.append(SetGroup(rows if order is None else order[rows], int(n_cases[sets[0]])))
    return groups
