"""The engine that holds the tables: the only module that knows what differs between engines.

Everything else is Ibis expressions in a portable subset. Here is what is not: opening and closing, loading Arrow,
reading Parquet, materialising an intermediate table, collecting a result, memory, threads and the temporary folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa


class Engine:
    """An embedded DuckDB.

    Parameters
    ----------
    folder
        Where intermediates that outgrow memory are spilled; inside the run's folder, since they hold microdata.
        Nothing is spilled when it is left out.
    memory
        The most memory that tables may take, as DuckDB spells it: ``4GB``.
    threads
        Threads of a query; all cores when left out.
    """

    name = "duckdb"

    def __init__(self, folder: Path | None = None, *, memory: str = "3GB", threads: int | None = None) -> None:
        settings: dict[str, Any] = {"memory_limit": memory, "preserve_insertion_order": False}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            settings["temp_directory"] = str(folder)
        if threads is not None:
            settings["threads"] = threads
        self._connection = ibis.duckdb.connect(**settings)
        self._connection.raw_sql("SET TimeZone = 'UTC'")
        self._connection.raw_sql("SET enable_progress_bar = false")

    def load(self, name: str, table: pa.Table) -> ir.Table:
        """Keep an Arrow table under a name, replacing what was there."""
        return self._connection.create_table(name, table, temp=True, overwrite=True)

    def read_parquet(self, name: str, files: Path | Sequence[Path]) -> ir.Table:
        """A table over Parquet files, read when asked for."""
        paths = [files] if isinstance(files, Path) else list(files)
        return self._connection.read_parquet([str(p) for p in paths], table_name=name)

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """Compute an expression now and keep it under a name, so that what follows does not compute it again."""
        return self._connection.create_table(name, expression, temp=True, overwrite=True)

    def collect(self, expression: ir.Table) -> pa.Table:
        """Compute an expression and bring it over as Arrow. Rows come in no particular order: sort if it matters."""
        return self._connection.to_pyarrow(expression)

    def write_parquet(self, expression: ir.Table, path: Path, *, rows_per_group: int = 122_880) -> None:
        """Compute an expression into one Parquet file (write to a temporary name and rename: the caller's duty)."""
        sql = self._connection.compile(expression)
        quoted = str(path).replace("'", "''")
        self._connection.raw_sql(
            f"COPY ({sql}) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {rows_per_group})"
        )

    def drop(self, *names: str) -> None:
        """Forget intermediates."""
        for name in names:
            self._connection.drop_table(name, force=True)

    def sql(self, expression: ir.Table) -> str:
        """The query that an expression compiles to."""
        return str(self._connection.compile(expression))

    @property
    def connection(self) -> Any:
        """The Ibis backend, for `registers` alone (reading delivered CSV files needs the engine's own reader)."""
        return self._connection

    def close(self) -> None:
        self._connection.disconnect()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
