"""The delivered files: what each authority sends under its own names, and how ``sources.toml`` reads it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from riskset.plain import Plain

Form = Callable[[pa.ChunkedArray], pa.ChunkedArray]


@dataclass(frozen=True)
class DeliveredColumn:
    """A delivered column: its name, the canonical column it holds, how it is written and how it is read back.

    Attributes
    ----------
    write : canonical values → delivered values; None: as they are
    read : what ``sources.toml`` says besides the column's name
    decimals : digits after the decimal mark, for numbers that are not whole
    """

    name: str
    canonical: str
    write: Form | None = None
    read: Mapping[str, Plain] = field(default_factory=dict)
    decimals: int = 0


@dataclass(frozen=True)
class DeliveredFile:
    """A delivered file: the canonical table it is made of, which of its rows, and what it is read back as.

    Attributes
    ----------
    name : of the file, without its ending
    table : the canonical table
    columns : its columns, in order
    constants : canonical columns that are the same in every row and not delivered
    rows : keeps the rows that this file holds; None: all
    last_day : for spells
    starts : the first day covered, where it is stated
    """

    name: str
    table: str
    columns: tuple[DeliveredColumn, ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    rows: Callable[[pa.Table], pa.Table] | None = None
    last_day: str = ""
    starts: str = ""


def _recode(values: Mapping[str, str]) -> tuple[Form, dict[str, Plain]]:
    """Write canonical texts as an authority's codes: the form, and the map that reads them back."""
    canonical, codes = pa.array(list(values)), pa.array(list(values.values()))

    def write(column: pa.ChunkedArray) -> pa.ChunkedArray:
        return pc.take(codes, pc.index_in(column, value_set=canonical))

    return write, {"values": {code: text for text, code in values.items()}}


def _compact_days(days: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.strftime(days, format="%Y%m%d")


def _last_days(stops: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.subtract(stops.cast(pa.int32()), pa.scalar(1, pa.int32())).cast(pa.date32())


def _with_dot(codes: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring_regex(codes, "^(...)(.+)$", r"\1.\2")


def _whole_ddd(thousandths: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([np.asarray(thousandths) / 1000])


def _from(source: str) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.filter(pc.equal(table["source"], source))


SEX, SEX_READ = _recode({"male": "1", "female": "2"})
KIND, KIND_READ = _recode({"married": "G", "registered": "RP", "cohabiting": "S"})
LEVEL, LEVEL_READ = _recode({"primary": "1", "secondary": "2", "tertiary": "3"})
CIVIL, CIVIL_READ = _recode({"unmarried": "OG", "married": "G", "divorced": "S", "widowed": "Ä"})

LOPNR = DeliveredColumn("lopnr", "person_id")
COMPACT = {"date": "%Y%m%d"}

FILES = (
    DeliveredFile(
        "population",
        "person",
        (
            LOPNR,
            DeliveredColumn("kon", "sex", SEX, SEX_READ),
            DeliveredColumn("fodelsedatum", "birth_date"),
            DeliveredColumn("lopnr_mor", "mother_id"),
            DeliveredColumn("lopnr_far", "father_id"),
            DeliveredColumn("fodelseland", "country_of_birth"),
        ),
    ),
    DeliveredFile(
        "bosattning",
        "residence",
        (
            LOPNR,
            DeliveredColumn("fran", "start"),
            DeliveredColumn("till", "stop", _last_days),
            DeliveredColumn("lan", "county"),
        ),
        last_day="included",
        starts="1998-01-01",
    ),
    DeliveredFile(
        "par",
        "couple",
        (
            LOPNR,
            DeliveredColumn("lopnr_partner", "partner_id"),
            DeliveredColumn("fran", "start"),
            DeliveredColumn("till", "stop", _last_days),
            DeliveredColumn("form", "kind", KIND, KIND_READ),
        ),
        last_day="included",
    ),
    DeliveredFile(
        "dodsorsak",
        "death",
        (LOPNR, DeliveredColumn("doddatum", "date", _compact_days, COMPACT), DeliveredColumn("ulorsak", "cause")),
    ),
    DeliveredFile(
        "slutenvard",
        "diagnosis",
        (LOPNR, DeliveredColumn("indatum", "date", _compact_days, COMPACT), DeliveredColumn("dia", "code", _with_dot)),
        constants={"system": "icd10", "source": "inpatient"},
        rows=_from("inpatient"),
        starts="1987-01-01",
    ),
    DeliveredFile(
        "oppenvard",
        "diagnosis",
        (LOPNR, DeliveredColumn("indatum", "date"), DeliveredColumn("dia", "code")),
        constants={"system": "icd10", "source": "outpatient"},
        rows=_from("outpatient"),
        starts="1987-01-01",
    ),
    DeliveredFile(
        "lakemedel",
        "dispensing",
        (
            LOPNR,
            DeliveredColumn("edatum", "date"),
            DeliveredColumn("atc", "atc"),
            DeliveredColumn("antal_ddd", "ddd", _whole_ddd, {"scale": 1000}, decimals=3),
            DeliveredColumn("antal", "packages"),
        ),
        starts="2005-07-01",
    ),
    DeliveredFile(
        "lisa",
        "socioeconomic",
        (
            LOPNR,
            DeliveredColumn("ar", "year"),
            DeliveredColumn("utbildning", "education", LEVEL, LEVEL_READ),
            DeliveredColumn("dispink", "income"),
            DeliveredColumn("civil", "civil_status", CIVIL, CIVIL_READ),
        ),
    ),
    DeliveredFile(
        "mnd_register",
        "registry_item",
        (LOPNR, DeliveredColumn("datum", "date"), DeliveredColumn("uppgift", "name"), DeliveredColumn("svar", "text")),
        constants={"registry": "mnd"},
    ),
    DeliveredFile(
        "mnd_besok",
        "measurement",
        (
            LOPNR,
            DeliveredColumn("datum", "date"),
            DeliveredColumn("matt", "name"),
            DeliveredColumn("varde", "value", decimals=1),
        ),
    ),
    DeliveredFile(
        "atgarder",
        "procedure",
        (LOPNR, DeliveredColumn("datum", "date"), DeliveredColumn("kod", "code")),
        constants={"system": "riskset"},
    ),
)
"""Every file of a delivery. Residence and couples are the population register's, the rest each its own authority's."""
