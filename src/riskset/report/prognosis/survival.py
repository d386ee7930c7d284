"""How long patients lived: rates, medians and restricted means in a table."""

from __future__ import annotations

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_course_tables as english
from riskset.report.catalogue.english_lines import ALL_PATIENTS
from riskset.report.prognosis.rows import MONTHS, Rows, cell, clauses, few_patients
from riskset.report.tables import Column, Notes, render_table
from riskset.report.view import Line, distinct
from riskset.results.vocabulary import Family, Form, Scale
from riskset.spec.levels import EVER, NEVER

SHOWN = (Form.ADJUSTED, Form.MUTUALLY_ADJUSTED)
"""Forms of the standardised survival that are shown; the other one stands among all estimates."""
PER = 100
"""Person-years that a rate is of."""


def table_survival(rows: Rows, *, name: str) -> Markup:
    """Each level of each exposure: patients, events, rate, median, restricted mean and its difference from never."""
    scales = (Scale.RATE, Scale.MEDIAN, Scale.RMST, Scale.RMST_DIFFERENCE)
    lines = [x for scale in scales for x in rows.find(scale)]
    notes = Notes()
    by_place = {(x["exposure"], x["level"], x["scale"]): x for x in lines}
    cells = []
    for exposure, level in distinct((x["exposure"], x["level"]) for x in lines):
        rate, median, mean, less = (by_place.get((exposure, level, scale)) for scale in scales)
        cells.append(
            {
                "group": rows.title(exposure),
                "label": rows.level(level),
                "patients": formats.count(rate["n_cases"]) if rate else "",
                "events": formats.count(rate["n_events"]) if rate else "",
                "years": formats.count(rate["person_years"]) if rate else "",
                "rate": _marked(rate, notes, times=PER, decimals=1),
                "median": _marked(median, notes),
                "mean": _marked(mean, notes),
                "less": _marked(less, notes, times=MONTHS, decimals=1),
            }
        )
    order = [ALL_PATIENTS, *(rows.title(e) for e in rows.exposures)]
    cells.sort(key=lambda row: order.index(row["group"]) if row["group"] in order else len(order))
    notes.add(english.about_times(rows.asked))
    until = rows.asked.horizon.words()
    columns = [
        Column("label", english.USE, "left"),
        Column("patients", english.PATIENTS),
        Column("events", english.EVENTS),
        Column("years", english.PERSON_YEARS),
        Column("rate", english.rate(PER, rows.conf)),
        Column("median", english.median(rows.conf)),
        Column("mean", english.mean(until, rows.conf)),
        Column("less", english.difference(rows.never, rows.conf)),
    ]
    caption = english.TIMES
    return render_table(cells, columns, name=name, caption=caption, group="group", notes=notes)


def _marked(line: Line | None, notes: Notes, *, times: float = 1, decimals: int = 2) -> str:
    """The cell, and for a number that there is not the reason; one of few patients is marked."""
    if line is None:
        return ""
    shown = cell(line, times=times, decimals=decimals)
    return shown + notes.mark(*(clauses(line) if line.is_missing else (few_patients(line),)))


def table_standardised(rows: Rows, *, name: str) -> Markup:
    """Adjusted survival at a time with and without use, its difference, and the ratio of cumulative hazards."""
    scales = (Scale.SURVIVAL, Scale.SURVIVAL_DIFFERENCE, Scale.LOG_CHR)
    lines = [x for scale in scales for x in rows.find(scale, family=Family.STANDARDISED) if x["form"] in SHOWN]
    by_place = {(x["exposure"], x["form"], x["level"], x["scale"]): x for x in lines}
    notes, cells = Notes(), []
    for exposure, form in distinct(key[:2] for key in by_place):
        parts = (NEVER, Scale.SURVIVAL), *((EVER, scale) for scale in scales)
        never, ever, less, ratio = (by_place.get((exposure, form, *part)) for part in parts)
        cells.append(
            {
                "group": rows.title(exposure),
                "label": ENGLISH.forms[Form(form)],
                "never": _marked(never, notes, times=100, decimals=0),
                "ever": _marked(ever, notes, times=100, decimals=0),
                "less": cell(less, times=100, decimals=1),
                "ratio": ratio.cell if ratio is not None else "",
            }
        )
    order = [rows.title(e) for e in rows.exposures]
    cells.sort(key=lambda c: order.index(c["group"]))
    when = rows.asked.survival_at.words()
    notes.add(english.of_all_patients(rows.asked, when))
    columns = [
        Column("label", english.MODEL, "left"),
        Column("never", english.none_used(rows.conf)),
        Column("ever", english.all_used(rows.conf)),
        Column("less", english.points_of_per_cent(rows.conf)),
        Column("ratio", english.cumulative_ratio(rows.conf)),
    ]
    caption = english.adjusted_share(rows.asked, when)
    return render_table(cells, columns, name=name, caption=caption, group="group", notes=notes)
