"""What became of the patients: curves of each class, and the total and the direct effect in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import english_course as english
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.front.behind import behind
from riskset.report.front.claims import FiniteRatio, finite_ratio
from riskset.report.front.section import Exhibit, Kind, Section
from riskset.report.front.survival_curves import MOST, curve_name, draw_curves, render_curves
from riskset.report.lines import Line
from riskset.report.prognosis.rows import FEW, MONTHS, Rows, few_patients, read_rows, signed, signed_cell
from riskset.report.templating import render
from riskset.report.view import View, distinct
from riskset.report.worded import why_not_worded
from riskset.results.released import Released
from riskset.results.vocabulary import Association, Family, Form, Role, Scale
from riskset.results.withheld import HiddenNumber
from riskset.spec.levels import ALL, EVER, NEVER
from riskset.spec.words import capital

COLUMNS = ("median", "rmst", "total", "direct", "decline")
_TABLES = {
    "median": "course-times",
    "rmst": "course-times",
    "total": "course-ratios-1",
    "direct": "course-ratios-1",
    "decline": "course-slopes",
}
"""Column → the table of the supplement that has its numbers."""


@dataclass(frozen=True)
class CourseRow:
    """A level of a class: label, counts, and a cell for each column with its planted value."""

    label: str
    patients: str
    events: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CourseClass:
    """A class with its levels."""

    title: str
    rows: tuple[CourseRow, ...]


def after_diagnosis(released: Released, view: View) -> Section | None:
    """The section; None where the study followed nobody."""
    rows = read_rows(released, view)
    if rows is None:
        return None
    exhibits = [x for x in (_curves(rows), _table(rows)) if x is not None]
    sentences = list(filter(None, (followed(rows), medians(rows), hazard_ratios(rows))))
    kept_back = withheld_curves(rows)
    notes = (english.curves_withheld(rows.asked, kept_back),) if kept_back else ()
    if not exhibits and not sentences and not notes:
        return None
    takeaway = " ".join(sentences) or None
    return Section("prognosis", english.TITLE, takeaway, tuple(exhibits), notes=notes, short=english.IN_CONTENTS)


# What is said


def followed(rows: Rows) -> str:
    """How many were followed, for how long, and what happened to them; nothing where the number is not given."""
    everyone = next((x for x in rows.find(Scale.RATE) if x["level"] == ALL), None)
    everyone = everyone or next((x for x in rows.lines if (x["scale"], x["level"]) == (Scale.RATE, ALL)), None)
    if everyone is None or everyone["n_cases"] is None:
        return ""
    events = everyone["n_events"]
    causes = events_by_cause(rows)
    known = causes if sum(causes.values()) == events else {}
    return english.followed(everyone["n_cases"], everyone["person_years"], events, known, rows.asked)


def events_by_cause(rows: Rows) -> dict[str, int]:
    """The first events of each kind among all patients, the endpoints alone; empty where one is not given."""
    by_cause: dict[str, int] = {}
    for cause in rows.asked.endpoint:
        lines = [x for x in rows.lines if (x["family"], x["cause"]) == (Family.CAUSE_SPECIFIC, cause)]
        numbers = [x["n_events"] for x in lines]
        if not numbers or None in numbers:
            return {}
        by_cause[cause] = max(numbers)
    return by_cause


def medians(rows: Rows) -> str:
    """Median times of users and of others; nothing where one of them is not known or is of few patients."""
    pairs = [(_shown(rows, e, EVER, Scale.MEDIAN), _shown(rows, e, NEVER, Scale.MEDIAN)) for e in rows.exposures]
    values = [(a.value, b.value) for a, b in pairs if a is not None and b is not None]
    known = [(a, b) for a, b in values if a is not None and b is not None]
    if not known or len(known) < len(rows.exposures):
        return ""
    names = [label_of_name(rows.study, e) for e in rows.exposures]
    return english.medians(names, [a for a, _ in known], [b for _, b in known], rows.asked)


def hazard_ratios(rows: Rows) -> str:
    """The total effects of ever use; of all classes, or nothing."""
    named = []
    for exposure in rows.exposures:
        line = _effect(rows, exposure, "total")
        ratio = _sayable(line) if line is not None else None
        if ratio is not None:
            named.append((label_of_name(rows.study, exposure), *ratio))
    if not named or len(named) < len(rows.exposures):
        return ""
    adjusted = primary(rows) not in (Form.CRUDE, Form.MUTUALLY_CRUDE)
    return english.ratios(named, rows.study.conf_level, adjusted=adjusted, asked=rows.asked)


def _sayable(line: Line) -> FiniteRatio | None:
    """A hazard ratio that may be put in words: finite, of a fit that converged, its counts given, not of few."""
    counts = (line["n_exposed_cases"], line["n_exposed_events"])
    if why_not_worded(line) or few_patients(line) or None in counts:
        return None
    return finite_ratio(line.value, line.low, line.high)


def _shown(rows: Rows, exposure: str, level: str, scale: Scale) -> Line | None:
    """An unadjusted estimate of a level that has at least `FEW` patients."""
    for line in rows.find(scale):
        if (line["exposure"], line["level"]) == (exposure, level):
            n = line["n_exposed_cases"]
            return line if n is not None and n >= FEW else None
    return None


def primary(rows: Rows) -> Form:
    """The form of model whose effects the front holds."""
    form = rows.study.primary_prognosis_form
    return Form(form) if form is not None else Form.CRUDE


def _effect(rows: Rows, exposure: str, column: str) -> Line | None:
    """The primary estimate of ever use of a class in a column."""
    association = next(iter(rows.associations()), Association.NONE)
    scale, family = {
        "total": (Scale.LOG_HR, Family.COX),
        "direct": (Scale.LOG_HR, Family.JOINT),
        "decline": (Scale.SLOPE, Family.JOINT),
    }[column]
    return next(
        (
            x
            for x in rows.find(scale, family=family, role=Role.EXPOSURE)
            if (x["exposure"], x["level"], x["form"]) == (exposure, EVER, primary(rows))
            and x["association"] in ("", association)
        ),
        None,
    )


# What is shown


def _curves(rows: Rows) -> Exhibit | None:
    pictures = draw_curves(rows)
    if not pictures:
        return None
    shown = pictures[:MOST]
    names = [label_of_name(rows.study, e) for e in rows.exposures]
    notes = english.curve_notes(rows.asked, FEW, late=rows.asked.entry == "registration")
    fills = len(shown) % 2 == 1
    return Exhibit(
        Kind.FIGURE,
        english.curve_title(rows.asked, names if len(names) == 1 else [*names, ""]),
        render_curves(shown, _aside(rows, notes) if fills else Markup()),
        about=english.kaplan_meier(rows.study.conf_level),
        notes=() if fills else notes,
        scrolls=False,
    )


def withheld_curves(rows: Rows) -> list[str]:
    """The classes whose curves of use and of none may not be shown: a number that goes with a curve is withheld."""
    drawn = {picture.name for picture in draw_curves(rows)}
    hidden = {
        line["exposure"]
        for line in rows.lines
        if line["family"] == Family.KAPLAN_MEIER and line["level"] in (EVER, NEVER) and _is_withheld(line)
    }
    classes = [e for e in rows.exposures if e in hidden and curve_name(rows, e) not in drawn]
    return [label_of_name(rows.study, exposure) for exposure in classes]


def _is_withheld(line: Line) -> bool:
    return isinstance(line.row["estimate"], HiddenNumber)


def _aside(rows: Rows, notes: Sequence[str]) -> Markup:
    """What stands beside the last picture: of a single class its sentence, then how to read the curves."""
    take = _take(rows, rows.exposures[0]) if len(rows.exposures) == 1 else ""
    first = Markup('<p class="take">{}</p>').format(take) if take else Markup()
    return first + Markup('<p class="note">{}</p>').format(" ".join(notes))


def _take(rows: Rows, exposure: str) -> str:
    ever, never = (_shown(rows, exposure, level, Scale.MEDIAN) for level in (EVER, NEVER))
    less = _shown(rows, exposure, EVER, Scale.RMST_DIFFERENCE)
    sentences = []
    if ever is not None and never is not None and ever.value is not None and never.value is not None:
        sentences.append(english.half(ever.value, never.value, rows.asked))
    ends = [formats.finite(x) for x in (less.value, less.low, less.high)] if less is not None else [None]
    known = [end * MONTHS for end in ends if end is not None]
    if len(known) == 3 and known[0]:
        months, low, high = known
        sentences.append(english.lived(months, low, high, rows.asked.horizon, rows.study.conf_level, rows.asked))
    return " ".join(sentences)


def _table(rows: Rows) -> Exhibit | None:
    heads = english.heads(rows.asked, rows.study.conf_level)
    lines = {e: {c: _cell_line(rows, e, c) for c in COLUMNS} for e in rows.exposures}
    columns = [c for c in COLUMNS if any(of_class[c] is not None for of_class in lines.values())]
    if not columns:
        return None
    classes = [
        CourseClass(
            capital(label_of_name(rows.study, e)),
            tuple(_row(rows, e, level, lines[e], columns) for level in (NEVER, EVER)),
        )
        for e in rows.exposures
    ]
    return Exhibit(
        Kind.TABLE,
        english.table_title(rows.asked, decline="decline" in columns),
        render("front_course.html", words=english, heads=[heads[c] for c in columns], classes=classes),
        notes=tuple(_notes(rows, lines, columns)),
    )


def _cell_line(rows: Rows, exposure: str, column: str) -> Line | None:
    if column == "median":
        return next((x for x in rows.find(Scale.MEDIAN) if (x["exposure"], x["level"]) == (exposure, EVER)), None)
    if column == "rmst":
        lines = rows.find(Scale.RMST_DIFFERENCE)
        return next((x for x in lines if (x["exposure"], x["level"]) == (exposure, EVER)), None)
    return _effect(rows, exposure, column)


def _row(rows: Rows, exposure: str, level: str, lines: Mapping[str, Line | None], columns: Sequence[str]) -> CourseRow:
    rate = next((x for x in rows.find(Scale.RATE) if (x["exposure"], x["level"]) == (exposure, level)), None)
    counts = [
        formats.finite(rate[name]) if rate is not None else None for name in ("n_exposed_cases", "n_exposed_events")
    ]
    patients, events = (english.NOT_SHOWN if n is None else behind(formats.count(n), "course-numbers") for n in counts)
    hides = None in counts
    cells = []
    for column in columns:
        if column == "median":
            lines_of_median = rows.find(Scale.MEDIAN)
            line = next((x for x in lines_of_median if (x["exposure"], x["level"]) == (exposure, level)), None)
            cells.append(("" if line is None else english.NOT_SHOWN if hides else _median_cell(line), ""))
        elif level == NEVER:
            cells.append((english.REFERENCE if lines[column] is not None else formats.NONE, ""))
        else:
            cells.append((english.NOT_SHOWN, "") if _is_hidden(lines[column], hides) else _cell(lines[column], column))
    cells = [(behind(text, _TABLES[column]), planted) for column, (text, planted) in zip(columns, cells, strict=True)]
    return CourseRow(english.levels(rows.study, rows.never)[level], patients, events, tuple(cells))


def _is_hidden(line: Line | None, hides: bool) -> bool:
    """Whether an estimate is withheld, or a count that it rests on is not there: its own, or without a model the row's.

    Disclosure control lets estimates stand whose counts it does not state, since they do not tell them.
    """
    if line is None:
        return False
    rests_on = hides if line["form"] == Form.NONE else None in (line["n_exposed_cases"], line["n_exposed_events"])
    return rests_on or isinstance(line["estimate"], HiddenNumber)


def _median_cell(line: Line) -> str:
    if line.is_withheld:
        return english.NOT_SHOWN
    return signed_cell(line.value, line.low, line.high, worded=english.dashed)


def _cell(line: Line | None, column: str) -> tuple[str, str]:
    """An estimate with its interval, and the planted value that its model aims at."""
    if line is None:
        return formats.NONE, ""
    if line.is_ratio:
        return line.cell, formats.ratio(line.planted) if line.planted is not None else ""
    times, decimals = (MONTHS, 1) if column == "rmst" else (1.0, 2)
    shown = signed_cell(line.value, line.low, line.high, times=times, decimals=decimals)
    return shown, signed(line.planted) if line.planted is not None else ""


def _notes(rows: Rows, lines: Mapping[str, Mapping[str, Line | None]], columns: Sequence[str]) -> list[str]:
    form = primary(rows)
    effects = [x for of_class in lines.values() for c in ("total", "direct") if (x := of_class[c]) is not None]
    notes = []
    if effects:
        patients, events = (
            distinct(int(n) for x in effects if (n := formats.finite(x[name])) is not None)
            for name in ("n_cases", "n_events")
        )
        covariates = [label_of_name(rows.study, name) for name in rows.covariates_of(effects)]
        notes.append(
            english.effects(
                label_of_name(rows.study, rows.asked.marker) if rows.asked.marker else "",
                covariates,
                together=form.is_mutual and len(rows.exposures) > 1,
                direct="direct" in columns,
                sizes=english.sizes(patients, events),
            )
        )
    if {"median", "rmst"} & set(columns):
        notes.append(english.UNADJUSTED)
    planted = [
        (e, c, x)
        for e, of_class in lines.items()
        for c, x in of_class.items()
        if x is not None and x.planted is not None
    ]
    if planted:
        missed = [
            english.effect_of(c, label_of_name(rows.study, e)) for e, c, x in planted if x.holds(x.planted) is False
        ]
        notes.append(english.missed(missed))
    return notes
