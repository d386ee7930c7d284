"""The course of the score by exposure: mean trajectories and differences in slope."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import altair as alt
import pyarrow as pa
from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_course_figures as english
from riskset.report.catalogue import english_course_tables as table_words
from riskset.report.figures import Figure, Mark, draw
from riskset.report.forest import pa_values
from riskset.report.prognosis.curves import ever_defined, hue, levels_of, mark_of, table_of
from riskset.report.prognosis.rows import FEW, Rows, cell, clauses, note_of, value_of
from riskset.report.tables import Column, Notes, render_table
from riskset.report.view import Line, distinct
from riskset.results.row_cells import CurveCells
from riskset.results.vocabulary import Association, CurveKind, DiagnosticCode, Family, Form, Scale
from riskset.spec.levels import LAG_ONLY, NEVER

ADJUSTED = (Form.ADJUSTED, Form.MUTUALLY_ADJUSTED)
"""Forms in the table of the decline; where there are none, the crude one."""
JOINT_CURVES = (CurveKind.SCORE_WHILE_ALIVE, CurveKind.SCORE_AS_IF_NOBODY_DIED)

COURSE = pa.schema(
    [
        ("curve", pa.string()),
        ("family", pa.string()),
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


_CURVES = (CurveKind.MEASURED_SCORE, CurveKind.SCORE, *JOINT_CURVES)


def plot_courses(rows: Rows) -> list[Figure]:
    """Mean scores of each exposure's levels: as measured with the mixed model, and by the joint model."""
    figures = (_plot_course(rows, exposure) for exposure in rows.exposures)
    return [figure for figure in figures if figure is not None]


