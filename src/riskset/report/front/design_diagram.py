"""The study's design in one picture: windows before day 0, exclusions, follow-up.

The form is that of Schneeweiss et al, Ann Intern Med 2019;170:398-406.

Everything follows from the description and from the days that registers are stated to cover. Time is not to scale:
days before day 0 are placed so that what stands between two of them has room.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np

from riskset.report.catalogue import english_design as english
from riskset.report.front.drawing import (
    HATCHED,
    Align,
    Box,
    Element,
    Extent,
    Picture,
    Stroke,
    Text,
    text_width,
    widest_word,
    wrap,
)
from riskset.report.front.naming import class_label, outcome
from riskset.report.front.section import Exhibit, Kind, Section
from riskset.report.view import View, distinct
from riskset.results.released import Released
from riskset.spec.covariates import BUILT_IN
from riskset.spec.design import GivenControls, PopulationControls, SiblingControls
from riskset.spec.levels import Window
from riskset.spec.measures import Covariate, DiagnosisCovariate, Ever, Exposure, Measure
from riskset.spec.study import Study
from riskset.spec.time import Duration

WIDTH = 940.0
_LABELS = 112.0
"""Room for the names of rows."""
_EARLY, _START = 136.0, 162.0
"""Where boxes that open to the left begin, and the start of the dispensing register."""
_AFTER, _GAP = 290.0, 84.0
"""Room behind the index date for follow-up; between onset and the index date, where windows end at onset."""
_BARE = 62.0
"""Room behind the index date where nobody is followed."""
_HEAD, _SMALL, _LEADING = 13.0, 12.5, 15.0
_PAD = 5.0
_NARROWEST = 30.0
_LINES = 3
"""A box is as wide as its stretch of time; text in more lines than this stands beside it."""

Edge = Duration | str
"""A day before day 0, or a named place on the axis."""
EARLY, START, RUN_IN_END, ZERO, INDEX, ENTRY, END = ("early", "start", "run-in end", "zero", "index", "entry", "end")


@dataclass(frozen=True)
class Span:
    """A box: from where to where, and what it says, the first line in bold."""

    start: Edge
    stop: Edge
    lines: tuple[str, ...]
    look: str
    opens: bool = False


@dataclass(frozen=True)
class Track:
    """A row of the picture: boxes that do not overlap, and text before day 0 that belongs to no box."""

    label: str
    spans: tuple[Span, ...] = ()
    aside: tuple[str, ...] = ()
    marks_day: bool = False


@dataclass(frozen=True)
class Header:
    """What stands above a line down the picture."""

    edge: Edge
    lines: tuple[str, ...]
    looks: tuple[str, ...] = ("m", "b")
    heavy: bool = False


@dataclass
class Axis:
    """Where each day lies."""

    places: dict[str, float]
    marks: dict[float, float] = field(default_factory=dict)

    def x(self, edge: Edge) -> float:
        """Units from the left."""
        return self.places[edge] if isinstance(edge, str) else self.marks[_days(edge)]

    @property
    def index(self) -> float:
        """The index date."""
        return self.places[INDEX]


def design_diagram(released: Released, view: View) -> Section:
    """The section with the picture of the design."""
    study = view.study
    picture = draw_design(study, starts_of(released.manifest))
    return Section(
        anchor="design",
        title=english.TITLE,
        takeaway=english.compared(study.controls, study.cases.first),
        exhibits=(
            Exhibit(
                Kind.FIGURE,
                english.FIGURE,
                picture.render(),
                about=english.SHARED_ONSET if study.anchor == "onset" else english.SHARED_DAY,
                notes=tuple(_notes(study, picture)),
            ),
        ),
    )


def starts_of(manifest: Mapping[str, Any]) -> dict[str, date]:
    """The first day that each register is stated to cover, by canonical table."""
    stated = manifest.get("registers", {}).get("starts") or {}
    return {table: date.fromisoformat(day) for table, day in stated.items()}


def _notes(study: Study, picture: Picture) -> Iterator[str]:
    yield english.NOT_TO_SCALE
    boxes = [shape for shape in picture.shapes if isinstance(shape, Box)]
    if any(box.look == HATCHED for box in boxes):
        yield english.HATCHED
    if any(box.opens for box in boxes):
        yield english.OPENS
    needed = distinct(e.at_least for e in study.exposures if any(m.of_the_qualified for m in e.measures))
    if len(needed) == 1 and needed[0] > 1:
        yield english.second_marks(needed[0])
    if any(isinstance(c, SiblingControls) and c.at == "same age" for c in study.controls):
        yield english.SAME_AGE


def draw_design(study: Study, starts: Mapping[str, date]) -> Picture:
    """The picture.

    Parameters
    ----------
    starts : the first day that registers are stated to cover, by canonical table; any may be missing
    """
    tracks = list(_tracks(study, starts))
    axis = _axis(study, tracks)
    shapes: list[Element] = []
    headers = list(_headers(study, starts, axis))
    top = _draw_headers(shapes, headers, axis)
    y = top + 10
    for track in tracks:
        y = _draw_track(shapes, track, axis, y) + 9
    lines = [Stroke(f"M{axis.x(h.edge):.1f} {top:g}V{y - 2:g}", "heavy" if h.heavy else "axis-line") for h in headers]
    rows = [(t.label, ["; ".join(s.lines) for s in t.spans] + list(t.aside)) for t in tracks]
    zero = english.ONSET if study.anchor == "onset" else english.index_date(study, outcome(study))
    return Picture("design", WIDTH, y + 2, english.PICTURE, english.described(rows, zero), [*lines, *shapes])


# What there is to draw


def _tracks(study: Study, starts: Mapping[str, date]) -> Iterator[Track]:
    if study.exposures and study.eligibility.run_in:
        lines = (study.eligibility.run_in.words(), english.NO_INDEX_DATES)
        yield Track(english.RUN_IN, (Span(START, RUN_IN_END, lines, HATCHED),))
    for (measure, at_least), classes in _measures(study).items():
        named = [] if len(classes) == len(study.exposures) else [class_label(e) for e in classes]
        yield Track(english.measure_label(measure, named), tuple(_windows(study, measure, at_least)))
    yield from _patients_exposure(study)
    yield from _covariates(study, starts)
    yield from _exclusions(study)
    yield _day(study)
    if study.prognosis is not None:
        span = Span(ENTRY, END, english.followed(study.prognosis), "follow-up")
        yield Track(english.FOLLOW_UP, (span,), (english.entry(study.prognosis),))


def _measures(study: Study) -> dict[tuple[Measure, int], list[Exposure]]:
    """Each measure once, with the classes that have it."""
    classes: dict[tuple[Measure, int], list[Exposure]] = {}
    for exposure in study.exposures:
        for measure in exposure.measures:
            counts = measure.of_the_qualified or measure.kind == "any_use"
            classes.setdefault((measure, exposure.at_least if counts else 1), []).append(exposure)
    return classes


def _windows(study: Study, measure: Measure, at_least: int) -> Iterator[Span]:
    for window in reversed(measure.windows):
        lines = (english.window_words(measure, window, at_least), english.bracket(window))
        yield Span(window.lookback or START, window.lag or ZERO, lines, "exposure")
    yield from _uncounted(study, measure.windows[0].lag, english.lag_words(measure))


def _uncounted(study: Study, lag: Duration, lines: tuple[str, ...]) -> Iterator[Span]:
    """What lies between a window and the index date."""
    if lag:
        yield Span(lag, ZERO, lines, HATCHED)
    if study.anchor == "onset":
        yield Span(ZERO, INDEX, english.AFTER_ONSET, HATCHED)


def _patients_exposure(study: Study) -> Iterator[Track]:
    """What the prognosis counts as use, where no measure of the risk is the same; of patients it ends at diagnosis."""
    asked = study.prognosis
    if asked is None or not study.exposures:
        return
    alike = [m for e in study.exposures for m in e.measures if isinstance(m, Ever) and m.lag == asked.lag]
    if alike and study.anchor == "index date":
        return
    if study.anchor == "onset":
        used = Span(START, INDEX, (english.PATIENTS_USE, english.to_diagnosis(asked.lag)), "exposure")
        yield Track(english.PATIENTS_EXPOSURE, (used,))
        return
    used = Span(START, asked.lag or ZERO, (english.PATIENTS_USE, english.bracket(Window(asked.lag))), "exposure")
    lag = [Span(asked.lag, ZERO, english.patients_lag(asked), HATCHED)] if asked.lag else []
    yield Track(english.PATIENTS_EXPOSURE, (used, *lag))


def _covariates(study: Study, starts: Mapping[str, date]) -> Iterator[Track]:
    """Those of one window and one register share a box."""
    alike: dict[tuple[bool, Duration, Duration | None], list[Covariate]] = {}
    for covariate in study.covariates:
        key = isinstance(covariate, DiagnosisCovariate), covariate.lag, covariate.lookback
        alike.setdefault(key, []).append(covariate)
    label = english.COVARIATES
    for (diagnosed, lag, lookback), covariates in alike.items():
        opens = diagnosed and lookback is None
        known = starts.get("diagnosis") if diagnosed else None
        start = f"[{english.day_short(known)}" if known else english.REGISTER
        lines = ("; ".join(map(english.covariate_words, covariates)), english.bracket(Window(lag, lookback), start))
        yield Track(label, (Span(lookback or (EARLY if opens else START), lag or ZERO, lines, "covariate", opens),))
        label = ""
    last = [name for name in adjusted_for(study) if BUILT_IN[name].table == "socioeconomic"]
    if last:
        text = english.built_in(", ".join(last))
        yield Track(
            label, (Span(LAST_YEAR, BEFORE_INDEX, (f"{text[:1].upper()}{text[1:]}", english.LAST_RECORD), "covariate"),)
        )


LAST_YEAR, BEFORE_INDEX = "last year", "before index"


def adjusted_for(study: Study) -> list[str]:
    """The built-in covariates of everyone that models adjust for, relatives' among them."""
    asked = [name for model in study.models for name in model.adjust]
    always = [name for controls in study.controls for name in getattr(controls, "always", ())]
    return [name for name in distinct([*asked, *always]) if name in BUILT_IN]


