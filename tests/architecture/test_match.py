"""A `match` that forgets a kind falls through without a word: each ends where nothing may pass."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "riskset"


def open_matches(source: str) -> Iterator[int]:
    """The line of each `match` whose last case is not a bare `case _` that ends in `assert_never` or raises."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Match) and not _closes(node.cases[-1]):
            yield node.lineno


def _closes(case: ast.match_case) -> bool:
    catches_all = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
    last = case.body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and isinstance(last.value.func, ast.Name):
        return catches_all and last.value.func.id == "assert_never"
    return catches_all and isinstance(last, ast.Raise)


def test_every_match_is_closed() -> None:
    found = {
        str(path.relative_to(SOURCE)): lines
        for path in sorted(SOURCE.rglob("*.py"))
        if (lines := list(open_matches(path.read_text(encoding="utf-8"))))
    }
    assert not found, "end the match with `case _: assert_never(subject)`"


@pytest.mark.parametrize(
    ("end", "is_open"),
    [
        ("case _: assert_never(x)", False),
        ("case _: raise ValueError", False),
        ("case _: return 0", True),
        ("case _ if y: assert_never(x)", True),
        ("case str(): assert_never(x)", True),
        ("case int(): return 1", True),
    ],
)
def test_the_test_sees_a_match_that_lets_something_pass(end: str, is_open: bool) -> None:
    source = f"def f(x, y):\n match x:\n  case int(): return 1\n  {end}\n return 2"
    assert list(open_matches(source)) == ([2] if is_open else [])
