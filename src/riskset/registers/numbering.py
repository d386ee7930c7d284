"""Variables of one's own, by the identifiers that were delivered: joined without an identifier being shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import ibis.expr.types as ir

from riskset.errors import SourceError, SpecError
from riskset.given import refuse_other
from riskset.microdata import MicrodataTable, NumberedTable
from riskset.registers.delivered.conversion import as_identifier
from riskset.registers.delivered.delivered_types import refuse_identifiers
from riskset.registers.delivered.heading import is_known, tellable
from riskset.registers.engine import Engine
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.frames import ArrowStream, as_arrow, without_cells
from riskset.spec.complaints import closest, shown

PLACE = "your table"
"""What messages call it."""


def keys_of(engine: Engine, known: ir.Table) -> MicrodataTable:
    """The identifiers and numbers of those who are known (columns ``id`` and ``person_id``)."""
    return MicrodataTable(engine.collect(known.select("id", "person_id")))


def numbered(
    keys: Callable[[], MicrodataTable] | None,
    whose: str,
    frame: ArrowStream,
    *,
    id: str,
    unknown: Literal["refuse", "leave out"] = "refuse",
) -> NumberedTable:
    """A frame about persons with their numbers, as matched sets have them, instead of their identifiers.

    Parameters
    ----------
    keys, whose
        The identifiers and numbers of the registers, as `keys_of` has them, and their fingerprint.
    frame
        One or more rows a person, from whatever speaks the Arrow C stream.
    id
        Its column with the identifiers as they were delivered; compared as at an import.
    unknown
        What becomes of rows of nobody in the person table: they are refused, or left out.

    Returns
    -------
    ``person_id`` and the other columns of the frame, in no particular order; it prints its shape alone, and remembers
    whose numbers it has.

    Raises
    ------
    SpecError
        ``unknown`` is neither.
    SourceError
        No such column, identifiers that cannot be compared, or rows of nobody in the person table; nobody is named.
    """
    if unknown not in ("refuse", "leave out"):
        remedy = "write 'refuse' or 'leave out'"
        raise SpecError(f"{shown(unknown)} is nothing to do with rows of nobody", where="unknown", remedy=remedy)
    refuse_other(id, str, "id", "this is no name of a column", "give the one with the delivered identifiers")
    if keys is None:
        raise SourceError("the registers do not know the delivered identifiers", remedy="open them anew")
    table = as_arrow(frame, PLACE)
    _check_columns(table.column_names, id)
    with without_cells(PLACE), DuckDB() as engine:
        given = engine.load("given", table)
        refuse_identifiers(engine, given, given[id], id, PLACE)
        given = given.mutate(person_key=as_identifier(given[id]).cast("string"))
        known = engine.load("known", keys().to_arrow())
        known = known.select("person_id", known_key=known["id"].cast("string"))
        joined = given.left_join(known, given["person_key"] == known["known_key"])
        rows = engine.collect(joined.select("person_id", *(name for name in table.column_names if name != id)))
    kept = rows.filter(rows["person_id"].is_valid())
    lost = len(rows) - len(kept)
    if lost and (unknown == "refuse" or not len(kept)):
        raise SourceError(
            f"{lost:,} of {len(rows):,} rows are of nobody in the person table",
            where=PLACE,
            remedy=f"see that {shown(id)} has identifiers as they were delivered"
            + (", or write unknown='leave out'" if len(kept) else ""),
        )
    return NumberedTable(kept, whose)


def _check_columns(names: list[str], id: str) -> None:
    if id not in names:
        there = tellable(names, [id]) or [name for name in names if is_known(name)]
        raise SourceError(f"there is no column {shown(id)}", where=PLACE, remedy=closest(id, there) if there else "")
    if "person_id" in names and id != "person_id":
        raise SourceError(
            "the column 'person_id' will hold the numbers that persons have here", where=PLACE, remedy="rename yours"
        )
