"""Delivered files as the engine sees them: checked for what sources.toml declares, never changed, never guessed.

A message here names files, declared columns and the columns of a header; never a cell.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from riskset.errors import SourceError
from riskset.registers.conversion import ROW_NUMBER
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.source import File, Sources, TableMap
from riskset.results.files import private_folder

_CHUNK = 1 << 22
_DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
_READ_BY_ENGINE = {"utf-8": "utf-8", "iso8859-1": "latin-1"}


@dataclass(frozen=True)
class Delivered:
    """A delivered file that can be read.

    Attributes
    ----------
    raw : its columns by their delivered names
    name : of the table in the engine
    lines : how many rows it should give: of a text the lines after the header that are not empty
    delimiter : of a text, of which lines may be lost in reading; None of Parquet
    """

    raw: ir.Table
    name: str
    lines: int
    delimiter: str | None


def digest_of_file(path: Path, encoding: str | None) -> str:
    """SHA-256 of a file; of a text file the declared encoding is checked on the way.

    Raises
    ------
    SourceError
        The bytes are no text in the declared encoding, or are plainly UTF-8 where a one-byte encoding is declared.
    """
    digest = hashlib.sha256()
    check = _EncodingCheck(path, encoding) if encoding else None
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            if check:
                check.feed(chunk)
    if check:
        check.finish()
    return digest.hexdigest()


class _EncodingCheck:
    """Reads a file's bytes in order, and complains of the first that cannot be in the declared encoding."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path, self.encoding = path, encoding
        self.declared = codecs.getincrementaldecoder(encoding)()
        self.one_byte = len("å".encode(encoding, "replace")) == 1
        self.as_utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        self.foreign = self.started = False

    def feed(self, chunk: bytes, final: bool = False) -> None:
        if not self.started and chunk:
            self.started = True
            wide = self.encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32"))
            if not wide and (chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in chunk[:1000]):
                raise self._error("utf-16")
        try:
            if not (chunk.isascii() and self._between_letters()):
                self.declared.decode(chunk, final)
        except UnicodeDecodeError:
            raise self._error(_plausible(chunk)) from None
        if self.one_byte and self.as_utf8 is not None and (not chunk.isascii() or self.as_utf8.getstate()[0]):
            self.foreign = True
            try:
                self.as_utf8.decode(chunk, final)
            except UnicodeDecodeError:
                self.as_utf8 = None

    def finish(self) -> None:
        self.feed(b"", final=True)
        if self.foreign and self.as_utf8 is not None:
            raise self._error("utf-8")

    def _between_letters(self) -> bool:
        return self.one_byte or (self.encoding.lower() in ("utf-8", "utf8") and not self.declared.getstate()[0])

    def _error(self, plausible: str) -> SourceError:
        return SourceError(
            f"the file is not {self.encoding} text as declared",
            where=str(self.path),
            remedy=f"state its encoding; {plausible} is plausible",
        )


def _plausible(chunk: bytes) -> str:
    try:
        chunk.decode("utf-8")
    except UnicodeDecodeError:
        # The bytes 80-9f are letters and quotes in Windows' code page, control characters in Latin-1.
        return "cp1252" if any(0x80 <= byte < 0xA0 for byte in chunk) else "latin-1"
    return "utf-8"


def open_file(engine: DuckDB, file: File, maps: Iterable[TableMap], name: str, folder: Path) -> Delivered:
    """Find a delivered file's columns, check that the mapped ones are there, and let the engine read it.

    Parameters
    ----------
    maps : the mappings that read this file
    name : of the table in the engine
    folder : where a text in an encoding that the engine cannot read is written anew in UTF-8

    Raises
    ------
    SourceError
        A file is not there or not what it is declared to be, its parts differ, or a mapped column is not in it.
    """
    parts, header, numbered = _found(file, maps)
    if file.format == "parquet":
        raw = engine.read_parquet(name, parts, row_number=ROW_NUMBER if numbered else None)
        return Delivered(raw, name, sum(pq.read_metadata(part).num_rows for part in parts), None)
    encoding = _READ_BY_ENGINE.get(codecs.lookup(file.encoding or "utf-8").name)
    if encoding is None:
        parts = [_as_utf8(part, file, folder / f"{name}_{i}.csv") for i, part in enumerate(parts)]
    raw = engine.read_csv(
        name,
        parts,
        header,
        delimiter=file.delimiter or ",",
        quote=file.quote,
        null=file.null,
        encoding=encoding or "utf-8",
        row_number=ROW_NUMBER if numbered else None,
    )
    lines = sum(_lines(part) for part in parts) - len(parts) * _lines_of_header(header)
    return Delivered(raw, name, lines, file.delimiter)


