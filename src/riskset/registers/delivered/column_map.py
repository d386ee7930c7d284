"""Where a canonical column comes from, and how its cells are written."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, ClassVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from riskset.registers.delivered.texts import composed
from riskset.spec.base import Part, Real, Whole, YesNo
from riskset.spec.complaints import Wrong, shown
from riskset.spec.tidying import tidy

Name = Annotated[str, AfterValidator(composed)]
"""Of a delivered column: composed, without blanks around it, as the names of a file are read."""
CalendarDate = date  # within `ColumnMap` the name `date` is a key
_DIRECTIVES = {"Y": 4, "m": 2, "b": 3, "d": 2, "H": 2, "M": 2, "S": 2, "j": 3}
_INSTANT = re.compile(r"(?<=%[HMS])(\.0+)?(Z|%z)$")
"""How the format of an instant ends: with the Z of UTC, or an offset from it."""


class ColumnMap(Part):
    """Where a canonical column comes from: exactly one of column, constant and row_number."""

    as_delivered: ClassVar = frozenset({"column", "values", "missing"})

    column: Name | None = None
    """The delivered column's name."""
    constant: str | int | float | bool | CalendarDate | None = None
    """The same value on each row."""
    row_number: YesNo = False
    """The row's number in its file, for files that have no identifier."""
    values: dict[str, str] | None = None
    """Delivered text → canonical text. A value that is not listed is set aside."""
    date: str | None = None
    """How a date is written: `%Y-%m-%d`, `%Y%m%d`, …, `decimal_year`, or `native` (the file has dates)."""
    day: Annotated[Whole, Field(ge=1, le=28)] | None = None
    """The day of the month that a date without one takes: with `%Y%m`, or with `%Y%m%d` where a cell's day is 00."""
    zone: str | None = None
    """The time zone whose calendar gives the day of an instant, such as `Europe/Stockholm`: for timestamps with a zone,
    and for texts that end with Z or an offset (`date = "%Y-%m-%dT%H:%M:%S%z"`)."""
    scale: Real | None = None
    """Multiplies a number; the canonical ddd is in thousandths, so 1000 where the file has DDD."""
    missing: tuple[str, ...] = ()
    """Delivered texts that mean that there is no value, such as `9999` or `.`."""

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnMap:
        if (self.column is not None) + (self.constant is not None) + self.row_number != 1:
            raise Wrong("a column comes from one place", "give exactly one of column, constant and row_number = true")
        meanings: dict[str, str] = {}
        for delivered, canonical in (self.values or {}).items():
            if meanings.setdefault(tidy(delivered), canonical) != canonical:
                what = f"{shown(delivered)} is there in two spellings that are read alike, with two meanings"
                raise Wrong(what, "leave one of them out", at="values")
        if self.date in ("decimal_year", "native"):
            if self.day is not None:
                raise Wrong(f"{self.date} has a day of the month always", "remove it", at="day")
        elif self.date is not None:
            _check_date_format(_INSTANT.sub("", self.date), self.day)
        self._check_zone()
        return self

    def _check_zone(self) -> None:
        instants = self.date is not None and _INSTANT.search(self.date) is not None
        if instants and self.zone is None:
            raise Wrong(
                f"{shown(self.date)} is an instant, whose day depends on the time zone",
                'state whose calendar counts, as in zone = "Europe/Stockholm"',
                at="zone",
            )
        if self.zone is None:
            return
        if self.zone not in (available_timezones() or {self.zone}):
            raise Wrong(f"{shown(self.zone)} is no time zone", "write one such as Europe/Stockholm or UTC", at="zone")
        if not instants and self.date not in (None, "native"):
            raise Wrong("zone is for instants, and this is a date without one", "remove it", at="zone")
        if self.day is not None or self.constant is not None:
            raise Wrong("an instant is delivered, and has a day", "remove zone, or day and constant", at="zone")

    @property
    def written(self) -> str:
        """The format of a date that is a text."""
        return self.date or "%Y-%m-%d"

    @property
    def written_instant(self) -> str:
        """The format of an instant that is a text, its end as an offset."""
        return _INSTANT.sub(r"\1%z", self.date or "%Y-%m-%dT%H:%M:%S%z")

    @property
    def has_time(self) -> bool:
        """Whether a text has a time of day beside its day."""
        return "%H" in self.written

    @property
    def day_at(self) -> int | None:
        """Where in such a text the two digits of the day are; None where it has no day."""
        before, percent_d, _ = self.written.partition("%d")
        return _width(before) if percent_d else None

    @property
    def text_width(self) -> int:
        """Characters of a date written in this format: a shorter or longer text is no such date."""
        return _width(self.written)


def _width(written: str) -> int:
    return len(re.sub(r"%.", "", written)) + sum(_DIRECTIVES[d] for d in re.findall(r"%(.)", written))


def _check_date_format(text: str, day: int | None) -> None:
    letters = ["m" if letter == "b" else letter for letter in re.findall(r"%(.)", text)]
    if re.search(r"%[HMS](\.0+)?[+-]\d\d:?\d\d$", text):
        raise Wrong(
            f"{shown(text)} has one offset from UTC for every date",
            "write %z for the offset, and state zone",
            at="date",
        )
    if sorted(letters) == ["Y", "m"] and day is None:
        remedy = f'write {{ …, date = "{text}", day = 15 }}, with the day that every date shall take'
        raise Wrong(f"{text!r} has no day of the month", remedy, at="date")
    dated = {"Y", "m", "d"} <= set(letters) or {"Y", "j"} <= set(letters) or sorted(letters) == ["Y", "m"]
    if (unread := _unread(text)) is not None:
        raise Wrong(*unread, at="date")
    if not dated or not set(letters) <= set(_DIRECTIVES):
        remedy = "use %Y, %m and %d as in %Y-%m-%d or %Y%m%d, %d%b%Y for 01MAR1950, decimal_year, or native"
        raise Wrong(f"{shown(text)} is no way to write a date", remedy, at="date")
    if day is not None and ("m" not in letters or letters.count("d") > 1):
        raise Wrong("this format has a day of the year", "remove day", at="day")


def _unread(text: str) -> tuple[str, str] | None:
    """Of a way of writing dates that is known and not read, what it is and what to do; None of any other."""
    spelled = re.sub("[yY]{4}", "%Y", re.sub("[dD]{2}", "%d", re.sub("[mM]{2}", "%m", text)))
    if "%" not in text and sorted(re.findall("%(.)", spelled)) == ["Y", "d", "m"]:
        return f"{shown(text)} is spelled as other programs do", f'write date = "{spelled}"'
    if "%y" in text:
        what = f"{shown(text)} has years of two digits, which leave the century open"
        return what, f'have years written with four digits, and write "{text.replace("%y", "%Y")}"'
    if "%B" in text:
        return (
            f"{shown(text)} has months in full, which are not read",
            "have them in three English letters (%b), or as numbers",
        )
    if text.casefold() in ("excel", "sas", "stata", "spss", "r", "unix", "epoch", "serial", "days", "seconds"):
        return f"{shown(text)} is a count from some origin, which is not read", "have dates written as 1950-03-01"
    if text.casefold() in ("iso", "iso8601", "iso-8601"):
        return f"{shown(text)} is no format", 'write date = "%Y-%m-%d"'
    return None
