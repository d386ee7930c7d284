"""Kaplan-Meier curves of each class as inline SVG: direct labels, medians marked, numbers at risk and events below."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import english_course as english
from riskset.report.catalogue import english_page as page_words
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.catalogue.english_front import short_length
from riskset.report.front.drawing import Element, Picture, Stroke, Text, text_width
from riskset.report.prognosis.curves import at_years, drawn
from riskset.report.prognosis.rows import FEW, Rows, value_of
from riskset.report.templating import render
from riskset.results.row_cells import CurveCells
from riskset.results.vocabulary import CurveKind, Scale
from riskset.spec.levels import EVER, NEVER
from riskset.spec.words import capital

WIDTH = 470.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 98.0, 366.0, 30.0, 214.0
_ROW = 19.0
_SIZE = 12.5
_APART = 34.0
"""Of the names at the ends of two curves, which have two lines each."""

MOST = 4
"""Classes with a picture in the front; of more, all have theirs in the supplement."""


def draw_curves(rows: Rows) -> list[Picture]:
    """A picture for each class that has a curve, in the study's order."""
    pictures = (_draw(rows, exposure, f"curve-{i}") for i, exposure in enumerate(rows.exposures, 1))
    return [picture for picture in pictures if picture is not None]


def render_curves(pictures: Sequence[Picture], aside: Markup) -> Markup:
    """The pictures beside each other, and what is said of them in the last place where they leave one."""
    drawn_ones = [picture.render() for picture in pictures]
    return render("front_curves.html", words=page_words, pictures=drawn_ones, aside=aside)


def _draw(rows: Rows, exposure: str, name: str) -> Picture | None:
    every = [p for p in rows.curve(CurveKind.SURVIVAL, exposure) if p["level"] in (NEVER, EVER)]
    points, _ = drawn(every)
    levels = [level for level in (NEVER, EVER) if any(p["level"] == level for p in points)]
    if not points:
        return None
    begin, last = min(p["time"] for p in points), max(p["time"] for p in points)
    if begin == last:  # disclosure control left one point
        return None
    shapes: list[Element] = [Text(0, 12, capital(label_of_name(rows.study, exposure)), 13.5, look="b h")]
    shapes += _frame(rows, begin, last)
    medians = {level: median for level in levels if (median := _median(rows, exposure, level)) is not None}
    ends = {}
    for level in levels:
        of_level = [p for p in points if p["level"] == level]
        shapes += _curve(of_level, level, last)
        ends[level] = _y(value_of(of_level[-1]))
        if level in medians and medians[level] <= of_level[-1]["time"]:
            x = _x(medians[level], last)
            shapes += [
                Stroke(f"M{x:.1f} {_y(0.5):.1f}V{_BOTTOM:g}", f"drop {level}"),
                Stroke(f"M{x - 3.4:.1f} {_y(0.5):.1f}a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0 -6.8 0", f"dot {level}"),
            ]
    shapes += _names(rows, ends, medians)
    bottom = _numbers(shapes, rows, every, levels, last)
    title = english.curve_title(rows.asked, [label_of_name(rows.study, exposure)])
    in_words = [english.median_of(english.level_short(level, rows.never), years) for level, years in medians.items()]
    return Picture(name, WIDTH, bottom, title, english.described(title, in_words), shapes)


def _median(rows: Rows, exposure: str, level: str) -> float | None:
    """The median of a level; None where it is not reached, not given, or of few patients."""
    for line in rows.find(Scale.MEDIAN):
        if (line["exposure"], line["level"]) == (exposure, level):
            few = line["n_cases"] is None or line["n_cases"] < FEW
            return None if few else formats.finite(line.value)
    return None


def _x(time: float, last: float) -> float:
    return _LEFT + time / last * (_RIGHT - _LEFT)


def _y(share: float) -> float:
    return _BOTTOM - share * (_BOTTOM - _TOP)


def _step(last: float) -> float:
    return 0.5 if last <= 2 else 1.0 if last <= 6 else 2.0


def _ticks(rows: Rows, begin: float, last: float) -> list[tuple[float, str]]:
    """Where the curves begin, above the first number at risk, and the round times that leave room for its label."""
    step, start = _step(last), rows.asked.curves_from
    first = short_length(start) if start is not None and begin > 0 else f"{begin:.3g}"
    rounds = [step * k for k in range(1, int(last / step + 0.01) + 1)]
    return [(begin, first), *((tick, f"{tick:g}") for tick in rounds if tick > begin + step / 3)]


