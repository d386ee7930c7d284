"""What is said of dates that cannot be read: in the refusal where too many cannot, else as a remark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from riskset.registers.checks.checked import Checked
from riskset.registers.checks.checked_columns import DELIVERED_CELL, REASON
from riskset.registers.checks.misread_dates import MisreadColumn, ways_shared, why_misread
from riskset.registers.checks.rule import Limits, Rule
from riskset.registers.delivered.source import TableMap
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.schema import DAY, TABLES
from riskset.results.quality_vocabulary import QualityRule
from riskset.results.rows import QualityRow

_SEEN = 20_000
"""So many distinct cells are looked at, the most common first."""
_FEWEST = 3
"""So many cells that are written in one way have one cause."""


def refuse_beyond(
    engine: DuckDB,
    checked: Checked,
    maps: Iterable[TableMap],
    as_of: date,
    tolerance: float,
    where: str,
    *,
    in_memory: bool = False,
) -> None:
    """Refuse a table as `Checked.refuse_beyond` does, with what its unreadable dates look like.

    Parameters
    ----------
    maps : how the table is mapped, by each file
    as_of : the day of the delivery
    tolerance : the share of its rows that may be set aside
    where : what messages call it
    in_memory : whether it is a frame without a mapping
    """
    if checked.is_beyond(tolerance):
        hints = _hints(engine, checked, _formats(maps), Limits.of(as_of).latest, in_memory)
        checked = replace(checked, hints={**checked.hints, **hints})
    checked.refuse_beyond(tolerance, where)


def with_date_ways(engine: DuckDB, checked: Checked, maps: Iterable[TableMap], as_of: date) -> Checked:
    """A tolerable table with remarks on how its unreadable dates are written; arguments as of `refuse_beyond`.

    Of dates written month first among dates written day first, those that cannot be read are the ones that are seen:
    others were read with the two exchanged.
    """
    remarks = []
    for rule, column in _misread(engine, checked, _formats(maps), Limits.of(as_of).latest, in_memory=False):
        for way, format, n, exchanged in ways_shared(column):
            if n >= _FEWEST:
                what = (checked.name, QualityRule.DATES_WRITTEN_OTHERWISE, n, checked.of, rule.action)
                remarks.append(
                    QualityRow.counted(*what, subject=rule.cell, way=way.value, format=format, exchanged=exchanged)
                )
    return replace(checked, remarks=(*checked.remarks, *remarks)) if remarks else checked


def _formats(maps: Iterable[TableMap]) -> dict[str, list[str]]:
    """How the dates of each canonical column are declared to be written, by each mapping of its table."""
    written: dict[str, list[str]] = {}
    for mapped in maps:
        for name, where in mapped.columns.items():
            if where.constant is None:
                written.setdefault(name, []).append(where.written)
    return written


def _hints(
    engine: DuckDB, checked: Checked, declared: Mapping[str, Sequence[str]], latest: date, in_memory: bool
) -> dict[str, str]:
    misread = _misread(engine, checked, declared, latest, in_memory=in_memory)
    return {rule.name: why_misread(column) for rule, column in misread}


def _misread(
    engine: DuckDB, checked: Checked, declared: Mapping[str, Sequence[str]], latest: date, *, in_memory: bool
) -> Iterator[tuple[Rule, MisreadColumn]]:
    """The columns of dates with cells that cannot be read, each with the rule that they break."""
    of_dates = {column.name for column in TABLES[checked.name].columns if column.type == DAY}
    for i, rule in enumerate(checked.rules, start=1):
        if rule.code is not QualityRule.UNREADABLE or rule.cell not in of_dates or not checked.counts[rule.name]:
            continue
        rows = checked.rows.filter(checked.rows[REASON] == i)
        cells = rows.group_by(cell=rows[DELIVERED_CELL]).agg(n=rows.count())
        cells = cells.order_by(cells["n"].desc(), cells["cell"]).limit(_SEEN)
        texts = {row["cell"]: row["n"] for row in engine.collect(cells).to_pylist()}
        [read] = engine.collect(checked.rows.agg(n=checked.rows[rule.cell].count()))["n"].to_pylist()
        column = MisreadColumn(
            rule.cell, texts, read, declared.get(rule.cell, ()), latest, in_memory, checked.counts[rule.name]
        )
        yield rule, column
