"""Who is under observation from when to when: residence joined into unbroken spells, from birth to death.

Every study asks for it and it takes longest of all that is asked of persons, so an import keeps it beside the tables.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

OBSERVATION = "observation"
"""The name that registers keep it under, where they do."""


def observe(residence: ir.Table, person: ir.Table, death: ir.Table | None) -> ir.Table:
    """Join spells of residence that touch or overlap, and clip them to ``[birth, death + 1 day)``.

    Parameters
    ----------
    residence : ``person_id, start, stop``
    person : ``person_id, birth_date``; who is not in it is left out
    death : ``person_id, date``

    Returns
    -------
    ``person_id, entry, exit``: no two spells of a person touch, none is empty. ``exit`` is the day after the last day.
    """
    spells = residence.filter(residence["start"] < residence["stop"]).select("person_id", "start", "stop")
    # Most persons have one spell, which needs no looking at its neighbours.
    persons = spells.group_by("person_id").agg(n=spells.count(), entry=spells["start"].min(), exit=spells["stop"].max())
    alone = persons.filter(persons["n"] == 1).select("person_id", "entry", "exit")
    several = spells.semi_join(persons.filter(persons["n"] > 1), "person_id")
    return clipped(ibis.union(alone, _joined(several)), person, death)


def _joined(spells: ir.Table) -> ir.Table:
    """Number the unbroken pieces of each person in order of time, and take each piece's ends."""
    window = {"group_by": "person_id", "order_by": ["start", "stop"]}
    reach = spells["stop"].max().over(rows=(None, -1), **window)
    marked = spells.mutate(broken=(reach.isnull() | (spells["start"] > reach)).ifelse(1, 0).cast("int64"))
    marked = marked.mutate(piece=marked["broken"].sum().over(rows=(None, 0), **window))
    pieces = marked.group_by(["person_id", "piece"]).agg(entry=marked["start"].min(), exit=marked["stop"].max())
    return pieces.select("person_id", "entry", "exit")


def clipped(spells: ir.Table, person: ir.Table, death: ir.Table | None) -> ir.Table:
    """Spells ``person_id, entry, exit`` from birth on, through the day of death.

    Other columns stay; ``since``, the beginning of what a spell is a part of, is no earlier than birth either.
    """
    begins = [name for name in ("entry", "since") if name in spells.columns]
    others = [name for name in spells.columns if name not in ("exit", *begins)]
    spells = spells.inner_join(person.select("person_id", "birth_date"), "person_id")
    stop = spells["exit"]
    if death is not None:
        # Through a timestamp, because DuckDB makes one of a date plus a day without being asked.
        after = (death["date"].min().cast("timestamp") + ibis.interval(days=1)).cast("date")
        spells = spells.left_join(death.group_by("person_id").agg(after_death=after), "person_id")
        stop = ibis.least(spells["exit"], ibis.coalesce(spells["after_death"], spells["exit"]))
    born = {name: ibis.greatest(spells[name], spells["birth_date"]) for name in begins}
    within = spells.select(*others, exit=stop, **born)
    return within.filter(within["entry"] < within["exit"])
