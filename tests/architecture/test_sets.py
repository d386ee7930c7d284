"""Nothing follows the order of a set: of texts it is another one in each process, and a page would be, too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "riskset"
MODULES = sorted(SOURCE.rglob("*.py"))

BLIND = {"sorted", "set", "frozenset", "any", "all", "len", "sum", "min", "max"}
"""What gives the same whatever the order is."""

KEEPING = {"list", "tuple", "enumerate", "zip", "map", "next", "iter"}
"""What keeps the order of what it is given."""


def _called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def _is_set(node: ast.AST) -> bool:
    return isinstance(node, ast.Set | ast.SetComp) or _called(node) in ("set", "frozenset")


def in_order_of_a_set(tree: ast.AST) -> Iterator[int]:
    """Lines on which something is made in the order of a set that is written there; a mapping is looked up."""
    given = {id(arg) for node in ast.walk(tree) if _called(node) in BLIND for arg in node.args}  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if isinstance(node, ast.ListComp | ast.GeneratorExp) and id(node) not in given:
            yield from (node.lineno for part in node.generators if _is_set(part.iter))
        elif isinstance(node, ast.For) and _is_set(node.iter):
            yield node.lineno
        elif isinstance(node, ast.List | ast.Tuple):
            yield from (node.lineno for one in node.elts if isinstance(one, ast.Starred) and _is_set(one.value))
        elif isinstance(node, ast.Call):
            joins = isinstance(node.func, ast.Attribute) and node.func.attr in ("join", "extend")
            if joins or _called(node) in KEEPING:
                yield from (node.lineno for arg in node.args if _is_set(arg))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_is_made_in_the_order_of_a_set(path: Path) -> None:
    assert list(in_order_of_a_set(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    ("line", "is_seen"),
    [
        ("[f(d) for d in {d for m in ms for d in m}]", True),
        ("(f(d) for d in set(ms))", True),
        ("', '.join({'a', 'b'})", True),
        ("[*frozenset(ms), 1]", True),
        ("list(set(ms))", True),
        ("sorted(f(d) for d in set(ms))", False),
        ("{f(d) for d in set(ms)}", False),
        ("sum(f(d) for d in {1, 2})", False),
        ("[f(d) for d in dict.fromkeys(ms)]", False),
        ("sorted(set(ms))", False),
    ],
)
def test_the_test_sees_what_hangs_on_the_order(line: str, is_seen: bool) -> None:
    assert bool(list(in_order_of_a_set(ast.parse(line)))) is is_seen
