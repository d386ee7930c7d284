"""One number for a table's content, whatever the order of its rows and on whatever processor it was computed.

Integers, dates and texts are taken as they are. Floating numbers are taken with the `PROMISED` significant digits, and
as 0 below `NOTHING`. Equal digests are equal tables to that accuracy. Rounding has boundaries, so that two numbers that
agree to twelve digits can still fall on two sides of one (a chance of about one in a million for each number), and then
the digests of a table of estimates differ: `differences` compares with a tolerance and tells that from a real change.
Tables without floating numbers, matched sets above all, have no such boundary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from riskset.precision import NOTHING, PROMISED, rounded_table

TOLERANCE = 10.0 ** (1 - PROMISED)
"""Relative difference of two numbers that are the same to the digits that are promised."""


def digest(table: pa.Table, keys: Sequence[str] = ()) -> str:
    """SHA-256 over the columns, sorted by name, the rows sorted by ``keys`` (all columns when none are given).

    Names, types, null masks and values are hashed; chunking, row order and column order are not.
    """
    rows = _in_order(table, keys)
    sha = hashlib.sha256(f"{rows.num_rows} rows".encode())
    for name in rows.column_names:
        column = rows.column(name)
        sha.update(f"|{name}:{column.type}|".encode())
        sha.update(pc.is_null(column).cast(pa.uint8()).to_numpy().tobytes())
        sha.update(_values(column))
    return sha.hexdigest()


def differences(one: pa.Table, other: pa.Table, keys: Sequence[str] = ()) -> list[str]:
    """What differs between two tables beyond what is promised, a sentence each; empty where nothing does.

    Integers, dates, texts and what is null are compared exactly, floating numbers within `TOLERANCE` of each other's
    size or `NOTHING`. Rows are set beside each other in the order of ``keys``, or of all columns, the exact ones first.
    """
    if one.num_rows != other.num_rows or sorted(one.column_names) != sorted(other.column_names):
        shapes = (f"{table.num_rows} rows of {', '.join(sorted(table.column_names))}" for table in (one, other))
        return [" against ".join(shapes)]
    first, second = _in_order(one, keys, raw=True), _in_order(other, keys, raw=True)
    sentences = []
    for name in first.column_names:
        a, b = first.column(name), second.column(name)
        if a.type != b.type:
            sentences.append(f"{name}: {a.type} against {b.type}")
            continue
        apart = pc.is_null(a).to_numpy() != pc.is_null(b).to_numpy()
        if pa.types.is_floating(a.type):
            x, y = (pc.fill_null(column, 0.0).to_numpy() for column in (a, b))
            apart |= ~np.isclose(x, y, rtol=TOLERANCE, atol=NOTHING, equal_nan=True)
        else:
            apart |= pc.fill_null(pc.not_equal(a, b), False).to_numpy()
        if apart.any():
            sentences.append(f"{name}: {int(apart.sum())} of {len(apart)} values differ")
    return sentences


def _in_order(table: pa.Table, keys: Sequence[str], *, raw: bool = False) -> pa.Table:
    """Columns by name, rows by the keys; floating numbers, which decide last, by their rounded values.

    Returns the rounded values, or with ``raw`` those of the table.
    """
    held = table.select(sorted(table.column_names))
    short = _without_noise(rounded_table(held))
    exact_first = sorted(held.column_names, key=lambda name: pa.types.is_floating(held.schema.field(name).type))
    order = pc.sort_indices(short, [(key, "ascending") for key in keys or exact_first])
    return (held if raw else short).take(order)


def _without_noise(table: pa.Table) -> pa.Table:
    """One zero and one NaN, and 0 for what is smaller than `NOTHING`."""
    for i, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            column = table.column(i)
            quiet = pc.if_else(pc.less(pc.abs(column), NOTHING), pa.scalar(0.0, field.type), column)
            quiet = pc.if_else(pc.is_nan(quiet), pa.scalar(float("nan"), field.type), quiet)
            table = table.set_column(i, field, quiet)
    return table


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
