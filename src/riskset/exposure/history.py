"""Anchors and dated histories as sorted arrays: where windows are counted.

An engine reduces the registers to a small table of (person, class, date); here that table lies sorted in memory, and
what happened in ``[index − lookback, index − lag)`` is the distance between two positions in it. Any number of windows
(a curve over lags, months before the index date) is read from one history.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.calendar import Days
from riskset.lookup import Ints, day_of, person_day, person_of
from riskset.microdata import Microdata
from riskset.registers.engine import Engine
from riskset.spec.time import Duration

ROWS_AT_ONCE = 5_000_000
"""Rows of histories held in memory at a time: about 0.5 GB where doses are summed, half of it where not."""

_NEVER = np.datetime64("NaT", "D")  # in a key, the earliest day


@dataclass(frozen=True)
class Anchors(Microdata):
    """Persons and the dates before which they are measured, sorted by person and date, none twice.

    Attributes
    ----------
    person : (a,) int64
    index : (a,) datetime64[D]
    begin : (a,) datetime64[D], the first day of the history that counts; NaT, or no array at all, where all of it does.
        Anchors that differ in it alone are different ones.
    """

    person: Ints
    index: Days
    begin: Days | None = None

    @classmethod
    def of(cls, engine: Engine, anchors: ir.Table | pa.Table) -> Anchors:
        """Read (person_id, index_date, history_start if there) from a table, in any order; repeated rows count once."""
        if isinstance(anchors, ir.Table):
            anchors = engine.collect(anchors.select("person_id", "index_date"))
        person = anchors["person_id"].to_numpy().astype(np.int64)
        index = anchors["index_date"].to_numpy().astype("datetime64[D]")
        if "history_start" in anchors.column_names:
            return cls._distinct_with(person, index, anchors["history_start"].to_numpy().astype("datetime64[D]"))
        key = np.sort(person_day(person, index))  # sorting is much faster than np.unique, which hashes
        key = key[_last_of_each(key)]
        return cls(person_of(key), day_of(key))

    @classmethod
    def _distinct_with(cls, person: Ints, index: Days, begin: Days) -> Anchors:
        key, first = person_day(person, index), begin.astype(np.int64)
        order = np.lexsort((first, key))
        key, first = key[order], first[order]
        new = (np.diff(key, prepend=-1) != 0) | (np.diff(first, prepend=0) != 0)
        return cls(person_of(key[new]), day_of(key[new]), begin[order][new])

    @property
    def uncut(self) -> Anchors:
        """The same with all of the history."""
        return replace(self, begin=None)

    def __len__(self) -> int:
        return len(self.person)

    def place(self, person: Ints, day: Days) -> Ints:
        """Where among these anchors each of some (person, day) stands; all of them are there."""
        place: Ints = np.searchsorted(person_day(self.person, self.index), person_day(person, day))
        return place

    @cached_property
    def _distinct(self) -> tuple[Days, Ints]:
        """The distinct index dates, and which of them is each anchor's."""
        days, position = np.unique(self.index, return_inverse=True)
        return days, position

    def before(self, duration: Duration) -> Days:
        """(a,) the day that lies this long before each index date, by the calendar."""
        days, position = self._distinct
        earlier: Days = duration.before(days)[position]
        return earlier

    def window(self, lag: Duration, lookback: Duration | None) -> tuple[Days | None, Days]:
        """The ends (a,) of ``[index − lookback, index − lag)``; no start where the window is open."""
        return None if lookback is None else self.before(lookback), self.before(lag)

    def persons(self) -> pa.Table:
        """Each person once, with the last of the index dates: (person_id, last_index)."""
        last = _last_of_each(self.person)
        return pa.table(
            {
                "person_id": pa.array(self.person[last], pa.int64()),
                "last_index": pa.array(self.index[last], pa.date32()),
            }
        )

    def take(self, rows: Ints) -> Anchors:
        """Some of the anchors, by rising position."""
        return Anchors(self.person[rows], self.index[rows], None if self.begin is None else self.begin[rows])

    def between(self, first: int, last: int) -> Anchors:
        """The anchors of the persons from ``first`` to ``last``, both included."""
        low, high = np.searchsorted(self.person, [first, last + 1])
        begin = None if self.begin is None else self.begin[low:high]
        return Anchors(self.person[low:high], self.index[low:high], begin)


