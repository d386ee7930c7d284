"""What the options that several commands share may be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter


def _is_size(kind: Any, value: str) -> None:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)? ?[KMGT]i?B", value):
        raise ValueError("Write it as 3GB or 500MB.")


def _is_positive(kind: Any, value: int | None) -> None:
    if value is not None and value < 1:
        raise ValueError("It must be at least 1.")


Parts = Annotated[tuple[str, ...], Parameter(consume_multiple=True)]
Folder = Annotated[Path, Parameter(name="--out")]
Memory = Annotated[str, Parameter(validator=_is_size)]
Threads = Annotated[int | None, Parameter(validator=_is_positive)]
