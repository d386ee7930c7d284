"""The prognosis in a description: what can be said of it, what is refused, and how it is explained."""

from __future__ import annotations

import pytest

from riskset.errors import SpecError
from riskset.spec import Study, explain
from riskset.spec.check import problems
from riskset.spec.from_toml import parse_toml
from tests.spec.studies import STUDY

PROGNOSIS = '[prognosis]\nendpoint = ["death", "invasive_ventilation"]\nmarker = "alsfrs_r"\n'
PUBLISHED = """[[published]]
exposure = "anxiolytics"
analysis = "prognosis"
measure = "ever"
level = "ever"
estimate = 1.52
low = 1.12
high = 2.05
source = "A paper"
note = "as 300 events give"
"""


def described(prognosis: str = "", published: str = "") -> Study:
    return parse_toml(Study, STUDY.replace("[[models]]", f"{PROGNOSIS}{prognosis}[[models]]", 1) + published)


def told(study: Study) -> str:
    return " ".join(explain(study).split())


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            'other_baselines = ["piecewise", "weibull"]\n',
            "is a restricted cubic spline (in sensitivities constant in pieces and that of a Weibull distribution)",
        ),
        ('survival_at = "18m"\n', "the share without an event 18 months after diagnosis, standardized to all patients"),
        ("", "Each cause on its own has cause-specific Cox models and Fine-Gray models"),
        ("", "the share without an event 2 years after diagnosis"),
        ('adjust = ["age"]\nclasses = ["together"]\n', "Each exposure stands alone, without"),  # there is one class
    ],
)
def test_every_part_is_explained(said: str, sentence: str) -> None:
    study = described(said)
    assert sentence in told(study)
    assert parse_toml(Study, study.to_toml()) == study


def test_all_together_alone() -> None:
    more = STUDY.replace("[[models]]", f'{PROGNOSIS}classes = ["together"]\n[[models]]', 1) + (
        '[[exposures]]\nname = "hypnotics"\ncodes = { atc = ["N05C"] }\nmeasures = [{ kind = "ever", lag = "1y" }]\n'
    )
    assert "All stand together; no covariates are adjusted for." in told(parse_toml(Study, more))


def test_one_cause_needs_no_competing_models() -> None:
    study = parse_toml(Study, STUDY.replace("[[models]]", '[prognosis]\nendpoint = ["death"]\n[[models]]', 1))
    assert "cause-specific" not in told(study)
    other = STUDY.replace("[[models]]", '[prognosis]\nendpoint = ["invasive_ventilation"]\n[[models]]', 1)
    assert "cause-specific" in told(parse_toml(Study, other))


@pytest.mark.parametrize(
    ("said", "where", "says"),
    [
        ('other_baselines = ["spline"]\n', "other_baselines", "spline is the baseline of the main models"),
        ('association = ["value", "value"]\n', "association", "a name is there twice"),
        ("marker_range = [48, 0]\n", "marker_range", "the range of the marker is empty"),
        ('curves_from = "3y"\n', "curves_from", "curves start at or after the horizon"),
        ('exposures = ["statins"]\n', "exposures", "'statins'"),
        ("until = 2014-01-01\n", "until", "follow-up ends before the period starts"),
    ],
)
def test_what_cannot_be_meant_is_refused(said: str, where: str, says: str) -> None:
    with pytest.raises(SpecError) as error:
        described(said)
    assert f"prognosis.{where}" in str(error.value)
    assert says in str(error.value)


def test_a_published_hazard_ratio_stands_beside_the_prognosis() -> None:
    study = described(published=PUBLISHED)
    (figure,) = study.published
    assert (figure.analysis, figure.measure, figure.estimate, figure.high) == ("prognosis", "ever", 1.52, 2.05)
    assert parse_toml(Study, study.to_toml()) == study
    assert "anxiolytics, hazard ratio after diagnosis: 1.52 (1.12 to 2.05); as 300 events give" in told(study)
    assert not [advice for advice in problems(study) if advice.startswith("published")]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('measure = "ever"\nlevel', 'measure = "first_use"\nlevel', "no measure of the prognosis"),
        ('exposure = "anxiolytics"\nanalysis', 'exposure = "statins"\nanalysis', "'statins' is no exposure"),
        ("high = 2.05", "high = 1.05", "the estimate lies outside its interval"),
        ('analysis = "prognosis"', 'analysis = "survival"', "published[0].analysis"),
    ],
)
def test_a_published_hazard_ratio_of_nothing_is_refused(old: str, new: str, says: str) -> None:
    assert old in PUBLISHED
    with pytest.raises(SpecError) as error:
        described(published=PUBLISHED.replace(old, new))
    assert says in str(error.value)


def test_a_published_level_that_there_is_not_is_told() -> None:
    study = described(published=PUBLISHED.replace('level = "ever"', 'level = "1-5y"'))
    assert any("published[0].level" in advice and "shown beside nothing" in advice for advice in problems(study))