def _exclusions(study: Study) -> Iterator[Track]:
    free = [event for event in study.cases.freedom() if event != study.cases.first]
    what, when = english.earlier(outcome(study), free)
    yield Track(english.EXCLUSION, (Span(EARLY, INDEX, (what, when), "exclusion", opens=True),))
    for washout in study.eligibility.washout:
        lines = english.without(washout.event, washout.within)
        yield Track("", (Span(washout.within or EARLY, INDEX, lines, "exclusion", opens=washout.within is None),))
    label = english.ELIGIBILITY
    rules = ((study.eligibility.min_residence, english.resident), (study.eligibility.min_history, english.history))
    for length, say in rules:
        if length:
            yield Track(label, (Span(length, INDEX, say(length), "exclusion"),))
            label = ""


def _day(study: Study) -> Track:
    unrelated = [c for c in study.controls if isinstance(c, PopulationControls | GivenControls)]
    lines = [english.eligible(study.eligibility)]
    lines += distinct(english.matched(c, several=len(study.controls) > 1) for c in unrelated)
    recorded = [name for name in BUILT_IN if name in adjusted_for(study) and BUILT_IN[name].table != "socioeconomic"]
    if recorded:
        lines.append(english.recorded(recorded))
    return Track(english.DAY_0, aside=tuple(lines), marks_day=True)


