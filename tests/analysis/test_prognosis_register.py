"""Which quality register counts for entry and onset, where several are delivered."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from riskset.cohort.cases import find_cases
from riskset.cohort.followup import find_followup
from riskset.errors import DesignError
from riskset.spec import explain
from riskset.spec.study import Study
from tests.people import Nation, read_people, unchecked_nation
from tests.shown import Evidence, shows

PERSON = (
    "one f 1950-01-01 lives 1990-01-01..2030-01-01 als 2015-06-01 diagnosis G122 2015-06-01 "
    "registered 2015-06-21 dies 2015-07-01"
)
BY_CODE: dict[str, Any] = {"icd10": ["G122"]}


def described(first: dict[str, Any], **prognosis: Any) -> Study:
    return Study.model_validate(
        {
            "name": "made",
            "period": {"start": date(2015, 1, 1), "stop": date(2018, 1, 1)},
            "cases": {"first": first},
            "controls": [{"kind": "population", "match": []}],
            "prognosis": {"endpoint": ["death"], **prognosis},
        }
    )


def delivered(*, registers: int) -> Nation:
    """One case, in the register "mnd" from day 20 and, of two registers, in "other" from day 10."""
    rows = read_people(PERSON)
    if registers == 2:
        earlier = {"registry": "other", "date": date(2015, 6, 11), "name": "registration", "text": None}
        rows["registry_item"].append({"person_id": "one", **earlier})
    return unchecked_nation(rows)


def entry(people: Nation, study: Study) -> int:
    found = find_followup(people.registers, study.course, find_cases(people.registers, study.case_definition))
    (start,) = found.table["start"].to_pylist()
    return int(start)


@shows("prognosis.registry", by=Evidence.OUTSIDE)
@shows("prognosis.registry", by=Evidence.REFUSED)
def test_of_several_registers_one_must_be_named() -> None:
    people = delivered(registers=2)
    with pytest.raises(
        DesignError, match=r'prognosis\.registry: several registers all hold registration .* registry = "…"'
    ):
        entry(people, described(BY_CODE))
    assert entry(people, described(BY_CODE, registry="mnd")) == 20
    assert entry(people, described(BY_CODE, registry="other")) == 10


def test_the_only_register_and_that_of_the_cases_need_no_name() -> None:
    assert entry(delivered(registers=1), described(BY_CODE)) == 20
    of_cases = {"registry": "mnd", "diagnosis": ["ALS"]}
    assert entry(delivered(registers=2), described(of_cases)) == 20
    assert entry(delivered(registers=2), described(of_cases, registry="other")) == 10


def test_the_register_is_explained() -> None:
    said = " ".join(explain(described(BY_CODE, registry="other")).split())
    assert "the later of diagnosis and registration in the quality register other;" in said
