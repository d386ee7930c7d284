"""The engine against the slow reference, on nations that Hypothesis makes to hit the boundaries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import HealthCheck, given, settings

from riskset.cohort.audit import audit_sets
from riskset.cohort.cases import CaseList, find_cases
from riskset.cohort.population import find_observation
from riskset.cohort.sampler import sample_population
from riskset.cohort.sampling_frame import find_risk_sets
from riskset.errors import DesignError
from riskset.registers.engine import Engine
from riskset.registers.observation import OBSERVATION, observe
from riskset.registers.registers import Registers
from riskset.spec.design import PopulationControls
from riskset.spec.study import Study
from tests.examples import examples
from tests.people import Nation, unchecked_nation
from tests.reference.cohort import Reference
from tests.shown import Evidence, shows

T = date(2016, 2, 29)
"""Most dates lie near this one or whole years from it: a leap day, so that calendar arithmetic is put to the test."""

NEAR = [T + timedelta(days=d) for d in (-366, -365, -364, -31, -2, -1, 0, 1, 2, 30, 365, 366)]
BIRTHS = [date(1951, 2, 28), date(1951, 3, 1), date(1952, 2, 29), date(1952, 3, 1), date(1998, 2, 28), date(1998, 3, 1)]
DISEASE = st.sampled_from(["ALS", "ALS", "PLS"])
CODE = st.sampled_from(["G122", "F32", "F321"])
COUNTIES = [None, "Uppsala", "Visby"]
ALWAYS = {"start": date(2000, 1, 1), "stop": date(2030, 1, 1), "county": "Visby"}
DESIGNS: list[dict[str, Any]] = [
    *({"match": match} for match in ((), ("sex",), ("sex", "birth_year"), ("county",), ("sex", "county"))),
    {"match": ("birth_year", "country_of_birth")},
    *({"match": ("sex",), "caliper": caliper} for caliper in ("0d", "1d", "6w", "1m", "1y", "60y")),
    {"match": (), "caliper": "1y"},
    {"match": ("county", "country_of_birth"), "caliper": "2y"},
    *({"match": ("history",), "history_cap": cap} for cap in ("1y", "10y", "50y")),
    {"match": ("sex", "history", "county")},
    {"match": ("history",), "caliper": "1y", "history_cap": "4y"},
]


def days() -> st.SearchStrategy[date]:
    return st.sampled_from([*NEAR, date(2015, 2, 28), date(2015, 3, 1), date(2010, 1, 1), date(2017, 3, 1)])


@st.composite
def residence(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Spells that touch, leave gaps, overlap, or come alone; some persons never live here."""
    far = st.sampled_from([date(2005, 1, 1), date(2020, 1, 1)])
    cuts = sorted(draw(st.lists(days() | far, max_size=5, unique=True)))
    spells = [(start, stop) for start, stop in pairwise(cuts) if draw(st.integers(0, 3))]
    if cuts and not draw(st.integers(0, 4)):
        spells = [(start, draw(st.sampled_from(cuts))) for start in cuts[:-1]]
    return [
        {"start": start, "stop": stop, "county": draw(st.sampled_from(COUNTIES))}
        for start, stop in spells
        if start < stop
    ]


@st.composite
def person(draw: st.DrawFn, name: str) -> dict[str, list[dict[str, Any]]]:
    often = st.integers(0, 2)
    rows: dict[str, list[dict[str, Any]]] = {
        "person": [
            {
                "person_id": name,
                "sex": draw(st.sampled_from(["female", "male"])),
                "birth_date": draw(st.sampled_from(BIRTHS)),
                "country_of_birth": draw(st.sampled_from([None, "Sweden", "Sweden", "Iran"])),
            }
        ],
        "residence": draw(residence())
        if draw(often)
        else [{"start": date(2000, 1, 1), "stop": date(2030, 1, 1), "county": "Visby"}],
        "death": [{"date": draw(days())}] if not draw(st.integers(0, 4)) else [],
        "registry_item": [
            {
                "registry": "mnd",
                "name": "diagnosis",
                "date": draw(days()),
                "text": draw(st.sampled_from(["ALS", "ALS", "PLS"])),
            }
            for _ in range(draw(often))
        ],
        "diagnosis": [
            {
                "system": "icd10",
                "date": draw(days()),
                "code": draw(st.sampled_from(["G122", "F32", "F321"])),
                "source": "outpatient",
            }
            for _ in range(draw(often))
        ],
        "dispensing": [{"atc": "N05BA01", "date": draw(days())} for _ in range(draw(often))],
    }
    return {name_of: [{"person_id": name, **row} for row in table] for name_of, table in rows.items()}


