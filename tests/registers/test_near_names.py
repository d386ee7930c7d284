"""A name that rows have in a near spelling alone is told with what it was likely meant to be."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.registers.checks.near_names import meant_name
from riskset.registers.registers import Registers
from riskset.registers.schema import KNOWN_NAMES
from riskset.steps import remarks_on
from tests.examples import examples
from tests.registers.delivery import arrow, people
from tests.shown import Evidence, shows

ROWS: dict[str, dict[str, Any]] = {
    "registry_item": {"registry": "mnd", "text": "ALS"},
    "measurement": {"value": 20.0},
    "diagnosis": {"code": "G122", "source": "inpatient"},
    "procedure": {"system": "nomesco"},
}


def told(table: str, column: str, texts: list[str]) -> list[str]:
    """What is told of a table whose rows have these texts."""
    n, more = len(texts), {"system": "x", **ROWS[table]} if table == "procedure" else ROWS[table]
    facts: dict[str, list[Any]] = {name: [value] * n for name, value in more.items()} | {column: texts}
    rows: pa.Table = arrow(person_id=["a"] * n, date=[f"2000-01-{1 + i:02d}" for i in range(n)], **facts)
    registers = Registers.from_tables(people(**{table: rows}), tolerance=1.0)
    return [sentence for sentence in remarks_on(registers) if "is spelt much like" in sentence]


@shows("QualityRule=spelt much like a known name", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("table", "column", "text", "meant"),
    [
        ("registry_item", "name", "diagnos", "diagnosis"),
        ("registry_item", "name", "Diagnosis", "diagnosis"),
        ("registry_item", "name", "onset-date", "onset_date"),
        ("registry_item", "name", "ONSET SITE", "onset_site"),
        ("registry_item", "name", "registraton", "registration"),
        ("measurement", "name", "alsfrs-r", "alsfrs_r"),
        ("measurement", "name", "ALSFRS-R", "alsfrs_r"),
        ("measurement", "name", "BMI", "bmi"),
        ("measurement", "name", "bmi_prediagnosis", "bmi_prediagnostic"),
        ("diagnosis", "system", "ICD-10", "icd10"),
        ("diagnosis", "system", "ICD10", "icd10"),
        ("procedure", "code", "Invasive ventilation", "invasive_ventilation"),
    ],
)
def test_a_near_spelling_that_each_row_has_is_told(table: str, column: str, text: str, meant: str) -> None:
    assert told(table, column, [text] * 4) == [
        f"{table}: {column} {text} is spelt much like {meant}: 4 of 4 rows kept; nobody is found by it: where it means "
        f"that, write {meant}."
    ]
    assert told(table, column, [meant] * 4) == []


def test_a_name_that_is_told_of_the_levels_is_not_told_again() -> None:
    assert told("measurement", "name", ["bmi", "bmi", "BMI"]) == []
    [sentence] = told("measurement", "name", ["bmi", "bmi", "alsfrs-r"])
    assert "alsfrs-r is spelt much like alsfrs_r: 1 of 3 rows" in sentence


@pytest.mark.parametrize(
    ("table", "column", "text"),
    [
        ("diagnosis", "system", "icd9"),
        ("diagnosis", "system", "icd11"),
        ("diagnosis", "system", "older than icd10"),
        ("measurement", "name", "weight"),
        ("measurement", "name", "bmi2"),
        ("registry_item", "name", "visit"),
        ("procedure", "code", "GBB00"),
    ],
)
def test_another_name_is_none_of_ours(table: str, column: str, text: str) -> None:
    assert told(table, column, [text] * 3) == []


@settings(max_examples=examples(200))
@given(
    place=st.sampled_from(sorted(KNOWN_NAMES)), capitals=st.randoms(use_true_random=False), mark=st.sampled_from("_- .")
)
def test_capitals_and_marks_are_another_spelling_of_each_name(place: tuple[str, str], capitals: Any, mark: str) -> None:
    for name in KNOWN_NAMES[place]:
        written = "".join(capitals.choice((c.upper(), c.lower())) for c in name.replace("_", mark))
        assert meant_name(written, KNOWN_NAMES[place]) == (None if written == name else name)
