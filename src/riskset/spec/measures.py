"""What is measured of a person before the index date. A window is ``[index − lookback, index − lag)``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from riskset.spec.base import Part
from riskset.spec.codes import AtcPrefix, Icd10Prefix, outermost
from riskset.spec.design import DiagnosisSource
from riskset.spec.time import NO_TIME, Duration

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class _Measure(Part):
    name: Name | None = None
    """What models call it; its kind when left out."""

    @property
    def key(self) -> str:
        return self.name or str(getattr(self, "kind"))  # noqa: B009 - kind is the subclass's discriminator


class _Windowed(_Measure):
    lag: Duration = NO_TIME
    """The window ends this long before the index date; the index day itself is in no window."""
    lookback: Duration | None = None
    """The window starts this long before the index date; left out, at the register's start."""

    @model_validator(mode="after")
    def _window(self) -> _Windowed:
        if self.lookback is not None and self.lookback <= self.lag:
            raise ValueError(f"lag {self.lag} reaches past lookback {self.lookback}; the lag must be the shorter one")
        return self


class Ever(_Measure):
    """Qualified before the lag: the `at_least`-th distinct dispensing date lies before ``index − lag``."""

    kind: Literal["ever"]
    lag: Duration = NO_TIME
    """Only use that qualified this long before the index date counts."""
    lag_only: Literal["reference", "level", "exclude"] = "reference"
    """Who qualified inside the lag only: counted as unexposed, as a level of its own, or left out."""


class AnyUse(_Windowed):
    """At least `at_least` distinct dispensing dates inside the window."""

    kind: Literal["any_use"]


class FirstUse(_Measure):
    """One factor by time since the qualifying date, the reference being never qualified before the index date."""

    kind: Literal["first_use"]
    cuts: Annotated[tuple[Duration, ...], Field(min_length=1)]
    """Times before the index date that part the levels, shortest first: 1y, 5y gives 0-1y, 1-5y and over 5y."""

    @model_validator(mode="after")
    def _rising(self) -> FirstUse:
        _check_rising(self.cuts)
        return self


class Count(_Windowed):
    """Number of distinct dispensing dates in the window, in bands."""

    kind: Literal["count"]
    bands: Annotated[tuple[int, ...], Field(min_length=1)]
    """Where each band starts: 1, 2, 4 gives 1, 2-3 and 4 or more; fewer than the first is the reference."""

    @model_validator(mode="after")
    def _rising_bands(self) -> Count:
        _check_bands(self.bands)
        return self


class DefinedDailyDoses(_Windowed):
    """Sum of defined daily doses dispensed in the window, in bands or as a number."""

    kind: Literal["ddd"]
    bands: tuple[int, ...] = ()
    """Where each band starts, in DDD."""
    per: int | None = None
    """Without bands: the odds ratio is per so many DDD."""

    @model_validator(mode="after")
    def _one_form(self) -> DefinedDailyDoses:
        if bool(self.bands) == (self.per is not None):
            raise ValueError("give bands, or per for a number; one of the two")
        if self.per is not None and self.per < 1:
            raise ValueError("per must be at least 1 DDD")
        if self.bands:
            _check_bands(self.bands)
        return self


class Recency(_Measure):
    """Time from the last dispensing to the index date, among those qualified before it."""

    kind: Literal["recency"]
    cuts: Annotated[tuple[Duration, ...], Field(min_length=1)]
    """Shortest first: 90d, 1y gives current (0-90d), recent (90d-1y) and past (over 1y)."""

    @model_validator(mode="after")
    def _rising(self) -> Recency:
        _check_rising(self.cuts)
        return self


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
                raise ValueError(f"{code} is left out but lies below none of {', '.join(self.atc)}")
        return self

    @property
    def prefixes(self) -> tuple[str, ...]:
        return outermost(self.atc)


class Exposure(Part):
    """A drug class and what is measured of its use."""

    name: Name
    """What the report and the models call it."""
    codes: AtcCodes
    at_least: Annotated[int, Field(ge=1, le=100)] = 2
    """The person is exposed from this many distinct dispensing dates on."""
    measures: Annotated[tuple[Measure, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _keys(self) -> Exposure:
        keys = [m.key for m in self.measures]
        if len(set(keys)) != len(keys):
            raise ValueError("two measures share a name; give each its own `name`")
        return self


class DiagnosisCovariate(Part):
    """A diagnosis at any time in the window, as yes or no."""

    kind: Literal["diagnosis"]
    name: Name
    icd10: Annotated[tuple[Icd10Prefix, ...], Field(min_length=1)]
    source: tuple[DiagnosisSource, ...] = ()
    """Where it was made; none named means anywhere."""
    lag: Duration = NO_TIME
    lookback: Duration | None = None


class DispensingCovariate(Part):
    """Co-medication: at least so many distinct dispensing dates in the window, as yes or no."""

    kind: Literal["dispensing"]
    name: Name
    codes: AtcCodes
    at_least: Annotated[int, Field(ge=1)] = 1
    lag: Duration = NO_TIME
    lookback: Duration | None = None


Covariate = Annotated[DiagnosisCovariate | DispensingCovariate, Field(discriminator="kind")]


def _check_rising(cuts: tuple[Duration, ...]) -> None:
    lengths = [cut.days_about for cut in cuts]
    if lengths[0] <= 0 or any(a >= b for a, b in zip(lengths, lengths[1:], strict=False)):
        raise ValueError("cuts must rise, the shortest first, and the first be longer than nothing")


def _check_bands(bands: tuple[int, ...]) -> None:
    if bands[0] < 1 or any(a >= b for a, b in zip(bands, bands[1:], strict=False)):
        raise ValueError("bands must rise and start at 1 or above")
