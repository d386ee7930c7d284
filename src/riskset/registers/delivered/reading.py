"""Delivered files as the engine sees them: checked for what sources.toml declares, never changed, never guessed.

A message here names files, declared columns and the columns of a header; never a cell.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TextIO

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from riskset.errors import SourceError, several
from riskset.microdata import Microdata
from riskset.registers.delivered.conversion import ROW_NUMBER
from riskset.registers.delivered.encoding import EncodingCheck
from riskset.registers.delivered.end_mark import before_end_mark, until_end_mark
from riskset.registers.delivered.file import File
from riskset.registers.delivered.heading import columns_in_words, is_header, is_name, tellable
from riskset.registers.delivered.line_ends import count_lines, ends_differ
from riskset.registers.delivered.source import Sources, TableMap
from riskset.registers.delivered.whole import (
    digest_when_asked,
    has_end_mark,
    refuse_cut,
    refuse_other_format,
    refuse_twice,
    refuse_unexpected,
)
from riskset.registers.engines.duckdb import DuckDB
from riskset.spec.complaints import shown
from riskset.spec.spelling import is_meant, near
from riskset.spec.tidying import composed
from riskset.spec.words import both
from riskset.storage.folders import private_folder

_AGAIN = "deliver it again"
_CHUNK = 1 << 22
_BEGINNING = 1 << 16
DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
"""By what cells are parted, in words."""
_READ_BY_ENGINE = {"utf-8": "utf-8", "iso8859-1": "latin-1"}


@dataclass(frozen=True)
class Delivered(Microdata):
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


def digest_of_file(path: Path, encoding: str | None, *, stated: bool = True) -> str:
    """SHA-256 of a file; of a text file the declared encoding is checked on the way.

    Parameters
    ----------
    stated : whether another encoding could be stated for it in sources.toml

    Raises
    ------
    SourceError
        The file is of another format, the bytes are no text in the declared encoding, or are plainly UTF-8 or Windows'
        where another one-byte encoding is declared.
    """
    refuse_other_format(path, "csv" if encoding else "parquet")
    digest = hashlib.sha256()
    check = EncodingCheck(path, encoding, stated=stated) if encoding else None
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            if check:
                check.feed(chunk)
    if check:
        check.finish()
    return digest.hexdigest()


def open_file(engine: DuckDB, file: File, maps: Iterable[TableMap], name: str, folder: Path) -> Delivered:
    """Find a delivered file's columns, check that the mapped ones are there, and let the engine read it.

    Parameters
    ----------
    maps : the mappings that read this file
    name : of the table in the engine
    folder : where a text is written anew in UTF-8 that the engine cannot read: by its encoding, end mark or line ends

    Raises
    ------
    SourceError
        A file is not there or not what it is declared to be, its parts differ, or a mapped column is not in it.
    """
    parts, header, numbered = _found(file, maps)
    if file.format == "parquet":
        raw = engine.read_parquet(name, parts, row_number=ROW_NUMBER if numbered else None)
        untidy = {composed(column): column for column in raw.columns if composed(column) not in raw.columns}
        raw = raw.rename(untidy) if untidy else raw
        return Delivered(raw, name, sum(pq.read_metadata(part).num_rows for part in parts), None)
    encoding = _READ_BY_ENGINE.get(codecs.lookup(file.encoding or "utf-8").name)
    if encoding and any(has_end_mark(part, file) or ends_differ(part) for part in parts):
        encoding = None
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
    lines = sum(count_lines(part) for part in parts) - len(parts) * _lines_of_header(header)
    return Delivered(raw, name, lines, file.delimiter)


def _lines_of_header(header: list[str]) -> int:
    return 1 + sum(len(re.findall(r"[\r\n]+", column)) for column in header)


def find_files(sources: Sources) -> None:
    """Find every delivered file and its mapped columns, without reading a row.

    Raises
    ------
    SourceError
        As `open_file`; of all files.
    """
    errors: list[SourceError] = []
    for name, file in sources.files.items():
        try:
            _found(file, [table for table in sources.tables if table.file == name])
        except SourceError as error:
            errors.append(error)
    if errors:
        raise several(errors)


def check_files(sources: Sources) -> None:
    """As `find_files`; files with stated rows or checksums, and such as may be the same, are read whole.

    Raises
    ------
    SourceError
        As `find_files`; a file is there twice, or is not as stated.
    """
    find_files(sources)
    digest = digest_when_asked()
    refuse_twice(sources, digest)
    refuse_unexpected(sources, digest)


def _found(file: File, maps: Iterable[TableMap]) -> tuple[list[Path], list[str], bool]:
    """A delivered file's parts, the columns of its header, and whether its rows are to be numbered."""
    maps, parts = list(maps), file.parts()
    header = read_header(parts[0], file)
    for part in parts:
        if part != parts[0] and read_header(part, file) != header:
            raise SourceError(
                f"its columns are not those of {parts[0].name}", where=str(part), remedy="map it on its own"
            )
        if file.format == "csv":
            refuse_cut(part, file, len(header))
    if file.format == "parquet":
        _refuse_mixed_instants(parts, {c.column for table in maps for c in table.columns.values() if c.column})
    numbered = any(column.row_number for table in maps for column in table.columns.values())
    wanted: dict[str, str] = {}
    for table in maps:
        columns = [c.column for c in table.columns.values() if c.column is not None]
        for column in (*columns, *table.skip_if_missing):
            wanted.setdefault(column, table.name)
    _check_columns(parts[0], file, header, wanted)
    if numbered and len(parts) > 1:
        raise SourceError(
            "row_number needs a file in one part", where=str(parts[0].parent), remedy="deliver an identifier"
        )
    return parts, header, numbered


