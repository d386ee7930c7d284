"""Workbooks of tables, read back by another library: the cells of the page, numbers as numbers."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from riskset.report import formats
from riskset.report.office.exhibits import PrintedExhibit, read_exhibits
from riskset.report.office.spreadsheet import number_of, write_workbook
from tests.report.office.reports import RUNS, front_named, shown, squeezed

DAY = datetime(2021, 3, 4)
MARKS = ("Demonstration", "Internal, not cleared")


def sheet_of(exhibit: PrintedExhibit) -> Worksheet:
    workbook = load_workbook(BytesIO(write_workbook(exhibit, MARKS, DAY)))
    assert len(workbook.sheetnames) == 1
    assert workbook.properties.created == DAY
    assert not workbook.properties.creator
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    return sheet


def as_shown(value: object, digits: str) -> str:
    """A cell as a spreadsheet shows it."""
    if not isinstance(value, int | float):
        return str(value)
    decimals = len(re.findall("0", digits)) - 1
    return re.sub("-", "−", f"{value:,.{max(decimals, 0)}f}")


@pytest.mark.parametrize("name", list(RUNS))
def test_a_workbook_has_the_cells_of_the_page(name: str) -> None:
    front = front_named(name)
    tables = iter(shown(front).cells[1 if front.points.glance else 0 :])
    for exhibit in read_exhibits(front).values():
        if exhibit.grids:
            sheet = sheet_of(exhibit)
            cells = [
                squeezed(as_shown(cell.value, cell.number_format))
                for row in sheet
                for cell in row
                if cell.value is not None
            ]
            expected = [text for _ in exhibit.grids for text in next(tables)]
            first = len(MARKS) + 1
            assert cells[: len(MARKS)] == [squeezed(mark) for mark in MARKS]
            assert cells[first : first + len(expected)] == expected
            assert cells[first + len(expected) :] == [squeezed(text) for text in exhibit.footnotes]
    assert next(tables, None) is None


def test_numbers_are_numbers_and_heads_are_frozen_and_merged() -> None:
    exhibit = read_exhibits(front_named("three comparisons"))["table-1"]
    sheet = sheet_of(exhibit)
    row = next(row for row in sheet if row[0].value == "Female sex")
    assert isinstance(row[1].value, str)
    assert row[3].value == 0.0
    assert row[3].number_format == "#,##0.00"
    assert sheet.freeze_panes == "B7"
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A5:A6", "B5:D5", "E5:G5", "H5:J5"}
    assert "SMD indicates" in str(sheet[sheet.max_row][0].value)


def test_nothing_is_a_formula() -> None:
    exhibit = read_exhibits(front_named("many classes"))["figure-1"]
    cells = [cell for row in sheet_of(exhibit) for cell in row]
    assert cells
    assert {cell.data_type for cell in cells} <= {"s", "n"}


@given(st.integers(-10_000_000, 10_000_000), st.integers(0, 3))
def test_a_number_as_the_report_sets_it_is_one(number: int, decimals: int) -> None:
    value = number / 10**decimals
    assert number_of(formats.number(value, decimals)) == pytest.approx(value)
    assert number_of(formats.count(abs(number))) == abs(number)


@pytest.mark.parametrize(
    "text", ["", "NR", "13 (1.4)", "<10", "1–5", "1,23", "–", "1.", "−", "2015-01-01", "5 years", "²"]
)
def test_what_is_more_or_less_than_a_number_is_text(text: str) -> None:
    assert number_of(text) is None
