"""The code blocks of the documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


class Block(NamedTuple):
    """A fenced block: the page and its line, the language after the fence, the text."""

    place: str
    language: str
    text: str


def blocks(*languages: str) -> list[Block]:
    """The blocks of these languages on all pages; "" is a fence without one."""
    return [block for page in PAGES for block in _blocks(page) if block.language in languages]


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(f"{page.name}:{line}", found[1], found[2])


def typed(program: str) -> list[tuple[str, list[str]]]:
    """Every line of the blocks that calls a program: where it stands, and the words after the program's name."""
    found = []
    for block in blocks("sh", ""):
        for line in block.text.splitlines():
            words = re.sub(r"[\[\]]", "", line.partition("#")[0]).split()
            if words[:1] == [program]:
                found.append((block.place, words[1:]))
    return found
