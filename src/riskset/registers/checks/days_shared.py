"""Days that too many dates have: of an unknown day, of an unknown month, or of a month that was read for the day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from statistics import median_low

import ibis.expr.types as ir

from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.schema import DAY, TABLES
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.rows import QualityRow

_MANY = 10
"""So few persons on one day are none too many."""
_SHARE = 0.1
"""Three times as many dates as a day of the month has by chance."""
_SOME_MONTHS = 4
"""From so many months in which it stands out a day is one of the month, not of the year."""
_LAST_MONTH, _HARDLY, _MONTHS, _DATES = 12, 0.05, 10, 40
"""Of forty dates by chance 24 have a later day than the 12th. Dates of one day a month, or a few, are chosen."""


def told_of_births(
    engine: DuckDB, name: str, kept: ir.Table, column: str, day: int | None, of: int
) -> Iterator[QualityRow]:
    """The days of births, or of deaths, that many share: one day, a day of the year, or a day of the month.

    ``day`` is the day of the month that is declared for an unknown one: it is known to be shared.
    """
    counted = engine.collect(kept.group_by(column).agg(n=kept.count())).to_pylist()
    counts = {row[column]: row["n"] for row in counted if row[column] is not None and row[column].day != day}
    if not counts:
        return
    usual = median_low(counts.values())
    asked = (d for d in counts if column == "birth_date" or (d.month, d.day) == (1, 1))
    chance = usual + 10 * usual**0.5 + 5  # on one day of tens of thousands, where births are denser than usual
    least = {d: _MANY if (d.month, d.day) == (1, 1) else chance for d in asked}
    many = {d: counts[d] for d, n in least.items() if counts[d] >= n and counts[d] > 5 * usual}
    new_years = [d for d in many if (d.month, d.day) == (1, 1)]
    if len(new_years) > 1:  # said of all of them, below
        many = {d: n for d, n in many.items() if d not in new_years}
    for d, n in sorted(many.items(), key=lambda item: -item[1])[:3]:
        yield QualityRow.counted(name, QualityRule.SHARED_DAY, n, of, QualityAction.KEPT, subject=column, day=str(d))
    by_day: dict[tuple[int, int], int] = {}
    for d, n in counts.items():
        by_day[d.month, d.day] = by_day.get((d.month, d.day), 0) + (0 if d in many else n)
    if len(by_day) == 1 and (day is not None or (len(counts) == 1 and (1, 1) not in by_day)):
        return
    usual = median_low(by_day.values()) if len(by_day) > 1 else 0
    chance = max(_MANY, usual + 10 * usual**0.5 + 5)
    shared = [(n, d) for d, n in by_day.items() if n > 3 * usual and n >= (_MANY if d == (1, 1) else chance)]
    of_month = _of_months(by_day, [d for _, d in shared])
    for n, d in sorted(of_month, reverse=True)[:3]:
        yield QualityRow.counted(
            name, QualityRule.SHARED_DAY_OF_MONTH, n, of, QualityAction.KEPT, subject=column, day=d
        )
    shared = [(n, at) for n, at in shared if at[1] not in {d for _, d in of_month}]
    for n, (month, at) in sorted(shared, reverse=True)[:3]:
        what = (name, QualityRule.SHARED_DAY_OF_YEAR, n, of, QualityAction.KEPT)
        yield QualityRow.counted(*what, subject=column, month=month, day=at)


def _of_months(by_day: Mapping[tuple[int, int], int], shared: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    """Days of the month that stand out in several months, each after its rows; ``shared`` are days of the year."""
    months = {d: [m for m, at in by_day if at == d and by_day[m, at]] for d in range(1, 32)}
    several = {d for d in months if len([at for at in shared if at[1] == d]) >= _SOME_MONTHS}
    rows = {
        d: sum(by_day[m, d] for m in of_day if d in several or (m, d) not in shared) for d, of_day in months.items()
    }
    usual = median_low(rows.values())
    least = max(_MANY, usual + 10 * usual**0.5 + 5, _SHARE * sum(rows.values()))
    return [(n, d) for d, n in rows.items() if n >= least and n > 3 * usual and len(months[d]) >= _SOME_MONTHS]


def told_of_late_days(engine: DuckDB, name: str, kept: ir.Table, of: int) -> Iterator[QualityRow]:
    """The columns of dates of which hardly any has a day after the 12th: month and day are likely exchanged."""
    columns = [c.name for c in TABLES[name].columns if c.type == DAY and c.name != "stop"]  # that may be no day, too
    if not columns:
        return
    late = {column: (kept[column].day() > _LAST_MONTH).sum().fill_null(0) for column in columns}
    there = {f"all {column}": kept[column].count() for column in columns}
    [n] = engine.collect(kept.agg(**late, **there)).to_pylist()
    for column in columns:
        rows = n[f"all {column}"] - n[column]
        if n[f"all {column}"] >= _DATES and n[column] <= _HARDLY * n[f"all {column}"]:
            dates = kept.select(date=kept[column]).distinct()
            dates = dates.mutate(day=dates["date"].day())
            [seen] = engine.collect(dates.agg(dates=dates["date"].count(), days=dates["day"].nunique())).to_pylist()
            if seen["dates"] >= _DATES and seen["days"] >= _MONTHS:
                yield QualityRow.counted(name, QualityRule.NO_LATE_DAY, rows, of, QualityAction.KEPT, subject=column)
