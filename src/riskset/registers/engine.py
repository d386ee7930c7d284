"""What every engine can do: the door between portable expressions and whoever computes them.

Everything outside ``registers.engine`` and ``registers.engines`` is Ibis expressions in a portable subset. Here is what
is not: opening and closing, holding tables, materialising an intermediate table, collecting a result, memory, threads
and the temporary folder.
"""

from __future__ import annotations

import errno
from abc import ABC, abstractmethod
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Self, cast

import duckdb
import ibis.expr.types as ir
import pyarrow as pa

from riskset.errors import RisksetError, SourceError, SpecError
from riskset.registers.shelf import Shelf
from riskset.spec.complaints import shown
from riskset.storage.folders import private_folder

if TYPE_CHECKING:
    from ibis.backends.sql import SQLBackend

ENGINES: Mapping[str, tuple[str, str]] = {
    "duckdb": ("riskset.registers.engines.duckdb", "DuckDB"),
    "postgres": ("riskset.registers.engines.postgres", "Postgres"),
    "spark": ("riskset.registers.engines.spark", "Spark"),
}
"""The engines by name, and where they live; imported when asked for, since two of them need an extra."""


class Engine(ABC):
    """Holds tables, computes Ibis expressions over them and hands the results over as Arrow.

    ``Engine(…)`` itself opens the default one, an embedded DuckDB, and takes its parameters; `open_engine` opens any by
    name. Tables that are loaded or materialised are the engine's own and go with it when it closes.
    """

    name: ClassVar[str]

    def __new__(cls, *_: object, **__: object) -> Self:
        return cast(Self, object.__new__(_class_of("duckdb") if cls is Engine else cls))

    @abstractmethod
    def load(self, name: str, table: pa.Table) -> ir.Table:
        """Keep an Arrow table under a name, replacing what was there."""

    @abstractmethod
    def attach(self, tag: str, files: Mapping[str, Path], sorted_by: Mapping[str, str]) -> dict[str, ir.Table]:
        """The tables of an imported store.

        Parameters
        ----------
        tag : says which store, whatever its folder; the same tag is the same content
        files : name → Parquet file
        sorted_by : name → the column that the file is sorted by first
        """

    @abstractmethod
    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """Compute an expression now and keep it under a name, so that what follows does not compute it again."""

    @abstractmethod
    def keep(self, shelf: Shelf, name: str, table: ir.Table) -> None:
        """Put a loaded or materialised table on a shelf, whole or not at all, for engines of this kind to come.

        At most ``shelf.AT_MOST`` stay there: those not used for longest go.
        """

    @abstractmethod
    def kept(self, shelf: Shelf, name: str) -> ir.Table | None:
        """What an engine of this kind has put on a shelf; None where there is nothing whole of that name."""

    @abstractmethod
    def collect(self, expression: ir.Table) -> pa.Table:
        """Compute an expression and bring it over as Arrow. Rows come in no particular order: sort if it matters."""

    @abstractmethod
    def drop(self, *names: str) -> None:
        """Forget what was loaded or materialised under these names, where there is such a thing."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the tables and of whoever computes."""

    @property
    @abstractmethod
    def connection(self) -> SQLBackend:
        """The Ibis backend."""

    def sql(self, expression: ir.Table) -> str:
        """The query that an expression compiles to."""
        return str(self.connection.compile(expression))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_engine(asked: str, folder: Path | None = None, *, memory: str = "3GB", threads: int | None = None) -> Engine:
    """Open an engine.

    Parameters
    ----------
    asked
        ``duckdb``, ``spark``, ``postgres`` (the server of libpq's environment: PGHOST, PGPORT, PGUSER, PGDATABASE) or
        the address of a PostgreSQL: ``postgresql://user@host:port/database``.
    folder
        Where intermediates are kept or spilled; inside the run's folder, since they hold microdata.
    memory
        The most memory that tables may take: ``4GB``.
    threads
        Threads of a query; all cores when left out.

    Raises
    ------
    SpecError
        No such engine, or an address with a password in it.
    SourceError
        The engine cannot be reached: not installed, no Java, no server at the address.
    """
    if folder is not None:
        private_folder(folder)
    address = {"address": asked} if asked.startswith(("postgresql://", "postgres://")) else {}
    name = "postgres" if address else asked
    if name not in ENGINES:
        raise SpecError(
            f"there is no engine {shown(asked)}",
            where="--engine",
            remedy=f"there are {', '.join(ENGINES)}, or postgresql://…",
        )
    opened: Engine = _class_of(name)(folder, memory=memory, threads=threads, **address)
    return opened


def quoted(identifier: str) -> str:
    """A name as standard SQL quotes it."""
    return '"' + identifier.replace('"', '""') + '"'


def _class_of(name: str) -> type[Engine]:
    module, kind = ENGINES[name]
    try:
        opened: type[Engine] = getattr(import_module(module), kind)
    except SourceError as missing:  # its extra
        remedy = f"{missing.remedy}, or in a clone make engines"
        raise SourceError(missing.what, where=missing.where, remedy=remedy) from None
    return opened


def as_riskset_error(error: Exception, where: str) -> RisksetError | None:
    """What the machine complains of, in our words; None where it does not.

    The engine's own words are left out: they may quote a cell.
    """
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or (isinstance(error, duckdb.Error) and "No space left" in str(error)):
        return disk_full(where)
    if isinstance(error, OSError):
        what = error.strerror or "a file cannot be read or written"
        remedy = "ask for the right to it, or name another place" if isinstance(error, PermissionError) else ""
        return RisksetError(what, where=str(error.filename or where), remedy=remedy)
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return out_of_memory(where)
    return None


def disk_full(where: str) -> RisksetError:
    """No room for tables or intermediates."""
    return RisksetError("the disk is full", where=where, remedy="free some space and run again")


def out_of_memory(where: str) -> RisksetError:
    """The tables are too large for what the engine was given."""
    return RisksetError(
        "the tables outgrow the memory and the folder for intermediates",
        where=where,
        remedy="allow more memory, or a folder with more space",
    )
