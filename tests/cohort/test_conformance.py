"""Tiny nations with answers worked by hand; ``worked.py`` says what a case is. docs/sampling.md is made from them."""

from __future__ import annotations

import pytest

from riskset.cohort.audit import audit_sets
from riskset.cohort.cases import find_cases
from riskset.cohort.sampler import sample_population
from riskset.cohort.sets import sets_for
from riskset.errors import DesignError
from riskset.registers.engine import Engine
from riskset.registers.schema import TABLES
from riskset.report.catalogue import ENGLISH
from riskset.stages import cases_of
from riskset.storage.digest import digest
from tests.cohort.conformance import MARK, PAGE, SUITE, nations_of_all, page
from tests.cohort.redrawn import CASE, DRAWN, draw, shuffled, the_other_way_round
from tests.cohort.worked import Conformance, found, in_names
from tests.people import Nation, nation
from tests.reference.answer import answer
from tests.reference.cohort import Reference
from tests.shown import Evidence, shows

Made = dict[str, Nation]
every_case = pytest.mark.parametrize("case", SUITE, ids=lambda case: case.name)


@pytest.fixture(scope="module")
def made(engine: Engine) -> Made:
    return nations_of_all(engine)


@shows(
    "period.start",
    "period.stop",
    "eligibility.age",
    "eligibility.washout",
    "washout.within",
    "event.registry",
    "event.diagnosis",
    "cases.free_of",
    "population",
    "population.match=sex",
    "population.match=birth_year",
    "population.match=county",
    "population.match=history",
    "population.caliper",
    "given",
    "siblings",
    "siblings.half=true",
    "siblings.at=same age",
    "spouses",
    by=Evidence.OUTSIDE,
)
@every_case
def test_the_answer_is_the_one_worked_by_hand(case: Conformance, made: Made) -> None:
    people, study = made[case.name], case.asked()
    assert found(people, study) == case.members
    assert answer(Reference(people.rows, people.registers.starts), study, people.names) == case.members


@shows("given.match=sex", by=Evidence.OUTSIDE)
@every_case
def test_the_sets_are_those_whatever_the_order_the_identifiers_and_the_seed(
    case: Conformance, made: Made, engine: Engine
) -> None:
    """And against them the audit has what the case says, and nothing else."""
    people, study = the_other_way_round(made[case.name], engine), case.asked(seed=99)
    cases = find_cases(people.registers, study.case_definition)
    if not any(case.members.values()):
        with pytest.raises(DesignError):
            sets_for(people.registers, study.case_definition, study.controls[0], cases, seed=study.seed)
        return
    sets = sets_for(people.registers, study.case_definition, study.controls[0], cases, seed=study.seed)
    assert in_names(people, cases, sets.table.to_pylist()) == case.members
    audit = audit_sets(people.registers, study.case_definition, sets.table, study.controls[0], cases).to_pylist()
    assert {ENGLISH.check(row)[0]: row["count"] for row in audit if row["verdict"] == "violation"} == case.violations
    assert sets.attrition["remaining"].to_pylist()[-1] == len(sets.table["set_id"].unique())


def test_nations_imported_together_are_those_imported_alone(made: Made, engine: Engine) -> None:
    for kind in ("given", "siblings", "spouses"):
        case = next(case for case in SUITE if case.kind == kind)
        alone, together = case.made(engine), made[case.name]
        assert together.ids == alone.ids
        for name in alone.rows.keys() & TABLES.keys():
            assert sorted(map(repr, together.rows[name])) == sorted(map(repr, alone.rows[name]))


@shows("study.seed", by=Evidence.OUTSIDE)
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
        return digest(
            sets_for(
                people.registers,
                study.case_definition,
                study.controls[0],
                find_cases(people.registers, study.case_definition),
                seed=study.seed,
            ).table
        )

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
        cases_of(people.registers, study)


def test_every_risk_set_empty_is_an_error(engine: Engine) -> None:
    people = nation("ann f 1950-03-01 lives 1990-01-01..2030-01-01 als 2015-06-01", engine=engine)
    study = Conformance("none", "", "", {}).asked()
    with pytest.raises(DesignError, match="every risk set is empty"):
        sample_population(
            people.registers,
            study.at_risk,
            study.controls[0],
            find_cases(people.registers, study.case_definition),
            seed=study.seed,
        )
