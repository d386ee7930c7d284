"""Scores of the marker while a patient is followed, and which were left out and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from riskset.cohort.followup import FollowUp
from riskset.cohort.not_made import NotMade
from riskset.cohort.shared import shared_names
from riskset.errors import there_are
from riskset.lookup import row_of
from riskset.microdata import Microdata
from riskset.registers.registers import Registers
from riskset.results.notes import Note, NoteCode, note
from riskset.results.rows import Diagnostic
from riskset.results.vocabulary import Analysis, DiagnosticCode, Model, Who
from riskset.spec.complaints import shown
from riskset.spec.models import Prognosis

SCORES = pa.schema([("person_id", pa.int64()), ("day", pa.int64()), ("value", pa.float64())])
"""A score of a patient, so many whole days after the origin; sorted by person, day and value."""


@dataclass(frozen=True)
class Scores(Microdata):
    """The scores of the patients under follow-up: ``SCORES``, and rows of ``results.tables.DIAGNOSTICS``."""

    table: pa.Table
    diagnostics: tuple[Diagnostic, ...]


def find_scores(registers: Registers, asked: Prognosis, followup: FollowUp) -> Scores:
    """The marker's scores of the patients, from the origin through the last day at risk.

    A score between origin and entry is kept: the patient lived to enter, as the likelihood of delayed entry allows for.
    A score outside the marker's range, before the origin, after death or after the end of follow-up is left out, and
    each kind is counted.

    Raises
    ------
    DesignError
        No patient has a score.
    SourceError
        Measurements are not delivered.
    """
    engine = registers.engine
    person, stop = (followup.table[name].to_numpy() for name in ("person_id", "stop"))
    measurement = registers["measurement"]
    patients = engine.load("scores_patients", followup.table.select(["person_id"]))
    of_patients = measurement.filter(measurement["name"] == asked.marker).semi_join(patients, "person_id")
    measured = engine.collect(of_patients.select("person_id", "date", "value"))
    engine.drop("scores_patients")
    if not len(measured):
        names = shared_names(registers, measurement, "name")
        known = f"{there_are(names)}; " if names else ""
        raise NotMade(
            f"no patient has a measurement {shown(asked.marker)}",
            note(NoteCode.NO_MARKER, marker=str(asked.marker), known=tuple(names)),
            where="prognosis.marker",
            remedy=f"{known}map it in sources.toml, or leave out marker",
        )
    row = row_of(person, measured["person_id"].to_numpy())
    origin = followup.table["origin"].to_numpy().astype("datetime64[D]")[row]
    day = (measured["date"].to_numpy().astype("datetime64[D]") - origin).astype(np.int64)
    value = np.asarray(measured["value"].to_numpy(), float)
    low, high = asked.marker_range
    died = followup.table["event"].to_numpy() == followup.causes.index("death") + 1
    late = day >= stop[row]
    reasons = [
        (DiagnosticCode.SCORES_OUT_OF_RANGE, ~((value >= low) & (value <= high))),
        (DiagnosticCode.SCORES_BEFORE_ORIGIN, day < 0),
        (DiagnosticCode.SCORES_AFTER_DEATH, late & died[row]),
        (DiagnosticCode.SCORES_AFTER_FOLLOW_UP, late),
    ]
    stated = {
        DiagnosticCode.SCORES_OUT_OF_RANGE: (note(NoteCode.RANGE, low=low, high=high),),
        DiagnosticCode.SCORES_BEFORE_ORIGIN: (note(NoteCode.ORIGIN, origin=asked.origin),),
    }
    kept = np.ones(len(day), bool)
    rows = [_diagnostic(DiagnosticCode.SCORES_DELIVERED, len(day))]
    for code, out in reasons:
        rows.append(_diagnostic(code, int((kept & out).sum()), *stated.get(code, ())))
        kept &= ~out
    number = np.bincount(row[kept], minlength=len(person))
    distinct = len(np.unique(np.stack([row[kept], day[kept]]), axis=1).T)
    used, of = int(kept.sum()), int((number > 0).sum())
    without, one = int((number == 0).sum()), int((number == 1).sum())
    of_patients = note(NoteCode.OUT_OF, of=of, who=str(Who.PATIENTS))
    rows += [
        _diagnostic(DiagnosticCode.SCORES_USED, used, of_patients),
        _diagnostic(DiagnosticCode.SCORES_ON_ONE_DAY, used - distinct),
        _diagnostic(DiagnosticCode.PATIENTS_WITHOUT_SCORE, without),
        _diagnostic(DiagnosticCode.PATIENTS_WITH_ONE_SCORE, one),
    ]
    table = pa.table(
        {
            "person_id": measured["person_id"].filter(pa.array(kept)),
            "day": pa.array(day[kept]),
            "value": pa.array(value[kept]),
        }
    )
    table = table.cast(SCORES).sort_by([(name, "ascending") for name in SCORES.names])
    return Scores(table, tuple(rows))


def _diagnostic(code: DiagnosticCode, number: int, *notes: Note) -> Diagnostic:
    return Diagnostic(model=Model(Analysis.DECLINE), comparison="cases", code=code, value=float(number), notes=notes)
