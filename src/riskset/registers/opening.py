"""A delivery opened for as long as the process runs, and refused where a study needs what it lacks."""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from riskset.errors import RisksetError, SpecError, several
from riskset.given import path_given, refuse_no_function, refuse_other
from riskset.registers.coverage import refuse_uncovered
from riskset.registers.delivered.source import Sources
from riskset.registers.engine import open_engine
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.held import HeldTables
from riskset.registers.ingest import Progress, import_registers, open_store
from riskset.registers.places import refuse_delivery, refuse_place
from riskset.spec.check import names_wanted, needs
from riskset.spec.study import Study
from riskset.storage.folders import private_folder
from riskset.storage.lock import only_one


def registers_from_sources(
    sources: str | Path | Sources | Mapping[str, Any],
    *,
    store: str | Path | None = None,
    study: Study | None = None,
    engine: str = "duckdb",
    memory: str = "3GB",
    threads: int | None = None,
    progress: Progress | None = None,
) -> HeldTables:
    """Import delivered files into a store, or open the store that holds them already; for as long as the process runs.

    The checks are those of ``riskset import``, and with a study those of ``riskset run``, before anything is read.

    Parameters
    ----------
    sources
        The path of ``sources.toml``, to whose folder the files' paths are relative; or what it says, as `Sources` or as
        a mapping (`Sources.from_dict`): the paths of these are relative to the working directory.
    store
        Folder of the imported tables, which is microdata; made, replaced or used again. Left out, the folder ``store``
        beside ``sources.toml``.
    study
        What will be asked of the registers; refused where the mapping lacks a table, a column or days that it needs.
    engine, memory, threads
        As `open_engine` takes them; what outgrows the memory is spilled beside the store, until the process ends.
    progress
        Is told what begins.

    Raises
    ------
    SpecError
        The mapping says something that cannot be meant, or the store lies where delivered files do.
    SourceError, QualityError, RisksetError
        As `import_registers`; another process is writing the store.
    """
    _refuse_others(sources, store, study, engine, memory, threads)
    if progress is not None:
        refuse_no_function(progress, "progress")
    if store is None and not isinstance(sources, str | Path):
        raise SpecError("a mapping in memory has no folder of its own", where="store", remedy="name a folder for it")
    place = Path(store) if store is not None else Path(sources).with_name("store")  # type: ignore[arg-type]
    delivered, place = _described(sources), place.resolve()
    refuse_place(place, option="store")
    refuse_delivery(delivered, place, option="store", above=True)
    if study is not None:
        refuse_lacking(delivered, study)
    tell = progress or (lambda doing: None)
    spill = place.with_name(f"{place.name}.spill-{os.getpid()}")  # of this process, which may hold the store for long
    with only_one(place):
        private_folder(spill)
        try:
            opened = open_engine(engine, spill, memory=memory, threads=threads)
            weakref.finalize(opened, shutil.rmtree, spill, ignore_errors=True)
            if isinstance(opened, DuckDB):
                return import_registers(delivered, place, engine=opened, progress=tell)
            with DuckDB(spill, memory=memory, threads=threads) as importing:
                import_registers(delivered, place, engine=importing, progress=tell)
            return open_store(place, engine=opened, progress=tell)
        except BaseException:
            shutil.rmtree(spill, ignore_errors=True)
            raise


def _refuse_others(
    sources: object, store: object, study: object, engine: object, memory: object, threads: object
) -> None:
    """Refuse what is none of these before anything is read."""
    remedy = "give the path of sources.toml, Sources, or what it says as a dictionary"
    refuse_other(sources, (str, Path, Sources, Mapping), "sources", "this describes no delivery", remedy)
    if isinstance(sources, str | Path):
        path_given(sources, "sources", remedy)
    if store is not None:
        path_given(store, "store", "give the path of a folder")
    refuse_other(study, (Study, type(None)), "study", "this is no study", "write Study(…), or Study.load(path)")
    refuse_other(engine, str, "engine", "this is no name of an engine", "write 'duckdb'")
    refuse_other(memory, str, "memory", "this is no amount of memory", "write it as '3GB'")
    if threads is not None and (isinstance(threads, bool) or not isinstance(threads, int) or threads < 1):
        raise SpecError("this is no number of threads", where="threads", remedy="give a whole number from 1")


def refuse_lacking(delivered: Sources, study: Study) -> None:
    """Refuse a study that needs tables, columns, names or days that a delivery does not say to have.

    Raises
    ------
    SourceError, DesignError
        Names each, and who wants it.
    """
    errors: list[RisksetError] = []
    checks: tuple[Callable[[], None], ...] = (
        lambda: delivered.require(needs(study)),
        lambda: delivered.require_names(names_wanted(study)),
        lambda: refuse_uncovered(study, delivered.coverage()),
    )
    for check in checks:
        try:
            check()
        except RisksetError as error:
            errors.append(error)
    if errors:
        raise several(errors)


def _described(sources: str | Path | Sources | Mapping[str, Any]) -> Sources:
    if isinstance(sources, str | Path):
        return Sources.load(sources)
    return sources.placed_in(Path.cwd()) if isinstance(sources, Sources) else Sources.from_dict(sources)
