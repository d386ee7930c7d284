"""Checks of matched sets, whoever drew them: at risk, eligible, alike, free of the disease, drawn once.

Every row is looked up in the registers again, by a plain join on person and date; nothing of the sampler is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskset.calendar import Days, completed_years
from riskset.cohort.cases import Cases, find_cases
from riskset.cohort.eligibility import describe, rules_of
from riskset.cohort.events import find_first
from riskset.cohort.hashing import Ints
from riskset.cohort.population import describe_at
from riskset.errors import DesignError, SourceError
from riskset.registers.registers import Registers
from riskset.results.tables import AUDIT, rows_to_table
from riskset.spec.design import Controls, PopulationControls
from riskset.spec.study import Study

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class _Sets:
    """The rows of the sets as arrays, all of one length."""

    set_id: Ints
    person_id: Ints
    case: Bools
    date: Days


def audit_sets(
    registers: Registers, study: Study, sets: pa.Table, controls: PopulationControls, cases: Cases | None = None
) -> pa.Table:
    """Check matched sets against the registers.

    Parameters
    ----------
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
        The sets lack a column or a value, or there are none.
    """
    rows = _read(sets)
    checks = _Checks(controls.comparison)
    _check_persons(checks, registers, study, controls, rows)
    _check_sets(checks, controls, rows)
    _check_cases(checks, registers, study, rows, cases)
    return checks.table()


def estimand(controls: Controls, audit: pa.Table | None = None) -> str:
    """What the odds ratio from these sets estimates, in one line to stand beside it.

    Parameters
    ----------
    controls : the design
    audit : the result of :func:`audit_sets` for these sets; None when they were not audited
    """
    if controls.kind == "siblings":
        return "OR compares a case with siblings at risk: confounding that the family shares is removed, no other"
    if controls.kind == "spouses":
        return (
            "OR compares a case with the partner on the index date: what the household shares is removed, nothing else"
        )
    if audit is None:
        return "OR of matched sets that were not audited: whether it estimates the hazard ratio is not known"
    broken = audit.filter(pc.equal(audit["verdict"], "violation"))["check"].to_pylist()
    if broken:
        return f"OR of matched sets that break the design ({'; '.join(broken)}): it need not estimate the hazard ratio"
    if not controls.replacement:
        return (
            "OR approximates the time-averaged hazard ratio: each control serves once, so later sets are drawn from "
            "risk sets without those who served before"
        )
    return (
        "OR estimates the time-averaged hazard ratio: incidence-density sampling, with replacement across sets, audited"
    )


class _Checks:
    """The rows of the audit as they are made."""

    def __init__(self, comparison: str) -> None:
        self.comparison = comparison
        self.rows: list[dict[str, Any]] = []

    def forbid(self, check: str, broken: Bools, meaning: str) -> None:
        """A check that no row or set may fail."""
        self._add(check, broken, "violation", meaning)

    def note(self, check: str, present: Bools, meaning: str) -> None:
        """A count that a reader should know."""
        self._add(check, present, "note", meaning)

    def _add(self, check: str, present: Bools, verdict: str, meaning: str) -> None:
        count = int(present.sum())
        self.rows.append(
            {
                "comparison": self.comparison,
                "check": check,
                "count": count,
                "of": len(present),
                "verdict": verdict if count else "pass",
                "meaning": meaning,
            }
        )

    def table(self) -> pa.Table:
        return rows_to_table(self.rows, AUDIT)


def _read(sets: pa.Table) -> _Sets:
    for name in ("set_id", "person_id", "case", "index_date"):
        if name not in sets.column_names:
            raise SourceError(f"the matched sets have no column {name!r}", remedy="add it")
        if sets[name].null_count:
            raise SourceError(f"the column {name!r} of the matched sets has missing values", remedy="fill them in")
    if not len(sets):
        raise SourceError("the matched sets have no rows", remedy="deliver them again")
    return _Sets(
        sets["set_id"].cast(pa.int64()).to_numpy(),
        sets["person_id"].cast(pa.int64()).to_numpy(),
        sets["case"].to_numpy(zero_copy_only=False),
        sets["index_date"].cast(pa.date32()).to_numpy(),
    )


def _check_persons(
    checks: _Checks, registers: Registers, study: Study, controls: PopulationControls, rows: _Sets
) -> None:
    """What must hold for each person on the index date."""
    engine, rule = registers.engine, study.eligibility
    pair, back = np.unique(_pair(rows.person_id, rows.date), return_inverse=True)
    first = np.zeros(len(pair), dtype=np.int64)
    first[back] = np.arange(len(back))
    person, date = rows.person_id[first], rows.date[first]
    asked = engine.load("cohort_audit", pa.table({"person_id": person, "index_date": date}))
    known = engine.collect(describe_at(registers, asked, by_county="county" in controls.match))
    known = known.take(pa.array(np.argsort(_pair(known["person_id"].to_numpy(), known["index_date"].to_numpy()))))
    rules = rules_of(registers, rule, asked)
    ill = engine.collect(find_first(registers, study.cases.freedom()).semi_join(asked, "person_id"))
    washouts = [engine.collect(table) for table in rules.washouts]
    engine.drop("cohort_audit")

    observed = known["observed"].to_numpy(zero_copy_only=False)
    checks.forbid("not under observation", ~observed[back], "persons not alive and resident on the index date")
    since, born = known["since"].to_numpy(), known["birth_date"].to_numpy()
    unborn = np.isnat(born)
    age = completed_years(np.where(unborn, date, born), date)
    outside = unborn | (age < rule.age[0]) | (age > rule.age[1])
    checks.forbid("age", outside[back], f"persons younger than {rule.age[0]} or older than {rule.age[1]} years")
    recent = ~(since <= rule.min_residence.before(date)) | ~(since <= rule.min_history.before(date))
    if rules.start is not None:
        start = np.datetime64(rules.start)
        recent |= start > rule.min_history.before(date)
        if rule.run_in:
            early = start > rule.run_in.before(date)
            said = f"index dates less than {rule.run_in.words()} after the register's start"
            checks.forbid("run-in", early[back], said)
    if rule.min_residence or rule.min_history:
        checks.forbid("history", recent[back] & observed[back], "persons with too short a residence or history")
    for washout, found in zip(rule.washout, washouts, strict=True):
        begin = (
            np.full(len(date), "0001-01-01", "datetime64[D]") if washout.within is None else washout.within.before(date)
        )
        washed = _any_within(found, person, begin, date)
        checks.forbid(f"washout: {describe(washout)}", washed[back], "persons with the event that excludes them")

    onset = _date_of(ill, person)
    checks.forbid(
        "control with the disease", ((onset <= date)[back])[~rows.case], "controls who had it on or before the date"
    )
    checks.note(
        "future case as control", ((onset > date)[back])[~rows.case], "controls who get it later; as it should be"
    )
    _check_keys(checks, controls, rows, known, back)


def _check_keys(checks: _Checks, controls: PopulationControls, rows: _Sets, known: pa.Table, back: Ints) -> None:
    """Whether controls share the case's matching keys."""
    case_rows = np.flatnonzero(rows.case)
    set_of_case, first = np.unique(rows.set_id[case_rows], return_index=True)
    place = np.searchsorted(set_of_case, rows.set_id)
    has_case = np.isin(rows.set_id, set_of_case)
    partner = case_rows[first[np.minimum(place, max(len(first) - 1, 0))]] if len(first) else np.arange(len(place))
    for key in controls.match:
        column = pc.year(known["birth_date"]) if key == "birth_year" else known[key]
        code = pc.fill_null(column.combine_chunks().dictionary_encode().indices, -1).to_numpy()[back]
        differs = (code != code[partner]) | (code < 0)
        checks.forbid(f"{key} differs", (differs & has_case)[~rows.case], f"controls whose {key} is not the case's")


