"""Hazard ratios: total effects (Cox) and direct effects (joint model) side by side, with the published ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from riskset.report import formats
from riskset.report.figures import Figure
from riskset.report.forest import Canvas, Look
from riskset.report.prognosis.rows import COX, EVER, JOINT, SAME_PATIENTS, Rows, few_patients
from riskset.report.tables import Column, Notes, render_table
from riskset.report.theme import colour
from riskset.report.view import Line, distinct

SHOWN = ("crude", SAME_PATIENTS, "adjusted", "mutually adjusted")
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


def lines_of(rows: Rows, kind: str, association: str = "", *, sensitivity: bool = False) -> list[Line]:
    """Hazard ratios of exposures by one kind of model."""
    found = rows.find("log_hr", kind=kind, term=EVER, sensitivity=sensitivity)
    return [x for x in found if rows.model(x["model"]).association == association and x["exposure"] in rows.exposures]


def table_ratios(rows: Rows, association: str, *, name: str) -> Markup:
    """Each level of each exposure in a row; Cox, joint model and published figure in columns."""
    parts = [(COX, lines_of(rows, COX)), (JOINT, lines_of(rows, JOINT, association) if association else [])]
    spanners = {COX: f"Total effect, Cox: HR ({rows.conf})", JOINT: f"Direct effect, joint model: HR ({rows.conf})"}
    notes = Notes.of(_kept(str(x["note"])) for _, lines in parts for x in lines if x.value is not None)
    every = [x for _, lines in parts for x in lines]
    cells = []
    for exposure, level in _places(rows, every):
        here = [x for x in every if (x["exposure"], x["level"]) == (exposure, level)]
        row = {"group": rows.title(exposure), "label": rows.level(level)}
        row["events"] = " / ".join(formats.count(here[0][f"n_exposed_{what}"]) for what in ("events", "cases"))
        for kind, _ in parts:
            for line in (x for x in here if rows.model(x["model"]).kind == kind):
                form = rows.model(line["model"]).form
                row[f"{kind} {form}"] = line.cell + notes.mark(_note(line))
        row["published"] = _published(rows, exposure, level, notes)
        cells.append(row)
    used = [(kind, form) for kind, _ in parts for form in SHOWN if any(row.get(f"{kind} {form}") for row in cells)]
    # The crude joint model stands among all estimates: the table is wide as it is.
    used = [u for u in used if u != (JOINT, "crude")] if (JOINT, "adjusted") in used else used
    columns = [
        Column("label", "Use before diagnosis", "left"),
        Column("events", "Events / patients"),
        *(
            Column(f"{kind} {form}", f"{form} (n {_patients(rows, every, kind, form)})", spanner=spanners[kind])
            for kind, form in used
        ),
        *([Column("published", "Published")] if any(row["published"] for row in cells) else []),
    ]
    caption = f"Hazard ratios against {rows.never}"
    caption += f"; joint model by the {_FEATURE[association]}" if association else ""
    if used:
        notes.add(f"Events and patients at a level are those of the {used[0][1]} {used[0][0]} model")
    if (COX, SAME_PATIENTS) in used:
        notes.add(
            "Crude and adjusted models differ in patients: the adjusted ones leave out who has an unknown covariate. "
            "The crude model of the adjusted model's patients differs from the adjusted one by adjustment alone"
        )
    return render_table(cells, columns, name=name, caption=caption, group="group", notes=notes)


def _patients(rows: Rows, lines: Sequence[Line], kind: str, form: str) -> str:
    """How many patients the models of a column have: ``836``, or ``830 to 836``."""
    models = ((rows.model(x["model"]), x["n_cases"]) for x in lines)
    found = {n for model, n in models if (model.kind, model.form) == (kind, form) and n is not None}
    return " to ".join(formats.count(n) for n in sorted({min(found), max(found)})) if found else formats.NONE


def _note(line: Line) -> str:
    """What a reader must know of a ratio, that few patients are behind it included."""
    return "; ".join(filter(None, (_kept(str(line["note"])), few_patients(line))))


_FEATURE = {
    "value": "current score",
    "slope": "current slope of the score",
    "cumulative": "area under the score so far",
    "random effects": "patient's random effects",
}


def _kept(note: str) -> str:
    """A note without what the heading of the column says."""
    return "; ".join(c for c in note.split("; ") if not c.startswith(("total effect", "direct effect")))


def _published(rows: Rows, exposure: str, level: str, notes: Notes) -> str:
    figure = rows.published(exposure, level)
    if figure is None:
        return ""
    told = f"{figure.source}{f' ({figure.note})' if figure.note else ''}".replace("; ", ", ")
    return formats.ratio_with_interval(figure.estimate, figure.low, figure.high) + notes.mark(told)


def _places(rows: Rows, lines: Sequence[Line]) -> list[tuple[str, str]]:
    places = distinct((x["exposure"], x["level"]) for x in lines)
    return sorted(places, key=lambda place: (rows.exposures.index(place[0]), place[1] != EVER))


def plot_ratios(rows: Rows, *, name: str) -> Figure | None:
    """Total and direct effects of ever use, adjusted, with the published figure and the planted truth."""
    first = next(iter(rows.associations()), "")
    lines = [*lines_of(rows, COX), *(lines_of(rows, JOINT, first) if first else [])]
    lines = [x for x in lines if x["level"] == EVER]
    forms = [f for f in SHOWN if any(rows.model(x["model"]).form == f for x in lines)]
    forms = [f for f in forms if f not in SHOWN[:2]] or forms
    looks: dict[str, Look] = {}
    canvas, used = Canvas(), []
    for exposure in rows.exposures:
        canvas.head(rows.title(exposure))
        for kind, what, hue in ((COX, "Total effect", "adjusted"), (JOINT, "Direct effect", "mutual")):
            own = [x for x in lines if x["exposure"] == exposure and rows.model(x["model"]).kind == kind]
            own = [x for form in forms for x in own if rows.model(x["model"]).form == form]
            for line in own:
                form = rows.model(line["model"]).form
                series = f"{kind}, {form}"
                looks[series] = colour(hue), "square" if form == "mutually adjusted" else "circle"
                canvas.label(f"{what}, {form}")
                canvas.add(line, series, said="")
                used.append(line)
        figure = rows.published(exposure, EVER)
        if figure is not None and used:
            canvas.label("Published")
            canvas.add_published(replace(used[-1], published=figure), said="")
        canvas.gap()
    if not used:
        return None
    order = sorted(looks, key=lambda s: (s.startswith(JOINT), s))
    text = (
        f"Hazard ratios of ever use against {rows.never}. Points are estimates, lines their "
        f"{rows.conf.replace('CI', '')}confidence intervals; the scale is logarithmic and 1 is no difference."
    )
    return canvas.draw(name, "Total and direct effects", text, order, used, looks=looks)


def table_sensitivities(rows: Rows, *, name: str) -> Markup:
    """Models that are sensitivities, each beside the model that it varies; of all classes with all covariates first.

    Of levels those that differ from the main model's: ever use, and what begins after diagnosis.
    """
    first = next(iter(rows.associations()), "")
    kinds = [(COX, ""), *([(JOINT, first)] if first else [])]
    varied = [x for kind, association in kinds for x in lines_of(rows, kind, association, sensitivity=True)]
    forms = {rows.model(x["model"]).form for x in varied}
    shown = [form for form in SHOWN[2:] if form in forms] or list(SHOWN[:1])
    varied = [x for x in varied if rows.model(x["model"]).form in shown and x["level"] in (EVER, AFTER)]
    main = {_place(rows, x): x for kind, association in kinds for x in lines_of(rows, kind, association)}
    notes = Notes()
    cells = []
    for line in sorted(varied, key=lambda x: rows.exposures.index(x["exposure"])):
        model = rows.model(line["model"])
        beside = main.get(_place(rows, line))
        what = "from the day after qualifying" if line["level"] == AFTER else "ever"
        cells.append(
            {
                "group": rows.title(line["exposure"]),
                "label": f"{model.kind}, {model.sensitivity.replace('weibull', 'Weibull')}: {what}",
                "form": model.form,
                "events": f"{formats.count(line['n_events'])} / {formats.count(line['n_cases'])}",
                "varied": line.cell + notes.mark(_kept(str(line["note"]).removesuffix("; complete case"))),
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


AFTER = "after diagnosis"
"""The level of who qualified after diagnosis, in the time-varying sensitivity."""


def _place(rows: Rows, line: Line) -> tuple[str, ...]:
    model = rows.model(line["model"])
    return model.kind, model.form, line["exposure"], line["level"]
