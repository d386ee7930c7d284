"""How many invented examples a property is tried on: few where somebody waits, many in `make slow`."""

from __future__ import annotations

import os

WANTED = float(os.environ.get("RISKSET_EXAMPLES", "0.5"))
"""Of the number that a test states."""


def examples(stated: int) -> int:
    """The number to try, for ``@settings(max_examples=...)``; five at least."""
    return max(5, round(stated * WANTED))
