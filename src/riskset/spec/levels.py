"""How tables spell the levels of a measure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from riskset.spec.measures import AnyUse, Count, DefinedDailyDoses, Ever, FirstUse, Measure, Recency
from riskset.spec.time import Duration

LAG_ONLY = "lag only"
"""The level of who qualified inside the lag of an `ever` measure and not before it."""

NEVER, NOT_BEFORE_LAG = "never", "not before the lag"
"""Who the reference is: who never qualified, or besides them who qualified inside the lag only."""


def unexposed_name(lag: Duration, lag_only: str) -> str:
    """What tables call the unexposed of ever use: who qualified inside the lag only is among them if the study says."""
    return NOT_BEFORE_LAG if lag and lag_only == "reference" else NEVER


def level_names(measure: Measure) -> tuple[str, ...]:
    """The levels of a measure in the order of its terms, the reference left out.

    ``FirstUse(cuts=["1y", "5y"])`` gives ``0-1y``, ``1-5y``, ``>5y``; ``Count(bands=[1, 2, 4])`` gives ``1``, ``2-3``,
    ``≥4``; a sum of DDD as a number gives ``per 100 DDD``.
    """
    match measure:
        case Ever():
            return ("ever", LAG_ONLY)
        case AnyUse():
            return ("any",)
        case FirstUse():
            return time_names(measure.cuts)
        case Recency():
            names = time_names(measure.cuts)
            if len(names) != 3:
                return names
            return tuple(f"{word} ({name})" for word, name in zip(("current", "recent", "past"), names, strict=True))
        case Count():
            return band_names(measure.bands)
        case DefinedDailyDoses():
            return band_names(measure.bands) if measure.bands else (f"per {measure.per} DDD",)


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
