"""A system of numbers and sums checks itself, and says nothing of its values."""

from __future__ import annotations

import re

import pytest

from riskset.disclosure.system import ONE, Cell, Equation, System
from riskset.errors import DisclosureError

A, B, ALL = Cell(("a",), 3), Cell(("b",), 7), Cell(("all",), 10)
SUM = Equation({("a",): 1, ("b",): 1, ("all",): -1})


def test_cells_and_sums_that_agree() -> None:
    system = System((A, B, ALL, Cell(ONE, 1)), (SUM, Equation({("all",): 1, ONE: -10})))
    assert system.matrix.toarray().tolist() == [[1, 1, -1, 0], [0, 0, 1, -10]]
    assert system.mask({("b",)}).tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("cells", "sums", "what"),
    [
        ((A, A, B, ALL), (SUM,), "two numbers have this key"),
        ((Cell(("a",), -1),), (), "outside what is known"),
        ((Cell(("a",), 3, upper=2),), (), "outside what is known"),
        ((Cell(("a",), 3, lower=4),), (), "outside what is known"),
        ((Cell(("a",), 2**41),), (), "outside what is known"),
        ((Cell(("a",), 3, weight=0),), (), "weight"),
        ((Cell(("a",), 3, published=True, hidden=True),), (), "both published and withheld"),
        ((Cell(("a",), 3, stands_for=(1, 4)),), (), "only a published number stands for others"),
        ((Cell(("a",), 3, published=True, stands_for=(4, 6)),), (), "stands for others"),
        ((Cell(ONE, 2),), (), "the constant must be 1"),
        ((A, B), (SUM,), "a number that is in no table: all"),
        ((A, B, Cell(("all",), 11)), (SUM,), "do not add up"),
        ((A, B), (Equation({("a",): 0, ("b",): 0}),), "a coefficient is 0"),
    ],
)
def test_what_cannot_be_is_refused(cells: tuple[Cell, ...], sums: tuple[Equation, ...], what: str) -> None:
    with pytest.raises(DisclosureError, match=what) as refused:
        System(cells, sums)
    assert refused.value.exit_code == 15


def test_everything_wrong_is_refused_at_once_and_no_value_is_printed() -> None:
    with pytest.raises(DisclosureError) as refused:
        System((Cell(("a",), 731, upper=5), Cell(("b",), 977), Cell(("all",), 353)), (SUM,))
    assert len(refused.value.each) == 2
    assert not re.search("731|977|353", str(refused.value))
