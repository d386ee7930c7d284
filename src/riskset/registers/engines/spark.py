"""Spark in local mode: for registers that outgrow what the embedded engine can sort.

One JVM of our own, on loopback, in UTC, with its folders inside the run's. Tables are Parquet files in that folder, the
imported store's are read where they are; an intermediate becomes a table only when all of its files are written.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from riskset.errors import RisksetError, SourceError
from riskset.registers.engine import Engine, disk_full, out_of_memory
from riskset.registers.shelf import Shelf
from riskset.storage.folders import private_folder

if TYPE_CHECKING:
    from ibis.backends.sql import SQLBackend
    from py4j.java_gateway import JavaGateway
    from pyspark.sql import DataFrame

try:
    import pyspark
    from ibis.backends.pyspark.datatypes import PySparkSchema
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession
except ImportError as error:
    raise SourceError(
        "the engine spark is not installed", where="--engine", remedy="pip install 'riskset[spark]'"
    ) from error

_JAVA = 17
_LOOPBACK = "127.0.0.1"
_QUIET = "rootLogger.level = off\n"  # Spark's own words may quote a cell
_SMALL = 32 << 20  # bytes of tables up to which parting and compiling the work costs more than the work
_AS_SMALL = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.files.minPartitionNum": "1",
    "spark.sql.codegen.wholeStage": "false",
}


class Spark(Engine):
    """A Spark of one machine, which lives as long as this object.

    Parameters
    ----------
    folder
        Where Spark keeps intermediates, shuffles and its temporary files; inside the run's folder, since they hold
        microdata. A temporary folder when left out.
    memory
        The heap of the JVM, which shuffles to the folder what does not fit.
    threads
        Threads of a query; all cores when left out.

    Raises
    ------
    SourceError
        There is no Java, or an old one; or this process has a Spark already.
    """

    name = "spark"

    def __init__(self, folder: Path | None = None, *, memory: str = "3GB", threads: int | None = None) -> None:
        _require_java()
        if pyspark.SparkContext._active_spark_context is not None:
            raise SourceError("this process has a Spark already", where="--engine", remedy="stop that one first")
        self._own = None if folder else Path(tempfile.mkdtemp(prefix="riskset-"))
        self._folder = (folder or self._own or Path()).resolve() / "spark"
        self._files: dict[str, Path] = {}
        self._written = 0
        logging.getLogger("py4j").setLevel(logging.CRITICAL + 1)
        logging.getLogger().addFilter(_not_py4j)  # it logs a JVM that is gone as if it were everybody
        self._interrupt = signal.getsignal(signal.SIGINT)
        self._gateway = self._context = None
        try:
            self._open(memory, threads or os.cpu_count() or 1)
        except BaseException:
            self.close()
            raise

    def _open(self, memory: str, threads: int) -> None:
        private_folder(self._folder)
        for place in ("conf", "tables", "tmp"):
            private_folder(self._folder / place)
        (self._folder / "conf" / "log4j2.properties").write_text(_QUIET, encoding="utf-8")
        conf = pyspark.SparkConf(loadDefaults=False).setAll(_settings(self._folder, memory, threads).items())
        ours = {
            "SPARK_CONF_DIR": str(self._folder / "conf"),
            "SPARK_LOCAL_DIRS": str(self._folder / "tmp"),
            "SPARK_LOCAL_IP": _LOOPBACK,
            "PYSPARK_SUBMIT_ARGS": "pyspark-shell",
            "SPARK_HOME": "",
        }
        with self._clear(), _environment(ours), open(self._folder / "jvm.log", "wb") as log:
            self._gateway = launch_gateway(conf, popen_kwargs={"stdout": log, "stderr": log})
            self._context = pyspark.SparkContext(conf=conf, gateway=self._gateway)
            with suppress(ValueError):  # handlers belong to the main thread
                signal.signal(signal.SIGINT, self._stop)
            self._session = SparkSession(self._context)
            self._connection = ibis.pyspark.connect(self._session)
            self._usual = {setting: self._session.conf.get(setting, None) for setting in _AS_SMALL}
            self._set(_AS_SMALL)

    def load(self, name: str, table: pa.Table) -> ir.Table:
        self._make_room(table.nbytes)
        path = self._next(name)
        path.mkdir()
        pq.write_table(table, path / "part-0.parquet")
        return self._show(name, path, ibis.schema(table.schema))

    def attach(self, tag: str, files: Mapping[str, Path], sorted_by: Mapping[str, str]) -> dict[str, ir.Table]:
        """The tables of a store, read from its files when asked for; their statistics say which parts to skip."""
        self._make_room(sum(file.stat().st_size for file in files.values()))
        return {
            name: self._view(f"{name}_{tag}", file, ibis.schema(pq.read_schema(file))) for name, file in files.items()
        }

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        return self._show(name, self._write(name, expression), expression.schema())

    def keep(self, shelf: Shelf, name: str, table: ir.Table) -> None:
        with shelf.putting(f"{name}.spark") as partial, self._clear():
            self._computed(table).write.parquet(f"file://{partial}")

    def kept(self, shelf: Shelf, name: str) -> ir.Table | None:
        path = shelf.find(f"{name}.spark")
        if path is None:
            return None
        try:
            schema = pq.ParquetDataset(path).schema
        except (pa.ArrowInvalid, OSError):  # as a crash of the machine leaves it
            return None
        return self._view(name, path, ibis.schema(schema))

    def collect(self, expression: ir.Table) -> pa.Table:
        # The batches pass through the JVM: its heap need not hold them all.
        with self._clear(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # pyspark lets its socket go without closing it
            return self._computed(expression).toArrow().cast(expression.schema().to_pyarrow())

    def drop(self, *names: str) -> None:
        for name in names:
            with self._clear():
                self._session.catalog.dropTempView(name)
            if name in self._files:
                shutil.rmtree(self._files.pop(name), ignore_errors=True)

    @property
    def connection(self) -> SQLBackend:
        return self._connection

    def close(self) -> None:
        with suppress(Exception):  # of a JVM that is gone already
            if self._context is not None:
                self._context.stop()
        if self._gateway is not None:
            _end(self._gateway)
        with suppress(ValueError):  # handlers belong to the main thread
            signal.signal(signal.SIGINT, self._interrupt)
        shutil.rmtree(self._own or self._folder, ignore_errors=True)

    def _write(self, name: str, expression: ir.Table) -> Path:
        """Compute an expression into files; after an error nobody reads them."""
        path = self._next(name)
        with self._clear():
            self._computed(expression).write.parquet(f"file://{path}")
        return path

    def _computed(self, expression: ir.Table) -> DataFrame:
        """The data frame of an expression, with columns of Ibis's types."""
        spell = self._connection.compiler.type_mapper.to_string
        columns = ", ".join(f"CAST(`{c}` AS {spell(kind)}) AS `{c}`" for c, kind in expression.schema().items())
        return self._session.sql(f"SELECT {columns} FROM ({self._connection.compile(expression)})")

    def _make_room(self, size: int) -> None:
        """Let Spark part and compile its work from the first table on that is worth it."""
        if size > _SMALL:
            self._set(self._usual)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-C ends Spark, too: a query that is not under way yet cannot be cancelled, and would be waited for."""
        if self._gateway is not None:
            self._gateway.proc.kill()
        raise KeyboardInterrupt

    def _set(self, settings: Mapping[str, str | None]) -> None:
        for name, value in settings.items():
            if value is None:
                self._session.conf.unset(name)
            else:
                self._session.conf.set(name, value)

    def _next(self, name: str) -> Path:
        """A place that no table has had: what is read from may be what is replaced."""
        self._written += 1
        return self._folder / "tables" / f"{self._written}-{name}"

    def _show(self, name: str, path: Path, schema: ibis.Schema) -> ir.Table:
        """Files that are whole become a table, and those that it replaces go."""
        table = self._view(name, path, schema)
        old = self._files.pop(name, None)
        self._files[name] = path
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
        return table

    def _view(self, name: str, path: Path, schema: ibis.Schema) -> ir.Table:
        with self._clear():
            reader = self._session.read.schema(PySparkSchema.from_ibis(schema))
            reader.parquet(_address(path)).createOrReplaceTempView(f"`{name}`")
        return ibis.table(schema, name=name)

    @contextmanager
    def _clear(self) -> Iterator[None]:
        """What Spark complains of, without its own words, which may quote a cell."""
        try:
            yield
        except (Py4JError, PySparkException, OSError) as error:
            if _was_stopped(error):
                raise KeyboardInterrupt from None
            message = str(error)
            if "No space left" in message:
                raise disk_full("Spark") from None
            if "OutOfMemory" in message or "Java heap space" in message:
                raise out_of_memory("Spark") from None
            if self._gateway is None or self._gateway.proc.poll() is not None:
                raise RisksetError(
                    "Spark has stopped", where="--engine spark", remedy="run again, with more memory if it was killed"
                ) from None
            raise RisksetError(f"Spark could not compute a table ({_kind(error)})") from None


def _settings(folder: Path, memory: str, threads: int) -> dict[str, str]:
    java = f'"-Djava.io.tmpdir={folder / "tmp"}" -XX:-UsePerfData'
    return {
        "spark.master": f"local[{threads}]",
        "spark.app.name": "riskset",
        "spark.driver.host": _LOOPBACK,
        "spark.driver.bindAddress": _LOOPBACK,
        "spark.driver.memory": f"{_megabytes(memory)}m",
        "spark.driver.maxResultSize": "0",
        "spark.driver.extraJavaOptions": java,
        "spark.local.dir": str(folder / "tmp"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(folder / "tmp" / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(2 * threads),
        "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
        "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.ansi.enabled": "true",
    }


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else "java"
    try:
        output = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.CalledProcessError):
        raise SourceError(
            f"Spark needs Java {_JAVA} and there is none at {java}",
            where="--engine spark",
            remedy=f"install openjdk-{_JAVA}-jre-headless, or set JAVA_HOME",
        ) from None
    version = re.search(r'version "(\d+)', output)
    if version is None or int(version[1]) < _JAVA:
        present = f"Java {version[1]}" if version else "a Java of unknown version"
        raise SourceError(
            f"Spark needs Java {_JAVA} and {java} is {present}",
            where="--engine spark",
            remedy=f"install openjdk-{_JAVA}-jre-headless, or set JAVA_HOME",
        )


def _end(gateway: JavaGateway) -> None:
    """Stop the JVM, and let the next engine of this process start its own."""
    with suppress(Exception):
        gateway.shutdown()
    for stream in (gateway.proc.stdin, gateway.proc.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    try:
        gateway.proc.wait(10)
    except subprocess.TimeoutExpired:
        gateway.proc.kill()
        gateway.proc.wait()
    pyspark.SparkContext._active_spark_context = None
    pyspark.SparkContext._gateway = pyspark.SparkContext._jvm = None
    SparkSession._instantiatedSession = None


@contextmanager
def _environment(ours: Mapping[str, str]) -> Iterator[None]:
    """Variables for the JVM that starts; an empty one is taken away."""
    before = {name: os.environ.get(name) for name in ours}
    try:
        for name, value in ours.items():
            os.environ.pop(name, None)
            if value:
                os.environ[name] = value
        yield
    finally:
        for name, old in before.items():
            os.environ.pop(name, None)
            if old is not None:
                os.environ[name] = old


def _megabytes(memory: str) -> int:
    number, unit = memory.rstrip("Bi").rstrip("KMGT").strip(), memory.rstrip("Bi")[-1]
    return max(512, int(float(number) * 1024.0 ** ("KMGT".index(unit) - 1)))


def _address(path: Path) -> str:
    """A path to read from, where Hadoop takes some signs for patterns: here they mean themselves."""
    return "file://" + re.sub(r"([\\{}\[\]*?,])", r"\\\1", str(path.resolve()))


def _not_py4j(record: logging.LogRecord) -> bool:
    return Path(record.pathname).parent.name != "py4j"


def _was_stopped(error: BaseException | None) -> bool:
    """Whether what Spark complains of is Ctrl-C: it ends Spark, and of that pyspark complains in turn."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


def _kind(error: Exception) -> str:
    """The class of error that Spark names, without its words."""
    condition = error.getCondition() if isinstance(error, PySparkException) else None
    return str(condition or type(error).__name__)
