"""Finished stages of a run, each kept under the digest of everything it depends on."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from riskset.microdata import Microdata
from riskset.plain import Plain
from riskset.storage.atomic import replacing
from riskset.storage.code import code_digest
from riskset.storage.folders import private_folder

Output = TypeVar("Output", bound=Microdata)
"""What a stage gives: a frozen dataclass whose fields are Arrow tables."""


class Stages:
    """Runs stages, or takes them from the folder where an earlier run with the same inputs left them.

    Parameters
    ----------
    folder
        Where finished stages are kept; they hold microdata and stay inside the run's folder. None keeps nothing.
    say
        Told what is being done.
    """

    def __init__(self, folder: str | Path | None = None, say: Callable[[str], None] = lambda text: None) -> None:
        self.folder, self._say = Path(folder) if folder is not None else None, say
        self.seconds: dict[str, float] = {}
        self.keys: dict[str, str] = {}

    def run(
        self, name: str, doing: str, depends_on: Mapping[str, Plain], kind: type[Output], compute: Callable[[], Output]
    ) -> Output:
        """The output of a stage.

        Parameters
        ----------
        name : of the stage, a plain word
        doing : what it does, in words, for the progress
        depends_on : everything that decides the result, JSON-like; with the code's own digest it is the stage's key
        kind : of the output, a frozen dataclass of Arrow tables, which are kept by the names of its fields
        compute : makes the output where no finished stage has that key
        """
        self._say(doing)
        started = time.perf_counter()
        key = stage_key(name, depends_on)
        self.keys[name] = key
        kept = self.folder / f"{name}-{key[:16]}" if self.folder else None
        output = read_stage(kept, kind) if kept else None
        if output is None:
            output = compute()
            if kept:
                write_stage(kept, output)
        self.seconds[name] = round(time.perf_counter() - started, 3)
        return output

    def forget_others(self) -> None:
        """Remove the stages of earlier runs that this one did not use."""
        if self.folder and self.folder.is_dir():
            used = {f"{name}-{key[:16]}" for name, key in self.keys.items()}
            for path in self.folder.iterdir():
                if path.is_dir() and path.name not in used:
                    shutil.rmtree(path)


def stage_key(name: str, depends_on: Mapping[str, Plain]) -> str:
    """SHA-256 of a stage's name, its inputs and the code."""
    text = json.dumps([name, code_digest(), depends_on], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def tables_of(output: Microdata) -> dict[str, pa.Table]:
    """The tables of a stage's output by the names of its fields, in order."""
    return {field.name: getattr(output, field.name) for field in fields(output)}  # type: ignore[arg-type]


def write_stage(folder: Path, output: Microdata) -> None:
    """Write the output of a finished stage, which is microdata, as one folder that appears whole or not at all."""
    with replacing(folder, private=True) as partial:
        private_folder(partial)
        for name, table in tables_of(output).items():
            pq.write_table(table, partial / f"{name}.parquet")


def read_stage(folder: Path, kind: type[Output]) -> Output | None:
    """The output of a finished stage, or None where there is none, or one that is not whole or cannot be read."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    try:
        return kind(**{name: pq.read_table(folder / f"{name}.parquet") for name in names})
    except (pa.ArrowInvalid, OSError):  # as a crash of the machine leaves it
        return None
