"""A measure owns its facts: no module of the report knows which kinds there are, but the one that words each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskset.spec import measure_base, measures

REPORT = Path(__file__).parents[2] / "src" / "riskset" / "report"
WORDS = "catalogue/english_measures.py"
"""Where each kind has its words, in a `match` that a new kind breaks."""

KINDS = {kind.model_fields["kind"].default for kind in measures.MEASURES}
CLASSES = {
    name
    for module in (measures, measure_base)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, measure_base.BaseMeasure)
}


def kinds_known(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each class of measures that a module speaks of, and of each kind that it compares with."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in CLASSES:
                yield node.lineno, name
        if isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name in CLASSES)
        if isinstance(node, ast.Compare | ast.Match):
            yield from ((node.lineno, kind) for kind in _compared(node))


def _compared(node: ast.Compare | ast.Match) -> Iterator[str]:
    """The kinds of measures with which a `.kind` is compared."""
    texts = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    subject = [node.subject] if isinstance(node, ast.Match) else [node.left, *node.comparators]
    if any(isinstance(one, ast.Attribute) and one.attr == "kind" for one in subject):
        yield from sorted(texts & KINDS)


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("isinstance(m, FirstUse | Recency)", ["FirstUse", "Recency"]),
        ("isinstance(m, measures.Ever)", ["Ever"]),
        ("type(m) is BandedMeasure", ["BandedMeasure"]),
        ("from riskset.spec.measures import Ever as E", ["Ever"]),
        ("measure.kind == 'any_use'", ["any_use"]),
        ("'ever' != measure.kind", ["ever"]),
        ("measure.kind in ('ever', 'count')", ["count", "ever"]),
        ("match m.kind:\n case 'recency': pass", ["recency"]),
        ("controls.kind == 'siblings'", []),
        ("line.level == 'ever'", []),
        ("measure.parts_time", []),
    ],
)
def test_who_asks_for_a_kind_is_seen(line: str, known: list[str]) -> None:
    assert [name for _, name in kinds_known(line)] == known


def test_the_report_knows_no_kind_of_measure() -> None:
    found = {
        f"{path.relative_to(REPORT)}:{line} {name}"
        for path in sorted(REPORT.rglob("*.py"))
        if path.relative_to(REPORT).as_posix() != WORDS
        for line, name in kinds_known(path.read_text(encoding="utf-8"))
    }
    assert not found, "make it a property of the measure in spec/measures.py"
