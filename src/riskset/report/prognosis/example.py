"""A forecast for one patient, as an example: nobody's."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_course_figures as english
from riskset.report.catalogue.english_course_tables import points as points_of
from riskset.report.figures import Figure, Mark, draw
from riskset.report.forest import pa_values
from riskset.report.prognosis.curves import mark_of, table_of
from riskset.report.prognosis.decline import COURSE
from riskset.report.prognosis.rows import Rows, value_of
from riskset.report.theme import colour
from riskset.report.view import distinct
from riskset.results.row_cells import CurveCells
from riskset.results.vocabulary import CurveKind, Pace


def plot_example(rows: Rows, *, name: str) -> Figure | None:
    """Scores so far and predicted, and survival predicted, of each invented patient; None without a forecast."""
    visits, scores, survival = (
        [p for p in rows.curve(curve, "") if p["estimate"] is not None]
        for curve in (CurveKind.FORECAST_VISIT, CurveKind.FORECAST_SCORE, CurveKind.FORECAST_SURVIVAL)
    )
    if not visits or not survival:
        return None
    levels = distinct(p["level"] for p in survival)
    inks = [colour(("adjusted", "published", "mutual", "other")[i % 4]) for i in range(len(levels))]
    legend = alt.Legend(title=None, orient="top", direction="horizontal", symbolOpacity=1)
    names = [_name(level) for level in levels]
    hue = alt.Color("level:N", scale=alt.Scale(domain=names, range=inks), legend=legend)
    last = max(p["time"] for p in survival)
    now = max(p["time"] for p in visits)
    low, high = rows.asked.marker_range
    points = alt.Scale(domain=[low, high], nice=False)
    seen = alt.Chart(pa_values(_kept(visits))).mark_point(filled=True, size=60, opacity=1)
    seen = seen.encode(x=_x(rows, last), y=alt.Y("estimate:Q", scale=points), color=hue)
    begun: list[Mark] = [
        {"time": now, "estimate": 1.0, "conf_low": 1.0, "conf_high": 1.0, "level": name} for name in names
    ]
    x, mark = _x(rows, last), _landmark(rows, now, last)
    panels = (
        ([mark, *_layers(_kept(scores), x, points, "d", hue), seen], points_of(rows.marker)),
        ([mark, *_layers([*begun, *_kept(survival)], x, alt.Scale(domain=[0, 1]), ".0%", hue)], english.FREE_OF_EVENTS),
    )
    drawn = [alt.layer(*layers).properties(width=250, height=220, title=heading) for layers, heading in panels]
    title = english.forecast(len(levels))
    outlook = ". ".join(_outlook(level, visits, survival) for level in levels)
    return draw(
        alt.hconcat(*drawn, spacing=26),
        name=name,
        data=table_of([*visits, *scores, *survival], COURSE),
        title=title,
        text=english.forecast_is(outlook, rows.confidence),
        alt=english.described(title, outlook),
    )


def _name(level: str) -> str:
    """An invented patient by the pace of the decline."""
    return ENGLISH.paces[Pace(level)]


def _outlook(level: str, visits: Sequence[CurveCells], survival: Sequence[CurveCells]) -> str:
    scores = [value_of(p) for p in visits if p["level"] == level]
    now = max(p["time"] for p in visits)
    year = min((p for p in survival if p["level"] == level), key=lambda p: abs(p["time"] - now - 12))
    ends = value_of(year), year["conf_low"], year["conf_high"]
    return english.outlook(_name(level), scores, year["time"] - now, *ends)


def _layers(points: Sequence[Mark], x: alt.X, scale: alt.Scale, form: str, hue: alt.Color) -> list[alt.Chart]:
    """A line with its band."""
    axis = alt.Axis(format=form, tickCount=5)
    band = alt.Chart(pa_values(points)).mark_area(opacity=0.18, clip=True)
    band = band.encode(
        x=x, y=alt.Y("conf_low:Q", scale=scale, title=None, axis=axis), y2=alt.Y2("conf_high:Q"), color=hue
    )
    line = alt.Chart(pa_values(points)).mark_line(strokeWidth=2, clip=True)
    return [band, line.encode(x=x, y=alt.Y("estimate:Q", scale=scale, title=None, axis=axis), color=hue)]


def _x(rows: Rows, last: float) -> alt.X:
    axis = alt.Axis(grid=False, values=list(range(0, int(last) + 1, 6)))
    scale = alt.Scale(domain=[0, last], nice=False)
    return alt.X("time:Q", scale=scale, title=english.months_from(rows.asked), axis=axis)


def _landmark(rows: Rows, now: float, last: float) -> alt.Chart:
    """A line where the forecast is made."""
    rule = alt.Chart(pa_values([{"time": now}])).mark_rule(color=colour("quiet"), strokeDash=[3, 3])
    return rule.encode(x=_x(rows, last))


def _kept(points: Sequence[CurveCells]) -> list[Mark]:
    return [mark_of(p, _name(p["level"])) for p in points]
