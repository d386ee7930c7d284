"""Whether a delivered file is of its format, whole, delivered once, and the one that sources.toml states.

A message here names files and what they are; never a cell.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from riskset.errors import SourceError
from riskset.registers.delivered.end_mark import END_MARK, before_end_mark
from riskset.registers.delivered.file import File
from riskset.registers.delivered.same_facts import same_facts
from riskset.registers.delivered.source import Sources, TableMap

_BLOCK = 1 << 22
_TAIL = 1 << 20
_AGAIN = "deliver it again"
_UNPACK = "unpack it, and give the file that is in it"
_EXPORT = "write it as a CSV or Parquet file"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_FORMATS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "compressed (gzip)", _UNPACK),
    (b"PK\x03\x04", "a zip archive", _UNPACK),
    (b"PK\x05\x06", "an empty zip archive", _AGAIN),
    (b"BZh", "compressed (bzip2)", _UNPACK),
    (b"\xfd7zXZ\0", "compressed (xz)", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd)", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"\x04\x22\x4d\x18", "compressed (lz4)", _UNPACK),
    (b"Rar!", "a rar archive", _UNPACK),
    (b"-----BEGIN PGP MESSAGE", "encrypted (PGP)", "decrypt it, and give the file that is in it"),
    (_OLE, "an Excel workbook, old (.xls) or with a password", "write its sheet as a CSV file"),
    (bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011"), "a SAS data set (.sas7bdat)", _EXPORT),
    (b"HEADER RECORD*******LIB", "a SAS transport file (.xpt)", _EXPORT),
    (b"$FL2", "an SPSS file (.sav)", _EXPORT),
    (b"$FL3", "an SPSS file (.zsav)", _EXPORT),
    (b"<stata_dta>", "a Stata file (.dta)", _EXPORT),
    *((bytes((v, order, 1, 0)), "a Stata file (.dta)", _EXPORT) for v in (113, 114, 115) for order in (1, 2)),
    (b"RDX", "an R data file", _EXPORT),
    (b"Obj\x01", "an Avro file", _EXPORT),
    (b"ARROW1", "an Arrow file (Feather)", _EXPORT),
    (b"SQLite format 3", "an SQLite database", "write its table as a CSV or Parquet file"),
    (b"\x00\x01\x00\x00Standard", "an Access database", "write its table as a CSV or Parquet file"),
    (b"\x89HDF", "an HDF5 file", _EXPORT),
    (b"{\\rtf", "a document in rich text (RTF)", _EXPORT),
    (b"<?xml", "XML", _EXPORT),
    (b"%PDF", "a PDF document", _AGAIN),
    (b"<!DOCTYPE html", "a page of HTML, as a failed download leaves it", _AGAIN),
    (b"<html", "a page of HTML, as a failed download leaves it", _AGAIN),
)  # fmt: skip
_PARQUET = b"PAR1"
_TAR = 257
"""Where a tar archive says that it is one."""

Digest = Callable[[Path], str]


def refuse_other_format(path: Path, declared: str) -> None:
    """Refuse a file that begins as one of another format than the declared one does, or whose end is not there.

    Raises
    ------
    SourceError
        Says what the file is.
    """
    head, tail = _ends(path, 64)
    if head.startswith(_PARQUET):
        if declared != "parquet":
            raise SourceError("this is a Parquet file", where=str(path), remedy='write format = "parquet"')
        if not tail.endswith(_PARQUET) or len(tail) < 12:
            raise SourceError("the end of this Parquet file is not there", where=str(path), remedy=_AGAIN)
        return
    if _is_workbook(head):
        raise SourceError("this file is a workbook (.xlsx)", where=str(path), remedy="write its sheet as a CSV file")
    if head[8:12] == b"DUCK" and b"\0" in head[:32]:
        raise SourceError("this file is a DuckDB database", where=str(path), remedy=_EXPORT)
    if head[_TAR : _TAR + 5] == b"ustar":
        raise SourceError("this file is a tar archive", where=str(path), remedy=_UNPACK)
    for magic, what, remedy in _FORMATS:
        if head.startswith(magic) or head.lower().startswith(magic.lower()) & magic.startswith(b"<"):
            raise SourceError(f"this file is {what}", where=str(path), remedy=remedy)


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet does; one that cannot be opened does not."""
    try:
        return _ends(path, 4)[0].startswith(_PARQUET)
    except OSError:
        return False


def _is_workbook(head: bytes) -> bool:
    """Whether the first file in an archive is one of those that a workbook begins with."""
    first = head[30:60]
    return head.startswith(b"PK\x03\x04") and first.startswith((b"[Content_Types]", b"_rels/", b"docProps/", b"xl/"))


def refuse_cut(path: Path, file: File, columns: int) -> None:
    """Refuse a text that ends in the middle of a line.

    A last line without an end is one that is whole if it has a cell for each column. One with fewer is no line of its
    own where a cell between quotes holds line ends.

    Raises
    ------
    SourceError
        The last line has no end, and fewer cells than the header.
    """
    last = _last_line(path, file)
    if not last:
        return
    cells = last.count(file.delimiter or ",") + 1
    if file.quote:
        cells = len(next(csv.reader([last], delimiter=file.delimiter or ",", quotechar=file.quote)))
    if cells >= columns and not _is_open(last, file):
        return
    if file.quote and last.count(file.quote) % 2 and not _quotes(path, file) % 2:
        return
    raise SourceError("the file ends in the middle of a line", where=str(path), remedy=f"it was cut off: {_AGAIN}")


