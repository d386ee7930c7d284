"""What patients were like at diagnosis, and when they qualified, on people made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from riskset.exposure.at_diagnosis import describe_patients
from riskset.exposure.splitting import find_changes
from riskset.registers.engine import Engine
from riskset.spec.measures import AtcCodes, Ever, Exposure
from riskset.spec.study import Study
from tests.people import Nation, nation
from tests.shown import Evidence, shows

STUDY = Study.model_validate(
    {
        "name": "made",
        "period": {"start": date(2015, 1, 1), "stop": date(2018, 1, 1)},
        "cases": {"first": {"registry": "mnd"}},
        "controls": [{"kind": "population"}],
        "prognosis": {"endpoint": ["death"]},
    }
)
NAMES = ("age", "bmi", "bmi_prediagnostic", "onset_site", "diagnostic_delay")
LIVES = "lives 1990-01-01..2030-01-01 als 2015-06-01"


def patients(people: Nation) -> pa.Table:
    """Everyone, in the reverse order of their ids: what comes back is in the order of what was asked."""
    ids = sorted(people.ids.values(), reverse=True)
    day = np.full(len(ids), np.datetime64("2015-06-01", "D"))
    columns = {"person_id": pa.array(ids), "index_date": pa.array(day), "origin": pa.array(day)}
    return pa.table(columns | {"stop": pa.array([100] * len(ids))})


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(threads=1) as opened:
        yield opened


@pytest.fixture
def described(engine: Engine) -> dict[str, dict[str, object]]:
    people = nation(
        f"""
        ann f 1950-06-01 {LIVES} onset 2014-06-01 onset 2014-12-01 site bulbar 2015-07-01 site spinal 2015-08-01
        bo  f 1950-06-01 {LIVES} onset 2015-06-02 measured bmi 20 2015-05-31 measured bmi 21 2015-06-02
        cai f 1950-06-01 {LIVES} measured bmi 22 2015-11-28 measured bmi 23 2015-11-29
        dag f 1950-06-01 {LIVES} measured bmi 24 2015-11-29 measured bmi_prediagnostic 30 2015-06-01
        eva f 1950-06-01 {LIVES} measured bmi_prediagnostic 28 2010-01-01 measured bmi_prediagnostic 27 2015-05-31
        """,
        engine=engine,
    )
    rows = describe_patients(
        people.registers, patients(people), NAMES, register=None, most_levels=STUDY.most_levels
    ).to_pylist()
    return {people.names[row["person_id"]]: row for row in rows}


@shows(
    "covariate=bmi",
    "covariate=bmi_prediagnostic",
    "covariate=onset_site",
    "covariate=diagnostic_delay",
    by=Evidence.OUTSIDE,
)
def test_each_covariate_by_its_rule(described: dict[str, dict[str, object]]) -> None:
    assert list(described) == ["eva", "dag", "cai", "bo", "ann"]
    assert {name: row["age"] for name, row in described.items()} == dict.fromkeys(described, 65.0)
    assert {name: row["bmi"] for name, row in described.items()} == {
        "ann": None,
        "bo": 20.0,  # of two as near, the earlier
        "cai": 22.0,  # 180 days after
        "dag": None,  # 181 days after
        "eva": None,
    }
    before = {name: row["bmi_prediagnostic"] for name, row in described.items()}
    assert before == {"ann": None, "bo": None, "cai": None, "dag": None, "eva": 27.0}
    assert {name: row["onset_site"] for name, row in described.items() if row["onset_site"]} == {"ann": "bulbar"}
    assert described["ann"]["diagnostic_delay"] == pytest.approx(365 / (365.25 / 12))
    assert described["bo"]["diagnostic_delay"] is None  # onset after diagnosis


@shows("prognosis.time_varying=true", by=Evidence.OUTSIDE)
def test_the_qualifying_date_before_the_end_of_follow_up(engine: Engine) -> None:
    people = nation(
        f"""
        ann f 1950-06-01 {LIVES} takes N05BA01 2014-01-01 takes N05BA01 2015-07-01
        bo  f 1950-06-01 {LIVES} takes N05BA01 2015-07-01 takes N05BA01 2015-09-08   # the last day of follow-up
        cai f 1950-06-01 {LIVES} takes N05BA01 2015-07-01 takes N05BA01 2015-09-09   # the day after
        dag f 1950-06-01 {LIVES} takes N05BA01 2015-07-01
        """,
        engine=engine,
    )
    exposure = Exposure(name="anxiolytics", codes=AtcCodes(atc=("N05B",)), at_least=2, measures=(Ever(),))
    found = find_changes(people.registers, patients(people), [exposure])["anxiolytics"]
    names = [people.names[number] for number in patients(people)["person_id"].to_pylist()]
    assert dict(zip(names, found.astype(str), strict=True)) == {
        "ann": "2015-07-01",
        "bo": "2015-09-08",
        "cai": "NaT",
        "dag": "NaT",
    }
