"""What may not be known of a number: the rule of a place, and what it asks of every withheld number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from riskset.disclosure.system import ONE, Cell
from riskset.errors import DisclosureError, several


class Zero(StrEnum):
    """Whether a count of nobody may be read."""

    SHOWN = "shown"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class Policy:
    """The rule by which numbers leave.

    A count of persons from 1 to `minimum` - 1 may not be known. That it is not printed is not enough: see
    `required`.

    Parameters
    ----------
    name
        What it is called, in the log of a release.
    minimum
        The smallest count, other than 0, that may be known; at least 2.
    zero
        Whether a count of 0 may be known. By default it may: it is about nobody, and a reader of a table with persons
        in it learns of a zero mostly that a combination does not occur. Where an attribute is sensitive, that a whole
        group lacks it (or that all have it) can be a disclosure; then withhold it.
    margin
        How many values beyond the small ones must stay possible for a withheld small count; at least 0. With 1, the
        default, nobody can tell that it is small at all, and no count under the minimum follows for any group that
        contains it (see docs/disclosure.md). With 0 a reader may end up with "from 1 to 4" and no more.
    complementary
        Whether numbers that may be known are withheld where small ones would follow from them. Without it small counts
        can be computed from totals; there is no reason to but to see what the others withhold for.
    rounding
        Shown counts are rounded to the nearest multiple of this, halves up; None shows them as they are. It comes after
        the rule on small counts, which holds for the counts themselves.

    Raises
    ------
    DisclosureError
        It contradicts itself.
    """

    name: str
    minimum: int = 5
    zero: Zero = Zero.SHOWN
    margin: int = 1
    complementary: bool = True
    rounding: int | None = None

    def __post_init__(self) -> None:
        problems = list(self._contradictions())
        if problems:
            raise several(problems)

    def _contradictions(self) -> Iterator[DisclosureError]:
        if self.minimum < 2:
            yield DisclosureError(
                "a minimum below 2 withholds nothing", where="minimum", remedy="the smallest is 2, which withholds 1"
            )
        if self.margin < 0:
            yield DisclosureError("a margin cannot be below 0", where="margin", remedy="0 or 1 is usual")
        if self.rounding is not None and self.rounding < 2:
            yield DisclosureError(
                "a base below 2 rounds nothing", where="rounding", remedy="leave it out, or 5 is usual"
            )
        if self.rounding is not None and self.rounding > 2 * max(self.minimum, 2):
            yield DisclosureError(
                "counts that may be known would be rounded to 0",
                where="rounding",
                remedy=f"at most twice the minimum, {2 * max(self.minimum, 2)}",
            )

    def laxer_than(self, other: Policy) -> list[str]:
        """The parameters of which this policy asks less than another one."""
        asks_less = {
            "minimum": self.minimum < other.minimum,
            "zero": self.zero is Zero.SHOWN and other.zero is Zero.WITHHELD,
            "margin": self.margin < other.margin,
            "complementary": other.complementary and not self.complementary,
            "rounding": (self.rounding or 1) < (other.rounding or 1),
        }
        return [name for name, less in asks_less.items() if less]

    def parameters(self) -> dict[str, int | str | bool | None]:
        """What it asks, without what it is called: by name of the parameter."""
        return {name: value for name, value in asdict(self).items() if name != "name"}

    def is_small(self, count: int) -> bool:
        """Whether a count may not be known; the count itself, never a rounded one (3 would round to a harmless 5)."""
        return count < self.minimum and not (count == 0 and self.zero is Zero.SHOWN)

    def shown(self, count: int) -> int:
        """What a release prints of a count that may be known."""
        if self.rounding is None:
            return count
        return (count + self.rounding // 2) // self.rounding * self.rounding

    def readable(self, cell: Cell) -> tuple[int, int]:
        """The lowest and the highest value that a reader of the shown number takes to be possible, both ends included.

        Of an earlier release what it stands for. Otherwise without rounding, and of a constant, the value itself; with
        it the counts that round to the same, less those that would have been withheld.
        """
        if cell.published:
            return cell.stands_for or (cell.value, cell.value)
        if self.rounding is None or cell.key == ONE or cell.value < self.minimum:
            return cell.value, cell.value
        lowest = self.shown(cell.value) - self.rounding // 2
        highest = lowest + self.rounding - 1
        return max(lowest, self.minimum, cell.lower), highest if cell.upper is None else min(highest, cell.upper)

    def required(self, cell: Cell) -> tuple[int, int]:
        """The values of a primary cell that must all stay possible for whoever knows everything shown.

        The criterion, exactly: for **each** whole number from the lowest to the highest, both ends included, there is
        a set of whole numbers in the places of all withheld cells that gives this cell that number, keeps to what is
        known beforehand of every cell, and satisfies every sum with every shown number. For a small count these are 1
        (or 0, where zeros are withheld or the count is one) up to `minimum` - 1 + `margin`; for a larger count that is
        primary by another rule, `minimum` - 1 to either side. What nobody thought possible before any release
        (`lower`, `upper`) is not asked for.
        """
        if cell.value < self.minimum:
            lowest = min(cell.value, 1 if self.zero is Zero.SHOWN else 0)
            highest = self.minimum - 1 + self.margin
        else:
            lowest, highest = cell.value - (self.minimum - 1), cell.value + (self.minimum - 1)
        return max(lowest, cell.lower), highest if cell.upper is None else min(highest, cell.upper)
