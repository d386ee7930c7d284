"""The mark with which old DOS programs end a text (Ctrl-Z, U+001A): it is the end of the file, and of no cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

END_MARK = "\x1a"
_AFTER = f"{END_MARK}\r\n"


def before_end_mark(text: str) -> str:
    """A text up to the marks at its end, of which there may be many, each with a line end; all of it without one."""
    kept, ended = _parted(text)
    return kept + ended.split(END_MARK, 1)[0]


def until_end_mark(chunks: Iterable[str]) -> Iterator[str]:
    """The same of a text that comes in pieces."""
    held = ""
    for chunk in chunks:
        kept, held = _parted(held + chunk)
        yield kept
    yield before_end_mark(held)


def _parted(text: str) -> tuple[str, str]:
    kept = text.rstrip(_AFTER)
    return kept, text[len(kept) :]
