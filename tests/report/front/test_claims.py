"""What may be said of estimates: each rule by its definition, and by what must not change it."""

from __future__ import annotations

import math
from math import exp, inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.report.front.claims import (
    FiniteRatio,
    agree,
    all_none_or_modest,
    all_overlap,
    close_to_one,
    finite_ratio,
    holm,
    in_every_comparison,
    less_precise,
    mostly_similar,
    none_or_modest,
    overlap,
    stands_out,
)


@st.composite
def ratios(draw: st.DrawFn) -> FiniteRatio:
    log = draw(st.floats(-3, 3))
    below, above = draw(st.floats(0.01, 3)), draw(st.floats(0.01, 3))
    return FiniteRatio(exp(log), exp(log - below), exp(log + above))


MAYBE = st.one_of(st.none(), ratios())


@given(st.lists(MAYBE, max_size=6))
def test_what_stands_out_lies_above_every_other_window(windows: list[FiniteRatio | None]) -> None:
    which = stands_out(windows)
    if which is None:
        return
    best = windows[which]
    assert best is not None
    assert len(windows) > 1
    for i, other in enumerate(windows):
        assert other is not None
        assert i == which or (best.value > other.value and best.low > other.high)


@given(st.lists(ratios(), min_size=2, max_size=6))
def test_a_window_above_all_others_stands_out_wherever_it_is(windows: list[FiniteRatio]) -> None:
    top = max(w.high for w in windows)
    best = FiniteRatio(top * 4, top * 2, top * 8)
    for i in range(len(windows) + 1):
        assert stands_out([*windows[:i], best, *windows[i:]]) == i
    assert stands_out([*windows, best, None]) is None


@pytest.mark.parametrize("one", [[], [FiniteRatio(9, 8, 10)], [None]])
def test_a_window_alone_does_not_stand_out(one: list[FiniteRatio | None]) -> None:
    assert stands_out(one) is None


@given(st.lists(st.lists(MAYBE, min_size=3, max_size=3), max_size=4), st.integers(0, 2))
def test_in_every_comparison_the_same_window_stands_out(compared: list[list[FiniteRatio | None]], which: int) -> None:
    each = [stands_out(windows) for windows in compared]
    assert in_every_comparison(which, compared) == (len(each) > 1 and set(each) == {which})


def test_a_window_above_one_in_a_comparison_where_it_does_not_stand_out_is_not_in_every_one() -> None:
    out = [FiniteRatio(6.9, 4.2, 11.4), FiniteRatio(1.8, 1.3, 2.6)]
    not_out = [FiniteRatio(2.7, 1.3, 5.8), FiniteRatio(1.3, 0.8, 2.2)]
    assert in_every_comparison(0, [out, out])
    assert not in_every_comparison(0, [out, not_out])


@given(ratios(), ratios())
def test_agreement_overlap_and_precision_are_even_handed(one: FiniteRatio, other: FiniteRatio) -> None:
    assert agree(one, other) == agree(other, one)
    assert overlap(one, other) == overlap(other, one)
    assert agree(one, one)
    assert not agree(one, other) or overlap(one, other)
    assert not (less_precise(one, other) and less_precise(other, one))


@given(st.lists(st.tuples(ratios(), ratios()), max_size=7))
def test_mostly_is_more_than_half_of_the_pairs(pairs: list[tuple[FiniteRatio, FiniteRatio]]) -> None:
    n = sum(agree(*pair) for pair in pairs)
    assert mostly_similar(pairs) == (n > len(pairs) - n)
    if pairs and mostly_similar(pairs):
        assert mostly_similar([(other, one) for one, other in pairs])


@given(st.lists(ratios(), max_size=5))
def test_overlap_in_every_pair_is_meant_literally(estimates: list[FiniteRatio]) -> None:
    n = len(estimates)
    every = all(overlap(estimates[i], estimates[j]) for i in range(n) for j in range(n))
    assert all_overlap(estimates) == (n > 1 and every)


