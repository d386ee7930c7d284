"""Numbers and names as a reader expects them."""

from __future__ import annotations

import re
from datetime import date
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.report import formats
from riskset.report.measure_words import reference_label, who_is_reference
from riskset.report.tables import Notes
from riskset.report.view import (
    Line,
    View,
    level_label,
)
from riskset.spec.study import Study, parse
from tests.analysis.sets_by_hand import study
from tests.report.released import estimate, make_study


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.344, "1.34"),
        (1.0, "1.00"),
        (0.005, "0.01"),
        (0.0049, "<0.01"),
        (12.3, "12.30"),
        (999.4, "999.40"),
        (999.996, ">999"),
        (1234.5, ">999"),
        (99.996, "100.00"),
        (inf, "∞"),
        (nan, "—"),
        (None, "—"),
        (-0.25, "−0.25"),
        (0.0, "0.00"),
    ],
)
def test_ratio(value: float | None, text: str) -> None:
    assert formats.ratio(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0004, "<0.001"),
        (0.001, "0.001"),
        (0.0314, "0.031"),
        (0.0994, "0.099"),
        (0.0996, "0.10"),
        (0.5, "0.50"),
        (1.0, "1.00"),
        (0.0, "<0.001"),
        (None, "—"),
        (nan, "—"),
    ],
)
def test_p_value(value: float | None, text: str) -> None:
    assert formats.p_value(value) == text


@given(st.floats(0.005, 999.99), st.floats(0.005, 999.99), st.floats(0.005, 999.99))
def test_a_ratio_and_its_limits_are_rounded_alike(value: float, low: float, high: float) -> None:
    numbers = re.findall(r"[\d.]+", formats.ratio_with_interval(value, low, high))
    assert [len(text.partition(".")[2]) for text in numbers] == [2, 2, 2]
    assert [float(text) for text in numbers] == pytest.approx([value, low, high], abs=0.00501)


def test_intervals() -> None:
    assert formats.ratio_with_interval(1.34, 1.12, 1.6) == "1.34 (1.12–1.60)"
    assert formats.ratio_with_interval(1.34, None, 1.6) == "1.34"
    assert formats.ratio_with_interval(None, 1.12, 1.6) == "—"
    assert formats.interval(-0.5, 0.25) == "−0.50 to 0.25"
    assert formats.interval(2.0, inf) == "2.00–∞"


def test_counts() -> None:
    assert formats.count(10570) == "10,570"
    assert formats.count_of(182, 1057) == "182 (17.2%)"
    assert formats.count_of(0, 0) == "0"
    assert formats.count_of(None, 5) == "—"
    assert formats.superscript(12) == "¹²"


def test_a_note_that_all_rows_have_needs_no_mark() -> None:
    notes = Notes.of([["estimand", "Firth penalty"], ["estimand"]])
    assert notes.common == ("estimand",)
    marked = ("estimand",), ("estimand", "Firth penalty"), ("other",), ("",)
    assert [notes.mark(*clauses) for clauses in marked] == ["", "¹", "²", ""]


def test_a_clause_with_a_semicolon_stays_whole() -> None:
    notes = Notes.of([["estimand; of all patients", "Firth penalty"], ["estimand; of all patients"]])
    assert notes.common == ("estimand; of all patients",)
    assert notes.mark("estimand") == "¹"


def test_without_rows_no_clause_is_common() -> None:
    assert Notes.of([]).common == ()


@pytest.mark.parametrize(
    ("modifier", "stratum", "label"),
    [
        ("sex", "female", "Sex: female"),
        ("age", "<65", "Age < 65"),
        ("age", "≥80", "Age ≥ 80"),
        ("age", "65-80", "Age 65–80"),
        ("country_of_birth", "SE", "Country of birth: SE"),
    ],
)
def test_strata_in_words(modifier: str, stratum: str, label: str) -> None:
    described = make_study().model_dump(mode="json")
    described["models"][0]["subgroups"] = [{"by": "age", "cuts": [65, 80]}]
    assert View(Study.model_validate(described), ()).stratum_label(modifier, stratum) == label


MEASURES = [
    {"kind": "ever", "lag": "2y", "lag_only": "level"},
    {"kind": "ever", "name": "ever_at_all"},
    {"kind": "any_use", "lag": "1y", "lookback": "5y"},
    {"kind": "first_use", "cuts": ["90d", "1y"]},
    {"kind": "count", "bands": [1, 2, 4]},
    {"kind": "ddd", "per": 100},
    {"kind": "ddd", "name": "dose", "bands": [1, 100]},
    {"kind": "recency", "cuts": ["90d", "1y"]},
]


