"""Each kind of measure is whole: its facts, its words, its name where studies written in Python look for it."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

import riskset
from riskset import spec
from riskset.spec.complaints import members
from riskset.spec.levels import LAG_ONLY, Window
from riskset.spec.measure_words import measure_words
from riskset.spec.measures import AnyUse, Count, DefinedDailyDoses, Ever, FirstUse, Measure, Recency
from tests.spec.strategies import measures

KINDS = members(Measure)
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def test_the_kinds_are_those_of_the_union() -> None:
    assert [Ever, AnyUse, FirstUse, Count, DefinedDailyDoses, Recency] == KINDS


@kinds
def test_a_kind_has_every_fact_and_is_found_by_its_name(kind: type) -> None:
    assert not inspect.isabstract(kind), kind.__abstractmethods__
    name = kind.__name__
    assert name in spec.__all__
    assert name in riskset.__all__
    assert getattr(riskset, name) is kind


@kinds
def test_studies_at_random_have_it(kind: type) -> None:
    assert isinstance(find(measures, lambda measure: isinstance(measure, kind)), kind)


@given(measures, st.integers(1, 12), st.booleans())
def test_words_and_facts_are_of_one_number(measure: Measure, at_least: int, keys: bool) -> None:
    words = measure_words(measure, at_least, end="the day", keys=keys)
    assert len(words.labels) == len(words.under_heading) == len(measure.levels(at_least)) == len(measure.level_names)
    assert len(words.drawn) == len(words.briefly_drawn) == len(measure.windows)
    assert set(measure.estimated) <= set(measure.level_names)
    assert len(set(measure.level_names)) == len(measure.level_names)
    assert all([words.definition, words.heading, words.question, *words.labels, *words.drawn, *words.briefly_drawn])
    assert "the day" in words.heading
    assert (measure.widened_reference is None) or all(words.widened)


@given(measures)
def test_windows_follow_each_other_from_the_index_date(measure: Measure) -> None:
    for near, far in zip(measure.windows, measure.windows[1:], strict=False):
        assert near.lookback == far.lag
    spans = {Window(level.lag, level.lookback) for level in measure.levels(2) if level.label != LAG_ONLY}
    assert spans == set(measure.windows)


@pytest.mark.parametrize(
    ("measure", "form", "unit"),
    [
        (Ever(lag="1y"), "yes or no", 1),
        (AnyUse(), "yes or no", 1),
        (FirstUse(cuts=["1y"]), "ordered levels", 1),
        (Count(bands=[1]), "ordered levels", 1),
        (DefinedDailyDoses(bands=[1]), "ordered levels", 1),
        (DefinedDailyDoses(per=100), "number", 100_000),
        (Recency(cuts=["1y"]), "levels", 1),
    ],
)
def test_the_form_of_a_measure(measure: Measure, form: str, unit: int) -> None:
    assert (measure.form, measure.unit) == (form, unit)


@pytest.mark.parametrize(
    ("lag", "lag_only", "estimated", "widened", "excludes"),
    [
        ("1y", "reference", ("ever",), "not before the lag", False),
        ("1y", "level", ("ever", "lag only"), None, False),
        ("1y", "exclude", ("ever",), None, True),
        ("0d", "reference", ("ever",), None, False),
        ("0d", "exclude", ("ever",), None, False),
    ],
)
def test_who_qualified_inside_the_lag_only(
    lag: str, lag_only: str, estimated: tuple[str, ...], widened: str | None, excludes: bool
) -> None:
    measure = Ever(lag=lag, lag_only=lag_only)
    assert (measure.estimated, measure.widened_reference, measure.excludes_lag_only) == (estimated, widened, excludes)
