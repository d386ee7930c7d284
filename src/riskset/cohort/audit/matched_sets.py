"""Checks of matched sets, whoever drew them: at risk, eligible, alike or related, free of the disease, drawn once.

Every row is looked up in the registers again, by a plain join on person and date; nothing of the sampler is used, nor
of what finds relatives.
"""

from __future__ import annotations

from typing import assert_never

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from riskset.calendar import completed_years
from riskset.cohort.audit.checks import Bools, Checks, OnDate, Sets, look_up
from riskset.cohort.audit.kinship import check_siblings, check_spouses
from riskset.cohort.cases import CaseList, find_cases
from riskset.cohort.hashing import Ints
from riskset.errors import AuditError, DesignError
from riskset.lookup import person_day
from riskset.registers.registers import Registers
from riskset.results.notes import Argument, Arguments, Note, NoteCode, note
from riskset.results.row_cells import AuditCells
from riskset.results.set_vocabulary import AuditCheck, Serving
from riskset.results.vocabulary import Estimand
from riskset.spec.design import (
    AtRisk,
    CaseDefinition,
    Controls,
    GivenControls,
    PopulationControls,
    SiblingControls,
    SpouseControls,
)


def audit_sets(
    registers: Registers, definition: CaseDefinition, sets: pa.Table, controls: Controls, cases: CaseList | None = None
) -> pa.Table:
    """Check matched sets against the registers.

    Parameters
    ----------
    definition
        Who is a case, and who could be.
    sets
        ``set_id, person_id, case, index_date``, ours or an authority's; other columns are not looked at.
    controls
        The design that the sets are meant to follow.
    cases
        The cases of the study; found when left out.

    Returns
    -------
    ``results.tables.AUDIT``: "violation" for what must not be, "note" for what a reader should know, else "pass".

    Raises
    ------
    SourceError
        The sets lack a column or a value, or there are none; or a register is not delivered that the checks need.
    """
    rows, checks = Sets.of(sets), Checks(controls.comparison)
    at_risk, ours = definition.at_risk, _of_study(registers, definition, cases)
    _check_persons(checks, registers, at_risk, controls, rows)
    match controls:
        case SiblingControls():
            check_siblings(checks, registers, at_risk, controls, rows, ours)
        case SpouseControls():
            check_spouses(checks, registers, at_risk, rows, ours)
        case PopulationControls() | GivenControls():
            pass  # nothing relates them but what they are matched on
        case _:
            assert_never(controls)
    _check_sets(checks, controls, rows)
    _check_cases(checks, rows, ours)
    return checks.table()


def refuse_violations(audit: pa.Table) -> None:
    """Stop where a check is violated.

    Raises
    ------
    AuditError
        Says what is violated, in which comparison, and how often; it holds the audit.
    """
    broken = [row for row in audit.to_pylist() if row["verdict"] == "violation"]
    if broken:
        what = "; ".join(f"{row['comparison']}: {_named(row)}, {row['count']:,} of {row['of']:,}" for row in broken)
        raise AuditError(f"the matched sets fail their audit ({what})", audit, "no estimate is made of such sets")


def estimand(controls: Controls, audit: pa.Table | None = None) -> tuple[Note, ...]:
    """Notes on what the odds ratio from these sets estimates, to stand beside it.

    Parameters
    ----------
    controls : the design
    audit : the result of :func:`audit_sets` for these sets; None when they were not audited
    """
    broken = _violated(controls, audit)
    if broken:
        return tuple(_estimated(Estimand.DESIGN_BROKEN, check=check) for check in broken)
    if isinstance(controls, SiblingControls):
        return (_estimated(Estimand.WITHIN_SIBLINGS, comparison=controls.comparison, at=controls.at),)
    if isinstance(controls, SpouseControls):
        return (_estimated(Estimand.WITHIN_COUPLES),)
    if audit is None:
        return (_estimated(Estimand.NOT_AUDITED),)
    notes = [_estimated(Estimand.HAZARD_RATIO if controls.replacement else Estimand.APPROXIMATE_HAZARD_RATIO)]
    if isinstance(controls, GivenControls):
        notes.append(note(NoteCode.SETS_GIVEN))
    if controls.caliper is not None:
        notes.append(note(NoteCode.AGES_DIFFER, caliper=str(controls.caliper)))
    return tuple(notes)


