"""The canonical register tables: what every source is mapped to.

Identifiers are dense int64 after import; days are ``date32``; texts are UTF-8 strings; amounts of medicine are
int64 thousandths. End dates (``stop``) are the day *after* the last day.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

INT, DAY, TEXT, REAL = pa.int64(), pa.date32(), pa.string(), pa.float64()


@dataclass(frozen=True)
class Column:
    """A column of a canonical table.

    ``null`` says whether a value may be missing; ``values`` the only values allowed; ``person`` that it holds a
    person's identifier; ``optional`` that a register need not deliver it at all (it is then all null).
    """

    name: str
    type: pa.DataType
    null: bool = False
    optional: bool = False
    person: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A canonical table: what one row is, its columns, and the columns that identify a row (none: rows may repeat)."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    @property
    def arrow_schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.type) for c in self.columns])

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)


def _person(name: str = "person_id", *, null: bool = False, optional: bool = False) -> Column:
    return Column(name, INT, null=null, optional=optional, person=True)


def _maybe(name: str, kind: pa.DataType, values: tuple[str, ...] = ()) -> Column:
    return Column(name, kind, null=True, optional=True, values=values)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "person",
            "a person",
            (
                _person(),
                Column("sex", TEXT, values=("female", "male")),
                Column("birth_date", DAY),
                _person("mother_id", null=True, optional=True),
                _person("father_id", null=True, optional=True),
                _maybe("birth_county", TEXT),
                _maybe("country_of_birth", TEXT),
            ),
            key=("person_id",),
            order=("person_id",),
        ),
        Table(
            "residence",
            "a spell of a person living in one county of the country",
            (_person(), Column("start", DAY), Column("stop", DAY), _maybe("county", TEXT)),
            key=("person_id", "start"),
            order=("person_id", "start"),
        ),
        Table(
            "couple",
            "a spell of a person living with a partner",
            (
                _person(),
                _person("partner_id"),
                Column("start", DAY),
                Column("stop", DAY),
                Column("kind", TEXT, values=("married", "registered", "cohabiting")),
            ),
            key=("person_id", "start"),
            order=("person_id", "start"),
        ),
        Table(
            "death",
            "a death",
            (_person(), Column("date", DAY), _maybe("cause", TEXT)),
            key=("person_id",),
            order=("person_id",),
        ),
        Table(
            "diagnosis",
            "a diagnosis as a register has it",
            (
                _person(),
                Column("date", DAY),
                Column("system", TEXT),
                Column("code", TEXT),
                Column("source", TEXT, values=("inpatient", "outpatient", "death", "registry")),
                _maybe("main", pa.bool_()),
            ),
            order=("code", "person_id", "date"),
        ),
        Table(
            "dispensing",
            "a dispensed item of a prescription",
            (_person(), Column("date", DAY), Column("atc", TEXT), _maybe("ddd", INT), _maybe("packages", INT)),
            order=("atc", "person_id", "date"),
        ),
        Table(
            "socioeconomic",
            "what is recorded of a person at the end of a calendar year",
            (
                _person(),
                Column("year", INT),
                _maybe("education", TEXT),
                _maybe("income", INT),
                _maybe("civil_status", TEXT),
            ),
            key=("person_id", "year"),
            order=("person_id", "year"),
        ),
        Table(
            "registry_item",
            "an item of a quality register",
            (
                _person(),
                Column("registry", TEXT),
                Column("date", DAY),
                Column("name", TEXT),
                _maybe("value", REAL),
                _maybe("text", TEXT),
            ),
            order=("registry", "name", "person_id", "date"),
        ),
        Table(
            "measurement",
            "a measured value of a person",
            (_person(), Column("date", DAY), Column("name", TEXT), Column("value", REAL)),
            order=("name", "person_id", "date"),
        ),
        Table(
            "procedure",
            "something done to a person",
            (_person(), Column("date", DAY), Column("system", TEXT), Column("code", TEXT)),
            order=("code", "person_id", "date"),
        ),
    )
}
"""Every canonical table by name."""

DIAGNOSIS_OF_REGISTRY = "diagnosis"
"""``registry_item.name`` under which a quality register keeps the diagnosis (its ``text``) and its date.

Others in use: ``registration`` (date), ``onset_date`` (date), ``onset_site`` (text).
"""
