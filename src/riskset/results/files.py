"""Results as files: Parquet for programs, CSV for people, in which no cell is a formula."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from riskset.precision import WRITTEN, rounded_table
from riskset.storage.atomic import replacing


def write_tables(folder: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write each table as Parquet, to the last bit, and as CSV (UTF-8, comma, dates as 2015-01-31)."""
    for name, table in tables.items():
        with replacing(folder / f"{name}.parquet") as partial:
            pq.write_table(table, partial)
        write_csv(folder / f"{name}.csv", table)


FORMULA = r"^[\s\x{A0}]*[-=+@\x{FF0B}\x{FF0D}\x{FF1D}\x{FF20}]|^[\t\r\n]"
"""A text that a spreadsheet would compute, full-width signs included, or whose first character moves it to a cell."""


def write_csv(path: Path, table: pa.Table) -> None:
    """Write a table as CSV for people and their spreadsheets: the one way in which results leave as text.

    Floating numbers have `WRITTEN` significant digits. A text that begins like a formula gets an apostrophe in front,
    which makes it a text to a spreadsheet too; numbers, negative ones among them, stay numbers.
    """
    table = rounded_table(table, WRITTEN)
    columns = [_defused(column) for column in table.columns]
    with replacing(path) as partial:
        pyarrow.csv.write_csv(pa.table(columns, names=table.column_names), partial)


def _defused(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts, in whichever of Arrow's types, without formulas; anything else as it is."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return column
    texts = column.cast(pa.string())
    is_formula = pc.match_substring_regex(texts, FORMULA)
    return pc.if_else(is_formula, pc.binary_join_element_wise("'", texts, ""), texts)
