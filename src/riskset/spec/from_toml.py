"""A description from a TOML file, with errors for the person who wrote it."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeVar, get_origin

from pydantic import ValidationError

from riskset.errors import SpecError, several
from riskset.given import refuse_other
from riskset.spec.base import Part
from riskset.spec.complaints import FEW, as_spec_error, complaints, follow, listed, members, of_each_kind, part_of

P = TypeVar("P", bound=Part)


LARGEST = 1_000_000
"""Bytes of a description: what is larger is another file."""

DEEPEST = 100
"""So many sections or lists may lie in each other."""

_LONG_KEY = re.compile(rf"""(?<![\w"'.-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){{{DEEPEST}}}""")


def read_toml(kind: type[P], path: str | Path) -> P:
    """Read a TOML file as a part of a description.

    Raises
    ------
    SpecError
        The file is missing, is no TOML (with the line), or says something that cannot be meant (with the path in it).
    """
    return parse(kind, load_toml(path), where=Path(path).name)


def load_toml(path: str | Path) -> dict[str, Any]:
    """What a TOML file holds, as plain data.

    Raises
    ------
    SpecError
        The file is missing, cannot be read, is no TOML, or is too large or too deep for a description.
    """
    remedy = "give the path of a TOML file"
    refuse_other(path, (str, Path), "path", "this is no path", remedy)
    path = Path(path)
    try:
        if path.is_dir():
            raise SpecError("this is a folder", where=str(path), remedy=remedy)
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            raise SpecError("this is no plain file", where=str(path), remedy=remedy)
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a name that no file can have
        raise SpecError("there is no such file", where=str(path), remedy=remedy) from None
    except OSError as error:
        why = (error.strerror or "").lower()
        raise SpecError("the file cannot be read", where=str(path), remedy=f"the system says: {why}") from None
    if len(content) > LARGEST:
        raise SpecError(f"the file is larger than {LARGEST // 1_000_000} MB", where=str(path), remedy=remedy)
    return _data_of(_text_of(content, path), path.name)


def _text_of(content: bytes, path: Path) -> str:
    """The text of a file, up to the mark with which old DOS programs end one (Ctrl-Z)."""
    remedy = "save it as UTF-8"
    if 10 * len(content.translate(None, _CONTROLS)) < 9 * len(content) and not content.startswith(_WIDE):
        wide = content[1::2].count(0) > len(content) // 4 or content[::2].count(0) > len(content) // 4
        if not wide:
            raise SpecError("this is no text file", where=str(path), remedy="give the path of a TOML file")
        raise SpecError("the file is not UTF-8 text", where=str(path), remedy=remedy)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise SpecError("the file is not UTF-8 text", where=str(path), remedy=remedy) from None
    if "\0" in text:
        what = "this text holds bytes of zero, which no text has"
        raise SpecError(what, where=str(path), remedy="it was damaged: write it anew")
    kept = text.rstrip("\x1a\n")
    return text if "\x1a" not in text[len(kept) :] else kept


_CONTROLS = bytes(range(9)) + bytes(range(14, 26)) + bytes(range(27, 32))
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def parse_toml(kind: type[P], text: str, *, where: str = "TOML") -> P:
    """Read TOML text as a part of a description; ``where`` names the text in errors."""
    return parse(kind, _data_of(text, where), where=where)


def parse(kind: type[P], data: Mapping[str, Any], *, where: str = "") -> P:
    """Build a part of a description from plain data, or raise all that is wrong with it as one SpecError."""
    refuse_other(data, Mapping, where, "this is no mapping of keys", "give a dictionary")
    if data and not set(kind.model_fields) & set(data):
        known = f"such a file begins with {listed(list(kind.model_fields)[:3])}"
        raise SpecError("none of its keys is one of this description's", where=where, remedy=known)
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise several([as_spec_error(error, kind, where), *_behind(kind, data, error, where)]) from None


def _data_of(text: str, where: str) -> dict[str, Any]:
    deep = SpecError("brackets or sections lie in each other too deeply", where=where, remedy="close them earlier")
    if _LONG_KEY.search(text):  # of which reading takes the square of its length
        raise deep
    try:
        data = tomllib.loads(text)
        if _depth(data) > DEEPEST:
            raise deep
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(error, where, text) from None
    except RecursionError:
        raise deep from None
    except ValueError:  # Python reads no number of more than some thousand digits
        raise SpecError("a number has too many digits", where=where, remedy="write it with at most 18") from None
    return data


def _depth(value: object) -> int:
    """How many sections and lists lie in each other at most."""
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        depth += 1
        held = (v.values() if isinstance(v, dict) else v for v in level if isinstance(v, dict | list))
        level = [inside for values in held for inside in values]
    return depth


def _behind(kind: type[P], data: Mapping[str, Any], error: ValidationError, where: str) -> list[SpecError]:
    """What else would be wrong were the wrong keys left out, such as a name that nothing has.

    A key that is required cannot be left out, so that what lies behind it is told when it is mended. Of a part that
    has lost a key nothing more is said: it may be for want of that key.
    """
    if error.error_count() > FEW:
        return []
    rest = deepcopy(dict(data))
    changed = [_leave_out(kind, rest, problem) for problem in error.errors(include_url=False, include_input=False)]
    if None in changed:
        return []
    try:
        kind.model_validate(rest)
    except ValidationError as further:
        remaining = [
            problem
            for problem in further.errors(include_url=False)
            if not any(part and problem["loc"][: len(part)] == part for part in changed)
        ]
        return complaints(of_each_kind(remaining)[0], kind, where)
    return []


def _leave_out(kind: type[P], data: dict[str, Any], problem: Any) -> tuple[int | str, ...] | None:
    """Remove from plain data the innermost key of a wrong place; places in lists stay.

    Returns
    -------
    The part that has lost a key of its own; of an unknown key none, ``()``. None where the key is required, or is a
    section that others may speak of.
    """
    steps = problem["loc"]
    _, keys, passed = follow(kind, steps)
    for n in reversed(range(len(steps))):
        part, name = part_of(passed[n]), keys[n]
        if isinstance(name, int) and (n < len(steps) - 1 or _is_part(passed[n + 1])):
            return None
        if not isinstance(name, str) or part is None:
            continue
        field = part.model_fields.get(name)
        if field is not None and (field.is_required() or (n == 0 and get_origin(members(passed[1])[0]) is tuple)):
            return None
        holder: Any = data
        for key in (key for key in keys[:n] if key is not None):
            holder = holder[key]
        holder.pop(name, None)
        return steps[:n] if field is not None else ()
    return None


def _is_part(annotation: object) -> bool:
    return all(isinstance(member, type) and issubclass(member, Part) for member in members(annotation))


def _no_toml(error: tomllib.TOMLDecodeError, where: str, text: str) -> SpecError:
    message = str(error)
    place = re.search(r"\(at line (\d+), column \d+\)$", message)
    line = f" line {place[1]}" if place else ""
    written = text.split("\n")[int(place[1]) - 1][:_LONGEST_LINE] if place else ""
    for pattern, words, remedy in _SLIPS:
        if re.search(pattern, written):
            return SpecError(words, where=where + line, remedy=remedy)
    what = re.sub(r" \(at [^)]*\)$", "", message)
    for beginning, words, remedy in _TOML:
        if what.startswith(beginning):
            return SpecError(words, where=where + line, remedy=remedy)
    # What tomllib quotes is of a file that may be any.
    what = re.sub(r" (['\"]).*\1", "", what)
    return SpecError(f"this is no valid TOML ({what[:1].lower() + what[1:]})", where=where + line)


_LONGEST_LINE = 1_000
_SLIPS = (
    ("[“”„‟‘’‚«»]", "a quote is none of TOML's", 'write straight ones, as "text"'),
    (
        r"= *(\d{1,4}([/.])\d{1,2}\2\d{1,4}|\d{1,2}-\d{1,2}-\d{4})",
        "a date is written in another way than TOML's",
        "write year-month-day, as 2015-01-31",
    ),
    (
        r"= *(True|TRUE|False|FALSE|[Yy]es|YES|[Nn]o|NO) *(#.*)?$",
        "this is no yes or no of TOML's",
        "write true or false",
    ),
    (r"= *([Nn]one|NULL|[Nn]ull|NA|nil) *(#.*)?$", "TOML has no word for no value", "leave the key out"),
    (r"= *-?\d+,\d+ *(#.*)?$", "a number has a decimal comma", "write a point, as 0.5"),
)
"""What is often written out of habit on a line that is no TOML: a pattern of it, what it is, what is right."""

_TOML = (
    ("Expected ']]'", "a bracket is not closed", "write [section] or [[section]]"),
    ("Invalid date", "there is no such date", "write a day of the calendar as 2015-01-31"),
    ("Invalid value", "a value is missing or misspelt", "write text in quotes, lists in [ ], dates as 2015-01-31"),
    ("Cannot overwrite a value", "a key is there twice", "keep one of the two"),
    ("Cannot declare", "a section is there twice", "join the two, or write [[name]] for one of several"),
    ("Expected '='", "a key without = and a value", "write key = value"),
    ("Illegal character '\\n'", "a text is not closed on its line", "close the quotes, or begin and end it with three"),
    ("Illegal character", "a control character stands in a text", "remove it"),
    ("Found invalid character", "a control character stands in a comment", "remove it"),
    ("Unescaped", "a backslash in a text begins no sign that TOML knows", "write two, or the text in single quotes"),
    ("Escaped character", "this sign is no letter of Unicode", "mend it"),
    ("Duplicate inline table key", "a key is there twice", "keep one of the two"),
    ("Unterminated string", "a text is not closed", "close its quotes"),
    ("Expected ']'", "a bracket is not closed", "write [section] or [[section]]"),
    ("Unclosed array", "a list is not closed", "close it with ] and part its items with commas"),
    ("Unclosed inline table", "a section in braces is not closed", "close it with } and part its keys with commas"),
    ("Expected newline", "something follows a value on its line", "write one key = value on a line"),
    ("Invalid statement", "neither a key nor a section begins like this", "write key = value, [section] or # comment"),
)
