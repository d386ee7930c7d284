"""A number that is not given away, so that a page shows it as such, and never as missing or as nought."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

Row = Mapping[str, Any]


WITHHELD = "withheld"
"""What a page shows. It does not tell a small number from one that protects it: that would say that it is small."""


class WithheldFor(StrEnum):
    """The rule by which a number is withheld."""

    SMALL = "fewer than the policy lets be known"
    COMPLEMENTARY = "a number of fewer would follow from it"
    UNSTATED = "a count of a model's, test's or curve's own people, which the other counts are not linked to"
    GIVEN_BACK = "an estimate and its error give back numbers fewer than the policy lets be known"
    FOLLOWS = "follows from a withheld number"
    REPEATS = "repeats a withheld number"
    THIN = "a step of a curve on fewer events or patients than the policy lets be known"
    EXTREME = "a single person's or row's value"
    TEXT = "a sentence that holds numbers"
    RELEASED_BEFORE = "withheld in an earlier release"
    TOO_CLOSE = "differs from an earlier release by fewer than the policy lets be known"

    @property
    def in_public(self) -> str:
        """What a log that leaves says of it, which tells no small count from another one."""
        if self in _OF_COUNTS:
            return _THRESHOLD
        # That an estimate gives counts back would say that they are few.
        return str(WithheldFor.FOLLOWS if self is WithheldFor.GIVEN_BACK else self)


_OF_COUNTS = (
    *(WithheldFor.SMALL, WithheldFor.COMPLEMENTARY, WithheldFor.UNSTATED, WithheldFor.REPEATS),
    *(WithheldFor.RELEASED_BEFORE, WithheldFor.TOO_CLOSE),
)
"""Each would say of the others that they are small, or near to an earlier number, if it had a text of its own."""
_THRESHOLD = "fewer than the policy lets be known, or such a number could follow from it"


class HiddenNumber(float):
    """No number: every operation with it gives it again, every comparison is false, and as a text it says what it is.

    Parameters
    ----------
    rule : by which it is withheld
    """

    rule: WithheldFor

    def __new__(cls, rule: WithheldFor) -> HiddenNumber:
        made = super().__new__(cls, "nan")
        made.rule = rule
        return made

    def __str__(self) -> str:
        return WITHHELD

    __repr__ = __str__

    def __format__(self, style: str) -> str:
        return WITHHELD

    def __reduce__(self) -> tuple[Any, ...]:
        return HiddenNumber, (self.rule,)


def _itself(self: HiddenNumber, *others: object) -> HiddenNumber:
    return self


_OPERATIONS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
for _name in (*_OPERATIONS, *(f"r{one}" for one in _OPERATIONS), "neg", "pos", "abs", "round"):
    setattr(HiddenNumber, f"__{_name}__", _itself)


def unmarked(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows for a table of numbers: nothing where one is withheld."""
    return [{name: None if isinstance(cell, HiddenNumber) else cell for name, cell in row.items()} for row in rows]
