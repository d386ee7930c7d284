"""The data dictionary of results: a Frictionless tabular data package, read off from the rows' own fields.

Source: the Table Schema and Tabular Data Package specifications, version 1 (specs.frictionlessdata.io).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from riskset.results.columns import Column, columns_of, key_of
from riskset.results.ratio_columns import MEANINGS, ratio_columns
from riskset.results.tables import KINDS, SCHEMAS, VERSION

DATA_PACKAGE = "datapackage.json"
"""Its file, beside the tables."""

_TYPES = {pa.string(): "string", pa.float64(): "number", pa.int64(): "integer", pa.bool_(): "boolean"}


_EMPTY_IN_KEY = "; an empty cell is a value of the key: that there is none"
"""Of a key column that may be empty, which programs may otherwise read as unknown, and leave out on grouping."""


def data_package(names: Sequence[str]) -> dict[str, Any]:
    """The dictionary of some of ``results.tables.SCHEMAS``, each in a CSV file of its name."""
    return {
        "profile": "tabular-data-package",
        "name": "riskset-results",
        "version": str(VERSION),
        "resources": [_resource(name) for name in names],
    }


def _resource(name: str) -> dict[str, Any]:
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


def _schema(name: str) -> dict[str, Any]:
    """The Table Schema: columns, closed values, key."""
    fields = [_field(column) for column in columns_of(KINDS[name])]
    ratios = ratio_columns(SCHEMAS[name].names).values()
    fields += [{"name": ratio, "type": "number", "description": MEANINGS[ratio]} for ratio in ratios]
    return {"fields": fields, "missingValues": [""], "primaryKey": list(key_of(KINDS[name]))}


def _field(column: Column) -> dict[str, Any]:
    """A column: the closed set of its values leaves out the empty text, which is a missing value."""
    values = [value for value in column.values if value]
    constraints = ({"required": True} if column.needed else {}) | ({"enum": values} if values else {})
    return {
        "name": column.name,
        "type": column.json or _TYPES[column.type],
        "description": column.meaning + (_EMPTY_IN_KEY if column.key and not column.needed else ""),
        **({"unit": column.unit} if column.unit else {}),
        **({"constraints": constraints} if constraints else {}),
    }
