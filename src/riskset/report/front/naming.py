"""What things are called in the front: the study's words, and what stands for them where it has none."""

from __future__ import annotations

from riskset.spec import words
from riskset.spec.design import Cases
from riskset.spec.measures import Exposure
from riskset.spec.study import Study


def class_label(exposure: Exposure) -> str:
    """A class within a sentence: ``anxiolytics``."""
    return words.plain(exposure.name)


def outcome(study: Study) -> str:
    """What the cases have, in short: ``ALS``, ``ICD-10 G12.2``, ``death``."""
    event = study.cases.first
    if study.cases.label:
        return study.cases.label
    if event.registry:
        return words.both(event.diagnosis, "or") if event.diagnosis else words.plain(event.registry)
    if event.icd10:
        return words.icd10(event.icd10)
    if event.atc:
        return words.event(event)
    return f"death from {words.icd10(event.cause)}" if event.cause else "death"


def people(cases: Cases, what: str) -> str:
    """The cases, as those who have the outcome: ``patients with ALS``."""
    if cases.first.death:
        return "people who died"
    return f"people with a first {what}" if cases.first.atc else f"patients with {what}"


def title(study: Study) -> str:
    """What heads the page."""
    return study.name


def subtitle(study: Study) -> str:
    """What stands below it."""
    return ""
