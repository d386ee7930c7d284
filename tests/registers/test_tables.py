"""Tables in memory come in by the same rules as files."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskset.errors import SourceError, SpecError
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.registers.schema import TABLES
from riskset.storage.digest import digest
from tests.registers.delivery import arrow, deliver, imported, people, rows


def persons(ids: Any) -> pa.Table:
    n = len(ids)
    return pa.table({"person_id": ids, "sex": ["female"] * n, "birth_date": [date(1950, 1, i + 1) for i in range(n)]})


@pytest.mark.parametrize(
    "ids",
    [
        pa.array([9, 10, 100, 7], pa.int64()),
        pa.array([9, 10, 100, 7], pa.int16()),
        pa.array([9.0, 10.0, 100.0, 7.0]),
        pa.array(["9", "10", "100", "7"]),
        pa.array(["9", "10", "100", "7"], pa.large_string()),
        pa.array(["9", "10", "100", "7"]).dictionary_encode(),
        pa.array([9, 10, 100, 7], pa.uint64()),
        pa.array(["9", "10", "100", "7"], pa.string_view()),
    ],
    ids=lambda ids: str(ids.type),
)
def test_ids_of_any_type_are_ranked_as_texts(ids: pa.Array) -> None:
    death = pa.table({"person_id": pa.array(["100", "9"]), "date": [date(2000, 1, 1), date(2001, 1, 1)]})
    registers = Registers.from_tables({"person": persons(ids), "death": death})
    born = dict(rows(registers, "person", "person_id", "birth_date"))
    assert [born[i].day for i in (1, 2, 3, 4)] == [2, 3, 4, 1]
    assert rows(registers, "death", "person_id", "date") == [(2, date(2000, 1, 1)), (4, date(2001, 1, 1))]


def test_uuids() -> None:
    ids = [str(uuid.UUID(int=i * 7919, version=4)) for i in range(20)]
    registers = Registers.from_tables({"person": persons(ids)})
    born = dict(rows(registers, "person", "person_id", "birth_date"))
    assert [born[i].day - 1 for i in range(1, 21)] == [ids.index(one) for one in sorted(ids)]


def test_all_columns_of_the_schema_in_order_and_type_and_which_were_delivered() -> None:
    empty = {name: t.arrow_schema.empty_table() for name, t in TABLES.items() if name not in ("person", "death")}
    registers = Registers.from_tables(people(**empty))
    for name, table in TABLES.items():
        found = registers.engine.collect(registers[name]).schema
        assert found.names == table.arrow_schema.names
        assert found.types == table.arrow_schema.types
    assert registers.has("person", "mother_id")
    assert not registers.has("person", "birth_county")
    assert "dispensing" in registers
    with pytest.raises(SourceError, match="the registers hold no table 'dispensed'"):
        registers["dispensed"]


def test_row_order_does_not_matter() -> None:
    tables = people(
        residence=arrow(
            person_id=["a", "a", "b"], start=["2000-01-01", "2000-06-01", "1970-01-01"], stop=["2001-01-01"] * 3
        )
    )
    turned = {name: table.take(list(reversed(range(len(table))))) for name, table in tables.items()}
    one, other = (Registers.from_tables(t, tolerance=1.0) for t in (tables, turned))
    for name in tables:
        assert digest(one.engine.collect(one[name])) == digest(other.engine.collect(other[name]))
    assert one.quality.equals(other.quality)


def test_the_fingerprint_is_of_the_content() -> None:
    def fingerprint(**more: Any) -> str:
        return Registers.from_tables(people(), **more).fingerprint

    assert fingerprint() == fingerprint()
    assert fingerprint() != fingerprint(starts={"death": date(1961, 1, 1)})
    assert fingerprint() != Registers.from_tables(people(death=arrow(person_id=["b"], date=["2010-06-02"]))).fingerprint


def test_two_nations_in_one_engine_do_not_mix() -> None:
    with Engine() as engine:
        one = Registers.from_tables(people(), engine=engine)
        other = Registers.from_tables({"person": persons(["x"])}, engine=engine)
        assert len(rows(one, "person")) == 3
        assert len(rows(other, "person")) == 1


def test_both_doors_give_the_same_tables_and_the_same_quality(tmp_path: Path) -> None:
    tables = dict(
        people(
            dispensing=arrow(
                person_id=["a", "b", "nobody"],
                date=["2010-01-01", "2010-07-01", "2010-01-01"],
                atc=["n05ba01 ", "A", "A"],
            )
        )
    )
    described = "tolerance = 1.0\n"
    for name, table in tables.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
        columns = "".join(f'{c} = "{c}"\n' for c in table.column_names)
        described += f'[files.{name}]\npath = "{name}.parquet"\nformat = "parquet"\n'
        described += f'[[tables]]\nname = "{name}"\nfile = "{name}"\n[tables.columns]\n{columns}'
    memory = Registers.from_tables(tables, tolerance=1.0)
    disk = imported(deliver(tmp_path, described), tmp_path / "store")
    assert set(memory.tables) == set(disk.tables)
    for name in memory.tables:
        assert digest(memory.engine.collect(memory[name])) == digest(disk.engine.collect(disk[name]))
    assert sorted(map(str, memory.quality.to_pylist())) == sorted(map(str, disk.quality.to_pylist()))


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"persons": persons(["a"])}, "'persons' is no canonical table"),
        ({"person": persons(["a"]).rename_columns(["id", "sex", "birth_date"])}, "the table has no column 'id'"),
        ({"person": persons(["a"]).drop_columns(["sex"])}, "the column sex is not there"),
        ({"person": persons([])}, "there is nobody in the person table"),
        ({"death": arrow(person_id=["a"], date=["2000-01-01"])}, "there is no person table"),
    ],
)
def test_what_is_no_table_of_registers_is_refused(tables: dict[str, pa.Table], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        Registers.from_tables(tables)


def test_amounts_in_another_unit_are_refused_as_in_an_import() -> None:
    sold = arrow(person_id=["a", "b"], date=["2010-01-01"] * 2, atc=["N05BA01"] * 2, ddd=[28, 28])
    with pytest.raises(SourceError, match="in thousandths"):
        Registers.from_tables(people(dispensing=sold))


def test_what_is_no_table_or_has_a_column_twice_is_refused_in_words() -> None:
    person = people()["person"]
    with pytest.raises(SourceError, match="'person_id' is there twice"):
        Registers.from_tables({"person": person.append_column("person_id", person["person_id"])})
    with pytest.raises(SourceError, match=r"table person: this is no data frame \(dict\)"):
        Registers.from_tables({"person": person.to_pydict()})  # type: ignore[dict-item]
    for given in (["person", "death"], person):
        with pytest.raises(SourceError, match="tables: the tables have no names; give a dictionary"):
            Registers.from_tables(given)  # type: ignore[arg-type]


def test_the_first_days_of_registers_are_read_or_refused() -> None:
    """A table that is misspelt would have no first day, and windows would begin before its register did."""
    days = (date(1961, 1, 1), "1961-01-01")
    starts = [Registers.from_tables(people(), starts={"death": day}).starts for day in days]  # type: ignore[dict-item]
    assert starts == [{"death": date(1961, 1, 1)}] * 2
    for wrong, sentence in (
        ({"deaths": days[0]}, "starts: 'deaths' is no canonical table; did you mean 'death'"),
        ({"death": 1961}, "starts of death: this must be a date; write year-month-day"),
        ({"death": "1/1 1961"}, "starts of death: '1/1 1961' is no date"),
        ({"death": pd.NaT}, "starts of death: this must be a date"),
        ({"death": datetime(1961, 1, 1)}, "starts of death: this must be a date"),
        ({"death": pd.Timestamp("1961-01-01")}, "starts of death: this must be a date; write year-month-day"),
        ({"person": None, "deaths": 1}, "2 problems"),
        ("1961-01-01", "starts: this names no tables"),
    ):
        with pytest.raises(SpecError, match=sentence):
            Registers.from_tables(people(), starts=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("tolerance", [5, -0.1, "0.1", None, True, float("nan")])
def test_a_tolerance_is_a_share(tolerance: Any) -> None:
    with pytest.raises(SpecError, match="tolerance: this is no share of rows; give a number from 0 to 1"):
        Registers.from_tables(people(), tolerance=tolerance)


def test_rows_of_nobody_are_refused_or_left_out_and_nothing_else() -> None:
    registers = Registers.from_tables(people())
    with pytest.raises(SpecError, match=r"unknown: 'drop' .*; write 'refuse' or 'leave out'"):
        registers.numbered(pa.table({"id": ["a"]}), id="id", unknown="drop")  # type: ignore[arg-type]
