"""The data files of R packages, which are not in this repository, beside the R results that are."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).parent
R_DATA = HERE.parents[1].parent / "shared" / "reference"


def stored(name: str) -> dict[str, Any]:
    """The cases of a file of R results, each with its ``code``, ``data`` and ``result``."""
    return dict(json.loads((HERE / name).read_text()))


def columns(name: str) -> dict[str, np.ndarray]:
    """The columns of a data file: numbers as floats with NaN for missing, anything else as text."""
    given = R_DATA / name
    if not given.exists():
        pytest.skip(f"{given.name} belongs to an R package and is not in this repository")
    rows = list(csv.DictReader(given.read_text().splitlines()))
    found = {}
    for column in rows[0]:
        texts = [row[column] for row in rows]
        try:
            found[column] = np.array([float(text) if text not in ("", "NA") else np.nan for text in texts])
        except ValueError:
            found[column] = np.array(texts)
    found["row"] = np.arange(len(rows), dtype=float)
    return found