# Where days lie


def _axis(study: Study, tracks: Sequence[Track]) -> Axis:
    index = WIDTH - (_AFTER if study.prognosis is not None else _BARE)
    zero = index - _GAP if study.anchor == "onset" else index
    axis = Axis({EARLY: _EARLY, START: _START, ZERO: zero, INDEX: index, ENTRY: index + 34, END: WIDTH - 14})
    axis.places |= {LAST_YEAR: index - 236, BEFORE_INDEX: index - 24}
    spans = [span for track in tracks for span in track.spans]
    lengths = {_days(edge): edge for s in spans for edge in (s.start, s.stop) if isinstance(edge, Duration)}
    edges: list[Edge] = [START]
    if any(span.stop == RUN_IN_END for span in spans):
        edges.append(RUN_IN_END)
    edges += [lengths[days] for days in sorted(lengths, reverse=True)]
    edges.append(ZERO)
    least = [_room(spans, near, far) for near, far in pairwise(edges)]
    weights = [_weight(near, far) for near, far in pairwise(edges)]
    widths = _shared_out(zero - _START, least, weights)
    for edge, x in zip(edges[1:-1], _START + np.cumsum(widths), strict=False):
        if isinstance(edge, Duration):
            axis.marks[_days(edge)] = float(x)
        else:
            axis.places[edge] = float(x)
    return axis


