"""An instant is no day: whose calendar gives its day is declared, or the column is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.errors import SourceError, SpecError
from riskset.registers.delivered.column_map import ColumnMap
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.registers.schema import DAY, TABLES
from tests.examples import examples
from tests.registers.delivery import DEATH_MAP, PERSON_MAP, broken, deliver, imported, people, rows
from tests.shown import Evidence, shows

UTC = UTC
FACTS = {
    "start": date(2000, 1, 1),
    "stop": date(2001, 1, 1),
    "date": date(2004, 2, 28),
    "index_date": date(2004, 2, 28),
}
TEXTS = {"system": "icd10", "code": "F32", "source": "inpatient", "atc": "A10", "kind": "married", "partner_id": "c"}
NUMBERS = {"year": 2004, "value": 1.0, "case": True, "set_id": 1, "registry": "mnd", "name": "bmi"}
DATED = [(name, column.name) for name, table in TABLES.items() for column in table.columns if column.type == DAY]


def of_table(name: str, column: str, values: pa.Array) -> dict[str, pa.Table]:
    """The persons, and a table whose rows differ in one column of days."""
    n = len(values)
    if name == "person":
        return dict(people()) | {"person": people()["person"].slice(0, n).set_column(2, column, values)}
    row = {"person_id": "a", **FACTS, **TEXTS, **NUMBERS}
    wanted = [c.name for c in TABLES[name].columns if not c.optional or c.name == column]
    columns = {c: values if c == column else [row[c]] * n for c in wanted}
    return dict(people()) | {name: pa.table(columns)}


@pytest.mark.parametrize(("name", "column"), DATED)
def test_every_column_of_days_refuses_instants(name: str, column: str) -> None:
    instants = pa.array([datetime(2000, 12, 31, 23, tzinfo=UTC)], pa.timestamp("us", "Europe/Stockholm"))
    said = rf"^table {name}: {column} holds instants .*; give the dates of the calendar that counts"
    with pytest.raises(SourceError, match=said):
        Registers.from_tables(of_table(name, column, instants), tolerance=1.0, remarks=False)


@shows("QualityRule=time of day cut", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_timestamp_without_a_zone_has_the_day_it_is_written_with_and_its_time_is_told(unit: str) -> None:
    days = pa.array([datetime(2004, 2, 28, 23, 30), datetime(2004, 2, 28)], pa.timestamp(unit))
    registers = Registers.from_tables(of_table("diagnosis", "date", days))
    assert rows(registers, "diagnosis", "date") == [date(2004, 2, 28)] * 2
    assert broken(registers, "diagnosis") == {"date: time of day cut": 1}


def test_days_in_milliseconds_are_days() -> None:
    registers = Registers.from_tables(of_table("diagnosis", "date", pa.array([date(2004, 2, 29)], pa.date64())))
    assert rows(registers, "diagnosis", "date") == [date(2004, 2, 29)]
    assert broken(registers, "diagnosis") == {}


def dead(folder: Path, day: str, *values: Any, kind: pa.DataType | None = None) -> Registers:
    """Deaths of a, b and c on days that are mapped so; as texts in CSV, or of a kind in Parquet."""
    described = DEATH_MAP.replace('date = "dag"', f"date = {day}")
    texts = {}
    if kind is None:
        texts["death"] = "id;dag\n" + "".join(f"{who};{value}\n" for who, value in zip("abc", values, strict=False))
    else:
        described = described.replace("death.csv", "death.parquet").replace('"csv"', '"parquet"')
        described = described.replace('delimiter = ";"\nencoding = "utf-8"\n', "")
        folder.mkdir(exist_ok=True)
        table = pa.table({"id": list("abc")[: len(values)], "dag": pa.array(values, kind)})
        pq.write_table(table, folder / "death.parquet")
    return imported(deliver(folder, PERSON_MAP + described, **texts), folder / "store")


MIDNIGHT = datetime(2012, 2, 28, 23, tzinfo=UTC)
"""Midnight of 29 February in Sweden."""


@pytest.mark.parametrize(
    ("zone", "day"), [("Europe/Stockholm", 29), ("UTC", 28), ("America/New_York", 28), ("Asia/Tokyo", 29)]
)
def test_with_a_declared_zone_an_instant_has_its_day_there(tmp_path: Path, zone: str, day: int) -> None:
    mapped = f'{{ column = "dag", zone = "{zone}" }}'
    registers = dead(tmp_path, mapped, MIDNIGHT, kind=pa.timestamp("us", "Europe/Copenhagen"))
    assert rows(registers, "death", "date") == [date(2012, 2, day)]
    cut = zone not in ("Europe/Stockholm",)
    assert broken(registers, "death") == ({"date: time of day cut": 1} if cut else {})


@pytest.mark.parametrize("mapped", ['"dag"', '{ column = "dag", date = "native" }'])
def test_without_one_it_is_refused_whatever_zone_the_file_names(tmp_path: Path, mapped: str) -> None:
    for zone in ("UTC", "Europe/Stockholm"):
        with pytest.raises(SourceError, match=r'date holds instants .*\{ column = "dag", zone = "Europe/Stockholm" \}'):
            dead(tmp_path, mapped, MIDNIGHT, kind=pa.timestamp("us", zone))
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("us")])
def test_a_zone_for_what_is_no_instant_is_refused(tmp_path: Path, kind: pa.DataType) -> None:
    with pytest.raises(SourceError, match="remove zone"):
        dead(tmp_path, '{ column = "dag", zone = "Europe/Stockholm" }', datetime(2012, 2, 29), kind=kind)


ZONES = ["Europe/Stockholm", "UTC", "America/St_Johns", "Pacific/Auckland"]


@settings(max_examples=examples(15), deadline=None)
@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2023, 12, 31)),
    st.integers(-12 * 4, 14 * 4),
    st.sampled_from(ZONES),
    st.sampled_from(["%z", "%z without a colon", "Z"]),
)
def test_a_text_with_an_offset_has_its_day_in_the_declared_zone(
    moment: datetime, quarters: int, zone: str, spelling: str
) -> None:
    offset = timezone(timedelta(0) if spelling == "Z" else timedelta(minutes=15 * quarters))
    instant = moment.replace(microsecond=0, tzinfo=offset)
    text = f"{instant:%Y-%m-%dT%H:%M:%S}" + ("Z" if spelling == "Z" else f"{instant:%z}")
    if spelling == "%z":
        text = instant.isoformat()
    engine = ENGINE
    held = engine.load("instants", pa.table({"text": [text]}))
    parsed = engine.parse_instant(held["text"], "%Y-%m-%dT%H:%M:%S%z", zone)  # type: ignore[attr-defined]
    [found] = engine.collect(held.select(day=parsed.cast("date")))["day"].to_pylist()
    assert found == instant.astimezone(ZoneInfo(zone)).date()


ENGINE = Engine()


@pytest.mark.parametrize(
    ("written", "cells"),
    [
        ("%Y-%m-%dT%H:%M:%S%z", ["2012-02-29T00:00:00+01:00", "2012-02-28T23:00:00Z", "2012-02-28T23:00:00+0000"]),
        ("%Y-%m-%dT%H:%M:%SZ", ["2012-02-28T23:00:00Z"]),
        ("%Y-%m-%d %H:%M:%S.000Z", ["2012-02-28 23:00:00.000Z"]),
        ("%Y-%m-%d %H:%M:%S UTC", ["2012-02-28 23:00:00 UTC", "2012-02-28 23:00:00 utc"]),
        ("%Y-%m-%d %H:%M:%SUTC", ["2012-02-28 23:00:00UTC"]),
        ("%d%b%Y %H:%M GMT", ["28FEB2012 23:00 GMT"]),
        ("%Y-%m-%dT%H:%M:%Sz", ["2012-02-28T23:00:00z", "2012-02-28T23:00:00Z"]),
        (
            "%Y-%m-%d %H:%M:%S %z",
            ["2012-02-29 00:00:00 +0100", "2012-02-28 18:00:00 -05:00", "2012-02-28 23:00:00 UTC"],
        ),
    ],
)
def test_texts_of_instants_are_read_as_declared(tmp_path: Path, written: str, cells: list[str]) -> None:
    registers = dead(tmp_path, f'{{ column = "dag", date = "{written}", zone = "Europe/Stockholm" }}', *cells)
    assert rows(registers, "death", "date") == [date(2012, 2, 29)] * len(cells)
    assert broken(registers, "death") == {}


@pytest.mark.parametrize(
    "written",
    [
        *(f"%Y-%m-%dT%H:%M:%S{end}" for end in ("Z", "z", "%z", " %z", ".000Z", "UTC", " UTC", ".0 utc", "GMT", " Z")),
        *("%Y%m%d %H%MZ", "%d/%m/%Y %H UTC"),
    ],
)
def test_a_text_of_instants_needs_a_zone(tmp_path: Path, written: str) -> None:
    with pytest.raises(SpecError, match="is an instant, whose day depends on the time zone"):
        dead(tmp_path, f'{{ column = "dag", date = "{written}" }}', "2012-02-28T23:00:00Z")


@pytest.mark.parametrize(
    ("mapped", "said"),
    [
        ('{ column = "dag", zone = "Stockholm" }', "'Stockholm' is no time zone"),
        ('{ column = "dag", date = "%Y-%m-%d", zone = "UTC" }', "zone is for instants"),
        ('{ column = "dag", date = "%Y-%m-%dT%H:%M:%S+01:00" }', "write %z for the offset"),
        ('{ constant = 2012-02-29, zone = "UTC" }', "remove zone"),
    ],
)
def test_a_zone_that_cannot_be_meant_is_refused(tmp_path: Path, mapped: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        dead(tmp_path, mapped, "2012-02-29")


WORDS = "UTC GMT Z z Zulu CET CEST MEZ EST EET A B X Europe/Stockholm [UTC] (GMT) UTC+1 \u0396 \uff35\uff34\uff23"
ZONE_WORDS = st.sampled_from(WORDS.split()) | st.text(st.characters(categories=["L"]), min_size=1, max_size=5)
OFFSETS = st.sampled_from(
    ["+01:00", "+0100", "+01", "-05:00", "-0500", "-05", "−01:00", "–05", "±00:00", "+00:00", "-00:00", "+1", ".000-05"]
)
TIMED = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y%m%d 00:00:00", "%d%b%Y:%H:%M:%S", "%Y-%m-%dT23:00:00"]


def is_taken(written: str, zone: str | None) -> bool:
    try:
        ColumnMap(column="dag", date=written, zone=zone)
    except SpecError:
        return False
    return True


@given(st.sampled_from(TIMED), ZONE_WORDS | OFFSETS, st.sampled_from(["", " "]), st.booleans())
def test_no_format_names_a_zone_that_nobody_reads(written: str, word: str, blank: str, first: bool) -> None:
    """Whatever word or offset stands in a format, it is refused or, as a name of UTC after a time, needs a zone."""
    zoned = f"{word} {written}" if first else written + blank + word
    assert not is_taken(zoned, None)
    of_utc = not first and word.upper() in ("UTC", "GMT", "Z") and "%H" in written
    assert is_taken(zoned, "Europe/Stockholm") == of_utc


@given(
    st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d%b%Y", "%Y-%j", "%Y-%m"]),
    ZONE_WORDS,
    st.sampled_from(["", " "]),
)
def test_a_zone_after_a_day_alone_is_refused(written: str, word: str, blank: str) -> None:
    assert not any(is_taken(written + blank + word, zone) for zone in (None, "UTC"))


@pytest.mark.parametrize(
    "written",
    [
        *("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.000", "%d.%m.%Y kl. %H:%M", "%d/%m-%Y kl %H:%M", "%Y-%m-%d %Hh%M"),
        *("%d%b%Y:%H:%M:%S", "%Y-%m-%dT00:00:00", "%H:%M %d-%m-%Y", "%Y-%m-%d", "%Y%m%d"),
    ],
)
def test_marks_and_letters_that_are_no_zone_stay(written: str) -> None:
    assert is_taken(written, None)


def test_an_instant_that_is_not_declared_is_no_date(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="date unreadable"):
        dead(tmp_path, '"dag"', "2012-02-28T23:00:00Z")


def test_parts_of_a_file_agree_on_whether_they_hold_instants(tmp_path: Path) -> None:
    described = DEATH_MAP.replace('"death.csv"', '["d1.parquet", "d2.parquet"]').replace('"csv"', '"parquet"')
    described = described.replace('delimiter = ";"\nencoding = "utf-8"\n', "")
    for i, kind in enumerate([pa.date32(), pa.timestamp("us", "UTC")], 1):
        table = pa.table({"id": ["a"], "dag": pa.array([date(2012, 2, 29)], pa.date32()).cast(kind)})
        pq.write_table(table, tmp_path / f"d{i}.parquet")
    with pytest.raises(SourceError, match=r"timestamp with a time zone in one of it and d1\.parquet"):
        imported(deliver(tmp_path, PERSON_MAP + described), tmp_path / "store")
