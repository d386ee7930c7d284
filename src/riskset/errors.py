"""What can go wrong, and what to tell the person who can mend it.

The tree::

    RisksetError            1
    ├── SpecError          10   the study or sources description says something impossible
    ├── SourceError        11   a delivered file, table, column or day is not there or not as declared; no such engine
    ├── QualityError       12   more rows are wrong than the stated tolerance allows
    ├── DesignError        13   no cases, empty risk sets, no controls, an exposure nobody has
    │   └── AuditError     13   matched sets that fail their audit
    ├── FitError           14   separation, collinearity, no informative sets, not converged
    └── DisclosureError    15   a result that may not leave

The numbers are the exit codes of the command line. A message never holds a person's value: no identifier,
no date of a person, no cell of a delivered row.
"""

from __future__ import annotations

from typing import Any


class RisksetError(Exception):
    """An error whose reader can act on it.

    Parameters
    ----------
    what
        What is wrong, in one clause, without a full stop.
    where
        The place: a path in the description (``exposures[0].measures``), a file, a table and column.
    remedy
        What would be right, in one clause.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f"; {self.remedy}" if self.remedy else ""
        return f"{place}{self.what}{advice}."


class SpecError(RisksetError):
    """The description says something that cannot be meant."""

    exit_code = 10


class SourceError(RisksetError):
    """Something delivered, or the engine to hold it, is not there, or not as ``sources.toml`` declares it."""

    exit_code = 11


class QualityError(RisksetError):
    """More rows break a rule than the stated tolerance allows."""

    exit_code = 12


class DesignError(RisksetError):
    """The design yields nothing to compare: no cases, no controls, no exposed."""

    exit_code = 13


class AuditError(DesignError):
    """Matched sets break their design.

    Parameters
    ----------
    what, remedy
        As of every error.
    audit
        The table of all checks (``results.tables.AUDIT``), to be shown beside the sentence.
    """

    def __init__(self, what: str, audit: Any, remedy: str) -> None:
        self.audit = audit
        super().__init__(what, remedy=remedy)


class FitError(RisksetError):
    """A model cannot be fitted to these data."""

    exit_code = 14


class DisclosureError(RisksetError):
    """A result that may not leave the room."""

    exit_code = 15
