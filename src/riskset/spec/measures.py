"""What is measured of a person before the index date. A window is ``[index − lookback, index − lag)``.

A measure is a class that owns its facts; `measure_words` has its words and `exposure.windows` computes it.
"""

from __future__ import annotations

from abc import abstractmethod
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from riskset.spec.base import Name, Part, Whole
from riskset.spec.codes import AtcPrefix, Icd10Prefix, outermost
from riskset.spec.complaints import Wrong, listed
from riskset.spec.design import DiagnosisSource
from riskset.spec.levels import (
    LAG_ONLY,
    NEVER,
    NOT_BEFORE_LAG,
    Level,
    Window,
    below,
    levels_in_bands,
    levels_in_time,
    time_names,
    unexposed_name,
    windows_between,
)
from riskset.spec.time import NO_TIME, Duration

Form = Literal["yes or no", "ordered levels", "levels", "number"]
"""What a measure is in a model: only ordered levels have a trend, and a number has no levels."""

Counted = Literal["the qualifying date", "the last dispensing", "dispensing dates", "doses"]
"""What of a history a measure looks at; the first two are of those who qualified before the index date."""


class _Measure(Part):
    name: Name | None = None
    """What models call it; its kind when left out."""

    @property
    @abstractmethod
    def form(self) -> Form:
        """What it is in a model."""

    @property
    @abstractmethod
    def counts(self) -> Counted:
        """What of a history it looks at."""

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
    def unit(self) -> int:
        """How much of the value is one step of a model."""
        return 1

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
    def of_the_qualified(self) -> bool:
        """Whether only who qualified before the index date has a level."""
        return self.counts in ("the qualifying date", "the last dispensing")

    @property
    def amount(self) -> str | None:
        """The column of dispensings, besides their dates, that it sums."""
        return "ddd" if self.counts == "doses" else None

    @property
    def marks(self) -> tuple[Duration, ...]:
        """Every length of time that it names, each once."""
        lengths = (length for window in self.windows for length in (window.lag, window.lookback) if length)
        return tuple(dict.fromkeys(lengths))

    @property
    def reach(self) -> Duration:
        """The furthest of its marks."""
        return max(self.marks, key=lambda length: length.days_about, default=NO_TIME)


class _Windowed(_Measure):
    lag: Duration = NO_TIME
    """The window ends this long before the index date; the index day itself is in no window."""
    lookback: Duration | None = None
    """The window starts this long before the index date; left out, at the register's start."""

    @model_validator(mode="after")
    def _window(self) -> Self:
        _check_window(self.lag, self.lookback)
        return self

    @property
    def windows(self) -> tuple[Window, ...]:
        return (Window(self.lag, self.lookback),)


