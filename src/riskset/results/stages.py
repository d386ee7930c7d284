"""Finished stages of a run, each kept under the digest of everything it depends on."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from riskset.microdata import Microdata, shape
from riskset.results.files import read_stage, write_stage

Tables = dict[str, pa.Table]


class StageTables(Microdata, Tables):
    """The tables of a stage by name: microdata, so that shown they tell their rows and columns alone."""

    def __repr__(self) -> str:
        return f"StageTables({', '.join(f'{name}: {shape(table)}' for name, table in self.items())})"


_COMPUTING = ("duckdb", "ibis-framework", "numpy", "pyarrow", "scipy")


class Stages:
    """Runs stages, or takes them from the folder where an earlier run with the same inputs left them.

    Parameters
    ----------
    folder
        Where finished stages are kept; they hold microdata and stay inside the run's folder. None keeps nothing.
    say
        Told what is being done.
    """

    def __init__(self, folder: Path | None = None, say: Callable[[str], None] = lambda text: None) -> None:
        self.folder, self._say = folder, say
        self.seconds: dict[str, float] = {}
        self.keys: dict[str, str] = {}

    def run(self, name: str, doing: str, depends_on: Mapping[str, Any], compute: Callable[[], Tables]) -> Tables:
        """The tables of a stage.

        Parameters
        ----------
        name : of the stage, a plain word
        doing : what it does, in words, for the progress
        depends_on : everything that decides the result, JSON-like; with the code's own digest it is the stage's key
        compute : makes the tables where no finished stage has that key
        """
        self._say(doing)
        started = time.perf_counter()
        key = stage_key(name, depends_on)
        self.keys[name] = key
        kept = self.folder / f"{name}-{key[:16]}" if self.folder else None
        tables = read_stage(kept) if kept else None
        if tables is None:
            tables = compute()
            if kept:
                write_stage(kept, tables)
        self.seconds[name] = round(time.perf_counter() - started, 3)
        return StageTables(tables)

    def forget_others(self) -> None:
        """Remove the stages of earlier runs that this one did not use."""
        if self.folder and self.folder.is_dir():
            used = {f"{name}-{key[:16]}" for name, key in self.keys.items()}
            for path in self.folder.iterdir():
                if path.is_dir() and path.name not in used:
                    shutil.rmtree(path)


def stage_key(name: str, depends_on: Mapping[str, Any]) -> str:
    """SHA-256 of a stage's name, its inputs and the code."""
    text = json.dumps([name, code_digest(), depends_on], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def code_digest(*rooms: str) -> str:
    """SHA-256 over the package's own source and the libraries that compute, so that no other code's result is taken.

    Parameters
    ----------
    rooms
        Folders or files of the package, as ``registers`` or ``calendar.py``; the whole package when left out.
    """
    sha = hashlib.sha256()
    for library in _COMPUTING:
        sha.update(f"{library} {version(library)}\0".encode())
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root)
        if not rooms or any(place.is_relative_to(room) for room in rooms):
            sha.update(place.as_posix().encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()
