"""Whatever in a study has a name has one of its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.errors import SpecError
from riskset.spec import Study
from riskset.spec.covariates import BUILT_IN_COVARIATES, PROGNOSIS_COVARIATES
from riskset.spec.from_toml import parse
from riskset.spec.names import RESERVED, companions, folded

PERIOD = {"start": "2015-01-01", "stop": "2020-01-01"}
KINDS = ("exposure", "covariate", "measure", "model", "comparison")


def study(named: list[tuple[str, str]], *, kin: bool = False) -> Study:
    """A study with things of these kinds and names; what else must be there has names that no test draws."""
    of: dict[str, list[str]] = {kind: [name for k, name in named if k == kind] for kind in KINDS}
    measures = [{"kind": "ever", "name": name} for name in ["own_measure", *of["measure"]]]
    exposures = [{"name": name, "codes": {"atc": ["N05B"]}, "measures": measures} for name in ["own", *of["exposure"]]]
    controls: list[dict[str, Any]] = [{"kind": "population"}, *([{"kind": "siblings"}] if kin else [])]
    return parse(
        Study,
        {
            "name": "x",
            "period": PERIOD,
            "cases": {"first": {"icd10": ["G12"]}},
            "controls": [*controls, *({"kind": "population", "name": name} for name in of["comparison"])],
            "exposures": exposures,
            "covariates": [{"kind": "diagnosis", "name": name, "icd10": ["F"]} for name in of["covariate"]],
            "models": [
                {"kind": "conditional logistic", "measure": "own_measure", "name": name} for name in of["model"]
            ],
        },
    )


def spelled(name: str) -> st.SearchStrategy[str]:
    """The same name in other capitals, with other underscores."""
    capitals = st.tuples(*[st.booleans()] * len(name)).map(
        lambda ups: "".join(c.upper() if up else c.lower() for c, up in zip(name, ups, strict=True))
    )
    return st.tuples(capitals, st.sampled_from(["", "_"])).map(lambda both: both[0].replace("_", "__") + both[1])


names = st.from_regex(r"[a-z]{3,6}(_[a-z]{2,5})?q", fullmatch=True)  # none of ours ends in q
ALONE = ("exposure", "covariate", "measure")
"""Kinds of which any two are held against each other."""


@given(st.sampled_from(ALONE), st.sampled_from(ALONE), names, st.data())
def test_two_things_of_one_name_are_refused(one: str, other: str, name: str, data: st.DataObject) -> None:
    second = data.draw(spelled(name))
    with pytest.raises(SpecError) as refused:
        study([(one, name), (other, second)])
    told = str(refused.value)
    assert repr(name) in told or repr(second) in told
    assert "is there twice" in told or "too;" in told or "differ in capitals" in told or "share the name" in told


@given(
    st.sampled_from((*ALONE, "model")),
    st.sampled_from((*BUILT_IN_COVARIATES, *PROGNOSIS_COVARIATES, *RESERVED)),
    st.data(),
)
def test_nothing_is_called_like_what_is_built_in(kind: str, built_in: str, data: st.DataObject) -> None:
    name = data.draw(spelled(built_in))
    if kind == "model":  # a column of its own says which model
        study([(kind, name)])
        return
    with pytest.raises(SpecError) as refused:
        study([(kind, name)])
    assert repr(name) in str(refused.value)


@given(st.sampled_from(("model", "comparison")), names, st.data())
def test_models_and_comparisons_are_told_apart(kind: str, name: str, data: st.DataObject) -> None:
    with pytest.raises(SpecError, match=r"is there twice|differ in capitals"):
        study([(kind, name), (kind, data.draw(spelled(name)))])


@pytest.mark.parametrize("name", ["cases_with_siblings", "Cases_With_Siblings", "cases__with_siblings_"])
def test_no_comparison_is_called_like_one_made_beside_relatives(name: str) -> None:
    with pytest.raises(SpecError, match="population, cases with siblings"):
        study([("comparison", name)], kin=True)
    made = study([("comparison", name)])  # without relatives none is made
    assert [label for c in made.controls for _, label in companions(made, c)] == []


def test_a_model_is_called_as_no_other_measure() -> None:
    with pytest.raises(SpecError, match=r"models\[0\]\.name: 'otherq' is a measure, and not the one of this model"):
        study([("measure", "otherq"), ("model", "otherq")])
    assert study([("model", "own_measure")]).models[0].key == "own_measure"


@given(st.lists(st.tuples(st.sampled_from(KINDS), names), unique_by=lambda pair: folded(pair[1]), max_size=8))
def test_names_that_do_not_collide_are_taken(named: list[tuple[str, str]]) -> None:
    made = study(named, kin=True)
    taken = [e.name for e in made.exposures] + [c.name for c in made.covariates] + [m.key for m in made.models]
    assert {name for kind, name in named if kind in ("exposure", "covariate", "model")} <= set(taken)
    assert Study.model_validate(made.model_dump()) == made
