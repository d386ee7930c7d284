"""What an estimate and its error give back: in pairs, the numbers of which the ratio was made."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, exp
from typing import Any

from riskset.results.vocabulary import Contrast, Family, Scale

RATIOS = (Scale.LOG_OR, Scale.LOG_HR)
"""Ratios that, with their errors, are functions of two counts where nothing is adjusted for."""

OF_HAZARDS = (Family.COX, Family.CAUSE_SPECIFIC)
"""Models whose score says that as many events are expected at each level as there are."""

LARGEST = 50.0
"""Of the logarithm of a ratio that anybody prints."""


def given_back(row: Mapping[str, Any]) -> tuple[float, float] | None:
    """The two numbers b and c with ratio b / c and squared error 1 / b + 1 / c; None of what is no such ratio.

    In pairs these are the discordant ones (the case alone at the level, the control alone), exactly. In larger sets
    with a rare exposure, and in a follow-up of two groups, they are nearly the exposed members or the events;
    covariates add to the error, so that the numbers come out smaller than they are.
    """
    estimate, error = row["estimate"], row["std_error"]
    if row["scale"] not in RATIOS or row["contrast"] != Contrast.LEVEL or not error or estimate is None:
        return None
    ratio = exp(min(max(estimate, -LARGEST), LARGEST))
    return (1 + ratio) / error**2, (1 + 1 / ratio) / error**2


def fewest_at_reference(row: Mapping[str, Any]) -> int:
    """The events at the reference that a ratio of hazards has at least, for whoever knows those at its level.

    Its squared error is never below 1 / b + 1 / c of those events, whoever is at risk when and whatever is adjusted
    for. Nought of what is no such ratio.
    """
    error, events = row["std_error"], row["n_exposed_events"]
    is_hazard = row["family"] in OF_HAZARDS and row["contrast"] == Contrast.LEVEL
    if not is_hazard or not error or not events:
        return 0
    left = error**2 - 1 / events
    return max(0, ceil(1 / left - 1e-6)) if left > 0 else 0


def discordant_pairs(row: Mapping[str, Any]) -> tuple[int, int] | None:
    """The pairs whose case alone, and whose control alone, is at the level; None of what are not pairs.

    They differ by as much as the exposed cases and the exposed controls do, so that these bound them, whether or not a
    ratio states them.
    """
    differing, cases, controls = row["n_informative"], row["n_exposed_cases"], row["n_exposed_controls"]
    if row["n_sets"] != row["n_controls"] or None in (row["n_sets"], differing, cases, controls):
        return None
    alone, rest = divmod(differing + cases - controls, 2)
    if rest or not 0 <= alone <= differing or not alone <= cases <= row["n_sets"] - differing + alone:
        return None
    return alone, differing - alone


def states_pairs(row: Mapping[str, Any], pairs: tuple[int, int]) -> bool:
    """Whether a ratio and its error tell these pairs exactly."""
    both = given_back(row)
    return both is not None and all(abs(n - m) <= 1e-6 * n for n, m in zip(both, pairs, strict=True))
