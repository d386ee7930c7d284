"""What a synthetic nation planted of the course, beside the estimates that aim at it."""

from __future__ import annotations

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.prognosis.rows import Rows, cell, model_in, signed
from riskset.report.tables import Column, Notes, render_table
from riskset.report.truth import count_held, planted_of
from riskset.report.view import Line
from riskset.results.vocabulary import Role, Scale

SCORE = "The score"


def table_planted(rows: Rows, *, name: str) -> Markup:
    """Direct and total effects, the association and slopes, with whether the interval holds them."""
    cells = [_compared(rows, x) for x in _aiming(rows)]
    groups = [*map(rows.title, rows.exposures), SCORE]
    cells.sort(key=lambda cell: groups.index(cell["group"]))
    notes = Notes()
    notes.add(
        "The planted hazard is that of death from the disease: deaths from other causes and ventilation carry no ratio "
        "and pull an estimate a little towards no difference. The total effect is that of everybody's use on survival: "
        "what is solved from the direct effect, from the steeper decline where one was planted, and from the early "
        "deaths of those at highest risk. What was planted is of the latent score; the delivered "
        "one is rounded and stops at its floor"
    )
    columns = [
        Column("label", "What", "left"),
        Column("model", "Model", "left"),
        Column("truth", "Planted"),
        Column("estimate", f"Estimated ({rows.conf})"),
        Column("holds", "Interval holds it"),
        Column("source", "Where the truth comes from", "left"),
    ]
    caption = "Planted truth of the course beside the estimates"
    return render_table(cells, columns, name=name, caption=caption, group="group", notes=notes)


def count_planted(rows: Rows) -> str:
    """How many intervals hold what was planted."""
    return count_held(_aiming(rows), planted_of, "what was planted")


def _aiming(rows: Rows) -> list[Line]:
    return [x for x in rows.lines if x.planted is not None]


def _compared(rows: Rows, line: Line) -> dict[str, str]:
    is_ratio = Scale(line["scale"]).is_ratio
    return {
        "group": rows.title(line["exposure"]) if line["exposure"] in rows.exposures else SCORE,
        "label": _what(rows, line),
        "model": ENGLISH.model(model_in(line)),
        "truth": formats.ratio(line.planted) if is_ratio else signed(line.planted),
        "estimate": cell(line) if line.value is not None else "not estimable",
        "holds": {True: "yes", False: "no", None: formats.NONE}[line.holds(line.planted)],
        "source": line.planted_source,
    }


def _what(rows: Rows, line: Line) -> str:
    if line["scale"] == Scale.SLOPE:
        return "Difference in slope, points a month"
    if line["scale"] == Scale.LOG_CHR:
        return f"Total effect: ratio of cumulative hazards, first {line['horizon']:g} years"
    if line["role"] == Role.MARKER:
        return f"Association: hazard ratio for one point of {rows.marker} more"
    return "Direct hazard ratio"
