"""What is told of dates that are tolerable and may be wrong: by writing, by hour and by day of the month."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from riskset.registers.registers import Registers
from riskset.steps import remarks_on
from tests.registers.delivery import PERSON_MAP, deliver, imported
from tests.shown import Evidence, shows

DAYS = [date(1931, 1, 3) + timedelta(days=7 * n) for n in range(3000)]
"""Of every day of the month."""
EARLY = [day for day in DAYS if day.day <= 12]


def told(folder: Path, births: list[str], format: str, more: str = "") -> tuple[str, ...]:
    """What an import says of births that are written so."""
    lines = [f"p{i};{1 + i % 2};{birth}" for i, birth in enumerate(births)]
    described = PERSON_MAP.replace('"fodd"', f'{{ column = "fodd", date = "{format}"{more} }}')
    folder.mkdir(exist_ok=True)
    sources = deliver(
        folder / "in",
        "delivered = 2024-01-15\ntolerance = 0.02\n" + described,
        person="\n".join(["id;kon;fodd", *lines, ""]),
    )
    return remarks_on(imported(sources, folder / "store"))


def framed(births: object) -> tuple[str, ...]:
    """The same of a frame."""
    n = len(births)  # type: ignore[arg-type]
    person = {"person_id": list(range(n)), "sex": ["female", "male"] * (n // 2), "birth_date": births}
    return remarks_on(Registers.from_tables({"person": pa.table(person)}, tolerance=0.02, delivered=date(2024, 1, 15)))


@shows("QualityRule=dates written otherwise than declared", by=Evidence.OUTSIDE)
def test_month_first_among_day_first_is_told_below_the_tolerance(tmp_path: Path) -> None:
    births = [f"{d:%m/%d/%Y}" if i % 70 == 0 else f"{d:%d/%m/%Y}" for i, d in enumerate(DAYS)]
    unread = sum(d.day > 12 for d in DAYS[::70])
    [sentence] = told(tmp_path, births, "%d/%m/%Y")
    assert sentence == (
        f"person: unreadable birth_date has month and day exchanged (%m/%d/%Y): {unread} of 3,000 rows quarantined; "
        "others were read with the two exchanged, and which cannot be seen: have all dates written in one way, such "
        "as 1950-03-01."
    )


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("%d.%m.%Y", "unreadable birth_date is written otherwise (%d.%m.%Y): 43 of 3,000 rows quarantined"),
        ("%y-%m-%d", "unreadable birth_date has years of two digits: 43 of 3,000"),
        ("%Y", "unreadable birth_date is years alone: 43 of 3,000 rows quarantined; have the whole day delivered."),
    ],
)
def test_other_ways_are_told_with_their_remedy(tmp_path: Path, written: str, words: str) -> None:
    births = [d.strftime(written if i % 70 == 0 else "%Y-%m-%d") for i, d in enumerate(DAYS)]
    [sentence] = told(tmp_path, births, "%Y-%m-%d")
    assert words in sentence
    [of_frame] = framed(births)
    assert words in of_frame


def test_two_misprints_and_what_is_no_date_are_counted_alone(tmp_path: Path) -> None:
    births = ["04/13/1950", "05/14/1950", *["Oslo"] * 9, *(f"{d:%d/%m/%Y}" for d in DAYS)]
    assert told(tmp_path, births, "%d/%m/%Y") == ()


@shows("QualityRule=time of day 21:00, 22:00 or 23:00", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("clock", ["%H:%M", "%H:%M:%S"])
def test_midnights_in_utc_are_told(tmp_path: Path, clock: str) -> None:
    hours = [23 if d.month in (1, 2, 3, 11, 12) else 22 for d in DAYS[:100]]
    births = [datetime.combine(d, time(hour)) for d, hour in zip(DAYS[:100], hours, strict=True)]
    [sentence] = told(tmp_path, [b.strftime(f"%Y-%m-%d {clock}") for b in births], f"%Y-%m-%d {clock}")
    assert sentence == (
        "person: birth_date: time of day 21:00, 22:00 or 23:00: 100 of 100 rows kept; likely midnights in UTC, so that "
        "each day is one early: have the offset from UTC delivered, and state zone for birth_date."
    )
    [of_frame] = framed(pa.array(births, pa.timestamp("us")))
    assert "100 of 100 rows kept; likely midnights in UTC" in of_frame


def test_times_of_all_hours_and_instants_are_not_told(tmp_path: Path) -> None:
    births = [datetime.combine(d, time(i % 24)) for i, d in enumerate(DAYS[:96])]
    assert framed(pa.array(births, pa.timestamp("us"))) == ()
    instants = [f"{d} 23:00Z" for d in DAYS[:100]]
    assert told(tmp_path, instants, "%Y-%m-%d %H:%MZ", ', zone = "Europe/Stockholm"') == ()


@shows("QualityRule=day of the month shared by many", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("share", [1, 2, 5])
def test_a_day_that_stands_for_the_month_is_told(tmp_path: Path, share: int) -> None:
    births = [str(d.replace(day=15)) if i % share == 0 else str(d) for i, d in enumerate(DAYS)]
    n = sum(birth.endswith("-15") for birth in births)
    [sentence] = told(tmp_path / "a", births, "%Y-%m-%d")
    assert f"person: birth_date on day 15 of the month is shared by many: {n:,} of 3,000 rows kept; where" in sentence
    assert sentence.endswith("where it stands for the month, state its date and day = 15 for birth_date.")
    assert told(tmp_path / "b", births, "%Y-%m-%d", ", day = 15") == ()


@shows("QualityRule=hardly a day after the 12th", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("format", ["%d/%m/%Y", "%Y-%m-%d"])
def test_dates_without_a_day_after_the_twelfth_are_told(tmp_path: Path, format: str) -> None:
    n = len(EARLY)
    [sentence] = told(tmp_path, [d.strftime(format) for d in EARLY], format)
    assert sentence == (
        f"person: birth_date has hardly a day after the 12th of the month: {n:,} of {n:,} rows kept; by chance two in "
        "three have one: see that month and day are not exchanged."
    )


def test_few_dates_and_usual_ones_are_not_told(tmp_path: Path) -> None:
    assert told(tmp_path / "a", [str(d) for d in EARLY[:39]], "%Y-%m-%d") == ()
    assert told(tmp_path / "b", [str(d) for d in DAYS], "%Y-%m-%d") == ()
