"""docs/sources.md: its example loads, its keys are all there are, its table of rules is that of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riskset.registers.rules import rules_as_markdown
from riskset.registers.source import ColumnMap, File, Sources, TableMap
from riskset.spec.base import Part

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")


def test_the_example_loads(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert example
    (tmp_path / "sources.toml").write_text(example[1], encoding="utf-8")
    sources = Sources.load(tmp_path / "sources.toml")
    assert [table.name for table in sources.tables] == ["person", "residence", "dispensing", "diagnosis"]


@pytest.mark.parametrize("part", [File, TableMap, ColumnMap, Sources])
def test_every_key_is_explained(part: type[Part]) -> None:
    explained = set(re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE))
    assert set(part.model_fields) - {"files", "tables"} <= explained


def test_the_rules_are_those_of_the_code() -> None:
    assert PAGE.endswith("## The rules\n\n" + rules_as_markdown())
