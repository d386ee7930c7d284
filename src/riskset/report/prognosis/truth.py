"""What a synthetic nation planted of the course, beside the estimates that aim at it."""

from __future__ import annotations

from math import exp

from markupsafe import Markup

from riskset.report import formats
from riskset.report.prognosis.decline import SLOPE
from riskset.report.prognosis.ratios import lines_of
from riskset.report.prognosis.rows import COX, EVER, Rows, cell, signed
from riskset.report.tables import Column, Notes, render_table
from riskset.report.truth import count_held, planted_of
from riskset.report.view import Line, words_of

FULL = "mutually adjusted"
"""The form that has all classes and covariates, whose total effect stands beside the one that was solved."""
SCORE = "The score"


def table_planted(rows: Rows, *, name: str) -> Markup:
    """Direct ratios, the association and slopes with whether the interval holds them; total effects unjudged."""
    cells = [_judged(rows, x) for x in _aiming(rows)] + _totals(rows)
    groups = [*map(rows.title, rows.exposures), SCORE]
    cells.sort(key=lambda cell: groups.index(cell["group"]))
    notes = Notes()
    notes.add(
        "The planted hazard is that of death from the disease: deaths from other causes and ventilation carry no ratio "
        "and pull an estimate a little towards no difference. What was planted is of the latent score; the delivered "
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


def _judged(rows: Rows, line: Line) -> dict[str, str]:
    is_ratio = str(line["scale"]).startswith("log")
    if line["term"] == SLOPE:
        what = "Difference in slope, points a month"
    elif line["exposure"] in rows.exposures:
        what = "Direct hazard ratio"
    else:
        what = f"Association: hazard ratio for one point of {rows.marker} more"
    return {
        "group": rows.title(line["exposure"]) if line["exposure"] in rows.exposures else SCORE,
        "label": what,
        "model": words_of(line["model"]),
        "truth": formats.ratio(line.planted) if is_ratio else signed(line.planted),
        "estimate": cell(line) if line.value is not None else "not estimable",
        "holds": {True: "yes", False: "no", None: formats.NONE}[line.holds(line.planted)],
        "source": line.planted_source,
    }


def _totals(rows: Rows) -> list[dict[str, str]]:
    """The total effect that was solved from what was planted; Cox estimates a like quantity, not the same one."""
    cox = {x["exposure"]: x for x in lines_of(rows, COX) if x["level"] == EVER and rows.model(x["model"]).form == FULL}
    cells = []
    for row in rows.planted:
        line = cox.get(row["exposure"])
        if not row["scale"].startswith("log ratio of cumulative hazards") or line is None or line.value is None:
            continue
        cells.append(
            {
                "group": rows.title(row["exposure"]),
                "label": f"Total effect: {row['scale'].removeprefix('log ')}, beside the hazard ratio of Cox",
                "model": words_of(line["model"]),
                "truth": formats.ratio(exp(row["value"])),
                "estimate": line.cell,
                "holds": "not judged",
                "source": row["source"],
            }
        )
    return cells