class History:
    """What happened to persons on which days: one class of dispensings, or one group of diagnoses.

    Parameters
    ----------
    person : (n,) int64
    day : (n,) datetime64[D]; a person's days are distinct
    amounts : name → (n,) int64, what is summed over a window: ``ddd`` in thousandths
    """

    def __init__(self, person: Ints, day: Days, **amounts: Ints) -> None:
        key = person_day(person, day)
        order = np.argsort(key)
        self._key = key[order]
        self._running = {name: np.concatenate([[0], np.cumsum(of[order])]) for name, of in amounts.items()}

    def known(self, anchors: Anchors) -> Ints:
        """The positions of those anchors whose person is in this history at all."""
        position = np.minimum(self._position(anchors.uncut, None), len(self._key) - 1)
        return np.flatnonzero(person_of(self._key[position]) == anchors.person) if len(self._key) else position[:0]

    def count(self, anchors: Anchors, start: Days | None, stop: Days) -> Ints:
        """(a,) distinct days in ``[start, stop)``; without a start, from the beginning."""
        return self._position(anchors, stop) - self._position(anchors, start)

    def total(self, name: str, anchors: Anchors, start: Days | None, stop: Days) -> Ints:
        """(a,) the sum of an amount over the days in ``[start, stop)``."""
        running = self._running[name]
        between: Ints = running[self._position(anchors, stop)] - running[self._position(anchors, start)]
        return between

    def nth(self, anchors: Anchors, n: int) -> Days:
        """(a,) the person's n-th day that counts (1 the first) if it lies before the index date, else NaT."""
        position = self._position(anchors, None) + n - 1
        return self._days_at(position, position < self._position(anchors, anchors.index))

    def last(self, anchors: Anchors) -> Days:
        """(a,) the person's last day before the index date, else NaT."""
        position = self._position(anchors, anchors.index) - 1
        return self._days_at(position, position >= self._position(anchors, None))

    def _position(self, anchors: Anchors, day: Days | None) -> Ints:
        """(a,) the first row of the person on or after the day; without a day, the person's first row that counts."""
        wanted = person_day(anchors.person, _NEVER if day is None else day)
        if anchors.begin is not None:
            wanted = np.maximum(wanted, person_day(anchors.person, anchors.begin))  # NaT is the earliest day
        return np.searchsorted(self._key, wanted)

    def _days_at(self, position: Ints, there: NDArray[np.bool_]) -> Days:
        days = np.full(len(position), _NEVER)
        days[there] = day_of(self._key[position[there]])
        return days


def spell_at_index(anchors: Anchors, person: Ints, start: Days, stop: Days) -> Ints:
    """Which spell ``[start, stop)`` of the person covers each index date.

    Parameters
    ----------
    person, start, stop : (n,) the spells in any order; a person's spells do not overlap

    Returns
    -------
    (a,) the position of the spell, −1 where none covers the index date.
    """
    key = person_day(person, start)
    order = np.argsort(key)
    position = np.searchsorted(key[order], person_day(anchors.person, anchors.index), side="right") - 1
    at_index = np.full(len(anchors), -1)
    candidates = np.flatnonzero(position >= 0)
    spell = order[position[candidates]]
    covers = (person[spell] == anchors.person[candidates]) & (stop[spell] > anchors.index[candidates])
    at_index[candidates[covers]] = spell[covers]
    return at_index


def read_histories(
    engine: Engine, rows: ir.Table, anchors: Anchors, n_classes: int
) -> Iterator[tuple[Anchors, list[History]]]:
    """Bring a reduced table over in pieces of whole persons, few enough rows at a time for memory.

    Parameters
    ----------
    rows : (person_id, drug_class, date, …int64 amounts), one row per person, class and date; materialised
    anchors : whose histories they are
    n_classes : ``drug_class`` runs from 0 to n_classes − 1

    Yields
    ------
    The anchors of a piece, in order, and one history per class.
    """
    n_rows = engine.collect(rows.aggregate(n=rows.count()))["n"][0].as_py()
    n_pieces = -(-n_rows // ROWS_AT_ONCE) or 1
    amounts = [name for name in rows.columns if name not in ("person_id", "drug_class", "date")]
    for persons in np.array_split(anchors.person[_last_of_each(anchors.person)], n_pieces):
        if not len(persons):
            continue
        first, last = int(persons[0]), int(persons[-1])
        part = rows if n_pieces == 1 else rows.filter(rows["person_id"].between(first, last))
        table = engine.collect(part)
        columns = {name: table[name].to_numpy() for name in table.column_names}
        day, drug_class = columns["date"].astype("datetime64[D]"), columns["drug_class"]
        histories = []
        for number in range(n_classes):
            of_class = drug_class == number
            histories.append(
                History(
                    columns["person_id"][of_class], day[of_class], **{name: columns[name][of_class] for name in amounts}
                )
            )
        yield anchors.between(first, last), histories


def _last_of_each(values: Ints) -> Ints:
    """The position of the last of each run of equal values; the values are never negative."""
    return np.flatnonzero(values != np.append(values[1:], -1))
