"""What an explained study is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Drawing:
    """Lines of text whose columns matter: print them in a fixed-width type."""

    text: str


@dataclass(frozen=True)
class Section:
    """A heading and its blocks: sentences, points of a list (they begin with ``- ``) and drawings."""

    title: str
    blocks: tuple[str | Drawing, ...]
