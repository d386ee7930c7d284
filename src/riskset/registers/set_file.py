"""Matched sets in a file of their own, with identifiers as delivered: read and numbered as an import would."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from riskset.errors import SourceError
from riskset.microdata import Microdata
from riskset.registers.checks.checking import check_facts, people_of
from riskset.registers.checks.date_hints import refuse_beyond, with_date_ways
from riskset.registers.checks.lost_lines import with_lost_lines
from riskset.registers.checks.rule import Limits
from riskset.registers.checks.rules import LOST_LINE
from riskset.registers.delivered.column_map import ColumnMap
from riskset.registers.delivered.conversion import Mapped, convert
from riskset.registers.delivered.file import File
from riskset.registers.delivered.paths import find_file
from riskset.registers.delivered.reading import DELIMITERS, Delivered, digest_of_file, open_file, read_header
from riskset.registers.delivered.source import Sources, TableMap
from riskset.registers.delivered.whole import is_parquet
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.ingest import KEYS, clear_errors
from riskset.registers.schema import TABLES
from riskset.results.rows import QualityRow

_TABLE, _NAME = "matched_set", "set_file"
_PARTED = "see that each line has as many cells as the first, and that each quote is closed"


@dataclass(frozen=True)
class SetFile(Microdata):
    """Matched sets as a file has them.

    Attributes
    ----------
    table : the canonical ``matched_set``
    quality : which rows were set aside, by rule
    """

    table: pa.Table
    quality: list[QualityRow]


def read_set_file(path: Path, sources: Sources, store: Path, engine: DuckDB) -> SetFile:
    """Read a file with the columns ``set_id, person_id, case, index_date`` (the date may be absent).

    Parameters
    ----------
    path
        CSV in UTF-8, parted by commas, semicolons, tabs or bars, with a header and dates as 2015-01-31; or Parquet.
    sources
        The delivery that the identifiers belong to, for its tolerance and its day.
    store
        Where the delivery was imported to.

    Raises
    ------
    SourceError
        There is no such file, it is neither such a text nor Parquet, or it lacks a column.
    QualityError
        More rows than tolerated are of nobody in the registers, or cannot be read.
    """
    file = _file(path)
    header = read_header(path, file, stated=False)
    columns = [column.name for column in TABLES[_TABLE].columns if not column.optional or column.name in header]
    mapped = {name: ColumnMap(column=name) for name in columns}
    described = TableMap(name=_TABLE, file=_NAME, columns=mapped)
    digest_of_file(path, file.encoding, stated=False)
    with clear_errors(path), TemporaryDirectory(prefix=f"{store.name}.sets.", dir=store.parent) as folder:
        read = open_file(engine, file, [described], _NAME, Path(folder))
        return _checked(path, read, described, sources, store, engine)


def _checked(
    path: Path, read: Delivered, described: TableMap, sources: Sources, store: Path, engine: DuckDB
) -> SetFile:
    mapped = described.columns
    known = engine.read_parquet("set_file_keys", store / KEYS)
    aside = engine.read_parquet("set_file_aside", store / "quarantine" / "person.parquet")
    people = people_of(engine, known, None, _NAME, aside=aside)
    limits = Limits.of(sources.as_of)
    rows = convert(engine, _TABLE, [Mapped(read.raw, mapped, place=str(path))])
    checked = check_facts(engine, _TABLE, rows, people, frozenset(mapped), limits, _NAME, str(path), audited=True)
    checked = replace(with_lost_lines(engine, checked, [read]), hints={**checked.hints, LOST_LINE.name: _PARTED})
    if not checked.of:
        raise SourceError("there are no matched sets in it", where=str(path), remedy="deliver it again")
    refuse_beyond(engine, checked, [described], sources.as_of, sources.tolerance, str(path), in_memory=True)
    checked = with_date_ways(engine, checked, [described], sources.as_of)
    return SetFile(engine.collect(checked.kept), [row for row in checked.quality() if row.rows])


def _file(path: Path) -> File:
    """How the file is read: as what its first bytes are, and parted by what gives most of the columns."""
    find_file(path)
    if path.suffix.lower() == ".parquet" or is_parquet(path):
        return File(path=str(path), format="parquet")
    ways = [File(path=str(path), format="csv", delimiter=d, encoding="utf-8") for d in DELIMITERS]
    return max(ways, key=lambda way: _columns_found(read_header(path, way, stated=False)))


def _columns_found(header: list[str]) -> tuple[int, int]:
    return len({column.name for column in TABLES[_TABLE].columns} & set(header)), len(header)
