"""English for levels of use before diagnosis and events after it, as tables and figures of the course name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.catalogue.english_front import event
from riskset.spec.levels import AFTER_DIAGNOSIS, ALL, EVER, LAG_ONLY, NEVER
from riskset.spec.models import Prognosis
from riskset.spec.study import Study
from riskset.spec.words import capital, plain

_SCORE = "score"
"""The marker of a study that names none."""
ORIGINS: Mapping[str, str] = {"diagnosis": "diagnosis", "onset": "onset"}


def origin(asked: Prognosis) -> str:
    """From what time is counted."""
    return ORIGINS[asked.origin]


def marker(study: Study, name: str | None) -> str:
    """The marker as a reader knows it: ``ALSFRS-R``."""
    return label_of_name(study, name) if name else _SCORE


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
        return _ever(asked, ", ")
    if name == LAG_ONLY:
        return f"Only in the last {lag} before diagnosis"
    if name == ALL:
        return "All"
    return "From the day after qualifying after diagnosis" if name == AFTER_DIAGNOSIS else plain(name)


def ever_defined(asked: Prognosis) -> str:
    """``Ever: more than 1 year before diagnosis``."""
    return _ever(asked, ": ")


def _ever(asked: Prognosis, mark: str) -> str:
    return f"Ever{mark}more than {asked.lag.words()} before diagnosis" if asked.lag else "Ever before diagnosis"


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
