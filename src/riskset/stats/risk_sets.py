"""Who is at risk at each event time, so that sums over risk sets are cumulative sums.

An interval is (start, stop]: a person who enters at t is at risk just after t, one who leaves at t still at t. Event
times that fall between a row's start and stop are consecutive. Of rows from the beginning on a sum over a risk set is a
cumulation from the last time to the first, and what a row meets in its time at risk one from the first to the last.
Rows that enter later are summed by ``Intervals``: nothing is taken off a sum, and a small risk set before a large one
keeps its digits. Only products with covariates are had by the quicker "left later, less entered later" where that is
seen to lose nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Booleans, Floats, Integers, label_array, label_codes, numbers, require_range
from riskset.stats.intervals import Intervals
from riskset.stats.near_ties import one_time

_THIN = 8
"""Fewer rows an event time than this are summed faster by bincount than by reduceat."""
_MOST_CAUSES = 1000
_BLOCK_NUMBERS = 2**17
"""1 MB of float64: it stays in the processor's cache, whatever the number of rows."""
_BLOCK_ROWS = 4096
"""With fewer the calls would take longer than the sums."""
_LOSS, _LOSS_ONCE = 1e4, 1e8
"""A sum may be had from one so many times as large, on average and at one event time: 12 digits are left, or 8."""


@dataclass(frozen=True)
class Survival:
    """Checked times of n rows; times that part by rounding only are made one (``near_ties``).

    Attributes
    ----------
    stop
        (n,) end of the interval (start, stop], in any one unit.
    event
        (n,) integers: 0 censored, 1 … K the cause.
    start
        (n,) or None, which is 0 for all.
    """

    stop: Floats
    event: Integers
    start: Floats | None

    @classmethod
    def checked(
        cls,
        stop: ArrayLike,
        event: ArrayLike,
        start: ArrayLike | None,
        *,
        causes: bool = False,
        near_ties: bool = True,
    ) -> Survival:
        """Refuse missing times, empty intervals and events that are not 0/1 (0 … K where ``causes``).

        ``near_ties`` false leaves the times as they are, for what needs no order.
        """
        ends = numbers(stop, "stop")
        if ends.ndim != 1:
            raise ValueError(f"stop has {ends.ndim} dimensions; it should have one")
        if ends.size == 0:
            raise FitError("there are no rows", where="survival times")
        begins = None if start is None else numbers(start, "start")
        kind = numbers(event, "event")
        for name, values in (("event", kind), ("start", begins)):
            if values is not None and values.shape != ends.shape:
                raise ValueError(f"{name} has shape {values.shape}; it should be {ends.shape}")
        for name, values in (("stop", ends), ("start", begins)):
            if values is not None and not np.isfinite(values).all():
                raise FitError("some times are missing or infinite", where=name, remedy="leave those rows out")
            if values is not None:
                require_range(values, name)
        given_empty = ends <= (0.0 if begins is None else begins)
        if near_ties and begins is None:
            (ends,) = one_time(ends)
        elif near_ties and begins is not None:
            begins, ends = one_time(begins, ends)
        empty = int(np.count_nonzero(ends <= (0.0 if begins is None else begins)))
        if empty:
            raise FitError(
                f"{empty} of {ends.size} rows end at or before they start",
                where="stop",
                remedy="a person is at risk on the last day, so stop is that day + 1 − origin"
                if given_empty.any()
                else "their ends part from their starts by rounding only, and near ties are one time",
            )
        highest = _MOST_CAUSES if causes else 1
        if not np.all((kind >= 0) & (kind <= highest) & (kind == np.rint(kind))):  # a missing one is none of these
            right = f"0 for censored and 1 … K, {_MOST_CAUSES} at most, for the cause" if causes else "0 or 1"
            raise FitError("the event has other values than it may", where="event", remedy=f"it is {right}")
        return cls(ends, kind.astype(np.int64), begins)


