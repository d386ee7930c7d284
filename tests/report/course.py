"""Hand-made results of a prognosis: the shape of a run's, nobody's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log
from typing import Any

from riskset.cohort.attrition import Attrition, criterion
from riskset.results.columns import as_cells
from riskset.results.notes import Note, NoteCode, note
from riskset.results.planted_prognosis import CASES, HORIZON, MODEL, STANDARDISED
from riskset.results.released import Released
from riskset.results.rows import AttritionStep, CurvePoint, Diagnostic, Estimate, KnownTruth
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, Unit
from riskset.results.vocabulary import (
    Analysis,
    Contrast,
    CurveKind,
    DiagnosticCode,
    Family,
    Form,
    Model,
    Pace,
    Role,
    Scale,
    Sensitivity,
    TruthKind,
    Who,
)
from riskset.spec.study import Study
from tests.report.released import make_estimates, make_planted, make_released, make_study

Row = dict[str, Any]

CLASSES = ("anxiolytics", "antidepressants")
DIRECT_RATIOS = {"anxiolytics": 1.52, "antidepressants": 1.72}
TOTAL_RATIOS = {"anxiolytics": 1.27, "antidepressants": 1.61}
MEDIAN = {("anxiolytics", "never"): 1.75, ("anxiolytics", "ever"): 1.25, ("antidepressants", "never"): 1.9}
BEGIN = 0.25
"""Years after diagnosis at which curves begin: three months."""


def make_course_study(**changed: Any) -> Study:
    """A study of two classes with a prognosis and published hazard ratios, one of them without an interval."""
    described = make_study(CLASSES).model_dump(mode="json")
    prognosis = {
        "endpoint": ["death", "invasive_ventilation"], "marker": "alsfrs_r", "adjust": ["age", "bmi"],
        "curves_from": "3m",
    }  # fmt: skip
    common = {"analysis": "prognosis", "measure": "ever", "level": "ever", "source": "A paper 2025;8(6)"}
    described["published"] += [
        common | {"exposure": "anxiolytics", "estimate": 1.52, "low": 1.12, "high": 2.05, "note": "as 300 events give"},
        common | {"exposure": "antidepressants", "estimate": 1.23},
    ]
    return Study.model_validate(described | {"prognosis": prognosis} | changed)


def model(family: Family, form: Form = Form.NONE, **facts: Any) -> Model:
    """A model of the prognosis."""
    return Model(facts.pop("analysis", Analysis.PROGNOSIS), family, form, "ever", **facts)


COX, RATES, KAPLAN_MEIER = model(Family.COX), model(Family.RATE), model(Family.KAPLAN_MEIER)
JOINT = model(Family.JOINT, association="value")
ADJUSTED = Form.ADJUSTED


def ours(of: Model, exposure: str, level: str, scale: Scale, value: float | None, *notes: Note, **more: Any) -> Row:
    """A row of estimates of the cases among themselves."""
    facts: dict[str, Any] = {
        "reference": "never", "conf_level": 0.95, "n_cases": 240, "n_events": 155, "person_years": 410.0,
        "n_exposed_cases": 45, "n_exposed_events": 27, "converged": value is not None, "notes": notes,
    }  # fmt: skip
    if value is not None:
        ends = {"conf_low": value - 0.4, "conf_high": value + 0.4}
        facts |= ends | {"estimate": value, "std_error": 0.2, "p_value": 0.1}
    facts |= more
    row = Estimate(model=of, comparison=CASES, exposure=exposure, level=level, scale=scale, **facts)
    return dict(as_cells(row))


def of_level(of: Model, exposure: str, level: str, scale: Scale, value: float | None, *notes: Note, **more: Any) -> Row:
    """A row with a level's own number."""
    return ours(of, exposure, level, scale, value, *notes, contrast=Contrast.VALUE, **more)


