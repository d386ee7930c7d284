"""A register or a diagnosis that a study misspells is told, with those that there are."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pytest

from riskset.audited import audit_study
from riskset.cohort import named
from riskset.cohort.cases import find_cases
from riskset.cohort.named import refuse_unnamed
from riskset.errors import DesignError
from riskset.microdata import FEWEST
from riskset.registers.registers import Registers
from riskset.run import run_study
from riskset.spec import Study
from riskset.spec.from_toml import parse
from riskset.stages import cases_of
from riskset.steps import sample_sets
from riskset.storage.stage_cache import Stages
from tests.registers.delivery import arrow

PERSONS = [f"p{i}" for i in range(12)]


@pytest.fixture(scope="module")
def registers() -> Registers:
    """Twelve persons, diagnosed in 2016: six with ALS, five with PLS, one with a diagnosis of their own.

    A second register has `diagnos` for its item, and rows of the first `onset_date` in two other spellings. Of six who
    were diagnosed in 2001 the last stands in a register whose name is nobody else's, and so does the name of one
    measurement.
    """
    diagnoses = ["ALS"] * 6 + ["PLS"] * 5 + ["a rare one"]
    n = len(PERSONS)
    items = {"registry": ["mnd"] * n, "name": ["diagnosis"] * n, "text": diagnoses}
    measured = [("alsfrs_r", 40.0, PERSONS[:FEWEST]), ("fvc", 80.0, PERSONS[:FEWEST]), ("own test", 1.0, PERSONS[:1])]
    other = {"registry": ["ms"], "name": ["diagnosis"], "text": ["MS"]}
    tables: dict[str, pa.Table] = {
        "person": arrow(person_id=PERSONS, sex=["female"] * n, birth_date=["1950-01-01"] * n),
        "residence": arrow(person_id=PERSONS, start=["1950-01-01"] * n, stop=["2100-01-01"] * n),
        "registry_item": pa.concat_tables(
            [
                arrow(person_id=PERSONS, date=["2016-01-01"] * n, **items),
                *(arrow(person_id=[f"p{i}"], date=["2001-01-01"], **other) for i in range(FEWEST)),
                *(
                    arrow(person_id=[f"p{i}"], date=["2001-01-01"], registry=["odd"], name=["diagnos"], text=["MS"])
                    for i in range(FEWEST)
                ),
                *(
                    arrow(person_id=["p1"], date=["2001-01-01"], registry=["mnd"], name=[name], text=["x"])
                    for name in ("onset-date", "onsetdate")
                ),
                arrow(person_id=["p9"], date=["2001-01-01"], **{**other, "registry": ["of one person"]}),
            ]
        ),
        "procedure": arrow(
            person_id=PERSONS[:1], date=["2016-03-01"], system=["nomesco"], code=["invasive-ventilation"]
        ),
        "diagnosis": arrow(
            person_id=PERSONS[:1], date=["2001-01-01"], system=["icd10"], code=["G122"], source=["inpatient"]
        ),
        "measurement": pa.concat_tables(
            arrow(person_id=who, date=["2016-02-01"] * len(who), name=[name] * len(who), value=[value] * len(who))
            for name, value, who in measured
        ),
    }
    return Registers.from_tables(tables)


def study(first: dict[str, Any], **more: Any) -> Study:
    cases = {"first": first, **({"free_of": more.pop("free_of")} if "free_of" in more else {})}
    plain = {"name": "x", "period": {"start": "2015-01-01", "stop": "2018-01-01"}, "cases": cases}
    return parse(Study, {**plain, "controls": [{"kind": "population"}], "eligibility": {"run_in": "0d"}, **more})


def test_the_right_names_find_their_cases(registers: Registers) -> None:
    assert len(cases_of(registers, study({"registry": "mnd"}))) == 12
    assert len(cases_of(registers, study({"registry": "mnd", "diagnosis": ["ALS", "none such"]}))) == 6


@pytest.mark.parametrize(
    ("described", "says"),
    [
        (
            study({"registry": "mdn", "diagnosis": ["ALS"]}),
            "cases.first.registry: there is no quality register 'mdn'; did you mean 'mnd'? There are mnd, ms, odd.",
        ),
        (
            study({"registry": "mnd"}, free_of=[{"registry": "Mnd"}]),
            "cases.free_of[0].registry: there is no quality register 'Mnd'; did you mean 'mnd'? There are mnd, ms, "
            "odd.",
        ),
        (
            study({"registry": "mnd"}, eligibility={"washout": [{"event": {"registry": "x"}}]}),
            "eligibility.washout[0].event.registry: there is no quality register 'x'; there are mnd, ms, odd.",
        ),
        (
            study({"registry": "mnd"}, prognosis={"endpoint": ["death"], "registry": "MND"}),
            "prognosis.registry: there is no quality register 'MND'; did you mean 'mnd'? There are mnd, ms, odd.",
        ),
        (
            study({"registry": "mnd", "diagnosis": ["als"]}),
            # the one that a single person has is not told
            "cases.first.diagnosis: nobody in the register mnd has the diagnosis 'als'; did you mean 'ALS'? There are "
            "ALS, PLS.",
        ),
        (
            study({"registry": "mnd", "diagnosis": ["none such"]}),
            "cases.first.diagnosis: no case is left after the rule 'persons with the event': nobody in the register "
            "mnd has the diagnosis 'none such'; there are ALS, PLS.",
        ),
        (
            # beside one that there is, it would leave its patients out
            study({"registry": "mnd", "diagnosis": ["ALS", "pls"]}),
            "cases.first.diagnosis: nobody in the register mnd has the diagnosis 'pls'; did you mean 'PLS'? There are "
            "ALS, PLS.",
        ),
        (
            study({"icd10": ["G12"]}, free_of=[{"registry": "mnd", "diagnosis": ["Als"]}]),
            "cases.free_of[0].diagnosis: nobody in the register mnd has the diagnosis 'Als'; did you mean 'ALS'? There "
            "are ALS, PLS.",
        ),
        (
            study({"registry": "mnd"}, prognosis={"endpoint": ["death"], "marker": "alsfrsr"}),
            "prognosis.marker: there is no measurement 'alsfrsr'; did you mean 'alsfrs_r'? There are alsfrs_r, fvc.",
        ),
        (
            # five have PLS, and another text is no name
            study({"registry": "mnd"}, eligibility={"washout": [{"event": {"registry": "mnd", "diagnosis": ["PSL"]}}]}),
            "eligibility.washout[0].event.diagnosis: nobody in the register mnd has the diagnosis 'PSL'; did you mean "
            "'PLS'? There are ALS, PLS.",
        ),
        (
            study({"registry": "mnd"}, free_of=[{"registry": "mnd", "diagnosis": ["a rare on"]}]),
            # whom a single person has is not told
            "cases.free_of[0].diagnosis: nobody in the register mnd has the diagnosis 'a rare on'; few have one that "
            "is spelt much like it: see what the column text of its diagnoses holds.",
        ),
        (
            study({"registry": "mnd"}, free_of=[{"registry": "odd"}]),
            "cases.free_of[0].registry: the register odd has no item diagnosis; the only one is diagnos; say what they "
            "mean under values of name in sources.toml.",
        ),
        (
            study({"registry": "mnd"}, prognosis={"endpoint": ["death"], "entry": "diagnosis", "origin": "onset"}),
            "prognosis.origin: no row of registry_item has the name 'onset_date'; there is 'onset-date' and "
            "'onsetdate'; say what they mean under values of name in sources.toml.",
        ),
        (
            study({"registry": "mnd"}, prognosis={"endpoint": ["death", "invasive_ventilation"], "entry": "diagnosis"}),
            "prognosis.endpoint: no row of procedure has the code 'invasive_ventilation'; there is "
            "'invasive-ventilation'; say what they mean under values of code in sources.toml.",
        ),
        (
            study({"icd10": ["G12"], "source": ["registry", "death"]}),
            "cases.first.source: no diagnosis is from the source 'registry' or 'death'; the only one is inpatient.",
        ),
        (
            study(
                {"registry": "mnd"},
                covariates=[{"kind": "diagnosis", "name": "x", "icd10": ["F32"], "source": ["outpatient"]}],
            ),
            "covariates[0].source: no diagnosis is from the source 'outpatient'; the only one is inpatient.",
        ),
        (
            study({"registry": "mnd"}, prognosis={"endpoint": ["death"], "marker": "height", "adjust": ["bmi"]}),
            "2 problems:\n1. prognosis.marker: there is no measurement 'height'; there are alsfrs_r, fvc.\n"
            "2. prognosis.adjust bmi: there is no measurement 'bmi'; there are alsfrs_r, fvc.",
        ),
    ],
)
def test_a_misspelt_name_is_told(registers: Registers, described: Study, says: str) -> None:
    with pytest.raises(DesignError) as told:
        run_study(described, registers)
    assert str(told.value) == says


def test_several_are_told_at_once(registers: Registers) -> None:
    with pytest.raises(DesignError) as told:
        refuse_unnamed(registers, study({"registry": "a"}, free_of=[{"registry": "b"}]))
    assert [one.where for one in told.value.each] == ["cases.first.registry", "cases.free_of[0].registry"]


def test_a_run_tells_it_before_anything_is_computed(registers: Registers) -> None:
    """The marker is needed in the last stage only."""
    asked = study({"registry": "mnd"}, prognosis={"endpoint": ["death"], "entry": "diagnosis", "marker": "alsfrsr"})
    begun: list[str] = []
    with pytest.raises(DesignError, match=r"^prognosis\.marker: there is no measurement 'alsfrsr'; did you mean"):
        run_study(asked, registers, stages=Stages(say=begun.append))
    assert begun == []


def test_a_diagnosis_that_a_single_person_has_is_there(registers: Registers) -> None:
    """It is no misspelling of one that is more frequent, and that others share is not asked."""
    asked = study({"registry": "mnd"}, free_of=[{"registry": "mnd", "diagnosis": ["a rare one"]}])
    assert len(find_cases(registers, asked.case_definition)) == 12


def test_one_source_of_several_is_enough(registers: Registers) -> None:
    asked = study({"registry": "mnd"}, free_of=[{"icd10": ["G12"], "source": ["inpatient", "death"]}])
    assert len(find_cases(registers, asked.case_definition)) == 12


@pytest.mark.parametrize("shared", [True, False])
def test_a_text_that_is_no_name_hides_no_near_spelling(shared: bool) -> None:
    """Of twelve, six have PLS and the others a text that no message may tell."""
    texts = ["PLS"] * 6 + ["19500101-1234"] * 6 if shared else ["PLS"] * 2 + ["ALS"] * 10
    n = len(PERSONS)
    held = Registers.from_tables(
        {
            "person": arrow(person_id=PERSONS, sex=["female"] * n, birth_date=["1950-01-01"] * n),
            "residence": arrow(person_id=PERSONS, start=["1950-01-01"] * n, stop=["2100-01-01"] * n),
            "registry_item": arrow(
                person_id=PERSONS, date=["2016-01-01"] * n, registry=["mnd"] * n, name=["diagnosis"] * n, text=texts
            ),
        }
    )
    with pytest.raises(DesignError) as told:
        refuse_unnamed(held, study({"registry": "mnd"}, free_of=[{"registry": "mnd", "diagnosis": ["PSL"]}]))
    assert told.value.remedy.startswith("did you mean 'PLS'?" if shared else "few have one that is spelt much like it")
    assert "1950" not in str(told.value)


@pytest.mark.parametrize("door", [run_study, sample_sets, lambda study, registers: audit_study(registers, study)])
def test_each_door_tells_it_once_and_first(
    registers: Registers, door: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = study({"registry": "mnd"}, free_of=[{"registry": "odd"}])
    counted: list[object] = []
    scan = named.names_wanted
    monkeypatch.setattr(named, "names_wanted", lambda study: counted.append(study) or scan(study))
    with pytest.raises(DesignError, match="the register odd has no item diagnosis"):
        door(asked, registers)
    assert len(counted) == 1
    counted.clear()
    with suppress(DesignError):
        door(study({"registry": "mnd"}), registers)
    assert len(counted) == 1
