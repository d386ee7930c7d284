"""Siblings at the same age: their windows look no further back than the shortest dispensing history of the set.

On its own date a younger sibling has a longer history in the register than an older one, and with it more time in which
to be seen as exposed. Cut to the same number of days before each member's own date, the windows are alike again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.exposure.diagnostics import find_history_starts
from riskset.exposure.history import Anchors
from riskset.registers.registers import Registers
from riskset.results.notes import NoteCode, note
from riskset.results.rows import Diagnostic
from riskset.results.vocabulary import Analysis, DiagnosticCode, Model, Who
from riskset.spec.design import Controls, SiblingControls


def cut_to_shortest_history(
    registers: Registers, controls: Sequence[Controls], sets: pa.Table
) -> tuple[pa.Table, list[Diagnostic]]:
    """Say from which day on dispensings count for each member of sets at the same age.

    A member's history begins with the dispensing register, or with its unbroken observation if that is later (as
    ``min_history`` has it). The shortest of the set, in days before the anchor date, is the history of all.

    Parameters
    ----------
    sets : matched sets of all comparisons, with ``anchor_date``

    Returns
    -------
    The sets with ``history_start`` (null where all history counts), as they are where no comparison is at the same
    age; and rows of ``results.tables.DIAGNOSTICS``: how many sets were cut, and by how much.
    """
    names = [c.comparison for c in controls if isinstance(c, SiblingControls) and c.at == "same age"]
    if not names:
        return sets, []
    comparison = np.asarray(sets["comparison"].to_pylist(), dtype=object)
    starts = np.full(len(sets), np.datetime64("NaT", "D"))
    diagnostics = []
    for name in names:
        rows = np.flatnonzero(comparison == name)
        person = sets["person_id"].to_numpy()[rows]
        day = sets["anchor_date"].to_numpy()[rows].astype("datetime64[D]")
        anchors = Anchors.of(registers.engine, pa.table({"person_id": person, "index_date": day}))
        begins = find_history_starts(registers, anchors)[anchors.place(person, day)]
        history = np.maximum(day - begins, np.timedelta64(0, "D"))
        set_id, position = np.unique(sets["set_id"].to_numpy()[rows], return_inverse=True)
        shortest = np.full(len(set_id), np.timedelta64("NaT", "D"))
        np.fmin.at(shortest, position, history)
        starts[rows] = day - shortest[position]
        lost = (history - shortest[position]).astype(np.int64)[~np.isnat(history)]
        cut = len(np.unique(position[~np.isnat(history)][lost > 0]))
        diagnostics.append(_row(name, cut, len(set_id), lost[lost > 0]))
    return sets.append_column("history_start", pa.array(starts, pa.date32())), diagnostics


def _row(comparison: str, cut: int, of: int, lost: NDArray[np.int64]) -> Diagnostic:
    notes = [note(NoteCode.OUT_OF, of=of, who=str(Who.SETS))]
    if cut:
        median, longest = float(np.median(lost)), int(lost.max())
        notes.append(note(NoteCode.LOST_HISTORY, members=len(lost), median=median, longest=longest))
    return Diagnostic(
        model=Model(Analysis.EXPOSURE),
        comparison=comparison,
        code=DiagnosticCode.SETS_CUT,
        value=float(cut),
        notes=tuple(notes),
    )
