"""Registers made of Arrow tables in memory: the second door, for programs and tests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date

import ibis.expr.types as ir
import pyarrow as pa

from riskset.errors import SourceError
from riskset.registers.checks.amounts import refuse_wrong_scale
from riskset.registers.checks.checked import Checked
from riskset.registers.checks.checking import check_facts, check_persons, people_of
from riskset.registers.checks.rule import Limits
from riskset.registers.delivered.column_map import ColumnMap
from riskset.registers.delivered.conversion import Mapped, convert
from riskset.registers.engine import Engine
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.registers import Registers
from riskset.registers.schema import TABLES
from riskset.results.tables import QUALITY, rows_to_table


def registers_from_tables(
    tables: Mapping[str, pa.Table],
    *,
    engine: Engine | None = None,
    starts: Mapping[str, date] | None = None,
    tolerance: float = 0.01,
) -> Registers:
    """Registers of canonical tables in memory, through the same checks as an import.

    Parameters
    ----------
    tables
        Canonical name → table with canonical columns (`registers.schema`); optional columns may be absent. Identifiers
        may be of any type. A spell's `stop` is the day after its last; null means that it has not ended.
    engine
        Who holds them; an embedded engine of its own when left out. They are checked by an embedded one in any case.
    starts
        The first day that a register covers, by canonical name.
    tolerance
        The share of a table's rows that may break a rule and be set aside.

    Raises
    ------
    SourceError
        No such table or column, a required column is absent, or there is nobody in the person table.
    QualityError
        More rows than tolerated break a rule.
    """
    if engine is not None and not isinstance(engine, DuckDB):
        with DuckDB() as checking:
            return registers_from_tables(tables, engine=checking, starts=starts, tolerance=tolerance).on(engine)
    for name, table in tables.items():
        _check_columns(name, table)
    if "person" not in tables or not len(tables["person"]):
        raise SourceError("there is nobody in the person table", where="person", remedy="give at least one person")
    engine = engine or DuckDB()
    starts = dict(starts or {})
    plain = {name: _plain(tables[name]) for name in TABLES if name in tables}
    fingerprint = _fingerprint(plain, starts)
    tag = fingerprint[:12]
    delivered = {name: frozenset(table.column_names) for name, table in plain.items()}
    as_of = date.today()

    def converted(name: str) -> ir.Table:
        raw = engine.load(f"delivered_{name}_{tag}", plain[name])
        return convert(engine, name, [Mapped(raw, {c: ColumnMap(column=c) for c in raw.columns}, in_memory=True)])

    def facts(name: str, people: ir.Table) -> Checked:
        limits = Limits.of(as_of, starts.get(name))
        return check_facts(engine, name, converted(name), people, delivered[name], limits, tag)

    persons = check_persons(engine, converted("person"), delivered["person"], Limits.of(as_of), tag)
    aside = persons.quarantine
    deaths = facts("death", people_of(engine, persons.known, None, tag, aside=aside)) if "death" in plain else None
    people = people_of(
        engine,
        persons.known,
        deaths.kept if deaths else None,
        tag,
        undated=deaths.quarantine if deaths else None,
        aside=aside,
    )
    checked = {"person": persons}
    for name in plain:
        if name != "person":
            checked[name] = deaths if name == "death" and deaths is not None else facts(name, people)
    for name, one in checked.items():
        one.refuse_beyond(tolerance)
        if "ddd" in delivered[name]:
            refuse_wrong_scale(engine, one.kept, f"table {name}")
    engine.drop(*(f"delivered_{name}_{tag}" for name in plain))
    quality = rows_to_table([row for one in checked.values() for row in one.quality()], QUALITY)
    kept = {name: one.kept for name, one in checked.items()}
    remarks = tuple(sentence for one in checked.values() for sentence in one.sentences())
    return Registers(engine, kept, delivered, fingerprint, quality, starts, remarks)


def _check_columns(name: str, table: pa.Table) -> None:
    if name not in TABLES:
        raise SourceError(f"{name!r} is no canonical table", remedy=f"there are {', '.join(TABLES)}")
    if not isinstance(table, pa.Table):
        raise SourceError("this is no Arrow table", where=name, remedy="make one, as by pyarrow.Table.from_pandas")
    known = TABLES[name].columns
    twice = next((c for c in table.column_names if table.column_names.count(c) > 1), None)
    if twice:
        raise SourceError(f"the column {twice!r} is there twice", where=name, remedy="rename one of them")
    unknown = set(table.column_names) - {c.name for c in known}
    if unknown:
        raise SourceError(
            f"the table has no column {sorted(unknown)[0]!r}",
            where=name,
            remedy=f"there are {', '.join(c.name for c in known)}",
        )
    absent = [c.name for c in known if not c.optional and c.name not in table.column_names]
    if absent:
        raise SourceError(f"the column {absent[0]} is not there", where=name, remedy="it is required")


def _plain(table: pa.Table) -> pa.Table:
    """Without dictionaries, pandas' metadata and columns that have no type because they hold nothing."""
    columns = []
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        elif pa.types.is_null(column.type):
            column = column.cast(pa.string())
        columns.append(column)
    return pa.table(columns, names=table.column_names).combine_chunks()


def _fingerprint(tables: Mapping[str, pa.Table], starts: Mapping[str, date]) -> str:
    digest = hashlib.sha256(repr(sorted(starts.items())).encode())
    for name, table in tables.items():
        digest.update(name.encode())
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        digest.update(sink.getvalue())
    return digest.hexdigest()
