"""Whether sets of relatives hold relatives, and all of them: found anew in the registers, by joins in the engine."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from riskset.calendar import Days
from riskset.cohort.audit.checks import Bools, Checks, Sets, look_up
from riskset.cohort.hashing import Ints
from riskset.cohort.relatives import relation_of
from riskset.lookup import person_day
from riskset.registers.registers import Registers
from riskset.results.notes import Arguments
from riskset.results.set_vocabulary import AuditCheck, Relation
from riskset.spec.design import AtRisk, Period, SiblingControls

_CASES = "cohort_audit_cases"


def check_siblings(
    checks: Checks, registers: Registers, at_risk: AtRisk, controls: SiblingControls, rows: Sets, cases: pa.Table
) -> None:
    """Whether controls are such siblings on such dates, and no eligible one of a case is left out.

    Parameters
    ----------
    cases : ``person_id, index_date`` of the cases of the study
    """
    siblings = _siblings(registers, controls, _cases_of(rows, cases))
    case, sibling = siblings["case_person"].to_numpy(), siblings["person_id"].to_numpy()
    date = siblings["index_date"].to_numpy().astype("datetime64[D]")
    control = np.flatnonzero(~rows.case & (rows.row_of_case >= 0))
    of_case = rows.row_of_case[control]
    drawn = rows.person_id[of_case], rows.person_id[control]
    theirs = _among(drawn, (case, sibling))
    checks.forbid(AuditCheck.NOT_SUCH_KIN, ~theirs, Arguments.of(relation=str(relation_of(controls))))
    if controls.at == "same age":
        born, case_born = (siblings[name].to_numpy().astype("datetime64[D]") for name in ("birth_date", "case_born"))
        of_age = _among(
            (*drawn, rows.date[of_case], rows.date[control]), (case, sibling, date, born + (date - case_born))
        )
        date = born + (date - case_born)
        checks.forbid(AuditCheck.NOT_AT_AGE_OF_CASE, theirs & ~of_age)
        outside = ~_within(at_risk.period, rows.date[control])
        checks.forbid(AuditCheck.OUTSIDE_PERIOD, outside)
    in_time = _within(at_risk.period, date)
    relatives = case[in_time], sibling[in_time], date[in_time]
    _check_complete(checks, registers, at_risk, rows, cases, relatives, relation_of(controls))


def check_spouses(checks: Checks, registers: Registers, at_risk: AtRisk, rows: Sets, cases: pa.Table) -> None:
    """Whether case and control are each other's one partner on the date, and no eligible partner is left out.

    Parameters
    ----------
    cases : ``person_id, index_date`` of the cases of the study
    """
    case, date, partner = _partners(registers, _cases_of(rows, cases))
    of_partners = _partners(registers, _asked(partner, date))
    control = np.flatnonzero(~rows.case & (rows.row_of_case >= 0))
    of_case = rows.row_of_case[control]
    person, day = rows.person_id[of_case], rows.date[of_case]
    theirs = _among((person, day, rows.person_id[control]), (case, date, partner))
    checks.forbid(AuditCheck.NOT_THE_PARTNER, ~theirs)
    many = np.concatenate([_with_several(case, date), _with_several(*of_partners[:2])])
    several = np.isin(person_day(person, day), many) | np.isin(person_day(rows.person_id[control], day), many)
    checks.forbid(AuditCheck.TWO_PARTNERS, several)
    one = ~np.isin(person_day(case, date), many) & ~np.isin(person_day(partner, date), many)
    _check_complete(checks, registers, at_risk, rows, cases, (case[one], partner[one], date[one]), Relation.PARTNER)


def _check_complete(
    checks: Checks,
    registers: Registers,
    at_risk: AtRisk,
    rows: Sets,
    cases: pa.Table,
    relatives: tuple[Ints, Ints, Days],
    relation: Relation,
) -> None:
    """That each relative at risk of a case of the study stands in a set of that case."""
    case, person, date = relatives
    of_study = np.isin(case, cases["person_id"].to_numpy())
    case, person, date = case[of_study], person[of_study], date[of_study]
    fine: Bools = np.zeros(0, dtype=bool)
    if len(case):
        fine = look_up(registers, at_risk, person, date).at_risk(date)
    of_case = rows.row_of_case
    control = ~rows.case & (of_case >= 0)
    inside = rows.person_id[of_case[control]], rows.person_id[control]
    missing = ~_among((case[fine], person[fine]), inside)
    checks.forbid(AuditCheck.KIN_LEFT_OUT, missing, Arguments.of(relation=str(relation)))


def _cases_of(rows: Sets, cases: pa.Table) -> pa.Table:
    """Case and date of the sets and of the study, each once."""
    person = np.concatenate([rows.person_id[rows.case], cases["person_id"].to_numpy()])
    date = np.concatenate([rows.date[rows.case], cases["index_date"].to_numpy().astype("datetime64[D]")])
    return _asked(person, date)


def _asked(person: Ints, date: Days) -> pa.Table:
    """``case_person, index_date``: persons (n,) on dates (n,), each once."""
    first = np.unique(person_day(person, date), return_index=True)[1]
    return pa.table({"case_person": person[first], "index_date": pa.array(date[first], pa.date32())})


def _siblings(registers: Registers, controls: SiblingControls, every: pa.Table) -> pa.Table:
    """``case_person, index_date, case_born, person_id, birth_date``; all four parents of the two are known."""
    engine = registers.engine
    person = registers["person"].select("person_id", "birth_date", "mother_id", "father_id")
    known = person.filter(person["mother_id"].notnull() & person["father_id"].notnull())
    case = known.rename(
        case_person="person_id", case_born="birth_date", case_mother="mother_id", case_father="father_id"
    )
    case = engine.load(_CASES, every).inner_join(case, "case_person")
    by_mother = case.inner_join(known, case["case_mother"] == known["mother_id"])
    by_father = case.inner_join(known, case["case_father"] == known["father_id"])
    pairs = ibis.union(by_mother, by_father, distinct=True)
    pairs = pairs.filter(pairs["person_id"] != pairs["case_person"])
    full = (pairs["case_mother"] == pairs["mother_id"]) & (pairs["case_father"] == pairs["father_id"])
    meant: dict[bool | str, ir.Table] = {False: pairs.filter(full), True: pairs, "only": pairs.filter(~full)}
    columns = ["case_person", "index_date", "case_born", "person_id", "birth_date"]
    chosen = engine.collect(meant[controls.half].select(*columns))
    engine.drop(_CASES)
    return chosen


def _partners(registers: Registers, every: pa.Table) -> tuple[Ints, Days, Ints]:
    """Persons asked about, date and partner, each once: a couple's spell, in the row of either, covers the date."""
    engine, couple = registers.engine, registers["couple"]
    case = engine.load(_CASES, every)
    of_case = case.inner_join(couple, case["case_person"] == couple["person_id"])
    of_case = of_case.filter((of_case["start"] <= of_case["index_date"]) & (of_case["index_date"] < of_case["stop"]))
    other = case.inner_join(couple, case["case_person"] == couple["partner_id"])
    other = other.filter((other["start"] <= other["index_date"]) & (other["index_date"] < other["stop"]))
    pairs = ibis.union(
        of_case.select("case_person", "index_date", person_id=of_case["partner_id"]),
        other.select("case_person", "index_date", "person_id"),
        distinct=True,
    )
    couples = engine.collect(pairs)
    engine.drop(_CASES)
    date = couples["index_date"].to_numpy().astype("datetime64[D]")
    return couples["case_person"].to_numpy(), date, couples["person_id"].to_numpy()


def _with_several(person: Ints, date: Days) -> Ints:
    """The pairs of person and date that occur more than once."""
    on_date, number = np.unique(person_day(person, date), return_counts=True)
    several: Ints = on_date[number > 1]
    return several


def _within(period: Period, date: Days) -> Bools:
    """Which dates lie in the period."""
    within: Bools = (np.datetime64(period.start) <= date) & (date < np.datetime64(period.stop))
    return within


def _among(rows: Sequence[Ints | Days], listed: Sequence[Ints | Days]) -> Bools:
    """Whether each row is one of those listed; both are columns, of persons or days, (n,) and (m,)."""
    columns = [
        np.concatenate([one.astype(np.int64), other.astype(np.int64)]) for one, other in zip(rows, listed, strict=True)
    ]
    code = np.unique(np.stack(columns), axis=1, return_inverse=True)[1].ravel()
    is_listed: Bools = np.isin(code[: len(rows[0])], code[len(rows[0]) :])
    return is_listed
