"""The study's own words: what stands for them where there are none, and that no number depends on them."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from riskset.errors import SpecError
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.spec import Cases, Event, Study, explain
from riskset.spec.base import FrozenDict, Part
from riskset.spec.from_toml import parse_toml
from riskset.spec.leaves import leaves
from riskset.spec.wording import (
    heading_of,
    label_of,
    lay_of,
    lay_outcome_of,
    outcome_of,
    subtitle_of,
    value_in_words,
)
from tests.examples import examples
from tests.spec.strategies import studies
from tests.spec.studies import STUDY

COURSE = '[prognosis]\nendpoint = ["death"]\nmarker = "alsfrs_r"\nmarker_label = "ALSFRS-R"\n'


def study(change: str = "", instead_of: str = "", top: str = "") -> Study:
    return parse_toml(Study, f"{top}\n{STUDY.replace(instead_of, change, 1)}")


def test_what_stands_for_words_that_are_left_out() -> None:
    plain = study()
    assert heading_of(plain) == "A study"
    assert subtitle_of(plain) == "Register-based case-control study, 2015 to 2019"
    assert outcome_of(plain) == lay_outcome_of(plain) == "ALS"
    assert label_of(plain.exposures[0]) == lay_of(plain.exposures[0]) == "anxiolytics"
    assert label_of_name(plain, "country_of_birth") == "country of birth"
    assert value_in_words(plain, "education", "1") == "1"
    assert "What the report calls it" not in explain(plain)


def test_a_study_s_words_are_shown() -> None:
    top = 'title = "T"\nsubtitle = "S"\nvalues = { education = { 1 = "primary" } }'
    text = f"{top}\n{STUDY}{COURSE}"
    for name, label in (("anxiolytics", "tranquillisers"), ("psychiatric", "any psychiatric diagnosis")):
        text = text.replace(f'name = "{name}"', f'name = "{name}"\nlabel = "{label}"')
    worded = parse_toml(Study, text.replace('label = "tranq', 'lay = "worry pills"\nlabel = "tranq'))
    assert (heading_of(worded), subtitle_of(worded)) == ("T", "S")
    assert (label_of(worded.exposures[0]), lay_of(worded.exposures[0])) == ("tranquillisers", "worry pills")
    names = ("anxiolytics", "psychiatric", "alsfrs_r", "sex")
    shown = [label_of_name(worded, name) for name in names]
    assert shown == ["tranquillisers", "any psychiatric diagnosis", "ALSFRS-R", "sex"]
    assert [value_in_words(worded, "education", value) for value in ("1", "2")] == ["primary", "2"]
    assert value_in_words(worded, "sex", "1") == "1"
    said = explain(worded)
    for text in ("T", "S", "tranquillisers; for the public: worry pills", "ALSFRS-R", "'1' as primary"):
        assert f": {text}\n" in said


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Event(registry="mnd"), "mnd"),
        (Event(registry="mnd", diagnosis=("ALS", "PLS")), "ALS or PLS"),
        (Event(icd10=("G12.2",)), "ICD-10 G12.2"),
        (Event(death=True), "death"),
        (Event(death=True, cause=("I21",)), "death from ICD-10 I21"),
        (Event(atc=("N05B",)), "dispensing of ATC N05B (anxiolytics)"),
    ],
)
def test_an_outcome_without_a_label(event: Event, words: str) -> None:
    assert outcome_of(study().model_copy(update={"cases": Cases(first=event)})) == words
    labelled = study().model_copy(update={"cases": Cases(first=event, label="it", lay="that")})
    assert (outcome_of(labelled), lay_outcome_of(labelled)) == ("it", "that")


@pytest.mark.parametrize(
    ("top", "place", "what"),
    [
        ('values = { educaton = { 1 = "a" } }', "values", "did you mean 'education'"),
        ('values = { age = { 1 = "a" } }', "values", "age is a number"),
        ('values = { education = { 1 = "a", 2 = "a" } }', "values", "two values of education have the same words"),
        ("values = { education = { 1 = 2 } }", "values.education.1", "must be text"),
        (
            'values = { education = { "a b" = "A", "a  b" = "B" } }',
            "values.education",
            "'a b' is there in two spellings",
        ),
        ('values = { education = { "é" = "A", "e\u0301" = "B" } }', "values.education", "in two spellings"),
        ("title = 3", "title", "must be text"),
    ],
)
def test_words_that_cannot_be_meant(top: str, place: str, what: str) -> None:
    with pytest.raises(SpecError) as refused:
        study(top=top)
    assert f"TOML {place}: " in str(refused.value)
    assert what in str(refused.value)


@pytest.mark.parametrize("key", ["label", "lay"])
def test_two_classes_that_a_reader_could_not_tell_apart(key: str) -> None:
    other = '[[exposures]]\nname = "hypnotics"\ncodes = { atc = ["N05C"] }\nmeasures = [{ kind = "ever" }]\n'
    with pytest.raises(SpecError, match=rf"exposures\[1\].{key}: 'Anxiolytics' is what another one is called"):
        study(f'{other}{key} = "Anxiolytics"\n[[covariates]]', "[[covariates]]")


def _reworded(value: Any) -> Iterator[Any]:
    """A part with each of its words changed, one at a time."""
    for name, field in type(value).model_fields.items():
        inner = getattr(value, name)
        if field.exclude:
            changed = FrozenDict({"sex": FrozenDict({"1": "new"})}) if isinstance(inner, dict) else f"{inner} new"
            yield value.model_copy(update={name: changed})
        elif isinstance(inner, Part):
            yield from (value.model_copy(update={name: other}) for other in _reworded(inner))
        elif isinstance(inner, tuple):
            for i, item in enumerate(inner):
                others = _reworded(item) if isinstance(item, Part) else ()
                yield from (value.model_copy(update={name: (*inner[:i], o, *inner[i + 1 :])}) for o in others)


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(studies())
def test_words_are_in_no_fingerprint_but_their_own(one: Study) -> None:
    changed = list(_reworded(one))
    assert len(changed) == sum(leaf.is_wording for leaf in leaves(one)) >= 5
    for other in changed:
        assert other != one
        assert other.fingerprint == one.fingerprint
        assert other.words_fingerprint != one.words_fingerprint
    assert one.model_copy(update={"seed": one.seed ^ 1}).words_fingerprint == one.words_fingerprint


def test_values_in_words_are_frozen_with_their_study() -> None:
    worded = study(top='values = { education = { 1 = "primary" } }')
    assert {worded: 1}[pickle.loads(pickle.dumps(worded))] == 1
    with pytest.raises(TypeError, match="frozen"):
        worded.values["education"]["1"] = "other"
    with pytest.raises(TypeError, match="frozen"):
        worded.values.clear()
