"""The data files of R packages, which are not in this repository, beside the R results that are."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.outside import outside

HERE = Path(__file__).parent


def stored(name: str) -> dict[str, Any]:
    """The cases of a file of R results, each with its ``code``, ``data`` and ``result``."""
    return dict(json.loads((HERE / name).read_text()))


def columns(name: str) -> dict[str, np.ndarray]:
    """The columns of a data file: numbers as floats with NaN for missing, anything else as text."""
    given = outside(Path(name).name)
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
