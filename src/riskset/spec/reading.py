"""A description from a TOML file, with errors for the person who wrote it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from riskset.errors import SpecError
from riskset.spec.base import Part
from riskset.spec.complaints import as_spec_error

P = TypeVar("P", bound=Part)


def read_toml(kind: type[P], path: str | Path) -> P:
    """Read a TOML file as a part of a description.

    Raises
    ------
    SpecError
        The file is missing, is no TOML (with the line), or says something that cannot be meant (with the path in it).
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SpecError("there is no such file", where=str(path), remedy="give the path of a TOML file") from None
    except IsADirectoryError:
        raise SpecError("this is a folder", where=str(path), remedy="give the path of a TOML file") from None
    except UnicodeDecodeError:
        raise SpecError("the file is not UTF-8 text", where=str(path), remedy="save it as UTF-8") from None
    except OSError as error:
        raise SpecError("the file cannot be read", where=str(path), remedy=error.strerror or "") from None
    return parse_toml(kind, text, where=path.name)


def parse_toml(kind: type[P], text: str, *, where: str = "TOML") -> P:
    """Read TOML text as a part of a description; ``where`` names the text in errors."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(error, where) from None
    return parse(kind, data, where=where)


def parse(kind: type[P], data: Mapping[str, Any], *, where: str = "") -> P:
    """Build a part of a description from plain data, or raise the first thing wrong with it as a SpecError."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise as_spec_error(error, kind, where) from None


def _no_toml(error: tomllib.TOMLDecodeError, where: str) -> SpecError:
    message = str(error)
    place = re.search(r"\(at line (\d+), column \d+\)$", message)
    line = f" line {place[1]}" if place else ""
    what = re.sub(r" \(at [^)]*\)$", "", message)
    for beginning, words, remedy in _TOML:
        if what.startswith(beginning):
            return SpecError(words, where=where + line, remedy=remedy)
    return SpecError(f"this is no valid TOML ({what[:1].lower() + what[1:]})", where=where + line)


_TOML = (
    ("Invalid date", "there is no such date", "write a day of the calendar as 2015-01-31"),
    ("Invalid value", "a value is missing or misspelt", "write text in quotes, lists in [ ], dates as 2015-01-31"),
    ("Cannot overwrite a value", "a key is there twice", "keep one of the two"),
    ("Cannot declare", "a section is there twice", "join the two, or write [[name]] for one of several"),
    ("Expected '='", "a key without = and a value", "write key = value"),
    ("Illegal character", "a text is not closed on its line", "close the quotes, or begin and end it with three"),
    ("Unterminated string", "a text is not closed", "close its quotes"),
    ("Expected ']'", "a bracket is not closed", "write [section] or [[section]]"),
    ("Unclosed array", "a list is not closed", "close it with ] and part its items with commas"),
    ("Unclosed inline table", "a section in braces is not closed", "close it with } and part its keys with commas"),
    ("Expected newline", "something follows a value on its line", "write one key = value on a line"),
    ("Invalid statement", "neither a key nor a section begins like this", "write key = value, [section] or # comment"),
)
