"""English as medical journals have it."""

from __future__ import annotations

from riskset.report.catalogue.catalogue import Catalogue, Clause, Style
from riskset.results.notes import NoteCode
from riskset.results.vocabulary import Family, Form

FAMILIES = {
    Family.NONE: "",
    Family.CONDITIONAL_LOGISTIC: "conditional logistic",
    Family.COX: "Cox",
    Family.CAUSE_SPECIFIC: "cause-specific Cox",
    Family.FINE_GRAY: "Fine-Gray",
    Family.STANDARDISED: "standardised Cox",
    Family.JOINT: "joint model",
    Family.MIXED: "mixed model",
    Family.KAPLAN_MEIER: "Kaplan-Meier",
    Family.AALEN_JOHANSEN: "Aalen-Johansen",
    Family.RATE: "rates",
    Family.MEASURED: "measured",
}

FORMS = {form: str(form) for form in Form}

NOTES: dict[NoteCode, Clause] = {
    NoteCode.COVARIATE: "a covariate",
}

ENGLISH = Catalogue(Style(), FAMILIES, FORMS, NOTES)
