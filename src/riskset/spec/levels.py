"""What levels are: how tables spell them, and the window behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from riskset.spec.time import NO_TIME, Duration

LAG_ONLY = "lag only"
"""The level of who qualified inside the lag of an `ever` measure and not before it."""

EVER = "ever"
"""The level of who qualified before the lag of an `ever` measure."""

AFTER_DIAGNOSIS = "after diagnosis"
"""The level of a case who qualified after diagnosis, from the day after: of a prognosis whose exposure changes."""

ALL = "all"
"""The level of all patients together."""

UNKNOWN = "unknown"
"""The level of a covariate whose value is not known."""

RARE = "other (rare levels)"
"""The level of a covariate that holds all those which hardly anybody has and the study does not name."""

NEVER, NOT_BEFORE_LAG = "never", "not before the lag"
"""Who the reference is: who never qualified, or besides them who qualified inside the lag only."""


@dataclass(frozen=True)
class Window:
    """Days before the index date, ``[index − lookback, index − lag)``; without a lookback it is open."""

    lag: Duration = NO_TIME
    lookback: Duration | None = None


@dataclass(frozen=True)
class Level:
    """One level of a measure.

    Attributes
    ----------
    label : its name: ``ever``, ``1-5y``, ``≥4``
    lag, lookback : its window ``[index − lookback, index − lag)``; without a lookback it is open.
        For ``ever`` and ``first_use`` the qualifying date lies in it, for ``recency`` the last dispensing,
        for the others it is the window in which dispensings are counted.
    low, high : the numbers of dispensing dates or of DDD that make the level, ``[low, high)``; no upper end if None
    """

    label: str
    lag: Duration = NO_TIME
    lookback: Duration | None = None
    low: int = 1
    high: int | None = None


def unexposed_name(lag: Duration, lag_only: str) -> str:
    """What tables call the unexposed of ever use: who qualified inside the lag only is among them if the study says."""
    return NOT_BEFORE_LAG if lag and lag_only == "reference" else NEVER


def levels_in_time(names: Sequence[str], windows: Sequence[Window]) -> tuple[Level, ...]:
    """A level for each of several windows, named in their order."""
    return tuple(Level(name, w.lag, w.lookback) for name, w in zip(names, windows, strict=True))


def levels_in_bands(bands: Sequence[int], window: Window) -> tuple[Level, ...]:
    """A level for each band of what is counted in one window; the last has no upper end."""
    ends = zip(band_names(bands), bands, (*bands[1:], None), strict=True)
    return tuple(Level(name, window.lag, window.lookback, low, high) for name, low, high in ends)


def windows_between(cuts: Sequence[Duration]) -> tuple[Window, ...]:
    """Up to the first cut, between cuts, beyond the last."""
    return tuple(Window(near, far) for near, far in zip((NO_TIME, *cuts), (*cuts, None), strict=True))


def below(first: int) -> str:
    """The reference of what is counted, by the lowest number that is a level: ``none``, ``<4``."""
    return "none" if first == 1 else f"<{first}"


def band_names(bands: Sequence[int]) -> tuple[str, ...]:
    """Bands by where each starts: 1, 2, 4 gives ``1``, ``2-3``, ``≥4``."""
    closed = [str(a) if b == a + 1 else f"{a}-{b - 1}" for a, b in pairwise(bands)]
    return (*closed, f"≥{bands[-1]}")


def time_names(cuts: Sequence[Duration]) -> tuple[str, ...]:
    """Ranges of time before the index date: 1y, 5y gives ``0-1y``, ``1-5y``, ``>5y``; 90d, 1y has ``90d-1y``."""
    names = [f"0-{cuts[0]}"]
    for near, far in pairwise(cuts):
        names.append(f"{near.count if near.unit == far.unit else near}-{far}")
    return (*names, f">{cuts[-1]}")
