"""What a column tells of persons: the role by which disclosure control treats it."""

from __future__ import annotations

from enum import StrEnum


class DisclosureRole(StrEnum):
    """What a number tells of persons.

    A share or a function is withheld where a count that it is of (``of`` in its column) is.
    """

    COUNT = "count"
    """Persons, sets, rows, scores or events: below the threshold it is withheld."""
    TOTAL = "total"
    """A count that others are parts of: withheld below the threshold, and where a part could be had by subtraction."""
    SHARE = "share"
    """A count in another form."""
    FUNCTION = "function of counts"
    """A mean, an estimate, a test: not a count, but one may be had from it."""
    EXTREME = "extreme value"
    """One person's value, or one row's."""
    DATE = "date"
    """A day or a month of what happened to somebody."""
    BY_CODE = "by its code"
    """What it tells depends on the code that stands beside it."""
    FREE = "free of persons"
    """Chosen, not counted: a step, a coverage, a planted truth."""


COUNTS = (DisclosureRole.COUNT, DisclosureRole.TOTAL)
"""Roles of numbers of persons, sets and events."""