def make_course_estimates() -> list[Row]:
    """Rates, medians, means, Cox, mixed and joint models, a sensitivity; one median without an upper end."""
    rows = [
        of_level(RATES, "", "all", Scale.RATE, 0.45, n_cases=296, n_events=188, person_years=507.0),
        of_level(KAPLAN_MEIER, "", "all", Scale.MEDIAN, 1.7),
    ]
    for name in CLASSES:
        rows += [*_times_of(name), *_ratios_of(name), *_standardised_of(name), *_causes_of(name)]
        baseline = COX.but(form=ADJUSTED, sensitivity=Sensitivity.BASELINE_SCORE)
        varying = COX.but(form=ADJUSTED, sensitivity=Sensitivity.TIME_VARYING)
        other = JOINT.but(form=ADJUSTED, sensitivity=Sensitivity.PIECEWISE_BASELINE)
        rows += [
            ours(baseline, name, "ever", Scale.LOG_HR, log(1.11), note(NoteCode.FROM_FIRST_SCORE)),
            ours(varying, name, "after diagnosis", Scale.LOG_HR, log(2.22)),
            ours(other, name, "ever", Scale.LOG_HR, log(1.66)),
        ]
    return rows


def _times_of(name: str) -> list[Row]:
    rows = []
    for level in ("never", "ever"):
        rows.append(of_level(RATES, name, level, Scale.RATE, 0.41))
        value, end = MEDIAN.get((name, level)), {"conf_high": None}
        known = () if value is not None else (note(NoteCode.FEWER_THAN_HALF),)
        rows.append(of_level(KAPLAN_MEIER, name, level, Scale.MEDIAN, value, *known, **end))
        rows.append(of_level(KAPLAN_MEIER, name, level, Scale.RMST, 1.8, horizon=3.0))
    return [*rows, ours(KAPLAN_MEIER, name, "ever", Scale.RMST_DIFFERENCE, -0.5, horizon=3.0)]


def _ratios_of(name: str) -> list[Row]:
    rows = []
    for form in (Form.CRUDE, ADJUSTED, Form.MUTUALLY_ADJUSTED):
        for kind, ratios, scores in ((COX, TOTAL_RATIOS, None), (JOINT, DIRECT_RATIOS, 900)):
            of = kind.but(form=form)
            rows.append(ours(of, name, "ever", Scale.LOG_HR, log(ratios[name]), n_scores=scores))
            rows.append(ours(of, name, "lag only", Scale.LOG_HR, None, note(NoteCode.NO_EVENT_AT_LEVEL)))
        for kind in (model(Family.MIXED), JOINT):
            of = kind.but(form=form, analysis=Analysis.DECLINE)
            rows.append(ours(of, name, "ever", Scale.SLOPE, -0.31, n_scores=900))
        if form.is_mutual and name != CLASSES[0]:
            continue  # the association of a model of several classes has one row
        rows.append(
            ours(
                JOINT.but(form=form),
                "" if form.is_mutual else name,
                "value",
                Scale.LOG_HR,
                -0.09,
                role=Role.MARKER,
                covariate="alsfrs_r",
                contrast=Contrast.PER_UNIT,
                conf_low=-0.1,
                conf_high=-0.08,
            )
        )
    return rows


def _standardised_of(name: str) -> list[Row]:
    rows = []
    for form in (ADJUSTED, Form.MUTUALLY_ADJUSTED):
        of, at = STANDARDISED.but(form=form), {"horizon": 2.0}
        for level, share in (("never", 0.5), ("ever", 0.4)):
            ends = {"conf_low": share - 0.06, "conf_high": share + 0.06}
            rows.append(of_level(of, name, level, Scale.SURVIVAL, share, **ends, **at))
        ends = {"conf_low": -0.18, "conf_high": -0.02}
        rows.append(ours(of, name, "ever", Scale.SURVIVAL_DIFFERENCE, -0.1, **ends, **at))
        rows.append(ours(of, name, "ever", Scale.LOG_CHR, log(1.32), **at))
    return rows


