"""Rows of a model of the risk as cells by column, and how to find one."""

from __future__ import annotations

from typing import Any

from riskset.analysis.risk import RiskResult
from riskset.report.catalogue import ENGLISH
from riskset.results.columns import as_cells
from riskset.results.notes import NoteCode, note

ESTIMAND = (note(NoteCode.ESTIMAND, what="hazard ratio"),)
USUAL = {"estimator": "maximum likelihood"}
OF_ALL = {"modifier": "", "stratum": ""}
FIRTH = {"estimator": "firth"}


def cells_of(result: RiskResult) -> list[dict[str, Any]]:
    """The cells of all estimates, with the codes of their notes and these in words."""
    return [
        dict(as_cells(row))
        | {"codes": [one.code for one in row.notes], "words": "; ".join(ENGLISH.note(one) for one in row.notes)}
        for row in result.estimates
    ]


def find(result: RiskResult, **wanted: Any) -> dict[str, Any]:
    """The one row with these cells, by maximum likelihood where nothing else is asked for."""
    rows = cells_of(result)
    wanted = USUAL | wanted
    matching = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    keys = ("form", "estimator", "exposure", "covariate", "level", "contrast", "modifier", "stratum", "against")
    assert len(matching) == 1, [{k: row[k] for k in keys if row[k]} for row in rows]
    return matching[0]


def find_test(result: RiskResult, modifier: str, **wanted: Any) -> dict[str, Any]:
    """The row with the test of an interaction: a joint one, or the one ratio of ratios that stands for it."""
    wanted = USUAL | {"modifier": modifier} | wanted
    rows = [row for row in cells_of(result) if all(row[name] == value for name, value in wanted.items())]
    joint = [row for row in rows if row["contrast"] == "test"]
    (row,) = joint or [row for row in rows if row["contrast"] == "ratio of ratios"]
    return row


def counted(result: RiskResult, code: str, **wanted: Any) -> dict[str, Any]:
    """Whom diagnostics of a code count → their number; by the level where they are at one."""
    rows = [dict(as_cells(row)) for row in result.diagnostics]
    chosen = [r for r in rows if r["code"] == code and all(r[name] == value for name, value in wanted.items())]
    return {str(r["level"] or r["who"]): r["value"] for r in chosen}
