"""The one rule that cases and candidates meet on the index date.

What depends on the date alone (the latest birth date of someone of 18, the first day of a washout) is calendar
subtraction done once per distinct date in NumPy, and joined; an engine only compares dates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from riskset.calendar import Days, born_by
from riskset.cohort.attrition import Criterion, criterion
from riskset.cohort.events import find_dates, find_events
from riskset.microdata import Microdata
from riskset.registers.registers import Registers
from riskset.results.notes import Arguments
from riskset.results.set_vocabulary import AttritionRule
from riskset.spec.design import Eligibility, Washout


@dataclass(frozen=True)
class Rules(Microdata):
    """Eligibility as conditions on rows of persons and dates.

    Attributes
    ----------
    stated : the description's part
    start : the first day of the dispensing register, where there is one and it is stated
    washouts : a table of ``person_id, date`` for each washout of ``stated``: every date if it has a length, else the
        first
    """

    stated: Eligibility
    start: date | None
    washouts: tuple[ir.Table, ...]

    @property
    def criteria(self) -> list[Criterion]:
        """Each condition of :meth:`with_rules`, in its order."""
        low, high = self.stated.age
        criteria = [criterion(AttritionRule.AGE, low=low, high=high)]
        if self.stated.min_residence:
            criteria.append(criterion(AttritionRule.RESIDENCE, length=str(self.stated.min_residence)))
        if self.stated.run_in:
            start = str(self.start or "")
            criteria.append(criterion(AttritionRule.RUN_IN, length=str(self.stated.run_in), start=start))
        if self.stated.min_history:
            criteria.append(criterion(AttritionRule.HISTORY, length=str(self.stated.min_history)))
        return criteria + [Criterion(AttritionRule.WASHOUT, arguments_of(w)) for w in self.stated.washout]

    def bounds(self, dates: Days) -> pa.Table:
        """What the conditions compare with, one row per date, in the order given.

        Parameters
        ----------
        dates : datetime64[D] (n,), index dates

        Returns
        -------
        ``born_after`` (exclusive), ``born_by``, ``resident_by``, ``history_by`` (days, inclusive), ``settled`` and
        ``covered`` (whether the register is old enough for the run-in and for the history) and ``washout_0``,
        ``washout_1``, … (first day of each window).
        """
        low, high = self.stated.age
        history_by = self.stated.min_history.before(dates)
        settled = covered = np.ones(len(dates), dtype=bool)
        if self.start is not None:
            settled = self.stated.run_in.before(dates) >= np.datetime64(self.start)
            covered = history_by >= np.datetime64(self.start)
        bounds = {
            "born_after": born_by(dates, high + 1),
            "born_by": born_by(dates, low),
            "resident_by": self.stated.min_residence.before(dates),
            "history_by": history_by,
            "settled": settled,
            "covered": covered,
        }
        for i, washout in enumerate(self.stated.washout):
            if washout.within is not None:
                bounds[f"washout_{i}"] = washout.within.before(dates)
        return pa.table(bounds)

    def with_rules(self, rows: ir.Table) -> ir.Table:
        """Add the columns ``rule_0``, ``rule_1``, … (boolean, never null), one for each of :attr:`criteria`.

        Parameters
        ----------
        rows : ``person_id, index_date, birth_date, since`` and the columns of :meth:`bounds`
        """
        rules = [ibis.coalesce(rule, ibis.literal(False)) for rule in self._compared(rows)]
        rows = rows.mutate(**{f"rule_{i}": rule for i, rule in enumerate(rules)})
        for i, dates in enumerate(self.washouts):
            key = ["person_id", "index_date"]
            hit = self._washed_out(rows, i, dates).select(*key).distinct().mutate(hit=True)
            joined = rows.left_join(hit, key).drop("person_id_right", "index_date_right")
            rows = joined.mutate(**{f"rule_{len(rules) + i}": joined["hit"].isnull()}).drop("hit")
        return rows

    def eligible(self, rows: ir.Table) -> ir.Table:
        """The rows that meet every condition; the same conditions as in :meth:`with_rules`."""
        rows = rows.filter(self._compared(rows))
        for i, dates in enumerate(self.washouts):
            rows = rows.anti_join(self._washed_out(rows, i, dates), ["person_id", "index_date"])
        return rows

    def _compared(self, rows: ir.Table) -> list[ir.BooleanValue]:
        """The conditions that compare a person's dates with bounds."""
        rules: list[ir.BooleanValue] = [
            (rows["birth_date"] > rows["born_after"]) & (rows["birth_date"] <= rows["born_by"])
        ]
        if self.stated.min_residence:
            rules.append(rows["since"] <= rows["resident_by"])
        if self.stated.run_in:
            rules.append(rows["settled"])
        if self.stated.min_history:
            rules.append((rows["since"] <= rows["history_by"]) & rows["covered"])
        return rules

    def _washed_out(self, rows: ir.Table, i: int, dates: ir.Table) -> ir.Table:
        """Person and index date of the rows with an event in the window of washout ``i``."""
        since = [] if self.stated.washout[i].within is None else [f"washout_{i}"]
        met = rows.select("person_id", "index_date", *since).inner_join(dates, "person_id")
        return met.filter(met["date"] < met["index_date"], *(met["date"] >= met[name] for name in since))


def rules_of(registers: Registers, stated: Eligibility, persons: ir.Table | None = None) -> Rules:
    """Eligibility on these registers; ``persons`` (a column ``person_id``) limits whose events are looked up."""
    start = registers.starts.get("dispensing") if "dispensing" in registers else None
    dates = [
        find_events(registers, w.event) if w.within is None else find_dates(registers, w.event) for w in stated.washout
    ]
    if persons is not None:
        dates = [table.semi_join(persons, "person_id") for table in dates]
    return Rules(stated, start, tuple(dates))


def arguments_of(washout: Washout) -> Arguments:
    """The ``event`` of a washout, its codes or diagnoses, and ``within`` what length before; "" for ever.

    What else the study says of the event stands beside it, so that no two washouts are named alike: that it is a
    dispensing or a death (``kind``), its ``registry``, ``main`` or secondary diagnoses, their ``source``, and which
    ``record`` of a person counts.
    """
    event = washout.event
    codes: Sequence[str] = event.icd10 or event.atc or event.cause or event.diagnosis
    further = {
        "kind": "death" if event.death else "dispensing" if event.atc else None,
        "registry": event.registry,
        "main": None if event.main is None else "main" if event.main else "secondary",
        "source": ", ".join(event.source) or None,
        "record": event.record if event.record > 1 else None,
    }
    stated = {name: value for name, value in further.items() if value is not None}
    return Arguments.of(event=", ".join(codes), within=str(washout.within or ""), **stated)
