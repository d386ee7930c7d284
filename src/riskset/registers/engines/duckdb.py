"""The embedded DuckDB: the default engine, and the one that imports.

Reading delivered texts, keeping rejected lines, writing Parquet in order: only an import needs these, and imports
always run here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from riskset.errors import SpecError
from riskset.registers.engine import Engine, quoted
from riskset.registers.shelf import Shelf
from riskset.storage.folders import private_folder, privately

if TYPE_CHECKING:
    from ibis.backends.sql import SQLBackend


@ibis.udf.scalar.builtin(name="try_strptime")  # type: ignore[untyped-decorator]
def _try_strptime(text: str, written: str) -> datetime: ...  # type: ignore[empty-body]


_INSTANT = dt.Timestamp(timezone="UTC")


@ibis.udf.scalar.builtin(name="try_strptime", signature=((dt.string, dt.string), _INSTANT))
def _try_instant(text, written): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, _INSTANT), dt.timestamp))
def _timezone(zone, instant): ...  # type: ignore[no-untyped-def]


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _files(paths: Sequence[Path]) -> str:
    """Files as DuckDB takes them, to which `*`, `?` and `[` are signs of a pattern."""
    return _list([re.sub(r"[*?[]", r"[\g<0>]", str(path)) for path in paths])


def _list(values: Sequence[object]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C in a query is Ctrl-C, not an error of DuckDB's."""
    try:
        yield
    except (RuntimeError, duckdb.InterruptException) as error:
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from None
        raise


