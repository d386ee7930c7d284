"""Whole-number programs without what the solver prints: HiGHS writes a line of debugging past its own settings.

https://github.com/ERGO-Code/HiGHS/issues/2783
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

STANDARD_OUTPUT = 1


@contextmanager
def quiet() -> Iterator[None]:
    """Discard what compiled code writes to the standard output, and nothing that was written before or comes after."""
    try:
        kept = os.dup(STANDARD_OUTPUT)
    except OSError:  # there is none
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    _flush()
    os.dup2(nowhere, STANDARD_OUTPUT)
    try:
        yield
    finally:
        _flush()
        os.dup2(kept, STANDARD_OUTPUT)
        os.close(kept)
        os.close(nowhere)


def _flush() -> None:
    """Let go of what C holds back; where there is no such library, it may come later and be seen."""
    try:
        ctypes.CDLL(None).fflush(None)
    except (OSError, AttributeError, TypeError):
        return
