"""What is said of the score's course, of direct effects and of forecasts; and why there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from riskset.analysis.prognosis import Patients, PrognosisResult, decline, fit_prognosis, joint
from riskset.errors import FitError, FitProblem
from riskset.results.notes import NoteCode as N
from riskset.results.vocabulary import DiagnosticCode as D
from tests.analysis.patients_made import simulated, study
from tests.said import Said, arguments, diagnosed, said
from tests.shown import Evidence, shows

NAME = "antidepressants"
MIXED, JOINT = "mixed crude", "joint crude value"


def made(n: int = 60) -> Patients:
    patients = simulated(n)
    return replace(patients, level={NAME: patients.level[NAME].astype("<U8")}, covariates={})


def fit(patients: Patients, **asked: Any) -> PrognosisResult:
    return fit_prognosis(study([NAME], **{"marker": "alsfrs_r", "baseline": "weibull"} | asked), patients)


def notes(result: PrognosisResult) -> Said:
    """Those of what has a marker in it."""
    tables = result.estimates, result.diagnostics, result.curves, result.failures
    rows = [row for table in tables for row in table]
    return said([row for row in rows if row.model.family in ("mixed", "joint", "measured") or _counts_scores(row)])


def _counts_scores(row: Any) -> bool:
    return str(getattr(row, "who", "")) == "scores"


@pytest.fixture(scope="module")
def course() -> PrognosisResult:
    return fit(made())


def of_levels(*what: str) -> set[str]:
    return {f"{model} {NAME}={level} {rest}" for level in ("never", "ever") for model, rest in map(_parted, what)}


def _parted(place: str) -> tuple[str, str]:
    model, _, rest = place.partition("/")
    return model, rest


PACES = [f"{JOINT} ={pace} pace forecast" for pace in ("average", "twice the average")]
FORECASTS = {f"{pace} {what}" for pace in PACES for what in ("score", "survival")}
OWN = {f"{NAME}=ever slope", f"{NAME}=ever score", f"{NAME}=never slope value", f"{NAME}=never score value"}
"""Slopes and scores: the difference of the exposed, and the unexposed's own."""
FIFTHS = {f"{risk} risk: {JOINT} {NAME}={i} patients" for risk in ("predicted", "observed") for i in range(1, 6)}


@shows(
    "NoteCode=of the measured scores",
    "NoteCode=of all patients as if nobody died",
    "NoteCode=of those who live to that time",
    "NoteCode=mean of a band of months",
    "NoteCode=invented patient",
    "NoteCode=limits of the patient's own",
    "NoteCode=direct effect",
    "NoteCode=of",
    "NoteCode=of patients",
    "NoteCode=of them without a score",
    "NoteCode=baseline hazard",
    "NoteCode=nodes an axis",
    "NoteCode=at risk at the landmark",
    by=Evidence.OUTSIDE,
)
def test_each_note_stands_on_the_rows_that_it_is_true_of(course: PrognosisResult) -> None:
    assert notes(course) == {
        N.OF_MEASURED_SCORES: {f"{MIXED} {place}" for place in OWN} | of_levels(f"{MIXED}/score"),
        N.OF_ALL_AS_IF_NOBODY_DIED: {f"{JOINT} {place}" for place in OWN}
        | of_levels(f"{JOINT}/score as if nobody died"),
        N.OF_THE_LIVING: of_levels(f"{JOINT}/score while alive"),
        N.BAND_MEAN: of_levels("measured/measured score"),
        N.INVENTED_PATIENT: FORECASTS | {f"{pace} visit" for pace in PACES},
        N.LIMITS_OF_THE_PATIENT: FORECASTS,
        N.DIRECT_EFFECT: {f"{JOINT} {NAME}=ever"},
        N.OF: {"scores at the floor: scores", "scores with decimals: scores"},
        N.OF_PATIENTS: FIFTHS | {f"scores: {MIXED} {NAME} scores"},
        N.WITHOUT_SCORE: {f"patients: {JOINT} {NAME} patients"},
        N.BASELINE_HAZARD: {f"log-likelihood: {JOINT} {NAME}"},
        N.QUADRATURE_OF: {f"change with four more nodes: {JOINT} {NAME}"},
        N.AT_LANDMARK: {
            f"{code}: {JOINT} {NAME}" for code in ("area under the ROC curve", "brier score", "scaled brier score")
        },
    }


def only(course: PrognosisResult, code: N) -> dict[str, Any]:
    """The arguments of a note that is the same wherever it stands."""
    found = list(arguments(code, course.estimates, course.diagnostics, course.curves).values())
    assert found
    assert all(one == found[0] for one in found)
    return dict(found[0])


