"""What happened to whom and when."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from riskset.lookup import has_prefix
from riskset.registers.registers import Registers
from riskset.registers.schema import DIAGNOSIS_OF_REGISTRY
from riskset.spec.design import Event


def find_dates(registers: Registers, event: Event) -> ir.Table:
    """Every date on which an event stands fulfilled: each distinct date from the ``record``-th on.

    Returns
    -------
    A table of ``person_id, date``, no row twice.

    Raises
    ------
    SourceError
        The register that the event lives in is not delivered.
    """
    dates = _rows(registers, event).select("person_id", "date").distinct()
    if event.record == 1:
        return dates
    number = ibis.row_number().over(group_by="person_id", order_by="date").cast("int64")
    numbered = dates.mutate(number=number)
    return numbered.filter(numbered["number"] >= event.record - 1).select("person_id", "date")


def find_events(registers: Registers, event: Event) -> ir.Table:
    """The date of an event: each person's ``record``-th distinct date, one row a person who has so many.

    Returns
    -------
    A table of ``person_id, date``.
    """
    return find_dates(registers, event).group_by("person_id").agg(date=lambda rows: rows["date"].min())


def find_first(registers: Registers, events: Sequence[Event]) -> ir.Table:
    """The earliest date of any of several events, one row a person who has one.

    Returns
    -------
    A table of ``person_id, date``.
    """
    dates = [find_events(registers, event) for event in events]
    if len(dates) == 1:
        return dates[0]
    return ibis.union(*dates).group_by("person_id").agg(date=lambda rows: rows["date"].min())


def _rows(registers: Registers, event: Event) -> ir.Table:
    """The rows of the register that the event names."""
    if event.registry is not None:
        items = registers["registry_item"]
        kept = (items["registry"] == event.registry) & (items["name"] == DIAGNOSIS_OF_REGISTRY)
        if event.diagnosis:
            kept &= items["text"].isin(event.diagnosis)
        return items.filter(kept)
    if event.atc:
        dispensing = registers["dispensing"]
        return dispensing.filter(has_prefix(dispensing["atc"], event.atc))
    if event.death:
        death = registers["death"]
        return death.filter(has_prefix(death["cause"], event.cause)) if event.cause else death
    diagnosis = registers["diagnosis"]
    kept = (diagnosis["system"] == "icd10") & has_prefix(diagnosis["code"], event.icd10)
    if event.source:
        kept &= diagnosis["source"].isin(event.source)
    if event.main is not None:
        kept &= diagnosis["main"] == event.main
    return diagnosis.filter(kept)
