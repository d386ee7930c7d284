"""Registers made of tables in memory: the second door, for notebooks, programs and tests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import ibis.expr.types as ir
import pyarrow as pa

from riskset.errors import RisksetError, SourceError, SpecError, several
from riskset.registers.checks.amounts import refuse_wrong_scale
from riskset.registers.checks.checked import Checked
from riskset.registers.checks.checking import check_facts, check_persons, people_of
from riskset.registers.checks.frame_hints import frame_hints
from riskset.registers.checks.remarks import Declared, remarks_of
from riskset.registers.checks.rule import Limits
from riskset.registers.delivered.column_map import ColumnMap
from riskset.registers.delivered.conversion import Mapped, convert
from riskset.registers.delivered.heading import is_header
from riskset.registers.engine import Engine
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.frames import ArrowStream, as_arrow, without_cells
from riskset.registers.numbering import keys_of
from riskset.registers.registers import Registers
from riskset.registers.schema import TABLES
from riskset.results.tables import QUALITY, rows_to_table
from riskset.spec.base import as_day
from riskset.spec.complaints import Wrong, closest, shown
from riskset.spec.spelling import near


def registers_from_tables(
    tables: Mapping[str, ArrowStream],
    *,
    engine: Engine | None = None,
    starts: Mapping[str, date] | None = None,
    tolerance: float = 0.01,
    remarks: bool = True,
) -> Registers:
    """Registers of canonical tables in memory, through the same checks as an import.

    Parameters
    ----------
    tables
        Canonical name → frame with canonical columns (`registers.schema`); optional columns may be absent. A frame is
        what speaks the Arrow C stream: of pandas, polars, pyarrow or DuckDB (`registers.frames`). Identifiers may be of
        any type; days are dates, timestamps without a zone, whose time of day is cut and counted as at an import, or
        texts such as 1950-03-01. A spell's `stop` is the day after its last; null means that it has not ended.
    engine
        Who holds them; an embedded engine of its own when left out. They are checked by an embedded one in any case.
    starts
        The first day that a register covers, by canonical name: a date, or a text such as 2005-07-01.
    tolerance
        The share of a table's rows, in [0, 1], that may break a rule and be set aside.
    remarks
        Whether to look, as an import does, for what breaks no rule and may be wrong (`checks.remarks`): it takes about
        as long as all else. A simulation that makes its tables itself need not.

    Raises
    ------
    SourceError
        No such table or column, a required column is absent, a column of which a type cannot hold what it stands for,
        such as an instant for a day, or there is nobody in the person table.
    SpecError
        ``starts`` names no canonical table, or what is no day; ``tolerance`` is no share.
    QualityError
        More rows than tolerated break a rule.
    """
    if engine is not None and not isinstance(engine, DuckDB):
        if not isinstance(engine, Engine):
            raise SpecError("this is no engine", where="engine", remedy="leave it out, or take open_engine('duckdb')")
        with DuckDB() as checking:
            return registers_from_tables(
                tables, engine=checking, starts=starts, tolerance=tolerance, remarks=remarks
            ).on(engine)
    _check_tolerance(tolerance)
    starts = _starts(starts or {})
    plain = _plain(tables)
    if "person" not in plain or not len(plain["person"]):
        raise SourceError("there is nobody in the person table", where="person", remedy="give at least one person")
    engine = engine or DuckDB()
    fingerprint = _fingerprint(plain, starts)
    tag = fingerprint[:12]
    delivered = {name: frozenset(table.column_names) for name, table in plain.items()}
    as_of = date.today()

    def converted(name: str) -> ir.Table:
        raw = engine.load(f"delivered_{name}_{tag}", plain[name])
        return convert(engine, name, [Mapped(raw, {c: ColumnMap(column=c) for c in raw.columns}, in_memory=True)])

    def facts(name: str, people: ir.Table) -> Checked:
        limits = Limits.of(as_of, starts.get(name))
        with without_cells(f"table {name}"):
            return check_facts(engine, name, converted(name), people, delivered[name], limits, tag)

    with without_cells("table person"):
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
        replace(one, hints=frame_hints(name) | dict(one.hints), unread={}).refuse_beyond(tolerance)
        if "ddd" in delivered[name]:
            refuse_wrong_scale(engine, one.kept, f"table {name}", in_memory=True)
        if remarks:
            declared = Declared(first=starts.get(name), delivered=as_of, tolerance=tolerance, in_memory=True)
            more = remarks_of(engine, name, one.kept, one.of, declared)
            checked[name] = replace(one, remarks=(*one.remarks, *more))
    engine.drop(*(f"delivered_{name}_{tag}" for name in plain))
    quality = rows_to_table([row for one in checked.values() for row in one.quality()], QUALITY)
    kept = {name: one.kept for name, one in checked.items()}
    to_consider = tuple(remark for one in checked.values() for remark in one.to_consider())
    known = persons.known
    return Registers(
        engine, kept, delivered, fingerprint, quality, starts, to_consider, keys=lambda: keys_of(engine, known)
    )


def _check_tolerance(tolerance: object) -> None:
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not 0 <= tolerance <= 1:
        raise SpecError(
            "this is no share of rows",
            where="tolerance",
            remedy="give a number from 0 to 1, as 0.01 for one in a hundred",
        )


def _starts(starts: object) -> dict[str, date]:
    """The first days of registers; refused where a table or a day is none."""
    if not isinstance(starts, Mapping):
        raise SpecError("this names no tables", where="starts", remedy="write starts={'dispensing': date(2005, 7, 1)}")
    wrong: list[RisksetError] = []
    days: dict[str, date] = {}
    for name, first in starts.items():
        if name not in TABLES:
            remedy = closest(name, list(TABLES))
            wrong.append(SpecError(f"{shown(name)} is no canonical table", where="starts", remedy=remedy))
            continue
        try:
            days[name] = as_day(first)
        except Wrong as no_day:
            wrong.append(SpecError(no_day.what, where=f"starts of {name}", remedy=no_day.remedy))
    if wrong:
        raise several(wrong)
    return days


def _plain(tables: Mapping[str, ArrowStream]) -> dict[str, pa.Table]:
    """The tables in the order of the schema, each with columns that it may have."""
    if not isinstance(tables, Mapping):
        remedy = "give a dictionary, as {'person': frame, 'dispensing': frame}"
        raise SourceError("the tables have no names", where="tables", remedy=remedy)
    for name in tables:
        if name not in TABLES:
            raise SourceError(f"{shown(name)} is no canonical table", remedy=closest(str(name), list(TABLES)))
    plain = {name: as_arrow(tables[name], f"table {name}") for name in TABLES if name in tables}
    for name, table in plain.items():
        _check_columns(name, table.column_names)
    return plain


def _check_columns(name: str, columns: Sequence[str]) -> None:
    """Refuse columns that the canonical table has not, and the lack of one that it must have; all that is wrong."""
    known = [c.name for c in TABLES[name].columns]
    unknown = [column for column in columns if column not in known]
    if unknown and not is_header(columns, known):
        raise SourceError(
            "its columns do not read like names",
            where=f"table {name}",
            remedy=f"see that the frame was read with its header; there are {', '.join(known)}",
        )
    problems = [
        SourceError(f"the table has no column {shown(column)}", where=f"table {name}", remedy=closest(column, known))
        for column in unknown
    ]
    meant = {near(column, known) for column in unknown}
    problems += [
        SourceError(f"the column {c.name} is not there", where=f"table {name}", remedy="it is required")
        for c in TABLES[name].columns
        if not c.optional and c.name not in columns and c.name not in meant
    ]
    if problems:
        raise several(problems)


def _fingerprint(tables: Mapping[str, pa.Table], starts: Mapping[str, date]) -> str:
    digest = hashlib.sha256(repr(sorted(starts.items())).encode())
    for name, table in tables.items():
        digest.update(name.encode())
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        digest.update(sink.getvalue())
    return digest.hexdigest()
