"""Dose-response: one slope over ordered levels, and whether the levels depart from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskset.stats.clogit import ClogitFit, fit_clogit
from riskset.stats.inference import Test, likelihood_ratio_test, wald_test
from riskset.stats.sets import SetLayout


@dataclass(frozen=True, eq=False)
class Trend:
    """A trend over ordered levels.

    Attributes
    ----------
    linear
        The fit whose first coefficient is the log odds ratio per unit of score.
    levels
        The fit with one coefficient for each level but the lowest, first in ``beta``.
    slope
        Wald test of the slope.
    departure
        Likelihood-ratio test of the levels against the line.
    """

    linear: ClogitFit
    levels: ClogitFit
    slope: Test
    departure: Test


def fit_trend(
    level: ArrayLike,
    case: ArrayLike,
    set_id: ArrayLike,
    *,
    scores: ArrayLike | None = None,
    adjust: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    ties: str = "exact",
) -> Trend:
    """Fit a line and a factor over ordered levels (Breslow & Day 1980, §4.5 and chapter 7).

    Parameters
    ----------
    level
        (n,) integers 0 … K − 1, 0 the reference; K at least 3, each level present.
    scores
        (K,) the dose of each level; 0, 1, 2, … by default.
    adjust
        (n, q) covariates in both models.
    names
        (q,) their names, for errors.
    """
    number = np.asarray(level)
    dose = np.arange(number.max() + 1.0) if scores is None else np.asarray(scores, float)
    if dose.size < 3 or not np.array_equal(np.unique(number), np.arange(dose.size)):
        raise ValueError("levels should be the integers 0 … K − 1, each present, K at least 3, with one score each")
    others = np.empty((number.size, 0)) if adjust is None else np.asarray(adjust, float).reshape(number.size, -1)
    other_names = list(names) if names is not None else [f"adjust[{j}]" for j in range(others.shape[1])]
    layout = SetLayout(case, set_id)

    factor = (number[:, None] == np.arange(1, dose.size)).astype(float)
    level_names = [f"level {k}" for k in range(1, dose.size)]

    def fit(columns: ArrayLike, own: list[str]) -> ClogitFit:
        x = np.column_stack([columns, others])
        return fit_clogit(x, None, None, layout=layout, ties=ties, names=own + other_names)

    linear, by_level = fit(dose[number], ["trend"]), fit(factor, level_names)
    return Trend(linear, by_level, wald_test(linear, [0]), likelihood_ratio_test(linear, by_level))
