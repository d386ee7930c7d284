"""The canonical register tables: what every source is mapped to.

Identifiers are dense int64 after import; days are ``date32``; texts are UTF-8 strings; amounts of medicine are
int64 thousandths. End dates (``stop``) are the day *after* the last day.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

INT, DAY, TEXT, REAL, BOOL = pa.int64(), pa.date32(), pa.string(), pa.float64(), pa.bool_()


@dataclass(frozen=True)
class RegisterColumn:
    """A column of a canonical table.

    ``null`` says whether a value may be missing; ``values`` the only values allowed; ``person`` that it holds a
    person's identifier; ``label`` that it holds a text of which only equality matters, replaced by its rank at import
    because it may be an identifier; ``optional`` that a register need not deliver it at all (it is then all null);
    ``meaning`` what the name does not say: units, and names in use.
    """

    name: str
    type: pa.DataType
    null: bool = False
    optional: bool = False
    person: bool = False
    label: bool = False
    values: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True)
class Fact:
    """What a table whose rows may repeat says once: rows that agree in some columns have one value in all others.

    Attributes
    ----------
    columns : the columns in which rows of one fact agree
    names : the values of ``name`` for which it holds; of others a person may have several values on a day
    """

    columns: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A canonical table.

    Attributes
    ----------
    row : what one row is
    used : which parts of a study need it
    columns : its columns
    key : the columns that identify a row; none: rows may repeat
    fact : where rows may repeat, what is one fact; none: each row is a record of its own, and contradicts no other
    order : the columns that the store sorts it by
    """

    name: str
    row: str
    used: str
    columns: tuple[RegisterColumn, ...]
    key: tuple[str, ...] = ()
    fact: Fact | None = None
    order: tuple[str, ...] = ()

    @property
    def one_fact(self) -> tuple[str, ...]:
        """The columns of which rows that agree are one fact: the key, of a spell also its end; none of records."""
        stop = ("stop",) if any(column.name == "stop" for column in self.columns) else ()
        return (*self.key, *stop) if self.key else self.fact.columns if self.fact else ()

    @property
    def arrow_schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.type) for c in self.columns])

    def column(self, name: str) -> RegisterColumn:
        return next(c for c in self.columns if c.name == name)


def _person(
    name: str = "person_id", meaning: str = "", *, null: bool = False, optional: bool = False
) -> RegisterColumn:
    return RegisterColumn(name, INT, null=null, optional=optional, person=True, meaning=meaning)


def _maybe(name: str, kind: pa.DataType, meaning: str = "") -> RegisterColumn:
    return RegisterColumn(name, kind, null=True, optional=True, meaning=meaning)


def _stop() -> RegisterColumn:
    return RegisterColumn(
        "stop", DAY, meaning="last day or the day after, as `last_day` states; nothing: it has not ended"
    )


DIAGNOSIS_OF_REGISTRY = "diagnosis"
"""``registry_item.name`` under which a quality register keeps the diagnosis (its ``text``) and its date."""

ONSET_DATE, ONSET_SITE = "onset_date", "onset_site"
"""The items that a person has once in a register: of several, the first counts."""

ITEMS = {
    DIAGNOSIS_OF_REGISTRY: "the diagnosis and its day",
    "registration": "the day of entry into the register",
    ONSET_DATE: "the day of the first symptom",
    ONSET_SITE: "where the disease began",
}
"""The values of ``registry_item.name`` in use; others are kept."""


@dataclass(frozen=True)
class KnownMeasurement:
    """A measurement that means something to us: what it is, and the lowest and highest value that it can have."""

    meaning: str
    low: float
    high: float


MEASUREMENTS = {
    "alsfrs_r": KnownMeasurement("the ALS functional rating scale, 0–48", 0, 48),
    "bmi": KnownMeasurement("body-mass index at diagnosis, kg/m², 5–150", 5, 150),
    "bmi_prediagnostic": KnownMeasurement("the same before the disease", 5, 150),
}
"""The values of ``measurement.name`` that mean something to us; a study may name any other as its marker."""

