"""The colors of the page on paper, and the style of its pictures, read from its style sheet: they are kept once."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_ROOT = re.compile(r":root \{(.*?)\}", re.DOTALL)
_VARIABLE = re.compile(r"--([\w-]+):\s*([^;]+);")
_RULE = re.compile(r"^(?:svg|\.drawing) [^{]*\{[^}]*\}", re.MULTILINE)


@cache
def palette() -> dict[str, str]:
    """Name of a color → ``#17212b``, on light paper; faces of type are among them."""
    root = _ROOT.search(_style_sheet())
    if root is None:
        raise RuntimeError("the style sheet names no colors")
    return {name: value.strip() for name, value in _VARIABLE.findall(root[1])}


def ink(name: str) -> str:
    """A color as Word writes it: ``17212B``."""
    return palette()[name].replace("#", "").upper()


@cache
def picture_style() -> str:
    """The rules for pictures, with the value of each variable in its place and in weights that every face has."""
    rules = "\n".join(_RULE.findall(_style_sheet()))
    rules = re.sub(r"var\(--c, (var\(--[\w-]+\))\)", r"\1", rules)
    return re.sub(
        "font-weight: 650", "font-weight: 700", re.sub(r"var\(--([\w-]+)\)", lambda m: palette()[m[1]], rules)
    )


def _style_sheet() -> str:
    templates = files("riskset.report").joinpath("templates")
    return "".join(templates.joinpath(f"front{part}.css").read_text(encoding="utf-8") for part in ("", "_sections"))
