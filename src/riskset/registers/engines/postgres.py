"""PostgreSQL: for registers that live in a server, or that a server is to hold.

The imported store is copied in once, into a schema named by its content, and kept there for the next run; intermediates
are temporary tables and go with the connection. Tables cross the border by COPY, in CSV, which keeps every value of the
canonical types and tells a missing text from an empty one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from riskset.errors import RisksetError, SourceError, SpecError
from riskset.registers.engine import Engine, disk_full, out_of_memory, quoted
from riskset.registers.shelf import AT_MOST, Shelf

if TYPE_CHECKING:
    from ibis.backends.sql import SQLBackend

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
except ImportError as error:
    raise SourceError(
        "the engine postgres is not installed", where="--engine", remedy="pip install 'riskset[postgres]'"
    ) from error

SCHEMA = "riskset_"
"""What the names of the schemas begin with in which imported stores are kept."""

_KEPT = "derived, last used"
_SECONDS = 10  # to wait for a server that does not answer
_ROWS = 100_000  # of a piece on its way to the server
_WRITTEN = pacsv.WriteOptions(include_header=False, quoting_style="all_valid")
_POINT_LOOKUPS = 50_000_000  # rows up to which an index on persons is worth its making


class Postgres(Engine):
    """A PostgreSQL server.

    Parameters
    ----------
    folder
        Not used: intermediates are in the server's temporary tables, where its administrator has put them.
    memory
        What sorting and hashing may take before the server writes to its disk; split over the steps of a query
        (``work_mem`` is a sixteenth of it). The server's own ``shared_buffers`` stay as they are.
    threads
        Processes of a query (``max_parallel_workers_per_gather`` and the leader); the server's setting when left out.
    address
        ``postgresql://user@host:port/database`` without a password; what libpq's environment says when left out. A
        password comes from ``~/.pgpass`` or ``PGPASSWORD``.

    Raises
    ------
    SpecError
        The address holds a password, or is none.
    SourceError
        No server answers there, it refuses this user, or it does not store text as Unicode.
    """

    name = "postgres"

    def __init__(
        self, folder: Path | None = None, *, memory: str = "3GB", threads: int | None = None, address: str = ""
    ) -> None:
        self._where = _place(address)
        self._server = _connect(address, self._where)
        self._connection = ibis.postgres.from_connection(self._server)
        kilobytes = _kilobytes(memory)
        settings = {
            "work_mem": f"{max(kilobytes // 16, 4096)}kB",
            "temp_buffers": f"{max(kilobytes // 16, 8192)}kB",
            "maintenance_work_mem": f"{max(kilobytes // 4, 65536)}kB",
            "jit": "off",  # compiling takes longer than these queries
            # After several filters the planner expects one row and loops over thousands; hashing is never far off.
            "enable_nestloop": "off",
            "client_min_messages": "error",
            "datestyle": "ISO",
        }
        if threads is not None:
            settings["max_parallel_workers_per_gather"] = str(threads - 1)
        for name, value in settings.items():
            self._run(f"SET {name} = '{value}'")

    def load(self, name: str, table: pa.Table) -> ir.Table:
        schema = ibis.schema(table.schema)
        with self._clear(), self._server.transaction():
            self._server.execute(f"DROP TABLE IF EXISTS pg_temp.{quoted(name)}")
            self._server.execute(f"CREATE TEMP TABLE {quoted(name)} ({self._columns(schema)})")
            self._copy_in(quoted(name), table.to_batches(_ROWS))
            self._server.execute(f"ANALYZE {quoted(name)}")
        return ibis.table(schema, name=name)

    def attach(self, tag: str, files: Mapping[str, Path], sorted_by: Mapping[str, str]) -> dict[str, ir.Table]:
        """The tables of a store, copied into the server unless an earlier run has.

        One transaction makes the schema and fills it: where it is, it is whole.
        """
        schema = SCHEMA + tag
        kinds = {name: ibis.schema(pq.read_schema(file)) for name, file in files.items()}
        with self._clear(), self._server.transaction():
            self._lock(schema)  # two runs that begin at once copy once
            rows = self._server.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
            if not set(files) <= {name for (name,) in rows}:
                self._server.execute(f"DROP SCHEMA IF EXISTS {quoted(schema)} CASCADE")
                self._server.execute(f"CREATE SCHEMA {quoted(schema)}")
                for name, file in files.items():
                    self._keep(f"{quoted(schema)}.{quoted(name)}", kinds[name], file, sorted_by[name])
        return {name: ibis.table(kind, name=name, database=schema) for name, kind in kinds.items()}

    def _keep(self, table: str, schema: ibis.Schema, file: Path, sorted_by: str) -> None:
        self._server.execute(f"CREATE TABLE {table} ({self._columns(schema)})")
        with pq.ParquetFile(file) as parquet:
            self._copy_in(table, parquet.iter_batches(_ROWS))
            # Rows lie in the file's order, so a range of its first column is a range of blocks.
            self._server.execute(f"CREATE INDEX ON {table} USING brin ({quoted(sorted_by)})")
            if sorted_by == "person_id" and parquet.metadata.num_rows <= _POINT_LOOKUPS:
                self._server.execute(f"CREATE INDEX ON {table} (person_id)")
        self._server.execute(f"ANALYZE {table}")

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        arriving = quoted(name + " arriving")
        with self._clear(), self._server.transaction():
            self._server.execute(f"CREATE TEMP TABLE {arriving} AS {self._held_to(expression)}")
            self._server.execute(f"DROP TABLE IF EXISTS pg_temp.{quoted(name)}")
            self._server.execute(f"ALTER TABLE {arriving} RENAME TO {quoted(name)}")
            self._server.execute(f"ANALYZE {quoted(name)}")
        return ibis.table(expression.schema(), name=name)

    def keep(self, shelf: Shelf, name: str, table: ir.Table) -> None:
        place, arriving = quoted(SCHEMA + shelf.tag), quoted(name)
        with self._clear(), self._server.transaction():
            self._lock(SCHEMA + shelf.tag)
            self._server.execute(f"DROP TABLE IF EXISTS {place}.{arriving}")
            self._server.execute(f"CREATE TABLE {place}.{arriving} AS {self._held_to(table)}")
            self._server.execute(f"COMMENT ON TABLE {place}.{arriving} IS '{_KEPT} {_now()}'")
            for old in self._shelved(shelf)[:-AT_MOST]:
                self._server.execute(f"DROP TABLE {place}.{quoted(old)}")

    def kept(self, shelf: Shelf, name: str) -> ir.Table | None:
        with self._clear(), self._server.transaction():
            self._lock(SCHEMA + shelf.tag)
            if name not in self._shelved(shelf):
                return None
            self._server.execute(f"COMMENT ON TABLE {quoted(SCHEMA + shelf.tag)}.{quoted(name)} IS '{_KEPT} {_now()}'")
        return self._connection.table(name, database=SCHEMA + shelf.tag)

    def _shelved(self, shelf: Shelf) -> list[str]:
        """Derived tables, the longest unused first: their comments say when they were used."""
        rows = self._server.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE nspname = %s AND obj_description(c.oid, 'pg_class') LIKE %s "
            "ORDER BY obj_description(c.oid, 'pg_class')",
            (SCHEMA + shelf.tag, _KEPT + " %"),
        )
        return [name for (name,) in rows]

    def _lock(self, schema: str) -> None:
        """Let one connection at a time change what a schema holds, until the transaction ends."""
        self._server.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (schema,))

    def collect(self, expression: ir.Table) -> pa.Table:
        schema = expression.schema().to_pyarrow()
        sink = pa.BufferOutputStream()
        with self._clear():
            query = f"COPY ({self._held_to(expression)}) TO STDOUT (FORMAT csv)"
            with self._server.cursor().copy(query) as copy:
                for piece in copy:
                    sink.write(piece)
        return _read(sink.getvalue(), schema)

    def drop(self, *names: str) -> None:
        for name in names:
            self._run(f"DROP TABLE IF EXISTS pg_temp.{quoted(name)}")

    @property
    def connection(self) -> SQLBackend:
        return self._connection

    def close(self) -> None:
        with suppress(psycopg.Error):
            self._server.close()

    def _copy_in(self, table: str, batches: Iterable[pa.RecordBatch]) -> None:
        with self._server.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
            for batch in batches:
                sink = pa.BufferOutputStream()
                pacsv.write_csv(batch, sink, _WRITTEN)
                copy.write(sink.getvalue())

    def _columns(self, schema: ibis.Schema) -> str:
        return ", ".join(f"{quoted(name)} {self._spelled(kind)}" for name, kind in schema.items())

    def _held_to(self, expression: ir.Table) -> str:
        """A query whose columns have Ibis's types: sums of int64 are ``numeric`` otherwise; texts by code points."""
        columns = ", ".join(
            f"CAST({quoted(name)} AS {self._kind(kind)}){_collated(kind)} AS {quoted(name)}"
            for name, kind in expression.schema().items()
        )
        return f"SELECT {columns} FROM ({self._connection.compile(expression)}) AS held"

    def _spelled(self, kind: dt.DataType) -> str:
        return self._kind(kind) + _collated(kind)

    def _kind(self, kind: dt.DataType) -> str:
        return str(self._connection.compiler.type_mapper.to_string(kind))

    def _run(self, sql: str) -> None:
        with self._clear():
            self._server.execute(sql)

    @contextmanager
    def _clear(self) -> Iterator[None]:
        """What the server complains of, without its own words, which may quote a cell."""
        try:
            yield
        except psycopg.errors.DiskFull:
            raise disk_full(self._where) from None
        except psycopg.errors.OutOfMemory:
            raise out_of_memory(self._where) from None
        except psycopg.errors.InsufficientPrivilege:
            raise SourceError(
                "this user may not make what is needed",
                where=self._where,
                remedy="ask the administrator for the rights CREATE and TEMPORARY on the database",
            ) from None
        except psycopg.Error as error:
            if self._server.closed:
                raise RisksetError(
                    "the connection to PostgreSQL was lost", where=self._where, remedy="run again when it is back"
                ) from None
            state = f"SQLSTATE {error.sqlstate}" if error.sqlstate else type(error).__name__
            raise RisksetError(f"PostgreSQL could not compute a table ({state})", where=self._where) from None


