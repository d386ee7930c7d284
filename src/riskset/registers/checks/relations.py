"""What is told of families: halves of couples that say different things, and parents who were dead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import ibis.expr.types as ir

from riskset.errors import QualityError
from riskset.registers.checks.rule import after
from riskset.registers.engines.duckdb import DuckDB
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.rows import QualityRow

_HALF = 0.5
"""The share of couples that may lack a half whatever the tolerance: partners may live abroad, and be in no register."""
_PREGNANCY = 310
"""Days: a father may have died so long before the birth."""


def told_of_couples(
    engine: DuckDB, kept: ir.Table, of: int, persons: ir.Table, tolerated: float, where: str, *, in_memory: bool
) -> Iterator[QualityRow]:
    """Spells of which the partner has none with the person, or other days in unions of that kind; and those of kin.

    What is compared are the days, so that it is one whether a half is delivered in one spell or in several that touch.

    Raises
    ------
    QualityError
        More spells than tolerated, and more than half, are delivered for one of the two.
    """
    mine = _unbroken(kept.mutate(kind=kept["kind"].fill_null("")))
    theirs = mine.select("start", "stop", "kind", person_id=mine["partner_id"], partner_id=mine["person_id"])
    lone = mine.anti_join(theirs, ["person_id", "partner_id", "start", "stop", "kind"])
    other = theirs.rename(began="start", ended="stop", as_kind="kind")
    pair: Any = [lone["person_id"] == other["person_id"], lone["partner_id"] == other["partner_id"]]
    disagree = lone.semi_join(other, [*pair, lone["start"] < other["ended"], other["began"] < lone["stop"]])
    spells = lone.agg(lone=lone["spells"].sum()).cross_join(disagree.agg(disagree=disagree["spells"].sum()))
    [n] = [{what: number or 0 for what, number in row.items()} for row in engine.collect(spells).to_pylist()]
    _refuse_halves(n["lone"] - n["disagree"], of, max(tolerated, _HALF), where, in_memory=in_memory)
    counts = {
        QualityRule.HALF_A_COUPLE: n["lone"] - n["disagree"],
        QualityRule.HALVES_DISAGREE: n["disagree"],
        QualityRule.PARTNER_OF_KIN: _of_kin(engine, kept, persons),
    }
    for rule, rows in counts.items():
        if rows:
            yield QualityRow.counted("couple", rule, rows, of, QualityAction.KEPT)


def _unbroken(couples: ir.Table) -> ir.Table:
    """Spells of one couple in one kind of union that touch or overlap, joined; `spells`: how many each is made of."""
    union = ["person_id", "partner_id", "kind"]
    window = {"group_by": union, "order_by": ["start", "stop"]}
    reach = couples["stop"].max().over(rows=(None, -1), **window)
    begins = couples.mutate(begins=(reach.isnull() | (couples["start"] > reach)).ifelse(1, 0).cast("int64"))
    pieces = begins.mutate(piece=begins["begins"].sum().over(rows=(None, 0), **window))
    ends = {"start": pieces["start"].min(), "stop": pieces["stop"].max(), "spells": pieces.count()}
    return pieces.group_by([*union, "piece"]).agg(**ends)


def _of_kin(engine: DuckDB, kept: ir.Table, persons: ir.Table) -> int:
    """The spells of a person with a parent or a child."""
    linked = persons.filter(persons["mother_id"].notnull() | persons["father_id"].notnull())
    pairs = [linked.select(child="person_id", parent=parent) for parent in ("mother_id", "father_id")]
    turned = [pair.select(child="parent", parent="child") for pair in pairs]
    kin = ibis.union(*pairs, *turned, distinct=False)
    of_kin = kept.semi_join(kin, [kept["person_id"] == kin["child"], kept["partner_id"] == kin["parent"]])
    n: int = engine.collect(of_kin.agg(n=of_kin.count()))["n"][0].as_py()
    return n


def _refuse_halves(n: int, of: int, tolerated: float, where: str, *, in_memory: bool) -> None:
    if n <= tolerated * of:
        return
    raise QualityError(
        f"{n:,} of {of:,} rows are wrong ({QualityRule.HALF_A_COUPLE}: {n:,}), more than the tolerated share of "
        f"{tolerated:g}",
        where=where,
        remedy="where each is delivered once, "
        + ("add the rows" if in_memory else "map the file")
        + " a second time with person_id and partner_id exchanged",
    )


def told_of_parents(engine: DuckDB, deaths: ir.Table, of: int, persons: ir.Table) -> Iterator[QualityRow]:
    """Deaths of mothers before the birth of a child of theirs, and of fathers longer before it than a pregnancy."""
    late = []
    for parent, days in (("mother_id", 0), ("father_id", _PREGNANCY)):
        children = persons.filter(persons[parent].notnull()).select(parent=persons[parent], born=persons["birth_date"])
        youngest = children.group_by("parent").agg(born=children["born"].max())
        met = deaths.inner_join(youngest, deaths["person_id"] == youngest["parent"])
        late.append(met.filter(after(met["date"], days) < met["born"]).select("person_id"))
    dead = ibis.union(*late, distinct=True)
    n = engine.collect(dead.agg(n=dead.count()))["n"][0].as_py()
    if n:
        yield QualityRow.counted("death", QualityRule.DIED_BEFORE_CHILD, n, of, QualityAction.KEPT)
