"""Tables and flows as tables of Word: merged heads, heads again on each sheet, rules where the page has them."""

from __future__ import annotations

from collections.abc import Sequence

from docx.oxml.xmlchemy import BaseOxmlElement

from riskset.report.office.column_widths import PADDING, fit_table
from riskset.report.office.contents import FlowBox, FlowChart, FlowStep, Side, TableCell, TableGrid, TextRun
from riskset.report.office.palette import ink
from riskset.report.office.word_xml import TWENTIETHS, element, paragraph_element

STYLE = "TableText"
HEAVY, THIN = 12, 4
"""Rules above and below a table and within it, eighths of a point."""

BESIDE = 4
"""Columns of a flow beside each other; more stand below."""

TOGETHER = 30
"""A table of so many rows stands on one sheet, if it can."""

_GAP = 8.0
"""Points between boxes."""

_LEADING = 0.8
"""Points above and below the lines of a cell."""


def table_element(grid: TableGrid, width: float, description: str) -> BaseOxmlElement:
    """A table of a width of so many points.

    Parameters
    ----------
    description : what it is, for those who do not see it
    """
    size = fit_table(grid, width)
    rows = [_row(grid, row, size.widths, size.type_size) for row in range(grid.n_rows)]
    borders = element("tblBorders", *(_rule(side, HEAVY, "ink") for side in ("top", "bottom")))
    return _table(size.widths, rows, borders, description)


def _table(
    widths: Sequence[float], rows: Sequence[BaseOxmlElement], borders: BaseOxmlElement | None, description: str
) -> BaseOxmlElement:
    around = {"top": _LEADING, "left": PADDING, "bottom": _LEADING, "right": PADDING}
    margins = [element(side, w=_twentieths(points), type="dxa") for side, points in around.items()]
    about = [element("tblW", w=_twentieths(sum(widths)), type="dxa")]
    about += [borders] if borders is not None else []
    about += [element("tblLayout", type="fixed"), element("tblCellMar", *margins)]
    about += [element("tblDescription", val=description)]
    columns = element("tblGrid", *(element("gridCol", w=_twentieths(width)) for width in widths))
    return element("tbl", element("tblPr", *about), columns, *rows)


def _row(grid: TableGrid, row: int, widths: Sequence[float], size: float) -> BaseOxmlElement:
    is_head = row < grid.n_head
    cells, column = [], 0
    while column < grid.n_columns:
        cell = grid.cell_at(row, column) or TableCell((), row, column)
        cells.append(_cell(grid, cell, row, sum(widths[column : column + cell.columns]), size))
        column += cell.columns
    about = [element("cantSplit"), *([element("tblHeader")] if is_head else [])]
    return element("tr", element("trPr", *about), *cells)


def _cell(grid: TableGrid, cell: TableCell, row: int, width: float, size: float) -> BaseOxmlElement:
    about = [element("tcW", w=_twentieths(width), type="dxa")]
    about += [element("gridSpan", val=cell.columns)] if cell.columns > 1 else []
    if cell.rows > 1:
        about.append(element("vMerge", val="restart") if row == cell.row else element("vMerge"))
    rules = _rules(grid, cell, row)
    about += [element("tcBorders", *rules)] if rules else []
    about.append(element("vAlign", val="bottom" if row < grid.n_head else "top"))
    indent = size if cell.row in grid.indented and cell.column == 0 else 0.0
    keep = _stays_with_next(grid, row)
    lines = cell.lines if row == cell.row else ()
    paragraphs = [
        paragraph_element(line, STYLE, side=grid.side(cell), indent=indent, keep_next=keep) for line in lines or ((),)
    ]
    for paragraph in paragraphs:
        _set_size(paragraph, size)
    return element("tc", element("tcPr", *about), *paragraphs)


def _stays_with_next(grid: TableGrid, row: int) -> bool:
    """Whether a row stands on the sheet of what follows: a head, one that is of one piece with the next, the last."""
    is_small, is_last = grid.n_rows <= TOGETHER, row + 1 == grid.n_rows
    goes_on = any(cell.row <= row < cell.row + cell.rows - 1 for cell in grid.cells)
    return is_small or is_last or goes_on or row < grid.n_head or row in grid.groups or row + 1 in grid.indented


def _rules(grid: TableGrid, cell: TableCell, row: int) -> list[BaseOxmlElement]:
    """Below the head and each head of several columns, and above what begins a part."""
    begins = row > grid.n_head and (row in grid.groups or _begins_part(grid, row))
    above = [_rule("top", THIN, "rule")] if begins else []
    last = cell.row + cell.rows - 1
    is_under_head = row < grid.n_head and (last == grid.n_head - 1 or cell.columns > 1)
    return [*above, *([_rule("bottom", THIN, "ink")] if is_under_head and row == last else [])]


def _begins_part(grid: TableGrid, row: int) -> bool:
    """Whether a cell that goes over several rows begins there, or a row of prose does."""
    return grid.is_prose or any(cell.rows > 1 for cell in grid.in_row(row))


def _rule(side: str, eighths: int, color: str) -> BaseOxmlElement:
    return element(side, val="single", sz=eighths, space=0, color=ink(color))


def _set_size(paragraph: BaseOxmlElement, size: float) -> None:
    """Set the size of each run, in half points."""
    for run in paragraph.findall(f"{{{paragraph.nsmap['w']}}}r"):
        run.get_or_add_rPr().append(element("sz", val=round(2 * size)))


def _twentieths(points: float) -> int:
    return round(points * TWENTIETHS)


def flow_elements(flow: FlowChart, width: float, description: str) -> list[BaseOxmlElement]:
    """The boxes of a flow as tables: those at its top beside each other, then its columns."""
    tables = [_boxes([flow.top], width, description)] if flow.top else []
    for i in range(0, len(flow.columns), BESIDE):
        some = flow.columns[i : i + BESIDE]
        deepest = max(len(column) for column in some)
        rows = [tuple(column[k] if k < len(column) else None for column in some) for k in range(deepest)]
        tables.append(_boxes(rows, width, description))
    arrow = paragraph_element((TextRun("↓", quiet=True),), STYLE, side=Side.CENTER, keep_next=True)
    return [part for i, table in enumerate(tables) for part in ((arrow, table) if i == 1 else (table,))]


def _boxes(rows: Sequence[Sequence[FlowBox | None]], width: float, description: str) -> BaseOxmlElement:
    n = len(rows[0])
    box = (width - (n - 1) * _GAP) / n
    widths = [_GAP if i % 2 else box for i in range(2 * n - 1)]
    made = [element("tr", element("trPr", element("cantSplit")), *_box_cells(row, widths)) for row in rows]
    return _table(widths, made, None, description)


def _box_cells(row: Sequence[FlowBox | None], widths: Sequence[float]) -> list[BaseOxmlElement]:
    cells = []
    for i, width in enumerate(widths):
        box = row[i // 2] if i % 2 == 0 else None
        about = [element("tcW", w=_twentieths(width), type="dxa")]
        if box is not None and box.step is not FlowStep.LOSSES:
            frame = [_rule(side, 8, "head" if box.step is FlowStep.END else "mute") for side in _AROUND]
            about.append(element("tcBorders", *frame))
        if box is not None and box.step is FlowStep.END:
            about.append(element("shd", val="clear", color="auto", fill=ink("panel")))
        lines = box.lines if box is not None else ()
        texts = [paragraph_element(line, STYLE, keep_next=True) for line in lines or ((),)]
        cells.append(element("tc", element("tcPr", *about), *texts))
    return cells


_AROUND = ("top", "left", "bottom", "right")
