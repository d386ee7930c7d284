"""What a model of the risk says where it makes something once or cannot be fitted, which of relatives is no failure."""

from __future__ import annotations

from typing import Any

import pytest

from riskset.analysis.recording import RiskResult
from riskset.results.notes import NoteCode
from riskset.results.rows import Diagnostic
from riskset.results.vocabulary import DiagnosticCode as D
from tests.analysis.test_kin import POPULATION, families, fit

CLOSE = {**POPULATION, "name": "close"}
SIBLINGS = {"kind": "siblings"}


def found(result: RiskResult, code: D) -> list[Diagnostic]:
    return [row for row in result.diagnostics if row.code is code]


def test_an_interaction_that_a_subgroup_makes_is_made_once() -> None:
    result = fit(CLOSE, families(), subgroups=[{"by": "sex"}], interactions=["sex", "age"])
    (row,) = found(result, D.INTERACTION_MADE_ONCE)
    assert (row.modifier, row.value, row.model_id) == ("sex", None, "")
    tested = [(one.modifier, one.unit) for one in result.estimates if one.contrast == "test" or one.modifier]
    assert {modifier for modifier, _ in tested} == {"sex", "age"}


def same_use(sets: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Every member of every second set uses, nobody of the others."""
    members = [[{k: v for k, v in m.items() if k != "pills"} for m in group] for group in sets]
    return [[m | ({"pills": "ever"} if i % 2 else {}) for m in group] for i, group in enumerate(members)]


@pytest.mark.parametrize(("kind", "is_failure"), [(CLOSE, True), (SIBLINGS, False)], ids=["unrelated", "relatives"])
def test_where_no_set_differs_unrelated_controls_have_failed_and_relatives_are_told(
    kind: dict[str, Any], is_failure: bool
) -> None:
    result = fit(kind, same_use(families()))
    rows = found(result, D.UNINFORMATIVE)
    told = [[one.code for one in row.notes] for row in rows]
    assert told == ([] if is_failure else [[NoteCode.NOBODY_DIFFERS]])
    assert [[one.code for one in failure.notes] for failure in result.failures] == (
        [[NoteCode.NOBODY_DIFFERS]] if is_failure else []
    )
    (empty,) = [row for row in result.estimates if row.role == "exposure"]
    assert [one.code for one in empty.notes] == [NoteCode.NOBODY_DIFFERS_AT_LEVEL]
    assert all(row.model_id == empty.model_id for row in rows)


@pytest.mark.parametrize(("kind", "is_failure"), [(CLOSE, True), (SIBLINGS, False)], ids=["unrelated", "relatives"])
def test_two_classes_that_are_one_cannot_be_fitted_together(kind: dict[str, Any], is_failure: bool) -> None:
    both = [[m | ({"drops": "ever"} if "pills" in m else {}) for m in group] for group in families()]
    result = fit(kind, both, classes=["together"], exposures=["pills", "drops"])
    assert [row.model.form for row in found(result, D.NOT_FITTED)] == ([] if is_failure else ["mutually adjusted"])
    assert [failure.exposures for failure in result.failures] == ([("pills", "drops")] if is_failure else [])
    exposed = [row for row in result.estimates if row.role == "exposure" and row.model.estimator != "firth"]
    assert {(row.exposure, row.estimate) for row in exposed} == {("pills", None), ("drops", None)}
    assert {row.adjusted_for[-1] for row in exposed} == {"pills", "drops"}
