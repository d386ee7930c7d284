"""What must hold of every nation's registers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from riskset.nation import Nation
from riskset.nation.settings import LAST_DAY, REGISTER_START

YEAR = 365.25


def days(column: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(column.cast(pa.int32())).astype(np.int64)


def ids(column: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(pc.fill_null(column, -1))


class Lookup:
    """A value by person, from a table with one row for each."""

    def __init__(self, table: pa.Table, value: str, missing: int) -> None:
        person = ids(table["person_id"])
        self.values = np.full(person.max() + 1, missing)
        self.values[person] = days(table[value])
        self.missing = missing

    def __getitem__(self, person: np.ndarray) -> np.ndarray:
        inside = person < len(self.values)
        return np.where(inside, self.values[np.where(inside, person, 0)], self.missing)


@pytest.fixture(scope="module")
def birth(tables: dict[str, pa.Table]) -> Lookup:
    return Lookup(tables["person"], "birth_date", 2**30)


@pytest.fixture(scope="module")
def death(tables: dict[str, pa.Table]) -> Lookup:
    return Lookup(tables["death"], "date", 2**30)


def resident(tables: dict[str, pa.Table], person: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Whether each person has a spell that holds the day."""
    spells = tables["residence"]
    who, start, stop = ids(spells["person_id"]), days(spells["start"]), days(spells["stop"])
    order = np.lexsort((start, who))
    who, start, stop = who[order], start[order], stop[order]
    at = np.searchsorted(who * 10**6 + start, person * 10**6 + day, side="right") - 1
    return (who[at] == person) & (start[at] <= day) & (day < stop[at])


def test_identifiers_are_distinct_and_every_row_belongs_to_a_person(tables: dict[str, pa.Table]) -> None:
    person = ids(tables["person"]["person_id"])
    assert len(np.unique(person)) == len(person)
    for name, table in tables.items():
        for column in set(table.column_names) & {"person_id", "mother_id", "father_id", "partner_id"}:
            known = np.isin(ids(table[column]), person) | (ids(table[column]) == -1)
            assert known.all(), (name, column)


def test_spells_are_positive_do_not_overlap_and_lie_between_birth_and_death(
    tables: dict[str, pa.Table], birth: Lookup, death: Lookup
) -> None:
    spells = tables["residence"]
    who, start, stop = ids(spells["person_id"]), days(spells["start"]), days(spells["stop"])
    assert (start < stop).all()
    assert (birth[who] <= start).all()
    assert (stop <= death[who] + 1).all()
    order = np.lexsort((start, who))
    same = who[order][1:] == who[order][:-1]
    assert (start[order][1:] >= stop[order][:-1])[same].all()
    moved = same & (start[order][1:] == stop[order][:-1])
    county = np.asarray(spells["county"])[order]
    assert (county[1:] != county[:-1])[moved].all()
    assert len(np.unique(county)) == 21


def test_deaths_follow_births_and_end_residence(tables: dict[str, pa.Table], birth: Lookup) -> None:
    person, day = ids(tables["death"]["person_id"]), days(tables["death"]["date"])
    assert (birth[person] <= day).all()
    late = day >= (date(1998, 1, 1) - date(1970, 1, 1)).days
    assert resident(tables, person[late], day[late]).all()
    assert not resident(tables, person[late], day[late] + 1).any()


def test_parents_are_of_the_right_sex_alive_and_fifteen_years_older(
    tables: dict[str, pa.Table], birth: Lookup, death: Lookup
) -> None:
    table = tables["person"]
    child = ids(table["person_id"])
    men = set(child[np.asarray(table["sex"]) == "male"])
    for column, male, before in (("mother_id", False, 0), ("father_id", True, 280)):
        parent = ids(table[column])
        known = parent >= 0
        assert known.any()
        assert all((p in men) == male for p in parent[known][:5000])
        assert (birth[child[known]] - birth[parent[known]] > 15 * YEAR).all()
        assert (death[parent[known]] >= birth[child[known]] - before).all()
    old = days(table["birth_date"]) < (date(1932, 1, 1) - date(1970, 1, 1)).days
    assert (ids(table["mother_id"])[old] == -1).all()


def test_dispensings_are_of_living_residents_within_the_register(tables: dict[str, pa.Table]) -> None:
    table = tables["dispensing"]
    day = days(table["date"])
    first, last = ((d - date(1970, 1, 1)).days for d in (REGISTER_START, LAST_DAY))
    assert first <= day.min() <= first + 1
    assert last - 1 <= day.max() <= last
    assert resident(tables, ids(table["person_id"]), day).all()
    assert pc.all(pc.match_substring_regex(pc.unique(table["atc"]), "^[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}$")).as_py()
    assert pc.min(table["ddd"]).as_py() > 0


def test_use_before_the_register_was_generated_and_withheld(nation: Nation) -> None:
    assert all(block.withheld > 0.05 * len(block.fills) for block in nation.blocks)


def test_patients_are_registered_seen_and_ventilated_while_they_live(
    tables: dict[str, pa.Table], death: Lookup
) -> None:
    items = tables["registry_item"]
    name = np.asarray(items["name"])
    person, day = ids(items["person_id"]), days(items["date"])
    diagnosed = dict(zip(person[name == "diagnosis"].tolist(), day[name == "diagnosis"].tolist(), strict=True))
    registered = dict(zip(person[name == "registration"].tolist(), day[name == "registration"].tolist(), strict=True))
    assert diagnosed.keys() == registered.keys()
    assert all(diagnosed[p] <= registered[p] for p in diagnosed)
    assert (day[name == "registration"] <= death[person[name == "registration"]]).all()
    onset = dict(zip(person[name == "onset_date"].tolist(), day[name == "onset_date"].tolist(), strict=True))
    assert all(onset[p] < diagnosed[p] for p in diagnosed)
    scores = tables["measurement"].filter(pc.equal(tables["measurement"]["name"], "alsfrs_r"))
    value = np.asarray(scores["value"])
    assert ((value >= 0) & (value <= 48) & (value == np.round(value))).all()
    assert (days(scores["date"]) <= death[ids(scores["person_id"])]).all()
    assert all(registered[p] <= d for p, d in zip(ids(scores["person_id"]).tolist(), days(scores["date"]), strict=True))
    ventilated = tables["procedure"]
    assert (days(ventilated["date"]) <= death[ids(ventilated["person_id"])]).all()


def test_nearly_all_patients_are_in_the_patient_register_and_few_in_the_quality_register(nation: Nation) -> None:
    table = nation.tables()["diagnosis"]
    coded = len(np.unique(ids(table.filter(pc.equal(table["code"], "G122"))["person_id"])))
    patients = sum(len(block.patients.person) for block in nation.blocks)
    registered = sum((block.patients.registration < 2**31 - 1).sum() for block in nation.blocks)
    assert 0.95 < coded / patients < 0.99
    assert registered < 0.5 * patients


@pytest.mark.parametrize("persons", [100, 1000])
def test_a_tiny_nation_has_all_tables_with_the_same_columns(persons: int, tables: dict[str, pa.Table]) -> None:
    from riskset.nation import NationSettings, make_nation

    tiny = make_nation(NationSettings(persons=persons)).tables()
    assert {name: table.schema for name, table in tiny.items()} == {
        name: table.schema for name, table in tables.items()
    }
