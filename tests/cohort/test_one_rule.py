"""One birthday and one onset, in every room that asks for an age or an onset."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.calendar import birthday, born_by, completed_years
from riskset.cohort.anchor import anchor_sets
from riskset.cohort.audit.checks import look_up
from riskset.cohort.cases import CaseList, find_cases
from riskset.cohort.eligibility import rules_of
from riskset.cohort.followup import find_followup
from riskset.cohort.incidence import find_person_years
from riskset.errors import DesignError
from riskset.exposure.at_diagnosis import describe_patients
from riskset.exposure.covariates import measure_covariates
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.spec import Cases as FirstEvent
from riskset.spec import Eligibility, Event, Period, PopulationControls, Study
from riskset.spec.models import Prognosis
from tests.reference.cohort import age as birthdays_come
from tests.shown import Evidence, shows

DAYS = st.dates(date(1890, 1, 1), date(2090, 1, 1))
LEAP = st.sampled_from([date(year, 2, 29) for year in range(1892, 2090, 4) if year != 1900])
ICD = Event(icd10=("G12.2",))


@given(DAYS | LEAP, DAYS | LEAP, st.integers(0, 120))
def test_a_birthday_has_come_when_the_age_is_reached(born: date, day: date, years: int) -> None:
    one, on = np.datetime64(born), np.datetime64(day)
    reached = birthday(one, years) <= on
    assert reached == (completed_years(one, on) >= years)
    assert reached == (one <= born_by(on, years))
    if born <= day:
        assert completed_years(one, on) == birthdays_come(born, day)


def _registers(born: list[date], engine: Engine) -> Registers:
    ids = [f"{i:04}" for i in range(len(born))]
    person = pa.table({"person_id": ids, "sex": ["female"] * len(ids), "birth_date": pa.array(born, pa.date32())})
    residence = pa.table(
        {
            "person_id": ids,
            "start": pa.array(born, pa.date32()),
            "stop": pa.nulls(len(ids), pa.date32()),
        }
    )
    diagnosis = pa.table({"person_id": ids[:0], "date": pa.array([], pa.date32()), "system": ids[:0], "code": ids[:0]})
    diagnosis = diagnosis.append_column("source", pa.array([], pa.string()))
    return Registers.from_tables(
        {"person": person, "residence": residence, "diagnosis": diagnosis}, engine=engine, remarks=False
    )


@shows("eligibility.age", "covariate=age", by=Evidence.REFERENCE)
@pytest.mark.parametrize("year", [2023, 2024])
def test_rooms_agree_on_who_has_an_age(year: int) -> None:
    """Sampler, incidence, covariates and audit, for births and days around 29 February."""
    born = [date(y, 2, 26) + timedelta(days=i) for y in (2003, 2004, 2005, 1960) for i in range(6)]
    low, high = 19, 62
    with Engine() as engine:
        registers = _registers(born, engine)
        for day in (date(year, 2, 26) + timedelta(days=i) for i in range(6)):
            study = Study(
                name="one day",
                period=Period(start=day, stop=day + timedelta(days=1)),
                eligibility=Eligibility(age=(low, high), run_in="0d"),
                cases=FirstEvent(first=ICD, free_of=(ICD,)),
                controls=(PopulationControls(),),
            )
            person = np.arange(1, len(born) + 1)
            dates = np.full(len(born), np.datetime64(day))
            expected = [low <= birthdays_come(b, day) <= high for b in born]

            rules = rules_of(registers, study.eligibility)
            rows = pa.table(
                {
                    "person_id": person,
                    "index_date": pa.array(dates),
                    "birth_date": pa.array(born, pa.date32()),
                    "since": pa.array(born, pa.date32()),
                }
            )
            bounds = rules.bounds(dates)
            for name in bounds.column_names:
                rows = rows.append_column(name, bounds[name])
            met = engine.collect(rules.eligible(engine.load("rows", rows)))["person_id"].to_pylist()
            assert sorted(met) == [p for p, old in zip(person.tolist(), expected, strict=True) if old]

            audited = look_up(registers, study.at_risk, person, dates).broken[0].who
            assert (~audited).tolist() == expected

            age = measure_covariates(
                registers,
                rows.select(["person_id", "index_date"]),
                ["age"],
                study.covariates,
                most_levels=study.most_levels,
            )["age"]
            assert [low <= int(a) <= high for a in age.to_pylist()] == expected

            years = find_person_years(registers, study.at_risk)
            days = sum(round(y * 365.25) for y in years["person_years"].to_pylist())
            assert days == sum(expected)


def _with_onsets(engine: Engine, items: list[tuple[str, str, str]]) -> Registers:
    """Ann, ill on 2015-06-01, and her items: register, name, day."""
    person = {"person_id": ["ann"], "sex": ["female"], "birth_date": [date(1950, 1, 1)]}
    residence = {"person_id": ["ann"], "start": [date(1950, 1, 1)], "stop": pa.nulls(1, pa.date32())}
    diagnosis = {"person_id": ["ann"], "date": [date(2015, 6, 1)], "system": ["icd10"], "code": ["G122"]}
    named = {
        "person_id": ["ann"] * len(items),
        "registry": [item[0] for item in items],
        "name": [item[1] for item in items],
        "date": [date.fromisoformat(item[2]) for item in items],
    }
    death = {"person_id": ["ann"], "date": [date(2018, 1, 1)]}
    tables = {
        "person": pa.table(person),
        "residence": pa.table(residence),
        "diagnosis": pa.table(diagnosis | {"source": ["inpatient"]}),
        "registry_item": pa.table(named),
        "death": pa.table(death),
    }
    return Registers.from_tables(tables, engine=engine, tolerance=1.0, remarks=False)


def _study(registry: str | None = None) -> Study:
    return Study(
        name="onset",
        period=Period(start=date(2015, 1, 1), stop=date(2020, 1, 1)),
        eligibility=Eligibility(run_in="0d"),
        cases=FirstEvent(first=ICD, free_of=(ICD,)),
        controls=(PopulationControls(),),
        anchor="onset",
        prognosis=Prognosis(endpoint=("death",), origin="onset", entry="diagnosis", registry=registry),
    )


def _onsets(registers: Registers, study: Study) -> dict[str, Any]:
    """The onset as each room has it."""
    cases: CaseList = find_cases(registers, study.case_definition)
    sets = cases.table.select(["person_id", "index_date"])
    sets = sets.append_column("comparison", pa.array(["population"])).append_column("set_id", pa.array([1]))
    anchored, _ = anchor_sets(
        registers, sets.append_column("case", pa.array([True])), study.anchor, study.quality_register
    )
    delay = describe_patients(
        registers,
        sets.select(["person_id", "index_date"]),
        ["diagnostic_delay"],
        register=study.quality_register,
        most_levels=9,
    )
    months = delay["diagnostic_delay"].to_pylist()[0]
    return {
        "anchor": anchored["anchor_date"].to_pylist()[0],
        "origin": find_followup(registers, study.course, cases).table["origin"].to_pylist()[0],
        "delay": date(2015, 6, 1) - timedelta(days=round(months * 365.25 / 12)),
    }


@shows(
    "study.anchor=onset",
    "prognosis.registry",
    "prognosis.origin=onset",
    "covariate=diagnostic_delay",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize("registry", [None, "mnd", "als"])
def test_rooms_agree_on_the_onset(registry: str | None) -> None:
    items = [("mnd", "onset_date", "2014-06-01"), ("mnd", "onset_date", "2014-03-01")]
    if registry:
        items += [("als", "onset_date", "2013-01-01")]
    with Engine() as engine:
        found = _onsets(_with_onsets(engine, items), _study(registry))
    assert set(found.values()) == {date(2013, 1, 1) if registry == "als" else date(2014, 3, 1)}


@shows("prognosis.registry", by=Evidence.REFUSED)
def test_of_several_registers_with_an_onset_one_must_be_named_everywhere() -> None:
    items = [("mnd", "onset_date", "2014-06-01"), ("als", "onset_date", "2013-01-01")]
    with Engine() as engine:
        registers, study = _with_onsets(engine, items), _study()
        cases = find_cases(registers, study.case_definition)
        sets = cases.table.select(["person_id", "index_date"])
        sets = sets.append_column("comparison", pa.array(["population"])).append_column("set_id", pa.array([1]))
        sets = sets.append_column("case", pa.array([True]))
        patients = sets.select(["person_id", "index_date"])
        for ask in (
            lambda: anchor_sets(registers, sets, study.anchor, study.quality_register),
            lambda: find_followup(registers, study.course, cases),
            lambda: describe_patients(
                registers, patients, ["diagnostic_delay"], register=study.quality_register, most_levels=9
            ),
        ):
            with pytest.raises(DesignError, match="several registers all hold onset date"):
                ask()
        alone = study.model_copy(update={"prognosis": None})
        with pytest.raises(DesignError, match=r"under \[prognosis\], or let the cases come from it"):
            anchor_sets(registers, sets, alone.anchor, alone.quality_register)
