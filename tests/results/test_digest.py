"""A digest tells content apart, and nothing else."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.results.digest import digest

ROWS = [
    {"id": 1, "name": "a", "day": dt.date(2015, 1, 1), "value": 1.5, "yes": True},
    {"id": 2, "name": None, "day": None, "value": None, "yes": None},
    {"id": 3, "name": "", "day": dt.date(1969, 12, 31), "value": 0.0, "yes": False},
]
SCHEMA = pa.schema(
    [("id", pa.int64()), ("name", pa.string()), ("day", pa.date32()), ("value", pa.float64()), ("yes", pa.bool_())]
)


def table(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


@given(st.permutations(ROWS), st.integers(1, 3), st.permutations(SCHEMA.names))
def test_order_and_chunks_do_not_matter(rows: list[dict[str, object]], chunk: int, names: list[str]) -> None:
    whole = table(rows)
    pieces = pa.concat_tables([whole.slice(i, chunk) for i in range(0, 3, chunk)])
    assert digest(pieces.select(names), ["id"]) == digest(table(ROWS), ["id"])


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (0, "id", 4),
        (0, "name", "b"),
        (1, "name", ""),
        (2, "name", None),
        (1, "value", 0.0),
        (1, "yes", False),
        (1, "day", dt.date(1970, 1, 1)),
    ],
)
def test_every_value_and_every_null_matters(row: int, column: str, value: object) -> None:
    changed = [dict(r) for r in ROWS]
    changed[row][column] = value
    assert digest(table(changed), ["id"]) != digest(table(ROWS), ["id"])


def test_texts_do_not_run_into_each_other() -> None:
    assert digest(pa.table({"a": ["ab", "c"]})) != digest(pa.table({"a": ["a", "bc"]}))


def test_names_and_types_matter() -> None:
    assert digest(pa.table({"a": [1]})) != digest(pa.table({"b": [1]}))
    assert digest(pa.table({"a": pa.array([1], pa.int32())})) != digest(pa.table({"a": pa.array([1], pa.int64())}))