def _causes_of(name: str) -> list[Row]:
    rows = []
    for cause, ratio in (("death", 1.3), ("invasive_ventilation", 0.9)):
        specific, gray = (model(family, ADJUSTED, cause=cause) for family in (Family.CAUSE_SPECIFIC, Family.FINE_GRAY))
        rows.append(ours(specific, name, "ever", Scale.LOG_HR, log(ratio)))
        rare = cause != "death" and name == "antidepressants"
        value, why = (None, (note(NoteCode.NO_EVENT_AT_LEVEL),)) if rare else (log(ratio - 0.1), ())
        rows.append(ours(gray, name, "ever", Scale.LOG_SHR, value, *why))
    return rows


def point(of: Model, curve: CurveKind, exposure: str, level: str, time: float, unit: str, **more: Any) -> Row:
    """A point of a curve."""
    made = CurvePoint(model=of, curve=curve, exposure=exposure, level=level, time=time, unit=unit, **more)
    return dict(as_cells(made))


def make_curves() -> list[Row]:
    """Curves of each class; limits are null until somebody has died, as log-log limits are at a survival of 1."""
    rows: list[Row] = []
    incidence = model(Family.AALEN_JOHANSEN, cause="death")
    mixed = model(Family.MIXED, Form.CRUDE, analysis=Analysis.DECLINE)
    joint = JOINT.but(form=Form.CRUDE, analysis=Analysis.DECLINE)
    for name in CLASSES:
        for level, pace, patients in (("never", 0.3, 200), ("ever", 0.5, 50), ("lag only", 0.4, 3)):
            for month in range(49):
                at = name, level, BEGIN + month / 12, "years"
                alive = 1.0 if month < 2 else max(1 - pace * month / 24, 0.05)
                counts: dict[str, Any] = {
                    "n_risk": 0 if month == 0 else round(patients * alive), "n_patients": patients,
                    "n_events": round(patients * (1 - alive)), "conf_level": 0.95,
                }  # fmt: skip
                if alive < 1.0:
                    counts |= {"conf_low": alive - 0.04, "conf_high": min(alive + 0.04, 1.0)}
                rows.append(point(KAPLAN_MEIER, CurveKind.SURVIVAL, *at, estimate=alive, **counts))
                rows.append(point(incidence, CurveKind.INCIDENCE, *at, estimate=1 - alive, **counts))
            for month in range(0, 25, 3):
                at = name, level, float(month), "months"
                score: dict[str, Any] = {"n_patients": patients, "estimate": 37 - pace * month}
                rows.append(point(mixed, CurveKind.SCORE, *at, conf_low=20.0, conf_high=40.0, **score))
                for curve in (CurveKind.SCORE_WHILE_ALIVE, CurveKind.SCORE_AS_IF_NOBODY_DIED):
                    rows.append(point(joint, curve, *at, **score))
    for level in Pace:
        for time in (0.0, 3.0, 6.0):
            rows.append(point(JOINT, CurveKind.FORECAST_VISIT, "", level, time, "months", estimate=36.0 - time))
        for time in (9.0, 12.0, 18.0):
            at = "", level, time, "months"
            limits = {"conf_low": 0.4, "conf_high": 0.8}
            rows.append(point(JOINT, CurveKind.FORECAST_SURVIVAL, *at, estimate=0.613, **limits))
            rows.append(point(JOINT, CurveKind.FORECAST_SCORE, *at, estimate=25.0))
    return rows


def diagnosed(of: Model, code: DiagnosticCode, value: float | None, *notes: Note, **more: Any) -> Row:
    """A row of diagnostics of the cases among themselves."""
    made = Diagnostic(model=of, comparison=CASES, code=code, value=value, notes=notes, **more)
    return dict(as_cells(made))


