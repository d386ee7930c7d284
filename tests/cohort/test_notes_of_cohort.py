"""What is said of sets and of the follow-up as a whole: what their ratio estimates, and why a part is not made."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from riskset.analysis.whose_sets import comparisons_in
from riskset.cohort.cases import find_cases
from riskset.errors import DesignError
from riskset.registers.engine import Engine
from riskset.report.catalogue import ENGLISH
from riskset.results.notes import Note, NoteCode, note, read_notes
from riskset.results.vocabulary import DiagnosticCode
from riskset.spec.study import Study
from riskset.stages import find_sets, follow
from tests.people import Nation, nation, numbered_nation, read_people, unchecked_nation
from tests.shown import Evidence, shows

N = NoteCode
HOME = "lives 1990-01-01..2030-01-01"
POPULATION, SIBLINGS = {"kind": "population", "match": ["sex"]}, {"kind": "siblings"}
FAMILY = f"""
mum  f 1920-05-01
dad  m 1918-02-01
ann  f 1950-03-01 {HOME} als 2015-06-01 mother mum father dad
sis  f 1953-03-01 {HOME} mother mum father dad
lone f 1951-01-01 {HOME} als 2014-06-01
eve  f 1950-06-01 {HOME}
"""


def asked(*controls: dict[str, Any], **more: Any) -> Study:
    return Study.model_validate(
        {
            "name": "notes",
            "period": {"start": "2006-01-01", "stop": "2020-01-01"},
            "cases": {"first": {"registry": "mnd", "diagnosis": ["ALS"]}},
            "controls": controls,
        }
        | more
    )


def people_of(text: str, engine: Engine) -> Nation:
    """Their registers; through the checks of an import, which take a second, only where sets were given."""
    return nation(text, engine=engine) if "given" in text else unchecked_nation(read_people(text), engine=engine)


def not_made(table: pa.Table) -> dict[str, Note]:
    """Comparison → why it is not made, of the diagnostics of a stage."""
    rows = [row for row in table.to_pylist() if row["code"] == DiagnosticCode.NOT_MADE]
    told = {row["comparison"]: read_notes(row["notes"]) for row in rows}
    assert all(row["value"] is None for row in rows)
    assert all(len(notes) == 1 for notes in told.values())
    return {comparison: notes[0] for comparison, notes in told.items()}


def no_siblings(rule: str, **more: str) -> Note:
    return note(N.NO_RELATIVE_LEFT, rule=rule, comparison="siblings", kind="siblings", **more)


ALONE = FAMILY.replace("mother mum father dad", "")
COUNTIES = FAMILY.replace(HOME, f"{HOME} Visby", 1)
"""Of all people Ann alone has a known county."""


@shows(
    "DiagnosticCode=not made",
    "NoteCode=no relative left",
    "NoteCode=empty risk sets",
    "NoteCode=matching keys unknown",
    "NoteCode=no set given",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("people", "controls", "expected"),
    [
        pytest.param(FAMILY, (POPULATION, SIBLINGS), {}, id="both are made"),
        pytest.param(
            ALONE,
            (POPULATION, SIBLINGS),
            {"siblings": no_siblings("born since parents are registered", begins="")},
            id="nobody has a known parent",
        ),
        pytest.param(
            FAMILY.replace(f"sis  f 1953-03-01 {HOME} mother mum father dad", f"sis  f 1953-03-01 {HOME}"),
            (POPULATION, SIBLINGS),
            {"siblings": no_siblings("kin", relation="full sibling")},
            id="nobody has a sibling",
        ),
        pytest.param(
            FAMILY.replace("sis  f 1953-03-01", "sis  f 2015-12-01"),
            (POPULATION, SIBLINGS),
            {"siblings": no_siblings("born by the date", relation="full sibling")},
            id="the sibling is not yet born",
        ),
        pytest.param(
            FAMILY,
            (SIBLINGS, {"kind": "population", "match": ["county"]}),
            {"population": note(N.KEYS_UNKNOWN, keys="county")},
            id="no case has a known county",
        ),
        pytest.param(
            COUNTIES,
            (SIBLINGS, {"kind": "population", "match": ["sex", "county"]}),
            {"population": note(N.EMPTY_RISK_SETS)},
            id="nobody has the case's county",
        ),
        pytest.param(
            FAMILY + f"eva f 1950-01-01 {HOME} given 1 case 2015-06-01 given 2 control 2015-06-01\n",
            (SIBLINGS, {"kind": "given"}),
            {"given": note(N.NO_SET_GIVEN)},
            id="sets of no case of the study",
        ),
    ],
)
def test_why_a_comparison_is_not_made(
    engine: Engine, people: str, controls: tuple[dict[str, Any], ...], expected: dict[str, Note]
) -> None:
    study, made = asked(*controls), people_of(people, engine)
    cohort = find_sets(study, made.registers)
    assert not_made(cohort.diagnostics) == expected
    failures = {row["comparison"]: read_notes(row["notes"]) for row in cohort.failures.to_pylist()}
    assert failures == {comparison: (why,) for comparison, why in expected.items()}
    assert set(cohort.sets["comparison"].to_pylist()) == {c.comparison for c in study.controls} - expected.keys()


def test_where_no_comparison_is_made_the_error_is_the_note_in_words(engine: Engine) -> None:
    with pytest.raises(DesignError) as refused:
        find_sets(asked(SIBLINGS), people_of(ALONE, engine).registers)
    why = no_siblings("born since parents are registered", begins="")
    assert ENGLISH.note(why) in str(refused.value)


OF_FITS = {N.NO_LEVEL_TO_COMPARE, N.NOT_ESTIMABLE}
"""Why a model has no fit, which these few patients have not."""
PATIENT = f"ann f 1950-01-01 {HOME} als 2015-06-01 dies 2015-07-01"
BASE = {"endpoint": ["death"], "entry": "diagnosis"}


@shows(
    "DiagnosticCode=not made",
    "NoteCode=nobody followed",
    "NoteCode=no registration date",
    "NoteCode=no onset date",
    "NoteCode=several registers",
    "NoteCode=no such marker",
    "NoteCode=no endpoint",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("people", "prognosis", "why"),
    [
        pytest.param(PATIENT, {}, None, id="it is made"),
        pytest.param(
            f"{PATIENT}\nbea f 1950-01-01 {HOME} als 2015-06-01".replace("dies 2015-07-01", ""),
            {},
            note(N.NO_ENDPOINT, patients=2),
            id="all live",
        ),
        pytest.param(PATIENT, {"entry": "registration"}, note(N.NO_REGISTRATION_DATE), id="nobody is registered"),
        pytest.param(PATIENT, {"origin": "onset"}, note(N.NO_ONSET_DATE), id="nobody has an onset"),
        pytest.param(f"{PATIENT} onset 2014-06-01", {"origin": "onset"}, None, id="there is an onset"),
        pytest.param(
            PATIENT,
            {"until": date(2015, 6, 1)},
            note(N.NOBODY_FOLLOWED, rule="entry before the end of follow-up"),
            id="follow-up ends before it begins",
        ),
        pytest.param(
            f"{PATIENT} registered 2015-08-01",
            {"entry": "registration"},
            note(N.NOBODY_FOLLOWED, rule="alive at entry", entry="registration"),
            id="dead at registration",
        ),
        pytest.param(
            PATIENT,
            {"marker": "alsfrs_r"},
            note(N.NO_MARKER, marker="alsfrs_r", known=()),
            id="no score, and none is known that may be told",
        ),
    ],
)
def test_why_a_prognosis_is_not_made(engine: Engine, people: str, prognosis: dict[str, Any], why: Note | None) -> None:
    study = asked(POPULATION, prognosis=BASE | prognosis)
    made = people_of(people + f"\nzoe f 1950-01-01 {HOME} scores 40 2015-06-02\n", engine)
    found = follow(study, made.registers, find_cases(made.registers, study.case_definition))
    assert not_made(found.diagnostics) == ({"cases": why} if why else {})
    failed = [read_notes(row["notes"])[0] for row in found.failures.to_pylist()]
    assert [one for one in failed if one.code not in OF_FITS] == ([why] if why else [])


def in_two_registers(engine: Engine, second: str) -> Nation:
    """A case of the patient register with an onset in one quality register, and another person's in a second one."""
    return people_of(
        f"""
        ann f 1950-01-01 {HOME} diagnosis G122 2015-06-01 inpatient onset 2014-06-01 dies 2015-07-01
        eve f 1950-06-01 {HOME} {second}
        """,
        engine,
    )


