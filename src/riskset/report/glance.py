"""The study at a glance: one row for each class, one column for each thing that was asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_compared as english
from riskset.report.compared import comparison_title
from riskset.report.estimate_tables import effect_heading
from riskset.report.tables import Column, Notes, render_table
from riskset.report.view import Line, View, distinct, title_of
from riskset.report.worded import why_not_worded
from riskset.report.words import headlines_of
from riskset.spec.levels import LAG_ONLY

TOTAL, DIRECT = "total", "direct"
"""Columns of the two effects on the course."""
_EFFECTS = {TOTAL: english.TOTAL, DIRECT: english.DIRECT}


def table_glance(
    view: View, risk: str, comparisons: Sequence[str], course: Mapping[str, tuple[Line | None, Line | None]]
) -> Markup:
    """The estimates that the summary words, in one table; empty where there is one comparison and nothing else.

    Parameters
    ----------
    risk, comparisons : the analysis of the risk and its comparisons, without companions
    course : exposure → the hazard ratio of the course of the disease, in total and given the score
    """
    if len(comparisons) + bool(course) < 2:
        return Markup()
    compared = {name: [x for x in headlines_of(view, risk, name) if x["level"] != LAG_ONLY] for name in comparisons}
    lines = [x for headlines in compared.values() for x in headlines]
    notes = Notes()
    notes.add(english.glance_models([(ENGLISH.forms[x.form], x.form.is_mutual) for x in lines]))
    notes.add(english.COURSE if course else "")
    rows = []
    for place in distinct(x.place for x in lines):
        at_place = {name: next((x for x in each if x.place == place), None) for name, each in compared.items()}
        label = next(x.label for x in at_place.values() if x is not None)
        row = {"group": title_of(view.study, place.term.exposure), "label": label}
        row |= {name: _cell(x, notes) for name, x in at_place.items()}
        rows.append(row)
    for exposure, ratios in course.items():
        of_class = [row for row in rows if row["group"] == title_of(view.study, exposure)]
        if not of_class:
            of_class = [{"group": title_of(view.study, exposure), "label": english.EVER_BEFORE_DIAGNOSIS}]
            rows += of_class
        of_class[0] |= {name: x.cell if x else formats.NONE for name, x in zip((TOTAL, DIRECT), ratios, strict=True)}
    asked = [*comparisons, *(name for name in (TOTAL, DIRECT) if any(name in row for row in rows))]
    columns = [
        Column("label", english.USE, "left"),
        *(Column(name, comparison_title(view.study, name), spanner=effect_heading(lines)) for name in comparisons),
        *(Column(name, _EFFECTS[name], spanner=english.AFTER_DIAGNOSIS) for name in asked[len(comparisons) :]),
    ]
    rows = [dict.fromkeys(asked, "") | row for row in rows]
    return render_table(rows, columns, name="glance", caption=english.GLANCE, group="group", notes=notes)


def _cell(line: Line | None, notes: Notes) -> str:
    """An estimate that may be put in words, or why there is none."""
    if line is None:
        return formats.NONE
    if line.is_withheld:
        return line.cell
    if why := why_not_worded(line):
        return formats.NONE + notes.mark(english.see_table(why))
    return line.cell + notes.mark(line.thin)
