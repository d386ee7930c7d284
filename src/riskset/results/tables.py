"""The tables of a run, each with its columns fixed. Estimates are numbers on the model's scale, never strings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from riskset.results.columns import schema_of, table_of
from riskset.results.rows import CurvePoint, Diagnostic, Estimate, KnownTruth

TEXT, REAL, INT, YES = pa.string(), pa.float64(), pa.int64(), pa.bool_()


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


def _with_labels(schema: pa.Schema, *labels: str) -> pa.Schema:
    """The columns with labels in prose beside them, which go once nothing reads them."""
    return pa.schema([*schema, *(pa.field(name, TEXT) for name in labels)])


ESTIMATES = _with_labels(schema_of(Estimate), "model", "term", "subgroup", "note")
"""One number and its uncertainty."""

PLANTED = schema_of(KnownTruth)
"""The truth of a synthetic nation, keyed like estimates. Comes only from ``run --truth``."""

ATTRITION = _schema(part=TEXT, step=INT, rule=TEXT, removed=INT, remaining=INT, unit=TEXT)
"""Each rule that removes people: ``part`` is "cases", "population controls", …; ``unit`` is "persons" or "sets"."""

AUDIT = _schema(comparison=TEXT, check=TEXT, count=INT, of=INT, verdict=TEXT, meaning=TEXT)
"""Checks of matched sets: verdict is "pass", "note" or "violation"."""

TABLE_ONE = _schema(
    comparison=TEXT,
    variable=TEXT,
    level=TEXT,  # "" for a number
    kind=TEXT,  # "share" or "mean"
    cases_n=INT,
    cases_value=REAL,  # share in [0, 1], or mean
    cases_spread=REAL,  # standard deviation of a number, null for a share
    controls_n=INT,
    controls_value=REAL,
    controls_spread=REAL,
    smd=REAL,  # standardised mean difference, cases minus controls; infinite where they differ and neither varies
)
"""Characteristics of cases and controls on the index date."""

SET_SIZE, RELATION = "controls in the set", "relation to the case"
"""Variables of Table 1 that are about the design: of the first, sets are counted in the place of cases; of the second,
controls."""

DIAGNOSTICS = _with_labels(schema_of(Diagnostic), "model", "name", "note")
"""What a reader must know to judge an estimate: truncated windows, rows left out, iterations, tests."""

CURVES = _with_labels(schema_of(CurvePoint), "model", "note")
"""A function of time at chosen times: survival, cumulative incidence, a mean score, a forecast."""

QUALITY = _schema(table=TEXT, rule=TEXT, rows=INT, of=INT, share=REAL, action=TEXT)
"""Rules broken by delivered rows: action is "quarantined", "taken back", "kept", "set to missing" or
"left out as declared"."""

SCHEMAS: Mapping[str, pa.Schema] = {
    "estimates": ESTIMATES,
    "planted": PLANTED,
    "attrition": ATTRITION,
    "audit": AUDIT,
    "table_one": TABLE_ONE,
    "curves": CURVES,
    "diagnostics": DIAGNOSTICS,
    "quality": QUALITY,
}


def typed_table(rows: Iterable[Any], kind: type, schema: pa.Schema) -> pa.Table:
    """A table of typed rows in a schema that still has labels in prose, which are null.

    Raises
    ------
    ValueError
        Two rows have one key.
    """
    return pa.concat_tables([schema.empty_table(), table_of(rows, kind)], promote_options="default")


def rows_to_table(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Build a table from rows; a column that a row does not name is null, one that the schema lacks is an error.

    What is no number (NaN) is null: there is one way to say that something could not be estimated.
    """
    rows = list(rows)
    for row in rows:
        unknown = set(row) - set(schema.names)
        if unknown:
            raise KeyError(f"no such column: {', '.join(sorted(unknown))}")
    return pa.Table.from_pylist(
        [{name: _or_null(row.get(name)) for name in schema.names} for row in rows], schema=schema
    )


def _or_null(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value
