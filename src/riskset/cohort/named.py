"""Registers and diagnoses that a study asks for by name, held against those that there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from riskset.cohort.shared import shared_names
from riskset.errors import DesignError, several
from riskset.registers.registers import Registers
from riskset.registers.schema import DIAGNOSIS_OF_REGISTRY
from riskset.spec.check import NameWanted, events_of, names_wanted
from riskset.spec.complaints import among, shown
from riskset.spec.design import Event
from riskset.spec.spelling import near
from riskset.spec.study import Study


def refuse_unnamed(registers: Registers, study: Study) -> None:
    """Refuse a study that names a register, a measurement or a diagnosis of which there is no row, before it is run.

    Else a misspelt name would make nobody a case, exclude nobody, or leave out part of the prognosis after hours. A
    diagnosis that nobody has is refused only where it is a spelling of one that the register has: it may be rare.

    Raises
    ------
    DesignError
        Names each that is not there, and those that there are and several persons share.
    """
    errors = [*_names_not_there(registers, names_wanted(study)), *_misspelt_diagnoses(registers, study)]
    if errors:
        raise several(errors)


_REFUSED = {("registry_item", "registry"): "quality register", ("measurement", "name"): "measurement"}
"""The columns whose names a study must have rows of, and what they name."""


def _names_not_there(registers: Registers, wanted: Sequence[NameWanted]) -> Iterator[DesignError]:
    for (table, column), what in _REFUSED.items():
        asked = [name for name in wanted if (name.table, name.column) == (table, column)]
        if not asked or table not in registers:
            continue
        held = registers.engine.collect(registers[table].select(column).distinct())[column].to_pylist()
        shared = shared_names(registers, registers[table], column)
        for name in (name for name in asked if name.value not in held):
            remedy = among(name.value, shared) if shared else f"see what the column {column} of {table} holds"
            yield DesignError(f"there is no {what} {shown(name.value)}", where=name.wanted_by, remedy=remedy)


def _misspelt_diagnoses(registers: Registers, study: Study) -> Iterator[DesignError]:
    if "registry_item" not in registers:
        return
    for event, place in events_of(study):
        there = diagnoses_there(registers, event) if event.diagnosis else []
        for diagnosis in event.diagnosis:
            meant = near(diagnosis, there)
            if meant and diagnosis not in there and meant not in event.diagnosis:
                yield DesignError(
                    f"nobody in the register {event.registry} has the diagnosis {shown(diagnosis)}",
                    where=f"{place}.diagnosis",
                    remedy=among(diagnosis, there),
                )


def diagnoses_there(registers: Registers, event: Event) -> list[str]:
    """The diagnoses that a quality register has, for a message: those that several persons share."""
    items = registers["registry_item"]
    diagnoses = items.filter((items["registry"] == event.registry) & (items["name"] == DIAGNOSIS_OF_REGISTRY))
    return shared_names(registers, diagnoses, "text")