class RiskSets:
    """The risk set of each event time within its stratum.

    The distinct event times of each stratum stand one after the other in *slots*, in the order of time, after one slot
    that means "before any event". Rows whose interval holds no event time of their stratum belong to no risk set and
    are left out.

    Parameters
    ----------
    survival
        Times of n rows, with ``event`` 0 or 1.
    strata
        (n,) labels of any type; None for one stratum.
    late, factor
        Rows that stay at risk to the end of their stratum after ``stop`` with a weight that changes with time, as
        subdistributions need: (n,) boolean, and a function of event times (k,) that gives the change.

    Attributes
    ----------
    rows
        (r,) row numbers by the slot of ``stop``; late rows appear again behind all others.
    n_usual
        How many of them come before the late ones.
    last, first
        (r,) the row is at risk in slots first + 1 … last.
    events
        (e,) positions, in ``rows``, of the rows with an event.
    time, n_tied
        (m,) event time and number of events of each slot; NaN and 0 in the slots before any event.
    base
        (strata + 1,) first slot of each stratum, and m.
    stratum, labels, ends
        (n,) number of each row's stratum; (strata,) what it was called, and its last time at risk.
    """

    def __init__(
        self,
        survival: Survival,
        strata: ArrayLike | None = None,
        *,
        late: Booleans | None = None,
        factor: Callable[[Floats], Floats] | None = None,
    ) -> None:
        self.survival = survival
        self.n_rows = survival.stop.size
        self._name_strata(strata)
        event = survival.event > 0
        if not event.any():
            raise FitError("no row has an event", where="event", problem=FitProblem.NO_EVENT)
        order = np.argsort(survival.stop)
        last, first = self._locate(event, order)
        if self.n_strata > 1:
            order = np.argsort(last, kind="stable")
        used = order[(first < last)[order]]
        self.n_usual = used.size
        self.rows, self.last, self.first = used, last[used], first[used]
        self.events = np.flatnonzero(event[used])
        self.n_tied = np.bincount(self.last[self.events], minlength=int(self.base[-1]))
        self.time = np.full(self.n_tied.size, np.nan)
        self.time[self.last[self.events]] = survival.stop[used[self.events]]
        self._runs = np.flatnonzero(np.diff(self.last, prepend=-1))  # where the rows of a slot begin
        self._early: Floats | None = None  # 1 for rows at risk from the beginning of their stratum, where not all are
        if survival.start is not None:
            early = self.first == self.base[self.stratum[used]]
            if not early.all():
                self._early, self._enters_late = early.astype(float), np.flatnonzero(~early)
                self._later = Intervals(self.first[self._enters_late], self.last[self._enters_late], int(self.base[-1]))
        self.factor: Floats | None = None
        if late is not None and factor is not None:
            self._add_late(late, last, factor)

    @property
    def simple(self) -> bool:
        """One stratum, nobody enters after the first event, nobody stays behind: a sum is one cumulation."""
        return self.n_strata == 1 and self._early is None and self.factor is None

    @property
    def n_event_times(self) -> int:
        """Distinct event times, those of each stratum counted."""
        return int(self.base[-1]) - self.n_strata

    def at_risk(self, values: Floats) -> Floats:
        """(m,) sums of ``values`` (r,) over the risk set of each slot."""
        leaving = self._from_beginning(values)[: self.n_usual]
        sums = self._from_last(self._by_slot(self.last[: self.n_usual], leaving))
        if self._early is not None:
            sums += self._later.over(values[self._enters_late])
        return self._with_staying(sums, values)

    def products_at_risk(self, z: Floats, u: Floats) -> Floats:
        """(p, m) sums of z u over the risk set of each slot, with ``z`` (p, r) and ``u`` (r,); a block at a time."""
        sums = np.zeros((len(z), self.n_tied.size))
        width, apart = block_width(len(z)), self._would_cancel(u)
        leaving = self._from_beginning(u) if apart else u
        for begin in range(0, self.n_usual, width):
            part = slice(begin, min(begin + width, self.n_usual))
            slots, block = self.last[part], z[:, part] * leaving[part]
            if self._runs.size * _THIN < self.n_usual:
                inside = self._runs[slice(*np.searchsorted(self._runs, [begin + 1, part.stop]))]
                starts = np.concatenate([[0], inside - begin])
                sums[:, slots[starts]] += np.add.reduceat(block, starts, axis=1)
                continue
            low, span = slots[0], int(slots[-1] - slots[0]) + 1
            slots = slots - low
            for total, column in zip(sums, block, strict=True):
                total[low : low + span] += np.bincount(slots, column, span)
        if self.simple:
            np.cumsum(sums[:, ::-1], axis=1, out=sums[:, ::-1])
            return sums
        for total, column in zip(sums, z, strict=True):
            values = u * column
            total[:] = self._from_last(total)
            if apart:
                total += self._later.over(values[self._enters_late])
            elif self._early is not None:
                total -= self._entering(values)
            total[:] = self._with_staying(total, values)
        return sums

    def met(self, values: Floats) -> Floats:
        """(r,) sums of ``values`` (m,) over the slots in which each row is at risk; 0 before any event."""
        sums = self.cumulate(values)[self.last]
        if self._early is not None:
            sums[self._enters_late] = self._later.within(values)
        if self.factor is not None:
            to_come = self.cumulate((values * self.factor)[::-1], reverse=True)[::-1]
            sums[self.n_usual :] = to_come[self.first[self.n_usual :] + 1]
        return np.asarray(sums)

    def highest(self, rank: Integers) -> Integers:
        """(m,) the largest ``rank`` (r,), 0 … r − 1, in the risk set of each slot; −1 where nobody is at risk."""
        usual, stratum = slice(0, self.n_usual), self.stratum[self.rows]
        width = rank.size + 1
        above = (self.n_strata - 1 - stratum) * width  # what is met later, going back, outranks other strata

        def running(slots: Integers, ranks: Integers) -> Integers:
            best = np.full(self.n_tied.size, -1, np.int64)
            np.maximum.at(best, slots, ranks)
            return best

        whose = np.repeat(np.arange(self.n_strata), np.diff(self.base))
        early = np.flatnonzero(self.first[usual] == self.base[stratum[usual]])
        best = running(self.last[early], (rank + above)[early])[::-1]
        best = np.maximum.accumulate(best)[::-1] - (self.n_strata - 1 - whose) * width
        if self._early is not None:
            best = np.maximum(best, self._later.highest(rank[self._enters_late]))
        if self.factor is not None:
            staying = slice(self.n_usual, None)
            since = running(self.first[staying] + 1, (rank + stratum * width)[staying])
            best = np.maximum(best, np.maximum.accumulate(since) - whose * width)
        return np.maximum(best, -1)

    def of_events(self, values: Floats) -> Floats:
        """(m,) sums of ``values`` (e,) over the events of each slot."""
        return self._by_slot(self.last[self.events], values)

    def cumulate(self, values: Floats, *, reverse: bool = False) -> Floats:
        """Cumulative sums of ``values`` (m,) within strata; ``reverse`` where the slots come last to first.

        Nothing is added across strata and taken off again: one stratum's size does not cost another its digits.
        """
        if self.n_strata == 1:
            return np.asarray(np.cumsum(values), float)
        bounds = values.size - self.base[::-1] if reverse else self.base
        total = np.array(values, float)
        if self.n_strata < 200:
            for begin, end in pairwise(bounds):
                np.cumsum(values[begin:end], out=total[begin:end])
            return total
        place = np.arange(total.size) - np.repeat(bounds[:-1], np.diff(bounds))
        reach = 1
        while reach <= place.max():  # doubles how far back each sum reaches
            takes = np.flatnonzero(place >= reach)
            total[takes] += total[takes - reach]  # the right side is evaluated before anything is stored
            reach *= 2
        return total

    def _name_strata(self, strata: ArrayLike | None) -> None:
        stop = self.survival.stop
        if strata is None:
            self.stratum, self.labels = np.zeros(stop.size, np.int64), np.zeros(1, np.int64)
            self.n_strata, self.ends = 1, np.array([stop.max()])
            return
        codes = label_codes(strata, what="strata")
        if codes.shape != stop.shape:
            raise ValueError(f"strata has shape {codes.shape}; it should be {stop.shape}")
        _, some, self.stratum = np.unique(codes, return_index=True, return_inverse=True)
        self.labels, self.n_strata = label_array(strata, "strata")[some], some.size
        order = np.argsort(self.stratum, kind="stable")
        begins = np.searchsorted(self.stratum[order], np.arange(self.n_strata))
        self.ends = np.maximum.reduceat(stop[order], begins)

    def _locate(self, event: Booleans, order: Integers) -> tuple[Integers, Integers]:
        """(n,) the last slot that each row has reached at its stop and at its start; ``order`` sorts by stop."""
        stop, start = self.survival.stop, self.survival.start
        times = np.unique(stop[event])
        last = np.empty(stop.size, np.int64)
        last[order] = np.searchsorted(times, stop[order], side="right")
        first = np.zeros(stop.size, np.int64)
        if start is not None:
            first = np.searchsorted(times, start, side="right")
        if self.n_strata == 1:
            self.base = np.array([0, times.size + 1])
            return last, first
        width = times.size + 1  # a stratum and the number of all event times reached make one key
        keys = np.unique(self.stratum[event] * width + last[event])
        numbers = np.arange(self.n_strata + 1)
        self.base = np.searchsorted(keys, numbers * width) + numbers
        self.base[-1] = keys.size + self.n_strata
        last, first = (
            np.searchsorted(keys, self.stratum * width + reached, side="right") + self.stratum
            for reached in (last, first)
        )
        return last, first

    def _from_last(self, leaving: Floats) -> Floats:
        """(m,) sums over those who leave in each slot or later, from those over who leaves in each."""
        return self.cumulate(leaving[::-1], reverse=True)[::-1]

    def _entering(self, values: Floats) -> Floats:
        """(m,) sums of ``values`` (r,) over those who enter in each slot or later."""
        return self._from_last(self._by_slot(self.first[self._enters_late], values[self._enters_late]))

    def _with_staying(self, sums: Floats, values: Floats) -> Floats:
        """(m,) sums over risk sets with those added who stay behind."""
        if self.factor is not None:
            staying = self._by_slot(self.first[self.n_usual :], values[self.n_usual :])
            sums[1:] += self.factor[1:] * self.cumulate(staying)[:-1]  # the factor is 0 before any event
        return sums

    def _would_cancel(self, u: Floats) -> bool:
        """Are risk sets so small beside those who enter later that a difference would leave too few digits?"""
        if self._early is None:
            return False
        leaving, entering = (
            self._from_last(self._by_slot(self.last[: self.n_usual], u[: self.n_usual])),
            self._entering(u),
        )
        events = self.n_tied > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            loss = np.abs(entering / (leaving - entering))[events]
        return not (np.average(loss, weights=self.n_tied[events]) <= _LOSS and loss.max() <= _LOSS_ONCE)

    def _from_beginning(self, values: Floats) -> Floats:
        """(r,) ``values``, 0 for rows that enter later."""
        if self._early is None:
            return values
        return np.concatenate([values[: self.n_usual] * self._early, values[self.n_usual :]])

    def _by_slot(self, slots: Integers, values: Floats) -> Floats:
        return np.asarray(np.bincount(slots, values, self.n_tied.size), float)

    def _add_late(self, late: Booleans, last: Integers, factor: Callable[[Floats], Floats]) -> None:
        ends = self.base[1:][self.stratum] - 1
        staying = np.flatnonzero(late & (last < ends))
        self.rows = np.concatenate([self.rows, staying])
        self.first = np.concatenate([self.first, last[staying]])
        self.last = np.concatenate([self.last, ends[staying]])
        self.factor = np.zeros(self.n_tied.size)
        real = self.n_tied > 0
        self.factor[real] = factor(self.time[real])


def block_width(n_columns: int) -> int:
    """Rows of a block of so many columns."""
    return max(_BLOCK_ROWS, _BLOCK_NUMBERS // max(n_columns, 1))
