"""Persons and days as the sampler of relatives and the audit look them up."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from riskset.calendar import Days
from riskset.cohort.hashing import Ints


def pair(person_id: Ints, date: Days) -> Ints:
    """One integer for a person and a day, in their order."""
    day = np.asarray(date, "datetime64[D]").astype(np.int64)
    return person_id.astype(np.int64) * 2**24 + (day + 2**23)


def date_of(found: pa.Table, person: Ints) -> Days:
    """The earliest date of each person, NaT for who has none; every comparison with it is false.

    Parameters
    ----------
    found : ``person_id, date``, in any order
    person : (n,)
    """
    found = found.sort_by([("person_id", "ascending"), ("date", "ascending")])
    ids = found["person_id"].to_numpy()
    dates = np.append(found["date"].to_numpy().astype("datetime64[D]"), np.datetime64("NaT", "D"))
    place = np.searchsorted(ids, person)
    absent = np.append(ids, -1)[place] != person
    of_person: Days = dates[np.where(absent, len(ids), place)]
    return of_person