@pytest.mark.parametrize(
    ("measure", "level", "label"),
    [
        ("ever", "ever", "Ever, more than 2 years before"),
        ("ever", "lag only", "Only in the last 2 years"),
        ("ever_at_all", "ever", "Ever before"),
        ("any_use", "any", "Any use, 5 years to 1 year before"),
        ("first_use", "0-90d", "First use 0–90\u00a0d before"),
        ("first_use", "90d-1y", "First use 90\u00a0d–1\u00a0y before"),
        ("first_use", ">1y", "First use over 1\u00a0y before"),
        ("count", "1", "1 dispensing"),
        ("count", "2-3", "2–3 dispensings"),
        ("count", "≥4", "≥4 dispensings"),
        ("ddd", "per 100 DDD", "Per 100 DDD"),
        ("dose", "1-99", "1–99 DDD"),
        ("recency", "current (0-90d)", "Current (0–90\u00a0d)"),
    ],
)
def test_levels_in_words(measure: str, level: str, label: str) -> None:
    described = make_study(["anxiolytics"]).model_dump(mode="json")
    described["exposures"][0]["measures"] = MEASURES
    study = Study.model_validate(described | {"models": [], "published": []})
    assert level_label(study, estimate("anxiolytics", measure, level, 1.2)) == label


def test_a_trend_and_covariates_in_words() -> None:
    trend = estimate("anxiolytics", "count", "", 1.2, contrast="trend")
    assert level_label(make_study(), trend) == "Trend over count, per level"
    covariate = estimate("anxiolytics", "ever", "short", 1.2, role="covariate", covariate="education", unit="")
    assert level_label(make_study(), covariate) == "Education: short"
    number = {"covariate": "age", "level": "", "contrast": "per unit", "unit": "10 years"}
    assert level_label(make_study(), covariate | number) == "Age: per 10 years"


@pytest.mark.parametrize(
    ("measure", "at_least", "reference", "label", "who"),
    [
        ({"kind": "ever", "lag": "1y"}, 1, "not before the lag", "Not before the last 1 year", "never or in that time"),
        ({"kind": "ever", "lag": "1y"}, 2, "not before the lag", "Not before the last 1 year", "fewer than 2 dates or"),
        ({"kind": "ever", "lag": "1y", "lag_only": "level"}, 1, "never", "Never", ""),
        ({"kind": "ever"}, 2, "never", "Never", "on fewer than 2 dates"),
        ({"kind": "first_use", "cuts": ["1y"]}, 3, "never", "Never", "on fewer than 3 dates"),
        ({"kind": "recency", "cuts": ["1y"]}, 1, "never", "Never", ""),
        ({"kind": "any_use", "lag": "1y", "lookback": "5y"}, 1, "none", "None", "in that time"),
        ({"kind": "count", "bands": [1, 2]}, 1, "none", "None", ""),
        ({"kind": "ddd", "bands": [30], "lookback": "1y"}, 1, "<30", "<30", "in that time"),
    ],
)
def test_who_the_reference_is(measure: dict[str, Any], at_least: int, reference: str, label: str, who: str) -> None:
    described = study()
    exposure = {"name": "pills", "codes": {"atc": ["N05B"]}, "at_least": at_least, "measures": [measure]}
    described = parse(Study, described.model_dump(mode="json") | {"exposures": [exposure], "models": []})
    row = {"exposure": "pills", "measure": measure["kind"], "level": "ever", "reference": reference}
    line = Line(row, None, None, None, "")
    assert reference_label(described, line) == label
    said = who_is_reference(described, line)
    assert who in said if who else not said


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ((0.001, -0.54, 0.54), "0.00 (−0.54 to 0.54)"),
        ((-0.001, 0.002, 1200.0), "0.00 (0.00 to 1,200.00)"),
        ((37.4, 36.5, 38.4), "37.40 (36.50 to 38.40)"),
        ((0.3, None, None), "0.30"),
        ((None, 0.1, 0.2), "—"),
    ],
)
def test_a_difference_has_no_bounds_of_a_ratio(numbers: tuple[float | None, ...], shown: str) -> None:
    assert formats.difference_with_interval(*numbers) == shown


def test_american_style() -> None:
    assert formats.percent(0.165) == "16.5%"
    assert formats.confidence_interval(0.95) == "95% CI"
    assert formats.day(date(2023, 6, 30)) == "June 30, 2023"
    assert [formats.series(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b, and c"]
    assert formats.series(list("abc"), "or") == "a, b, or c"
    assert formats.count_with_percent(1006, 5095) == "1,006 (19.7)"
    assert formats.count_with_percent(0, 0) == "0"
