"""Every file of a release read again: all texts and values in it, in attributes, properties and pictures, too."""

from __future__ import annotations

import csv
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq

from riskset.results.released import Released
from riskset.results.tables import SCHEMAS
from riskset.results.withheld import HiddenNumber, WithheldFor
from riskset.spec.study import Study

ARCHIVES, MARKED_UP = (".docx", ".xlsx"), (".html", ".svg")
ANY_RULE = WithheldFor.UNSTATED
"""A released file does not say by which rule a number is withheld in its place."""


def files_of(export: Path) -> list[Path]:
    """All files of a release, in order."""
    return sorted(path for path in export.rglob("*") if path.is_file())


def rows_of(path: Path) -> list[dict[str, str]]:
    """A released table, as texts."""
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def texts_of(path: Path) -> Iterator[str]:
    """All texts of a file: what a page shows and what it does not, names, properties, and what compression hides."""
    match path.suffix:
        case ".parquet":
            file = pq.ParquetFile(path)
            yield str(file.schema_arrow.metadata) + str(file.metadata.metadata)
            yield json.dumps(file.read().to_pylist(), default=str, ensure_ascii=False)
        case ".png":
            yield from _texts_in_png(path.read_bytes())
        case suffix if suffix in ARCHIVES:
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    content = archive.read(name)
                    yield name + archive.getinfo(name).comment.decode()
                    yield from _texts_in_png(content) if name.endswith(".png") else [content.decode("utf-8")]
        case _:
            yield path.read_text("utf-8")


def _texts_in_png(content: bytes) -> Iterator[str]:
    """What stands beside the points of a picture."""
    at = 8
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        chunk = content[at + 8 : at + 8 + length]
        if kind not in (b"IHDR", b"IDAT", b"PLTE", b"IEND"):
            yield kind.decode() + (zlib.decompress(chunk[chunk.index(0) + 2 :]) if kind == b"zTXt" else chunk).decode(
                "latin-1"
            )
        at += 12 + length


def parts_of(path: Path) -> Mapping[str, bytes]:
    """The files within an archive."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self._open: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("td", "th", "text", "tspan"):
            self._open = []

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._open is not None and tag in ("td", "th", "text", "tspan"):
            self.cells.append("".join(self._open).strip())
            self._open = None


def cells_of(path: Path) -> list[str]:
    """What stands in the cells of a file's tables, and beside the marks of its figures."""
    if path.suffix in MARKED_UP:
        reader = _Cells()
        reader.feed(path.read_text("utf-8"))
        return reader.cells
    if path.suffix == ".csv":
        return [cell for row in rows_of(path) for cell in row.values()]
    if path.suffix == ".tex":
        return [cell.strip(" \\") for line in path.read_text("utf-8").splitlines() for cell in line.split("&")]
    if path.suffix in ARCHIVES:
        return [cell for name, content in parts_of(path).items() for cell in _cells_within(name, content)]
    return []


def _cells_within(name: str, content: bytes) -> Iterator[str]:
    """The cells of the tables of a Word document, and those of a sheet: its shared texts, and numbers in place."""
    holders = {"word/document.xml": "}tc", "xl/sharedStrings.xml": "}si"}
    is_sheet = name.startswith("xl/worksheets/")
    if name in holders or is_sheet:
        for cell in ElementTree.fromstring(content).iter():
            if cell.tag.endswith(holders.get(name, "}c")) and not (is_sheet and cell.get("t") == "s"):
                yield "".join(cell.itertext()).strip()


def read_again(export: Path, manifest: Mapping[str, object]) -> Released:
    """The results that whoever is handed the files has: tables, and where numbers are withheld.

    Parameters
    ----------
    manifest : what leaves of the run's manifest, which the supplement prints
    """
    read = {
        name: pq.read_table(export / f"{name}.parquet") for name in SCHEMAS if (export / f"{name}.parquet").is_file()
    }
    withheld = {
        name: {
            i: {column: HiddenNumber(ANY_RULE) for column in columns.split(", ")}
            for i, columns in enumerate(table["withheld"].to_pylist())
            if columns
        }
        for name, table in read.items()
    }
    stamp = json.loads((export / "release.json").read_text("utf-8"))["stamp"]
    tables = {name: table.drop_columns(["withheld"]) for name, table in read.items()}
    return Released(Study.load(export / "study.toml"), tables, manifest, stamp, withheld)
