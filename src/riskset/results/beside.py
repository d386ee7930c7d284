"""Estimates beside the truth that was planted, for the same model form only."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def beside_planted(estimates: pa.Table, planted: pa.Table) -> list[dict[str, Any]]:
    """Each planted value with the estimates that target it.

    Parameters
    ----------
    estimates, planted : with the columns of ``results.tables``

    Returns
    -------
    Rows with ``comparison, model, exposure, term, level, planted, estimate, conf_low, conf_high, covered, source``, all
    on the model's scale. Estimates of all sets only, no subgroups; a planted value that nothing targets has no row.
    """
    rows = []
    found = [row for row in estimates.to_pylist() if not row["subgroup"] and row["estimate"] is not None]
    for truth in planted.to_pylist():
        for row in found:
            same = all(row[key] == truth[key] for key in ("model", "exposure", "term", "level", "scale"))
            if same and truth["comparison"] in ("", row["comparison"]):
                rows.append(
                    {key: row[key] for key in ("comparison", "model", "exposure", "term", "level", "estimate")}
                    | {key: row[key] for key in ("conf_low", "conf_high")}
                    | {
                        "planted": truth["value"],
                        "covered": row["conf_low"] <= truth["value"] <= row["conf_high"],
                        "source": truth["source"],
                    }
                )
    return rows
