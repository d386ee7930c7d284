"""Registers made of tables in memory: the second door, for notebooks, programs and tests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from riskset.errors import SourceError, SpecError, several, there_are
from riskset.given import refuse_no_flags
from riskset.registers.checks.amounts import refuse_unmapped_reversals, refuse_wrong_scale
from riskset.registers.checks.checked import Checked
from riskset.registers.checks.checking import check_facts, check_persons, people_of
from riskset.registers.checks.date_hints import refuse_beyond, with_date_ways
from riskset.registers.checks.frame_hints import frame_hints
from riskset.registers.checks.remarks import Declared, remarks_of
from riskset.registers.checks.rule import Limits
from riskset.registers.coverage import Coverage
from riskset.registers.delivered.conversion import Mapped, convert
from riskset.registers.delivered.heading import is_header, tellable
from riskset.registers.delivered.source import TableMap
from riskset.registers.engine import Engine
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.frame_maps import days_of, map_frames, refuse_no_mapping, with_row_numbers
from riskset.registers.frames import ArrowStream, as_arrow, refuse_columns_twice, without_cells
from riskset.registers.held import HeldTables
from riskset.registers.numbering import keys_of
from riskset.registers.schema import TABLES
from riskset.results.tables import QUALITY, rows_to_table
from riskset.spec.base import as_day
from riskset.spec.complaints import Wrong, closest, shown
from riskset.spec.spelling import near
from riskset.spec.tidying import composed


def registers_from_tables(
    tables: Mapping[str, ArrowStream],
    *,
    engine: Engine | None = None,
    starts: Mapping[str, date] | None = None,
    ends: Mapping[str, date] | None = None,
    delivered: date | None = None,
    mapping: Mapping[str, Mapping[str, Any]] | None = None,
    tolerance: float = 0.01,
    remarks: bool = True,
) -> HeldTables:
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
    starts, ends
        The first and the last day that a register covers, both included, by canonical name: a date, or a text such as
        2005-07-01.
    delivered
        The day of the delivery: later dates are wrong, and no study may go on after it. Left out, today, and of studies
        nothing is asked.
    mapping
        Of tables whose frames have other columns, values or ways to write a day: canonical name → what a ``[[tables]]``
        of ``sources.toml`` says of it but for ``name`` and ``file``, as ``{"person": {"columns": {"person_id": "pnr",
        "sex": {"column": "kon", "values": {"1": "male", "2": "female"}}, "birth_date": {"column": "born", "date":
        "%Y%m%d"}}}}``. Columns that it does not name are not read.
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
        ``starts`` or ``ends`` names no canonical table, or what is no day; ``mapping`` says what cannot be meant;
        ``tolerance`` is no share.
    QualityError
        More rows than tolerated break a rule.
    """
    if engine is not None and not isinstance(engine, DuckDB):
        if not isinstance(engine, Engine):
            raise SpecError("this is no engine", where="engine", remedy="leave it out, or take open_engine('duckdb')")
        with DuckDB() as checking:
            return registers_from_tables(
                tables,
                engine=checking,
                starts=starts,
                ends=ends,
                delivered=delivered,
                mapping=mapping,
                tolerance=tolerance,
                remarks=remarks,
            ).on(engine)
    _check_tolerance(tolerance)
    refuse_no_flags(remarks=remarks)
    starts = days_of({} if starts is None else starts, "starts")
    ends = days_of({} if ends is None else ends, "ends")
    delivered = _delivered(delivered)
    mapping = {} if mapping is None else mapping
    refuse_no_mapping(mapping)
    plain = _plain(tables, mapping)
    maps = map_frames(plain, mapping, starts, ends)
    starts |= {name: one.starts for name, one in maps.items() if one.starts}
    ends |= {name: one.ends for name, one in maps.items() if one.ends}
    mapped = {name: maps[name] for name in mapping}
    if "person" not in plain:
        what = "there is no person table, which every other needs"
        raise SourceError(what, where="tables", remedy="give {'person': frame, …}")
    if not len(plain["person"]):
        raise SourceError("there is nobody in the person table", where="person", remedy="give at least one person")
    engine = engine or DuckDB()
    fingerprint = _fingerprint(plain, starts, ends, delivered, mapped)
    tag = fingerprint[:12]
    columns = {name: frozenset(one.columns) for name, one in maps.items()}
    as_of = delivered or date.today()

    def mapped_part(name: str) -> Mapped:
        made = maps[name]
        raw = engine.load(f"delivered_{name}_{tag}", with_row_numbers(plain[name], made))
        return Mapped(
            raw,
            made.columns,
            made.last_day or "excluded",
            made.skip_if_missing,
            place=f"table {name}",
            unmapped=made.may_hide_reversals(raw.columns, ()) if name in mapped else (),
            in_memory=True,
        )

    def facts(name: str, people: ir.Table) -> Checked:
        limits = Limits.of(as_of, starts.get(name))
        with without_cells(f"table {name}"):
            part = mapped_part(name)
            converted = convert(engine, name, [part])
            one = check_facts(engine, name, converted, people, columns[name], limits, tag, part.place)
            refuse_unmapped_reversals(engine, one, [part])
            return one

    with without_cells("table person"):
        converted = convert(engine, "person", [mapped_part("person")])
        persons = check_persons(engine, converted, columns["person"], Limits.of(as_of), tag)
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
        made = maps[name]
        tolerated = tolerance if made.tolerance is None else made.tolerance
        hints = {} if name in mapped else frame_hints(name)
        hinted = replace(one, hints=hints | dict(one.hints), unread={})
        refuse_beyond(engine, hinted, [made], as_of, tolerated, f"table {name}", in_memory=name not in mapped)
        if "ddd" in columns[name]:
            refuse_wrong_scale(engine, one, [made.columns], f"table {name}", in_memory=True)
        if remarks:
            declared = Declared(
                listed=frozenset(column for column, where in made.columns.items() if where.values is not None),
                days={column: where.day for column, where in made.columns.items() if where.day is not None},
                first=starts.get(name),
                last=ends.get(name),
                delivered=as_of,
                tolerance=tolerated,
                where=f"table {name}",
                in_memory=True,
            )
            more = remarks_of(engine, name, one.kept, one.of, declared, persons.kept)
            one = with_date_ways(engine, one, [made], as_of)
            checked[name] = replace(one, remarks=(*one.remarks, *more))
    engine.drop(*(f"delivered_{name}_{tag}" for name in plain))
    quality = rows_to_table([row for one in checked.values() for row in one.quality()], QUALITY)
    kept = {name: one.kept for name, one in checked.items()}
    to_consider = tuple(remark for one in checked.values() for remark in one.to_consider())
    known = persons.known
    return HeldTables(
        engine,
        kept,
        columns,
        fingerprint,
        quality,
        starts,
        to_consider,
        imported=Coverage(delivered=delivered, ends=ends),
        keys=lambda: keys_of(engine, known),
    )


