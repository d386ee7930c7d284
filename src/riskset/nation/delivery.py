"""Write a nation as authorities deliver registers: files, a ``sources.toml`` that maps them, and ``truth.json``."""

from __future__ import annotations

import codecs
import json
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from riskset.errors import SourceError
from riskset.nation.canonical import make_tables
from riskset.nation.delivered_files import FILES, DeliveredColumn, DeliveredFile
from riskset.nation.nation import Progress, make_blocks
from riskset.nation.planted_truth import truth_of
from riskset.nation.settings import NationSettings
from riskset.plain import Plain

Format = Literal["parquet", "csv"]
DIALECT = {"delimiter": ";", "encoding": "latin-1", "decimal": ",", "quote": '"', "null": [""]}


def write_delivery(
    settings: NationSettings, out: Path, *, format: Format = "parquet", progress: Progress | None = None
) -> Path:
    """Generate a nation block by block and write it as a delivery.

    Files are written under ``out/.partial`` and moved when all are whole, ``sources.toml`` last: an interrupted run
    leaves no delivery, and an earlier one as it was.

    Parameters
    ----------
    settings : size, seed and what is planted
    out : folder, made if need be
    format : ``"parquet"``, or ``"csv"`` with semicolons, decimal commas and Latin-1
    progress : called after each block with the number done and the number there are

    Returns
    -------
    The path of ``sources.toml``.

    Raises
    ------
    SourceError
        The folder cannot be written.
    """
    partial = out / ".partial"
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            _write_files(settings, partial, format, progress)
            (partial / "truth.json").write_text(json.dumps(truth_of(settings), indent=1), encoding="utf-8")
            (partial / "sources.toml").write_text(sources_toml(format), encoding="utf-8")
            (out / "sources.toml").unlink(missing_ok=True)
            for name in [*(f"{file.name}.{format}" for file in FILES), "truth.json", "sources.toml"]:
                (partial / name).replace(out / name)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as problem:
        raise SourceError(
            f"the delivery cannot be written ({problem.strerror or problem})",
            where=str(out),
            remedy="choose a folder that can be written and has room",
        ) from problem
    return out / "sources.toml"


def _write_files(settings: NationSettings, folder: Path, format: Format, progress: Progress | None) -> None:
    with ExitStack() as stack:
        writers = [_open(file, folder, format) for file in FILES]
        for writer in writers:
            stack.callback(writer.close)
        for block in make_blocks(settings, progress):
            tables = make_tables(block)
            for writer in writers:
                writer.write(deliver(writer.file, tables[writer.file.table]))


def deliver(file: DeliveredFile, table: pa.Table) -> pa.Table:
    """The rows and columns of a delivered file, made from a canonical table."""
    if file.rows:
        table = file.rows(table)
    columns = {c.name: c.write(table[c.canonical]) if c.write else table[c.canonical] for c in file.columns}
    return pa.table(columns)


class _ParquetFile:
    """A Parquet file that grows by a row group a block."""

    def __init__(self, file: DeliveredFile, folder: Path) -> None:
        self.file = file
        self._path = folder / f"{file.name}.parquet"
        self._writer: pq.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self._path, table.schema, compression="zstd", compression_level=1, store_schema=False
            )
        self._writer.write_table(table)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class _CsvFile:
    """A CSV file in the dialect of `DIALECT`."""

    def __init__(self, file: DeliveredFile, folder: Path) -> None:
        self.file = file
        self._sink: IO[bytes] = (folder / f"{file.name}.csv").open("wb")
        self._sink.write((";".join(column.name for column in file.columns) + "\n").encode("latin-1"))

    def write(self, table: pa.Table) -> None:
        texts = pa.table({c.name: _as_text(c, table[c.name]) for c in self.file.columns})
        buffer = pa.BufferOutputStream()
        options = pa_csv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
        pa_csv.write_csv(texts, buffer, options)
        text, _ = codecs.utf_8_decode(buffer.getvalue())
        self._sink.write(text.encode("latin-1"))

    def close(self) -> None:
        self._sink.close()


def _open(file: DeliveredFile, folder: Path, format: Format) -> _ParquetFile | _CsvFile:
    return _ParquetFile(file, folder) if format == "parquet" else _CsvFile(file, folder)


def _as_text(column: DeliveredColumn, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers with a decimal comma; everything else as Arrow writes it."""
    if pa.types.is_dictionary(values.type):
        return values.cast(pa.string())
    if not column.decimals:
        return values
    distinct = pc.unique(values)
    texts = [
        None if v is None else f"{v:.{column.decimals}f}".rstrip("0").rstrip(".").replace(".", ",")
        for v in distinct.to_pylist()
    ]
    return pc.take(pa.array(texts, pa.string()), pc.index_in(values, value_set=distinct))


def sources_toml(format: Format) -> str:
    """The ``sources.toml`` of a delivery."""
    lines = ["# Maps the files of a synthetic delivery to the canonical register tables.", "tolerance = 0.01", ""]
    for file in FILES:
        lines += [f"[files.{file.name}]", f'path = "{file.name}.{format}"', f'format = "{format}"']
        if format == "csv":
            lines += [f"{key} = {_toml(value)}" for key, value in DIALECT.items()]
        lines.append("")
    for file in FILES:
        lines += ["[[tables]]", f'name = "{file.table}"', f'file = "{file.name}"']
        if file.last_day:
            lines.append(f'last_day = "{file.last_day}"')
        if file.starts:
            lines.append(f"starts = {file.starts}")
        lines.append("[tables.columns]")
        lines += [
            f"{c.canonical} = {_toml({'column': c.name, **c.read}) if c.read else _toml(c.name)}" for c in file.columns
        ]
        lines += [f"{name} = {_toml({'constant': value})}" for name, value in file.constants.items()]
        lines.append("")
    return "\n".join(lines)


def _toml(value: Plain) -> str:
    """A value as TOML: text, number, list or inline table."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml_key(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _toml_key(key: str) -> str:
    return key if key.isascii() and key.isidentifier() else json.dumps(key, ensure_ascii=False)
