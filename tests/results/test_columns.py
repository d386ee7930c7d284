"""Rows and what follows from their fields: schema, key, cells, dictionary."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.results.columns import column, columns_of, key_of, schema_of, table_of
from riskset.results.notes import Arguments, Note, NoteCode, note, read_notes
from riskset.results.rows import AttritionStep, AuditResult, CurvePoint, Diagnostic, Estimate
from riskset.results.vocabulary import Analysis, Family, Model, Scale

KINDS = (AttritionStep, AuditResult, CurvePoint, Diagnostic, Estimate)
RISK = Model(Analysis.RISK, Family.CONDITIONAL_LOGISTIC)


def _estimate(**facts: object) -> Estimate:
    return Estimate(model=RISK, comparison="population", exposure="a", scale=Scale.LOG_OR, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_says_what_it_means_and_no_name_stands_twice(kind: type) -> None:
    columns = columns_of(kind)
    assert len({c.name for c in columns}) == len(columns)
    assert all(c.meaning for c in columns)
    assert {c.name for c in columns if c.key} == set(key_of(kind))
    assert all(field.metadata[b"meaning"] for field in schema_of(kind))


def test_a_row_is_laid_out_with_its_models_facts_and_its_notes() -> None:
    notes = (note(NoteCode.LEVEL_LEFT_OUT, rows=50, name="education"),)
    table = table_of([_estimate(level="ever", estimate=float("nan"), notes=notes)], Estimate)
    row = table.to_pylist()[0]
    assert (row["analysis"], row["family"], row["scale"]) == ("risk", "conditional logistic", "log_or")
    assert row["estimate"] is None
    assert json.loads(row["notes"]) == [{"code": "level left out", "name": "education", "rows": 50}]
    assert read_notes(row["notes"]) == notes


def test_two_rows_of_one_key_are_refused() -> None:
    table_of([_estimate(level="1-5y"), _estimate(level=">5y")], Estimate)
    with pytest.raises(ValueError, match=r"1 keys stand in several rows.*1-5y"):
        table_of([_estimate(level="1-5y", estimate=0.1), _estimate(level="1-5y", estimate=0.2)], Estimate)


def test_rows_without_a_key_are_refused() -> None:
    @dataclass(frozen=True)
    class Keyless:
        number: int = column("any")

    with pytest.raises(ValueError, match="have no key"):
        table_of([Keyless(1), Keyless(2)], Keyless)


TEXTS = st.text(max_size=8)
ARGUED = st.dictionaries(st.sampled_from("abcd"), TEXTS | st.integers() | st.lists(TEXTS, max_size=4).map(tuple))


@given(ARGUED)
def test_arguments_are_read_as_they_were_stored(argued: dict[str, Any]) -> None:
    """Texts with a comma within stay apart: a list is stored as a list."""
    arguments = Arguments.of(**argued)
    assert Arguments.read(json.dumps(arguments.as_json())) == arguments
    for name, value in argued.items():
        if isinstance(value, tuple):
            assert arguments.several(name) == value
            with pytest.raises(TypeError, match="is several texts"):
                arguments[name]
        else:
            assert arguments[name] == value
    assert read_notes(json.dumps([Note(NoteCode.AGED, arguments).as_json()])) == (Note(NoteCode.AGED, arguments),)
