"""One logarithmic axis for ratios, drawn in small inline SVGs: each row of a table has its own piece of the plot.

Colors and strokes are classes of the style sheet, so that a dark page and paper need no second drawing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from markupsafe import Markup

from riskset.report import formats

WIDTH, HEIGHT, EDGE = 310.0, 22.0, 8.0
"""Of a piece of the plot, in its own units; the axis ends `EDGE` from the sides."""

MOST_TICKS = 8
FURTHEST = 7
"""The axis never goes beyond 2 to this power: ratios further off are arrows."""


class Shape(StrEnum):
    """The mark of a comparison; shape, order and label say the same."""

    CIRCLE = "circle"
    SQUARE = "square"
    DIAMOND = "diamond"
    TRIANGLE = "triangle"


@dataclass(frozen=True)
class Mark:
    """How a comparison is drawn.

    Attributes
    ----------
    shape : its outline
    hue : the class of the style sheet that has its color: ``population``, ``siblings``, ``spouses``
    filled : whether it is filled
    """

    shape: Shape
    hue: str
    filled: bool = True

    def at(self, x: float, y: float, r: float) -> Markup:
        """The mark as an element of an SVG, of about one area whatever its shape."""
        kind = "mark" if self.filled else "mark open"
        match self.shape:
            case Shape.CIRCLE:
                return Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(kind, _at(x), _at(y), _at(r))
            case Shape.SQUARE:
                side = _at(1.8 * r)
                return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                    kind, _at(x - 0.9 * r), _at(y - 0.9 * r), side, side
                )
            case Shape.DIAMOND:
                return _path(kind, [(x, y - 1.3 * r), (x + 1.3 * r, y), (x, y + 1.3 * r), (x - 1.3 * r, y)])
            case Shape.TRIANGLE:
                return _path(kind, [(x, y - 1.2 * r), (x + 1.2 * r, y + r), (x - 1.2 * r, y + r)])
            case _:
                assert_never(self.shape)

    def symbol(self) -> Markup:
        """The mark alone, as it stands before a label."""
        return Markup('<svg class="sym" viewBox="0 0 14 14" width="11" height="11" aria-hidden="true">{}</svg>').format(
            self.at(7, 7, 4.7)
        )


@dataclass(frozen=True)
class LogAxis:
    """An axis from ``2**low`` to ``2**high`` with a tick at every so many doublings.

    Attributes
    ----------
    low, high : powers of 2; 0, a ratio of 1, is between them
    """

    low: int
    high: int

    @property
    def step(self) -> int:
        """Doublings from tick to tick."""
        return math.ceil((self.high - self.low + 1) / MOST_TICKS)

    @property
    def ticks(self) -> list[float]:
        """Ratios with a grid line, 1 among them."""
        below = range(0, self.low - 1, -self.step)
        return [2.0**power for power in sorted({*below, *range(0, self.high + 1, self.step)})]

    def x(self, ratio: float) -> float:
        """Where a ratio lies; beyond an end at the end."""
        power = min(max(math.log2(ratio), self.low), self.high) if ratio > 0 else self.low
        return EDGE + (power - self.low) / (self.high - self.low) * (WIDTH - 2 * EDGE)

    def labels(self, *, few: bool = False) -> Markup:
        """The piece of the plot with the numbers of the ticks; of few, those of 1 and of the ends alone."""
        ticks = sorted({self.ticks[0], 1.0, self.ticks[-1]}) if few else self.ticks
        parts = [
            Markup('<text class="{}" x="{}" y="14" text-anchor="middle">{}</text>').format(
                "one" if tick == 1 else "tick", _at(self.x(tick)), f"{tick:g}"
            )
            for tick in ticks
        ]
        return _svg([*parts, *self._grid(18, 27)])

    def sides(self, lower: str, higher: str) -> Markup:
        """The piece of the plot that says what lies on either side of 1."""
        text = Markup('<text class="m" x="{}" y="14"{}>{}</text>')
        one = self.x(1)
        parts = [
            text.format(_at(one - 9), Markup(' text-anchor="end"'), f"← {lower}"),
            text.format(_at(one + 9), "", f"{higher} →"),
        ]
        return _svg(parts)

    def row(
        self,
        value: float | None,
        low: float | None,
        high: float | None,
        mark: Mark,
        *,
        planted: float | None = None,
        tends_to: float | None = None,
    ) -> Markup:
        """The piece of the plot of one estimate, without anything but the grid where there is none.

        Parameters
        ----------
        planted, tends_to : what the model aims at in a synthetic nation: drawn behind the estimate, filled or hollow
        """
        parts = self._grid(-5, 27)
        for truth, kind in ((planted, "truth"), (tends_to, "truth hollow")):
            if truth is not None and 2.0**self.low <= truth <= 2.0**self.high:
                at = Markup('<rect class="{}" x="{}" y="2.5" width="4.4" height="17" rx="1"/>')
                parts.append(at.format(kind, _at(self.x(truth) - 2.2)))
        value, low, high = formats.finite(value), formats.finite(low), formats.finite(high)
        if low is not None and high is not None:
            parts += self._interval(low, high)
        if value is not None and 2.0**self.low <= value <= 2.0**self.high:
            parts.append(mark.at(self.x(value), HEIGHT / 2, 4.7))
        return _svg(parts)

    def _interval(self, low: float, high: float) -> list[Markup]:
        y, ends = HEIGHT / 2, (self.x(low), self.x(high))
        parts = [Markup('<path class="bar" d="M{} {}H{}"/>').format(_at(ends[0]), _at(y), _at(ends[1]))]
        if low < 2.0**self.low:
            parts.append(_arrow(ends[0], y, -6))
        if high > 2.0**self.high:
            parts.append(_arrow(ends[1], y, 6))
        return parts

    def _grid(self, top: float, bottom: float) -> list[Markup]:
        others = "".join(f"M{_at(self.x(tick))} {top:g}V{bottom:g}" for tick in self.ticks if tick != 1)
        one = f"M{_at(self.x(1))} {top:g}V{bottom:g}"
        return [Markup('<path class="grid" d="{}"/>').format(others), Markup('<path class="null" d="{}"/>').format(one)]

    def is_beyond(self, low: float | None, high: float | None) -> bool:
        """Whether an end of an interval is an arrowhead."""
        low, high = formats.finite(low), formats.finite(high)
        return (low is not None and low < 2.0**self.low) or (high is not None and high > 2.0**self.high)


def fit_axis(estimates: Sequence[tuple[float | None, float | None, float | None]]) -> LogAxis:
    """The axis of estimates with their intervals, so that every estimate is on it and wide intervals do not rule it.

    It reaches from the power of 2 below the least estimate to that above the greatest one, at least from 0.5 to 2, and
    one doubling further where an interval goes beyond.
    """
    values = [value for value, _, _ in estimates if value is not None and math.isfinite(value) and value > 0]
    low = min(-1, *(math.floor(math.log2(value)) for value in values)) if values else -1
    high = max(1, *(math.ceil(math.log2(value)) for value in values)) if values else 1
    lows = [end for _, end, _ in estimates if end is not None and end < 2.0**low]
    highs = [end for _, _, end in estimates if end is not None and end > 2.0**high]
    return LogAxis(max(low - bool(lows), -FURTHEST), min(high + bool(highs), FURTHEST))


def _svg(parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="piece" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        _at(WIDTH), _at(HEIGHT), Markup("").join(parts)
    )


def _arrow(x: float, y: float, size: float) -> Markup:
    return _path("head", [(x + size, y), (x, y - 4), (x, y + 4)])


def _path(kind: str, corners: Sequence[tuple[float, float]]) -> Markup:
    way = "L".join(f"{_at(x)} {_at(y)}" for x, y in corners)
    return Markup('<path class="{}" d="M{}Z"/>').format(kind, way)


def _at(number: float) -> str:
    """A coordinate with one decimal at most."""
    return f"{round(number, 1):g}"
