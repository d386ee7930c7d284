"""English for levels of use before diagnosis and events after it, as tables and figures of the course name them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from riskset.spec.levels import AFTER_DIAGNOSIS, ALL, EVER, LAG_ONLY, NEVER
from riskset.spec.models import Prognosis
from riskset.spec.words import capital, plain

_SCORE = "score"
"""The marker of a study that names none."""
_MARKERS: Mapping[str, str] = {"alsfrs_r": "ALSFRS-R"}
_BODY_MASS = "BMI"
ORIGINS: Mapping[str, str] = {"diagnosis": "diagnosis", "onset": "onset"}
EVENTS: Mapping[str, str] = {"death": "death", "invasive_ventilation": "invasive ventilation"}


def origin(asked: Prognosis) -> str:
    """From what time is counted."""
    return ORIGINS[asked.origin]


def marker(name: str | None) -> str:
    """The marker as a reader knows it: ``ALSFRS-R``."""
    return _MARKERS.get(name, plain(name)) if name else _SCORE


def covariate(name: str) -> str:
    """A covariate, or a text with its name, as readers write it: ``bmi`` → ``BMI``."""
    return re.sub(r"\bbmi\b", _BODY_MASS, name)


def event(name: str) -> str:
    """An event as a noun."""
    return EVENTS.get(name, plain(name))


def endpoints(names: Sequence[str]) -> str:
    """Several events."""
    return " and ".join(map(event, names))


def unexposed(never: str) -> str:
    """What the unexposed are called within a sentence."""
    return "never" if never == NEVER else "not before the lag"


def level(name: str, asked: Prognosis, never: str) -> str:
    """A level in words: ``Ever, more than 1 year before diagnosis``."""
    lag = asked.lag.words()
    if name == NEVER:
        return "Never" if never == NEVER else f"Not before the last {lag} before diagnosis"
    if name == EVER:
        return f"Ever, more than {lag} before diagnosis" if asked.lag else "Ever before diagnosis"
    if name == LAG_ONLY:
        return f"Only in the last {lag} before diagnosis"
    if name == ALL:
        return "All"
    return "From the day after qualifying after diagnosis" if name == AFTER_DIAGNOSIS else plain(name)


def short(name: str, asked: Prognosis, never: str) -> str:
    """A level in a few words, in figures and where there is no room for more: ``Only in the last 1 year``."""
    if name == NEVER and never != NEVER:
        return f"Not before the last {asked.lag.words()}"
    if name == LAG_ONLY:
        return f"Only in the last {asked.lag.words()}"
    return {NEVER: "Never", EVER: "Ever", ALL: "All", AFTER_DIAGNOSIS: "After diagnosis"}.get(
        name, capital(plain(name))
    )


def few_patients(n: int) -> str:
    """That few patients are behind a number."""
    return f"few patients ({n})"
