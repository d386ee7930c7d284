"""docs/commands.md has every command, every option with its default, and every exit code."""

from __future__ import annotations

import re

import pytest

import riskset.errors
from riskset.cli import app
from riskset.cli.compare_command import DIFFERENT
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## riskset (\w+)\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL))
COMMANDS = [name for name in app if not name.startswith("-")]


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    assert list(SECTIONS) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_there_with_its_default(command: str) -> None:
    documented = dict(re.findall(r"^\| `([^`]+)` \|.*\| ([^|]+) \|$", SECTIONS[command], re.MULTILINE))
    found = {}
    for argument in app[command].assemble_argument_collection():
        name = argument.name.lstrip("-").upper() if argument.field_info.is_positional else argument.name
        found[name] = argument.field_info
    assert set(documented) == set(found)
    for name, field in found.items():
        if field.required:
            assert documented[name] == "required", name
        elif field.default not in (None, (), False):
            assert documented[name] == f"`{field.default}`", name
        else:
            assert "`" not in documented[name].replace("`OUT/store`", ""), name


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_explained_in_the_help(command: str) -> None:
    for argument in app[command].assemble_argument_collection(parse_docstring=True):
        assert argument.parameter.help, argument.name


def test_every_exit_code_is_in_the_page_and_those_of_a_mistake_in_the_readme() -> None:
    kinds = [getattr(riskset.errors, name) for name in dir(riskset.errors) if name.endswith("Error")]
    codes = {kind.exit_code for kind in kinds}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ends = {0, 2, DIFFERENT, 130, 141}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)} == codes | ends
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", readme, re.MULTILINE)} >= codes - {1} | {130}
