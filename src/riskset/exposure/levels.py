"""The levels of each measure: what they are called, in which order, and the window behind each.

Analysis and report order and spell levels by this module alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pyarrow as pa

from riskset.spec.measures import (
    AnyUse,
    AtcCodes,
    Count,
    DefinedDailyDoses,
    Ever,
    Exposure,
    FirstUse,
    Measure,
    Recency,
)
from riskset.spec.time import NO_TIME, Duration

LAG_ONLY = "lag only"
"""The level of those who qualified inside the lag only."""

TERMS = pa.schema(
    [
        ("term", pa.string()),  # f"{exposure}|{measure}|{level}", unique
        ("exposure", pa.string()),
        ("measure", pa.string()),  # the measure's key
        ("kind", pa.string()),  # "ever", "first_use", …
        ("level", pa.string()),
        ("order", pa.int64()),  # 1, 2, …; the reference would be 0 and has no row
        ("reference", pa.string()),  # what an anchor without any value of the measure is
        ("unit", pa.int64()),  # `value` is this many units of the model: 1, or 100_000 thousandths for "per 100 DDD"
        ("codes", pa.string()),
        ("lag", pa.string()),
        ("lookback", pa.string()),  # "" where the window is open
    ]
)
"""A column that a measure can give."""


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
    unit : how much of the value is one step of the model
    """

    label: str
    lag: Duration = NO_TIME
    lookback: Duration | None = None
    low: int = 1
    high: int | None = None
    unit: int = 1


def levels_of(measure: Measure, at_least: int) -> tuple[Level, ...]:
    """The levels of a measure in order, the reference left out.

    Parameters
    ----------
    measure : as the study describes it
    at_least : the exposure's number of distinct dispensing dates from which a person is exposed
    """
    match measure:
        case Ever(lag=lag):
            return (Level("ever", lag=lag), Level(LAG_ONLY, lookback=lag))
        case FirstUse(cuts=cuts):
            return _between(cuts)
        case Recency(cuts=cuts):
            parts = _between(cuts)
            names = ("current", "recent", "past")
            if len(parts) != len(names):
                return parts
            return tuple(
                Level(f"{n} ({p.label})", lag=p.lag, lookback=p.lookback) for n, p in zip(names, parts, strict=True)
            )
        case AnyUse(lag=lag, lookback=lookback):
            return (Level("any", lag=lag, lookback=lookback, low=at_least),)
        case DefinedDailyDoses(per=int(per), lag=lag, lookback=lookback):
            return (Level(f"per {per} DDD", lag=lag, lookback=lookback, unit=1000 * per),)
        case (
            Count(bands=bands, lag=lag, lookback=lookback) | DefinedDailyDoses(bands=bands, lag=lag, lookback=lookback)
        ):
            return tuple(
                Level(_band(low, high), lag=lag, lookback=lookback, low=low, high=high)
                for low, high in zip(bands, (*bands[1:], None), strict=True)
            )
    raise TypeError(f"no measure: {type(measure).__name__}")


def reference_of(measure: Measure, at_least: int) -> str:
    """What an anchor is that has none of the measure's levels."""
    match measure:
        case AnyUse():
            return "none" if at_least == 1 else f"<{at_least}"
        case Count(bands=bands):
            return "none" if bands[0] == 1 else f"<{bands[0]}"
        case DefinedDailyDoses(bands=bands):
            return f"<{bands[0]}" if bands else "none"
    return "never"


def term_of(exposure: str, measure: str, level: str) -> str:
    """The name of a term from the exposure's name, the measure's key and the level's label."""
    return f"{exposure}|{measure}|{level}"


def terms_of(exposures: Iterable[Exposure]) -> pa.Table:
    """Every term that the exposures can give, whether anybody has it or not, in the order of the description."""
    rows = [
        {
            "term": term_of(exposure.name, measure.key, level.label),
            "exposure": exposure.name,
            "measure": measure.key,
            "kind": measure.kind,
            "level": level.label,
            "order": order,
            "reference": reference_of(measure, exposure.at_least),
            "unit": level.unit,
            "codes": codes_in_words(exposure.codes),
            "lag": str(level.lag),
            "lookback": "" if level.lookback is None else str(level.lookback),
        }
        for exposure in exposures
        for measure in exposure.measures
        for order, level in enumerate(levels_of(measure, exposure.at_least), start=1)
    ]
    return pa.Table.from_pylist(rows, schema=TERMS)


def codes_in_words(codes: AtcCodes) -> str:
    """``N05B, N05C without N05CM``."""
    left_out = f" without {', '.join(codes.without)}" if codes.without else ""
    return ", ".join(codes.prefixes) + left_out


def _between(cuts: Sequence[Duration]) -> tuple[Level, ...]:
    """The parts of the time before the index date: up to the first cut, between cuts, beyond the last."""
    parts = [Level(f"0-{cuts[0]}", lookback=cuts[0])]
    for near, far in pairwise(cuts):
        start = str(near.count) if near.unit == far.unit else str(near)
        parts.append(Level(f"{start}-{far}", lag=near, lookback=far))
    return (*parts, Level(f">{cuts[-1]}", lag=cuts[-1]))


def _band(low: int, high: int | None) -> str:
    if high is None:
        return f"≥{low}"
    return str(low) if high == low + 1 else f"{low}-{high - 1}"
