"""The study's design in one picture: windows before day 0, exclusions, follow-up.

The form is that of Schneeweiss et al, Ann Intern Med 2019;170:398-406.

Everything follows from the description and from the days that registers are stated to cover. Time is not to scale:
days before day 0 are placed so that what stands between two of them has room.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from riskset.report.catalogue import english_design as english
from riskset.report.front.design_axis import (
    HEAD_SIZE,
    LABELS,
    LEADING,
    PAD,
    SMALL_SIZE,
    WIDTH,
    Axis,
    Header,
    axis_of,
    headers_of,
)
from riskset.report.front.design_tracks import (
    END,
    Span,
    Track,
    tracks_of,
)
from riskset.report.front.drawing import (
    HATCHED,
    Align,
    Box,
    Element,
    Extent,
    Picture,
    Stroke,
    Text,
    widest_word,
    wrap,
)
from riskset.report.front.naming import outcome
from riskset.report.front.section import Exhibit, Kind, Section
from riskset.report.run_facts import starts_of
from riskset.report.view import View, distinct
from riskset.results.released import Released
from riskset.spec.design import SiblingControls
from riskset.spec.study import Study

_LINES = 3
"""A box is as wide as its stretch of time; text in more lines than this stands beside it."""


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
    tracks = list(tracks_of(study, starts))
    axis = axis_of(study, tracks)
    shapes: list[Element] = []
    headers = list(headers_of(study, starts, axis))
    top = _draw_headers(shapes, headers, axis)
    y = top + 10
    for track in tracks:
        y = _draw_track(shapes, track, axis, y) + 9
    lines = [Stroke(f"M{axis.x(h.edge):.1f} {top:g}V{y - 2:g}", "heavy" if h.heavy else "axis-line") for h in headers]
    rows = [(t.label, ["; ".join(s.lines) for s in t.spans] + list(t.aside)) for t in tracks]
    zero = english.ONSET if study.anchor == "onset" else english.index_date(study, outcome(study))
    return Picture("design", WIDTH, y + 2, english.PICTURE, english.described(rows, zero), [*lines, *shapes])


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
    return [Text(x + shift, 30.0 - LEADING * (last - i), line, SMALL_SIZE, align, look) for i, (line, look) in lines]


def _draw_track(shapes: list[Element], track: Track, axis: Axis, top: float) -> float:
    """Draw a row below ``top`` and return its lower end."""
    parts = track.label.splitlines() if track.label else []
    label = [line for part in parts for line in wrap(part, LABELS - 4, HEAD_SIZE, bold=True)]
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
    bottom = max(bottom, top + LEADING * len(label) + 2)
    shapes += [Text(0, top + 12 + LEADING * i, line, HEAD_SIZE, look="b h") for i, line in enumerate(label)]
    shapes += drawn
    return bottom


def _lanes(track: Track, axis: Axis) -> list[list[Span]]:
    """All boxes beside each other where each holds its text; else each in a line of its own."""
    if all(_fits(span, axis) for span in track.spans):
        return [list(track.spans)] if track.spans else []
    return [[span] for span in track.spans]


def _fits(span: Span, axis: Axis) -> bool:
    width = axis.x(span.stop) - axis.x(span.start) - 2 * PAD
    words = [widest_word(line, HEAD_SIZE if i == 0 else SMALL_SIZE, bold=i == 0) for i, line in enumerate(span.lines)]
    most = _LINES if width < WIDTH / 4 else 3 * _LINES
    return max(words) <= width and len(_set(span.lines, width)) <= most


def _set(lines: Sequence[str], width: float) -> list[tuple[str, bool]]:
    """Lines of text within a width, and whether each is bold."""
    return [
        (line, i == 0)
        for i, text in enumerate(lines)
        for line in wrap(text, width, HEAD_SIZE if i == 0 else SMALL_SIZE, bold=i == 0)
    ]


def _draw_lane(shapes: list[Element], spans: Sequence[Span], axis: Axis, top: float) -> float:
    if len(spans) == 1 and not _fits(spans[0], axis):
        return _draw_beside(shapes, spans[0], axis, top)
    texts = [_set(span.lines, axis.x(span.stop) - axis.x(span.start) - 2 * PAD) for span in spans]
    height = 6 + LEADING * max(len(lines) for lines in texts)
    for span, lines in zip(spans, texts, strict=True):
        left, right = axis.x(span.start), axis.x(span.stop)
        shapes.append(Box(left, top, right, top + height, span.look, span.opens))
        first = top + height / 2 - LEADING * len(lines) / 2 + 11.5
        for i, (line, bold) in enumerate(lines):
            y, size = first + LEADING * i, HEAD_SIZE if bold else SMALL_SIZE
            shapes.append(Text((left + right) / 2, y, line, size, "middle", _look(bold, span)))
    return top + height


def _look(bold: bool, span: Span) -> str:
    paper = " on" if span.look == HATCHED else ""
    return f"{'b' if bold else 'm'}{paper}"


def _draw_beside(shapes: list[Element], span: Span, axis: Axis, top: float) -> float:
    """A box too narrow for its text, which stands on the side that has more room, on paper."""
    left, right = axis.x(span.start), axis.x(span.stop)
    before = (LABELS, left - 2 * PAD - (12 if span.opens else 0))
    after = (right + 2 * PAD, max(axis.index, right) if right < axis.index else WIDTH)
    is_before = before[1] - before[0] >= after[1] - after[0]
    near, far = before if is_before else after
    lines = _set(span.lines, far - near - 4)
    height = max(24.0, 6 + LEADING * len(lines))
    shapes.append(Box(left, top, right, top + height, span.look, span.opens))
    x: float
    x, align = (far, "end") if is_before else (near, "start")
    first = top + height / 2 - LEADING * len(lines) / 2 + 11.5
    for i, (line, bold) in enumerate(lines):
        size = HEAD_SIZE if bold else SMALL_SIZE
        shapes.append(
            Text(x, first + LEADING * i, line, size, "end" if align == "end" else "start", "b on" if bold else "m on")
        )
    return top + height


def _draw_aside(shapes: list[Element], line: str, track: Track, axis: Axis, top: float) -> float:
    """Text before the index date, set to it."""
    right = axis.index - 16
    first = track.aside[0] == line and track.marks_day
    lines = wrap(line, min(right - LABELS, 480.0), HEAD_SIZE if first else SMALL_SIZE, bold=first)
    for i, text in enumerate(lines):
        look = "b on" if first else "m on"
        shapes.append(Text(right, top + 12 + LEADING * i, text, HEAD_SIZE if first else SMALL_SIZE, "end", look))
    return top + LEADING * len(lines) + 1
