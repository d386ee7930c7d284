"""Calendar subtraction by hand, and what holds for every day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.calendar import completed_years
from riskset.spec import Duration

days = st.dates(date(1850, 1, 1), date(2100, 12, 31))
units = st.sampled_from("dwmy")
durations = st.builds(Duration, st.integers(0, 100), units)


def before(text: str, day: str) -> str:
    return str(Duration.parse(text).before(np.datetime64(day, "D")))


@pytest.mark.parametrize(
    ("length", "day", "expected"),
    [
        ("1y", "2020-02-29", "2019-02-28"),
        ("4y", "2020-02-29", "2016-02-29"),
        ("1y", "2019-02-28", "2018-02-28"),
        ("1y", "2021-02-28", "2020-02-28"),
        ("1y", "2021-03-01", "2020-03-01"),
        ("100y", "2000-02-29", "1900-02-28"),
        ("3m", "2021-05-31", "2021-02-28"),
        ("3m", "2020-05-31", "2020-02-29"),
        ("1m", "2021-07-31", "2021-06-30"),
        ("1m", "2021-01-15", "2020-12-15"),
        ("18m", "2020-08-31", "2019-02-28"),
        ("12m", "2020-02-29", "2019-02-28"),
        ("30d", "2020-03-01", "2020-01-31"),
        ("6w", "2020-03-01", "2020-01-19"),
        ("365d", "2021-01-01", "2020-01-02"),
        ("0d", "2020-02-29", "2020-02-29"),
        ("0y", "2020-02-29", "2020-02-29"),
    ],
)
def test_before_by_hand(length: str, day: str, expected: str) -> None:
    assert before(length, day) == expected


def slow_months_before(day: date, months: int) -> date:
    """The definition as a loop: the same day of the month, or the last day there is."""
    month = day.year * 12 + day.month - 1 - months
    for of_month in range(day.day, 0, -1):
        try:
            return date(month // 12, month % 12 + 1, of_month)
        except ValueError:
            continue
    raise AssertionError


@given(days, st.integers(0, 1200))
def test_months_equal_the_loop(day: date, months: int) -> None:
    assert Duration(months, "m").before(np.datetime64(day)).item() == slow_months_before(day, months)


@given(days, st.integers(0, 100))
def test_a_year_is_twelve_months(day: date, years: int) -> None:
    at = np.datetime64(day)
    assert Duration(years, "y").before(at) == Duration(12 * years, "m").before(at)


@given(days, st.integers(0, 1000))
def test_days_and_weeks_are_plain(day: date, n: int) -> None:
    at = np.datetime64(day)
    assert Duration(n, "d").before(at).item() == day - timedelta(days=n)
    assert Duration(n, "w").before(at) == Duration(7 * n, "d").before(at)


@given(days, days, durations)
def test_before_keeps_the_order_of_days(one: date, other: date, length: Duration) -> None:
    early, late = sorted((np.datetime64(one), np.datetime64(other)))
    assert length.before(early) <= length.before(late)


@given(days, durations)
def test_after_is_before_of_the_opposite(day: date, length: Duration) -> None:
    at = np.datetime64(day)
    assert length.after(at) >= at >= length.before(at)
    there_and_back = int((length.before(length.after(at)) - at).astype(int))
    assert -3 <= there_and_back <= 0  # short of it by the days that the shorter month lacks, at most 31 - 28


@given(st.lists(days, max_size=5), durations)
def test_arrays_go_day_by_day(many: list[date], length: Duration) -> None:
    at = np.array(many, "datetime64[D]")
    assert length.before(at).tolist() == [length.before(day).item() for day in at]


def test_an_unknown_day_stays_unknown() -> None:
    for text in ("1y", "1m", "1w", "1d"):
        assert np.isnat(Duration.parse(text).before(np.datetime64("NaT", "D")))


@given(durations)
def test_parsing_gives_back_what_was_written(length: Duration) -> None:
    assert Duration.parse(str(length)) == length


@pytest.mark.parametrize("text", ["", "1", "y", "1 y", "-1y", "1.5y", "1Y", "1y\n", "٣d", "1q", "9999999d", "151y"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"no duration|longer than any life"):
        Duration.parse(text)


def test_words() -> None:
    assert [Duration.parse(t).words() for t in ("1y", "18m", "1d", "6w")] == ["1 year", "18 months", "1 day", "6 weeks"]


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("1950-06-15", "2020-06-14", 69),
        ("1950-06-15", "2020-06-15", 70),
        ("2000-02-29", "2001-02-28", 0),
        ("2000-02-29", "2001-03-01", 1),
        ("2000-02-29", "2004-02-29", 4),
    ],
)
def test_completed_years_by_hand(born: str, day: str, age: int) -> None:
    assert completed_years(np.datetime64(born), np.datetime64(day)) == age


@pytest.mark.parametrize(
    ("length", "shortest", "longest"),
    [
        ("0m", 0, 0),
        ("6w", 42, 42),
        ("1m", 28, 31),
        ("2m", 59, 62),
        ("3m", 89, 92),
        ("12m", 365, 366),
        ("1y", 365, 366),
        ("4y", 1460, 1461),  # 1460 across 2100
        ("100y", 36524, 36525),
    ],
)
def test_days_at_least_and_at_most(length: str, shortest: int, longest: int) -> None:
    duration = Duration.parse(length)
    assert (duration.shortest, duration.longest) == (shortest, longest)


@given(durations, days)
def test_no_length_lies_beyond_its_limits(length: Duration, day: date) -> None:
    passed = (np.datetime64(day, "D") - length.before(np.datetime64(day, "D"))).astype(int)
    assert length.shortest <= passed <= length.longest


@given(durations, durations, days)
def test_a_shorter_length_is_shorter_before_every_day(one: Duration, other: Duration, day: date) -> None:
    if one < other:
        assert one.before(np.datetime64(day, "D")) > other.before(np.datetime64(day, "D"))


@pytest.mark.parametrize(
    ("one", "other", "shorter"),
    [
        ("30d", "1m", False),
        ("1m", "30d", False),
        ("27d", "1m", True),
        ("31d", "1m", False),
        ("1m", "32d", True),
        ("52w", "1y", True),
        ("365d", "1y", False),
        ("11m", "1y", True),
        ("12m", "1y", False),
        ("7d", "1w", False),
        ("90d", "3m", False),
    ],
)
def test_shorter_by_hand(one: str, other: str, shorter: bool) -> None:
    assert (Duration.parse(one) < Duration.parse(other)) is shorter
