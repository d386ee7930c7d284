"""What the tests show, and by what: the matrix of features and evidence.

A test says what it shows by ``@shows("eligibility.age", by=Evidence.REFERENCE)``, a whole module by
``pytestmark = shows(...)``. The features are those of `tests.features`. ``python -m tests.shown`` writes
`docs/what-is-shown.md`; `tests/architecture/test_shown.py` holds the page and the tests to each other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "what-is-shown.md"
TIERS = frozenset({"slow", "r", "postgres", "spark"})
"""Markers of tests that a plain run leaves out, or runs only where another program is there."""


class Evidence(StrEnum):
    """By what a test shows a feature, the strongest first."""

    OUTSIDE = "from outside"
    """Numbers made elsewhere: R, a derivation by hand, a published table."""
    REFERENCE = "slow reference"
    """A slow plain loop, enumeration, or an estimator shown by itself on columns that the test writes out."""
    PLANTED = "planted truth"
    """A planted effect is found again, or where there is none one test in twenty rejects."""
    SMOKE = "smoke only"
    """It runs, and no more is known."""
    REFUSED = "refused"
    """What cannot be meant is refused with a sentence."""


SHOWN = frozenset({Evidence.OUTSIDE, Evidence.REFERENCE, Evidence.PLANTED})
"""The evidence of which every feature has some."""


def shows(*features: str, by: Evidence) -> pytest.MarkDecorator:
    """The marker of a test, or of a module, that shows some features."""
    return pytest.mark.shows(*features, by=by)


@dataclass(frozen=True)
class Shown:
    """A test that shows a feature.

    Attributes
    ----------
    feature, evidence : what it shows, and by what
    test : its file below `tests` and its name; of a whole module the file alone
    tier : the marker that keeps it out of a plain run; empty without one
    """

    feature: str
    evidence: Evidence
    test: str
    tier: str = ""


def all_shown() -> list[Shown]:
    """What every test says that it shows, read from the source without running it."""
    files = sorted(TESTS.rglob("test_*.py"))
    return [one for file in files for one in shown_in(file.read_text("utf-8"), file.relative_to(TESTS).as_posix())]


def shown_in(source: str, file: str) -> Iterator[Shown]:
    """What the tests of one file show.

    Raises
    ------
    ValueError
        A feature or its evidence is not written out, or the marker stands on what is no test.
    """
    tree = ast.parse(source)
    of_module = [mark for node in tree.body for mark in _marks_of_module(node)]
    tier = _tier(of_module)
    yield from _shown_by(of_module, file, tier)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            marks = node.decorator_list
            if not node.name.startswith("test_") and any(map(_is_shows, marks)):
                raise ValueError(f"{file}: {node.name} is no test")
            yield from _shown_by(marks, f"{file}: {node.name}", _tier(marks) or tier)


def _marks_of_module(node: ast.stmt) -> list[ast.expr]:
    if not (isinstance(node, ast.Assign) and [ast.unparse(t) for t in node.targets] == ["pytestmark"]):
        return []
    return node.value.elts if isinstance(node.value, ast.List) else [node.value]


def _is_shows(mark: ast.expr) -> bool:
    return isinstance(mark, ast.Call) and ast.unparse(mark.func) == "shows"


def _tier(marks: Sequence[ast.expr]) -> str:
    names = [ast.unparse(mark).removeprefix("pytest.mark.") for mark in marks]
    return next((name for name in names if name in TIERS), "")


def _shown_by(marks: Sequence[ast.expr], test: str, tier: str) -> Iterator[Shown]:
    for mark in marks:
        if not (isinstance(mark, ast.Call) and _is_shows(mark)):
            continue
        by = [ast.unparse(keyword.value) for keyword in mark.keywords if keyword.arg == "by"]
        names = [arg.value for arg in mark.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if len(names) < len(mark.args) or not by or not by[0].startswith("Evidence."):
            raise ValueError(f"{test}: write the features and the evidence out")
        for name in names:
            yield Shown(name, Evidence[by[0].removeprefix("Evidence.")], test, tier)


def holes(vocabulary: Sequence[str], shown: Sequence[Shown]) -> list[str]:
    """The features that nothing shows, or that only run."""
    seen = {one.feature for one in shown if one.evidence in SHOWN}
    return [feature for feature in vocabulary if feature not in seen]


HEAD = """# What is shown, and by what

Every key of `study.toml` on which a number depends, every value of its closed sets, and the closed sets of the tables
of results, with the tests that show it; the results that have no row are named below, with the reason. The list of
features is read off from the source, the tests from their markers: a feature without a test, or one of which it is
known only that it runs, fails the suite. This page is written by
`python -m tests.shown`.

- **From outside**: numbers made elsewhere — R, a derivation by hand, a published table.
- **Slow reference**: a slow plain loop, enumeration, or an estimator that is shown by itself, on columns that the test
  writes out.
- **Planted truth**: a planted effect is found again, or where there is none one test in twenty rejects.
- **Smoke only**: it runs, and no more is known. This column is empty.
- **Refused**: what cannot be meant is refused with a sentence.

A number counts tests and leads to their names; a test that a plain run leaves out has its marker beside it. A test of
many values counts once.
"""


def page(vocabulary: dict[str, tuple[str, ...]], shown: Sequence[Shown], no_cells: Mapping[str, str]) -> str:
    """The matrix as Markdown.

    Parameters
    ----------
    no_cells : closed sets of results, and values of them, that have no row; and why
    """
    lines = [HEAD]
    for heading, names in vocabulary.items():
        lines += [f"## {heading}", "", f"| | {' | '.join(e.capitalize() for e in Evidence)} |", "|---" * 6 + "|"]
        lines += [_row(name, [one for one in shown if one.feature == name]) for name in names]
        lines.append("")
    lines += ["## Results without a row", "", *(f"- `{name}`: {why}." for name, why in no_cells.items()), ""]
    lines += ["## The tests", "", "| feature | evidence | tests |", "|---|---|---|"]
    for names in vocabulary.values():
        for name in names:
            lines += _named(name, [one for one in shown if one.feature == name])
    return "\n".join(lines) + "\n"


def _row(feature: str, shown: Sequence[Shown]) -> str:
    counts = {evidence: sum(one.evidence == evidence for one in shown) for evidence in Evidence}
    if any(counts[evidence] for evidence in SHOWN):
        counts[Evidence.SMOKE] = 0
    cells = [f"[{count}](#{_anchor(feature)})" if count else "" for count in counts.values()]
    return f"| `{feature}` | {' | '.join(cells)} |"


def _named(feature: str, shown: Sequence[Shown]) -> Iterator[str]:
    first = f'<span id="{_anchor(feature)}"></span>`{feature}`'
    for evidence in Evidence:
        tests = [f"{one.test}{f' ({one.tier})' if one.tier else ''}" for one in shown if one.evidence == evidence]
        if tests:
            yield f"| {first} | {evidence} | {'<br>'.join(sorted(tests))} |"
            first = ""


def _anchor(feature: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in feature)


if __name__ == "__main__":
    from tests.features import features, no_cells

    PAGE.write_text(page(features(), all_shown(), no_cells()), encoding="utf-8", newline="\n")
