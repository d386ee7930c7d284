"""Results of which some cells are withheld, and the tables of their pages beside those with every number.

What leaves is what stands inside with the sign of withheld in the place of some numbers: never a dash, never another
number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
from markupsafe import Markup

from riskset.disclosure.by_code import DIAGNOSTICS
from riskset.report.document import render_supplement
from riskset.report.office.contents import TableGrid, plain
from riskset.report.office.read_html import read_contents
from riskset.results.columns import columns_of
from riskset.results.released import Released
from riskset.results.roles import DisclosureRole
from riskset.results.tables import KINDS, SCHEMAS
from riskset.results.vocabulary import DiagnosticCode
from riskset.results.withheld import WITHHELD, HiddenNumber, WithheldFor

STAMP = "draft by the policy “under 5”, not cleared"
_TOLD = (DisclosureRole.COUNT, DisclosureRole.TOTAL, DisclosureRole.SHARE, DisclosureRole.FUNCTION,
         DisclosureRole.EXTREME, DisclosureRole.BY_CODE)  # fmt: skip
_MARK = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+$")

Spot = tuple[str, int, tuple[str, ...]]
"""Table, row, and columns that are withheld together."""


def spots_of(released: Released) -> list[Spot]:
    """What may be withheld: each number that tells of persons; what follows from the counts of a row together."""
    spots: list[Spot] = []
    for table in released.tables:
        columns = [c for c in columns_of(KINDS[table]) if c.role in _TOLD and c.name != "notes"]
        for i, row in enumerate(released.rows(table)):
            if table == "diagnostics" and DIAGNOSTICS[DiagnosticCode(row["code"])] is DisclosureRole.FREE:
                continue
            numbers = [c for c in columns if isinstance(row[c.name], int | float)]
            together = tuple(c.name for c in numbers if c.role is DisclosureRole.FUNCTION)
            spots += [(table, i, (c.name,)) for c in numbers if c.role is not DisclosureRole.FUNCTION]
            spots += [(table, i, together)] if together else []
    return spots


def hide(released: Released, spots: Collection[Spot], rule: WithheldFor = WithheldFor.SMALL) -> Released:
    """The results without some numbers, as the door hands them on."""
    hidden: dict[str, dict[int, dict[str, HiddenNumber]]] = {}
    for table, row, columns in spots:
        cells = hidden.setdefault(table, {}).setdefault(row, {})
        cells.update(dict.fromkeys(columns, HiddenNumber(rule)))
    tables = {name: _emptied(name, table, hidden.get(name, {})) for name, table in released.tables.items()}
    return replace(released, tables=tables, stamp=STAMP, withheld=hidden)


def _emptied(name: str, table: pa.Table, hidden: Mapping[int, Mapping[str, HiddenNumber]]) -> pa.Table:
    rows = table.to_pylist()
    for i, cells in hidden.items():
        rows[i] |= dict.fromkeys(cells)
    return pa.Table.from_pylist(rows, schema=SCHEMAS[name])


_TABLE = re.compile(r'(<table id="([^"]+)".*?</table>)', re.DOTALL)
TEXTS = ("record-pe-table",)
"""Tables of sentences, which say another thing where a number is not to be had."""


def supplement_cells(released: Released) -> dict[str, list[list[str]]]:
    """The cells of each table of the supplement, its heads among them, without marks of notes."""
    found = _TABLE.findall(render_supplement(released))
    return {name: cells_of(table) for table, name in found if name not in TEXTS}


def cells_of(html: str) -> list[list[str]]:
    """The rows of a table as texts."""
    (grid,) = (part for part in read_contents(Markup(html)) if isinstance(part, TableGrid))
    rows: dict[int, list[str]] = {}
    for cell in grid.cells:
        rows.setdefault(cell.row, []).append(_MARK.sub("", plain(cell.lines)))
    return list(rows.values())


def with_holes(inside: str, outside: str, sign: str = WITHHELD) -> bool:
    """Whether a cell that leaves is what stands inside, with the sign in the place of numbers and of nothing else."""
    return _holes(inside, outside.split(sign), re.escape)


def with_holes_rounded(inside: str, outside: str) -> bool:
    """The same, where what leaves has been rounded: the last digit that is shown may be another one."""
    return _holes(inside, outside.split(WITHHELD), _last_digit)


def _holes(inside: str, kept: Sequence[str], pattern: Callable[[str], str]) -> bool:
    told = re.fullmatch("(.+)".join(map(pattern, kept)), inside, re.DOTALL)
    return told is not None and all(re.search(r"[\d∞]|\byes\b|\bno\b", gone) for gone in told.groups())


def _last_digit(text: str) -> str:
    """The text, as a pattern, whose numbers may be greater or less by one in their last place."""
    return "".join(_near(part) if re.fullmatch(_SHOWN, part) else re.escape(part) for part in _PARTS.split(text))


_SHOWN = r"\d[\d,]*\.\d+"
_PARTS = re.compile(f"({_SHOWN})")


def _near(number: str) -> str:
    places = len(number.partition(".")[2])
    value = Decimal(number.replace(",", ""))
    near = (value + step * Decimal(10) ** -places for step in (-1, 0, 1))
    style = f"{',' if ',' in number else ''}.{places}f"
    return f"(?:{'|'.join(re.escape(format(one, style)) for one in near)})"


Rows = Sequence[Sequence[str]]
"""A table as texts."""
Alike = Callable[[str, str], bool]
"""Whether a cell outside may stand for one inside."""
MERGED = ("diagnostics-table", "fits-table")
"""Tables in which rows of several classes are one where they say the same."""


def differences(
    inside: Mapping[str, Rows], outside: Mapping[str, Rows], alike: Alike
) -> Iterator[tuple[str, str, str]]:
    """Table, cell inside and cell outside, wherever they are unlike; a table that is of another size, or not there."""
    for name, rows in inside.items():
        others = outside.get(name, [])
        if name in MERGED:
            yield from ((name, *one) for one in _differences_of_classes(rows, others, alike))
        elif [len(row) for row in rows] != [len(row) for row in others]:
            yield name, f"{len(rows)} rows", f"{len(others)} rows"
        else:
            pairs = (pair for row, other in zip(rows, others, strict=True) for pair in zip(row, other, strict=True))
            yield from ((name, a, b) for a, b in pairs if not alike(a, b))


def _differences_of_classes(rows: Rows, others: Rows, alike: Alike) -> Iterator[tuple[str, str]]:
    """The values of each class by itself that no row of its group, and of what it is, has outside."""
    there: dict[tuple[str, ...], list[str]] = {}
    for key, value in _of_each(others):
        there.setdefault(key, []).append(value)
    for key, value in _of_each(rows):
        values = there.get(key, [])
        if not any(alike(value, other) for other in values):
            yield f"{key}: {value}", str(values)


def _of_each(rows: Rows) -> Iterator[tuple[tuple[str, ...], str]]:
    """Group, class and what, with the value, of each class by itself; without notes."""
    group = ""
    for row in rows:
        if len(row) == 1:
            group = row[0]
        else:
            yield from (((group, of, row[1]), row[2]) for of in row[0].split(", "))
