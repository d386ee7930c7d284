"""A register or a diagnosis that a study misspells is told, with those that there are."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from riskset.errors import DesignError
from riskset.microdata import FEWEST
from riskset.registers.registers import Registers
from riskset.run import run_study
from riskset.spec import Study
from riskset.spec.from_toml import parse
from riskset.stages import cases_of
from riskset.storage.stage_cache import Stages
from tests.registers.delivery import arrow

PERSONS = [f"p{i}" for i in range(12)]


@pytest.fixture(scope="module")
def registers() -> Registers:
    """Twelve persons, diagnosed in 2016: six with ALS, five with PLS, one with a diagnosis of their own.

    Of six who were diagnosed in 2001 the last stands in a register whose name is nobody else's, and so does the
    name of one measurement.
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
                arrow(person_id=["p9"], date=["2001-01-01"], **{**other, "registry": ["of one person"]}),
            ]
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
            "cases.first.registry: there is no quality register 'mdn'; did you mean 'mnd'? There are mnd, ms.",
        ),
        (
            study({"registry": "mnd"}, free_of=[{"registry": "Mnd"}]),
            "cases.free_of[0].registry: there is no quality register 'Mnd'; did you mean 'mnd'? There are mnd, ms.",
        ),
        (
            study({"registry": "mnd"}, eligibility={"washout": [{"event": {"registry": "x"}}]}),
            "eligibility.washout[0].event.registry: there is no quality register 'x'; there are mnd, ms.",
        ),
        (
            study({"registry": "mnd"}, prognosis={"endpoint": ["death"], "registry": "MND"}),
            "prognosis.registry: there is no quality register 'MND'; did you mean 'mnd'? There are mnd, ms.",
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
            study({"registry": "mnd"}, prognosis={"endpoint": ["death"], "marker": "height", "adjust": ["bmi"]}),
            "2 problems:\n1. prognosis.marker: there is no measurement 'height'; there are alsfrs_r, fvc.\n"
            "2. prognosis.adjust bmi: there is no measurement 'bmi'; there are alsfrs_r, fvc.",
        ),
    ],
)
def test_a_misspelt_name_is_told(registers: Registers, described: Study, says: str) -> None:
    with pytest.raises(DesignError) as told:
        cases_of(registers, described)
    assert str(told.value) == says


def test_several_are_told_at_once(registers: Registers) -> None:
    with pytest.raises(DesignError) as told:
        cases_of(registers, study({"registry": "a"}, free_of=[{"registry": "b"}]))
    assert [one.where for one in told.value.each] == ["cases.first.registry", "cases.free_of[0].registry"]


def test_a_run_tells_it_before_anything_is_computed(registers: Registers) -> None:
    """The marker is needed in the last stage only."""
    asked = study({"registry": "mnd"}, prognosis={"endpoint": ["death"], "entry": "diagnosis", "marker": "alsfrsr"})
    begun: list[str] = []
    with pytest.raises(DesignError, match=r"^prognosis\.marker: there is no measurement 'alsfrsr'; did you mean"):
        run_study(asked, registers, stages=Stages(say=begun.append))
    assert begun == []
