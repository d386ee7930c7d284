"""The course of the score by exposure: mean trajectories and differences in slope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pyarrow as pa
from markupsafe import Markup

from riskset.report import formats
from riskset.report.figures import Figure, draw
from riskset.report.forest import pa_values
from riskset.report.prognosis.curves import hue, levels_of, table_of
from riskset.report.prognosis.rows import EVER, FEW, JOINT, MIXED, Rows, cell
from riskset.report.tables import Column, Notes, render_table
from riskset.report.view import Line, distinct
from riskset.spec.levels import LAG_ONLY, NEVER

ADJUSTED = ("adjusted", "mutually adjusted")
"""Forms in the table of the decline; where there are none, the crude one."""
SLOPE, LEVEL = "slope", "score at origin"
"""Terms of a decline, as the analysis names them."""
ALIVE, UNDYING = "score while alive", "score as if nobody died"

SURVIVORS = (
    "Scores exist only of those who live and come. Patients who decline fast die early, so at each later time those "
    "who are left are the ones who decline slowly: the mean of the scores measured falls less than patients do. That "
    "is survivors' bias. The mixed model allows for it in part, by each patient's own line; the joint model takes "
    "deaths into the account too. The mean while alive is of those who live to that time; the mean as if nobody died "
    "is of all patients at the beginning: nobody can observe it, but its slope is that of a patient's own decline. "
    "Where use goes along with earlier death the two groups lose their fast decliners at different rates, so that even "
    "a difference between means of survivors can be survivors' bias; as far as the joint model holds, the difference "
    "as if nobody died is free of it."
)

COURSE = pa.schema(
    [
        ("curve", pa.string()),
        ("model", pa.string()),
        ("exposure", pa.string()),
        ("level", pa.string()),
        ("time", pa.float64()),
        ("unit", pa.string()),
        ("estimate", pa.float64()),
        ("conf_low", pa.float64()),
        ("conf_high", pa.float64()),
        ("n_patients", pa.int64()),
        ("n_scores", pa.int64()),
    ]
)
"""What a figure of trajectories shows."""


def plot_courses(rows: Rows) -> list[Figure]:
    """Mean scores of each exposure's levels: as measured with the mixed model, and by the joint model."""
    found = (_plot_course(rows, exposure) for exposure in rows.exposures)
    return [figure for figure in found if figure is not None]


