"""What a delivered column's type cannot hold: refused by name, before a cell of it is taken for something else.

A floating-point number has no room for the digits of a long identifier, and the same number written as ``1e+17`` has
lost them: several persons become one. An instant is no day: which day it is depends on whose clocks are meant.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from riskset.errors import SourceError
from riskset.registers.delivered.column_map import ColumnMap
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.schema import DAY, TABLES

_EXACT_TO = {4: 2**24, 8: 2**53}
"""Bytes of a floating-point number → the whole number up to which it holds each one."""

_LOST = r"^[0-9]+([.,][0-9]+)?[eE][+][0-9]+$|^[0-9]+[.,][0-9]+[eE][+-]?[0-9]+$"
_PERHAPS_LOST = r"^[0-9]+[eE][0-9]+$"
"""Scientific notation for certain; and what may also be a text of letters and digits."""


def refuse_types(
    engine: DuckDB,
    table: str,
    raw: ir.Table,
    columns: Mapping[str, ColumnMap],
    place: str,
    *,
    in_memory: bool = False,
) -> None:
    """Refuse delivered columns that cannot hold the identifiers or the days that they stand for.

    Parameters
    ----------
    table : the canonical table
    raw : the delivered columns by their delivered names
    columns : canonical column → where it comes from
    place : what the message calls the delivered table
    in_memory : whether it is a frame, of which no sources.toml says a zone

    Raises
    ------
    SourceError
        Identifiers that are floating-point numbers beyond those held exactly, that have a fraction, or that are written
        as 1e+17; lists or structures; times of day; instants without a declared time zone, or a zone declared for what
        is no instant.
    """
    for column in TABLES[table].columns:
        where = columns.get(column.name)
        if where is None or where.column is None:
            continue
        cell = raw[where.column]
        if not (column.person or column.label):
            _refuse_no_value(cell.type(), column.name, place, day=column.type == DAY)
        if column.type == DAY:
            _refuse_instants(cell, where, column.name, place, in_memory=in_memory)
        elif column.person or column.label:
            later = column.name == "person_id" and table != "person"  # `why_unknown` looks at those that are nobody's
            refuse_identifiers(engine, raw, cell, column.name, place, texts=not later)


def _refuse_no_value(kind: dt.DataType, name: str, place: str, *, day: bool) -> None:
    if kind.is_nested():
        raise SourceError(
            f"{name} holds lists or structures, of which none is a value", where=place, remedy="map a column of values"
        )
    if day and kind.is_time():
        raise SourceError(f"{name} holds times of day, and no days", where=place, remedy="map a column of dates")


def _refuse_instants(cell: ir.Value, where: ColumnMap, name: str, place: str, *, in_memory: bool) -> None:
    kind = cell.type()
    instant = kind.is_timestamp() and kind.timezone is not None
    if instant and where.zone is None:
        zoned = f'{name} = {{ column = "{where.column}", zone = "Europe/Stockholm" }}'
        delivered = f"state whose calendar counts, as in {zoned}, or deliver dates"
        raise SourceError(
            f"{name} holds instants (timestamps with a time zone), whose day depends on the zone",
            where=place,
            remedy="give the dates of the calendar that counts" if in_memory else delivered,
        )
    if where.zone is not None and not instant and (kind.is_date() or kind.is_timestamp()):
        raise SourceError(
            f"{name} has a declared time zone, and holds {'dates' if kind.is_date() else 'timestamps without a zone'}",
            where=place,
            remedy="remove zone: the day is the one that is written",
        )
    if instant and where.date not in (None, "native"):
        raise SourceError(
            f"{name} is declared as a text, and holds instants", where=place, remedy="remove date, and keep zone"
        )


def refuse_identifiers(
    engine: DuckDB, raw: ir.Table, cell: ir.Value, name: str, place: str, *, texts: bool = True
) -> None:
    """Refuse a column ``cell`` of ``raw`` that cannot hold identifiers; of texts too unless ``texts`` is false."""
    kind = cell.type()
    if not (kind.is_numeric() or kind.is_string() or kind.is_binary()):
        raise SourceError(
            f"{name} holds {_called(kind)}, which identify nobody",
            where=place,
            remedy="map the column of identifiers, or deliver them as whole numbers or as texts",
        )
    if kind.is_decimal() and _counted(engine, raw, parts=cell.cast("string").re_search(r"\.0*[1-9]"))["parts"]:
        raise _fraction(name, place)
    if kind.is_floating():
        limit = _EXACT_TO[kind.nbytes]
        number = cell.cast("float64")
        number = ibis.ifelse(number.isnan(), ibis.null("float64"), number)
        small = ibis.ifelse(number.abs() < limit, number, ibis.null("float64"))  # `floor` gives an int64
        counts = _counted(engine, raw, large=number.abs() >= limit, parts=small != small.floor())
        if counts["large"]:
            raise SourceError(
                f"{name} holds floating-point numbers of {limit:,} and more, in which different identifiers are one",
                where=place,
                remedy="deliver the identifiers as whole numbers or as texts",
            )
        if counts["parts"]:
            raise _fraction(name, place)
    elif kind.is_string() and texts:
        text = cell.strip()
        sure, perhaps = text.re_search(_LOST), text.re_search(_PERHAPS_LOST)
        counts = _counted(engine, raw, sure=sure, perhaps=perhaps, letters=text.re_search("[A-Za-z]") & ~perhaps)
        if counts["sure"] or (counts["perhaps"] and not counts["letters"]):
            raise _scientific(name, place)


def _called(kind: dt.DataType) -> str:
    if kind.is_boolean():
        return "yes or no"
    return "dates" if kind.is_temporal() else "lists or structures"


def _fraction(name: str, place: str) -> SourceError:
    return SourceError(
        f"{name} holds numbers with a fraction, and an identifier has none",
        where=place,
        remedy="map the column of identifiers, or deliver them as texts",
    )


def _scientific(name: str, place: str) -> SourceError:
    return SourceError(
        f"{name} holds identifiers in scientific notation (as 1e+17), in which digits are lost",
        where=place,
        remedy="deliver the identifiers with all their digits, as whole numbers or as texts",
    )


def why_unknown(engine: DuckDB, ids: ir.StringValue, people: ir.Table, place: str) -> str:
    """What is likely wrong with identifiers of facts that are nobody's; empty where they do not tell.

    Parameters
    ----------
    ids : the identifiers as delivered, as text
    people : ``id`` (as delivered) and ``person_id`` of those whom there are
    place : what a message calls the table

    Raises
    ------
    SourceError
        Some are written as 1e+17: however few, somebody's facts would be missing.
    """
    known = people.filter(people["person_id"].notnull()).select(bare=_bare(people["id"])).distinct()
    unknown = ids.name("id").as_table()
    unknown = unknown.mutate(bare=_bare(unknown["id"]))
    counts = _counted(engine, unknown, rows=unknown["id"].notnull(), lost=unknown["id"].re_search(_LOST))
    if counts["lost"]:
        raise _scientific("person_id", place)
    but_for_zeros = unknown.semi_join(known, "bare")
    zeros = _counted(engine, but_for_zeros, rows=but_for_zeros["id"].notnull())["rows"]
    if 2 * zeros > counts["rows"]:
        return (
            "identifiers have leading zeros in one file and have lost them in another; deliver them as texts with "
            "all their digits in every file"
        )
    return ""


def _bare(identifier: ir.Value) -> ir.StringValue:
    return identifier.cast("string").re_replace("^0+", "")


def _counted(engine: DuckDB, raw: ir.Table, **conditions: ir.BooleanValue) -> dict[str, int]:
    """How many rows meet each condition."""
    counts = {name: condition.fill_null(False).sum() for name, condition in conditions.items()}
    [row] = engine.collect(raw.agg(**counts)).to_pylist()
    return {name: n or 0 for name, n in row.items()}