def _check_sets(checks: _Checks, controls: PopulationControls, rows: _Sets) -> None:
    """What must hold for each set."""
    set_id, back = np.unique(rows.set_id, return_inverse=True)
    n_cases = np.bincount(back[rows.case], minlength=len(set_id))
    n_controls = np.bincount(back[~rows.case], minlength=len(set_id))
    checks.forbid("set without a case", n_cases == 0, "sets that have controls only")
    checks.forbid("several cases in a set", n_cases > 1, "sets with more than one case")
    dates = rows.date.astype(np.int64)
    order = np.argsort(back, kind="stable")
    begins = np.searchsorted(back[order], np.arange(len(set_id)))
    spread = np.maximum.reduceat(dates[order], begins) - np.minimum.reduceat(dates[order], begins)
    checks.forbid("several dates in a set", spread > 0, "sets whose members have different index dates")

    order = np.lexsort((rows.case, rows.person_id, rows.set_id))
    again = (np.diff(rows.set_id[order]) == 0) & (np.diff(rows.person_id[order]) == 0)
    case_of_pair = rows.case[order][1:]
    checks.forbid("person twice in a set", np.append(again & ~case_of_pair, False), "controls drawn twice for one case")
    checks.forbid("case as its own control", np.append(again & case_of_pair, False), "cases among their own controls")

    used = np.unique(np.stack([rows.person_id[~rows.case], rows.set_id[~rows.case]]), axis=1)[0]
    serves = np.unique(used, return_counts=True)[1] > 1
    if controls.replacement:
        checks.note("control in several sets", serves, "persons who serve more than once; as it should be")
    else:
        checks.forbid(
            "control in several sets", serves, "persons who serve more than once in a design without replacement"
        )
    checks.note(
        "short set", (n_controls > 0) & (n_controls < controls.ratio), f"sets with fewer than {controls.ratio} controls"
    )
    checks.forbid("set too large", n_controls > controls.ratio, f"sets with more than {controls.ratio} controls")
    checks.note("set without a control", n_controls == 0, "sets of a case alone, which say nothing")


