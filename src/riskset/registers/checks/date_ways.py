"""The ways in which one delivered date may be meant: formats that sources.toml reads, and others that none does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import permutations

from riskset.registers.checks.month_words import ENGLISH, ENGLISH_IN_FULL, OF_OTHERS
from riskset.registers.checks.rule import EARLIEST
from riskset.results.quality_vocabulary import DateWay


@dataclass(frozen=True)
class Written:
    """A way of writing, and the format of sources.toml that reads it, where one does."""

    way: DateWay
    format: str = ""

    @property
    def rank(self) -> tuple[int, int, str]:
        """Where several fit equally well, the more usual comes first."""
        return list(DateWay).index(self.way), _USUAL.get(self.format, len(_USUAL)), self.format


_ORDERS = [order for order in map("".join, permutations("Ymd")) if order not in ("mYd", "dYm")]
_USUAL = {f"%{o[0]}{m}%{o[1]}{m}%{o[2]}": i for i, o in enumerate(("Ymd", "dmY", "mdY", "Ydm")) for m in ("", *"-./ ")}
_OPEN = (2099, 2100, 2199, 2200, 2999, 3000, 9999)
"""Years that stand for no end."""
DAYS_FROM = {date(1899, 12, 30): "Excel", date(1960, 1, 1): "SAS, Stata", date(1970, 1, 1): "R"}
SECONDS_FROM = {date(1960, 1, 1): "SAS, Stata", date(1970, 1, 1): "Unix"}
_LEAST_DAYS, _LEAST_SECONDS = 400, 10_000_000
"""Smaller numbers are rather of another column, such as an age or an amount."""


def ways_of(cell: str, latest: date) -> set[Written]:
    """Every way in which a cell may be meant as a day through ``latest``, or as one that stands for no end."""
    timed = _TIMED.fullmatch(cell)
    if timed is None:
        return set(_of_day(cell, latest))
    return {_with_time(written, timed) for written in _of_day(timed["day"], latest)}


_TIMED = re.compile(
    r"(?P<day>.+?)(?P<between>[T :])(?P<time>\d{1,2}(:\d\d){1,2})(?P<part>[.,]\d+)?(?P<half> ?[AaPp]\.?[Mm]\.?)?"
    r" ?(?P<zone>Z|[+-]\d\d(:?\d\d)?)?"
)


def _with_time(written: Written, timed: re.Match[str]) -> Written:
    """A way of writing days, with a time after them."""
    part, zone = timed["part"] or "", timed["zone"] or ""
    if not written.format or written.way is not DateWay.FORMAT:
        return written  # the day is what hinders
    if timed["half"] or part.strip(".0"):
        return Written(DateWay.ODD_TIME)
    clock = "%H:%M:%S" if timed["time"].count(":") == 2 else "%H:%M"
    format = f"{written.format}{timed['between']}{clock}{part}"
    if zone:
        return Written(DateWay.INSTANT, f"{format}{'Z' if zone == 'Z' else '%z'}")
    return Written(DateWay.TIMED, format)


def _of_day(text: str, latest: date) -> Iterator[Written]:
    if text.isascii() and (parted := _PARTED.fullmatch(text)):
        numbers, marks = (parted["a"], parted["b"], parted["c"]), (parted["m"], parted["m"])
        yield from _in_orders(numbers, marks, latest)
    elif text.isascii() and (parted := re.fullmatch(r"(\d{1,4})([-./])(\d{1,4})", text)):
        yield from _of_months(parted[1], parted[2], parted[3], latest)
    elif named := (_MONTH_SECOND.fullmatch(text) or _MONTH_FIRST.fullmatch(text)):
        yield from _of_named_month(named, latest)
    if text.isascii() and text.isdigit():
        yield from _of_digits(text, latest)
    if text.isascii() and _NUMBER.fullmatch(text):
        yield from _of_number(text, latest)


_PARTED = re.compile(r"(?P<a>\d{1,4})(?P<m>[-./ ])(?P<b>\d{1,2})(?P=m)(?P<c>\d{1,4})")
_MONTH_SECOND = re.compile(r"(?P<a>\d{1,4})(?P<m>[-./]? ?)(?P<b>[^\W\d_]+)(?P<dot>\.?)(?P<n>[-./ ]?)(?P<c>\d{1,4})")
_MONTH_FIRST = re.compile(r"(?P<b>[^\W\d_]+)(?P<dot>\.?)(?P<m>[-./ ]?)(?P<a>\d{1,2})(?P<n>,? |[-./])(?P<c>\d{4})")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE]\+?\d+)?")


def _in_orders(numbers: Sequence[str], marks: Sequence[str], latest: date) -> Iterator[Written]:
    """Three numbers as a day, with its year in four digits or in two."""
    for order in _ORDERS:
        of = dict(zip(order, numbers, strict=True))
        format = f"%{order[0]}{marks[0]}%{order[1]}{marks[1]}%{order[2]}"
        if len(of["Y"]) == 4 and len(of["m"]) < 3 and len(of["d"]) < 3:
            yield from _of_parts(of["Y"], of["m"], of["d"], format, latest)
        elif all(len(number) < 3 for number in numbers) and len(of["Y"]) == 2 and _is_day(2000, of["m"], of["d"]):
            yield Written(DateWay.TWO_DIGIT_YEAR)


def _of_parts(year: str, month: str, day: str, format: str, latest: date) -> Iterator[Written]:
    if not _is_year(year, latest):
        return
    if _is_day(int(year), month, day):
        yield Written(DateWay.FORMAT, format)
    elif int(month) == 0 and int(day) < 32:
        yield Written(DateWay.NO_MONTH)
    elif int(day) == 0 and int(month) < 13:
        yield Written(DateWay.NO_DAY, format)


def _of_months(one: str, mark: str, other: str, latest: date) -> Iterator[Written]:
    """A year and a month in two numbers."""
    for year, month, format in ((one, other, f"%Y{mark}%m"), (other, one, f"%m{mark}%Y")):
        if len(year) == 4 and len(month) < 3 and _is_year(year, latest) and _is_day(2000, month, "1"):
            yield Written(DateWay.NO_DAY, format)


def _of_named_month(named: re.Match[str], latest: date) -> Iterator[Written]:
    word = named["b"].casefold()
    year, day = (named["a"], named["c"]) if len(named["a"]) == 4 else (named["c"], named["a"])
    if not (len(day) < 3 and 0 < int(day) < 32 and (len(year) == 2 or (len(year) == 4 and _is_year(year, latest)))):
        return
    if word in OF_OTHERS or word in ENGLISH:  # most are short for a month in other languages, too
        yield Written(DateWay.OTHER_MONTH)
    if word in ENGLISH_IN_FULL and (word not in ENGLISH or word not in OF_OTHERS):
        yield Written(DateWay.MONTH_IN_FULL)
    if word in ENGLISH and named["dot"]:
        yield Written(DateWay.MONTH_IN_FULL)
    elif word in ENGLISH and len(year) == 2:
        yield Written(DateWay.TWO_DIGIT_YEAR)
    elif word in ENGLISH:
        yield Written(DateWay.FORMAT, _named_format(named, year_first=year is named["a"]))


def _named_format(named: re.Match[str], *, year_first: bool) -> str:
    if named.re is _MONTH_FIRST:
        return f"%b{named['m']}%d{named['n']}%Y"
    return f"%Y{named['m']}%b{named['n']}%d" if year_first else f"%d{named['m']}%b{named['n']}%Y"


def _of_digits(text: str, latest: date) -> Iterator[Written]:
    """Digits that nothing parts."""
    if len(text) == 8:
        for order in _ORDERS:
            if "Y" in (order[0], order[2]):
                yield from _in_orders(_cut(text, [4 if part == "Y" else 2 for part in order]), ("", ""), latest)
    if len(text) == 7 and _is_year(text[:4], latest) and 0 < int(text[4:]) < 367:
        yield Written(DateWay.FORMAT, "%Y%j")
    if len(text) == 6:
        yield from _in_orders(_cut(text, [2, 2, 2]), ("", ""), latest)
        if _is_year(text[:4], latest) and _is_day(2000, text[4:], "1"):
            yield Written(DateWay.NO_DAY, "%Y%m")
    if len(text) == 5:  # a first nought is lost, as where a program took them for numbers
        yield from _in_orders(_cut(f"0{text}", [2, 2, 2]), ("", ""), latest)
    if len(text) == 4 and _is_year(text, latest):
        yield Written(DateWay.YEAR_ALONE)
    if len(text) in (6, 7, 8) and any(_is_day(int(y), m, d) for y, m, d in _splits(text) if _is_year(y, latest)):
        yield Written(DateWay.NO_NOUGHTS)


def _splits(text: str) -> Iterator[tuple[str, str, str]]:
    """Year, day and month without noughts, the year first or last, in each order."""
    for year, rest in ((text[:4], text[4:]), (text[-4:], text[:-4])):
        for at in range(1, len(rest)):
            one, other = rest[:at], rest[at:]
            if len(one) < 3 and len(other) < 3:
                yield from ((year, one, other), (year, other, one))


def _of_number(text: str, latest: date) -> Iterator[Written]:
    """A number as a year with decimals, or as days or seconds that were counted from some origin."""
    if re.fullmatch(r"\d{4}[.,]\d+", text) and _is_year(text[:4], latest):
        yield Written(DateWay.DECIMAL_YEAR, "decimal_year") if "." in text else Written(DateWay.DECIMAL_COMMA)
        return
    number = number_of(text)
    if abs(number) >= _LEAST_DAYS and any(days_lie(origin, number, latest) for origin in DAYS_FROM):
        yield Written(DateWay.DAYS)
    # Twelve digits that begin with a day are a day with a number or a time after it.
    counted = len(text) < 12 or not any(True for _ in _of_digits(text[:8], latest))
    if (
        abs(number) >= _LEAST_SECONDS
        and counted
        and any(seconds_lie(origin, number, latest) for origin in SECONDS_FROM)
    ):
        yield Written(DateWay.SECONDS)


def number_of(text: str) -> float:
    """A number with a decimal point or comma."""
    return float(text.replace(",", "."))


def days_lie(origin: date, days: float, latest: date) -> bool:
    """Whether the day so many days after an origin lies between the earliest and the latest."""
    return (EARLIEST - origin).days <= days <= (latest - origin).days + 1


def seconds_lie(origin: date, seconds: float, latest: date) -> bool:
    """The same of seconds, or of milliseconds."""
    return any(days_lie(origin, seconds / scale / 86_400, latest) for scale in (1, 1000))


def _cut(text: str, widths: Sequence[int]) -> tuple[str, ...]:
    ends = [sum(widths[: i + 1]) for i in range(len(widths))]
    return tuple(text[end - width : end] for end, width in zip(ends, widths, strict=True))


def _is_year(text: str, latest: date) -> bool:
    return EARLIEST.year <= int(text) <= latest.year or int(text) in _OPEN


def _is_day(year: int, month: str, day: str) -> bool:
    try:
        date(year, int(month), int(day))
    except ValueError:
        return False
    return True
