"""Tiny nations with answers worked by hand; ``worked.py`` says what a case is. docs/sampling.md is made from them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

import pytest

from riskset.cohort.audit import audit_sets
from riskset.cohort.cases import find_cases
from riskset.cohort.riskset import sample_population
from riskset.cohort.sets import sets_for
from riskset.errors import DesignError
from riskset.registers.engine import Engine
from riskset.results.digest import digest
from tests.cohort.conformance import MARK, PAGE, SUITE, page
from tests.cohort.redrawn import CASE, DRAWN, draw, named_back, other_names, relabelled, shuffled
from tests.cohort.worked import Conformance, found, in_names
from tests.people import Nation, nation
from tests.reference.answer import answer
from tests.reference.cohort import Reference

Made = Callable[[Conformance], Nation]
every_case = pytest.mark.parametrize("case", SUITE, ids=lambda case: case.name)


@pytest.fixture(scope="module")
def made(engine: Engine) -> Made:
    """The registers of a nation, made once for all tests of the module."""

    @cache
    def once(text: str, start: date | None) -> Nation:
        return nation(text, starts={"dispensing": start} if start else {}, engine=engine)

    return lambda case: once(case.nation, case.starts)


@every_case
def test_the_engine_gives_the_answer_worked_by_hand(case: Conformance, made: Made) -> None:
    assert found(made(case), case.asked()) == case.members


@every_case
def test_the_reference_gives_it_too(case: Conformance, made: Made) -> None:
    people = made(case)
    assert answer(Reference(people.rows, people.registers.starts), case.asked(), people.names) == case.members


@every_case
def test_the_sets_are_those_and_the_audit_agrees(case: Conformance, made: Made) -> None:
    people, study = made(case), case.asked()
    cases = find_cases(people.registers, study)
    if not any(case.members.values()):
        with pytest.raises(DesignError):
            sets_for(people.registers, study, study.controls[0], cases)
        return
    sets = sets_for(people.registers, study, study.controls[0], cases)
    assert in_names(people, cases, sets.table.to_pylist()) == case.members
    audit = audit_sets(people.registers, study, sets.table, study.controls[0], cases).to_pylist()
    assert {row["check"]: row["count"] for row in audit if row["verdict"] == "violation"} == case.violations
    assert sets.attrition["remaining"].to_pylist()[-1] == len(sets.table["set_id"].unique())


@every_case
def test_the_order_of_rows_the_identifiers_and_the_seed_do_not_matter(case: Conformance, engine: Engine) -> None:
    renamed = other_names(line.split()[0] for line in case.nation.splitlines())
    starts = {"dispensing": case.starts} if case.starts else {}
    people = nation(relabelled(shuffled(case.nation), renamed), starts=starts, engine=engine)
    assert named_back(found(people, case.asked(seed=99)), renamed) == named_back(case.members, {})


@pytest.mark.parametrize("how", DRAWN)
def test_drawn_again(how: str, engine: Engine) -> None:
    risk_set, drawn = draw(how, engine)
    assert risk_set == CASE.members
    assert drawn == {"ann": DRAWN[how]}
    assert set(drawn["ann"].split()) <= set(risk_set["ann"].split())


def test_what_a_draw_depends_on() -> None:
    as_it_is = DRAWN["as it is"]
    assert DRAWN["row order shuffled"] == as_it_is
    assert DRAWN["seed changed"] != as_it_is != DRAWN["ids re-labelled"]
    assert {len(names.split()) for names in DRAWN.values()} == {3}


def test_the_digest_of_the_sets_is_that_of_shuffled_rows(engine: Engine) -> None:
    def made(text: str) -> str:
        people, study = nation(text, engine=engine), CASE.asked()
        return digest(sets_for(people.registers, study, study.controls[0], find_cases(people.registers, study)).table)

    assert made(CASE.nation) == made(shuffled(CASE.nation))


def test_the_page_is_what_the_suite_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
    assert MARK in page()


def test_names_of_cases_are_their_own() -> None:
    assert len({case.name for case in SUITE}) == len(SUITE)


def test_no_case_at_all_names_the_rule(engine: Engine) -> None:
    people = nation("ann f 1950-03-01 lives 1990-01-01..2030-01-01 als 2015-06-01", engine=engine)
    study = Conformance("none", "", "", {}, {"eligibility": {"age": [90, 95]}}).asked()
    with pytest.raises(DesignError, match="after the rule 'age 90 to 95'"):
        find_cases(people.registers, study)


def test_every_risk_set_empty_is_an_error(engine: Engine) -> None:
    people = nation("ann f 1950-03-01 lives 1990-01-01..2030-01-01 als 2015-06-01", engine=engine)
    study = Conformance("none", "", "", {}).asked()
    with pytest.raises(DesignError, match="every risk set is empty"):
        sample_population(people.registers, study, study.controls[0], find_cases(people.registers, study))
