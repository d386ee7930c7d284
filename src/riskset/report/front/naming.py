"""What things are called in the front, by the words of the study's description."""

from __future__ import annotations

from riskset.report.catalogue import english_front
from riskset.spec.design import Cases
from riskset.spec.measures import Exposure
from riskset.spec.study import Study
from riskset.spec.wording import heading_of, label_of, outcome_of, subtitle_of


def class_label(exposure: Exposure) -> str:
    """A class within a sentence: ``anxiolytics``."""
    return label_of(exposure)


def outcome(study: Study) -> str:
    """What the cases have, in short: ``ALS``, ``ICD-10 G12.2``, ``death``."""
    return outcome_of(study)


def people(cases: Cases, what: str) -> str:
    """The cases, as those who have the outcome: ``patients with ALS``."""
    return english_front.people(cases, what)


def title(study: Study) -> str:
    """What heads the page."""
    return heading_of(study)


def subtitle(study: Study) -> str:
    """What stands below it."""
    return subtitle_of(study)
