"""Registers and diagnoses that a study asks for by name, held against those that there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ibis.expr.types as ir

from riskset.cohort.shared import shared_names, shared_texts
from riskset.errors import DesignError, several
from riskset.registers.checks.near_names import meant_name
from riskset.registers.delivered.heading import is_name
from riskset.registers.registers import Registers
from riskset.registers.schema import DIAGNOSIS_OF_REGISTRY
from riskset.spec.asked import events_of
from riskset.spec.check import NameWanted, names_wanted
from riskset.spec.complaints import among, shown
from riskset.spec.design import Event
from riskset.spec.spelling import near
from riskset.spec.study import Study


def refuse_unnamed(registers: Registers, study: Study) -> None:
    """Refuse a study that asks by a name for what no row has, before it is run.

    Else a misspelt name would make nobody a case, exclude nobody, or leave out part of the prognosis after hours. A
    quality register, its item of diagnoses, a measurement and one at least of the sources of an event must be there. A
    diagnosis that nobody has, an item or a procedure may be rare: refused is only one that rows spell otherwise.

    Raises
    ------
    DesignError
        Names each that is not there, and those that there are and several persons share.
    """
    wanted = names_wanted(study)
    errors = [
        *_names_not_there(registers, wanted),
        *_registers_without_diagnoses(registers, study),
        *_sources_not_there(registers, wanted),
        *_otherwise_spelt(registers, wanted),
        *_misspelt_diagnoses(registers, study),
    ]
    if errors:
        raise several(errors)


_REFUSED = {("registry_item", "registry"): "quality register", ("measurement", "name"): "measurement"}
"""The columns whose names a study must have rows of, and what they name."""


def _names_not_there(registers: Registers, wanted: Sequence[NameWanted]) -> Iterator[DesignError]:
    for (table, column), what in _REFUSED.items():
        asked = _asked(registers, wanted, table, column)
        held = texts_held(registers, registers[table], column) if asked else []
        for name in (name for name in asked if name.value not in held):
            shared = shared_names(registers, registers[table], column)
            remedy = among(name.value, shared) if shared else f"see what the column {column} of {table} holds"
            yield DesignError(f"there is no {what} {shown(name.value)}", where=name.wanted_by, remedy=remedy)


def _asked(registers: Registers, wanted: Sequence[NameWanted], table: str, column: str) -> list[NameWanted]:
    return [name for name in wanted if (name.table, name.column) == (table, column) and table in registers]


def texts_held(registers: Registers, rows: ir.Table, column: str) -> list[str]:
    """The texts of a column, each once."""
    texts: list[str] = registers.engine.collect(rows.select(column).distinct())[column].to_pylist()
    return sorted(text for text in texts if text)


def _registers_without_diagnoses(registers: Registers, study: Study) -> Iterator[DesignError]:
    """Events of a quality register that has other items alone: nobody could have them."""
    if "registry_item" not in registers:
        return
    items = registers["registry_item"]
    events = [(event, place) for event, place in events_of(study) if event.registry]
    with_diagnoses = texts_held(registers, items.filter(items["name"] == DIAGNOSIS_OF_REGISTRY), "registry")
    held = texts_held(registers, items, "registry")
    for event, place in events:
        if event.registry in held and event.registry not in with_diagnoses:
            there = shared_names(registers, items.filter(items["registry"] == event.registry), "name")
            yield DesignError(
                f"the register {event.registry} has no item {DIAGNOSIS_OF_REGISTRY}",
                where=f"{place}.registry",
                remedy=_in_sources(among(DIAGNOSIS_OF_REGISTRY, there) if there else "see its items", "name"),
            )


def _in_sources(what: str, column: str) -> str:
    return f"{what}; say what they mean under values of {column} in sources.toml"


def _sources_not_there(registers: Registers, wanted: Sequence[NameWanted]) -> Iterator[DesignError]:
    asked = _asked(registers, wanted, "diagnosis", "source")
    held = texts_held(registers, registers["diagnosis"], "source") if asked else []
    lacking: dict[str, DesignError] = {}
    for name in asked:
        sources = (name.value, *name.others)
        if held and not set(sources).intersection(held):
            what = f"no diagnosis is from the source {' or '.join(shown(one) for one in sources)}"
            remedy = among(name.value, held)
            lacking.setdefault(name.wanted_by, DesignError(what, where=name.wanted_by, remedy=remedy))
    yield from lacking.values()


def _otherwise_spelt(registers: Registers, wanted: Sequence[NameWanted]) -> Iterator[DesignError]:
    """Items and procedures that no row has, and some have in another spelling."""
    for table, column in (("registry_item", "name"), ("procedure", "code")):
        asked = _asked(registers, wanted, table, column)
        held = texts_held(registers, registers[table], column) if asked else []
        for name in (name for name in asked if name.value not in held):
            spelt = [text for text in held if meant_name(text, [name.value])]
            if spelt:
                quoted = " and ".join(shown(text) for text in spelt)
                yield DesignError(
                    f"no row of {table} has the {column} {shown(name.value)}",
                    where=name.wanted_by,
                    remedy=_in_sources(f"there is {quoted}", column),
                )


def _misspelt_diagnoses(registers: Registers, study: Study) -> Iterator[DesignError]:
    if "registry_item" not in registers:
        return
    for event, place in events_of(study):
        held = texts_held(registers, _diagnoses(registers, event), "text") if event.diagnosis else []
        for diagnosis in (one for one in event.diagnosis if one not in held):
            meant = near(diagnosis, held)
            if meant and meant not in event.diagnosis:
                yield DesignError(
                    f"nobody in the register {event.registry} has the diagnosis {shown(diagnosis)}",
                    where=f"{place}.diagnosis",
                    remedy=_among_shared(registers, event, diagnosis),
                )


def _among_shared(registers: Registers, event: Event, diagnosis: str) -> str:
    """What a diagnosis was meant for, and those that there are, as far as several persons share them."""
    there = diagnoses_there(registers, event)
    if there and near(diagnosis, there):
        return among(diagnosis, there)
    meant = near(diagnosis, shared_texts(registers, _diagnoses(registers, event), "text"))
    if meant and is_name(meant):
        return f"did you mean {meant!r}?"
    return "few have one that is spelt much like it: see what the column text of its diagnoses holds"


def diagnoses_there(registers: Registers, event: Event) -> list[str]:
    """The diagnoses that a quality register has, for a message: those that several persons share."""
    return shared_names(registers, _diagnoses(registers, event), "text")


def _diagnoses(registers: Registers, event: Event) -> ir.Table:
    items = registers["registry_item"]
    return items.filter((items["registry"] == event.registry) & (items["name"] == DIAGNOSIS_OF_REGISTRY))
