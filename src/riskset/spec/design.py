"""Who is a case, who could have been one, and who serves as control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from riskset.spec.base import AsStored, Day, Name, Part, Whole, Wording, YesNo
from riskset.spec.codes import AtcPrefix, Icd10Prefix
from riskset.spec.complaints import Wrong, listed, refuse
from riskset.spec.time import NO_TIME, Duration

MatchKey = Literal["sex", "birth_year", "county", "country_of_birth", "history"]
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

    registry: AsStored | None = None
    """A quality register, by the name that sources.toml gives it."""
    diagnosis: tuple[AsStored, ...] = ()
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
    """The index date lies at least this long after the dispensing register's start; fills then are prevalent use.
    ``"0d"`` asks for nothing."""
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

    @model_validator(mode="after")
    def _washed_out_once(self) -> Eligibility:
        again = (i for i, washout in enumerate(self.washout) if washout in self.washout[:i])
        refuse(Wrong("the same washout is there twice", "leave one of the two out", at=f"washout[{i}]") for i in again)
        return self


class Cases(Part):
    """Who is a case: the first such event of a person, if it falls in the period."""

    first: Event
    """The event whose first date is the index date."""
    label: Wording = ""
    """What the cases have, in the report's words, as ``"dementia"``; left out, codes or the register's diagnoses."""
    lay: Wording = ""
    """The same for the public, as ``"memory loss (dementia)"``; left out, `label`."""
    free_of: tuple[Event, ...] = ()
    """What a candidate must be free of through the index date; left out, the case event without its restrictions."""

    def freedom(self) -> tuple[Event, ...]:
        """What controls are free of: as stated, always with the case event itself."""
        stated = self.free_of or (self.first.wider(),)
        return stated if self.first in stated else (*stated, self.first)


@dataclass(frozen=True)
class AtRisk:
    """Who could be a case, and when: the rule that cases, candidates, relatives and person-time alike are held to.

    Attributes
    ----------
    period : on a day of ``[start, stop)``
    eligibility : under observation and within these rules
    free_of : before the first of these events
    """

    period: Period
    eligibility: Eligibility
    free_of: tuple[Event, ...]


@dataclass(frozen=True)
class CaseDefinition:
    """Who is a case: a person whose first such event falls in the period, and who is eligible on that day.

    Attributes
    ----------
    first : the event
    at_risk : the period and the eligibility
    with_county : whether the county on that day is wanted, which some controls are matched on
    """

    first: Event
    at_risk: AtRisk
    with_county: bool


TEN_YEARS = Duration(10, "y")


def _check_keys(match: tuple[MatchKey, ...], caliper: Duration | None, history_cap: Duration) -> None:
    if len(set(match)) != len(match):
        raise Wrong("a matching key is named twice", "name each once", at="match")
    if caliper is not None and "birth_year" in match:
        raise Wrong(
            "both a caliper and birth_year are asked for",
            "take birth_year out of match, or the caliper",
            at="caliper",
        )
    if history_cap.unit != "y" or not history_cap:
        raise Wrong("history is matched in completed years", 'write years, as "10y"', at="history_cap")
    if history_cap != TEN_YEARS and "history" not in match:
        raise Wrong("controls are not matched on history", "add it to match, or remove this", at="history_cap")


class PopulationControls(Part):
    """Controls sampled from the risk set by incidence density."""

    kind: Literal["population"] = "population"
    name: Name | None = None
    """Tells one comparison with the population from another, such as one by a caliper; left out for the main one."""
    ratio: Annotated[Whole, Field(ge=1, le=100)] = 5
    """Controls per case; fewer where fewer are eligible."""
    match: tuple[MatchKey, ...] = ("sex", "birth_year")
    """What a control shares with its case; county, and history (see `history_cap`), as on the index date."""
    replacement: YesNo = True
    """True: a person may serve in several sets, and the odds ratio estimates the hazard ratio."""
    caliper: Duration | None = None
    """Instead of birth_year: a control's birth date in `[birth − caliper, birth + caliper]` of its case's, both ends
    included, by calendar subtraction and addition."""
    history_cap: Duration = TEN_YEARS
    """Of the key `history`, the completed years of unbroken observation before the index date: as many or more count as
    these."""

    @model_validator(mode="after")
    def _keys(self) -> PopulationControls:
        _check_keys(self.match, self.caliper, self.history_cap)
        return self

    @property
    def comparison(self) -> str:
        """What tables call these sets."""
        return f"population, {self.name.replace('_', ' ')}" if self.name else "population"


class GivenControls(Part):
    """Controls that an authority drew and delivered (table `matched_set`); what it promised of them is audited."""

    kind: Literal["given"] = "given"
    ratio: Annotated[Whole, Field(ge=1, le=100)] | None = None
    """Controls per case, as promised; left out, any number."""
    match: tuple[MatchKey, ...] = ("sex", "birth_year")
    """What a control was promised to share with its case; county and history as on the index date."""
    replacement: YesNo = True
    """False: it was promised that a person serves in one set only."""
    caliper: Duration | None = None
    """Instead of birth_year: birth dates were promised to be at most this far apart, as for population controls."""
    history_cap: Duration = TEN_YEARS
    """Of the key `history`: as many completed years or more count as these."""

    @model_validator(mode="after")
    def _keys(self) -> GivenControls:
        _check_keys(self.match, self.caliper, self.history_cap)
        return self

    @property
    def comparison(self) -> str:
        """What tables call these sets."""
        return "given"


def _half(value: object) -> bool | Literal["only"]:
    if isinstance(value, bool):
        return value
    if value == "only":
        return "only"
    raise Wrong('this must be true, false or "only"', "leave it out for full siblings alone")


Half = Annotated[bool | Literal["only"], BeforeValidator(_half)]
"""Whether half-siblings are meant: no, too, or alone."""


class SiblingControls(Part):
    """Siblings at risk: under observation, eligible and free of the disease; sets have any size."""

    kind: Literal["siblings"] = "siblings"
    half: Half = False
    """False: full siblings (both parents shared and known); true adds half-siblings (one parent shared, the other
    known to differ); `"only"`: half-siblings alone."""
    at: Literal["index date", "same age"] = "index date"
    """Compared on the case's index date, or on the day when the sibling was as old as the case then was."""

    @property
    def always(self) -> tuple[str, ...]:
        """Covariates of every model: relatives differ in age, or at the same age in the time at which they had it."""
        return ("age" if self.at == "index date" else "birth_year", "sex")

    @property
    def comparison(self) -> str:
        """What tables call these sets."""
        who = {False: "siblings", True: "siblings and half-siblings", "only": "half-siblings"}[self.half]
        return who if self.at == "index date" else f"{who} at the same age"


class SpouseControls(Part):
    """The partner on the index date, at risk then."""

    kind: Literal["spouses"] = "spouses"

    @property
    def always(self) -> tuple[str, ...]:
        """Covariates of every model."""
        return ("age", "sex")

    @property
    def comparison(self) -> str:
        """What tables call these sets."""
        return "spouses"


Controls = Annotated[PopulationControls | GivenControls | SiblingControls | SpouseControls, Field(discriminator="kind")]
