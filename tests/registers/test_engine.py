"""What only the engine knows: types held, names replaced, Ctrl-C in the middle of a query."""

from __future__ import annotations

import sys
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from riskset.errors import SourceError
from riskset.registers.engine import ENGINES, Engine, open_engine


def test_sums_of_whole_numbers_stay_whole_numbers() -> None:
    with Engine() as engine:
        table = engine.load("t", pa.table({"a": pa.array([1, 2], pa.int64())}))
        summed = engine.materialise("sum", table.agg(a=table["a"].sum()))
        assert str(summed["a"].type()) == "int64"
        assert engine.collect(summed).schema.field("a").type == pa.int64()


def test_a_table_is_replaced_also_from_itself() -> None:
    with Engine() as engine:
        table = engine.load("t", pa.table({"a": [1, 2]}))
        more = engine.materialise("t", table.mutate(a=table["a"] + 1, b=table["a"]))
        assert sorted(engine.collect(more)["a"].to_pylist()) == [2, 3]
        engine.load("t", pa.table({"c": ["x"]}))
        assert engine.collect(engine.connection.table("t")).to_pylist() == [{"c": "x"}]


def test_loading_leaves_nothing_else_behind() -> None:
    with Engine() as engine:
        engine.load("t", pa.table({"a": [1]}))
        views = engine.connection.raw_sql("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        assert views == []


@pytest.mark.parametrize(("name", "library"), [("postgres", "psycopg"), ("spark", "pyspark")])
def test_an_engine_that_is_not_installed_can_be_from_a_clone_too(
    name: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, ENGINES[name][0], raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(SourceError) as missing:
        open_engine(name)
    assert str(missing.value) == (
        f"--engine: the engine {name} is not installed; pip install 'riskset[{name}]', or in a clone make engines."
    )


@pytest.mark.parametrize("error", [RuntimeError("Query interrupted"), duckdb.InterruptException("Interrupted!")])
def test_an_interrupted_query_is_ctrl_c(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: Any, **kwargs: Any) -> None:
        raise error

    with Engine() as engine:
        table = engine.load("t", pa.table({"a": [1]}))
        monkeypatch.setattr(type(engine.connection), "raw_sql", interrupted)
        monkeypatch.setattr(type(engine.connection), "to_pyarrow", interrupted)
        with pytest.raises(KeyboardInterrupt):
            engine.materialise("u", table)
        with pytest.raises(KeyboardInterrupt):
            engine.collect(table)
        monkeypatch.undo()
