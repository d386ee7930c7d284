"""The front as files that journals take."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from riskset.report.front.page import Front
from riskset.report.office.exhibits import read_exhibits
from riskset.report.office.latex import write_latex
from riskset.report.office.read_html import read_text
from riskset.report.office.spreadsheet import write_workbook
from riskset.report.office.word_document import word_document
from riskset.results.run_folder import PRINT_TABLES, WORD
from riskset.storage.atomic import replacing, write_text

NO_DAY = datetime(1980, 1, 1)
"""Stands in the properties of a file of a run whose day is not known."""


def write_office(front: Front, folder: Path) -> None:
    """Write ``report.docx`` and each table of the front to ``tables/`` as XLSX and LaTeX.

    Nothing in a file tells who wrote it, where or when: its one date is the day of the run.
    """
    day = datetime.fromisoformat(front.day) if front.day else NO_DAY
    marks = tuple(read_text(text) for text in (front.head, front.stamp) if text)
    exhibits = read_exhibits(front)
    _write(folder / WORD, word_document(front, exhibits, day))
    for name, exhibit in exhibits.items():
        if exhibit.grids:
            _write(folder / PRINT_TABLES / f"{name}.xlsx", write_workbook(exhibit, marks, day))
            write_text(folder / PRINT_TABLES / f"{name}.tex", write_latex(exhibit, marks))


def _write(path: Path, contents: bytes) -> None:
    with replacing(path) as partial:
        partial.write_bytes(contents)
