"""What similar studies need to say, and how the description says it (one line of TOML each)."""

from __future__ import annotations

import pytest

from riskset.spec import Study, explain, needs, problems
from riskset.spec.from_toml import parse_toml
from tests.spec.studies import STUDY

POPULATION = 'ratio = 5\nmatch = ["sex", "birth_year"]'
FIRST = 'first = { registry = "mnd", diagnosis = ["ALS"] }'
CODES = 'codes = { atc = ["N05B"] }'
COUNT = '{ kind = "count", lag = "1y", lookback = "5y", bands = [1, 2, 4] }'
SAID = {
    "1:1 matching": (POPULATION, "ratio = 1"),
    "1:100 matching": (POPULATION, "ratio = 100"),
    "matching on sex alone": (POPULATION, 'match = ["sex"]'),
    "matching on an age caliper": (POPULATION, 'match = ["sex"]\ncaliper = "30d"'),
    "matching on county of residence": (POPULATION, 'match = ["sex", "birth_year", "county"]'),
    "matching on country of birth": (POPULATION, 'match = ["sex", "country_of_birth"]'),
    "no matching": (POPULATION, "match = []"),
    "sampling without replacement": (POPULATION, "replacement = false"),
    "full and half-siblings": (f'kind = "population"\n{POPULATION}', 'kind = "siblings"\nhalf = true'),
    "half-siblings alone": (f'kind = "population"\n{POPULATION}', 'kind = "siblings"\nhalf = "only"'),
    "siblings at the same age": (f'kind = "population"\n{POPULATION}', 'kind = "siblings"\nat = "same age"'),
    "controls drawn by the authority": (
        f'kind = "population"\n{POPULATION}',
        'kind = "given"\nmatch = ["sex", "history"]\nhistory_cap = "5y"\ncaliper = "1y"',
    ),
    "spouses": (f'kind = "population"\n{POPULATION}', 'kind = "spouses"'),
    "index event: main inpatient diagnosis": (
        FIRST,
        'first = { icd10 = ["G12.2"], source = ["inpatient"], main = true }',
    ),
    "index event: second diagnosis": (FIRST, 'first = { icd10 = ["G12.2"], record = 2 }'),
    "index event: second dispensing": (FIRST, 'first = { atc = ["N07XX02"], record = 2 }'),
    "index event: death from a cause": (FIRST, 'first = { death = true, cause = ["G12.2"] }'),
    "free of a wider disease": (FIRST, FIRST + '\nfree_of = [{ icd10 = ["G12"] }, { atc = ["N07XX02"] }]'),
    "washout": ("age = [18, 110]", 'washout = [{ event = { icd10 = ["C"] }, within = "10y" }]'),
    "years of residence": ("age = [18, 110]", 'min_residence = "5y"'),
    "years of dispensing history": ("age = [18, 110]", 'min_history = "5y"'),
    "windows from symptom onset": ("seed = 1", 'anchor = "onset"'),
    "a class at ATC level 1": (CODES, 'codes = { atc = ["N"] }'),
    "a substance at ATC level 5": (CODES, 'codes = { atc = ["N05BA01"] }'),
    "a class without a substance": (CODES, 'codes = { atc = ["N05B"], without = ["N05BE01"] }'),
    "at least four dispensings": (CODES, CODES + "\nat_least = 4"),
    "count bands": (COUNT, COUNT),
    "DDD in bands": (COUNT, '{ kind = "ddd", lag = "1y", bands = [1, 100, 1000] }'),
    "DDD as a number": (COUNT, '{ kind = "ddd", lag = "1y", per = 100 }'),
    "current, recent, past use": (COUNT, '{ kind = "recency", cuts = ["90d", "1y"] }'),
    "any use in a window": (COUNT, '{ kind = "any_use", lag = "1y", lookback = "5y" }'),
    "first use in many windows": (
        COUNT,
        '{ kind = "first_use", name = "since", cuts = ["1y", "2y", "3y", "5y", "10y"] }',
    ),
    "several lags": (
        COUNT,
        ", ".join(f'{{ kind = "ever", name = "lag_{n}", lag = "{n}y" }}' for n in (0, 2, 3, 5, 8, 10)),
    ),
    "a trend test": ('measure = "ever"', 'measure = "count"\ntrend = true'),
    "mutually adjusted only": (
        '[[models]]\nkind = "conditional logistic"\nmeasure = "ever"',
        '[[exposures]]\nname = "hypnotics"\ncodes = { atc = ["N05C"] }\nmeasures = [{ kind = "ever", lag = "1y" }]\n'
        '[[models]]\nkind = "conditional logistic"\nmeasure = "ever"\nclasses = ["together"]',
    ),
    "interaction": ('measure = "ever"', 'measure = "ever"\ninteractions = ["sex", "psychiatric"]'),
    "subgroups by covariates of one's own": ('by = "age", cuts = [65]', 'by = "psychiatric"'),
    "ages in several parts": ("cuts = [65]", "cuts = [50, 65, 80]"),
    "co-medication": (
        'kind = "diagnosis"\nname = "psychiatric"\nicd10 = ["F"]',
        'kind = "dispensing"\nname = "psychiatric"\ncodes = { atc = ["N05A"] }\nat_least = 2',
    ),
    "a diagnosis from specialist care within ten years": (
        'icd10 = ["F"]',
        'icd10 = ["F"]\nsource = ["outpatient"]\nlookback = "10y"',
    ),
    "Efron's likelihood": ('measure = "ever"', 'measure = "ever"\nties = "efron"'),
    "robust variance": ('measure = "ever"', 'measure = "ever"\nrobust = true'),
    "prognosis with a joint model": (
        "[[models]]",
        '[prognosis]\nendpoint = ["death", "invasive_ventilation"]\nmarker = "alsfrs_r"\n'
        'association = ["value", "slope"]\nentry = "registration"\n[[models]]',
    ),
}

NOT_MATCHED_ON_AGE = {"matching on sex alone", "matching on country of birth", "no matching"}


@pytest.mark.parametrize("need", SAID)
def test_it_can_be_said(need: str) -> None:
    instead_of, said = SAID[need]
    assert instead_of in STUDY
    study = parse_toml(Study, STUDY.replace(instead_of, said, 1))
    assert parse_toml(Study, study.to_toml()) == study
    age = "population controls are not matched on age and it is not adjusted for"
    free_of = "patients missing from the register may serve as controls"
    assert [advice for advice in problems(study) if age not in advice and free_of not in advice] == []
    assert any(age in advice for advice in problems(study)) == (need in NOT_MATCHED_ON_AGE)
    assert needs(study)
    changed = said != instead_of
    assert (explain(study) != explain(parse_toml(Study, STUDY))) == changed


def test_a_negative_control_exposure_is_an_exposure_like_any() -> None:
    emollients = (
        '[[exposures]]\nname = "emollients"\ncodes = { atc = ["D02"] }\nmeasures = [{ kind = "ever", lag = "1y" }]\n'
    )
    study = parse_toml(Study, STUDY + emollients)
    assert [e.name for e in study.exposures] == ["anxiolytics", "emollients"]
