"""Survival and cumulative incidence drawn as steps, with their intervals and the numbers at risk below."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import altair as alt
import pyarrow as pa

from riskset.report import formats
from riskset.report.catalogue import english_course_figures as english
from riskset.report.catalogue import english_course_levels as level_words
from riskset.report.figures import Figure, Mark, draw
from riskset.report.forest import pa_values
from riskset.report.prognosis.rows import FEW, Rows, value_of
from riskset.report.theme import colour
from riskset.report.view import distinct
from riskset.results.row_cells import CurveCells
from riskset.results.vocabulary import CurveKind
from riskset.results.withheld import HiddenNumber, unmarked
from riskset.spec.levels import EVER, LAG_ONLY, NEVER

_SHARE = 0.05
"""A curve is drawn while so many of the patients are at risk."""
_WIDTH, _HEIGHT, _LINE = 470, 270, 17
_ORDER = (NEVER, EVER, LAG_ONLY)
_HUES = {NEVER: "crude", EVER: "adjusted", LAG_ONLY: "published"}

POINTS = pa.schema(
    [
        ("exposure", pa.string()),
        ("level", pa.string()),
        ("cause", pa.string()),
        ("time", pa.float64()),
        ("unit", pa.string()),
        ("estimate", pa.float64()),
        ("conf_low", pa.float64()),
        ("conf_high", pa.float64()),
        ("n_risk", pa.int64()),
        ("n_events", pa.int64()),
        ("n_patients", pa.int64()),
    ]
)
"""What a figure of curves shows; a limit that there is not, as where nobody has died yet, is null."""


def plot_survival(rows: Rows, exposures: Sequence[str] | None = None) -> list[Figure]:
    """Kaplan-Meier curves of each exposure's levels, with numbers at risk and events so far; of some, or of all."""
    figures = (_plot_survival(rows, exposure) for exposure in (rows.exposures if exposures is None else exposures))
    return [figure for figure in figures if figure is not None]


def _plot_survival(rows: Rows, exposure: str) -> Figure | None:
    every = rows.curve(CurveKind.SURVIVAL, exposure)
    points, few = drawn(every)
    if not points:
        return None
    levels = levels_of(points)
    colours = hue(rows, levels)
    x = axis_x(points, english.years_from(rows.asked))
    y = axis_y("estimate:Q", english.FREE_OF_EVENTS)
    shown = [mark_of(p, rows.short(p["level"])) for p in points]
    banded = [p for p in shown if p["conf_low"] is not None and p["conf_high"] is not None]
    band = alt.Chart(pa_values(banded)).mark_area(interpolate="step-after", opacity=0.18)
    band = band.encode(x=x, y=axis_y("conf_low:Q", english.FREE_OF_EVENTS), y2=alt.Y2("conf_high:Q"), color=colours)
    line = (
        alt.Chart(pa_values(shown)).mark_line(interpolate="step-after", strokeWidth=2).encode(x=x, y=y, color=colours)
    )
    plot = alt.layer(band, line).properties(width=_WIDTH, height=_HEIGHT)
    chart = alt.vconcat(plot, _risk_table(rows, every, points, levels), spacing=48, bounds="flush")
    title = english.survival(rows.title(exposure))
    return draw(
        chart,
        name=f"survival {exposure}",
        data=table_of(points, POINTS),
        title=title,
        text=_text(
            *(english.survival_is(rows.asked, rows.conf), english.since(rows.asked), _entering(points)),
            *(english.NUMBERS_BELOW, _ever(rows), _until(points), _left_out(rows, few)),
        ),
        alt=english.described(title, _ends(rows, points)),
    )


def plot_incidence(rows: Rows) -> list[Figure]:
    """Aalen-Johansen curves of each cause, side by side, for each exposure; competing events are not censored."""
    figures = (_plot_incidence(rows, exposure) for exposure in rows.exposures)
    return [figure for figure in figures if figure is not None]


def _plot_incidence(rows: Rows, exposure: str) -> Figure | None:
    points, few = drawn(rows.curve(CurveKind.INCIDENCE, exposure))
    if not points:
        return None
    levels, causes = levels_of(points), distinct(p["cause"] for p in points)
    colours = hue(rows, levels)
    panels, tops = [], []
    for cause in causes:
        having = [p for p in points if p["cause"] == cause]
        top = min(1.0, math.ceil(10 * max(p["conf_high"] or value_of(p) for p in having) + 1e-9) / 10)
        of_cause = [mark_of(p, rows.short(p["level"])) for p in having]
        x, title = axis_x(points, english.years_from(rows.asked)), english.share_with(cause)
        banded = [p for p in of_cause if p["conf_low"] is not None and p["conf_high"] is not None]
        band = alt.Chart(pa_values(banded)).mark_area(interpolate="step-after", opacity=0.18)
        band = band.encode(x=x, y=axis_y("conf_low:Q", title, top), y2=alt.Y2("conf_high:Q"), color=colours)
        line = alt.Chart(pa_values(of_cause)).mark_line(interpolate="step-after", strokeWidth=2)
        line = line.encode(x=x, y=axis_y("estimate:Q", title, top), color=colours)
        panels.append(alt.layer(band, line).properties(width=250, height=220, title=english.cause_title(cause)))
        tops.append(top)
    without = [
        (rows.level(level).lower(), cause)
        for level in levels
        for cause in causes
        if not any((p["level"], p["cause"]) == (level, cause) for p in points)
    ]
    differ = english.AXES_DIFFER if len(set(tops)) > 1 else ""
    title = english.incidence(rows.title(exposure))
    return draw(
        alt.hconcat(*panels, spacing=28).resolve_scale(y="independent"),
        name=f"incidence {exposure}",
        data=table_of(points, POINTS),
        title=title,
        text=_text(
            *(english.incidence_is(rows.conf), english.since(rows.asked), _entering(points), _ever(rows)),
            *(_until(points), differ, english.nobody_had(without), _left_out(rows, few)),
        ),
        alt=english.described(title, _ends(rows, points)),
    )


