"""Each cause on its own: cause-specific and subdistribution hazard ratios side by side."""

from __future__ import annotations

from markupsafe import Markup

from riskset.report import formats
from riskset.report.prognosis.rows import CAUSE_SPECIFIC, COX, EVER, FINE_GRAY, Rows
from riskset.report.tables import Column, Notes, render_table
from riskset.report.view import Line, distinct, words_of

COMPETING = (
    "A cause-specific hazard ratio is about how often the event comes to those who have had none so far; a "
    "subdistribution hazard ratio (Fine and Gray) is about the share of all patients to whom it has come, which the "
    "other event lowers by coming first. The two part the more, the more frequent the other event is and the more it "
    "depends on use itself. Where patients enter late the second is weighted for it."
)


def table_competing(rows: Rows, *, name: str) -> Markup:
    """Both ratios of each cause by level of exposure, in the model with covariates, else the crude one."""
    lines = [
        x
        for scale in ("log_hr", "log_shr")
        for x in rows.find(scale, term=EVER)
        if x["exposure"] in rows.exposures and _cause(rows, x)
    ]
    form = next((f for f in ("adjusted", "mutually adjusted") if any(_form(rows, x) == f for x in lines)), "crude")
    lines = [x for x in lines if _form(rows, x) == form and x["level"] == EVER]
    causes = distinct(_cause(rows, x) for x in lines)
    if len(causes) < 2:
        return Markup("")
    notes, cells = Notes(), []
    for exposure in rows.exposures:
        own = {(_cause(rows, x), _kind(rows, x)): x for x in lines if x["exposure"] == exposure}
        for cause in causes:
            row = {"group": rows.title(exposure), "label": words_of(cause).capitalize()}
            for kind in (CAUSE_SPECIFIC, FINE_GRAY):
                line = own.get((cause, kind))
                if line is None:
                    continue
                row["events"] = " / ".join(formats.count(line[f"n_exposed_{w}"]) for w in ("events", "cases"))
                row[kind] = line.cell + (notes.mark(str(line["note"])) if line.value is None else "")
            cells.append(row)
    columns = [
        Column("label", "Event", "left"),
        Column("events", "Events / patients, ever"),
        Column(CAUSE_SPECIFIC, f"Cause-specific HR ({rows.conf})"),
        Column(FINE_GRAY, f"Subdistribution HR ({rows.conf})"),
    ]
    notes.add(f"Ever use against {rows.never}, {form}; complete case. Other forms are among all estimates")
    caption = "Hazard ratios of each event"
    return render_table(cells, columns, name=name, caption=caption, group="group", notes=notes)


def _cause(rows: Rows, line: Line) -> str:
    """The cause of a competing model; of the only endpoint, the Cox model is its cause-specific one."""
    model = rows.model(line["model"])
    return rows.asked.endpoint[0] if model.kind == COX and len(rows.asked.endpoint) == 1 else model.cause


def _kind(rows: Rows, line: Line) -> str:
    kind = rows.model(line["model"]).kind
    return CAUSE_SPECIFIC if kind == COX else kind


def _form(rows: Rows, line: Line) -> str:
    return rows.model(line["model"]).form
