"""Rows as frozen dataclasses, and the Arrow schema, key and dictionary that follow from their fields.

A column is described once, where its field is declared: meaning, unit, whether it is part of the key. The schema, the
check of the key, the labels in Parquet and the data dictionary are read off from there.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from enum import StrEnum
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from riskset.results.roles import DisclosureRole


def column(
    meaning: str,
    *,
    key: bool = False,
    unit: str = "",
    json: bool = False,
    role: DisclosureRole | None = None,
    of: tuple[str, ...] = (),
    default: object = MISSING,
) -> Any:
    """A field that is a column.

    Parameters
    ----------
    meaning : for the data dictionary
    key : whether it is part of the row's key
    unit : of a number
    json : whether the cell is JSON: of a value with ``as_json()``, or of a tuple of such values or of texts
    role : what a number, or JSON that may hold some, tells of persons; none of a text
    of : the counts of the same row that a share or a function is of
    default : for rows that have no such thing; without one the field must be given
    """
    facts = {"meaning": meaning, "key": key, "unit": unit, "json": json, "role": role, "of": of}
    return field(default=default, metadata=facts)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name, meaning, unit : what it is called, what it says, of numbers in what unit
    type : Arrow's
    values : the closed set of a text column; empty where any text may stand
    key : whether it is part of the key
    json : of a column whose cells are JSON, which kind: array or object; empty for others
    nullable : whether a cell may be null
    needed : whether no cell may be empty
    role : what a number tells of persons; None of a text
    of : the counts of its row that a share or a function is of
    """

    name: str
    meaning: str
    unit: str
    type: pa.DataType
    values: tuple[str, ...]
    key: bool
    json: str
    nullable: bool
    needed: bool
    role: DisclosureRole | None
    of: tuple[str, ...]


_ARROW: dict[Any, pa.DataType] = {str: pa.string(), float: pa.float64(), int: pa.int64(), bool: pa.bool_()}


@cache
def columns_of(row: type) -> tuple[Column, ...]:
    """The columns of a kind of row, those of a row within it (a model's) in its place."""
    kinds = typing.get_type_hints(row)
    made: list[Column] = []
    for one in fields(row):
        kind = kinds[one.name]
        made += [_column(one, kind)] if one.metadata else columns_of(kind)
    return tuple(made)


def _column(one: Field[Any], kind: Any) -> Column:
    nullable = typing.get_origin(kind) is types.UnionType
    if nullable:
        (kind,) = (part for part in typing.get_args(kind) if part is not type(None))
    facts = {name: one.metadata[name] for name in ("meaning", "unit", "key", "role", "of")}
    if one.metadata["json"]:
        json_kind = "array" if typing.get_origin(kind) is tuple else "object"
        return Column(one.name, values=(), type=pa.string(), json=json_kind, nullable=False, needed=True, **facts)
    is_closed = isinstance(kind, type) and issubclass(kind, StrEnum)
    values = tuple(str(value) for value in kind) if is_closed else ()
    arrow = pa.string() if is_closed else _ARROW[kind]
    may_be_blank = "" in values if is_closed else kind is str
    needed = not nullable and one.default is MISSING and not may_be_blank
    return Column(one.name, values=values, type=arrow, json="", nullable=nullable, needed=needed, **facts)


def schema_of(row: type) -> pa.Schema:
    """The Arrow schema, each column with its meaning and unit as metadata."""
    return pa.schema(
        [
            pa.field(c.name, c.type, metadata={"meaning": c.meaning, **({"unit": c.unit} if c.unit else {})})
            for c in columns_of(row)
        ]
    )


def key_of(row: type) -> tuple[str, ...]:
    """The names of the columns that tell a row from all others."""
    return tuple(c.name for c in columns_of(row) if c.key)


def as_cells(row: Any) -> Iterator[tuple[str, Any]]:
    """The cells of a row by column; what is no number is empty."""
    for one in fields(row):
        value = getattr(row, one.name)
        if not one.metadata:
            yield from as_cells(value)
        elif one.metadata["json"]:
            plain = [_as_json(each) for each in value] if isinstance(value, tuple) else value.as_json()
            yield one.name, json.dumps(plain, ensure_ascii=False)
        elif isinstance(value, StrEnum):
            yield one.name, str(value)
        else:
            yield one.name, None if isinstance(value, float) and value != value else value


def _as_json(value: Any) -> Any:
    return value if isinstance(value, str) else value.as_json()


def table_of(rows: Iterable[Any], kind: type) -> pa.Table:
    """A table of rows of one kind.

    Raises
    ------
    ValueError
        Two rows have one key: a fault of the code that made them.
    """
    cells = [dict(as_cells(row)) for row in rows]
    table = pa.Table.from_pylist(cells, schema=schema_of(kind))
    refuse_repeated(table, key_of(kind))
    return table


def refuse_repeated(table: pa.Table, key: Sequence[str]) -> None:
    """Refuse a table in which a key stands twice; the message has its values, which are a model's and no person's."""
    if not key:
        raise ValueError("the rows of this table have no key: say of some of their columns that they are part of it")
    twice = repeated(table, key)
    if twice.num_rows:
        first = {name: value for name, value in twice.slice(0, 1).to_pylist()[0].items() if value not in ("", None)}
        raise ValueError(f"{twice.num_rows} keys stand in several rows, the first of them {first}")


def repeated(table: pa.Table, key: Sequence[str]) -> pa.Table:
    """The keys that stand in several rows, with how many (``count_all``)."""
    counted = table.group_by(list(key)).aggregate([([], "count_all")])
    return counted.filter(pc.greater(counted["count_all"], 1))
