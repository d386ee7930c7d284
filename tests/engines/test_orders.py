"""Of rows with one key the same one stays on every engine, whichever of the other columns they differ in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from riskset.registers.checks.rule import Limits
from riskset.registers.checks.rules import rules_of
from riskset.registers.engine import Engine
from riskset.registers.ordering import order_keys
from riskset.registers.schema import TABLES, RegisterColumn

TODAY = date(2020, 1, 1)


def values_of(column: RegisterColumn, rng: np.random.Generator, n: int) -> pa.Array:
    """Few values, so that rows tie in any of the columns; nothing among them where it may be."""
    if column.values:
        few: list[Any] = list(column.values)
    elif str(column.type) == "date32[day]":
        few = [TODAY - timedelta(days=int(d)) for d in (0, 1, 40, 4000)]
    else:
        few = [f"{column.name}{i}" for i in range(3)] if column.type == pa.string() else [1, 2, 30]
    if column.null and not column.person:
        few.append(None)
    return pa.array([few[i] for i in rng.integers(0, len(few), n)], column.type)


def first(row: dict[str, Any], rest: list[str]) -> tuple[Any, ...]:
    """What a row is sorted by: the longest first, then by the other columns' values, nothing last."""
    longest = [-row["stop"].toordinal()] if "stop" in rest else []
    others = [(row[c] is None, row[c] if row[c] is not None else 0) for c in rest if c != "stop"]
    return (*longest, *((missing, "" if missing else value) for missing, value in others))


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if table.key])
def test_of_rows_with_one_key_the_first_stays(engine: Engine, name: str) -> None:
    schema = TABLES[name]
    rest = [c.name for c in schema.columns if c.name not in schema.key]
    rng, n = np.random.default_rng(len(name)), 400
    rows = pa.table({c.name: values_of(c, rng, n) for c in schema.columns})
    if name == "person":
        rows = rows.append_column("id", rows["person_id"])
    rows = rows.append_column("fine", pa.array([True] * n))
    [rule] = [rule for rule in rules_of(name) if rule.name.endswith("delivered before")]
    held = engine.load("orders", rows)
    found = engine.collect(held.mutate(broken=rule.broken(held, Limits.of(TODAY))))
    stay = [row for row in found.to_pylist() if not row["broken"]]
    expected: dict[Any, dict[str, Any]] = {}
    for row in rows.to_pylist():
        key = tuple(row[c] for c in schema.key)
        if key not in expected or first(row, rest) < first(expected[key], rest):
            expected[key] = row
    compared = [*schema.key, *rest]
    assert sorted(repr([row[c] for c in compared]) for row in stay) == sorted(
        repr([row[c] for c in compared]) for row in expected.values()
    )
    engine.drop("orders")


def test_nothing_comes_last_whichever_way_the_order_goes(engine: Engine) -> None:
    held = engine.load("ends", pa.table({"a": ["x", None, "y"], "b": pa.array([1, None, 2], pa.int64())}))
    for last_first, expected in (((), ["x", "y", None]), (("a",), ["y", "x", None])):
        place = ibis.row_number().over(order_by=order_keys(held, ["a", "b"], last_first=last_first)).cast("int64")
        found = engine.collect(held.mutate(place=place)).sort_by("place")
        assert found["a"].to_pylist() == expected
    engine.drop("ends")
