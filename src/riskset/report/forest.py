"""Forest plots: one row for each estimate, its interval on a log scale, the numbers beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import altair as alt
import pyarrow as pa
from altair.utils.schemapi import debug_mode

from riskset.report import formats
from riskset.report.catalogue import english_figures as english
from riskset.report.catalogue import english_lines as line_words
from riskset.report.estimate_tables import named
from riskset.report.figures import Figure, Mark, draw
from riskset.report.forest_rows import (
    PlacedWords,
    Row,
    arrows_of,
    cells_of,
    limits_of,
    marks_of,
    ratio_ticks,
    targets_of,
)
from riskset.report.theme import colour
from riskset.report.view import (
    FEW_SETS,
    RATIOS,
    Line,
    Place,
    Variant,
    View,
    distinct,
    headline_variants,
    places_of,
    title_of,
    variants_of,
    words_of,
)
from riskset.results.vocabulary import Form, Scale
from riskset.results.withheld import unmarked

PUBLISHED, PLANTED, LIMIT = english.PUBLISHED, english.PLANTED, english.LIMIT
ALL_SETS, SUBGROUP = english.ALL_SETS, english.SUBGROUP

FOREST = pa.schema(
    [
        ("exposure", pa.string()),
        ("measure", pa.string()),
        ("level", pa.string()),
        ("modifier", pa.string()),
        ("stratum", pa.string()),
        ("series", pa.string()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)
"""What a forest plot shows, on the scale of its axis; a planted truth or a limit is a row without an interval."""

_ROW, _GAP, _HEADING = 17, 7, 26
_SHEET = 44
"""Rows of a figure, so that it keeps its size on a sheet of paper."""
_PLOT = 400
_NUMBERS = 150
_LABELS, _CHARACTER = 190, 6.4
"""The least room for labels, and the width of a character of theirs."""
_SAID, _SMALL = 18, 5.7
"""What a row is ends so far left of the plot, where the arrows are; and the width of a character of it."""
_ARROW = {-1: "M-1.3,-1L-3,0L-1.3,1Z", 1: "M1.3,-1L3,0L1.3,1Z"}
"""Arrows that stand outside the edge where they belong, so that no mark covers them."""
_TICK = "M-0.13,-0.9H0.13V0.9H-0.13Z"
_HOLLOW_TICK = "M-0.3,-0.8H0.3V0.8H-0.3ZM-0.14,-0.64V0.64H0.14V-0.64Z"
"""The inner outline runs the other way round, which leaves it empty, in the legend too."""
_TRUTHS = (PLANTED, LIMIT)

Look = tuple[str, str]
"""Colour and shape of a series."""


def plot_estimates(view: View, lines: Sequence[Line], *, name: str, title: str) -> list[Figure]:
    """Every level of every exposure, a row for each form of a model, the published figure, planted truth and limits.

    Exposures are parted over as many figures as it takes for each to fit on a sheet.
    """
    variants = variants_of(lines)
    shown = [x for x in lines if not x.is_firth and not x.is_trend]
    sheets = sheets_of(shown)
    figures = []
    for i, sheet in enumerate(sheets, 1):
        canvas = Canvas()
        for exposure in distinct(x["exposure"] for x in sheet):
            canvas.head(title_of(view.study, exposure))
            for place in places_of([x for x in sheet if x["exposure"] == exposure]):
                _add_level(canvas, sorted(_at(sheet, place), key=lambda x: variants.index(x.variant)))
        sheet_name, part = (name, title) if len(sheets) == 1 else _of_several(name, title, i, len(sheets))
        names = [v.label for v in variants]
        figures.append(canvas.draw(sheet_name, part, english.HOW_READ, names, sheet, looks=_looks(variants)))
    return [figure for figure in figures if figure is not None]


def _at(lines: Sequence[Line], place: Place) -> list[Line]:
    return [x for x in lines if x.place == place]


def _looks(variants: Sequence[Variant]) -> dict[str, Look]:
    """Of each form of a model; the first in grey, so that what was asked stands out."""
    hues = {Form.CRUDE: ("crude", "circle"), Form.ADJUSTED: ("adjusted", "circle")}
    hues[Form.MUTUALLY_ADJUSTED] = "mutual", "square"
    return {v.label: (colour(hues[v.form][0]), hues[v.form][1]) for v in variants if v.form in hues}


def _add_level(canvas: Canvas, lines: Sequence[Line]) -> None:
    canvas.label(lines[0].label)
    for line in lines:
        canvas.add(line, line.variant.label)
    if lines[0].published is not None:
        canvas.add_published(lines[0])
    canvas.gap()


def _of_several(name: str, title: str, i: int, n: int) -> tuple[str, str]:
    """Name and title of one of several sheets."""
    return f"{name} {i}", english.of_several(title, i, n)


def sheets_of(lines: Sequence[Line], beside: int = 0) -> list[list[Line]]:
    """Lines in runs short enough for a sheet, whole exposures where they fit, else whole measures of one.

    Parameters
    ----------
    beside : rows that each level has besides those of its lines
    """

    def height(part: Sequence[Line]) -> int:
        return len(part) + beside * len(places_of(part))

    sheets: list[list[Line]] = []
    for exposure in distinct(x["exposure"] for x in lines):
        of_class = [x for x in lines if x["exposure"] == exposure]
        parts = [of_class]
        if height(of_class) > _SHEET:
            parts = [[x for x in of_class if x.place.term == term] for term in distinct(x.place.term for x in of_class)]
        for part in parts:
            if sheets and height([*sheets[-1], *part]) <= _SHEET:
                sheets[-1] += part
            else:
                sheets.append(list(part))
    return sheets


def plot_subgroups(view: View, lines: Sequence[Line], main: Sequence[Line], *, name: str, title: str) -> list[Figure]:
    """Subgroups of each model's headline form, all sets first, parted over figures as the estimates are."""
    variants = headline_variants(view.study, lines)
    groups = [x for x in lines if x.variant in variants and not (x.is_interaction or x.is_firth or x.is_trend)]
    everyone = {(x.variant, x.place): x for x in main if not x.is_firth}
    text = english.about_subgroups([v.words for v in variants])
    sheets = sheets_of(groups, beside=3)
    figures = []
    for i, sheet in enumerate(sheets, 1):
        canvas = Canvas()
        for exposure in distinct(x["exposure"] for x in sheet):
            canvas.head(title_of(view.study, exposure))
            _add_subgroups(canvas, view, [x for x in sheet if x["exposure"] == exposure], everyone, variants)
        sheet_name, part = (name, title) if len(sheets) == 1 else _of_several(name, title, i, len(sheets))
        figures.append(canvas.draw(sheet_name, part, text, [ALL_SETS, SUBGROUP], sheet))
    return [figure for figure in figures if figure is not None]


