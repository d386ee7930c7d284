"""The folder of a store: made beside its place, moved there when it is whole, put back after an interruption."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from riskset.storage.atomic import write_text
from riskset.storage.folders import private_folder

MANIFEST = "manifest.json"


def manifest_of(store: Path) -> dict[str, Any]:
    """What was imported; empty where there is no whole import, or another's manifest."""
    try:
        manifest = json.loads((store / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return (
        manifest if isinstance(manifest, dict) and {"fingerprint", "tables", "starts", "ends"} <= set(manifest) else {}
    )


def begin(store: Path, fingerprint: str, as_of: date) -> tuple[Path, date]:
    """The folder of the unfinished store, emptied unless it was begun from the same delivery; and as of which day."""
    folder = store.with_name(store.name + ".partial")
    begun = folder / "begun"
    words = begun.read_text(encoding="utf-8").split() if begun.exists() else []
    if words[:1] == [fingerprint] and len(words) == 2:
        return folder, date.fromisoformat(words[1])
    shutil.rmtree(folder, ignore_errors=True)
    private_folder(folder)
    write_text(begun, f"{fingerprint} {as_of}", private=True)
    return folder, as_of


def put_in_place(folder: Path, store: Path) -> None:
    """Move a finished store to its place, instead of what is there."""
    for note in [folder / "begun", *folder.glob("*.json")]:
        if note.name != MANIFEST:
            note.unlink()
    old = _aside(store)
    shutil.rmtree(old, ignore_errors=True)
    if store.exists():
        folder.chmod(store.stat().st_mode & 0o7777)  # who made the place has said who may enter it
        store.rename(old)
    folder.rename(store)
    shutil.rmtree(old, ignore_errors=True)


def put_back(store: Path) -> None:
    """Undo a replacement that was stopped between its two renames."""
    if not store.exists() and manifest_of(_aside(store)):
        _aside(store).rename(store)


def _aside(store: Path) -> Path:
    return store.with_name(f".{store.name}.old")


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a note of a store, for its owner alone."""
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n", private=True)
