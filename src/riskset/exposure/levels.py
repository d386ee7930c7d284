"""The levels of each measure in order, and the window behind each; `spec.levels` says what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from riskset.spec.levels import level_names
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
    names = level_names(measure)
    match measure:
        case Ever(lag=lag):
            return (Level(names[0], lag=lag), Level(names[1], lookback=lag))
        case FirstUse(cuts=cuts) | Recency(cuts=cuts):
            # Up to the first cut, between cuts, beyond the last.
            ends = zip(names, (NO_TIME, *cuts), (*cuts, None), strict=True)
            return tuple(Level(name, lag=near, lookback=far) for name, near, far in ends)
        case AnyUse(lag=lag, lookback=lookback):
            return (Level(names[0], lag=lag, lookback=lookback, low=at_least),)
        case DefinedDailyDoses(per=int(per), lag=lag, lookback=lookback):
            return (Level(names[0], lag=lag, lookback=lookback, unit=1000 * per),)
        case (
            Count(bands=bands, lag=lag, lookback=lookback) | DefinedDailyDoses(bands=bands, lag=lag, lookback=lookback)
        ):
            return tuple(
                Level(name, lag=lag, lookback=lookback, low=low, high=high)
                for name, low, high in zip(names, bands, (*bands[1:], None), strict=True)
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