@pytest.mark.parametrize(
    ("values", "is_close"),
    [((0.90, 1.11), True), ((0.8999,), False), ((1.0, 1.1101), False), ((), False), ((1.0,), True)],
)
def test_close_to_one(values: tuple[float, ...], is_close: bool) -> None:
    assert close_to_one([FiniteRatio(v, v / 3, v * 3) for v in values]) == is_close


@pytest.mark.parametrize(
    ("low", "high", "is_so"),
    [
        (0.98, 1.44, True),
        (1.01, 1.44, True),
        (1.02, 1.99, True),
        (1.021, 1.44, False),
        (0.98, 2.0, False),
        (0.6, 0.98, True),
        (0.6, 0.979, False),
        (0.5, 1.0, False),
    ],
)
def test_no_association_or_a_modest_one(low: float, high: float, is_so: bool) -> None:
    assert none_or_modest(FiniteRatio((low * high) ** 0.5, low, high)) == is_so


@given(st.floats(1.0, 1.9), st.floats(-0.02, 0.02), st.floats(-0.02, 0.02))
def test_two_intervals_are_not_told_apart_by_which_side_of_one_they_end(high: float, a: float, b: float) -> None:
    high = high + 0.03
    one, other = (FiniteRatio(((1 + end) * high) ** 0.5, 1 + end, high) for end in (a, b))
    assert none_or_modest(one) == none_or_modest(other)


@given(ratios())
def test_a_modest_association_is_so_in_both_directions(one: FiniteRatio) -> None:
    inverse = FiniteRatio(1 / one.value, 1 / one.high, 1 / one.low)
    if min(abs(end - edge) for end in one for edge in (0.5, 2.0, 0.98, 1.02, 1 / 0.98, 1 / 1.02)) > 1e-3:
        assert none_or_modest(one) == none_or_modest(inverse)


@given(st.lists(ratios(), max_size=4))
def test_it_is_said_of_all_or_of_none(estimates: list[FiniteRatio]) -> None:
    assert all_none_or_modest(estimates) == (bool(estimates) and not [e for e in estimates if not none_or_modest(e)])


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_adjusts_as_its_definition(p_values: list[float]) -> None:
    """Step down: the i-th smallest p is taken times the tests that are left, and never below one before it."""
    adjusted = holm(p_values)
    for p, value in zip(p_values, adjusted, strict=True):
        smaller = [q for q in p_values if q <= p]
        steps = [min(1.0, (len(p_values) - sum(r < q for r in p_values)) * q) for q in smaller]
        assert value == pytest.approx(max(steps))
        assert p <= value <= min(1.0, len(p_values) * p) + 1e-12


@pytest.mark.parametrize("tests", [1, 3, 6, 12])
@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_of_studies_without_a_change_at_most_one_in_twenty_says_one(tests: int, correlation: float) -> None:
    """P values of independent and of correlated tests, all hypotheses true, through the rule."""
    chance, studies = np.random.default_rng(7), 4_000
    common = chance.standard_normal((studies, 1))
    z = correlation**0.5 * common + (1 - correlation) ** 0.5 * chance.standard_normal((studies, tests))
    p_values = np.vectorize(lambda value: math.erfc(abs(value) / math.sqrt(2)))(z)
    fires = np.mean([min(holm(list(row))) < 0.05 for row in p_values])
    assert fires <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / studies)
    if tests >= 3:
        unadjusted = np.mean(p_values.min(axis=1) < 0.05)
        assert unadjusted > 0.08  # the rule before, without a step down


@pytest.mark.parametrize("end", [None, nan, inf, 0.0, -1.0])
def test_what_is_no_finite_ratio_is_never_spoken_of(end: float | None) -> None:
    assert finite_ratio(1.2, 1.0, end) is None
    assert finite_ratio(end, 1.0, 2.0) is None
    assert finite_ratio(1.2, end, 2.0) is None
    assert finite_ratio(1.2, 1.0, 2.0) == FiniteRatio(1.2, 1.0, 2.0)