def _plot_course(rows: Rows, exposure: str) -> Figure | None:
    points = [p for curve in _CURVES for p in rows.curve(curve, exposure)]
    many = {p["level"] for p in points if p["curve"] == CurveKind.SCORE and (p["n_patients"] or 0) >= FEW}
    points = [p for p in points if p["level"] in many and p["estimate"] is not None]
    if not points:
        return None
    low = min(value_of(p) if p["conf_low"] is None else min(p["conf_low"], value_of(p)) for p in points)
    bottom = max(rows.asked.marker_range[0], 5 * (low // 5))
    panels = [_measured(rows, points, bottom)]
    if any(p["curve"] in JOINT_CURVES for p in points):
        panels.append(_joint(rows, points, bottom))
    title = english.mean_score(rows.marker, rows.title(exposure))
    text = english.scores_are(rows.conf)
    if bottom > rows.asked.marker_range[0]:
        text += f" {english.FLOOR_NOT_SHOWN}"
    end = [p for p in points if p["curve"] == CurveKind.SCORE and p["time"] == 12]
    at_a_year = [(rows.level(p["level"]).lower(), value_of(p)) for p in end]
    return draw(
        alt.hconcat(*panels, spacing=26),
        name=f"course {exposure}",
        data=table_of(points, COURSE),
        title=title,
        text=text,
        alt=english.scores_described(title, at_a_year),
    )


def _measured(rows: Rows, points: Sequence[CurveCells], bottom: float) -> alt.LayerChart:
    levels = levels_of(points)
    x, y, colours = _x(rows, points), _y(rows, bottom), hue(rows, levels)
    model = [_named(rows, p) for p in points if p["curve"] == CurveKind.SCORE]
    means = [_named(rows, p) for p in points if p["curve"] == CurveKind.MEASURED_SCORE]
    band = alt.Chart(pa_values(model)).mark_area(opacity=0.18, clip=True)
    band = band.encode(x=x, y=_y(rows, bottom, "conf_low:Q"), y2=alt.Y2("conf_high:Q"), color=colours)
    line = alt.Chart(pa_values(model)).mark_line(strokeWidth=2, clip=True).encode(x=x, y=y, color=colours)
    dots = alt.Chart(pa_values(means)).mark_point(filled=True, size=40, opacity=1).encode(x=x, y=y, color=colours)
    return alt.layer(band, line, dots).properties(width=250, height=230, title=english.MEASURED)


def _joint(rows: Rows, points: Sequence[CurveCells], bottom: float) -> alt.LayerChart:
    x, y, colours = _x(rows, points), _y(rows, bottom), hue(rows, levels_of(points))
    layers = []
    for curve in JOINT_CURVES:
        if certain := [_named(rows, p) for p in points if p["curve"] == curve and p["conf_low"] is not None]:
            band = alt.Chart(pa_values(certain)).mark_area(opacity=0.12, clip=True)
            layers.append(band.encode(x=x, y=_y(rows, bottom, "conf_low:Q"), y2=alt.Y2("conf_high:Q"), color=colours))
    for curve, dash in zip(JOINT_CURVES, ([1, 0], [5, 4]), strict=True):
        means = [_named(rows, p) for p in points if p["curve"] == curve]
        line = alt.Chart(pa_values(means)).mark_line(strokeWidth=2, strokeDash=dash, clip=True)
        layers.append(line.encode(x=x, y=y, color=colours))
    return alt.layer(*layers).properties(width=250, height=230, title=english.JOINT_MODEL)


def _x(rows: Rows, points: Sequence[CurveCells]) -> alt.X:
    last = max(p["time"] for p in points)
    axis = alt.Axis(grid=False, values=list(range(0, int(last) + 1, 6)))
    scale = alt.Scale(domain=[0, last], nice=False)
    return alt.X("time:Q", scale=scale, title=english.months_from(rows.asked), axis=axis)


def _y(rows: Rows, bottom: float, field: str = "estimate:Q") -> alt.Y:
    scale = alt.Scale(domain=[bottom, rows.asked.marker_range[1]], zero=False, nice=False)
    return alt.Y(field, scale=scale, title=table_words.points(rows.marker))


def _named(rows: Rows, point: CurveCells) -> Mark:
    return mark_of(point, rows.short(point["level"]))


Place = tuple[str, Scale, str]
"""Exposure, slope or score, and level."""


def table_slopes(rows: Rows, *, name: str) -> Markup:
    """Slopes a month, the reference's own and differences from it, by mixed and by joint model."""
    association = next(iter(rows.associations()), Association.NONE)
    lines = [x for scale in (Scale.SLOPE, Scale.SCORE) for x in rows.find(scale)]
    lines = [x for x in lines if x["association"] in ("", association)]
    used = _forms_shown({(x["family"], x["form"]) for x in lines if x["level"] != NEVER})
    by_model = {(*_place(x), x["family"], x["form"]): x for x in lines}
    notes = Notes()
    cells = []
    for exposure, scale, level in _places(rows, lines):
        row = {"group": rows.title(exposure), "label": _label(rows, scale, level)}
        for family, form in used:
            crude = level == NEVER  # a model with covariates has no slope of its own for the reference
            if crude and form != next(f for k, f in used if k == family):
                continue
            line = by_model.get((exposure, scale, level, family, Form.CRUDE if crude else form))
            mark = notes.mark(*clauses(line)) if line is not None and line.is_missing else ""
            row[f"{family} {form}"] = cell(line) + mark
        cells.append(row)
    notes.add(table_words.about_decline(rows.short(NEVER), ever_defined(rows), rows.short(LAG_ONLY).lower()))
    spanners = table_words.decline_columns(rows.conf)
    columns = [
        Column("label", table_words.points(rows.marker), "left"),
        *(Column(f"{family} {form}", ENGLISH.forms[form], spanner=spanners[family]) for family, form in used),
    ]
    return render_table(cells, columns, name=name, caption=table_words.DECLINE, group="group", notes=notes)


def _forms_shown(there: Collection[tuple[str, str]]) -> list[tuple[Family, Form]]:
    """The models in the table: adjusted ones, of mixed models one only; where there are none, crude ones."""
    families = (Family.MIXED, Family.JOINT)
    used = [(family, form) for family in families for form in ADJUSTED if (family, form) in there]
    if (Family.MIXED, Form.ADJUSTED) in used:
        used = [u for u in used if u != (Family.MIXED, Form.MUTUALLY_ADJUSTED)]
    return used or [(family, Form.CRUDE) for family in families if (family, Form.CRUDE) in there]


def _place(line: Line) -> Place:
    return line["exposure"], Scale(line["scale"]), line["level"]


def _places(rows: Rows, lines: Sequence[Line]) -> list[Place]:
    def order(place: Place) -> tuple[int, bool, bool]:
        return rows.exposures.index(place[0]), place[1] != Scale.SLOPE, place[2] != NEVER

    return sorted(distinct(_place(x) for x in lines), key=order)


def _label(rows: Rows, scale: Scale, level: str) -> str:
    label = table_words.own_points if level == NEVER else table_words.difference_in
    return label(rows.short(level), rows.asked, slope=scale == Scale.SLOPE)


def floor_words(rows: Rows) -> str:
    """What the floor of the score does to the association, as far as the scores used come to it."""
    counted = {row["code"]: row for row in rows.diagnosed(*_COUNTED)}
    decimals, floor = (counted.get(code) for code in _COUNTED)
    low, high = rows.asked.marker_range
    if decimals is None or floor is None or (decimals["value"] and not floor["value"]):
        return ""
    if any(formats.is_withheld(row["value"]) for row in (decimals, floor)):
        return table_words.floor_withheld(low)
    if decimals["value"]:
        return table_words.at_floor(floor["value"], note_of(floor), low)
    return table_words.whole_numbers(low, high)


_COUNTED = (DiagnosticCode.SCORES_WITH_DECIMALS, DiagnosticCode.SCORES_AT_FLOOR)
