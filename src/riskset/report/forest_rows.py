"""What of a forest plot's rows is drawn where: points, lines, arrows, and how far the axis goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from riskset.report.figures import Mark
from riskset.results.row_cells import EstimateCells


class ForestCells(TypedDict):
    """A row as the figure's table has it: what it is of, and its numbers."""

    exposure: str
    measure: str
    level: str
    modifier: str
    stratum: str
    series: str
    value: float | None
    low: float | None
    high: float | None


_RANGE = (0.1, 20.0)
"""The widest axis drawn, as ratios; what leaves it has an arrow at the edge."""


class PlacedWords(TypedDict):
    """A text left of the plot, and where it stands."""

    y: float
    text: str


@dataclass(frozen=True)
class Row:
    """A row of the drawing: where it is, what it shows."""

    y: float
    series: str
    numbers: str
    data: ForestCells
    words: str = ""
    """What the row is, in words; of rows with a label of their own nothing."""
    is_thin: bool = False
    """Whether few informative sets are behind it."""
    hint: str = ""
    """What a reader who points at it is told: what it is of, its numbers, and the counts behind them."""


def cells_of(
    row: EstimateCells, series: str, value: float | None, low: float | None, high: float | None
) -> ForestCells:
    """Some numbers of an estimate, or beside it, with what it is of."""
    return {
        "exposure": row["exposure"],
        "measure": row["measure"],
        "level": row["level"],
        "modifier": row["modifier"],
        "stratum": row["stratum"],
        "series": series,
        "value": value,
        "low": low,
        "high": high,
    }


def marks_of(rows: Sequence[Row], low: float, high: float) -> tuple[list[Mark], list[Mark], list[Mark]]:
    """Points, interval lines and numbers as drawn; a line that leaves the axis is cut at its edge."""
    points: list[Mark] = []
    ends: list[Mark] = []
    numbers: list[Mark] = []
    for row in rows:
        value, start, stop = row.data["value"], row.data["low"], row.data["high"]
        if row.numbers:
            numbers.append({"y": row.y, "text": row.numbers})
        if value is None:
            continue
        if low <= value <= high:
            points.append({"y": row.y, "value": value, "series": row.series})
        if start is not None and stop is not None and start <= high and stop >= low:
            ends.append({"y": row.y, "value": max(start, low), "high": min(stop, high), "series": row.series})
    return points, ends, numbers


def targets_of(rows: Sequence[Row], height: float) -> list[Mark]:
    """Where a reader points at a row, over its whole height, and what it tells."""
    return [{"y": row.y - height / 2, "y2": row.y + height / 2, "hint": row.hint} for row in rows if row.hint]


def arrows_of(rows: Sequence[Row], low: float, high: float) -> list[Mark]:
    """An arrow at the edge for each end of a row that lies beyond the axis."""
    arrows: list[Mark] = []
    for row in rows:
        known = [v for v in (row.data["value"], row.data["low"], row.data["high"]) if v is not None]
        if row.data["value"] is not None:
            arrows += [
                {"y": row.y, "value": edge, "series": row.series, "sign": sign}
                for sign, edge, beyond in ((-1, low, min(known) < low), (1, high, max(known) > high))
                if beyond
            ]
    return arrows


def limits_of(rows: Sequence[Row], is_ratio: bool) -> tuple[float, float]:
    """The ends of the axis: all estimates and, within reason, their intervals."""
    drawn = [
        v for r in rows for v in (r.data["value"], r.data["low"], r.data["high"]) if v is not None and math.isfinite(v)
    ]
    if not is_ratio:
        margin = 0.05 * ((max(drawn, default=0.0) - min(drawn, default=0.0)) or 1.0)
        return min([*drawn, 0.0]) - margin, max([*drawn, 0.0]) + margin
    low = max(_RANGE[0], min([*(v for v in drawn if v > 0), 0.75]) / 1.08)
    high = min(_RANGE[1], max([*drawn, 1.4]) * 1.08)
    return low, high


def ratio_ticks(low: float, high: float) -> list[float]:
    """The marks of an axis of ratios: 1, and on each side that the axis reaches those that lie within it.

    An axis that ends short of a half or of 2 has a nearer mark there, so that neither side is without one.
    """
    below = [tick for tick in (0.1, 0.25, 0.5) if tick >= low] or [tick for tick in (0.75,) if tick >= low]
    above = [tick for tick in (2.0, 5.0, 10.0, 20.0) if tick <= high] or [tick for tick in (1.5,) if tick <= high]
    return [*below, 1.0, *above]
