"""The difference of two studies: none of a study and itself, one for every field that is another."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings

from riskset.report.catalogue.english_changes import SECTIONS, change_in_words
from riskset.spec import AtcCodes, DispensingCovariate, Study
from riskset.spec.base import Part
from riskset.spec.complaints import members
from riskset.spec.difference import Change, differences
from riskset.spec.from_toml import parse_toml
from tests.examples import examples
from tests.spec.mutations import STUDY_FIELDS, one_field_changed
from tests.spec.strategies import studies
from tests.spec.studies import STUDY

ALS = Study.load(Path(__file__).parents[2] / "examples/als/study.toml")
FULL = """
[[exposures]]
name = "hypnotics"
codes = { atc = ["N05C"], without = ["N05CM"] }
measures = [
  { kind = "any_use" }, { kind = "ddd", bands = [100] }, { kind = "recency", cuts = ["90d"] }, { kind = "ever" },
]
[[covariates]]
kind = "dispensing"
name = "statins"
codes = { atc = ["C10AA"] }
[[controls]]
kind = "siblings"
[[controls]]
kind = "spouses"
[[controls]]
kind = "given"
[prognosis]
endpoint = ["death"]
[[published]]
exposure = "anxiolytics"
measure = "ever"
level = "ever"
estimate = 1.2
source = "A paper"
[[published_sets]]
comparison = "population"
controls = 10
source = "A paper"
"""
EVERYTHING = parse_toml(
    Study, STUDY.replace("age = [18, 110]", "age = [18, 110]\nwashout = [{ event = { icd10 = ['C'] } }]") + FULL
)
"""A study with every kind of part."""
MUTATED = list(one_field_changed(EVERYTHING))


def parts_in(part: Part) -> set[tuple[str, str]]:
    """The fields of the parts that a part holds, and its own."""
    found = {(type(part).__name__, name) for name in type(part).model_fields}
    for name in type(part).model_fields:
        value = getattr(part, name)
        for item in value if isinstance(value, tuple) else [value]:
            found |= parts_in(item) if isinstance(item, Part) else set()
    return found


def test_the_study_that_is_mutated_has_every_field() -> None:
    assert parts_in(EVERYTHING) == STUDY_FIELDS


@pytest.mark.parametrize(("place", "changed"), MUTATED, ids=[place for place, _ in MUTATED])
def test_every_field_that_is_another_is_a_difference(place: str, changed: Study) -> None:
    assert changed != EVERYTHING
    found = differences(EVERYTHING, changed)
    assert found
    assert found[0].path[0] == place.split(".")[0].split("[")[0].split(" ")[0]
    back = differences(changed, EVERYTHING)
    assert len(back) == len(found)
    is_wording = changed.fingerprint == EVERYTHING.fingerprint
    assert all(one.is_wording == is_wording for one in found)
    for one in found:
        sentence = change_in_words(one)
        assert sentence.endswith(".")
        assert "\n" not in sentence


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(studies(), studies())
def test_none_if_and_only_if_two_studies_are_equal(one: Study, other: Study) -> None:
    assert differences(one, one) == ()
    assert differences(one, parse_toml(Study, one.to_toml())) == ()
    assert bool(differences(one, other)) == (one != other)


def lists_of_parts(part: type[Any]) -> set[str]:
    """The keys of a part, and of the parts in it, that hold lists of parts."""
    found: set[str] = set()
    for name, field in part.model_fields.items():
        for member in members(field.annotation):
            inner = members(get_args(member)[0]) if get_origin(member) is tuple else [member]
            kinds = [kind for kind in inner if isinstance(kind, type) and issubclass(kind, Part)]
            found |= {name} if kinds and inner != [member] else set()
            for kind in kinds:
                found |= lists_of_parts(kind)
    return found


def test_every_list_has_a_word_for_one_of_it() -> None:
    assert lists_of_parts(Study) == set(SECTIONS) - {"values"}


@pytest.mark.parametrize(
    ("instead_of", "written", "sentence"),
    [
        ("seed = 20", "seed = 21", "Seed: was 20, is now 21."),
        ("2023-07-01 #", "2022-07-01 #", "Period, stop: was July 1, 2023, is now July 1, 2022."),
        ("ratio = 5", "ratio = 4", "Comparison population, ratio: was 5, is now 4."),
        ('run_in = "18m"', 'run_in = "1y"', "Eligibility, run in: was 18 months, is now 1 year."),
        ('adjust = ["education", ', "adjust = [", None),
        ('kind = "spouses"', 'kind = "given"', None),
        (
            'lay = "sleeping pills"',
            'lay = "pills"',
            "Exposure hypnotics, lay: was 'sleeping pills', is now 'pills' (words alone; no number depends on them).",
        ),
        (
            'Asien = "Asia"',
            "",
            "Values of country of birth, Asien: was left out, 'Asia' (words alone; no number depends on them).",
        ),
    ],
)
def test_in_sentences(instead_of: str, written: str, sentence: str | None) -> None:
    text = Path(__file__).parents[2].joinpath("examples/als/study.toml").read_text(encoding="utf-8")
    found = differences(ALS, parse_toml(Study, text.replace(instead_of, written, 1)))
    sentences = [change_in_words(one) for one in found]
    if sentence is not None:
        assert sentences == [sentence]
    elif "adjust" in instead_of:
        rest = "country_of_birth and psychiatric_diagnosis"
        assert sentences == [
            f"Model ever, adjust: was education, country_of_birth and psychiatric_diagnosis, is now {rest}."
        ]
    else:
        assert sentences == [
            'Comparison spouses: was left out, { kind = "spouses" }.',
            'Comparison given: was added, { kind = "given" }.',
        ]


def test_another_kind_of_one_name_is_a_difference() -> None:
    (covariate,) = ALS.covariates
    other = DispensingCovariate(name=covariate.name, codes=AtcCodes(atc=("N05A",)))
    (one,) = differences(ALS, ALS.model_copy(update={"covariates": (other,)}))
    assert (one.path, one.change) == (("covariates", "psychiatric_diagnosis"), Change.CHANGED)
    assert (one.before, one.after, one.is_wording) == (covariate, other, False)


def test_an_order_is_a_difference() -> None:
    turned = ALS.model_copy(update={"controls": ALS.controls[::-1]})
    (one,) = differences(ALS, turned)
    assert (one.path, one.change) == (("controls",), Change.REORDERED)
    order = "the order was population, siblings and spouses, is now spouses, siblings and population."
    assert change_in_words(one) == f"Controls: {order}"
