"""The folder of a run: its tables, which of its files a run wrote, and what the next one may replace."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from riskset.errors import SourceError, SpecError
from riskset.given import path_given
from riskset.results.as_written import misfits
from riskset.results.dictionary import DATA_PACKAGE
from riskset.results.tables import SCHEMAS, VERSION
from riskset.spec.words import both
from riskset.storage.atomic import write_text

MANIFEST = "manifest.json"
"""Written last: a folder without it holds no finished run."""

FRONT = "report.html"
"""The report that readers open first."""

SUPPLEMENT = "supplement.html"
"""Everything that a run found, behind it."""

WORD = "report.docx"
"""The report as a Word document."""

PRINT_TABLES = "tables"
"""The folder of the report's tables for spreadsheets and LaTeX."""

SUPPLEMENT_TABLES = "supplement"
"""The folder of the supplement's tables as CSV."""

FIGURES = "figures"
"""The folder of the figures and their numbers."""

ANALYSIS = "internal/analysis"
"""The folder of the data that scripts fit the models again on: of persons, and its owner's alone."""

OWNED = "internal/owned.json"
"""The files of a folder that a run wrote or began to write, and the next one may remove."""


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder where writing a run would replace what no run wrote, and a file in its place."""
    file = next((path for path in (folder, *folder.parents) if path.exists() and not path.is_dir()), None)
    if file is not None:
        raise SpecError("this is a file", where=str(file), remedy="name a folder")
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
    return [MANIFEST, FRONT, WORD, SUPPLEMENT, "study.toml", f"internal/{DATA_PACKAGE}", *tables]


def many_files(folder: Path) -> set[str]:
    """The figures, tables and data for scripts, of which each run has its own, relative to its folder."""
    rooms = (FIGURES, PRINT_TABLES, SUPPLEMENT_TABLES, ANALYSIS)
    return {f"{room}/{path.name}" for room in rooms for path in (folder / room).glob("*")}


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


def read_results(folder: str | Path) -> dict[str, pa.Table]:
    """The tables of a run by name.

    Raises
    ------
    SourceError
        The folder holds no finished run, one whose tables are of another version than this riskset's, or one of which
        the manifest or a table is not there whole, or a table not as a run writes it: its columns, values and keys.
    SpecError
        This is no path.
    """
    folder = path_given(folder, "folder", "give the folder of a run")
    rows = _tables_of(folder)
    there = (name for name in SCHEMAS if name in rows or _file(folder, name).is_file())
    return {name: _table(folder, name, rows.get(name)) for name in there}


_AGAIN = "run the study again into this folder"


def _tables_of(folder: Path) -> dict[str, Any]:
    """The tables that a run made, and how many rows each has, by its manifest."""
    path = folder / MANIFEST
    if not path.is_file():
        raise SourceError("there is no finished run here", where=str(folder), remedy="run the study into this folder")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:  # no JSON, or no UTF-8
        manifest = None
    if not isinstance(manifest, dict):
        raise SourceError("the manifest is not whole", where=str(folder), remedy=_AGAIN)
    if isinstance(manifest.get("tables"), dict):  # of which a run says the version
        raise SourceError("this is a store of registers, and no run", where=str(folder), remedy="name a run's folder")
    _refuse_version(manifest, folder)
    if not all(isinstance(manifest.get(name), kind) for name, kind in _OF_A_RUN.items()):
        raise SourceError("the manifest is not whole", where=str(folder), remedy=_AGAIN)
    return dict(manifest["rows"])


_OF_A_RUN = {"rows": dict, "registers": dict, "digests": dict, "frames": dict, "versions": dict, "engine": str}
"""What every manifest of a run has, of which kind."""


def _refuse_version(manifest: dict[str, Any], folder: Path) -> None:
    version = manifest.get("tables", 1)  # none was written before there were codes
    if isinstance(version, bool) or not isinstance(version, int):
        raise SourceError("the manifest's version of the tables is no whole number", where=str(folder), remedy=_AGAIN)
    if version == VERSION:
        return
    versions = manifest.get("versions")
    by = versions.get("riskset", "of another version") if isinstance(versions, dict) else "of another version"
    raise SourceError(
        f"these results are of tables version {version}, written by riskset {by}, and this riskset reads version "
        f"{VERSION}",
        where=str(folder),
        remedy=f"{_AGAIN}, or read it with the riskset that wrote it",
    )


def _file(folder: Path, name: str) -> Path:
    return folder / "internal" / f"{name}.parquet"


def _table(folder: Path, name: str, rows: object) -> pa.Table:
    file = _file(folder, name)
    if not file.is_file():
        raise SourceError(f"the table {name} is not there", where=str(folder), remedy=_AGAIN)
    try:
        table = pq.read_table(file)
    except (pa.ArrowException, OSError):
        raise SourceError("this table cannot be read", where=str(file), remedy=_AGAIN) from None
    wrong = list(misfits(name, table, rows))
    if wrong:
        raise SourceError(f"the table {name} {both(wrong)}", where=str(folder), remedy=_AGAIN)
    return table.select(SCHEMAS[name].names)
