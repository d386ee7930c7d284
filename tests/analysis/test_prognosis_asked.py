"""What a prognosis is asked for, row by row: against plain loops, columns written out and people made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from riskset.analysis.prognosis import PrognosisResult, fit_prognosis
from riskset.analysis.prognosis.patients import Patients, read_patients
from riskset.calendar import MONTH, YEAR
from riskset.cohort.cases import find_cases
from riskset.cohort.followup import find_followup
from riskset.errors import SpecError
from riskset.spec.study import Study
from riskset.stats import Trajectory, Weibull, fit_cox, fit_joint
from riskset.stats.joint.trajectory import Association
from tests.analysis.patients_made import RATIO, few, joint, of, one, points, rows, simulated, study
from tests.analysis.test_prognosis_models import by_loops
from tests.people import Nation, nation
from tests.reference.survival import Row, kaplan_meier
from tests.shown import Evidence, shows


def columns(patients: Patients, *names: str) -> np.ndarray:
    """Use of the first class, then covariates about their means."""
    users = (patients.level["anxiolytics"] == "ever").astype(float)
    numbers = [np.asarray(patients.covariates[name].to_pylist(), float) for name in names]
    return np.column_stack([users, *(number - number.mean() for number in numbers)])


@shows("prognosis.adjust", "Family=cox", "Scale=log_hr", by=Evidence.REFERENCE)
def test_the_adjusted_cox_model_is_the_fit_of_these_columns() -> None:
    patients = simulated(200)
    result = fit_prognosis(study(["anxiolytics"], adjust=["age"]).course, patients)
    fit = fit_cox(columns(patients, "age"), patients.stop, patients.event, start=patients.start)
    adjusted = of("cox", "adjusted")
    row, age = one(result, **adjusted, **RATIO), one(result, **adjusted, covariate="age")
    for i, found in enumerate((row, age)):
        assert found["estimate"] == pytest.approx(float(fit.beta[i]), abs=1e-9)
        assert found["std_error"] == pytest.approx(float(fit.std_error[i]), abs=1e-9)


@shows("study.conf_level", "Family=rate", "Scale=rate", by=Evidence.OUTSIDE)
def test_limits_have_the_coverage_asked_for() -> None:
    """Of 3 events the exact limits are half the quantiles of χ² with 6 and 8 degrees of freedom (Garwood 1936)."""
    asked = study(["anxiolytics"]).model_copy(update={"conf_level": 0.9})
    result = fit_prognosis(asked.course, few())
    rate = one(result, **of("rate"), level="ever")
    assert rate["conf_low"] * rate["person_years"] == pytest.approx(stats.chi2.ppf(0.05, 6) / 2)
    assert rate["conf_high"] * rate["person_years"] == pytest.approx(stats.chi2.ppf(0.95, 8) / 2)
    cox = one(result, **of("cox", "crude"), level="ever")
    assert cox["conf_high"] - cox["estimate"] == pytest.approx(1.6448536269514722 * cox["std_error"])


@shows("Sensitivity=baseline score", by=Evidence.REFERENCE)
def test_the_baseline_score_is_a_column_from_its_day_on() -> None:
    patients = simulated(200)
    result = fit_prognosis(study(["anxiolytics"], marker="alsfrs_r", adjust=["age"]).course, patients)
    first: dict[int, tuple[int, float]] = {}
    for who, day, score in zip(patients.patient.tolist(), patients.day.tolist(), patients.score, strict=True):
        if who not in first or day < first[who][0]:
            first[who] = (day, float(score))
    own = np.array(sorted(first))
    begin = np.maximum([first[i][0] for i in own], patients.start[own])
    score = np.array([first[i][1] for i in own])
    x = np.column_stack([columns(patients, "age")[own], score])
    fit = fit_cox(x, patients.stop[own], patients.event[own], start=begin)
    row = one(result, **of("cox", "adjusted", sensitivity="baseline score"), **RATIO)
    assert len(own) < 200
    assert row["estimate"] == pytest.approx(float(fit.beta[0]), abs=1e-8)
    assert row["std_error"] == pytest.approx(float(fit.std_error[0]), abs=1e-8)


@shows(
    "prognosis.survival_at",
    "Family=standardised cox",
    "Scale=survival",
    "Scale=survival_difference",
    "Scale=log_chr",
    by=Evidence.REFERENCE,
)
@pytest.mark.parametrize(("asked", "days"), [("1y", 365.25), ("18m", 18 * 30.4375)])
def test_standardised_survival_is_that_of_plain_loops_at_the_time_asked_for(asked: str, days: float) -> None:
    patients = simulated(200)
    result = fit_prognosis(study(["anxiolytics"], adjust=["age"], survival_at=asked).course, patients)
    level = patients.level["anxiolytics"]
    x = columns(patients, "age")[:, 1:]
    fit = fit_cox(x, patients.stop, patients.event, start=patients.start, strata=level)
    event = (patients.event == 1) & (patients.stop <= days)
    share = {
        name: by_loops(x, fit.beta, patients.start, patients.stop, event, level == name) for name in ("never", "ever")
    }
    made = rows(result, **of("standardised cox", "adjusted"))
    found = {(row["level"], row["scale"]): row["estimate"] for row in made}
    assert found == {
        ("never", "survival"): pytest.approx(share["never"], abs=1e-9),
        ("ever", "survival"): pytest.approx(share["ever"], abs=1e-9),
        ("ever", "survival_difference"): pytest.approx(share["ever"] - share["never"], abs=1e-9),
        ("ever", "log_chr"): pytest.approx(np.log(np.log(share["ever"]) / np.log(share["never"])), abs=1e-8),
    }


@shows("prognosis.horizon", "Scale=rmst", "Scale=rmst_difference", "Scale=median", by=Evidence.REFERENCE)
@pytest.mark.parametrize(("horizon", "days"), [("1y", 365.25), ("2y", 730.5)])
def test_means_and_medians_are_those_of_the_reference_curve(horizon: str, days: float) -> None:
    """The mean up to the horizon is the area under the curve, day by day; half have had the event at the median."""
    patients = simulated(200, delayed=False)
    result = fit_prognosis(study(["anxiolytics"], horizon=horizon).course, patients)
    means = {}
    for level in ("never", "ever"):
        own = patients.level["anxiolytics"] == level
        slow = [Row(0, float(b), int(e), ()) for b, e in zip(patients.stop[own], patients.event[own], strict=True)]
        share = [kaplan_meier(slow, float(day)) for day in range(int(days) + 1)]
        means[level] = (sum(share[:-1]) + share[-1] * (days - int(days))) / YEAR
        row = one(result, exposure="anxiolytics", level=level, scale="rmst")
        assert row["estimate"] == pytest.approx(means[level], abs=1e-9)
        half = next(day for day in range(5000) if kaplan_meier(slow, float(day)) <= 0.5)
        median = one(result, exposure="anxiolytics", level=level, scale="median")
        assert median["estimate"] == pytest.approx(half / YEAR, abs=1e-9)
    difference = one(result, exposure="anxiolytics", level="ever", scale="rmst_difference")
    assert difference["estimate"] == pytest.approx(means["ever"] - means["never"], abs=1e-9)


@pytest.fixture(scope="module")
def course() -> PrognosisResult:
    return fit_prognosis(study(["anxiolytics"], marker="alsfrs_r").course, simulated(200))


@shows("Family=measured", "CurveKind=measured score", by=Evidence.REFERENCE)
def test_measured_scores_are_plain_means_in_bands_of_three_months(course: PrognosisResult) -> None:
    patients = simulated(200)
    for level in ("never", "ever"):
        curve = points(course, curve="measured score", level=level)
        assert [point["time"] for point in curve][:2] == [1.5, 4.5]
        for point in curve:
            inside = [
                float(score)
                for who, day, score in zip(patients.patient, patients.day, patients.score, strict=True)
                if patients.level["anxiolytics"][who] == level and -1.5 <= day / MONTH - point["time"] < 1.5
            ]
            assert point["n_scores"] == len(inside) > 0
            assert point["estimate"] == pytest.approx(np.mean(inside))


@shows("CurveKind=score", "Scale=score", "Scale=slope", "Contrast=value", by=Evidence.REFERENCE)
def test_the_mean_course_is_the_line_of_the_rows(course: PrognosisResult) -> None:
    """Level and slope of the never exposed, and their differences among the exposed, make the lines drawn."""
    made = rows(course, **of("mixed", "crude"), exposure="anxiolytics")
    value = {(row["scale"], row["level"]): row["estimate"] for row in made}
    assert len(value) == 4
    for level in ("never", "ever"):
        curve = points(course, curve="score", level=level)
        assert len(curve) > 12
        start, slope = (
            value[scale, "never"] + (value[scale, "ever"] if level == "ever" else 0) for scale in ("score", "slope")
        )
        for point in curve:
            assert point["estimate"] == pytest.approx(start + slope * point["time"], abs=1e-9)


@shows("CurveKind=forecast visit", by=Evidence.REFERENCE)
def test_the_invented_visits_are_those_of_the_mean_and_of_twice_its_pace(course: PrognosisResult) -> None:
    """Whole points on the line of the never exposed, at 0, 3 and 6 months, and with twice its slope."""
    model = joint("crude", level="never")
    start, slope = (one(course, scale=scale, **model)["estimate"] for scale in ("score", "slope"))
    for level, pace in (("average pace", 1), ("twice the average pace", 2)):
        visits = points(course, curve="forecast visit", level=level)
        assert [visit["estimate"] for visit in visits] == [round(start + pace * slope * month) for month in (0, 3, 6)]


@shows(
    "prognosis.other_baselines=spline",
    "prognosis.other_baselines=piecewise",
    "prognosis.other_baselines=weibull",
    "Sensitivity=spline baseline hazard",
    "Sensitivity=piecewise baseline hazard",
    "Sensitivity=weibull baseline hazard",
    by=Evidence.REFERENCE,
)
def test_another_baseline_is_what_the_main_model_with_it_is() -> None:
    """Each way round: the sensitivity of a study is the main model of the study that asks for it."""
    patients = simulated(150)
    kinds = ("spline", "piecewise", "weibull")
    main, beside = {}, []
    for kind in kinds:
        others = [other for other in kinds if other != kind]
        asked = study(["antidepressants"], marker="alsfrs_r", baseline=kind, other_baselines=others)
        result = fit_prognosis(asked.course, patients)
        main[kind] = one(result, **joint("crude"), **RATIO)
        for other in others:
            sensitivity = joint("crude", sensitivity=f"{other} baseline hazard")
            beside.append((other, one(result, **sensitivity, **RATIO)))
    for kind, row in beside:
        assert row["estimate"] == pytest.approx(main[kind]["estimate"], abs=1e-9)
        assert row["std_error"] == pytest.approx(main[kind]["std_error"], abs=1e-9)
    assert len({round(row["estimate"], 6) for row in main.values()}) == 3


@shows(
    "prognosis.association=value",
    "prognosis.association=slope",
    "prognosis.association=cumulative",
    "prognosis.association=random effects",
    "Association=value",
    "Association=slope",
    "Association=cumulative",
    "Association=random effects",
    by=Evidence.REFERENCE,
)
def test_each_association_is_the_fit_of_these_columns() -> None:
    patients = simulated(150)
    names: tuple[Association, ...] = ("value", "slope", "cumulative", "random effects")
    asked = study(["antidepressants"], marker="alsfrs_r", association=names, baseline="weibull")
    result = fit_prognosis(asked.course, patients)
    users = (patients.level["antidepressants"] == "ever").astype(float)
    months, found = YEAR / 12, []
    for name in names:
        fit = fit_joint(
            patients.score, patients.month, patients.patient, patients.stop / months, patients.event,
            start=patients.start / months, x=users, w=users, trajectory=Trajectory(shifts=(0,), bends=(0,)),
            baseline=Weibull(), association=name,
        )  # fmt: skip
        assert fit.converged
        row = one(result, **joint("crude", name), **RATIO)
        assert row["estimate"] == pytest.approx(float(fit.gamma[0, 0]), abs=1e-6)
        found.append(round(row["estimate"], 3))
    assert len(set(found)) == len(names)


HOME = "lives 1990-01-01..2030-01-01 als 2015-06-01"
USERS = f"""
before f 1950-01-01 {HOME} takes N05BA01 2010-01-01 takes N05BA01 2014-05-31
onday  f 1950-01-01 {HOME} takes N05BA01 2010-01-01 takes N05BA01 2014-06-01   # a year before: the lag's first day
inside f 1950-01-01 {HOME} takes N05BA01 2010-01-01 takes N05BA01 2014-12-01
half   f 1950-01-01 {HOME} takes N05BA01 2010-01-01 takes N05BA01 2014-11-30
day    f 1950-01-01 {HOME} takes N05BA01 2010-01-01 takes N05BA01 2015-06-01   # the day of diagnosis is in no window
once   f 1950-01-01 {HOME} takes N05BA01 2010-01-01
other  f 1950-01-01 {HOME} takes N06AB04 2010-01-01 takes N06AB04 2011-01-01
"""


@pytest.fixture(scope="module")
def users() -> Nation:
    return nation(USERS)


def levels_of(people: Nation, **prognosis: Any) -> dict[str, dict[str, str]]:
    """Exposure → name → level, of those who took something of the class twice before diagnosis."""
    measure = {"at_least": 2, "measures": [{"kind": "ever"}]}
    described = Study.model_validate(
        {
            "name": "made",
            "period": {"start": "2015-01-01", "stop": "2018-01-01"},
            "eligibility": {"run_in": "0d"},
            "cases": {"first": {"registry": "mnd"}},
            "controls": [{"kind": "population", "match": []}],
            "exposures": [
                {"name": name, "codes": {"atc": [code]}, **measure}
                for name, code in (("anxiolytics", "N05B"), ("antidepressants", "N06A"))
            ],
            "prognosis": {"endpoint": ["death"], "entry": "diagnosis", **prognosis},
        }
    )
    cases = find_cases(people.registers, described.case_definition)
    patients = read_patients(people.registers, described, cases)
    followed = find_followup(people.registers, described.course, cases).table
    names = [people.names[number] for number in followed["person_id"].to_pylist()]
    return {
        exposure: {name: str(level) for name, level in zip(names, own, strict=True) if level != "never"}
        for exposure, own in patients.level.items()
    }


@shows("prognosis.lag", "prognosis.lag_only=level", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("lag", "ever", "late"),
    [
        ("1y", ["before"], ["half", "inside", "onday"]),
        ("6m", ["before", "half", "onday"], ["inside"]),
        ("0d", ["before", "half", "inside", "onday"], []),
    ],
)
def test_patients_are_exposed_who_qualified_before_the_lag(
    users: Nation, lag: str, ever: list[str], late: list[str]
) -> None:
    found = levels_of(users, lag=lag)
    assert found["anxiolytics"] == dict.fromkeys(ever, "ever") | dict.fromkeys(late, "lag only")
    assert found["antidepressants"] == {"other": "ever"}


@shows("prognosis.lag_only=reference", by=Evidence.OUTSIDE)
def test_use_inside_the_lag_may_count_as_none(users: Nation) -> None:
    assert levels_of(users, lag_only="reference")["anxiolytics"] == {"before": "ever"}


@shows("prognosis.exposures", by=Evidence.OUTSIDE)
def test_the_prognosis_is_of_the_exposures_it_names(users: Nation) -> None:
    assert levels_of(users, exposures=["antidepressants"]) == {"antidepressants": {"other": "ever"}}


def test_a_study_without_a_prognosis_is_refused(users: Nation) -> None:
    asked = study(["anxiolytics"]).model_copy(update={"prognosis": None})
    with pytest.raises(SpecError, match="asks for no prognosis"):
        fit_prognosis(asked.course, few())
    with pytest.raises(SpecError, match="asks for no prognosis"):
        read_patients(users.registers, asked, find_cases(users.registers, asked.case_definition))
