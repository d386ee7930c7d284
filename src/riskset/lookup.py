"""What every room looks up, in one place: a person on a day, a person's date, a row by its key, a code's class."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.calendar import Days
from riskset.spec.codes import outermost, successor

Ints = NDArray[np.int64]

_DAY_BITS = 24  # 2^24 days are 22,967 years on either side of 1970; persons are below 2^39, so a key fits in int64
_DAY_ZERO = 1 << (_DAY_BITS - 1)
_DAY_LAST = (1 << _DAY_BITS) - 1


def person_day(person_id: Ints, day: Days | np.datetime64) -> Ints:
    """One integer for a person and a day, which sorts like the pair.

    Parameters
    ----------
    person_id : int64 (n,), from 0 to 2^39 − 1
    day : datetime64[D] (n,), or one for all; NaT is the earliest day of the person, before every date
    """
    offset = np.clip(np.asarray(day, "datetime64[D]").astype(np.int64) + _DAY_ZERO, 0, _DAY_LAST)
    key: Ints = (np.asarray(person_id, np.int64) << _DAY_BITS) + offset
    return key


def person_of(key: Ints) -> Ints:
    """The persons (n,) of keys made by `person_day`."""
    return key >> _DAY_BITS


def day_of(key: Ints) -> Days:
    """The days (n,), datetime64[D], of keys made by `person_day` of days that are known."""
    return ((key & _DAY_LAST) - _DAY_ZERO).astype("datetime64[D]")


def date_of(dates: pa.Table, person: Ints) -> Days:
    """The earliest date of each person (n,), NaT for who has none; every comparison with it is false.

    Parameters
    ----------
    dates : ``person_id, date``, in any order, any number of rows a person
    person : int64 (n,)
    """
    dates = dates.sort_by([("person_id", "ascending"), ("date", "ascending")])
    ids = dates["person_id"].to_numpy()
    days = np.append(dates["date"].to_numpy().astype("datetime64[D]"), np.datetime64("NaT", "D"))
    place = np.searchsorted(ids, person)
    absent = np.append(ids, -1)[place] != person
    of_person: Days = days[np.where(absent, len(ids), place)]
    return of_person


def row_of(keys: Ints, wanted: Ints) -> Ints:
    """The row at which each wanted key (m,) stands first among keys (n,) in any order; every one of them is there."""
    order = np.argsort(keys, kind="stable")
    rows: Ints = order[np.searchsorted(keys, wanted, sorter=order)]
    return rows


def has_prefix(code: ir.StringColumn, prefixes: Iterable[str], without: Iterable[str] = ()) -> ir.BooleanValue:
    """Whether a code begins with one of the prefixes and with none of those left out.

    Written as ranges, which the statistics of a Parquet file sorted by code can prune.
    """
    inside = ibis.or_(*[_in_range(code, prefix) for prefix in outermost(prefixes)])
    outside = [~_in_range(code, prefix) for prefix in outermost(without)]
    return ibis.and_(inside, *outside)


def _in_range(code: ir.StringColumn, prefix: str) -> ir.BooleanValue:
    return (code >= prefix) & (code < successor(prefix))


def columns_by_name(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    """The columns of a table by their names, to make another of."""
    return dict(zip(table.column_names, table.columns, strict=True))
