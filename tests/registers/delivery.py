"""Small deliveries: a few people in CSV files, and the sources.toml that maps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from riskset.registers.delivered.source import Sources
from riskset.registers.engine import Engine
from riskset.registers.ingest import import_registers
from riskset.registers.registers import Registers
from riskset.report.catalogue import ENGLISH
from riskset.results.rows import QualityRow

PERSON = """\
id;kon;fodd
a;2;1950-01-01
b;1;1960-05-05
c;2;1990-12-31
"""

PERSON_MAP = """
[files.person]
path = "person.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "person"
file = "person"
[tables.columns]
person_id = "id"
sex = { column = "kon", values = { "1" = "male", "2" = "female" } }
birth_date = "fodd"
"""

DEATH_MAP = """
[files.death]
path = "death.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "death"
file = "death"
[tables.columns]
person_id = "id"
date = "dag"
"""


def deliver(folder: Path, sources: str = PERSON_MAP, **texts: str | bytes) -> Sources:
    """Write `<name>.csv` for each text (the three persons unless given) and the sources; load them."""
    folder.mkdir(exist_ok=True)
    for name, text in {"person": PERSON, **texts}.items():
        (folder / f"{name}.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    (folder / "sources.toml").write_text(sources, encoding="utf-8")
    return Sources.load(folder / "sources.toml")


def imported(sources: Sources, store: Path, engine: Engine | None = None) -> Registers:
    return import_registers(sources, store, engine=engine or Engine())


def rows(registers: Registers, name: str, *columns: str) -> list[Any]:
    """A canonical table's rows, sorted; of one column its values, of several tuples."""
    table = registers.engine.collect(registers[name])
    columns = columns or tuple(table.column_names)
    found = sorted(zip(*(table[c].to_pylist() for c in columns), strict=True), key=repr)
    return [row[0] for row in found] if len(columns) == 1 else found


def broken(registers: Registers, table: str) -> dict[str, int]:
    """Rules of a table that some row broke, with the number of rows."""
    return {named(q): q["rows"] for q in registers.quality.to_pylist() if q["table"] == table and q["rows"]}


def named(row: dict[str, Any]) -> str:
    """The rule of a row of the quality table, as a report has it."""
    return ENGLISH.quality(QualityRow.read(row))


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def arrow(**columns: Any) -> pa.Table:
    """A table whose date columns are written as texts."""
    dated = {"birth_date", "date", "start", "stop"}
    return pa.table(
        {k: pa.array([day(v) for v in values], pa.date32()) if k in dated else values for k, values in columns.items()}
    )


def people(**more: Any) -> Mapping[str, pa.Table]:
    """Three persons: a (female, 1950), b (male, 1960, dies 2010-06-01) and c (female, 1990), child of a and b."""
    return {
        "person": arrow(
            person_id=["a", "b", "c"],
            sex=["female", "male", "female"],
            birth_date=["1950-01-01", "1960-05-05", "1990-12-31"],
            mother_id=[None, None, "a"],
            father_id=[None, None, "b"],
        ),
        "death": arrow(person_id=["b"], date=["2010-06-01"]),
        **more,
    }
