"""Every public module, class and function says what it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "riskset"
MODULES = sorted(SOURCE.rglob("*.py"))
LONGEST = 400  # lines; files of a few hundred lines


def silent(path: Path) -> Iterator[str]:
    """The module, its public functions and its public classes, those without a docstring."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    if not ast.get_docstring(module):
        yield path.stem
    for part in module.body:
        named = isinstance(part, (ast.FunctionDef, ast.ClassDef)) and not part.name.startswith("_")
        if named and not ast.get_docstring(part):
            yield f"{path.stem}.{part.name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_public_name_has_a_docstring(path: Path) -> None:
    assert list(silent(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST
