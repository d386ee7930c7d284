"""Matched sets in a file of their own, with identifiers as delivered: read and numbered as an import would."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from riskset.errors import QualityError, SourceError
from riskset.microdata import Microdata
from riskset.registers.checks.checking import check_facts, people_of
from riskset.registers.checks.date_hints import refuse_beyond, with_date_ways
from riskset.registers.checks.rule import Limits
from riskset.registers.delivered.column_map import ColumnMap
from riskset.registers.delivered.conversion import Mapped, convert
from riskset.registers.delivered.reading import digest_of_file, open_file
from riskset.registers.delivered.source import File, Sources, TableMap
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.ingest import KEYS
from riskset.registers.schema import TABLES
from riskset.results.rows import QualityRow

_TABLE, _NAME = "matched_set", "set_file"


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
        CSV in UTF-8, parted by commas, semicolons or tabs, with a header and dates as 2015-01-31; or Parquet.
    sources
        The delivery that the identifiers belong to, for its tolerance and its day.
    store
        Where the delivery was imported to.

    Raises
    ------
    SourceError
        There is no such file, or it lacks a column.
    QualityError
        More rows than tolerated are of nobody in the registers, or cannot be read.
    """
    file, header = _file(path)
    columns = [column.name for column in TABLES[_TABLE].columns]
    for column in TABLES[_TABLE].columns:
        if not column.optional and column.name not in header:
            raise SourceError(
                f"there is no column {column.name!r}", where=str(path), remedy=f"name the columns {', '.join(columns)}"
            )
    mapped = {name: ColumnMap(column=name) for name in columns if name in header}
    described = TableMap(name=_TABLE, file=_NAME, columns=mapped)
    if file.encoding:
        digest_of_file(path, file.encoding)
    raw = open_file(engine, file, [described], _NAME, store).raw
    known = engine.read_parquet("set_file_keys", store / KEYS)
    aside = engine.read_parquet("set_file_aside", store / "quarantine" / "person.parquet")
    people = people_of(engine, known, None, _NAME, aside=aside)
    limits = Limits.of(sources.as_of)
    rows = convert(engine, _TABLE, [Mapped(raw, mapped, place=str(path))])
    checked = check_facts(engine, _TABLE, rows, people, frozenset(mapped), limits, _NAME, audited=True)
    if not checked.of:
        raise SourceError("there are no matched sets in it", where=str(path), remedy="deliver it again")
    try:
        refuse_beyond(engine, checked, [described], sources.as_of, sources.tolerance, in_memory=True)
    except QualityError as error:
        raise QualityError(error.what, where=str(path), remedy=error.remedy) from None
    checked = with_date_ways(engine, checked, [described], sources.as_of)
    return SetFile(engine.collect(checked.kept), [row for row in checked.quality() if row.rows])


def _file(path: Path) -> tuple[File, list[str]]:
    """How the file is read, and its header: whichever delimiter parts it into the columns is the one."""
    if not path.is_file():
        raise SourceError("there is no such file", where=str(path), remedy="give the path of the sets")
    if path.suffix == ".parquet":
        try:
            return File(path=str(path), format="parquet"), list(pq.read_schema(path).names)
        except (pa.ArrowInvalid, OSError):
            raise SourceError("this is no Parquet file", where=str(path), remedy="deliver it again") from None
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        first = lines.readline(1_000_000).rstrip("\r\n")
    headers = {delimiter: [c.strip().strip('"') for c in first.split(delimiter)] for delimiter in (",", ";", "\t")}
    delimiter = next((d for d, header in headers.items() if len(header) > 1), ",")
    return File(path=str(path), format="csv", delimiter=delimiter, encoding="utf-8"), headers[delimiter]
