"""What is said beside the measures."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from riskset.exposure.diagnostics import describe_truncated_sets
from riskset.exposure.windows import measure_exposures
from riskset.report.catalogue import ENGLISH
from riskset.results.columns import table_of
from riskset.results.notes import NoteCode, note
from riskset.results.rows import Diagnostic
from riskset.results.vocabulary import DiagnosticCode
from riskset.spec.time import Duration
from tests.exposure.by_hand import anchors, dispensings_of, exposure, registers_of
from tests.shown import Evidence, shows

EVER = {"kind": "ever", "lag": "1y"}
COUNT = {"kind": "count", "bands": [1], "lookback": "5y"}
TRUNCATED = "share of persons on index dates with a truncated window, count"
QUALIFIED = "persons on index dates who qualified before the index date"
IN_RUN_IN = "persons on index dates who qualified in the run-in"
STARTS = {"dispensing": date(2005, 7, 1)}


def diagnose(tables: Any, who: Any, *asked: Any, starts: Any = STARTS, **options: Any) -> dict[str, dict[str, Any]]:
    measured = measure_exposures(registers_of(tables, starts=starts), who, [exposure(*asked)], **options)
    rows = table_of(measured.diagnostics, Diagnostic).to_pylist()
    worded = {ENGLISH.diagnostic(row): row["value"] for row in rows}
    return {name: {"value": value, "note": note} for (name, note), value in worded.items()}


@shows(
    "DiagnosticCode=share with a truncated window",
    "NoteCode=reach",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(("index", "share"), [("2010-07-01", 0.0), ("2010-06-30", 1.0)])
def test_a_window_is_truncated_where_it_reaches_before_the_register(index: str, share: float) -> None:
    found = diagnose({"dispensing": []}, anchors((1, index)), COUNT)
    row = found[TRUNCATED]
    assert row["value"] == share
    assert "2005-07-01" in row["note"]
    assert "open" not in row["note"]


def test_a_window_is_truncated_where_the_person_came_later() -> None:
    people = [{"person_id": n, "sex": "male", "birth_date": date(1950, 1, 1)} for n in (1, 2, 3, 4)]
    stay = {"stop": date(2030, 1, 1)}
    residence = [
        {"person_id": 1, "start": date(1950, 1, 1), "stop": date(2012, 1, 1)},
        {"person_id": 1, "start": date(2012, 1, 1), **stay},  # a move: unbroken
        {"person_id": 2, "start": date(1950, 1, 1), "stop": date(2012, 1, 1)},
        {"person_id": 2, "start": date(2012, 1, 2), **stay},  # away for a day
        {"person_id": 3, "start": date(2011, 1, 1), **stay},
        {"person_id": 4, "start": date(2011, 1, 2), **stay},
    ]
    who = anchors((1, "2016-01-01"), (2, "2016-01-01"), (3, "2016-01-01"), (4, "2016-01-01"))
    tables = {"dispensing": [], "person": people, "residence": residence}
    found = diagnose(tables, who, COUNT)
    assert found[TRUNCATED]["value"] == 0.5
    assert diagnose(tables, who, COUNT, starts={})[TRUNCATED]["value"] == 0.5


@shows(
    "DiagnosticCode=share with a truncated window",
    "NoteCode=reach",
    "NoteCode=open measure",
    by=Evidence.OUTSIDE,
)
def test_an_open_measure_says_where_it_begins() -> None:
    first_use = {"kind": "first_use", "cuts": ["1y", "5y"]}
    found = diagnose({"dispensing": []}, anchors((1, "2016-06-15"), (2, "2009-01-01")), EVER, first_use)
    assert found["share of persons on index dates with a truncated window, ever"]["value"] == 0
    row = found["share of persons on index dates with a truncated window, first use"]
    assert row["value"] == 0.5
    assert "5 years before the index date" in row["note"]
    assert "2005-07-01" in row["note"]
    assert "open" in row["note"]
    unstated = diagnose({"dispensing": []}, anchors((1, "2016-06-15")), EVER, starts={})
    assert "not stated" in unstated["share of persons on index dates with a truncated window, ever"]["note"]


@shows(
    "DiagnosticCode=qualified in the run-in",
    "DiagnosticCode=qualified before the index date",
    "NoteCode=in the run-in",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(("second", "prevalent"), [("2006-12-31", 1), ("2007-01-01", 0)])
def test_prevalent_use_is_counted_in_the_run_in(second: str, prevalent: int) -> None:
    rows = dispensings_of(1, "2005-08-01", second)
    who = anchors((1, "2016-06-15"), (2, "2016-06-15"))
    found = diagnose({"dispensing": rows}, who, EVER, run_in=Duration(18, "m"))
    assert found[IN_RUN_IN]["value"] == prevalent
    assert found[IN_RUN_IN]["note"].startswith("within 18 months of 2005-07-01: prevalent use")
    assert found[QUALIFIED]["value"] == 1
    assert IN_RUN_IN not in diagnose({"dispensing": rows}, who, EVER)


@shows(
    "DiagnosticCode=qualified before the index date",
    "NoteCode=what qualifies",
    "NoteCode=out of",
    by=Evidence.OUTSIDE,
)
def test_an_exposure_that_nobody_has_is_said() -> None:
    rows = dispensings_of(1, "2016-06-01", "2016-06-15")
    row = diagnose({"dispensing": rows}, anchors((1, "2016-06-15")), EVER)[QUALIFIED]
    assert row["value"] == 0
    assert row["note"] == "at least 2 dispensing dates of N06A; of 1 persons on index dates"


@shows(
    "DiagnosticCode=items without DDD",
    "NoteCode=out of",
    by=Evidence.OUTSIDE,
)
def test_unknown_doses_are_counted_in_the_window() -> None:
    dose = {"kind": "ddd", "per": 100, "lookback": "1y"}
    rows = dispensings_of(1, "2016-01-01", "2016-01-01", "2015-01-01", ddd=None) + dispensings_of(1, "2016-01-01")
    row = diagnose({"dispensing": rows}, anchors((1, "2016-06-15")), dose)["items without DDD, ddd"]
    assert row["value"] == 2
    assert "of 3 in the windows" in row["note"]
    others = diagnose({"dispensing": rows}, anchors((1, "2016-06-15")), EVER)
    assert not any("DDD" in name for name in others)


@shows(
    "DiagnosticCode=share of sets with a truncated window",
    "NoteCode=reach",
    by=Evidence.OUTSIDE,
)
def test_sets_are_truncated_where_the_window_of_one_member_is() -> None:
    """Person 2 immigrated 2012-01-01: five years before 2016-01-01 reach past it, five before 2018-01-01 do not."""
    people = [{"person_id": n, "sex": "male", "birth_date": date(1950, 1, 1)} for n in (1, 2, 3)]
    spells = [(1, date(1950, 1, 1)), (2, date(2012, 1, 1)), (3, date(1950, 1, 1))]
    residence = [{"person_id": n, "start": start, "stop": date(2030, 1, 1)} for n, start in spells]
    members = [(1, 1, "2016-01-01"), (1, 2, "2016-01-01"), (2, 3, "2018-01-01"), (2, 2, "2018-01-01")]
    sets = pa.table(
        {
            "comparison": ["population"] * 4,
            "set_id": [number for number, _, _ in members],
            "person_id": [person for _, person, _ in members],
            "anchor_date": pa.array([date.fromisoformat(day) for _, _, day in members], pa.date32()),
        }
    )
    registers = registers_of({"dispensing": [], "person": people, "residence": residence}, starts=STARTS)
    (row,) = describe_truncated_sets(registers, sets, [exposure(COUNT)])
    assert (row.code, row.model.measure) == (DiagnosticCode.TRUNCATED_SETS, "count")
    assert (row.comparison, row.value) == ("population", 0.5)
    assert list(row.notes) == [note(NoteCode.REACH, length="5y")]
