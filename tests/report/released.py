"""Hand-made results for the report: the founding study's shape, numbers near the published ones, nobody's data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from math import exp, log, sqrt
from typing import Any

from riskset.analysis.kin import covariates_always, covariates_beside
from riskset.cohort.attrition import Attrition, criterion
from riskset.results.columns import as_cells, columns_of
from riskset.results.comparisons import controls_of
from riskset.results.fitted_model import is_adjusted
from riskset.results.notes import Arguments, Note, NoteCode, note
from riskset.results.planted_prognosis import CASES as PATIENTS
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.released import Released
from riskset.results.rows import AttritionStep, AuditResult, Described, Diagnostic, QualityRow
from riskset.results.set_vocabulary import (
    AttritionPart,
    AttritionRule,
    AuditCheck,
    Characteristic,
    Serving,
    Summary,
    Unit,
    Verdict,
)
from riskset.results.tables import SCHEMAS, rows_to_table
from riskset.results.vocabulary import Analysis, DiagnosticCode, Form, Model
from riskset.spec.models import ConditionalLogistic
from riskset.spec.study import Study

ESTIMAND = note(NoteCode.ESTIMAND, what="hazard ratio")
CLASSES = {"anxiolytics": "N05B", "hypnotics_sedatives": "N05C", "antidepressants": "N06A"}
FORMS = ("crude", "adjusted", "mutually adjusted")
LEVELS = (("ever", "ever"), ("first_use", "0-1y"), ("first_use", "1-5y"), ("first_use", ">5y"))
CASES, CONTROLS = 1057, 5281
RATIOS = {
    "anxiolytics": {"ever": 1.34, "0-1y": 2.60, "1-5y": 1.60, ">5y": 1.15},
    "hypnotics_sedatives": {"ever": 1.21, "0-1y": 6.10, "1-5y": 1.30, ">5y": 1.05},
    "antidepressants": {"ever": 1.26, "0-1y": 1.90, "1-5y": 1.40, ">5y": 1.21},
}
SHARES = {"ever": 0.15, "0-1y": 0.008, "1-5y": 0.05, ">5y": 0.10}


def make_study(
    classes: Sequence[str] = tuple(CLASSES), *, published: bool = True, comparisons: Sequence[str] = ("population",)
) -> Study:
    """The founding study's risk part for the classes named."""
    return Study.model_validate(
        {
            "name": "Psychiatric medication and ALS",
            "description": "Use of common psychiatric medicines before the diagnosis of amyotrophic lateral sclerosis.",
            "seed": 20,
            "period": {"start": "2015-01-01", "stop": "2023-07-01"},
            "cases": {"first": {"registry": "mnd", "diagnosis": ["ALS"]}},
            "eligibility": {"age": [18, 110]},
            "controls": [{"kind": kind} for kind in comparisons],
            "exposures": [
                {
                    "name": name,
                    "codes": {"atc": [CLASSES.get(name, "N06B")]},
                    "measures": [
                        {"kind": "ever", "lag": "1y", "lag_only": "level"},
                        {"kind": "first_use", "cuts": ["1y", "5y"]},
                        {"kind": "count", "lag": "1y", "bands": [1, 2, 4]},
                    ],
                }
                for name in classes
            ],
            "covariates": [{"kind": "diagnosis", "name": "psychiatric_diagnosis", "icd10": ["F"], "lag": "1y"}],
            "models": [
                {
                    "kind": "conditional logistic",
                    "measure": measure,
                    "adjust": ["education", "country_of_birth", "psychiatric_diagnosis"],
                    "subgroups": [{"by": "sex"}, {"by": "age", "cuts": [65]}],
                }
                for measure in ("ever", "first_use")
            ],
            "published": [
                {
                    "exposure": name,
                    "measure": "ever",
                    "level": "ever",
                    "estimate": ratio,
                    "low": low,
                    "high": high,
                    "source": "Chourpiliadis et al. 2025, doi 10.1001/jamanetworkopen.2025.14437",
                }
                for name, ratio, low, high in (
                    ("anxiolytics", 1.34, 1.12, 1.60),
                    ("hypnotics_sedatives", 1.21, 1.02, 1.43),
                    ("antidepressants", 1.26, 1.06, 1.49),
                )
                if published and name in classes
            ],
        }
    )


