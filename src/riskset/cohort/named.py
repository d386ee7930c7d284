"""Registers and diagnoses that a study asks for by name, held against those that there are."""

from __future__ import annotations

import ibis.expr.types as ir

from riskset.errors import DesignError, several
from riskset.registers.delivered.heading import named
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.registers.schema import DIAGNOSIS_OF_REGISTRY
from riskset.spec.check import events_of
from riskset.spec.complaints import shown
from riskset.spec.design import Event
from riskset.spec.study import Study

SHARED = 5
"""A text of a register that fewer persons have is not told: it may be of one of them, or the wrong column is mapped."""


def refuse_unnamed(registers: Registers, study: Study) -> None:
    """Refuse a study that names a quality register of which there is no row, as case, washout or freedom from disease.

    Else a misspelt name would make nobody a case, or exclude nobody.

    Raises
    ------
    DesignError
        Names each such register, and those that there are and several persons have.
    """
    asked = [(event.registry, place) for event, place in events_of(study) if event.registry]
    asked += [(p.registry, "prognosis") for p in [study.prognosis] if p is not None and p.registry]
    if not asked or "registry_item" not in registers:
        return
    items = registers["registry_item"]
    there = registers.engine.collect(items.select("registry").distinct())["registry"].to_pylist()
    missing = {place: name for name, place in asked if name not in there}
    if missing:
        names = shared_names(registers.engine, items, "registry")
        remedy = f"there are {names}" if names else "see what the column registry of registry_item holds"
        raise several(
            [
                DesignError(f"there is no quality register {shown(name)}", where=f"{place}.registry", remedy=remedy)
                for place, name in missing.items()
            ]
        )


def diagnoses_there(registers: Registers, event: Event) -> str:
    """The diagnoses that a quality register has, for a message: those that several persons share."""
    items = registers["registry_item"]
    diagnoses = items.filter((items["registry"] == event.registry) & (items["name"] == DIAGNOSIS_OF_REGISTRY))
    return shared_names(registers.engine, diagnoses, "text")


def shared_names(engine: Engine, rows: ir.Table, column: str) -> str:
    """The texts of a column that several persons share, for a message; empty where one of them is no name."""
    shared = rows.group_by(column).agg(persons=rows["person_id"].nunique())
    texts = engine.collect(shared.filter(shared["persons"] >= SHARED))[column].to_pylist()
    return named([text for text in texts if text])
