"""A table of the front as a workbook: numbers as numbers, everything else as it stands on the page."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from riskset.report.office.contents import LONGEST_TITLE, Side, TableCell, TableGrid, plain
from riskset.report.office.exhibits import PrintedExhibit

_NUMBER = re.compile(r"[−-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_DECIMALS = re.compile(r"\.(\d+)")
WIDEST = 44.0
"""Characters in a column, at most."""

_Key = tuple[str, bool, int, bool]


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[_Key, Format] = {}

    def of(self, side: Side, *, bold: bool, indent: int = 0, wrap: bool = False, digits: str = "") -> Format:
        """The format of a cell."""
        key = (f"{side} {digits}", bold, indent, wrap)
        if key not in self._made:
            looks = {"align": side, "bold": bold, "indent": indent, "text_wrap": wrap, "valign": "top"}
            self._made[key] = self._workbook.add_format({**looks, **({"num_format": digits} if digits else {})})
        return self._made[key]


def write_workbook(exhibit: PrintedExhibit, marks: tuple[str, ...], day: datetime) -> bytes:
    """The workbook: marks, caption, tables and notes on one sheet, the heads frozen.

    Parameters
    ----------
    marks : how far it may travel, above everything
    day : the day that stands in its properties
    """
    made = BytesIO()
    workbook = Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    title = f"{exhibit.heading} {exhibit.title}"[:LONGEST_TITLE]
    workbook.set_properties({"title": title, "author": "", "created": day})
    sheet, formats = workbook.add_worksheet(f"{exhibit.word} {exhibit.number}"), _Formats(workbook)
    row = 0
    for text in marks:
        sheet.write_string(row, 0, text, formats.of(Side.LEFT, bold=True))
        row += 1
    caption = f"{exhibit.heading} {exhibit.title}. {exhibit.about}".strip()
    sheet.write_string(row, 0, caption, formats.of(Side.LEFT, bold=True))
    row += 2
    for i, grid in enumerate(exhibit.grids):
        if i == 0:
            sheet.freeze_panes(row + grid.n_head, 1)
        _write_grid(sheet, formats, grid, row)
        row += grid.n_rows + 1
    for text in exhibit.footnotes:
        sheet.write_string(row, 0, text, formats.of(Side.LEFT, bold=False))
        row += 1
    _set_widths(sheet, exhibit.grids)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_paper(9)  # A4
    workbook.close()
    return made.getvalue()


def _write_grid(sheet: Worksheet, formats: _Formats, grid: TableGrid, first: int) -> None:
    for cell in grid.cells:
        text = "\n".join(plain([line]) for line in cell.lines)
        bold = bool(cell.lines) and all(run.bold or run.quiet for line in cell.lines for run in line)
        indent = 1 if cell.row in grid.indented and cell.column == 0 else 0
        number = number_of(text)
        digits = _digits(text) if number is not None else ""
        look = formats.of(grid.side(cell), bold=bold, indent=indent, wrap=len(cell.lines) > 1, digits=digits)
        place = (first + cell.row, cell.column)
        if cell.rows > 1 or cell.columns > 1:
            sheet.merge_range(*place, *_last(cell, first), "", look)
        if number is not None:
            sheet.write_number(*place, number, look)
        elif text:
            sheet.write_string(*place, text, look)


def _last(cell: TableCell, first: int) -> tuple[int, int]:
    return first + cell.row + cell.rows - 1, cell.column + cell.columns - 1


def number_of(text: str) -> float | None:
    """The number that a text is; None of a number with its per cent, of a withheld one and of words."""
    if not _NUMBER.fullmatch(text):
        return None
    return float(text.replace(",", "").replace("−", "-"))


def _digits(text: str) -> str:
    """The format in which a number is shown with the decimals that it has."""
    decimals = _DECIMALS.findall(text)
    return f"#,##0.{'0' * len(decimals[0])}" if decimals else "#,##0"


def _set_widths(sheet: Worksheet, grids: list[TableGrid]) -> None:
    widths: dict[int, float] = {}
    for grid in grids:
        for cell in grid.cells:
            if cell.columns == 1:
                longest = max((len(plain([line])) for line in cell.lines), default=0) + 2.0
                widths[cell.column] = min(WIDEST, max(widths.get(cell.column, 6.0), longest))
    for column, width in widths.items():
        sheet.set_column(column, column, width)
