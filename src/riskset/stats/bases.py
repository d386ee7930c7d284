"""Functions of time that are linear in their coefficients: value, slope and area of each term in closed form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import reduce

import numpy as np

from riskset.stats.arrays import Floats, finite, whole

_MOST_DEGREE = 10


class TimeBasis(ABC):
    """Terms of time, the constant first. Every method takes times of any shape and adds a last axis (n_terms).

    ``value`` is B(t), ``slope`` its derivative, ``area`` its integral from 0 to t.
    """

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """(n_terms,) the terms."""

    @property
    def n_terms(self) -> int:
        """Terms, the constant included."""
        return len(self.names)

    @abstractmethod
    def value(self, t: Floats) -> Floats:
        """B(t)."""

    @abstractmethod
    def slope(self, t: Floats) -> Floats:
        """dB(t)/dt."""

    @abstractmethod
    def area(self, t: Floats) -> Floats:
        """∫ B(s) ds from 0 to t."""


@dataclass(frozen=True)
class Polynomial(TimeBasis):
    """1, t, …, t^degree. ``Polynomial(1)`` is a straight line, ``Polynomial(0)`` a constant."""

    degree: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "degree", whole(self.degree, "degree", most=_MOST_DEGREE))

    @property
    def names(self) -> tuple[str, ...]:
        return ("1", "t", *(f"t^{k}" for k in range(2, self.degree + 1)))[: self.degree + 1]

    def value(self, t: Floats) -> Floats:
        return np.stack([t**k for k in range(self.degree + 1)], axis=-1)

    def slope(self, t: Floats) -> Floats:
        return np.stack([k * t ** max(k - 1, 0) for k in range(self.degree + 1)], axis=-1)

    def area(self, t: Floats) -> Floats:
        return np.stack([t ** (k + 1) / (k + 1) for k in range(self.degree + 1)], axis=-1)


@dataclass(frozen=True)
class NaturalSpline(TimeBasis):
    """1, t and a restricted cubic spline, straight before the first knot and after the last.

    Term j is d_j − d_(K−1) with d_j(t) = ((t − ξ_j)³₊ − (t − ξ_K)³₊) / (ξ_K − ξ_j), divided by (ξ_K − ξ_1)
    so that its unit is that of t (Hastie, Tibshirani & Friedman, *The Elements of Statistical Learning* 2009,
    equation 5.4). It spans what R's ``ns`` with an intercept and these knots spans.

    Attributes
    ----------
    knots
        Three or more rising times, the boundary knots first and last.
    """

    knots: tuple[float, ...]

    def __post_init__(self) -> None:
        knots = finite(self.knots, "knots")
        if knots.ndim != 1 or knots.size < 3 or not np.all(np.diff(knots) > 0):
            raise ValueError(f"knots are {self.knots}; they should be three or more rising times")
        object.__setattr__(self, "knots", tuple(knots.tolist()))

    @property
    def names(self) -> tuple[str, ...]:
        return ("1", "t", *(f"s{j}(t)" for j in range(1, len(self.knots) - 1)))

    def value(self, t: Floats) -> Floats:
        return self._terms(t, 3, 1.0, np.ones_like(t), t)

    def slope(self, t: Floats) -> Floats:
        return self._terms(t, 2, 3.0, np.zeros_like(t), np.ones_like(t))

    def area(self, t: Floats) -> Floats:
        start = self._terms(np.zeros_like(t), 4, 0.25, np.zeros_like(t), np.zeros_like(t))
        return self._terms(t, 4, 0.25, t, t**2 / 2) - start

    def _terms(self, t: Floats, power: int, factor: float, first: Floats, second: Floats) -> Floats:
        knots = np.asarray(self.knots)
        over = factor * reduce(np.multiply, [np.maximum(t[..., None] - knots, 0.0)] * power)
        d = (over[..., :-1] - over[..., -1:]) / (knots[-1] - knots[:-1])
        curved = (d[..., :-1] - d[..., -1:]) / (knots[-1] - knots[0])
        return np.concatenate([first[..., None], second[..., None], curved], axis=-1)
