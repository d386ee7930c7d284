"""The examples of docs/exposure.md run, and print what stands below them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from riskset.spec.measures import Exposure
from tests.exposure.by_hand import exposure

PAGE = (Path(__file__).parents[2] / "docs" / "exposure.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```\s+```text\n(.*?)```", PAGE, re.DOTALL)
DESCRIBED = re.findall(r"^\{ kind = .*\}$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("code", "printed"), EXAMPLES)
def test_examples_print_what_they_say(code: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, "docs/exposure.md", "exec"), {})
    assert capsys.readouterr().out == printed


def test_every_kind_of_measure_is_described_in_words_that_load() -> None:
    kinds = {kind for line in DESCRIBED for kind in _kinds(exposure(tomllib.loads(f"m = {line}")["m"]))}
    assert kinds == {"ever", "any_use", "first_use", "count", "ddd", "recency"}
    assert len(EXAMPLES) == 2


def _kinds(described: Exposure) -> list[str]:
    return [measure.kind for measure in described.measures]