def drawn(points: Sequence[CurveCells]) -> tuple[list[CurveCells], list[tuple[str, int]]]:
    """The points to draw, and the levels without a line, since fewer than ten are at risk at every time.

    The line of a level ends before the first time with fewer than ten at risk (after it had ten, where patients enter
    late), and all end where fewer than one patient in twenty is at risk: beyond, single deaths make the steps. Where a
    point is shown whose number at risk is withheld, enough are at risk: disclosure control asks for it.
    """
    patients = {p["level"]: p["n_patients"] or 0 for p in points}
    points = [p for p in points if p["estimate"] is not None or not isinstance(p["n_risk"], HiddenNumber)]
    ends = {level: _end([p for p in points if p["level"] == level]) for level in patients}
    last_of = {level: end for level, end in ends.items() if end is not None}
    few = [(level, n) for level, n in patients.items() if level not in last_of]
    kept = [p for p in points if p["estimate"] is not None and p["time"] <= last_of.get(p["level"], -math.inf)]
    at_risk: dict[float, float] = {}
    for level in distinct(p["level"] for p in kept):
        of_level = [p for p in kept if p["level"] == level]
        for p in of_level:
            if p["cause"] == of_level[0]["cause"]:
                at_risk[p["time"]] = at_risk.get(p["time"], 0) + _at_risk(p)
    enough = max(FEW, _SHARE * max((n for n in at_risk.values() if math.isfinite(n)), default=0))
    last = max((t for t, n in at_risk.items() if n >= enough), default=0.0)
    return [_drawn(p) for p in kept if p["time"] <= last], few


def _drawn(point: CurveCells) -> CurveCells:
    """A point of a chart, in which a number that is withheld is none."""
    n = point["n_risk"]
    return point | {"n_risk": None if isinstance(n, HiddenNumber) else n}


def _end(points: Sequence[CurveCells]) -> float | None:
    """The last time before a level has fewer than ten at risk, once it had ten; None where it never has."""
    enough = {p["time"]: _at_risk(p) >= FEW for p in points}
    began = min((t for t, met in enough.items() if met), default=None)
    if began is None:
        return None
    short = min((t for t, met in enough.items() if t > began and not met), default=math.inf)
    return float(max(t for t in enough if t < short))


def _at_risk(point: CurveCells) -> float:
    """Patients at risk; more than any number where that is withheld."""
    n = point["n_risk"]
    return math.inf if isinstance(n, HiddenNumber) else n or 0


def _risk_table(
    rows: Rows, every: Sequence[CurveCells], points: Sequence[CurveCells], levels: Sequence[str]
) -> alt.LayerChart:
    """Text below the axis: at each whole year the patients at risk and events so far, all of them as they are.

    The page is internal: what may leave is masked by disclosure control, everywhere alike, and here nothing is.
    """
    last = max(p["time"] for p in points)
    heads, labels, numbers, y = [], [], [], 0.0
    count_of: Callable[[CurveCells], float | None]
    for heading, count_of in (
        (english.AT_RISK, lambda p: p["n_risk"]),
        (english.EVENTS_SO_FAR, lambda p: p["n_events"]),
    ):
        heads.append({"text": heading, "y": y})
        for level in levels:
            y += _LINE
            labels.append({"text": rows.short(level), "y": y, "level": rows.short(level)})
            for p in at_years([p for p in every if p["level"] == level], last):
                text = formats.count(count_of(p))
                numbers.append({"text": text, "y": y, "level": rows.short(level), "time": p["time"]})
        y += 1.3 * _LINE
    height = y - 0.8 * _LINE
    scale = alt.Scale(domain=[-_LINE / 2, height], reverse=True, nice=False, zero=False)
    at, x, colours = alt.Y("y:Q", scale=scale, axis=None), axis_x(points, ""), hue(rows, levels)
    left = alt.XValue(-135)
    bold = alt.Chart(pa_values(heads)).mark_text(align="left", fontWeight="bold", fontSize=11.5)
    named = alt.Chart(pa_values(labels)).mark_text(align="left", fontSize=11.5)
    counts = alt.Chart(pa_values(numbers)).mark_text(fontSize=11.5)
    return alt.layer(
        bold.encode(x=left, y=at, text=alt.Text("text:N")),
        named.encode(x=left, y=at, text=alt.Text("text:N"), color=colours),
        counts.encode(x=x, y=at, text=alt.Text("text:N"), color=colours),
    ).properties(width=_WIDTH, height=height + _LINE / 2)


