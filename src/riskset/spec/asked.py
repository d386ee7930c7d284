"""What a study asks for by an event, a code or a source, with its places in the description."""

from __future__ import annotations

from riskset.spec.design import Event
from riskset.spec.measures import DiagnosisCovariate, DispensingCovariate
from riskset.spec.study import Study


def events_of(study: Study) -> list[tuple[Event, str]]:
    """Every event that a study speaks of, with its place in the description."""
    free = [(event, f"cases.free_of[{i}]") for i, event in enumerate(study.cases.free_of)]
    washout = [(w.event, f"eligibility.washout[{i}].event") for i, w in enumerate(study.eligibility.washout)]
    return [(study.cases.first, "cases.first"), *free, *washout]


def sources_asked(study: Study) -> list[tuple[tuple[str, ...], str]]:
    """The sources of diagnoses that a study asks for, with their places in the description."""
    asked = [(event.source, f"{place}.source") for event, place in events_of(study)]
    asked += [
        (covariate.source, f"covariates[{i}].source")
        for i, covariate in enumerate(study.covariates)
        if isinstance(covariate, DiagnosisCovariate)
    ]
    return [(tuple(map(str, sources)), place) for sources, place in asked if sources]


def icd10_asked(study: Study) -> list[tuple[str, str]]:
    """Every ICD-10 code that a study asks for, with its place in the description."""
    lists = [(getattr(event, key), f"{place}.{key}") for event, place in events_of(study) for key in ("icd10", "cause")]
    lists += [
        (covariate.icd10, f"covariates[{i}].icd10")
        for i, covariate in enumerate(study.covariates)
        if isinstance(covariate, DiagnosisCovariate)
    ]
    return [(code, f"{place}[{i}]") for codes, place in lists for i, code in enumerate(codes)]


def atc_asked(study: Study) -> list[tuple[str, str]]:
    """Every ATC code that a study asks for, with its place in the description."""
    lists = [(event.atc, f"{place}.atc") for event, place in events_of(study)]
    lists += [(exposure.codes.atc, f"exposures[{i}].codes.atc") for i, exposure in enumerate(study.exposures)]
    lists += [
        (covariate.codes.atc, f"covariates[{i}].codes.atc")
        for i, covariate in enumerate(study.covariates)
        if isinstance(covariate, DispensingCovariate)
    ]
    return [(code, f"{place}[{i}]") for codes, place in lists for i, code in enumerate(codes)]
