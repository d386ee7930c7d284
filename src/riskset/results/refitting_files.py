"""The data of the models of a run, and the list of these models, as files of one folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from riskset.errors import SourceError
from riskset.results.files import write_csv
from riskset.results.refitting import Refitting
from riskset.storage.atomic import write_text

MODELS = "models.json"
"""The list of the models, by which a release makes scripts of its own."""


def write_refitting(folder: Path, data: Mapping[str, pa.Table], refitting: Refitting) -> None:
    """Write each table as CSV, and the list of the models. The folder is a private one, for these are persons."""
    folder.mkdir(exist_ok=True)
    for name, table in data.items():
        write_csv(folder / f"{name}.csv", table)
    write_text(folder / MODELS, refitting.to_json())


def read_refitting(folder: Path) -> Refitting:
    """The list of the models; an empty one where the run has kept none.

    Raises
    ------
    SourceError
        It is not whole.
    """
    path = folder / MODELS
    if not path.is_file():
        return Refitting()
    try:
        return Refitting.from_json(path.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError):  # no JSON, or another version's
        raise SourceError(
            "the list of models is not whole", where=str(path), remedy="run the study again into this folder"
        ) from None
