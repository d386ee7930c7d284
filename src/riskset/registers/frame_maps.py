"""What is said of frames in memory, as ``sources.toml`` says it of files: how they are mapped and what they cover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from riskset.errors import RisksetError, SourceError, SpecError, several
from riskset.registers.delivered.conversion import ROW_NUMBER
from riskset.registers.delivered.heading import tellable
from riskset.registers.delivered.source import TableMap
from riskset.registers.schema import TABLES
from riskset.spec.base import as_day
from riskset.spec.complaints import Wrong, closest, shown
from riskset.spec.from_toml import parse

FRAME = "frame"
"""What stands for the file in the mapping of a table in memory."""


def days_of(given: object, what: str) -> dict[str, date]:
    """The days of registers by canonical name, as ``starts`` and ``ends`` give them.

    Raises
    ------
    SpecError
        It names no canonical table, or what is no day.
    """
    if not isinstance(given, Mapping):
        remedy = f"write {what}={{'dispensing': date(2005, 7, 1)}}"
        raise SpecError("this names no tables", where=what, remedy=remedy)
    wrong: list[RisksetError] = []
    days: dict[str, date] = {}
    for name, day in given.items():
        if name not in TABLES:
            wrong.append(
                SpecError(f"{shown(name)} is no canonical table", where=what, remedy=closest(name, list(TABLES)))
            )
            continue
        try:
            days[name] = as_day(day)
        except Wrong as no_day:
            wrong.append(SpecError(no_day.what, where=f"{what} of {name}", remedy=no_day.remedy))
    if wrong:
        raise several(wrong)
    return days


def refuse_no_mapping(mapping: object) -> None:
    """Raise SpecError where what should map tables is no dictionary of dictionaries."""
    if not isinstance(mapping, Mapping) or not all(isinstance(one, Mapping) for one in mapping.values()):
        remedy = "give a dictionary of tables, as {'person': {'columns': {'person_id': 'pnr', …}}}"
        raise SpecError("this is no mapping of tables", where="mapping", remedy=remedy)


def map_frames(
    frames: Mapping[str, pa.Table],
    mapping: Mapping[str, Mapping[str, Any]],
    starts: Mapping[str, date],
    ends: Mapping[str, date],
) -> dict[str, TableMap]:
    """How each frame becomes a canonical table: as it is mapped, else column by column as they are called.

    Parameters
    ----------
    frames : canonical name → the frame with its delivered columns
    mapping : canonical name → what a ``[[tables]]`` of ``sources.toml`` says of it, but for its name and file
    starts, ends : canonical name → the first and the last day that the register covers

    Raises
    ------
    SpecError
        What is said cannot be meant; with the path inside it.
    SourceError
        A column that is mapped is not there.
    """
    wrong: list[RisksetError] = []
    maps: dict[str, TableMap] = {}
    for name in mapping:
        if name not in frames:
            remedy = closest(str(name), list(frames))
            wrong.append(SpecError(f"{shown(name)} is none of the tables", where="mapping", remedy=remedy))
    for name, frame in frames.items():
        days = {what: days[name] for what, days in (("starts", starts), ("ends", ends)) if name in days}
        try:
            maps[name] = _map_one(name, frame, mapping.get(name), days)
        except RisksetError as error:
            wrong.append(error)
    if wrong:
        raise several(wrong)
    return maps


def _map_one(name: str, frame: pa.Table, described: Mapping[str, Any] | None, days: Mapping[str, date]) -> TableMap:
    if described is None:
        spells = {"last_day": "excluded"} if "stop" in {c.name for c in TABLES[name].columns} else {}
        plain = {"name": name, "file": FRAME, "columns": {c: c for c in frame.column_names}}
        return parse(TableMap, {**plain, **spells, **days}, where=f"table {name}")
    where = f"mapping of {name}"
    for key in described:
        if key in ("name", "file"):
            raise SpecError(f"a frame needs no {key}", where=where, remedy=f"remove {key}")
        if key in days:
            raise SpecError(f"{key} is stated twice", where=where, remedy=f"leave one of them out of {key} or mapping")
    made = parse(TableMap, {**described, "name": name, "file": FRAME, **days}, where=where)
    if lacking := list(_lacking(name, frame, made)):
        raise several(lacking)
    return made


def _lacking(name: str, frame: pa.Table, made: TableMap) -> Iterator[SourceError]:
    for column in dict.fromkeys(made.delivered_columns):
        if column not in frame.column_names:
            there = tellable(frame.column_names, made.delivered_columns)
            remedy = closest(column, there) if there else "see that the frame was read with its header"
            yield SourceError(f"the frame has no column {shown(column)}", where=f"table {name}", remedy=remedy)


def with_row_numbers(frame: pa.Table, made: TableMap) -> pa.Table:
    """The frame, its rows numbered from 1 where a column is mapped from that."""
    if not any(where.row_number for where in made.columns.values()):
        return frame
    frame = frame.drop_columns([ROW_NUMBER]) if ROW_NUMBER in frame.column_names else frame
    return frame.append_column(ROW_NUMBER, pa.array(np.arange(1, frame.num_rows + 1)))
