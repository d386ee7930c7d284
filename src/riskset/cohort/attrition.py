"""What each rule removes, so that nothing is lost unseen."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from riskset.results.tables import ATTRITION, rows_to_table


class Attrition:
    """The count of those who remain after each rule, in the order in which the rules are applied.

    Parameters
    ----------
    part : what is counted: "cases", "population controls"
    unit : "persons" or "sets"
    rule : what those counted at first are
    remaining : how many they are
    """

    def __init__(self, part: str, unit: str, rule: str, remaining: int) -> None:
        self.part, self.unit = part, unit
        self.rows: list[dict[str, Any]] = []
        self.remaining = remaining
        self.keep(rule, remaining)

    def keep(self, rule: str, remaining: int) -> None:
        """Add a rule and the number whom it leaves."""
        self.rows.append(
            {
                "part": self.part,
                "step": len(self.rows),
                "rule": rule,
                "removed": self.remaining - remaining,
                "remaining": remaining,
                "unit": self.unit,
            }
        )
        self.remaining = remaining

    def table(self) -> pa.Table:
        """The rows as ``results.tables.ATTRITION``."""
        return rows_to_table(self.rows, ATTRITION)
