"""What cannot be estimated is never a number, never a sentence: results of every degenerate kind, put on a page."""

from __future__ import annotations

import base64
import json
import random
import re
from functools import partial
from html import escape
from math import inf, log, nan
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import vl_convert

from riskset.analysis.describe import _describe
from riskset.report.catalogue.english_summary import RULE
from riskset.report.design_tables import _difference
from riskset.report.view import read_view
from riskset.report.worded import why_not_worded
from riskset.report.words import summarise_classes
from riskset.results.released import Released
from riskset.results.rows import Described
from riskset.results.set_vocabulary import Characteristic
from riskset.results.tables import SCHEMAS, rows_to_table
from riskset.results.vocabulary import DiagnosticCode
from tests.report.course import make_course, make_course_estimates, make_course_study, make_curves, make_diagnostics
from tests.report.page import Page, write_supplement
from tests.report.released import estimate, make_estimates, make_released

Row = dict[str, Any]

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""The smallest picture."""

UNDEFINED: dict[str, Row] = {
    "no number": {"estimate": nan, "conf_low": nan, "conf_high": nan, "std_error": nan, "p_value": nan},
    "infinite": {"estimate": inf, "conf_low": -inf, "conf_high": inf, "std_error": inf, "p_value": 0.0},
    "nought": {"estimate": -inf, "conf_low": -inf, "conf_high": inf, "p_value": 0.0},
    "overflow": {"estimate": 800.0, "conf_low": -900.0, "conf_high": 900.0, "p_value": 1e-300},
    "underflow": {"estimate": -800.0, "conf_low": -900.0, "conf_high": 900.0, "p_value": 1.0},
    "no upper end": {"estimate": 0.3, "conf_low": 0.1, "conf_high": inf},
    "no lower end": {"estimate": 0.3, "conf_low": -inf, "conf_high": 0.9},
    "no interval": {"estimate": 0.3, "conf_low": None, "conf_high": None, "std_error": None, "p_value": None},
    "half an interval": {"estimate": 0.3, "conf_low": nan, "conf_high": 0.9},
    "nothing": {"estimate": None, "conf_low": None, "conf_high": None, "p_value": None, "converged": False},
    "not converged": {"converged": False},
    "no exposed case": {"n_exposed_cases": 0, "n_exposed_events": 0},
    "only exposed cases": {"n_exposed_cases": 100, "n_cases": 100, "n_exposed_events": 60, "n_events": 60},
    "nobody": dict.fromkeys(
        ("n_cases", "n_controls", "n_exposed_cases", "n_exposed_controls", "n_exposed_events", "n_events"), 0
    ),
}
"""What replaces the numbers of an estimate; no ratio of any of these is put in words."""

WRONG = re.compile(
    r"\b(nan|NaN|inf|Inf|infinity|null)\b|\bNone\b(?! of|:| \(reference\))|p [=<] 0\.0+\b|[-−]0\.0+(?!\d)|\d(nan|inf)\b"
)
IN_WORDS = re.compile(r"ratio \([A-Z]+\) of|In absolute terms|effect\.|compatible, which|so the two are")


@pytest.fixture(autouse=True)
def _drawn_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the place of a drawing, everything that it would have shown."""

    def as_text(specification: Any, **how: Any) -> str:
        text = json.dumps(specification, allow_nan=True)
        assert "NaN" not in text
        return f'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><text>{escape(_shown(text))}</text></svg>'

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", as_text)
    monkeypatch.setattr(vl_convert, "svg_to_png", lambda svg, **how: DOT)


def _shown(specification: str) -> str:
    return " | ".join(re.findall(r'"text": "([^"]*)"', specification))


def broken(rows: list[Row], how: list[Row], seed: int) -> list[Row]:
    chance = random.Random(seed)
    return [row | chance.choice(how) for row in rows]


def numbers_broken(rows: list[Row], seed: int) -> list[Row]:
    """Curves or diagnostics with numbers that are none."""
    chance = random.Random(seed)
    keys = ("estimate", "conf_low", "conf_high", "value")
    return [row | {k: chance.choice((nan, inf, -inf, None, 0.0, row[k])) for k in keys if k in row} for row in rows]


def page_of(released: Released, folder: Path) -> Page:
    return Page(write_supplement(released, folder).read_text(encoding="utf-8"))


def wrong_in(page: Page) -> list[str]:
    shown = page.text[: page.text.index("Fingerprints, versions")]
    told = [value for tag, name, value in page.attributes if name in ("aria-label", "alt", "title")]
    return [
        text[max(found.start() - 60, 0) : found.end() + 20] for text in (shown, *told) for found in WRONG.finditer(text)
    ]


def released_with(how: list[Row], seed: int = 0) -> Released:
    study = make_course_study()
    rows = [*make_estimates([e.name for e in study.exposures], subgroups=True), *make_course_estimates()]
    told = [*make_diagnostics(), {"analysis": "cohort", "code": DiagnosticCode.INCIDENCE_LIKE_CASES, "value": 3.6}]
    return make_course(estimates=broken(rows, how, seed), diagnostics=told)


@pytest.mark.parametrize("kind", UNDEFINED)
def test_no_ratio_that_is_undefined_is_put_in_words(kind: str, tmp_path: Path) -> None:
    released = released_with([UNDEFINED[kind]])
    page = page_of(released, tmp_path)
    assert not wrong_in(page)
    summary = page.text[page.text.index("Summary in plain language") : page.text.index("How to read this")]
    assert not IN_WORDS.search(summary), summary
    assert RULE in page.text


