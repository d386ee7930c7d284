"""Durations and windows: the only place that knows how ``1y`` before the index date is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from riskset.calendar import Days, months_before
from riskset.spec.complaints import Wrong, shown

_SPELLING = re.compile(r"([0-9]{1,6})([dwmy])")
_UNIT = {"d": "day", "w": "week", "m": "month", "y": "year"}
_DAYS_ABOUT = {"d": 1.0, "w": 7.0, "m": 30.4375, "y": 365.25}
_LONGEST = 150 * 365.25
_REMEDY = "write days, weeks, months or years as 30d, 6w, 18m or 1y"


@dataclass(frozen=True)
class Duration:
    """A length of calendar time, spelled ``30d``, ``6w``, ``18m`` or ``1y``.

    Months and years are calendar subtraction (one year before 29 February is 28 February), never 365.25 days.
    """

    count: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in _UNIT:
            raise Wrong(f"{shown(self.unit)} is no unit of time", _REMEDY)
        if abs(self.days_about) > _LONGEST:
            raise Wrong(f"{self} is longer than any life", "the longest duration is 150y")

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read ``30d``, ``6w``, ``18m`` or ``1y``; ValueError for anything else."""
        match = _SPELLING.fullmatch(text)
        if match is None:
            raise Wrong(f"{shown(text)} is no duration", _REMEDY)
        return cls(int(match[1]), match[2])

    def before(self, days: Days | np.datetime64) -> Days:
        """The days that lie this long before ``days`` (datetime64[D], any shape)."""
        if self.unit in "dw":
            step = self.count * (7 if self.unit == "w" else 1)
            earlier: Days = np.subtract(np.asarray(days, "datetime64[D]"), np.timedelta64(step, "D"))
            return earlier
        return months_before(days, self.count * (12 if self.unit == "y" else 1))

    def after(self, days: Days | np.datetime64) -> Days:
        """The days that lie this long after ``days`` (datetime64[D], any shape)."""
        return Duration(-self.count, self.unit).before(days)

    @property
    def days_about(self) -> float:
        """Its length in days, for drawing and rough comparison; never for computing a window."""
        return self.count * _DAYS_ABOUT[self.unit]

    def words(self) -> str:
        """``1 year``, ``18 months``."""
        return f"{self.count} {_UNIT[self.unit]}{'' if self.count == 1 else 's'}"

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"

    @property
    def shortest(self) -> int:
        """Its least number of days, wherever in the calendar it lies: 28 of ``1m``, 365 of ``1y``."""
        return _bounds(self)[0]

    @property
    def longest(self) -> int:
        """Its greatest number of days, wherever in the calendar it lies: 31 of ``1m``, 366 of ``1y``."""
        return _bounds(self)[1]

    def __lt__(self, other: Duration) -> bool:
        """Whether it is the shorter before every day of the calendar: ``30d < 1m`` and ``1m < 30d`` are both false."""
        if self._months is not None and other._months is not None:
            return self._months < other._months
        return self.longest < other.shortest

    @property
    def _months(self) -> int | None:
        return {"m": self.count, "y": 12 * self.count}.get(self.unit)

    def __bool__(self) -> bool:
        return self.count > 0

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def read(value: object) -> Duration:
            if isinstance(value, Duration) and value.count >= 0:
                return value
            if isinstance(value, str):
                return cls.parse(value)
            raise Wrong("this must be a duration", 'write it in quotes, as "30d", "6w", "18m" or "1y"')

        return core_schema.no_info_plain_validator_function(
            read, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": f"^{_SPELLING.pattern}$", "examples": ["1y", "18m", "30d"]}


@cache
def _bounds(length: Duration) -> tuple[int, int]:
    # The calendar repeats itself after 400 years.
    days = np.arange("2000-01-01", "2400-01-01", dtype="datetime64[D]")
    passed = (days - length.before(days)).astype(np.int64)
    return int(passed.min()), int(passed.max())


NO_TIME = Duration(0, "d")
