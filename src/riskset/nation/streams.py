"""Random numbers keyed by what they are for, so that no result depends on the order of the work."""

from __future__ import annotations

import zlib
from datetime import date

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

YEAR = 365.25
MONTH = YEAR / 12
NEVER = 2**31 - 1
"""A day that does not come (days are int64 since 1970-01-01)."""


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def stream(seed: int, topic: str, block: int) -> np.random.Generator:
    """The generator of one topic in one block: the same key gives the same numbers, whatever else was drawn."""
    return np.random.default_rng([seed, zlib.crc32(topic.encode()), block])


def as_days(numbers: Ints) -> NDArray[np.datetime64]:
    """Day numbers as ``datetime64[D]``, for calendar arithmetic."""
    return np.asarray(numbers, np.int64).astype("datetime64[D]")


def spread(counts: Ints) -> tuple[Ints, Ints]:
    """Repeat each row as often as its count: (row, number within row from 0)."""
    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)


def rank_within(groups: Ints, *, by: Floats | Ints) -> Ints:
    """Rank of each row within its group, from 0, in the order of ``by``."""
    order = np.lexsort((by, groups))
    ordered = groups[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(groups) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[first, len(groups)])
    rank = np.empty(len(groups), np.int64)
    rank[order] = np.arange(len(groups)) - np.repeat(first, sizes)
    return rank