def _add_subgroups(
    canvas: Canvas,
    view: View,
    lines: Sequence[Line],
    everyone: Mapping[tuple[Variant, Place], Line],
    variants: Sequence[Variant],
) -> None:
    for place, variant in ((p, v) for p in places_of(lines) for v in variants):
        strata = [x for x in lines if (x.variant, x.place) == (variant, place)]
        if not strata:
            continue
        canvas.label(named(strata[0].label, strata[0]))
        canvas.skip()
        if (variant, place) in everyone:
            canvas.label(ALL_SETS)
            canvas.add(everyone[variant, place], ALL_SETS)
        for line in strata:
            canvas.label(view.stratum_label(*line.stratum))
            canvas.add(line, SUBGROUP)
        canvas.gap()


class Canvas:
    """Rows from the top down."""

    def __init__(self) -> None:
        self.y = 0.0
        self.rows: list[Row] = []
        self.headings: list[PlacedWords] = []
        self.labels: list[PlacedWords] = []
        self.penalised: dict[str, str] = {}
        """Series of Firth's estimates → the series that they stand in for."""

    def head(self, text: str) -> None:
        self.y += _HEADING - _ROW / 2 if self.y else _ROW / 2
        self.headings.append({"y": self.y, "text": text})
        self.y += _ROW + 4

    def label(self, text: str) -> None:
        self.labels.append({"y": self.y, "text": text})

    def gap(self) -> None:
        self.y += _GAP

    def skip(self) -> None:
        self.y += _ROW

    def add(self, line: Line, series: str, *, words: str | None = None) -> None:
        """A row for an estimate; it says in words what it is, so that no reader depends on a colour.

        ``words`` is what it says instead of its series, as nothing where a label of its own says it.
        """
        shown = line.shown
        name, penalised = series, line_words.FIRTH if shown is not line else ""
        if penalised:
            name = f"{series}, {penalised}"
            self.penalised[name] = series
        data = cells_of(line.row, name, shown.value, shown.low, shown.high)
        words = ("" if series in (ALL_SETS, SUBGROUP) else series.replace("_", " ")) if words is None else words
        words = ", ".join(filter(None, (words, penalised)))
        cell = f"{shown.cell} †" if line.thin else shown.cell
        hint = self._hint(line, series, line.shown_cell)
        self.rows.append(Row(self.y, name, cell, data, words, is_thin=bool(line.thin), hint=hint))
        for truth, value in ((PLANTED, line.planted), (LIMIT, line.limit)):
            if value is not None and series not in (ALL_SETS, SUBGROUP):
                self.rows.append(Row(self.y, truth, "", cells_of(line.row, truth, value, None, None)))
        self.y += _ROW

    def add_published(self, line: Line, *, words: str = PUBLISHED) -> None:
        figure = line.published
        if figure is None:
            return
        numbers = formats.ratio_with_interval(figure.estimate, figure.low, figure.high)
        data = cells_of(line.row, PUBLISHED, figure.estimate, figure.low, figure.high)
        self.rows.append(Row(self.y, PUBLISHED, numbers, data, words, hint=self._hint(line, PUBLISHED, numbers)))
        self.y += _ROW

    def _hint(self, line: Line, series: str, numbers: str) -> str:
        """``Anxiolytics (N05B), ever: adjusted, 1.34 (1.12–1.60)``, and the counts of odds ratios of ours."""
        labels = distinct([*(each[-1]["text"] for each in (self.headings, self.labels) if each), line.label])
        model = "" if series in (ALL_SETS, SUBGROUP) else f"{words_of(series)}, "
        text = f"{', '.join(labels)}: {model}{numbers}"
        if line["scale"] != Scale.LOG_OR or line["n_exposed_cases"] is None or series == PUBLISHED:
            return text
        cases, controls = (
            formats.count_of(line[f"n_exposed_{who}"], line[f"n_{who}"]) for who in ("cases", "controls")
        )
        return f"{text}. {english.exposed(cases, controls, line['n_informative'])}"

    def draw(
        self,
        name: str,
        title: str,
        text: str,
        series: Sequence[str],
        lines: Sequence[Line],
        *,
        looks: Mapping[str, Look] | None = None,
    ) -> Figure | None:
        """The figure; None where no row has a value. ``looks`` are those of series that models do not name."""
        if not any(row.data["value"] is not None for row in self.rows):
            return None
        scale = lines[0]["scale"]
        ordinary = {name: [each for each, of in self.penalised.items() if of == name] for name in series}
        possible = [*(s for name, penalised in ordinary.items() for s in (name, *penalised)), PUBLISHED, *_TRUTHS]
        there = {row.series for row in self.rows}
        order = [s for s in possible if s in there]
        meanings = [english.PENALISED] if self.penalised else []
        text = " ".join([text, *meanings, *(meaning for mark, meaning in english.MEANING.items() if mark in there)])
        if arrows_of(self.rows, *limits_of(self.rows, scale in RATIOS)):
            text += f" {english.ARROWS}"
        if any(row.is_thin for row in self.rows):
            text += f" {english.few_sets(FEW_SETS)}"
        data = pa.Table.from_pylist(unmarked(row.data for row in self.rows), schema=FOREST)
        chart = _chart(self, order, scale, looks or {})
        return draw(chart, name=name, data=data, title=title, text=text, alt=_alt(self, title))


