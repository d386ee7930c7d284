"""Where delivered files lie: a path means itself, and is a pattern only where nothing of that name is there."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from riskset.errors import SourceError


def find_parts(patterns: Iterable[str]) -> list[Path]:
    """The files that absolute paths or patterns name, sorted.

    Raises
    ------
    SourceError
        A file is not there, cannot be looked at or is no plain one, or a pattern matches none.
    """
    return sorted({path for pattern in patterns for path in _files(pattern)})


def find_file(path: Path) -> None:
    """Refuse a path of one file, given when the program was called, where no plain file is that can be looked at.

    Raises
    ------
    SourceError
        Says what is there instead.
    """
    if os.path.isdir(path):
        raise SourceError("this is a folder", where=str(path), remedy="give the path of the file in it")
    _refuse_none(str(path), lambda: [path], "give the path of the file")


def _files(pattern: str) -> list[Path]:
    return _refuse_none(pattern, lambda: _matching(Path(pattern)), "mend its path in sources.toml, or deliver it")


def _refuse_none(pattern: str, matching: Callable[[], list[Path]], mend: str) -> list[Path]:
    try:
        paths = matching()
        refused = [path for path in paths if not path.is_file()]
        odd = bool(refused) and refused[0].exists() and not refused[0].is_dir()
        if refused:
            refused[0].stat()
    except (FileNotFoundError, NotADirectoryError):
        odd = False
    except ValueError:  # a name that no file can have
        raise SourceError("there is no such file", where=pattern, remedy=mend) from None
    except OSError as error:
        why = (error.strerror or "no reason given").lower()
        remedy = "ask for the right to read it, or deliver it again" if isinstance(error, PermissionError) else mend
        raise SourceError(f"the file cannot be read ({why})", where=pattern, remedy=remedy) from None
    if odd:  # a pipe or a device, which may never end
        raise SourceError("this is no plain file", where=pattern, remedy="deliver it as one")
    if refused or not paths:
        raise _not_there(pattern, refused[0] if refused else None, mend, alone=len(paths) == 1)
    return paths


def _not_there(pattern: str, path: Path | None, mend: str, *, alone: bool) -> SourceError:
    """Why what a path or pattern names is no file."""
    what, remedy = "there is no such file", mend
    if path and path.is_dir():
        what = "this is a folder" if alone else "it matches a folder, too"
        remedy = "name the files in it, as with /*.csv after it" if alone else "write a pattern of the files alone"
    elif path and path.is_symlink():
        what = "this link leads to no file"
    return SourceError(what, where=pattern, remedy=remedy)


def _matching(path: Path) -> list[Path]:
    paths = [Path(path.anchor)]
    for name in path.parts[1:] if path.anchor else path.parts:
        paths = [match for folder in paths for match in _named(folder, name)]
    return paths


def _named(folder: Path, name: str) -> list[Path]:
    literal = folder / name
    if not glob.has_magic(name) or os.path.lexists(literal):
        return [literal]
    return [folder / match for match in glob.glob(name.replace("**", "*"), root_dir=folder)]