@shows("NoteCode=several registers", by=Evidence.OUTSIDE)
def test_of_two_registers_with_onsets_one_must_be_named(engine: Engine) -> None:
    rows = in_two_registers(engine, "onset 2013-01-01").rows
    rows["registry_item"] = [
        row | {"registry": "other" if row["person_id"] == 2 else "mnd"} for row in rows["registry_item"]
    ]
    two = numbered_nation(rows, {"ann": 1, "eve": 2}, engine=engine, tag="two registers")
    made = {"two": two, "named": two, "one": in_two_registers(engine, "")}
    found = {}
    for name, people in made.items():
        prognosis = BASE | {"origin": "onset"} | ({"registry": "mnd"} if name == "named" else {})
        study = asked(POPULATION, cases={"first": {"icd10": ["G12.2"]}}, prognosis=prognosis)
        cases = find_cases(people.registers, study.case_definition)
        found[name] = not_made(follow(study, people.registers, cases).diagnostics)
    assert found["named"] == found["one"] == {}
    assert found["two"]["cases"].code is N.SEVERAL_REGISTERS
    assert found["two"]["cases"].arguments["item"] == "onset_date"


GIVEN = f"""
ann f 1950-03-01 {HOME} als 2015-06-01 given 10 case 2015-06-01
eve f 1950-01-01 {HOME} given 10 control
"""