def _refuse_mixed_instants(parts: list[Path], columns: set[str]) -> None:
    """Read as one column, the dates of one part would become instants like those of another, at midnight UTC."""
    first = _instants(parts[0], columns)
    for part in parts[1:]:
        mixed = sorted(first ^ _instants(part, columns))
        if mixed:
            raise SourceError(
                f"{mixed[0]} is a timestamp with a time zone in one of it and {parts[0].name}, and not in the other",
                where=str(part),
                remedy="map it on its own",
            )


def _instants(part: Path, columns: set[str]) -> set[str]:
    schema = _parquet(part)
    return {f.name for f in schema if f.name in columns and pa.types.is_timestamp(f.type) and f.type.tz is not None}


def read_header(path: Path, file: File, *, stated: bool = True) -> list[str]:
    """The columns that a file names in its first line, or in its schema; ``stated`` as of `digest_of_file`."""
    with _openable(path):
        if path.stat().st_size == 0:
            raise SourceError("the file is empty", where=str(path), remedy=_AGAIN)
        refuse_other_format(path, file.format)
        if file.format == "parquet":
            return [composed(column) for column in _parquet(path, stated=stated).names]
        encoding = file.encoding or "utf-8"
        if codecs.lookup(encoding).name == "utf-8":
            encoding = "utf-8-sig"
        check = EncodingCheck(path, file.encoding or "utf-8", stated=stated)
        with path.open("rb") as raw:
            check.feed(raw.read(_BEGINNING))
        check.refuse_seen()  # else a column would be missed that is there, in other letters
        with path.open(encoding=encoding, errors="replace", newline="") as lines:
            _refuse_no_first_line(path, lines.read(_BEGINNING))
            lines.seek(0)
            return _first_record(path, lines, file)


def _refuse_no_first_line(path: Path, beginning: str) -> None:
    """Refuse a text with nothing in it but line ends and the mark of its end, or with nothing before its first one."""
    text = before_end_mark(beginning).lstrip("\ufeff")
    if not text.strip() and len(beginning) < _BEGINNING:
        raise SourceError("the file holds no text", where=str(path), remedy=_AGAIN)
    if not text.partition("\n")[0].strip() or text.startswith("\r"):
        what = "its first line is empty, where the header should be"
        raise SourceError(what, where=str(path), remedy="leave out the lines before the header")


def _first_record(path: Path, lines: TextIO, file: File) -> list[str]:
    rows, delimiter = _first_lines(lines), file.delimiter or ","
    if file.quote:
        reader = csv.reader(rows, delimiter=delimiter, quotechar=file.quote)
    else:
        reader = csv.reader(rows, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    try:
        return [composed(column) for column in next(reader, [])]
    except csv.Error:
        raise _no_header(path) from None


_LONGEST_HEADER = 1_000_000


def _first_lines(lines: TextIO) -> Iterator[str]:
    """The lines that a header may go on over, where it has line ends in quotes."""
    left = _LONGEST_HEADER
    while line := lines.readline(left + 1):
        left -= len(line)
        if left < 0:
            raise csv.Error
        yield line


def _no_header(path: Path) -> SourceError:
    return SourceError(
        f"its first line holds a name of more than {csv.field_size_limit():,} letters, or is no line of a CSV file",
        where=str(path),
        remedy="see that it begins with a header, and that quote and delimiter are as declared",
    )


def _parquet(path: Path, *, stated: bool = True) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError):
        remedy = "state its format, or deliver it again" if stated else "name it .csv where it is a text, or " + _AGAIN
        raise SourceError("this is no Parquet file", where=str(path), remedy=remedy) from None


