"""How dates are written that cannot be read as declared: told by their shapes, so that the remedy is theirs.

The way that most of the unreadable cells share is told, with how many have it, or that several are mixed. No cell is
told: of a shape digits are 9 and letters A.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from riskset.registers.checks.date_ways import (
    DAYS_FROM,
    SECONDS_FROM,
    Written,
    days_lie,
    number_of,
    seconds_lie,
    ways_of,
)
from riskset.registers.delivered.date_formats import WIDTHS
from riskset.results.quality_vocabulary import DateWay
from riskset.spec.words import both

_NEARLY, _MOSTLY = 0.98, 0.95
_USUAL_REST, _EXCHANGED_REST = 1 / 2, 2 / 3
"""The share of dates that could be read from which the others are the odd ones. Where month and day are exchanged in
all of them, those of the days 1 to 12, two in five, are read all the same, and wrong."""
_SHAPES, _LONGEST_SHAPE = 3, 30
_EXAMPLE = "such as 1950-03-01"


@dataclass(frozen=True)
class MisreadColumn:
    """A column of dates of which some cells cannot be read.

    Attributes
    ----------
    name : the canonical column
    cells : unreadable text → how many such cells there are
    read : how many cells could be read
    declared : the formats that are declared, of each mapping
    latest : the last day that a date may have
    in_memory : whether it came in a frame without a mapping, for which no format can be stated
    in_all : how many unreadable cells there are, where those of the rarer texts were not looked at
    """

    name: str
    cells: Mapping[str, int]
    read: int
    declared: Sequence[str]
    latest: date
    in_memory: bool = False
    in_all: int = 0

    @property
    def unread(self) -> int:
        """How many cells were looked at that could not be read."""
        return sum(self.cells.values())

    @property
    def in_words(self) -> str:
        """The cells that were looked at, for a message that begins with how many they are."""
        looked = f" that were looked at (of {self.in_all:,})" if self.in_all > self.unread else ""
        return f"unreadable cells of {self.name}{looked}"

    @property
    def rest(self) -> float:
        """The share of cells that could."""
        return self.read / (self.read + max(self.in_all, self.unread))


def why_misread(column: MisreadColumn) -> str:
    """How the unreadable cells of a column are written, and what to do, as clauses of a message."""
    ways = _ways(column)
    shared = _common(column, ways)
    if not shared:
        return _by_shape(column)
    if shared[0].n >= _MOSTLY * column.unread:
        first = shared[0]
        alike = set.intersection(*(ways[cell] for cell in first.cells))
        formats = [w.format for w in sorted(alike, key=lambda w: w.rank) if w.format and w.way is first.written.way]
        return f"{_who(first.n, column)} {_described(first, column)}; {_remedy(first.written, formats, column)}"
    several = [f"{each.n:,} {_described(each, column)}" for each in shared]
    left = column.unread - sum(each.n for each in shared)
    several += [f"{left:,} are none of these"] if left else []
    return (
        f"the {column.unread:,} {column.in_words} are mixed: {both(several)}; "
        f"have all dates written in one way, {_EXAMPLE}"
    )


def ways_shared(column: MisreadColumn) -> list[tuple[DateWay, str, int, bool]]:
    """The ways in which the unreadable cells of a column are written.

    Returns
    -------
    list of (way, the format that reads it or "", how many cells have it, whether it is a declared one with month and
    day exchanged)
    """
    common = _common(column, _ways(column))
    return [(x.written.way, x.written.format, x.n, bool(_exchanged_with(x.written, column))) for x in common]


def _ways(column: MisreadColumn) -> dict[str, set[Written]]:
    return {cell: ways_of(cell, column.latest) for cell in column.cells}


def _common(column: MisreadColumn, ways: Mapping[str, set[Written]]) -> list[_Shared]:
    """The ways that more than a few of the cells have."""
    return [each for each in _shared(ways, column.cells) if each.n >= (1 - _MOSTLY) * column.unread]


@dataclass(frozen=True)
class _Shared:
    """A way of writing with the cells that have it."""

    written: Written
    cells: Mapping[str, int]

    @property
    def n(self) -> int:
        return sum(self.cells.values())


def _shared(ways: Mapping[str, set[Written]], cells: Mapping[str, int]) -> list[_Shared]:
    """The ways that cells share, each with those that no earlier one has; the most common first."""
    left, shared = {cell: of for cell, of in ways.items() if of}, []
    while left:
        counts: dict[Written, int] = {}
        for cell, of in left.items():
            for written in of:
                counts[written] = counts.get(written, 0) + cells[cell]
        nearly = [written for written, n in counts.items() if n >= _NEARLY * max(counts.values())]
        chosen = min(nearly, key=lambda written: written.rank)
        shared.append(_Shared(chosen, {cell: cells[cell] for cell, of in left.items() if chosen in of}))
        left = {cell: of for cell, of in left.items() if chosen not in of}
    return sorted(shared, key=lambda each: -each.n)


def _who(n: int, column: MisreadColumn) -> str:
    who = f"all {n:,}" if n == column.unread else f"{n:,} of the {column.unread:,}"
    return f"{who} {column.in_words}"


def _described(shared: _Shared, column: MisreadColumn) -> str:
    """What cells have in common with their most common shape, as a clause of which they are the subject."""
    return f"{_in_words(shared.written, column, list(shared.cells))} ({_shapes(shared.cells)[0][0]})"


def _in_words(written: Written, column: MisreadColumn, cells: Sequence[str]) -> str:
    match written.way:
        case DateWay.FORMAT:
            against = _exchanged_with(written, column)
            return f"have month and day exchanged, against {against}" if against else f"are {_order(written.format)}"
        case DateWay.NO_DAY:
            return "have no day of the month"
        case DateWay.DECIMAL_YEAR:
            return "are years with decimals"
        case DateWay.DECIMAL_COMMA:
            return "are years with decimals after a comma"
        case DateWay.TIMED:
            return "have a time of day after the date"
        case DateWay.INSTANT:
            return "are instants, with an offset from UTC"
        case DateWay.ODD_TIME:
            return "have a time of day that no format reads"
        case DateWay.OTHER_MONTH:
            return "have months in letters that are not English, as maj or okt"
        case DateWay.MONTH_IN_FULL:
            return "have months in full or with a point, as March or Dec."
        case DateWay.NO_NOUGHTS:
            return "lack the noughts of days and months, which nothing parts, so that 2010111 is two days"
        case DateWay.YEAR_ALONE:
            return "are years alone"
        case DateWay.DAYS:
            return f"are numbers, as days counted{_from(DAYS_FROM, days_lie, column, cells)}"
        case DateWay.SECONDS:
            return f"are numbers, as seconds or milliseconds counted{_from(SECONDS_FROM, seconds_lie, column, cells)}"
        case DateWay.TWO_DIGIT_YEAR:
            return "have years of two digits, which leave the century open"
        case DateWay.NO_MONTH:
            return "have the month 00"
        case _:
            assert_never(written.way)


def _from(
    origins: Mapping[date, str], lie: Callable[[date, float, date], bool], column: MisreadColumn, cells: Sequence[str]
) -> str:
    """The origins from which all cells lie within the days that there are."""
    fit = [day for day in origins if all(lie(day, number_of(cell), column.latest) for cell in cells)]
    return f" from {both([f'{day} ({origins[day]})' for day in fit], 'or')}" if fit else ""


def _order(format: str) -> str:
    words = {"Y": "year", "m": "month", "b": "month in letters", "d": "day", "j": "day of the year"}
    return both([words[letter] for letter in re.findall("%(.)", format) if letter in words])


def _exchanged_with(written: Written, column: MisreadColumn) -> str:
    """The declared format from which one differs in nothing but the places of month and day; empty where none is."""
    swapped = written.format.translate(str.maketrans("md", "dm"))
    return next((f'date = "{each}"' for each in column.declared if each == swapped), "")


def _remedy(written: Written, formats: Sequence[str], column: MisreadColumn) -> str:
    """What to write, or what to ask of the sender."""
    name = column.name
    if column.in_memory and written.way not in (DateWay.YEAR_ALONE, DateWay.NO_MONTH, DateWay.NO_DAY):
        return f"give {name} as dates, or as texts {_EXAMPLE}"
    either = " or ".join(f'"{format}"' for format in dict.fromkeys(formats))
    chosen = f"date = {either} for {name}" + (", whichever is meant" if len(formats) > 1 else "")
    if len(set(column.declared)) > 1:
        chosen += " where the file that has them is mapped"
    exchanged = bool(_exchanged_with(written, column))
    odd = column.rest > (_EXCHANGED_REST if exchanged else _USUAL_REST) and written.format not in column.declared
    match written.way:
        case DateWay.FORMAT | DateWay.TIMED | DateWay.INSTANT | DateWay.DECIMAL_YEAR if odd:
            seen = ", and of which others it is so cannot be seen" if exchanged else ""
            return f"{column.rest:.0%} of the column could be read as declared{seen}: have all written in one way"
        case DateWay.FORMAT | DateWay.DECIMAL_YEAR:
            wrong = ", since the cells that could be read were read with the two exchanged" if exchanged else ""
            return f"write {chosen}{wrong}"
        case DateWay.TIMED:
            return f"write {chosen}" + (
                ", and remove zone" if any("%z" in d or "Z" in d for d in column.declared) else ""
            )
        case DateWay.INSTANT:
            return f'write {chosen}, and zone for whose calendar counts, such as "Europe/Stockholm"'
        case DateWay.NO_DAY if column.in_memory:
            return f"give {name} with a day"
        case DateWay.NO_DAY:
            return f"write {chosen}, with day = 15 or another that every such date shall take"
        case DateWay.DECIMAL_COMMA:
            return f'have them written with a point, and write date = "decimal_year" for {name}'
        case DateWay.ODD_TIME:
            return "have the time left out, or written as 13:45:00"
        case DateWay.OTHER_MONTH | DateWay.MONTH_IN_FULL:
            return "have months written as numbers (1950-03-01), or in the three English letters that %b reads (MAR)"
        case DateWay.NO_NOUGHTS:
            return "have days and months written with two digits"
        case DateWay.DAYS | DateWay.SECONDS:
            return f"have them written as dates, {_EXAMPLE}, or see that {name} is mapped from the column that is meant"
        case DateWay.TWO_DIGIT_YEAR:
            return f"have years written with four digits, {_EXAMPLE}"
        case DateWay.YEAR_ALONE:
            return "have month and day delivered, too"
        case DateWay.NO_MONTH:
            return "have the month delivered, or state a larger tolerance for such rows to be set aside"
        case _:
            assert_never(written.way)


def _by_shape(column: MisreadColumn) -> str:
    """Cells that are no date in any way, by their shapes."""
    shapes = _shapes(column.cells)
    shape, n = shapes[0]
    if shape in map(_declared_shape, column.declared) and n >= _MOSTLY * column.unread:
        return (
            f"{_who(n, column)} are written as declared ({shape}), and are no day of the calendar; "
            "see what they mean, or state them under missing"
        )
    examples = [f"{n:,} as {shape}" for shape, n in shapes[:_SHAPES]]
    examples += [f"{sum(n for _, n in shapes[_SHAPES:]):,} otherwise"] if shapes[_SHAPES:] else []
    how = (
        f"give {column.name} as dates, or as texts {_EXAMPLE}"
        if column.in_memory
        else f"state how {column.name} is written with date, or what means that there is no value under missing"
    )
    return f"the {column.in_words} are no dates as registers write them ({both(examples)}); {how}"


def _shapes(cells: Mapping[str, int]) -> list[tuple[str, int]]:
    """The shapes of cells with how many have each, the most common first."""
    counts: dict[str, int] = {}
    for cell, n in cells.items():
        counts[shape_of(cell)] = counts.get(shape_of(cell), 0) + n
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def shape_of(cell: str) -> str:
    """A cell with 9 for each digit and A for each letter; other signs than those of dates and numbers are A, too."""
    shape = re.sub(r"[^\d\s.,:/+\-]", "A", re.sub(r"\d", "9", cell))
    return shape if len(shape) <= _LONGEST_SHAPE else f"{shape[:_LONGEST_SHAPE]}…"


def _declared_shape(format: str) -> str:
    parts = {letter: ("A" if letter == "b" else "9") * width for letter, width in WIDTHS.items()}
    return shape_of(re.sub("%(.)", lambda part: parts.get(part[1], "A"), format))
