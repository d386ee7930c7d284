"""Canonical tables that an engine holds: what every door of the registers hands over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, Self

import ibis.expr.types as ir
import pyarrow as pa

from riskset.errors import SourceError, there_are
from riskset.microdata import Microdata, MicrodataTable, NumberedTable, as_html
from riskset.registers.coverage import Coverage
from riskset.registers.engine import Engine
from riskset.registers.frames import ArrowStream
from riskset.registers.numbering import numbered
from riskset.registers.shelf import Shelf
from riskset.results.quality_vocabulary import counts_sets
from riskset.results.rows import QualityRow


class RegisterTable(ir.Table):  # type: ignore[misc]
    """A table of a register; shown it names its columns, in Ibis's interactive mode too, which would fetch rows."""

    def __repr__(self) -> str:
        return f"RegisterTable(table of {', '.join(self.columns)})"

    def __rich_console__(self, *console: object) -> Iterator[str]:
        yield repr(self)


@dataclass(frozen=True)
class HeldTables(Microdata):
    """Canonical tables (``registers.schema``) held by an engine.

    Attributes
    ----------
    engine : the engine that holds them
    tables : canonical name → Ibis table, all columns of the schema, in order
    delivered : canonical name → the columns that the source delivered; the others are all null
    starts : canonical name → the first day that the register covers, where it is stated
    fingerprint : SHA-256 over what was imported and the code that did
    quality : rules broken by delivered rows (``results.tables.QUALITY``)
    keys : gives ``id`` (as delivered) and ``person_id`` of the people in the person table, as texts and numbers
    imported : the days that an import found the delivery to cover; of tables in memory those that were stated
    remarks : what is to be known of the delivery beside its quality; ``riskset.remarks_on`` has it in sentences
    delivery : SHA-256 of what was delivered and of what is said of it, without the code; of a store from before that
        was kept, and of tables in memory, the fingerprint
    code : SHA-256 of the code that imported; empty of tables in memory
    shelf : where tables derived from these are kept for the next run; None of tables in memory
    """

    engine: Engine
    tables: Mapping[str, ir.Table]
    delivered: Mapping[str, frozenset[str]]
    fingerprint: str
    quality: pa.Table
    starts: Mapping[str, date] = field(default_factory=dict)
    remarks: tuple[QualityRow, ...] = ()
    shelf: Shelf | None = None
    imported: Coverage = field(default_factory=Coverage)
    keys: Callable[[], MicrodataTable] | None = None
    delivery: str = ""
    code: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "delivery", self.delivery or self.fingerprint)
        shown = {id(table): RegisterTable(table.op()) for table in self.tables.values()}  # one table may have two names
        object.__setattr__(self, "tables", {name: shown[id(table)] for name, table in self.tables.items()})

    def __getitem__(self, name: str) -> ir.Table:
        try:
            return self.tables[name]
        except KeyError:
            raise SourceError(
                f"the registers hold no table {name!r}",
                remedy="map it in sources.toml, or leave out the part of the study that needs it "
                f"({there_are(sorted(self.tables))})",
            ) from None

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def numbered(
        self, frame: ArrowStream, *, id: str, unknown: Literal["refuse", "leave out"] = "refuse"
    ) -> NumberedTable:
        """A frame of yours about persons, with the numbers that they have here: see `numbering.numbered`."""
        return numbered(self.keys, self.fingerprint, frame, id=id, unknown=unknown)

    def on(self, engine: Engine) -> Self:
        """The same registers held by another engine, to which the tables are copied; this one keeps its own.

        For tables in memory: those of a store are opened on any engine by ``registers.ingest.open_store``.
        """
        tag = self.fingerprint[:12]
        tables = {n: engine.load(f"{n}_{tag}", self.engine.collect(table)) for n, table in self.tables.items()}
        known = self.keys() if self.keys else None  # before this engine may close
        return replace(self, engine=engine, tables=tables, shelf=None, keys=(lambda: known) if known else None)

    @property
    def in_memory(self) -> bool:
        """Whether they came as frames, so that there is no sources.toml."""
        return self.imported.delivered is None

    @property
    def coverage(self) -> Coverage:
        """The days that the registers cover, as far as is known."""
        return replace(self.imported, starts=self.starts)

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        return as_html(self._lines())

    def _lines(self) -> Iterator[str]:
        """The tables with the rows that were delivered, counted when they came in: nothing is computed to be shown."""
        yield f"Registers on {self.engine.name}, {self.fingerprint[:12]}"
        rows = [row for row in self.quality.to_pylist() if not counts_sets(row["rule"], row["subject"])]
        for name in self.tables:
            delivered = [row["of"] for row in rows if row["table"] == name]
            aside = sum(row["rows"] for row in rows if row["table"] == name and row["action"] == "quarantined")
            counted = f": {max(delivered):,} rows delivered" if delivered else ""
            yield f"  {name}{counted}{f', {aside:,} set aside' if aside else ''}"
        if self.remarks:
            yield f"  to be considered: {len(self.remarks):,}; see riskset.remarks_on"

    def has(self, table: str, column: str) -> bool:
        """Whether the source delivered this column."""
        return column in self.delivered.get(table, frozenset())
