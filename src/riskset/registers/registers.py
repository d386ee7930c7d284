"""The registers of a study: canonical tables behind one door, whichever way they came in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from riskset.registers.delivered.source import Sources
from riskset.registers.engine import Engine, open_engine
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.frames import ArrowStream
from riskset.registers.held import HeldTables
from riskset.registers.ingest import Progress, import_registers, open_store
from riskset.registers.opening import registers_from_sources
from riskset.registers.tables import registers_from_tables
from riskset.spec.study import Study


@dataclass(frozen=True)
class Registers(HeldTables):
    """Canonical tables (``registers.schema``) held by an engine, and the doors by which they come in."""

    @classmethod
    def of(cls, held: HeldTables) -> Registers:
        """What a door has handed over, as registers."""
        return cls(**{each.name: getattr(held, each.name) for each in fields(held)})

    @classmethod
    def from_tables(
        cls,
        tables: Mapping[str, ArrowStream],
        *,
        engine: Engine | None = None,
        starts: Mapping[str, date] | None = None,
        ends: Mapping[str, date] | None = None,
        delivered: date | None = None,
        mapping: Mapping[str, Mapping[str, Any]] | None = None,
        tolerance: float = 0.01,
        remarks: bool = True,
    ) -> Registers:
        """Registers of frames in memory (pandas, polars, pyarrow, DuckDB), through the checks of an import.

        See `registers.tables.registers_from_tables`.
        """
        held = registers_from_tables(
            tables,
            engine=engine,
            starts=starts,
            ends=ends,
            delivered=delivered,
            mapping=mapping,
            tolerance=tolerance,
            remarks=remarks,
        )
        return cls.of(held)

    @classmethod
    def from_sources(
        cls,
        sources: str | Path | Sources | Mapping[str, Any],
        *,
        store: str | Path | None = None,
        study: Study | None = None,
        engine: str = "duckdb",
        memory: str = "3GB",
        threads: int | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> Registers:
        """Registers of delivered files, as ``riskset import`` has them: see `opening.registers_from_sources`."""
        held = registers_from_sources(
            sources, store=store, study=study, engine=engine, memory=memory, threads=threads, progress=progress
        )
        return cls.of(held)


@contextmanager
def registers_on(
    asked: str,
    sources: Sources,
    store: Path,
    *,
    folder: Path,
    memory: str = "3GB",
    threads: int | None = None,
    progress: Progress,
) -> Iterator[Registers]:
    """The registers of a delivery, for as long as the engine is open.

    The engine is opened first: one that cannot be reached is told before anything is imported.

    Parameters
    ----------
    asked, folder, memory, threads : as `open_engine` takes them
    sources, store, progress : as `import_registers` takes them

    Raises
    ------
    SpecError, SourceError, QualityError, RisksetError
        As those two do.
    """
    with open_engine(asked, folder, memory=memory, threads=threads) as engine:
        if isinstance(engine, DuckDB):
            yield Registers.of(import_registers(sources, store, engine=engine, progress=progress))
            return
        with DuckDB(folder, memory=memory, threads=threads) as importing:
            import_registers(sources, store, engine=importing, progress=progress)
        progress(f"opening the store on {engine.name}")
        yield Registers.of(open_store(store.resolve(), engine=engine, progress=progress))
