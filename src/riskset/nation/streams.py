"""Random numbers keyed by what they are for, so that no result depends on the order of the work.

A `Stream` turns the words of NumPy's PCG64, whose sequence NumPy promises to keep, into numbers by arithmetic that
gives the same bits on every processor (`nation.arithmetic`). NumPy's own ``Generator`` promises neither: its normal and
exponential numbers call the C library in their tails, and another version may draw otherwise.
"""

from __future__ import annotations

import zlib
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskset.nation.arithmetic import exp, log, normal_quantile

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


class Stream:
    """Random numbers of one key, one after the other; methods are named as those of NumPy's ``Generator``."""

    def __init__(self, *key: int) -> None:
        self._words = np.random.PCG64(list(key))

    def _raw(self, size: int | tuple[int, ...]) -> NDArray[np.uint64]:
        words: NDArray[np.uint64] = self._words.random_raw(int(np.prod(size))).reshape(size)
        return words

    def random(self, size: int | tuple[int, ...]) -> Floats:
        """Uniform on [0, 1), multiples of 2⁻⁵³."""
        return (self._raw(size) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def integers(self, low: int, high: int, size: int) -> Ints:
        """Uniform on the whole numbers of ``[low, high)``."""
        return low + np.floor(self.random(size) * (high - low)).astype(np.int64)

    def permutation(self, size: int) -> Ints:
        """The numbers from 0 to below ``size`` in random order."""
        return np.argsort(self._raw(size), kind="stable")

    def standard_normal(self, size: int | tuple[int, ...]) -> Floats:
        """Normal with mean 0 and SD 1, by inversion."""
        return normal_quantile(((self._raw(size) >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52)

    def standard_exponential(self, size: int) -> Floats:
        """Exponential with mean 1, by inversion."""
        return -log(1.0 - self.random(size))

    def geometric(self, p: float, size: int) -> Ints:
        """Number of trials up to the first success of probability ``p``."""
        return 1 + np.floor(self.standard_exponential(size) / -log(1.0 - p)).astype(np.int64)

    def poisson(self, mean: ArrayLike, size: int | None = None) -> Ints:
        """Poisson counts, one for each mean or ``size`` of one mean: sums of counts of means up to `_PIECE`."""
        means = np.asarray(mean, np.float64) if size is None else np.full(size, mean, np.float64)
        flat = means.ravel()
        pieces = np.maximum(np.ceil(flat / _PIECE), 1.0).astype(np.int64)
        row, _ = spread(pieces)
        counts = _small_poisson((flat / pieces)[row], self.random(len(row)))
        return np.bincount(row, counts, len(flat)).astype(np.int64).reshape(means.shape)


_PIECE = 32.0
"""Largest mean of a Poisson count that is drawn at once."""
_MOST = 200
"""A count of mean `_PIECE` is above this with a probability below 10⁻⁸⁰."""


def _small_poisson(mean: Floats, uniform: Floats) -> Ints:
    """Poisson counts by inversion: the number of cumulative probabilities that a uniform number reaches."""
    count = np.zeros(len(mean), np.int64)
    still = np.arange(len(mean))
    probability = exp(-mean)
    cumulative = probability
    for number in range(1, _MOST):
        beyond = uniform[still] >= cumulative
        still, probability, cumulative = still[beyond], probability[beyond], cumulative[beyond]
        if not len(still):
            break
        count[still] = number
        probability = probability * mean[still] / number
        cumulative = cumulative + probability
    return count


def stream(seed: int, topic: str, block: int) -> Stream:
    """The random numbers of one topic in one block: the same key gives the same, whatever else was drawn."""
    return Stream(seed, zlib.crc32(topic.encode()), block)


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
