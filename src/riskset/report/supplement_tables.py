"""The tables of the supplement as CSV: cell for cell what the page shows, so that no number can differ.

They are read from the page itself, so that it has no table without a file, and nothing leaves in a file that is not on
the page. Numbers for programs, to all their digits, are in the tables of the run.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
from markupsafe import Markup

from riskset.report.catalogue import english_tables as english
from riskset.report.office.contents import TableGrid, plain
from riskset.report.office.read_html import read_contents, read_text
from riskset.results.files import write_csv
from riskset.results.run_folder import SUPPLEMENT_TABLES

_TABLE = re.compile(r'(<table id="([^"]+)".*?</table>)\s*</div>(<ul class="notes">.*?</ul>)?', re.DOTALL)
_NOTE = re.compile(r"<li>([⁰¹²³⁴⁵⁶⁷⁸⁹]+) (.*?)</li>", re.DOTALL)
_MARK = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+$")


def write_supplement_tables(html: str, folder: Path) -> None:
    """Write each table of the supplement into the folder that its captions link to."""
    for table, name, notes in _TABLE.findall(html):
        texts = {mark: read_text(Markup(text)) for mark, text in _NOTE.findall(notes)}
        (grid,) = (part for part in read_contents(Markup(table)) if isinstance(part, TableGrid))
        write_csv(folder / SUPPLEMENT_TABLES / f"{name}.csv", as_shown(grid, texts))


def as_shown(grid: TableGrid, notes: Mapping[str, str]) -> pa.Table:
    """A table as texts, a column for each of its own, its heads in one line.

    Parameters
    ----------
    notes : mark → what it says
    """
    heads: defaultdict[int, dict[str, None]] = defaultdict(dict)
    rows: defaultdict[int, dict[int, str]] = defaultdict(dict)
    group: dict[int, str] = {}
    heading = ""
    for cell in grid.cells:
        text = plain(cell.lines)
        if cell.row >= grid.n_head and cell.is_head and cell.columns == grid.n_columns:
            heading = text
            continue
        for column in range(cell.column, cell.column + cell.columns):
            if cell.row < grid.n_head:
                heads[column][text] = None
            else:
                rows[cell.row][column], group[cell.row] = text, heading
    named = [(": ".join(filter(None, heads[i])), [row.get(i, "") for row in rows.values()]) for i in heads]
    if heading:
        named.insert(0, (english.GROUP, list(group.values())))
    if notes:
        named.append((english.NOTES, [_said(row.values(), notes) for row in rows.values()]))
    return pa.table([pa.array(values, pa.string()) for _, values in named], names=[name for name, _ in named])


def _said(cells: Iterable[str], notes: Mapping[str, str]) -> str:
    """What the marks at the ends of cells say."""
    marks = dict.fromkeys(mark[0] for cell in cells if (mark := _MARK.search(cell)))
    return " ".join(f"{mark} {notes[mark]}" for mark in marks if mark in notes)
