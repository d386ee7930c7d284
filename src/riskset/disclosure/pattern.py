"""Which numbers are withheld and why, by what method, and what is still wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from riskset.disclosure.system import Key


class Why(StrEnum):
    """Why a number is withheld."""

    PRIMARY = "primary"
    """A rule of the policy says that it may not be known."""
    COMPLEMENTARY = "complementary"
    """A number that may not be known would follow from it."""
    EARLIER = "earlier"
    """It was withheld before, or stands in no file."""
    LAST_RESORT = "last resort"
    """No method found which numbers of its part to withhold, so all are."""


class Method(StrEnum):
    """How it was decided what to withhold in a part of a system."""

    EXACT = "exact"
    """At least cost, by a mixed-integer program."""
    GUIDED = "guided"
    """One small count after the other, guided by the program with fractions."""
    EVERYTHING = "everything"
    """All that can be, because the others gave up or did not withstand the audit."""
    PRIMARY_ONLY = "primary only"
    """The policy asks for no complementary withholding."""


@dataclass(frozen=True)
class Withheld:
    """Why one number is withheld.

    Attributes
    ----------
    why : the reason
    covers : of a complementary number the primary ones that need it, in the order of the cells
    """

    why: Why
    covers: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Component:
    """A part of a system that hangs together and has numbers that may not be known.

    Attributes
    ----------
    keys : its cells that could be withheld
    method : by which it was decided
    given_up : the methods that were tried before and gave up
    cost : the weights of what is withheld, added up
    at_least : no choice that protects costs less; 0 where no bound was found
    """

    keys: tuple[Key, ...]
    method: Method
    given_up: tuple[Method, ...]
    cost: float
    at_least: float


@dataclass(frozen=True)
class Violation:
    """A number that an attacker narrows below the policy.

    It is for those inside only: it says what an attacker would know.

    Attributes
    ----------
    key : whose number
    low, high : the smallest and the largest value that it can still have, both ends included
    ruled_out : values that the policy wants possible and the attacker can exclude
    """

    key: Key
    low: int
    high: int | None
    ruled_out: tuple[int, ...]


@dataclass(frozen=True)
class Pattern:
    """What is withheld of a system.

    All of it has to be shown by one and the same sign: who prints "<5" for some numbers and a dash for the others says
    which of them are small.

    Attributes
    ----------
    hidden : key → why, in the order of the cells
    components : the parts that had to be decided, with the methods
    violations : what the audit of the whole found wrong. Nothing may leave unless it is empty
    """

    hidden: Mapping[Key, Withheld]
    components: tuple[Component, ...]
    violations: tuple[Violation, ...]

    @property
    def is_safe(self) -> bool:
        """Whether the audit found nothing wrong."""
        return not self.violations
