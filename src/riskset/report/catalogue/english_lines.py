"""English for one estimate wherever the supplement shows it: its marks, its place, and what it stands beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riskset.report import formats
from riskset.results.vocabulary import Analysis
from riskset.spec.levels import AFTER_DIAGNOSIS, ALL, EVER, LAG_ONLY, NEVER, NOT_BEFORE_LAG, UNKNOWN
from riskset.spec.words import plain

FIRTH = "Firth"
RATIO_OF_RATIOS = "a ratio of two odds ratios: 1 where they do not differ"
NOT_CONVERGED = "not converged"
NOT_ESTIMABLE = "not estimable"
ALL_PATIENTS = "All patients"
ALL_SETS = "All sets"
YES, NO = "yes", "no"
CASES, CONTROLS = "cases", "controls"
NOT_BEFORE_DAY = "Use before the index date"
"""What levels of a measure are headed."""

ANALYSES: Mapping[str, str] = {
    Analysis.RISK: "risk",
    Analysis.PROGNOSIS: "prognosis",
    Analysis.DECLINE: "decline",
    Analysis.COHORT: "cohort",
    Analysis.EXPOSURE: "exposure",
    Analysis.DELIVERY: "delivery",
}

_LEVELS: Mapping[str, str] = {
    EVER: "ever",
    NEVER: "never",
    LAG_ONLY: "lag only",
    NOT_BEFORE_LAG: "not before the lag",
    AFTER_DIAGNOSIS: "after diagnosis",
    ALL: "all",
    UNKNOWN: "unknown",
    "none": "none",
    "yes": "yes",
    "no": "no",
}
"""Levels that are ours and not a register's."""


def level(name: str) -> str:
    """A level as it is named where no measure words it; a register's own as it is delivered."""
    return _LEVELS.get(name, plain(name))


def listed(names: Sequence[str], word: str = "and") -> str:
    """``a, b and c``."""
    return f" {word} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))


def firth(shown: str) -> str:
    """``Firth 0.21 (0.02–0.90)``, where that stands in."""
    return f"Firth {shown}"


def few_sets(n: int) -> str:
    """That few sets are behind an estimate."""
    return f"few informative sets ({n})"


def of_model(text: str, model: str) -> str:
    """What is of a model with a name of its own."""
    return f"{text}, model {model}"


def spread(low: str, high: str) -> str:
    """From the least to the greatest number."""
    return f"{low} to {high}"


def trend(measure: str) -> str:
    """A slope over the levels of a measure."""
    return f"Trend over {measure}, per level"


def per(unit: str) -> str:
    """For a step of a number: ``per 10 years``."""
    return f"per {unit}"


def against(stratum: str, other: str) -> str:
    """Two subgroups of which ratios are compared."""
    return f"{stratum} against {other}"


def interaction(modifier: str, *, capital: bool = False) -> str:
    """What a ratio of ratios, or their test, is about."""
    return f"{'Interaction' if capital else 'interaction'} with {modifier}"


def where_from(truth: str, persons: int | None, *, is_causal_only: bool) -> str:
    """Where a truth comes from.

    Parameters
    ----------
    persons : of the nation in which it was solved, where it was
    is_causal_only : whether no model here is free of bias
    """
    solved = f", solved in {formats.count(persons)} persons" if persons else ""
    unbiased = ", the causal ratio; no model here is free of bias" if is_causal_only else ""
    return f"{truth}{solved}{unbiased}"
