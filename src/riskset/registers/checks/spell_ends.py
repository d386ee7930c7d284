"""What is told of the ends of spells: whether `stop` is the last day where it is read as the day after, or the reverse.

One day too few parts spells that touch, and takes the day of death from the person; one too many makes spells overlap.
"""

from __future__ import annotations

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from riskset.registers.checks.checked_columns import REASON
from riskset.registers.checks.rule import after
from riskset.registers.engines.duckdb import DuckDB
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.rows import QualityRow

_MANY = 10
"""So few spells may end on the day that they end on by chance."""
_WEEK = 7
"""Ends are held against those that lie no further off: by chance one in eight of these is the one asked about."""


def told_of_ends(
    engine: DuckDB, name: str, rows: ir.Table, overlapping: int, people: ir.Table, of: int
) -> Iterator[QualityRow]:
    """Most successive spells of a person leave one day between them, or share one; or most end the day before death.

    Most is more than half of those that begin, or of the dead end, within a week about that day.

    Parameters
    ----------
    name : the canonical table
    rows : its rows, with `reason`
    overlapping : the reason of those set aside because they overlap
    people : person_id, died
    of : how many rows were delivered
    """
    spells = rows.filter(rows[REASON].isin((0, overlapping)))
    n = _between(engine, spells, overlapping)
    if _most(n["apart"], n["near"]):
        yield QualityRow.counted(name, QualityRule.A_DAY_BETWEEN, n["apart"], of, QualityAction.KEPT)
    if _most(n["shared"], n["near"]):
        action = QualityAction.QUARANTINED if n["aside"] else QualityAction.KEPT
        yield QualityRow.counted(name, QualityRule.A_DAY_SHARED, n["aside"] or n["shared"], of, action)
    if name == "residence":
        n = _at_death(engine, spells, people)
        if _most(n["before"], n["near"]):
            yield QualityRow.counted(name, QualityRule.ENDS_BEFORE_DEATH, n["before"], of, QualityAction.KEPT)


def _most(n: int, near: int) -> bool:
    return n >= _MANY and 2 * n > near


def _between(engine: DuckDB, spells: ir.Table, overlapping: int) -> dict[str, int]:
    """Spells after one of the person: one day apart from it, with a day of it, and within a week of its end."""
    ended = spells["stop"].lag().over(ibis.window(group_by=spells["person_id"], order_by=spells["start"]))
    spells = spells.select("start", REASON, ended=ended)
    spells = spells.filter(spells["start"].between(after(spells["ended"], -_WEEK), after(spells["ended"], _WEEK)))
    shared = after(spells["start"], 1) == spells["ended"]
    counts = {
        "near": spells.count(),
        "apart": (spells["start"] == after(spells["ended"], 1)).sum(),
        "shared": shared.sum(),
        "aside": (shared & (spells[REASON] == overlapping)).sum(),
    }
    return _counted(engine, spells, counts)


def _at_death(engine: DuckDB, spells: ir.Table, people: ir.Table) -> dict[str, int]:
    """Spells of the dead that end within a week of their death, and those whose last day is the one before."""
    dead = people.filter(people["died"].notnull() & people["person_id"].notnull()).select("person_id", "died")
    ends = spells.inner_join(dead, "person_id")
    ends = ends.filter(ends["stop"].between(after(ends["died"], 1 - _WEEK), after(ends["died"], 1 + _WEEK)))
    return _counted(engine, ends, {"near": ends.count(), "before": (ends["stop"] == ends["died"]).sum()})


def _counted(engine: DuckDB, rows: ir.Table, counts: dict[str, ir.Scalar]) -> dict[str, int]:
    [n] = engine.collect(rows.agg(**counts)).to_pylist()
    return {name: number or 0 for name, number in n.items()}
