"""The truth of a synthetic nation, read from its ``truth.json``. Real deliveries have none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from riskset.errors import SourceError
from riskset.results.tables import PLANTED, rows_to_table


def read_planted(path: Path) -> pa.Table:
    """The planted effects and the limits of other model forms, keyed like estimates.

    Parameters
    ----------
    path : ``truth.json`` as `riskset nation` writes it

    Returns
    -------
    A table with the columns of ``results.tables.PLANTED``, values on the model's scale.
    """
    try:
        truth = json.loads(path.read_text(encoding="utf-8"))
        return rows_to_table([_row(effect) for effect in (*truth["effects"], *truth.get("limits", ()))], PLANTED)
    except FileNotFoundError:
        raise SourceError("there is no such file", where=str(path), remedy="give the truth.json of a nation") from None
    except (ValueError, KeyError, TypeError, AttributeError, IsADirectoryError):
        raise SourceError("this is no truth.json of a nation", where=str(path)) from None


def _row(effect: dict[str, Any]) -> dict[str, Any]:
    return {
        "comparison": effect.get("comparison", ""),
        "model": effect["model"],
        "exposure": effect["exposure"],
        "term": effect["measure"],
        "level": effect["level"],
        "scale": effect["scale"],
        "value": float(effect["value"]),
        "source": effect["source"],
    }
