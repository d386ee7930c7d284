"""Person-years by hand: who counts, from which day to which."""

from __future__ import annotations

from datetime import date

import pytest

from riskset.cohort.cases import find_cases
from riskset.cohort.incidence import describe_incidence, find_person_years
from riskset.results.notes import NoteCode, note
from riskset.results.vocabulary import DiagnosticCode
from riskset.spec import Cases, Eligibility, Event, Period, PopulationControls, Study
from tests.people import nation
from tests.shown import Evidence, shows

ALS = Event(icd10=("G12.2",))
STUDY = Study(
    name="incidence",
    period=Period(start=date(2010, 1, 1), stop=date(2012, 1, 1)),
    eligibility=Eligibility(age=(50, 59), run_in="0d"),
    cases=Cases(first=ALS, free_of=(ALS,)),
    controls=(PopulationControls(),),
)
NATION = """
ann  f 1955-01-01  lives 2000-01-01..2030-01-01
bea  f 1960-07-01  lives 2000-01-01..2030-01-01
cia  f 1951-03-01  lives 2000-01-01..2030-01-01
dan  m 1955-01-01  lives 2000-01-01..2011-01-01
eva  f 1955-01-01  lives 2000-01-01..2030-01-01  diagnosis G122 2010-12-31 inpatient
fia  f 1955-01-01  lives 2000-01-01..2030-01-01  diagnosis G122 2010-01-11 inpatient
"""
"""ann: all 730 days. bea: 50 on 2010-07-01, 549 days. cia: 60 on 2011-03-01, 424 days. dan: leaves, 365 days (his last
day is 2010-12-31). eva and fia: at risk until the day before their diagnosis, 364 and 10 days."""


def test_days_at_risk_are_counted_by_sex_and_birth_year() -> None:
    found = find_person_years(nation(NATION).registers, STUDY.at_risk).to_pylist()
    days = {(row["sex"], row["birth_year"]): round(row["person_years"] * 365.25) for row in found}
    assert days == {("female", 1951): 424, ("female", 1955): 730 + 364 + 10, ("female", 1960): 549, ("male", 1955): 365}


@shows(
    "DiagnosticCode=person-years at risk",
    "DiagnosticCode=incidence",
    "DiagnosticCode=incidence like the cases",
    "NoteCode=aged",
    by=Evidence.OUTSIDE,
)
def test_incidence_like_the_cases_is_that_of_their_strata() -> None:
    registers = nation(NATION).registers
    incidence = describe_incidence(registers, STUDY.at_risk, find_cases(registers, STUDY.case_definition).table)
    assert [list(row.notes) for row in incidence] == [[note(NoteCode.AGED, low=50, high=59)], [], []]
    rows = {row.code: row.value for row in incidence}
    days = 424 + 730 + 364 + 10 + 549 + 365
    assert rows["person-years at risk"] == pytest.approx(days / 365.25)
    assert rows[DiagnosticCode.INCIDENCE] == pytest.approx(1e5 * 2 * 365.25 / days)
    assert rows[DiagnosticCode.INCIDENCE_LIKE_CASES] == pytest.approx(1e5 * (2 * 1 * 365.25 / (730 + 364 + 10)) / 2)


def test_a_case_alone_in_its_stratum_tells_nothing_of_people_like_it() -> None:
    """Without itself a stratum of one case has no incidence of cases."""
    registers = nation(NATION.replace("G122 2010-12-31", "G35 2010-12-31")).registers
    incidence = describe_incidence(registers, STUDY.at_risk, find_cases(registers, STUDY).table)
    assert [row.code for row in incidence] == [DiagnosticCode.PERSON_YEARS_AT_RISK, DiagnosticCode.INCIDENCE]