KNOWN_NAMES: dict[tuple[str, str], tuple[str, ...]] = {
    ("registry_item", "name"): tuple(ITEMS),
    ("measurement", "name"): tuple(MEASUREMENTS),
    ("diagnosis", "system"): ("icd10",),
    ("procedure", "code"): ("invasive_ventilation",),
}
"""Columns in which any text may stand, and the texts that mean something to us; a near spelling of one does not."""

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "person",
            "a person",
            "every study",
            (
                _person(),
                RegisterColumn("sex", TEXT, values=("female", "male")),
                RegisterColumn("birth_date", DAY),
                _person("mother_id", "`person_id` of the mother; for siblings", null=True, optional=True),
                _person("father_id", "`person_id` of the father; for siblings", null=True, optional=True),
                _maybe("birth_county", TEXT, "not used yet"),
                _maybe("country_of_birth", TEXT, "for matching on it and for the covariate"),
            ),
            key=("person_id",),
            order=("person_id",),
        ),
        Table(
            "residence",
            "a spell of a person living in one county of the country",
            "every study: who is under observation",
            (
                _person(),
                RegisterColumn("start", DAY, meaning="first day"),
                _stop(),
                _maybe("county", TEXT, "for matching on it and for the covariate"),
            ),
            key=("person_id", "start"),
            order=("person_id", "start"),
        ),
        Table(
            "couple",
            "a spell of a person living with a partner",
            "spouses as controls",
            (
                _person(),
                _person("partner_id", "`person_id` of the partner; a couple is delivered once for each of the two"),
                RegisterColumn("start", DAY, meaning="first day"),
                _stop(),
                RegisterColumn("kind", TEXT, values=("married", "registered", "cohabiting")),
            ),
            key=("person_id", "start"),
            order=("person_id", "start"),
        ),
        Table(
            "death",
            "a death",
            "death as the event, and as the end of observation where residence does not end at death",
            (
                _person(),
                RegisterColumn("date", DAY),
                _maybe("cause", TEXT, "underlying cause, ICD-10; for `cause` of an event"),
            ),
            key=("person_id",),
            order=("person_id",),
        ),
        Table(
            "diagnosis",
            "a diagnosis as a register has it",
            "events by `icd10`, and covariates of diagnoses",
            (
                _person(),
                RegisterColumn("date", DAY),
                RegisterColumn(
                    "system", TEXT, meaning="`icd10`; rows of any other, such as `icd9`, are kept and not asked for yet"
                ),
                RegisterColumn("code", TEXT, meaning="ICD-10 with or without the dot"),
                RegisterColumn("source", TEXT, values=("inpatient", "outpatient", "death", "registry")),
                _maybe("main", BOOL, "whether it is the main diagnosis: `1` or `true`, `0` or `false`"),
            ),
            order=("code", "person_id", "date"),
        ),
        Table(
            "dispensing",
            "a dispensed item of a prescription",
            "exposures, events by `atc`, and covariates of dispensings",
            (
                _person(),
                RegisterColumn("date", DAY, meaning="day of dispensing"),
                RegisterColumn("atc", TEXT, meaning="ATC code of the item"),
                _maybe("ddd", INT, "thousandths of a DDD in the item: `scale = 1000` where the file has DDD"),
                _maybe(
                    "packages",
                    REAL,
                    "number of packages, or a part of one; below zero where the row takes an earlier one back",
                ),
            ),
            order=("atc", "person_id", "date"),
        ),
        Table(
            "socioeconomic",
            "what is recorded of a person at the end of a calendar year",
            "the covariates `education`, `income` and `civil_status`",
            (
                _person(),
                RegisterColumn("year", INT, meaning="calendar year"),
                _maybe("education", TEXT, "any levels, as the report shall name them"),
                _maybe("income", INT, "a whole number, in one currency and price level of your choice"),
                _maybe("civil_status", TEXT, "any levels"),
            ),
            key=("person_id", "year"),
            order=("person_id", "year"),
        ),
        Table(
            "registry_item",
            "an item of a quality register",
            'events by `registry`, `anchor = "onset"`, and the prognosis',
            (
                _person(),
                RegisterColumn("registry", TEXT, meaning="the register's name, as `registry` of an event asks for it"),
                RegisterColumn("date", DAY, meaning="day of the item: of diagnosis, registration, onset"),
                RegisterColumn("name", TEXT, meaning="; ".join(f"`{name}`: {what}" for name, what in ITEMS.items())),
                _maybe("value", REAL, "of items that are numbers; not used yet"),
                _maybe(
                    "text",
                    TEXT,
                    "of `diagnosis`: which, as `diagnosis` of an event asks for it; of `onset_site`: where",
                ),
            ),
            fact=Fact(("person_id", "registry", "name", "date"), ("registration", ONSET_DATE, ONSET_SITE)),
            order=("registry", "name", "person_id", "date"),
        ),
        Table(
            "measurement",
            "a measured value of a person",
            "the prognosis: its marker, and `bmi` at diagnosis",
            (
                _person(),
                RegisterColumn("date", DAY),
                RegisterColumn(
                    "name",
                    TEXT,
                    meaning="any name; `marker` of the prognosis says which it follows. "
                    + "; ".join(f"`{name}`: {what.meaning}" for name, what in MEASUREMENTS.items()),
                ),
                RegisterColumn("value", REAL, meaning="in the unit of its name"),
            ),
            fact=Fact(("person_id", "name", "date"), tuple(MEASUREMENTS)),
            order=("name", "person_id", "date"),
        ),
        Table(
            "procedure",
            "something done to a person",
            "the prognosis: invasive ventilation as an endpoint",
            (
                _person(),
                RegisterColumn("date", DAY),
                RegisterColumn("system", TEXT, meaning="such as `nomesco`"),
                RegisterColumn("code", TEXT, meaning="as delivered"),
            ),
            order=("code", "person_id", "date"),
        ),
        Table(
            "matched_set",
            "a person in a set that an authority drew: the case or a control",
            "`given` controls",
            (
                RegisterColumn(
                    "set_id",
                    INT,
                    label=True,
                    meaning="what the rows of one set share: a number, or the case's identifier",
                ),
                _person(),
                RegisterColumn(
                    "case", BOOL, meaning="whether the person is the set's case: `1` or `true`, `0` or `false`"
                ),
                _maybe("index_date", DAY, "nothing: the date of the set's case"),
            ),
            order=("set_id", "person_id"),
        ),
    )
}
"""Every canonical table by name."""
