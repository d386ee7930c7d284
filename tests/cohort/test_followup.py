"""What became of the cases: each rule on people made by hand, and everything against the reference."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from riskset.cohort.cases import find_cases
from riskset.cohort.followup import FollowUp, find_followup
from riskset.cohort.scores import find_scores
from riskset.errors import DesignError, SourceError, SpecError
from riskset.exposure.splitting import split_followup
from riskset.registers.engine import Engine
from riskset.report.catalogue import ENGLISH
from riskset.results.notes import NoteCode, note
from riskset.results.vocabulary import DiagnosticCode
from riskset.spec.study import Study
from tests.examples import examples
from tests.people import Nation, nation, read_people, unchecked_nation
from tests.reference.followup import Followed, Lost, follow, split
from tests.shown import Evidence, shows

BASE: dict[str, Any] = {
    "name": "made",
    "period": {"start": date(2015, 1, 1), "stop": date(2018, 1, 1)},
    "cases": {"first": {"registry": "mnd", "diagnosis": ["ALS"]}},
    "controls": [{"kind": "population", "match": []}],
}
HERE = "lives 1990-01-01..2030-01-01"


def study(**prognosis: Any) -> Study:
    asked = {"endpoint": ("death", "invasive_ventilation"), **prognosis}
    return Study.model_validate(BASE | {"prognosis": asked})


def followed(people: Nation, described: Study) -> FollowUp:
    return find_followup(people.registers, described.course, find_cases(people.registers, described.case_definition))


def spans(people: Nation, found: FollowUp) -> dict[str, tuple[int, int, str]]:
    """Name → start, stop and event in words."""
    events = ("", *found.causes)
    return {
        people.names[row["person_id"]]: (row["start"], row["stop"], events[row["event"]])
        for row in found.table.to_pylist()
    }


def lost(found: FollowUp) -> dict[str, int]:
    return {ENGLISH.rule(row): row["removed"] for row in found.attrition.to_pylist() if row["removed"]}


@shows("prognosis.endpoint=death", "prognosis.entry=diagnosis", by=Evidence.OUTSIDE)
def test_the_last_day_counts(engine: Engine) -> None:
    people = nation(
        f"""
        same    f 1950-01-01 {HERE} als 2015-06-01 dies 2015-06-01           # dies on the day of diagnosis
        later   f 1950-01-01 {HERE} als 2015-06-01 dies 2015-06-11
        leaves  f 1950-01-01 lives 1990-01-01..2015-06-11 als 2015-06-01     # its last day is 10 June
        stays   f 1950-01-01 {HERE} als 2017-12-31                           # the period's last day
        ends    f 1950-01-01 lives 1990-01-01..2015-06-11 als 2015-06-01 dies 2015-06-11
        """,
        engine=engine,
    )
    found = followed(people, study(endpoint=["death"], entry="diagnosis"))
    assert spans(people, found) == {
        "same": (0, 1, "death"),
        "later": (0, 11, "death"),
        "leaves": (0, 10, ""),
        "stays": (0, 1, ""),
        "ends": (0, 11, "death"),
    }


@shows(
    "prognosis.entry=registration",
    "AttritionRule=registered in the quality register",
    "AttritionRule=entry before the end of follow-up",
    "AttritionRule=alive at entry",
    "AttritionRule=resident at entry",
    "AttritionRule=no such event before entry",
    by=Evidence.OUTSIDE,
)
def test_days_before_registration_are_immortal(engine: Engine) -> None:
    people = nation(
        f"""
        soon    f 1950-01-01 {HERE} als 2015-06-01 registered 2015-06-01 dies 2015-07-01
        late    f 1950-01-01 {HERE} als 2015-06-01 registered 2015-06-21 dies 2015-07-01
        early   f 1950-01-01 {HERE} als 2015-06-01 registered 2014-01-01 dies 2015-07-01   # a register of suspects
        thatday f 1950-01-01 {HERE} als 2015-06-01 registered 2015-07-01 dies 2015-07-01
        never   f 1950-01-01 {HERE} als 2015-06-01 dies 2015-07-01
        dead    f 1950-01-01 {HERE} als 2015-06-01 registered 2015-07-02 dies 2015-07-01
        abroad  f 1950-01-01 lives 1990-01-01..2015-06-11 als 2015-06-01 registered 2015-06-11
        after   f 1950-01-01 {HERE} als 2017-06-01 registered 2018-01-01
        on      f 1950-01-01 {HERE} als 2015-06-01 registered 2015-07-01 ventilated 2015-06-30
        """,
        engine=engine,
    )
    found = followed(people, study())
    assert spans(people, found) == {
        "soon": (0, 31, "death"),
        "late": (20, 31, "death"),
        "early": (0, 31, "death"),
        "thatday": (30, 31, "death"),
    }
    assert lost(found) == {
        "registered in the quality register": 1,
        "entry before the end of follow-up": 1,
        "alive at registration": 1,
        "still resident at registration": 1,
        "no invasive ventilation before registration": 1,
    }
    counted = {row.code: row.value for row in found.diagnostics}
    assert counted[DiagnosticCode.ENTERED_LATE] == 2


@shows("prognosis.endpoint=invasive_ventilation", by=Evidence.OUTSIDE)
def test_ventilation_and_death(engine: Engine) -> None:
    people = nation(
        f"""
        first f 1950-01-01 {HERE} als 2015-06-01 ventilated 2015-06-11 dies 2015-07-01
        both  f 1950-01-01 {HERE} als 2015-06-01 ventilated 2015-06-11 dies 2015-06-11
        entry f 1950-01-01 {HERE} als 2015-06-01 ventilated 2015-06-01
        """,
        engine=engine,
    )
    assert spans(people, followed(people, study(entry="diagnosis"))) == {
        "first": (0, 11, "invasive_ventilation"),
        "both": (0, 11, "invasive_ventilation"),
        "entry": (0, 1, "invasive_ventilation"),
    }
    alone = followed(people, study(entry="diagnosis", endpoint=["death"]))
    assert spans(people, alone)["first"] == (0, 31, "death")
    competing = followed(people, study(entry="diagnosis", endpoint=["invasive_ventilation"]))
    assert (competing.causes, competing.n_endpoints) == (("invasive_ventilation", "death"), 1)


@shows(
    "prognosis.origin=onset",
    "AttritionRule=onset date known",
    "AttritionRule=onset on or before diagnosis",
    by=Evidence.OUTSIDE,
)
def test_from_onset_patients_enter_late(engine: Engine) -> None:
    people = nation(
        f"""
        known f 1950-01-01 {HERE} als 2015-06-01 onset 2015-05-02 dies 2015-06-01
        no    f 1950-01-01 {HERE} als 2015-06-01
        wrong f 1950-01-01 {HERE} als 2015-06-01 onset 2015-06-02
        """,
        engine=engine,
    )
    found = followed(people, study(entry="diagnosis", origin="onset", endpoint=["death"]))
    assert spans(people, found) == {"known": (30, 31, "death")}
    assert lost(found) == {"onset date known": 1, "onset on or before diagnosis": 1}


@shows(
    "prognosis.entry=registration",
    "prognosis.origin=onset",
    "prognosis.endpoint=invasive_ventilation",
    "prognosis.until",
    by=Evidence.REFUSED,
)
def test_what_is_not_delivered_is_refused(engine: Engine) -> None:
    people = nation(f"only f 1950-01-01 {HERE} als 2015-06-01", engine=engine)
    with pytest.raises(DesignError, match="no case has a registration date"):
        followed(people, study(endpoint=["death"]))
    with pytest.raises(DesignError, match="no case has an onset date"):
        followed(people, study(endpoint=["death"], entry="diagnosis", origin="onset"))
    with pytest.raises(SourceError, match="no table 'procedure'"):
        followed(people, study(entry="diagnosis"))
    plain = Study.model_validate(BASE)
    cases = find_cases(people.registers, plain.case_definition)
    with pytest.raises(SpecError, match="asks for no prognosis"):
        find_followup(people.registers, plain.course, cases)
    with pytest.raises(DesignError, match="after the rule 'entry before the end of follow-up'"):
        followed(people, study(endpoint=["death"], entry="diagnosis", until=date(2015, 6, 1)))


@shows(
    "prognosis.marker",
    "DiagnosticCode=scores delivered",
    "DiagnosticCode=scores out of range",
    "DiagnosticCode=scores before the origin",
    "DiagnosticCode=scores after death",
    "DiagnosticCode=scores after the end of follow-up",
    "DiagnosticCode=scores used",
    "DiagnosticCode=scores on a day that has another one",
    "DiagnosticCode=patients without a score",
    "DiagnosticCode=patients with one score",
    "NoteCode=range",
    "NoteCode=origin",
    "NoteCode=out of",
    by=Evidence.OUTSIDE,
)
def test_scores_that_cannot_be_are_named_and_counted(engine: Engine) -> None:
    """Of registers that no import has looked at, which would set scores after death aside itself."""
    text = f"""
        dead  f 1950-01-01 {HERE} als 2015-06-01 dies 2015-07-01 SCORES
        ended f 1950-01-01 {HERE} als 2015-06-01 scores 40 2017-12-31 scores 39 2018-01-01
        none  f 1950-01-01 {HERE} als 2015-06-01
        """
    scores = (
        "scores 40 2015-05-31 scores 38 2015-06-01 scores 30 2015-07-01 scores 29 2015-07-02 "
        "scores 49 2015-06-02 scores -1 2015-06-02 scores 0 2015-06-03 scores 48 2015-06-03"
    )
    people = unchecked_nation(read_people(text.replace("SCORES", scores)), engine=engine)
    described = study(entry="diagnosis", endpoint=["death"], marker="alsfrs_r")
    assert described.prognosis is not None
    found = find_scores(people.registers, described.prognosis, followed(people, described))
    assert [(people.names[row["person_id"]], row["day"], row["value"]) for row in found.table.to_pylist()] == [
        ("dead", 0, 38.0),
        ("dead", 2, 0.0),
        ("dead", 2, 48.0),
        ("dead", 30, 30.0),
        ("ended", 944, 40.0),
    ]
    counted = {row.code: row.value for row in found.diagnostics}
    assert counted == {
        DiagnosticCode.SCORES_DELIVERED: 10,
        DiagnosticCode.SCORES_OUT_OF_RANGE: 2,
        DiagnosticCode.SCORES_BEFORE_ORIGIN: 1,
        DiagnosticCode.SCORES_AFTER_DEATH: 1,
        DiagnosticCode.SCORES_AFTER_FOLLOW_UP: 1,
        DiagnosticCode.SCORES_USED: 5,
        DiagnosticCode.SCORES_ON_ONE_DAY: 1,
        DiagnosticCode.PATIENTS_WITHOUT_SCORE: 1,
        DiagnosticCode.PATIENTS_WITH_ONE_SCORE: 1,
    }
    assert {row.code: list(row.notes) for row in found.diagnostics if row.notes} == {
        DiagnosticCode.SCORES_OUT_OF_RANGE: [note(NoteCode.RANGE, low=0.0, high=48.0)],
        DiagnosticCode.SCORES_BEFORE_ORIGIN: [note(NoteCode.ORIGIN, origin="diagnosis")],
        DiagnosticCode.SCORES_USED: [note(NoteCode.OUT_OF, of=2, who="patients")],
    }
    other = study(entry="diagnosis", endpoint=["death"], marker="alsfrs")
    assert other.prognosis is not None
    with pytest.raises(DesignError, match="no patient has a measurement 'alsfrs'"):
        find_scores(people.registers, other.prognosis, followed(people, described))


@shows("prognosis.marker_range", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("lowest", "highest", "kept"), [(0, 48, [0, 20, 40, 48]), (20, 40, [20, 40]), (20.5, 47.9, [40])]
)
def test_scores_outside_the_range_asked_for_are_left_out(
    engine: Engine, lowest: float, highest: float, kept: list[float]
) -> None:
    """Both ends of the range are scores; an import would set the 49 aside itself."""
    scores = "scores 0 2015-06-02 scores 20 2015-06-03 scores 40 2015-06-04 scores 48 2015-06-05 scores 49 2015-06-06"
    people = unchecked_nation(read_people(f"one f 1950-01-01 {HERE} als 2015-06-01 {scores}"), engine=engine)
    described = study(entry="diagnosis", endpoint=["death"], marker="alsfrs_r", marker_range=(lowest, highest))
    assert described.prognosis is not None
    found = find_scores(people.registers, described.prognosis, followed(people, described))
    assert found.table["value"].to_pylist() == kept
    counted = {row.code: row.value for row in found.diagnostics}
    assert counted[DiagnosticCode.SCORES_OUT_OF_RANGE] == 5 - len(kept)


T = date(2016, 2, 28)
NEAR = st.sampled_from([T + timedelta(days=d) for d in (-30, -3, -2, -1, 0, 1, 2, 3, 30)])


@st.composite
def person(draw: st.DrawFn, name: str) -> dict[str, list[dict[str, Any]]]:
    some = st.integers(0, 2)
    stop = draw(NEAR | st.just(date(2030, 1, 1)))
    spells = [{"start": date(2000, 1, 1), "stop": stop, "county": None}]
    if draw(st.booleans()):  # comes back
        spells.append({"start": stop + timedelta(days=draw(some)), "stop": date(2031, 1, 1), "county": None})
    items = [("diagnosis", "ALS"), *[("registration", None)] * draw(some), *[("onset_date", None)] * draw(some)]
    mnd = [{"registry": "mnd", "name": item, "date": draw(NEAR), "text": text} for item, text in items]
    rows = {
        "person": [{"sex": "female", "birth_date": date(1950, 1, 1)}],
        "residence": spells,
        "registry_item": mnd,
        "death": [{"date": draw(NEAR)}] if draw(st.booleans()) else [],
        "procedure": [{"date": draw(NEAR), "system": "riskset", "code": "invasive_ventilation"}] * draw(some),
    }
    return {table: [{"person_id": name, **row} for row in made] for table, made in rows.items()}


@st.composite
def people(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    made: dict[str, list[dict[str, Any]]] = {}
    for i in range(draw(st.integers(1, 12))):
        for table, rows in draw(person(f"p{i:02}")).items():
            made.setdefault(table, []).extend(rows)
    return made


@shows(
    "prognosis.endpoint=death",
    "prognosis.endpoint=invasive_ventilation",
    "prognosis.entry=registration",
    "prognosis.entry=diagnosis",
    "prognosis.origin=diagnosis",
    "prognosis.origin=onset",
    "prognosis.until",
    by=Evidence.REFERENCE,
)
@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(
    rows=people(),
    endpoint=st.sampled_from([("death",), ("death", "invasive_ventilation"), ("invasive_ventilation",)]),
    entry=st.sampled_from(["registration", "diagnosis"]),
    origin=st.sampled_from(["diagnosis", "onset"]),
    until=NEAR | st.just(date(2020, 1, 1)),
)
def test_follow_up_is_what_the_reference_walks_through(
    engine: Engine, rows: dict[str, Any], endpoint: tuple[str, ...], entry: str, origin: str, until: date
) -> None:
    asked = {"endpoint": endpoint, "entry": entry, "origin": origin, "until": until}
    made = unchecked_nation(rows, engine=engine)
    described = study(**asked)
    try:
        cases = find_cases(made.registers, described.case_definition)
    except DesignError:
        return
    expected = {}
    for case in cases.table.to_pylist():
        try:
            expected[case["person_id"]] = follow(made.rows, case["person_id"], case["index_date"], **asked)
        except Lost:
            continue
    try:
        found = find_followup(made.registers, described.course, cases)
    except DesignError:
        assert not expected
        return
    events = ("", *found.causes)
    assert {
        row["person_id"]: Followed(row["start"], row["stop"], events[row["event"]]) for row in found.table.to_pylist()
    } == expected
    last = found.attrition.to_pylist()[-1]
    assert (last["part"], last["remaining"]) == ("prognosis", len(expected))


@shows("prognosis.time_varying=true", by=Evidence.REFERENCE)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 8), st.integers(0, 2), st.none() | st.integers(-3, 16)), min_size=1
    )
)
def test_pieces_are_the_days_of_the_reference(rows: list[tuple[int, int, int, int | None]]) -> None:
    start = np.array([r[0] for r in rows])
    stop = start + np.array([r[1] for r in rows])
    event = np.array([r[2] for r in rows])
    change = np.array([np.nan if r[3] is None else r[3] for r in rows])
    pieces = split_followup(start, stop, event, change)
    found: list[list[tuple[int, int, int, bool]]] = [[] for _ in rows]
    for row, *piece in zip(pieces.row, pieces.start, pieces.stop, pieces.event, pieces.after, strict=True):
        begin, end, what, after = piece
        found[row].append((int(begin), int(end), int(what), bool(after)))
    assert found == [split(a, b, e, r[3]) for a, b, e, r in zip(start, stop, event, rows, strict=True)]


@shows(
    "DiagnosticCode=entered after diagnosis",
    "DiagnosticCode=median days from diagnosis to entry",
    "DiagnosticCode=follow-up ends with the period",
    "NoteCode=until",
    "NoteCode=out of",
    by=Evidence.OUTSIDE,
)
def test_how_long_patients_wait_and_where_follow_up_ends_is_told(engine: Engine) -> None:
    people = nation(
        f"""
        soon   f 1950-01-01 {HERE} als 2015-06-01 registered 2015-06-01
        late   f 1950-01-01 {HERE} als 2015-06-01 registered 2015-06-21
        later  f 1950-01-01 {HERE} als 2015-06-01 registered 2015-07-01
        never  f 1950-01-01 {HERE} als 2015-06-01
        """,
        engine=engine,
    )
    told = {row.code: row for row in followed(people, study(endpoint=["death"])).diagnostics}
    assert told[DiagnosticCode.DAYS_TO_ENTRY].value == 20
    late = told[DiagnosticCode.ENTERED_LATE]
    assert (late.value, list(late.notes)) == (2, [note(NoteCode.OUT_OF, of=3, who="patients")])
    assert not told[DiagnosticCode.DAYS_TO_ENTRY].notes
    ends = told[DiagnosticCode.FOLLOW_UP_ENDS_WITH_PERIOD]
    assert (ends.value, list(ends.notes)) == (None, [note(NoteCode.UNTIL, day="2018-01-01")])
    until = followed(people, study(endpoint=["death"], until=date(2017, 1, 1)))
    assert DiagnosticCode.FOLLOW_UP_ENDS_WITH_PERIOD not in {row.code for row in until.diagnostics}
    at_once = {row.code: row for row in followed(people, study(endpoint=["death"], entry="diagnosis")).diagnostics}
    assert at_once[DiagnosticCode.ENTERED_LATE].value == at_once[DiagnosticCode.DAYS_TO_ENTRY].value == 0
    assert list(at_once[DiagnosticCode.ENTERED_LATE].notes) == [note(NoteCode.OUT_OF, of=4, who="patients")]