@pytest.mark.parametrize("seed", range(4))
def test_no_page_holds_a_number_that_is_none(seed: int, tmp_path: Path) -> None:
    whole: Row = {}
    released = released_with([whole, *UNDEFINED.values()], seed)
    tables = dict(released.tables)
    for name, rows in (("curves", make_curves()), ("diagnostics", make_diagnostics())):
        tables[name] = rows_to_table(numbers_broken(rows, seed), SCHEMAS[name])
    chance = random.Random(seed)
    described = [
        row | {"smd": chance.choice((nan, inf, -inf, None)), "cases_value": chance.choice((nan, inf, None, 0.0, 0.5))}
        for row in released.table("table_one").to_pylist()
    ]
    tables["table_one"] = rows_to_table(described, SCHEMAS["table_one"])
    page = page_of(Released(released.study, tables, released.manifest), tmp_path)
    assert not wrong_in(page)
    assert not page.problems


def sentences_of(row: Row) -> str:
    told = [{"analysis": "cohort", "code": DiagnosticCode.INCIDENCE_LIKE_CASES, "value": 3.6}]
    view = read_view(make_released(estimates=[row], diagnostics=told))
    return " ".join(s for c in summarise_classes(view, "risk", "population") for f in c.findings for s in f)


def test_a_finite_ratio_is_put_in_words_and_in_absolute_terms() -> None:
    text = sentences_of(estimate("anxiolytics", "ever", "ever", 1.9))
    assert "The odds ratio (OR) of such use of anxiolytics was 1.90 (95% CI, " in text
    assert "In absolute terms" in text


@pytest.mark.parametrize("kind", [kind for kind in UNDEFINED if kind != "nothing"])
def test_the_reason_is_said_instead(kind: str) -> None:
    text = sentences_of(estimate("anxiolytics", "ever", "ever", 1.9) | UNDEFINED[kind])
    assert re.search(r"cannot be put in words: |could not be estimated", text), text


@pytest.mark.parametrize(
    "exposed", [{"n_exposed_controls": 0}, {"n_exposed_controls": 5281}, {"n_exposed_cases": 1057}]
)
def test_a_ratio_needs_both_kinds_of_both(exposed: Row) -> None:
    assert not IN_WORDS.search(sentences_of(estimate("anxiolytics", "ever", "ever", 1.37) | exposed))


def test_firths_estimate_in_the_place_of_none_is_not_put_in_words() -> None:
    none = estimate("anxiolytics", "ever", "ever", None)
    firth = estimate("anxiolytics", "ever", "ever", 1.37, estimator="firth")
    (line, beside) = read_view(make_released(estimates=[none, firth])).lines
    assert line.shown_cell.startswith("Firth 1.37")
    assert why_not_worded(line)
    assert why_not_worded(beside)


def test_a_finite_ratio_with_few_exposed_is() -> None:
    line, *_ = read_view(
        make_released(estimates=[estimate("anxiolytics", "ever", "ever", 1.3, n_exposed_cases=1)])
    ).lines
    assert why_not_worded(line) == ""


DESCRIBED = partial(Described, comparison="population", about=Characteristic.COVARIATE, variable="x")


@pytest.mark.parametrize(
    ("values", "smd", "shown"),
    [
        (([True] * 9, [False] * 9), inf, "† ∞"),
        (([False] * 9, [True] * 9), -inf, "† −∞"),
        (([True] * 9, [True] * 9), 0.0, "0.00"),
        (([70.1] * 9, [60.3] * 7), inf, "† ∞"),
        (([60.3] * 9, [70.1] * 7), -inf, "† −∞"),
        (([63.347] * 9, [63.347] * 7), 0.0, "0.00"),
        (([0.1] * 1000, [0.1] * 997), 0.0, "0.00"),
        ((["a"] * 9, ["b"] * 9), inf, "† ∞"),
        (([True] * 9, []), None, "—"),
        (([1.5] * 9, []), None, "—"),
        (([], [1.5] * 9), None, "—"),
        (([1.5], [1.5, 2.5]), None, "—"),
    ],
)
def test_a_difference_without_spread_is_nought_or_infinite_and_marked(
    values: tuple[list[Any], list[Any]], smd: float | None, shown: str
) -> None:
    case = np.array([True] * len(values[0]) + [False] * len(values[1]))
    row = _describe(pa.array([*values[0], *values[1]]), case, DESCRIBED)[0]
    assert row.smd == smd
    assert _difference(row.smd) == shown


def test_an_infinite_difference_is_as_the_limit_of_finite_ones() -> None:
    """Two groups whose values part more and more against their spread."""
    case = np.array([True] * 50 + [False] * 50)
    noise = np.tile([-1.0, 1.0], 50)
    of_spread = [_describe(pa.array(10.0 * case + e * noise), case, DESCRIBED)[0].smd for e in (1.0, 0.1, 0.001, 0.0)]
    assert of_spread == sorted(of_spread)
    assert of_spread[-1] == inf


def test_logarithms_beyond_numbers_are_shown_as_bounds() -> None:
    rows = [estimate("anxiolytics", "ever", "ever", 1.0) | {"estimate": log(2.0), "conf_low": low, "conf_high": high}
            for low, high in ((-900.0, 900.0), (-inf, inf))]  # fmt: skip
    cells = [read_view(make_released(estimates=[row])).lines[0].cell for row in rows]
    assert cells == ["2.00 (<0.01–∞)", "2.00 (0–∞)"]
