"""Each rule has a delivery that breaks it and nothing else, and what became of the rows is stated here."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from riskset.errors import QualityError
from riskset.registers.checks.rules import link_rules, rules_of
from riskset.registers.registers import Registers
from riskset.registers.schema import TABLES
from riskset.spec.codes import atc_prefix, icd10_prefix
from tests.registers.delivery import arrow, broken, named, people, rows
from tests.shown import Evidence, shows

DELIVERED = date(2024, 12, 31)
TOMORROW = (DELIVERED + timedelta(days=1)).isoformat()
IN_TWO_DAYS = (DELIVERED + timedelta(days=2)).isoformat()

TWICE = ["1950-01-01", "1960-05-05", "1960-05-05"]
DELIVERED_BEFORE = "person_id delivered before"


def checked(**tables: pa.Table) -> Registers:
    return Registers.from_tables(people(**tables), delivered=DELIVERED, tolerance=1.0, remarks=False)


def persons(**changes: Any) -> pa.Table:
    columns: dict[str, Any] = {
        "person_id": ["a", "b", "c"],
        "sex": ["female", "male", "female"],
        "birth_date": ["1950-01-01", "1960-05-05", "1990-12-31"],
        **changes,
    }
    return arrow(**columns)


@shows(
    "QualityRule=missing",
    "QualityRule=not among its values",
    "QualityRule=absurd",
    "QualityRule=delivered before",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"person_id": ["a", "b", None]}, "person_id missing"),
        ({"person_id": ["a", "b", " "]}, "person_id missing"),
        ({"sex": ["female", "male", None]}, "sex missing"),
        ({"sex": ["female", "male", "F"]}, "sex not among its values"),
        ({"birth_date": ["1950-01-01", "1960-05-05", None]}, "birth_date missing"),
        ({"birth_date": ["1950-01-01", "1960-05-05", "1849-12-31"]}, "birth_date absurd"),
        ({"birth_date": ["1950-01-01", "1960-05-05", IN_TWO_DAYS]}, "birth_date absurd"),
        ({"person_id": ["a", "b", "b"], "sex": ["female", "male", "male"], "birth_date": TWICE}, DELIVERED_BEFORE),
    ],
)
def test_a_wrong_person_is_set_aside(changes: dict[str, Any], rule: str) -> None:
    registers = checked(person=persons(**changes))
    assert broken(registers, "person") == {rule: 1}
    assert rows(registers, "person", "person_id") == [1, 2]


def test_days_at_the_limits_are_kept() -> None:
    registers = checked(person=persons(birth_date=["1850-01-01", "1960-05-05", TOMORROW]))
    assert broken(registers, "person") == {}


def test_a_person_delivered_twice_stays_once_whatever_the_order() -> None:
    twice = persons(person_id=["b", "a", "b"], birth_date=["1960-05-05", "1950-01-01", "1960-05-05"])
    for table in (twice, twice.take([2, 1, 0])):
        registers = checked(person=table)
        assert rows(registers, "person", "sex", "birth_date") == [
            ("female", date(1960, 5, 5)),
            ("male", date(1950, 1, 1)),
        ]


@shows(
    "QualityRule=not in the person table",
    "QualityRule=is the person",
    "QualityRule=less than 12 years older",
    "QualityRule=is male",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("mother", "born", "rule"),
    [
        ("z", "1990-12-31", "mother_id not in the person table"),
        ("c", "1990-12-31", "mother_id is the person"),
        ("a", "1961-12-31", "mother_id less than 12 years older"),
        ("b", "1990-12-31", "mother_id is male"),  # and the father, too: the same person cannot be both
    ],
)
def test_a_wrong_link_to_a_parent_is_taken_away_and_the_person_stays(mother: str, born: str, rule: str) -> None:
    table = persons(mother_id=[None, None, mother], father_id=[None, None, "b"])
    registers = checked(
        person=table.set_column(2, "birth_date", persons(birth_date=["1950-01-01", "1940-05-05", born])[2])
    )
    assert broken(registers, "person") == {rule: 1}
    assert rows(registers, "person", "person_id", "mother_id", "father_id")[2] == (3, None, 2)


def test_a_parent_is_at_least_twelve_years_older() -> None:
    registers = checked(
        person=persons(birth_date=["1950-01-01", "1962-01-01", "1990-12-31"], mother_id=[None, "a", None])
    )
    assert rows(registers, "person", "mother_id") == [1, None, None]


@shows("QualityRule=is female", by=Evidence.OUTSIDE)
def test_a_father_is_male() -> None:
    registers = checked(person=persons(father_id=[None, None, "a"]))
    assert broken(registers, "person") == {"father_id is female": 1}
    assert rows(registers, "person", "father_id") == [None, None, None]


@pytest.mark.parametrize("through", [["c", None, "a"], ["c", "a", "d"]])
def test_a_cycle_of_parents_is_cut_where_the_parent_is_younger(through: list[str | None]) -> None:
    table = persons(
        person_id=["a", "b", "c", "d"],
        sex=["female"] * 4,
        birth_date=["1930-01-01", "1950-01-01", "1990-12-31", "1965-01-01"],
        mother_id=[*through, "b"],
    )
    registers = checked(person=table)
    assert broken(registers, "person") == {"mother_id less than 12 years older": 1}
    assert rows(registers, "person", "person_id", "mother_id")[0] == (1, None)


FACTS: dict[str, dict[str, Any]] = {
    "diagnosis": {"system": "icd10", "code": "F32", "source": "inpatient"},
    "dispensing": {"atc": "N05BA01", "ddd": 1000, "packages": 1},
    "registry_item": {"registry": "mnd", "name": "diagnosis"},
    "measurement": {"name": "bmi", "value": 25.0},
    "procedure": {"system": "nomesco", "code": "DG021"},
}


@shows(
    "QualityRule=person not in the person table",
    "QualityRule=before birth",
    "QualityRule=after death",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize("table", FACTS)
@pytest.mark.parametrize(
    ("person", "day", "rule", "stays"),
    [
        (None, "2010-05-01", "person_id missing", False),
        ("nobody", "2010-05-01", "person not in the person table", False),
        ("b", None, "date missing", False),
        ("b", "1849-01-01", "date absurd", False),
        ("a", IN_TWO_DAYS, "date absurd", False),
        ("b", "1960-05-04", "before birth", False),
        ("b", "2010-06-02", "after death", False),
        ("b", "2010-06-01", None, True),
        ("b", "1960-05-05", None, True),
        ("a", TOMORROW, None, True),
    ],
)
def test_facts(table: str, person: str | None, day: str | None, rule: str | None, stays: bool) -> None:
    more = {name: [value] for name, value in FACTS[table].items()}
    registers = checked(**{table: arrow(person_id=pa.array([person], pa.string()), date=[day], **more)})
    if (table, rule) == ("registry_item", "after death"):
        stays = True
    assert broken(registers, table) == ({rule: 1} if rule else {})
    assert len(rows(registers, table)) == stays


def test_a_diagnosis_on_the_death_certificate_may_come_later() -> None:
    fact = {"person_id": ["b"], "date": ["2010-06-09"], "system": ["icd10"], "code": ["G122"], "source": ["death"]}
    assert broken(checked(diagnosis=arrow(**fact)), "diagnosis") == {}


@shows("QualityRule=reversal without a purchase", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("column", ["ddd", "packages"])
def test_amounts_below_zero(column: str) -> None:
    fact = {"person_id": ["a", "a"], "date": ["2010-01-01"] * 2, "atc": ["A"] * 2, column: [-1, 0]}
    registers = checked(dispensing=arrow(**fact))
    assert broken(registers, "dispensing") == {"reversal without a purchase": 1}
    assert rows(registers, "dispensing", column) == [0]


@shows("QualityRule=before the register starts", by=Evidence.OUTSIDE)
def test_a_fact_before_the_register_starts_is_counted_and_kept() -> None:
    dispensing = arrow(person_id=["a", "a"], date=["2005-06-30", "2005-07-01"], atc=["A", "A"])
    registers = Registers.from_tables(people(dispensing=dispensing), starts={"dispensing": date(2005, 7, 1)})
    assert broken(registers, "dispensing") == {"before the register starts": 1}
    assert len(rows(registers, "dispensing")) == 2


ATC_CODES = {
    "N": True,
    "N05": True,
    "N05B": True,
    "n05ba": True,
    "N05BA01": True,
    "N05BA0": False,
    "W05": False,
    "1": False,
}
ICD10_CODES = {"F": True, "F3": True, "F32": True, "f32.1": True, "F32AB12": True, "F32ABC12": False, "296": False}


@shows("QualityRule=malformed ATC code", by=Evidence.OUTSIDE)
def test_malformed_atc_codes_are_counted_and_kept() -> None:
    n = len(ATC_CODES)
    registers = checked(dispensing=arrow(person_id=["a"] * n, date=["2010-01-01"] * n, atc=list(ATC_CODES)))
    assert broken(registers, "dispensing") == {"malformed ATC code": list(ATC_CODES.values()).count(False)}
    assert rows(registers, "dispensing", "atc") == sorted(code.upper() for code in ATC_CODES)


@shows("QualityRule=malformed ICD-10 code", by=Evidence.OUTSIDE)
def test_malformed_icd10_codes_are_counted_and_kept_and_other_systems_are_not_judged() -> None:
    n = len(ICD10_CODES)
    fact = {"person_id": ["a"] * n, "date": ["2010-01-01"] * n, "code": list(ICD10_CODES), "source": ["inpatient"] * n}
    registers = checked(diagnosis=arrow(system=["icd10"] * n, **fact))
    assert broken(registers, "diagnosis") == {"malformed ICD-10 code": list(ICD10_CODES.values()).count(False)}
    assert len(rows(registers, "diagnosis")) == n
    assert broken(checked(diagnosis=arrow(system=["icd9"] * n, **fact)), "diagnosis") == {}


def test_a_malformed_code_is_one_that_no_study_could_name() -> None:
    for codes, prefix in ((ATC_CODES, atc_prefix), (ICD10_CODES, icd10_prefix)):
        for code, well_formed in codes.items():
            with nullcontext() if well_formed else pytest.raises(ValueError, match="is no "):
                prefix(code)


def test_codes_of_procedures_stay_as_delivered() -> None:
    fact = {"person_id": ["a", "a"], "date": ["2010-01-01"] * 2, "system": ["own", "nomesco"]}
    registers = checked(procedure=arrow(code=["invasive_ventilation", "dG.021"], **fact))
    assert rows(registers, "procedure", "code") == ["dG.021", "invasive_ventilation"]


@shows("QualityRule=another day of death", by=Evidence.OUTSIDE)
def test_death_before_birth_and_a_second_death() -> None:
    registers = checked(death=arrow(person_id=["a", "b", "b"], date=["1949-12-31", "2011-01-01", "2010-01-01"]))
    assert broken(registers, "death") == {"before birth": 1, "another day of death": 1}
    assert rows(registers, "death", "date") == [date(2010, 1, 1)]


@shows(
    "QualityRule=stop not after start",
    "QualityRule=starts before birth",
    "QualityRule=lasts beyond death",
    "QualityRule=overlaps an earlier spell",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("spells", "rule", "stays"),
    [
        ([("a", "2000-01-01", "2000-01-01")], "stop not after start", 0),
        ([("a", "2000-01-02", "2000-01-01")], "stop not after start", 0),
        ([("a", None, "2000-01-01")], "start missing", 0),
        ([("a", IN_TWO_DAYS, "2190-01-01")], "start absurd", 0),
        ([("a", "1949-01-01", "2000-01-01")], "starts before birth", 1),
        ([("b", "2000-01-01", "2010-06-03")], "lasts beyond death", 1),
        ([("b", "2000-01-01", "2010-06-02")], None, 1),
        ([("b", "2000-01-01", None)], None, 1),
        ([("a", "2000-01-01", "2001-01-01"), ("a", "2000-12-31", "2002-01-01")], "overlaps an earlier spell", 1),
        ([("a", "2000-01-01", "2001-01-01"), ("a", "2001-01-01", "2002-01-01")], None, 2),
        ([("a", "2000-01-01", "2001-01-01"), ("b", "2000-12-31", "2002-01-01")], None, 2),
        # The third lies inside the first, not the second.
        (
            [("a", "2000-01-01", "2003-01-01"), ("a", "2000-02-01", "2000-03-01"), ("a", "2002-01-01", "2002-02-01")],
            "overlaps an earlier spell",
            1,
        ),
        # A spell that is set aside overlaps nothing.
        ([("a", "2000-01-01", "1999-01-01"), ("a", "2000-06-01", "2002-01-01")], "stop not after start", 1),
    ],
)
def test_residence(spells: list[tuple[str, str, str]], rule: str | None, stays: int) -> None:
    who, start, stop = zip(*spells, strict=True)
    registers = checked(residence=arrow(person_id=list(who), start=list(start), stop=list(stop)))
    assert set(broken(registers, "residence")) == ({rule} if rule else set())
    assert len(rows(registers, "residence")) == stays


def test_a_spell_delivered_twice_stays_once() -> None:
    registers = checked(residence=arrow(person_id=["a"] * 2, start=["2000-01-01"] * 2, stop=["2001-01-01"] * 2))
    assert broken(registers, "residence") == {"person_id and start delivered before": 1}
    assert len(rows(registers, "residence")) == 1


def test_a_spell_without_stop_is_open() -> None:
    registers = checked(residence=arrow(person_id=["a", "b"], start=["2000-01-01"] * 2, stop=[None, "9999-12-31"]))
    assert rows(registers, "residence", "stop") == [date(2200, 1, 1)] * 2


@shows("QualityRule=partner not in the person table", "QualityRule=partner is the person", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("partner", "rule"),
    [
        ("a", "partner is the person"),
        ("z", "partner not in the person table"),
        (None, "partner_id missing"),
        ("b", None),
    ],
)
def test_couple(partner: str | None, rule: str | None) -> None:
    couple = {"start": ["2000-01-01"], "stop": ["2005-01-01"], "kind": ["married"]}
    registers = checked(couple=arrow(person_id=["a"], partner_id=pa.array([partner], pa.string()), **couple))
    assert broken(registers, "couple") == ({rule: 1} if rule else {})


def test_two_partners_at_a_time() -> None:
    couple = {"person_id": ["a", "a"], "partner_id": ["c", "b"], "kind": ["married"] * 2}
    registers = checked(couple=arrow(start=["2001-01-01", "2000-01-01"], stop=["2003-01-01", "2002-01-01"], **couple))
    assert broken(registers, "couple") == {"overlaps an earlier spell": 1}
    assert rows(registers, "couple", "partner_id") == [2]


@pytest.mark.parametrize(
    ("year", "rule", "stays"),
    [
        (1849, "year absurd", 0),
        (DELIVERED.year + 2, "year absurd", 0),
        (1959, "before birth", 0),
        (1960, None, 1),
        (2011, "after death", 1),
        (None, "year missing", 0),
    ],
)
def test_socioeconomic(year: int | None, rule: str | None, stays: int) -> None:
    registers = checked(socioeconomic=arrow(person_id=["b"], year=pa.array([year], pa.int64()), education=["high"]))
    assert broken(registers, "socioeconomic") == ({rule: 1} if rule else {})
    assert len(rows(registers, "socioeconomic")) == stays


def test_a_row_is_counted_under_the_first_rule_that_it_breaks() -> None:
    registers = checked(death=arrow(person_id=["nobody", "nobody"], date=[None, "1800-01-01"]))
    assert broken(registers, "death") == {"date missing": 1, "date absurd": 1}


def test_quality_holds_every_rule_that_was_checked_also_with_no_row() -> None:
    registers = checked()
    there = registers.delivered["person"]
    expected = [r.name for r in rules_of("person") if not r.flag and (not r.needs or r.needs[0] in there)]
    expected += [r.name for parent in ("mother_id", "father_id") for r in link_rules(parent)]
    found = [q for q in registers.quality.to_pylist() if q["table"] == "person"]
    assert [named(q) for q in found] == expected
    assert {q["of"] for q in found} == {3}
    assert {q["action"] for q in found} == {"quarantined", "set to missing"}


def test_the_share_tolerated_is_exact_and_the_refusal_says_why() -> None:
    death = arrow(person_id=["b", "a", "nobody", None], date=["2010-06-01", "1949-01-01", "2000-01-01", None])
    assert broken(Registers.from_tables(people(death=death), tolerance=0.75), "death")
    with pytest.raises(QualityError) as refused:
        Registers.from_tables(people(death=death), tolerance=0.74)
    message = str(refused.value)
    assert message.startswith("table death (file death): 3 of 4 rows are wrong (")
    assert "before birth: 1" in message
    assert refused.value.exit_code == 12


def test_every_table_has_rules_with_names_of_their_own() -> None:
    for table in TABLES:
        names = [rule.name for rule in rules_of(table)]
        assert len(set(names)) == len(names) > 3
