"""Estimates beside what is known of a synthetic nation, for the same comparison and model form only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import pyarrow as pa

from riskset.results.planted import is_pseudo_true

FIRTH = ", Firth"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Known:
    """The rows of ``planted`` about one estimate.

    Attributes
    ----------
    planted : the planted ratio that a model of its form aims at; None for another form
    pseudo_true : the limit that a model of its form tends to, where that was solved
    elsewhere : the ratio planted for its level, where models of another form aim at it
    """

    planted: Row | None = None
    pseudo_true: Row | None = None
    elsewhere: Row | None = None


def known_of(row: Row, truths: Sequence[Row]) -> Known:
    """What is known beside a row of the estimates: the one place where estimates and truths are matched.

    A subgroup, a model with a name (and covariates) of its own and Firth's estimate, which is judged where it stands in
    for the ordinary one, have no truth of their own.
    """
    if row["subgroup"] or row["model"].endswith(FIRTH) or ": " in row["model"]:
        return Known()
    here = [
        t for t in truths if all(t[key] == row[key] for key in _PLACE) and t["comparison"] in ("", row["comparison"])
    ]
    own = [t for t in here if t["model"] in ("", row["model"])]
    planted = next((t for t in own if not is_pseudo_true(t)), None)
    elsewhere = next((t for t in here if not is_pseudo_true(t)), None) if planted is None else None
    return Known(planted, next((t for t in own if is_pseudo_true(t)), None), elsewhere)


def beside_planted(estimates: pa.Table, planted: pa.Table, *, pseudo_true: bool = False) -> list[dict[str, Any]]:
    """Each estimate that aims at a planted value beside it.

    Parameters
    ----------
    estimates, planted : with the columns of ``results.tables``
    pseudo_true : instead of planted values, the limits that models of another form tend to

    Returns
    -------
    Rows with ``comparison, model, exposure, term, level, n_informative, planted, estimate, conf_low, conf_high,
    covered, source``, all on the model's scale, by comparison and then in the order of ``planted``; a limit stands in
    ``limit`` instead of ``planted``. Estimates of all sets only, no subgroups; a value that nothing targets has no row.
    Where maximum likelihood has no finite estimate, Firth's stands in, with ``model`` saying so; without that, the
    estimate and its interval are NaN and cover nothing.
    """
    found, truths = estimates.to_pylist(), planted.to_pylist()
    estimated = {_fit(row, row["model"]): row for row in found if not row["subgroup"] and row["estimate"] is not None}
    comparisons = list(dict.fromkeys(row["comparison"] for row in found))
    rows = []
    for row in found:
        known = known_of(row, truths)
        truth = known.pseudo_true if pseudo_true else known.planted
        if truth is None:
            continue
        shown = row if row["estimate"] is not None else estimated.get(_fit(row, row["model"] + FIRTH), row)
        numbers = {key: nan if shown[key] is None else shown[key] for key in _NUMBERS}
        place = comparisons.index(row["comparison"]), truths.index(truth)
        told = (
            {key: shown[key] for key in ("comparison", "model", "exposure", "term", "level", "n_informative")}
            | numbers
            | {
                "limit" if pseudo_true else "planted": truth["value"],
                "covered": numbers["conf_low"] <= truth["value"] <= numbers["conf_high"],
                "source": truth["source"],
            }
        )
        rows.append((place, told))
    return [told for _, told in sorted(rows, key=lambda placed: placed[0])]


_PLACE = ("exposure", "term", "level", "scale")
_NUMBERS = ("estimate", "conf_low", "conf_high")


def _fit(row: Row, model: str) -> tuple[str, ...]:
    return row["analysis"], row["comparison"], model, row["exposure"], row["term"], row["level"]
