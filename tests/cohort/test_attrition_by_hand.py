"""Each rule of attrition on a few people, with how many it removes and leaves counted by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from riskset.cohort.anchor import anchor_sets
from riskset.cohort.cases import find_cases
from riskset.cohort.sets import sets_for
from riskset.registers.engine import Engine
from riskset.results.set_vocabulary import AttritionPart, AttritionRule
from riskset.spec.study import Study
from tests.cohort.test_relatives import BOTH, HOME, PARENTS
from tests.people import Nation, nation
from tests.shown import Evidence, shows

R = AttritionRule
ALS = {"registry": "mnd", "diagnosis": ["ALS"]}


def asked(kind: str, *, eligibility: dict[str, Any] | None = None, **controls: Any) -> Study:
    return Study.model_validate(
        {
            "name": "by hand",
            "period": {"start": "2006-01-01", "stop": "2020-01-01"},
            "cases": {"first": ALS},
            "eligibility": {"age": [18, 110], **(eligibility or {})},
            "controls": [{"kind": kind, **controls}],
        }
    )


def steps(table: pa.Table, part: AttritionPart) -> list[tuple[AttritionRule, int, int]]:
    """Rule, removed and remaining, of a part."""
    rows = [row for row in table.to_pylist() if row["part"] == part]
    assert [row["step"] for row in rows] == list(range(len(rows)))
    return [(AttritionRule(row["rule"]), row["removed"], row["remaining"]) for row in rows]


def attrition_of(people: Nation, study: Study) -> pa.Table:
    cases = find_cases(people.registers, study.case_definition)
    return sets_for(people.registers, study.case_definition, study.controls[0], cases, seed=study.seed).attrition


@shows(
    "AttritionRule=event",
    "AttritionRule=first event in the period",
    "AttritionRule=under observation",
    "AttritionRule=age",
    "AttritionRule=residence",
    "AttritionRule=run-in",
    "AttritionRule=history",
    "AttritionRule=washout",
    by=Evidence.OUTSIDE,
)
def test_each_rule_of_eligibility_removes_its_own_case(engine: Engine) -> None:
    people = nation(
        f"""
        ok     f 1950-03-01 {HOME} als 2015-06-01
        before f 1950-03-01 {HOME} als 2005-06-01
        gone   f 1950-03-01 lives 1990-01-01..2010-01-01 als 2015-06-01
        young  f 2000-03-01 lives 2000-03-01..2030-01-01 als 2015-06-01
        fresh  f 1950-03-01 lives 2014-01-01..2030-01-01 als 2015-06-01
        early  f 1950-03-01 {HOME} als 2006-12-31                        # 18 months after 2005-07-01 are 2007-01-01
        short  f 1950-03-01 lives 2013-01-01..2030-01-01 als 2015-06-01
        washed f 1950-03-01 {HOME} als 2015-06-01 mnd 2014-06-02 PLS
        long   f 1950-03-01 {HOME} als 2015-06-01 mnd 2012-06-01 PLS
        """,
        engine=engine,
        starts={"dispensing": date(2005, 7, 1)},
    )
    washout = {"event": {"registry": "mnd", "diagnosis": ["PLS"]}, "within": "1y"}
    rules = {"min_residence": "2y", "run_in": "18m", "min_history": "3y", "washout": [washout]}
    cases = find_cases(people.registers, asked("population", eligibility=rules).case_definition)
    assert steps(cases.attrition, AttritionPart.CASES) == [
        (R.EVENT, 0, 9),
        (R.FIRST_IN_PERIOD, 1, 8),
        (R.OBSERVED, 1, 7),
        (R.AGE, 1, 6),
        (R.RESIDENCE, 1, 5),
        (R.RUN_IN, 1, 4),
        (R.HISTORY, 1, 3),
        (R.WASHOUT, 1, 2),
    ]
    assert {people.names[p] for p in cases.table["person_id"].to_pylist()} == {"ok", "long"}


@shows(
    "AttritionRule=cases",
    "AttritionRule=matching keys known",
    "AttritionRule=at least one eligible control",
    by=Evidence.OUTSIDE,
)
def test_a_case_without_its_keys_or_without_anybody_like_it_has_no_set(engine: Engine) -> None:
    people = nation(
        f"""
        ann f 1950-03-01 {HOME} Visby als 2015-06-01
        bea f 1950-03-01 {HOME} als 2015-06-01
        fia m 1950-03-01 {HOME} Visby als 2015-06-01
        gun f 1950-03-01 {HOME} Visby
        """,
        engine=engine,
    )
    study = asked("population", match=["sex", "county"])
    assert steps(attrition_of(people, study), AttritionPart.CONTROLS) == [
        (R.CASES, 0, 3),
        (R.KEYS_KNOWN, 1, 2),
        (R.ELIGIBLE_CONTROL, 1, 1),
    ]


@shows(
    "AttritionRule=sharing a known parent with a case",
    "AttritionRule=of that age within the period",
    by=Evidence.OUTSIDE,
)
def test_siblings_at_the_same_age_are_compared_within_the_period(engine: Engine) -> None:
    people = nation(
        f"""{PARENTS}
        ann  f 1950-03-01 {HOME} als 2015-06-01 {BOTH}
        eve  f 1952-03-01 {HOME} {BOTH}                # as old in 2017
        old  f 1938-03-01 {HOME} {BOTH}                # in 2003, before the period
        late f 1956-03-01 {HOME} {BOTH}                # in 2021, after it
        half f 1951-03-01 {HOME} mother mum            # whose father is not known
        none f 1951-03-01 {HOME}
        """,
        engine=engine,
    )
    table = attrition_of(people, asked("siblings", at="same age"))
    # The run-in has no effect where the start of the dispensing register is not stated.
    left = [(rule, 0, 1) for rule in (R.ALIVE, R.OBSERVED_ON_DATE, R.FREE_OF_DISEASE, R.AGE, R.RUN_IN)]
    assert steps(table, AttritionPart.RELATIVES) == [
        (R.SHARED_PARENT, 0, 4),
        (R.PARENTS_OF_BOTH, 1, 3),
        (R.KIN, 0, 3),
        (R.OF_AGE_IN_PERIOD, 2, 1),
        *left,
    ]
    assert steps(table, AttritionPart.CASES_WITH_RELATIVES) == [
        (R.CASES, 0, 1),
        (R.BORN_SINCE_PARENTS, 0, 1),
        (R.PARENTS, 0, 1),
        (R.KIN, 0, 1),
        (R.OF_AGE_IN_PERIOD, 0, 1),
        *left,
    ]


@shows("AttritionRule=partner on the date", "AttritionRule=no two partners at once", by=Evidence.OUTSIDE)
def test_a_case_needs_one_partner_on_the_date(engine: Engine) -> None:
    people = nation(
        f"""
        ann f 1950-03-01 {HOME} als 2015-06-01 with bo 1980-01-01..2030-01-01
        bo  m 1949-01-01 {HOME}
        deb f 1950-03-01 {HOME} als 2015-06-01 with ed 1980-01-01..2000-01-01
        ed  m 1949-01-01 {HOME}
        eva f 1950-03-01 {HOME} als 2015-06-01 with fred 1980-01-01..2030-01-01
        fred m 1949-01-01 {HOME} with gun 1990-01-01..2030-01-01
        gun f 1950-03-01 {HOME}
        """,
        engine=engine,
    )
    table = attrition_of(people, asked("spouses"))
    assert steps(table, AttritionPart.RELATIVES)[:2] == [(R.PARTNER, 0, 2), (R.ONE_PARTNER, 1, 1)]
    assert steps(table, AttritionPart.CASES_WITH_RELATIVES)[:3] == [
        (R.CASES, 0, 3),
        (R.PARTNER, 1, 2),
        (R.ONE_PARTNER, 1, 1),
    ]


@shows("AttritionRule=sets", "AttritionRule=onset of the case known", by=Evidence.OUTSIDE)
def test_sets_whose_case_has_no_onset_by_its_date_are_left_out(engine: Engine) -> None:
    people = nation(
        f"""
        known f 1950-01-01 {HOME} als 2015-06-01 onset 2015-05-02
        no    f 1950-01-01 {HOME} als 2015-06-01
        later f 1950-01-01 {HOME} als 2015-06-01 onset 2015-06-02
        gun   f 1950-01-01 {HOME}
        """,
        engine=engine,
    )
    study = asked("population", match=[]).model_copy(update={"anchor": "onset"})
    cases = find_cases(people.registers, study.case_definition)
    sets = sets_for(people.registers, study.case_definition, study.controls[0], cases, seed=study.seed).table
    _, lost = anchor_sets(people.registers, sets, study.anchor, study.quality_register)
    assert steps(lost, AttritionPart.ANCHORED) == [(R.SETS, 0, 3), (R.ONSET_OF_CASE, 2, 1)]