def lacks_end(path: Path, file: File) -> bool:
    """Whether the last line of a text has no end, so that the file may have been cut off in its last cell."""
    return bool(_last_line(path, file))


def has_end_mark(path: Path, file: File) -> bool:
    """Whether a text ends with the mark of old DOS programs."""
    text = _end_of_text(path, file)
    return before_end_mark(text) != text


def refuse_twice(sources: Sources, digest: Digest) -> None:
    """Refuse a table into which the same rows are stacked twice: of two files with the same bytes, or of one.

    One file may be mapped to several tables, and to one table from several of its columns.

    Raises
    ------
    SourceError
        Names the table and both files.
    """
    for table in dict.fromkeys(t.name for t in sources.tables):
        stacked: list[tuple[Path, TableMap]] = [
            (part, mapped) for mapped in sources.named(table) for part in sources.files[mapped.file].parts()
        ]
        sizes = [part.stat().st_size for part, _ in stacked]
        for i, (part, mapped) in enumerate(stacked):
            for j, (other, before) in enumerate(stacked[:i]):
                same_file = part.samefile(other)
                if sizes[i] != sizes[j] or not same_facts(table, mapped.columns, before.columns, same_file=same_file):
                    continue
                if digest(part) == digest(other) and _has_rows(part, sources.files[mapped.file]):
                    raise SourceError(
                        f"it holds the same bytes as {other.name}, and the table {table} is stacked of both, so that "
                        "its rows would count twice",
                        where=str(part),
                        remedy="leave one of them out of sources.toml",
                    )


def refuse_unexpected(sources: Sources, digest: Digest) -> None:
    """Refuse a file whose checksum or number of rows is not the stated one.

    Raises
    ------
    SourceError
        Names the file, and how many rows it has.
    """
    for name, file in sources.files.items():
        parts = file.parts()
        if file.sha256 is not None:
            other = [part for part in parts if digest(part) not in file.sha256]
            if other or len(parts) != len(file.sha256):
                raise SourceError(
                    f"its SHA-256 is none of those stated for files.{name}"
                    if other
                    else f"files.{name} states {len(file.sha256)} checksums, and has {len(parts)} of these files",
                    where=str((other or parts)[0]),
                    remedy="deliver it again, or mend sha256 in sources.toml",
                )
        if file.rows is not None:
            counts = [_rows(part, file) for part in parts]
            if file.rows not in {sum(each) for each in zip(*counts, strict=True)}:
                raise SourceError(
                    f"there are {sum(lines for lines, _ in counts):,} rows, and files.{name} states {file.rows:,}",
                    where=str(parts[0] if len(parts) == 1 else parts[0].parent),
                    remedy="deliver it again, or mend rows in sources.toml",
                )


def digest_when_asked(known: Mapping[Path, str] | None = None) -> Digest:
    """The SHA-256 of a file, computed once and only for those that are asked for and not known."""
    before = known or {}

    @cache
    def digest(path: Path) -> str:
        if path in before:
            return before[path]
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    return digest


def _has_rows(path: Path, file: File) -> bool:
    if file.format == "parquet":
        try:
            return bool(pq.read_metadata(path).num_rows)
        except (pa.ArrowInvalid, OSError):
            return True  # said elsewhere
    lines = (line for line in _lines(path, file) if line.strip())
    next(lines, None)
    return next(lines, None) is not None


def _rows(path: Path, file: File) -> tuple[int, int]:
    """The rows after the header: as many as there are lines, and where cells may hold line ends."""
    if file.format == "parquet":
        rows = pq.read_metadata(path).num_rows
        return rows, rows
    lines = records = 0
    within = False
    for line in _lines(path, file):
        if not line.strip("\r\n"):
            continue
        lines += 1
        within ^= _is_open(line, file)
        records += not within
    return max(lines - 1, 0), max(records - 1, 0)


def _is_open(line: str, file: File) -> bool:
    return bool(file.quote) and line.count(file.quote) % 2 == 1


def _lines(path: Path, file: File) -> Iterator[str]:
    with path.open(encoding=file.encoding, errors="replace", newline=None) as lines:
        yield from (line for line in lines if not line.startswith(END_MARK) or line.strip(f"{END_MARK}\n"))


def _quotes(path: Path, file: File) -> int:
    return sum(line.count(file.quote) for line in _lines(path, file))


def _last_line(path: Path, file: File) -> str:
    """The text after the last line end; empty where each line has one."""
    text = before_end_mark(_end_of_text(path, file))
    return text[max(text.rfind("\n"), text.rfind("\r")) + 1 :].strip("\ufeff\0")


def _end_of_text(path: Path, file: File) -> str:
    head, tail = _ends(path, _TAIL)
    encoding = codecs.lookup(file.encoding or "utf-8").name
    if encoding in ("utf-16", "utf-32"):  # which order the bytes have is said at the beginning alone
        encoding += "-be" if head.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)) else "-le"
    return tail.decode(encoding, errors="ignore")


def _ends(path: Path, length: int) -> tuple[bytes, bytes]:
    """The first bytes of a file, and about so many of its last, from a place divisible by four."""
    with path.open("rb") as file:
        head = file.read(512)
        size = file.seek(0, 2)
        file.seek(max(0, size - length) // 4 * 4)
        return head, file.read()