def noted(*notes: Note) -> str:
    """Notes as a cell has them."""
    return json.dumps([one.as_json() for one in notes])


RISK = {"analysis": "risk", "family": "conditional logistic", "model_name": ""}


def estimate(exposure: str, measure: str, level: str, ratio: float | None, **other: Any) -> dict[str, Any]:
    """A row of estimates with the counts that would give such a ratio, roughly."""
    share = SHARES.get(level, 0.04)
    scale = other.pop("scale_sets", 1.0)
    cases, controls = round(CASES * scale), round(CONTROLS * scale)
    exposed_controls = round(controls * share)
    odds = share / (1 - share) * (ratio or 1)
    exposed_cases = round(cases * odds / (1 + odds))
    error = sqrt(1 / max(exposed_cases, 1) + 1 / max(exposed_controls, 1))
    row: dict[str, Any] = RISK | {
        "comparison": "population",
        "form": "adjusted",
        "estimator": "maximum likelihood",
        "exposure": exposure,
        "measure": measure,
        "role": "exposure",
        "covariate": "",
        "level": level,
        "contrast": "level against reference",
        "modifier": "",
        "stratum": "",
        "reference": "never",
        "scale": "log_or",
        "conf_level": 0.95,
        "n_sets": cases,
        "n_informative": round(cases * 3 * share),
        "n_cases": cases,
        "n_controls": controls,
        "n_exposed_cases": exposed_cases,
        "n_exposed_controls": exposed_controls,
        "converged": ratio is not None,
        "notes": noted(ESTIMAND if ratio is not None else note(NoteCode.NOBODY_DIFFERS_AT_LEVEL)),
    }
    if ratio is not None:
        row |= {
            "estimate": log(ratio),
            "std_error": error,
            "conf_low": log(ratio) - 1.96 * error,
            "conf_high": log(ratio) + 1.96 * error,
            "statistic": log(ratio) / error,
            "p_value": min(1.0, 2 * exp(-0.717 * abs(log(ratio) / error) - 0.416 * (log(ratio) / error) ** 2)),
        }
    return row | other


def make_estimates(classes: Sequence[str] = tuple(CLASSES), *, subgroups: bool = True) -> list[dict[str, Any]]:
    """Main effects in three models, subgroups of the adjusted ones, covariates, one trend and one Firth row."""
    rows = []
    bias = {"crude": 1.12, "adjusted": 1.04, "mutually adjusted": 0.99}
    for name in classes:
        ratios = RATIOS.get(name, RATIOS["antidepressants"])
        for form in FORMS:
            for measure, level in LEVELS:
                rows.append(estimate(name, measure, level, ratios[level] * bias[form], form=form))
            rows.append(estimate(name, "ever", "lag only", 1.8 * bias[form], form=form))
            for level, ratio in (("1", 1.05), ("2-3", 1.15), ("≥4", 1.31)):
                rows.append(estimate(name, "count", level, ratio, form=form, reference="none"))
            trend = estimate(name, "count", "", 1.1, form=form, reference="", contrast="trend")
            rows.append(trend | {"n_exposed_cases": None, "n_exposed_controls": None})
            if form != "crude":
                covariate = {"role": "covariate", "covariate": "education", "reference": "long", "notes": noted()}
                rows.append(estimate(name, "ever", "short", 1.08, form=form) | covariate)
        if subgroups:
            rows += _subgroups(name, ratios)
    first = classes[0]
    few = note(NoteCode.FIRTH, reason="few informative sets")
    firth = {"estimator": "firth", "notes": noted(ESTIMAND, few, note(NoteCode.PROFILE))}
    rows.append(estimate(first, "first_use", "0-1y", 2.41, **firth))
    return rows