def _connect(address: str, where: str) -> psycopg.Connection:
    try:
        server = psycopg.connect(
            address, autocommit=True, connect_timeout=_SECONDS, client_encoding="utf8", application_name="riskset"
        )
    except psycopg.Error as error:
        refused = "authentication" in str(error) or "role" in str(error) or "no password" in str(error)
        if refused:
            raise SourceError(
                "PostgreSQL refuses this user",
                where=where,
                remedy="see PGUSER, and give the password in ~/.pgpass or PGPASSWORD",
            ) from None
        if "does not exist" in str(error):
            raise SourceError(
                "PostgreSQL has no such database", where=where, remedy="make it, or name another"
            ) from None
        raise SourceError(
            "no PostgreSQL answers", where=where, remedy="start it, or set PGHOST and PGPORT, or give its address"
        ) from None
    encoding = server.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        server.close()
        raise SourceError(
            f"the database stores text as {encoding}", where=where, remedy="make one with ENCODING 'UTF8'"
        )
    return server


def _place(address: str) -> str:
    """Where the server is, without user or password."""
    try:
        address_parts = conninfo_to_dict(address)
    except psycopg.Error:
        raise SpecError(
            "this is no address of a PostgreSQL", where="--engine", remedy="write postgresql://user@host:port/database"
        ) from None
    if "password" in address_parts:
        raise SpecError(
            "the address holds a password, which others can see",
            where="--engine",
            remedy="leave it out, and give it in ~/.pgpass or PGPASSWORD",
        )
    known = {option.keyword.decode(): option.val for option in psycopg.pq.Conninfo.get_defaults()}
    parts = {
        key: address_parts.get(key) or (known.get(key.encode()) or b"").decode() for key in ("host", "port", "dbname")
    }
    return f"PostgreSQL at {parts['host'] or 'the local socket'}:{parts['port'] or 5432}"


def _kilobytes(memory: str) -> int:
    number, unit = memory.rstrip("Bi").rstrip("KMGT").strip(), memory.rstrip("Bi")[-1]
    return int(float(number) * 1024 ** "KMGT".index(unit))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _collated(kind: dt.DataType) -> str:
    return ' COLLATE "C"' if kind.is_string() else ""


def _read(csv: pa.Buffer, schema: pa.Schema) -> pa.Table:
    """A table from what COPY wrote: an unquoted nothing is null, a quoted one an empty text."""
    if not csv.size:
        return schema.empty_table()
    return pacsv.read_csv(
        pa.BufferReader(csv),
        read_options=pacsv.ReadOptions(column_names=schema.names),
        parse_options=pacsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=pacsv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