@st.composite
def people(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    names = [f"p{i}" for i in range(draw(st.integers(3, 40)))]
    nation: dict[str, list[dict[str, Any]]] = {}
    for name in draw(st.permutations(names)):
        for table, rows in draw(person(name)).items():
            nation.setdefault(table, []).extend(rows)
    return nation


PERIODS = [
    {"start": T, "stop": date(2018, 1, 1)},
    {"start": date(2015, 1, 1), "stop": T + timedelta(days=1)},
]
LENGTHS = ["0d", "1d", "30d", "1y"]


@st.composite
def studies(draw: st.DrawFn) -> Study:
    washouts = [
        {"event": {"icd10": ["F32"]}},
        {"event": {"icd10": ["F32"]}, "within": "1y"},
        {"event": {"atc": ["N05B"], "record": 2}, "within": "30d"},
        {"event": {"registry": "mnd", "diagnosis": ["PLS"]}, "within": "1d"},
    ]
    first = [
        {"registry": "mnd", "diagnosis": ["ALS"]},
        {"registry": "mnd"},
        {"icd10": ["G12.2"]},
        {"registry": "mnd", "diagnosis": ["ALS"], "record": 2},
        {"death": True},
    ]
    return Study.model_validate(
        {
            "name": "made",
            "seed": draw(st.integers(0, 2**40)),
            "period": draw(
                st.sampled_from(
                    [{"start": T, "stop": date(2018, 1, 1)}, {"start": date(2015, 1, 1), "stop": T + timedelta(days=1)}]
                )
            ),
            "cases": {
                "first": draw(st.sampled_from(first)),
                "free_of": draw(st.sampled_from([(), ({"registry": "mnd"}, {"icd10": ["G12"]})])),
            },
            "eligibility": {
                "age": draw(st.sampled_from([(0, 120), (18, 110), (18, 63), (64, 64), (17, 18)])),
                "min_residence": draw(st.sampled_from(LENGTHS)),
                "min_history": draw(st.sampled_from(LENGTHS)),
                "run_in": draw(st.sampled_from(["0d", "18m"])),
                "washout": draw(st.lists(st.sampled_from(washouts), max_size=2, unique_by=str)),
            },
            "controls": [
                {
                    "kind": "population",
                    "ratio": draw(st.sampled_from([1, 2, 5, 100])),
                    "replacement": draw(st.booleans()),
                    **draw(st.sampled_from(DESIGNS)),
                }
            ],
        }
    )


STARTS = st.sampled_from([{}, {"dispensing": date(2014, 8, 29)}, {"dispensing": date(2005, 7, 1)}])
SLOWLY = settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def with_observation(registers: Registers) -> Registers:
    """As an import keeps it."""
    joined = observe(registers["residence"], registers["person"], registers["death"])
    held = registers.engine.materialise(OBSERVATION, joined)
    return replace(registers, tables={**registers.tables, OBSERVATION: held})


def engine_cases(nation: Nation, study: Study) -> CaseList | None:
    try:
        return find_cases(nation.registers, study.case_definition)
    except DesignError:
        return None


@shows(
    "period.start",
    "period.stop",
    "eligibility.age",
    "eligibility.min_residence",
    "eligibility.run_in",
    "eligibility.min_history",
    "eligibility.washout",
    "washout.within",
    "event.registry",
    "event.diagnosis",
    "event.icd10",
    "event.atc",
    "event.death=true",
    "event.record",
    "cases.free_of",
    "population",
    "population.ratio",
    "population.match=sex",
    "population.match=birth_year",
    "population.match=county",
    "population.match=country_of_birth",
    "population.match=history",
    "population.replacement=false",
    "population.caliper",
    "population.history_cap",
    by=Evidence.REFERENCE,
)
@SLOWLY
@given(rows=people(), starts=STARTS, study=studies(), kept=st.booleans())
def test_the_engine_finds_what_the_reference_finds(
    engine: Engine, rows: dict[str, Any], starts: dict[str, date], study: Study, kept: bool
) -> None:
    nation = unchecked_nation(rows, starts=starts, engine=engine)
    if kept:
        nation = replace(nation, registers=with_observation(nation.registers))
    reference = Reference(nation.rows, starts)
    cases = engine_cases(nation, study)
    expected = reference.cases(study)
    found = [] if cases is None else cases.table.select(["person_id", "index_date"]).to_pylist()
    assert [(row["person_id"], row["index_date"]) for row in found] == [(c.person_id, c.index_date) for c in expected]
    if cases is None:
        return
    (controls,) = study.controls
    assert isinstance(controls, PopulationControls)
    eligible = {i: reference.risk_set(case, study, controls) for i, case in enumerate(expected, start=1)}
    check_eligible(nation, study, controls, cases, eligible)
    check_sets(nation, study, controls, cases, eligible)


def check_eligible(
    nation: Nation, study: Study, controls: PopulationControls, cases: CaseList, eligible: dict[int, set[int]]
) -> None:
    """The whole risk sets, listed."""
    try:
        risk_sets = find_risk_sets(nation.registers, study.at_risk, controls, cases)
    except DesignError:
        assert not any(eligible.values())
        return
    listed: dict[int, list[int]] = {case: [] for case in eligible}
    for table in risk_sets.everyone(risk_sets.case_id):
        for row in table.to_pylist():
            listed[row["case_id"]].append(row["person_id"])
    risk_sets.drop()
    assert {case: sorted(persons) for case, persons in listed.items()} == {c: sorted(p) for c, p in eligible.items()}


def check_sets(
    nation: Nation, study: Study, controls: PopulationControls, cases: CaseList, eligible: dict[int, set[int]]
) -> None:
    """Sampled sets: subsets of the risk sets, of the right size; and the audit finds nothing against them."""
    try:
        table = sample_population(nation.registers, study.at_risk, controls, cases, seed=study.seed).table
    except DesignError:
        assert not any(eligible.values())
        return
    drawn: dict[int, list[int]] = {case: [] for case in eligible}
    for row in table.filter(np.invert(table["case"].to_numpy(zero_copy_only=False))).to_pylist():
        drawn[row["set_id"]].append(row["person_id"])
    used: set[int] = set()
    for case, persons in drawn.items():
        left = eligible[case] if controls.replacement else eligible[case] - used
        assert len(persons) == len(set(persons)) == min(controls.ratio, len(left))
        assert set(persons) <= left
        used.update(persons)
    audit = audit_sets(nation.registers, study.case_definition, table, controls)
    assert "violation" not in audit["verdict"].to_pylist()


@SLOWLY
@given(rows=people())
def test_observation_covers_the_days_of_the_reference(engine: Engine, rows: dict[str, Any]) -> None:
    nation = unchecked_nation(rows, engine=engine)
    reference = Reference(nation.rows, {})
    for by_county in (False, True):
        spells = engine.collect(find_observation(nation.registers, by_county=by_county)).to_pylist()
        for number in nation.ids.values():
            mine = [s for s in spells if s["person_id"] == number]
            for day in NEAR:
                live = [s for s in mine if s["entry"] <= day < s["exit"]]
                assert len(live) == reference.resident(number, day)
                for spell in live:
                    assert spell["since"] == reference.since(number, day)
                    assert not by_county or spell["county"] == reference.county(number, day)
            gaps = sorted((s["entry"], s["exit"]) for s in mine)
            if not by_county:
                assert all(a[1] < b[0] for a, b in pairwise(gaps))
