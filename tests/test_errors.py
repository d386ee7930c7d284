"""A message shows a value, not a book."""

from __future__ import annotations

import pytest

from riskset.errors import LONGEST_CLAUSE, LONGEST_VALUE, FitError, SpecError, cut

LONG = "x" * 100_000


@pytest.mark.parametrize("value", [LONG, "x y " * 30_000, "é" * 5_000, "a'b" * 9_000])
def test_long_values_are_cut(value: str) -> None:
    error = SpecError(f"{value!r} is no covariate", where="models[0].adjust", remedy=f"there are {value}, b")
    assert len(str(error)) < 2 * LONGEST_CLAUSE + 100
    assert "…" in error.what
    assert error.what.endswith(" is no covariate") or len(error.what) > LONGEST_CLAUSE
    assert value not in str(error)


def test_what_is_no_longer_than_a_value_stays() -> None:
    said = "the column 'date' of the table 'dispensing' is there twice; the cases' own, and the controls' too"
    assert cut(said) == said
    exact = "'" + "x" * (LONGEST_VALUE - 1) + "' is there"
    assert cut(exact) == exact
    path = "/".join(["folder"] * 40)
    assert cut(path) == path


def test_the_end_of_the_sentence_stays() -> None:
    error = FitError(f"no case has education={LONG}", remedy="merge levels")
    assert str(error).endswith("…; merge levels.")
