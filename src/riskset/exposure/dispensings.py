"""Dispensings of drug classes, reduced to what windows need: who, which class, which day, how much."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from riskset.errors import SourceError
from riskset.lookup import has_prefix
from riskset.registers.registers import Registers
from riskset.spec.measures import AtcCodes


def find_dispensings(
    registers: Registers, classes: Sequence[AtcCodes], persons: ir.Table, *, doses: bool = False
) -> ir.Table:
    """The dispensing dates of drug classes before each person's last index date.

    Each class reads its own range of ATC codes, so that the statistics of a file sorted by ATC prune what is read;
    a dispensing that belongs to several classes counts in each.

    Parameters
    ----------
    registers : with the table dispensing
    classes : the drug classes
    persons : (person_id, last_index), each person once; only earlier dispensings are found
    doses : whether amounts are wanted

    Returns
    -------
    Table, one row per person, class and distinct date: ``person_id``, ``drug_class`` (position in ``classes``),
    ``date``; with doses also ``ddd`` (sum of thousandths over the day's items, an unknown one counting as nothing),
    ``items`` and ``items_without_ddd``. All are int64 but the date.
    """
    dispensing = registers["dispensing"]
    parts = [
        dispensing.filter(has_prefix(dispensing["atc"], codes.prefixes, codes.without)).select(
            "person_id", "date", "ddd", drug_class=ibis.literal(number, "int64")
        )
        for number, codes in enumerate(classes)
    ]
    items = parts[0] if len(parts) == 1 else ibis.union(*parts)
    dates = dates_before(items, persons)
    if not doses:
        return dates.aggregate()
    return dates.aggregate(
        ddd=lambda t: t["ddd"].coalesce(0).sum().cast("int64"),
        items=lambda t: t.count().cast("int64"),
        items_without_ddd=lambda t: t["ddd"].isnull().ifelse(1, 0).sum().cast("int64"),
    )


def dates_before(items: ir.Table, persons: ir.Table) -> ir.GroupedTable:
    """Items (person_id, drug_class, date) before each person's last index date, grouped by person, class and date."""
    joined = items.join(persons, "person_id")
    return joined.filter(joined["date"] < joined["last_index"]).group_by(["person_id", "drug_class", "date"])


def since_start(registers: Registers, dated: ir.Table, register: str = "dispensing") -> ir.Table:
    """What lies on or after the register's stated start; all of it where no start is stated."""
    start = registers.starts.get(register)
    return dated if start is None else dated.filter(dated["date"] >= start)


def require(registers: Registers, table: str, column: str, asking: str) -> None:
    """Refuse what the registers do not hold.

    Raises
    ------
    SourceError
        Naming the table, the column and who asks for it.
    """
    if table not in registers:
        missing = f"the registers hold no table {table!r}"
    elif not registers.has(table, column):
        missing = f"the table {table!r} has no column {column!r}"
    else:
        return
    raise SourceError(f"{missing}, which {asking} needs", remedy=f"map it in sources.toml, or leave out {asking}")
