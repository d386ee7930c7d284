"""A code of a study that no delivered row begins with is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.exposure.codes_delivered import describe_codes
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.registers import Registers
from riskset.report.catalogue import ENGLISH
from riskset.run import run_study
from riskset.spec.from_toml import parse
from riskset.spec.study import Study
from tests import recognisable
from tests.examples import examples
from tests.registers.delivery import arrow
from tests.shown import Evidence, shows

CODES = ("F32", "F320", "G122", "E880A", "I10", "F33")
codes = st.sampled_from(CODES)


@pytest.fixture(scope="module")
def engine() -> DuckDB:
    return DuckDB(threads=1)


def delivered(engine: DuckDB, codes: list[str], system: str = "icd10") -> Registers:
    person = arrow(person_id=["p"], sex=["female"], birth_date=["1950-01-01"])
    n = len(codes)
    facts = {"system": [system] * n, "code": codes, "source": ["inpatient"] * n}
    diagnosis = arrow(person_id=["p"] * n, date=["2010-01-01"] * n, **facts)
    return Registers.from_tables({"person": person, "diagnosis": diagnosis}, engine=engine, tolerance=1.0)


def asking(codes: list[str], **more: Any) -> Study:
    covariate = {"kind": "diagnosis", "name": "illness", "icd10": codes}
    return parse(
        Study, recognisable.study().model_dump() | {"covariates": [covariate], "exposures": [], "models": []} | more
    )


@shows(
    "DiagnosticCode=code not delivered",
    by=Evidence.REFERENCE,
)
@settings(max_examples=examples(20), deadline=None)
@given(
    there=st.lists(st.sampled_from(CODES), min_size=1), asked=st.lists(st.sampled_from(CODES), min_size=1, unique=True)
)
def test_a_code_is_told_if_and_only_if_no_row_begins_with_it(
    engine: DuckDB, there: list[str], asked: list[str]
) -> None:
    rows = describe_codes(delivered(engine, there), asking(asked))
    missing = [code for code in sorted(asked) if not any(text.startswith(code) for text in there)]
    assert [(row.covariate, row.level) for row in rows] == [("diagnosis", code) for code in missing]


def test_codes_of_other_systems_do_not_count(engine: DuckDB) -> None:
    rows = list(describe_codes(delivered(engine, ["V27A"], "icd9"), asking(["V27A"])))
    assert [row.level for row in rows] == ["V27A"]


def test_each_list_of_codes_is_held_against_its_table(engine: DuckDB) -> None:
    """One in a run: free_of and washout that take nobody out are told, too."""
    free = [{"icd10": ["G35"]}, {"death": True, "cause": ["V27A"]}, {"atc": ["N07"]}]
    study = recognisable.study(
        cases={"first": {"registry": "mnd", "diagnosis": ["ALS"]}, "free_of": free[2:]},
        covariates=[{"kind": "dispensing", "name": "statins", "codes": {"atc": ["C10AA"]}}],
    )
    run = run_study(study, recognisable.registers(engine))
    rows = [row for row in run.released.table("diagnostics").to_pylist() if row["code"] == "code not delivered"]
    assert {(row["covariate"], row["level"]) for row in rows} == {("dispensing", "C10AA"), ("dispensing", "N07")}


@pytest.mark.parametrize(
    "cases",
    [
        {"first": {"registry": "mnd", "diagnosis": ["ALS", "XYZW"]}},
        {"first": {"registry": "mnd", "diagnosis": ["ALS"]}, "free_of": [{"registry": "mnd", "diagnosis": ["XYZW"]}]},
    ],
)
def test_a_diagnosis_that_nobody_of_a_quality_register_has_is_told(engine: DuckDB, cases: dict[str, Any]) -> None:
    rows = list(describe_codes(recognisable.registers(engine), recognisable.study(cases=cases)))
    assert [(row.covariate, row.level) for row in rows if row.covariate == "registry_item"] == [
        ("registry_item", "XYZW")
    ]


def test_a_source_of_diagnoses_that_no_row_is_from_is_told(engine: DuckDB) -> None:
    covariate = {"kind": "diagnosis", "name": "illness", "icd10": ["F32"], "source": ["inpatient", "registry"]}
    rows = list(describe_codes(delivered(engine, ["F32"]), asking(["F32"], covariates=[covariate])))
    assert [(row.covariate, row.level) for row in rows] == [("source", "registry")]
    name = ENGLISH.diagnostics[rows[0].code].name
    assert callable(name)
    assert name({"covariate": "source", "level": "registry"}) == "diagnoses from the source registry"
