"""What a quality register says of patients: which register counts, and the first day of an item in it.

The onset that ends a set's windows, begins a follow-up and measures a diagnostic delay is one and the same.
"""

from __future__ import annotations

import ibis.expr.types as ir

from riskset.cohort.not_made import NotMade
from riskset.cohort.shared import shared_names
from riskset.registers.registers import Registers
from riskset.results.notes import NoteCode, note


def items_of(registers: Registers, name: str, register: str | None) -> ir.Table:
    """The items of a name in one quality register: ``Study.quality_register``, else the only one that holds such items.

    Raises
    ------
    DesignError
        None is named, and several registers hold such items: the earliest of them all would mix registers.
    """
    items = registers["registry_item"]
    named = items.filter(items["name"] == name)
    if register:
        return named.filter(named["registry"] == register)
    held = registers.engine.collect(named.select("registry").distinct())["registry"].to_pylist()
    if len(held) > 1:
        names = shared_names(registers, named, "registry")
        which, first = names if len(names) > 1 else [], names[0] if names else "…"
        several = " and ".join(which) or "several registers"
        raise NotMade(
            f"{several} all hold {name.replace('_', ' ')} and the cases come from no register",
            note(NoteCode.SEVERAL_REGISTERS, registers=tuple(which), item=name, first=first),
            where="prognosis.registry",
            remedy=f'say which one counts: registry = "{first}" under [prognosis], or let the cases come from it '
            "(cases.first)",
        )
    return named


def first_days(registers: Registers, name: str, register: str | None) -> ir.Table:
    """The first day of an item for each person who has one, in the one register that counts: ``person_id, date``.

    Raises
    ------
    DesignError
        As `items_of`.
    """
    return items_of(registers, name, register).group_by("person_id").agg(date=lambda rows: rows["date"].min())