@shows(
    "NoteCode=of",
    "NoteCode=of them without a score",
    "NoteCode=baseline hazard",
    "NoteCode=at risk at the landmark",
    "NoteCode=direct effect",
    "DiagnosticCode=scores with decimals",
    "DiagnosticCode=scores at the floor",
    by=Evidence.OUTSIDE,
)
def test_the_numbers_in_notes_are_counts_of_these_patients(course: PrognosisResult) -> None:
    patients = made()
    scored = set(patients.patient.tolist())
    months = patients.stop / (365.25 / 12)
    late, ahead = months > 6, (months > 6) & (months <= 18) & (patients.event == 1)
    assert only(course, N.OF) == {"of": len(patients.score)}
    assert only(course, N.WITHOUT_SCORE) == {"patients": 60 - len(scored)}
    assert only(course, N.BASELINE_HAZARD) == {"baseline": "weibull", "coefficients": 2}
    assert only(course, N.DIRECT_EFFECT) == {"association": "value"}
    entered = late & (patients.start / (365.25 / 12) <= 6)
    at_risk = {"landmark": 6.0, "ahead": 12.0, "at_risk": int(entered.sum()), "events": int((ahead & entered).sum())}
    assert only(course, N.AT_LANDMARK) == at_risk
    found = diagnosed(course.diagnostics)
    assert found[D.SCORES_WITH_DECIMALS] == {"scores": int((patients.score % 1 != 0).sum())}
    assert found[D.SCORES_AT_FLOOR] == {"scores": int((patients.score <= 0).sum())}
    bands = {(one["low"], one["high"]) for one in _all(course, N.BAND_MEAN)}
    assert bands == {(low, low + 3) for low, _ in bands}
    points = [row for row in course.curves if row.model.family == "measured" and row.level == "ever"]
    exposed = patients.level[NAME][patients.patient] == "ever"
    for row in points:
        low = row.time - 1.5
        inside = exposed & (patients.month >= low) & (patients.month < low + 3)
        assert row.estimate == pytest.approx(patients.score[inside].mean())
        assert row.n_scores == inside.sum()


def _all(course: PrognosisResult, code: N) -> list[dict[str, Any]]:
    return [dict(one.arguments.as_json()) for row in course.curves for one in row.notes if one.code is code]


@shows(
    "NoteCode=mean over the first year", "NoteCode=from the first score", "NoteCode=complete case", by=Evidence.OUTSIDE
)
def test_slopes_of_curved_courses_and_models_of_the_first_score_say_so(course: PrognosisResult) -> None:
    patients = made()
    with_age = replace(patients, covariates={"age": simulated(60).covariates["age"]})
    result = fit(with_age, decline="spline", adjust=["age"])
    told = said(result.estimates)
    slopes = {
        f"{model} {form}{NAME}={level}"
        for model, form in (
            ("mixed crude", ""),
            ("mixed adjusted", ""),
            ("joint crude value", ""),
            ("joint adjusted value", ""),
        )
        for level in ("ever slope", "never slope value")
        if "crude" in model or level.startswith("ever")
    }
    assert {place.replace("  ", " ") for place in told[N.OVER_FIRST_YEAR]} == {
        place.replace(f"{NAME}=", f" {NAME}=").replace("  ", " ") for place in slopes
    }
    assert told[N.FROM_FIRST_SCORE] == {f"cox adjusted baseline score {NAME}=ever"}
    assert told[N.COMPLETE_CASE] == {
        f"cox adjusted {NAME}=ever", f"cox adjusted baseline score {NAME}=ever", f"joint adjusted value {NAME}=ever",
    }  # fmt: skip
    assert told[N.TOTAL_EFFECT] == {f"cox {form} {NAME}=ever" for form in ("crude", "adjusted")}
    straight = said(course.estimates)
    assert not {N.OVER_FIRST_YEAR, N.FROM_FIRST_SCORE, N.COMPLETE_CASE} & straight.keys()


def scored(patients: Patients, keep: Any) -> Patients:
    return replace(patients, patient=patients.patient[keep], day=patients.day[keep], score=patients.score[keep])


def one_day_each(patients: Patients, who: Any) -> Patients:
    """Of some patients the first score alone, on the same day of all of them."""
    theirs = np.isin(patients.patient, who)
    first = np.zeros(len(patients.day), bool)
    first[np.unique(patients.patient, return_index=True)[1]] = True
    kept = scored(patients, ~theirs | first)
    return replace(kept, day=np.where(np.isin(kept.patient, who), 0, kept.day))


