"""Where tables that were derived from an imported store outlive the engine that computed them.

Files are written under another name and renamed, and only whole ones are read. Each engine reads what it wrote itself.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from riskset.storage.atomic import replacing

AT_MOST = 4
"""Derived tables that a store keeps; the one not used for longest goes first."""


@dataclass(frozen=True)
class Shelf:
    """The place for tables derived from one store.

    Attributes
    ----------
    folder : for engines that keep files; made when there is something to keep
    tag : which store, as ``Engine.attach`` takes it, for engines that keep tables
    say : is told what is taken from here, and what is put here
    """

    folder: Path
    tag: str
    say: Callable[[str], None] = lambda text: None

    def find(self, name: str) -> Path | None:
        """What an engine has put here under a name, marked as used; None where there is nothing."""
        path = self.folder / name
        if not path.exists():
            return None
        os.utime(path)
        return path

    @contextmanager
    def putting(self, name: str) -> Iterator[Path]:
        """Give a temporary name to write a file or a folder to; when all went well it is here, and the oldest go."""
        with replacing(self.folder / name, private=True) as partial:
            yield partial
        there = [path for path in self.folder.iterdir() if not path.name.startswith(".")]
        for path in sorted(there, key=lambda path: path.stat().st_mtime_ns)[:-AT_MOST]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
