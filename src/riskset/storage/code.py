"""The digest of the code that computes, so that what is kept is taken again only where the code is the same."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_COMPUTING = ("duckdb", "ibis-framework", "numpy", "pyarrow", "scipy")


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
