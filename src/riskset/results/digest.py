"""One number for a table's content, whatever the order of its rows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc


def digest(table: pa.Table, keys: Sequence[str] = ()) -> str:
    """SHA-256 over the columns, sorted by name, the rows sorted by ``keys`` (all columns when none are given).

    Names, types, null masks and values are hashed; chunking, row order and column order are not.
    """
    names = sorted(table.column_names)
    by = list(keys) or names
    rows = table.select(names).sort_by([(key, "ascending") for key in by])
    sha = hashlib.sha256(f"{rows.num_rows} rows".encode())
    for name in names:
        column = rows.column(name)
        sha.update(f"|{name}:{column.type}|".encode())
        sha.update(pc.is_null(column).cast(pa.uint8()).to_numpy().tobytes())
        sha.update(_values(column))
    return sha.hexdigest()


def _values(column: pa.ChunkedArray) -> bytes:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        filled = pc.fill_null(column, "")
        lengths = pc.binary_length(filled).cast(pa.int64()).to_numpy().tobytes()
        text = "".join(filled.to_pylist()).encode()
        return bytes(lengths) + text
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    elif pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    return bytes(pc.fill_null(column, 0).to_numpy().tobytes())