def at_years(points: Sequence[CurveCells], last: float) -> list[CurveCells]:
    """A level's first point and those at each whole year (half, where all is two or less) up to ``last``.

    After a level's own last point nobody of it is at risk, and its events are those so far; where numbers are withheld
    nothing is said of what comes after the last that is not.
    """
    given = [p for p in points if not isinstance(p["n_risk"], HiddenNumber)]
    is_whole = len(given) == len(points)
    points = given
    if not points:
        return []
    step = 0.5 if last <= 2 else 1.0
    first, final = points[0], points[-1]
    wanted = [step * k for k in range(1, int(last / step + 0.01) + 1)]
    gone = [final | {"time": year, "n_risk": 0} for year in wanted if year > final["time"] + 1e-6]
    nearest = [min(points, key=lambda p: abs(p["time"] - year)) for year in wanted if year <= final["time"] + 1e-6]
    nearest = [p for i, p in enumerate(nearest) if p not in nearest[:i]]
    return [first, *(p for p in nearest if p["time"] > first["time"] + step / 3), *(gone if is_whole else [])]


def mark_of(point: CurveCells, level: str) -> Mark:
    """A point as a chart draws it, of a level in words."""
    ends = {"conf_low": point["conf_low"], "conf_high": point["conf_high"]}
    return {"time": point["time"], "estimate": point["estimate"], **ends, "level": level}


def levels_of(points: Iterable[CurveCells]) -> list[str]:
    """The levels of points, the reference first."""
    return sorted(distinct(p["level"] for p in points), key=lambda level: _ORDER.index(level) if level in _ORDER else 9)


def hue(rows: Rows, levels: Sequence[str]) -> alt.Color:
    """A colour for each level, the reference in grey."""
    names, inks = [rows.short(level) for level in levels], [colour(_HUES.get(level, "other")) for level in levels]
    legend = alt.Legend(title=None, orient="top", direction="horizontal", columns=2, symbolOpacity=1)
    return alt.Color("level:N", scale=alt.Scale(domain=names, range=inks), legend=legend)


def axis_x(points: Sequence[CurveCells], title: str) -> alt.X:
    """Time from the origin, from 0; without an axis where it has no title.

    The first tick is where the curves begin, above the first of the numbers at risk.
    """
    last, begin = max(p["time"] for p in points), min(p["time"] for p in points)
    step = 0.5 if last <= 2 else 1.0
    ticks = [begin, *(step * k for k in range(1, int(last / step) + 1) if step * k > begin + step / 3)]
    axis = alt.Axis(grid=False, values=ticks) if title else None
    return alt.X("time:Q", scale=alt.Scale(domain=[0, last], nice=False), title=title or None, axis=axis)


def axis_y(field: str, title: str, top: float = 1.0) -> alt.Y:
    """A share, as per cent."""
    return alt.Y(field, scale=alt.Scale(domain=[0, top]), title=title, axis=alt.Axis(format=".0%", tickCount=5))


def table_of(points: Sequence[CurveCells], schema: pa.Schema) -> pa.Table:
    """The numbers of a figure."""
    return pa.Table.from_pylist(unmarked({name: p.get(name) for name in schema.names} for p in points), schema=schema)


def _text(*sentences: str) -> str:
    """Sentences one after the other; empty ones are none."""
    return " ".join(filter(None, sentences))


def _until(points: Sequence[CurveCells]) -> str:
    return english.until(FEW, max(p["time"] for p in points), round(1 / _SHARE))


def _entering(points: Sequence[CurveCells]) -> str:
    """How many patients come under observation after the curves' beginning."""
    later = 0.0
    for level in distinct(p["level"] for p in points):
        first = next(p for p in points if p["level"] == level)
        later += max((first["n_patients"] or 0) - (first["n_risk"] or 0), 0)
    return english.entering(later)


def ever_defined(rows: Rows) -> str:
    """``Ever: more than 1 year before diagnosis``."""
    return level_words.ever_defined(rows.asked)


def _ever(rows: Rows) -> str:
    return f"{ever_defined(rows)}." if rows.asked.lag else ""


def _left_out(rows: Rows, few: Sequence[tuple[str, int]]) -> str:
    return english.no_curve(FEW, [(rows.level(level).lower(), n) for level, n in few])


def _ends(rows: Rows, points: Sequence[CurveCells]) -> str:
    ends = [[p for p in points if p["level"] == level][-1] for level in levels_of(points)]
    return "; ".join(english.ends_at(rows.level(end["level"]).lower(), value_of(end), end["time"]) for end in ends)
