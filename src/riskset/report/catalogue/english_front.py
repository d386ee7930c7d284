"""English for the report's front, in the style of American medical journals.

Sentences of the front and the names in it, made of typed facts: what may be said is decided by `report.front.claims`
before anything is worded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import assert_never

from riskset.report import formats
from riskset.results.vocabulary import Form
from riskset.spec.design import (
    Cases,
    Controls,
    Event,
    GivenControls,
    MatchKey,
    PopulationControls,
    SiblingControls,
    SpouseControls,
)
from riskset.spec.levels import Level
from riskset.spec.models import Prognosis
from riskset.spec.study import Study
from riskset.spec.time import Duration
from riskset.spec.words import capital, plain

RAISED: Mapping[float, tuple[str, str]] = {
    10: ("raised tenfold", "one-tenth"),
    100: ("raised a hundredfold", "one-hundredth"),
}
"""How an incidence was changed, and what share of it a real one is."""

MOST_NAMED = 4
"""Of more classes than these a sentence gives the ends, and the tables each."""

NOT_REPORTED = "NR"
NOT_ESTIMABLE = "Not estimable"


def listed(names: Sequence[str], word: str = "and") -> str:
    """``a, b, and c``."""
    return formats.series(names, word)


def conf(level: float | None) -> str:
    """``95% CI``."""
    return formats.confidence_interval(level)


# Who was compared


def controls_name(controls: Controls) -> str:
    """A group of controls on a row: ``Full siblings``."""
    match controls:
        case PopulationControls(name=name):
            return f"Population controls, {name.replace('_', ' ')}" if name else "Population controls"
        case GivenControls():
            return "Delivered controls"
        case SiblingControls(half=half, at=at):
            who = {False: "Full siblings", True: "Full and half siblings", "only": "Half siblings"}[half]
            return who if at == "index date" else f"{who} at the same age"
        case SpouseControls():
            return "Spouses"
        case _:
            assert_never(controls)


def controls_adjective(controls: Controls) -> str:
    """What its estimates are called: ``sibling``."""
    match controls:
        case PopulationControls(name=name):
            return f"population ({name.replace('_', ' ')})" if name else "population"
        case GivenControls():
            return "delivered-control"
        case SiblingControls(half=half):
            return {False: "sibling", True: "sibling", "only": "half-sibling"}[half]
        case SpouseControls():
            return "spouse"
        case _:
            assert_never(controls)


def people(cases: Cases, what: str) -> str:
    """The cases, as those who have the outcome: ``patients with ALS``."""
    if cases.first.death:
        return "people who died"
    return f"people with a first {what}" if cases.first.atc else f"patients with {what}"


_KEYS: Mapping[MatchKey, str] = {
    "sex": "sex",
    "birth_year": "age",
    "county": "county",
    "country_of_birth": "country of birth",
    "history": "length of history",
}


def accounts_for(controls: Controls, *, adjusted: bool, follows: bool) -> str:
    """What a comparison accounts for.

    Parameters
    ----------
    adjusted : whether its model has covariates
    follows : whether unrelated controls stand above it, so that only what it adds is named
    """
    covariates = ["recorded covariates"] if adjusted else []
    match controls:
        case PopulationControls() | GivenControls():
            keys = [_KEYS[key] for key in controls.match] + (["age"] if controls.caliper is not None else [])
            return capital(", ".join([*dict.fromkeys(keys), "calendar time", *covariates]))
        case SiblingControls(half=half):
            shared = {
                False: ["parents", "childhood", "part of the genome"],
                True: ["a parent or both", "much of childhood", "part of the genome"],
                "only": ["one parent", "part of childhood and of the genome"],
            }[half]
        case SpouseControls():
            shared = ["household", "adult environment"]
        case _:
            assert_never(controls)
    shared = shared if follows else [*shared, "age", "sex", *covariates]
    return f"{'Also ' if follows else ''}{', '.join(shared)}" if follows else capital(", ".join(shared))


def assumes(controls: Controls) -> str:
    """What a comparison takes for granted."""
    match controls:
        case PopulationControls() | GivenControls():
            return "No confounding by unrecorded illness or indication"
        case SiblingControls():
            return "No confounding by what siblings do not share, which this design can amplify"
        case SpouseControls():
            return "The spouse’s use does not respond to the illness"
        case _:
            assert_never(controls)


TIME_WINDOWS = ("Time windows", "Use that follows early symptoms", "Early symptoms begin within the window nearest to")
"""The design of looking at windows of time: its name, what it accounts for, and what it assumes, before the day."""


# What was measured


def day_noun(study: Study) -> str:
    """The day before which use counts: ``diagnosis``, ``death``, ``symptom onset``."""
    if study.anchor == "onset":
        return "symptom onset"
    event = study.cases.first
    return "death" if event.death else "the index date" if event.atc else "diagnosis"


def span(level: Level) -> str:
    """``less than 1 year``, ``1 to 5 years``, ``more than 5 years``, ``at any time``."""
    near, far = level.lag, level.lookback
    if far is None:
        return f"more than {near.words()}" if near else "at any time"
    if not near:
        return f"less than {far.words()}"
    return f"{near.count} to {far.words()}" if near.unit == far.unit else f"{near.words()} to {far.words()}"


def short_span(level: Level) -> str:
    """``<1 y``, ``1–5 y``, ``>5 y``."""
    return span_of(level.lag, level.lookback) or "any time"


def span_of(near: Duration, far: Duration | None) -> str:
    """The same of any window; nothing of one that reaches from the day to the beginning."""
    if far is None:
        return f">{short_length(near)}" if near else ""
    if not near:
        return f"<{short_length(far)}"
    return f"{near.count}–{short_length(far)}" if near.unit == far.unit else f"{short_length(near)}–{short_length(far)}"


def short_length(length: Duration) -> str:
    """``3 mo``."""
    unit = {"d": "d", "w": "wk", "m": "mo", "y": "y"}[length.unit]
    return f"{length.count}\u00a0{unit}"


# Ratios


ADJECTIVES: Mapping[Form, str] = {
    Form.NONE: "",
    Form.CRUDE: "crude",
    Form.CRUDE_SAME_PATIENTS: "crude",
    Form.ADJUSTED: "adjusted",
    Form.MUTUALLY_CRUDE: "mutually adjusted",
    Form.MUTUALLY_ADJUSTED: "adjusted",
}
"""What a ratio is called by what stands in its model; the note below the table names the classes and covariates."""


def in_model(form: Form, n_classes: int, covariates: Sequence[str]) -> str:
    """What stands in a model, after "with": ``all 3 classes, education, and country of birth``; empty for nothing."""
    classes = [f"all {n_classes} classes"] if form.is_mutual and n_classes > 1 else []
    return listed([*classes, *covariates])


def ratio(value: float, low: float, high: float, level: float | None, *, name: str = "") -> str:
    """``OR, 1.23; 95% CI, 1.02–1.49``, as in brackets behind what it is of."""
    ends = formats.interval(low, high)
    return "; ".join(filter(None, [f"{name}, {formats.ratio(value)}" if name else "", f"{conf(level)}, {ends}"]))


def in_series(values: Sequence[tuple[str, float, float, float]], level: float | None) -> str:
    """``1.19 (95% CI, 0.98–1.44) for anxiolytics and 1.09 (0.91–1.31) for hypnotics``; the level is named once."""
    parts = []
    for i, (name, value, low, high) in enumerate(values):
        ends = formats.interval(low, high)
        within = ends if i else f"{conf(level)}, {ends}"
        parts.append(f"{formats.ratio(value)} ({within})" + (f" for {name}" if name else ""))
    return listed(parts)


# The day that makes a case


def happened(event: Event, outcome: str) -> str:
    """What the cases had later: ``a later diagnosis of ALS``."""
    if event.death:
        return f"later {outcome}"
    return f"a later {outcome}" if event.atc else f"a later diagnosis of {outcome}"


def outcome_rate(event: Event, outcome: str) -> tuple[str, str]:
    """What a rate counts: as the subject of a sentence, and as a noun in the plural."""
    if event.death:
        return f"{capital(outcome)} occurred", "deaths"
    if event.atc:
        return f"A first {outcome} occurred", "first dispensings"
    return f"{outcome} was diagnosed", "diagnoses"


def survival(asked: Prognosis) -> str:
    """The course of the disease, as a question has it."""
    if "death" in asked.endpoint:
        return "with survival after it"
    return f"with time to {endpoints(asked)} after it"


EVENTS: Mapping[str, str] = {"death": "death", "invasive_ventilation": "invasive ventilation"}
"""Events after diagnosis, by their names."""


def event(name: str) -> str:
    """An event after diagnosis as a noun."""
    return EVENTS.get(name, plain(name))


def endpoints(asked: Prognosis, word: str = "or") -> str:
    """``death or invasive ventilation``."""
    return listed([event(one) for one in asked.endpoint], word)


def period(start: date, stop: date) -> str:
    """``January 1, 2015, through June 30, 2023``, of the half-open period ``[start, stop)``."""
    return f"{formats.day(start)}, through {formats.day(stop - timedelta(days=1))}"
