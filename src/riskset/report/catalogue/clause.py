"""What a code is worded by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from riskset.results.notes import Arguments

Clause = str | Callable[[Arguments], str]
"""Words, or what makes them of a code's arguments."""


def worded(clause: Clause, arguments: Arguments) -> str:
    """The words of a clause."""
    return clause if isinstance(clause, str) else clause(arguments)


@dataclass(frozen=True)
class DiagnosticWords:
    """How a diagnostic is named, and what a reader is to know of it.

    Attributes
    ----------
    name : given its who, covariate, level, modifier and measure
    note : a clause that all such have, besides their notes
    of_fit : whether it says how a fit went rather than what a reader must know
    is_share : whether the number is a share, shown in per cent
    """

    name: Clause
    note: str = ""
    of_fit: bool = False
    is_share: bool = False


@dataclass(frozen=True)
class AuditWords:
    """A check of matched sets in words: what was looked for, and what it means; ``{subject}`` is what is concerned."""

    name: Clause
    meaning: Clause


@dataclass(frozen=True)
class Remedy:
    """What may be done about delivered rows: in files or sources.toml, and in a frame where that is another thing."""

    of_files: Clause
    of_frame: Clause = ""
