"""The examples of docs/exposure.md run, and print what stands below them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from riskset.spec.covariates import COVARIATES
from riskset.spec.measures import MEASURES, Exposure
from tests.exposure.by_hand import exposure

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "exposure.md").read_text(encoding="utf-8")
KEYS = (DOCS / "study.md").read_text(encoding="utf-8")
KINDS = [kind.model_fields["kind"].default for kind in MEASURES]
EXAMPLES = re.findall(r"```python\n(.*?)```\s+```text\n(.*?)```", PAGE, re.DOTALL)
DESCRIBED = re.findall(r"^\{ kind = .*\}$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("code", "printed"), EXAMPLES)
def test_examples_print_what_they_say(code: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, "docs/exposure.md", "exec"), {})
    assert capsys.readouterr().out == printed


def test_every_kind_of_measure_is_described_in_words_that_load() -> None:
    kinds = {kind for line in DESCRIBED for kind in _kinds(exposure(tomllib.loads(f"m = {line}")["m"]))}
    assert kinds == set(KINDS)
    assert len(EXAMPLES) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_measure_has_its_section_and_its_row(kind: str) -> None:
    assert len(re.findall(rf"^## {kind}: ", PAGE, re.MULTILINE)) == 1
    assert len(re.findall(rf"^\| `{kind}` \|", KEYS.partition("## Every key")[0], re.MULTILINE)) == 1


@pytest.mark.parametrize("name", [covariate.name for covariate in COVARIATES])
def test_every_covariate_that_needs_no_definition_is_named(name: str) -> None:
    assert f"`{name}`" in KEYS.partition("## Covariates")[2].partition("## ")[0]


def _kinds(described: Exposure) -> list[str]:
    return [measure.kind for measure in described.measures]