def _check_cases(checks: _Checks, registers: Registers, study: Study, rows: _Sets, cases: Cases | None) -> None:
    """Whether the cases of the sets are the cases of the study."""
    try:
        table = (cases or find_cases(registers, study)).table
        ours = _pair(table["person_id"].to_numpy(), table["index_date"].to_numpy())
    except DesignError:
        ours = np.empty(0, dtype=np.int64)
    theirs = _pair(rows.person_id[rows.case], rows.date[rows.case])
    checks.forbid("not a case of the study", ~np.isin(theirs, ours), "cases whom the description does not make cases")
    checks.note("case without a set", ~np.isin(ours, theirs), "cases of the study that are in no set")


def _pair(person_id: Ints, date: Days) -> Ints:
    """One integer for a person and a day."""
    return person_id.astype(np.int64) * 2**24 + (date.astype("datetime64[D]").astype(np.int64) + 2**23)


def _date_of(found: pa.Table, person: Ints) -> Days:
    """The one date of each person, NaT for who has none."""
    dates = np.full(len(person), "NaT", "datetime64[D]")
    if len(found):
        found = found.sort_by("person_id")
        ids = found["person_id"].to_numpy()
        place = np.minimum(np.searchsorted(ids, person), len(ids) - 1)
        has = ids[place] == person
        dates[has] = found["date"].to_numpy()[place[has]]
    return dates


def _any_within(found: pa.Table, person: Ints, begin: Days, end: Days) -> Bools:
    """Whether a person has a date in ``[begin, end)``."""
    pairs = np.sort(_pair(found["person_id"].to_numpy(), found["date"].to_numpy()))
    inside: Bools = np.searchsorted(pairs, _pair(person, end)) > np.searchsorted(pairs, _pair(person, begin))
    return inside
