"""What the kinds of measures share: the facts that each owns, and the checks of lengths, cuts and bands."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from riskset.spec.base import Name, Part, Whole
from riskset.spec.complaints import Wrong, listed
from riskset.spec.levels import (
    NEVER,
    Level,
    Window,
    below,
    levels_in_bands,
    levels_in_time,
    time_names,
    windows_between,
)
from riskset.spec.time import NO_TIME, Duration

Form = Literal["yes or no", "ordered levels", "levels", "number"]
"""What a measure is in a model: only ordered levels have a trend, and a number has no levels."""


class BaseMeasure(Part):
    """What every measure owns: its form, its windows, its levels and its reference."""

    forms: ClassVar[Mapping[Form, str]]
    """What it can be in a model, each with what makes it so, said after its kind; nothing where it always is."""

    name: Name | None = None
    """What models call it; its kind when left out."""

    @property
    def form(self) -> Form:
        """What it is in a model: of its forms the first, unless it says otherwise."""
        return next(iter(self.forms))

    @property
    @abstractmethod
    def of_the_qualified(self) -> bool:
        """Whether only who qualified before the index date has a level; else what lies in a window is counted."""

    @property
    @abstractmethod
    def windows(self) -> tuple[Window, ...]:
        """The stretches of time that it tells apart, the nearest to the index date first."""

    @abstractmethod
    def levels(self, at_least: int) -> tuple[Level, ...]:
        """The levels in order, the reference left out; a number is one level.

        Parameters
        ----------
        at_least : the exposure's number of distinct dispensing dates from which a person is exposed
        """

    @abstractmethod
    def reference(self, at_least: int) -> str:
        """What a person is who has none of the levels."""

    @property
    def parts_time(self) -> bool:
        """Whether its levels are stretches of the time since a day of use."""
        return False

    @property
    def uses_at_least(self) -> bool:
        """Whether the exposure's number of dispensing dates decides who has a level."""
        return self.of_the_qualified or self.levels(1) != self.levels(2)

    @property
    def lag_of_ever(self) -> Duration | None:
        """Of ever use, how long before the index date it must have begun; None of any other measure."""
        open_end = [window.lag for window in self.windows if window.lookback is None]
        is_ever = self.of_the_qualified and self.form == "yes or no" and len(open_end) == len(self.windows) == 1
        return open_end[0] if is_ever else None

    @property
    def leaves_near_use_open(self) -> bool:
        """Whether use up to the index date counts, and no level tells it from earlier use."""
        return not self.parts_time and not self.windows[0].lag

    @property
    def step(self) -> str:
        """Of a number, what one step of a model is: ``100 DDD``; of others nothing."""
        return ""

    @property
    def unit(self) -> int:
        """How much of the value is one step of a model."""
        return 1

    @property
    def amount(self) -> Literal["ddd"] | None:
        """The column of dispensings, besides their dates, that it sums over its one window."""
        return None

    @property
    def estimated(self) -> tuple[str, ...]:
        """The levels that have a ratio of their own."""
        return self.level_names

    @property
    def widened_reference(self) -> str | None:
        """What models call the reference where it holds people of a level, too; None where it holds no such people."""
        return None

    @property
    def excludes_lag_only(self) -> bool:
        """Whether models leave out who is in `LAG_ONLY`."""
        return False

    @property
    def key(self) -> str:
        """The measure's name, by which models and tables know it."""
        return self.name or str(getattr(self, "kind"))  # noqa: B009 - kind is the subclass's discriminator

    @property
    def level_names(self) -> tuple[str, ...]:
        """The levels in the order of its terms, the reference left out.

        ``FirstUse(cuts=["1y", "5y"])`` gives ``0-1y``, ``1-5y``, ``>5y``; ``Count(bands=[1, 2, 4])`` gives ``1``,
        ``2-3``, ``≥4``; a sum of DDD as a number gives ``per 100 DDD``.
        """
        return tuple(level.label for level in self.levels(1))  # of how many dates makes no name

    @property
    def marks(self) -> tuple[Duration, ...]:
        """Every length of time that it names, each once."""
        lengths = (length for window in self.windows for length in (window.lag, window.lookback) if length)
        return tuple(dict.fromkeys(lengths))

    @property
    def reach(self) -> Duration:
        """The furthest of its marks."""
        return max(self.marks, key=lambda length: length.days_about, default=NO_TIME)


