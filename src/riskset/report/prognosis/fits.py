"""Who is in each model, and how each fit went: what a reader must know to judge the numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from riskset.report import formats
from riskset.report.prognosis.rows import COX, JOINT, MIXED, Rows, covariate_words, signed_cell
from riskset.report.tables import Column, Notes, render_table
from riskset.report.view import distinct, words_of

DETAILS = {"iterations": "iterations", "residual SD": "sd"}
"""Diagnostics of a joint fit by the column that each stands in."""
NODES, TIMES, SHIFT = (
    "quadrature, k to k + 4", "quadrature in time, twice the nodes", "quadrature, shift of the estimate",
)  # fmt: skip
TESTED = ("proportional hazards", "log-rank test", "Gray's test")


TOGETHER = "All classes together"


def table_numbers(rows: Rows, *, name: str) -> Markup:
    """Patients, events and scores of each model, and those whom it leaves out."""
    counted: dict[tuple[str, str], dict[str, str]] = {}
    for line in rows.lines:
        if rows.model(line["model"]).kind not in (COX, JOINT, MIXED) or line["n_cases"] is None:
            continue
        key = _set(rows, line["exposure"], line["model"]), line["model"]
        told = {"patients": line["n_cases"], "events": line["n_events"], "scores": line["n_scores"]}
        counted.setdefault(key, {}).update({k: formats.count(v) for k, v in told.items() if v is not None})
    lost: dict[tuple[str, str], list[str]] = {}
    for row in rows.diagnostics:
        if row["model"] and row["name"].startswith("patients ") and row["value"]:
            said = f"{row['name'].removeprefix('patients ')} ({formats.count(row['value'])})"
            lost.setdefault((_set(rows, row["exposure"], row["model"]), row["model"]), []).append(covariate_words(said))
    cells = [
        {"group": group, "label": words_of(model), "lost": "; ".join(lost.get((group, model), [])), **numbers}
        for (group, model), numbers in counted.items()
    ]
    groups = [*map(rows.title, rows.exposures), TOGETHER]
    cells.sort(key=lambda c: groups.index(c["group"]))
    columns = [
        Column("label", "Model", "left"),
        Column("patients", "Patients"),
        Column("events", "Events"),
        Column("scores", "Scores"),
        Column("lost", "Patients left out (how many)", "left"),
    ]
    notes = Notes()
    notes.add("Complete case: who has an unknown covariate is left out of the adjusted models")
    return render_table(
        cells, columns, name=name, caption="Patients, events and scores of each model", group="group", notes=notes
    )


def _set(rows: Rows, exposure: str, model: str) -> str:
    """The class that a model is of; those with several are of all."""
    return TOGETHER if rows.model(model).form.startswith("mutually") else _group(rows, exposure)


def _group(rows: Rows, exposure: str) -> str:
    return rows.title(exposure) if exposure in rows.exposures else TOGETHER


def table_joint(rows: Rows, *, name: str) -> Markup:
    """Convergence, accuracy and association of each joint model."""
    told: dict[tuple[str, str], dict[str, tuple[float | None, str]]] = {}
    for row in rows.diagnostics:
        if rows.model(row["model"]).kind == JOINT:
            told.setdefault((row["exposure"], row["model"]), {})[row["name"]] = (row["value"], row["note"])
    alpha: dict[tuple[str, str], str] = {}
    of_score = (rows.find("log_hr", kind=JOINT, term=rows.asked.marker or "", sensitivity=s) for s in (False, True))
    for line in (line for lines in of_score for line in lines):
        key = line["exposure"], line["model"]
        shown = signed_cell(line.value, line.low, line.high, decimals=3)
        named = shown if line["level"] == "value" else f"{words_of(line['level'])} {shown}"
        alpha[key] = "; ".join(filter(None, (alpha.get(key, ""), named)))
    notes = Notes()
    cells = []
    for (exposure, model), found in told.items():
        if "iterations" not in found:
            continue
        row = {"group": _group(rows, exposure), "label": words_of(model).removeprefix("joint model, ")}
        row["alpha"] = alpha.get((exposure, model), formats.NONE)
        row["converged"] = found["iterations"][1]
        row |= {column: _small(found[what][0]) for what, column in DETAILS.items() if what in found}
        cells.append(row)
    groups = distinct(c["group"] for c in cells)
    cells.sort(key=lambda c: groups.index(c["group"]))
    notes.add(
        "Association: the ratio of hazards between patients one point of the score apart, the higher to the lower. A "
        "fit has converged when the log-likelihood can rise by less than 10⁻⁹ still (gᵀH⁻¹g)"
    )
    notes.add(_accuracy([found for found in told.values() if "iterations" in found]))
    columns = [
        Column("label", "Joint model", "left"),
        Column("alpha", f"Association, HR ({rows.conf})"),
        Column("converged", "Convergence", "left"),
        Column("iterations", "Iterations"),
        Column("sd", "Residual SD, points"),
    ]
    caption = "Joint models: association and convergence"
    return render_table(cells, columns, name=name, caption=caption, group="group", notes=notes)


def _accuracy(fits: Sequence[dict[str, tuple[float | None, str]]]) -> str:
    """What finer quadrature changes, of all fits at once."""

    def most(what: str) -> float | None:
        known = [abs(value) for fit in fits for value, _ in [fit.get(what, (None, ""))] if value is not None]
        return max(known, default=None)

    nodes, times, shift = (most(what) for what in (NODES, TIMES, SHIFT))
    if nodes is None or times is None or shift is None:
        return ""
    return (
        "Integrals over each patient's own course are sums over nodes. With four more nodes an axis (k to k + 4) no "
        f"log-likelihood changed by more than {_small(nodes)}, with twice the nodes in time by more than "
        f"{_small(times)}; both together move no estimate by more than {_small(shift)} standard errors"
    )


def _small(value: float | None) -> str:
    """A small number with two significant digits, as a power of ten where it is tiny."""
    value = formats.finite(value)
    if value is None or math.isinf(value):
        return formats.number(value)
    if value and abs(value) < 0.0001:
        digits, power = f"{value:.0e}".split("e")
        return f"{digits}·10⁻{formats.superscript(-int(power))}".replace("-", "−")
    return formats.plain(value) if value == round(value) else f"{value:.2g}".replace("-", "−")


def table_tests(rows: Rows, *, name: str) -> Markup:
    """Log-rank and Gray's tests, and whether the hazards are proportional."""
    notes = Notes()
    cells, refused = [], False
    for row in rows.diagnostics:
        what = row["name"]
        model = rows.model(row["model"])
        if not what.startswith(TESTED) or model.sensitivity or model.cause:
            continue
        if what.startswith(TESTED[2]) and row["value"] is None:
            refused = True
            continue
        exposures = row["exposure"].split(", ")
        term = what.removesuffix(", p").removeprefix("proportional hazards").removeprefix(", ")
        shown = (
            (*exposures, "")
            if model.form in ("crude", "mutually adjusted, no covariates")
            else (*exposures, "all terms", "")
        )
        if what.startswith(TESTED[0]) and term not in shown:
            continue
        cells.append(
            {
                "group": _group(rows, row["exposure"]),
                "label": words_of(row["model"]),
                "what": words_of(what.removesuffix(", p")),
                "p": formats.p_value(row["value"]) + (notes.mark(row["note"]) if row["value"] is None else ""),
                "note": row["note"] if row["value"] is not None else "",
            }
        )
    groups = distinct(c["group"] for c in cells)
    cells.sort(key=lambda c: groups.index(c["group"]))
    columns = [
        Column("label", "Model", "left"),
        Column("what", "Test", "left"),
        Column("p", "p"),
        Column("note", "Statistic", "left"),
    ]
    if refused:
        notes.add(
            "Gray's test between cumulative incidences is not made: it is not defined where patients come under "
            "follow-up late. The Fine-Gray models, which weigh for late entry, stand in its place"
        )
    notes.add(
        "Where hazards are not proportional a hazard ratio is an average over follow-up, and the difference in "
        "restricted means tells more. The tests of covariates are among the diagnostics"
    )
    return render_table(cells, columns, name=name, caption="Tests between levels, and of proportional hazards",
                        group="group", notes=notes)  # fmt: skip


def performance(rows: Rows) -> str:
    """How well the joint model tells who has an event, in a sentence; nothing where it was not measured."""
    found = {
        row["name"]: row for row in rows.diagnostics if row["name"] in ("AUC", "Brier score", "Brier score, scaled")
    }
    found = {what: row for what, row in found.items() if formats.finite(row["value"]) is not None}
    if "AUC" not in found:
        return ""
    said = ", ".join(f"{what} {formats.number(row['value'])}" for what, row in found.items())
    note = found["AUC"]["note"].removesuffix("; flattering")
    groups = [row for row in rows.diagnostics if str(row["name"]).startswith("foretold risk, fifth")]
    fifths = (
        " From the lowest to the highest fifth of the foretold risks, "
        + "; ".join(f"{formats.percent(row['value'])} foretold, {row['note'].split(', ')[0]}" for row in groups)
        + "."
        if groups
        else ""
    )
    return (
        f"How well such forecasts tell patients apart: {said} ({note}).{fifths} That is in the patients of the fit, "
        "which flatters it."
    )
