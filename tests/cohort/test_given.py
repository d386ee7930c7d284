"""Sets that an authority drew become sets of the study, and nobody who is in them is lost unseen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from riskset.cohort.audit import audit_sets
from riskset.cohort.cases import find_cases
from riskset.cohort.given import given_sets
from riskset.cohort.sampler import MatchedSets
from riskset.errors import DesignError, SourceError
from riskset.registers.engine import Engine
from riskset.report.catalogue import ENGLISH
from riskset.spec import needs, problems
from riskset.spec.design import GivenControls
from riskset.spec.study import Study
from tests.cohort.worked import HOME, Conformance
from tests.people import Nation, nation
from tests.registers.delivery import PERSON_MAP, broken, deliver, imported, rows
from tests.shown import Evidence, shows

TWO_SETS = f"""
bea f 1950-03-01 {HOME} als 2014-06-01 given 7 case 2014-06-01
ann f 1950-03-01 {HOME} als 2015-06-01 given 10 case 2015-06-01 given 7 control
eve f 1950-01-01 {HOME} given 10 control given 7 control
fay f 1950-01-01 {HOME} given 10 control
"""


def asked(**controls: object) -> Study:
    return Conformance("given", "", "", {}, {"controls": controls}, kind="given").asked()


def given(people: Nation, study: Study | None = None) -> MatchedSets:
    study = study or asked()
    (controls,) = study.controls
    assert isinstance(controls, GivenControls)
    return given_sets(
        people.registers, study.cases.first, controls, find_cases(people.registers, study.case_definition)
    )


@shows("given", by=Evidence.OUTSIDE)
def test_the_sets_are_those_that_population_controls_would_have(engine: Engine) -> None:
    matched = given(nation(TWO_SETS, engine=engine))
    columns = ["comparison", "set_id", "person_id", "case", "index_date", "relation", "sex", "birth_year"]
    assert matched.table.column_names == columns
    early, late = date(2014, 6, 1), date(2015, 6, 1)
    # the rank of (index date, person) is the number of a case: Bea's set is 1, whatever it was called
    assert [tuple(row.values())[:6] for row in matched.table.to_pylist()] == [
        ("given", 1, 2, True, early, "case"),
        ("given", 1, 1, False, early, "given"),
        ("given", 1, 3, False, early, "given"),
        ("given", 2, 1, True, late, "case"),
        ("given", 2, 3, False, late, "given"),
        ("given", 2, 4, False, late, "given"),
    ]
    assert set(matched.table["birth_year"].to_pylist()) == {1950}


@pytest.mark.parametrize(
    "again",
    [
        " given 7 case 2014-06-01 bea",
        " given 7 control eve",
        " given 7 control 2014-06-01 eve",  # the day that the other row has from its case
        " given 10 control fay",
    ],
)
def test_equal_rows_are_one_of_a_case_and_of_a_control(engine: Engine, again: str) -> None:
    *row, who = again.split(" ")
    lines = [line + " ".join(row) * line.startswith(who) for line in TWO_SETS.strip().splitlines()]
    people = nation("\n".join(lines), engine=engine)
    told = {"row of a set with a control twice": 4, "set with a control twice": 1} if "control" in again else {}
    assert broken(people.registers, "matched_set") == told
    matched = given(people)
    assert matched.frame_digest == given(nation(TWO_SETS, engine=engine)).frame_digest
    study = asked()
    audit = audit_sets(people.registers, study, matched.table, study.controls[0]).to_pylist()
    assert not [row for row in audit if row["verdict"] == "violation"]


def test_the_digest_is_that_of_the_sets_and_not_of_their_order(engine: Engine) -> None:
    lines = TWO_SETS.strip().splitlines()
    digest = given(nation(TWO_SETS, engine=engine)).frame_digest
    assert given(nation("\n".join(reversed(lines)), engine=engine)).frame_digest == digest
    without_fay = "\n".join(line.replace("given 10 control", "") if line[:3] == "fay" else line for line in lines)
    assert given(nation(without_fay, engine=engine)).frame_digest != digest


@shows(
    "AttritionRule=delivered sets",
    "AttritionRule=case not left out by the study",
    "AttritionRule=at least one control",
    by=Evidence.OUTSIDE,
)
def test_what_is_left_out_is_counted(engine: Engine) -> None:
    people = nation(
        TWO_SETS
        + f"""
        old f 1950-03-01 {HOME} als 2009-06-01 given 11 case
        sol f 1950-03-01 {HOME} als 2016-06-01 given 12 case
        gus m 1950-03-01 {HOME} given 11 control given 13 control 2014-06-01
        """,
        engine=engine,
    )
    assert broken(people.registers, "matched_set") == {
        "row of a set without a case": 1,
        "set without a case": 1,
        "row of a set without a control": 1,
        "set without a control": 1,
    }
    matched = given(people)
    counted = [(ENGLISH.rule(row), row["removed"], row["remaining"]) for row in matched.attrition.to_pylist()]
    assert counted == [
        ("delivered sets", 0, 4),
        ("the case is not left out by the study's period or eligibility", 1, 3),
        ("at least one control", 1, 2),
    ]
    assert {ENGLISH.part(row) for row in matched.attrition.to_pylist()} == {"given controls"}
    study = asked()
    audit = audit_sets(people.registers, study.case_definition, matched.table, study.controls[0]).to_pylist()
    found = {row["check"]: (row["count"], row["verdict"]) for row in audit if row["count"]}
    assert "set without a case" not in found
    assert found["case without a set"] == (1, "note")


def test_a_set_without_any_date_is_refused(engine: Engine) -> None:
    people = nation(
        TWO_SETS + f"zoe f 1950-03-01 {HOME} given 12 case\n yda f 1950-01-01 {HOME} given 12 control", engine=engine
    )
    with pytest.raises(SourceError, match=r"^matched_set.index_date: 1 sets have no date"):
        given(people)


def test_no_set_left_is_refused(engine: Engine) -> None:
    alone = f"ann f 1950-03-01 {HOME} als 2015-06-01 given A case"
    with pytest.raises(DesignError, match="no delivered set holds a control") as error:
        given(nation(alone, engine=engine))
    assert error.value.exit_code == 13


@shows("given", by=Evidence.REFUSED)
def test_the_table_must_be_delivered(engine: Engine) -> None:
    people = nation(f"ann f 1950-03-01 {HOME} als 2015-06-01", engine=engine)
    with pytest.raises(SourceError, match="no table 'matched_set'"):
        given(people)
    wanted = {(need.table, need.column) for need in needs(asked(match=["county"]))}
    assert {("matched_set", None), ("residence", "county")} <= wanted


def test_adjusting_for_what_given_controls_share_is_advised_against() -> None:
    study = Study.model_validate(
        asked().model_dump()
        | {
            "exposures": [{"name": "a", "codes": {"atc": ["N05B"]}, "measures": [{"kind": "ever"}]}],
            "models": [{"kind": "conditional logistic", "measure": "ever", "adjust": ["sex"]}],
        }
    )
    assert any("controls are matched on sex" in advice for advice in problems(study))


SETS_MAP = """
[files.sets]
path = "sets.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "matched_set"
file = "sets"
tolerance = 0.9
[tables.columns]
set_id = "fall"
person_id = "id"
case = { column = "typ", values = { F = "1", K = "0" } }
index_date = "dag"
"""


@shows("QualityRule=neither yes nor no", by=Evidence.OUTSIDE)
def test_an_import_maps_identifiers_and_leaves_the_rest_to_the_audit(tmp_path: Path) -> None:
    """Unknown persons and unreadable cells are set aside and counted; who should not be in a set stays to be seen."""
    sets = "fall;id;typ;dag\na;a;F;2015-01-31\na;b;K;2015-01-31\na;c;K;2015-01-31\nc;c;F;\n;a;K;2015-01-31\n"
    sets += "c;zz;K;2015-01-31\nc;a;X;2015-01-31\nc;b;K;31.1.2015\nc;;K;2015-01-31\n"
    registers = imported(deliver(tmp_path, PERSON_MAP + SETS_MAP, sets=sets), tmp_path / "store")
    day = date(2015, 1, 31)
    assert rows(registers, "matched_set") == sorted(
        [(1, 1, True, day), (1, 2, False, day), (1, 3, False, day), (2, 3, True, None)], key=repr
    )
    assert broken(registers, "matched_set") == {
        "set_id missing": 1,
        "person_id missing": 1,
        "person not in the person table": 1,
        "case neither yes nor no": 1,
        "index_date unreadable": 1,
        "row of a set without a control": 1,
        "set without a control": 1,
    }


def test_no_identifier_stays_in_a_label(tmp_path: Path) -> None:
    """A set called by its case's identifier is a number in the store."""
    sets = "fall;id;typ;dag\nSECRET;a;F;2015-01-31\nSECRET;b;K;2015-01-31\n"
    imported(deliver(tmp_path, PERSON_MAP + SETS_MAP, sets=sets), tmp_path / "store")
    tables = [pq.read_table(file) for file in (tmp_path / "store").rglob("*.parquet")]
    assert not [table for table in tables if "SECRET" in str(table.to_pydict())]
