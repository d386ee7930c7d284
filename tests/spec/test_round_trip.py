"""One study, two spellings: Python and TOML load to equal objects with equal fingerprints."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from riskset.spec import Duration, Study, explain, needs, problems, without
from riskset.spec.from_toml import parse_toml
from tests.examples import examples
from tests.spec.strategies import studies
from tests.spec.studies import STUDY

ALS = Path(__file__).parents[2] / "examples" / "als"
some_studies = settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@some_studies
@given(studies())
def test_toml_gives_the_study_back(study: Study) -> None:
    again = parse_toml(Study, study.to_toml())
    assert again == study
    assert again.fingerprint == study.fingerprint
    assert again.to_toml() == study.to_toml()


@some_studies
@given(studies())
def test_everything_that_can_be_said_can_be_told(study: Study) -> None:
    told = explain(study)
    for exposure in study.exposures:
        for measure in exposure.measures:
            assert measure.key in told
    assert all(len(line) <= 90 or " " not in line.strip() or line.startswith("  ") for line in told.splitlines()[3:])
    assert all(advice.endswith(".") for advice in problems(study))
    wanted = [(need.table, need.column) for need in needs(study)]
    assert len(set(wanted)) == len(wanted)
    assert without(study, ["prognosis"]).prognosis is None


def test_saved_and_loaded(tmp_path: Path) -> None:
    study = parse_toml(Study, STUDY)
    study.save(tmp_path / "study.toml")
    assert Study.load(tmp_path / "study.toml") == study


def test_only_what_differs_from_the_defaults_is_written() -> None:
    text = parse_toml(Study, STUDY).to_toml()
    assert "seed" not in text
    assert "ratio" not in text
    assert 'kind = "population"' in text
    assert '{ kind = "first_use", cuts = ["1y", "5y"] }' in text
    assert "start = 2015-01-01\n" in text


def test_the_founding_study_is_the_same_in_python_and_toml() -> None:
    python = runpy.run_path(str(ALS / "study.py"))["study"]
    toml = Study.load(ALS / "study.toml")
    assert python == toml
    assert python.fingerprint == toml.fingerprint


def test_a_fingerprint_is_the_same_in_another_process() -> None:
    code = f"from riskset.spec import Study; print(Study.load({str(ALS / 'study.toml')!r}).fingerprint)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == Study.load(ALS / "study.toml").fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ratio = 5", "ratio = 4"),
        ('lag = "1y"', 'lag = "12m"'),
        ("seed = 1", "seed = 2"),
        ('adjust = ["education", "psychiatric"]', 'adjust = ["psychiatric", "education"]'),
    ],
)
def test_another_study_has_another_fingerprint(one: str, other: str) -> None:
    changed = parse_toml(Study, STUDY.replace(one, other))
    assert changed.fingerprint != parse_toml(Study, STUDY).fingerprint


def test_spellings_of_a_code_are_one() -> None:
    study = parse_toml(Study, STUDY.replace('"N05B"', '" n05b"').replace('["F"]', '["f32.1"]'))
    assert study.exposures[0].codes.atc == ("N05B",)
    assert study.fingerprint == parse_toml(Study, STUDY.replace('["F"]', '["F321"]')).fingerprint


def test_a_study_is_frozen() -> None:
    study = parse_toml(Study, STUDY)
    with pytest.raises(ValidationError, match="frozen"):
        study.seed = 2  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        study.exposures[0].measures[0].lag = Duration(2, "y")  # type: ignore[misc]
    assert {study: 1}[parse_toml(Study, STUDY)] == 1
