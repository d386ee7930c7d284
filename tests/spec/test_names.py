"""Whatever in a study has a name has one of its own."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.errors import SpecError
from riskset.registers import schema
from riskset.results import tables, vocabulary
from riskset.spec import Study
from riskset.spec.covariates import BUILT_IN_COVARIATES, PROGNOSIS_COVARIATES
from riskset.spec.from_toml import parse
from riskset.spec.names import companions
from riskset.spec.reserved import IN_EVERY_TABLE, LEVELS, OF_REGISTERS, OF_RESULTS, folded, reserved

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
    inside = st.sampled_from(["", "_", "__"])
    return st.tuples(capitals, inside, st.sampled_from(["", "_"])).map(lambda b: b[0].replace("_", b[1]) + b[2])


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
    st.sampled_from((*BUILT_IN_COVARIATES, *PROGNOSIS_COVARIATES, *IN_EVERY_TABLE)),
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
    assert [label for c in made.controls for _, label in companions(made.controls, c)] == []


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


def cells_of_results() -> set[str]:
    """Columns of every table of results, and the words of the closed sets that tell their rows apart."""
    kinds = (vocabulary.Analysis, vocabulary.Family, vocabulary.Form, vocabulary.Estimator, vocabulary.Sensitivity,
             vocabulary.Role, vocabulary.Contrast, vocabulary.Scale, vocabulary.Who)  # fmt: skip
    schemas = [table for table in vars(tables).values() if isinstance(table, pa.Schema)]
    return {name for schema in schemas for name in schema.names} | {value.value for kind in kinds for value in kind}


def test_every_word_of_the_tables_is_reserved() -> None:
    """A column of results or a value of their closed sets is reserved from the day on which it is made."""
    spelled_alike = {re.sub(r"[ -]", "_", word) for word in cells_of_results() if word}
    nameable = {word for word in spelled_alike if re.fullmatch(r"[A-Za-z]\w{0,39}", word)}
    ours = {folded(word) for word in (*reserved(Study), *BUILT_IN_COVARIATES, *PROGNOSIS_COVARIATES)}
    assert sorted(word for word in nameable if folded(word) not in ours) == []
    assert sorted(set(OF_RESULTS) - nameable) == []
    assert set(OF_REGISTERS) <= {*schema.MEASUREMENTS, *schema.ITEMS}
    assert {*schema.MEASUREMENTS, *schema.ITEMS} <= {*reserved(Study), *BUILT_IN_COVARIATES, *PROGNOSIS_COVARIATES}


@pytest.mark.parametrize(
    "word",
    ["never", "history", "alsfrs_r", "time", "level", "crude", "linear", "spline", "population", "death", "unknown",
     "mutually_adjusted", "lag_only", "kaplan_meier", "log_hr", "ever", "reference"],
)  # fmt: skip
def test_words_with_a_meaning_are_refused(word: str) -> None:
    assert folded(word) in {folded(one) for one in reserved(Study)}


@given(st.sampled_from(("exposure", "covariate")), st.sampled_from(sorted(reserved(Study))), st.data())
def test_nothing_is_called_by_a_word_of_ours(kind: str, word: str, data: st.DataObject) -> None:
    name = data.draw(spelled(re.sub(r"\W", "_", word)))
    if not re.fullmatch(r"[A-Za-z]\w{0,39}", name):
        return
    with pytest.raises(SpecError) as refused:
        study([(kind, name)])
    assert repr(name) in str(refused.value)


@pytest.mark.parametrize("kind", ["ever", "count", "recency", "any_use", "first_use", "ddd"])
def test_a_measure_may_be_called_as_its_kind_alone(kind: str) -> None:
    lacking = {"count": {"bands": [1]}, "recency": {"cuts": ["1y"]}, "first_use": {"cuts": ["1y"]}, "ddd": {"per": 1}}
    window = {} if kind in ("ever", "first_use", "recency") else {"lookback": "5y"}
    of_kind = {"kind": kind, **lacking.get(kind, {}), **window}
    assert measured([of_kind]).exposures[0].measures[0].key == kind
    assert measured([of_kind | {"name": kind}])
    other = next(k for k in ("recency", "count") if k != kind)
    with pytest.raises(SpecError, match=rf"'{other}' means something else"):
        measured([of_kind | {"name": other}])


def measured(measures: list[dict[str, Any]]) -> Study:
    one = study([]).model_dump(mode="json")
    return parse(Study, one | {"models": [], "exposures": [one["exposures"][0] | {"measures": measures}]})


@pytest.mark.parametrize("kind", ["exposure", "covariate"])
def test_the_marker_and_the_models_are_names_too(kind: str) -> None:
    of = study([(kind, "Fev_oneq")]).model_dump(mode="json")
    with pytest.raises(SpecError, match=r"prognosis\.marker: 'fevoneq' and 'Fev_oneq', which is an? \w+, differ in"):
        parse(Study, of | {"prognosis": {"endpoint": ["death"], "marker": "fevoneq"}})
    with pytest.raises(SpecError, match=r"models\[0\]\.name: 'fev_oneq' and 'Fev_oneq'"):
        study([(kind, "Fev_oneq"), ("model", "fev_oneq")])


@pytest.mark.parametrize(
    ("one", "other"), [("anxiolytics", "Anxio_lytics"), ("co_medication", "comedication"), ("a1_b2", "a1b2")]
)
def test_names_that_differ_in_nothing_that_is_said(one: str, other: str) -> None:
    with pytest.raises(SpecError, match="differ in capitals or underscores only"):
        study([("exposure", one), ("covariate", other)])


def test_numbers_are_told_apart() -> None:
    assert study([("exposure", "dose_1_2"), ("exposure", "dose_12")])
    assert LEVELS[0] in reserved(Study)


@given(st.text(max_size=20))
def test_folding_is_idempotent(text: str) -> None:
    assert folded(folded(text)) == folded(text)
