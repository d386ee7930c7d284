"""The audit finds every fault that is put into good sets, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from riskset.cohort.audit import audit_sets, estimand
from riskset.cohort.cases import find_cases
from riskset.cohort.riskset import sample_population
from riskset.errors import SourceError
from riskset.registers.engine import Engine
from riskset.results.tables import AUDIT
from riskset.spec.design import PopulationControls
from riskset.spec.study import Study
from tests.people import Nation, nation

PEOPLE = """
ann f 1950-03-01 lives 1990-01-01..2030-01-01 Visby als 2015-06-01
bea f 1950-03-01 lives 1990-01-01..2030-01-01 Visby als 2016-06-02
cia f 1950-03-01 lives 1990-01-01..2030-01-01 Visby
dea f 1950-03-01 lives 1990-01-01..2030-01-01 Visby
eva f 1950-03-01 lives 2015-06-02..2030-01-01 Visby
bob m 1950-03-01 lives 1990-01-01..2030-01-01 Visby
old f 1949-03-01 lives 1990-01-01..2030-01-01 Visby
umi f 1950-03-01 lives 1990-01-01..2015-06-01 Visby lives 2015-06-01..2030-01-01 Umeå
ill f 1950-03-01 lives 1990-01-01..2030-01-01 Visby mnd 2015-06-01 PLS
new f 1950-03-01 lives 2015-01-01..2030-01-01 Visby
was f 1950-03-01 lives 1990-01-01..2030-01-01 Visby diagnosis F32 2015-05-31
kid f 2010-03-01 lives 2010-03-01..2030-01-01 Visby
"""
STUDY = Study.model_validate(
    {
        "name": "audited",
        "period": {"start": "2015-01-01", "stop": "2017-01-01"},
        "cases": {"first": {"registry": "mnd", "diagnosis": ["ALS"]}},
        "eligibility": {
            "age": [18, 110],
            "min_residence": "1y",
            "washout": [{"event": {"icd10": ["F32"]}, "within": "1y"}],
        },
        "controls": [{"kind": "population", "ratio": 3, "match": ["sex", "birth_year", "county"]}],
    }
)
CONTROLS = STUDY.controls[0]
WASHOUT = "washout: no F32 within 1 year before"

Sets = list[tuple[int, str, bool, date]]
DAY, LATER = date(2015, 6, 1), date(2016, 6, 2)
GOOD: Sets = [
    (1, "ann", True, DAY), (1, "bea", False, DAY), (1, "cia", False, DAY), (1, "dea", False, DAY),
    (2, "bea", True, LATER), (2, "cia", False, LATER), (2, "dea", False, LATER), (2, "eva", False, LATER),
]  # fmt: skip


@pytest.fixture(scope="module")
def people(engine: Engine) -> Nation:
    return nation(PEOPLE, engine=engine, starts={"dispensing": date(2013, 12, 1)})


@pytest.fixture(scope="module")
def audited(people: Nation) -> Callable[..., dict[str, tuple[int, str]]]:
    def run(sets: Sets, **change: Any) -> dict[str, tuple[int, str]]:
        table = pa.table(
            {
                "set_id": [s for s, _, _, _ in sets],
                "person_id": [people.ids[name] for _, name, _, _ in sets],
                "case": [case for _, _, case, _ in sets],
                "index_date": [day for _, _, _, day in sets],
            }
        )
        audit = audit_sets(people.registers, STUDY, table, CONTROLS.model_copy(update=change))
        assert audit.schema == AUDIT
        return {row["check"]: (row["count"], row["verdict"]) for row in audit.to_pylist() if row["verdict"] != "pass"}

    return run


GOOD_NOTES = {"future case as control": (1, "note"), "control in several sets": (2, "note")}


def test_good_sets_have_notes_only(audited: Callable[..., Any]) -> None:
    assert audited(GOOD) == GOOD_NOTES


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("eva", "not under observation"),
        ("bob", "sex differs"),
        ("old", "birth_year differs"),
        ("umi", "county differs"),
        ("ill", "control with the disease"),
        ("new", "history"),
        ("was", WASHOUT),
    ],
)
def test_one_wrong_control_is_one_violation(audited: Callable[..., Any], name: str, check: str) -> None:
    found = audited([*GOOD[:3], (1, name, False, DAY), *GOOD[4:]])
    violations = {key: value for key, value in found.items() if value[1] == "violation"}
    if name == "eva":  # who is not there has no history and no county either
        assert violations.pop("county differs") == (1, "violation")
    assert violations == {check: (1, "violation")}


def test_a_child_breaks_age_and_birth_year(audited: Callable[..., Any]) -> None:
    found = audited([*GOOD[:3], (1, "kid", False, DAY), *GOOD[4:]])
    assert found["age"] == found["birth_year differs"] == (1, "violation")


def test_what_is_wrong_with_a_set(audited: Callable[..., Any]) -> None:
    def violations(sets: Sets) -> set[str]:
        return {key for key, (_, verdict) in audited(sets).items() if verdict == "violation"}

    assert violations([*GOOD[:3], GOOD[2], *GOOD[4:]]) == {"person twice in a set"}
    assert violations([*GOOD[:3], (1, "ann", False, DAY), *GOOD[4:]]) == {
        "case as its own control",
        "control with the disease",
    }
    assert violations(GOOD[1:]) == {"set without a case"}
    assert violations([(1, "cia", True, DAY), *GOOD[:2], *GOOD[3:]]) == {
        "several cases in a set",
        "not a case of the study",
    }
    assert violations([*GOOD[:3], (1, "dea", False, LATER), *GOOD[4:]]) == {"several dates in a set"}
    assert violations([*GOOD, (2, "umi", False, LATER)]) == {"set too large", "county differs"}
    assert violations([(s, n, c, date(2015, 5, 1)) for s, n, c, _ in GOOD[:4]]) == {"run-in", "not a case of the study"}


def test_what_is_noted(audited: Callable[..., Any]) -> None:
    assert audited(GOOD[:3]) == {
        "future case as control": (1, "note"),
        "short set": (1, "note"),
        "case without a set": (1, "note"),
    }
    assert audited(GOOD[:5])["set without a control"] == (1, "note")


def test_reuse_breaks_a_design_without_replacement(audited: Callable[..., Any]) -> None:
    assert audited(GOOD, replacement=False)["control in several sets"] == (2, "violation")


@pytest.mark.parametrize("column", ["set_id", "person_id", "case", "index_date"])
def test_a_missing_column_is_named(people: Nation, column: str) -> None:
    table = pa.table({"set_id": [1], "person_id": [1], "case": [True], "index_date": [DAY]}).drop_columns([column])
    with pytest.raises(SourceError, match=column):
        audit_sets(people.registers, STUDY, table, CONTROLS)


def test_the_estimand_line_says_hazard_ratio_only_where_the_audit_shows_it(people: Nation) -> None:
    assert isinstance(CONTROLS, PopulationControls)
    sets = sample_population(people.registers, STUDY, CONTROLS, find_cases(people.registers, STUDY)).table
    clean = audit_sets(people.registers, STUDY, sets, CONTROLS)
    once = CONTROLS.model_copy(update={"replacement": False})
    assert estimand(CONTROLS, clean).startswith("OR estimates the time-averaged hazard ratio")
    assert "approximates" in estimand(once, audit_sets(people.registers, STUDY, sets.slice(0, 4), once))
    assert "not audited" in estimand(CONTROLS)
    wrong = sets.set_column(sets.column_names.index("case"), "case", pa.array([False] * len(sets)))
    broken = estimand(CONTROLS, audit_sets(people.registers, STUDY, wrong, CONTROLS))
    assert "set without a case" in broken
    assert "need not estimate" in broken