def _estimated(what: Estimand, **facts: Argument) -> Note:
    return note(NoteCode.ESTIMAND, what=str(what), **facts)


def _violated(controls: Controls, audit: pa.Table | None) -> list[str]:
    rows = [] if audit is None else audit.to_pylist()
    return [_named(row) for row in rows if row["verdict"] == "violation" and row["comparison"] == controls.comparison]


def _named(row: AuditCells) -> str:
    """A check for a message: ``matching key differs (county)``."""
    return f"{row['check']} ({row['subject']})" if row["subject"] else str(row["check"])


def _of_study(registers: Registers, definition: CaseDefinition, cases: CaseList | None) -> pa.Table:
    """``person_id, index_date`` of the cases of the study."""
    try:
        table = (cases or find_cases(registers, definition)).table
    except DesignError:
        return pa.schema([("person_id", pa.int64()), ("index_date", pa.date32())]).empty_table()
    return table.select(["person_id", "index_date"])


def _check_persons(checks: Checks, registers: Registers, at_risk: AtRisk, controls: Controls, rows: Sets) -> None:
    """What must hold for each person on the index date."""
    keys = controls.match if isinstance(controls, PopulationControls | GivenControls) else ()
    on_date = look_up(registers, at_risk, rows.person_id, rows.date, by_county="county" in keys)
    checks.forbid(AuditCheck.NOT_UNDER_OBSERVATION, ~on_date.observed)
    for rule in on_date.broken:
        checks.forbid(rule.check, rule.who, rule.arguments, rule.subject)
    ill = ~on_date.free(rows.date)[~rows.case]
    checks.forbid(AuditCheck.CONTROL_WITH_DISEASE, ill)
    later = (on_date.onset > rows.date)[~rows.case]
    checks.note(AuditCheck.FUTURE_CASE, later)
    if isinstance(controls, PopulationControls | GivenControls):
        _check_likeness(checks, controls, rows, on_date)


def _check_likeness(checks: Checks, controls: PopulationControls | GivenControls, rows: Sets, on_date: OnDate) -> None:
    """Whether controls share the case's matching keys, and were born within the caliper."""
    of_case = rows.row_of_case
    control = ~rows.case
    has_case = (of_case >= 0)[control]
    for key in controls.match:
        code = _codes(key, controls, rows, on_date)
        differs = (code != code[of_case]) | (code < 0)
        checks.forbid(AuditCheck.KEY_DIFFERS, differs[control] & has_case, subject=key)
    if controls.caliper is not None:
        known = ~np.isnat(on_date.born)
        born = np.where(known, on_date.born, rows.date)
        inside = (
            (controls.caliper.before(born[of_case]) <= born) & (born <= controls.caliper.after(born[of_case])) & known
        )
        length = Arguments.of(length=str(controls.caliper))
        checks.forbid(AuditCheck.BEYOND_CALIPER, ~inside[control] & has_case, length)


def _codes(key: str, controls: PopulationControls | GivenControls, rows: Sets, on_date: OnDate) -> Ints:
    """A matching key as numbers (n,), equal for equal values, -1 for one that is not known."""
    if key == "history":
        known = ~np.isnat(on_date.since)
        years = completed_years(np.where(known, on_date.since, rows.date), rows.date)
        return np.where(known, np.minimum(years, controls.history_cap.count), -1)
    column = pc.year(on_date.known["birth_date"]) if key == "birth_year" else on_date.known[key]
    codes: Ints = pc.fill_null(column.combine_chunks().dictionary_encode().indices, -1).to_numpy()
    return codes