@shows(
    "NoteCode=estimand",
    "NoteCode=sets given",
    "NoteCode=ages differ",
    "NoteCode=of the same cases",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("people", "controls", "expected"),
    [
        pytest.param(FAMILY, (POPULATION,), {"population": [note(N.ESTIMAND, what="hazard ratio")]}, id="drawn"),
        pytest.param(
            FAMILY,
            (POPULATION | {"replacement": False},),
            {"population": [note(N.ESTIMAND, what="approximate hazard ratio")]},
            id="each serves once",
        ),
        pytest.param(
            FAMILY,
            (POPULATION | {"caliper": "5y"},),
            {"population": [note(N.ESTIMAND, what="hazard ratio"), note(N.AGES_DIFFER, caliper="5y")]},
            id="by a caliper",
        ),
        pytest.param(
            GIVEN,
            ({"kind": "given"},),
            {"given": [note(N.ESTIMAND, what="hazard ratio"), note(N.SETS_GIVEN)]},
            id="given",
        ),
        pytest.param(
            FAMILY,
            (POPULATION, SIBLINGS),
            {
                "population": [note(N.ESTIMAND, what="hazard ratio")],
                "siblings": [note(N.ESTIMAND, what="within siblings", comparison="siblings", at="index date")],
                "population, cases with siblings": [
                    note(N.ESTIMAND, what="hazard ratio"), note(N.OF_SAME_CASES, comparison="siblings"),
                ],
            },
            id="relatives, and their cases' unrelated controls",
        ),
    ],
)  # fmt: skip
def test_what_the_ratio_of_each_comparison_estimates(
    engine: Engine, people: str, controls: tuple[dict[str, Any], ...], expected: dict[str, list[Note]]
) -> None:
    study = asked(*controls)
    cohort = find_sets(study, people_of(people, engine).registers)
    told = {one.label: list(one.estimand) for one in comparisons_in(study, cohort.sets, cohort.audit)}
    assert told == expected


def test_sets_that_were_not_audited_or_break_the_design_are_called_so(engine: Engine) -> None:
    study = asked({"kind": "given"})
    cohort = find_sets(study, nation(GIVEN, engine=engine).registers)
    (unaudited,) = comparisons_in(study, cohort.sets, None)
    assert unaudited.estimand == (note(N.ESTIMAND, what="not audited"),)
    ill = GIVEN.replace("given 10 control", "als 2014-06-01 given 10 control")
    broken = find_sets(study, nation(ill, engine=engine).registers)
    (compared,) = comparisons_in(study, broken.sets, broken.audit)
    assert {one.arguments["what"] for one in compared.estimand} == {"design broken"}
    assert N.SETS_GIVEN not in {one.code for one in compared.estimand}
