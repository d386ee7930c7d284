"""Hazard ratios: total effects (Cox) and direct effects (joint model) side by side, with the published ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.figures import Figure
from riskset.report.forest import Canvas, Look
from riskset.report.prognosis.rows import Rows, clauses, few_patients
from riskset.report.tables import Column, Notes, render_table
from riskset.report.theme import colour
from riskset.report.view import Line, distinct
from riskset.results.notes import NoteCode
from riskset.results.vocabulary import Association, Family, Form, Scale, Sensitivity
from riskset.spec.levels import AFTER_DIAGNOSIS, EVER

SHOWN = (Form.CRUDE, Form.CRUDE_SAME_PATIENTS, Form.ADJUSTED, Form.MUTUALLY_ADJUSTED)
"""The forms in the table; the other one stands among all estimates."""

TOTAL_AND_DIRECT = (
    "The total effect (Cox regression without the score) is how much more often patients who had used a class had an "
    "event at any time than patients who had not, by whatever way, a faster decline included. The direct effect (joint "
    "model) is that ratio between patients who have the same score at that moment: what goes by way of the score is "
    "left out of it. The two answer different questions and need not agree."
)

BASELINE = (
    "The score at the beginning is itself an outcome, since use came before it, and a step on the way to the event. "
    "Adjusting for it takes part of the effect away and can bring in confounding that was not there, so no model above "
    "does; below, that model stands as a sensitivity only, followed from the day of the first score."
)


def lines_of(
    rows: Rows, family: Family, association: Association = Association.NONE, *, sensitivity: bool = False
) -> list[Line]:
    """Hazard ratios of exposures by one kind of model."""
    lines = rows.find(Scale.LOG_HR, family=family, sensitivity=sensitivity)
    return [x for x in lines if x["association"] == association]


HEADED = (NoteCode.TOTAL_EFFECT, NoteCode.DIRECT_EFFECT)
"""Notes that the heading of a column says."""


def table_ratios(rows: Rows, association: Association, *, name: str) -> Markup:
    """Each level of each exposure in a row; Cox, joint model and published figure in columns."""
    parts = [(Family.COX, lines_of(rows, Family.COX))]
    parts += [(Family.JOINT, lines_of(rows, Family.JOINT, association))] if association else []
    spanners = {
        Family.COX: f"Total effect, Cox: HR ({rows.conf})",
        Family.JOINT: f"Direct effect, joint model: HR ({rows.conf})",
    }
    every = [x for _, lines in parts for x in lines]
    notes = Notes.of(clauses(x, without=HEADED) for x in every if x.value is not None)
    cells = []
    for exposure, level in _places(rows, every):
        at_place = [x for x in every if (x["exposure"], x["level"]) == (exposure, level)]
        row = {"group": rows.title(exposure), "label": rows.level(level)}
        row["events"] = " / ".join(formats.count(at_place[0][f"n_exposed_{what}"]) for what in ("events", "cases"))
        for line in at_place:
            row[_column(line["family"], line["form"])] = line.cell + notes.mark(
                *clauses(line, without=HEADED), few_patients(line)
            )
        row["published"] = _published(rows, exposure, level, notes)
        cells.append(row)
    used = [(family, form) for family, _ in parts for form in SHOWN if any(_column(family, form) in c for c in cells)]
    # The crude joint model stands among all estimates: the table is wide as it is.
    joint_crude, joint_adjusted = ((Family.JOINT, form) for form in (Form.CRUDE, Form.ADJUSTED))
    used = [u for u in used if u != joint_crude] if joint_adjusted in used else used
    columns = [
        Column("label", "Use before diagnosis", "left"),
        Column("events", "Events / patients"),
        *(_ratio_column(every, family, form, spanners[family]) for family, form in used),
        *([Column("published", "Published")] if any(row["published"] for row in cells) else []),
    ]
    _explain_columns(notes, used)
    caption = f"Hazard ratios against {rows.never}"
    caption += f"; joint model by the {ENGLISH.features[association]}" if association else ""
    return render_table(cells, columns, name=name, caption=caption, group="group", notes=notes)


def _column(family: str, form: str) -> str:
    """The key of the column of a model."""
    return f"{family} {form}"


def _ratio_column(lines: Sequence[Line], family: Family, form: Form, spanner: str) -> Column:
    heading = f"{ENGLISH.forms[form]} (n {_patients(lines, family, form)})"
    return Column(_column(family, form), heading, spanner=spanner)


def _patients(lines: Sequence[Line], family: Family, form: Form) -> str:
    """How many patients the models of a column have: ``836``, or ``830 to 836``."""
    numbers = {x["n_cases"] for x in lines if (x["family"], x["form"]) == (family, form)} - {None}
    return " to ".join(formats.count(n) for n in sorted({min(numbers), max(numbers)})) if numbers else formats.NONE


def _explain_columns(notes: Notes, used: Sequence[tuple[Family, Form]]) -> None:
    if used:
        family, form = used[0]
        notes.add(
            f"Events and patients at a level are those of the {ENGLISH.forms[form]} {ENGLISH.families[family]} model"
        )
    if (Family.COX, Form.CRUDE_SAME_PATIENTS) in used:
        notes.add(
            "Crude and adjusted models differ in patients: the adjusted ones leave out who has an unknown covariate. "
            "The crude model of the adjusted model's patients differs from the adjusted one by adjustment alone"
        )


def _published(rows: Rows, exposure: str, level: str, notes: Notes) -> str:
    figure = rows.published(exposure, level)
    if figure is None:
        return ""
    source = f"{figure.source} ({figure.note})" if figure.note else figure.source
    return formats.ratio_with_interval(figure.estimate, figure.low, figure.high) + notes.mark(source)


def _places(rows: Rows, lines: Sequence[Line]) -> list[tuple[str, str]]:
    places = distinct((x["exposure"], x["level"]) for x in lines)
    return sorted(places, key=lambda place: (rows.exposures.index(place[0]), place[1] != EVER))


def plot_ratios(rows: Rows, *, name: str) -> Figure | None:
    """Total and direct effects of ever use, adjusted, with the published figure and the planted truth."""
    first = next(iter(rows.associations()), Association.NONE)
    lines = [*lines_of(rows, Family.COX), *(lines_of(rows, Family.JOINT, first) if first else [])]
    lines = [x for x in lines if x["level"] == EVER]
    forms = [f for f in SHOWN if any(x["form"] == f for x in lines)]
    forms = [f for f in forms if f not in SHOWN[:2]] or forms
    looks: dict[str, Look] = {}
    canvas, used = Canvas(), []
    for exposure in rows.exposures:
        canvas.head(rows.title(exposure))
        for family, what, hue in _EFFECTS:
            for line in _in_order(lines, exposure, family, forms):
                form = Form(line["form"])
                series = f"{ENGLISH.families[family]}, {ENGLISH.forms[form]}"
                looks[series] = colour(hue), "square" if form == Form.MUTUALLY_ADJUSTED else "circle"
                canvas.label(f"{what}, {ENGLISH.forms[form]}")
                canvas.add(line, series, words="")
                used.append(line)
        figure = rows.published(exposure, EVER)
        if figure is not None and used:
            canvas.label("Published")
            canvas.add_published(replace(used[-1], published=figure), words="")
        canvas.gap()
    if not used:
        return None
    series_of_joint = {f"{ENGLISH.families[Family.JOINT]}, {ENGLISH.forms[form]}" for form in forms}
    order = sorted(looks, key=lambda s: (s in series_of_joint, s))
    text = (
        f"Hazard ratios of ever use against {rows.never}. Points are estimates, lines their "
        f"{rows.confidence} confidence intervals; the scale is logarithmic and 1 is no difference."
    )
    return canvas.draw(name, "Total and direct effects", text, order, used, looks=looks)


_EFFECTS = ((Family.COX, "Total effect", "adjusted"), (Family.JOINT, "Direct effect", "mutual"))


def _in_order(lines: Sequence[Line], exposure: str, family: Family, forms: Sequence[Form]) -> list[Line]:
    """The lines of a class by one kind of model, in the order of the forms."""
    of_class = [x for x in lines if (x["exposure"], x["family"]) == (exposure, family)]
    return [x for form in forms for x in of_class if x["form"] == form]


def table_sensitivities(rows: Rows, *, name: str) -> Markup:
    """Models that are sensitivities, each beside the model that it varies; of all classes with all covariates first.

    Of levels those that differ from the main model's: ever use, and what begins after diagnosis.
    """
    first = next(iter(rows.associations()), Association.NONE)
    families = [(Family.COX, Association.NONE), *([(Family.JOINT, first)] if first else [])]
    varied = [x for family, association in families for x in lines_of(rows, family, association, sensitivity=True)]
    forms = {x["form"] for x in varied}
    shown = [form for form in SHOWN[2:] if form in forms] or list(SHOWN[:1])
    varied = [x for x in varied if x["form"] in shown and x["level"] in (EVER, AFTER_DIAGNOSIS)]
    main = {_place(x): x for family, association in families for x in lines_of(rows, family, association)}
    notes = Notes()
    cells = []
    for line in sorted(varied, key=lambda x: rows.exposures.index(x["exposure"])):
        beside = main.get(_place(line))
        what = "from the day after qualifying" if line["level"] == AFTER_DIAGNOSIS else "ever"
        family, varies = (
            ENGLISH.families[Family(line["family"])],
            ENGLISH.sensitivities[Sensitivity(line["sensitivity"])],
        )
        cells.append(
            {
                "group": rows.title(line["exposure"]),
                "label": f"{family}, {varies}: {what}",
                "form": ENGLISH.forms[Form(line["form"])],
                "events": f"{formats.count(line['n_events'])} / {formats.count(line['n_cases'])}",
                "varied": line.cell + notes.mark(*clauses(line, without=(*HEADED, NoteCode.COMPLETE_CASE))),
                "main": beside.cell if beside else "",
            }
        )
    columns = [
        Column("label", "Sensitivity", "left"),
        Column("form", "Form", "left"),
        Column("events", "Events / patients"),
        Column("varied", f"HR ({rows.conf})"),
        Column("main", f"In the main model: HR ({rows.conf})"),
    ]
    notes.add("Complete case, as the main models are")
    return render_table(cells, columns, name=name, caption="Sensitivities", group="group", notes=notes)


def _place(line: Line) -> tuple[str, ...]:
    return line["family"], line["form"], line["exposure"], line["level"]