def _plot_course(rows: Rows, exposure: str) -> Figure | None:
    points = [p for name in ("measured score", "score", ALIVE, UNDYING) for p in rows.curve(name, exposure)]
    many = {p["level"] for p in points if p["curve"] == "score" and (p["n_patients"] or 0) >= FEW}
    points = [p for p in points if p["level"] in many and p["estimate"] is not None]
    if not points:
        return None
    low = min(p["estimate"] if p["conf_low"] is None else min(p["conf_low"], p["estimate"]) for p in points)
    bottom = max(rows.asked.marker_range[0], 5 * (low // 5))
    panels = [_measured(rows, points, bottom)]
    if any(p["curve"] in (ALIVE, UNDYING) for p in points):
        panels.append(_joint(rows, points, bottom))
    title = f"Mean {rows.marker}, {rows.title(exposure)}"
    text = (
        f"Left: plain means of three months of scores (points) and the mixed model of what was measured (lines, "
        f"{rows.conf}). Right: the joint model, mean while alive (solid) and as if nobody died (broken), "
        "both with limits. Not adjusted for anything. The axis of the score does not begin at its floor."
    )
    if bottom <= rows.asked.marker_range[0]:
        text = text.replace(" The axis of the score does not begin at its floor.", "")
    end = [p for p in points if p["curve"] == "score" and p["time"] == 12]
    said = "; ".join(f"{rows.level(p['level']).lower()} {formats.number(p['estimate'], 1)}" for p in end)
    return draw(
        alt.hconcat(*panels, spacing=26),
        name=f"course {exposure}",
        data=table_of(points, COURSE),
        title=title,
        text=text,
        alt=f"{title} in points. The mixed model at 12 months: {said}. The numbers are in the figure's file of data.",
    )


def _measured(rows: Rows, points: Sequence[dict[str, Any]], bottom: float) -> Any:
    levels = levels_of(points)
    x, y, colours = _x(rows, points), _y(rows, bottom), hue(rows, levels)
    model = [_named(rows, p) for p in points if p["curve"] == "score"]
    means = [_named(rows, p) for p in points if p["curve"] == "measured score"]
    band = alt.Chart(pa_values(model)).mark_area(opacity=0.18, clip=True)
    band = band.encode(x=x, y=_y(rows, bottom, "conf_low:Q"), y2="conf_high:Q", color=colours)
    line = alt.Chart(pa_values(model)).mark_line(strokeWidth=2, clip=True).encode(x=x, y=y, color=colours)
    dots = alt.Chart(pa_values(means)).mark_point(filled=True, size=40, opacity=1).encode(x=x, y=y, color=colours)
    return alt.layer(band, line, dots).properties(width=250, height=230, title="Measured")


def _joint(rows: Rows, points: Sequence[dict[str, Any]], bottom: float) -> Any:
    x, y, colours = _x(rows, points), _y(rows, bottom), hue(rows, levels_of(points))
    layers = []
    for name in (ALIVE, UNDYING):
        if certain := [_named(rows, p) for p in points if p["curve"] == name and p["conf_low"] is not None]:
            band = alt.Chart(pa_values(certain)).mark_area(opacity=0.12, clip=True)
            layers.append(band.encode(x=x, y=_y(rows, bottom, "conf_low:Q"), y2="conf_high:Q", color=colours))
    for name, dash in ((ALIVE, [1, 0]), (UNDYING, [5, 4])):
        own = [_named(rows, p) for p in points if p["curve"] == name]
        line = alt.Chart(pa_values(own)).mark_line(strokeWidth=2, strokeDash=dash, clip=True)
        layers.append(line.encode(x=x, y=y, color=colours))
    return alt.layer(*layers).properties(width=250, height=230, title="Joint model")


def _x(rows: Rows, points: Sequence[dict[str, Any]]) -> Any:
    last = max(p["time"] for p in points)
    axis = alt.Axis(grid=False, values=list(range(0, int(last) + 1, 6)))
    scale = alt.Scale(domain=[0, last], nice=False)
    return alt.X("time:Q", scale=scale, title=f"Months from {rows.asked.origin}", axis=axis)


def _y(rows: Rows, bottom: float, field: str = "estimate:Q") -> Any:
    scale = alt.Scale(domain=[bottom, rows.asked.marker_range[1]], zero=False, nice=False)
    return alt.Y(field, scale=scale, title=f"{rows.marker}, points")


def _named(rows: Rows, point: dict[str, Any]) -> dict[str, Any]:
    kept = {k: point[k] for k in ("time", "estimate", "conf_low", "conf_high")}
    return kept | {"level": rows.short(point["level"])}


def table_slopes(rows: Rows, *, name: str) -> Markup:
    """Slopes a month, the reference's own and differences from it, by mixed and by joint model."""
    association = next(iter(rows.associations()), "")
    lines = [x for x in rows.find("mean") if x["term"] in (SLOPE, LEVEL) and x["exposure"] in rows.exposures]
    lines = [x for x in lines if rows.model(x["model"]).association in ("", association)]
    found = {(*_place(x), x["model"]): x for x in lines}
    there = {_kind_form(rows, x) for x in lines if x["level"] != NEVER}
    used = [(kind, form) for kind in (MIXED, JOINT) for form in ADJUSTED if (kind, form) in there]
    used = [u for u in used if u != (MIXED, ADJUSTED[1])] if (MIXED, ADJUSTED[0]) in used else used
    used = used or [(kind, "crude") for kind in (MIXED, JOINT) if (kind, "crude") in there]
    places = sorted(
        distinct(_place(x) for x in lines),
        key=lambda p: (rows.exposures.index(p[0]), p[1] != SLOPE, p[2] != NEVER),
    )
    notes = Notes()
    cells = []
    for place in places:
        row = {"group": rows.title(place[0]), "label": _label(rows, *place[1:])}
        for kind, form in used:
            crude = place[2] == NEVER  # a model with covariates has no slope of its own for the reference
            if crude and form != next(f for k, f in used if k == kind):
                continue
            shown = "crude" if crude else form
            label = f"{kind}, {association}, {shown}" if kind == JOINT else f"{kind}, {shown}"
            line = found.get((*place, label))
            mark = notes.mark(str(line["note"])) if line is not None and line.value is None else ""
            row[f"{kind} {form}"] = cell(line) + mark
        cells.append(row)
    notes.add(
        "The mixed model is of the scores that were measured; the joint model is of all patients, as if nobody died. A "
        f"negative difference is a steeper decline, or a lower score. {rows.short(NEVER)}: from the crude "
        "models. Other forms are among all estimates. "
        f"{rows.level(EVER).replace(', ', ': ', 1)}; {rows.short(LAG_ONLY).lower()}: before diagnosis"
    )
    spanners = {MIXED: f"Mixed model ({rows.conf})", JOINT: f"Joint model ({rows.conf})"}
    columns = [
        Column("label", f"{rows.marker}, points", "left"),
        *(Column(f"{kind} {form}", form, spanner=spanners[kind]) for kind, form in used),
    ]
    return render_table(cells, columns, name=name, caption="Decline of the score", group="group", notes=notes)


def _place(line: Line) -> tuple[str, str, str]:
    return line["exposure"], line["term"], line["level"]


def _kind_form(rows: Rows, line: Line) -> tuple[str, str]:
    model = rows.model(line["model"])
    return model.kind, model.form


def _label(rows: Rows, term: str, level: str) -> str:
    what = "a month" if term == SLOPE else f"at {rows.asked.origin}"
    if level == NEVER:
        return f"{rows.short(NEVER)}: points {what}"
    return f"{rows.short(level)}: difference {what}"


def floor_words(rows: Rows) -> str:
    """What the floor of the score does to the association, as far as the scores used come to it."""
    told = {row["name"]: row for row in rows.diagnostics if not row["model"]}
    decimals, floor = (told.get(f"scores {what}") for what in ("with decimals", "at the floor"))
    low, high = rows.asked.marker_range
    if decimals is None or floor is None or (decimals["value"] and not floor["value"]):
        return ""
    if decimals["value"]:
        return (
            f"Of the scores used {formats.count(floor['value'])} ({floor['note']}) are at the floor, "
            f"{formats.plain(low)}. There they stop while patients go on declining, which a straight line takes for "
            "noise. Where many scores lie near the floor, read the association with that in mind."
        )
    return (
        f"Delivered scores are whole numbers from {formats.plain(low)} to {formats.plain(high)}. At the floor they "
        "stop while patients go on declining, which a straight line takes for noise: in simulated patients with a "
        "course like that of ALS the joint model on delivered scores overstates the association of score and hazard "
        "by about a tenth, while the direct hazard ratios hardly move; without rounding and floor there is no such "
        "error. Where many scores lie near the floor, read the association with that in mind."
    )
