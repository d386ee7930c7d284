"""What an estimate and its error give back: in pairs, the numbers of which the ratio was made."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp
from typing import Any

from riskset.results.vocabulary import Contrast, Scale

RATIOS = (Scale.LOG_OR, Scale.LOG_HR)
"""Ratios that, with their errors, are functions of two counts where nothing is adjusted for."""

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


def discordant_pairs(row: Mapping[str, Any]) -> tuple[int, int] | None:
    """The pairs whose case alone, and whose control alone, is at the level; None of what are not pairs.

    They differ by as much as the exposed cases and the exposed controls do, so that these bound them, whether or not a
    ratio states them.
    """
    differing, cases, controls = row["n_informative"], row["n_exposed_cases"], row["n_exposed_controls"]
    if row["n_sets"] != row["n_controls"] or None in (row["n_sets"], differing, cases, controls):
        return None
    alone, rest = divmod(differing + cases - controls, 2)
    return None if rest or not 0 <= alone <= differing else (alone, differing - alone)


def states_pairs(row: Mapping[str, Any], pairs: tuple[int, int]) -> bool:
    """Whether a ratio and its error tell these pairs exactly."""
    both = given_back(row)
    return both is not None and all(abs(n - m) <= 1e-6 * n for n, m in zip(both, pairs, strict=True))
