"""Which folders will do for what is made of a delivery: looked at before anything is read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from riskset.errors import SpecError

if TYPE_CHECKING:
    from riskset.registers.delivered.source import Sources


def refuse_place(folder: Path, *, option: str) -> None:
    """Refuse a folder that cannot be made or written, before anything is done.

    Parameters
    ----------
    option : what a message calls it: ``--store``
    """
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not nearest.is_dir():
        raise SpecError(f"{nearest} is a file", where=option, remedy="name a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise SpecError(
            f"{nearest} cannot be written", where=option, remedy="name another folder, or ask for the right"
        )


def refuse_delivery(delivered: Sources, folder: Path, *, option: str, above: bool = False) -> None:
    """Refuse a folder in which delivered files lie, so that results are never among them.

    Parameters
    ----------
    above : also one that holds such a folder, for a store, which is replaced as a whole
    """
    folder = folder.resolve()
    for file in delivered.files.values():
        for part in file.parts():
            if folder == part.resolve().parent or (above and folder in part.resolve().parents):
                raise SpecError(f"{folder} holds delivered files", where=option, remedy="name a folder of its own")
