"""Follow-up split where a person's exposure changes: pieces of (start, stop] in the counting process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.calendar import Days
from riskset.exposure.dispensings import find_dispensings, since_start
from riskset.exposure.history import Anchors, read_histories
from riskset.microdata import Microdata
from riskset.registers.registers import Registers
from riskset.spec.measures import Exposure

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Pieces(Microdata):
    """Pieces of person-time, m of n rows of follow-up.

    Attributes
    ----------
    row : (m,) which row of the follow-up it is a piece of
    start, stop : (m,) days, (start, stop]
    event : (m,) the row's event in its last piece, else 0
    after : (m,) whether it lies after the change
    """

    row: Ints
    start: Ints
    stop: Ints
    event: Ints
    after: NDArray[np.bool_]


def split_followup(start: Ints, stop: Ints, event: Ints, change: NDArray[np.float64]) -> Pieces:
    """Split rows of follow-up at the time when their exposure changes.

    Parameters
    ----------
    start, stop, event : (n,) days from the origin, (start, stop], and the cause of the event at stop or 0
    change : (n,) the status is a new one in (change, …]; NaN where it never changes

    Returns
    -------
    Pieces
        None is empty; the pieces of a row follow on each other, and their days add up to the row's.
    """
    inside = (change > start) & (change < stop)
    already = change <= start
    row = np.concatenate([np.arange(len(start)), np.flatnonzero(inside)])
    cut = np.where(inside, change, 0).astype(np.int64)
    begin = np.concatenate([start, cut[inside]])
    end = np.concatenate([np.where(inside, cut, stop), stop[inside]])
    what = np.concatenate([np.where(inside, 0, event), event[inside]])
    after = np.concatenate([already, np.ones(int(inside.sum()), bool)])
    order = np.lexsort((begin, row))
    return Pieces(row[order], begin[order], end[order], what[order], after[order])


def find_changes(registers: Registers, patients: pa.Table, exposures: Sequence[Exposure]) -> dict[str, Days]:
    """The qualifying date of each patient before the end of follow-up, by the name of the exposure; NaT for none.

    A person counts as exposed from the day *after* the qualifying date, as the index day is in no window.

    Parameters
    ----------
    patients : person_id, origin, stop (days from the origin), each person once
    """
    engine = registers.engine
    person = patients["person_id"].to_numpy()
    origin = patients["origin"].to_numpy().astype("datetime64[D]")
    end = origin + patients["stop"].to_numpy().astype("timedelta64[D]")
    who = Anchors.of(engine, pa.table({"person_id": person, "index_date": pa.array(end)}))
    persons = engine.load("changes_persons", who.persons())
    classes = [exposure.codes for exposure in exposures]
    dispensings = since_start(registers, find_dispensings(registers, classes, persons))
    rows = engine.materialise("changes_dispensings", dispensings)
    pieces: dict[str, list[Days]] = {exposure.name: [] for exposure in exposures}
    for part, histories in read_histories(engine, rows, who, len(exposures)):
        for exposure, history in zip(exposures, histories, strict=True):
            pieces[exposure.name].append(history.nth(part, exposure.at_least))
    engine.drop("changes_dispensings", "changes_persons")
    at = np.searchsorted(who.person, person)
    return {name: np.concatenate(dates)[at] for name, dates in pieces.items()}
