"""Whether a table that is read has the columns, values and keys that a run writes: it may have been edited since."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from riskset.results.columns import Column, columns_of, key_of, repeated
from riskset.results.tables import KINDS, SCHEMAS
from riskset.spec.words import both


def misfits(name: str, table: pa.Table, rows: object) -> Iterator[str]:
    """What is wrong with a table, each thing a clause; its columns first, and the rest where these are right.

    Parameters
    ----------
    name : of the table, one of ``results.tables.KINDS``
    rows : how many it has by the manifest; None where that does not name it
    """
    wrong = list(_of_columns(SCHEMAS[name], table.schema))
    yield from wrong
    if wrong:
        return
    if rows is not None and table.num_rows != rows:
        yield f"has {table.num_rows:,} rows, and the manifest says another number"
    for column in columns_of(KINDS[name]):
        yield from _of_cells(column, table[column.name])
    if twice := repeated(table, key_of(KINDS[name])).num_rows:
        yield f"has {twice:,} keys in several rows"


def _of_columns(asked: pa.Schema, there: pa.Schema) -> Iterator[str]:
    if lacking := [name for name in asked.names if name not in there.names]:
        yield f"lacks {both(lacking)}"
    if more := [column for column in there.names if column not in asked.names]:
        yield f"has {len(more):,} columns that it should not have"
    shared = [name for name in asked.names if name in there.names]
    if other := [name for name in shared if there.field(name).type != asked.field(name).type]:
        yield f"has other types of values in {both(other)}"


def _of_cells(column: Column, cells: pa.ChunkedArray) -> Iterator[str]:
    if cells.null_count and (column.needed or (column.key and not column.nullable)):
        yield f"has empty cells in {column.name}"
    there = cells.unique().drop_null()
    if column.values and not pc.all(pc.is_in(there, value_set=pa.array(column.values)), min_count=0).as_py():
        yield f"has values in {column.name} that this column has not"
    if column.json and not all(_is_json(cell, column.json) for cell in there.to_pylist()):
        yield f"has cells in {column.name} that are no JSON of an {column.json}"


def _is_json(cell: str, kind: str) -> bool:
    try:
        return isinstance(json.loads(cell), list if kind == "array" else dict)
    except (ValueError, RecursionError):
        return False