class _Parted(_Measure):
    """One factor by the time of a day of those who qualified."""

    cuts: Annotated[tuple[Duration, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rising(self) -> Self:
        _check_rising(self.cuts)
        return self

    @property
    def windows(self) -> tuple[Window, ...]:
        return windows_between(self.cuts)

    def levels(self, at_least: int) -> tuple[Level, ...]:
        return levels_in_time(time_names(self.cuts), self.windows)

    def reference(self, at_least: int) -> str:
        return NEVER


class Ever(_Measure):
    """Qualified before the lag: the `at_least`-th distinct dispensing date lies before ``index − lag``."""

    kind: Literal["ever"] = "ever"
    lag: Duration = NO_TIME
    """Only use that qualified this long before the index date counts."""
    lag_only: Literal["reference", "level", "exclude"] = "reference"
    """Who qualified inside the lag only: counted as unexposed, as a level of its own, or left out."""

    @property
    def form(self) -> Form:
        return "yes or no"

    @property
    def counts(self) -> Counted:
        return "the qualifying date"

    @property
    def windows(self) -> tuple[Window, ...]:
        return (Window(self.lag),)

    def levels(self, at_least: int) -> tuple[Level, ...]:
        return levels_in_time(("ever", LAG_ONLY), (Window(self.lag), Window(lookback=self.lag)))

    def reference(self, at_least: int) -> str:
        return NEVER

    @property
    def estimated(self) -> tuple[str, ...]:
        return self.level_names if self.lag_only == "level" else ("ever",)

    @property
    def widened_reference(self) -> str | None:
        unexposed = unexposed_name(self.lag, self.lag_only)
        return unexposed if unexposed == NOT_BEFORE_LAG else None

    @property
    def excludes_lag_only(self) -> bool:
        return bool(self.lag) and self.lag_only == "exclude"


class AnyUse(_Windowed):
    """At least `at_least` distinct dispensing dates inside the window."""

    kind: Literal["any_use"] = "any_use"

    @property
    def form(self) -> Form:
        return "yes or no"

    @property
    def counts(self) -> Counted:
        return "dispensing dates"

    def levels(self, at_least: int) -> tuple[Level, ...]:
        return (Level("any", self.lag, self.lookback, low=at_least),)

    def reference(self, at_least: int) -> str:
        return below(at_least)


class FirstUse(_Parted):
    """One factor by time since the qualifying date, the reference being never qualified before the index date."""

    kind: Literal["first_use"] = "first_use"
    cuts: Annotated[tuple[Duration, ...], Field(min_length=1)]
    """Times before the index date that part the levels, shortest first: 1y, 5y gives 0-1y, 1-5y and over 5y."""

    @property
    def form(self) -> Form:
        return "ordered levels"

    @property
    def counts(self) -> Counted:
        return "the qualifying date"


class Count(_Windowed):
    """Number of distinct dispensing dates in the window, in bands."""

    kind: Literal["count"] = "count"
    bands: Annotated[tuple[Whole, ...], Field(min_length=1)]
    """Where each band starts: 1, 2, 4 gives 1, 2-3 and 4 or more; fewer than the first is the reference."""

    @model_validator(mode="after")
    def _rising_bands(self) -> Count:
        _check_bands(self.bands)
        return self

    @property
    def form(self) -> Form:
        return "ordered levels"

    @property
    def counts(self) -> Counted:
        return "dispensing dates"

    def levels(self, at_least: int) -> tuple[Level, ...]:
        return levels_in_bands(self.bands, *self.windows)

    def reference(self, at_least: int) -> str:
        return below(self.bands[0])


class DefinedDailyDoses(_Windowed):
    """Sum of defined daily doses dispensed in the window, in bands or as a number."""

    kind: Literal["ddd"] = "ddd"
    bands: tuple[Whole, ...] = ()
    """Where each band starts, in DDD."""
    per: Annotated[Whole, Field(ge=1)] | None = None
    """Without bands: the odds ratio is per so many DDD."""

    @model_validator(mode="after")
    def _one_form(self) -> DefinedDailyDoses:
        if bool(self.bands) == (self.per is not None):
            raise Wrong("a sum of DDD is measured in bands or as a number", "give either bands or per")
        if self.bands:
            _check_bands(self.bands)
        return self

    @property
    def form(self) -> Form:
        return "ordered levels" if self.bands else "number"

    @property
    def counts(self) -> Counted:
        return "doses"

    @property
    def unit(self) -> int:
        return 1000 * self.per if self.per else 1  # doses are kept in thousandths

    def levels(self, at_least: int) -> tuple[Level, ...]:
        if self.bands:
            return levels_in_bands(self.bands, *self.windows)
        return (Level(f"per {self.per} DDD", self.lag, self.lookback),)

    def reference(self, at_least: int) -> str:
        return f"<{self.bands[0]}" if self.bands else "none"


class Recency(_Parted):
    """Time from the last dispensing to the index date, among those qualified before it."""

    kind: Literal["recency"] = "recency"
    cuts: Annotated[tuple[Duration, ...], Field(min_length=1)]
    """Shortest first: 90d, 1y gives current (0-90d), recent (90d-1y) and past (over 1y)."""

    @property
    def form(self) -> Form:
        return "levels"

    @property
    def counts(self) -> Counted:
        return "the last dispensing"

    def levels(self, at_least: int) -> tuple[Level, ...]:
        names = time_names(self.cuts)
        if len(names) == 3:
            words = ("current", "recent", "past")
            names = tuple(f"{word} ({name})" for word, name in zip(words, names, strict=True))
        return levels_in_time(names, self.windows)


Measure = Annotated[Ever | AnyUse | FirstUse | Count | DefinedDailyDoses | Recency, Field(discriminator="kind")]


class AtcCodes(Part):
    """A drug class by its ATC prefixes."""

    atc: Annotated[tuple[AtcPrefix, ...], Field(min_length=1)]
    """Beginnings of ATC codes that belong to the class."""
    without: tuple[AtcPrefix, ...] = ()
    """Beginnings of ATC codes that do not, though they lie below one that does."""

    @model_validator(mode="after")
    def _inside(self) -> AtcCodes:
        for code in self.without:
            if not any(code.startswith(prefix) and code != prefix for prefix in self.atc):
                raise Wrong(
                    f"{code} is left out but lies below none of {listed(self.atc)}", "name a longer code", at="without"
                )
        return self

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The codes without those below another of them."""
        return outermost(self.atc)


class Exposure(Part):
    """A drug class and what is measured of its use."""

    name: Name
    """What the report and the models call it."""
    codes: AtcCodes
    """The medicines of the class."""
    at_least: Annotated[Whole, Field(ge=1, le=100)] = 2
    """The person is exposed from this many distinct dispensing dates on."""
    measures: Annotated[tuple[Measure, ...], Field(min_length=1)]
    """What is measured of its use; a model estimates one of them, and what no model names is described alone."""

    @model_validator(mode="after")
    def _keys(self) -> Exposure:
        keys = [m.key for m in self.measures]
        if shared := [key for key in keys if keys.count(key) > 1]:
            raise Wrong(f"two measures share the name {shared[0]!r}", "give each a name of its own", at="measures")
        return self


class _Covariate(Part):
    name: Name
    """What models call it."""
    lag: Duration = NO_TIME
    """The window ends this long before the index date; the index day itself is in no window."""
    lookback: Duration | None = None
    """The window starts this long before the index date; left out, at the register's start."""

    @model_validator(mode="after")
    def _window(self) -> Self:
        _check_window(self.lag, self.lookback)
        return self


class DiagnosisCovariate(_Covariate):
    """A diagnosis at any time in the window, as yes or no."""

    kind: Literal["diagnosis"] = "diagnosis"
    icd10: Annotated[tuple[Icd10Prefix, ...], Field(min_length=1)]
    """Beginnings of ICD-10 codes, with or without the dot."""
    source: tuple[DiagnosisSource, ...] = ()
    """Where it was made; none named means anywhere."""


class DispensingCovariate(_Covariate):
    """Co-medication: at least so many distinct dispensing dates in the window, as yes or no."""

    kind: Literal["dispensing"] = "dispensing"
    codes: AtcCodes
    """The medicines."""
    at_least: Annotated[Whole, Field(ge=1)] = 1
    """Distinct dispensing dates in the window."""


Covariate = Annotated[DiagnosisCovariate | DispensingCovariate, Field(discriminator="kind")]


def _check_window(lag: Duration, lookback: Duration | None) -> None:
    if lookback is None or lag < lookback:
        return
    _check_comparable(lag, lookback, at="lag")
    raise Wrong(f"lag {lag} reaches past lookback {lookback}", "the lag must be the shorter of the two", at="lag")


def _check_rising(cuts: tuple[Duration, ...]) -> None:
    if not cuts[0]:
        raise Wrong("a cut has no length", "the first cut is longer than 0d", at="cuts[0]")
    for i, (near, far) in enumerate(pairwise(cuts), start=1):
        if not near < far:
            _check_comparable(near, far, at=f"cuts[{i}]")
            raise Wrong(f"the cuts {listed([str(c) for c in cuts])} do not rise", "write the shortest first", at="cuts")


def _check_comparable(one: Duration, other: Duration, at: str) -> None:
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


def _check_bands(bands: tuple[int, ...]) -> None:
    if bands[0] < 1:
        raise Wrong(f"a band cannot start at {bands[0]}", "the first band starts at 1 or above", at="bands[0]")
    if any(a >= b for a, b in pairwise(bands)):
        raise Wrong(f"the bands {listed([str(b) for b in bands])} do not rise", "write the lowest first", at="bands")
