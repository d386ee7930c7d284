"""Where the days of a design lie on its axis, and what stands above them.

Time is not to scale: days before day 0 are placed so that what stands between two of them has room.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from math import sqrt

import numpy as np

from riskset.report.catalogue import english_design as english
from riskset.report.front.design_tracks import (
    BEFORE_INDEX,
    EARLY,
    END,
    ENTRY,
    INDEX,
    LAST_YEAR,
    RUN_IN_END,
    START,
    ZERO,
    Edge,
    Span,
    Track,
)
from riskset.report.front.drawing import (
    text_width,
    widest_word,
)
from riskset.report.front.naming import outcome
from riskset.spec.study import Study
from riskset.spec.time import Duration

WIDTH = 940.0
LABELS = 112.0
"""Room for the names of rows."""
_EARLY, _START = 136.0, 162.0
"""Where boxes that open to the left begin, and the start of the dispensing register."""
_AFTER, _GAP = 290.0, 84.0
"""Room behind the index date for follow-up; between onset and the index date, where windows end at onset."""
_BARE = 62.0
"""Room behind the index date where nobody is followed."""
HEAD_SIZE, SMALL_SIZE, LEADING = 13.0, 12.5, 15.0
PAD = 5.0
_NARROWEST = 30.0


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


def axis_of(study: Study, tracks: Sequence[Track]) -> Axis:
    """Where each day of the tracks lies, so that every box holds its text where there is room for it."""
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
    words = [widest_word(bold, HEAD_SIZE, bold=True), text_width(bold, HEAD_SIZE, bold=True) / 2]
    return max([*words, *(text_width(line, SMALL_SIZE) for line in rest)]) + 2 * PAD


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


def headers_of(study: Study, starts: Mapping[str, date], axis: Axis) -> Iterator[Header]:
    """What stands above each line down the picture, from left to right."""
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
