"""Each cause on its own: cause-specific and subdistribution hazard ratios side by side."""

from __future__ import annotations

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_course_tables as english
from riskset.report.catalogue.english_front import event
from riskset.report.prognosis.rows import Rows, clauses
from riskset.report.tables import Column, Notes, render_table
from riskset.report.view import Line, distinct
from riskset.results.vocabulary import Family, Form, Scale
from riskset.spec.levels import EVER


def table_competing(rows: Rows, *, name: str) -> Markup:
    """Both ratios of each cause by level of exposure, in the model with covariates, else the crude one."""
    families = (Family.CAUSE_SPECIFIC, Family.COX, Family.FINE_GRAY)
    lines = [x for scale in (Scale.LOG_HR, Scale.LOG_SHR) for x in rows.find(scale) if x["family"] in families]
    lines = [x for x in lines if _cause(rows, x)]
    form = next((f for f in (Form.ADJUSTED, Form.MUTUALLY_ADJUSTED) if any(x["form"] == f for x in lines)), Form.CRUDE)
    lines = [x for x in lines if (x["form"], x["level"]) == (form, EVER)]
    causes = distinct(_cause(rows, x) for x in lines)
    if len(causes) < 2:
        return Markup("")
    notes, cells = Notes(), []
    for exposure in rows.exposures:
        by_place = {(_cause(rows, x), _family(x)): x for x in lines if x["exposure"] == exposure}
        for cause in causes:
            row = {"group": rows.title(exposure), "label": event(cause).capitalize()}
            for family in (Family.CAUSE_SPECIFIC, Family.FINE_GRAY):
                line = by_place.get((cause, family))
                if line is None:
                    continue
                row["events"] = " / ".join(formats.count(line[f"n_exposed_{w}"]) for w in ("events", "cases"))
                row[family] = line.cell + (notes.mark(*clauses(line)) if line.is_missing else "")
            cells.append(row)
    columns = [
        Column("label", english.EVENT, "left"),
        Column("events", english.EVENTS_OF_USERS),
        Column(Family.CAUSE_SPECIFIC, english.cause_specific(rows.conf)),
        Column(Family.FINE_GRAY, english.subdistribution(rows.conf)),
    ]
    notes.add(english.ever_against(rows.never, ENGLISH.forms[form]))
    caption = english.EACH_EVENT
    return render_table(cells, columns, name=name, caption=caption, group="group", notes=notes)


def _cause(rows: Rows, line: Line) -> str:
    """The cause of a competing model; of the only endpoint, the Cox model is its cause-specific one."""
    is_only = line["family"] == Family.COX and len(rows.asked.endpoint) == 1
    return rows.asked.endpoint[0] if is_only else str(line["cause"])


def _family(line: Line) -> Family:
    return Family.CAUSE_SPECIFIC if line["family"] == Family.COX else Family(line["family"])
