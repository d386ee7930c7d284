"""The example of real people: dates become exact days, and the person-time is the published one."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow.compute as pc
import pyarrow.csv
import pytest

from riskset.registers.delivered.source import Sources
from riskset.registers.registers import Registers
from riskset.spec.study import Study
from tests.outside import DMLATE, deliver_dmlate, outside
from tests.registers.delivery import imported, named, rows


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Registers:
    folder = tmp_path_factory.mktemp("dmlate")
    return imported(Sources.load(deliver_dmlate(folder / "delivered")), folder / "store")


def test_every_row_is_kept(registers: Registers) -> None:
    quality = registers.quality.to_pylist()
    assert [(named(q), q["action"]) for q in quality if q["rows"]] == [
        ("no fact in the row", "left out as declared"),
        # Nobody was in the cohort before 1995, so that fewer died in its first year: a remark, nothing set aside.
        ("fewer rows in 1995 than in the years about it", "lacking"),
        ("no fact in the row", "left out as declared"),
        ("atc has fewer than seven characters", "kept"),
    ]
    counts = {name: registers.engine.collect(registers[name]).num_rows for name in registers.tables}
    assert (counts["person"], counts["residence"], counts["death"]) == (10_000, 10_000, 2_503)
    assert counts["dispensing"] == 1_791 + 5_497


def test_decimal_years_are_days_exactly(registers: Registers) -> None:
    delivered = pyarrow.csv.read_csv(outside("DMlate.csv"))
    for column, table, name in (("dobth", "person", "birth_date"), ("dodm", "residence", "start")):
        days = (delivered[column].to_numpy() - 1970) * 365.25
        whole = np.round(days).astype(int)
        assert np.abs(days - whole).max() < 1e-8
        expected = sorted(date(1970, 1, 1) + timedelta(days=int(d)) for d in whole)
        assert sorted(rows(registers, table, name)) == expected


def test_person_time_and_deaths_are_those_of_epis_vignette(registers: Registers) -> None:
    spells = registers.engine.collect(registers["residence"])
    # Epi counts from dodm to dox, so without the last day that the registers include.
    days = pc.subtract(spells["stop"].cast("int32"), pc.add(spells["start"].cast("int32"), 1)).to_numpy()
    assert round(float(days.sum()) / 365.25, 2) == 54_273.27
    at_once = set(spells["person_id"].filter(pc.equal(pyarrow.array(days), 0)).to_pylist())
    deaths = dict(rows(registers, "death", "person_id", "date"))
    entered = dict(rows(registers, "residence", "person_id", "start"))
    # Four die on the day of diagnosis: no time at risk by Epi's count, one day (that of death) by ours.
    assert len(at_once) == 4
    assert all(deaths[person] == entered[person] for person in at_once)
    assert len(deaths.keys() - at_once) == 2_499


def test_nobody_is_observed_after_death(registers: Registers) -> None:
    deaths = dict(rows(registers, "death", "person_id", "date"))
    stops = dict(rows(registers, "residence", "person_id", "stop"))
    assert all(stops[person] == day + timedelta(days=1) for person, day in deaths.items())


def test_the_study_of_the_example_is_a_study() -> None:
    study = Study.load(DMLATE / "study.toml")
    assert study.cases.first.death
    assert [e.at_least for e in study.exposures] == [1]
