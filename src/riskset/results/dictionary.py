"""The data dictionary of results: a Frictionless tabular data package, read off from the rows' own fields.

Source: the Table Schema and Tabular Data Package specifications, version 1 (specs.frictionlessdata.io).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pyarrow as pa

from riskset.results.columns import Column, columns_of, key_of
from riskset.results.ratio_columns import MEANINGS, ratio_columns
from riskset.results.tables import KINDS, SCHEMAS, VERSION

DATA_PACKAGE = "datapackage.json"
"""Its file, beside the tables."""


class DataField(TypedDict):
    """A column, in a Table Schema."""

    name: str
    type: str
    description: str
    unit: NotRequired[str]
    constraints: NotRequired[Mapping[str, bool | list[str]]]


class TableSchema(TypedDict):
    """The columns of a table, what an empty cell is, and the key."""

    fields: list[DataField]
    missingValues: list[str]
    primaryKey: list[str]


class DataResource(TypedDict):
    """A file of the package."""

    profile: str
    name: str
    path: str
    description: str
    format: str
    mediatype: str
    encoding: str
    dialect: Mapping[str, str | bool]
    schema: TableSchema


class DataPackage(TypedDict):
    """The dictionary as a whole."""

    profile: str
    name: str
    version: str
    resources: list[DataResource]


_TYPES = {pa.string(): "string", pa.float64(): "number", pa.int64(): "integer", pa.bool_(): "boolean"}


_EMPTY_IN_KEY = "; an empty cell is a value of the key: that there is none"
"""Of a key column that may be empty, which programs may otherwise read as unknown, and leave out on grouping."""


def data_package(names: Sequence[str]) -> DataPackage:
    """The dictionary of some of ``results.tables.SCHEMAS``, each in a CSV file of its name."""
    return {
        "profile": "tabular-data-package",
        "name": "riskset-results",
        "version": str(VERSION),
        "resources": [_resource(name) for name in names],
    }


def _resource(name: str) -> DataResource:
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"{name}.csv",
        "description": (KINDS[name].__doc__ or "").splitlines()[0],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": _schema(name),
    }


def _schema(name: str) -> TableSchema:
    """The Table Schema: columns, closed values, key."""
    fields = [_field(column) for column in columns_of(KINDS[name])]
    ratios = ratio_columns(SCHEMAS[name].names).values()
    fields += [DataField(name=ratio, type="number", description=MEANINGS[ratio]) for ratio in ratios]
    return {"fields": fields, "missingValues": [""], "primaryKey": list(key_of(KINDS[name]))}


def _field(column: Column) -> DataField:
    """A column: the closed set of its values leaves out the empty text, which is a missing value."""
    values = [value for value in column.values if value]
    constraints: dict[str, bool | list[str]] = {"required": True} if column.needed else {}
    if values:
        constraints["enum"] = values
    field: DataField = {
        "name": column.name,
        "type": column.json or _TYPES[column.type],
        "description": column.meaning + (_EMPTY_IN_KEY if column.key and not column.needed else ""),
    }
    if column.unit:
        field["unit"] = column.unit
    if constraints:
        field["constraints"] = constraints
    return field