@shows(
    "NoteCode=scores on too few days at this level",
    "NoteCode=scores on too few days in the reference",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize("level", ["ever", "never"])
def test_a_level_with_scores_on_one_day_has_no_course(level: str) -> None:
    patients = made()
    result = fit(one_day_each(patients, np.flatnonzero(patients.level[NAME] == level)))
    code = N.FEW_SCORE_DAYS_AT_LEVEL if level == "ever" else N.FEW_SCORE_DAYS_IN_REFERENCE
    other = {N.FEW_SCORE_DAYS_AT_LEVEL, N.FEW_SCORE_DAYS_IN_REFERENCE} - {code}
    told = notes(result)
    out = {f"patients left out at a level: {model} {NAME}=ever patients" for model in (MIXED, JOINT)}
    assert told[code] == {f"{MIXED} {NAME}=ever slope", f"{JOINT} {NAME}=ever"} | out
    assert not other & told.keys()
    facts = {"days": 2} | ({"reference": "never"} if level == "never" else {})
    assert only(result, code) == facts


@shows("DiagnosticCode=singular", by=Evidence.OUTSIDE)
def test_a_course_that_is_the_same_for_all_but_error_is_singular() -> None:
    """Every patient has the same line and the errors +1, −1, −1, +1 on it: no variance is between patients."""
    number = 40
    plain = replace(made(number), level={NAME: np.where(np.arange(number) % 2 == 0, "ever", "never")})
    month = np.tile([0, 60, 120, 180], number)
    score = 40 - month / 60 + np.tile([1.0, -1.0, -1.0, 1.0], number)
    same = replace(plain, patient=np.repeat(np.arange(number), 4), day=month, score=score, stop=plain.stop + 200)
    found = diagnosed(fit(same).diagnostics)
    assert found[D.SINGULAR] == {f"{MIXED} {NAME}": None}
    assert found[D.SLOPE_SD][f"{MIXED} {NAME}"] == pytest.approx(0, abs=1e-3)


def test_a_course_that_differs_between_patients_is_not_singular(course: PrognosisResult) -> None:
    assert D.SINGULAR not in diagnosed(course.diagnostics)


@shows("NoteCode=not measured", by=Evidence.OUTSIDE)
def test_a_forecast_beyond_all_follow_up_is_not_measured(course: PrognosisResult) -> None:
    """Nobody is followed for the year after the landmark of six months, and nobody has an event after it."""
    patients = made()
    stop = np.minimum(patients.stop - patients.start, 400)
    early = replace(patients, start=np.zeros(60, np.int64), stop=stop, event=np.where(stop > 183, 0, patients.event))
    short = scored(early, patients.day < stop[patients.patient])
    result = fit(short)
    assert diagnosed(result.diagnostics)[D.AUC] == {f"{JOINT} {NAME}": None}
    assert notes(result)[N.NOT_MEASURED] == {f"area under the ROC curve: {JOINT} {NAME}"}
    assert not {D.BRIER, D.PREDICTED_RISK} & diagnosed(result.diagnostics).keys()
    assert N.NOT_MEASURED not in notes(course)


@shows("NoteCode=not converged", "NoteCode=not estimable", "DiagnosticCode=converged", by=Evidence.OUTSIDE)
def test_fits_that_do_not_converge_or_cannot_be_made_say_so(
    course: PrognosisResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = FitError("a flat top", problem=FitProblem.NOT_CONCAVE)
    mixed, whole = decline.fit_mixed, joint.fit_joint
    monkeypatch.setattr(decline, "fit_mixed", lambda *a, **k: replace(mixed(*a, **k), converged=False))
    monkeypatch.setattr(joint, "fit_joint", lambda *a, **k: replace(whole(*a, **k), converged=False, failure=flat))
    result = fit(made())
    rows = {f"{MIXED} {NAME}=ever slope", f"{JOINT} {NAME}=ever"}
    failures = {f"failure: {model} {NAME}" for model in (MIXED, JOINT)}
    assert notes(result)[N.NOT_CONVERGED] == {*rows, *failures, f"converged: {JOINT} {NAME}"}
    assert diagnosed(result.diagnostics)[D.CONVERGED] == {f"{JOINT} {NAME}": 0}
    monkeypatch.undo()

    constant = replace(made(), score=np.full(len(made().score), 30.0))
    assert notes(fit(constant))[N.NOT_ESTIMABLE] == {*rows, *failures}
    assert diagnosed(course.diagnostics)[D.CONVERGED] == {f"{JOINT} {NAME}": 1}
    assert not {N.NOT_CONVERGED, N.NOT_ESTIMABLE} & notes(course).keys()