def _subgroups(name: str, ratios: dict[str, float]) -> list[dict[str, Any]]:
    rows = []
    for by, stratum, part, times in (
        ("sex", "female", 0.47, 1.03),
        ("sex", "male", 0.53, 0.98),
        ("age", "<65", 0.37, 1.3),
        ("age", "≥65", 0.63, 0.86),
    ):
        of_stratum = {"modifier": by, "stratum": stratum, "scale_sets": part}
        rows.append(estimate(name, "ever", "ever", ratios["ever"] * times, **of_stratum))
    return [*rows, *(interaction(name, "ever", by, p) for by, p in (("sex", 0.71), ("age", 0.0004)))]


def interaction(name: str, measure: str, by: str, p_value: float | None, **other: Any) -> dict[str, Any]:
    """The row of a joint interaction test."""
    test = {"modifier": by, "contrast": "test", "notes": noted(note(NoteCode.LIKELIHOOD_RATIO_TEST, df=1))}
    found = {"p_value": p_value, "statistic": 0.1, "converged": True}
    return estimate(name, measure, "", None) | test | found | other


KNOWN = RISK | {
    "comparison": "",
    "role": "exposure",
    "covariate": "",
    "association": "",
    "cause": "",
    "sensitivity": "",
    "contrast": "level against reference",
    "scale": "log_or",
    "estimator": "",
    "is_causal_only": False,
}


def make_planted(classes: Sequence[str] = tuple(CLASSES)) -> list[dict[str, Any]]:
    """The truth of the mutually adjusted form."""
    return [
        KNOWN
        | {
            "form": "mutually adjusted",
            "exposure": name,
            "measure": "first_use",
            "level": level,
            "value": log(RATIOS.get(name, RATIOS["antidepressants"])[level]),
            "truth": "planted, published" if level == "1-5y" else "planted, assumed",
        }
        for name in classes
        for level in ("0-1y", "1-5y", ">5y")
    ]


LIMITS = {"crude": 1.11, "adjusted": 1.05}
"""What the forms that leave out confounders tend to, as multiples of what was planted."""


def make_limits(classes: Sequence[str] = tuple(CLASSES)) -> list[dict[str, Any]]:
    """The limits of the crude and adjusted forms, and of every form of ever use."""
    forms = [(form, measure, level) for form in LIMITS for measure, level in LEVELS]
    forms.append(("mutually adjusted", "ever", "ever"))
    return [
        KNOWN
        | {
            "form": form,
            "exposure": name,
            "measure": measure,
            "level": level,
            "value": log(RATIOS.get(name, RATIOS["antidepressants"])[level] * LIMITS.get(form, 1.0)),
            "truth": "pseudo-true",
            "n_persons": 400_000,
        }
        for name in classes
        for form, measure, level in forms
    ]


FAILED = "maximum likelihood fails"


def not_estimable(rows: Sequence[dict[str, Any]], *, firth: float | None, **where: str) -> list[dict[str, Any]]:
    """The rows with one that maximum likelihood has no finite estimate of, and Firth's beside it."""
    changed = []
    for row in rows:
        if any(row[key] != value for key, value in where.items()) or row["modifier"]:
            changed.append(row)
            continue
        place = row["exposure"], row["measure"], row["level"]
        why = noted(note(NoteCode.SEPARATED, only="controls", shared=0))
        changed.append(estimate(*place, None, form=row["form"], notes=why, n_exposed_cases=0))
        if firth is not None:
            penalised = {"estimator": "firth", "notes": noted(ESTIMAND, note(NoteCode.FIRTH, reason=FAILED))}
            changed.append(estimate(*place, firth, form=row["form"], n_exposed_cases=0, **penalised))
    return changed


def make_attrition() -> list[AttritionStep]:
    """Of the cases, and of the population controls."""
    cases = Attrition(AttritionPart.CASES, Unit.PERSONS, AttritionRule.EVENT, 3120)
    cases.keep(AttritionRule.FIRST_IN_PERIOD, 1249)
    cases.keep(AttritionRule.OBSERVED, 1176)
    cases.keep(criterion(AttritionRule.AGE, low=18, high=110), 1176)
    cases.keep(criterion(AttritionRule.RUN_IN, length="18m", start="2005-07-01"), 1176)
    controls = Attrition(AttritionPart.CONTROLS, Unit.SETS, AttritionRule.CASES, 1176, "population")
    controls.keep(criterion(AttritionRule.KEYS_KNOWN, keys=("sex", "birth_year")), 1176)
    controls.keep(AttritionRule.ELIGIBLE_CONTROL, 1057)
    return [*cases.steps, *controls.steps]