def make_diagnostics() -> list[Row]:
    """Diagnostics of the follow-up and of the models."""
    cox, joint = COX.but(form=ADJUSTED), JOINT.but(form=ADJUSTED)
    of, code, name = Model(Analysis.PROGNOSIS, measure="ever"), DiagnosticCode, "anxiolytics"
    of_scores, all_scores = of.but(analysis=Analysis.DECLINE), note(NoteCode.OF, of=900)
    group = {"exposure": name, "level": "1"}
    return [
        diagnosed(of, code.ENTERED_LATE, 293.0, note(NoteCode.OUT_OF, of=296, who=str(Who.PATIENTS)), who=Who.PATIENTS),
        diagnosed(of, code.DAYS_TO_ENTRY, 33.0),
        diagnosed(of, code.UNKNOWN_VALUE, 55.0, note(NoteCode.OF_WITH_EVENT, of=296, events=32), covariate="bmi"),
        diagnosed(
            cox, code.UNKNOWN_VALUE, 55.0, note(NoteCode.COMPLETE_CASE), exposure=name, covariate="bmi"
        ),
        diagnosed(
            cox, code.PROPORTIONAL_HAZARDS, 0.0123, note(NoteCode.CHI_SQUARED, statistic=6.27, df=1), exposure=name,
            covariate=name,
        ),
        diagnosed(
            model(Family.AALEN_JOHANSEN, cause="death"), code.GRAY, None, note(NoteCode.LATE_ENTRY_FORBIDS),
            exposure=name,
        ),
        diagnosed(joint, code.ITERATIONS, 13.0, exposure=name),
        diagnosed(joint, code.CONVERGED, 1.0, exposure=name),
        diagnosed(joint, code.DECREMENT, 9.8e-13, exposure=name),
        diagnosed(joint, code.QUADRATURE_NODES, 0.00066, note(NoteCode.QUADRATURE_OF, low=5, high=25), exposure=name),
        diagnosed(joint, code.QUADRATURE_SHIFT, 0.0036, exposure=name),
        diagnosed(joint, code.QUADRATURE_TIMES, -0.0005, exposure=name),
        diagnosed(
            joint, code.AUC, 0.79, note(NoteCode.AT_LANDMARK, landmark=6.0, ahead=12.0, at_risk=200, events=70),
            exposure=name,
        ),
        diagnosed(joint, code.PREDICTED_RISK, 0.1, **group),
        diagnosed(joint, code.OBSERVED_RISK, 0.12, **group),
        diagnosed(joint, code.ITERATIONS, 200.0, exposure="antidepressants"),
        diagnosed(
            joint, code.CONVERGED, 0.0, note(NoteCode.NOT_CONVERGED, problem="not concave"),
            exposure="antidepressants",
        ),
        diagnosed(of_scores, code.SCORES_WITH_DECIMALS, 0.0, all_scores),
        diagnosed(of_scores, code.SCORES_AT_FLOOR, 12.0, all_scores),
    ]  # fmt: skip


def make_course_planted() -> list[Row]:
    """Direct ratios, and a total effect as cumulative hazards."""
    direct = KnownTruth(
        model=MODEL, comparison=CASES, level="ever", scale=Scale.LOG_HR, truth=TruthKind.PLANTED_PUBLISHED, value=0.0
    )
    truths = [replace(direct, exposure=name, value=log(ratio)) for name, ratio in DIRECT_RATIOS.items()]
    total = replace(direct, exposure="anxiolytics", model=STANDARDISED, scale=Scale.LOG_CHR, horizon=HORIZON)
    truths.append(replace(total, truth=TruthKind.SOLVED, value=log(1.25)))
    return [dict(as_cells(truth)) for truth in truths]


def make_followed() -> list[AttritionStep]:
    """The attrition of the follow-up."""
    attrition = Attrition(AttritionPart.PROGNOSIS, Unit.PERSONS, AttritionRule.CASES, 299)
    attrition.keep(criterion(AttritionRule.ALIVE_AT_ENTRY, entry="registration"), 296)
    return attrition.steps


def make_course(*, planted: bool = True, study: Study | None = None, **replaced: Sequence[Row]) -> Released:
    """Results of a study with a prognosis, its risk part included."""
    made: dict[str, Sequence[Any]] = {
        "estimates": [*make_estimates(CLASSES, subgroups=False), *make_course_estimates()],
        "curves": make_curves(),
        "diagnostics": make_diagnostics(),
        "attrition": make_followed(),
    }
    made |= replaced
    truths = [*make_planted(CLASSES), *make_course_planted()]
    estimates = made.pop("estimates")
    return make_released(
        CLASSES, study=study or make_course_study(), estimates=estimates, planted=planted, planted_rows=truths, **made
    )
