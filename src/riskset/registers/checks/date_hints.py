"""What is said of dates that cannot be read, where so many cannot that the import is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from riskset.registers.checks.checked import Checked
from riskset.registers.checks.checked_columns import DELIVERED_CELL, REASON
from riskset.registers.checks.misread_dates import Column, why_misread
from riskset.registers.delivered.source import TableMap
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.schema import DAY, TABLES
from riskset.results.quality_vocabulary import QualityRule

_SEEN = 20_000
"""So many distinct cells are looked at, the most common first."""


def formats_of(maps: Iterable[TableMap]) -> dict[str, list[str]]:
    """How the dates of each canonical column are declared to be written, by each mapping of its table."""
    written: dict[str, list[str]] = {}
    for mapped in maps:
        for name, where in mapped.columns.items():
            if where.constant is None:
                written.setdefault(name, []).append(where.written)
    return written


def with_date_hints(
    engine: DuckDB,
    checked: Checked,
    declared: Mapping[str, Sequence[str]],
    latest: date,
    *,
    tolerance: float,
    in_memory: bool = False,
) -> Checked:
    """A checked table with a hint for each of its dates that cannot be read, where it will be refused.

    Parameters
    ----------
    declared : canonical column → how its dates are declared to be written, by each mapping
    latest : the last day that a fact may have
    tolerance : the share of its rows that may be set aside
    in_memory : whether it is a frame without a mapping
    """
    if not checked.is_beyond(tolerance):
        return checked
    of_dates = {column.name for column in TABLES[checked.name].columns if column.type == DAY}
    hints = {}
    for i, rule in enumerate(checked.rules, start=1):
        if rule.code is not QualityRule.UNREADABLE or rule.cell not in of_dates or not checked.counts[rule.name]:
            continue
        rows = checked.rows.filter(checked.rows[REASON] == i)
        cells = rows.group_by(cell=rows[DELIVERED_CELL]).agg(n=rows.count())
        cells = cells.order_by(cells["n"].desc(), cells["cell"]).limit(_SEEN)
        found = {row["cell"]: row["n"] for row in engine.collect(cells).to_pylist()}
        [read] = engine.collect(checked.rows.agg(n=checked.rows[rule.cell].count()))["n"].to_pylist()
        column = Column(rule.cell, found, read, declared.get(rule.cell, ()), latest, in_memory)
        hints[rule.name] = why_misread(column)
    return replace(checked, hints={**checked.hints, **hints})
