"""What is measured of a person before the index date. A window is ``[index − lookback, index − lag)``.

A measure is a class that owns its facts; `measure_words` has its words and `exposure.windows` computes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from riskset.spec.base import Name, Part, Whole, Wording
from riskset.spec.codes import AtcPrefix, Icd10Prefix, outermost
from riskset.spec.complaints import Wrong, listed, members
from riskset.spec.design import DiagnosisSource
from riskset.spec.levels import (
    EVER,
    LAG_ONLY,
    NEVER,
    NOT_BEFORE_LAG,
    Level,
    Window,
    below,
    levels_in_time,
    time_names,
    unexposed_name,
)
from riskset.spec.measure_base import (
    BandedMeasure,
    BaseMeasure,
    Form,
    PartedMeasure,
    WindowedMeasure,
    check_window,
)
from riskset.spec.time import NO_TIME, Duration


class Ever(BaseMeasure):
    """Qualified before the lag: the `at_least`-th distinct dispensing date lies before ``index − lag``."""

    forms: ClassVar[Mapping[Form, str]] = {"yes or no": ""}

    kind: Literal["ever"] = "ever"
    lag: Duration = NO_TIME
    """Only use that qualified this long before the index date counts."""
    lag_only: Literal["reference", "level", "exclude"] = "reference"
    """Who qualified inside the lag only: counted as unexposed, as a level of its own, or left out."""

    @property
    def of_the_qualified(self) -> bool:
        return True

    @property
    def windows(self) -> tuple[Window, ...]:
        return (Window(self.lag),)

    def levels(self, at_least: int) -> tuple[Level, ...]:
        before, inside = Level(EVER, self.lag), Level(LAG_ONLY, lookback=self.lag)
        return (before, inside) if self.lag else (before,)

    def reference(self, at_least: int) -> str:
        return NEVER

    @property
    def estimated(self) -> tuple[str, ...]:
        return self.level_names if self.lag_only == "level" else (EVER,)

    @property
    def widened_reference(self) -> str | None:
        unexposed = unexposed_name(self.lag, self.lag_only)
        return unexposed if unexposed == NOT_BEFORE_LAG else None

    @property
    def excludes_lag_only(self) -> bool:
        return bool(self.lag) and self.lag_only == "exclude"


class AnyUse(WindowedMeasure):
    """At least `at_least` distinct dispensing dates inside the window."""

    forms: ClassVar[Mapping[Form, str]] = {"yes or no": ""}

    kind: Literal["any_use"] = "any_use"

    def levels(self, at_least: int) -> tuple[Level, ...]:
        return (Level("any", self.lag, self.lookback, low=at_least),)

    def reference(self, at_least: int) -> str:
        return below(at_least)


class FirstUse(PartedMeasure):
    """One factor by time since the qualifying date, the reference being never qualified before the index date."""

    forms: ClassVar[Mapping[Form, str]] = {"ordered levels": ""}

    kind: Literal["first_use"] = "first_use"
    cuts: Annotated[tuple[Duration, ...], Field(min_length=1)]
    """Times before the index date that part the levels, shortest first: 1y, 5y gives 0-1y, 1-5y and over 5y."""


class Count(BandedMeasure):
    """Number of distinct dispensing dates in the window, in bands."""

    kind: Literal["count"] = "count"
    bands: Annotated[tuple[Whole, ...], Field(min_length=1)]
    """Where each band starts: 1, 2, 4 gives 1, 2-3 and 4 or more; fewer than the first is the reference."""


class DefinedDailyDoses(BandedMeasure):
    """Sum of defined daily doses dispensed in the window, in bands or as a number."""

    forms: ClassVar[Mapping[Form, str]] = {"ordered levels": "in bands", "number": "as a number"}

    kind: Literal["ddd"] = "ddd"
    bands: tuple[Whole, ...] = ()
    """Where each band starts, in DDD."""
    per: Annotated[Whole, Field(ge=1)] | None = None
    """Without bands: the odds ratio is per so many DDD."""

    @model_validator(mode="after")
    def _one_form(self) -> DefinedDailyDoses:
        if bool(self.bands) == (self.per is not None):
            raise Wrong("a sum of DDD is measured in bands or as a number", "give either bands or per")
        return self

    @property
    def form(self) -> Form:
        return "ordered levels" if self.bands else "number"

    @property
    def amount(self) -> Literal["ddd"] | None:
        return "ddd"

    @property
    def step(self) -> str:
        return f"{self.per} DDD" if self.per else ""

    @property
    def unit(self) -> int:
        return 1000 * self.per if self.per else 1  # doses are kept in thousandths

    def levels(self, at_least: int) -> tuple[Level, ...]:
        if self.bands:
            return super().levels(at_least)
        return (Level(f"per {self.per} DDD", self.lag, self.lookback),)

    def reference(self, at_least: int) -> str:
        return f"<{self.bands[0]}" if self.bands else "none"


class Recency(PartedMeasure):
    """Time from the last dispensing to the index date, among those qualified before it."""

    forms: ClassVar[Mapping[Form, str]] = {"levels": ""}

    kind: Literal["recency"] = "recency"
    cuts: Annotated[tuple[Duration, ...], Field(min_length=1)]
    """Shortest first: 90d, 1y gives current (0-90d), recent (90d-1y) and past (over 1y)."""

    def levels(self, at_least: int) -> tuple[Level, ...]:
        names = time_names(self.cuts)
        if len(names) == 3:
            words = ("current", "recent", "past")
            names = tuple(f"{word} ({name})" for word, name in zip(words, names, strict=True))
        return levels_in_time(names, self.windows)


Measure = Annotated[Ever | AnyUse | FirstUse | Count | DefinedDailyDoses | Recency, Field(discriminator="kind")]

MEASURES: tuple[type[BaseMeasure], ...] = tuple(members(Measure))
"""Every kind of measure."""

WITH_TREND = tuple(
    f"{kind.model_fields['kind'].default} {kind.forms['ordered levels']}".strip()
    for kind in MEASURES
    if "ordered levels" in kind.forms
)
"""How a study asks for a measure whose levels have an order: ``first_use``, ``ddd in bands``."""


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
    label: Wording = ""
    """What the report calls it, as within a sentence; left out, `name` without underscores."""
    lay: Wording = ""
    """What the public calls such medicines, as ``"medicines for worry"``; left out, `label`."""

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
    label: Wording = ""
    """What the report calls it, as within a sentence; left out, `name` without underscores."""

    @model_validator(mode="after")
    def _window(self) -> Self:
        check_window(self.lag, self.lookback)
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
