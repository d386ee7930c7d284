"""What `results.row_cells` says of a row is what the tables have."""

from __future__ import annotations

import typing

import pyarrow as pa
import pytest
from tests import recognisable

from riskset.results import row_cells, tables
from riskset.results.columns import columns_of
from riskset.results.released import Released
from riskset.results.rows import Estimate, Failure
from riskset.results.withheld import HiddenNumber

TYPES = {pa.string(): str, pa.float64(): float, pa.int64(): int, pa.bool_(): bool}
KINDS = {
    "estimates": row_cells.EstimateCells,
    "curves": row_cells.CurveCells,
    "diagnostics": row_cells.DiagnosticCells,
    "table_one": row_cells.DescribedCells,
    "attrition": row_cells.AttritionCells,
    "audit": row_cells.AuditCells,
    "quality": row_cells.QualityCells,
    "planted": row_cells.KnownCells,
}


def test_each_table_has_its_cells() -> None:
    assert set(KINDS) == set(tables.KINDS)


@pytest.mark.parametrize(
    ("row", "said"), [*((tables.KINDS[name], kind) for name, kind in KINDS.items()), (Failure, row_cells.FailureCells)]
)
def test_the_cells_of_a_row_are_its_columns(row: type, said: type) -> None:
    kinds = {name: _parts(kind) - {HiddenNumber} for name, kind in typing.get_type_hints(said).items()}
    asked = {c.name: {TYPES[c.type], *([type(None)] if c.nullable else [])} for c in columns_of(row)}
    assert kinds == asked


def _parts(kind: object) -> set[object]:
    return set(typing.get_args(kind)) or {kind}


def test_a_text_that_is_not_there_is_empty_and_a_number_nothing() -> None:
    table = pa.Table.from_pylist([{"comparison": "population"}], schema=tables.ESTIMATES)
    (row,) = Released(recognisable.study(), {"estimates": table}, {}).rows("estimates")
    texts = {c.name for c in columns_of(Estimate) if c.type == pa.string()} - {"comparison"}
    assert {row[name] for name in texts} == {""}
    assert row["estimate"] is None
