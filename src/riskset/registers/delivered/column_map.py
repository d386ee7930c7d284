"""Where a canonical column comes from, and how its cells are written."""

from __future__ import annotations

import math
from datetime import date
from typing import Annotated, ClassVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from riskset.registers.delivered.date_formats import as_offset, is_instant, refuse_format, width_of
from riskset.spec.base import Part, Real, Whole, YesNo
from riskset.spec.complaints import Wrong, shown
from riskset.spec.tidying import composed, tidy

Name = Annotated[str, AfterValidator(composed)]
"""Of a delivered column: composed, without blanks around it, as the names of a file are read."""
CalendarDate = date  # within `ColumnMap` the name `date` is a key


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
    and for texts that end with Z, UTC, GMT or an offset (`date = "%Y-%m-%dT%H:%M:%S%z"`)."""
    scale: Real | None = None
    """Multiplies a number; the canonical ddd is in thousandths, so 1000 where the file has DDD."""
    missing: tuple[str, ...] = ()
    """Delivered texts that mean that there is no value, such as `9999` or `.`."""

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnMap:
        if (self.column is not None) + (self.constant is not None) + self.row_number != 1:
            raise Wrong("a column comes from one place", "give exactly one of column, constant and row_number = true")
        if self.column == "":
            raise Wrong("this is empty", "write the name of the delivered column", at="column")
        if self.values == {}:
            raise Wrong("no values are listed", "list the delivered ones, or leave values out", at="values")
        if isinstance(self.constant, float) and not math.isfinite(self.constant):
            raise Wrong("this must be a finite number", "write one, or map the column", at="constant")
        meanings: dict[str, str] = {}
        for delivered, canonical in (self.values or {}).items():
            if meanings.setdefault(tidy(delivered), canonical) != canonical:
                what = f"{shown(delivered)} is there in two spellings that are read alike, with two meanings"
                raise Wrong(what, "leave one of them out", at="values")
        if self.date in ("decimal_year", "native"):
            if self.day is not None:
                raise Wrong(f"{self.date} has a day of the month always", "remove it", at="day")
        elif self.date is not None:
            refuse_format(self.date, self.day)
        self._check_zone()
        return self

    def _check_zone(self) -> None:
        instants = self.date is not None and is_instant(self.date)
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
        return as_offset(self.date or "%Y-%m-%dT%H:%M:%S%z")

    @property
    def has_time(self) -> bool:
        """Whether a text has a time of day beside its day."""
        return "%H" in self.written

    @property
    def day_at(self) -> int | None:
        """Where in such a text the two digits of the day are; None where it has no day."""
        before, percent_d, _ = self.written.partition("%d")
        return width_of(before) if percent_d else None

    @property
    def text_width(self) -> int:
        """Characters of a date written in this format: a shorter or longer text is no such date."""
        return width_of(self.written)
