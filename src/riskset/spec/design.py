"""Who is a case, who could have been one, and who serves as control."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from riskset.spec.base import Day, Part, Whole, YesNo
from riskset.spec.codes import AtcPrefix, Icd10Prefix
from riskset.spec.complaints import Wrong, listed
from riskset.spec.time import NO_TIME, Duration

MatchKey = Literal["sex", "birth_year", "county", "country_of_birth"]
DiagnosisSource = Literal["inpatient", "outpatient", "death", "registry"]


class Period(Part):
    """When index dates fall: ``[start, stop)``, so ``stop`` is the day after the last one."""

    start: Day
    """The first day on which an index date may fall."""
    stop: Day
    """The day after the last day on which an index date may fall."""

    @model_validator(mode="after")
    def _forward(self) -> Period:
        if self.start >= self.stop:
            raise Wrong("the period is empty", "stop is the day after the last day, so it lies after start")
        return self


class Event(Part):
    """Something that happens to a person on a date. Exactly one of registry, icd10, atc and death is named."""

    registry: str | None = None
    """A quality register, by the name that sources.toml gives it."""
    diagnosis: tuple[str, ...] = ()
    """With `registry`: the diagnoses of the register that count; none named means any."""
    icd10: tuple[Icd10Prefix, ...] = ()
    """Beginnings of ICD-10 codes in the diagnosis table, with or without the dot."""
    source: tuple[DiagnosisSource, ...] = ()
    """With `icd10`: where the diagnosis was made; none named means anywhere."""
    main: YesNo | None = None
    """With `icd10`: true for main diagnoses only, false for the others only; left out, both."""
    atc: tuple[AtcPrefix, ...] = ()
    """Beginnings of ATC codes: the event is a dispensing."""
    death: YesNo = False
    """The event is death, of any cause unless `cause` is given."""
    cause: tuple[Icd10Prefix, ...] = ()
    """With `death`: underlying causes of death."""
    record: Annotated[Whole, Field(ge=1)] = 1
    """Which distinct date counts: 1 the first, 2 the second."""

    @model_validator(mode="after")
    def _one_kind(self) -> Event:
        named = [n for n in ("registry", "icd10", "atc", "death") if getattr(self, n)]
        if len(named) != 1:
            raise Wrong(
                f"an event has one kind, this has {listed(named)}", "name exactly one of registry, icd10, atc and death"
            )
        for field, owner in (("diagnosis", "registry"), ("source", "icd10"), ("main", "icd10"), ("cause", "death")):
            if getattr(self, field) not in (None, ()) and not getattr(self, owner):
                raise Wrong(f"{field} goes with {owner}, which is not named", f"add {owner} or remove {field}")
        return self

    def wider(self) -> Event:
        """The same disease without restriction: any source, whole ICD-10 categories, any diagnosis of the register."""
        if self.registry:
            return Event(registry=self.registry)
        if self.icd10:
            return Event(icd10=tuple(code[:3] for code in self.icd10))
        if self.atc:
            return Event(atc=self.atc)
        return Event(death=True)


class Washout(Part):
    """An event that must not have happened before the index date."""

    event: Event
    """What must not have happened."""
    within: Duration | None = None
    """In `[index − within, index)`; left out, at any time before the index date."""


class Eligibility(Part):
    """One rule for cases and candidates, evaluated on the set's date."""

    age: tuple[Whole, Whole] = (0, 120)
    """Completed years on the index date, both ends included."""
    min_residence: Duration = NO_TIME
    """Under observation without a gap at least this long before the index date."""
    run_in: Duration = Duration(18, "m")
    """The index date lies at least this long after the dispensing register's start; fills then are prevalent use."""
    min_history: Duration = NO_TIME
    """Dispensing history of the person (from the later of register start and entry) at least this long."""
    washout: tuple[Washout, ...] = ()
    """Events that exclude a person on that date."""

    @model_validator(mode="after")
    def _ages(self) -> Eligibility:
        low, high = self.age
        if not 0 <= low <= high:
            raise Wrong(f"[{low}, {high}] holds no age", "write [lowest, highest] in completed years", at="age")
        return self


class Cases(Part):
    """Who is a case: the first such event of a person, if it falls in the period."""

    first: Event
    """The event whose first date is the index date."""
    free_of: tuple[Event, ...] = ()
    """What a candidate must be free of through the index date; left out, the case event without its restrictions."""

    def freedom(self) -> tuple[Event, ...]:
        """What controls are free of: as stated, always with the case event itself."""
        stated = self.free_of or (self.first.wider(),)
        return stated if self.first in stated else (*stated, self.first)


class PopulationControls(Part):
    """Controls sampled from the risk set by incidence density."""

    kind: Literal["population"] = "population"
    ratio: Annotated[Whole, Field(ge=1, le=100)] = 5
    """Controls per case; fewer where fewer are eligible."""
    match: tuple[MatchKey, ...] = ("sex", "birth_year")
    """What a control shares with its case, county as on the index date."""
    replacement: YesNo = True
    """True: a person may serve in several sets, and the odds ratio estimates the hazard ratio."""
    caliper: Duration | None = None
    """Instead of birth_year: birth dates at most this far apart."""

    @model_validator(mode="after")
    def _keys(self) -> PopulationControls:
        if len(set(self.match)) != len(self.match):
            raise Wrong("a matching key is named twice", "name each once", at="match")
        if self.caliper is not None and "birth_year" in self.match:
            raise Wrong(
                "both a caliper and birth_year are asked for",
                "take birth_year out of match, or the caliper",
                at="caliper",
            )
        return self

    @property
    def comparison(self) -> str:
        """What tables call these sets."""
        return "population"


class SiblingControls(Part):
    """Siblings under observation and free of the disease on the index date."""

    kind: Literal["siblings"] = "siblings"
    half: YesNo = False
    """True adds half-siblings to full ones."""
    at: Literal["index date", "same age"] = "index date"
    """Compared on the case's index date, or when the sibling had the case's age."""

    @property
    def comparison(self) -> str:
        """What tables call these sets."""
        return "siblings"


class SpouseControls(Part):
    """The partner on the index date."""

    kind: Literal["spouses"] = "spouses"

    @property
    def comparison(self) -> str:
        """What tables call these sets."""
        return "spouses"


Controls = Annotated[PopulationControls | SiblingControls | SpouseControls, Field(discriminator="kind")]
