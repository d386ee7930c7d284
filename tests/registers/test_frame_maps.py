"""Frames in memory with what `sources.toml` would say of them give what the same files give by it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskset.errors import RisksetError, SourceError, SpecError
from riskset.registers.delivered.source import Sources
from riskset.registers.registers import Registers
from riskset.run import run_study
from riskset.spec.study import Study

PEOPLE = pa.table(
    {
        "pnr": ["a", "b", "c"],
        "kön": ["1", "2", "1"],
        "born": ["19500301", "19511200", "19520615"],
        "not read": [1, 2, 3],
    }
)
HOMES = pa.table(
    {
        "pnr": ["a", "b", "c", "c"],
        "from": ["1990-01-01"] * 4,
        "to": ["2019-12-31", None, "2019-12-31", "2019-12-31"],
        "place": ["01", "02", "01", ""],
    }
)
FILLS = pa.table(
    {
        "pnr": ["a", "a", "b"],
        "at": ["01MAR2010", "02APR2011", "30JUN2012"],
        "code": ["N06A"] * 3,
        "dose": [28.0, 1.5, 10.0],
    }
)
FRAMES = {"person": PEOPLE, "residence": HOMES, "dispensing": FILLS}
MAPPING: dict[str, dict[str, Any]] = {
    "person": {
        "columns": {
            "person_id": "pnr",
            "sex": {"column": "kön", "values": {"1": "male", "2": "female"}},
            "birth_date": {"column": "born", "date": "%Y%m%d", "day": 15},
        }
    },
    "residence": {
        "columns": {"person_id": "pnr", "start": "from", "stop": "to", "county": "place"},
        "last_day": "included",
        "skip_if_missing": ["place"],
    },
    "dispensing": {
        "columns": {
            "person_id": "pnr",
            "date": {"column": "at", "date": "%d%b%Y"},
            "atc": "code",
            "ddd": {"column": "dose", "scale": 1000},
        },
        "reversals": "none",
        "starts": date(2010, 1, 1),
        "ends": date(2015, 12, 31),
    },
}


def rows(registers: Registers) -> dict[str, list[dict[str, Any]]]:
    tables = {name: registers.engine.collect(registers[name]) for name in registers.tables}
    return {name: sorted(table.to_pylist(), key=str) for name, table in tables.items() if name in FRAMES}


def test_a_mapping_in_memory_is_that_of_sources_toml(tmp_path: Path) -> None:
    for name, frame in FRAMES.items():
        pq.write_table(frame, tmp_path / f"{name}.parquet")
    described = {
        "files": {name: {"path": f"{name}.parquet", "format": "parquet"} for name in FRAMES},
        "tables": [{"name": name, "file": name, **MAPPING[name]} for name in FRAMES],
        "delivered": date(2020, 1, 1),
    }
    imported = Registers.from_sources(Sources.from_dict(described, folder=tmp_path), store=tmp_path / "store")
    held = Registers.from_tables(FRAMES, mapping=MAPPING, delivered=date(2020, 1, 1))
    assert rows(held) == rows(imported)
    assert held.delivered == {name: imported.delivered[name] for name in FRAMES}
    assert (held.starts, held.coverage.ends) == (imported.starts, imported.coverage.ends)
    assert held.coverage.delivered == imported.coverage.delivered == date(2020, 1, 1)
    assert {row["birth_date"] for row in rows(held)["person"]} >= {date(1951, 12, 15)}
    assert [row["stop"] for row in rows(held)["residence"]].count(date(2020, 1, 1)) == 2
    assert {row["ddd"] for row in rows(held)["dispensing"]} == {28_000, 1_500, 10_000}


def test_some_tables_may_be_mapped_and_the_rest_as_they_are_called() -> None:
    homes = pd.DataFrame({"person_id": ["a"], "start": ["1990-01-01"], "stop": ["2020-01-01"]})
    mapping = {"person": MAPPING["person"]}
    registers = Registers.from_tables({"person": PEOPLE, "residence": homes}, mapping=mapping)
    assert registers.delivered["person"] == {"person_id", "sex", "birth_date"}
    assert rows(registers)["residence"][0]["stop"] == date(2020, 1, 1)


def test_what_is_said_changes_the_fingerprint() -> None:
    def fingerprint(**said: Any) -> str:
        return Registers.from_tables(FRAMES, **({"mapping": MAPPING} | said)).fingerprint

    other = MAPPING | {"residence": MAPPING["residence"] | {"last_day": "excluded"}}
    day = date(2020, 1, 1)
    said = [fingerprint(), fingerprint(mapping=other), fingerprint(ends={"residence": day}), fingerprint(delivered=day)]
    assert len(set(said)) == 4
    assert fingerprint() == said[0]


def without(table: str, **changed: Any) -> dict[str, Any]:
    return MAPPING | {table: {name: value for name, value in (MAPPING[table] | changed).items() if value is not None}}


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (
            {"mapping": without("residence", last_day=None)},
            "mapping of residence last_day: residence has spells; state",
        ),
        ({"mapping": without("person", file="x")}, "mapping of person: a frame needs no file; remove file"),
        ({"mapping": without("person", colums={})}, "mapping of person colums: unknown key; did you mean 'columns'"),
        ({"mapping": MAPPING | {"death": {}}}, "mapping: 'death' is none of the tables"),
        ({"mapping": {"person": "pnr"}}, "mapping: this is no mapping of tables"),
        (
            {"mapping": without("residence", skip_if_missing=["plce"])},
            "table residence: the frame has no column 'plce'; did you mean 'place'",
        ),
        ({"starts": {"dispensing": date(2011, 1, 1)}}, "mapping of dispensing: starts is stated twice"),
        (
            {"ends": {"dispensng": date(2011, 1, 1)}},
            "ends: 'dispensng' is no canonical table; did you mean 'dispensing'",
        ),
        ({"ends": {"residence": "1/1 2011"}}, "ends of residence: '1/1 2011' is no date"),
        ({"ends": {"person": date(2011, 1, 1)}}, "mapping of person ends: person has no days that could end"),
        (
            {"starts": {"residence": date(2012, 1, 1)}, "ends": {"residence": date(2011, 1, 1)}},
            "mapping of residence ends: the register ends before it starts",
        ),
        ({"delivered": "soon"}, "delivered: 'soon' is no date"),
        ({"mapping": without("dispensing", reversals=None)}, None),
    ],
)
def test_what_cannot_be_meant_is_refused_as_in_sources_toml(said: dict[str, Any], says: str | None) -> None:
    if says is None:
        Registers.from_tables(FRAMES, **({"mapping": MAPPING} | said))
        return
    with pytest.raises((SpecError, SourceError)) as raised:
        Registers.from_tables(FRAMES, **({"mapping": MAPPING} | said))
    assert says in str(raised.value)


def test_ends_of_a_frame_as_it_is_called_are_held_to_the_same() -> None:
    people = pa.table({"person_id": ["a"], "sex": ["male"], "birth_date": [date(1950, 1, 1)]})
    with pytest.raises(SpecError, match="table person ends: person has no days that could end; remove it"):
        Registers.from_tables({"person": people}, ends={"person": date(2011, 1, 1)})


def test_a_column_that_takes_dispensings_back_is_not_left_unmapped() -> None:
    fills = FILLS.append_column("n", pa.array([1, -1, 1]))
    with pytest.raises(SourceError, match="n"):
        Registers.from_tables(FRAMES | {"dispensing": fills}, mapping=without("dispensing", reversals=None))


def test_the_tolerance_of_a_mapped_table_is_its_own() -> None:
    people = PEOPLE.set_column(1, "kön", pa.array(["1", "2", "9"]))
    with pytest.raises(RisksetError, match="sex"):
        Registers.from_tables(FRAMES | {"person": people}, mapping=MAPPING)
    lenient = {name: one | {"tolerance": 1.0} for name, one in MAPPING.items()}
    Registers.from_tables(FRAMES | {"person": people}, mapping=lenient)


def test_no_study_goes_on_after_what_frames_cover() -> None:
    study = Study.model_validate(
        {
            "name": "covered",
            "period": {"start": date(2012, 1, 1), "stop": date(2018, 1, 1)},
            "cases": {"first": {"death": True}},
            "controls": [{"kind": "population"}],
            "eligibility": {"run_in": "0d"},
        }
    )
    deaths = pa.table({"person_id": ["a"], "date": [date(2015, 1, 1)]})
    frames, last = FRAMES | {"death": deaths}, date(2016, 12, 31)
    for said, says in (
        ({"delivered": last}, f"the delivery of {last} covers no later day"),
        ({"ends": {"death": last}}, f"the table death ends on {last}"),
    ):
        spans = {"residence": MAPPING["residence"] | {"tolerance": 1.0}} if "delivered" in said else {}
        registers = Registers.from_tables(frames, mapping=MAPPING | spans, **said)  # type: ignore[arg-type]
        with pytest.raises(RisksetError, match=says):
            run_study(study, registers)
    late = pa.table({"person_id": ["a"], "date": [last + timedelta(days=2)]})
    with pytest.raises(RisksetError, match="death"):
        Registers.from_tables(FRAMES | {"death": late}, mapping=MAPPING, delivered=last)
