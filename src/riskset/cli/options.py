"""What the options that several commands share may be."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

_LEAST_MEMORY, _MOST_MEMORY = 10**7, 10**15


def _is_size(kind: object, value: str) -> None:
    size = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?([KMGT])i?B", value)
    if not size:
        raise ValueError("Write it as 3GB or 500MB.")
    if not _LEAST_MEMORY <= float(size[1]) * 1000 ** ("KMGT".index(size[2]) + 1) <= _MOST_MEMORY:
        raise ValueError("It must be from 10MB to 1000TB.")


def _is_threads(kind: object, value: int | None) -> None:
    most = max(64, 4 * (os.cpu_count() or 1))
    if value is not None and value < 1:
        raise ValueError("It must be at least 1.")
    if value is not None and value > most:
        raise ValueError(f"It must be at most {most}.")


Parts = Annotated[tuple[str, ...], Parameter(consume_multiple=True)]
Folder = Annotated[Path, Parameter(name="--out")]
Memory = Annotated[str, Parameter(validator=_is_size)]
Threads = Annotated[int | None, Parameter(validator=_is_threads)]
Png = Annotated[bool, Parameter(negative="")]
