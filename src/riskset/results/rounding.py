"""A drawing with the digits that are promised, so that it is the same file on every processor."""

from __future__ import annotations

import re
from typing import Any

from riskset.precision import significant

_DRAWN = 3
"""Decimals of a place in a drawing, in pixels."""
_PLACES = re.compile(
    r' (d|transform|viewBox|points|x|y|x1|x2|y1|y2|dx|dy|cx|cy|r|width|height|offset)="([^"]*)"', flags=re.ASCII
)
_LONG = re.compile(rf"-?\d*\.\d{{{_DRAWN + 1},}}(e-?\d+)?", flags=re.ASCII)


def rounded_numbers(specification: object) -> Any:
    """The specification of a drawing with its floating numbers rounded."""
    if isinstance(specification, float):
        return significant(specification)
    if isinstance(specification, dict):
        return {key: rounded_numbers(value) for key, value in specification.items()}
    if isinstance(specification, list):
        return [rounded_numbers(value) for value in specification]
    return specification


def rounded_places(svg: str) -> str:
    """A drawing with its places in thousandths of a pixel; its words stay as they are."""
    return _PLACES.sub(lambda match: f' {match[1]}="{_LONG.sub(_shorter, match[2])}"', svg)


def _shorter(number: re.Match[str]) -> str:
    short = f"{float(number[0]):.{_DRAWN}f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short
