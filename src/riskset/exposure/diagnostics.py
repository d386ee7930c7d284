"""What a reader must know of a measure to judge it: truncated windows, prevalent use, unknown amounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from riskset.calendar import Days
from riskset.cohort.population import find_observation
from riskset.exposure.history import Anchors, History, spell_at_index
from riskset.registers.registers import Registers
from riskset.results.notes import Note, NoteCode, note
from riskset.results.rows import Diagnostic
from riskset.results.vocabulary import Analysis, DiagnosticCode, Model, Who
from riskset.spec.measures import Exposure, Measure
from riskset.spec.time import Duration


class Tally:
    """Counts taken piece by piece while exposures are measured, told at the end as diagnostics.

    Parameters
    ----------
    start : the first day that the dispensing register covers, where it is stated
    run_in : qualifying this soon after the start is prevalent use; not counted if None
    """

    def __init__(self, start: date | None, run_in: Duration | None) -> None:
        self._start = start
        self._run_in = run_in if start else None
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, exposure: Exposure, history: History, anchors: Anchors) -> None:
        """Add a piece: who qualified, who did so in the run-in, and items whose amount is unknown."""
        qualifying = history.nth(anchors, exposure.at_least)
        self._counts[exposure.name, DiagnosticCode.QUALIFIED] += int(np.sum(~np.isnat(qualifying)))
        if anchors.begin is not None:
            lost = np.isnat(qualifying) & ~np.isnat(history.nth(anchors.uncut, exposure.at_least))
            self._counts[exposure.name, DiagnosticCode.UNEXPOSED_BY_CUT] += int(np.sum(lost))
        if self._run_in:
            ends = replace(self._run_in, count=-self._run_in.count).before(np.datetime64(self._start, "D"))
            self._counts[exposure.name, DiagnosticCode.QUALIFIED_IN_RUN_IN] += int(np.sum(qualifying < ends))
        for measure in exposure.measures:
            if measure.amount:
                [window] = measure.windows
                between = anchors.window(window.lag, window.lookback)
                for name in ("items", f"items_without_{measure.amount}"):
                    total = history.total(name, anchors, *between).sum()
                    self._counts[exposure.name, f"{name}, {measure.key}"] += int(total)

    def count_early(self, registers: Registers, dispensings: ir.Table, exposures: Sequence[Exposure]) -> None:
        """Count dispensing dates before the stated start, which are not used."""
        if self._start:
            early = dispensings.filter(dispensings["date"] < self._start).group_by("drug_class")
            for row in registers.engine.collect(early.aggregate(n=lambda t: t.count())).to_pylist():
                self._counts[exposures[row["drug_class"]].name, DiagnosticCode.EARLY_DISPENSINGS] += row["n"]

    def rows(self, registers: Registers, exposures: Sequence[Exposure], anchors: Anchors) -> Iterator[Diagnostic]:
        """Rows for ``results.tables.DIAGNOSTICS``, exposure by exposure."""
        begins = find_history_starts(registers, anchors)
        for exposure in exposures:
            yield self._qualified(exposure, len(anchors))
            if anchors.begin is not None:
                lost = self._counts[exposure.name, DiagnosticCode.UNEXPOSED_BY_CUT]
                of = int(np.sum(~np.isnat(anchors.begin)))
                out_of = note(NoteCode.OUT_OF, of=of, who=str(Who.ANCHORS))
                yield _row(exposure, DiagnosticCode.UNEXPOSED_BY_CUT, lost, out_of)
            if self._run_in:
                prevalent = self._counts[exposure.name, DiagnosticCode.QUALIFIED_IN_RUN_IN]
                within = note(NoteCode.IN_RUN_IN, length=str(self._run_in), start=str(self._start))
                yield _row(exposure, DiagnosticCode.QUALIFIED_IN_RUN_IN, prevalent, within)
            if early := self._counts[exposure.name, DiagnosticCode.EARLY_DISPENSINGS]:
                before = note(NoteCode.BEFORE_START, start=str(self._start))
                yield _row(exposure, DiagnosticCode.EARLY_DISPENSINGS, early, before)
            for measure in exposure.measures:
                yield self._truncated(exposure, measure, anchors, begins)
                if measure.amount:
                    yield self._without_ddd(exposure, measure)

    def _qualified(self, exposure: Exposure, n_anchors: int) -> Diagnostic:
        qualified = self._counts[exposure.name, DiagnosticCode.QUALIFIED]
        codes, without = (", ".join(named) for named in (exposure.codes.prefixes, exposure.codes.without))
        needed = note(NoteCode.QUALIFYING, dates=exposure.at_least, codes=codes, without=without)
        out_of = note(NoteCode.OUT_OF, of=n_anchors, who=str(Who.ANCHORS))
        return _row(exposure, DiagnosticCode.QUALIFIED, qualified, needed, out_of)

    def _truncated(self, exposure: Exposure, measure: Measure, anchors: Anchors, begins: Days) -> Diagnostic:
        share = float(np.mean(anchors.before(measure.reach) < begins)) if len(anchors) else 0.0
        notes = [note(NoteCode.REACH, length=str(measure.reach), start=str(self._start or ""))]
        if any(window.lookback is None for window in measure.windows):
            notes.append(note(NoteCode.OPEN_MEASURE))
        return _row(exposure, DiagnosticCode.TRUNCATED, share, *notes, measure=measure.key)

    def _without_ddd(self, exposure: Exposure, measure: Measure) -> Diagnostic:
        of = self._counts[exposure.name, f"items, {measure.key}"]
        unknown = self._counts[exposure.name, f"items_without_ddd, {measure.key}"]
        out_of = note(NoteCode.OUT_OF, of=of, who=str(Who.ITEMS))
        return _row(exposure, DiagnosticCode.ITEMS_WITHOUT_DDD, unknown, out_of, measure=measure.key)


def describe_truncated_sets(
    registers: Registers, sets: pa.Table, exposures: Sequence[Exposure]
) -> Iterator[Diagnostic]:
    """The share of matched sets in which a window reaches past the start of some member's history.

    Parameters
    ----------
    sets : matched sets with ``anchor_date``, where windows end

    Returns
    -------
    Rows for ``results.tables.DIAGNOSTICS``, by comparison, exposure and measure.
    """
    person, day = sets["person_id"].to_numpy(), sets["anchor_date"].to_numpy().astype("datetime64[D]")
    anchors = Anchors.of(registers.engine, pa.table({"person_id": person, "index_date": day}))
    place = anchors.place(person, day)
    begins = find_history_starts(registers, anchors)
    comparison = np.asarray(sets["comparison"].to_pylist())
    for name in dict.fromkeys(comparison.tolist()):
        rows = comparison == name
        _, number = np.unique(sets["set_id"].to_numpy()[rows], return_inverse=True)
        for exposure in exposures:
            for measure in exposure.measures:
                short = (anchors.before(measure.reach) < begins)[place[rows]]
                share = float(np.mean(np.bincount(number, short) > 0))
                reaches = note(NoteCode.REACH, length=str(measure.reach))
                row = _row(exposure, DiagnosticCode.TRUNCATED_SETS, share, reaches, measure=measure.key)
                yield replace(row, comparison=name)


def find_history_starts(registers: Registers, anchors: Anchors) -> Days:
    """(a,) where each anchor's dispensing history begins.

    It is the later of the register's stated start and the start of the unbroken observation that covers the index
    date; either alone where the other is not known, NaT where neither is.
    """
    start = registers.starts.get("dispensing")
    begins = np.full(len(anchors), np.datetime64(start, "D") if start else np.datetime64("NaT", "D"))
    if "residence" not in registers or not len(anchors):
        return begins
    persons = registers.engine.load("exposure_persons", anchors.persons().select(["person_id"]))
    spells = registers.engine.collect(find_observation(registers, persons=persons))
    registers.engine.drop("exposure_persons")
    entry, leaving, since = (spells[name].to_numpy().astype("datetime64[D]") for name in ("entry", "exit", "since"))
    spell = spell_at_index(anchors, spells["person_id"].to_numpy(), entry, leaving)
    observed = np.full(len(anchors), np.datetime64("NaT", "D"))
    observed[spell >= 0] = since[spell[spell >= 0]]
    return np.fmax(begins, observed)


def _row(exposure: Exposure, code: DiagnosticCode, value: float, *notes: Note, measure: str = "") -> Diagnostic:
    model = Model(Analysis.EXPOSURE, measure=measure)
    return Diagnostic(model=model, exposure=exposure.name, code=code, value=float(value), notes=notes)
