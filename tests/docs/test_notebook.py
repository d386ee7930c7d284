"""The notebook of the documentation runs, shows nobody, and is stored without what it showed."""

from __future__ import annotations

import ast
import json
import warnings
from typing import Any

import pytest

from riskset.nation import NationSettings, make_nation
from tests.docs.pages import ROOT
from tests.test_notebook import values_in

NOTEBOOK = json.loads((ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))
CELLS = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def shown_by(cell: str, names: dict[str, Any]) -> Any:
    """Run a cell; what its last line gives, which a notebook would show."""
    tree = ast.parse(cell)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if isinstance(last, ast.Expr) else None


def as_shown(thing: Any) -> str:
    """Its text and its HTML, as a notebook stores both."""
    html = thing._repr_html_() if hasattr(type(thing), "_repr_html_") else ""
    return f"{thing!r}{html}"


@pytest.fixture(scope="module")
def shown() -> list[Any]:
    names: dict[str, Any] = {}
    return [shown_by(cell, names) for cell in CELLS]


def test_it_is_stored_without_outputs() -> None:
    for cell in NOTEBOOK["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert not cell["metadata"]


def test_from_frames_to_a_forest_plot_it_takes_at_most_twenty_lines(shown: list[Any]) -> None:
    study = next(i for i, cell in enumerate(CELLS) if "run.forest()" in cell)
    assert len([line for line in CELLS[study].splitlines() if line.strip()]) <= 20
    ratios = [row["text"] for row in values_in(shown[study]) if "–" in str(row.get("text"))]
    assert len(ratios) == 4  # two classes, crude and mutually adjusted


def test_what_it_shows_holds_nobody(shown: list[Any]) -> None:
    """No day of birth; and the table with a row for each member of the sets says its shape alone."""
    texts = [as_shown(thing) for thing in shown if thing is not None and not hasattr(thing, "to_dict")]
    [table] = [text for text in texts if text.startswith("MicrodataTable(")]
    assert "smoker" in table
    people = make_nation(NationSettings(persons=6_000, incidence=200, seed=3)).tables()["person"]
    for day in people["birth_date"].to_pylist()[:500]:
        assert not [text for text in texts if str(day) in text]


def test_a_refit_with_a_variable_of_ones_own_has_its_row(shown: list[Any]) -> None:
    fitted = shown[-1]
    assert fitted.term[-1] == "smoker"
    assert 0.4 < fitted.estimate[-1] < 2.5  # who smokes there is chance
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "smoker" in as_shown(fitted)
