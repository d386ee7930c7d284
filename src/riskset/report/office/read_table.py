"""A table of the front as a grid of cells, without the column of the plot."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from riskset.report.office.contents import TableCell, TableGrid
from riskset.report.office.text_lines import classes, read_lines

PLOT = "plot"
"""The class of a cell that holds a drawing."""


def read_grid(table: Element) -> TableGrid:
    """The table as a grid.

    A column whose cells hold drawings is left out, and then each row in which nothing is left. A cell that went over
    the column goes over one less.
    """
    head = {id(row) for part in table if part.tag == "thead" for row in part}
    rows = list(table.iter("tr"))
    is_prose = "tx" in classes(table)
    cells, plots = _place(rows, head, is_prose)
    columns = sorted({c for cell in cells for c in _columns(cell)} - plots)
    kept = [cell for cell in (_in_columns(cell, columns) for cell in cells) if cell.columns]
    full = sorted({r for cell in kept if cell.lines for r in _rows(cell)})
    return TableGrid(
        tuple(cell for cell in (_in_rows(cell, full) for cell in kept) if cell.rows),
        n_rows=len(full),
        n_head=sum(id(rows[r]) in head for r in full),
        n_columns=len(columns),
        indented=_rows_of(rows, full, "in"),
        groups=_rows_of(rows, full, "g"),
        is_prose=is_prose,
    )


def _place(rows: Sequence[Element], head: Container[int], is_prose: bool) -> tuple[list[TableCell], set[int]]:
    """Each cell at its place, and the columns of the plot."""
    cells: list[TableCell] = []
    plots: set[int] = set()
    taken: set[tuple[int, int]] = set()
    for r, row in enumerate(rows):
        column = 0
        for part in row:
            while (r, column) in taken:
                column += 1
            over, along = int(part.get("rowspan", "1")), int(part.get("colspan", "1"))
            taken |= {(r + i, column + j) for i in range(over) for j in range(along)}
            is_head, of = part.tag == "th", classes(part)
            bold = id(row) in head or "g" in classes(row) or "hi" in of or (is_prose and is_head)
            cells.append(TableCell(read_lines(part, bold=bold), r, column, over, along, is_head))
            if PLOT in of:
                plots |= set(range(column, column + along))
            column += along
    return cells, plots


def _columns(cell: TableCell) -> range:
    return range(cell.column, cell.column + cell.columns)


def _rows(cell: TableCell) -> range:
    return range(cell.row, cell.row + cell.rows)


def _in_columns(cell: TableCell, kept: Sequence[int]) -> TableCell:
    column, columns = _among(kept, _columns(cell))
    return replace(cell, column=column, columns=columns)


def _in_rows(cell: TableCell, kept: Sequence[int]) -> TableCell:
    row, rows = _among(kept, _rows(cell))
    return replace(cell, row=row, rows=rows)


def _among(kept: Sequence[int], places: range) -> tuple[int, int]:
    """Which of those that are kept, in their order, is the first that a cell goes over, and over how many it goes."""
    first, after = bisect_left(kept, places.start), bisect_left(kept, places.stop)
    return (first if after > first else 0), after - first


def _rows_of(rows: Sequence[Element], kept: Sequence[int], name: str) -> frozenset[int]:
    return frozenset(i for i, r in enumerate(kept) if name in classes(rows[r]))
