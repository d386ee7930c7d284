"""Relatives as controls: what is counted, what is refused, and deliveries of several shapes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from riskset.cohort.anchor import anchor_sets
from riskset.cohort.cases import find_cases
from riskset.cohort.sampler import MatchedSets
from riskset.cohort.sets import sets_for
from riskset.errors import DesignError, SourceError
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.report.catalogue import ENGLISH
from riskset.spec.study import Study
from tests.people import Nation, nation, read_people, unchecked_nation
from tests.shown import Evidence, shows

HOME = "lives 1990-01-01..2030-01-01"
BOTH = "mother mum father dad"
PARENTS = """
mum f 1920-05-01
dad m 1918-02-01
"""


def study(kind: str = "siblings", **controls: Any) -> Study:
    return Study.model_validate(
        {
            "name": "kin",
            "period": {"start": "2010-01-01", "stop": "2020-01-01"},
            "eligibility": {"age": [18, 110]},
            "cases": {"first": {"registry": "mnd", "diagnosis": ["ALS"]}},
            "controls": [{"kind": kind, **controls}],
        }
    )


def matched(people: Nation, asked: Study) -> MatchedSets:
    return sets_for(
        people.registers,
        asked.case_definition,
        asked.controls[0],
        find_cases(people.registers, asked.case_definition),
        seed=asked.seed,
    )


def removed(attrition: pa.Table, part: str) -> dict[str, int]:
    """Rule → how many it removes, of a part; rules that remove nobody are left out."""
    rows = [row for row in attrition.to_pylist() if ENGLISH.part(row) == part]
    return {ENGLISH.rule(row): row["removed"] for row in rows if row["removed"]}


@shows(
    "AttritionRule=born since parents are registered",
    "AttritionRule=mother and father known",
    "AttritionRule=kin",
    "AttritionRule=born by the date",
    "AttritionRule=alive on the date",
    "AttritionRule=under observation on the date",
    "AttritionRule=free of the disease through the date",
    "AttritionRule=parents of both known",
    by=Evidence.OUTSIDE,
)
def test_every_case_without_a_set_is_counted_under_one_reason(engine: Engine) -> None:
    families = "".join(
        f"""
        m{i} f 1930-01-01
        d{i} m 1930-01-01
        a{i} f 1955-01-01 {HOME} als 2015-06-0{i} mother m{i} father d{i}
        """
        for i in range(1, 8)
    )
    people = nation(
        families
        + f"""
        old f 1940-01-01 {HOME} als 2015-06-01
        lone f 1970-01-01 {HOME} als 2015-06-01
        half f 1956-01-01 {HOME} mother m1
        b2 m 1957-01-01 {HOME} mother m2 father d2 dies 2014-01-01
        c2 m 1957-01-01 lives 1990-01-01..2000-01-01 mother m2 father d2 dies 2001-01-01
        b3 m 1957-01-01 lives 1990-01-01..2000-01-01 mother m3 father d3
        c3 m 1957-01-01 {HOME} mother m3 father d3 dies 2014-01-01
        b4 m 1957-01-01 {HOME} mother m4 father d4 mnd 2012-01-01 PLS
        b5 m 1999-01-01 {HOME} mother m5 father d5
        b6 m 2016-01-01 {HOME} mother m6 father d6
        b7 m 1957-01-01 {HOME} mother m7 father d7
        """,
        engine=engine,
    )
    found = matched(people, study())
    assert removed(found.attrition, "siblings as controls") == {
        "born since the parent register begins (1955), or with a known parent": 1,
        "mother and father known": 1,
        "a full sibling in the register": 1,
        "a full sibling born by the date": 1,
        "a full sibling alive on the date": 1,
        "a full sibling under observation on the date": 1,
        "a full sibling free of the disease through the date": 1,
        "an eligible full sibling: age 18 to 110": 1,
    }
    assert removed(found.attrition, "siblings of cases") == {
        "all parents of the two known": 1,
        "born by the date": 1,
        "alive on the date": 3,
        "under observation on the date": 1,
        "free of the disease through the date": 1,
        "age 18 to 110": 1,
    }
    assert [people.names[p] for p in found.table["person_id"].to_pylist()] == ["a7", "b7"]


def test_a_stray_link_does_not_begin_the_parent_register(engine: Engine) -> None:
    """Of those born in 1940 one in eleven has a known parent, of those born in 1950 one in ten: Ann is still a case."""
    without = [f"f{i} f 1940-01-01" for i in range(9)] + [f"g{i} f 1950-01-01" for i in range(9)]
    people = nation(
        "\n".join(without)
        + f"""
        {PARENTS}
        ann f 1940-03-01 {HOME} als 2015-06-01 {BOTH}
        old f 1940-01-01 {HOME} als 2015-06-01
        bea f 1950-03-01 {HOME} {BOTH}
        lone f 1951-01-01 {HOME} als 2015-06-01
        """,
        engine=engine,
    )
    found = matched(people, study())
    assert removed(found.attrition, "siblings as controls") == {
        "born since the parent register begins (1950), or with a known parent": 1,
        "mother and father known": 1,
    }
    assert [people.names[p] for p in found.table["person_id"].to_pylist()] == ["ann", "bea"]


@shows("siblings", "spouses", by=Evidence.REFUSED)
def test_nobody_has_such_kin(engine: Engine) -> None:
    people = nation(f"ann f 1950-03-01 {HOME} als 2015-06-01", engine=engine)
    with pytest.raises(DesignError) as error:
        matched(people, study())
    assert str(error.value) == (
        "controls: no case has siblings to compare it with: none is left after the rule 'born since parents "
        "are registered'; see what the registers cover, or leave out the siblings."
    )
    with pytest.raises(DesignError, match=r"no case has spouses .* after the rule 'partner on the date'"):
        matched(people, study("spouses"))


@shows("siblings", "spouses", by=Evidence.REFUSED)
def test_registers_without_parents_or_couples(engine: Engine) -> None:
    people = nation(f"ann f 1950-03-01 {HOME} als 2015-06-01", engine=engine)
    held = people.registers
    bare = Registers(
        engine,
        {k: v for k, v in held.tables.items() if k != "couple"},
        {"person": frozenset({"sex"})},
        "",
        held.quality,
    )
    cases = find_cases(held, study().case_definition)
    with pytest.raises(SourceError, match=r"person\.mother_id: the register of persons has no mother_id"):
        sets_for(bare, study().case_definition, study().controls[0], cases, seed=0)
    with pytest.raises(SourceError, match="no table 'couple'"):
        sets_for(bare, study("spouses").case_definition, study("spouses").controls[0], cases, seed=0)


@pytest.mark.parametrize("whose", [["ann"], ["bo"], ["ann", "bo"]])
def test_either_persons_row_of_a_couple_is_enough(whose: list[str], engine: Engine) -> None:
    rows = read_people(f"ann f 1950-03-01 {HOME} als 2015-06-01 with bo 1980-01-01..2030-01-01\nbo m 1949-01-01 {HOME}")
    rows["couple"] = [row for row in rows["couple"] if row["person_id"] in whose]
    found = matched(unchecked_nation(rows, engine=engine), study("spouses")).table
    assert found["relation"].to_pylist() == ["case", "spouse"]


def test_rows_of_the_two_that_differ_in_their_dates_are_one_couple(engine: Engine) -> None:
    rows = read_people(f"ann f 1950-03-01 {HOME} als 2015-06-01 with bo 1980-01-01..2030-01-01\nbo m 1949-01-01 {HOME}")
    rows["couple"][1]["start"] = date(1981, 1, 1)
    assert len(matched(unchecked_nation(rows, engine=engine), study("spouses")).table) == 2


def test_two_partners_at_once_are_counted_and_nobody_is_taken(engine: Engine) -> None:
    people = nation(
        f"""
        ann f 1950-03-01 {HOME} als 2015-06-01 with bo 1980-01-01..2030-01-01
        bo m 1949-01-01 {HOME}
        carl m 1949-01-01 {HOME} with ann 1990-01-01..2030-01-01
        deb f 1950-03-01 {HOME} als 2015-06-01 with ed 1980-01-01..2030-01-01
        ed m 1949-01-01 {HOME}
        """,
        engine=engine,
    )
    found = matched(people, study("spouses"))
    assert removed(found.attrition, "spouses as controls") == {"no two partners at once": 1}
    assert removed(found.attrition, "spouses of cases") == {"no two partners at once": 2}


def test_a_partner_with_two_partners_at_once_is_counted_and_not_taken(engine: Engine) -> None:
    people = nation(
        f"""
        ann f 1950-03-01 {HOME} als 2015-06-01 with bo 1980-01-01..2030-01-01
        bo m 1949-01-01 {HOME}
        carl m 1949-01-01 {HOME} with bo 1990-01-01..2030-01-01
        deb f 1950-03-01 {HOME} als 2015-06-01 with ed 1980-01-01..2030-01-01
        ed m 1949-01-01 {HOME}
        """,
        engine=engine,
    )
    found = matched(people, study("spouses"))
    assert removed(found.attrition, "spouses as controls") == {"no two partners at once": 1}
    assert removed(found.attrition, "spouses of cases") == {"no two partners at once": 1}
    assert [people.names[p] for p in found.table["person_id"].to_pylist()] == ["deb", "ed"]


def test_the_digest_is_of_all_relatives_found(engine: Engine) -> None:
    base = f"{PARENTS}ann f 1950-03-01 {HOME} als 2015-06-01 {BOTH}\nbob m 1957-09-09 {HOME} {BOTH}"
    one, again, more = (
        matched(nation(text, engine=engine), study())
        for text in (base, "\n".join(reversed(base.splitlines())), f"{base}\neve f 1948-01-01 {BOTH}")
    )
    assert one.frame_digest == again.frame_digest != more.frame_digest
    assert len(one.table) == len(more.table) == 2


@shows("study.anchor=onset", by=Evidence.OUTSIDE)
def test_at_the_onset_a_sibling_of_the_same_age_has_an_anchor_as_long_before_its_date(engine: Engine) -> None:
    people = nation(
        f"{PARENTS}ann f 1950-03-01 {HOME} als 2015-06-01 {BOTH}\neve f 1948-01-01 {HOME} {BOTH}", engine=engine
    )
    asked = study(at="same age").model_copy(update={"anchor": "onset"})
    rows = people.registers.tables["registry_item"]
    ann = {"person_id": people.ids["ann"], "registry": "mnd", "date": date(2014, 6, 1), "name": "onset_date"}
    schema = rows.schema().to_pyarrow()
    onset = pa.Table.from_pylist([{name: ann.get(name) for name in schema.names}], schema=schema)
    tables = {**people.registers.tables, "registry_item": engine.load("with_onset", onset)}
    sets = matched(people, asked).table
    registers = Registers(engine, tables, people.registers.delivered, "", people.registers.quality)
    anchored, lost = anchor_sets(registers, sets, asked.anchor, asked.quality_register)
    assert anchored["anchor_date"].to_pylist() == [date(2014, 6, 1), date(2012, 4, 2)]
    assert anchored["index_date"].to_pylist() == [date(2015, 6, 1), date(2013, 4, 2)]
    assert lost["remaining"].to_pylist() == [1, 1]
