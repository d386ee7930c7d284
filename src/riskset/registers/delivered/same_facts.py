"""Whether two mappings of the same rows to one table would make each fact twice.

What counts is which delivered column a fact comes from, not how its cells are read: with one more text under `missing`,
another format or another scale, a row is the same dispensing as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from riskset.registers.delivered.column_map import ColumnMap
from riskset.registers.schema import TABLES, RegisterColumn

Columns = Mapping[str, ColumnMap]

_CONTENT = ("text", "value")
"""Optional columns that say what a fact is: two sites of onset are two items of a quality register."""


def same_facts(table: str, one: Columns, other: Columns, *, same_file: bool) -> bool:
    """Whether two mappings make the same facts of the same rows.

    Parameters
    ----------
    table : the canonical table
    one, other : canonical column → where it comes from
    same_file : whether they read one file, which may hold two facts in a row that only a constant tells apart, such as
        the name of an item; a copy of a file is no other fact because it is given another constant
    """
    telling = [column for column in TABLES[table].columns if _tells_apart(column)]
    return all(_same_origin(one.get(c.name), other.get(c.name), c, same_file) for c in telling)


def beside(table: str, mappings: Iterable[Columns]) -> frozenset[str]:
    """Of a table that is stacked, the columns in which copies of a row may differ: amounts, and constants of a copy."""
    stacked = list(mappings)
    if len(stacked) < 2:
        return frozenset()
    columns = TABLES[table].columns
    constant = {c for columns in stacked for c, where in columns.items() if where.constant is not None}
    return frozenset(c.name for c in columns if not _tells_apart(c) or (c.values and c.name in constant))


def _tells_apart(column: RegisterColumn) -> bool:
    return not column.optional or column.name in _CONTENT


def _same_origin(one: ColumnMap | None, other: ColumnMap | None, column: RegisterColumn, same_file: bool) -> bool:
    if one is None or other is None:
        return one is other
    if one.constant is None and other.constant is None:
        return (one.column, one.row_number) == (other.column, other.row_number)
    # A fact is not two because it is given two of a few values, as two sources: its name may be.
    return not same_file or bool(column.values) or one.constant == other.constant
