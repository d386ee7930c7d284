"""Curves and effects of the front: of few at risk nothing is given, and no sentence is of what may not be said."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from typing import Any

import pyarrow as pa

from riskset.report.catalogue import english_course as english
from riskset.report.front.after_diagnosis import after_diagnosis, hazard_ratios, medians, withheld_curves
from riskset.report.front.section import Section
from riskset.report.front.survival_curves import draw_curves
from riskset.report.prognosis.rows import Rows, read_rows
from riskset.report.view import read_view
from riskset.results.released import Released
from riskset.results.withheld import HiddenNumber, WithheldFor
from tests.report.course import make_course, make_course_estimates, make_curves


def rows_of(released: Released) -> Rows:
    rows = read_rows(released, read_view(released))
    assert rows is not None
    return rows


def section_of(released: Released) -> Section:
    section = after_diagnosis(released, read_view(released))
    assert section is not None
    return section


def html_of(section: Section) -> str:
    bodies = " ".join(str(x.body) + " ".join(x.notes) for x in section.exhibits)
    return f"{section.takeaway or ''} {bodies}"


def but(rows: list[dict[str, Any]], **changed: Any) -> list[dict[str, Any]]:
    return [row | {key: value for key, value in changed.items() if key in row} for row in rows]


def test_the_section_has_curves_and_both_effects() -> None:
    html = html_of(section_of(make_course()))
    assert "Total effect," in html
    assert "Direct effect," in html
    assert "planted" in html
    assert "None" not in html
    assert "95 %" not in html


def test_nothing_planted_is_shown_where_there_is_no_truth() -> None:
    assert "planted" not in html_of(section_of(make_course(planted=False)))


def test_no_text_of_a_picture_of_curves_meets_another() -> None:
    for picture in draw_curves(rows_of(make_course())):
        for one, other in combinations(picture.texts, 2):
            assert not one.extent.meets(other.extent), (one, other)


def test_of_few_at_risk_neither_number_is_given() -> None:
    few = but(make_curves(), n_risk=9, n_events=8)
    assert draw_curves(rows_of(make_course(curves=few))) == []
    for picture in draw_curves(rows_of(make_course())):
        cells = [text.text for text in picture.texts if re.search(r"\(\w+\)$", text.text)]
        assert all(cell == "<10 (NR)" or int(cell.split()[0].replace(",", "")) >= 10 for cell in cells[1:])


def test_a_ratio_whose_own_counts_leave_stands_where_those_of_all_patients_do_not() -> None:
    estimates = make_course_estimates()
    unmodelled = {i for i, row in enumerate(estimates) if row["form"] == ""}
    hidden = [but([row], n_exposed_cases=None)[0] if i in unmodelled else row for i, row in enumerate(estimates)]
    rows, html = rows_of(make_course(estimates=hidden)), html_of(section_of(make_course(estimates=hidden)))
    told = re.findall(r"HR\)?,? (\d\.\d\d)|(\d\.\d\d) \(", hazard_ratios(rows))
    assert told
    table = html[html.index('<table class="course">') :]
    assert all(any(number in table for number in numbers if number) for numbers in told)
    assert english.NOT_SHOWN in table


def test_hidden_counts_hide_what_tells_them_and_are_put_in_no_words() -> None:
    hidden = but(make_course_estimates(), n_exposed_cases=None, n_exposed_events=None, n_cases=None, n_events=None)
    rows = rows_of(make_course(estimates=hidden))
    assert medians(rows) == ""
    assert hazard_ratios(rows) == ""
    assert "None" not in html_of(section_of(make_course(estimates=hidden)))


def test_ratios_are_said_of_all_classes_or_of_none() -> None:
    rows = rows_of(make_course())
    text = hazard_ratios(rows)
    assert not text or all(name.replace("_", " ") in text for name in rows.exposures)


def test_every_number_at_risk_stands_below_a_tick_of_the_axis() -> None:
    """The first one, too, where curves start months after diagnosis."""
    released = make_course()
    pictures = draw_curves(rows_of(released))
    assert pictures
    for picture in pictures:
        places = {(round(text.x, 1), text.text) for text in picture.texts if text.text != english.AT_RISK}
        numbers = {x for x, text in places if re.search(r"\(\w+\)$", text)}
        ticks = {x for x, text in places if re.fullmatch(r"[\d.]+(\u00a0\w+)?", text)}
        assert numbers
        assert numbers <= ticks


def test_a_curve_goes_on_where_only_its_number_at_risk_is_withheld() -> None:
    """And where a point is withheld, too, the step is drawn to the next one."""
    released = make_course()
    rows = released.tables["curves"].to_pylist()
    thin = HiddenNumber(WithheldFor.THIN)
    every = {i: {"n_risk": thin} for i in range(len(rows)) if i % 3}
    points = {i: dict.fromkeys(("estimate", "conf_low", "conf_high", "n_risk", "n_events"), thin) for i in every}
    whole = draw_curves(rows_of(released))
    for cells in (
        every,
        {i: cell for i, cell in points.items() if i % 3 == 1} | {i: every[i] for i in every if i % 3 == 2},
    ):
        pictures = draw_curves(rows_of(replace(released, withheld={"curves": cells})))
        assert len(pictures) == len(whole)
        for picture, before in zip(pictures, whole, strict=True):
            ticks = [text.text for text in picture.texts if re.fullmatch(r"[\d.]+(\u00a0\w+)?", text.text)]
            assert ticks == [text.text for text in before.texts if re.fullmatch(r"[\d.]+(\u00a0\w+)?", text.text)]
            assert not [text.text for text in picture.texts if "withheld" in text.text or "nan" in text.text]


def test_one_point_is_no_curve() -> None:
    released = make_course()
    rows = released.tables["curves"].to_pylist()
    first = min(row["time"] for row in rows if row["curve"] == "survival")
    thin = HiddenNumber(WithheldFor.THIN)
    cells = {
        i: dict.fromkeys(("estimate", "conf_low", "conf_high", "n_risk", "n_events"), thin)
        for i, row in enumerate(rows)
        if row["curve"] == "survival" and row["time"] > first
    }
    assert draw_curves(rows_of(replace(released, withheld={"curves": cells}))) == []


def without_curves(released: Released, *classes: str) -> Released:
    """As disclosure control leaves it: no point of these curves, and the numbers that go with them withheld."""
    thin = HiddenNumber(WithheldFor.THIN)
    curves = released.tables["curves"].to_pylist()
    kept = [row for row in curves if row["curve"] != "survival" or row["exposure"] not in classes]
    hidden = {
        i: {"estimate": thin, "conf_low": thin, "conf_high": thin}
        for i, row in enumerate(released.tables["estimates"].to_pylist())
        if row["family"] == "kaplan-meier" and row["exposure"] in classes
    }
    tables = {**released.tables, "curves": pa.Table.from_pylist(kept, schema=released.tables["curves"].schema)}
    return replace(released, tables=tables, withheld={"estimates": hidden})


def test_curves_that_cannot_stand_are_said_to_be_withheld() -> None:
    """A figure that leaves without a word would be taken for one that was never drawn."""
    released = make_course()
    classes = rows_of(released).exposures
    assert withheld_curves(rows_of(released)) == []
    assert section_of(released).notes == ()
    for gone in (classes[:1], classes):
        left = without_curves(released, *gone)
        assert len(withheld_curves(rows_of(left))) == len(gone)
        (note,) = section_of(left).notes
        assert note.endswith(": curves withheld.")
        assert len(draw_curves(rows_of(left))) == len(classes) - len(gone)