def _check_sets(checks: Checks, controls: Controls, rows: Sets) -> None:
    """What must hold for each set."""
    set_id, back = np.unique(rows.set_id, return_inverse=True)
    n_cases = np.bincount(back[rows.case], minlength=len(set_id))
    n_controls = np.bincount(back[~rows.case], minlength=len(set_id))
    checks.forbid(AuditCheck.SET_WITHOUT_CASE, n_cases == 0)
    checks.forbid(AuditCheck.SEVERAL_CASES, n_cases > 1)
    of_person = np.unique(rows.person_id[rows.case], return_counts=True)[1]
    checks.forbid(AuditCheck.CASE_IN_SEVERAL_SETS, of_person > 1)
    if getattr(controls, "at", "index date") == "index date":
        dates = rows.date.astype(np.int64)
        order = np.argsort(back, kind="stable")
        begins = np.searchsorted(back[order], np.arange(len(set_id)))
        spread = np.maximum.reduceat(dates[order], begins) - np.minimum.reduceat(dates[order], begins)
        checks.forbid(AuditCheck.SEVERAL_DATES, spread > 0)
    _check_repeats(checks, rows)
    if isinstance(controls, PopulationControls | GivenControls):
        _check_numbers(checks, controls, rows, n_controls)
    else:
        checks.note(AuditCheck.CONTROL_IN_SEVERAL_SETS, _served_again(rows), _serving(Serving.KIN_OF_SEVERAL))
    checks.note(AuditCheck.SET_WITHOUT_CONTROL, n_controls == 0)


def _check_repeats(checks: Checks, rows: Sets) -> None:
    """Whether each control stands once in a set, and is not its case."""
    control = np.flatnonzero(~rows.case)
    person, in_set, of_case = rows.person_id[control], rows.set_id[control], rows.row_of_case[control]
    order = np.lexsort((person, in_set))
    again = (np.diff(in_set[order]) == 0) & (np.diff(person[order]) == 0)
    twice = np.append(np.zeros(min(1, len(control)), dtype=bool), again)
    checks.forbid(AuditCheck.PERSON_TWICE, twice)
    itself = (of_case >= 0) & (rows.person_id[of_case] == person)
    checks.forbid(AuditCheck.OWN_CONTROL, itself)


def _check_numbers(checks: Checks, controls: PopulationControls | GivenControls, rows: Sets, n_controls: Ints) -> None:
    again = _served_again(rows)
    if controls.replacement:
        checks.note(AuditCheck.CONTROL_IN_SEVERAL_SETS, again, _serving(Serving.REPLACEMENT))
    else:
        checks.forbid(AuditCheck.CONTROL_IN_SEVERAL_SETS, again, _serving(Serving.NO_REPLACEMENT))
    ratio = controls.ratio
    if ratio is not None:
        asked = Arguments.of(ratio=ratio)
        checks.note(AuditCheck.SHORT_SET, (n_controls > 0) & (n_controls < ratio), asked)
        checks.forbid(AuditCheck.SET_TOO_LARGE, n_controls > ratio, asked)


def _serving(what: Serving) -> Arguments:
    return Arguments.of(serving=str(what))


def _served_again(rows: Sets) -> Bools:
    """Which of the persons who serve as controls (n,) do so in several sets."""
    served = np.unique(np.stack([rows.person_id[~rows.case], rows.set_id[~rows.case]]), axis=1)[0]
    again: Bools = np.unique(served, return_counts=True)[1] > 1
    return again


def _check_cases(checks: Checks, rows: Sets, cases: pa.Table) -> None:
    """Whether the cases of the sets are the cases of the study."""
    ours = person_day(cases["person_id"].to_numpy(), cases["index_date"].to_numpy())
    theirs = person_day(rows.person_id[rows.case], rows.date[rows.case])
    checks.forbid(AuditCheck.NOT_OF_STUDY, ~np.isin(theirs, ours))
    checks.note(AuditCheck.CASE_WITHOUT_SET, ~np.isin(ours, theirs))
