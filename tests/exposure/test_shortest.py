"""Windows of siblings at the same age, cut to the shortest history of the set."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings

from riskset.analysis.frame import AnalysisFrame
from riskset.exposure.covariates import measure_covariates
from riskset.exposure.shortest import cut_to_shortest_history
from riskset.exposure.windows import VALUES, anchors_of, measure_exposures
from riskset.results.notes import NoteCode, note
from riskset.results.vocabulary import DiagnosticCode
from riskset.spec.study import Study
from tests.examples import examples
from tests.exposure.by_hand import dispensings_of, exposure, registers_of
from tests.shown import Evidence, shows

START = date(2010, 1, 1)
MEASURES = [
    {"kind": "ever", "lag": "30d"},
    {"kind": "first_use", "cuts": ["60d", "1y"]},
    {"kind": "any_use", "lag": "30d", "lookback": "1y"},
    {"kind": "count", "bands": [1, 2, 3]},
    {"kind": "ddd", "per": 100},
    {"kind": "recency", "cuts": ["60d"]},
]


def study(**more: Any) -> Study:
    return Study.model_validate(
        {
            "name": "cut",
            "period": {"start": "2010-01-01", "stop": "2020-01-01"},
            "cases": {"first": {"death": True}},
            "controls": [{"kind": "population"}, {"kind": "siblings", "at": "same age"}],
            **more,
        }
    )


def sets(*rows: tuple[str, int, int, str, bool]) -> pa.Table:
    """(comparison, set, person, day, case)"""
    days = pa.array([date.fromisoformat(row[3]) for row in rows], pa.date32())
    return pa.table(
        {
            "comparison": [row[0] for row in rows],
            "set_id": pa.array([row[1] for row in rows], pa.int64()),
            "person_id": pa.array([row[2] for row in rows], pa.int64()),
            "case": [row[4] for row in rows],
            "index_date": days,
            "anchor_date": days,
        }
    )


SAME_AGE = "siblings at the same age"
PEOPLE = {
    "person": [{"person_id": i, "sex": "female", "birth_date": date(1950, 1, 1)} for i in (1, 2, 3, 4)],
    "residence": [{"person_id": i, "start": date(1950, 1, 1), "stop": date(2030, 1, 1)} for i in (1, 2, 3)]
    + [{"person_id": 4, "start": date(2013, 1, 1), "stop": date(2030, 1, 1)}],
}
SETS = sets(
    ("population", 1, 1, "2015-01-01", True),
    ("population", 1, 3, "2015-01-01", False),
    (SAME_AGE, 1, 1, "2015-01-01", True),
    (SAME_AGE, 1, 2, "2012-01-01", False),
    (SAME_AGE, 2, 3, "2014-01-01", True),
    (SAME_AGE, 2, 4, "2014-01-01", False),
    (SAME_AGE, 3, 3, "2014-01-01", True),
    (SAME_AGE, 3, 1, "2014-01-01", False),
    (SAME_AGE, 4, 3, "2014-01-01", True),
    (SAME_AGE, 4, 2, "2009-06-01", False),
)


@shows(
    "DiagnosticCode=sets cut to the shortest history",
    "NoteCode=lost history",
    "NoteCode=out of",
    by=Evidence.OUTSIDE,
)
def test_the_shortest_history_of_the_set_is_that_of_all() -> None:
    registers = registers_of(PEOPLE, starts={"dispensing": START})
    cut, told = cut_to_shortest_history(registers, study().controls, SETS)
    assert cut["history_start"].to_pylist() == [
        None,
        None,
        date(2013, 1, 1),  # 730 days, as her sibling on 2012-01-01 has since the register's start
        START,
        date(2013, 1, 1),  # 365 days, since the sibling of the same set immigrated
        date(2013, 1, 1),
        START,
        START,
        date(2014, 1, 1),  # the register began after the sibling's day: no history in the set
        date(2009, 6, 1),
    ]
    assert [(row.comparison, row.code, row.value) for row in told] == [(SAME_AGE, DiagnosticCode.SETS_CUT, 3.0)]
    assert list(told[0].notes) == [
        note(NoteCode.OUT_OF, of=4, who="sets"),
        note(NoteCode.LOST_HISTORY, members=3, median=1096.0, longest=1461),
    ]
    alike = SETS.filter(pa.array([c == SAME_AGE and n == 4 for c, n in zip(*_labels(SETS), strict=True)]))
    _, told = cut_to_shortest_history(registers, study().controls, alike.slice(0, 1))
    assert [(row.value, list(row.notes)) for row in told] == [(0.0, [note(NoteCode.OUT_OF, of=1, who="sets")])]


def _labels(table: pa.Table) -> tuple[list[str], list[int]]:
    return table["comparison"].to_pylist(), table["set_id"].to_pylist()


def test_other_comparisons_are_as_they_are() -> None:
    registers = registers_of(PEOPLE, starts={"dispensing": START})
    asked = study(controls=[{"kind": "population"}, {"kind": "siblings"}])
    cut, told = cut_to_shortest_history(registers, asked.controls, SETS)
    assert cut is SETS
    assert told == []


@shows(
    "DiagnosticCode=unexposed by the cut to the shortest history",
    "NoteCode=out of",
    by=Evidence.OUTSIDE,
)
def test_a_person_is_measured_with_and_without_the_cut() -> None:
    use = dispensings_of(1, "2011-01-01", "2011-02-01", "2014-01-01") + dispensings_of(2, "2011-01-01", "2011-02-01")
    registers = registers_of({**PEOPLE, "dispensing": use}, starts={"dispensing": START})
    cut, _ = cut_to_shortest_history(registers, study().controls, SETS)
    asked = exposure({"kind": "ever", "lag": "30d"}, {"kind": "count", "bands": [1, 2, 3]}, at_least=2)
    measured = measure_exposures(registers, anchors_of(cut), [asked])
    covariate = {"kind": "dispensing", "name": "co_use", "codes": {"atc": ["N06A"]}, "at_least": 2}
    defined, most = study(covariates=[covariate]).covariates, study().most_levels
    windowed = measure_covariates(registers, anchors_of(cut), ["co_use"], defined, most_levels=most)
    at_index = measure_covariates(registers, anchors_of(SETS), [], (), most_levels=most)

    def found(comparison: str) -> list[tuple[int, int, float, float, bool]]:
        rows = cut.filter(pa.array([c == comparison for c in cut["comparison"].to_pylist()]))
        frame = AnalysisFrame(rows, measured.terms, measured.values, at_index, windowed)
        name = "antidepressants|{}".format
        ever, three, two = (frame.value(name(t)) for t in ("ever|ever", "count|≥3", "count|2"))
        co_use = frame.covariate("co_use").to_pylist()
        ids = zip(frame.set_id.tolist(), frame.person_id.tolist(), strict=True)
        return [(s, p, e, 2 * b + 3 * c, u) for (s, p), e, c, b, u in zip(ids, ever, three, two, co_use, strict=True)]

    assert found("population") == [(1, 1, 1, 3, True), (1, 3, 0, 0, False)]
    assert found(SAME_AGE) == [
        (1, 1, 0, 0, False),  # one dispensing since 2013
        (1, 2, 1, 2, True),
        (2, 3, 0, 0, False),
        (2, 4, 0, 0, False),
        (3, 3, 0, 0, False),
        (3, 1, 1, 2, True),
        (4, 3, 0, 0, False),
        (4, 2, 0, 0, False),
    ]
    (lost,) = [row for row in measured.diagnostics if row.code == DiagnosticCode.UNEXPOSED_BY_CUT]
    assert (lost.value, lost.notes[0].arguments["of"]) == (1.0, 8)


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_cut_history_is_measured_as_if_nothing_had_been_dispensed_before(data: st.DataObject) -> None:
    """The engine on anchors with a history_start, against the engine without, on registers without earlier rows."""
    index = date(2015, 3, 1)
    days = st.integers(1, 900).map(lambda n: (index - timedelta(days=n)).isoformat())
    use = [
        item
        for person in (1, 2, 3)
        for item in dispensings_of(person, *data.draw(st.lists(days, max_size=6, unique=True)))
    ]
    starts = [data.draw(st.none() | st.integers(0, 900).map(lambda n: index - timedelta(days=n))) for _ in (1, 2, 3)]
    asked = [exposure(*MEASURES, at_least=data.draw(st.integers(1, 3)))]
    anchors = pa.table(
        {
            "person_id": pa.array([1, 2, 3], pa.int64()),
            "index_date": pa.array([index] * 3, pa.date32()),
            "history_start": pa.array(starts, pa.date32()),
        }
    )
    found = measure_exposures(registers_of({**PEOPLE, "dispensing": use}), anchors, asked).values
    late = [row for row in use if row["date"] >= (starts[row["person_id"] - 1] or date.min)]
    expected = measure_exposures(
        registers_of({**PEOPLE, "dispensing": late}), anchors.drop(["history_start"]), asked
    ).values
    assert found.select(VALUES.names).equals(expected.cast(VALUES))
    begin = dict(zip((1, 2, 3), starts, strict=True))
    assert (
        found["history_start"].to_pylist() == [begin[p] for p in found["person_id"].to_pylist()] if len(found) else True
    )


def test_one_person_on_one_date_may_have_several_histories() -> None:
    registers = registers_of({**PEOPLE, "dispensing": dispensings_of(1, "2011-01-01", "2014-01-01")})
    starts = [None, date(2010, 1, 1), date(2012, 1, 1), date(2012, 1, 1), date(2015, 1, 1)]
    anchors = pa.table(
        {
            "person_id": pa.array([1] * 5, pa.int64()),
            "index_date": pa.array([date(2015, 1, 1)] * 5, pa.date32()),
            "history_start": pa.array(starts, pa.date32()),
        }
    )
    values = measure_exposures(registers, anchors, [exposure({"kind": "count", "bands": [1, 2]})]).values
    levels = sorted(zip(values["history_start"].to_pylist(), values["term"].to_pylist(), strict=True), key=str)
    assert levels == [
        (None, "antidepressants|count|≥2"),
        (date(2010, 1, 1), "antidepressants|count|≥2"),
        (date(2012, 1, 1), "antidepressants|count|1"),
    ]
    assert np.all(np.asarray(values["value"]) == 1)
