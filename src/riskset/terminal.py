"""What a person at the command line is told: progress, one sentence at the end, and which places will not do."""

from __future__ import annotations

import os
import re
import sys
import time
import traceback
from pathlib import Path
from typing import NoReturn

from cyclopts import CycloptsError, MissingArgumentError, UnusedCliTokensError

from riskset.errors import SpecError


class Teller:
    """Says on standard error what is being done, and how long it took."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._status = self._console.status("")
        self._started = self._previous = time.perf_counter()
        self._doing = ""

    def __call__(self, doing: str) -> None:
        """Begin something; what was being done is finished."""
        self._finish()
        self._doing, self._previous = doing, time.perf_counter()
        self._status.update(doing)

    def at(self, done: int, total: int) -> None:
        """How far along it is."""
        self._status.update(f"{self._doing}: {done} of {total}")

    def __enter__(self) -> Teller:
        self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._status.stop()
        if kind is None:
            self._finish()

    def _finish(self) -> None:
        if self._doing:
            now = time.perf_counter()
            said = f"[dim]{now - self._started:6.1f} s[/dim]  {self._doing} ({now - self._previous:.1f} s)"
            self._console.print(said, soft_wrap=True)


def end(sentence: str, code: int) -> NoReturn:
    """Say one sentence on standard error, and end with a code."""
    print(" ".join(sentence.split()), file=sys.stderr)
    sys.exit(code)


def of_typing(error: CycloptsError) -> str:
    """What is wrong with the line that was typed."""
    command = " ".join(["riskset", *(error.command_chain or ())])
    what = str(error)
    if isinstance(error, MissingArgumentError) and error.argument:
        name, positional = error.argument.name, error.argument.field_info.is_positional
        what = f"{command} needs {name.lstrip('-').upper() if positional else name}"
    if isinstance(error, UnusedCliTokensError):
        what = f"{command} takes fewer words: {' '.join(error.unused_tokens or ())} is left over"
    clauses = re.sub(r"\. ([A-Z])", lambda begins: f"; {begins[1].lower()}", what.rstrip("."))
    return f"{clauses}; {command} --help shows what can be written."


def of_ourselves(error: Exception) -> str:
    """Where a mistake of ours is; neither its message nor a traceback, which may quote a cell."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if Path(__file__).parent in Path(f.filename).parents]
    place = f"{Path(ours[-1].filename).name} line {ours[-1].lineno}" if ours else "an unknown place"
    return f"A fault of riskset's own ({type(error).__name__} in {place}); please report it, with the command."


def refuse_place(folder: Path, *, option: str) -> None:
    """Refuse a folder that cannot be made or written, before anything is done."""
    found = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not found.is_dir():
        raise SpecError(f"{found} is a file", where=option, remedy="name a folder")
    if not os.access(found, os.W_OK | os.X_OK):
        raise SpecError(f"{found} cannot be written", where=option, remedy="name another folder, or ask for the right")


def refuse_places(study: Path, out: Path, store: Path) -> None:
    """Refuse a run whose files would replace a study description, or a store's."""
    refuse_place(out, option="--out")
    refuse_place(store, option="--store")
    if (out / "study.toml").exists() and study.exists() and (out / "study.toml").samefile(study):
        raise SpecError(f"{study} would be replaced by the run's own copy", where="--out", remedy="name another folder")
    if store.resolve() in (out.resolve(), *out.resolve().parents):
        raise SpecError(f"{store} is where the run goes", where="--store", remedy="name a folder of its own")
