"""A ratio of pairs and its error are two numbers of pairs."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.disclosure.given_back import discordant_pairs, given_back
from riskset.results.vocabulary import Contrast, Form, Scale
from tests.examples import examples


def row(b: int, c: int, **other: Any) -> dict[str, Any]:
    return {
        "estimate": log(b / c), "std_error": sqrt(1 / b + 1 / c), "scale": Scale.LOG_OR, "contrast": Contrast.LEVEL,
        "form": Form.CRUDE, "n_sets": 5000, "n_controls": 5000,
    } | other  # fmt: skip


@settings(max_examples=examples(200))
@given(st.integers(1, 2000), st.integers(1, 2000))
def test_both_numbers_come_back(b: int, c: int) -> None:
    assert given_back(row(b, c)) == pytest.approx((b, c))
    assert discordant_pairs(row(b, c)) == (b, c)


@pytest.mark.parametrize(
    "other", [{"form": Form.ADJUSTED}, {"n_controls": 9000}, {"std_error": 0.1234}, {"estimate": None}]
)
def test_what_is_no_unadjusted_ratio_of_pairs_states_none(other: dict[str, Any]) -> None:
    assert discordant_pairs(row(17, 9, **other)) is None


@pytest.mark.parametrize("other", [{"scale": Scale.SLOPE}, {"contrast": Contrast.TEST}, {"std_error": None}])
def test_what_is_no_ratio_gives_nothing_back(other: dict[str, Any]) -> None:
    assert given_back(row(17, 9, **other)) is None
