"""Hazard ratios: total effects (Cox) and direct effects (joint model) side by side, with the published ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_course_figures as figure_words
from riskset.report.catalogue import english_course_tables as english
from riskset.report.figures import Figure
from riskset.report.forest import Canvas, Look
from riskset.report.prognosis.rows import Rows, clauses, few_patients
from riskset.report.tables import Column, Notes, render_table
from riskset.report.theme import colour
from riskset.report.view import Line, distinct, spread
from riskset.results.notes import NoteCode
from riskset.results.vocabulary import Association, Family, Form, Scale, Sensitivity
from riskset.spec.levels import AFTER_DIAGNOSIS, EVER

SHOWN = (Form.CRUDE, Form.CRUDE_SAME_PATIENTS, Form.ADJUSTED, Form.MUTUALLY_ADJUSTED)
"""The forms in the table; the other one stands among all estimates."""


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
    spanners = english.effect_columns(rows.conf)
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
        Column("label", english.USE, "left"),
        Column("events", english.EVENTS_OF_PATIENTS),
        *(_ratio_column(every, family, form, spanners[family]) for family, form in used),
        *([Column("published", english.PUBLISHED)] if any(row["published"] for row in cells) else []),
    ]
    _explain_columns(notes, used)
    caption = english.ratios_against(rows.never, ENGLISH.features[association] if association else "")
    return render_table(cells, columns, name=name, caption=caption, group="group", notes=notes)


def _column(family: str, form: str) -> str:
    """The key of the column of a model."""
    return f"{family} {form}"


def _ratio_column(lines: Sequence[Line], family: Family, form: Form, spanner: str) -> Column:
    heading = english.form_of(ENGLISH.forms[form], _patients(lines, family, form))
    return Column(_column(family, form), heading, spanner=spanner)


def _patients(lines: Sequence[Line], family: Family, form: Form) -> str:
    """How many patients the models of a column have: ``836``, or ``830 to 836``."""
    of_column = distinct(x["n_cases"] for x in lines if (x["family"], x["form"]) == (family, form))
    numbers = [number for number in of_column if number is not None]
    return spread(numbers) if numbers else formats.NONE


def _explain_columns(notes: Notes, used: Sequence[tuple[Family, Form]]) -> None:
    if used:
        family, form = used[0]
        notes.add(english.counted_in(ENGLISH.forms[form], ENGLISH.families[family]))
    if (Family.COX, Form.CRUDE_SAME_PATIENTS) in used:
        notes.add(english.CRUDE_AND_ADJUSTED)


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
            canvas.label(figure_words.PUBLISHED)
            canvas.add_published(replace(used[-1], published=figure), words="")
        canvas.gap()
    if not used:
        return None
    series_of_joint = {f"{ENGLISH.families[Family.JOINT]}, {ENGLISH.forms[form]}" for form in forms}
    order = sorted(looks, key=lambda s: (s in series_of_joint, s))
    text = figure_words.ratios_are(rows.never, rows.confidence)
    return canvas.draw(name, figure_words.EFFECTS, text, order, used, looks=looks)


_EFFECTS = ((Family.COX, figure_words.TOTAL, "adjusted"), (Family.JOINT, figure_words.DIRECT, "mutual"))


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
        what = english.FROM_THE_DAY_AFTER if line["level"] == AFTER_DIAGNOSIS else english.EVER
        family, varies = (
            ENGLISH.families[Family(line["family"])],
            ENGLISH.sensitivities[Sensitivity(line["sensitivity"])],
        )
        cells.append(
            {
                "group": rows.title(line["exposure"]),
                "label": english.sensitivity(family, varies, what),
                "form": ENGLISH.forms[Form(line["form"])],
                "events": f"{formats.count(line['n_events'])} / {formats.count(line['n_cases'])}",
                "varied": line.cell + notes.mark(*clauses(line, without=(*HEADED, NoteCode.COMPLETE_CASE))),
                "main": beside.cell if beside else "",
            }
        )
    columns = [
        Column("label", english.SENSITIVITY, "left"),
        Column("form", english.FORM, "left"),
        Column("events", english.EVENTS_OF_PATIENTS),
        Column("varied", english.hazard_ratio(rows.conf)),
        Column("main", english.in_main_model(rows.conf)),
    ]
    notes.add(english.COMPLETE_CASE)
    return render_table(cells, columns, name=name, caption=english.SENSITIVITIES, group="group", notes=notes)


def _place(line: Line) -> tuple[str, ...]:
    return line["family"], line["form"], line["exposure"], line["level"]
