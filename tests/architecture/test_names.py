"""No two unrelated modules, and no two public classes, have one name; variables have names that say what they hold."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "riskset"
MODULES = sorted(SOURCE.rglob("*.py"))

ONE_SUBJECT = {
    # One part of every estimator, and each estimator has a room of its own.
    "fitting": {"stats/clogit", "stats/cox", "stats/joint", "stats/mixed"},
    "likelihood": {"stats/clogit", "stats/joint"},
    "residuals": {"stats/cox", "stats/joint"},
    "separation": {"stats/clogit", "stats/cox"},
    # Computed in one room, shown in the report.
    "competing": {"stats/curves", "analysis/prognosis", "report/prognosis"},
    "curves": {"analysis/prognosis", "report/prognosis"},
    "decline": {"analysis/prognosis", "report/prognosis"},
    "fits": {"analysis", "report/prognosis"},
    "windows": {"exposure", "report"},
    "truth": {"report", "report/prognosis"},
    "words": {"spec", "report"},
    "tables": {"registers", "report", "results"},
    "rows": {"results", "report/prognosis"},
    # Asked for in the description, made in another room.
    "levels": {"spec", "exposure"},
    "modification": {"spec", "analysis"},
    "covariates": {"spec", "exposure"},
    "measure_words": {"spec", "report"},
    # The same of the risk and of the prognosis.
    "forms": {"analysis", "analysis/prognosis"},
    "recording": {"analysis", "analysis/prognosis"},
}
"""Modules of one name, with the folders where they may be: they speak of one subject."""

OF_ONE_KIND = {
    # The same of the risk and of the prognosis.
    "Recorder": {"analysis/recording", "analysis/prognosis/recording"},
    # A row of the vocabulary of results, and what a room makes of it.
    "Analysis": {"results/vocabulary", "report/comparison"},
    "Column": {"results/columns", "report/tables"},
    # A part of what is read: of the report's front, and of the description in sentences.
    "Section": {"report/front/section", "spec/paragraphs"},
}
"""Public classes of one name."""


def place(path: Path) -> str:
    return path.relative_to(SOURCE).with_suffix("").as_posix()


def test_modules_of_one_name_speak_of_one_subject() -> None:
    folders: dict[str, set[str]] = defaultdict(set)
    for path in MODULES:
        if path.stem not in ("__init__", "__main__"):
            folders[path.stem].add(path.parent.relative_to(SOURCE).as_posix())
    several = {name: where for name, where in folders.items() if len(where) > 1}
    assert several == ONE_SUBJECT


def test_no_two_public_classes_have_one_name() -> None:
    homes: dict[str, set[str]] = defaultdict(set)
    for path in MODULES:
        for part in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(part, ast.ClassDef) and not part.name.startswith("_"):
                homes[part.name].add(place(path))
    assert {name: where for name, where in homes.items() if len(where) > 1} == OF_ONE_KIND


SAYING_NOTHING = {"told", "own", "here", "said", "found"}
"""What a variable is not called: none says what it holds."""


def names_given(tree: ast.AST) -> Iterator[str]:
    """The names of assigned variables, attributes and fields, of parameters and of functions."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.alias(asname=str(name)):
                yield name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.ExceptHandler(name=str(name)):
                yield name


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_variables_say_what_they_hold(path: Path) -> None:
    assert not SAYING_NOTHING & set(names_given(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    "code",
    [
        "def f(told): ...",
        "self.told = 1",
        "told: int = 2",
        "for told in (): ...",
        "with a as told: ...",
        "import a as told",
        "try: ...\nexcept E as told: ...",
        "match a:\n    case A() as told: ...",
        "[told for told in a]",
    ],
)
def test_a_name_that_says_nothing_is_seen(code: str) -> None:
    assert "told" in set(names_given(ast.parse(code)))
