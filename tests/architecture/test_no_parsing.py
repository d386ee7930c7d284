"""The report reads columns: no module of it takes labels, notes or names of models apart.

What is about typography alone, and not about what a text means, stands in `ALLOWED` with its reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPORT = Path(__file__).parents[2] / "src" / "riskset" / "report"
READING = {"startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "split", "rsplit"}

ALLOWED = {
    ("prognosis/fits.py", "_small"): "the digits and the power of a number",
    ("explained.py", "render_explanation"): "items of a list in the text of `riskset explain`",
    ("protocol_pages.py", "_is_point"): "items of a list in the text of `riskset explain`",
    ("formats.py", "p_phrase"): "the sign before a p-value",
    ("formats.py", "number"): "the minus before a nought",
    ("tables.py", "sentence"): "the full stop of a sentence",
}
"""(module, function) → why it may."""


def _modules() -> list[str]:
    return sorted(path.relative_to(REPORT).as_posix() for path in REPORT.rglob("*.py"))


def _readings(tree: ast.Module) -> Iterator[tuple[str, int, str]]:
    """Function, line and what is called, of each call that takes a text apart."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READING:
                yield function.name, node.lineno, node.func.attr
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
                left = node.left
                if isinstance(left, ast.Constant) and isinstance(left.value, str) and not left.value.isidentifier():
                    yield function.name, node.lineno, f"{left.value!r} in"


@pytest.mark.parametrize("module", _modules())
def test_no_text_is_taken_apart(module: str) -> None:
    tree = ast.parse((REPORT / module).read_text(encoding="utf-8"))
    wrong = [f"{module}:{line} {what}" for name, line, what in _readings(tree) if (module, name) not in ALLOWED]
    assert not wrong


def test_what_is_allowed_is_there() -> None:
    """An allowance that nothing needs is taken back."""
    for module, function in ALLOWED:
        tree = ast.parse((REPORT / module).read_text(encoding="utf-8"))
        assert function in {name for name, _, _ in _readings(tree)}, (module, function)
