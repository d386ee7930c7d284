"""What identifies a model and what it is adjusted for follow from the description, and tell nothing of the data."""

from __future__ import annotations

from typing import Any

import pytest

from riskset.results.columns import as_cells, key_of
from riskset.results.rows import Estimate
from tests.analysis.test_kin import POPULATION, families, fit

ASKED: dict[str, Any] = {
    "adjust": ["education", "age"],
    "classes": ["each"],
    "interactions": ["education"],
    "firth_below": 500,
}
KEY = key_of(Estimate)


def said(sets: list[list[dict[str, Any]]], kind: dict[str, Any]) -> dict[tuple[Any, ...], tuple[str, str]]:
    """Key of an estimate → what it says of its model."""
    rows = [dict(as_cells(row)) for row in fit(kind, sets, **ASKED).estimates]
    return {tuple(row[name] for name in KEY): (row["model_id"], row["adjusted_for"]) for row in rows}


@pytest.mark.parametrize(
    "kind", [{**POPULATION, "name": "close"}, {"kind": "siblings"}], ids=["population", "siblings"]
)
def test_other_data_give_the_same_models(kind: dict[str, Any]) -> None:
    levels = ("short", "middle", "long")
    schooled = [
        [member | {"education": levels[(i + 2 * j) % 3]} for j, member in enumerate(group)]
        for i, group in enumerate(families(150))
    ]
    alike = [[member | {"education": "short"} for member in group] for group in schooled]
    fewer = [group[:2] for group in families(40, seed=9)]
    fewer = [[member | {"education": levels[j]} for j, member in enumerate(group)] for group in fewer]
    whole = said(schooled, kind)
    for other in (alike, fewer):
        here = said(other, kind)
        shared = whole.keys() & here.keys()
        assert len(shared) >= 2
        assert {key: here[key] for key in shared} == {key: whole[key] for key in shared}
