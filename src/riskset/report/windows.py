"""The windows of the study on a line of time, the index date at the right."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import TypedDict

import altair as alt
import pyarrow as pa

from riskset.report.catalogue import english_figures as english
from riskset.report.figures import Figure, Mark, draw
from riskset.report.forest import pa_values
from riskset.report.measure_words import end_of
from riskset.report.theme import colour
from riskset.report.view import distinct, spaced, words_of
from riskset.spec.measure_words import measure_words
from riskset.spec.measures import Measure
from riskset.spec.study import Study
from riskset.spec.time import Duration
from riskset.spec.words import capital

WINDOWS = pa.schema(
    [
        ("measure", pa.string()),
        ("stretch", pa.string()),
        ("years_from", pa.float64()),  # before the index date, about
        ("years_to", pa.float64()),
        ("counts", pa.bool_()),
    ]
)
"""What the figure of windows shows; an open window is drawn to reach a little past the furthest mark."""

_ROW = 44


def plot_windows(study: Study) -> Figure | None:
    """Each measure's windows before the index date, on a square-root scale of years."""
    measures = distinct(m for e in study.exposures for m in e.measures)
    if not measures:
        return None
    marks = [d.days_about / 365.25 for m in measures for d in m.marks]
    reach = max([*marks, 1.0]) * 2
    rows = [row for m in measures for row in _stretches(m, reach)]
    chart = _chart(rows, measures, reach)
    end = end_of(study)
    return draw(
        chart,
        name="windows",
        data=pa.Table.from_pylist(rows, schema=WINDOWS),
        title=english.WINDOWS,
        text=english.about_windows(end),
        wide=False,
        alt=english.windows_alt(end, [r["stretch"] for r in rows]),
    )


class _Stretch(TypedDict):
    """A stretch of time before the index date that a measure looks at, or leaves out."""

    measure: str
    stretch: str
    years_from: float
    years_to: float
    counts: bool


def _stretches(measure: Measure, reach: float) -> Iterator[_Stretch]:
    name = capital(words_of(measure.key))

    def stretch(label: str, start: float, stop: float, counts: bool = True) -> _Stretch:
        return {"measure": name, "stretch": label, "years_from": start, "years_to": stop, "counts": counts}

    for label, window in zip(measure_words(measure).briefly_drawn, measure.windows, strict=True):
        yield stretch(spaced(label), _years(window.lookback) if window.lookback else reach, _years(window.lag))
    if lag := measure.windows[0].lag:
        yield stretch(english.lag(spaced(str(lag))), _years(lag), 0.0, counts=False)


def _years(length: Duration) -> float:
    return length.days_about / 365.25


def _chart(rows: list[_Stretch], measures: list[Measure], reach: float) -> alt.LayerChart:
    names = distinct(r["measure"] for r in rows)
    drawn = [
        {
            **r,
            "a": -sqrt(r["years_from"]),
            "b": -sqrt(r["years_to"]),
            "m": -(sqrt(r["years_from"]) + sqrt(r["years_to"])) / 2,
        }
        for r in rows
    ]
    marks: list[Mark] = [
        {"x": -sqrt(_years(d)), "text": spaced(str(d))} for d in distinct(d for m in measures for d in m.marks)
    ]
    marks.append({"x": 0.0, "text": english.INDEX_DATE})
    scale = alt.Scale(domain=[-sqrt(reach), 0], nice=False)
    x = alt.X("a:Q", scale=scale, axis=None)
    y = alt.Y("measure:N", sort=names, axis=_names_axis())
    lines = alt.Chart(pa_values(marks)).mark_rule(color=colour("line")).encode(x=alt.X("x:Q", scale=scale, axis=None))
    named = alt.Chart(pa_values(marks)).mark_text(baseline="top", fontSize=11.5, color=colour("quiet"))
    named = named.encode(x=alt.X("x:Q", scale=scale), y=alt.YValue(_ROW * len(names) + 4), text=alt.Text("text:N"))
    base = alt.Chart(pa_values(drawn))
    fill = alt.condition("datum.counts", alt.value(colour("band")), alt.value(colour("raised")))
    bars = base.mark_bar(height=24, stroke=colour("quiet"), strokeWidth=0.8).encode(
        x=x, x2=alt.X2("b:Q"), y=y, color=fill
    )
    label = base.mark_text(baseline="middle").encode(x=alt.X("m:Q"), y=y, text=alt.Text("stretch:N"))
    return alt.layer(lines, bars, label, named).properties(width=390, height=_ROW * len(names))


def _names_axis() -> alt.Axis:
    ink = colour("ink")
    return alt.Axis(title=None, domain=False, ticks=False, labelLimit=170, labelColor=ink, labelPadding=10)
