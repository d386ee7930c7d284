"""A ratio of pairs and its error are two numbers of pairs."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.disclosure.given_back import discordant_pairs, given_back, states_pairs
from riskset.results.vocabulary import Contrast, Form, Scale
from tests.examples import examples


def row(b: int, c: int, **other: Any) -> dict[str, Any]:
    return {
        "estimate": log(b / c), "std_error": sqrt(1 / b + 1 / c), "scale": Scale.LOG_OR, "contrast": Contrast.LEVEL,
        "form": Form.CRUDE, "n_sets": 5000, "n_controls": 5000, "n_informative": b + c, "n_exposed_cases": b + 100,
        "n_exposed_controls": c + 100,
    } | other  # fmt: skip


@settings(max_examples=examples(200))
@given(st.integers(1, 2000), st.integers(1, 2000))
def test_both_numbers_come_back(b: int, c: int) -> None:
    assert given_back(row(b, c)) == pytest.approx((b, c))
    assert discordant_pairs(row(b, c)) == (b, c)
    assert states_pairs(row(b, c), (b, c))


@pytest.mark.parametrize("other", [{"std_error": 0.1234}, {"estimate": None}, {"std_error": None}])
def test_pairs_are_there_where_no_ratio_states_them(other: dict[str, Any]) -> None:
    assert discordant_pairs(row(17, 9, **other)) == (17, 9)
    assert not states_pairs(row(17, 9, **other), (17, 9))


@pytest.mark.parametrize(
    "other", [{"n_controls": 9000}, {"n_informative": None}, {"n_exposed_cases": 150}, {"n_exposed_cases": 118}]
)
def test_what_are_no_pairs_state_none(other: dict[str, Any]) -> None:
    assert discordant_pairs(row(17, 9, **other)) is None


@pytest.mark.parametrize("other", [{"scale": Scale.SLOPE}, {"contrast": Contrast.TEST}, {"std_error": None}])
def test_what_is_no_ratio_gives_nothing_back(other: dict[str, Any]) -> None:
    assert given_back(row(17, 9, **other)) is None