def _frame(rows: Rows, begin: float, last: float) -> list[Element]:
    shapes: list[Element] = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(share)
        shapes.append(Stroke(f"M{_LEFT:g} {y:g}H{_RIGHT:g}", "base" if share == 0 else "grid-line"))
        shapes.append(Text(_LEFT - 7, y + 4, formats.percent(share, 0), _SIZE, "end", "m"))
    for tick, label in _ticks(rows, begin, last):
        x = _x(tick, last)
        shapes += [Stroke(f"M{x:.1f} {_BOTTOM:g}v5", "base"), Text(x, _BOTTOM + 18, label, _SIZE, "middle", "m")]
    shapes.append(Text((_LEFT + _RIGHT) / 2, _BOTTOM + 35, english.years_since(rows.asked), _SIZE, "middle"))
    return shapes


def _curve(points: Sequence[CurveCells], level: str, last: float) -> list[Element]:
    """The band of the interval and the line, as steps."""
    path = _steps([(p["time"], value_of(p)) for p in points], last)
    ends = [(p["time"], p["conf_low"], p["conf_high"]) for p in points]
    banded = [(time, low, high) for time, low, high in ends if low is not None and high is not None]
    band = []
    if len(banded) > 1:
        upper = _steps([(time, high) for time, _, high in banded], last)
        lower = _steps([(time, low) for time, low, _ in banded], last)
        band = [Stroke("M" + "L".join([*upper, *reversed(lower)]) + "Z", f"band {level}")]
    return [*band, Stroke("M" + "L".join(path), f"curve {level}")]


def _steps(values: Sequence[tuple[float, float]], last: float) -> list[str]:
    """Corners of a function that changes at its times."""
    corners = [f"{_x(values[0][0], last):.1f} {_y(values[0][1]):.1f}"]
    for (_, before), (time, after) in pairwise(values):
        x = _x(time, last)
        corners += [f"{x:.1f} {_y(before):.1f}", f"{x:.1f} {_y(after):.1f}"]
    return corners


def _names(rows: Rows, ends: dict[str, float], medians: dict[str, float]) -> list[Element]:
    """What each curve is at its end, apart from each other and within the picture."""
    order = sorted(ends, key=lambda level: ends[level])
    places = [ends[level] for level in order]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + _APART)
    over = places[-1] + 14 - _BOTTOM if places else 0.0
    places = [y - max(over, 0.0) for y in places]
    shapes: list[Element] = []
    for level, y in zip(order, places, strict=True):
        shapes.append(Text(_RIGHT + 8, y, english.level_short(level, rows.never), 13, look=f"b {level}"))
        if level in medians:
            shapes.append(Text(_RIGHT + 8, y + 15, english.median_short(medians[level]), 12, look="m"))
    return shapes


def _numbers(
    shapes: list[Element], rows: Rows, every: Sequence[CurveCells], levels: Sequence[str], last: float
) -> float:
    """Patients at risk and events so far in one row for each curve; of few at risk neither."""
    y = _BOTTOM + 58
    shapes.append(Text(0, y, english.AT_RISK, 12, look="b"))
    cells = {level: at_years([p for p in every if p["level"] == level], last) for level in levels}
    step = next((k for k in (1, 2, 3) if all(_fit(rows, level, _every(cells[level], k), last) for level in levels)), 4)
    for level in levels:
        y += _ROW
        shapes.append(Text(0, y, english.level_short(level, rows.never), 12, look=level))
        shapes += [Text(_x(p["time"], last), y, _cell(p), 12, "middle") for p in _every(cells[level], step)]
    return y + 8


def _every(points: Sequence[CurveCells], step: int) -> list[CurveCells]:
    """The first point and each so many years."""
    return [*points[:1], *points[step::step]]


def _fit(rows: Rows, level: str, points: Sequence[CurveCells], last: float) -> bool:
    """Whether the numbers of a curve stand apart, each below its time."""
    right = text_width(english.level_short(level, rows.never), 12)
    for p in points:
        half = text_width(_cell(p), 12) / 2
        if _x(p["time"], last) - half < right + 4:
            return False
        right = _x(p["time"], last) + half
    return right <= WIDTH


def _cell(point: CurveCells) -> str:
    n, events = point["n_risk"], point["n_events"]
    if n is None or events is None or n < FEW:
        return english.FEW_LEFT.format(few=FEW)
    return f"{formats.count(n)} ({formats.count(events)})"
