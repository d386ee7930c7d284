"""Corrections and contradictions: what takes a fact back is no fact of its own, and of two that exclude each other none
is made true by the alphabet."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.cohort.population import find_observation
from riskset.errors import SourceError
from riskset.registers.checks.reversals import left_after_reversals
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from tests.examples import examples
from tests.registers.delivery import DEATH_MAP, PERSON, PERSON_MAP, arrow, broken, deliver, imported, people, rows
from tests.shown import Evidence, shows

ENGINE = Engine()
FIRST = date(2010, 1, 1)
SHORT = "reversal without a purchase"


def checked(**tables: pa.Table) -> Registers:
    return Registers.from_tables(people(**tables), tolerance=1.0, engine=ENGINE, remarks=False)


def dispensed(*items: tuple[int, int | None] | tuple[int, int | None, int | None], who: str = "a") -> Registers:
    """Days, packages and thousandths of a DDD of one person and code."""
    table = arrow(
        person_id=[who] * len(items),
        date=[(FIRST + timedelta(item[0])).isoformat() for item in items],
        atc=["N06AB04"] * len(items),
    )
    table = table.append_column("packages", pa.array([item[1] for item in items], pa.int64()))
    ddd = [item[2] if len(item) > 2 else None for item in items]
    return checked(dispensing=table.append_column("ddd", pa.array(ddd, pa.int64())))


def left(registers: Registers) -> list[tuple[int, int | None, int | None]]:
    found = rows(registers, "dispensing", "date", "packages", "ddd")
    return [((day - FIRST).days, packages, ddd) for day, packages, ddd in found]


@shows("QualityRule=reversal", "QualityRule=reversed", by=Evidence.OUTSIDE)
def test_a_reversal_takes_back_what_it_reverses() -> None:
    registers = dispensed((0, 1, 28_000), (4, -1, -28_000))
    assert left(registers) == []
    assert broken(registers, "dispensing") == {"reversal": 1, "reversed": 1}
    assert {q["action"] for q in registers.quality.to_pylist() if q["rows"]} == {"taken back"}


def test_the_nearest_earlier_dispensing_of_the_same_amount_is_reversed() -> None:
    assert left(dispensed((0, 1), (10, 1), (20, 3), (30, -1), (40, 1))) == [(0, 1, None), (20, 3, None), (40, 1, None)]


def test_of_the_same_number_of_packages_those_of_the_same_size_are_reversed() -> None:
    assert left(dispensed((0, 1, 98_000), (10, 1, 28_000), (12, -1, -98_000))) == [(10, 1, 28_000)]


def test_on_one_day_the_dispensing_comes_before_its_reversal() -> None:
    assert left(dispensed((5, -1), (5, 1))) == []


@shows("QualityRule=partly reversed", by=Evidence.OUTSIDE)
def test_a_return_of_a_part_leaves_the_rest_with_its_share_of_ddd() -> None:
    registers = dispensed((10, 3, 84_000), (12, -1, -28_000))
    assert left(registers) == [(10, 2, 56_000)]
    assert broken(registers, "dispensing") == {"reversal": 1, "partly reversed": 1}


def test_more_than_one_row_may_be_taken_back_at_once() -> None:
    assert left(dispensed((0, 1), (10, 1), (20, 1), (30, -2))) == [(0, 1, None)]


@pytest.mark.parametrize(
    ("items", "stay"),
    [([(4, -1)], []), ([(0, -1), (4, 1)], [(4, 1, None)]), ([(0, 1), (4, -3)], [])],
    ids=["nothing was bought", "it was bought later", "less was bought"],
)
def test_a_reversal_without_its_purchase_is_counted_and_set_aside(items: Any, stay: Any) -> None:
    registers = dispensed(*items)
    assert left(registers) == stay
    assert broken(registers, "dispensing")[SHORT] == 1


def test_amounts_in_ddd_alone_are_reversed_too() -> None:
    assert left(dispensed((0, None, 28_000), (4, None, -28_000), (5, None, 56_000), (6, None, -28_000))) == [
        (5, None, 28_000)
    ]


def test_the_sign_may_stand_on_either_amount() -> None:
    assert left(dispensed((0, 1, 28_000), (4, -1, 28_000))) == []
    assert left(dispensed((0, 1, 28_000), (4, 1, -28_000))) == []


def test_a_reversal_after_death_takes_back_what_was_bought_before() -> None:
    registers = dispensed((0, 1), (200, -1), who="b")  # b died after 151 days
    assert left(registers) == []


def test_another_person_or_code_is_not_reversed() -> None:
    table = arrow(
        person_id=["a", "b", "a", "a"],
        date=["2010-01-01", "2010-01-01", "2010-01-02", "2010-01-03"],
        atc=["N06AB04", "N06AB04", "N06AB05", "N06AB06"],
        packages=[1, 1, 1, -1],
    )
    registers = checked(dispensing=table)
    assert len(rows(registers, "dispensing")) == 3
    assert broken(registers, "dispensing") == {SHORT: 1}


Item = tuple[int, int, int, int]
"""Whose, on which day, how much, and another amount."""


def plainly(items: list[Item]) -> tuple[dict[int, int], set[int]]:
    """What is left of each row, and which reversals lack a purchase, one reversal after another."""
    order = sorted(range(len(items)), key=lambda i: (items[i][1], items[i][2] < 0, abs(items[i][2]), items[i][3], i))
    remaining = {i: max(items[i][2], 0) for i in range(len(items))}
    short = set()
    for place, i in enumerate(order):
        if items[i][2] >= 0:
            continue
        before = [j for j in reversed(order[:place]) if items[j][0] == items[i][0] and remaining[j]]
        wanted = -items[i][2]
        exact = [j for j in before if remaining[j] == wanted]
        same = [j for j in exact if items[j][2] == wanted and items[j][3] == items[i][3]]
        for j in same[:1] or exact[:1] or before:
            taken = min(wanted, remaining[j])
            remaining[j] -= taken
            wanted -= taken
        if wanted:
            short.add(i)
    return remaining, short


ITEMS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 6), st.integers(-3, 4), st.integers(0, 1)), max_size=25)


@given(ITEMS)
def test_what_is_left_is_what_a_plain_loop_leaves(items: list[Item]) -> None:
    group, day, amount, other = np.array(items, np.int64).reshape(-1, 4).T
    found, short = left_after_reversals(group, np.datetime64("2010-01-01") + day, amount.tolist(), other)
    remaining, without = plainly(items)
    assert found == [remaining[i] for i in range(len(items))]
    assert set(np.flatnonzero(short).tolist()) == without
    if not short.any():
        assert sum(found) == amount.sum()


@settings(max_examples=examples(10), deadline=None)
@given(ITEMS, st.randoms(use_true_random=False))
def test_in_an_import_the_order_of_rows_does_not_matter(items: list[Item], random: Any) -> None:
    items = [(*item[:3], 0) for item in items if item[2]]
    remaining, short = plainly(items)
    stay = sorted((items[i][0], items[i][1], n) for i, n in remaining.items() if n)
    random.shuffle(items)
    table = arrow(
        person_id=["abc"[who - 1] for who, *_ in items],
        date=[(FIRST + timedelta(day)).isoformat() for _, day, *_ in items],
        atc=["N06AB04"] * len(items),
    )
    if not items:
        return
    registers = checked(dispensing=table.append_column("packages", pa.array([item[2] for item in items], pa.int64())))
    found = rows(registers, "dispensing", "person_id", "date", "packages")
    assert sorted((who, (day - FIRST).days, n) for who, day, n in found) == stay
    counts = broken(registers, "dispensing")
    assert counts.get(SHORT, 0) == len(short)
    assert counts.get("reversal", 0) + counts.get(SHORT, 0) == sum(item[2] < 0 for item in items)
    assert len(items) == len(found) + sum(counts.get(rule, 0) for rule in (SHORT, "reversal", "reversed"))


DISPENSED = (
    "id;d;atc;antal;pris\na;2010-01-01;N06AB04;1;100,5\na;2010-01-05;N06AB04;-1;-100,5\nb;2010-02-01;N06AB04;2;9\n"
)
DISPENSING_MAP = DEATH_MAP.replace("death", "dispensing").replace('date = "dag"', 'date = "d"\natc = "atc"')


@pytest.mark.parametrize("mapped", ["", 'ddd = "pris"', "packages = { constant = 1 }"])
def test_an_amount_that_is_not_mapped_hides_no_reversals(tmp_path: Path, mapped: str) -> None:
    text = DISPENSED.replace("-100,5", "100,5") if mapped.startswith("ddd") else DISPENSED
    sources = deliver(tmp_path / "in", f"{PERSON_MAP}{DISPENSING_MAP}{mapped}\n", dispensing=text)
    with pytest.raises(SourceError, match=r"'antal' is not mapped and holds negative numbers \(rows: 1\).*packages = "):
        imported(sources, tmp_path / "store")
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("minus", ["-1", "\u22121", "\u20131", "\uff0d1", "1-", "1\u2212", "(1)", "- 1"])
def test_a_minus_is_a_minus_however_it_is_written(tmp_path: Path, minus: str) -> None:
    text = DISPENSED.replace(";-1;-100,5", f";{minus};100,5")
    with pytest.raises(SourceError, match=r"'antal' is not mapped and holds negative numbers \(rows: 1\)"):
        imported(deliver(tmp_path / "in", PERSON_MAP + DISPENSING_MAP, dispensing=text), tmp_path / "store")
    described = PERSON_MAP + DISPENSING_MAP + 'packages = "antal"\n'
    registers = imported(deliver(tmp_path / "in", described, dispensing=text), tmp_path / "store")
    assert broken(registers, "dispensing") == {"reversal": 1, "reversed": 1}
    assert len(rows(registers, "dispensing")) == 1


@pytest.mark.parametrize("packages", [0, None])
def test_a_reversal_in_ddd_alone_takes_back_what_has_packages_too(packages: int | None) -> None:
    registers = dispensed((0, 1, 28_000), (10, 2, 56_000), (12, packages, -56_000))
    assert left(registers) == [(0, 1, 28_000)]
    assert broken(registers, "dispensing") == {"reversal": 1, "reversed": 1}
    # A purchase without DDD has nothing in common with it.
    assert broken(dispensed((0, 1, None), (12, packages, -28_000)), "dispensing") == {SHORT: 1}


def test_where_they_take_nothing_back_it_is_said(tmp_path: Path) -> None:
    stated = DISPENSING_MAP.replace("[tables.columns]", 'reversals = "none"\n[tables.columns]')
    registers = imported(deliver(tmp_path / "in", PERSON_MAP + stated, dispensing=DISPENSED), tmp_path / "store")
    assert len(rows(registers, "dispensing")) == 3


def test_a_negative_amount_in_parquet_that_is_not_mapped(tmp_path: Path) -> None:
    columns = {"id": ["a", "b", "a"], "d": [FIRST] * 3, "atc": ["A"] * 3, "n": [1.0, 2.0, -1.0], "to": ["-", "x", "-7"]}
    (tmp_path / "in").mkdir()
    pq.write_table(pa.table(columns), tmp_path / "in" / "dispensing.parquet")
    described = DISPENSING_MAP.replace("dispensing.csv", "dispensing.parquet").replace(
        'format = "csv"', 'format = "parquet"'
    )
    described = described.replace('delimiter = ";"\nencoding = "utf-8"\n', "")
    with pytest.raises(SourceError, match="'n' is not mapped"):
        imported(deliver(tmp_path / "in", PERSON_MAP + described), tmp_path / "store")


def test_reversals_and_what_they_reverse_are_in_the_quarantine(tmp_path: Path) -> None:
    described = PERSON_MAP + DISPENSING_MAP + 'packages = "antal"\n'
    imported(deliver(tmp_path / "in", described, dispensing=DISPENSED), tmp_path / "store")
    aside = pq.read_table(tmp_path / "store" / "quarantine" / "dispensing.parquet").to_pylist()
    assert [(r["delivered_id"], r["reason"], r["packages"]) for r in aside] == [
        ("a", "reversal", -1),
        ("a", "reversed", 1),
    ]


# Two people under one identifier


def born(person: list[tuple[str, str | None, str | None]], **more: Any) -> Registers:
    ids, sex, birth = (list(column) for column in zip(*person, strict=True))
    return checked(person=arrow(person_id=ids, sex=sex, birth_date=birth), **more)


TWO = "two people under one identifier"


@shows("QualityRule=person set aside", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("other", "stays"),
    [
        (("a", "female", "1950-01-01"), 1),
        (("a", "male", "1950-01-01"), 0),
        (("a", "female", "1950-01-02"), 0),
        (("a", None, "1960-01-01"), 0),
        (("a", "female", None), 1),
        (("a", "female", "1066-01-01"), 1),
        ((" a", "male", "1960-01-01"), 0),
    ],
    ids=["repeated", "sex", "birth", "birth beside no sex", "birth missing", "birth absurd", "written with a blank"],
)
def test_rows_that_contradict_each_other_about_a_person_are_all_set_aside(other: Any, stays: int) -> None:
    facts = {
        "death": arrow(person_id=["a"], date=["2015-01-01"]),
        "residence": arrow(person_id=["a", "c"], start=["1990-01-01"] * 2, stop=[None] * 2),
        "dispensing": arrow(person_id=["a", "c"], date=["2010-01-01"] * 2, atc=["A"] * 2),
        "couple": arrow(person_id=["c"], partner_id=["a"], start=["2000-01-01"], stop=[None], kind=["married"]),
    }
    registers = born([("a", "female", "1950-01-01"), other, ("c", "male", "1950-01-01")], **facts)
    assert len(rows(registers, "person")) == 1 + stays
    if not stays:
        assert broken(registers, "person").get(TWO, 0) >= 1
        for table in ("death", "residence", "dispensing"):
            assert broken(registers, table) == {"person set aside": 1}
        assert broken(registers, "couple") == {"partner not in the person table": 1}
        assert ENGINE.collect(find_observation(registers))["person_id"].to_pylist() == [1]


def test_a_month_of_birth_contradicts_no_day_in_it(tmp_path: Path) -> None:
    by_day = PERSON_MAP.replace('"fodd"', '{ column = "fodd", date = "%Y-%m-%d", day = 15 }')
    for day, stays in (("1950-01-00", 3), ("1950-02-00", 2)):
        text = f"{PERSON}a;2;{day}\n".replace("a;2;1950-01-01", "a;2;1950-01-07")
        sources = deliver(tmp_path / "in", "tolerance = 1.0\n" + by_day, person=text)
        assert len(rows(imported(sources, tmp_path / f"store{stays}"), "person")) == stays


SOME = st.sampled_from([None, "x", "y"])
PERSONS = st.lists(
    st.tuples(st.sampled_from("pqr"), st.sampled_from(["female", "male"]), st.integers(0, 1), SOME, SOME), min_size=1
)


@settings(max_examples=examples(15), deadline=None)
@given(PERSONS)
def test_persons_are_made_of_what_their_rows_agree_on(delivered: list[tuple[Any, ...]]) -> None:
    table = arrow(
        person_id=[row[0] for row in delivered] + ["z"],
        sex=[row[1] for row in delivered] + ["male"],
        birth_date=[f"195{row[2]}-01-01" for row in delivered] + ["1950-01-01"],
    )
    for name, place in (("birth_county", 3), ("country_of_birth", 4)):
        table = table.append_column(name, pa.array([row[place] for row in delivered] + ["x"], pa.string()))
    expected = [("1950-01-01", "x", "x")]
    conflicts = {"birth_county in conflict": 0, "country_of_birth in conflict": 0}
    for who in "pqr":
        own = [row for row in delivered if row[0] == who]
        if len({row[1:3] for row in own}) != 1:
            continue
        county, country = ({row[place] for row in own} - {None} for place in (3, 4))
        conflicts["birth_county in conflict"] += len(county) > 1
        conflicts["country_of_birth in conflict"] += len(country) > 1
        agreed = [min(values) if len(values) == 1 else None for values in (county, country)]
        expected.append((f"195{own[0][2]}-01-01", *agreed))
    registers = checked(person=table)
    found = rows(registers, "person", "birth_date", "birth_county", "country_of_birth")
    assert sorted(((str(day), *rest) for day, *rest in found), key=repr) == sorted(expected, key=repr)
    counts = broken(registers, "person")
    assert {rule: counts.get(rule, 0) for rule in conflicts} == conflicts


@shows("QualityRule=in conflict", by=Evidence.OUTSIDE)
def test_parents_that_contradict_each_other_are_no_parents() -> None:
    table = arrow(
        person_id=["a", "b", "c", "c"],
        sex=["female"] * 4,
        birth_date=["1950-01-01", "1951-01-01", "1990-01-01", "1990-01-01"],
        mother_id=[None, None, "a", "b"],
    )
    registers = checked(person=table)
    assert broken(registers, "person") == {"mother_id in conflict": 1, "person_id delivered before": 1}
    assert rows(registers, "person", "mother_id") == [None] * 3


def test_rows_of_one_year_complete_each_other_and_contradict_each_other() -> None:
    table = arrow(person_id=["a", "a", "b", "b"], year=[2010] * 4, education=["long", None, "long", "short"])
    table = table.append_column("income", pa.array([None, 7, 1, 1], pa.int64()))
    registers = checked(socioeconomic=table)
    assert rows(registers, "socioeconomic", "person_id", "education", "income") == [(1, "long", 7), (2, None, 1)]
    assert broken(registers, "socioeconomic")["education in conflict"] == 1


# What is not listed or unreadable costs no more than itself


def test_a_death_on_a_known_day_stays_whatever_its_cause(tmp_path: Path) -> None:
    listed = DEATH_MAP + 'cause = { column = "orsak", values = { "C34" = "C34" } }\n'
    text = "id;dag;orsak\na;2015-01-01;C34\nb;2016-05-05;R99\n"
    registers = imported(
        deliver(tmp_path / "in", "tolerance = 1.0\n" + PERSON_MAP + listed, death=text), tmp_path / "s"
    )
    assert rows(registers, "death", "date", "cause") == [(date(2015, 1, 1), "C34"), (date(2016, 5, 5), None)]
    assert broken(registers, "death") == {"cause not among its values": 1}


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("diagnosis", {"date": "d", "system": "s", "code": "k", "source": "v", "main": "bad"}),
        ("dispensing", {"date": "d", "atc": "k", "ddd": "bad"}),
        ("dispensing", {"date": "d", "atc": "k", "packages": "bad"}),
        ("socioeconomic", {"year": "y", "income": "bad"}),
        ("registry_item", {"date": "d", "registry": "s", "name": "k", "value": "bad"}),
    ],
)
def test_an_optional_cell_that_cannot_be_read_costs_the_row_nothing_else(
    tmp_path: Path, table: str, columns: dict[str, str]
) -> None:
    mapped = "".join(f'{name} = "{column}"\n' for name, column in columns.items())
    described = DEATH_MAP.replace("death", table).replace('date = "dag"\n', mapped)
    text = "id;d;s;k;v;y;bad\na;2010-01-01;icd10;A10;inpatient;2010;??\n"
    sources = deliver(tmp_path / "in", "tolerance = 1.0\n" + PERSON_MAP + described, **{table: text})
    registers = imported(sources, tmp_path / "store")
    [name] = [name for name, column in columns.items() if column == "bad"]
    assert rows(registers, table, name) == [None]
    assert [q["action"] for q in registers.quality.to_pylist() if q["table"] == table and q["rows"]] == [
        "set to missing"
    ]


def test_a_date_that_may_be_left_out_and_cannot_be_read_is_not_taken_for_one_that_is_left_out() -> None:
    sets = pa.table({"set_id": [1, 1], "person_id": ["a", "b"], "case": [True, False], "index_date": ["2010", "x"]})
    registers = checked(matched_set=sets)
    assert broken(registers, "matched_set") == {"index_date unreadable": 2}
