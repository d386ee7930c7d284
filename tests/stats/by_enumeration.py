"""Conditional log-likelihoods of matched sets as slow plain loops, for tests."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import exp, log

import numpy as np


def loglik(
    beta: np.ndarray,
    x: np.ndarray,
    case: np.ndarray,
    set_id: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    offset: np.ndarray | None = None,
    ties: str = "exact",
) -> float:
    """The sum over sets; under exact ties every way to choose the cases is written out."""
    eta = x @ beta + (0 if offset is None else offset)
    weights = np.ones(len(x)) if weights is None else weights
    total = 0.0
    for label in set(set_id):
        members = [i for i in range(len(x)) if set_id[i] == label]
        cases = [i for i in members if case[i]]
        n = len(cases)
        if n == 0:
            continue
        if ties == "exact" and n > 1:
            ways = sum(exp(sum(eta[i] for i in chosen)) for chosen in combinations(members, n))
            total += sum(eta[i] for i in cases) - log(ways)
            continue
        everyone = sum(weights[i] * exp(eta[i]) for i in members)
        among_cases = sum(weights[i] * exp(eta[i]) for i in cases)
        mean_weight = sum(weights[i] for i in cases) / n
        for k, i in enumerate(cases):
            taken = k / n * among_cases if ties == "efron" else 0.0
            total += weights[i] * eta[i] - mean_weight * log(everyone - taken)
    return total


def slope(function: Callable[[np.ndarray], np.ndarray | float], at: np.ndarray, width: float = 1e-5) -> np.ndarray:
    """Central differences, the last axis along the parameter."""
    steps = np.eye(len(at)) * width
    return np.stack([(function(at + h) - function(at - h)) / (2 * width) for h in steps], axis=-1)
