"""English for what became of the patients, for a reader who knows no statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from riskset.report import formats
from riskset.report.catalogue.english_course_levels import origin, unexposed
from riskset.report.catalogue.english_lines import listed
from riskset.spec.levels import NEVER
from riskset.spec.models import Prognosis

ASSOCIATION = (
    "These are associations too. People to whom such medicines are prescribed differ from others in illness, age and "
    "care, and none of these numbers says what would happen to a patient who starts or stops a medicine."
)
ENTERS_LATE = (
    "A patient comes under follow-up on the later of diagnosis and registration in the quality register. The days "
    "between are immortal: who died in them was never registered, so they count for nobody, and a patient counts as at "
    "risk from entry on only (delayed entry)."
)
OTHER_CLASSES = "use of the other classes"
NO_DIFFERENCE = "no difference"
_DONE: Mapping[str, str] = {"death": "died", "invasive_ventilation": "come to invasive ventilation"}
"""What happened, after "had"."""


class Months(NamedTuple):
    """A time in months as it is shown, with its interval; an end may lack, and the whole interval."""

    shown: str
    low: str
    high: str
    confidence: str

    @property
    def interval(self) -> str:
        """Behind the time; one without an upper end says so."""
        if not self.low:
            return ""
        if not self.high:
            return f" ({self.confidence}, from {self.low}, without an upper end)"
        return f" ({self.confidence}, {self.low} to {self.high})"


def followed(asked: Prognosis, patients: int, events: int, years: float) -> str:
    """How many were followed, and what happened to them."""
    entry = "the later of diagnosis and registration" if asked.entry == "registration" else "diagnosis"
    if any(map(formats.is_withheld, (patients, events, years))):
        known = (
            f"We followed patients from {entry}"
            if formats.is_withheld(patients)
            else (f"We followed {formats.count(patients)} patients from {entry}")
        )
        return f"{known}. How many of them had {_event(asked)}, and over how many years in all, is withheld in part."
    return (
        f"We followed {formats.count(patients)} patients from {entry}; {formats.count(events)} of them had "
        f"{_event(asked)}, over {formats.count(years)} years of follow-up in all."
    )


def half_within(asked: Prognosis, median: Months) -> str:
    """When it had happened to half of them."""
    return f"For half of them that came within {median.shown} months of {origin(asked)}{median.interval}."


def from_beginning(asked: Prognosis) -> str:
    """Of whom medians and means are, where curves begin late; nothing where they do not."""
    if not asked.curves_from:
        return ""
    return (
        f"Medians and means are of patients who had come {asked.curves_from.words()} from {origin(asked)} without it."
    )


def nobody_used(asked: Prognosis, name: str) -> str:
    """That a class has no users."""
    return f"No patient had used {name} {_when(asked)}."


def not_in_words(asked: Prognosis, name: str) -> str:
    """That a class has no number that may be put in words."""
    return f"Nothing is put in words of patients who had used {name} {_when(asked)}; the tables say why."


def medians(asked: Prognosis, name: str, used: Months, others: Months, never: str) -> str:
    """Median times of users and of others; ``never``: what the unexposed are called."""
    had_not = "had never" if never == NEVER else f"by {asked.lag.words()} before diagnosis had not"
    ever, none = (f"{time.shown} months{time.interval}" for time in (used, others))
    return (
        f"Half of the patients who had used {name} {_when(asked)} had {_event(asked)} within {ever}; of those who "
        f"{had_not} used {name}, half had within {none}."
    )


def means(horizon: str, name: str, used: str, others: str, difference: str, never: str) -> str:
    """Mean times without an event, in months, and their difference."""
    return (
        f"Of the first {horizon} months patients who had used {name} lived {used} without such an event on average, "
        f"those who {_others(never)} {others}: {difference}. These times are not adjusted for age or anything else."
    )


def fewer(months: str, *, less: bool) -> str:
    """``1.2 months fewer``."""
    return f"{months} months {'fewer' if less else 'more'}"


def of_difference(difference: str, confidence: str, low: str, high: str, never: str) -> str:
    """A difference of means with its interval."""
    return f"{difference} ({confidence} of the difference, use minus {unexposed(never)}: {low} to {high} months)"


def total_effect(name: str, shown: str, covariates: Sequence[str], never: str) -> str:
    """The hazard ratio whatever the score, and what was taken into account."""
    given = f"With {listed(covariates)} taken into account, the" if covariates else "The"
    return (
        f"{given} hazard ratio (HR) of such an event among patients who had used {name}, against those who "
        f"{_others(never)}, was {shown}; this is the total effect."
    )


def ratios_withheld(name: str, n: int) -> str:
    """That there are hazard ratios of a class, and how many are not given away."""
    what = "The hazard ratio" if n == 1 else "The hazard ratios, total and direct effect,"
    return f"{what} of such an event among patients who had used {name} {'is' if n == 1 else 'are'} withheld."


def direct_effect(name: str, shown: str, marker: str) -> str:
    """The hazard ratio at the same score."""
    return (
        f"Between patients with the same current {marker} score, the HR of {name} was {shown}; this is the direct "
        "effect."
    )


def rests_on(name: str, patients: int, events: int) -> str:
    """How many users there were, and how many events of theirs."""
    if formats.is_withheld(patients) or formats.is_withheld(events):
        return f"How many patients who had used {name} this rests on, or how many of them had the event, is withheld."
    return (
        f"This rests on {formats.count(patients)} patients who had used {name}, {formats.count(events)} of them with "
        "the event."
    )


def _others(never: str) -> str:
    return "never had" if never == NEVER else "had not by then"


def _when(asked: Prognosis) -> str:
    return f"more than {asked.lag.words()} before diagnosis" if asked.lag else "before diagnosis"


def _event(asked: Prognosis) -> str:
    """``died or come to invasive ventilation``, after "had"."""
    return " or ".join(_DONE[one] for one in asked.endpoint)


# How many events there are to learn from

TOTAL_EFFECTS, DIRECT_EFFECTS = "total effects", "direct effects"


def events_of(what: str, low: str, high: str) -> str:
    """``direct effects 150 to 155``."""
    return f"{what} {low}" if low == high else f"{what} {low} to {high}"


def compare_events(events: Sequence[str], notes: Sequence[str]) -> str:
    """The events of our models, and what is known of those of published ones."""
    return (
        f"Events in the adjusted models here: {'; '.join(events)}. Of the published hazard ratios is known: "
        f"{'; '.join(notes)}. How wide an interval is follows from the number of events: with twice as many it is "
        f"about {formats.percent(0.3, decimals=0)} narrower."
    )
