"""docs/sources.md: its example loads, its keys are all there are, its table of rules is that of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riskset.registers.delivered.column_map import ColumnMap
from riskset.registers.delivered.file import File
from riskset.registers.delivered.source import Sources, TableMap
from riskset.registers.documentation import SECTIONS, renewed
from riskset.registers.schema import TABLES
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


def test_its_tables_and_rules_are_those_of_the_code() -> None:
    assert set(SECTIONS) <= set(re.findall(r"^## (.*)", PAGE, re.MULTILINE))
    assert renewed(PAGE) == PAGE, "run python -m riskset.registers.documentation docs/sources.md"


def test_a_page_that_is_out_of_date_is_renewed() -> None:
    assert renewed(PAGE.replace("thousandths of a DDD", "DDD").replace("| date absurd |", "| date odd |")) == PAGE


def test_every_canonical_column_is_there() -> None:
    for table in TABLES.values():
        section = PAGE.split(f"### {table.name}\n")[1].split("\n#")[0]
        assert re.findall(r"^\| `(\w+)`", section, re.MULTILINE) == [c.name for c in table.columns]


def test_the_import_that_it_names_is_one() -> None:
    assert all("--store" in command for command in re.findall(r"`(riskset import.*?)`", PAGE))
