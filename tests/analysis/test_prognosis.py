"""The prognosis: every row against a slow reference, an identity or a planted truth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from riskset.analysis.prognosis import PrognosisResult, fit_prognosis, joint
from riskset.calendar import YEAR
from riskset.errors import DesignError, FitError, FitProblem
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue.english_fits import PROBLEMS
from riskset.results.notes import NoteCode
from riskset.results.tables import SCHEMAS
from riskset.results.vocabulary import DiagnosticCode, Family, Form
from riskset.stats import fit_cox
from tests.analysis.patients_made import RATIO, diagnosed, few, noted, of, one, points, rows, simulated, study
from tests.analysis.patients_made import joint as joint_of
from tests.reference.survival import Row, kaplan_meier
from tests.shown import Evidence, shows

NOT_CONCAVE = PROBLEMS[FitProblem.NOT_CONCAVE]


@shows("Family=rate", "Scale=rate", "Contrast=value", by=Evidence.OUTSIDE)
def test_rates_are_events_by_person_years() -> None:
    result = fit_prognosis(study(["anxiolytics"]).course, few())
    ever = one(result, **of("rate"), level="ever")
    assert ever["person_years"] == pytest.approx((100 + 290 + 150 + 350) / YEAR)
    assert (ever["n_cases"], ever["n_events"]) == (4, 3)
    assert ever["estimate"] == pytest.approx(3 / ever["person_years"])
    assert one(result, **of("rate"), level="all")["n_events"] == 6


@shows("Family=kaplan-meier", "CurveKind=survival", by=Evidence.REFERENCE)
def test_curves_are_those_of_the_reference() -> None:
    patients = simulated(120)
    result = fit_prognosis(study().course, patients)
    slow = [Row(a, b, int(e), ()) for a, b, e in zip(patients.start, patients.stop, patients.event, strict=True)]
    curve = points(result, curve="survival", level="all")
    assert curve[12]["time"] == 1.0
    assert curve[12]["unit"] == "years"
    for point in curve[::6]:
        day = point["time"] * YEAR
        assert point["estimate"] == pytest.approx(kaplan_meier(slow, day), abs=1e-12)
        after = day + 1e-6 if day == 0 else day  # at 0 those at risk just after
        assert point["n_risk"] == sum(r.start < after <= r.stop for r in slow)
        assert point["n_events"] == sum(r.event and r.stop <= day for r in slow)


@shows("prognosis.curves_from", "Scale=rmst", by=Evidence.OUTSIDE)
def test_curves_from_a_landmark_are_conditional_on_living_to_it() -> None:
    """Without delayed entry S(t)/S(L); the restricted mean too."""
    patients = simulated(300, delayed=False)
    plain, later = (fit_prognosis(study(curves_from=begin).course, patients) for begin in ("0d", "6m"))
    curves = [{row["time"]: row["estimate"] for row in points(result, level="all")} for result in (plain, later)]
    shared = [t for t in curves[1] if t in curves[0] and t > 0.5]
    assert shared
    for t in shared:
        assert curves[1][t] == pytest.approx(curves[0][t] / curves[0][0.5], abs=1e-9)
    assert curves[1][0.5] == 1.0
    means = [one(result, level="all", scale="rmst")["estimate"] for result in (plain, later)]
    step = [curves[0][k / 12] for k in range(7)]
    before = float(np.trapezoid(step, dx=1 / 12))
    assert means[1] == pytest.approx(0.5 + (means[0] - before) / step[-1], abs=0.01)


def test_a_curve_that_collapses_early_is_not_shown() -> None:
    """One is at risk at first and dies; all others enter later."""
    patients = few(
        start=np.array([0, 20, 20, 20, 20, 20, 20, 20]), stop=np.array([10, 200, 300, 400, 150, 250, 350, 50])
    )
    result = fit_prognosis(study(["anxiolytics"]).course, patients)
    row = one(result, scale="median", level="all")
    assert row["estimate"] is None
    assert NoteCode.CURVE_COLLAPSED in noted(row)
    assert not points(result, level="all")
    assert fit_prognosis(study(["anxiolytics"], curves_from="30d").course, patients).curves


def test_every_row_of_a_full_prognosis_has_a_key_of_its_own() -> None:
    """All classes, covariates, causes and sensitivities: the tables refuse two rows of one key."""
    patients = simulated(300)
    event = np.where((patients.event == 1) & (np.arange(300) % 5 == 0), 2, patients.event)
    late = np.where((np.arange(300) % 4 == 0) & (patients.level["anxiolytics"] == "never"), 200.0, np.nan)
    changes = {name: late if name == "anxiolytics" else np.full(300, np.nan) for name in patients.level}
    causes = ("death", "invasive_ventilation")
    covariates = {"age": patients.covariates["age"], "sex": patients.covariates["bulbar"]}
    full = replace(patients, event=event, causes=causes, n_endpoints=2, changes=changes, covariates=covariates)
    asked = study(
        endpoint=causes, marker="alsfrs_r", adjust=["age", "sex"], association=["value", "slope"],
        other_baselines=["weibull"], time_varying=True,
    )  # fmt: skip
    result = fit_prognosis(asked.course, full)
    for name, table in result.tables().items():  # refuses two rows of one key
        assert table.schema.equals(SCHEMAS[name])
        assert len(table) > 0
    estimates = rows(result)
    assert {row["comparison"] for row in estimates} == {"cases"}
    assert {row["analysis"] for row in estimates} == {"prognosis", "decline"}
    assert {row["family"] for row in estimates} == FITTED
    assert {row["sensitivity"] for row in estimates} == {
        "", "baseline score", "time-varying exposure", "weibull baseline hazard",
    }  # fmt: skip


FITTED = {
    "rate", "kaplan-meier", "cox", "standardised cox", "cause-specific cox", "fine-gray", "mixed", "joint",
}  # fmt: skip
"""The kinds of models whose estimates a full prognosis has."""


FULL = {"marker": "alsfrs_r", "adjust": ["age", "sex"]}


@pytest.fixture(scope="module")
def recovered() -> PrognosisResult:
    """The mutually adjusted models on simulated patients under delayed entry; ``sex`` stands for bulbar onset."""
    patients = simulated()
    bulbar = patients.covariates["bulbar"]
    return fit_prognosis(
        study(**FULL).course, replace(patients, covariates={"age": patients.covariates["age"], "sex": bulbar})
    )


@shows(
    "Family=joint",
    "Scale=log_hr",
    "Scale=slope",
    "prognosis.marker",
    "prognosis.association=value",
    "prognosis.baseline=spline",
    "prognosis.adjust",
    "prognosis.classes=together",
    "prognosis.decline=linear",
    "Contrast=per unit",
    "Role=marker",
    by=Evidence.PLANTED,
)
def test_the_joint_model_finds_what_was_planted(recovered: PrognosisResult) -> None:
    """Within 3.3 standard errors: 1 in 1,000 each."""
    model = joint_of("mutually adjusted")
    planted = {"anxiolytics": 1.52, "hypnotics": 1.23, "antidepressants": 1.72}
    for name, ratio in planted.items():
        row = one(recovered, **model, exposure=name, **RATIO)
        assert abs(row["estimate"] - np.log(ratio)) < 3.3 * row["std_error"]
        assert row["std_error"] < 0.2
        slope = one(recovered, **model, exposure=name, scale="slope")
        assert abs(slope["estimate"] - (-0.2 if name == "antidepressants" else 0.0)) < 3.3 * slope["std_error"]
    alpha = one(recovered, **model, role="marker")
    assert abs(alpha["estimate"] + 0.09) < 3.3 * alpha["std_error"]
    assert recovered.failures == []


def test_the_mean_slope_of_the_mixed_model_is_flatter(recovered: PrognosisResult) -> None:
    """Those who decline fast die: of what was measured the mean slope is flatter than of all patients."""
    slopes = {
        row["family"]: row["estimate"]
        for row in rows(recovered, exposure="hypnotics", scale="slope", level="never", form="crude")
    }
    assert slopes["mixed"] > slopes["joint"]


@shows("CurveKind=score as if nobody died", by=Evidence.REFERENCE)
def test_those_alive_score_higher_than_if_nobody_died(recovered: PrognosisResult) -> None:
    curves = points(recovered, exposure="hypnotics", level="never")
    alive, undying = (
        {row["time"]: row["estimate"] for row in curves if row["curve"] == name}
        for name in ("score while alive", "score as if nobody died")
    )
    assert alive.keys() == undying.keys()
    model = joint_of("crude", exposure="hypnotics", level="never")
    line, at = one(recovered, **model, scale="slope"), one(recovered, **model, scale="score")
    for row in (row for row in curves if row["curve"] == "score as if nobody died"):
        assert row["estimate"] == pytest.approx(at["estimate"] + row["time"] * line["estimate"])
        assert row["conf_high"] - row["estimate"] == pytest.approx(row["estimate"] - row["conf_low"])
        assert 0 < row["conf_high"] - row["estimate"] < 1.96 * (at["std_error"] + row["time"] * line["std_error"])
    assert all(alive[t] > undying[t] for t in alive)


@shows("Family=cox", "prognosis.classes=each", by=Evidence.REFERENCE)
def test_the_cox_model_is_the_fit_of_these_columns(recovered: PrognosisResult) -> None:
    patients = simulated()
    users = patients.level["anxiolytics"] == "ever"
    fit = fit_cox(users.astype(float), patients.stop, patients.event, start=patients.start)
    row = one(recovered, **of("cox", "crude"), exposure="anxiolytics")
    assert row["estimate"] == pytest.approx(float(fit.beta[0]), abs=1e-9)
    assert (row["n_cases"], row["n_exposed_cases"]) == (500, int(users.sum()))
    assert row["n_exposed_events"] == int(patients.event[users].sum())
    assert NoteCode.TOTAL_EFFECT in noted(row)
    direct = one(recovered, **joint_of("crude"), exposure="anxiolytics", **RATIO)
    assert noted(direct)[NoteCode.DIRECT_EFFECT]["association"] == "value"


def test_the_baseline_score_is_a_labelled_sensitivity_followed_from_it(recovered: PrognosisResult) -> None:
    patients = simulated()
    scored = np.unique(patients.patient)
    first = np.array([patients.day[patients.patient == i].min() for i in scored])
    row = one(recovered, **of("cox", "adjusted", sensitivity="baseline score"), exposure="anxiolytics", **RATIO)
    assert row["n_cases"] == len(scored)
    days = patients.stop[scored] - np.maximum(first, patients.start[scored])
    assert row["person_years"] == pytest.approx(days.sum() / YEAR)
    assert NoteCode.FROM_FIRST_SCORE in noted(row)
    assert NoteCode.TOTAL_EFFECT not in noted(row)


def test_an_example_is_invented_and_whole(recovered: PrognosisResult) -> None:
    visits = points(recovered, curve="forecast visit")
    assert [row["time"] for row in visits] == [0, 3, 6] * 2
    own = {(float(t), float(s)) for t, s in zip(simulated().month, simulated().score, strict=True)}
    assert not own & {(row["time"], row["estimate"]) for row in visits}
    ahead = [row["estimate"] for row in points(recovered, curve="forecast survival")]
    average, fast = ahead[: len(ahead) // 2], ahead[len(ahead) // 2 :]
    assert all(a > b for a, b in zip(average, fast, strict=True))
    (auc,) = diagnosed(recovered, DiagnosticCode.AUC)
    assert 0.6 < auc["value"] < 1


@shows("Family=aalen-johansen", by=Evidence.REFUSED)
def test_gray_is_refused_under_delayed_entry_and_made_without() -> None:
    patients = simulated(200, delayed=False)
    causes = np.where((patients.event == 1) & (np.arange(200) % 5 == 0), 2, patients.event)
    two = replace(patients, event=causes, causes=("death", "invasive_ventilation"), n_endpoints=2)
    asked = study(endpoint=["death", "invasive_ventilation"])
    assert all(
        0 < row["value"] < 1
        for row in diagnosed(fit_prognosis(asked.course, two), DiagnosticCode.GRAY, cause="invasive_ventilation")
    )
    late = replace(two, start=np.minimum(np.arange(200) % 3, two.stop - 1))
    refused = diagnosed(fit_prognosis(asked.course, late), DiagnosticCode.GRAY, cause="invasive_ventilation")
    assert [row["value"] for row in refused] == [None] * 3
    assert list(noted(refused[0])) == [NoteCode.LATE_ENTRY_FORBIDS]


def test_death_that_is_no_endpoint_competes() -> None:
    patients = simulated(200, delayed=False)
    event = np.where((patients.event == 1) & (np.arange(200) % 3 > 0), 2, patients.event)
    two = replace(patients, event=event, causes=("invasive_ventilation", "death"), n_endpoints=1)
    result = fit_prognosis(study(endpoint=["invasive_ventilation"]).course, two)
    supposed = [row for scale in ("rmst", "rmst_difference", "survival") for row in rows(result, scale=scale)]
    assert supposed
    assert all(NoteCode.AS_IF_NOBODY_DIED in noted(row) for row in supposed)
    assert not any(NoteCode.AS_IF_NOBODY_DIED in noted(row) for row in rows(fit_prognosis(study().course, patients)))
    assert one(result, **of("rate"), level="all")["n_events"] == int((event == 1).sum())
    assert {row["cause"] for row in points(result, curve="incidence")} == {"invasive_ventilation", "death"}


def test_a_level_without_events_says_so_and_the_others_are_fitted() -> None:
    patients = simulated(200)
    level = patients.level["anxiolytics"].astype("<U8")
    quiet = np.flatnonzero((patients.event == 0) & (level == "never"))[:5]
    level[quiet] = "lag only"
    asked = study(["anxiolytics"], marker="alsfrs_r")
    result = fit_prognosis(asked.course, replace(patients, level={"anxiolytics": level}))
    for model in (of("cox", "crude"), joint_of("crude")):
        row = one(result, **model, level="lag only", **RATIO)
        assert row["estimate"] is None
        assert NoteCode.NO_EVENT_AT_LEVEL in noted(row)
        assert (row["n_exposed_cases"], row["n_exposed_events"]) == (5, 0)
    kept = np.setdiff1d(np.arange(200), quiet)
    users = (level == "ever")[kept].astype(float)
    fit = fit_cox(users, patients.stop[kept], patients.event[kept], start=patients.start[kept])
    assert one(result, **of("cox", "crude"), level="ever")["estimate"] == pytest.approx(float(fit.beta[0]))
    assert result.failures == []


def test_without_events_among_the_never_exposed_nothing_is_compared() -> None:
    patients = few(event=np.array([1, 0, 1, 0, 1, 0, 0, 0]))
    result = fit_prognosis(study(["anxiolytics"]).course, patients)
    row = one(result, **of("cox", "crude"))
    assert noted(row)[NoteCode.NO_EVENT_IN_REFERENCE]["reference"] == "never"
    (failure,) = result.failures
    assert (failure.model.family, failure.model.form, failure.exposures) == (Family.COX, Form.CRUDE, ("anxiolytics",))
    assert [reason.code for reason in failure.notes] == [NoteCode.NO_LEVEL_TO_COMPARE]


@pytest.mark.parametrize("lag_only", ["level", "exclude"])
def test_a_class_that_no_patient_used_is_counted_and_is_no_failure(lag_only: str) -> None:
    patients = simulated(200)
    nobody = np.full(200, "never", dtype="<U8")
    if lag_only == "exclude":
        nobody[:4] = "lag only"
    patients = replace(patients, level={"opioids": nobody, "anxiolytics": patients.level["anxiolytics"]})
    asked = study(["opioids", "anxiolytics"], marker="alsfrs_r", lag_only=lag_only)
    result = fit_prognosis(asked.course, patients)
    assert result.failures == []
    for model in (of("cox", "crude"), joint_of("crude"), of("cox", "mutually adjusted")):
        row = one(result, **model, exposure="opioids", level="ever", **RATIO)
        assert row["estimate"] is None
        assert list(noted(row)) == [NoteCode.NO_PATIENT_AT_LEVEL]
        assert (row["n_exposed_cases"], row["n_exposed_events"]) == (0, 0)
        assert one(result, **model, exposure="anxiolytics", level="ever", **RATIO)["converged"]


def test_where_no_patient_used_anything_the_prognosis_has_failed() -> None:
    nobody = few(level={"anxiolytics": np.array(["never"] * 8)})
    (failure,) = fit_prognosis(study(["anxiolytics"]).course, nobody).failures
    sentence = "prognosis, Cox, crude of anxiolytics: no level of exposure can be compared; see the reasons in its rows"
    assert ENGLISH.failure(failure) == sentence


@shows("prognosis.endpoint=death", by=Evidence.REFUSED)
def test_nobody_with_an_endpoint_is_refused() -> None:
    with pytest.raises(DesignError, match="none of 8 patients under follow-up has an endpoint"):
        fit_prognosis(study(["anxiolytics"]).course, few(event=np.zeros(8, np.int64)))


@shows("Form=crude, patients of the adjusted model", by=Evidence.REFERENCE)
def test_unknown_covariates_are_counted_and_left_out() -> None:
    patients = simulated(200)
    age = [None if i % 10 == 0 else value for i, value in enumerate(patients.covariates["age"].to_pylist())]
    site = ["spinal"] * 199 + ["none seen"]
    event = patients.event.copy()
    event[199] = 0
    changed = replace(patients, event=event, covariates={"age": pa.array(age), "onset_site": pa.array(site)})
    result = fit_prognosis(study(["anxiolytics"], adjust=["age", "onset_site"]).course, changed)
    assert one(result, **of("cox", "crude"))["n_cases"] == 200
    assert one(result, **of("cox", "adjusted"), **RATIO)["n_cases"] == 179
    same = one(result, **of("cox", "crude, patients of the adjusted model"), **RATIO)
    known = np.array([value is not None for value in age])
    known[199] = False
    users = (patients.level["anxiolytics"] == "ever")[known].astype(float)
    fit = fit_cox(users, patients.stop[known], event[known], start=patients.start[known])
    assert same["n_cases"] == 179
    assert same["estimate"] == pytest.approx(float(fit.beta[0]))
    adjusted = of("cox", "adjusted")
    (unknown,) = diagnosed(result, DiagnosticCode.UNKNOWN_VALUE, covariate="age", **adjusted)
    (lost,) = diagnosed(result, DiagnosticCode.PATIENTS_LEFT_OUT, covariate="onset_site", **adjusted)
    assert (unknown["value"], lost["value"], lost["level"]) == (20, 1, "none seen")
    assert diagnosed(result, DiagnosticCode.COVARIATE_LEFT_OUT, covariate="onset_site", **adjusted)
    (of_all,) = diagnosed(result, DiagnosticCode.UNKNOWN_VALUE, covariate="age", **of(""))
    assert noted(of_all)[NoteCode.OF_WITH_EVENT]["of"] == 200


@shows("prognosis.lag_only=exclude", by=Evidence.OUTSIDE)
def test_lag_only_may_be_excluded() -> None:
    patients = simulated(200)
    level = patients.level["anxiolytics"].astype("<U8")
    level[:20] = "lag only"
    changed = replace(patients, level={"anxiolytics": level})
    result = fit_prognosis(study(["anxiolytics"], lag_only="exclude").course, changed)
    assert one(result, **of("cox", "crude"))["n_cases"] == 180
    assert not rows(result, level="lag only")


@shows("prognosis.time_varying=true", "Sensitivity=time-varying exposure", by=Evidence.REFERENCE)
def test_who_qualifies_after_diagnosis_changes_level() -> None:
    patients = simulated(300)
    change = np.where((np.arange(300) % 4 == 0) & (patients.level["anxiolytics"] == "never"), 200.0, np.nan)
    changed = replace(patients, level={"anxiolytics": patients.level["anxiolytics"]}, changes={"anxiolytics": change})
    result = fit_prognosis(study(["anxiolytics"], time_varying=True).course, changed)
    later = one(result, **of("cox", "crude", sensitivity="time-varying exposure"), level="after diagnosis")
    assert NoteCode.EXPOSURE_CHANGES in noted(later)
    split = []
    for a, b, e, c in zip(patients.start, patients.stop, patients.event, change, strict=True):
        cut = min(max(c, a), b) if not np.isnan(c) else b
        split += [(a, cut, e if cut == b else 0, 0.0)] if cut > a else []
        split += [(cut, b, e, 1.0)] if b > cut else []
    start, stop, event, after = (np.array(column) for column in zip(*split, strict=True))
    users = [
        u
        for u, a, b, c in zip(
            patients.level["anxiolytics"] == "ever", patients.start, patients.stop, change, strict=True
        )
        for _ in range(1 + bool(a < c < b))
    ]
    fit = fit_cox(np.column_stack([users, after]), stop, event, start=start)
    assert later["estimate"] == pytest.approx(float(fit.beta[1]), abs=1e-8)
    assert later["n_exposed_cases"] == after.sum() > 0  # one piece a patient
    assert later["n_exposed_events"] == ((event > 0) & (after == 1)).sum() > 0
    assert later["person_years"] == pytest.approx((stop - start).sum() / 365.25)


def test_a_joint_fit_that_did_not_converge_prints_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    true = joint.fit_joint
    monkeypatch.setattr(
        joint,
        "fit_joint",
        lambda *given, **named: replace(
            true(*given, **named), converged=False, failure=FitError("a flat top", problem=FitProblem.NOT_CONCAVE)
        ),
    )
    result = fit_prognosis(study(["anxiolytics"], marker="alsfrs_r").course, simulated(120))
    row = one(result, **joint_of("crude"), **RATIO)
    assert row["estimate"] is None
    assert row["converged"] is False
    assert [ENGLISH.failure(failure) for failure in result.failures] == [
        f"prognosis, joint model, value, crude of anxiolytics: not converged: {NOT_CONCAVE}"
    ]
    (converged,) = diagnosed(result, DiagnosticCode.CONVERGED)
    assert (converged["value"], noted(converged)[NoteCode.NOT_CONVERGED]["problem"]) == (0, "not concave")
    assert {row["family"] for row in points(result)} == {"kaplan-meier", "mixed", "measured"}


def test_a_score_that_cannot_be_modelled_is_a_failure_and_no_crash() -> None:
    patients = simulated(120)
    result = fit_prognosis(
        study(["anxiolytics"], marker="alsfrs_r").course, replace(patients, score=np.full(len(patients.day), 30.0))
    )
    assert rows(result, **of("cox", "crude"))
    assert len(result.failures) == 2
    assert all("constant" in ENGLISH.failure(failure) for failure in result.failures)


def test_without_a_marker_there_is_no_decline() -> None:
    result = fit_prognosis(study(["anxiolytics"]).course, simulated(120))
    assert {row["analysis"] for row in rows(result)} == {"prognosis"}
    assert not rows(result, family="joint")


@shows("prognosis.decline=spline", "Scale=slope", by=Evidence.PLANTED)
@pytest.mark.parametrize(
    "changes",
    [
        {"decline": "spline"},
        {"baseline": "piecewise"},
        {"baseline": "weibull", "association": ["slope", "random effects"]},
    ],
)
def test_other_forms_of_the_models(changes: dict[str, Any]) -> None:
    result = fit_prognosis(study(["antidepressants"], marker="alsfrs_r", **changes).course, simulated(300))
    joint_rows = rows(result, family="joint")
    assert {row["association"] for row in joint_rows} == set(changes.get("association", ["value"]))
    for row in joint_rows:
        assert (row.get("estimate") is not None) == row["converged"]
    slope = one(result, **of("mixed", "crude"), scale="slope", level="ever")
    assert (NoteCode.OVER_FIRST_YEAR in noted(slope)) == ("decline" in changes)
    assert abs(slope["estimate"] + 0.2) < 3.3 * slope["std_error"]


def test_a_decline_needs_no_events_and_says_who_has_no_score() -> None:
    patients = simulated(200)
    level = patients.level["anxiolytics"].astype("<U8")
    scored = np.bincount(patients.patient, minlength=200) > 0
    level[np.flatnonzero(~scored)[0]] = "lag only"
    event = np.where(level == "ever", 0, patients.event)
    changed = replace(patients, event=event, level={"anxiolytics": level})
    result = fit_prognosis(study(["anxiolytics"], marker="alsfrs_r").course, changed)
    model = of("mixed", "crude")
    assert one(result, **model, scale="slope", level="ever")["n_exposed_events"] == 0
    assert one(result, **model, scale="slope", level="lag only")["estimate"] is None
    assert NoteCode.NOBODY_LEFT_AT_LEVEL in noted(one(result, **model, scale="slope", level="lag only"))
