"""Private folders: what holds microdata is of its owner alone, whatever the umask, from the moment it is made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def private_folder(folder: Path) -> None:
    """Make a folder that nobody but its owner may enter; one that is there stays as it is.

    Folders above it that are not there are made in the usual way.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)


@contextmanager
def privately() -> Iterator[None]:
    """Whatever this process makes meanwhile, an engine's files among it, is its owner's alone (files 600, folders 700).

    The umask is the whole process's; all that it could wrongly touch here is made more private than need be.
    """
    usual = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(usual)


def make_private(path: Path) -> None:
    """Take what another process wrote, with its own umask, from all but its owner; a folder with all that is in it."""
    path.chmod(0o700 if path.is_dir() else 0o600)
    for inside in path.rglob("*") if path.is_dir() else ():
        inside.chmod(0o700 if inside.is_dir() else 0o600)
