"""The audit finds every fault that is put into good sets, and nothing else, whatever the controls' kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from riskset.cohort.audit import audit_sets, estimand, refuse_violations
from riskset.cohort.cases import CaseList, find_cases
from riskset.cohort.eligibility import arguments_of
from riskset.cohort.sampler import sample_population
from riskset.cohort.sets import sets_for
from riskset.errors import DesignError, SourceError, SpecError
from riskset.registers.engine import Engine
from riskset.report.catalogue import ENGLISH
from riskset.results.set_vocabulary import AttritionRule, AuditCheck, Verdict
from riskset.results.tables import AUDIT
from riskset.spec.design import (
    Controls,
    Eligibility,
    GivenControls,
    PopulationControls,
    SiblingControls,
    SpouseControls,
)
from riskset.spec.study import Study
from riskset.spec.time import Duration
from tests.people import Nation, nation
from tests.shown import Evidence, shows

WASHOUT = "washout: no F32 within 1 year before"
DAY, LATER = date(2015, 6, 1), date(2016, 6, 2)

Row = tuple[int, str, bool, date]
Found = dict[str, tuple[int, str]]
Audited = Callable[..., Found]


def asked(*controls: dict[str, Any], **more: Any) -> Study:
    return Study.model_validate(
        {
            "name": "audited",
            "period": {"start": "2015-01-01", "stop": "2017-01-01"},
            "cases": {"first": {"registry": "mnd", "diagnosis": ["ALS"]}},
            "eligibility": {
                "age": [18, 110],
                "min_residence": "1y",
                "washout": [{"event": {"icd10": ["F32"]}, "within": "1y"}],
            },
            "controls": list(controls),
            **more,
        }
    )


def table(people: Nation, sets: Sequence[Row]) -> pa.Table:
    return pa.table(
        {
            "set_id": [s for s, _, _, _ in sets],
            "person_id": [people.ids[name] for _, name, _, _ in sets],
            "case": [case for _, _, case, _ in sets],
            "index_date": [day for _, _, _, day in sets],
        }
    )


def found_in(people: Nation, study: Study, sets: Sequence[Row], controls: Controls) -> Found:
    """What is not right: check → (count, verdict)."""
    audit = audit_sets(people.registers, study.case_definition, table(people, sets), controls, cases_of(people, study))
    assert audit.schema == AUDIT
    assert set(audit["comparison"].to_pylist()) == {controls.comparison}
    assert all(row["count"] <= row["of"] for row in audit.to_pylist())
    wrong = [row for row in audit.to_pylist() if row["verdict"] != Verdict.PASS]
    return {ENGLISH.check(row)[0]: (row["count"], row["verdict"]) for row in wrong}


CASES: dict[str, CaseList] = {}


def cases_of(people: Nation, study: Study) -> CaseList:
    """The cases of a study, found once: nothing that is changed in its sets changes them."""
    key = f"{people.registers.fingerprint} {study.fingerprint}"
    if key not in CASES:
        CASES[key] = find_cases(people.registers, study.case_definition)
    return CASES[key]


def violations(found: Found) -> dict[str, int]:
    return {check: count for check, (count, verdict) in found.items() if verdict == "violation"}


@dataclass(frozen=True)
class Fault:
    """One thing changed in good sets, and which checks it breaks how often.

    Attributes
    ----------
    change : takes the good rows, gives the broken ones
    breaks : check → count
    """

    what: str
    change: Callable[[list[Row]], list[Row]]
    breaks: dict[str, int]


def instead(row: Row, other: Row) -> Callable[[list[Row]], list[Row]]:
    """One row replaced."""
    return lambda rows: [other if one == row else one for one in rows]


def added(*more: Row) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [*rows, *more]


def gone(row: Row) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [one for one in rows if one != row]


HOME = "lives 1990-01-01..2030-01-01 Visby"
PEOPLE = f"""
ann f 1950-03-01 {HOME} als 2015-06-01
bea f 1950-03-01 {HOME} als 2016-06-02
cia f 1950-03-01 {HOME}
dea f 1950-03-01 {HOME}
eva f 1950-03-01 lives 2015-06-02..2030-01-01 Visby
bob m 1950-03-01 {HOME}
old f 1949-03-01 {HOME}
umi f 1950-03-01 lives 1990-01-01..2015-06-01 Visby lives 2015-06-01..2030-01-01 Umeå
fin f 1950-03-01 {HOME} born-in Finland
ill f 1950-03-01 {HOME} mnd 2015-06-01 PLS
new f 1950-03-01 lives 2015-01-01..2030-01-01 Visby
mid f 1950-03-01 lives 2011-01-01..2030-01-01 Visby
was f 1950-03-01 {HOME} diagnosis F32 2015-05-31
kid f 2010-03-01 lives 2010-03-01..2030-01-01 Visby
"""
"""Of a case on 1 June 2015 and one on 2 June 2016; everyone but ``fin`` was born in no known country."""

KEYS = {"ratio": 3, "match": ["sex", "birth_year", "county"]}
STUDY = asked({"kind": "population"} | KEYS)
CONTROLS = STUDY.controls[0]
GOOD: list[Row] = [
    (1, "ann", True, DAY), (1, "bea", False, DAY), (1, "cia", False, DAY), (1, "dea", False, DAY),
    (2, "bea", True, LATER), (2, "cia", False, LATER), (2, "dea", False, LATER), (2, "eva", False, LATER),
]  # fmt: skip
DEA = GOOD[3]


@pytest.fixture(scope="module")
def people(engine: Engine) -> Nation:
    return nation(PEOPLE, engine=engine, starts={"dispensing": date(2013, 12, 1)})


@pytest.fixture(scope="module")
def audited(people: Nation) -> Audited:
    def run(sets: Sequence[Row], controls: Controls = CONTROLS, **change: Any) -> Found:
        return found_in(people, STUDY, sets, controls.model_copy(update=change))

    return run


KINDS = {"population": CONTROLS, "given": GivenControls(**KEYS)}
either_kind = pytest.mark.parametrize("kind", KINDS)


@either_kind
def test_good_sets_have_notes_only(audited: Audited, kind: str) -> None:
    notes = {"future case as control": (1, "note"), "control in several sets": (2, "note")}
    assert audited(GOOD, KINDS[kind]) == notes


FAULTS = [
    # who is not there has no county either
    Fault("arrived later", instead(DEA, (1, "eva", False, DAY)), {"not under observation": 1, "county differs": 1}),
    Fault("of the other sex", instead(DEA, (1, "bob", False, DAY)), {"sex differs": 1}),
    Fault("born in another year", instead(DEA, (1, "old", False, DAY)), {"birth year differs": 1}),
    Fault("moved on the day", instead(DEA, (1, "umi", False, DAY)), {"county differs": 1}),
    Fault("ill on the day", instead(DEA, (1, "ill", False, DAY)), {"control with the disease": 1}),
    Fault("too short a residence", instead(DEA, (1, "new", False, DAY)), {"history": 1}),
    Fault("washed out", instead(DEA, (1, "was", False, DAY)), {WASHOUT: 1}),
    Fault("a child", instead(DEA, (1, "kid", False, DAY)), {"age": 1, "birth year differs": 1}),
    Fault("drawn twice", instead(DEA, GOOD[2]), {"person twice in a set": 1}),
    Fault(
        "drawn three times",
        lambda rows: [*rows[:2], *[rows[2]] * 3, *rows[4:]],
        {"person twice in a set": 2, "set too large": 1},
    ),
    Fault(
        "the case itself",
        instead(DEA, (1, "ann", False, DAY)),
        {"case as its own control": 1, "control with the disease": 1},
    ),
    Fault("no case", gone(GOOD[0]), {"set without a case": 1}),
    Fault(
        "another case",
        instead(DEA, (1, "dea", True, DAY)),
        {"several cases in a set": 1, "not a case of the study": 1},
    ),
    Fault("another day", instead(DEA, (1, "dea", False, LATER)), {"several dates in a set": 1}),
    Fault("one too many", added((1, "mid", False, DAY)), {"set too large": 1}),
    Fault("the set once more", added(*((3, *row[1:]) for row in GOOD[:4])), {"case in several sets": 1}),
    Fault(
        "the wrong day",
        lambda rows: [(s, n, c, date(2015, 6, 2) if s == 1 else d) for s, n, c, d in rows],
        {"not a case of the study": 1},
    ),
    Fault(
        "before the run-in",
        lambda rows: [(s, n, c, date(2015, 5, 1)) for s, n, c, _ in rows[:4]],
        {"run-in": 4, "not a case of the study": 1},
    ),
]  # fmt: skip


@shows(
    "given",
    "given.ratio",
    "given.match=sex",
    "given.match=birth_year",
    "given.match=county",
    "eligibility.age",
    "eligibility.min_residence",
    "eligibility.run_in",
    "AuditCheck=not under observation",
    "AuditCheck=age",
    "AuditCheck=run-in",
    "AuditCheck=history",
    "AuditCheck=washout",
    "AuditCheck=control with the disease",
    "AuditCheck=matching key differs",
    "AuditCheck=set without a case",
    "AuditCheck=several cases in a set",
    "AuditCheck=case in several sets",
    "AuditCheck=several dates in a set",
    "AuditCheck=person twice in a set",
    "AuditCheck=case as its own control",
    "AuditCheck=set too large",
    "AuditCheck=not a case of the study",
    by=Evidence.OUTSIDE,
)
@either_kind
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_one_fault_is_found_and_nothing_else(audited: Audited, kind: str, fault: Fault) -> None:
    assert violations(audited(fault.change(list(GOOD)), KINDS[kind])) == fault.breaks


EVENTS: list[dict[str, Any]] = [
    {"icd10": ["F32"]},
    {"icd10": ["F32"], "source": ["inpatient"]},
    {"icd10": ["F32"], "source": ["outpatient"]},
    {"icd10": ["F32"], "main": True},
    {"icd10": ["F32"], "main": False},
    {"icd10": ["F32"], "record": 2},
    {"icd10": ["N05"]},
    {"atc": ["N05"]},
    {"death": True},
    {"death": True, "cause": ["F32"]},
    {"registry": "mnd"},
    {"registry": "mnd", "diagnosis": ["ALS"]},
    {"registry": "F32"},
]
"""Events of which some have their codes alike."""


def test_no_two_washouts_are_named_alike() -> None:
    each = [{"event": event} | within for event in EVENTS for within in ({}, {"within": "1y"})]
    rules = [arguments_of(washout) for washout in Eligibility(washout=each).washout]
    assert len(set(rules)) == len(each)
    words = [ENGLISH.criterion(AttritionRule.WASHOUT, rule) for rule in rules]
    assert len(set(words)) == len(each), words
    assert "washout: no dispensing of N05 within 1 year before" in words
    assert "washout: no secondary F32 ever before" in words
    assert "washout: no death ever before" in words
    assert "washout: no ALS in mnd ever before" in words


def test_washouts_of_the_same_codes_are_counted_each(people: Nation) -> None:
    washouts = [{"event": event, "within": "1y"} for event in EVENTS if event.get("icd10") == ["F32"]]
    study = asked({"kind": "population"} | KEYS, eligibility={"washout": washouts})
    cases = find_cases(people.registers, study.case_definition)
    washed = instead(DEA, (1, "was", False, DAY))(GOOD)
    audit = audit_sets(people.registers, study.case_definition, table(people, washed), CONTROLS, cases)
    of_washouts = [row for row in audit.to_pylist() if row["check"] == AuditCheck.WASHOUT]
    assert len({row["subject"] for row in of_washouts}) == len(of_washouts) == len(washouts) == 6
    assert of_washouts[0]["count"] == 1
    counted = [row["arguments"] for row in cases.attrition.to_pylist() if row["rule"] == AttritionRule.WASHOUT]
    assert len(set(counted)) == len(washouts)


@shows("eligibility.washout", by=Evidence.REFUSED)
def test_a_washout_given_twice_is_refused() -> None:
    once = {"event": {"icd10": ["F32"]}, "within": "1y"}
    with pytest.raises(SpecError, match=r"Eligibility washout\[2\]: the same washout is there twice; leave one"):
        Eligibility(washout=[once, {"event": {"icd10": ["F33"]}}, once])


@shows("given.match=country_of_birth", "given.match=history", "given.caliper", "given.history_cap", by=Evidence.OUTSIDE)
@shows("AuditCheck=birth date beyond the caliper", by=Evidence.OUTSIDE)
@either_kind
def test_country_caliper_and_history_are_held_to(audited: Audited, kind: str) -> None:
    controls = KINDS[kind]
    with_old, with_mid = instead(DEA, (1, "old", False, DAY))(GOOD), instead(DEA, (1, "mid", False, DAY))(GOOD)
    country = {"match": ("sex", "country_of_birth")}
    # nobody's country is known but one person's, and an unknown one is not shared
    assert violations(audited(GOOD, controls, **country)) == {"country of birth differs": 6}
    year, month = Duration(1, "y"), Duration(11, "m")
    assert violations(audited(with_old, controls, match=("sex",), caliper=year)) == {}
    assert violations(audited(with_old, controls, match=("sex",), caliper=month)) == {
        "birth date beyond the caliper": 1
    }
    history = {"match": ("sex", "history")}
    assert violations(audited(with_mid[:4], controls, **history)) == {"history differs": 1}
    assert violations(audited(with_mid[:4], controls, history_cap=Duration(4, "y"), **history)) == {}


@shows(
    "AuditCheck=future case as control",
    "AuditCheck=short set",
    "AuditCheck=case without a set",
    "AuditCheck=set without a control",
    by=Evidence.OUTSIDE,
)
@either_kind
def test_what_is_noted(audited: Audited, kind: str) -> None:
    assert audited(GOOD[:3], KINDS[kind]) == {
        "future case as control": (1, "note"),
        "short set": (1, "note"),
        "case without a set": (1, "note"),
    }
    assert audited(GOOD[:5], KINDS[kind])["set without a control"] == (1, "note")


@shows("given.replacement=false", "AuditCheck=control in several sets", by=Evidence.OUTSIDE)
@either_kind
def test_reuse_breaks_a_design_without_replacement(audited: Audited, kind: str) -> None:
    assert audited(GOOD, KINDS[kind], replacement=False)["control in several sets"] == (2, "violation")


@shows("given.ratio", by=Evidence.OUTSIDE)
def test_given_sets_of_any_size_are_neither_short_nor_too_large(audited: Audited) -> None:
    found = audited([*GOOD, (2, "mid", False, LATER)], KINDS["given"], ratio=None)
    assert not {"short set", "set too large"} & set(found)


@pytest.mark.parametrize("column", ["set_id", "person_id", "case", "index_date"])
def test_a_missing_column_is_named(people: Nation, column: str) -> None:
    sets = table(people, GOOD).drop_columns([column])
    with pytest.raises(SourceError, match=column):
        audit_sets(people.registers, STUDY.case_definition, sets, CONTROLS)


FAMILY = f"""
ann f 1950-03-01 {HOME} mother mia father leo als 2015-06-01 with bo 1990-01-01..2030-01-01
bea f 1952-03-01 {HOME} mother mia father leo als 2016-06-02 with cy 1990-01-01..2016-06-03
cia f 1954-03-01 {HOME} mother mia father leo
dan m 1956-03-01 {HOME} mother mia father leo
hal m 1958-03-01 {HOME} mother mia father max
ida f 1960-03-01 {HOME} mother mia
ted m 1948-03-01 lives 1990-01-01..2013-06-01 mother mia father leo
eli f 1950-03-01 {HOME} mother una father ugo
bo  m 1950-03-01 {HOME}
cy  m 1950-03-01 {HOME} with eli 2016-06-03..2030-01-01
mia f 1920-01-01
leo m 1920-01-01
max m 1920-01-01
una f 1920-01-01
ugo m 1920-01-01
"""
"""Ann, Bea, Cia and Dan are full siblings, as is Ted, who emigrated in 2013; Hal is a half-sibling; Ida's father is
not known; Eli is of another family. Bo is Ann's husband; Cy was Bea's until 2 June 2016, and Eli's from the day after.
"""


@pytest.fixture(scope="module")
def family(engine: Engine) -> Nation:
    return nation(FAMILY, engine=engine)


SIBLINGS: list[Row] = [
    (1, "ann", True, DAY), (1, "bea", False, DAY), (1, "cia", False, DAY), (1, "dan", False, DAY),
    (2, "bea", True, LATER), (2, "cia", False, LATER), (2, "dan", False, LATER),
]  # fmt: skip
CIA, DAN = SIBLINGS[2:4]
LEFT_OUT = {"full sibling left out": 1}

OF_SIBLINGS = [
    Fault("not related", instead(DAN, (1, "eli", False, DAY)), {"not a full sibling": 1, **LEFT_OUT}),
    Fault("a half-sibling", added((1, "hal", False, DAY)), {"not a full sibling": 1}),
    Fault("of an unknown father", added((1, "ida", False, DAY)), {"not a full sibling": 1}),
    Fault("a sibling left out", gone(DAN), LEFT_OUT),
    Fault("a whole set left out", lambda rows: rows[:4], {"full sibling left out": 2}),
    Fault("emigrated", added((1, "ted", False, DAY)), {"not under observation": 1}),
    Fault("drawn twice", added(DAN), {"person twice in a set": 1}),
    Fault(
        "already a case",
        added((2, "ann", False, LATER)),
        {"control with the disease": 1},
    ),
    Fault("no case", gone(SIBLINGS[4]), {"set without a case": 1, "full sibling left out": 2}),
    Fault("another day", instead(DAN, (1, "dan", False, LATER)), {"several dates in a set": 1}),
    Fault("the set once more", added(*((3, *row[1:]) for row in SIBLINGS[:4])), {"case in several sets": 1}),
]  # fmt: skip


def test_sets_of_siblings_as_they_are_found_pass(family: Nation) -> None:
    study = asked({"kind": "siblings"}, {"kind": "spouses"})
    for controls, sets in zip(study.controls, (SIBLINGS, COUPLES), strict=True):
        made = sets_for(
            family.registers,
            study.case_definition,
            controls,
            find_cases(family.registers, study.case_definition),
            seed=study.seed,
        ).table
        rows = made.select(["set_id", "person_id", "case", "index_date"]).to_pylist()
        assert sorted(map(str, rows)) == sorted(map(str, table(family, sets).to_pylist()))
        assert violations(found_in(family, study, sets, controls)) == {}


@shows("AuditCheck=not such a relative", "AuditCheck=relative left out", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("fault", OF_SIBLINGS, ids=lambda fault: fault.what)
def test_one_fault_in_sets_of_siblings(family: Nation, fault: Fault) -> None:
    study = asked({"kind": "siblings"})
    assert violations(found_in(family, study, fault.change(list(SIBLINGS)), study.controls[0])) == fault.breaks


def test_half_siblings_when_they_are_meant(family: Nation) -> None:
    study = asked({"kind": "siblings", "half": True})
    with_half = [*SIBLINGS, (1, "hal", False, DAY), (2, "hal", False, LATER)]
    assert violations(found_in(family, study, with_half, study.controls[0])) == {}
    assert violations(found_in(family, study, SIBLINGS, study.controls[0])) == {"full or half-sibling left out": 2}
    only = asked({"kind": "siblings", "half": "only"})
    assert violations(found_in(family, only, with_half, only.controls[0])) == {"not a half-sibling": 5}


def aged(born: date, case_born: date, day: date) -> date:
    return born + (day - case_born)


SAME_AGE: list[Row] = [
    (1, "ann", True, DAY), (2, "bea", True, LATER),
    # Ted was as old as Ann in 2013, after he had left, and as Bea in 2012; the younger ones will be after the period.
    (2, "ted", False, aged(date(1948, 3, 1), date(1952, 3, 1), LATER)),
    (2, "ann", False, aged(date(1950, 3, 1), date(1952, 3, 1), LATER)),
]  # fmt: skip


@shows("AuditCheck=not at the case's age", "AuditCheck=outside the period", by=Evidence.OUTSIDE)
def test_siblings_at_the_same_age(family: Nation) -> None:
    study = asked(
        {"kind": "siblings", "at": "same age"},
        eligibility={"age": [18, 110], "run_in": "0d"},
        period={"start": "2012-01-01", "stop": "2017-01-01"},
    )
    (controls,) = study.controls
    made = sets_for(
        family.registers,
        study.case_definition,
        controls,
        find_cases(family.registers, study.case_definition),
        seed=study.seed,
    ).table
    rows = made.select(["set_id", "person_id", "case", "index_date"]).to_pylist()
    good = [row for row in SAME_AGE if row[0] == 2]
    assert sorted(map(str, rows)) == sorted(map(str, table(family, good).to_pylist()))
    assert violations(found_in(family, study, good, controls)) == {}
    day_late = [good[0], (2, "ted", False, date(2012, 6, 4)), good[2]]
    assert violations(found_in(family, study, day_late, controls)) == {"not at the case's age": 1}
    younger = [*good, (2, "cia", False, aged(date(1954, 3, 1), date(1952, 3, 1), LATER))]
    assert violations(found_in(family, study, younger, controls)) == {"outside the period": 1}
    began = study.model_copy(update={"period": study.period.model_copy(update={"start": date(2013, 1, 1)})})
    assert violations(found_in(family, began, good, controls)) == {"outside the period": 1}
    assert violations(found_in(family, began, [good[0], good[2]], controls)) == {}
    assert violations(found_in(family, study, good[:2], controls)) == {"full sibling left out": 1}


COUPLES: list[Row] = [
    (1, "ann", True, DAY), (1, "bo", False, DAY),
    (2, "bea", True, LATER), (2, "cy", False, LATER),
]  # fmt: skip
BO = COUPLES[1]

OF_SPOUSES = [
    Fault("no couple", instead(BO, (1, "cy", False, DAY)), {"not the partner on the date": 1, "partner left out": 1}),
    Fault("a partner left out", lambda rows: rows[2:], {"partner left out": 1}),
    Fault("one more", added((2, "eli", False, LATER)), {"not the partner on the date": 1}),
    Fault("no case", gone(COUPLES[0]), {"set without a case": 1, "partner left out": 1}),
]


@shows("AuditCheck=not the partner on the date", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("fault", OF_SPOUSES, ids=lambda fault: fault.what)
def test_one_fault_in_sets_of_spouses(family: Nation, fault: Fault) -> None:
    study = asked({"kind": "spouses"})
    assert violations(found_in(family, study, fault.change(list(COUPLES)), study.controls[0])) == fault.breaks


def test_the_day_after_the_divorce_is_no_marriage(engine: Engine) -> None:
    later = FAMILY.replace("als 2016-06-02", "als 2016-06-03")
    study, people = asked({"kind": "spouses"}), nation(later, engine=engine)
    day = date(2016, 6, 3)
    sets = [*COUPLES[:2], (2, "bea", True, day), (2, "cy", False, day)]
    assert violations(found_in(people, study, sets, study.controls[0])) == {"not the partner on the date": 1}


@shows("AuditCheck=two partners at once", by=Evidence.OUTSIDE)
def test_a_case_with_two_partners_has_no_set(engine: Engine) -> None:
    text = FAMILY.replace("max m 1920-01-01", f"max m 1920-01-01 {HOME} with ann 2000-01-01..2030-01-01")
    people, study = nation(text, engine=engine), asked({"kind": "spouses"})
    assert violations(found_in(people, study, COUPLES, study.controls[0])) == {"two partners at once": 1}
    assert violations(found_in(people, study, COUPLES[2:], study.controls[0])) == {}


def test_a_partner_with_two_partners_is_no_control(engine: Engine) -> None:
    text = FAMILY.replace("max m 1920-01-01", f"max m 1920-01-01 {HOME} with bo 2000-01-01..2030-01-01")
    people, study = nation(text, engine=engine), asked({"kind": "spouses"})
    assert violations(found_in(people, study, COUPLES, study.controls[0])) == {"two partners at once": 1}
    assert violations(found_in(people, study, COUPLES[2:], study.controls[0])) == {}


def test_a_violation_stops_and_says_what_and_how_many(people: Nation) -> None:
    broken = FAULTS[1].change(list(GOOD))
    audit = audit_sets(people.registers, STUDY.case_definition, table(people, broken), CONTROLS)
    with pytest.raises(
        DesignError, match=r"fail their audit \(population: matching key differs \(sex\), 1 of 6\)"
    ) as error:
        refuse_violations(audit)
    assert error.value.exit_code == 13
    refuse_violations(audit_sets(people.registers, STUDY.case_definition, table(people, GOOD), CONTROLS))


def estimated(controls: Controls, audit: pa.Table | None = None) -> str:
    """What the odds ratio estimates, in words."""
    return "; ".join(ENGLISH.clauses(estimand(controls, audit)))


def test_the_estimand_line_says_hazard_ratio_only_where_the_audit_shows_it(people: Nation) -> None:
    assert isinstance(CONTROLS, PopulationControls)
    sets = sample_population(
        people.registers, STUDY.at_risk, CONTROLS, find_cases(people.registers, STUDY.case_definition), seed=STUDY.seed
    ).table
    clean = audit_sets(people.registers, STUDY.case_definition, sets, CONTROLS)
    once = CONTROLS.model_copy(update={"replacement": False})
    assert estimated(CONTROLS, clean).startswith("OR estimates the time-averaged hazard ratio")
    assert "approximates" in estimated(
        once, audit_sets(people.registers, STUDY.case_definition, sets.slice(0, 4), once)
    )
    assert "not audited" in estimated(CONTROLS)
    wrong = sets.set_column(sets.column_names.index("case"), "case", pa.array([False] * len(sets)))
    broken = audit_sets(people.registers, STUDY.case_definition, wrong, CONTROLS)
    assert "set without a case" in estimated(CONTROLS, broken)
    assert "need not estimate" in estimated(CONTROLS, broken)
    assert "need not" not in estimated(KINDS["given"], broken), "another comparison's faults are not its own"


def test_each_kind_has_a_line_of_its_own(people: Nation) -> None:
    given = KINDS["given"]
    clean = audit_sets(people.registers, STUDY.case_definition, table(people, GOOD), given)
    assert "not audited" in estimated(given)
    assert "were given" in estimated(given, clean)
    assert estimated(given, clean).startswith("OR estimates the time-averaged hazard ratio")
    assert "siblings at risk" in estimated(SiblingControls())
    assert "siblings at the same age at risk" in estimated(SiblingControls(at="same age"))
    assert "partner on the index date" in estimated(SpouseControls())
    assert not any("hazard" in estimated(kin) for kin in (SiblingControls(), SpouseControls()))


def test_the_page_has_every_check(people: Nation, family: Nation) -> None:
    page = (Path(__file__).parents[2] / "docs" / "audit.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \|[^|]+\|[^|]+\| (?:violation|note) \|$", page, re.MULTILINE)
    documented = {check for row in rows for check in row.split(", ")}
    wide = CONTROLS.model_copy(update={"match": ("sex", "history"), "caliper": Duration(1, "y")})
    asked_for = [(people, STUDY, GOOD, wide)]
    for more in ({"kind": "spouses"}, *({"kind": "siblings", "half": half} for half in (False, True, "only"))):
        study = asked(more)
        asked_for.append((family, study, COUPLES if more["kind"] == "spouses" else SIBLINGS, study.controls[0]))
    study = asked({"kind": "siblings", "at": "same age"})
    asked_for.append((family, study, SAME_AGE, study.controls[0]))
    found = set()
    for nation_, study, sets, controls in asked_for:
        audit = audit_sets(nation_.registers, study.case_definition, table(nation_, sets), controls).to_pylist()
        checks = [ENGLISH.check(row)[0] for row in audit]
        found |= {re.sub(r"^\S+ differs", "*key* differs", check.partition(":")[0]) for check in checks}
    assert found == documented