def _alt(canvas: Canvas, title: str) -> str:
    rows = [r.data["value"] for r in canvas.rows if r.series not in (*_TRUTHS, PUBLISHED)]
    estimated = [value for value in rows if value is not None]
    values = [value for value in estimated if math.isfinite(value)]
    ends = (formats.ratio(min(values)), formats.ratio(max(values))) if values else None
    return english.forest_alt(title, len(estimated), ends)


def _style(canvas: Canvas, series: str, looks: Mapping[str, Look]) -> Look:
    """Colour and shape of a series; Firth's estimates have the colour of what they stand in for."""
    if series in canvas.penalised:
        return _style(canvas, canvas.penalised[series], looks)[0], "diamond"
    if series in looks:
        return looks[series]
    name, shape = {
        PUBLISHED: ("published", "triangle-up"),
        PLANTED: ("planted", _TICK),
        LIMIT: ("planted", _HOLLOW_TICK),
        ALL_SETS: ("ink", "square"),
        SUBGROUP: ("adjusted", "circle"),
    }[series]
    return colour(name), shape


def _chart(canvas: Canvas, order: Sequence[str], scale: str, looks: Mapping[str, Look]) -> alt.LayerChart:
    is_ratio = scale in RATIOS
    low, high = limits_of(canvas.rows, is_ratio)
    height = canvas.y
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False, zero=False), axis=None)
    ticks = ratio_ticks(low, high) if is_ratio else alt.Undefined
    x_scale = alt.Scale(type="log" if is_ratio else "linear", domain=[low, high], nice=False, clamp=True)
    axis = alt.Axis(values=ticks, format="~g", grid=True, domain=False, tickSize=4)
    x = alt.X("value:Q", scale=x_scale, axis=axis, title=english.AXES.get(scale, formats.EFFECT.get(scale, scale)))
    styles = [_style(canvas, series, looks) for series in order]
    columns = len(order) if len(order) <= 5 else 3
    legend = None
    if SUBGROUP not in order:
        # Without a stroke, so that a hollow mark stays hollow at the legend's size.
        legend = alt.Legend(
            title=None, orient="top", direction="horizontal", columns=columns, symbolSize=100, symbolStrokeWidth=0
        )
    hue = alt.Color("series:N", scale=alt.Scale(domain=list(order), range=[s[0] for s in styles]), legend=legend)
    shape = alt.Shape("series:N", scale=alt.Scale(domain=list(order), range=[s[1] for s in styles]), legend=legend)

    none = pa_values([{"x": 1.0 if is_ratio else 0.0}])
    zero = alt.Chart(none).mark_rule(color=colour("ink"), strokeWidth=1).encode(x=alt.X("x:Q", scale=x_scale))
    points, ends, numbers = marks_of(canvas.rows, low, high)
    layers = [zero]
    if ends:
        layers.append(
            alt.Chart(pa_values(ends)).mark_rule(strokeWidth=1.6).encode(x=x, x2=alt.X2("high:Q"), y=y, color=hue)
        )
    for sign, shaped in _ARROW.items():
        if beyond := [arrow for arrow in arrows_of(canvas.rows, low, high) if arrow["sign"] == sign]:
            arrow = alt.Chart(pa_values(beyond)).mark_point(shape=shaped, filled=True, size=60, opacity=1)
            layers.append(arrow.encode(x=x, y=y, color=hue))
    for size, series in ((62, [s for s in order if s not in _TRUTHS]), (330, [PLANTED]), (200, [LIMIT])):
        chosen = [p for p in points if p["series"] in series]
        marks = alt.Chart(pa_values(chosen)).mark_point(filled=True, size=size, opacity=1)
        layers.append(marks.encode(x=x, y=y, color=hue, shape=shape))
    layers += _texts(canvas, numbers, y)
    if targets := targets_of(canvas.rows, _ROW):
        target = alt.Chart(pa_values(targets)).mark_rect(opacity=0)
        layers.append(
            target.encode(
                y=y,
                y2=alt.Y2("y2:Q"),
                x=alt.XValue(-_SAID),
                x2=alt.X2Value(_PLOT + _NUMBERS),
                description=alt.Description("hint:N"),
            )
        )
    return alt.layer(*layers).properties(width=_PLOT, height=height)


