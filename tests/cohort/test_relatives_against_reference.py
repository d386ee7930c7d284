"""Relatives as controls against the slow reference, on families that Hypothesis makes to hit the boundaries."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import HealthCheck, given, settings

from riskset.cohort.cases import CaseList
from riskset.cohort.sets import kin_sets
from riskset.errors import DesignError
from riskset.registers.engine import Engine
from riskset.report.catalogue import ENGLISH
from riskset.results.set_vocabulary import AttritionPart
from riskset.spec.design import SiblingControls, SpouseControls
from riskset.spec.study import Study
from tests.cohort.test_against_reference import STARTS, T, days, engine_cases, person
from tests.examples import examples
from tests.people import Nation, unchecked_nation
from tests.reference.cohort import Case, Reference
from tests.reference.kin import Kinship
from tests.shown import Evidence, shows

Kin = SiblingControls | SpouseControls
KINDS = st.one_of(
    st.builds(
        SiblingControls, half=st.sampled_from([False, True, "only"]), at=st.sampled_from(["index date", "same age"])
    ),
    st.just(SpouseControls()),
)
PART = {
    "born since": "born before parents are known",
    "mother and father known": "parents unknown",
    "in the register": "no sibling",
    "a partner on the date": "no partner",
    "no two partners": "two partners",
    "born by": "age or birth",
    "of that age": "age or birth",
    "alive": "dead",
    "under observation": "not observed",
    "free of": "ill",
    "eligible": "not eligible",
}
"""What the attrition's rules are about, and the reference's word for who fails them."""


BIRTHS = [date(1951, 2, 28), date(1951, 3, 1), date(1952, 2, 29), date(1952, 3, 1), date(1950, 3, 1), T]


@st.composite
def families(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Children of a few parents, some unknown; couples delivered once or twice, that may overlap."""
    names = [f"p{i}" for i in range(draw(st.integers(4, 12)))]
    nation: dict[str, list[dict[str, Any]]] = {"couple": []}
    for name in draw(st.permutations(names)):
        for table, rows in draw(member(name)).items():
            nation.setdefault(table, []).extend(rows)
    for row in nation["person"]:
        row["mother_id"] = draw(st.sampled_from([None, "eve", "eve", "eve", "mia"]))
        row["father_id"] = draw(st.sampled_from([None, "bo", "bo", "bo", "carl"]))
    for parent, sex in (("eve", "female"), ("mia", "female"), ("bo", "male"), ("carl", "male")):
        born = {"birth_date": date(1920, 1, 1), "country_of_birth": None, "mother_id": None, "father_id": None}
        nation["person"].append({"person_id": parent, "sex": sex, **born})
    for _ in range(draw(st.integers(0, 2 * len(names)))):
        one, other = draw(st.permutations(names))[:2]
        start = draw(days())
        length = timedelta(days=draw(st.sampled_from([1, 2, 366, 9999])))
        spell = {"start": start, "stop": start + length, "kind": "married"}
        nation["couple"].append({"person_id": one, "partner_id": other, **spell})
        if draw(st.booleans()):
            nation["couple"].append({"person_id": other, "partner_id": one, **spell})
    return nation


@st.composite
def member(draw: st.DrawFn, name: str) -> dict[str, list[dict[str, Any]]]:
    """Someone who is often ill, and often resident throughout."""
    rows = draw(person(name))
    rows["person"][0]["birth_date"] = draw(st.sampled_from(BIRTHS))
    if draw(st.integers(0, 2)):
        always = {"person_id": name, "start": date(2000, 1, 1), "stop": date(2030, 1, 1), "county": None}
        rows["residence"] = [always]
    if draw(st.booleans()):
        ill = {"registry": "mnd", "name": "diagnosis", "date": draw(days()), "text": "ALS"}
        rows["registry_item"].append({"person_id": name, **ill})
    return rows


