"""A lock of a folder: one process at a time writes to it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from riskset.errors import RisksetError


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Let one process at a time write to a folder; the lock is a file beside it and goes with the process.

    Raises
    ------
    RisksetError
        Another process holds it.
    """
    path = folder.with_name(f".{folder.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RisksetError(
                    "another run is writing here", where=str(folder), remedy="wait for it, or name another folder"
                ) from None
            if not _is_still(path, lock):
                continue  # its holder removed it between opening and locking
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return


def _is_still(path: Path, file: IO[str]) -> bool:
    try:
        return path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False