def _texts(canvas: Canvas, numbers: list[Mark], y: alt.Y) -> Iterator[alt.Chart]:
    """Headings and labels left of the plot, numbers right of it."""
    longest = max((len(label["text"]) for label in canvas.labels), default=0)
    words = max((len(row.words) for row in canvas.rows), default=0)
    room = _CHARACTER * longest + (_SMALL * words + _SAID if words else 0) + 16
    left = alt.XValue(-max(_LABELS, room))
    bold = alt.Chart(pa_values(canvas.headings)).mark_text(
        align="left", fontWeight="bold", fontSize=13, baseline="middle"
    )
    yield bold.encode(x=left, y=y, text=alt.Text("text:N"))
    label = alt.Chart(pa_values(canvas.labels)).mark_text(align="left", baseline="middle")
    yield label.encode(x=left, y=y, text=alt.Text("text:N"))
    in_words = alt.Chart(pa_values([{"y": row.y, "text": row.words} for row in canvas.rows if row.words]))
    in_words = in_words.mark_text(align="right", baseline="middle", fontSize=11, color=colour("quiet"))
    yield in_words.encode(x=alt.XValue(-_SAID), y=y, text=alt.Text("text:N"))
    shown = alt.Chart(pa_values(numbers)).mark_text(align="right", baseline="middle", fontSize=11.5)
    yield shown.encode(x=alt.XValue(_PLOT + _NUMBERS - 4), y=y, text=alt.Text("text:N"))


def pa_values(rows: Sequence[Mapping[str, object]]) -> alt.Data:
    """Rows as data written into the specification, which knows no infinite numbers."""

    def drawable(value: object) -> object:
        return value if not isinstance(value, float) or math.isfinite(value) else None

    values = tuple({key: drawable(value) for key, value in row.items()} for row in rows)  # which no copy copies
    with debug_mode(False):  # whose validation would take as long as the drawing
        return alt.Data(values=values)