def _room(spans: Sequence[Span], start: Edge, stop: Edge) -> float:
    """What a stretch needs so that the boxes that fill it alone hold their text."""
    alone = [s for s in spans if (_same(s.start, start) and _same(s.stop, stop))]
    needs = [_needs(span) for span in alone]
    return max([_NARROWEST, *needs])


def _same(one: Edge, other: Edge) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return _days(one) == _days(other)


def _needs(span: Span) -> float:
    bold, *rest = span.lines
    words = [widest_word(bold, _HEAD, bold=True), text_width(bold, _HEAD, bold=True) / 2]
    return max([*words, *(text_width(line, _SMALL) for line in rest)]) + 2 * _PAD


def _weight(start: Edge, stop: Edge) -> float:
    far = 1.6 * 365.25 * 9 if isinstance(start, str) else start.days_about
    near = 0.0 if isinstance(stop, str) else stop.days_about
    return max(sqrt(far) - sqrt(near), 1.0) if stop != RUN_IN_END else 1.0


def _shared_out(room: float, least: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Widths that fill the room: each what it needs, the rest by weight; all alike where the needs are too much."""
    spare = room - sum(least)
    if spare < 0:
        each = min(_NARROWEST, room / len(least))
        beyond = [width - each for width in least]
        share = (room - each * len(least)) / sum(beyond) if sum(beyond) else 0.0
        return [each + share * width for width in beyond]
    return [width + spare * weight / sum(weights) for width, weight in zip(least, weights, strict=True)]


def _days(length: Duration) -> float:
    return round(length.days_about, 3)


# Drawing


def _headers(study: Study, starts: Mapping[str, date], axis: Axis) -> Iterator[Header]:
    start, rule = starts.get("dispensing"), study.eligibility
    if study.exposures:
        yield Header(START, (english.START, *([english.day_short(start)] if start else [])))
    if RUN_IN_END in axis.places:
        end = [english.day_short(_after(start, rule.run_in))] if start else []
        yield Header(RUN_IN_END, (english.RUN_IN_ENDS, *end))
    onset = study.anchor == "onset"
    lengths = {_days(d): d for d in _lengths(study)}
    for days in sorted(axis.marks, reverse=True):
        yield Header(lengths[days], (english.mark(lengths[days], onset=onset),), ("b",))
    if onset:
        yield Header(ZERO, (english.ONSET, english.DAY_0), ("b h", "b h"), heavy=True)
    index = english.index_date(study, outcome(study))
    yield Header(INDEX, (index,) if onset else (index, english.DAY_0), ("b h", "b h"), heavy=True)
    if study.prognosis is not None:
        end_day = english.day_before(study.prognosis.until or study.period.stop)
        yield Header(END, (english.FOLLOW_UP_ENDS, english.day_short(end_day)))


def _lengths(study: Study) -> Iterator[Duration]:
    """Every length of time that a window of the picture may begin or end at."""
    for exposure in study.exposures:
        for measure in exposure.measures:
            yield from measure.marks
    for covariate in study.covariates:
        yield from filter(None, (covariate.lag, covariate.lookback))
    rule = study.eligibility
    yield from filter(None, (*(w.within for w in rule.washout), rule.min_residence, rule.min_history))
    if study.prognosis is not None and study.prognosis.lag:
        yield study.prognosis.lag


def _after(day: date, length: Duration) -> date:
    return date.fromisoformat(str(length.after(np.datetime64(day, "D"))))


def _draw_headers(shapes: list[Element], headers: Sequence[Header], axis: Axis) -> float:
    """Write the headers, each in the lowest row where it meets no other one, and return where the picture begins."""
    placed: list[tuple[int, list[Text]]] = []
    for header in sorted(headers, key=lambda h: (not h.heavy, len(h.lines), axis.x(h.edge))):
        level, texts = _place_header(header, axis, [t for _, t in placed], [level for level, _ in placed])
        placed.append((level, texts))
    levels = max((level for level, _ in placed), default=0) + 1
    height = 36.0
    for level, texts in placed:
        for text in texts:
            y = text.y + (levels - 1 - level) * height
            shapes.append(Text(text.x, y, text.text, text.size, text.align, text.look))
    return 18 + levels * height - 10


def _place_header(
    header: Header, axis: Axis, others: Sequence[Sequence[Text]], levels: Sequence[int]
) -> tuple[int, list[Text]]:
    x = axis.x(header.edge)
    for level in range(len(others) + 1):
        there = [t.extent for texts, at in zip(others, levels, strict=True) if at == level for t in texts]
        for align in ("middle", "start", "end"):
            texts = _header_texts(header, x, align)
            extents = [t.extent for t in texts]
            inside = all(e.left >= 0 and e.right <= WIDTH for e in extents)
            if inside and not any(_near(e, other) for e in extents for other in there):
                return level, texts
    return len(others), [_clamped(t) for t in _header_texts(header, x, "middle")]


def _near(one: Extent, other: Extent) -> bool:
    return Extent(one.left - 8, one.top, one.right + 8, one.bottom).meets(other)


def _clamped(text: Text) -> Text:
    """The text moved into the picture."""
    extent = text.extent
    shift = max(0.0, -extent.left) - max(0.0, extent.right - WIDTH)
    return Text(text.x + shift, text.y, text.text, text.size, text.align, text.look)


def _header_texts(header: Header, x: float, align: Align) -> list[Text]:
    last = len(header.lines) - 1
    shift = {"start": 3.0, "middle": 0.0, "end": -3.0}[align] if header.edge != END else 0.0
    lines = enumerate(zip(header.lines, header.looks, strict=False))
    return [Text(x + shift, 30.0 - _LEADING * (last - i), line, _SMALL, align, look) for i, (line, look) in lines]


def _draw_track(shapes: list[Element], track: Track, axis: Axis, top: float) -> float:
    """Draw a row below ``top`` and return its lower end."""
    parts = track.label.splitlines() if track.label else []
    label = [line for part in parts for line in wrap(part, _LABELS - 4, _HEAD, bold=True)]
    lanes = _lanes(track, axis)
    drawn: list[Element] = []
    bottom = top
    for lane in lanes:
        bottom = _draw_lane(drawn, lane, axis, bottom) + 4
    bottom -= 4 if lanes else 0
    beside = top
    for line in track.aside:
        beside = _draw_aside(drawn, line, track, axis, beside)
    bottom = max(bottom, beside)
    if track.marks_day:
        drawn.append(Box(axis.index - 7, top, axis.index + 7, max(bottom, top + 22), "day"))
    bottom = max(bottom, top + _LEADING * len(label) + 2)
    shapes += [Text(0, top + 12 + _LEADING * i, line, _HEAD, look="b h") for i, line in enumerate(label)]
    shapes += drawn
    return bottom


def _lanes(track: Track, axis: Axis) -> list[list[Span]]:
    """All boxes beside each other where each holds its text; else each in a line of its own."""
    if all(_fits(span, axis) for span in track.spans):
        return [list(track.spans)] if track.spans else []
    return [[span] for span in track.spans]


def _fits(span: Span, axis: Axis) -> bool:
    width = axis.x(span.stop) - axis.x(span.start) - 2 * _PAD
    words = [widest_word(line, _HEAD if i == 0 else _SMALL, bold=i == 0) for i, line in enumerate(span.lines)]
    most = _LINES if width < WIDTH / 4 else 3 * _LINES
    return max(words) <= width and len(_set(span.lines, width)) <= most


def _set(lines: Sequence[str], width: float) -> list[tuple[str, bool]]:
    """Lines of text within a width, and whether each is bold."""
    return [
        (line, i == 0)
        for i, text in enumerate(lines)
        for line in wrap(text, width, _HEAD if i == 0 else _SMALL, bold=i == 0)
    ]


def _draw_lane(shapes: list[Element], spans: Sequence[Span], axis: Axis, top: float) -> float:
    if len(spans) == 1 and not _fits(spans[0], axis):
        return _draw_beside(shapes, spans[0], axis, top)
    texts = [_set(span.lines, axis.x(span.stop) - axis.x(span.start) - 2 * _PAD) for span in spans]
    height = 6 + _LEADING * max(len(lines) for lines in texts)
    for span, lines in zip(spans, texts, strict=True):
        left, right = axis.x(span.start), axis.x(span.stop)
        shapes.append(Box(left, top, right, top + height, span.look, span.opens))
        first = top + height / 2 - _LEADING * len(lines) / 2 + 11.5
        for i, (line, bold) in enumerate(lines):
            y, size = first + _LEADING * i, _HEAD if bold else _SMALL
            shapes.append(Text((left + right) / 2, y, line, size, "middle", _look(bold, span)))
    return top + height


def _look(bold: bool, span: Span) -> str:
    paper = " on" if span.look == HATCHED else ""
    return f"{'b' if bold else 'm'}{paper}"


def _draw_beside(shapes: list[Element], span: Span, axis: Axis, top: float) -> float:
    """A box too narrow for its text, which stands on the side that has more room, on paper."""
    left, right = axis.x(span.start), axis.x(span.stop)
    before = (_LABELS, left - 2 * _PAD - (12 if span.opens else 0))
    after = (right + 2 * _PAD, max(axis.index, right) if right < axis.index else WIDTH)
    is_before = before[1] - before[0] >= after[1] - after[0]
    near, far = before if is_before else after
    lines = _set(span.lines, far - near - 4)
    height = max(24.0, 6 + _LEADING * len(lines))
    shapes.append(Box(left, top, right, top + height, span.look, span.opens))
    x: float
    x, align = (far, "end") if is_before else (near, "start")
    first = top + height / 2 - _LEADING * len(lines) / 2 + 11.5
    for i, (line, bold) in enumerate(lines):
        size = _HEAD if bold else _SMALL
        shapes.append(
            Text(x, first + _LEADING * i, line, size, "end" if align == "end" else "start", "b on" if bold else "m on")
        )
    return top + height


def _draw_aside(shapes: list[Element], line: str, track: Track, axis: Axis, top: float) -> float:
    """Text before the index date, set to it."""
    right = axis.index - 16
    first = track.aside[0] == line and track.marks_day
    lines = wrap(line, min(right - _LABELS, 480.0), _HEAD if first else _SMALL, bold=first)
    for i, text in enumerate(lines):
        look = "b on" if first else "m on"
        shapes.append(Text(right, top + 12 + _LEADING * i, text, _HEAD if first else _SMALL, "end", look))
    return top + _LEADING * len(lines) + 1