def _check_tolerance(tolerance: object) -> None:
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not 0 <= tolerance <= 1:
        raise SpecError(
            "this is no share of rows",
            where="tolerance",
            remedy="give a number from 0 to 1, as 0.01 for one in a hundred",
        )


def _delivered(day: object) -> date | None:
    try:
        return None if day is None else as_day(day)
    except Wrong as no_day:
        raise SpecError(no_day.what, where="delivered", remedy=no_day.remedy) from None


def _plain(tables: Mapping[str, ArrowStream], mapping: Mapping[str, Any]) -> dict[str, pa.Table]:
    """The tables in the order of the schema, each that is not mapped with columns that it may have."""
    if not isinstance(tables, Mapping):
        remedy = "give a dictionary, as {'person': frame, 'dispensing': frame}"
        raise SourceError("the tables have no names", where="tables", remedy=remedy)
    for name in tables:
        if name not in TABLES:
            raise SourceError(f"{shown(name)} is no canonical table", remedy=closest(str(name), list(TABLES)))
    plain = {name: as_arrow(tables[name], f"table {name}") for name in TABLES if name in tables}
    for name, table in plain.items():
        if name in mapping:
            plain[name] = table.rename_columns([composed(column) for column in table.column_names])
            refuse_columns_twice(plain[name].column_names, f"table {name}")
        else:
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
            remedy=f"see that the frame was read with its header; {there_are(known)}",
        )
    required = [c.name for c in TABLES[name].columns if not c.optional]
    may_be_told = {*tellable(columns, known), *tellable(columns, required, certain=2)}
    problems = [
        SourceError(f"the table has no column {shown(column)}", where=f"table {name}", remedy=closest(column, known))
        for column in unknown
        if column in may_be_told
    ]
    if others := len(set(unknown) - may_be_told):
        what = f"{others} of its columns {'is' if others == 1 else 'are'} none of the table's"
        problems.append(SourceError(what, where=f"table {name}", remedy=there_are(known)))
    meant = {near(column, known) for column in unknown}
    problems += [
        SourceError(f"the column {c.name} is not there", where=f"table {name}", remedy="it is required")
        for c in TABLES[name].columns
        if not c.optional and c.name not in columns and c.name not in meant
    ]
    if problems:
        raise several(problems)


def _fingerprint(
    tables: Mapping[str, pa.Table],
    starts: Mapping[str, date],
    ends: Mapping[str, date],
    delivered: date | None,
    mapped: Mapping[str, TableMap],
) -> str:
    digest = hashlib.sha256(repr(sorted(starts.items())).encode())
    if ends or delivered:
        digest.update(repr((sorted(ends.items()), delivered)).encode())
    for name, made in sorted(mapped.items()):
        digest.update(f"{name} {made.model_dump_json()}".encode())
    for name, table in tables.items():
        digest.update(name.encode())
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        digest.update(sink.getvalue())
    return digest.hexdigest()
