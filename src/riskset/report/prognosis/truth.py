"""What a synthetic nation planted of the course, beside the estimates that aim at it."""

from __future__ import annotations

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_lines as line_words
from riskset.report.catalogue import english_tables as table_words
from riskset.report.catalogue import english_truth as english
from riskset.report.prognosis.rows import Rows, cell, model_in, signed
from riskset.report.tables import Column, Notes, render_table
from riskset.report.truth import count_held, planted_of
from riskset.report.view import Line
from riskset.results.vocabulary import Role, Scale


def table_planted(rows: Rows, *, name: str) -> Markup:
    """Direct and total effects, the association and slopes, with whether the interval holds them."""
    cells = [_compared(rows, x) for x in _aiming(rows)]
    groups = [*map(rows.title, rows.exposures), english.THE_SCORE]
    cells.sort(key=lambda cell: groups.index(cell["group"]))
    notes = Notes()
    notes.add(english.WHAT_WAS_PLANTED_HOW)
    columns = [
        Column("label", table_words.WHAT, "left"),
        Column("model", table_words.MODEL, "left"),
        Column("truth", english.PLANTED),
        Column("estimate", english.estimated_with(rows.conf)),
        Column("holds", english.HOLDS),
        Column("source", english.SOURCE, "left"),
    ]
    caption = english.PLANTED_COURSE_BESIDE
    return render_table(cells, columns, name=name, caption=caption, group="group", notes=notes)


def count_planted(rows: Rows) -> str:
    """How many intervals hold what was planted."""
    return count_held(_aiming(rows), planted_of, english.WHAT_WAS_PLANTED)


def _aiming(rows: Rows) -> list[Line]:
    return [x for x in rows.lines if x.planted is not None]


def _compared(rows: Rows, line: Line) -> dict[str, str]:
    is_ratio = Scale(line["scale"]).is_ratio
    return {
        "group": rows.title(line["exposure"]) if line["exposure"] in rows.exposures else english.THE_SCORE,
        "label": _what(rows, line),
        "model": ENGLISH.model(model_in(line)),
        "truth": formats.ratio(line.planted) if is_ratio else signed(line.planted),
        "estimate": line_words.NOT_ESTIMABLE if line.is_missing else cell(line),
        "holds": line.holds_in_words(line.planted, yes=line_words.YES, no=line_words.NO),
        "source": line.planted_source,
    }


def _what(rows: Rows, line: Line) -> str:
    if line["scale"] == Scale.SLOPE:
        return english.SLOPE
    if line["scale"] == Scale.LOG_CHR:
        return english.total_effect(line["horizon"])
    if line["role"] == Role.MARKER:
        return english.association(rows.marker)
    return english.DIRECT
