"""By whose value a comparison is parted: what its design makes a whole set share."""

from __future__ import annotations

from typing import Any

import pytest

from riskset.spec.covariates import BUILT_IN_COVARIATES, PROGNOSIS_COVARIATES
from riskset.spec.design import GivenControls, PopulationControls, SiblingControls, SpouseControls
from riskset.spec.modification import parting_of, partings_in_words, subgroups_of
from riskset.spec.study import Study, parse_toml
from tests.spec.studies import STUDY

POPULATION = 'kind = "population"\nratio = 5\nmatch = ["sex", "birth_year"]'
SHARED = {"sex", "birth_year", "age"}


@pytest.mark.parametrize(
    ("controls", "shared"),
    [
        (PopulationControls(), SHARED),
        (GivenControls(), SHARED),
        (PopulationControls(match=("sex", "birth_year", "county")), SHARED | {"county"}),
        (PopulationControls(match=("sex", "birth_year", "history")), SHARED),
        (PopulationControls(match=("birth_year",)), {"birth_year", "age"}),
        (PopulationControls(match=("country_of_birth",)), {"country_of_birth"}),
        (PopulationControls(match=("sex",), caliper="1y"), SHARED),
        (PopulationControls(match=("sex",), caliper="90d"), SHARED),
        (PopulationControls(match=("sex",), caliper="2y"), {"sex"}),
        (PopulationControls(match=()), set()),
        (SiblingControls(), set()),
        (SiblingControls(half="only"), set()),
        (SiblingControls(at="same age"), {"age"}),
        (SpouseControls(), set()),
    ],
)
def test_what_a_whole_set_shares_by_design(controls: Any, shared: set[str]) -> None:
    names = (*BUILT_IN_COVARIATES, "psychiatric")
    assert {name for name in names if not parting_of(controls, name).by_own_value} == shared
    assert all(parting_of(controls, name).why for name in names)


def test_what_only_a_case_has_is_the_cases() -> None:
    for controls in (PopulationControls(match=()), SiblingControls(), SpouseControls()):
        assert not any(parting_of(controls, name).by_own_value for name in PROGNOSIS_COVARIATES)


def test_it_is_said_of_each_comparison_with_the_reason() -> None:
    kinds = '[[controls]]\nkind = "siblings"\n[[controls]]\nkind = "spouses"\n[[exposures]]'
    described = parse_toml(Study, STUDY.replace("[[exposures]]", kinds, 1))
    population, siblings, spouses = partings_in_words(described, subgroups_of(described))
    assert "Against population controls, by age: sets are parted by the case's value" in population
    assert "Against siblings, by age: each person's own value counts" in siblings
    assert "would condition on the outcome" in siblings
    assert "Against spouses, by age" in spouses
    (only,) = partings_in_words(described, ("age",), comparison="siblings")
    assert only == siblings


def test_spouses_are_not_parted_by_sex() -> None:
    described = parse_toml(Study, STUDY.replace(POPULATION, 'kind = "spouses"', 1))
    (said,) = partings_in_words(described, ("sex",))
    assert said.startswith("Against spouses nothing is parted by sex")