@st.composite
def kin_studies(draw: st.DrawFn) -> Study:
    washout = [{"event": {"icd10": ["F32"]}, "within": "30d"}]
    return Study.model_validate(
        {
            "name": "made",
            "period": {
                "start": date(2015, 1, 1),
                "stop": draw(st.sampled_from([T + timedelta(days=1), date(2018, 1, 1)])),
            },
            "cases": {"first": {"registry": "mnd"}, "free_of": draw(st.sampled_from([(), ({"icd10": ["G12"]},)]))},
            "eligibility": {
                "age": draw(st.sampled_from([(0, 120), (0, 64), (18, 110)])),
                "min_residence": draw(st.sampled_from(["0d", "0d", "1y"])),
                "run_in": draw(st.sampled_from(["0d", "18m"])),
                "washout": draw(st.sampled_from([[], [], washout])),
            },
            "controls": [{"kind": "population"}],
        }
    )


@shows(
    "siblings",
    "siblings.half=false",
    "siblings.half=true",
    "siblings.half=only",
    "siblings.at=index date",
    "siblings.at=same age",
    "spouses",
    "cases.free_of",
    "eligibility.age",
    "eligibility.min_residence",
    "eligibility.run_in",
    "eligibility.washout",
    by=Evidence.REFERENCE,
)
@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(rows=families(), starts=STARTS, study=kin_studies(), controls=KINDS)
def test_relatives_at_risk_are_those_of_the_reference(
    engine: Engine, rows: dict[str, Any], starts: dict[str, date], study: Study, controls: Kin
) -> None:
    nation = unchecked_nation(rows, starts=starts, engine=engine)
    kinship = Kinship(Reference(nation.rows, starts))
    cases = engine_cases(nation, study)
    if cases is None:
        return
    expected = kinship.sets(study, controls)
    try:
        matched = kin_sets(nation.registers, study.at_risk, controls, cases)
    except DesignError:
        assert not expected
        return
    assert found_in(matched.table) == {
        (case.person_id, case.index_date): {(m.person_id, m.relation, m.index_date) for m in members}
        for case, members in expected.items()
    }
    assert reasons_in(matched.attrition, controls) == kinship.reasons(study, controls)
    check_form(nation, cases, matched.table, controls)


def found_in(sets: pa.Table) -> dict[tuple[int, date], set[tuple[int, str, date]]]:
    """Each case with its controls."""
    of_set: dict[int, tuple[int, date]] = {}
    found: dict[tuple[int, date], set[tuple[int, str, date]]] = {}
    for row in sets.to_pylist():
        if row["case"]:
            of_set[row["set_id"]] = (row["person_id"], row["index_date"])
            found[of_set[row["set_id"]]] = set()
        else:
            found[of_set[row["set_id"]]].add((row["person_id"], row["relation"], row["index_date"]))
    return found


def reasons_in(attrition: pa.Table, controls: Kin) -> dict[str, int]:
    """Cases without a set, by the reference's words."""
    counts: dict[str, int] = {}
    for row in attrition.filter(pc.field("part") == AttritionPart.CASES_WITH_RELATIVES).to_pylist()[1:]:
        rule = ENGLISH.rule(row)
        (reason,) = {word for said, word in PART.items() if said in rule} - (
            {"no partner"} if "no two" in rule else set()
        )
        if row["removed"]:
            counts[reason] = counts.get(reason, 0) + row["removed"]
    return counts


def check_form(nation: Nation, cases: CaseList, sets: pa.Table, controls: Kin) -> None:
    """Every set has the number of its case, the case first, then persons in order; nobody twice."""
    number = {Case(row["person_id"], row["index_date"]): row["case_id"] for row in cases.table.to_pylist()}
    rows = sets.to_pylist()
    assert {row["comparison"] for row in rows} == {controls.comparison}
    keys = [(row["set_id"], not row["case"], row["person_id"]) for row in rows]
    assert keys == sorted(set(keys))
    assert all(number[Case(r["person_id"], r["index_date"])] == r["set_id"] for r in rows if r["case"])
    assert {row["relation"] for row in rows if row["case"]} == {"case"}
    held = nation.registers.engine.collect(nation.registers["person"])["person_id"].to_pylist()
    assert {row["person_id"] for row in rows} <= set(held)
