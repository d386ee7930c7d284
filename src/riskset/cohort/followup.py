"""What became of the cases: follow-up from diagnosis or registration to the first event, emigration or the end."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.calendar import Days
from riskset.cohort.attrition import Attrition, Criterion, criterion
from riskset.cohort.cases import CaseList
from riskset.cohort.not_made import NotMade, after_rule
from riskset.cohort.population import find_observation
from riskset.cohort.quality_register import first_days, items_of
from riskset.lookup import date_of
from riskset.microdata import Microdata
from riskset.registers.registers import Registers
from riskset.results.notes import Note, NoteCode, note
from riskset.results.rows import Diagnostic
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, Unit
from riskset.results.vocabulary import Analysis, DiagnosticCode, Model, Who
from riskset.spec.models import CourseAsked, Prognosis

FOLLOW_UP = pa.schema(
    [
        ("case_id", pa.int64()),
        ("person_id", pa.int64()),
        ("index_date", pa.date32()),  # diagnosis
        ("origin", pa.date32()),
        ("start", pa.int64()),  # whole days from the origin, (start, stop]
        ("stop", pa.int64()),
        ("event", pa.int64()),  # position in `causes` from 1; 0 none
    ]
)
"""Person-time of the cases, one row a person, sorted by case."""

_DAY = np.timedelta64(1, "D")
_NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class FollowUp(Microdata):
    """The person-time of the cases.

    Attributes
    ----------
    table
        ``FOLLOW_UP``. ``stop`` is the last day at risk + 1 − origin, so who enters and dies on one day has one day.
    causes
        What event 1, 2, … is. Death is among them even where it is no endpoint: it takes away the chance of one.
    n_endpoints
        The first so many causes are endpoints.
    attrition
        Rows of ``results.tables.ATTRITION``, part "prognosis".
    diagnostics
        Rows of ``results.tables.DIAGNOSTICS``.
    """

    table: pa.Table
    causes: tuple[str, ...]
    n_endpoints: int
    attrition: pa.Table
    diagnostics: tuple[Diagnostic, ...]

    def __len__(self) -> int:
        return int(self.table.num_rows)


def find_followup(registers: Registers, course: CourseAsked, cases: CaseList) -> FollowUp:
    """Follow the cases of a study, whatever controls they have.

    A case enters on the later of diagnosis and registration (or at diagnosis, where the study says so) and leaves with
    the first of an endpoint, death, emigration and ``until``. A death on the very day on which observation ends counts
    as a death. Of two events on one day the one that is not death came first. Who had an endpoint before entry, or did
    not live or stay to see it, is no part of the follow-up: the days before entry are immortal.

    Raises
    ------
    DesignError
        No registration dates, no onset dates, several registers that hold them and none named, or nobody left; the
        message names the rule after which.
    SourceError
        A table that the endpoints need is not delivered.
    """
    asked = course.asked
    dates = _read(registers, asked, cases, np.datetime64(course.until, "D"), course.register)
    attrition = Attrition(AttritionPart.PROGNOSIS, Unit.PERSONS, AttritionRule.CASES, len(cases))
    kept = np.ones(len(cases), bool)
    for rule, met in _rules(asked, dates):
        kept &= met
        attrition.keep(rule, int(kept.sum()))
    if not kept.any():
        last = attrition.last_rule()
        raise NotMade(
            f"no case can be followed after the rule '{last}'",
            after_rule(NoteCode.NOBODY_FOLLOWED, last),
            where="prognosis",
            remedy="see entry, origin and until, and what the registers hold of the cases",
        )
    causes = (*asked.endpoint, *(["death"] if "death" not in asked.endpoint else []))
    stop, event = _end(causes, dates)
    columns = {
        "case_id": cases.table["case_id"].filter(pa.array(kept)),
        "person_id": cases.table["person_id"].filter(pa.array(kept)),
        "index_date": cases.table["index_date"].filter(pa.array(kept)),
        "origin": pa.array(dates.origin[kept]),
        "start": pa.array((dates.entry - dates.origin)[kept].astype(np.int64)),
        "stop": pa.array((stop - dates.origin)[kept].astype(np.int64)),
        "event": pa.array(event[kept]),
    }
    table = pa.table(columns).cast(FOLLOW_UP)
    diagnostics = tuple(_diagnose(asked, dates, kept))
    return FollowUp(table, causes, len(asked.endpoint), attrition.table(), diagnostics)


@dataclass(frozen=True)
class _Dates(Microdata):
    """Days of each case (n,), NaT where there is none.

    ``leave`` is the day after the last of the unbroken observation at diagnosis, or after a death on that very day;
    ``death`` is NaT where it came later than that. ``until`` is the day after the last day of follow-up.
    """

    diagnosis: Days
    registration: Days
    onset: Days
    entry: Days
    origin: Days
    leave: Days
    death: Days
    until: np.datetime64
    others: dict[str, Days]


def _read(
    registers: Registers, asked: Prognosis, cases: CaseList, until: np.datetime64, register: str | None
) -> _Dates:
    engine = registers.engine
    anchors = engine.load("followup_cases", cases.table.select(["person_id", "index_date"]))
    person = cases.table["person_id"].to_numpy()
    diagnosis = cases.table["index_date"].to_numpy().astype("datetime64[D]")

    def first(rows: ir.Table, column: str = "date") -> Days:
        earliest = rows.semi_join(anchors, "person_id").group_by("person_id").agg(date=lambda t: t[column].min())
        return date_of(engine.collect(earliest), person)

    nothing: Days = np.full(len(person), _NEVER)
    registration = onset = nothing
    if asked.entry == "registration":
        registration = first(items_of(registers, "registration", register))
        if np.isnat(registration).all():
            raise NotMade(
                "no case has a registration date, so it is not known who could enter only by surviving",
                note(NoteCode.NO_REGISTRATION_DATE),
                where="prognosis.entry",
                remedy='map registration in sources.toml, or declare entry = "diagnosis"',
            )
    if asked.origin == "onset":
        onset = first(first_days(registers, "onset_date", register))
        if np.isnat(onset).all():
            raise NotMade(
                "no case has an onset date",
                note(NoteCode.NO_ONSET_DATE),
                where="prognosis.origin",
                remedy='map onset_date, or use "diagnosis"',
            )
    others = {}
    if "invasive_ventilation" in asked.endpoint:
        procedure = registers["procedure"]
        others["invasive_ventilation"] = first(procedure.filter(procedure["code"] == "invasive_ventilation"))
    spells = anchors.inner_join(find_observation(registers, persons=anchors), "person_id")
    covering = spells.filter((spells["entry"] <= spells["index_date"]) & (spells["index_date"] < spells["exit"]))
    leave = first(covering.select("person_id", "exit"), "exit")
    death = first(registers["death"])
    engine.drop("followup_cases")
    death = np.where(death <= leave, death, _NEVER)
    entry = diagnosis if asked.entry == "diagnosis" else np.maximum(diagnosis, registration)
    return _Dates(
        diagnosis,
        registration,
        onset,
        entry,
        onset if asked.origin == "onset" else diagnosis,
        np.where(np.isnat(death), leave, death + _DAY),
        death,
        until,
        others,
    )


def _rules(asked: Prognosis, dates: _Dates) -> list[tuple[Criterion, NDArray[np.bool_]]]:
    """Each rule in order and who meets it; comparisons with NaT are false."""
    rules = []
    if asked.entry == "registration":
        rules.append((Criterion(AttritionRule.REGISTERED), ~np.isnat(dates.registration)))
    if asked.origin == "onset":
        rules += [
            (Criterion(AttritionRule.ONSET), ~np.isnat(dates.onset)),
            (Criterion(AttritionRule.ONSET_BEFORE_DIAGNOSIS), dates.onset <= dates.diagnosis),
        ]
    rules += [
        (Criterion(AttritionRule.ENTRY_BEFORE_END), dates.entry < dates.until),
        (criterion(AttritionRule.ALIVE_AT_ENTRY, entry=asked.entry), ~(dates.death < dates.entry)),
        (criterion(AttritionRule.RESIDENT_AT_ENTRY, entry=asked.entry), dates.entry < dates.leave),
    ]
    for name, date in dates.others.items():
        no_event = criterion(AttritionRule.NO_EVENT_BEFORE_ENTRY, entry=asked.entry, event=name)
        rules.append((no_event, ~(date < dates.entry)))
    return rules


def _end(causes: tuple[str, ...], dates: _Dates) -> tuple[Days, NDArray[np.int64]]:
    """The day after the last day at risk and the cause then, 0 for none."""
    out: Days = np.minimum(dates.leave, dates.until)
    event = np.zeros(len(out), np.int64)
    for name, date in [("death", dates.death), *dates.others.items()]:
        # A date on the last day so far is still at risk; what comes later in this list wins on the same day.
        happens = date < out
        out = np.where(happens, date + _DAY, out)
        event[happens] = causes.index(name) + 1
    return out, event


def _diagnose(asked: Prognosis, dates: _Dates, kept: NDArray[np.bool_]) -> list[Diagnostic]:
    wait = (dates.entry - dates.diagnosis)[kept].astype(np.int64)
    of = note(NoteCode.OUT_OF, of=int(kept.sum()), who=str(Who.PATIENTS))
    late, median = int((wait > 0).sum()), float(np.median(wait))
    rows = [_diagnostic(DiagnosticCode.ENTERED_LATE, late, of), _diagnostic(DiagnosticCode.DAYS_TO_ENTRY, median)]
    if asked.until is None:
        until = note(NoteCode.UNTIL, day=str(dates.until))
        rows.append(_diagnostic(DiagnosticCode.FOLLOW_UP_ENDS_WITH_PERIOD, None, until))
    return rows


def _diagnostic(code: DiagnosticCode, value: float | None, *notes: Note) -> Diagnostic:
    number = None if value is None else float(value)
    return Diagnostic(model=Model(Analysis.PROGNOSIS), comparison="cases", code=code, value=number, notes=notes)
