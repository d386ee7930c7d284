"""Facts that contradict each other are counted, by a rule that says so; nothing is settled by an order of letters."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from riskset.errors import QualityError
from riskset.registers.checks.rules import rules_of
from riskset.registers.engine import Engine
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.ingest import open_store
from riskset.registers.registers import Registers
from riskset.registers.schema import BOOL, DAY, INT, MEASUREMENTS, REAL, TABLES, RegisterColumn
from riskset.registers.set_file import read_set_file
from riskset.steps import remarks_on
from tests.examples import examples
from tests.registers.delivery import DEATH_MAP, PERSON_MAP, arrow, broken, deliver, imported, people, rows
from tests.registers.test_rules import checked
from tests.shown import Evidence, shows

RECORDS = ("diagnosis", "dispensing", "procedure")
"""Tables each of whose rows is a record of its own: two contacts of a day, one with it as the main diagnosis."""


# One rule over the facts of every table


def test_each_table_says_what_its_facts_are_or_is_one_of_records() -> None:
    assert [name for name, table in TABLES.items() if not table.one_fact] == [*RECORDS, "matched_set"]


def _two_values(column: RegisterColumn) -> list[Any]:
    if column.values:
        return list(column.values[:2])
    if column.name in ("partner_id", "mother_id", "father_id"):
        return ["a", "a2"] if column.name != "father_id" else ["b", "b2"]
    made = {DAY: ["2015-01-01", "2016-01-01"], INT: [20, 30], REAL: [20.0, 30.0], BOOL: [True, False]}
    return made.get(column.type, ["x", "y"])


_ROW: dict[str, dict[str, Any]] = {
    "person": {"person_id": "c", "sex": "female", "birth_date": "1990-12-31"},
    "residence": {"person_id": "c", "start": "2000-01-01", "stop": "2001-01-01"},
    "couple": {"person_id": "c", "partner_id": "a", "start": "2005-01-01", "stop": "2006-01-01", "kind": "married"},
    "death": {"person_id": "c", "date": "2015-01-01"},
    "socioeconomic": {"person_id": "c", "year": 2010},
    "registry_item": {"person_id": "c", "registry": "mnd", "date": "2015-01-01", "name": "onset_site"},
    "measurement": {"person_id": "c", "date": "2015-01-01", "name": "bmi", "value": 25.0},
}
VALUES = [
    (table, column.name)
    for table in _ROW
    for column in TABLES[table].columns
    if column.name not in (*TABLES[table].one_fact, "person_id")
]


_PARENTS: dict[str, list[Any]] = {
    "person_id": ["a", "a2", "b", "b2"],
    "sex": ["female", "female", "male", "male"],
    "birth_date": ["1950-01-01", "1951-01-01", "1950-01-01", "1951-01-01"],
}


def told(table: str, facts: list[dict[str, Any]]) -> set[str]:
    """What is said of these rows of a table about c, but for how many are repeats."""
    people = facts if table == "person" else [_ROW["person"]]
    person = {name: [*_PARENTS.get(name, [None] * 4), *(row[name] for row in people)] for name in people[0]}
    delivered = {table: arrow(**{name: [row[name] for row in facts] for name in facts[0]}), "person": arrow(**person)}
    return {rule for rule in broken(checked(**delivered), table) if "delivered before" not in rule}


@pytest.mark.parametrize(("table", "column"), VALUES)
@pytest.mark.parametrize("turned", [False, True])
def test_two_values_of_one_fact_are_told_as_a_contradiction(table: str, column: str, turned: bool) -> None:
    """Whatever the table, whatever the column, in whatever order: by another rule than that of repeats."""
    values = _two_values(TABLES[table].column(column))
    one, other = ({**_ROW[table], column: value} for value in (reversed(values) if turned else values))
    assert len(told(table, [one, other])) == 1, f"two values of {table}.{column} are silent"
    assert told(table, [one, one]) == set(), "a repeat contradicts nothing"


MEASURED = st.lists(
    st.tuples(
        st.sampled_from("ac"), st.sampled_from(["alsfrs_r", "bmi", "pulse"]), st.integers(1, 2), st.integers(19, 21)
    ),
    min_size=1,
    max_size=12,
)


@shows("covariate=bmi", "prognosis.marker", "QualityRule=several values on one day", by=Evidence.REFERENCE)
@settings(max_examples=examples(15), deadline=None)
@given(MEASURED, st.randoms(use_true_random=False))
def test_two_measurements_of_a_day_are_none_and_a_repeat_is_one(
    delivered: list[tuple[str, str, int, int]], order: random.Random
) -> None:
    """A scale and a body mass have one value a day; of what we do not know, a pulse, all values stay."""
    order.shuffle(delivered)
    found: dict[tuple[str, str, int], set[int]] = defaultdict(set)
    for person, name, day, value in delivered:
        found[person, name, day].add(value)
    apart = [row for row in delivered if len(found[row[:3]]) > 1]
    aside = [row for row in apart if row[1] in MEASUREMENTS]
    registers = checked(measurement=measurements(delivered))
    wanted = Counter(value for *_, value in delivered) - Counter(value for *_, value in aside)
    assert Counter(rows(registers, "measurement", "value")) == wanted
    expected = {"value in conflict": len(aside), "several values on one day": len(apart) - len(aside)}
    assert broken(registers, "measurement") == {rule: n for rule, n in expected.items() if n}


def measurements(delivered: list[tuple[str, str, int, Any]]) -> pa.Table:
    person, name, day, value = (list(column) for column in zip(*delivered, strict=True))
    days = [f"2009-01-0{d}" for d in day]
    return arrow(person_id=person, date=days, name=name, value=[float(v) for v in value])


def test_two_values_that_a_scale_has_made_of_one_are_one() -> None:
    registers = checked(measurement=measurements([("a", "bmi", 1, 24.5), ("a", "bmi", 1, 245 * 0.1 * (1 + 1e-15))]))
    assert broken(registers, "measurement") == {}


@shows(
    "QualityRule=out of range",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("name", "value", "stays"),
    [
        *((name, known.low, True) for name, known in MEASUREMENTS.items()),
        *((name, known.high, True) for name, known in MEASUREMENTS.items()),
        *((name, known.low - 0.5, False) for name, known in MEASUREMENTS.items()),
        *((name, known.high + 0.5, False) for name, known in MEASUREMENTS.items()),
        ("alsfrs_r", 60, False),
        ("bmi", -3, False),
        ("bmi", 0, False),
        ("fvc", 5000, True),  # in whatever unit: `marker_range` of the study judges it
    ],
)
def test_a_value_that_cannot_be_is_set_aside(name: str, value: float, stays: bool) -> None:
    registers = checked(measurement=measurements([("a", name, 1, value)]))
    assert broken(registers, "measurement") == ({} if stays else {"value out of range": 1})
    assert len(rows(registers, "measurement")) == stays


def test_a_value_out_of_range_contradicts_none() -> None:
    """A code for no value beside the value itself costs no more than itself."""
    registers = checked(measurement=measurements([("a", "alsfrs_r", 1, 99), ("a", "alsfrs_r", 1, 40)]))
    assert broken(registers, "measurement") == {"value out of range": 1}
    assert rows(registers, "measurement", "value") == [40.0]


@pytest.mark.parametrize("table", RECORDS)
def test_no_record_is_compared_with_another(table: str) -> None:
    """Nothing sorts hundreds of millions of dispensings to find what contradicts what."""
    assert not [rule.name for rule in rules_of(table) if rule.among]


# What a person has once in a register

ONSETS = st.lists(
    st.tuples(st.sampled_from("ac"), st.sampled_from(["mnd", "als"]), st.integers(1, 3), st.sampled_from("bs")),
    min_size=1,
    max_size=10,
)


@shows(
    "covariate=onset_site",
    "QualityRule=another day of onset",
    "QualityRule=another site of onset",
    by=Evidence.REFERENCE,
)
@settings(max_examples=examples(15), deadline=None)
@example([("c", "mnd", 2, "s"), ("c", "mnd", 3, "b"), ("c", "mnd", 1, "b"), ("c", "mnd", 1, "s")])
@given(ONSETS)
def test_a_person_has_one_onset_at_one_site(delivered: list[tuple[str, str, int, str]]) -> None:
    """By plain loops: of days the first, of sites that of the first day that tells one; whatever differs is counted."""
    onset, site = (items(delivered, name) for name in ("onset_date", "onset_site"))
    registers = checked(registry_item=pa.concat_tables([onset, site]))
    expected: Counter[str] = Counter()
    for key in {row[:2] for row in delivered}:
        own = [row[2:] for row in delivered if row[:2] == key]
        expected["another day of onset"] += sum(day > min(own)[0] for day, _ in own)
        of_day = {day: {s for d, s in own if d == day} for day, _ in own}
        apart = sum(len(of_day[day]) > 1 for day, _ in own)
        told = {day: min(sites) for day, sites in of_day.items() if len(sites) == 1}
        other = sum(day in told and told[day] != told[min(told)] for day, _ in own)
        # The rows of onset_date of one day have these texts, too.
        first = [s for day, s in own if day == min(own)[0]]
        expected["text in conflict"] += apart + (len(first) if len(set(first)) > 1 else 0)
        expected["another site of onset"] += other
    assert broken(registers, "registry_item") == {rule: n for rule, n in expected.items() if n}


def items(delivered: list[tuple[str, str, int, str]], name: str) -> pa.Table:
    person, registry, day, text = (list(column) for column in zip(*delivered, strict=True))
    days = [f"2009-01-0{d}" for d in day]
    return arrow(person_id=person, registry=registry, date=days, name=[name] * len(person), text=text)


def test_several_diagnoses_of_a_day_stay_and_are_counted() -> None:
    registers = checked(registry_item=items([("a", "mnd", 1, "ALS"), ("a", "mnd", 1, "PLS")], "diagnosis"))
    assert broken(registers, "registry_item") == {"several values on one day": 2}
    assert rows(registers, "registry_item", "text") == ["ALS", "PLS"]


def test_a_month_of_onset_contradicts_no_day_in_it(tmp_path: Path) -> None:
    described = PERSON_MAP + ITEMS_MAP
    for day, told in (("2009-01-00", {}), ("2009-02-00", {"another day of onset": 1})):
        text = f"id;dag\na;2009-01-03\na;{day}\n"
        sources = deliver(tmp_path / "in", "tolerance = 1.0\n" + described, item=text)
        found = broken(imported(sources, tmp_path / f"store{len(told)}"), "registry_item")
        assert {rule: n for rule, n in found.items() if "unknown" not in rule} == told


def test_a_month_of_death_contradicts_no_day_in_it(tmp_path: Path) -> None:
    described = "tolerance = 1.0\n" + PERSON_MAP + DEATH_MAP.replace('"dag"', '{ column = "dag", day = 15 }')
    for day, rule in (("2010-06-00", "person_id delivered before"), ("2010-07-00", "another day of death")):
        text = f"id;dag\nb;2010-06-03\nb;{day}\n"
        registers = imported(deliver(tmp_path / "in", described, death=text), tmp_path / day)
        assert broken(registers, "death").get(rule) == 1
        assert rows(registers, "death", "date") == [date(2010, 6, 3)]


ITEMS_MAP = """
[files.item]
path = "item.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "registry_item"
file = "item"
[tables.columns]
person_id = "id"
date = { column = "dag", date = "%Y-%m-%d", day = 15 }
registry = { constant = "mnd" }
name = { constant = "onset_date" }
"""


# Couples

MARRIED, LONGER = ("2011", "2015", "married"), ("2011", "2017", "married")
HALF, DISAGREE = "couple delivered for one of the two", "halves of a couple disagree"


@shows(
    "QualityRule=halves of a couple disagree",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("mine", "theirs", "told"),
    [
        ([MARRIED], [MARRIED], {}),
        ([MARRIED], [LONGER], {DISAGREE: 2}),
        ([MARRIED], [("2011", "2015", "cohabiting")], {DISAGREE: 2}),
        ([MARRIED], [("2014", "2016", "married")], {DISAGREE: 2}),
        ([MARRIED, ("2020", "2022", "married")], [MARRIED], {HALF: 1}),
        ([MARRIED, ("2020", "2022", "married")], [LONGER], {DISAGREE: 2, HALF: 1}),
        ([MARRIED], [("2015", "2016", "married"), MARRIED], {HALF: 1}),
        ([("2011", "2013", "cohabiting"), ("2013", "2015", "married")], [MARRIED], {DISAGREE: 3}),
    ],
)
def test_halves_of_a_couple_are_compared_spell_by_spell(mine: Any, theirs: Any, told: dict[str, int]) -> None:
    couple = [("a", "c", *spell) for spell in mine] + [("c", "a", *spell) for spell in theirs]
    alone = people(couple=couples(couple))
    registers = Registers.from_tables({**alone, "person": alone["person"].drop(["mother_id"])}, tolerance=1.0)
    assert broken(registers, "couple") == told
    assert len(rows(registers, "couple")) == len(couple), "both halves stay"
    said = " ".join(remarks_on(registers))
    assert all(what in said for what in told)


def couples(spells: list[tuple[str, str, str, str, str]]) -> pa.Table:
    person, partner, start, stop, kind = (list(column) for column in zip(*spells, strict=True))
    begins, ends = ([f"{year}-01-01" for year in years] for years in (start, stop))
    return arrow(person_id=person, partner_id=partner, start=begins, stop=ends, kind=kind)


@shows(
    "QualityRule=partner is a parent or a child",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(("one", "other", "wrong"), [("a", "c", True), ("b", "c", True), ("a", "b", False)])
def test_a_partner_is_neither_parent_nor_child(one: str, other: str, wrong: bool) -> None:
    couple = couples([(one, other, "2006", "2007", "married"), (other, one, "2006", "2007", "married")])
    registers = Registers.from_tables(people(couple=couple), tolerance=1.0)
    assert broken(registers, "couple") == ({"partner is a parent or a child": 2} if wrong else {})


def test_a_couple_of_two_kinds_is_of_none() -> None:
    registers = checked(couple=couples([("a", "c", "2011", "2015", kind) for kind in ("married", "cohabiting")]))
    assert broken(registers, "couple") == {"kind in conflict": 1, "person_id and start delivered before": 1}
    assert rows(registers, "couple", "kind") == [None]


# Matched sets

SETS = st.lists(
    st.tuples(st.sampled_from("xyz"), st.sampled_from("abc"), st.booleans(), st.sampled_from([None, "1", "2"])),
    min_size=1,
    max_size=10,
)


def first_fault(members: list[tuple[str, bool, str | None]]) -> str:
    """The first rule that a set breaks."""
    cases = {person for person, case, _ in members if case}
    controls = [person for person, case, _ in members if not case]
    if not cases:
        return "without a case"
    if len(cases) > 1:
        return "with several cases"
    if cases & set(controls):
        return "with a person as case and control"
    if len({day for *_, day in members} - {None}) > 1:
        return "with several dates"
    if len(controls) > len(set(controls)):
        return "with a control twice"
    return "" if controls else "without a control"


@shows(
    "given",
    "QualityRule=row of a set without a case",
    "QualityRule=row of a set with several cases",
    "QualityRule=row of a set with a person as case and control",
    "QualityRule=row of a set with several dates",
    "QualityRule=row of a set with a control twice",
    "QualityRule=row of a set without a control",
    by=Evidence.REFERENCE,
)
@settings(max_examples=examples(25), deadline=None)
@given(SETS)
def test_sets_that_contradict_themselves_are_set_aside_whole(delivered: list[Any]) -> None:
    sets: dict[str, list[Any]] = defaultdict(list)
    for name, *member in delivered:
        sets[name].append(tuple(member))
    faults = {name: first_fault(members) for name, members in sets.items()}
    registers = checked(matched_set=matched(delivered))
    expected: Counter[str] = Counter()
    for name, fault in faults.items():
        if fault:
            expected[f"set {fault}"] += 1
            expected[f"row of a set {fault}"] += len(sets[name])
    assert broken(registers, "matched_set") == expected
    stays = [name for name, *_ in delivered if faults[name] in ("", "without a control", "with a control twice")]
    assert sorted(Counter(rows(registers, "matched_set", "set_id")).values()) == sorted(Counter(stays).values())


def matched(delivered: list[Any]) -> pa.Table:
    name, person, case, day = (list(column) for column in zip(*delivered, strict=True))
    dates = pa.array([date(2009, 1, int(d)) if d else None for d in day], pa.date32())
    return pa.table({"set_id": name, "person_id": person, "case": case, "index_date": dates})


SOUND = [("x", "a", True, "1"), ("x", "c", False, "1")]


def test_a_control_may_serve_again_and_be_a_case_later() -> None:
    later = [("y", "b", True, "2"), ("y", "c", False, "2"), ("z", "c", True, None), ("z", "b", False, None)]
    registers = checked(matched_set=matched([*SOUND, *later]))
    assert broken(registers, "matched_set") == {}
    assert len(rows(registers, "matched_set")) == 6


def test_a_set_whose_case_is_set_aside_goes_with_it() -> None:
    registers = checked(matched_set=matched([*SOUND, ("y", "nobody", True, "1"), ("y", "c", False, "1")]))
    assert broken(registers, "matched_set") == {
        "person not in the person table": 1,
        "row of a set without a case": 1,
        "set without a case": 1,
    }
    assert sorted(rows(registers, "matched_set", "person_id")) == [1, 3]


def test_sets_are_counted_in_sets_and_told_and_too_many_are_refused() -> None:
    tables = people(matched_set=matched([*SOUND, ("y", "a", True, "1"), ("y", "c", True, "1"), ("y", "b", False, "1")]))
    registers = Registers.from_tables(tables, tolerance=0.6)
    [told] = remarks_on(registers)
    assert told.startswith("matched_set: set with several cases: 1 of 2 sets quarantined; ")
    assert "matched_set: 5 rows delivered, 3 set aside" in repr(registers)
    with pytest.raises(QualityError, match=r"3 of 5 rows are wrong \(row of a set with several cases: 3\)"):
        Registers.from_tables(tables, tolerance=0.5)


# The same by every door

SETS_MAP = """
[files.sets]
path = "sets.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "matched_set"
file = "sets"
[tables.columns]
set_id = "fall"
person_id = "id"
case = "typ"
index_date = "dag"
"""
MEASURED_MAP = """
[files.measured]
path = "measured.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "measurement"
file = "measured"
[tables.columns]
person_id = "id"
date = "dag"
name = "vad"
value = "varde"
"""


def test_files_frames_and_an_opened_store_say_the_same(tmp_path: Path) -> None:
    sets = "fall;id;typ;dag\nx;a;1;2009-01-01\nx;c;0;2009-01-01\ny;a;1;2009-01-01\ny;b;1;2009-01-01\n"
    measured = "id;dag;vad;varde\na;2009-01-01;alsfrs_r;40\na;2009-01-01;alsfrs_r;39\nc;2009-01-01;bmi;-3\n"
    described = "tolerance = 1.0\n" + PERSON_MAP + SETS_MAP + MEASURED_MAP
    sources = deliver(tmp_path / "in", described, sets=sets, measured=measured)
    of_files = imported(sources, tmp_path / "store")
    opened = open_store(tmp_path / "store", engine=Engine())
    frames = people(
        matched_set=matched([*SOUND, ("y", "a", True, "1"), ("y", "b", True, "1")]),
        measurement=measurements([("a", "alsfrs_r", 1, 40), ("a", "alsfrs_r", 1, 39), ("c", "bmi", 1, -3)]),
    )
    of_frames = Registers.from_tables({name: frames[name] for name in frames if name != "death"}, tolerance=1.0)
    for registers in (of_files, opened, of_frames, of_frames.on(DuckDB())):
        assert broken(registers, "matched_set") == {
            "row of a set with several cases": 2,
            "set with several cases": 1,
        }
        assert broken(registers, "measurement") == {"value in conflict": 2, "value out of range": 1}
        assert [remark.rows for remark in registers.remarks] == [1]
        assert len(rows(registers, "matched_set")) == 2
        assert rows(registers, "measurement") == []
    aside = pq.read_table(tmp_path / "store" / "quarantine" / "matched_set.parquet")
    assert aside["delivered_id"].to_pylist() == ["a", "b"]
    assert set(aside["reason"].to_pylist()) == {"row of a set with several cases"}


def test_a_file_that_is_only_audited_keeps_what_the_audit_is_to_find(tmp_path: Path) -> None:
    sources = deliver(tmp_path / "in", PERSON_MAP)
    imported(sources, tmp_path / "store")
    text = "set_id,person_id,case,index_date\nx,a,1,2009-01-01\nx,c,1,2009-01-02\nx,b,0,2009-01-01\nx,b,0,2009-01-01\n"
    (tmp_path / "drawn.csv").write_text(text, encoding="utf-8")
    with DuckDB() as engine:
        held = read_set_file(tmp_path / "drawn.csv", sources, tmp_path / "store", engine)
    assert (len(held.table), held.quality) == (4, [])


# Lives that cannot be

SPELL, OLD = {"stop": [None], "person_id": ["b"]}, "older than 120 years"


@shows(
    "QualityRule=starts after death",
    "QualityRule=older than 120 years",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("tables", "table", "rule", "stays"),
    [
        ({"residence": {**SPELL, "start": ["2010-06-02"]}}, "residence", "starts after death", 1),
        ({"residence": {**SPELL, "start": ["2010-06-01"]}}, "residence", None, 1),
        (
            {"residence": {**SPELL, "start": ["2010-06-02"], "stop": ["2011-01-01"]}},
            "residence",
            "starts after death",
            1,
        ),
        (
            {"residence": {"person_id": ["o"], "start": ["1990-01-01"], "stop": [None]}},
            "residence",
            OLD,
            1,
        ),
        ({"residence": {"person_id": ["o"], "start": ["1990-01-01"], "stop": ["2000-01-01"]}}, "residence", None, 1),
        ({"death": {"person_id": ["o"], "date": ["2021-01-01"]}}, "death", OLD, 1),
        ({"death": {"person_id": ["o"], "date": ["2020-01-01"]}}, "death", None, 1),
        ({"death": {"person_id": ["a"], "date": ["1949-12-31"]}}, "death", "before birth", 0),
    ],
)
def test_lives(tables: dict[str, Any], table: str, rule: str | None, stays: int) -> None:
    person = arrow(
        person_id=["a", "b", "o"],
        sex=["female", "male", "male"],
        birth_date=["1950-01-01", "1960-05-05", "1900-01-01"],
    )
    death = {"person_id": ["b"], "date": ["2010-06-01"]}
    made = {name: arrow(**columns) for name, columns in {"death": death, **tables}.items()}
    registers = checked(person=person, **made)
    assert broken(registers, table) == ({rule: 1} if rule else {})
    assert len(rows(registers, table)) == stays


@shows(
    "QualityRule=partner not alive at its start",
    "QualityRule=a child at its start",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("person", "partner", "start", "rule"),
    [
        ("a", "b", "2010-06-02", "partner not alive at its start"),
        ("a", "b", "2010-06-01", None),
        ("a", "c", "1990-12-30", "partner not alive at its start"),
        ("a", "c", "1991-01-01", "a child at its start"),
        ("a", "c", "2002-12-30", "a child at its start"),
        ("a", "c", "2002-12-31", None),
        ("c", "a", "2002-12-30", "a child at its start"),
        ("b", "a", "2010-06-02", "starts after death"),
        ("a", "a", "2002-12-30", "partner is the person"),
    ],
)
def test_partners(person: str, partner: str, start: str, rule: str | None) -> None:
    couple = arrow(person_id=[person], partner_id=[partner], start=[start], stop=[None], kind=["married"])
    assert broken(checked(couple=couple), "couple") == ({rule: 1} if rule else {})


@shows(
    "QualityRule=died before the birth of a child",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("who", "day", "told"),
    [
        ("mother_id", "1990-12-30", True),
        ("mother_id", "1990-12-31", False),
        ("father_id", "1990-02-23", True),
        ("father_id", "1990-02-24", False),
    ],
)
def test_a_parent_lived_to_have_the_child(who: str, day: str, told: bool) -> None:
    parent = {"mother_id": "a", "father_id": "b"}[who]
    registers = Registers.from_tables(people(death=arrow(person_id=[parent], date=[day])), tolerance=1.0)
    assert broken(registers, "death") == ({"died before the birth of a child": 1} if told else {})
    assert len(rows(registers, "death")) == 1


@shows(
    "QualityRule=more than 100 years older",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(("born", "stays"), [("1890-12-30", True), ("1890-12-29", False)])
def test_a_parent_is_at_most_a_hundred_years_older(born: str, stays: bool) -> None:
    person = arrow(person_id=["m", "c"], sex=["female"] * 2, birth_date=[born, "1990-12-31"], mother_id=[None, "m"])
    registers = Registers.from_tables({"person": person}, tolerance=1.0)
    assert broken(registers, "person") == ({} if stays else {"mother_id more than 100 years older": 1})
    assert rows(registers, "person", "mother_id") == sorted([None, 2 if stays else None], key=repr)
