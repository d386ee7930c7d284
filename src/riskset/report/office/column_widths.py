"""How wide the columns of a table are, and how large its type, so that no number is broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskset.report.front.drawing import text_width, widest_word
from riskset.report.office.contents import Side, TableCell, TableGrid, TextLine, plain

LARGEST, COMFORTABLE, SMALLEST, STEP = 8.5, 7.5, 6.5, 0.5
"""Points of the type in a table."""

SLACK = 1.04
"""How much wider a text may be set than it was measured: bold type of other faces."""

PADDING = 3.0
"""Points left and right in a cell."""


@dataclass(frozen=True)
class TableSize:
    """The size of the type and the width of each column, both in points."""

    type_size: float
    widths: tuple[float, ...]


def fit_table(grid: TableGrid, width: float) -> TableSize:
    """The type and the columns of a table in a width of so many points, all of which the columns take.

    The type is the largest in which no line is broken, where one that is read at ease does; else the largest in which
    no number is.
    """
    sizes = [LARGEST - STEP * i for i in range(round((LARGEST - SMALLEST) / STEP) + 1)]
    unbroken = (size for size in sizes if size >= COMFORTABLE and sum(_most(grid, size)) <= width)
    fitting = (size for size in sizes if sum(_least(grid, size)) <= width)
    size = next(unbroken, None) or next(fitting, SMALLEST)
    return TableSize(size, _shared(_least(grid, size), _most(grid, size), width))


def _shared(least: Sequence[float], most: Sequence[float], width: float) -> tuple[float, ...]:
    """Widths that sum to ``width``: each column's least, and of the rest what it would take for its longest line."""
    if sum(least) >= width:
        return tuple(part * width / sum(least) for part in least)
    rest = width - sum(least)
    wanted = [m - n for m, n in zip(most, least, strict=True)]
    if sum(wanted) > rest:
        return tuple(n + more * rest / sum(wanted) for n, more in zip(least, wanted, strict=True))
    return tuple(m + (rest - sum(wanted)) / len(most) for m in most)


def _least(grid: TableGrid, size: float) -> list[float]:
    return _widths(grid, size, longest_line=False)


def _most(grid: TableGrid, size: float) -> list[float]:
    return _widths(grid, size, longest_line=True)


def _widths(grid: TableGrid, size: float, *, longest_line: bool) -> list[float]:
    widths = [2 * PADDING + size] * grid.n_columns
    for cell in grid.cells:
        if cell.columns == 1:
            whole = longest_line or (cell.row >= grid.n_head and grid.side(cell) is Side.RIGHT)
            widths[cell.column] = max(widths[cell.column], _width(grid, cell, size, whole=whole))
    return widths


def _width(grid: TableGrid, cell: TableCell, size: float, *, whole: bool) -> float:
    indent = size if cell.row in grid.indented and cell.column == 0 else 0.0
    widest = max((_line_width(line, size, whole=whole) for line in cell.lines), default=0.0)
    return widest * SLACK + 2 * PADDING + indent


def _line_width(line: TextLine, size: float, *, whole: bool) -> float:
    measure = text_width if whole or any(run.whole for run in line) else widest_word
    return measure(plain([line]), size, bold=any(run.bold for run in line))
