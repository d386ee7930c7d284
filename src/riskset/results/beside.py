"""Estimates beside what is known of a synthetic nation, for the same model form only."""

from __future__ import annotations

from math import nan
from typing import Any

import pyarrow as pa

FIRTH = ", Firth"


def is_limit(truth: dict[str, Any]) -> bool:
    """Whether a row of ``planted`` is the limit of a model form; the others are planted ratios."""
    return (truth["source"] or "").startswith("limit")


def beside_planted(estimates: pa.Table, planted: pa.Table, *, limits: bool = False) -> list[dict[str, Any]]:
    """Each planted value with the estimates that target it.

    Parameters
    ----------
    estimates, planted : with the columns of ``results.tables``
    limits : instead of planted values, the limits that models of another form tend to

    Returns
    -------
    Rows with ``comparison, model, exposure, term, level, planted, estimate, conf_low, conf_high, covered, source``, all
    on the model's scale; a limit stands in ``limit`` instead of ``planted``. Estimates of all sets only, no subgroups;
    a value that nothing targets has no row. Where maximum likelihood has no finite estimate, Firth's stands in, with
    ``model`` saying so; without that, the estimate and its interval are NaN and cover nothing.
    """
    found = [row for row in estimates.to_pylist() if not row["subgroup"]]
    estimated = {_fit(row, row["model"]): row for row in found if row["estimate"] is not None}
    rows = []
    for truth in planted.to_pylist():
        for row in found if is_limit(truth) == limits else ():
            same = all(row[key] == truth[key] for key in ("model", "exposure", "term", "level", "scale"))
            if same and truth["comparison"] in ("", row["comparison"]):
                firth = estimated.get(_fit(row, row["model"] + FIRTH), row)
                shown = row if row["estimate"] is not None else firth
                numbers = {key: nan if shown[key] is None else shown[key] for key in _NUMBERS}
                rows.append(
                    {key: shown[key] for key in ("comparison", "model", "exposure", "term", "level")}
                    | numbers
                    | {
                        "limit" if limits else "planted": truth["value"],
                        "covered": numbers["conf_low"] <= truth["value"] <= numbers["conf_high"],
                        "source": truth["source"],
                    }
                )
    return rows


_NUMBERS = ("estimate", "conf_low", "conf_high")


def _fit(row: dict[str, Any], model: str) -> tuple[str, ...]:
    return row["analysis"], row["comparison"], model, row["exposure"], row["term"], row["level"]
