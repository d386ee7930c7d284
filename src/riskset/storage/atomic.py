"""Files that appear whole: written under another name and renamed, so that a reader never meets half of one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from riskset.storage.folders import make_private, private_folder, privately


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Give a temporary name beside ``path`` to write to; rename it when all went well, remove it when not.

    With ``private``, what was written is the owner's alone (files 600, folders 700), and so is a folder made for it.
    """
    if private:
        private_folder(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    _remove(partial)
    try:
        with privately() if private else nullcontext():
            yield partial
        if private:
            make_private(partial)  # Spark writes in a process of its own
        if partial.is_dir():
            _remove(path)
        os.replace(partial, path)
    finally:
        _remove(partial)


def write_text(path: Path, text: str, *, private: bool = False) -> None:
    """Write a text file in one piece."""
    with replacing(path, private=private) as partial:
        partial.write_text(text, encoding="utf-8")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