def make_audit() -> list[AuditResult]:
    """Five checks of the population controls; a violation is made up, to see how it looks."""

    def row(check: AuditCheck, count: int, of: int, verdict: Verdict, **more: Any) -> AuditResult:
        return AuditResult(comparison="population", check=check, count=count, of=of, verdict=verdict, **more)

    serving = Arguments.of(serving=str(Serving.REPLACEMENT))
    return [
        row(AuditCheck.CONTROL_WITH_DISEASE, 0, 5281, Verdict.PASS),
        row(AuditCheck.KEY_DIFFERS, 0, 5281, Verdict.PASS, subject="birth_year"),
        row(AuditCheck.CONTROL_IN_SEVERAL_SETS, 21, 5260, Verdict.NOTE, arguments=serving),
        row(AuditCheck.FUTURE_CASE, 7, 5281, Verdict.NOTE),
        row(AuditCheck.SET_WITHOUT_CONTROL, 0, 1057, Verdict.VIOLATION),
    ]


TABLE_ONE = [
    ("sex", "female", "share", 496, 0.469, None, 2478, 0.469, None, 0.0),
    ("sex", "male", "share", 561, 0.531, None, 2803, 0.531, None, 0.0),
    ("age", "", "mean", 1057, 67.5, 11.5, 5281, 67.4, 11.5, 0.004),
    ("education", "compulsory school", "share", 296, 0.280, None, 1426, 0.270, None, 0.022),
    ("education", "upper secondary", "share", 455, 0.430, None, 2271, 0.430, None, 0.0),
    ("education", "post-secondary", "share", 285, 0.270, None, 1478, 0.280, None, -0.022),
    ("education", "unknown", "share", 21, 0.020, None, 106, 0.020, None, 0.0),
    ("psychiatric_diagnosis", "yes", "share", 137, 0.130, None, 476, 0.090, None, 0.128),
    ("anxiolytics", "ever", "share", 182, 0.172, None, 708, 0.134, None, 0.106),
    ("hypnotics_sedatives", "ever", "share", 205, 0.194, None, 877, 0.166, None, 0.073),
    ("antidepressants", "ever", "share", 202, 0.191, None, 834, 0.158, None, 0.087),
]
"""Covariates, and the measure ever of classes."""

WHOLE = {"sex": 0.0, "age": 0.004, "education": 0.03, "psychiatric_diagnosis": 0.128}
"""The differences of covariates as a whole."""


def make_table_one(comparison: str = "population") -> list[Described]:
    """Its rows."""
    names = [c.name for c in columns_of(Described)]
    numbers = names[names.index("cases_n") : names.index("smd_variable")]
    made = []
    for name, level, kind, *values in TABLE_ONE:
        is_class = name in CLASSES
        of_class = {"about": Characteristic.EXPOSURE, "exposure": name, "measure": "ever"}
        of_covariate = {"about": Characteristic.COVARIATE, "variable": name, "smd_variable": WHOLE.get(name)}
        about = of_class if is_class else of_covariate
        cells = dict(zip(numbers, values, strict=True)) | about
        made.append(Described(comparison=comparison, level=level, kind=Summary(kind), **cells))
    return made


def make_diagnostics() -> list[Any]:
    """Two of what was measured of a class, and some of a fit."""
    exposure = partial(Diagnostic, model=Model(Analysis.EXPOSURE, measure="ever"), exposure="anxiolytics")
    reach = note(NoteCode.REACH, length="5y", start="2005-07-01")
    run_in = note(NoteCode.IN_RUN_IN, length="18m", start="2005-07-01")
    return [
        exposure(code=DiagnosticCode.TRUNCATED, value=0.114, notes=(reach,)),
        exposure(code=DiagnosticCode.QUALIFIED_IN_RUN_IN, value=61.0, notes=(run_in,)),
        *(diagnostic(*row) for row in FOUND),
    ]


