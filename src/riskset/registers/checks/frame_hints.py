"""What to do about rows that break a rule where they came in a data frame, for which no sources.toml says anything."""

from __future__ import annotations

from riskset.registers.checks.repeats import OVERLAP
from riskset.registers.checks.rule import name_of
from riskset.registers.checks.rules import rule_of_cells
from riskset.registers.checks.spell_rules import NO_LENGTH
from riskset.registers.schema import BOOL, DAY, INT, REAL, TABLES, RegisterColumn
from riskset.results.quality_vocabulary import QualityRule
from riskset.spec.words import both


def frame_hints(table: str) -> dict[str, str]:
    """Rule → remedy, for the rules of a canonical table whose own remedy is a line of sources.toml."""
    cells = {
        name_of(rule_of_cells(c), (c.name,)): _remedy(c) for c in TABLES[table].columns if not c.person and not c.label
    }
    missing = {name_of(QualityRule.MISSING, (c.name,)): f"give {c.name} in every row" for c in TABLES[table].columns}
    spells = {rule.name: "give as stop the day after a spell's last day" for rule in (NO_LENGTH, OVERLAP)}
    return {name: remedy for name, remedy in cells.items() if remedy} | missing | spells


def _remedy(column: RegisterColumn) -> str:
    if column.values:
        return f"give {column.name} as {both(column.values, 'or')}"
    if column.type == DAY:
        return f"give {column.name} as dates, or as texts such as 1950-03-01"
    if column.type in (INT, REAL):
        return f"give {column.name} as numbers, without a mark between thousands"
    return f"give {column.name} as true or false" if column.type == BOOL else ""
