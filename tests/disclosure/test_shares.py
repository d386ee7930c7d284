"""Which counts a printed percentage gives away, against trying every count."""

from __future__ import annotations

from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.disclosure.shares import counts_behind


@settings(deadline=None)
@given(st.integers(1, 400), st.integers(0, 3), st.data())
def test_the_counts_behind_are_those_that_print_so(total: int, decimals: int, data: st.DataObject) -> None:
    """Whichever way halves are rounded."""
    unit = Decimal(1).scaleb(-decimals)

    def prints(count: int) -> set[str]:
        share = Decimal(100 * count) / total
        return {str(share.quantize(unit, way)) for way in (ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN)}

    printed = data.draw(st.sampled_from(sorted(prints(data.draw(st.integers(0, total))))))
    assert list(counts_behind(printed, total)) == [n for n in range(total + 1) if printed in prints(n)]


def test_few_decimals_tell_a_count_of_a_small_total_and_many_of_a_large() -> None:
    assert list(counts_behind("3", 100)) == [3]
    assert list(counts_behind("0.3", 1041)) == [3]
    assert len(counts_behind("0.3", 10_000)) == 11
    assert list(counts_behind("0.0003", 10_000, per=1)) == [3]
    assert list(counts_behind("50", 3)) == []
    assert list(counts_behind("0.0", 0)) == [0]


@pytest.mark.parametrize(("printed", "total", "per"), [("", 5, 100), ("nan", 5, 100), ("3", -1, 100), ("3", 5, 0)])
def test_what_is_no_share(printed: str, total: int, per: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        counts_behind(printed, total, per=per)
