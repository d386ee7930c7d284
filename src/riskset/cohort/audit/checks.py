"""What the audit's checks are made of: the rows of the sets, what the registers say of them, and the findings.

Every person is looked up in the registers again, by a plain join on person and date; nothing of the sampler is used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.calendar import Days, completed_years
from riskset.cohort.eligibility import arguments_of, rules_of
from riskset.cohort.events import find_first
from riskset.cohort.hashing import Ints
from riskset.cohort.population import describe_at
from riskset.errors import SourceError
from riskset.lookup import date_of, person_day
from riskset.microdata import Microdata
from riskset.registers.registers import Registers
from riskset.results.columns import table_of
from riskset.results.notes import NOTHING, Arguments
from riskset.results.rows import AuditResult
from riskset.results.set_vocabulary import AuditCheck, Verdict
from riskset.spec.design import AtRisk

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Sets(Microdata):
    """The rows of matched sets as arrays (n,)."""

    set_id: Ints
    person_id: Ints
    case: Bools
    date: Days

    @classmethod
    def of(cls, table: pa.Table) -> Sets:
        """The rows of a table.

        Raises
        ------
        SourceError
            A column or a value is not there, or there are no rows.
        """
        for name in ("set_id", "person_id", "case", "index_date"):
            if name not in table.column_names:
                raise SourceError(f"the matched sets have no column {name!r}", remedy="add it")
            if table[name].null_count:
                raise SourceError(f"the column {name!r} of the matched sets has missing values", remedy="fill them in")
        if not len(table):
            raise SourceError("the matched sets have no rows", remedy="deliver them again")
        return cls(
            table["set_id"].cast(pa.int64()).to_numpy(),
            table["person_id"].cast(pa.int64()).to_numpy(),
            table["case"].to_numpy(zero_copy_only=False),
            table["index_date"].cast(pa.date32()).to_numpy(),
        )

    @cached_property
    def row_of_case(self) -> Ints:
        """(n,) the row of a case of the same set, -1 where the set has none."""
        rows = np.flatnonzero(self.case)
        sets, first = np.unique(self.set_id[rows], return_index=True)
        place = np.searchsorted(sets, self.set_id)
        known = np.append(sets, 0)[place] == self.set_id
        return np.where(known & (place < len(sets)), np.append(rows[first], -1)[place], -1)


@dataclass(frozen=True)
class Broken(Microdata):
    """A rule of eligibility and who (n,) breaks it; ``subject`` tells rules of one check apart."""

    check: AuditCheck
    who: Bools
    arguments: Arguments = NOTHING
    subject: str = ""


@dataclass(frozen=True)
class OnDate(Microdata):
    """What the registers say of persons on dates, as arrays (n,).

    Attributes
    ----------
    observed : alive and resident
    since : first day of the unbroken observation, NaT when not observed
    born : NaT for a person whom the registers do not know
    onset : first date of what ``free_of`` names, NaT for never
    broken : who breaks each rule of eligibility that the study has
    known : ``sex, country_of_birth`` (and ``county``) as Arrow columns
    """

    observed: Bools
    since: Days
    born: Days
    onset: Days
    broken: tuple[Broken, ...]
    known: pa.Table

    def free(self, date: Days) -> Bools:
        """Who is free of the disease through a date (n,)."""
        free: Bools = ~(self.onset <= date)
        return free

    def at_risk(self, date: Days) -> Bools:
        """Who is under observation, eligible, and free of the disease through the date (n,) that was looked up."""
        fine = self.observed & self.free(date)
        for broken in self.broken:
            fine = fine & ~broken.who
        return fine


def look_up(registers: Registers, at_risk: AtRisk, person: Ints, date: Days, *, by_county: bool = False) -> OnDate:
    """Look persons (n,) up on dates (n,), in any order and any number of times."""
    engine, rule = registers.engine, at_risk.eligibility
    first, back = np.unique(person_day(person, date), return_index=True, return_inverse=True)[1:]
    one, day = person[first], date[first]
    asked = engine.load("cohort_audit", pa.table({"person_id": one, "index_date": pa.array(day, pa.date32())}))
    known = engine.collect(describe_at(registers, asked, by_county=by_county))
    known = known.take(
        pa.array(np.argsort(person_day(known["person_id"].to_numpy(), known["index_date"].to_numpy()), kind="stable"))
    )
    rules = rules_of(registers, rule, asked)
    ill = engine.collect(find_first(registers, at_risk.free_of).semi_join(asked, "person_id"))
    washouts = [engine.collect(table) for table in rules.washouts]
    engine.drop("cohort_audit")

    observed = known["observed"].to_numpy(zero_copy_only=False)
    since, born = (known[name].to_numpy().astype("datetime64[D]") for name in ("since", "birth_date"))
    unborn = np.isnat(born)
    age = completed_years(np.where(unborn, day, born), day)
    low, high = rule.age
    broken = [Broken(AuditCheck.AGE, unborn | (age < low) | (age > high), Arguments.of(low=low, high=high))]
    recent = observed & (~(since <= rule.min_residence.before(day)) | ~(since <= rule.min_history.before(day)))
    if rules.start is not None:
        start = np.datetime64(rules.start)
        recent |= observed & (start > rule.min_history.before(day))
        if rule.run_in:
            length = Arguments.of(length=str(rule.run_in))
            broken.append(Broken(AuditCheck.RUN_IN, start > rule.run_in.before(day), length))
    if rule.min_residence or rule.min_history:
        broken.append(Broken(AuditCheck.HISTORY, recent))
    for washout, events in zip(rule.washout, washouts, strict=True):
        long_ago = np.full(len(day), "0001-01-01", "datetime64[D]")
        begin = long_ago if washout.within is None else washout.within.before(day)
        washed = _any_within(events, one, begin, day)
        named = arguments_of(washout)
        subject = ", ".join(str(value) for _, value in named.pairs if value)
        broken.append(Broken(AuditCheck.WASHOUT, washed, named, subject))
    return OnDate(
        observed[back],
        since[back],
        born[back],
        date_of(ill, one)[back],
        tuple(replace(rule, who=rule.who[back]) for rule in broken),
        known.take(pa.array(back)),
    )


class Checks:
    """The rows of the audit as they are made."""

    def __init__(self, comparison: str) -> None:
        self.comparison = comparison
        self.rows: list[AuditResult] = []

    def forbid(self, check: AuditCheck, broken: Bools, arguments: Arguments = NOTHING, subject: str = "") -> None:
        """A check that none of those looked at (n,) may fail."""
        self._add(check, broken, Verdict.VIOLATION, arguments, subject)

    def note(self, check: AuditCheck, present: Bools, arguments: Arguments = NOTHING) -> None:
        """A count that a reader should know."""
        self._add(check, present, Verdict.NOTE, arguments, "")

    def _add(self, check: AuditCheck, present: Bools, verdict: Verdict, arguments: Arguments, subject: str) -> None:
        count = int(present.sum())
        row = AuditResult(
            comparison=self.comparison,
            check=check,
            subject=subject,
            count=count,
            of=len(present),
            verdict=verdict if count else Verdict.PASS,
            arguments=arguments,
        )
        self.rows.append(row)

    def table(self) -> pa.Table:
        """The rows as ``results.tables.AUDIT``."""
        return table_of(self.rows, AuditResult)


def _any_within(events: pa.Table, person: Ints, begin: Days, end: Days) -> Bools:
    """Whether a person has a date in ``[begin, end)``."""
    pairs = np.sort(person_day(events["person_id"].to_numpy(), events["date"].to_numpy()))
    inside: Bools = np.searchsorted(pairs, person_day(person, end)) > np.searchsorted(pairs, person_day(person, begin))
    return inside
