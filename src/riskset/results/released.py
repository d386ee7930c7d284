"""What the report may see: results that have passed the door, stamped with how far they may travel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from riskset.results.tables import SCHEMAS
from riskset.spec.study import Study

INTERNAL = "internal, not cleared"


@dataclass(frozen=True)
class Released:
    """The tables of a run with the study that asked for them.

    Attributes
    ----------
    study : the description that was run
    tables : name → table, the names and columns of ``results.tables.SCHEMAS``; a table may be absent
    manifest : what was run, on what, with what (JSON-like)
    stamp : shown on every page; "internal, not cleared" until disclosure control has cleared the tables
    """

    study: Study
    tables: Mapping[str, pa.Table]
    manifest: Mapping[str, Any]
    stamp: str = INTERNAL

    def __post_init__(self) -> None:
        for name, table in self.tables.items():
            if not table.schema.equals(SCHEMAS[name]):
                raise ValueError(f"the table {name} has not the columns of results.tables")

    def table(self, name: str) -> pa.Table:
        """A table of the run; empty, with its columns, where the run made none."""
        return self.tables.get(name, SCHEMAS[name].empty_table())
