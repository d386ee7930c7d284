"""What limits a study is said of each comparison by what its own models are adjusted for."""

from __future__ import annotations

from typing import Any

import pytest

from riskset.report.front.strengths_limitations import limitations
from riskset.report.view import read_view
from riskset.results.set_vocabulary import Characteristic, Summary
from riskset.results.vocabulary import Analysis, DiagnosticCode
from tests.report.released import estimate, make_released, make_study

STUDY = make_study(["anxiolytics"], comparisons=["population", "siblings"])


def described(comparison: str, variable: str) -> dict[str, Any]:
    """A covariate that cases and controls have not equally often."""
    shares = {"cases_n": 300, "cases_value": 0.3, "controls_n": 900, "controls_value": 0.2}
    about = {"about": Characteristic.COVARIATE, "variable": variable, "level": "yes", "kind": Summary.SHARE}
    return {"comparison": comparison, **about, **shares, "smd": 0.25, "smd_variable": 0.25}


def said(comparison: str, variable: str, *forms: str, constant: bool = False) -> list[str]:
    """What of the limitations is about differences, given the forms of the models of a comparison."""
    rows = [estimate("anxiolytics", "ever", "ever", 1.3, form=form, comparison=comparison) for form in forms]
    row = {"analysis": Analysis.RISK, "comparison": comparison, "code": DiagnosticCode.COVARIATE_CONSTANT}
    diagnostics = [row | {"covariate": variable}] if constant else []
    table_one = [described(comparison, variable)]
    released = make_released(study=STUDY, estimates=rows, table_one=table_one, diagnostics=diagnostics, planted=False)
    return [text for text in limitations(released, read_view(released)) if "SMD" in text]


@pytest.mark.parametrize(
    ("comparison", "variable", "forms", "differs"),
    [
        ("population", "education", ["crude", "adjusted"], False),
        ("population", "education", ["crude"], True),
        ("population", "income", ["crude", "adjusted"], True),
        ("population", "birth_year", ["crude"], False),  # matched on
        ("population", "age", ["crude"], False),  # which birth year says on one date
        ("siblings", "age", ["crude"], False),  # in every model of relatives
        ("siblings", "birth_year", ["crude"], False),
        ("siblings", "education", ["crude"], True),
    ],
)
def test_a_difference_is_a_limit_where_no_model_of_the_comparison_takes_it_up(
    comparison: str, variable: str, forms: list[str], differs: bool
) -> None:
    assert bool(said(comparison, variable, *forms)) is differs


def test_a_covariate_that_varies_within_no_set_is_taken_up_by_no_model() -> None:
    assert said("siblings", "education", "crude", "adjusted") == []
    assert len(said("siblings", "education", "crude", "adjusted", constant=True)) == 1


def test_a_diagnosis_counts_as_adjusted_for_where_the_models_are() -> None:
    (adjusted,) = said("population", "psychiatric_diagnosis", "crude", "adjusted")
    (plain,) = said("population", "psychiatric_diagnosis", "crude")
    assert "adjusted for as recorded" in adjusted
    assert "adjusted for as recorded" not in plain
