"""Data frames of a notebook as Arrow tables: whatever speaks the Arrow C stream, without importing who made it.

That is a frame of pandas (2.2 or newer) or polars, a table or reader of pyarrow, a relation of DuckDB. A row index that
pandas gives no name is no column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import duckdb
import ibis.expr.datatypes as dt
import pyarrow as pa
from ibis.common.exceptions import IbisError

from riskset.errors import SourceError
from riskset.registers.delivered.heading import is_known
from riskset.spec.complaints import shown
from riskset.spec.words import both

_UNNAMED_INDEX = re.compile(r"__index_level_\d+__")
_FITS_32_BITS = 2**31 - 1


class ArrowStream(Protocol):
    """Whatever hands its rows over as an Arrow C stream."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """A capsule with the stream."""


def as_arrow(frame: ArrowStream, place: str) -> pa.Table:
    """A frame as an Arrow table of plain columns.

    Dictionaries become their values, large and viewed texts become texts, columns that hold nothing become texts; what
    pandas notes beside its columns is left out. Dates and numbers stay as they are.

    Parameters
    ----------
    frame : what speaks the Arrow C stream
    place : what a message calls it: ``table person``

    Raises
    ------
    SourceError
        It speaks no Arrow, has a column twice, or a column whose cells are of no one type.
    """
    if isinstance(frame, pa.Table):
        return _plain(frame, place)
    if not hasattr(frame, "__arrow_c_stream__"):
        raise SourceError(
            f"this is no data frame ({type(frame).__name__})",
            where=place,
            remedy="give a frame of pandas or polars, a relation of DuckDB, or a table of pyarrow",
        )
    refuse_columns_twice(_names_of(frame), place)
    try:
        table = pa.RecordBatchReader.from_stream(frame).read_all()
    except Exception:  # the maker's own words may quote a cell
        raise _unreadable(frame, place) from None
    named = [name for name in table.column_names if not _UNNAMED_INDEX.fullmatch(name)]
    return _plain(table.select(named), place)


def refuse_columns_twice(names: Sequence[str], place: str) -> None:
    """Raise SourceError where two columns have one name."""
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        what = f"the column {shown(twice)} is there twice" if is_known(twice) else "a column is there twice"
        raise SourceError(what, where=place, remedy="rename one of them")


@contextmanager
def without_cells(place: str) -> Iterator[None]:
    """What a library has against cells as one sentence about ``place``: its own words may quote them.

    What is said of a machine, such as its lack of memory, stays.
    """
    try:
        yield
    except (duckdb.InterruptException, duckdb.IOException, duckdb.OutOfMemoryException, pa.ArrowMemoryError):
        raise
    except (pa.ArrowException, duckdb.Error, IbisError):
        raise SourceError(
            "it holds values that cannot be converted",
            where=place,
            remedy="give identifiers as whole numbers or texts, days as dates of the calendar, and the rest as plain "
            "numbers or texts",
        ) from None


def _names_of(frame: object) -> list[str]:
    """The columns that a frame names before it is asked for rows; of others, as a batch of pyarrow, none."""
    return [name for name in getattr(frame, "columns", ()) if isinstance(name, str)]


def _unreadable(frame: object, place: str) -> SourceError:
    """Which columns of a frame cannot be handed over, found by asking for each alone."""
    if isinstance(frame, duckdb.DuckDBPyRelation):
        return SourceError("the query behind it fails", where=place, remedy="run the query alone, and mend it")
    wrong = [name for name in _names_of(frame) if not _is_readable(frame, name)]
    if not wrong:
        return SourceError("its rows cannot be read as a table", where=place, remedy="give a table of plain columns")
    known = [shown(name) for name in wrong if is_known(name)]
    others = len(wrong) - len(known)
    whose = both([*known, *([f"{others} other columns" if known else f"{others} columns"] if others else [])])
    what = f"the cells of {whose} are of no one type"
    return SourceError(what, where=place, remedy="give each column one type, such as text")


def _is_readable(frame: Any, name: str) -> bool:
    try:
        pa.RecordBatchReader.from_stream(frame[[name]]).read_all()
    except Exception:
        return False
    return True


def _plain(table: pa.Table, place: str) -> pa.Table:
    refuse_columns_twice(table.column_names, place)
    for field in table.schema:
        _refuse_odd(field, place)
    with without_cells(place):
        columns = [_plain_column(column) for column in table.columns]
    return pa.table(columns, names=table.column_names).combine_chunks()


def _refuse_odd(field: pa.Field, place: str) -> None:
    """Raise SourceError for a type that no engine has, such as an interval of months."""
    try:
        dt.DataType.from_pyarrow(field.type)
    except Exception:  # of whatever kind Ibis makes it
        what = f"{shown(field.name)} is a column of a type" if is_known(field.name) else "a column is of a type"
        remedy = "give it as texts, numbers or dates"
        raise SourceError(f"{what} that cannot be read", where=place, remedy=remedy) from None


def _plain_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        decoded = [_plain_column(pa.chunked_array([chunk.dictionary])).take(chunk.indices) for chunk in column.chunks]
        return pa.chunked_array([part for one in decoded for part in one.chunks], None if decoded else pa.string())
    if pa.types.is_null(kind):
        return column.cast(pa.string())
    is_text = pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return column.cast(pa.string()) if is_text and column.nbytes < _FITS_32_BITS else column
