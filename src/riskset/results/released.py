"""What the report may see: results that have passed the door, stamped with how far they may travel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, overload

import pyarrow as pa

from riskset.microdata import as_html
from riskset.results.columns import key_of, refuse_repeated
from riskset.results.manifest_keys import Manifest
from riskset.results.refitting import Refitting
from riskset.results.row_cells import (
    AttritionCells,
    AuditCells,
    CurveCells,
    DescribedCells,
    DiagnosticCells,
    EstimateCells,
    KnownCells,
    QualityCells,
    Row,
)
from riskset.results.tables import KINDS, SCHEMAS
from riskset.results.withheld import HiddenNumber
from riskset.spec.study import Study

INTERNAL = "internal, not cleared"

Hidden = Mapping[int, Mapping[str, HiddenNumber]]
"""Number of a row → column → what stands there instead of the number."""


@dataclass(frozen=True)
class Released:
    """The tables of a run with the study that asked for them.

    Attributes
    ----------
    study : the description that was run
    tables : name → table, the names and columns of ``results.tables.SCHEMAS``; a table may be absent
    manifest : what was run, on what, with what (JSON-like)
    stamp : shown on every page; "internal, not cleared" until disclosure control has cleared the tables
    withheld : name of a table → its cells that disclosure control has emptied
    refitting : the models that scripts of other programs fit again; none where the run has not kept them
    """

    study: Study
    tables: Mapping[str, pa.Table]
    manifest: Manifest
    stamp: str = INTERNAL
    withheld: Mapping[str, Hidden] = field(default_factory=dict)
    refitting: Refitting = field(default_factory=Refitting)

    def __post_init__(self) -> None:
        for name, table in self.tables.items():
            if not table.schema.equals(SCHEMAS[name]):
                raise ValueError(f"the table {name} has not the columns of results.tables")
            if self.is_internal:  # what leaves has rounded times among its keys, of rows that were told apart here
                refuse_repeated(table, key_of(KINDS[name]))

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        return as_html(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"Results of {self.study.name!r} ({self.stamp})"
        for name, table in self.tables.items():
            hidden = sum(map(len, self.withheld.get(name, {}).values()))
            yield f"  {name}: {table.num_rows:,} rows" + (f", {hidden:,} cells withheld" if hidden else "")
        yield "  see table(name) and rows(name)"

    def table(self, name: str) -> pa.Table:
        """A table of the run; empty, with its columns, where the run made none."""
        return self.tables.get(name, SCHEMAS[name].empty_table())

    @overload
    def rows(self, name: Literal["estimates"]) -> list[EstimateCells]: ...
    @overload
    def rows(self, name: Literal["curves"]) -> list[CurveCells]: ...
    @overload
    def rows(self, name: Literal["diagnostics"]) -> list[DiagnosticCells]: ...
    @overload
    def rows(self, name: Literal["table_one"]) -> list[DescribedCells]: ...
    @overload
    def rows(self, name: Literal["attrition"]) -> list[AttritionCells]: ...
    @overload
    def rows(self, name: Literal["audit"]) -> list[AuditCells]: ...
    @overload
    def rows(self, name: Literal["quality"]) -> list[QualityCells]: ...
    @overload
    def rows(self, name: Literal["planted"]) -> list[KnownCells]: ...
    @overload
    def rows(self, name: str) -> Sequence[Mapping[str, object]]: ...
    def rows(self, name: str) -> Sequence[Mapping[str, object]]:
        """The rows of a table; a text that is not there is empty, and a number that is withheld a `HiddenNumber`."""
        table = self.table(name)
        for i, column in enumerate(table.schema):
            if pa.types.is_string(column.type):
                table = table.set_column(i, column, table.column(i).fill_null(""))
        rows: list[Row] = table.to_pylist()
        for i, cells in self.withheld.get(name, {}).items():
            rows[i] |= cells
        return rows

    @property
    def is_internal(self) -> bool:
        """Whether disclosure control has not cleared it."""
        return self.stamp == INTERNAL
