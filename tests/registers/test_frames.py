"""Data frames of a notebook come in as they are: pandas, DuckDB and pyarrow, by the checks of an import."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskset.errors import QualityError, RisksetError, SourceError
from riskset.registers.engine import Engine
from riskset.registers.frames import as_arrow
from riskset.registers.registers import Registers
from tests import recognisable
from tests.registers.delivery import broken, deliver, imported, rows

BORN = ["1950-01-01", "1960-05-05", "1990-12-31"]


def persons(**changed: Any) -> pd.DataFrame:
    """The three people of `delivery` as pandas has them: texts as objects, days as datetime64."""
    columns = {"person_id": ["a", "b", "c"], "sex": ["female", "male", "female"], "birth_date": pd.to_datetime(BORN)}
    return pd.DataFrame(columns | changed)


def taken(frame: Any, **more: Any) -> list[Any]:
    return rows(Registers.from_tables({"person": frame, **more}, tolerance=0.0), "person", "person_id", "birth_date")


EXPECTED = [(i + 1, date.fromisoformat(day)) for i, day in enumerate(BORN)]

FRAMES: dict[str, Callable[[], Any]] = {
    "pandas": persons,
    "nullable types": lambda: persons().convert_dtypes(),
    "arrow types": lambda: persons().convert_dtypes(dtype_backend="pyarrow"),
    "categories": lambda: persons().astype({"sex": "category", "person_id": "category"}),
    "seconds": lambda: persons(birth_date=pd.to_datetime(BORN).astype("datetime64[s]")),
    "dates as objects": lambda: persons(birth_date=[date.fromisoformat(day) for day in BORN]),
    "dates as texts": lambda: persons(birth_date=BORN),
    "an index of rows": lambda: persons().sort_values("sex").set_axis([7, 5, 3]),
    "an index with a name": lambda: persons().set_index("person_id"),
    "numbers": lambda: persons(person_id=[11, 12, 13]),
    "nullable numbers": lambda: persons(person_id=pd.array([11, 12, 13], "Int64")),
    "floating numbers": lambda: persons(person_id=[11.0, 12.0, 13.0]),
    "relation of DuckDB": lambda: duckdb.from_arrow(pa.Table.from_pandas(persons(), preserve_index=False)),
    "reader": lambda: pa.RecordBatchReader.from_stream(persons()),
    "batch": lambda: pa.RecordBatch.from_pandas(persons()),
    "table with pandas' notes": lambda: pa.Table.from_pandas(persons()),
    "two chunks": lambda: pa.concat_tables([pa.Table.from_pandas(persons()[:1]), pa.Table.from_pandas(persons()[1:])]),
    "views": lambda: pa.table(
        {
            "person_id": pa.DictionaryArray.from_arrays([0, 1, 2], pa.array(["a", "b", "c"], pa.string_view())),
            "sex": pa.chunked_array([["female"], ["male", "female"]], pa.large_string()),
            "birth_date": pa.array([date.fromisoformat(day) for day in BORN], pa.date64()),
        }
    ),
}


@pytest.mark.parametrize("made_by", FRAMES)
def test_a_frame_is_taken_as_it_is(made_by: str) -> None:
    assert taken(FRAMES[made_by]()) == EXPECTED


@pytest.mark.parametrize("made_by", ["nullable types", "relation of DuckDB", "reader", "table with pandas' notes"])
def test_frames_of_one_content_have_one_fingerprint(made_by: str) -> None:
    """So that stages kept by the fingerprint are used again, whoever made the frame."""
    alike = [Registers.from_tables({"person": made()}) for made in (persons, FRAMES[made_by])]
    assert alike[0].fingerprint == alike[1].fingerprint


def test_a_time_of_day_is_cut_and_counted_as_at_an_import(tmp_path: Path) -> None:
    timed = persons(birth_date=pd.to_datetime(BORN) + pd.Timedelta(hours=7))
    memory = Registers.from_tables({"person": timed})
    timed.to_parquet(tmp_path / "person.parquet")
    columns = "".join(f'{name} = "{name}"\n' for name in timed.columns)
    described = '[files.person]\npath = "person.parquet"\nformat = "parquet"\n'
    disk = imported(
        deliver(tmp_path, f'{described}[[tables]]\nname = "person"\nfile = "person"\n[tables.columns]\n{columns}'),
        tmp_path / "store",
    )
    assert rows(memory, "person", "person_id", "birth_date") == EXPECTED
    assert broken(memory, "person")["birth_date: time of day cut"] == 3
    assert sorted(map(str, memory.quality.to_pylist())) == sorted(map(str, disk.quality.to_pylist()))


@pytest.mark.parametrize(
    ("frame", "error", "sentence"),
    [
        (persons().drop(columns="sex"), SourceError, "table person: the column sex is not there; it is required"),
        (
            persons().rename(columns={"sex": "Sex"}),
            SourceError,
            r"table person: the table has no column 'Sex'; did you mean 'sex'\?",
        ),
        (
            persons().set_axis(["person_id", "sex", "sex"], axis=1),
            SourceError,
            "table person: the column 'sex' is there twice",
        ),
        (
            persons(birth_date=pd.to_datetime(BORN).tz_localize("Europe/Stockholm")),
            SourceError,
            "table person: birth_date holds instants .* give the dates of the calendar that counts",
        ),
        (persons(birth_date=[True, False, True]), QualityError, "table person: 3 of 3 rows are wrong .*birth_date"),
        (persons(sex=[1, 2, 1]), QualityError, "table person: 3 of 3 rows are wrong .*sex not among its values"),
        (
            persons(person_id=[1, "b", date(2000, 1, 1)]),
            SourceError,
            "table person: the cells of 'person_id' are of no one type",
        ),
        (persons(person_id=[2.0**60, 1.0, 2.0]), SourceError, "table person: person_id holds floating-point numbers"),
        (persons(person_id=["a", "a", "b"]), QualityError, "two people under one identifier: 2"),
        (persons()["sex"], SourceError, r"table person: this is no data frame \(Series\)"),
        (pa.chunked_array([["a"]]), SourceError, "table person: its rows cannot be read as a table"),
        (
            persons().set_axis(["19500101-1234", "female", "1950-01-01"], axis=1),
            SourceError,
            "table person: its columns do not read like names",
        ),
    ],
)  # fmt: skip
def test_what_a_frame_lacks_is_said_as_at_an_import(frame: Any, error: type[RisksetError], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        taken(frame)


SECRET = "19500301-4711"


@pytest.mark.parametrize(
    "frame",
    [
        persons(person_id=[SECRET, 1, date(2000, 1, 1)]),
        persons().set_axis([SECRET, "sex", "birth_date"], axis=1),
        persons().set_axis([SECRET, SECRET, "birth_date"], axis=1),
        persons(sex=[SECRET] * 3),
        pa.record_batch({"person_id": [SECRET], "sex": [SECRET]}),
    ],
    ids=["mixed", "as a heading", "as two headings", "as a value", "as a batch"],
)
def test_no_refusal_holds_a_cell(frame: Any) -> None:
    with pytest.raises(RisksetError) as raised:
        taken(frame)
    assert SECRET not in "".join(traceback.format_exception(raised.value)) + repr(vars(raised.value))


def test_all_that_is_wrong_with_a_table_is_told_at_once() -> None:
    with pytest.raises(SourceError) as raised:
        taken(persons().drop(columns="birth_date").assign(height=180))
    assert [error.what for error in raised.value.each] == [
        "the table has no column 'height'",
        "the column birth_date is not there",
    ]


def test_a_notebook_is_told_what_an_import_tells(tmp_path: Path) -> None:
    """The recognisable people, of whom an import finds several things remarkable: the same quality, the same told."""
    tables = recognisable.tables()
    described = 'tolerance = 1.0\ndelivered = "2024-01-01"\n'
    for name, table in tables.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
        columns = "".join(f'{c} = "{c}"\n' for c in table.column_names)
        described += f'[files.{name}]\npath = "{name}.parquet"\nformat = "parquet"\n'
        spells = 'last_day = "excluded"\n' if "stop" in table.column_names else ""
        reversals = 'reversals = "none"\n' if name == "dispensing" else ""
        described += f'[[tables]]\nname = "{name}"\nfile = "{name}"\n{spells}{reversals}[tables.columns]\n{columns}'
    disk = imported(deliver(tmp_path, described), tmp_path / "store")
    frames = {name: table.to_pandas() for name, table in tables.items()}
    memory = Registers.from_tables(frames, delivered=date(2024, 1, 1), engine=Engine(), tolerance=1.0)
    assert disk.remarks
    assert set(memory.remarks) == set(disk.remarks)

    def told(registers: Registers) -> list[tuple[Any, ...]]:
        return sorted(tuple(q.values()) for q in registers.quality.to_pylist() if q["rows"])

    assert told(memory) == told(disk)


def test_a_frame_keeps_its_numbers_and_days() -> None:
    frame = persons(income=pd.array([1, None, 3], "Int64"), share=[0.5, float("nan"), 1.5])
    table = as_arrow(frame, "table person")
    assert table["income"].to_pylist() == [1, None, 3]
    assert table["share"].to_pylist() == [0.5, None, 1.5]
    assert pa.types.is_timestamp(table.schema.field("birth_date").type)
    assert table.schema.metadata is None


@pytest.mark.parametrize(
    "column",
    [
        pa.array([f"19500301{i}"[:8] for i in range(3)]).cast(pa.large_string()).cast(pa.large_binary()),
        pa.array([19500301.5, 1.0, 2.0]),
        pa.array([2**63 + 19500301] * 3, pa.uint64()),
        pa.array([2**62 + 19500301] * 3, pa.timestamp("s")),
        pa.array([Decimal("19500301" * 7)] * 3),
        pa.Array.from_buffers(pa.string(), 3, [None, *pa.array([b"\xff19500301"] * 3).buffers()[1:]]),
        pa.array([(19500301, 2, 3)] * 3, pa.month_day_nano_interval()),
        pa.RunEndEncodedArray.from_arrays(pa.array([3], pa.int32()), pa.array(["19500301"])),
        pa.array([b"19500301"] * 3, pa.binary(8)),
        pa.array([["19500301"]] * 3),
    ],
    ids=lambda column: str(column.type),
)
@pytest.mark.parametrize("name", ["person_id", "birth_date", "mother_id"])
def test_whatever_type_a_column_has_nothing_of_it_is_told(column: pa.Array, name: str) -> None:
    """What DuckDB, Ibis and pyarrow say quotes the cell: a sentence of ours stands for it, or the column is taken."""
    table = pa.table({n: c for n, c in pa.table(persons()).to_pydict().items() if n != name} | {name: column})
    registers = Registers.from_tables({"person": persons()})
    for door in (lambda: taken(table), lambda: registers.numbered(table.rename_columns({name: "id"}), id="id")):
        assert "19500301" not in refusal_of(door)


def refusal_of(door: Callable[[], Any]) -> str:
    """All that is told of a refusal; empty where nothing is refused."""
    try:
        door()
    except RisksetError as error:
        return "".join(traceback.format_exception(error))
    return ""


def test_a_query_that_fails_is_said_to_fail_without_its_words() -> None:
    relation = duckdb.connect().sql(f"SELECT CAST(x AS INT) AS person_id FROM (VALUES ('{SECRET}')) t(x)")
    with pytest.raises(SourceError, match="table person: the query behind it fails; run the query alone") as raised:
        taken(relation)
    assert SECRET not in "".join(traceback.format_exception(raised.value))


def test_what_to_do_is_said_of_a_frame() -> None:
    """No sources.toml is there to state anything in."""
    for wrong, remedy in (
        ({"sex": ["F", "M", "F"]}, "give sex as female or male"),
        ({"birth_date": ["1 Jan 1950"] * 3}, "give birth_date as dates, or as texts such as 1950-03-01"),
    ):
        with pytest.raises(QualityError, match=rf"; {remedy}\."):
            taken(persons(**wrong))
    spells = pd.DataFrame({"person_id": ["a"], "start": ["2000-01-02"], "stop": ["2000-01-01"]})
    with pytest.raises(QualityError, match=r"; give as stop the day after a spell's last day\."):
        taken(persons(), residence=spells)
    sold = pd.DataFrame({"person_id": ["a"], "date": ["2010-01-01"], "atc": ["N05BA01"], "ddd": [28]})
    with pytest.raises(SourceError, match=r"; multiply ddd by 1000, or state in a mapping scale = 1 "):
        taken(persons(), dispensing=sold)
