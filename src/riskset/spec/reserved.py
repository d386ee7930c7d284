"""Words that nothing in a study is called by: those that a description, a model or a table of results has already."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, get_args, get_origin

from pydantic import BaseModel

from riskset.spec import levels
from riskset.spec.complaints import members

IN_EVERY_TABLE = (
    *("person_id", "index_date", "anchor_date", "history_start"),
    *("set_id", "case_id", "case", "comparison", "relation", "birth_date"),
)
"""Columns that every study's tables have."""

LEVELS = (
    *(value for name, value in vars(levels).items() if name.isupper() and isinstance(value, str)),
    *("none", "any", "current", "recent", "past", "yes", "no"),
)
"""What levels and references are called, whatever is measured."""

OF_RESULTS = (
    "aalen_johansen", "about", "action", "adjusted", "adjusted_for", "against", "analysis", "anchors", "arguments",
    "association", "baseline_score", "cases", "cases_n", "cases_spread", "cases_value", "cause", "cause_specific_cox",
    "check", "code", "cohort", "comparison", "conditional_logistic", "conf_high", "conf_level", "conf_low", "contrast",
    "controls", "controls_n", "controls_spread", "controls_value", "converged", "count", "covariate", "cox", "crude",
    "curve", "decline", "delivery", "estimate", "estimator", "exposure", "exposures", "family", "fine_gray", "firth",
    "form", "horizon", "is_causal_only", "items", "joint", "kaplan_meier", "kind", "level", "level_against_reference",
    "log_chr", "log_hr", "log_or", "log_ror", "log_shr", "marker", "maximum_likelihood", "measure", "measured",
    "median", "mixed", "model_id", "model_name", "modifier", "mutually_adjusted", "n_cases", "n_controls", "n_events",
    "n_exposed_cases", "n_exposed_controls", "n_exposed_events", "n_informative", "n_patients", "n_persons", "n_risk",
    "n_scores", "n_sets", "notes", "of", "p_value", "part", "patients", "per_unit", "person_years", "persons",
    "piecewise_baseline_hazard", "prognosis", "rate", "ratio_of_ratios", "reference", "remaining", "reml", "removed",
    "risk", "rmst", "rmst_difference", "role", "rows", "rule", "scale", "score", "scores", "sensitivity", "sets",
    "share", "slope", "smd", "smd_variable", "spline_baseline_hazard", "standardised_cox", "statistic", "std_error",
    "step", "stratum", "subject", "survival", "survival_difference", "table", "test", "time", "time_varying_exposure",
    "trend", "truth", "unit", "value", "value_of", "variable", "verdict", "weibull_baseline_hazard", "who",
)  # fmt: skip
"""Columns of results, and single words of the closed sets that tell rows apart; `results` knows them, and this not."""

OF_REGISTERS = ("alsfrs_r", "onset_date", "registration")
"""What the registers' rows are named by, besides what a covariate of that name is."""


@cache
def reserved(kind: type[BaseModel]) -> tuple[str, ...]:
    """All such words, those included that a description of this kind is written with."""
    return tuple(dict.fromkeys((*IN_EVERY_TABLE, *LEVELS, *OF_RESULTS, *OF_REGISTERS, *_literals(kind))))


def _literals(annotation: object) -> Iterator[str]:
    """The words that keys of a description take: ``spline``, ``breslow``, ``history``."""
    for member in members(annotation):
        if get_origin(member) is Literal:
            yield from (word for word in get_args(member) if isinstance(word, str))
        elif isinstance(member, type) and issubclass(member, BaseModel):
            for field in member.model_fields.values():
                yield from _literals(field.annotation)
        else:
            for inside in get_args(member):
                yield from _literals(inside)


def folded(name: str) -> str:
    """A name without what some system or reader does not tell apart: capitals, and whether _, - or a blank stands.

    Between two digits one of these parts numbers, and remains.
    """
    joined = re.sub(r"(?<![0-9])[\W_]+|[\W_]+(?![0-9])", "", name.casefold())
    return re.sub(r"[\W_]+", "_", joined)
