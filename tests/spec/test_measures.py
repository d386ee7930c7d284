"""Each kind of measure is whole: its facts, its words, its name where studies written in Python look for it."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

import riskset
from riskset import spec
from riskset.errors import SpecError
from riskset.report.catalogue.english_measures import report_words, window_before
from riskset.spec import measure_words as worded
from riskset.spec.levels import LAG_ONLY, Window
from riskset.spec.measure_base import BandedMeasure, BaseMeasure, PartedMeasure
from riskset.spec.measure_words import MeasureWords, measure_words
from riskset.spec.measures import (
    MEASURES,
    WITH_TREND,
    AnyUse,
    Count,
    DefinedDailyDoses,
    Ever,
    FirstUse,
    Measure,
    Recency,
)
from tests.features import features
from tests.spec.strategies import measures

kinds = pytest.mark.parametrize("kind", MEASURES, ids=lambda kind: kind.__name__)


def having(field: str) -> pytest.MarkDecorator:
    """The kinds that have a key."""
    some = [kind for kind in MEASURES if field in kind.model_fields]
    assert some
    return pytest.mark.parametrize("kind", some, ids=lambda kind: kind.__name__)


@kinds
def test_a_kind_is_a_feature_that_must_be_shown(kind: type[BaseMeasure]) -> None:
    names = {name for some in features().values() for name in some}
    assert kind.model_fields["kind"].default in names


@having("bands")
@pytest.mark.parametrize(
    ("bands", "says"), [([4, 2], "do not rise"), ([2, 2], "do not rise"), ([0, 2], "cannot start at 0")]
)
def test_bands_that_do_not_rise_are_refused_of_every_kind(kind: type[BaseMeasure], bands: list[int], says: str) -> None:
    assert issubclass(kind, BandedMeasure)
    with pytest.raises(SpecError, match=says):
        kind(bands=bands)


@having("cuts")
@pytest.mark.parametrize(("cuts", "says"), [(["5y", "1y"], "do not rise"), (["0d", "1y"], "no length")])
def test_cuts_that_do_not_rise_are_refused_of_every_kind(kind: type[BaseMeasure], cuts: list[str], says: str) -> None:
    assert issubclass(kind, PartedMeasure)
    with pytest.raises(SpecError, match=says):
        kind(cuts=cuts)


@given(measures)
def test_a_measure_is_of_a_form_of_its_kind_and_the_remedy_names_those_with_order(measure: Measure) -> None:
    assert measure.form in measure.forms
    how = f"{measure.kind} {measure.forms[measure.form]}".strip()
    assert (measure.form == "ordered levels") == (how in WITH_TREND)


@pytest.mark.parametrize("name", [field.name for field in fields(MeasureWords) if field.name != "reference_holds"])
def test_words_that_are_empty_or_too_few_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    measure = Ever(lag="1y")
    whole = measure_words(measure)
    value = getattr(whole, name)
    wrong = [" "] if isinstance(value, str) else [(*value[:-1], ""), value[:-1], (*value, "more")]
    for words in wrong:
        monkeypatch.setattr(worded, "_words", lambda *_, words=words: replace(whole, **{name: words}))
        with pytest.raises(ValueError, match=f"the measure ever needs . of {name} in its words"):
            measure_words(measure)


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


@given(measures, st.integers(1, 12))
def test_no_level_is_of_a_window_of_no_length(measure: Measure, at_least: int) -> None:
    for level in measure.levels(at_least):
        assert level.lookback is None or level.lag < level.lookback
    assert not any(" 0 days" in label for label in measure_words(measure, at_least).labels)


@pytest.mark.parametrize("lag_only", ["reference", "level", "exclude"])
def test_without_a_lag_nobody_is_inside_it(lag_only: str) -> None:
    assert Ever(lag_only=lag_only).level_names == ("ever",)
    assert Ever(lag_only=lag_only, lag="1d").level_names == ("ever", LAG_ONLY)


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


@pytest.mark.parametrize(
    ("measure", "parts_time", "uses_at_least", "lag_of_ever", "leaves_near_use_open"),
    [
        (Ever(), False, True, "0d", True),
        (Ever(lag="1y", lag_only="level"), False, True, "1y", False),
        (AnyUse(), False, True, None, True),
        (AnyUse(lag="1y"), False, True, None, False),
        (FirstUse(cuts=["1y"]), True, True, None, False),
        (Recency(cuts=["1y"]), True, True, None, False),
        (Count(bands=[1, 4], lookback="5y"), False, False, None, True),
        (DefinedDailyDoses(per=100, lag="1y"), False, False, None, False),
    ],
)
def test_a_measure_says_what_the_report_asks_of_it(
    measure: Measure, parts_time: bool, uses_at_least: bool, lag_of_ever: str | None, leaves_near_use_open: bool
) -> None:
    assert measure.parts_time is parts_time
    assert measure.uses_at_least is uses_at_least
    assert (None if measure.lag_of_ever is None else str(measure.lag_of_ever)) == lag_of_ever
    assert measure.leaves_near_use_open is leaves_near_use_open


@given(measures)
def test_only_what_parts_time_is_worded_as_since_a_day(measure: Measure) -> None:
    assert bool(report_words(measure).since) is measure.parts_time


@given(st.sampled_from(["0d", "90d", "1y"]), st.sampled_from([None, "2y", "18m"]))
def test_the_report_and_the_explained_study_say_a_window_in_the_same_words(lag: str, lookback: str | None) -> None:
    measure = AnyUse(lag=lag, lookback=lookback)
    assert window_before(measure, "the day") == worded.window_before(measure, "the day")
    assert f" {worded.window_before(measure, 'the index date')} " in report_words(measure).method
