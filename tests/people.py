"""Invented people in a few lines, and the registers that hold them.

One line a person: a name, ``f`` or ``m``, the birth date, and then any number of::

    lives 1990-01-01..2030-01-01 Stockholm   resident, the second date being the day after the last; county optional
    als 2015-06-01                           ALS in the quality register "mnd"
    mnd 2015-06-01 PLS                       another diagnosis in it
    diagnosis F32 2014-01-01 outpatient      an ICD-10 code
    takes N05BA01 2010-01-01                 a dispensing
    dies 2018-02-03 G122                     a death, the cause optional
    registered 2015-07-01                    registration in the quality register "mnd"
    onset 2014-12-01                         the first symptom, by that register
    site bulbar 2015-07-01                   where it began, by that register
    scores 36 2015-07-01                     a measured alsfrs_r
    measured bmi 24.5 2015-07-01             another measurement
    ventilated 2016-01-01                    a procedure: invasive ventilation
    born-in Finland   mother eva   father bo
    with bo 2001-01-01..2010-01-01           a couple's spell, written once for both
    given A control 2015-06-01               a row of a set that the authority drew; its date optional

Anything after ``#`` is a remark. Names stand for delivered ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.registers.schema import TABLES
from riskset.results.tables import QUALITY, rows_to_table

Rows = dict[str, list[dict[str, Any]]]

FIRST_ID = 1
"""The id that registers give to the first of the delivered ids in code-point order."""

_SEX = {"f": "female", "m": "male"}
_WORDS = {
    *("lives", "als", "mnd", "diagnosis", "takes", "dies", "born-in", "mother", "father", "with", "given"),
    *("registered", "onset", "site", "scores", "measured", "ventilated"),
}


def read_people(text: str) -> Rows:
    """The canonical tables as rows, with names in place of ids."""
    rows: Rows = defaultdict(list)
    rows["person"], rows["residence"] = [], []
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if words:
            _read_person(words, rows)
    return dict(rows)


def _read_person(words: list[str], rows: Rows) -> None:
    name, sex, born, *rest = words
    person = {"person_id": name, "sex": _SEX[sex], "birth_date": date.fromisoformat(born)}
    rows["person"].append(person)
    while rest:
        word, rest = rest[0], rest[1:]
        count = next((i for i, w in enumerate(rest) if w in _WORDS), len(rest))
        said, rest = rest[:count], rest[count:]
        _add(rows, person, word, said)


def _add(rows: Rows, person: dict[str, Any], word: str, said: list[str]) -> None:
    name, more = person["person_id"], dict(enumerate(said))
    if word == "lives":
        start, stop = _spell(said[0])
        rows["residence"].append({"person_id": name, "start": start, "stop": stop, "county": more.get(1)})
    elif word in ("als", "mnd"):
        item = {"registry": "mnd", "date": _day(said[0]), "name": "diagnosis", "text": more.get(1, "ALS")}
        rows["registry_item"].append({"person_id": name, **item})
    elif word == "diagnosis":
        made = {"date": _day(said[1]), "system": "icd10", "code": said[0], "source": more.get(2, "outpatient")}
        rows["diagnosis"].append({"person_id": name, **made})
    elif word == "takes":
        rows["dispensing"].append({"person_id": name, "date": _day(said[1]), "atc": said[0]})
    elif word == "dies":
        rows["death"].append({"person_id": name, "date": _day(said[0]), "cause": more.get(1)})
    elif word in ("registered", "onset", "site"):
        named = {"registered": "registration", "onset": "onset_date", "site": "onset_site"}[word]
        item = {"registry": "mnd", "date": _day(said[-1]), "name": named, "text": said[0] if word == "site" else None}
        rows["registry_item"].append({"person_id": name, **item})
    elif word in ("scores", "measured"):
        what, value, day = ("alsfrs_r", *said) if word == "scores" else said
        rows["measurement"].append({"person_id": name, "date": _day(day), "name": what, "value": float(value)})
    elif word == "ventilated":
        done = {"date": _day(said[0]), "system": "riskset", "code": "invasive_ventilation"}
        rows["procedure"].append({"person_id": name, **done})
    elif word == "born-in":
        person["country_of_birth"] = said[0]
    elif word in ("mother", "father"):
        person[f"{word}_id"] = said[0]
    elif word == "with":
        start, stop = _spell(said[1])
        for one, other in ((name, said[0]), (said[0], name)):
            spell = {"person_id": one, "partner_id": other, "start": start, "stop": stop, "kind": "married"}
            rows["couple"].append(spell)
    elif word == "given":
        day = _day(said[2]) if len(said) > 2 else None
        row = {"set_id": said[0], "person_id": name, "case": said[1] == "case", "index_date": day}
        rows["matched_set"].append(row)
    else:
        raise ValueError(f"{word!r} is no word of the people's format")


def _spell(text: str) -> tuple[date, date]:
    start, _, stop = text.partition("..")
    return _day(start), _day(stop)


def _day(text: str) -> date:
    return date.fromisoformat(text)


@dataclass(frozen=True)
class Nation:
    """Invented people: as registers, and as the rows that the registers hold."""

    registers: Registers
    rows: Rows
    ids: Mapping[str, int]
    """Name → person_id."""

    @property
    def names(self) -> dict[int, str]:
        return {number: name for name, number in self.ids.items()}


def nation(text: str, *, starts: Mapping[str, date] | None = None, engine: Engine | None = None) -> Nation:
    """Registers of the people in ``text``, through the checks of an import; registers without rows are there, empty."""
    rows = read_people(text)
    registers = Registers.from_tables(_delivered(rows), engine=engine, starts=starts, tolerance=1.0, remarks=False)
    return _nation(registers, rows)


def nations(texts: Sequence[str], engine: Engine, *, starts: Mapping[str, date] | None = None) -> list[Nation]:
    """Each as ``nation`` makes it, after one import of all: no one in one has to do with anyone in another."""
    apart = [_apart(read_people(text), f"{i:04d} ") for i, text in enumerate(texts)]
    together: Rows = defaultdict(list)
    for rows in apart:
        for name, added in rows.items():
            together[name] += added
    checked = Registers.from_tables(_delivered(together), engine=engine, starts=starts, tolerance=1.0, remarks=False)
    tables, made, first = _collected(checked), [], 0
    for i, rows in enumerate(apart):
        names = [name.partition(" ")[2] for name in _ranks(rows)]
        own = {name: _within(name, table, first, len(names)) for name, table in tables.items() if name in _named(rows)}
        assert len(own["person"]) == len(names), "nobody is set aside"
        ids = {name: number for number, name in enumerate(names, start=FIRST_ID)}
        made.append(numbered_nation(own, ids, starts=starts, engine=engine, tag=f"{checked.fingerprint[:12]} {i}"))
        first += len(names)
    return made


def numbered_nation(
    rows: Rows,
    ids: Mapping[str, int],
    *,
    starts: Mapping[str, date] | None = None,
    engine: Engine | None = None,
    tag: str = "",
) -> Nation:
    """Registers of canonical rows as they are, in their order."""
    tables = {name: pa.Table.from_pylist(held, schema=TABLES[name].arrow_schema) for name, held in rows.items()}
    return Nation(unchecked_registers(tables, starts=starts, engine=engine, tag=tag), rows, ids)


def unchecked_nation(rows: Rows, *, starts: Mapping[str, date] | None = None, engine: Engine | None = None) -> Nation:
    """Registers of canonical rows whose ids are names, as they are: overlapping spells stay, and it takes no time."""
    ids = _ranks(rows)
    tables = {}
    for name, table in _delivered(rows).items():
        numbered = [_numbered(row, ids) for row in table.to_pylist()]
        tables[name] = pa.Table.from_pylist(numbered, schema=TABLES[name].arrow_schema)
    return _nation(unchecked_registers(tables, starts=starts, engine=engine), rows)


def unchecked_registers(
    tables: Mapping[str, pa.Table],
    *,
    starts: Mapping[str, date] | None = None,
    engine: Engine | None = None,
    tag: str = "",
) -> Registers:
    """Registers of canonical tables whose ids are int64 already; columns that are left out are null, not delivered.

    Those in one engine at the same time have a ``tag`` each.
    """
    engine = engine or Engine()
    held, delivered = {}, {}
    for name, table in tables.items():
        schema = TABLES[name].arrow_schema
        columns = [table[f.name].cast(f.type) if f.name in table.column_names else _nulls(table, f) for f in schema]
        held[name] = engine.load(f"{name} {tag}".strip(), pa.Table.from_arrays(columns, schema=schema))
        delivered[name] = frozenset(table.column_names)
    return Registers(engine, held, delivered, "unchecked", rows_to_table([], QUALITY), starts or {})


def _nulls(table: pa.Table, column: pa.Field) -> pa.Array:
    return pa.nulls(len(table), column.type)


def _nation(registers: Registers, rows: Rows) -> Nation:
    return Nation(registers, _collected(registers), _ranks(rows))


def _collected(registers: Registers) -> Rows:
    return {name: registers.engine.collect(table).to_pylist() for name, table in registers.tables.items()}


def _apart(rows: Rows, before: str) -> Rows:
    """The same rows, and what names a person or a set is preceded by something that others do not have."""
    said = {name: {c.name for c in TABLES[name].columns if c.person or c.label} for name in rows}
    return {
        name: [{k: before + v if k in said[name] and v else v for k, v in row.items()} for row in held]
        for name, held in rows.items()
    }


def _within(name: str, table: list[dict[str, Any]], first: int, count: int) -> list[dict[str, Any]]:
    """A nation's rows of a checked table of all nations, numbered as if there were no other."""
    columns = TABLES[name].columns
    own = [row for row in table if first < row["person_id"] <= first + count]
    for label in (c.name for c in columns if c.label):
        ranks = {value: rank for rank, value in enumerate(sorted({row[label] for row in own}), start=FIRST_ID)}
        own = [row | {label: ranks[row[label]]} for row in own]
    persons = [c.name for c in columns if c.person]
    return [row | {p: row[p] - first if row.get(p) else None for p in persons} for row in own]


def _ranks(rows: Rows) -> dict[str, int]:
    names = sorted({row["person_id"] for row in rows["person"]})
    return {name: number for number, name in enumerate(names, start=FIRST_ID)}


def _named(rows: Rows) -> tuple[str, ...]:
    """The registers that are there, with rows or without."""
    always = ("person", "residence", "death", "diagnosis", "dispensing", "registry_item", "couple")
    return (*always, "matched_set") if "matched_set" in rows else always


def _delivered(rows: Rows) -> dict[str, pa.Table]:
    made = {}
    always = ("person", "residence", "death", "diagnosis", "dispensing", "registry_item", "couple")
    for name in (*always, *(name for name in ("matched_set", "measurement", "procedure") if name in rows)):
        columns = TABLES[name].columns
        fields = pa.schema([pa.field(c.name, pa.string() if c.person or c.label else c.type) for c in columns])
        listed = [{c.name: row.get(c.name) for c in columns} for row in rows.get(name, [])]
        made[name] = pa.Table.from_pylist(listed, schema=fields)
    return made


def _numbered(row: dict[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    return {key: ids.get(value) if key.endswith("_id") else value for key, value in row.items()}
