"""English as medical journals have it."""

from __future__ import annotations

from collections.abc import Sequence

from riskset.report.catalogue import english_cohort as cohort
from riskset.report.catalogue import english_prognosis as prognosis
from riskset.report.catalogue import english_quality as quality
from riskset.report.catalogue import english_risk as risk
from riskset.report.catalogue.catalogue import Catalogue
from riskset.report.catalogue.english_covariates import named
from riskset.report.catalogue.english_front import event
from riskset.results.vocabulary import Contrast, Family, Form, Sensitivity

FAMILIES = {
    Family.NONE: "",
    Family.CONDITIONAL_LOGISTIC: "conditional logistic",
    Family.COX: "Cox",
    Family.CAUSE_SPECIFIC: "cause-specific Cox",
    Family.FINE_GRAY: "Fine-Gray",
    Family.STANDARDISED: "standardized Cox",
    Family.JOINT: "joint model",
    Family.MIXED: "mixed model",
    Family.KAPLAN_MEIER: "Kaplan-Meier",
    Family.AALEN_JOHANSEN: "Aalen-Johansen",
    Family.RATE: "rates",
    Family.MEASURED: "measured",
}

FORMS = {
    Form.NONE: "",
    Form.CRUDE: "crude",
    Form.CRUDE_SAME_PATIENTS: "crude, patients of the adjusted model",
    Form.ADJUSTED: "adjusted",
    Form.MUTUALLY_CRUDE: "mutually adjusted, no covariates",
    Form.MUTUALLY_ADJUSTED: "mutually adjusted",
}

CONTRASTS = {
    Contrast.NONE: "",
    Contrast.LEVEL: "",
    Contrast.PER_UNIT: "",
    Contrast.TREND: "trend",
    Contrast.RATIO_OF_RATIOS: "ratios compared",
    Contrast.TEST: "test",
    Contrast.VALUE: "",
}

SENSITIVITIES = {
    Sensitivity.NONE: "",
    Sensitivity.BASELINE_SCORE: "baseline score",
    Sensitivity.TIME_VARYING: "time-varying",
    Sensitivity.SPLINE_BASELINE: "spline baseline",
    Sensitivity.PIECEWISE_BASELINE: "piecewise baseline",
    Sensitivity.WEIBULL_BASELINE: "Weibull baseline",
}


def as_sensitivity(varies: str) -> str:
    """A model that is a sensitivity."""
    return f"{varies} (sensitivity)"


def failed_part(comparison: str, why: str) -> str:
    """What could not be made; ``comparison``: empty where it is of the prognosis."""
    return f"{comparison or 'prognosis'}: {why}"


def failed_model(comparison: str, name: str, model: str, exposures: Sequence[str], why: str) -> str:
    """A model that could not be fitted as asked; ``comparison``: empty where it is of the prognosis."""
    which = f"{comparison}, {f'{name}: ' if name else ''}{model} model" if comparison else f"prognosis, {model}"
    return f"{which} of {', '.join(exposures)}: {why}"


def stratum(modifier: str, level: str) -> str:
    """A subgroup behind the name of a diagnostic."""
    return f" ({modifier.replace('_', ' ')} {level})"


ENGLISH = Catalogue(
    families=FAMILIES,
    forms=FORMS,
    sensitivities=SENSITIVITIES,
    associations=prognosis.ASSOCIATIONS,
    features=prognosis.FEATURES,
    paces=prognosis.PACES,
    notes={**risk.NOTES, **prognosis.NOTES, **cohort.NOTES},
    diagnostics={**risk.DIAGNOSTICS, **prognosis.DIAGNOSTICS, **cohort.DIAGNOSTICS},
    tests=prognosis.TESTS,
    contrasts=CONTRASTS,
    estimands=risk.ESTIMANDS,
    firth_reasons=risk.FIRTH_REASONS,
    truths=risk.TRUTHS,
    parts=cohort.PARTS,
    rules=cohort.RULES,
    units=cohort.UNITS,
    checks=cohort.CHECKS,
    verdicts=cohort.VERDICTS,
    quality_rules=quality.RULES,
    quality_actions=quality.ACTIONS,
    remedies=quality.REMEDIES,
    people=cohort.PEOPLE,
    events=event,
    as_sensitivity=as_sensitivity,
    failed_part=failed_part,
    failed_model=failed_model,
    remarked=quality.remarked,
    stratum=stratum,
    silent_tables=cohort.silent_tables,
    named=named,
)
