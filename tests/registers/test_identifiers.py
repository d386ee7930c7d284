"""Identifiers come in with all their digits, or not at all: never do several persons become one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.errors import QualityError, SourceError
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from tests.examples import examples
from tests.registers.delivery import DEATH_MAP, PERSON_MAP, broken, deliver, imported, rows

ENGINE = Engine()
LARGE = 10**17


def persons(ids: Any, **more: Any) -> pa.Table:
    n = len(ids)
    columns = {"person_id": ids, "sex": ["female"] * n, "birth_date": [date(1950, 1, 1)] * n}
    return pa.table(columns | more)


def facts(ids: Any) -> dict[str, pa.Table]:
    """A table of each kind whose identifiers are these."""
    n = len(ids)
    days, others = [date(2010, 1, 1)] * n, pa.array([f"{LARGE}"] * n)
    return {
        "person": persons(ids),
        "death": pa.table({"person_id": ids, "date": days}),
        "dispensing": pa.table({"person_id": ids, "date": days, "atc": ["N05BA01"] * n}),
        "partner_id": pa.table(
            {"person_id": others, "partner_id": ids, "start": days, "stop": days, "kind": ["married"] * n}
        ),
        "mother_id": persons(others, mother_id=ids),
        "father_id": persons(others, father_id=ids),
        "set_id": pa.table({"set_id": ids, "person_id": others, "case": [True] * n}),
    }


WHERE = {"partner_id": "couple", "mother_id": "person", "father_id": "person", "set_id": "matched_set"}


def registers(name: str, table: pa.Table) -> Registers:
    known = {"person": persons([f"{LARGE}", f"{LARGE + 1}", "1", "2"])}
    return Registers.from_tables(known | {WHERE.get(name, name): table}, tolerance=1.0, engine=ENGINE, remarks=False)


@pytest.mark.parametrize("name", list(facts([])))
@pytest.mark.parametrize(
    "ids",
    [
        pa.array([1e17, 2.0]),
        pa.array([float(2**53), 2.0]),
        pa.array([-float(2**53), 2.0]),
        pa.array([2.0**24, 2.0], pa.float32()),
        pa.array([float("inf"), 2.0]),
        pa.array([1e25, 2.5]),
    ],
    ids=["1e17", "2^53", "-2^53", "float32", "infinite", "1e25"],
)
def test_floating_numbers_that_cannot_tell_identifiers_apart_are_refused(name: str, ids: pa.Array) -> None:
    with pytest.raises(SourceError, match=r"floating-point numbers of [0-9,]+ and more") as told:
        registers(name, facts(ids)[name])
    assert "100000000000000000" not in str(told.value)
    assert (name if name.endswith("_id") else "person_id") in str(told.value)


@pytest.mark.parametrize("name", list(facts([])))
def test_numbers_with_a_fraction_identify_nobody(name: str) -> None:
    with pytest.raises(SourceError, match="numbers with a fraction"):
        registers(name, facts(pa.array([1.5, 2.0]))[name])


def test_floating_numbers_that_hold_their_identifiers_are_those() -> None:
    ids = pa.array([float(2**53 - 1), None, float("nan")])
    known = persons([2**53 - 1, 5])
    tables = {"person": known, "death": facts(ids)["death"]}
    found = Registers.from_tables(tables, tolerance=1.0, engine=ENGINE, remarks=False)
    assert rows(found, "death", "person_id") == [2]
    assert broken(found, "death") == {"person_id missing": 2}


SCIENTIFIC = ["1e+17", "1E+17", "1,23E+17", "1.0E17", "1.5e17"]
HOLDERS = ["person", "partner_id", "mother_id", "father_id", "set_id"]


@pytest.mark.parametrize(
    ("name", "text"),
    [*((name, text) for name in (*HOLDERS, "death") for text in SCIENTIFIC), *((name, "1E17") for name in HOLDERS)],
)
def test_texts_in_scientific_notation_have_lost_their_digits(name: str, text: str) -> None:
    with pytest.raises(SourceError, match=r"scientific notation \(as 1e\+17\)"):
        registers(name, facts(pa.array([text, "2"]))[name])


def test_texts_of_letters_and_digits_are_no_scientific_notation() -> None:
    found = Registers.from_tables({"person": persons(["12e5", "ab12", "3f00"])}, engine=ENGINE)
    assert len(rows(found, "person")) == 3


def test_facts_whose_identifiers_lost_their_digits_are_refused_however_few(tmp_path: Path) -> None:
    person = f"id;kon;fodd\n{LARGE};2;1950-01-01\n{LARGE + 1};1;1950-01-01\n"
    sources = deliver(tmp_path, PERSON_MAP + DEATH_MAP, person=person, death="id;dag\n1e+17;2010-01-01\n")
    with pytest.raises(SourceError, match=r"^table death \(file death\): person_id holds identifiers in scientific"):
        imported(sources.model_copy(update={"tolerance": 1.0}), tmp_path / "store")


@pytest.mark.parametrize(("one", "other"), [("0123", "123"), ("123", "0123")])
def test_leading_zeros_that_one_file_has_lost_are_told(tmp_path: Path, one: str, other: str) -> None:
    person = f"id;kon;fodd\n{one};2;1950-01-01\n0456;1;1950-01-01\n"
    sources = deliver(tmp_path, PERSON_MAP + DEATH_MAP, person=person, death=f"id;dag\n{other};2010-01-01\n")
    with pytest.raises(QualityError, match="leading zeros in one file and have lost them in another"):
        imported(sources, tmp_path / "store")


KINDS = {
    "int64": lambda i: pa.array([i], pa.int64()),
    "text": lambda i: pa.array([str(i)]),
    "text of a float": lambda i: pa.array([f"{i}.0"]),
    "float64": lambda i: pa.array([float(i)]),
    "decimal": lambda i: pa.array([Decimal(i)], pa.decimal128(20, 0)),
    "decimal with places": lambda i: pa.array([Decimal(i)], pa.decimal128(20, 2)),
    "uint64": lambda i: pa.array([i], pa.uint64()),
}


@settings(max_examples=examples(25), deadline=None)
@given(st.integers(0, 10**15 - 1), st.sampled_from(list(KINDS)), st.sampled_from(list(KINDS)))
def test_one_number_is_one_identifier_whatever_holds_it(number: int, one: str, other: str) -> None:
    tables = {"person": persons(KINDS[one](number)), "death": facts(KINDS[other](number))["death"]}
    found = Registers.from_tables(tables, tolerance=1.0, engine=ENGINE, remarks=False)
    assert rows(found, "death", "person_id") == [1]


@settings(max_examples=examples(25), deadline=None)
@given(
    st.lists(st.integers(2**53 - 40, 2**53 + 40) | st.integers(LARGE, LARGE + 40), min_size=2, max_size=8, unique=True),
    st.sampled_from(list(KINDS)),
)
def test_different_identifiers_never_become_one(numbers: list[int], kind: str) -> None:
    """However they are held, each fact is its person's, nobody's, or the delivery is refused."""
    ids = pa.concat_arrays([KINDS[kind](number) for number in numbers])
    death = pa.table({"person_id": ids, "date": [date(2000, 1, 1 + i) for i in range(len(numbers))]})
    tables = {"person": persons([str(number) for number in numbers]), "death": death}
    try:
        found = Registers.from_tables(tables, tolerance=1.0, engine=ENGINE, remarks=False)
    except SourceError:
        assert kind == "float64"
        return
    ranks = {number: rank for rank, number in enumerate(sorted(map(str, numbers)), 1)}
    own = {ranks[str(number)]: date(2000, 1, 1 + i) for i, number in enumerate(numbers)}
    for person, day in rows(found, "death", "person_id", "date"):
        assert own[person] == day


def with_ids(ids: pa.Array) -> Registers:
    days = pa.array([date(1950, 1, 1 + i) for i in range(len(ids))])
    return Registers.from_tables(
        {"person": pa.table({"person_id": ids, "sex": ["male"] * len(ids), "birth_date": days})}
    )


@pytest.mark.parametrize(
    ("ids", "what"),
    [
        (pa.array([Decimal("1.00"), Decimal("2.50")], pa.decimal128(20, 2)), "numbers with a fraction"),
        (pa.array([True, False]), "yes or no"),
        (pa.array([date(1950, 1, 1), date(1950, 1, 2)]), "dates"),
        (pa.array([["a"], ["b"]]), "lists or structures"),
    ],
)
def test_what_cannot_be_an_identifier_is_refused(ids: pa.Array, what: str) -> None:
    with pytest.raises(SourceError, match=f"person_id holds {what}"):
        with_ids(ids)


def test_decimal_numbers_are_identifiers_with_all_their_digits() -> None:
    digits = ["12345678901234567.00", "12345678901234568.00"]
    registers = with_ids(pa.array([Decimal(text) for text in digits], pa.decimal128(38, 2)))
    day = pa.array([date(2010, 1, 1)])
    sold = pa.table({"person_id": pa.array([int(digits[0][:-3])]), "date": day, "atc": ["N05BA01"]})
    persons = {"person_id": pa.array([Decimal(t) for t in digits], pa.decimal128(38, 2)), "sex": ["male"] * 2}
    persons["birth_date"] = pa.array([date(1950, 1, 1)] * 2)
    found = Registers.from_tables({"person": pa.table(persons), "dispensing": sold})
    assert len(rows(registers, "person")) == 2
    assert rows(found, "dispensing", "person_id") == [1]
