"""Baseline hazards that are log-linear in their coefficients, each with the time nodes that integrate it well."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import BSpline

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats, finite, whole
from riskset.stats.bases import NaturalSpline, Polynomial, TimeBasis

_PERCENTILES = {
    1: (50.0,),
    2: (10.0, 90.0),
    3: (10.0, 50.0, 90.0),
    4: (5.0, 35.0, 65.0, 95.0),
    5: (5.0, 27.5, 50.0, 72.5, 95.0),
}
"""Where so many knots lie among the times of events (Harrell, *Regression Modeling Strategies*, 2015, table 2.3)."""
_EVENTS_A_KNOT = 8  # of the rarest cause: each has coefficients of its own
_MOST_POINTS, _MOST_DEGREE = 500, 10
_NEAREST = 0.01  # distance of two knots, as a share of the range of all


class Baseline(ABC):
    """A log baseline hazard F(t)ᵀφ.

    Attributes
    ----------
    edges
        Rising times from 0 between which F is smooth; the last piece goes on beyond its end.
    points
        Gauss-Legendre nodes a piece.
    power
        Nodes are equally dealt in t^(1/power): above 1 where the hazard bends sharply at 0.
    """

    edges: tuple[float, ...]
    points: int
    power: int = 1

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """(m,) the coefficients."""

    @abstractmethod
    def terms(self, t: Floats) -> Floats:
        """F(t), with a last axis (m) added."""

    def nodes(self, until: Floats, *, since: Floats | None = None, factor: int = 1) -> tuple[Floats, Floats]:
        """Times (n, M) and log weights (n, M) that integrate from ``since`` (n,), or 0, to ``until`` (n,).

        Pieces a patient does not reach have weight 0. ``factor`` multiplies the points, to see that they suffice.
        """
        edges = np.asarray(self.edges[:-1])
        edges = np.append(edges[edges < max(float(np.max(until, initial=0.0)), edges[0] + 1e-300)], np.inf)
        x, weight = _gauss_legendre(self.points * factor)
        begin = np.zeros_like(until) if since is None else since
        low = np.clip(edges[:-1], begin[:, None], until[:, None])[..., None] ** (1 / self.power)
        high = np.clip(edges[1:], begin[:, None], until[:, None])[..., None] ** (1 / self.power)
        half = (high - low) / 2
        u = low + half * (1 + x)
        with np.errstate(divide="ignore"):
            log_weight = np.log(half * weight) + np.log(self.power * u ** (self.power - 1))
        n = len(until)
        return u.reshape(n, -1) ** self.power, np.maximum(log_weight.reshape(n, -1), -1e5)


@dataclass(frozen=True)
class NaturalSplineBaseline(Baseline):
    """A log hazard that is a restricted cubic spline: smooth, and straight before the first knot and after the last.

    There are as many coefficients as knots: one knot gives a constant hazard (exponential), two a straight log hazard
    (Gompertz), three or more a spline. It is the default of ``fit_joint``, since unlike constant pieces it leaves no
    trend of the hazard to the score.

    Attributes
    ----------
    knots
        Rising times above 0.
    """

    knots: tuple[float, ...]
    points: int = 4
    edges: tuple[float, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        knots = _rising(self.knots, "knots", least=1, how="one or more times that rise from above 0")
        object.__setattr__(self, "knots", knots)
        object.__setattr__(self, "edges", (0.0, *knots, np.inf))
        object.__setattr__(self, "points", whole(self.points, "points", least=1, most=_MOST_POINTS))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple("log h0" if name == "1" else f"log h0 {name}" for name in self._basis.names)

    def terms(self, t: Floats) -> Floats:
        return self._basis.value(np.asarray(t) / self.knots[-1])

    @property
    def _basis(self) -> TimeBasis:
        """Of time in units of the last knot, so that nothing hangs on the unit."""
        if len(self.knots) < 3:
            return Polynomial(len(self.knots) - 1)
        return NaturalSpline(tuple(knot / self.knots[-1] for knot in self.knots))

    @classmethod
    def at_quantiles(cls, stop: ArrayLike, event: ArrayLike, knots: int = 5) -> NaturalSplineBaseline:
        """Knots at percentiles of the times of events: 5, 27.5, 50, 72.5 and 95 of five.

        Of fewer than eight events a knot, in the rarest cause, or of fewer distinct times than knots, fewer are taken;
        knots nearer to the one before than a hundredth of their range are left out.
        """
        knots = whole(knots, "knots")
        if knots not in _PERCENTILES:
            raise ValueError(f"{knots} knots; 1 to {max(_PERCENTILES)} can be placed, others can be given as times")
        cause = finite(event, "event")
        times = _of_events(stop, cause)
        if not times.size:
            raise FitError(
                "nobody has an event", where="baseline", remedy="fit a mixed model", problem=FitProblem.NO_EVENT
            )
        rarest = int(np.unique(cause[cause > 0], return_counts=True)[1].min())
        allowed = int(np.clip(min(rarest // _EVENTS_A_KNOT, len(np.unique(times))), 1, knots))
        placed = np.quantile(times, np.array(_PERCENTILES[allowed]) / 100)
        kept = [float(placed[0])]
        for knot in placed[1:]:
            if knot - kept[-1] > _NEAREST * (placed[-1] - placed[0]):
                kept.append(float(knot))
        return cls(tuple(kept))


@dataclass(frozen=True)
class PiecewiseConstant(Baseline):
    """A constant log hazard between cuts.

    Attributes
    ----------
    cuts
        Rising times above 0; ``J`` of them make J + 1 pieces, the last without end.

    Notes
    -----
    Within a piece the hazard's trend has no other way to be fitted than by the score, which also moves with time. Seven
    pieces, the default of R's JM, move an association of −0.08 by −0.002 where the hazard rises as a Weibull's of shape
    1.5, by +0.005 where it is hump-shaped, and more patients do not help. See docs/methods-joint.md.
    """

    cuts: tuple[float, ...]
    points: int = 3
    edges: tuple[float, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        cuts = _rising(self.cuts, "cuts", least=0, how="times that rise from above 0")
        object.__setattr__(self, "cuts", cuts)
        object.__setattr__(self, "edges", (0.0, *cuts, np.inf))
        object.__setattr__(self, "points", whole(self.points, "points", least=1, most=_MOST_POINTS))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"log h0[{low:g}-{high:g})" for low, high in zip(self.edges, self.edges[1:], strict=False))

    def terms(self, t: Floats) -> Floats:
        piece = np.searchsorted(self.cuts, t, side="right")
        return np.asarray(piece[..., None] == np.arange(len(self.cuts) + 1), float)

    @classmethod
    def at_quantiles(cls, stop: ArrayLike, event: ArrayLike, pieces: int = 7) -> PiecewiseConstant:
        """Cuts between which about equally many events fall."""
        return cls(_quantiles(stop, event, whole(pieces, "pieces", least=1)))


@dataclass(frozen=True)
class SplineBaseline(Baseline):
    """A log hazard that is a B-spline; constant beyond its last boundary knot.

    Attributes
    ----------
    knots
        Rising times, the boundary knots (0 or more, and the end of follow-up) first and last.
    degree
        Of the pieces; 3 is cubic.
    """

    knots: tuple[float, ...]
    degree: int = 3
    points: int = 5
    edges: tuple[float, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        knots = _rising(self.knots, "knots", least=2, zero=True, how="two or more rising times from 0")
        object.__setattr__(self, "knots", knots)
        object.__setattr__(self, "edges", (*((0.0,) if knots[0] > 0 else ()), *knots, np.inf))
        object.__setattr__(self, "degree", whole(self.degree, "degree", most=_MOST_DEGREE))
        object.__setattr__(self, "points", whole(self.points, "points", least=1, most=_MOST_POINTS))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"log h0 spline[{j}]" for j in range(len(self.knots) + self.degree - 1))

    def terms(self, t: Floats) -> Floats:
        low, high = self.knots[0], self.knots[-1]
        padded = np.array([low] * self.degree + list(self.knots) + [high] * self.degree)
        inside = np.clip(np.ravel(t), low, high)
        dense = BSpline.design_matrix(inside, padded, self.degree).toarray()
        return np.asarray(dense.reshape(*np.shape(t), -1))

    @classmethod
    def at_quantiles(cls, stop: ArrayLike, event: ArrayLike, inner: int = 5) -> SplineBaseline:
        """From 0 to the last time, with ``inner`` knots between which about equally many events fall."""
        return cls((0.0, *_quantiles(stop, event, whole(inner, "inner") + 1), float(finite(stop, "stop").max())))


@dataclass(frozen=True)
class Weibull(Baseline):
    """log h0(t) = φ0 + φ1 log t, so that the Weibull shape is φ1 + 1."""

    points: int = 15
    power: int = 3
    edges: tuple[float, ...] = field(default=(0.0, np.inf), init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", whole(self.points, "points", least=1, most=_MOST_POINTS))
        object.__setattr__(self, "power", whole(self.power, "power", least=1, most=_MOST_DEGREE))

    @property
    def names(self) -> tuple[str, ...]:
        return ("log h0", "log t")

    def terms(self, t: Floats) -> Floats:
        return np.stack([np.ones_like(t), np.log(np.maximum(t, 1e-100))], axis=-1)


@lru_cache(maxsize=32)
def _gauss_legendre(points: int) -> tuple[Floats, Floats]:
    """Nodes and weights on [−1, 1]."""
    return np.polynomial.legendre.leggauss(points)


def _of_events(stop: ArrayLike, cause: Floats) -> Floats:
    """The times at which there was an event."""
    ends = finite(stop, "stop")
    if ends.ndim != 1 or cause.shape != ends.shape:
        raise ValueError(f"event has shape {cause.shape} and stop {ends.shape}; both should be (n,)")
    return ends[cause > 0]


def _rising(times: Sequence[float], what: str, *, least: int, zero: bool = False, how: str) -> tuple[float, ...]:
    """Times above 0, or from 0 on where ``zero``, that rise."""
    given = np.atleast_1d(finite(times, what))
    rises = given.ndim == 1 and given.size >= least and np.all(np.diff(given) > 0)
    if not rises or np.any(given < 0 if zero else given <= 0):
        raise ValueError(f"{what} are {times!r}; they should be {how}")
    return tuple(given.tolist())


def _quantiles(stop: ArrayLike, event: ArrayLike, pieces: int) -> tuple[float, ...]:
    times = _of_events(stop, finite(event, "event"))
    if times.size < pieces:
        raise FitError(
            f"{times.size} events cannot be cut into {pieces} pieces",
            where="baseline",
            remedy="ask for fewer pieces",
            problem=FitProblem.FEW_EVENTS,
            facts={"events": int(times.size), "pieces": pieces},
        )
    cuts: list[float] = []
    for cut in np.unique(np.quantile(times, np.arange(1, pieces) / pieces)):
        since = cuts[-1] if cuts else 0.0
        if np.any((times >= since) & (times < cut)):  # ties can leave a piece without events, and so without a hazard
            cuts.append(float(cut))
    return tuple(cuts)
