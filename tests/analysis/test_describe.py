"""Table 1's difference of a whole variable, against hand, R and a slow loop."""

from __future__ import annotations

from functools import partial
from math import inf, sqrt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.analysis.describe import _describe
from riskset.results.rows import Described
from riskset.results.set_vocabulary import Characteristic
from riskset.spec.levels import UNKNOWN
from tests.reference.describe import difference_of_levels
from tests.shown import Evidence, shows

ROW = partial(Described, comparison="population", about=Characteristic.COVARIATE, variable="x")
TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d", None]), max_size=30)


def described(cases: list[Any], controls: list[Any], kind: pa.DataType | None = None) -> list[Described]:
    case = np.array([True] * len(cases) + [False] * len(controls))
    return _describe(pa.array([*cases, *controls], kind), case, ROW)


@shows("Characteristic=covariate", by=Evidence.OUTSIDE)
def test_three_levels_by_hand() -> None:
    """Shares .5 .3 .2 and .2 .3 .5: d = (.3, 0), S = ((.205, −.105), (−.105, .21)), det S = .032025.

    d' S⁻¹ d = .09 · .21 / .032025 = .59016; R 4: sqrt(mahalanobis(c(.3, 0), c(0, 0), S)) is 0.768221.
    """
    rows = described(["a"] * 5 + ["b"] * 3 + ["c"] * 2, ["a"] * 2 + ["b"] * 3 + ["c"] * 5)
    assert [row.smd_variable for row in rows] == pytest.approx([0.768221] * 3, abs=5e-7)
    assert rows[0].smd == pytest.approx(0.3 / sqrt(0.205))


@given(TEXTS, TEXTS)
def test_a_variable_of_levels_is_as_the_slow_loop_has_it(cases: list[str | None], controls: list[str | None]) -> None:
    expected = difference_of_levels(cases, controls)
    for row in described(cases, controls, pa.string()):
        assert row.smd_variable == (expected if expected is None else pytest.approx(expected, abs=1e-7))


@given(TEXTS, TEXTS)
def test_unknown_values_change_nothing_of_it(cases: list[str | None], controls: list[str | None]) -> None:
    known = [[value for value in group if value] for group in (cases, controls)]
    whole = {row.smd_variable for row in described(cases, controls, pa.string()) if row.level != UNKNOWN}
    assert whole == {row.smd_variable for row in described(*known, pa.string())}


@given(TEXTS, TEXTS)
def test_it_is_the_same_under_other_names_and_from_the_other_side(
    cases: list[str | None], controls: list[str | None]
) -> None:
    renamed = {"a": "d", "b": "a", "c": "b", "d": "c", None: None}
    one = {row.smd_variable for row in described(cases, controls, pa.string())}
    other = {row.smd_variable for row in described(*([renamed[v] for v in g] for g in (controls, cases)), pa.string())}
    assert len(one) == len(other) <= 1
    for a, b in zip(one, other, strict=True):
        assert a == (b if b is None else pytest.approx(b, abs=1e-7))


@given(st.lists(st.booleans(), min_size=1), st.lists(st.booleans(), min_size=1))
def test_of_yes_and_no_it_is_the_size_of_the_difference(cases: list[bool], controls: list[bool]) -> None:
    [row] = described(cases, controls)
    assert row.smd is not None
    assert row.smd_variable == abs(row.smd)
    texts = described([str(value) for value in cases], [str(value) for value in controls])
    assert texts[0].smd_variable == pytest.approx(row.smd_variable, abs=1e-7)


def test_of_a_number_it_is_the_size_of_the_difference_of_means() -> None:
    mean, unknown = described([1.0, 2.0, None], [2.0, 3.0, 4.0])
    assert mean.smd is not None
    assert mean.smd < 0
    assert mean.smd_variable == unknown.smd_variable == -mean.smd


def test_groups_without_a_level_in_common_are_infinitely_apart() -> None:
    assert {row.smd_variable for row in described(["a", "b", "b"], ["c", "d"])} == {inf}
