"""What tells fitted models apart, and the identifier that joins their rows, in the prognosis as in the risk."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any, get_type_hints

import pytest
from tests.analysis.patients_made import CLASSES, simulated, study

from riskset.analysis.prognosis import PrognosisResult, fit_prognosis
from riskset.results.columns import as_cells
from riskset.results.fitted_model import FittedModel
from riskset.results.rows import names_in
from riskset.results.vocabulary import Analysis, Contrast, Estimator, Family, Form, Model

FITTED = FittedModel(
    model=Model(Analysis.RISK, Family.CONDITIONAL_LOGISTIC, Form.ADJUSTED, "ever", estimator=Estimator.FIRTH),
    comparison="population",
    exposures=("pills",),
    covariates=("education", "sex"),
    contrast=Contrast.LEVEL,
)


def changed(kind: type, facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Each fact of a kind with another value."""
    made = []
    for name, hint in get_type_hints(kind).items():
        if name in {one.name for one in fields(kind)} and hint is not Model:
            of_set = isinstance(hint, type) and issubclass(hint, StrEnum)
            others = [v for v in hint if v is not facts[name]] if of_set else [("x",) if hint is not str else "x"]
            made += [{name: other} for other in others]
    return made


OF_MODEL = [change for change in changed(Model, vars(FITTED.model)) if "analysis" not in change]
OF_FIT = changed(FittedModel, vars(FITTED))


def test_the_identifier_is_the_same_in_every_run_and_stays_so() -> None:
    assert FITTED.model_id == "m99103fb662aa"
    assert replace(FITTED).model_id == FITTED.model_id


def test_every_fact_tells_models_apart() -> None:
    """But for the part of the study: slopes of a joint model are of the fit that its hazard ratios are of."""
    models = [replace(FITTED, model=FITTED.model.but(**change)) for change in OF_MODEL]
    models += [replace(FITTED, **change) for change in OF_FIT]
    assert len(models) > 30
    assert len({one.model_id for one in [FITTED, *models]}) == len(models) + 1
    assert replace(FITTED, model=FITTED.model.but(analysis=Analysis.DECLINE)).model_id == FITTED.model_id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"exposures": ("a", "b"), "covariates": ()}, {"exposures": ("a",), "covariates": ("b",)}),
        ({"exposures": ("a, b",)}, {"exposures": ("a", "b")}),
        ({"modifier": "sex", "stratum": ""}, {"modifier": "", "stratum": "sex"}),
        ({"comparison": 'population", "'}, {"comparison": "population"}),
    ],
)
def test_facts_do_not_run_into_each_other(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert replace(FITTED, **one).model_id != replace(FITTED, **other).model_id


def test_no_program_takes_an_identifier_for_a_number() -> None:
    for i in range(200):
        text = replace(FITTED, comparison=str(i)).model_id
        assert text.isidentifier()
        with pytest.raises(ValueError, match="could not convert"):
            float(text)


def test_an_estimate_is_adjusted_for_what_stands_beside_it() -> None:
    mutual = replace(FITTED, exposures=("pills", "drops"))
    assert mutual.adjusted_for("pills") == ("education", "sex", "drops")
    assert mutual.adjusted_for("sex") == ("education", "pills", "drops")
    assert FITTED.adjusted_for("pills") == ("education", "sex")


@pytest.fixture(scope="module")
def course() -> PrognosisResult:
    asked = study(
        CLASSES[:2], adjust=["age"], classes=["each", "together"], marker="alsfrs_r", other_baselines=["weibull"]
    )
    return fit_prognosis(asked.course, simulated(300))


def rows_of(result: PrognosisResult) -> list[dict[str, Any]]:
    return [dict(as_cells(row)) for row in (*result.estimates, *result.curves, *result.diagnostics)]


FACTS = ("family", "form", "measure", "estimator", "association", "cause", "sensitivity")


def test_rows_of_a_course_have_one_identifier_where_they_are_of_one_fit(course: PrognosisResult) -> None:
    by_id: defaultdict[str, set[tuple[Any, ...]]] = defaultdict(set)
    by_fit: defaultdict[tuple[Any, ...], set[str]] = defaultdict(set)
    for row in rows_of(course):
        if not row["family"]:
            assert row["model_id"] == ""
            continue
        facts = tuple(row[name] for name in FACTS)
        by_id[row["model_id"]].add(facts)
        of_one = not Form(row["form"]).is_mutual or row["family"] == Family.STANDARDISED
        if "forecast" not in row.get("curve", ""):  # of an invented patient, who has no class
            by_fit[(*facts, row["exposure"] if of_one else "")].add(row["model_id"])
    assert "" not in by_id
    assert {len(of) for of in by_id.values()} == {1}
    assert {len(of) for of in by_fit.values()} == {1}
    assert len(by_id) == len(by_fit) > 20


def test_slopes_curves_forecasts_and_diagnostics_join_the_hazard_ratios_of_their_fit(course: PrognosisResult) -> None:
    joint = [row for row in rows_of(course) if row["family"] == Family.JOINT]
    ratios = {row["model_id"] for row in joint if row.get("scale") == "log_hr"}
    others = [row for row in joint if row.get("scale") != "log_hr"]
    assert {row["analysis"] for row in others} >= {"decline", "prognosis"}
    assert any("forecast" in row.get("curve", "") for row in others)
    assert {row["model_id"] for row in others} <= ratios


def test_a_course_says_what_its_estimates_are_adjusted_for(course: PrognosisResult) -> None:
    one, two = CLASSES[:2]
    said = {
        (row["form"], row["exposure"]): names_in(row["adjusted_for"])
        for row in (dict(as_cells(estimate)) for estimate in course.estimates)
        if row["family"] == Family.COX and row["role"] == "exposure" and not row["sensitivity"]
    }
    assert said == {
        ("crude", one): (),
        ("crude", two): (),
        ("adjusted", one): ("age",),
        ("adjusted", two): ("age",),
        ("mutually adjusted, no covariates", one): (two,),
        ("mutually adjusted, no covariates", two): (one,),
        ("mutually adjusted", one): ("age", two),
        ("mutually adjusted", two): ("age", one),
    }
    after_score = {
        names_in(dict(as_cells(e))["adjusted_for"])
        for e in course.estimates
        if e.model.sensitivity == "baseline score" and e.role == "exposure"
    }
    assert ("age", "first score") in after_score
