"""What every room looks up: keys sort like what they are made of, and dates and rows are found by them."""

from __future__ import annotations

from datetime import date

import ibis
import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from riskset.lookup import date_of, day_of, has_prefix, person_day, person_of, row_of

PERSONS = st.integers(0, 2**39 - 1)
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))


@given(st.lists(st.tuples(PERSONS, DAYS), min_size=1))
def test_a_key_sorts_like_the_person_and_the_day(pairs: list[tuple[int, date]]) -> None:
    person = np.array([who for who, _ in pairs], np.int64)
    day = np.array([when for _, when in pairs], "datetime64[D]")
    key = person_day(person, day)
    assert [pairs[i] for i in np.argsort(key, kind="stable")] == sorted(pairs)
    assert person_of(key).tolist() == person.tolist()
    assert (day_of(key) == day).all()


def test_no_day_comes_before_every_day_of_the_person_and_after_all_of_the_one_before() -> None:
    nothing, first, last = np.array(["NaT", "0001-01-01", "9999-12-31"], "datetime64[D]")
    of_5, of_6 = (person_day(np.full(3, who), np.array([nothing, first, last])) for who in (5, 6))
    assert (np.diff([*of_5, *of_6]) > 0).all()
    assert person_of(of_5).tolist() == [5, 5, 5]
    assert person_day(np.array([5, 6]), nothing).tolist() == [of_5[0], of_6[0]]


def test_the_earliest_date_of_each_person() -> None:
    dates = pa.table(
        {"person_id": [7, 3, 7], "date": pa.array([date(2015, 5, 2), date(2014, 1, 1), date(2015, 5, 1)], pa.date32())}
    )
    assert date_of(dates, np.array([7, 4, 3, 7])).astype(str).tolist() == [
        "2015-05-01",
        "NaT",
        "2014-01-01",
        "2015-05-01",
    ]
    assert np.isnat(date_of(dates.slice(0, 0), np.array([7]))).all()


def test_a_row_is_the_first_of_its_key() -> None:
    assert row_of(np.array([30, 10, 20, 10]), np.array([10, 20, 10, 30])).tolist() == [1, 2, 1, 0]


def test_a_code_is_of_a_class_by_how_it_begins_and_of_none_without_prefixes() -> None:
    codes = ibis.memtable({"code": ["F31", "F32", "F321", "F33", "F3"]})

    def of_class(*prefixes: str, without: tuple[str, ...] = ()) -> list[str]:
        return sorted(codes.filter(has_prefix(codes["code"], prefixes, without))["code"].to_pyarrow().to_pylist())

    assert of_class("F32", "F321") == ["F32", "F321"]
    assert of_class("F3", without=("F32",)) == ["F3", "F31", "F33"]
    assert of_class() == []
