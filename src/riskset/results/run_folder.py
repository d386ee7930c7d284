"""The folder of a run: its tables, which of its files a run wrote, and what the next one may replace."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from riskset.errors import SourceError, SpecError
from riskset.results.dictionary import DATA_PACKAGE
from riskset.results.tables import SCHEMAS, VERSION
from riskset.storage.atomic import write_text

MANIFEST = "manifest.json"
"""Written last: a folder without it holds no finished run."""

OWNED = "internal/owned.json"
"""The files of a folder that a run wrote or began to write, and the next one may remove."""


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder where writing a run would replace what no run wrote."""
    if (folder / OWNED).exists():
        return
    there = [name for name in targets() if (folder / name).exists()]
    if there:
        raise SpecError(
            f"this folder holds {there[0]}, which no run wrote", where=str(folder), remedy="name another one"
        )


def targets() -> list[str]:
    """The files that every run writes, relative to its folder."""
    tables = [f"internal/{name}.{kind}" for name in SCHEMAS for kind in ("csv", "parquet")]
    return [MANIFEST, "report.html", "study.toml", f"internal/{DATA_PACKAGE}", *tables]


def note_owned(folder: Path, files: Sequence[str]) -> None:
    """Note which files of a folder are a run's."""
    write_text(folder / OWNED, json.dumps(sorted(files), indent=1) + "\n")


def clear(folder: Path) -> None:
    """Remove what an earlier run wrote here, by its own list, and nothing else; the manifest first."""
    path = folder / OWNED
    if path.exists():
        owned = [folder / name for name in json.loads(path.read_text(encoding="utf-8"))]
        inside = [file for file in owned if file.resolve().is_relative_to(folder.resolve())]
        for file in sorted(inside, key=lambda file: file != folder / MANIFEST):
            file.unlink(missing_ok=True)


def read_results(folder: Path) -> dict[str, pa.Table]:
    """The tables of a run by name.

    Raises
    ------
    SourceError
        The folder holds no finished run, or one whose tables are of another version than this riskset's.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise SourceError("there is no finished run here", where=str(folder), remedy="run the study into this folder")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    version = manifest.get("tables", 1)
    if version != VERSION:
        by = manifest.get("versions", {}).get("riskset", "another version")
        raise SourceError(
            f"these results are of tables version {version}, written by riskset {by}, and this riskset reads version "
            f"{VERSION}",
            where=str(folder),
            remedy="run the study again into this folder, or read it with the riskset that wrote it",
        )
    files = {name: folder / "internal" / f"{name}.parquet" for name in SCHEMAS}
    return {name: pq.read_table(file) for name, file in files.items() if file.is_file()}
