"""Tiny nations with answers worked by hand; see ``conformance.py`` and the page made from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

import pytest

from riskset.cohort.audit import audit_sets
from riskset.cohort.cases import Cases, find_cases
from riskset.cohort.frame import find_risk_sets
from riskset.cohort.riskset import sample_population
from riskset.errors import DesignError
from riskset.registers.engine import Engine
from riskset.spec.study import Study
from tests.cohort.conformance import MARK, PAGE, SUITE, Conformance, page
from tests.people import Nation, nation
from tests.reference.cohort import Reference


@pytest.fixture(scope="module")
def made(engine: Engine) -> Callable[[Conformance], Nation]:
    """The registers of a nation, made once for all tests of the module."""

    @cache
    def once(text: str, start: date | None) -> Nation:
        return nation(text, starts={"dispensing": start} if start else {}, engine=engine)

    return lambda case: once(case.nation, case.starts)


def answer(people: Nation, study: Study, cases: Cases) -> dict[str, str]:
    """Each case's risk set, as the engine lists it, in names."""
    name = people.names
    by_id = dict(zip(*(cases.table[c].to_pylist() for c in ("case_id", "person_id")), strict=True))
    listed: dict[str, list[str]] = {name[person]: [] for person in by_id.values()}
    risk_sets = find_risk_sets(people.registers, study, study.controls[0], cases)
    for rows in risk_sets.everyone(risk_sets.case_id):
        for row in rows.to_pylist():
            listed[name[by_id[row["case_id"]]]].append(name[row["person_id"]])
    risk_sets.drop()
    return {case: " ".join(sorted(controls)) for case, controls in listed.items()}


@pytest.mark.parametrize("case", SUITE, ids=lambda case: case.name)
def test_the_engine_gives_the_answer_worked_by_hand(case: Conformance, made: Callable[[Conformance], Nation]) -> None:
    people, study = made(case), case.asked()
    cases = find_cases(people.registers, study)
    assert answer(people, study, cases) == case.eligible


@pytest.mark.parametrize("case", SUITE, ids=lambda case: case.name)
def test_the_reference_gives_it_too(case: Conformance, made: Callable[[Conformance], Nation]) -> None:
    people, study = made(case), case.asked()
    reference, name = Reference(people.rows, people.registers.starts), people.names
    found = {
        name[c.person_id]: " ".join(sorted(name[p] for p in reference.risk_set(c, study, study.controls[0])))
        for c in reference.cases(study)
    }
    assert found == case.eligible


@pytest.mark.parametrize("case", SUITE, ids=lambda case: case.name)
def test_all_eligible_are_drawn_and_the_audit_agrees(case: Conformance, made: Callable[[Conformance], Nation]) -> None:
    people, study = made(case), case.asked()
    cases = find_cases(people.registers, study)
    matched = sample_population(people.registers, study, study.controls[0], cases)
    sets: dict[int, dict[str, list[str]]] = {}
    for row in matched.table.to_pylist():
        members = sets.setdefault(row["set_id"], {"case": [], "population": []})
        members[row["relation"]].append(people.names[row["person_id"]])
    drawn = {" ".join(members["case"]): " ".join(sorted(members["population"])) for members in sets.values()}
    assert drawn == {name: eligible for name, eligible in case.eligible.items() if eligible}
    audit = audit_sets(people.registers, study, matched.table, study.controls[0], cases)
    assert "violation" not in audit["verdict"].to_pylist()
    assert matched.attrition["remaining"].to_pylist()[-1] == len(drawn)


def test_the_page_is_what_the_suite_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
    assert MARK in page()


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
