"""Who is in each model, and how each fit went: what a reader must know to judge the numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_course_tables as english
from riskset.report.prognosis.rows import Rows, clauses, model_in, note_of, signed_line
from riskset.report.tables import Column, Notes, render_table
from riskset.report.view import distinct, words_of
from riskset.results.notes import NoteCode, read_notes
from riskset.results.row_cells import DiagnosticCells
from riskset.results.vocabulary import Analysis, DiagnosticCode, Family, Form, Model, Role, Scale
from riskset.results.withheld import WITHHELD

Fit = tuple[str, Model]
"""A class, or the empty text for several, and the model of it."""


def table_numbers(rows: Rows, *, name: str) -> Markup:
    """Patients, events and scores of each model, and those whom it leaves out."""
    counted: dict[Fit, dict[str, str]] = {}
    for line in rows.lines:
        if line["family"] in (Family.COX, Family.JOINT, Family.MIXED) and line["n_cases"] is not None:
            numbers = {"patients": line["n_cases"], "events": line["n_events"], "scores": line["n_scores"]}
            known = {k: formats.count(v) for k, v in numbers.items() if v is not None}
            counted.setdefault(_fit(line["exposure"], model_in(line)), {}).update(known)
    lost: dict[Fit, list[str]] = {}
    for row in rows.diagnosed(DiagnosticCode.UNKNOWN_VALUE, DiagnosticCode.PATIENTS_LEFT_OUT):
        if row["family"] and row["value"]:
            words = f"{words_of(ENGLISH.diagnostic(row, rows.study)[0])} ({formats.count(row['value'])})"
            lost.setdefault(_fit(row["exposure"], model_in(row)), []).append(words)
    cells = [
        {"group": _group(rows, fit[0]), "label": ENGLISH.model(fit[1]), "lost": "; ".join(lost.get(fit, [])), **numbers}
        for fit, numbers in counted.items()
    ]
    groups = [*map(rows.title, rows.exposures), english.TOGETHER]
    cells.sort(key=lambda c: groups.index(c["group"]))
    columns = [
        Column("label", english.MODEL, "left"),
        Column("patients", english.PATIENTS),
        Column("events", english.EVENTS),
        Column("scores", english.SCORES),
        Column("lost", english.LEFT_OUT, "left"),
    ]
    notes = Notes()
    notes.add(english.WHO_IS_LEFT_OUT)
    return render_table(cells, columns, name=name, caption=english.NUMBERS, group="group", notes=notes)


def _fit(exposure: str, model: Model) -> Fit:
    """A fit by the class that it is of; one of several, whose rows name each, is of all."""
    return "" if model.form.is_mutual else exposure, model.but(analysis=Analysis.PROGNOSIS)


def _group(rows: Rows, exposure: str) -> str:
    return rows.title(exposure) if exposure else english.TOGETHER


def table_joint(rows: Rows, *, name: str) -> Markup:
    """Convergence, accuracy and association of each joint model."""
    fits = _joint_fits(rows)
    associations = _associations(rows)
    notes = Notes()
    cells = []
    for (exposure, model), by_code in fits.items():
        row = {"group": _group(rows, exposure), "label": ENGLISH.model(model.but(family=Family.NONE))}
        row["alpha"] = associations.get((exposure, model), formats.NONE)
        row["converged"] = _convergence(by_code[DiagnosticCode.CONVERGED])
        for code, column in ((DiagnosticCode.ITERATIONS, "iterations"), (DiagnosticCode.RESIDUAL_SD, "sd")):
            row[column] = _small(by_code[code]["value"]) if code in by_code else ""
        cells.append(row)
    groups = distinct(c["group"] for c in cells)
    cells.sort(key=lambda c: groups.index(c["group"]))
    notes.add(english.ABOUT_JOINT)
    notes.add(_accuracy(fits.values()))
    columns = [
        Column("label", english.JOINT_MODEL, "left"),
        Column("alpha", english.association(rows.conf)),
        Column("converged", english.CONVERGENCE, "left"),
        Column("iterations", english.ITERATIONS),
        Column("sd", english.RESIDUAL_SD),
    ]
    caption = english.JOINT_FITS
    return render_table(cells, columns, name=name, caption=caption, group="group", notes=notes)


def _joint_fits(rows: Rows) -> dict[Fit, dict[str, DiagnosticCells]]:
    """The diagnostics of each joint model that was fitted, by code."""
    fits: dict[Fit, dict[str, DiagnosticCells]] = {}
    for row in rows.diagnostics:
        if row["family"] == Family.JOINT:
            fits.setdefault((row["exposure"], model_in(row)), {})[row["code"]] = row
    return {fit: by_code for fit, by_code in fits.items() if DiagnosticCode.CONVERGED in by_code}


def _associations(rows: Rows) -> dict[Fit, str]:
    """The hazard ratios of the score in each joint model, those of several features named."""
    shown: dict[Fit, list[str]] = {}
    for sensitivity in (False, True):
        for line in rows.find(Scale.LOG_HR, family=Family.JOINT, role=Role.MARKER, sensitivity=sensitivity):
            ratio = signed_line(line, decimals=3)
            of = line["level"]
            name = "" if of == "value" else ENGLISH.associations.get(of, words_of(of))
            shown.setdefault((line["exposure"], model_in(line)), []).append(" ".join(filter(None, (name, ratio))))
    return {fit: "; ".join(words) for fit, words in shown.items()}


def _convergence(row: DiagnosticCells) -> str:
    if formats.is_withheld(row["value"]):
        return formats.blank(row["value"])
    return english.CONVERGED if row["value"] else note_of(row)


def _accuracy(fits: Iterable[Mapping[str, DiagnosticCells]]) -> str:
    """What finer quadrature changes, of all fits at once; nothing where it is withheld of one."""
    fits = list(fits)

    def most(code: DiagnosticCode) -> float | None:
        values: list[float | None] = [fit[code]["value"] for fit in fits if code in fit]
        if withheld := next(filter(formats.is_withheld, values), None):
            return withheld
        return max((abs(value) for value in values if value is not None), default=None)

    nodes = most(DiagnosticCode.QUADRATURE_NODES)
    times, shift = most(DiagnosticCode.QUADRATURE_TIMES), most(DiagnosticCode.QUADRATURE_SHIFT)
    if nodes is None or times is None or shift is None or any(map(formats.is_withheld, (nodes, times, shift))):
        return ""
    return english.accuracy(*map(_small, (nodes, times, shift)))


def _small(value: float | None) -> str:
    """A small number with two significant digits, as a power of ten where it is tiny."""
    if value is None or not math.isfinite(value):
        return formats.number(value)
    if value and abs(value) < 0.0001:
        digits, power = f"{value:.0e}".split("e")
        return f"{digits}·10⁻{formats.superscript(-int(power))}".replace("-", "−")
    return formats.plain(value) if value == round(value) else f"{value:.2g}".replace("-", "−")


TESTS = (
    DiagnosticCode.PROPORTIONAL_HAZARDS,
    DiagnosticCode.PROPORTIONAL_HAZARDS_OVERALL,
    DiagnosticCode.LOG_RANK,
    DiagnosticCode.GRAY,
)


def table_tests(rows: Rows, *, name: str) -> Markup:
    """Log-rank and Gray's tests, and whether the hazards are proportional."""
    tests = [row for row in rows.diagnosed(*TESTS) if _is_shown(rows, row)]
    refused = [row for row in tests if _is_refused(row)]
    notes = Notes()
    cells = [
        {
            "group": _group(rows, row["exposure"]),
            "label": ENGLISH.model(model_in(row).but(cause="")),
            "what": words_of(ENGLISH.test(row, rows.study)),
            "p": formats.p_value(row["value"]) + (notes.mark(*clauses(row)) if row["value"] is None else ""),
            "note": _statistic(row) if row["value"] is not None else "",
        }
        for row in tests
        if row not in refused
    ]
    groups = distinct(c["group"] for c in cells)
    cells.sort(key=lambda c: groups.index(c["group"]))
    columns = [
        Column("label", english.MODEL, "left"),
        Column("what", english.TEST, "left"),
        Column("p", english.P),
        Column("note", english.STATISTIC, "left"),
    ]
    if refused:
        notes.add(english.NO_GRAY)
    notes.add(english.NOT_PROPORTIONAL)
    return render_table(cells, columns, name=name, caption=english.TESTS,
                        group="group", notes=notes)  # fmt: skip


