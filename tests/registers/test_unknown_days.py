"""Days that are not known: of a birth or a death delivered as a month, of a death or an emigration set aside."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from riskset.cohort.population import find_observation
from riskset.errors import QualityError
from riskset.registers.observation import OBSERVATION
from riskset.registers.registers import Registers
from riskset.results.quality_vocabulary import QualityRule
from tests.registers.delivery import DEATH_MAP, PERSON_MAP, arrow, broken, deliver, imported, people, rows
from tests.shown import Evidence, shows

RESIDENCE_MAP = """
[files.residence]
path = "residence.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "residence"
file = "residence"
last_day = "included"
[tables.columns]
person_id = "id"
start = "in"
stop = "ut"
"""
RESIDENCE = "id;in;ut\na;1990-01-01;\nb;1990-01-01;\nb;1980-01-01;1985-01-01\nc;1991-01-01;\n"
MAPS = "tolerance = 1.0\ndelivered = 2024-01-01\n" + PERSON_MAP + DEATH_MAP + RESIDENCE_MAP
UNDATED = "died on an unknown day"


def observed(registers: Registers) -> list[int]:
    """Who is ever under observation."""
    found = registers.engine.collect(find_observation(registers))
    return sorted(set(found["person_id"].to_pylist()))


@shows("QualityRule=died on an unknown day", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("day", ["201305xx", "", "1066-01-01", "2093-01-01", "1949-01-01"])
def test_who_died_on_an_unknown_day_is_not_under_observation(tmp_path: Path, day: str) -> None:
    """Unreadable, missing, absurd, or before birth: b had lived for ever, by the open end of residence."""
    registers = imported(
        deliver(tmp_path / "in", MAPS, death=f"id;dag\nb;{day}\n", residence=RESIDENCE), tmp_path / "s"
    )
    assert broken(registers, "residence") == {UNDATED: 2}
    assert observed(registers) == [1, 3]
    assert {row[0] for row in rows(registers, OBSERVATION)} == {1, 3}


def test_who_has_a_readable_death_too_lives_until_then(tmp_path: Path) -> None:
    death = "id;dag\nb;20130\nb;2013-05-06\nz;never\n"
    registers = imported(deliver(tmp_path / "in", MAPS, death=death, residence=RESIDENCE), tmp_path / "store")
    assert broken(registers, "residence") == {}
    assert observed(registers) == [1, 2, 3]
    assert (2, date(1990, 1, 1), date(2013, 5, 7)) in rows(registers, OBSERVATION, "person_id", "entry", "exit")


def test_tables_in_memory_obey_the_same_rule() -> None:
    death = arrow(person_id=["b"], date=[None])
    residence = arrow(person_id=["a", "b"], start=["1990-01-01"] * 2, stop=[None, None])
    registers = Registers.from_tables(people(death=death, residence=residence), tolerance=1.0)
    assert broken(registers, "residence") == {UNDATED: 1}
    assert observed(registers) == [1]


def test_whole_numbers_and_texts_are_one_identifier() -> None:
    person = arrow(person_id=[7, 8], sex=["male", "male"], birth_date=["1950-01-01"] * 2)
    death = arrow(person_id=["7"], date=[None])
    residence = arrow(person_id=[7, 8], start=["1990-01-01"] * 2, stop=[None, None])
    registers = Registers.from_tables({"person": person, "death": death, "residence": residence}, tolerance=1.0)
    assert observed(registers) == [2]


def test_too_many_of_them_refuse_the_import() -> None:
    death = pa.table({"person_id": ["b"], "date": ["2013"]})
    residence = arrow(person_id=["b"], start=["1990-01-01"], stop=[None])
    person = arrow(person_id=["b"], sex=["male"], birth_date=["1950-01-01"])
    tables = {"person": person, "death": death, "residence": residence}
    with pytest.raises(QualityError, match="table death"):
        Registers.from_tables(tables, tolerance=0.5)


def test_an_emigration_on_an_unreadable_day_leaves_no_open_spell(tmp_path: Path) -> None:
    residence = "id;in;ut\na;1990-01-01;201x-01-01\nb;1980-01-01;1985-01-01\nb;1990-01-01;??\nc;1991-01-01;\n"
    registers = imported(
        deliver(tmp_path / "in", MAPS, death="id;dag\nb;2020-01-01\n", residence=residence), tmp_path / "store"
    )
    assert broken(registers, "residence") == {"stop unreadable": 2}
    spells = rows(registers, OBSERVATION, "person_id", "entry", "exit")
    assert spells == [(2, date(1980, 1, 1), date(1985, 1, 2)), (3, date(1991, 1, 1), date(2200, 1, 1))]


MONTHS = "id;kon;fodd\na;2;195001\nb;1;196005\nc;2;199012\n"


@shows("QualityRule=day of the month unknown", by=Evidence.OUTSIDE)
def test_a_birth_delivered_as_a_month_takes_the_declared_day(tmp_path: Path) -> None:
    by_month = PERSON_MAP.replace('"fodd"', '{ column = "fodd", date = "%Y%m", day = 15 }')
    registers = imported(deliver(tmp_path / "in", by_month, person=MONTHS), tmp_path / "store")
    assert rows(registers, "person", "birth_date") == [date(1950, 1, 15), date(1960, 5, 15), date(1990, 12, 15)]
    assert broken(registers, "person") == {"birth_date: day of the month unknown": 3}
    [row] = [q for q in registers.quality.to_pylist() if q["rule"] == QualityRule.DAY_UNKNOWN]
    assert (row["action"], row["share"]) == ("read as declared", 1.0)


@pytest.mark.parametrize(
    ("written", "cells"),
    [
        ("%Y%m%d", ["19500100", "19600505", "19901231"]),
        ("%Y-%m-%d", ["1950-01-00", "1960-05-05", "1990-12-31"]),
        ("%d/%m/%Y", ["00/01/1950", "05/05/1960", "31/12/1990"]),
    ],
)
def test_a_day_00_takes_the_declared_day_and_no_other_does(tmp_path: Path, written: str, cells: list[str]) -> None:
    text = "id;kon;fodd\n" + "".join(f"{i};1;{cell}\n" for i, cell in zip("abc", cells, strict=True))
    by_day = PERSON_MAP.replace('"fodd"', f'{{ column = "fodd", date = "{written}", day = 10 }}')
    registers = imported(deliver(tmp_path / "in", by_day, person=text), tmp_path / "store")
    assert rows(registers, "person", "birth_date") == [date(1950, 1, 10), date(1960, 5, 5), date(1990, 12, 31)]
    assert broken(registers, "person") == {"birth_date: day of the month unknown": 1}


@shows("QualityRule=unreadable", by=Evidence.OUTSIDE)
def test_a_month_that_is_none_is_unreadable_all_the_same(tmp_path: Path) -> None:
    by_day = "tolerance = 0.5\n" + PERSON_MAP.replace('"fodd"', '{ column = "fodd", date = "%Y%m%d", day = 15 }')
    text = "id;kon;fodd\na;2;19500000\nb;1;19600505\nc;2;19901200\n"
    registers = imported(deliver(tmp_path / "in", by_day, person=text), tmp_path / "store")
    assert broken(registers, "person") == {"birth_date unreadable": 1, "birth_date: day of the month unknown": 1}


def test_the_end_of_a_spell_and_the_links_of_a_person_are_counted_beside_it(tmp_path: Path) -> None:
    """Each rule that rows keep is counted on its own, though several notes stand on one row."""
    sources = PERSON_MAP.replace('"fodd"', '{ column = "fodd", date = "%Y%m", day = 1 }\nmother_id = "mor"')
    sources += RESIDENCE_MAP.replace('"ut"', '{ column = "ut", date = "%Y%m%d", day = 28 }')
    text = "id;kon;fodd;mor\na;2;195001;zz\nb;1;196005;\nc;2;199012;a\n"
    residence = "id;in;ut\na;1990-01-01;20000200\nb;1950-01-01;20000229\nc;1991-01-01;\n"
    registers = imported(deliver(tmp_path / "in", sources, person=text, residence=residence), tmp_path / "store")
    assert broken(registers, "person") == {
        "birth_date: day of the month unknown": 3,
        "mother_id not in the person table": 1,
    }
    assert broken(registers, "residence") == {"stop: day of the month unknown": 1, "starts before birth": 1}
    assert rows(registers, "residence", "stop") == [date(2000, 2, 29), date(2000, 3, 1), date(2200, 1, 1)]


def test_without_a_declared_day_the_refusal_says_what_to_write(tmp_path: Path) -> None:
    by_day = PERSON_MAP.replace('"fodd"', '{ column = "fodd", date = "%Y%m%d" }')
    said = r'have no day of the month \(999999\); write date = "%Y%m" for birth_date, with day = 15'
    with pytest.raises(QualityError, match=said) as all_:
        imported(deliver(tmp_path / "in", by_day, person=MONTHS), tmp_path / "store")
    assert "tolerance" not in all_.value.remedy
