"""A number that is withheld shows itself as such wherever a page puts it."""

from __future__ import annotations

import math
import pickle

import pytest

from riskset.report import formats
from riskset.results.withheld import WITHHELD, HiddenNumber, WithheldFor, unmarked

GONE = HiddenNumber(WithheldFor.SMALL)


@pytest.mark.parametrize(
    "shown",
    [formats.count, formats.number, formats.percent, formats.ratio, formats.p_value, formats.plain,
     lambda n: formats.count_of(n, 10), lambda n: formats.ratio_with_interval(n, 1.0, 2.0),
     lambda n: f"{n:,}", lambda n: f"{n / 10:.1f}", str],
)  # fmt: skip
def test_it_is_shown_as_withheld_and_never_as_a_number(shown: object) -> None:
    assert callable(shown)
    assert shown(GONE) == WITHHELD


def test_it_is_no_number() -> None:
    assert math.isnan(GONE)
    assert not GONE < 5
    assert GONE != 0
    assert (GONE + 1) is GONE
    assert (1 - GONE) is GONE
    assert round(GONE) is GONE
    assert pickle.loads(pickle.dumps(GONE)).rule is WithheldFor.SMALL
    assert unmarked([{"n": GONE, "name": "a"}]) == [{"n": None, "name": "a"}]


def test_a_small_number_and_one_that_protects_it_leave_under_one_rule() -> None:
    assert WithheldFor.SMALL.in_public == WithheldFor.COMPLEMENTARY.in_public