FOUND = [
    ("unknown covariate", "cases", 21),
    ("not in the model", "controls", 178),
    ("log-likelihood", "", -1823.4471),
    ("iterations", "", 4),
]


def diagnostic(code: str, who: str = "", value: float | None = None, **other: Any) -> dict[str, Any]:
    """A diagnostic of the adjusted model of ever use of anxiolytics."""
    place = {"comparison": "population", "form": "adjusted", "measure": "ever", "exposure": "anxiolytics"}
    return RISK | place | {"code": code, "who": who, "value": value, "notes": noted()} | other


QUALITY = [
    QualityRow.counted("dispensing", QualityRule.AFTER_DEATH, 118, 4_182_337, QualityAction.QUARANTINED),
    QualityRow.counted("dispensing", QualityRule.BEFORE_BIRTH, 3, 4_182_337, QualityAction.QUARANTINED),
    QualityRow.counted("residence", QualityRule.LASTS_BEYOND_DEATH, 412, 1_204_551, QualityAction.KEPT),
]

MANIFEST = {
    "registers": {"fingerprint": "91ab" * 16},
    "engine": "duckdb",
    "versions": {"python": "3.11.9", "riskset": "0.1.0", "duckdb": "1.4.2", "numpy": "2.4.0"},
    "rows": {"estimates": 88, "sets": 6338},
    "digests": {"estimates": "c0de" * 16, "sets": "d1ce" * 16},
    "seconds": {"sets": 11.3021, "estimates": 2.0},
}


def adjusted(study: Study, row: Any) -> dict[str, Any]:
    """A row of estimates with what the study adjusts its model for, unless it says so."""
    cells = dict(row) if isinstance(row, Mapping) else dict(as_cells(row))
    if json.loads(cells.get("adjusted_for") or "[]"):
        return cells
    form, controls = Form(cells.get("form") or ""), controls_of(study.controls, cells["comparison"])
    covariates: Sequence[str] = covariates_always(controls)
    classes = [e.name for e in study.exposures] if form.is_mutual else []
    if is_adjusted(form):
        model = next((m for m in study.models if _is_of(m, cells)), None)
        asked = study.prognosis if cells["comparison"] == PATIENTS else model
        covariates = [*covariates, *covariates_beside(asked.adjust if asked else (), controls)]
    names = [name for name in (*covariates, *classes) if name != (cells.get("covariate") or cells["exposure"])]
    return cells | {"adjusted_for": json.dumps(names)}


def _is_of(model: ConditionalLogistic, cells: Mapping[str, Any]) -> bool:
    return (model.measure, model.name or "") == (cells.get("measure"), cells.get("model_name") or "")


def make_released(
    classes: Sequence[str] = tuple(CLASSES),
    *,
    study: Study | None = None,
    estimates: Sequence[dict[str, Any]] | None = None,
    planted: bool = True,
    planted_rows: Sequence[dict[str, Any]] | None = None,
    published: bool = True,
    subgroups: bool = True,
    without: Sequence[str] = (),
    **replaced: Sequence[Any],
) -> Released:
    """Results as a run would release them.

    Parameters
    ----------
    classes : exposures to have
    study, estimates, planted_rows : instead of the made ones
    planted, published, subgroups : whether there are any
    without : tables to leave out
    replaced : rows for a table, instead of the made ones
    """
    rows = list(estimates) if estimates is not None else make_estimates(classes, subgroups=subgroups)
    made: dict[str, Sequence[Any]] = {
        "estimates": rows,
        "attrition": make_attrition(),
        "audit": make_audit(),
        "table_one": make_table_one(),
        "diagnostics": make_diagnostics(),
        "quality": QUALITY,
    }
    if planted:
        made["planted"] = make_planted(classes) if planted_rows is None else planted_rows
    made |= replaced
    study = study or make_study(classes, published=published)
    made["estimates"] = [adjusted(study, row) for row in made["estimates"]]
    tables = {name: rows_to_table(rows, SCHEMAS[name]) for name, rows in made.items() if name not in without}
    described = {"name": study.name, "fingerprint": study.fingerprint, "seed": study.seed, "left_out": []}
    return Released(study, tables, {"study": described} | MANIFEST)
