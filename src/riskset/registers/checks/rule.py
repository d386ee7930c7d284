"""What a rule on delivered rows is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from riskset.results.quality_vocabulary import QualityAction, QualityRule

EARLIEST = date(1850, 1, 1)
"""No day of a living person's register lies before this."""


@dataclass(frozen=True)
class Limits:
    """The days between which a table's facts may lie.

    Attributes
    ----------
    latest : the last day that a fact may have
    starts : the first day that the register covers, where stated
    """

    latest: date
    starts: date | None = None

    @classmethod
    def of(cls, as_of: date, starts: date | None = None) -> Limits:
        """Of a delivery of the day ``as_of``: facts may have that day, and the next."""
        return cls(as_of + timedelta(days=1), starts)


Broken = Callable[[ir.Table, Limits], ir.BooleanValue]


@dataclass(frozen=True)
class Rule:
    """One constraint on the rows of a table.

    Attributes
    ----------
    code : which rule it is
    meaning : which rows break it, for the documentation
    broken : delivered row (with `id`, and the person's `born`, `died` and `undated`) → whether it breaks the rule
    action : what becomes of the row
    needs : canonical columns that must have been delivered for it to be checked
    needs_one : canonical columns of which at least one must have been
    among : the rule compares a row with the person's other rows that broke no rule before it; `broken` then is a window
        expression over rows that hold `fine`
    hint : what may be wrong where many rows break it
    cell : the column whose delivered cell cannot be read, where that is what breaks it
    flag : a column of the converted rows without which there is nothing to check
    agreed : the column of which rows that are one fact must have one value; where they have, the row that stays has it,
        whichever of them delivered it
    spared : of values `set to missing`, the share that may break it whatever the tolerance
    subject : the columns that it is of; none where it is of the row
    """

    code: QualityRule
    meaning: str
    broken: Broken
    action: QualityAction = QualityAction.QUARANTINED
    needs: tuple[str, ...] = ()
    needs_one: tuple[str, ...] = ()
    among: bool = False
    hint: str = ""
    cell: str = ""
    flag: str = ""
    agreed: str = ""
    spared: float = 0.0
    subject: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What messages, the quarantine and the documentation call it."""
        return name_of(self.code, self.subject)

    @property
    def removes(self) -> bool:
        """Whether a row that breaks it leaves the table."""
        return self.action in (QualityAction.QUARANTINED, QualityAction.TAKEN_BACK)


def name_of(code: QualityRule, subject: Sequence[str]) -> str:
    """A rule of some columns: ``birth_date missing``."""
    mark = ":" if code in (QualityRule.DAY_UNKNOWN, QualityRule.TIME_CUT, QualityRule.EVENING) else ""
    return f"{' and '.join(subject)}{mark} {code}".strip()


def after(day: Any, days: int) -> Any:
    """The day so many days after another."""
    return (day + ibis.interval(days=days)).cast("date")
