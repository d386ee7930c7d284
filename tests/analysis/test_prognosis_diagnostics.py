"""What a prognosis says of its fits is what the fits of the same columns, written out here, say of themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskset.analysis.prognosis import PrognosisResult, fit_prognosis
from riskset.calendar import YEAR
from riskset.results.notes import NoteCode
from riskset.results.vocabulary import DiagnosticCode as D
from riskset.stats import (
    JointFit,
    Polynomial,
    Trajectory,
    Weibull,
    fit_cox,
    fit_joint,
    fit_mixed,
    landmark_risk,
    log_rank_test,
    measure_calibration,
    measure_performance,
    proportional_hazards_test,
)
from tests.analysis.patients_made import diagnosed, few, joint, noted, of, simulated, study
from tests.shown import Evidence, shows

NAME = "antidepressants"
PATIENTS = simulated(150)
USERS = (PATIENTS.level[NAME] == "ever").astype(float)
COURSE = Trajectory(fixed=Polynomial(1), random=Polynomial(1), shifts=(0,), bends=(0,))


@pytest.fixture(scope="module")
def course() -> PrognosisResult:
    return fit_prognosis(study([NAME], marker="alsfrs_r", baseline="weibull").course, PATIENTS)


@pytest.fixture(scope="module")
def fit() -> JointFit:
    months = YEAR / 12
    return fit_joint(
        PATIENTS.score, PATIENTS.month, PATIENTS.patient, PATIENTS.stop / months, PATIENTS.event,
        start=PATIENTS.start / months, x=USERS, w=USERS, trajectory=COURSE, baseline=Weibull(), association="value",
    )  # fmt: skip


def value(course: PrognosisResult, code: D, **facts: Any) -> float:
    (row,) = diagnosed(course, code, **facts)
    return float(row["value"])


@shows(
    "DiagnosticCode=log-likelihood",
    "DiagnosticCode=log-likelihood of the submodels apart",
    "DiagnosticCode=change with four more nodes",
    "DiagnosticCode=change with twice the nodes in time",
    "DiagnosticCode=shift of the estimate by finer quadrature",
    "DiagnosticCode=residual standard deviation",
    "DiagnosticCode=patients",
    "DiagnosticCode=events",
    "DiagnosticCode=scores",
    "DiagnosticCode=converged",
    "DiagnosticCode=newton decrement",
    "DiagnosticCode=iterations",
    by=Evidence.REFERENCE,
)
def test_of_a_joint_model(course: PrognosisResult, fit: JointFit) -> None:
    expected = {
        D.LOG_LIKELIHOOD: fit.loglik,
        D.LOG_LIKELIHOOD_APART: fit.loglik_separate,
        D.QUADRATURE_NODES: fit.accuracy.change_nodes,
        D.QUADRATURE_TIMES: fit.accuracy.change_times,
        D.QUADRATURE_SHIFT: fit.accuracy.shift,
        D.RESIDUAL_SD: fit.sigma,
        D.PATIENTS: len(PATIENTS),
        D.EVENTS: PATIENTS.event.sum(),
        D.SCORES: len(PATIENTS.score),
        D.CONVERGED: 1,
    }
    found = {code: value(course, code, **joint("crude")) for code in expected}
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert 0 <= value(course, D.DECREMENT, **joint("crude")) < 1e-6
    assert value(course, D.ITERATIONS, **joint("crude")) >= 1


@shows(
    "DiagnosticCode=area under the ROC curve",
    "DiagnosticCode=brier score",
    "DiagnosticCode=scaled brier score",
    "DiagnosticCode=predicted risk",
    "DiagnosticCode=observed risk",
    by=Evidence.REFERENCE,
)
def test_of_its_forecasts(course: PrognosisResult, fit: JointFit) -> None:
    at_risk, risk = landmark_risk(fit, 6.0, 12.0)
    stop, event = fit.likelihood.data.stop[at_risk], fit.likelihood.data.event[at_risk]
    measured = measure_performance(risk, stop, event, landmark=6.0, horizon=12.0)
    for code, number in ((D.AUC, measured.auc), (D.BRIER, measured.brier), (D.SCALED_BRIER, measured.scaled_brier)):
        assert value(course, code) == pytest.approx(number, rel=1e-6)
    groups = measure_calibration(risk, stop, event, landmark=6.0, horizon=12.0, groups=5)
    for code, numbers in ((D.PREDICTED_RISK, groups.predicted), (D.OBSERVED_RISK, groups.observed)):
        rows = diagnosed(course, code)
        assert [row["level"] for row in rows] == ["1", "2", "3", "4", "5"]
        assert [row["value"] for row in rows] == pytest.approx(numbers.tolist(), rel=1e-6)


@shows(
    "DiagnosticCode=residual standard deviation",
    "DiagnosticCode=standard deviation of patients' slopes",
    "DiagnosticCode=scores",
    by=Evidence.REFERENCE,
)
def test_of_a_mixed_model(course: PrognosisResult) -> None:
    x, z = COURSE.design(PATIENTS.month, USERS[PATIENTS.patient][:, None])
    fit = fit_mixed(PATIENTS.score, x, z, PATIENTS.patient)
    mixed = of("mixed", "crude")
    assert value(course, D.RESIDUAL_SD, **mixed) == pytest.approx(fit.sigma, rel=1e-6)
    assert value(course, D.SLOPE_SD, **mixed) == pytest.approx(np.sqrt(fit.random_covariance[1, 1]), rel=1e-6)
    assert value(course, D.SCORES, **mixed) == len(PATIENTS.score)


@shows(
    "DiagnosticCode=log-rank test, p",
    "DiagnosticCode=log-likelihood",
    "DiagnosticCode=proportional hazards, p",
    "DiagnosticCode=proportional hazards of all terms, p",
    "NoteCode=chi-squared",
    by=Evidence.REFERENCE,
)
def test_of_survival_and_of_a_cox_model(course: PrognosisResult) -> None:
    tested = log_rank_test(PATIENTS.stop, PATIENTS.endpoint, PATIENTS.level[NAME], start=PATIENTS.start).test
    (row,) = diagnosed(course, D.LOG_RANK)
    assert row["value"] == pytest.approx(tested.p_value, rel=1e-9)
    assert noted(row)[NoteCode.CHI_SQUARED]["statistic"] == pytest.approx(tested.statistic, rel=1e-9)
    cox = fit_cox(USERS[:, None], PATIENTS.stop / YEAR, PATIENTS.endpoint, start=PATIENTS.start / YEAR)
    assert value(course, D.LOG_LIKELIHOOD, **of("cox", "crude")) == pytest.approx(cox.loglik, rel=1e-9)
    overall = proportional_hazards_test(cox, transform="km").overall
    crude = of("cox", "crude")
    assert value(course, D.PROPORTIONAL_HAZARDS_OVERALL, **crude) == pytest.approx(overall.p_value, rel=1e-6)
    assert value(course, D.PROPORTIONAL_HAZARDS, **crude) == pytest.approx(overall.p_value, rel=1e-6)


def test_a_thin_curve_says_how_many_it_begins_with_and_one_that_collapses_is_none() -> None:
    """Two are there from the first day, the others from the tenth; then one alone, who dies before the others come."""
    late = few(start=np.array([0, 0, 10, 10, 10, 10, 10, 10]), stop=np.array([100, 200, 300, 400, 150, 250, 350, 50]))
    thin = diagnosed(fit_prognosis(study(["anxiolytics"]).course, late), D.AT_RISK_FIRST_DAY, level="all")
    assert [(row["value"], noted(row)[NoteCode.CURVE_BEGINS_THIN]["at_risk"]) for row in thin] == [(2.0, 2)]
    gone = few(start=np.array([0, 20, 20, 20, 20, 20, 20, 20]), stop=np.array([10, 200, 300, 400, 150, 250, 350, 50]))
    rows = diagnosed(fit_prognosis(study(["anxiolytics"]).course, gone), D.NO_CURVE, level="all")
    assert [(row["value"], list(noted(row))) for row in rows] == [(None, [NoteCode.CURVE_COLLAPSED])]


@shows(
    "DiagnosticCode=person-years after qualifying",
    "NoteCode=no event after qualifying",
    by=Evidence.OUTSIDE,
)
def test_time_after_qualifying_without_an_event_is_counted_and_left_out() -> None:
    """The second patient, unexposed at diagnosis, qualifies on day 50 and is followed to day 200 without an event."""
    changes = {"anxiolytics": np.array([np.nan, 50.0, *[np.nan] * 6])}
    result = fit_prognosis(study(["anxiolytics"], time_varying=True).course, few(changes=changes))
    (row,) = diagnosed(result, D.PERSON_YEARS_AFTER_QUALIFYING)
    assert row["value"] == pytest.approx(150 / YEAR)
    assert list(noted(row)) == [NoteCode.NO_EVENT_AFTER_QUALIFYING]
