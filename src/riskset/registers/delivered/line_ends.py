"""The lines of a text in UTF-8 or a one-byte encoding, and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHUNK = 1 << 22
_LF, _CR = ord("\n"), ord("\r")


def count_lines(path: Path) -> int:
    """The lines that are not empty, whatever their ends."""
    lines, before = 0, False
    for letters in _chunks(path):
        text = (letters != _LF) & (letters != _CR)
        lines += int(np.count_nonzero(text[1:] > text[:-1])) + int(text[0] and not before)
        before = bool(text[-1])
    return lines


def ends_differ(path: Path) -> bool:
    """Whether some lines end with a line feed, some with a carriage return, or some with both."""
    both = feeds = returns = 0
    last = 0
    for letters in _chunks(path):
        feed, carriage = letters == _LF, letters == _CR
        both += int(np.count_nonzero(carriage[:-1] & feed[1:])) + int(last == _CR and feed[0])
        feeds, returns = feeds + int(np.count_nonzero(feed)), returns + int(np.count_nonzero(carriage))
        last = int(letters[-1])
    return [both > 0, feeds > both, returns > both].count(True) > 1


def _chunks(path: Path) -> Iterator[NDArray[Any]]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield np.frombuffer(chunk, np.uint8)
