"""Every exposure definition as a slow plain loop, written from methods.md and not from the program.

Rows are dicts as in the canonical tables, days are `datetime.date`, one person and one index date at a time.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from riskset.spec.measures import AtcCodes, DiagnosisCovariate, DispensingCovariate, Exposure, Measure
from riskset.spec.time import Duration

Row = dict[str, Any]
LONG_AGO = date(1, 1, 1)


def back(day: date, duration: Duration | None) -> date:
    """The day that lies so long before; without a duration, the beginning of time."""
    if duration is None:
        return LONG_AGO
    if duration.unit in "dw":
        return day - timedelta(days=duration.count * (7 if duration.unit == "w" else 1))
    months = day.year * 12 + day.month - 1 - duration.count * (12 if duration.unit == "y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def belongs(code: str, codes: AtcCodes) -> bool:
    return any(code.startswith(p) for p in codes.atc) and not any(code.startswith(p) for p in codes.without)


def items_of(dispensings: Iterable[Row], person: int, codes: AtcCodes, register_start: date | None) -> list[Row]:
    found = []
    for row in dispensings:
        if row["person_id"] != person or not belongs(row["atc"], codes):
            continue
        if register_start is not None and row["date"] < register_start:
            continue
        found.append(row)
    return found


def distinct_dates(items: Iterable[Row]) -> list[date]:
    return sorted({row["date"] for row in items})


def qualifying_date(items: Iterable[Row], at_least: int) -> date | None:
    dates = distinct_dates(items)
    return dates[at_least - 1] if len(dates) >= at_least else None


def in_window(day: date, index: date, lag: Duration, lookback: Duration | None) -> bool:
    return back(index, lookback) <= day < back(index, lag)


def measure(items: Sequence[Row], index: date, measure: Measure, at_least: int) -> tuple[str | None, int]:
    """The level of one measure and its value; (None, 0) is the reference."""
    before = [row for row in items if row["date"] < index]
    qualified = qualifying_date(before, at_least)
    if measure.kind == "ever":
        if qualified is None:
            return None, 0
        return ("ever", 1) if qualified < back(index, measure.lag) else ("lag only", 1)
    if measure.kind == "first_use":
        return (None, 0) if qualified is None else (time_since(qualified, index, measure.cuts), 1)
    if measure.kind == "recency":
        if qualified is None:
            return None, 0
        label = time_since(distinct_dates(before)[-1], index, measure.cuts)
        if len(measure.cuts) == 2:
            place = 2 if label.startswith(">") else 0 if label.startswith("0-") else 1
            label = f"{['current', 'recent', 'past'][place]} ({label})"
        return label, 1
    window = [row for row in items if in_window(row["date"], index, measure.lag, measure.lookback)]
    if measure.kind == "any_use":
        return ("any", 1) if len(distinct_dates(window)) >= at_least else (None, 0)
    if measure.kind == "count":
        return band(len(distinct_dates(window)), measure.bands)
    if measure.kind != "ddd":
        raise NotImplementedError(measure.kind)
    amount = sum(row["ddd"] for row in window if row["ddd"] is not None)
    if measure.per is not None:
        return f"per {measure.per} DDD", amount
    return band(amount / 1000, measure.bands)


def time_since(day: date, index: date, cuts: Sequence[Duration]) -> str:
    nearer = "0"
    for cut in cuts:
        if day >= back(index, cut):
            return f"{nearer}-{cut}"
        nearer = str(cut)
    return f">{cuts[-1]}"


def band(number: float, bands: Sequence[int]) -> tuple[str | None, int]:
    for position in reversed(range(len(bands))):
        if number >= bands[position]:
            if position == len(bands) - 1:
                return f"≥{bands[position]}", 1
            last = bands[position + 1] - 1
            return (f"{bands[position]}" if last == bands[position] else f"{bands[position]}-{last}"), 1
    return None, 0


def measures(
    dispensings: Sequence[Row],
    anchors: Iterable[tuple[int, date]],
    exposures: Sequence[Exposure],
    register_start: date | None,
) -> list[tuple[int, date, str, int]]:
    """Rows of (person, index date, term, value), non-zero only, sorted.

    Cuts in these tests are of one unit each, or are told apart by the full spelling.
    """
    rows = []
    for person, index in sorted(set(anchors)):
        for exposure in exposures:
            items = items_of(dispensings, person, exposure.codes, register_start)
            for wanted in exposure.measures:
                level, value = measure(items, index, wanted, exposure.at_least)
                if level is not None and value != 0:
                    rows.append((person, index, f"{exposure.name}|{wanted.key}|{short(level)}", value))
    return sorted(rows)


def short(label: str) -> str:
    """``1y-5y`` is spelled ``1-5y``, but ``90d-1y`` keeps both units."""
    start, dash, stop = label.partition("-")
    if dash and start[-1] == stop.rstrip(")")[-1]:
        return f"{start[:-1]}-{stop}"
    return label


def history_start(residence: Sequence[Row], person: int, index: date, register_start: date | None) -> date | None:
    """The later of the register's start and the start of the unbroken residence at the index date."""
    entry = None
    days = [row for row in residence if row["person_id"] == person and row["start"] < row["stop"]]
    covering = [row for row in days if row["start"] <= index < row["stop"]]
    if covering:
        entry = min(row["start"] for row in covering)
        while earlier := [row["start"] for row in days if row["start"] < entry <= row["stop"]]:
            entry = min(earlier)
    known = [day for day in (entry, register_start) if day is not None]
    return max(known) if known else None


def birthday(birth: date, year: int) -> date:
    if (birth.month, birth.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 3, 1)
    return birth.replace(year=year)


def age(birth: date, index: date) -> float:
    """Years whose birthday has come, and the part of the way from the last birthday to the next."""
    year = index.year if birthday(birth, index.year) <= index else index.year - 1
    last, following = birthday(birth, year), birthday(birth, year + 1)
    return year - birth.year + (index - last).days / (following - last).days


def last_year(socioeconomic: Sequence[Row], person: int, index: date, name: str) -> Any:
    rows = [row for row in socioeconomic if row["person_id"] == person and row["year"] < index.year]
    return max(rows, key=lambda row: row["year"])[name] if rows else None


def county(residence: Sequence[Row], person: int, index: date) -> str | None:
    for row in residence:
        if row["person_id"] == person and row["start"] <= index < row["stop"]:
            return row["county"]
    return None


def diagnosed(
    diagnoses: Sequence[Row], person: int, index: date, covariate: DiagnosisCovariate, register_start: date | None
) -> bool:
    for row in diagnoses:
        if (
            row["person_id"] == person
            and (register_start is None or row["date"] >= register_start)
            and row["system"] == "icd10"
            and any(row["code"].startswith(p) for p in covariate.icd10)
            and (not covariate.source or row["source"] in covariate.source)
            and in_window(row["date"], index, covariate.lag, covariate.lookback)
        ):
            return True
    return False


def dispensed(
    dispensings: Sequence[Row], person: int, index: date, covariate: DispensingCovariate, register_start: date | None
) -> bool:
    items = items_of(dispensings, person, covariate.codes, register_start)
    window = [row for row in items if in_window(row["date"], index, covariate.lag, covariate.lookback)]
    return len(distinct_dates(window)) >= covariate.at_least