def _lines(path: Path) -> int:
    """The lines of a text that are not empty, in UTF-8 or a one-byte encoding, whatever their ends."""
    lines, before = 0, False
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            letters = np.frombuffer(chunk, np.uint8)
            text = (letters != ord("\n")) & (letters != ord("\r"))
            lines += int(np.count_nonzero(text[1:] > text[:-1])) + int(text[0] and not before)
            before = bool(text[-1])
    return lines


def _lines_of_header(header: list[str]) -> int:
    return 1 + sum(len(re.findall(r"[\r\n]+", column)) for column in header)


def check_files(sources: Sources) -> None:
    """Find every delivered file and its mapped columns, without reading a row.

    Raises
    ------
    SourceError
        As `open_file`.
    """
    for name, file in sources.files.items():
        _found(file, [table for table in sources.tables if table.file == name])


def _found(file: File, maps: Iterable[TableMap]) -> tuple[list[Path], list[str], bool]:
    """A delivered file's parts, the columns of its header, and whether its rows are to be numbered."""
    parts = file.parts()
    header = _header(parts[0], file)
    for part in parts[1:]:
        if _header(part, file) != header:
            raise SourceError(
                f"its columns are not those of {parts[0].name}", where=str(part), remedy="map it on its own"
            )
    numbered = False
    for table in maps:
        numbered |= any(column.row_number for column in table.columns.values())
        wanted = [c.column for c in table.columns.values() if c.column is not None]
        _check_columns(parts[0], file, header, [*wanted, *table.skip_if_missing], table.name)
    if numbered and len(parts) > 1:
        raise SourceError(
            "row_number needs a file in one part", where=str(parts[0].parent), remedy="deliver an identifier"
        )
    return parts, header, numbered


def _header(path: Path, file: File) -> list[str]:
    if path.stat().st_size == 0:
        raise SourceError("the file is empty", where=str(path), remedy="deliver it again")
    if file.format == "parquet":
        try:
            return list(pq.read_schema(path).names)
        except (pa.ArrowInvalid, OSError):
            raise SourceError(
                "this is no Parquet file", where=str(path), remedy="state its format, or deliver it again"
            ) from None
    encoding = file.encoding or "utf-8"
    if codecs.lookup(encoding).name == "utf-8":
        encoding = "utf-8-sig"
    with path.open(encoding=encoding, errors="replace", newline="") as lines:
        delimiter = file.delimiter or ","
        if file.quote:
            reader = csv.reader(lines, delimiter=delimiter, quotechar=file.quote)
        else:
            reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        return [column.strip() for column in next(reader, [])]


def _check_columns(path: Path, file: File, header: list[str], wanted: list[str], table: str) -> None:
    if len(header) == 1 and len(set(wanted)) > 1:
        parting = [words for d, words in _DELIMITERS.items() if d in header[0] and d != file.delimiter]
        if parting:
            raise SourceError(
                f"its header is one column by the declared delimiter, and holds {parting[0]}",
                where=str(path),
                remedy="state the delimiter that it has",
            )
    for column in wanted:
        if column not in header:
            close = get_close_matches(column, header, n=1, cutoff=0.5)
            raise SourceError(
                f"there is no column {column!r}, which {table} is mapped from",
                where=str(path),
                remedy=(f"did you mean {close[0]!r}, " if close else "") + f"the file has {', '.join(header)}",
            )
        if header.count(column) > 1:
            raise SourceError(f"the column {column!r} is there twice", where=str(path), remedy="rename one of them")


def _as_utf8(path: Path, file: File, copy: Path) -> Path:
    private_folder(copy.parent)
    copy.touch(mode=0o600)
    with path.open(encoding=file.encoding, newline="") as source, copy.open("w", encoding="utf-8", newline="") as sink:
        while text := source.read(_CHUNK):
            sink.write(text)
    return copy
