"""Hand-worked cases at the edges of windows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from riskset.errors import SourceError
from riskset.exposure import history
from riskset.exposure.dispensings import find_dispensings
from riskset.exposure.windows import anchors_of, measure_exposures
from riskset.results.notes import NoteCode, note
from riskset.results.vocabulary import DiagnosticCode
from riskset.spec.measures import AtcCodes, Exposure
from tests.exposure.by_hand import ENGINE, anchors, dispensings_of, exposure, registers_of
from tests.shown import Evidence, shows

EVER = {"kind": "ever", "lag": "1y"}
FIRST_USE = {"kind": "first_use", "cuts": ["1y", "5y"]}
RECENCY = {"kind": "recency", "cuts": ["90d", "1y"]}
COUNT = {"kind": "count", "bands": [1, 2, 4], "lookback": "1y"}


def levels(rows: list[dict[str, Any]], index: str, asked: Exposure, **options: Any) -> dict[str, Any]:
    """Measure key → level of person 1 (value for a dose), nothing where it is the reference."""
    registers = registers_of({"dispensing": rows}, **options)
    measured = measure_exposures(registers, anchors((1, index)), [asked])
    found = {}
    for row in measured.values.to_pylist():
        _, key, level = row["term"].split("|")
        assert key not in found, "one level of a measure at most"
        found[key] = level if row["value"] == 1 else row["value"]
    return found


@shows("ever", "ever.lag", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("second", "index", "level"),
    [
        ("2015-06-15", "2016-06-15", "lag only"),  # exactly a year before: the lag's first day
        ("2015-06-14", "2016-06-15", "ever"),  # the day before that
        ("2016-06-14", "2016-06-15", "lag only"),  # the day before the index date
        ("2016-06-15", "2016-06-15", None),  # the index day is in no window
        ("2016-06-16", "2016-06-15", None),
        ("2015-02-28", "2016-02-29", "lag only"),  # a year before 29 February is 28 February
        ("2015-02-27", "2016-02-29", "ever"),
        ("2016-02-29", "2017-02-28", "lag only"),  # a year before 28 February is 28 February, also in a leap year
        ("2016-02-29", "2017-03-01", "ever"),
        ("2016-03-01", "2017-03-01", "lag only"),
    ],
)
def test_the_qualifying_date_decides_ever_to_the_day(second: str, index: str, level: str | None) -> None:
    rows = dispensings_of(1, "2010-01-01", second)
    assert levels(rows, index, exposure(EVER)).get("ever") == level


def test_a_second_item_on_the_same_day_does_not_qualify() -> None:
    same_day = dispensings_of(1, "2010-01-01", "2010-01-01", "2010-01-01")
    asked = exposure(EVER, FIRST_USE, RECENCY, {"kind": "any_use"})
    assert levels(same_day, "2016-06-15", asked) == {}
    next_day = [*same_day, *dispensings_of(1, "2010-01-02")]
    assert levels(next_day, "2016-06-15", asked) == {
        "ever": "ever",
        "first_use": ">5y",
        "recency": "past (>1y)",
        "any_use": "any",
    }


@shows("exposure.at_least", by=Evidence.OUTSIDE)
def test_at_least_one_makes_the_first_date_the_qualifying_one() -> None:
    rows = dispensings_of(1, "2014-01-01", "2016-01-01")
    assert levels(rows, "2016-06-15", exposure(EVER, at_least=1)) == {"ever": "ever"}
    assert levels(rows, "2016-06-15", exposure(EVER, at_least=2)) == {"ever": "lag only"}
    assert levels(rows, "2016-06-15", exposure(EVER, at_least=3)) == {}


@shows("first_use", "first_use.cuts", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("second", "level"),
    [
        ("2016-06-15", None),
        ("2016-06-14", "0-1y"),
        ("2015-06-15", "0-1y"),
        ("2015-06-14", "1-5y"),
        ("2011-06-15", "1-5y"),
        ("2011-06-14", ">5y"),
    ],
)
def test_first_use_parts_time_since_the_qualifying_date(second: str, level: str | None) -> None:
    rows = dispensings_of(1, "2008-01-01", second)
    assert levels(rows, "2016-06-15", exposure(FIRST_USE)).get("first_use") == level


@shows("recency", "recency.cuts", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("last", "level"),
    [
        ("2016-06-15", "past (>1y)"),
        ("2016-06-14", "current (0-90d)"),
        ("2016-03-17", "current (0-90d)"),
        ("2016-03-16", "recent (90d-1y)"),
        ("2015-06-15", "recent (90d-1y)"),
        ("2015-06-14", "past (>1y)"),
    ],
)
def test_recency_is_by_the_last_dispensing(last: str, level: str) -> None:
    rows = dispensings_of(1, "2010-01-01", "2011-01-01", last)
    assert levels(rows, "2016-06-15", exposure(RECENCY)) == {"recency": level}


@shows("count", "count.bands", "count.lookback", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("dates", "level"),
    [
        ([], None),
        (["2015-06-14", "2016-06-15"], None),
        (["2015-06-15"], "1"),
        (["2015-06-15", "2015-06-15"], "1"),
        (["2015-06-15", "2016-06-14"], "2-3"),
        (["2015-07-01", "2015-08-01", "2015-09-01"], "2-3"),
        (["2015-07-01", "2015-08-01", "2015-09-01", "2015-10-01"], "≥4"),
    ],
)
def test_counts_are_of_distinct_dates_in_the_window(dates: list[str], level: str | None) -> None:
    found = levels(dispensings_of(1, *dates), "2016-06-15", exposure(COUNT)).get("count")
    assert found == level


@shows("any_use", "any_use.lag", "any_use.lookback", by=Evidence.OUTSIDE)
def test_any_use_needs_all_its_dates_inside_the_window() -> None:
    asked = exposure({"kind": "any_use", "lag": "1y", "lookback": "2y"})
    assert levels(dispensings_of(1, "2014-06-15", "2015-06-14"), "2016-06-15", asked) == {"any_use": "any"}
    assert levels(dispensings_of(1, "2014-06-14", "2015-06-14"), "2016-06-15", asked) == {}
    assert levels(dispensings_of(1, "2014-06-15", "2015-06-15"), "2016-06-15", asked) == {}


@shows("ddd", "ddd.bands", "ddd.per", "ddd.lookback", by=Evidence.OUTSIDE)
def test_doses_are_summed_over_all_items_in_thousandths() -> None:
    per = {"kind": "ddd", "per": 100, "lookback": "1y"}
    bands = {"kind": "ddd", "name": "dose", "bands": [1, 100], "lookback": "1y"}
    rows = dispensings_of(1, "2016-01-01", "2016-01-01", "2016-02-01", ddd=33_300)
    assert levels(rows, "2016-06-15", exposure(per, bands)) == {"ddd": 99_900, "dose": "1-99"}
    rows += dispensings_of(1, "2016-03-01", ddd=100)
    assert levels(rows, "2016-06-15", exposure(per, bands)) == {"ddd": 100_000, "dose": "≥100"}
    assert levels(dispensings_of(1, "2016-01-01", ddd=999), "2016-06-15", exposure(bands)) == {}


@shows("atc_codes.atc", "atc_codes.without", by=Evidence.OUTSIDE)
def test_codes_left_out_do_not_count_and_overlapping_classes_both_do() -> None:
    rows = dispensings_of(1, "2010-01-01", atc="N05CM01") + dispensings_of(1, "2010-02-01", "2010-03-01", atc="N05CF02")
    count = {"kind": "count", "bands": [1, 2, 3]}
    whole = exposure(count, name="hypnotics", codes={"atc": ["N05C"]})
    without = exposure(count, name="no_herbs", codes={"atc": ["N05C"], "without": ["N05CM"]})
    narrow = exposure(count, name="z_drugs", codes={"atc": ["N05CF02", "N05CF", "N05CF01"]})
    other = exposure(count, name="others", codes={"atc": ["N05D", "N05B"]})
    measured = measure_exposures(
        registers_of({"dispensing": rows}), anchors((1, "2016-06-15")), [whole, without, narrow, other]
    )
    assert measured.values["term"].to_pylist() == ["hypnotics|count|≥3", "no_herbs|count|2", "z_drugs|count|2"]


def test_a_person_is_measured_at_each_of_their_index_dates() -> None:
    rows = dispensings_of(1, "2010-01-01", "2012-01-01") + dispensings_of(2, "2010-01-01")
    registers = registers_of({"dispensing": rows})
    asked = anchors((1, "2014-01-01"), (1, "2012-01-01"), (1, "2012-06-01"), (2, "2014-01-01"), (1, "2014-01-01"))
    measured = measure_exposures(registers, asked, [exposure(EVER)])
    assert measured.values.to_pylist() == [
        {"person_id": 1, "index_date": date(2012, 6, 1), "term": "antidepressants|ever|lag only", "value": 1},
        {"person_id": 1, "index_date": date(2014, 1, 1), "term": "antidepressants|ever|ever", "value": 1},
    ]


@shows(
    "DiagnosticCode=dispensings before the register's start",
    "NoteCode=before the start",
    by=Evidence.OUTSIDE,
)
def test_dispensings_before_the_stated_start_are_not_used_and_are_counted() -> None:
    rows = dispensings_of(1, "2005-06-30", "2006-01-01")
    starts = {"dispensing": date(2005, 7, 1)}
    assert levels(rows, "2016-06-15", exposure(EVER)) == {"ever": "ever"}
    assert levels(rows, "2016-06-15", exposure(EVER), starts=starts) == {}
    on_the_first_day = [*rows, *dispensings_of(1, "2005-07-01")]
    assert levels(on_the_first_day, "2016-06-15", exposure(EVER), starts=starts) == {"ever": "ever"}
    measured = measure_exposures(
        registers_of({"dispensing": rows}, starts=starts), anchors((1, "2016-06-15")), [exposure(EVER)]
    )
    early = [row for row in measured.diagnostics if row.code == DiagnosticCode.EARLY_DISPENSINGS]
    assert [(row.value, list(row.notes)) for row in early] == [(1, [note(NoteCode.BEFORE_START, start="2005-07-01")])]
    for tables, stated in ((rows, {}), (rows[1:], starts)):
        registers = registers_of({"dispensing": tables}, starts=stated)
        measured = measure_exposures(registers, anchors((1, "2016-06-15")), [exposure(EVER)])
        assert DiagnosticCode.EARLY_DISPENSINGS not in {row.code for row in measured.diagnostics}


def test_terms_hold_every_level_though_nobody_has_it() -> None:
    measured = measure_exposures(
        registers_of({"dispensing": []}), anchors((1, "2016-06-15")), [exposure(EVER, FIRST_USE, RECENCY, COUNT)]
    )
    assert measured.values.num_rows == 0
    spelled = [
        (row["term"].removeprefix("antidepressants|"), row["order"], row["reference"])
        for row in measured.terms.to_pylist()
    ]
    assert spelled == [
        ("ever|ever", 1, "never"),
        ("ever|lag only", 2, "never"),
        ("first_use|0-1y", 1, "never"),
        ("first_use|1-5y", 2, "never"),
        ("first_use|>5y", 3, "never"),
        ("recency|current (0-90d)", 1, "never"),
        ("recency|recent (90d-1y)", 2, "never"),
        ("recency|past (>1y)", 3, "never"),
        ("count|1", 1, "none"),
        ("count|2-3", 2, "none"),
        ("count|≥4", 3, "none"),
    ]


def test_no_anchors_give_empty_values_and_all_terms() -> None:
    measured = measure_exposures(
        registers_of({"dispensing": dispensings_of(1, "2010-01-01")}), anchors(), [exposure(EVER)]
    )
    assert measured.values.num_rows == 0
    assert measured.terms["level"].to_pylist() == ["ever", "lag only"]


def test_pieces_of_persons_give_what_one_piece_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row for person in range(1, 30) for row in dispensings_of(person, "2010-01-01", f"2011-01-{person:02d}")]
    registers = registers_of({"dispensing": rows})
    who = anchors(*[(person, day) for person in range(1, 33) for day in ("2011-01-15", "2013-01-01")])
    asked = [exposure(EVER, COUNT, {"kind": "ddd", "per": 1}), exposure(FIRST_USE, name="other")]
    whole = measure_exposures(registers, who, asked)
    monkeypatch.setattr(history, "ROWS_AT_ONCE", 7)
    pieces = measure_exposures(registers, who, asked)
    assert whole.values.num_rows > 100
    assert pieces.values.equals(whole.values)
    assert pieces.diagnostics == whole.diagnostics


@shows("ever", "ddd", by=Evidence.REFUSED)
def test_what_is_not_delivered_is_refused_by_name() -> None:
    with pytest.raises(SourceError, match="no table 'dispensing', which the exposure 'antidepressants' needs"):
        measure_exposures(registers_of({"person": []}), anchors((1, "2016-06-15")), [exposure(EVER)])
    registers = registers_of({"dispensing": []}, lacking=["dispensing.ddd"])
    measure_exposures(registers, anchors((1, "2016-06-15")), [exposure(EVER)])
    with pytest.raises(SourceError, match="'dispensing' has no column 'ddd', which the measure 'ddd' of"):
        measure_exposures(registers, anchors((1, "2016-06-15")), [exposure({"kind": "ddd", "per": 100})])


def test_anchors_of_sets_are_distinct_and_sorted() -> None:
    sets = pa.table({"set_id": [1, 1, 2, 2], "person_id": [5, 3, 3, 5], "index_date": [date(2016, 1, 1)] * 4})
    assert anchors_of(sets).to_pylist() == [
        {"person_id": 3, "index_date": date(2016, 1, 1)},
        {"person_id": 5, "index_date": date(2016, 1, 1)},
    ]
    onset = sets.append_column("anchor_date", pa.array([date(2015, 1, 1)] * 2 + [date(2014, 1, 1)] * 2))
    assert anchors_of(onset)["index_date"].to_pylist() == [date(2014, 1, 1), date(2015, 1, 1)] * 2


def test_the_query_joins_on_the_person_and_reads_ranges_of_codes() -> None:
    registers = registers_of({"dispensing": []})
    persons = ENGINE.load("persons", pa.table({"person_id": [1], "last_index": [date(2016, 1, 1)]}))
    classes = [AtcCodes(atc=("N05B",)), AtcCodes(atc=("N05C",), without=("N05CM",))]
    query = ENGINE.sql(find_dispensings(registers, classes, persons)).replace('"', "")
    assert "ON FALSE" not in query.upper()
    assert ">= 'N05B'" in query
    assert "< 'N05CN'" in query
    assert "LIKE" not in query.upper()
