"""Data from outside that cannot be part of the project: files of R packages under their own licences.

They are looked for in the folder that ``RISKSET_OUTSIDE`` names, or else in folders beside the project; tests that need
one that is not there are skipped and say so.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
DMLATE = PROJECT / "examples" / "dmlate"


def find_outside(name: str) -> Path | None:
    """Where a file from outside is, if anywhere."""
    if named := os.environ.get("RISKSET_OUTSIDE"):
        found = Path(named).rglob(name)
    else:
        near = [folder for folder in PROJECT.parent.glob("[!.]*/") if folder != PROJECT]
        found = (place for depth in ("", "*/", "*/*/") for folder in near for place in folder.glob(depth + name))
    return next(iter(sorted(found)), None)


def outside(name: str) -> Path:
    """The file, or the test is skipped."""
    found = find_outside(name)
    if found is None:
        pytest.skip(f"{name} belongs to an R package and is not here; RISKSET_OUTSIDE names its folder")
    return found


def deliver_dmlate(folder: Path) -> Path:
    """The example of real people with its file beside it; returns its ``sources.toml``."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(outside("DMlate.csv"), folder)
    return Path(shutil.copy(DMLATE / "sources.toml", folder))
