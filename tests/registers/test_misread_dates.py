"""Dates that are not written as declared: what is said is how they are written, and what is right for that way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset import Registers
from riskset.errors import QualityError
from riskset.registers.checks import date_hints
from riskset.registers.checks.date_ways import ways_of
from riskset.registers.checks.misread_dates import MisreadColumn, shape_of, why_misread
from tests.registers.delivery import PERSON_MAP, deliver, imported, rows

LATEST = date(2021, 1, 1)
DAYS = [date(1931, 1, 3) + timedelta(days=71 * n) for n in range(300)]
"""Of every month and day of the month, and from both sides of the origins of serial numbers."""
_SWEDISH = "jan feb mar apr maj jun jul aug sep okt nov dec"
_NORWEGIAN = "jan feb mar apr mai jun jul aug sep okt nov des"
_FINNISH = "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu"
_IN_FULL = "januari februari mars april maj juni juli augusti september oktober november december"
SWEDISH, NORWEGIAN, FINNISH, IN_FULL = (text.split() for text in (_SWEDISH, _NORWEGIAN, _FINNISH, _IN_FULL))


def days_since(origin: date) -> Callable[[date], str]:
    return lambda day: str((day - origin).days)


def seconds_since(origin: date, scale: int = 1) -> Callable[[date], str]:
    return lambda day: str((day - origin).days * 86_400 * scale)


READ = {
    "dots": ("%d.%m.%Y", lambda d: f"{d:%d.%m.%Y}", "day, month and year (99.99.9999)"),
    "digits alone": ("%Y%m%d", lambda d: f"{d:%Y%m%d}", "year, month and day (99999999)"),
    "digits, day first": ("%d%m%Y", lambda d: f"{d:%d%m%Y}", "day, month and year (99999999)"),
    "American": ("%m/%d/%Y", lambda d: f"{d:%m/%d/%Y}", "month, day and year (99/99/9999)"),
    "unpadded and parted": ("%m/%d/%Y", lambda d: f"{d.month}/{d.day}/{d.year}", "month, day and year"),
    "SAS": ("%d%b%Y", lambda d: f"{d:%d%b%Y}".upper(), "day, month in letters and year (99AAA9999)"),
    "American letters": ("%b %d, %Y", lambda d: f"{d:%b %d, %Y}", "month in letters, day and year (AAA 99, 9999)"),
    "Oracle": ("%d-%b-%Y", lambda d: f"{d:%d-%b-%Y}".upper(), "day, month in letters and year (99-AAA-9999)"),
    "day of the year": ("%Y%j", lambda d: f"{d:%Y%j}", "year and day of the year (9999999)"),
    "a time": ("%Y-%m-%d %H:%M:%S", lambda d: f"{d} 13:45:00", "a time of day after the date (9999-99-99 99:99:99)"),
    "SAS's time": ("%d%b%Y:%H:%M:%S", lambda d: f"{d:%d%b%Y}:00:00:00".upper(), "a time of day after the date"),
    "a whole fraction": ("%Y-%m-%d %H:%M:%S.000", lambda d: f"{d} 00:00:00.000", "a time of day after the date"),
    "hours and minutes": ("%d/%m/%Y %H:%M", lambda d: f"{d:%d/%m/%Y} 9:05", "a time of day after the date"),
}
"""Ways that a format reads: the format, how a day is written, and what is said."""

NOT_READ = {
    "two digits": (lambda d: f"{d:%y-%m-%d}", "have years of two digits", "years written with four digits"),
    "two digits, American": (lambda d: f"{d:%m/%d/%y}", "have years of two digits", "years written with four digits"),
    "six digits": (lambda d: f"{d:%y%m%d}", "have years of two digits", "years written with four digits"),
    "letters, two digits": (lambda d: f"{d:%d%b%y}", "have years of two digits", "years written with four digits"),
    "six digits as numbers": (lambda d: str(int(f"{d:%d%m%y}")), "have years of two digits", "with four digits"),
    "Swedish": (
        lambda d: f"{d.day:02d}{SWEDISH[d.month - 1]}{d.year}",
        "months in letters that are not English",
        "MAR",
    ),
    "Norwegian": (lambda d: f"{d.day} {NORWEGIAN[d.month - 1]} {d.year}", "that are not English", "as numbers"),
    "Danish": (lambda d: f"{d.day}. {SWEDISH[d.month - 1]}. {d.year}", "that are not English", "as numbers"),
    "Finnish": (lambda d: f"{d.day}-{FINNISH[d.month - 1]}-{d.year}", "that are not English", "as numbers"),
    "in full": (lambda d: f"{d.day} {IN_FULL[d.month - 1]} {d.year}", "that are not English", "as numbers"),
    "English in full": (lambda d: f"{d:%d %B %Y}", "have months in full", "as numbers"),
    "milliseconds": (lambda d: f"{d} 13:45:00.{d.day:03d}", "have a time of day that no format reads", "left out"),
    "afternoons": (lambda d: f"{d:%m/%d/%Y} 1:45 PM", "have a time of day that no format reads", "left out"),
    "Excel": (days_since(date(1899, 12, 30)), "as days counted from 1899-12-30 (Excel)", "as dates, such as"),
    "SAS": (days_since(date(1960, 1, 1)), ", 1960-01-01 (SAS, Stata) or", "as dates, such as 1950-03-01"),
    "R": (days_since(date(1970, 1, 1)), "or 1970-01-01 (R)", "as dates, such as 1950-03-01"),
    "Unix": (seconds_since(date(1970, 1, 1)), "as seconds or milliseconds counted from", "as dates, such as"),
    "SAS, seconds": (seconds_since(date(1960, 1, 1)), "as seconds or milliseconds counted from", "as dates, such as"),
    "Stata, milliseconds": (seconds_since(date(1960, 1, 1), 1000), "as seconds or milliseconds", "as dates, such as"),
    "without noughts": (lambda d: f"{d.year}{d.month}{d.day}", "lack the noughts", "with two digits"),
    "day first, without noughts": (lambda d: f"{d.day}{d.month}{d.year}", "lack the noughts", "with two digits"),
    "a nought lost": (lambda d: str(int(f"{d:%d%m%Y}")), "lack the noughts", "with two digits"),
    "a year": (lambda d: f"{d.year}", "are years alone (9999)", "month and day delivered"),
    "a month 00": (lambda d: f"{d.year}-00-00", "have the month 00 (9999-99-99)", "have the month delivered"),
    "a decimal comma": (lambda d: f"{d.year},{d.month:02d}", "years with decimals after a comma", "with a point"),
    "no day of the calendar": (lambda d: f"{d.year}-02-30", "are no day of the calendar", "state them under missing"),
    "an instant": (lambda d: f"{d}T13:45:00Z", "are instants, with an offset from UTC", "and zone for whose"),
    "a month": (lambda d: f"{d:%Y%m}", "have no day of the month (999999)", 'date = "%Y%m" for birth_date, with day ='),
    "a day 00": (
        lambda d: f"{d:%Y%m}00",
        "have no day of the month (99999999)",
        'date = "%Y%m%d" for birth_date, with',
    ),
}
"""Ways that no format reads, or none alone: how a day is written, what is said, and what is asked for."""

OTHER_COLUMNS = {
    "an amount": lambda d: str(d.day),
    "an identifier": lambda d: f"{d:%Y%m%d}{d.day * 97:04d}",
    "a word": lambda d: "okänt" if d.day % 2 else "senare",
    "a code": lambda d: f"N0{d.day % 10}AB{d.day:02d}",
}


def refused(folder: Path, write: Callable[[date], str], format: str = "", days: list[date] = DAYS) -> str:
    """What an import says of persons born on these days, written so and declared in a format."""
    deliver(folder, declared(format), person=persons(write, days))
    with pytest.raises(QualityError) as told:
        imported(deliver(folder, declared(format), person=persons(write, days)), folder / "store")
    return str(told.value)


def persons(write: Callable[[date], str], days: list[date] = DAYS) -> str:
    return "id;kon;fodd\n" + "".join(f"p{n:03d};{1 + n % 2};{write(day)}\n" for n, day in enumerate(days))


def declared(format: str) -> str:
    sources = f"delivered = {LATEST}\n{PERSON_MAP}"
    return sources.replace('"fodd"', f'{{ column = "fodd", date = "{format}" }}') if format else sources


@pytest.mark.parametrize(("format", "write", "says"), READ.values(), ids=READ)
def test_the_format_that_is_named_reads_them(
    tmp_path: Path, format: str, write: Callable[[date], str], says: str
) -> None:
    told = refused(tmp_path / "in", write)
    assert f"; all 300 unreadable cells of birth_date {'have' if 'time' in says else 'are'} {says}" in told
    assert told.endswith(f'write date = "{format}" for birth_date.')
    registers = imported(deliver(tmp_path / "in", declared(format), person=persons(write)), tmp_path / "store")
    assert sorted(rows(registers, "person", "birth_date")) == DAYS


@pytest.mark.parametrize(("write", "says", "asks"), NOT_READ.values(), ids=NOT_READ)
def test_what_no_format_reads_is_called_what_it_is(
    tmp_path: Path, write: Callable[[date], str], says: str, asks: str
) -> None:
    told = refused(tmp_path / "in", write)
    assert says in told
    assert asks in told
    assert "unreadable cells of birth_date" in told
    assert "mixed" not in told


@pytest.mark.parametrize("write", OTHER_COLUMNS.values(), ids=OTHER_COLUMNS)
def test_what_is_no_date_is_not_called_one(tmp_path: Path, write: Callable[[date], str]) -> None:
    told = refused(tmp_path / "in", write)
    assert "are no dates as registers write them" in told


@pytest.mark.parametrize(
    ("right", "wrong"), [("%m/%d/%Y", "%d/%m/%Y"), ("%d.%m.%Y", "%m.%d.%Y"), ("%Y%m%d", "%Y%d%m"), ("%d%m%Y", "%m%d%Y")]
)
def test_month_and_day_exchanged(tmp_path: Path, right: str, wrong: str) -> None:
    """Most cannot be read; those that can are told to be wrong."""
    told = refused(tmp_path / "in", lambda day: f"{day:{right}}", wrong)
    n = sum(day.day > 12 for day in DAYS)
    assert f'all {n} unreadable cells of birth_date have month and day exchanged, against date = "{wrong}"' in told
    assert f'write date = "{right}" for birth_date, since the cells that could be read were read with the two' in told


def test_some_in_another_way_do_not_turn_the_others(tmp_path: Path) -> None:
    """A format that reads a tenth of a column would lose nine tenths of it."""
    told = refused(tmp_path / "a", lambda day: f"{day:%d.%m.%Y}" if day in DAYS[:30] else str(day))
    assert (
        "all 30 unreadable cells of birth_date are day, month and year (99.99.9999); 90% of the column could be" in told
    )
    assert told.endswith("read as declared: have all written in one way, or state a larger tolerance.")
    late = [day for day in DAYS if day.day > 12][:40]
    told = refused(tmp_path / "b", lambda day: f"{day:%m/%d/%Y}" if day in late else f"{day:%d/%m/%Y}", "%d/%m/%Y")
    assert "87% of the column could be read as declared, and of which others it is so cannot be seen" in told


def test_several_ways_are_said_to_be_mixed(tmp_path: Path) -> None:
    ways = [lambda d: f"{d:%Y%m%d}", lambda d: f"{d:%d.%m.%Y}", lambda d: f"{d.day}maj{d.year}", lambda d: "later"]
    told = refused(tmp_path / "in", lambda day: ways[DAYS.index(day) % 4](day))
    for words in (
        "the 300 unreadable cells of birth_date are mixed: ",
        "75 are year, month and day (99999999)",
        "75 are day, month and year (99.99.9999)",
        "75 have months in letters that are not English",
        "75 are none of these",
        "have all dates written in one way",
    ):
        assert words in told


def test_an_ambiguous_order_is_left_to_the_reader(tmp_path: Path) -> None:
    early = [day for day in DAYS if day.day < 13]
    told = refused(tmp_path / "in", lambda day: f"{day:%d/%m/%Y}", days=early)
    assert 'write date = "%d/%m/%Y" or "%m/%d/%Y" for birth_date, whichever is meant.' in told


def test_a_frame_is_told_to_give_dates() -> None:
    births = {"person_id": list(range(300)), "sex": ["female"] * 300, "birth_date": [f"{d:%d/%m/%y}" for d in DAYS]}
    with pytest.raises(QualityError, match=r"years of two digits.*give birth_date as dates, or as texts such as 1950"):
        Registers.from_tables({"person": pa.table(births)})


def test_of_more_texts_than_are_looked_at_the_number_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(date_hints, "_SEEN", 10)
    told = refused(tmp_path / "in", lambda day: f"{day:%d.%m.%Y}")
    assert f"all 10 unreadable cells of birth_date that were looked at (of {len(DAYS)}) are day, month and year" in told


texts = st.text(st.sampled_from("0123456789-/. :TZabmåj,+E"), min_size=1, max_size=22)
written = st.builds(
    lambda day, way: way[1](day) if len(way) == 3 and isinstance(way[0], str) else way[0](day),
    st.dates(date(1900, 1, 1), date(2020, 1, 1)),
    st.sampled_from([*READ.values(), *NOT_READ.values()]),
)


@given(
    st.dictionaries(texts | written, st.integers(1, 9), min_size=1, max_size=9),
    st.integers(0, 50),
    st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%Y%m%d", "native", "decimal_year", "%Y-%m-%dT%H:%M:%S%z"]),
    st.booleans(),
)
def test_nothing_of_a_cell_is_told(cells: dict[str, int], read: int, format: str, in_memory: bool) -> None:
    """Whatever is delivered: a clause, in which digits of cells are nines and letters A's."""
    told = why_misread(MisreadColumn("date", cells, read, [format], LATEST, in_memory))
    assert ";" in told
    for cell in cells:
        assert len(cell) < 4 or cell == shape_of(cell) or cell not in told or cell in _OURS


_OURS = ("1950", "2010", "1899", "1960", "1970")
"""What messages say of themselves."""


@given(texts | written)
def test_each_way_that_a_cell_may_be_meant_has_its_words(cell: str) -> None:
    for way in ways_of(cell, LATEST):
        told = why_misread(MisreadColumn("date", {cell: 1}, 0, ["%Y-%m-%d"], LATEST))
        assert way.format == "" or "%" in way.format or way.format == "decimal_year"
        assert "none of these" not in told
