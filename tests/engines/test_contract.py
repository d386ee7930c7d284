"""What every engine promises: values and types come back, whatever they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskset.errors import RisksetError, SourceError
from riskset.registers.engine import Engine, open_engine
from riskset.storage.digest import digest
from tests.engines.conftest import ENGINES

LETTERS = [
    "Z",
    "a",
    "z",
    "Å",
    "Ä",
    "Ö",
    "å",
    "é",
    "Visby",
    "visby",
    "",
    "ß",
    " x",
    "-",
    "N05B",
    "N05BA01",
    "N05C",
    "\n",
    '"',
    "ſ",
]

EDGES = pa.table(
    {
        "number": pa.array([1, -(2**62), 2**63 - 1, None], pa.int64()),
        "day": pa.array([date(1582, 10, 4), date(1, 1, 1), None, date(9999, 12, 31)], pa.date32()),
        "text": pa.array(["Ångström", "", None, 'a "quoted", line\nof two'], pa.string()),
        "flag": pa.array([True, None, False, None], pa.bool_()),
        "amount": pa.array([0.1, 1 / 3, None, -1e300], pa.float64()),
        "nothing": pa.nulls(4, pa.string()),
        "no_day": pa.nulls(4, pa.date32()),
    }
)


def test_a_name_is_any_text(engine: Engine) -> None:
    held = engine.load("those of 1990", pa.table({"n": [1]}))
    kept = engine.materialise("kept: 1990", held)
    held = engine.load("those of 1990", pa.table({"n": [2]}))
    assert [engine.collect(table)["n"].to_pylist() for table in (held, kept)] == [[2], [1]]
    engine.drop("those of 1990", "kept: 1990")


def test_values_come_back_as_they_went(engine: Engine) -> None:
    held = engine.load("edges", EDGES)
    assert engine.collect(held).schema.equals(EDGES.schema)
    assert digest(engine.collect(held)) == digest(EDGES)
    assert digest(engine.collect(engine.materialise("kept", held))) == digest(EDGES)
    engine.drop("edges", "kept")


def test_one_column_of_nothing_keeps_its_rows(engine: Engine) -> None:
    table = pa.table({"text": pa.array([None, "", None], pa.string())})
    assert digest(engine.collect(engine.load("nothing", table))) == digest(table)
    engine.drop("nothing")


def test_tables_without_rows(engine: Engine) -> None:
    empty = EDGES.slice(0, 0)
    held = engine.materialise("empty_kept", engine.load("empty", empty))
    found = engine.collect(held)
    assert found.schema.equals(EDGES.schema)
    assert found.num_rows == 0
    assert engine.collect(held.agg(n=held.count(), sum=held["number"].sum())).to_pylist() == [{"n": 0, "sum": None}]
    engine.drop("empty", "empty_kept")


def test_texts_are_ordered_by_code_points(engine: Engine) -> None:
    held = engine.load("letters", pa.table({"letter": LETTERS}))
    kept = engine.materialise("letters_kept", held.mutate(letter=held["letter"] + "!"))
    for table, ending in ((held, ""), (kept, "!")):
        rank = ibis.row_number().over(order_by=table["letter"]).cast("int64")
        found = engine.collect(table.select("letter", rank=rank)).sort_by("rank")["letter"].to_pylist()
        assert found == sorted(letter + ending for letter in LETTERS)
        inside = engine.collect(table.filter((table["letter"] >= "N05B") & (table["letter"] < "N05C")))
        assert sorted(inside["letter"].to_pylist()) == sorted(x + ending for x in ("N05B", "N05BA01"))
    engine.drop("letters", "letters_kept")


def test_sums_of_whole_numbers_stay_whole_and_exact(engine: Engine) -> None:
    table = engine.load("numbers", pa.table({"g": [1, 1, 2], "n": pa.array([2**61, 2**61 + 1, None], pa.int64())}))
    summed = engine.materialise("summed", table.group_by("g").agg(n=table["n"].sum()))
    found = engine.collect(summed)
    assert found.schema.field("n").type == pa.int64()
    assert sorted(found["n"].to_pylist(), key=str) == [2**62 + 1, None]
    engine.drop("numbers", "summed")


def test_bits_and_remainders(engine: Engine) -> None:
    table = engine.load("numbers", pa.table({"n": pa.array([2**62 + 5, 7], pa.int64())}))
    found = engine.collect(table.select(shifted=table["n"] >> 31, left=(table["n"] % (2**31 - 1)).cast("int64")))
    assert sorted(found.to_pylist(), key=str) == sorted(
        [{"shifted": n >> 31, "left": n % (2**31 - 1)} for n in (2**62 + 5, 7)], key=str
    )
    engine.drop("numbers")


def test_days_far_back_and_the_day_after(engine: Engine) -> None:
    days = [date(1582, 10, 14), date(1899, 12, 31), date(1900, 2, 28), date(2000, 2, 28), date(1999, 12, 31)]
    table = engine.load("days", pa.table({"day": days}))
    after = (table["day"].cast("timestamp") + ibis.interval(days=1)).cast("date")
    kept = engine.materialise("after", table.select("day", after=after, year=table["day"].year().cast("int64")))
    for row in engine.collect(kept).to_pylist():
        assert row["after"].toordinal() == row["day"].toordinal() + 1
        assert row["year"] == row["day"].year
    engine.drop("days", "after")


def test_least_and_greatest_pass_over_nothing(engine: Engine) -> None:
    table = engine.load("pairs", pa.table({"a": pa.array([1, None], pa.int64()), "b": pa.array([2, 3], pa.int64())}))
    found = engine.collect(table.select(low=ibis.least(table["a"], ibis.coalesce(table["b"], table["a"]))))
    assert sorted(found["low"].to_pylist()) == [1, 3]
    engine.drop("pairs")


def test_a_table_is_replaced_also_from_itself(engine: Engine) -> None:
    table = engine.load("t", pa.table({"a": [1, 2]}))
    more = engine.materialise("t", table.mutate(a=table["a"] + 1, b=table["a"]))
    assert sorted(engine.collect(more)["a"].to_pylist()) == [2, 3]
    again = engine.load("t", pa.table({"c": ["x"]}))
    assert engine.collect(again).to_pylist() == [{"c": "x"}]
    engine.drop("t", "never_there")


def test_a_store_is_attached_wherever_it_lies(engine: Engine, folder: Path) -> None:
    pq.write_table(EDGES.select(["number", "text"]), folder / "edges {2}.parquet")
    files, order = {"edges": folder / "edges {2}.parquet"}, {"edges": "number"}
    for _ in range(2):
        held = engine.attach("0123456789ab", files, order)
        assert digest(engine.collect(held["edges"])) == digest(EDGES.select(["number", "text"]))


@pytest.mark.parametrize("words", ["Smith", "19121212"])
@pytest.mark.parametrize("name", ENGINES[1:])  # DuckDB's errors are put into words by the import and the command line
def test_an_error_quotes_no_cell(name: str, opened: Callable[[str], Engine], words: str) -> None:
    engine = opened(name)
    table = engine.load("t", pa.table({"a": [words, "x"]}))
    with pytest.raises(Exception) as raised:  # noqa: PT011
        engine.materialise("u", table.mutate(n=table["a"].cast("int64"), d=table["a"].cast("date")))
    assert words not in str(raised.value)
    engine.drop("t")


CANNOT = pytest.mark.xfail(raises=RisksetError, strict=True, reason="PostgreSQL's text has no NUL")


@pytest.mark.parametrize(
    "name",
    [
        "duckdb",
        pytest.param("postgres", marks=[pytest.mark.postgres, CANNOT]),
        pytest.param("spark", marks=pytest.mark.spark),
    ],
)
def test_a_text_with_nul(name: str, opened: Callable[[str], Engine]) -> None:
    table = pa.table({"text": ["a\0b"]})
    assert digest(opened(name).collect(opened(name).load("nul", table))) == digest(table)


@pytest.mark.spark
def test_a_process_has_one_spark(opened: Callable[[str], Engine]) -> None:
    assert opened("spark").name == "spark"
    with pytest.raises(SourceError, match="this process has a Spark already"):
        open_engine("spark")
