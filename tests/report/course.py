"""Hand-made results of a prognosis: the shape of a run's, nobody's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log
from typing import Any

from riskset.cohort.attrition import Attrition, criterion
from riskset.results.columns import as_cells
from riskset.results.planted_prognosis import CASES, HORIZON, MODEL, STANDARDISED
from riskset.results.released import Released
from riskset.results.rows import AttritionStep, KnownTruth
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, Unit
from riskset.results.vocabulary import Scale, TruthKind
from riskset.spec.study import Study
from tests.report.released import make_estimates, make_planted, make_released, make_study

Row = dict[str, Any]

CLASSES = ("anxiolytics", "antidepressants")
DIRECT = {"anxiolytics": 1.52, "antidepressants": 1.72}
TOTAL = {"anxiolytics": 1.27, "antidepressants": 1.61}
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


def ours(
    analysis: str, model: str, exposure: str, term: str, level: str, scale: str, value: float | None, **more: Any
) -> Row:
    """A row of estimates of the cases among themselves."""
    row: Row = {
        "analysis": analysis, "comparison": "cases", "model": model, "exposure": exposure, "term": term, "level": level,
        "reference": "never", "subgroup": "", "scale": scale, "conf_level": 0.95, "n_cases": 240, "n_events": 155,
        "person_years": 410.0, "n_exposed_cases": 45, "n_exposed_events": 27, "converged": value is not None,
        "note": "",
    }  # fmt: skip
    if value is not None:
        row |= {"estimate": value, "std_error": 0.2, "conf_low": value - 0.4, "conf_high": value + 0.4, "p_value": 0.1}
    return row | more


def make_course_estimates() -> list[Row]:
    """Rates, medians, means, Cox, mixed and joint models, a sensitivity; one median without an upper end."""
    rows = [
        ours("prognosis", "rates", "", "rate", "all", "rate", 0.45, n_cases=296, n_events=188, person_years=507.0),
        ours("prognosis", "Kaplan-Meier", "", "median survival", "all", "median", 1.7),
    ]
    for name in CLASSES:
        for level in ("never", "ever"):
            rows.append(ours("prognosis", "rates", name, "rate", level, "rate", 0.41))
            median = ours(
                "prognosis", "Kaplan-Meier", name, "median survival", level, "median", MEDIAN.get((name, level))
            )
            rows.append(median | ({"note": "fewer than half"} if (name, level) not in MEDIAN else {"conf_high": None}))
            rows.append(ours("prognosis", "Kaplan-Meier", name, "restricted mean", level, "rmst", 1.8))
        rows.append(ours("prognosis", "Kaplan-Meier", name, "restricted mean", "ever", "rmst_difference", -0.5))
        for form in ("crude", "adjusted", "mutually adjusted"):
            for kind, ratios in (("Cox", TOTAL), ("joint model, value", DIRECT)):
                model = f"{kind}, {form}"
                scores = 900 if kind.startswith("joint") else None
                rows.append(
                    ours("prognosis", model, name, "ever", "ever", "log_hr", log(ratios[name]), n_scores=scores)
                )
                rows.append(ours("prognosis", model, name, "ever", "lag only", "log_hr", None, note="no event here"))
            for kind in ("mixed model", "joint model, value"):
                rows.append(ours("decline", f"{kind}, {form}", name, "slope", "ever", "mean", -0.31, n_scores=900))
            label = name if form != "mutually adjusted" else ", ".join(CLASSES)
            alpha = ours("prognosis", f"joint model, value, {form}", label, "alsfrs_r", "value", "log_hr", -0.09)
            rows.append(alpha | {"conf_low": -0.1, "conf_high": -0.08})
        for form in ("adjusted", "mutually adjusted"):
            model, term = f"standardised Cox, {form}", "survival at 2 years"
            for level, share in (("never", 0.5), ("ever", 0.4)):
                ends = {"conf_low": share - 0.06, "conf_high": share + 0.06}
                rows.append(ours("prognosis", model, name, term, level, "survival", share) | ends)
            ends = {"conf_low": -0.18, "conf_high": -0.02}
            rows.append(ours("prognosis", model, name, term, "ever", "survival_difference", -0.1) | ends)
            rows.append(ours("prognosis", model, name, term, "ever", "log_chr", log(1.32)))
        for cause, ratio in (("death", 1.3), ("invasive_ventilation", 0.9)):
            specific, gray = (f"{kind}, {cause}, adjusted" for kind in ("cause-specific Cox", "Fine-Gray"))
            rows.append(ours("prognosis", specific, name, "ever", "ever", "log_hr", log(ratio)))
            rare = cause != "death" and name == "antidepressants"
            value = None if rare else log(ratio - 0.1)
            rows.append(
                ours("prognosis", gray, name, "ever", "ever", "log_shr", value, note="too rare" if rare else "")
            )
        baseline = "Cox, adjusted, baseline score (sensitivity)"
        rows.append(ours("prognosis", baseline, name, "ever", "ever", "log_hr", log(1.11), note="no total effect"))
        varying = "Cox, adjusted, time-varying (sensitivity)"
        rows.append(ours("prognosis", varying, name, "ever", "after diagnosis", "log_hr", log(2.22)))
        other = "joint model, value, adjusted, piecewise baseline (sensitivity)"
        rows.append(ours("prognosis", other, name, "ever", "ever", "log_hr", log(1.66)))
    return rows


def make_curves() -> list[Row]:
    """Curves of each class; limits are null until somebody has died, as log-log limits are at a survival of 1."""
    rows: list[Row] = []
    for name in CLASSES:
        for level, pace, patients in (("never", 0.3, 200), ("ever", 0.5, 50), ("lag only", 0.4, 3)):
            for month in range(49):
                time = BEGIN + month / 12
                alive = 1.0 if month < 2 else max(1 - pace * month / 24, 0.05)
                point: Row = {
                    "analysis": "prognosis", "exposure": name, "level": level, "time": time, "unit": "years",
                    "n_risk": 0 if month == 0 else round(patients * alive), "n_patients": patients,
                    "n_events": round(patients * (1 - alive)), "conf_level": 0.95, "cause": "", "note": "",
                }  # fmt: skip
                limits = {} if alive == 1.0 else {"conf_low": alive - 0.04, "conf_high": min(alive + 0.04, 1.0)}
                rows.append(point | limits | {"curve": "survival", "model": "Kaplan-Meier", "estimate": alive})
                died = {"curve": "incidence", "model": "Aalen-Johansen", "cause": "death", "estimate": 1 - alive}
                rows.append(point | died)
            for month in range(0, 25, 3):
                point = {
                    "analysis": "decline", "exposure": name, "level": level, "time": float(month), "unit": "months",
                    "n_patients": patients, "estimate": 37 - pace * month, "note": "",
                }  # fmt: skip
                rows.append(
                    point | {"curve": "score", "model": "mixed model, crude", "conf_low": 20.0, "conf_high": 40.0}
                )
                rows += [
                    point | {"curve": curve, "model": "joint model, value, crude"}
                    for curve in ("score while alive", "score as if nobody died")
                ]
    for level in ("declines as on average", "declines twice as fast"):
        common = {"analysis": "prognosis", "model": "joint model", "exposure": "", "level": level, "unit": "months"}
        rows += [common | {"curve": "forecast visit", "time": t, "estimate": 36.0 - t} for t in (0.0, 3.0, 6.0)]
        for time in (9.0, 12.0, 18.0):
            ends = {"conf_low": 0.4, "conf_high": 0.8}
            rows.append(common | ends | {"curve": "forecast survival", "time": time, "estimate": 0.613})
            rows.append(common | {"curve": "forecast score", "time": time, "estimate": 25.0})
    return rows


def make_told() -> list[Row]:
    """Diagnostics of the follow-up and of the joint models."""
    told = [
        ("", "", "patients who entered after diagnosis", 293.0, "of 296: delayed entry"),
        ("", "", "days from diagnosis to entry, median", 33.0, "immortal days, which count for nobody"),
        ("", "", "patients with unknown bmi", 55.0, "of 296; 32 of them with an event"),
        ("Cox, adjusted", "anxiolytics", "patients with unknown bmi", 55.0, "left out (complete case)"),
        ("Cox, adjusted", "anxiolytics", "proportional hazards, anxiolytics, p", 0.0123, "χ² = 6.27, 1 df"),
        ("Aalen-Johansen", "anxiolytics", "Gray's test, death, p", None, "refused: delayed entry"),
        ("joint model, value, adjusted", "anxiolytics", "iterations", 13.0, "converged"),
        ("joint model, value, adjusted", "anxiolytics", "gᵀH⁻¹g", 9.8e-13, ""),
        ("joint model, value, adjusted", "anxiolytics", "quadrature, k to k + 4", 0.00066, "5 to 25 nodes an axis"),
        ("joint model, value, adjusted", "anxiolytics", "quadrature, shift of the estimate", 0.0036, "standard errors"),
        ("joint model, value, adjusted", "anxiolytics", "quadrature in time, twice the nodes", -0.0005, ""),
        ("joint model, value, adjusted", "anxiolytics", "AUC", 0.79, "of 200 at risk at 6 months; flattering"),
        (
            "joint model, value, adjusted",
            "anxiolytics",
            "foretold risk, fifth 1",
            0.1,
            "12.0 % observed, in 40 patients",
        ),
        ("joint model, value, adjusted", "antidepressants", "iterations", 200.0, "not converged: no step helps"),
    ]
    told += [("", "", "scores with decimals", 0.0, "of 900"), ("", "", "scores at the floor", 12.0, "of 900")]
    keys = ("model", "exposure", "name", "value", "note")
    common = {"analysis": "prognosis", "comparison": "cases"}
    return [common | dict(zip(keys, row, strict=True)) for row in told]


def make_course_planted() -> list[Row]:
    """Direct ratios, and a total effect as cumulative hazards."""
    direct = KnownTruth(
        model=MODEL, comparison=CASES, level="ever", scale=Scale.LOG_HR, truth=TruthKind.PLANTED_PUBLISHED, value=0.0
    )
    truths = [replace(direct, exposure=name, value=log(ratio)) for name, ratio in DIRECT.items()]
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
        "diagnostics": make_told(),
        "attrition": make_followed(),
    }
    made |= replaced
    truths = [*make_planted(CLASSES), *make_course_planted()]
    estimates = made.pop("estimates")
    return make_released(
        CLASSES, study=study or make_course_study(), estimates=estimates, planted=planted, planted_rows=truths, **made
    )
