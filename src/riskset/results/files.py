"""Results as files: Parquet for programs, CSV for people, in which no cell is a formula, and what the columns mean."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from riskset.precision import WRITTEN, rounded_table
from riskset.results.dictionary import DATA_PACKAGE, data_package
from riskset.results.ratio_columns import with_ratios
from riskset.results.tables import SCHEMAS
from riskset.storage.atomic import replacing, write_text


def write_tables(folder: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write each table as Parquet and as CSV, and beside them the data dictionary of those that have one.

    Parquet has the numbers to the last bit, and each column's meaning in the metadata of its field. In the CSV ratios
    stand beside their logarithms.
    """
    known = [name for name, table in tables.items() if name in SCHEMAS and table.schema.equals(SCHEMAS[name])]
    for name, table in tables.items():
        described = table.cast(SCHEMAS[name]) if name in known else table
        with replacing(folder / f"{name}.parquet") as partial:
            pq.write_table(described, partial)
        write_csv(folder / f"{name}.csv", with_ratios(table))
    write_text(folder / DATA_PACKAGE, json.dumps(data_package(known), indent=1, ensure_ascii=False) + "\n")


FORMULA = r"^[\s\x{A0}]*[-=+@\x{FF0B}\x{FF0D}\x{FF1D}\x{FF20}]|^[\t\r\n]"
"""A text that a spreadsheet would compute, full-width signs included, or whose first character moves it to a cell."""


def write_csv(path: Path, table: pa.Table) -> None:
    """Write a table as CSV for people and their spreadsheets: the one way in which results leave as text.

    UTF-8 with a byte-order mark, by which a spreadsheet knows it; a comma between cells, a line feed between rows.
    Texts stand in quotes, what is missing is nothing at all. Floating numbers have `WRITTEN` significant digits, yes
    and no are TRUE and FALSE, dates are written 2015-01-31. A text that begins like a formula gets an apostrophe in
    front, which makes it a text to a spreadsheet too; numbers, negative ones among them, stay numbers.
    """
    header = ",".join(_quoted(pa.array(table.column_names)).to_pylist())
    with replacing(path) as partial, partial.open("wb") as file:
        file.write(BOM_UTF8 + f"{header}\n".encode())
        for first in range(0, len(table), AT_ONCE):
            file.write(_lines(table.slice(first, AT_ONCE)))


AT_ONCE = 100_000
"""Rows that are texts in memory at one time."""


def _lines(table: pa.Table) -> bytes:
    table = rounded_table(table, WRITTEN).combine_chunks()
    cells = [_cells(column) for column in table.columns]
    rows = pc.binary_join_element_wise(*cells, ",", null_handling="replace", null_replacement="").to_pylist()
    return "".join(f"{row}\n" for row in rows).encode()


def _cells(column: pa.ChunkedArray) -> pa.Array:
    """The cells of a column as they are written; null where there is nothing."""
    values = column.combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return _quoted(_defused(values.cast(pa.string())))
    if pa.types.is_boolean(values.type):
        return pc.if_else(values, "TRUE", "FALSE")
    texts = values.cast(pa.string())
    return pc.replace_substring(texts, "inf", "INF") if pa.types.is_floating(values.type) else texts


def _quoted(texts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('"', pc.replace_substring(texts, '"', '""'), '"', "")


def _defused(texts: pa.Array) -> pa.Array:
    """Texts without formulas."""
    is_formula = pc.match_substring_regex(texts, FORMULA)
    return pc.if_else(is_formula, pc.binary_join_element_wise("'", texts, ""), texts)
