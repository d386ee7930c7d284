"""The parts of docs/sources.md that are made from the code.

``python -m riskset.registers.documentation docs/sources.md`` writes them anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

from riskset.registers.checks.rules import LOST_LINE, link_rules, rules_of
from riskset.registers.schema import DAY, INT, REAL, TABLES, TEXT, RegisterColumn, Table
from riskset.spec.words import both

_TYPES = {DAY: "date", INT: "whole number", REAL: "number", TEXT: "text"}


def tables_as_markdown() -> str:
    """Every canonical table: what a row is, who needs it, its columns with types and units."""
    parts = []
    for table in TABLES.values():
        lines = [f"### {table.name}", "", f"A row is {table.row}. {_once(table)} Needed for {table.used}.", ""]
        lines += ["| column | type | required | what it holds |", "|---|---|---|---|"]
        lines += [
            f"| `{c.name}` | {_type_of(c)} | {'no' if c.optional else 'yes'} | {_content_of(c)} |"
            for c in table.columns
        ]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _once(table: Table) -> str:
    """What there is once in a table."""
    quoted = " and ".join(f"`{c}`" for c in table.key or table.one_fact)
    if table.fact:
        names = both([f"`{name}`" for name in table.fact.names])
        return f"Rows may repeat; of {names} there is one value for each {quoted}."
    return f"One row for each {quoted}." if table.key else "Rows may repeat."


def _type_of(column: RegisterColumn) -> str:
    return "identifier" if column.person or column.label else _TYPES.get(column.type, "yes or no")


def _content_of(column: RegisterColumn) -> str:
    return " or ".join(f"`{value}`" for value in column.values) or column.meaning


def rules_as_markdown() -> str:
    """The table of rules, each rule once with the tables that it is for."""
    tables_of: dict[tuple[str, str, str], list[str]] = {}
    for table in TABLES:
        links = (*link_rules("mother_id"), *link_rules("father_id")) if table == "person" else ()
        for rule in (*rules_of(table), *links):
            tables_of.setdefault((rule.name, rule.meaning, rule.action), []).append(table)
    tables_of[LOST_LINE.name, LOST_LINE.meaning, LOST_LINE.action] = ["all of CSV files"]
    lines = ["| rule | which rows | what becomes of them | tables |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(rule)} | {', '.join(tables)} |" for rule, tables in tables_of.items()]
    return "\n".join(lines) + "\n"


SECTIONS = {"The canonical tables": tables_as_markdown, "The rules": rules_as_markdown}


def renewed(page: str) -> str:
    """The page with what the sections that are made from the code hold, up to the next heading of their level."""
    head, *sections = page.split("\n## ")
    for i, section in enumerate(sections):
        title = section.partition("\n")[0]
        if title in SECTIONS:
            sections[i] = f"{title}\n\n{SECTIONS[title]()}"
    return "\n## ".join([head, *sections])


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