class DuckDB(Engine):
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
        # Left to itself DuckDB spills to `.tmp` in the working folder: microdata outside the run's, and two processes
        # there overwrite each other's.
        settings: dict[str, str | int | bool] = {
            "memory_limit": memory,
            "preserve_insertion_order": False,
            "temp_directory": "",
        }
        if folder is not None:
            private_folder(folder)
            settings["temp_directory"] = str(folder)
        if threads is not None:
            settings["threads"] = threads
        self._parked: dict[str, Path] = {}
        try:
            self._connection = ibis.duckdb.connect(**settings)
        except (duckdb.Error, TypeError, OverflowError):
            what = f"DuckDB takes no memory of {memory!r} with {threads or 'all'} threads"
            raise SpecError(what, where="engine", remedy="write memory as 3GB, and threads from 1") from None
        self._connection.raw_sql("SET TimeZone = 'UTC'")
        self._connection.raw_sql("SET enable_progress_bar = false")

    def load(self, name: str, table: pa.Table) -> ir.Table:
        arriving = quoted(name + " arriving")
        self._connection.con.register(arriving, table)
        try:
            return self._keep(name, ibis.schema(table.schema), f"FROM {quoted(arriving)}")
        finally:
            self._connection.con.unregister(arriving)

    def attach(self, tag: str, files: Mapping[str, Path], sorted_by: Mapping[str, str]) -> dict[str, ir.Table]:
        """The tables of a store, read from its files when asked for; their statistics say which parts to skip."""
        return {name: self.read_parquet(f"{name}_{tag}", file) for name, file in files.items()}

    def read_parquet(self, name: str, files: Path | Sequence[Path], *, row_number: str | None = None) -> ir.Table:
        """A table over Parquet files, read when asked for; with a column of row numbers from 1 if one is named."""
        paths = [files] if isinstance(files, Path) else list(files)
        number = f", file_row_number + 1 AS {quoted(row_number)}" if row_number else ""
        columns = "* EXCLUDE (file_row_number)" if row_number else "*"
        options = (
            f"union_by_name = true, hive_partitioning = false, file_row_number = {'true' if row_number else 'false'}"
        )
        source = f"read_parquet({_files(paths)}, {options})"
        self._run(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS SELECT {columns}{number} FROM {source}")
        return self._connection.table(name)

    def read_csv(
        self,
        name: str,
        files: Sequence[Path],
        columns: Sequence[str],
        *,
        delimiter: str,
        quote: str,
        null: Sequence[str],
        encoding: str,
        row_number: str | None = None,
    ) -> ir.Table:
        """A table of texts over CSV files of a declared dialect, read when asked for.

        Parameters
        ----------
        columns
            What the header names, in order; columns without a name, or with one that is there twice but for capitals,
            are left out.
        encoding : ``utf-8`` or ``latin-1``
        row_number : name of a column of row numbers from 1; the table is then read at once

        Lines that cannot be parted into the columns are left out, for `lost_lines`; of one that was read with others as
        one, because a quote is not closed, all are left out, or become a cell (`lines_in_cells`).
        """
        places = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(columns)))
        folded = [column.casefold() for column in columns]  # DuckDB tells no capitals apart
        usable = [(i, c) for i, c in enumerate(columns) if c and folded.count(folded[i]) == 1]
        renamed = ", ".join(f"c{i} AS {quoted(column)}" for i, column in usable)
        quoting = _text(quote)
        source = (
            f"read_csv({_files(files)}, header = true, auto_detect = false, hive_partitioning = false, "
            f"delim = {_text(delimiter)}, quote = {quoting}, "
            f"escape = {quoting}, nullstr = {_list(null or [''])}, columns = {{{places}}}, "
            f"encoding = {_text(encoding)}, ignore_errors = true, store_rejects = true, "
            f"rejects_table = {_text(name + '_lost')}, rejects_scan = {_text(name + '_scan')})"
        )
        if row_number is None:
            self._run(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS SELECT {renamed} FROM {source}")
            return self._connection.table(name)
        self._run("SET preserve_insertion_order = true")
        self._run(
            f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS "
            f"SELECT row_number() OVER () AS {quoted(row_number)}, {renamed} FROM {source}"
        )
        self._run("SET preserve_insertion_order = false")
        return self._connection.table(name)

    def lost_lines(self, *names: str) -> ir.Table:
        """The lines that the last reading of tables of `read_csv` could not part into columns: one column, line."""
        lost = " UNION ALL ".join(
            f"SELECT any_value(csv_line) AS line FROM {quoted(name + '_lost')} WHERE scan_id = "
            f"(SELECT max(scan_id) FROM {quoted(name + '_lost')}) GROUP BY file_id, line"
            for name in names
        )
        return self._keep(names[0] + "_lost_lines", ibis.schema({"line": "string"}), lost)

    def lines_in_cells(self, name: str, delimiter: str) -> tuple[int, int]:
        """Line ends inside the cells of a table of `read_csv`: all, and those of lines that a quote swallowed.

        A cell from a quote in one line to a quote in the same column of a later one holds, for each line end, as many
        delimiters as a line does; a text of several lines does not.
        """
        columns = [c for c, kind in self._connection.table(name).schema().items() if kind.is_string()]
        ends = [f"len(regexp_extract_all({quoted(c)}, '[\\r\\n]+'))" for c in columns]
        parted = [f"len({quoted(c)}) - len(replace({quoted(c)}, {_text(delimiter)}, ''))" for c in columns]
        swallowed = [
            f"CASE WHEN {p} >= {e} * {max(len(columns) - 1, 1)} THEN {e} END" for e, p in zip(ends, parted, strict=True)
        ]
        sums = [" + ".join(f"coalesce(sum({x}), 0)" for x in each) for each in (ends, swallowed)]
        held = " OR ".join(f"regexp_matches({quoted(c)}, '[\\r\\n]')" for c in columns)
        [row] = self._run(f"SELECT {sums[0]}, {sums[1]} FROM {quoted(name)} WHERE {held}").fetchall()
        return int(row[0]), int(row[1])

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        self._connection._run_pre_execute_hooks(expression)  # makes in-memory tables of the expression known
        return self._keep(name, expression.schema(), self._connection.compile(expression))

    def _keep(self, name: str, schema: ibis.Schema, sql: str) -> ir.Table:
        # Ibis's create_table writes the rows twice when it replaces a table.
        self._run(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {self._held_to(schema, sql)}")
        return self._connection.table(name, database=("temp", "main"))

    def _held_to(self, schema: ibis.Schema, sql: str) -> str:
        """A query whose columns have Ibis's types: DuckDB sums int64 as a wider type, and adds days to a timestamp."""
        spell = self._connection.compiler.type_mapper.to_string
        columns = ", ".join(f"CAST({quoted(c)} AS {spell(kind)}) AS {quoted(c)}" for c, kind in schema.items())
        return f"SELECT {columns} FROM ({sql})"

    def keep(self, shelf: Shelf, name: str, table: ir.Table) -> None:
        with shelf.putting(f"{name}.duckdb") as partial:
            self._copy(self._connection.compile(table), partial, compression="snappy")

    def kept(self, shelf: Shelf, name: str) -> ir.Table | None:
        path = shelf.find(f"{name}.duckdb")
        if path is None:
            return None
        try:
            pq.read_metadata(path)
        except pa.ArrowInvalid:  # as a crash of the machine leaves it
            return None
        return self.read_parquet(name, path)

    def collect(self, expression: ir.Table) -> pa.Table:
        with _stoppable():
            return self._connection.to_pyarrow(expression)

    def write_parquet(self, expression: ir.Table, path: Path, *, rows_per_group: int = 122_880) -> None:
        """Compute an expression into one Parquet file (write to a temporary name and rename: the caller's duty)."""
        self._copy(self._connection.compile(expression), path, rows_per_group)

    def _copy(self, sql: str, path: Path, rows_per_group: int = 122_880, compression: str = "zstd") -> None:
        options = f"FORMAT parquet, COMPRESSION {compression}, ROW_GROUP_SIZE {rows_per_group}"
        self._run(f"COPY ({sql}) TO {_text(path)} ({options})")

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        with _stoppable():
            done: duckdb.DuckDBPyConnection = self._connection.raw_sql(sql)
        return done

    def parse_moment(self, text: ir.StringValue, written: str) -> ir.TimestampValue:
        """The day and time that a text names (`written` as in strptime), null where it names none."""
        moment = _try_strptime(text, written)
        if "%j" not in written:
            return moment
        # The 366th day of a common year is no day; DuckDB gives the first of the next.
        return ibis.ifelse(text.contains(moment.year().cast("string")), moment, ibis.null("timestamp"))

    def parse_instant(self, text: ir.StringValue, written: str, zone: str) -> ir.TimestampValue:
        """The time on the clocks of a zone at the instant that a text names (`written` ends with ``%z``)."""
        offset = text.re_replace(r"(?i)\s?(Z|UTC|GMT)$", "+00:00").re_replace(r"\s([+-][0-9:]+)$", r"\1")
        return self.local_time(_try_instant(offset, written), zone)

    def local_time(self, instant: ir.TimestampValue, zone: str) -> ir.TimestampValue:
        """The time on the clocks of a zone at an instant."""
        return _timezone(zone, instant)

    def park(self, name: str, expression: ir.Table, path: Path) -> ir.Table:
        """Compute an expression into a Parquet file and read it from there, until it is dropped.

        As `materialise`, for a table that would fill the memory: compressed, a delivery of dispensings is a thirtieth.
        """
        private_folder(path.parent)
        with privately():
            self._copy(self._held_to(expression.schema(), self._connection.compile(expression)), path)
        self._parked[name] = path
        return self.read_parquet(name, path)

    def drop(self, *names: str) -> None:
        for name in names:
            if name in self._parked:
                self._connection.drop_view(name)
                self._parked.pop(name).unlink(missing_ok=True)
            else:
                self._connection.drop_table(name, force=True)

    @property
    def connection(self) -> SQLBackend:
        """The Ibis backend, for `registers` alone."""
        return self._connection

    def close(self) -> None:
        self._connection.disconnect()
