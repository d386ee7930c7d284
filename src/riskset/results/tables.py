"""The tables of a run, each with its columns fixed. Estimates are numbers on the model's scale, never strings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from riskset.results.columns import as_cells, schema_of
from riskset.results.rows import (
    AttritionStep,
    AuditResult,
    CurvePoint,
    Described,
    Diagnostic,
    Estimate,
    Failure,
    KnownTruth,
    QualityRow,
)

VERSION = 6
"""Of the tables: raised when a column comes or changes its meaning, or a closed set of values does."""

KINDS: Mapping[str, type] = {
    "estimates": Estimate,
    "planted": KnownTruth,
    "attrition": AttritionStep,
    "audit": AuditResult,
    "table_one": Described,
    "curves": CurvePoint,
    "diagnostics": Diagnostic,
    "quality": QualityRow,
}
"""Table → the kind of its rows."""

ESTIMATES, PLANTED, CURVES, DIAGNOSTICS = (schema_of(kind) for kind in (Estimate, KnownTruth, CurvePoint, Diagnostic))
ATTRITION, AUDIT, TABLE_ONE = (schema_of(kind) for kind in (AttritionStep, AuditResult, Described))
QUALITY, FAILURES = schema_of(QualityRow), schema_of(Failure)

SCHEMAS: Mapping[str, pa.Schema] = {name: schema_of(kind) for name, kind in KINDS.items()}
"""Table → its columns."""


def rows_to_table(rows: Iterable[Any], schema: pa.Schema) -> pa.Table:
    """Build a table from rows; a column that a row does not name is null, one that the schema lacks is an error.

    A row is one of ``results.rows``, or has its cells by column.

    What is no number (NaN) is null: there is one way to say that something could not be estimated.
    """
    cells = [row if isinstance(row, Mapping) else dict(as_cells(row)) for row in rows]
    for row in cells:
        unknown = set(row) - set(schema.names)
        if unknown:
            raise KeyError(f"no such column: {', '.join(sorted(unknown))}")
    return pa.Table.from_pylist(
        [{name: _or_null(row.get(name)) for name in schema.names} for row in cells], schema=schema
    )


def _or_null(value: object) -> Any:
    return None if isinstance(value, float) and value != value else value
