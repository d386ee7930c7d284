"""A delivery on the engine that a study asked for: imported by the embedded one, held by that one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskset.registers.delivered.source import Sources
from riskset.registers.engine import open_engine
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.ingest import Progress, import_registers, open_store
from riskset.registers.registers import Registers


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
            yield import_registers(sources, store, engine=engine, progress=progress)
            return
        with DuckDB(folder, memory=memory, threads=threads) as importing:
            import_registers(sources, store, engine=importing, progress=progress)
        progress(f"opening the store on {engine.name}")
        yield open_store(store.resolve(), engine=engine, progress=progress)
