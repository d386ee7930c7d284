"""What is written never comes in the order of a set, which for texts is another one in each process."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "riskset"
MODULES = sorted(SOURCE.rglob("*.py"))

WITHOUT_ORDER = {"set", "frozenset", "sorted", "len", "any", "all", "min", "max"}
"""What takes its arguments in any order and gives the same."""
IN_ORDER = {"list", "tuple", "enumerate", "zip", "dict", "map", "filter", "iter", "next"}
IN_ORDER_METHODS = {"join", "fromkeys", "extend"}
SETS = {"set", "frozenset", "Set", "AbstractSet", "FrozenSet"}

ANY_ORDER = {
    "disclosure/withholding.py": 1,  # a mapping that is only looked up
    "disclosure/suppress.py": 1,  # each adds itself to sets
}
"""Places that go through a set and may: what comes of it has no order."""


def is_set(node: ast.expr | None, names: set[str]) -> bool:
    """Whether an expression is a set, as far as its text tells."""
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Name(id=name):
            return name in names
        case ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
        case ast.BinOp(left=left, right=right, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor()):
            return is_set(left, names) or is_set(right, names)
        case ast.IfExp(body=body, orelse=orelse):
            return is_set(body, names) or is_set(orelse, names)
    return False


def is_annotated(annotation: ast.expr | None) -> bool:
    """Whether an annotation says that it is a set."""
    base = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return isinstance(base, ast.Name) and base.id in SETS


def sets_of(scope: ast.AST) -> set[str]:
    """Names that are sets wherever they are given a value in a function."""
    is_one: dict[str, bool] = {}
    for node in ast.walk(scope):
        match node:
            case ast.arg(arg=name, annotation=annotation) if annotation is not None:
                is_one[name] = is_one.get(name, True) and is_annotated(annotation)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                is_one[name] = is_one.get(name, True) and is_annotated(annotation)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                is_one[name] = is_one.get(name, True) and is_set(value, set())
            case ast.comprehension(target=ast.Name(id=name)) | ast.For(target=ast.Name(id=name)):
                is_one[name] = False
    return {name for name, one in is_one.items() if one}


def gone_through(node: ast.AST) -> list[ast.expr]:
    """What a piece of code takes in its order."""
    match node:
        case ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
            return [generator.iter for generator in node.generators]
        case ast.For(iter=over) | ast.YieldFrom(value=over) | ast.Starred(value=over):
            return [over]
        case ast.Call(func=ast.Name(id=name)) if name in IN_ORDER:
            return node.args
        case ast.Call(func=ast.Attribute(attr=name)) if name in IN_ORDER_METHODS:
            return node.args
    return []


def sets_in_order(tree: ast.Module) -> Iterator[int]:
    """Lines that go through a set in its order."""
    around = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    seen: set[ast.AST] = set()
    for scope in [*reversed(functions), tree]:  # the inner ones first
        names = sets_of(scope) if scope is not tree else set()
        for node in ast.walk(scope):
            if node in seen:
                continue
            seen.add(node)
            outer = around.get(node)
            free = isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id in WITHOUT_ORDER
            free = free or isinstance(outer, ast.Set)
            if not free and any(is_set(over, names) for over in gone_through(node)):
                yield node.lineno  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_comes_in_the_order_of_a_set(path: Path) -> None:
    lines = list(sets_in_order(ast.parse(path.read_text(encoding="utf-8"))))
    assert len(lines) == ANY_ORDER.get(path.relative_to(SOURCE).as_posix(), 0), f"lines {lines}: sort it, or distinct"


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("[x for x in {y for y in z}]", 1),
        ("', '.join(set(z))", 1),
        ("def f(names: set[str]):\n    for name in names:\n        print(name)", 1),
        ("def f(z):\n    names = {x for x in z}\n    return [*names]", 1),
        ("sorted({x for x in z})", 0),
        ("len([x for x in z])", 0),
        ("def f(z):\n    names = {x for x in z}\n    return sorted(x for x in names)", 0),
        ("{x for x in set(z)}", 0),
        ("def f(names: list[str]):\n    return [x for x in names]", 0),
    ],
)
def test_what_the_test_sees(code: str, seen: int) -> None:
    assert len(list(sets_in_order(ast.parse(code)))) == seen