def _statistic(row: DiagnosticCells) -> str:
    """What is said of a test; that its statistic is withheld, where the note on it is."""
    is_withheld = any(one.code is NoteCode.WITHHELD for one in read_notes(row["notes"]))
    return "; ".join([WITHHELD] * is_withheld + [*clauses(row)])


def _is_shown(rows: Rows, row: DiagnosticCells) -> bool:
    """Whether a test is shown: of hazards those of the main models, by class, and of all terms where there are more."""
    if row["sensitivity"]:
        return False
    if row["code"] == DiagnosticCode.PROPORTIONAL_HAZARDS:
        return row["family"] == Family.COX and row["covariate"] in rows.exposures
    if row["code"] == DiagnosticCode.PROPORTIONAL_HAZARDS_OVERALL:
        has_more = row["form"] in (Form.ADJUSTED, Form.MUTUALLY_ADJUSTED)
        return row["family"] == Family.COX and (has_more or row["value"] is None)
    return True


def _is_refused(row: DiagnosticCells) -> bool:
    return any(one.code == NoteCode.LATE_ENTRY_FORBIDS for one in read_notes(row["notes"]))


def performance(rows: Rows) -> str:
    """How well the joint model tells who has an event, in a sentence; nothing where it was not measured."""
    measured = rows.diagnosed(DiagnosticCode.AUC, DiagnosticCode.BRIER, DiagnosticCode.SCALED_BRIER)
    known = [(row, value) for row in measured if (value := formats.finite(row["value"])) is not None]
    auc = next((row for row, _ in known if row["code"] == DiagnosticCode.AUC), None)
    if auc is None:
        return ""
    numbers = [(ENGLISH.diagnostic(row)[0], value) for row, value in known]
    return english.performance(numbers, note_of(auc), _calibration(rows))


def _calibration(rows: Rows) -> str:
    """Predicted beside observed risks, in groups of rising risk."""
    predicted, observed = (
        {row["level"]: row["value"] for row in rows.diagnosed(code)}
        for code in (DiagnosticCode.PREDICTED_RISK, DiagnosticCode.OBSERVED_RISK)
    )
    if not predicted:
        return ""
    return english.calibration([(risk, observed.get(level)) for level, risk in predicted.items()])
