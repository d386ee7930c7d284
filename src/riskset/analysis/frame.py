"""The analysis table: matched sets, with the measures and covariates that a model needs as columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.calendar import Days
from riskset.errors import SpecError
from riskset.exposure.levels import TermCells
from riskset.lookup import person_day, row_of
from riskset.microdata import Microdata

Rows = NDArray[np.bool_]


V = TypeVar("V", bound=np.generic)


@dataclass(frozen=True)
class AnalysisFrame(Microdata):
    """Rows of matched sets with what was measured of each person at the set's date.

    Attributes
    ----------
    sets : matched sets, n rows, of one comparison where a model is fitted; with `anchor_date`, where the windows of a
        row end, and `history_start`, where they begin at the earliest, if anywhere
    terms : what was measured (``exposure.windows``), in the order of levels
    values : anchor × term, non-zero only; with `history_start` where the sets have it
    covariates : one row per person and index date, a column per covariate
    windowed : covariates with a window of their own, one row per person and anchor date (and `history_start`); None
        where these are the same
    registers : the fingerprint of the registers that the persons have their numbers of; empty where it is not known
    audit : of the sets; None where they were not audited
    """

    sets: pa.Table
    terms: pa.Table
    values: pa.Table
    covariates: pa.Table
    windowed: pa.Table | None = None
    registers: str = ""
    audit: pa.Table | None = None

    def refuse_several(self) -> None:
        """Refuse sets of several comparisons: a set is told by its ``set_id`` within its comparison alone.

        Raises
        ------
        SpecError
            Names the comparisons.
        """
        there = self.sets["comparison"].unique().to_pylist()
        if len(there) > 1:
            what = f"these are the sets of several comparisons: {', '.join(there)}"
            raise SpecError(what, where="frame", remedy="take those of one")

    def only(self, keep: Rows) -> AnalysisFrame:
        """The same frame with some of the rows."""
        return replace(self, sets=self.sets.filter(pa.array(keep)))

    @cached_property
    def set_id(self) -> NDArray[np.int64]:
        return np.asarray(self.sets["set_id"], dtype=np.int64)

    @cached_property
    def set_position(self) -> NDArray[np.int64]:
        """Which of the sets, in order of ``set_id``, each row (n,) belongs to."""
        return np.unique(self.set_id, return_inverse=True)[1]

    @cached_property
    def case(self) -> Rows:
        return np.asarray(self.sets["case"].to_numpy(zero_copy_only=False), dtype=bool)

    @cached_property
    def person_id(self) -> NDArray[np.int64]:
        return np.asarray(self.sets["person_id"], dtype=np.int64)

    @cached_property
    def _measured(self) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Term → (sorted anchor keys, values)."""
        keys = self._keys_of(self.values, "index_date")
        amounts = np.asarray(self.values["value"], dtype=np.int64)
        names = self.values["term"].combine_chunks().dictionary_encode()
        codes = np.asarray(names.indices) if len(self.values) else np.zeros(0, np.int64)
        order = np.lexsort((keys, codes))
        ends = np.searchsorted(codes[order], np.arange(len(names.dictionary) + 1))
        parts = [order[low:high] for low, high in pairwise(ends)]
        return {
            name: (keys[rows], amounts[rows]) for name, rows in zip(names.dictionary.to_pylist(), parts, strict=True)
        }

    @cached_property
    def _anchor_keys(self) -> NDArray[np.int64]:
        return self._keys_of(self.sets, "anchor_date")

    @cached_property
    def _days(self) -> NDArray[np.int64]:
        """The persons and anchor dates of the sets, sorted."""
        return np.unique(_keys(self.sets["person_id"], self.sets["anchor_date"]))

    def _keys_of(self, table: pa.Table, dates: str) -> NDArray[np.int64]:
        """One number for each anchor of a table (t,); −1 for one that no row of the sets has."""
        keys = _keys(table["person_id"], table[dates])
        if "history_start" not in self.sets.column_names or not len(keys):
            return keys
        place = np.minimum(np.searchsorted(self._days, keys), len(self._days) - 1)
        return np.where(self._days[place] == keys, person_day(place, _days_of(table["history_start"])), -1)

    def value(self, term: str) -> NDArray[np.float64]:
        """The measured value of a term in each row (n,), zero where nothing was measured."""
        keys, amounts = self._measured.get(term, (np.zeros(0, np.int64), np.zeros(0, np.int64)))
        out = np.zeros(len(self._anchor_keys))
        if len(keys):
            at = np.minimum(np.searchsorted(keys, self._anchor_keys), len(keys) - 1)
            hit = keys[at] == self._anchor_keys
            out[hit] = amounts[at[hit]]
        return out

    def covariate(self, name: str) -> pa.Array:
        """A covariate in each row (n,), with nulls where it is unknown."""
        if self.windowed is not None and name in self.windowed.column_names:
            return _taken(self.windowed[name], self._keys_of(self.windowed, "index_date"), self._anchor_keys)
        keys = _keys(self.covariates["person_id"], self.covariates["index_date"])
        return _taken(self.covariates[name], keys, _keys(self.sets["person_id"], self.sets["index_date"]))

    def terms_of(self, exposure: str, measure: str) -> list[TermCells]:
        """The levels of a measure, in order."""
        rows = [t for t in self.terms.to_pylist() if t["exposure"] == exposure and t["measure"] == measure]
        return sorted(rows, key=lambda t: t["order"])

    def case_value(self, values: NDArray[V]) -> NDArray[V]:
        """Give every row the value that the (first) case of its set has (n,)."""
        cases = np.flatnonzero(self.case)
        ids, first = np.unique(self.set_id[cases], return_index=True)
        taken: NDArray[V] = values[cases[first]][np.searchsorted(ids, self.set_id)]
        return taken


def whole_sets(set_id: NDArray[np.int64], case: Rows, keep: Rows) -> Rows:
    """Of the kept rows, those in sets that still have a case and a control.

    Parameters
    ----------
    set_id, case, keep : (n,)
    """
    ids, position = np.unique(set_id, return_inverse=True)
    with_case = np.bincount(position[keep & case], minlength=len(ids)) > 0
    with_control = np.bincount(position[keep & ~case], minlength=len(ids)) > 0
    kept: Rows = keep & (with_case & with_control)[position]
    return kept


def _keys(person_id: pa.ChunkedArray, day: pa.ChunkedArray) -> NDArray[np.int64]:
    """One number for a person on a day."""
    return person_day(np.asarray(person_id, dtype=np.int64), _days_of(day))


def _days_of(column: pa.ChunkedArray) -> Days:
    days: Days = column.to_numpy().astype("datetime64[D]")
    return days


def _taken(column: pa.ChunkedArray, keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> pa.Array:
    """A column with a key for each value, in the rows of the wanted keys."""
    return column.take(pa.array(row_of(keys, wanted))).combine_chunks()
