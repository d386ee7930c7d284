"""Which estimates the front of the report holds: declared, or the most adjusted that the models give."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from riskset.errors import SpecError
from riskset.results.vocabulary import Form
from riskset.spec import Study, problems
from riskset.spec.from_toml import parse_toml
from riskset.spec.models import ADJUSTMENT_FORMS
from tests.examples import examples
from tests.shown import Evidence, shows
from tests.spec.strategies import studies
from tests.spec.studies import STUDY

HYPNOTICS = """
[[exposures]]
name = "hypnotics"
codes = { atc = ["N05C"] }
measures = [{ kind = "ever", lag = "1y" }]
"""
PROGNOSIS = '\n[prognosis]\nendpoint = ["death"]\n'


def test_forms_are_those_of_the_results() -> None:
    assert [Form(form) for form in ADJUSTMENT_FORMS] == [Form.CRUDE, Form.ADJUSTED, Form.MUTUALLY_ADJUSTED]


def by_listing(study: Study) -> list[str]:
    """The forms of every fit that the models ask for, one class or all at a time."""
    forms = []
    for model in study.models:
        measured = [e.name for e in study.exposures for m in e.measures if m.key == model.measure]
        chosen = [name for name in measured if not model.exposures or name in model.exposures]
        for _ in chosen if "each" in model.classes else []:
            forms += ["crude", "adjusted"] if model.adjust else ["crude"]
        if len(chosen) >= 2 and "together" in model.classes:
            forms.append("mutually adjusted")
    return forms


@shows("study.primary=crude", "study.primary=adjusted", "study.primary=mutually adjusted", by=Evidence.REFERENCE)
@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(studies())
def test_the_primary_form_is_one_that_the_models_give(study: Study) -> None:
    given_by_models = by_listing(study)
    assert set(study.forms_of_risk) == set(given_by_models)
    undeclared = study.model_copy(update={"primary": None})
    assert undeclared.primary_form == max(given_by_models, key=ADJUSTMENT_FORMS.index, default=None)
    for form in ADJUSTMENT_FORMS:
        text = undeclared.model_copy(update={"primary": form}).to_toml()
        if form in given_by_models:
            assert parse_toml(Study, text).primary_form == form
        elif study.models or form not in study.forms_of_prognosis:
            with pytest.raises(SpecError, match="no model gives estimates that are"):
                parse_toml(Study, text)


@shows("study.primary=adjusted", "study.primary=mutually adjusted", by=Evidence.REFUSED)
def test_a_form_that_no_model_gives() -> None:
    with pytest.raises(SpecError) as refused:
        parse_toml(Study, f'primary = "mutually adjusted"\n{STUDY}')
    what = "no model gives estimates that are mutually adjusted; there are crude, adjusted, or leave it out."
    assert str(refused.value) == f"TOML primary: {what}"
    with pytest.raises(SpecError, match="ask for a model of an exposure"):
        parse_toml(Study, 'primary = "adjusted"\n' + STUDY.split("[[exposures]]")[0])


def test_a_class_of_its_own_is_not_mutually_adjusted() -> None:
    assert parse_toml(Study, STUDY).primary_form == "adjusted"
    assert parse_toml(Study, STUDY + HYPNOTICS).primary_form == "mutually adjusted"
    assert parse_toml(Study, 'primary = "crude"\n' + STUDY + HYPNOTICS).primary_form == "crude"


def test_the_prognosis_has_the_primary_form_where_it_gives_it() -> None:
    alone = parse_toml(Study, 'primary = "adjusted"\n' + STUDY + PROGNOSIS)
    assert alone.primary_prognosis_form == "crude"
    assert parse_toml(Study, STUDY + PROGNOSIS + 'adjust = ["age"]\n').primary_prognosis_form == "adjusted"
    crude = parse_toml(Study, 'primary = "crude"\n' + STUDY + PROGNOSIS + 'adjust = ["age"]\n')
    assert crude.primary_prognosis_form == "crude"
    assert parse_toml(Study, STUDY).primary_prognosis_form is None


def test_it_is_part_of_what_is_asked() -> None:
    plain = parse_toml(Study, STUDY)
    assert parse_toml(Study, f'primary = "crude"\n{STUDY}').fingerprint != plain.fingerprint


def test_advice_on_a_model_without_primary_estimates() -> None:
    other = '[[models]]\nkind = "conditional logistic"\nname = "alone"\nmeasure = "ever"\nclasses = ["each"]\n'
    (advice,) = (a for a in problems(parse_toml(Study, STUDY + HYPNOTICS + other)) if "supplement" in a)
    what = "it gives no mutually adjusted estimates, which are the primary ones, so it is in the supplement alone."
    assert advice == f"models[1]: {what}"
    assert not [a for a in problems(parse_toml(Study, STUDY + HYPNOTICS)) if "supplement" in a]
