"""A truth stands only beside the estimate that aims at it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from riskset.nation import NationSettings
from riskset.nation.planted_truth import truth_of
from riskset.results.columns import key_of, refuse_repeated
from riskset.results.planted import Planted, applicable, read_planted
from riskset.results.planted_prognosis import CASES
from riskset.results.rows import KnownTruth
from riskset.spec import Study

STUDY = Path(__file__).parents[2] / "examples" / "als" / "study.toml"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    path = tmp_path_factory.mktemp("truth") / "truth.json"
    path.write_text(json.dumps(truth_of(NationSettings())), encoding="utf-8")
    return read_planted(path)


def forms(planted: Planted, *changes: tuple[str, str]) -> set[tuple[str, str]]:
    """Which (model, measure) get a truth in the founding study with some words of its text changed."""
    text = STUDY.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    rows = applicable(planted, _study(text)).to_pylist()
    return {(row["form"], row["measure"]) for row in rows if row["comparison"] == "population"}


def _study(text: str) -> Study:
    import tomllib

    plain: dict[str, Any] = tomllib.loads(text)
    return Study.model_validate(plain)


EVERY_FORM = {(model, term) for model in ("crude", "adjusted", "mutually adjusted") for term in ("ever", "first_use")}


def test_the_founding_study_has_a_truth_for_every_form(planted: Planted) -> None:
    assert forms(planted) == EVERY_FORM


def test_without_a_confounder_only_the_crude_form_has_its_limit(planted: Planted) -> None:
    without = ('adjust = ["education", "country_of_birth", "psychiatric_diagnosis"]', 'adjust = ["education"]')
    assert forms(planted, without) == {("crude", "ever"), ("crude", "first_use")}


def test_a_confounder_with_another_lag_is_another_one(planted: Planted) -> None:
    assert forms(planted, ('lag = "1y"\n', 'lag = "2y"\n')) == {("crude", "ever"), ("crude", "first_use")}


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (("at_least = 2", "at_least = 1"), set()),
        (('lag = "1y", lag_only = "reference"', 'lag = "1y", lag_only = "level"'), {"first_use"}),
        (('cuts = ["1y", "5y"]', 'cuts = ["2y", "5y"]'), {"ever"}),
        (('match = ["sex", "birth_year"]', 'match = ["sex"]'), set()),
        (("seed = 20", 'seed = 20\nanchor = "onset"'), set()),
    ],
)
def test_other_definitions_aim_at_something_else(planted: Planted, change: tuple[str, str], left: set[str]) -> None:
    assert {term for _, term in forms(planted, change)} == left


def test_another_code_loses_the_truth_of_its_class_and_of_models_that_hold_it(planted: Planted) -> None:
    study = _study(STUDY.read_text(encoding="utf-8").replace('["N05C"]', '["N05CF"]'))
    rows = [row for row in applicable(planted, study).to_pylist() if row["comparison"] == "population"]
    assert {row["exposure"] for row in rows} == {"anxiolytics", "antidepressants"}
    assert {row["form"] for row in rows} == {"crude", "adjusted"}


def comparisons(planted: Planted, study: Study) -> dict[str, set[str]]:
    """comparison of matched sets → the model forms that have a planted ratio or a limit there."""
    found: dict[str, set[str]] = {}
    rows = applicable(planted, study.model_copy(update={"prognosis": None})).to_pylist()
    for row in rows:
        found.setdefault(row["comparison"], set()).add(row["form"])
    return found


def test_relatives_have_the_planted_ratios_and_no_limits(planted: Planted) -> None:
    found = comparisons(planted, Study.load(STUDY))
    assert found.pop("population") == {"crude", "adjusted", "mutually adjusted"}
    assert found == {
        "siblings": {"mutually adjusted"},
        "population, cases with siblings": {"mutually adjusted"},
        "spouses": {"mutually adjusted"},
        "population, cases with spouses": {"mutually adjusted"},
    }
    rows = applicable(planted, Study.load(STUDY)).to_pylist()
    assert {row["truth"] for row in rows if row["comparison"] == "siblings"} <= {
        "planted, published",
        "planted, assumed",
    }
    assert sum(row["comparison"] == "siblings" for row in rows) == 9


@pytest.mark.parametrize("told", [{"comparisons": ["population"]}, {}])
def test_only_the_comparisons_that_the_nation_names_have_a_truth(planted: Planted, told: dict[str, Any]) -> None:
    definition = {key: value for key, value in planted.definition.items() if key != "comparisons"} | told
    found = comparisons(replace(planted, definition=definition), Study.load(STUDY))
    assert set(found) == {"population"}


def test_siblings_at_the_same_age_are_another_question(planted: Planted) -> None:
    text = STUDY.read_text(encoding="utf-8").replace('kind = "siblings"', 'kind = "siblings"\nat = "same age"')
    found = comparisons(planted, _study(text))
    assert set(found) == {"population", "spouses", "population, cases with spouses"}


def test_population_sets_of_other_keys_lose_the_truth_and_relatives_keep_it(planted: Planted) -> None:
    text = STUDY.read_text(encoding="utf-8").replace('match = ["sex", "birth_year"]', 'match = ["sex"]')
    assert set(comparisons(planted, _study(text))) == {"siblings", "spouses"}


def course(planted: Planted, *changes: tuple[str, str]) -> dict[tuple[str, str], float]:
    """(class or marker, scale) → the truth of the founding study's joint model, with some words of its text changed."""
    text = STUDY.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    rows = applicable(planted, _study(text)).to_pylist()
    joint = [row for row in rows if (row["family"], row["form"]) == ("joint", "mutually adjusted")]
    return {(row["exposure"] or row["covariate"], row["scale"]): row["value"] for row in joint}


def test_the_prognosis_has_the_direct_ratios_the_association_and_the_slopes(planted: Planted) -> None:
    found = course(planted)
    assert found["antidepressants", "log_hr"] == pytest.approx(0.5423, abs=1e-4)  # log 1.72
    assert found["anxiolytics", "log_hr"] == pytest.approx(0.4187, abs=1e-4)  # log 1.52
    assert found["alsfrs_r", "log_hr"] == -0.09
    assert {name: found[(name, "slope")] for name in ("anxiolytics", "hypnotics", "antidepressants")} == {
        "anxiolytics": 0.0,
        "hypnotics": 0.0,
        "antidepressants": -0.2,
    }


def test_truths_of_the_course_have_one_key_each(planted: Planted) -> None:
    rows = applicable(planted, Study.load(STUDY))
    of_cases = rows.filter(pc.field("comparison") == CASES)
    assert len(of_cases) == 10  # three direct ratios, three total effects, three slopes and the association
    refuse_repeated(of_cases, key_of(KnownTruth))


@pytest.mark.parametrize(
    "change",
    [
        ('"onset_site", ', ""),
        ('marker = "alsfrs_r"', 'marker = "alsfrs_r"\nassociation = ["slope"]'),
        ('marker = "alsfrs_r"', 'marker = "alsfrs_r"\norigin = "onset"'),
        ('marker = "alsfrs_r"', 'marker = "alsfrs_r"\nlag = "2y"'),
        ('marker = "alsfrs_r"', 'marker = "alsfrs_r"\nexposures = ["anxiolytics"]'),
        ("at_least = 2", "at_least = 1"),
    ],
)
def test_another_prognosis_aims_at_something_else(planted: Planted, change: tuple[str, str]) -> None:
    assert course(planted, change) == {}