class WindowedMeasure(BaseMeasure):
    """What is counted in one window."""

    lag: Duration = NO_TIME
    """The window ends this long before the index date; the index day itself is in no window."""
    lookback: Duration | None = None
    """The window starts this long before the index date; left out, at the register's start."""

    @model_validator(mode="after")
    def _window(self) -> Self:
        check_window(self.lag, self.lookback)
        return self

    @property
    def of_the_qualified(self) -> bool:
        return False

    @property
    def windows(self) -> tuple[Window, ...]:
        return (Window(self.lag, self.lookback),)


class BandedMeasure(WindowedMeasure):
    """What is counted in one window, in bands."""

    forms: ClassVar[Mapping[Form, str]] = {"ordered levels": ""}

    bands: tuple[Whole, ...]

    @model_validator(mode="after")
    def _rising_bands(self) -> Self:
        if self.bands:
            check_bands(self.bands)
        return self

    def levels(self, at_least: int) -> tuple[Level, ...]:
        return levels_in_bands(self.bands, *self.windows)

    def reference(self, at_least: int) -> str:
        return below(self.bands[0])


class PartedMeasure(BaseMeasure):
    """One factor by the time of a day of those who qualified."""

    cuts: Annotated[tuple[Duration, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rising(self) -> Self:
        check_rising(self.cuts)
        return self

    @property
    def of_the_qualified(self) -> bool:
        return True

    @property
    def parts_time(self) -> bool:
        return True

    @property
    def windows(self) -> tuple[Window, ...]:
        return windows_between(self.cuts)

    def levels(self, at_least: int) -> tuple[Level, ...]:
        return levels_in_time(time_names(self.cuts), self.windows)

    def reference(self, at_least: int) -> str:
        return NEVER


def check_window(lag: Duration, lookback: Duration | None) -> None:
    """Refuse a lag that reaches past the lookback."""
    if lookback is None or lag < lookback:
        return
    check_comparable(lag, lookback, at="lag")
    raise Wrong(f"lag {lag} reaches past lookback {lookback}", "the lag must be the shorter of the two", at="lag")


def check_rising(cuts: tuple[Duration, ...]) -> None:
    """Refuse cuts of no length, or not the shortest first."""
    if not cuts[0]:
        raise Wrong("a cut has no length", "the first cut is longer than 0d", at="cuts[0]")
    for i, (near, far) in enumerate(pairwise(cuts), start=1):
        if not near < far:
            check_comparable(near, far, at=f"cuts[{i}]")
            raise Wrong(f"the cuts {listed([str(c) for c in cuts])} do not rise", "write the shortest first", at="cuts")


def check_comparable(one: Duration, other: Duration, at: str) -> None:
    """Refuse lengths of which now the one and now the other may be the longer, by where in the calendar they lie."""
    mixed = (one.unit in "dw") != (other.unit in "dw")
    varying = [x for x in (one, other) if x.shortest < x.longest]
    if mixed and varying and one.shortest <= other.longest and other.shortest <= one.longest:
        days = listed([f"{x} is {x.shortest} to {x.longest} days" for x in varying])
        raise Wrong(
            f"{one} and {other} are in no fixed order, because {days}",
            "write both in days and weeks, or both in months and years",
            at=at,
        )


def check_bands(bands: tuple[int, ...]) -> None:
    """Refuse bands that start below 1 or do not rise."""
    if bands[0] < 1:
        raise Wrong(f"a band cannot start at {bands[0]}", "the first band starts at 1 or above", at="bands[0]")
    if any(a >= b for a, b in pairwise(bands)):
        raise Wrong(f"the bands {listed([str(b) for b in bands])} do not rise", "write the lowest first", at="bands")
