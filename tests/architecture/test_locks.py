"""What is pinned: a demo installs the core alone, and the tests try the very versions that it has."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-engines.lock")


def pins(name: str) -> set[tuple[str, str]]:
    """Each package with its version."""
    return set(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_tests_and_the_engines_have_the_versions_of_the_core() -> None:
    core, names = pins("requirements.lock"), {name for name, _ in pins("requirements.lock")}
    assert core < pins("requirements-dev.lock")
    assert {pin for name in LOCKS for pin in pins(name) if pin[0] in names} == core


def test_the_core_has_what_the_package_needs_and_nothing_of_the_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    core = {name for name, _ in pins("requirements.lock")}
    needs = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    assert {normal(re.split(r"[\[<>=~]", need)[0]) for need in needs} <= core
    assert not {"pytest", "mypy", "ruff", "mkdocs-material", "statsmodels", "polars"} & core


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_its_digests(name: str) -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())
    assert all("--hash=sha256:" in block for block in blocks)
