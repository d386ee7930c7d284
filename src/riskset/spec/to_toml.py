"""A description as TOML text: only what differs from the defaults, the kinds always."""

from __future__ import annotations

import re
from typing import Any

import tomli_w

from riskset.spec.base import Part
from riskset.spec.time import Duration

_WIDTH = 110
_BARE = re.compile("[A-Za-z0-9_-]+")


def to_toml(part: Part) -> str:
    """The part as TOML; reading it back gives an equal part.

    What fits on a line is written on a line; a list of parts becomes one ``[[section]]`` each.
    """
    return "\n".join(_section(_plain(part), "")).strip("\n") + "\n"


def as_line(part: Part) -> str:
    """The part on one line, as it stands within a list: ``{ kind = "ever", lag = "1y" }``."""
    return _inline(_plain(part))


def _plain(value: object) -> Any:
    if isinstance(value, Part):
        fields = type(value).model_fields
        values = {name: getattr(value, name) for name in sorted(fields, key=lambda name: name != "kind")}
        return {
            n: _plain(v)
            for n, v in values.items()
            if n == "kind" or v != fields[n].get_default(call_default_factory=True)
        }
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Duration):
        return str(value)
    return value


def _section(keys: dict[str, Any], path: str) -> list[str]:
    lines, below = [], []
    for key, value in keys.items():
        line = f"{_key(key)} = {_inline(value)}"
        if isinstance(value, dict) and (not path or len(line) > _WIDTH):
            below += ["", f"[{path}{_key(key)}]", *_section(value, f"{path}{_key(key)}.")]
        elif not _holds_parts(value) or (path and len(line) <= _WIDTH):
            lines.append(line)
        elif path:
            lines += [f"{_key(key)} = [", *(f"  {_inline(item)}," for item in value), "]"]
        else:
            below += [text for item in value for text in ("", f"[[{key}]]", *_section(item, f"{key}."))]
    return lines + below


def _key(key: str) -> str:
    """A key as TOML has it: one of a mapping may be any text."""
    return key if _BARE.fullmatch(key) else _inline(key)


def _holds_parts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    return tomli_w.dumps({"value": value}).removeprefix("value = ").removesuffix("\n")