@contextmanager
def _openable(path: Path) -> Iterator[None]:
    """What the system has against reading a delivered file, as a complaint of the delivery."""
    try:
        yield
    except OSError as error:
        why = (error.strerror or "no reason given").lower()
        remedy = "ask for the right to read it, or deliver it again"
        raise SourceError(f"the file cannot be read ({why})", where=str(path), remedy=remedy) from None


def _check_columns(path: Path, file: File, header: list[str], wanted: Mapping[str, str]) -> None:
    """Refuse a file that lacks a mapped column, or has it twice. ``wanted`` says which table a column is for."""
    if len(header) == 1 and len(wanted) > 1:
        parting = [words for d, words in DELIMITERS.items() if d != file.delimiter and _parts(header[0], d, wanted)]
        if parting:
            raise SourceError(
                f"its header is one column by the declared delimiter, and holds {parting[0]}",
                where=str(path),
                remedy="state the delimiter that it has",
            )
    if header and header[0].casefold().startswith("sep="):
        raise SourceError(
            "its first line says how it is parted, for Excel, and is no header",
            where=str(path),
            remedy="leave that line out, or deliver it without",
        )
    missing = [column for column in wanted if column not in header]
    if missing and not is_header(header, list(wanted)):
        raise _no_names(path, file, list(wanted), none=len(missing) == len(wanted))
    errors = []
    if missing:
        tables = both(list(dict.fromkeys(wanted[column] for column in missing)))
        nor = f", nor {both([shown(column) for column in missing[1:]], 'or')}" if missing[1:] else ""
        what = f"there is no column {shown(missing[0])}, which {tables} is mapped from{nor}"
        errors.append(SourceError(what, where=str(path), remedy=_meant(missing, header, list(wanted))))
    for column in wanted:
        twins = [name for name in header if name != column and name.casefold() == column.casefold()]
        if header.count(column) > 1:
            errors.append(
                SourceError(f"the column {shown(column)} is there twice", where=str(path), remedy="rename one of them")
            )
        elif twins and column in header:
            what = f"the columns {shown(column)} and {shown(twins[0])} differ in capitals only"
            errors.append(SourceError(what, where=str(path), remedy="rename one of them"))
    if errors:
        raise several(errors)


def _no_names(path: Path, file: File, wanted: Sequence[str], *, none: bool) -> SourceError:
    asked = f"{'none' if none else 'not all'} of the mapped columns {', '.join(wanted)}"
    what = f"its first line names {asked}, and does not read like a header"
    remedy = "deliver it with a header, or see that this is the file that is meant"
    if file.format == "parquet":
        what = f"it has {asked}, and the others do not read like names"
        remedy = "see that this is the file that is meant, and that it was made of a file with its header"
    return SourceError(what, where=str(path), remedy=remedy)


def _parts(line: str, delimiter: str, wanted: Collection[str]) -> bool:
    """Whether a line parted by a delimiter reads like a header, or has a mapped column among its cells."""
    cells = [cell.strip().strip("\"'") for cell in line.split(delimiter)]
    return len(cells) > 1 and (all(is_name(cell) for cell in cells) or any(cell in wanted for cell in cells))


def _meant(missing: list[str], header: list[str], wanted: Sequence[str]) -> str:
    """Which columns of a header the missing ones may be, and which there are, as far as they may be told.

    One that is mapped already, or that two of them resemble, is none of them; and where most are missing, it is
    another file.
    """
    if len(missing) > 2 and 2 * len(missing) > len(wanted):
        return f"see that this is the file that is meant; it has {columns_in_words(header, wanted)}"
    free = [name for name in tellable(header, wanted) if name not in wanted]
    alike = {column: name for column in missing if (name := _alike(column, free)) is not None}
    once = {column: name for column, name in alike.items() if list(alike.values()).count(name) == 1}
    guesses = [shown(name) + (f" for {shown(column)}" if len(missing) > 1 else "") for column, name in once.items()]
    there = f"file has {columns_in_words(header, wanted)}"
    return f"did you mean {both(guesses)}? The {there}" if guesses else f"the {there}"


def _alike(column: str, header: list[str]) -> str | None:
    """The column of a header that is most like a name, if any; a word in its own right is not another one misspelt."""
    others = [name for name in header if not is_meant(name)] if is_meant(column) else header
    return near(column, header) or next(iter(get_close_matches(column, others, n=1, cutoff=0.5)), None)


def _as_utf8(path: Path, file: File, copy: Path) -> Path:
    private_folder(copy.parent)
    copy.touch(mode=0o600)
    with path.open(encoding=file.encoding) as source, copy.open("w", encoding="utf-8", newline="") as sink:
        sink.writelines(until_end_mark(iter(lambda: source.read(_CHUNK), "")))
    return copy
