"""What is estimated: models of risk, and the course of the disease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from riskset.spec.base import AsStored, Day, Name, Part, Real, Wording, YesNo
from riskset.spec.complaints import Wrong
from riskset.spec.covariates import PARTED_BY_CUTS
from riskset.spec.measures import Exposure
from riskset.spec.time import NO_TIME, Duration

AdjustmentForm = Literal["crude", "adjusted", "mutually adjusted"]
"""Which classes and covariates stand in a model: one class alone, one class and the covariates, all classes."""

ADJUSTMENT_FORMS: tuple[AdjustmentForm, ...] = get_args(AdjustmentForm)
"""The least adjusted first."""

Classes = tuple[Literal["each", "together"], ...]


def forms_given(classes: Classes, adjust: Sequence[str], n_exposures: int) -> tuple[AdjustmentForm, ...]:
    """The forms in which models of so many exposures are fitted, the least adjusted first."""
    alone = "each" in classes and n_exposures > 0
    asked = (alone, alone and bool(adjust), "together" in classes and n_exposures > 1)
    return tuple(form for form, is_asked in zip(ADJUSTMENT_FORMS, asked, strict=True) if is_asked)


class Subgroup(Part):
    """A part of the people by what may modify the effect. What a whole set shares by design (a matching key; age under
    one birth year or a caliper of up to a year), and what only a case has, parts the sets by the case's value, and they
    stay whole. Whatever else
    differs within sets is each person's own value with its main effect, all sets in one model."""

    by: str
    """A built-in covariate or one of `covariates`; or what only a case has: `onset_site`, `diagnostic_delay` (in
    months), `bmi`, `bmi_prediagnostic`."""
    cuts: tuple[Real, ...] = ()
    """Where a number is parted: 65 gives under 65 and 65 or over."""

    @model_validator(mode="after")
    def _parted(self) -> Subgroup:
        if self.by in PARTED_BY_CUTS and not self.cuts:
            raise Wrong(f"{self.by} is a number and must be parted", "add cuts, as cuts = [65]", at="cuts")
        if list(self.cuts) != sorted(set(self.cuts)):
            raise Wrong("the cuts do not rise", "write the lowest first", at="cuts")
        if len({f"{cut:g}" for cut in self.cuts}) < len(self.cuts):
            raise Wrong("two cuts are one in six digits, which tables write", "part them further", at="cuts")
        return self


class ConditionalLogistic(Part):
    """Conditional logistic regression within matched sets."""

    kind: Literal["conditional logistic"] = "conditional logistic"
    name: Name | None = None
    """What tables call it; its measure when left out."""
    measure: str
    """The measure, by its key, of every exposure that has it."""
    exposures: tuple[str, ...] = ()
    """Which exposures; none named means all that have the measure."""
    classes: Annotated[Classes, Field(min_length=1)] = ("each", "together")
    """Each exposure in a model of its own, all in one (mutually adjusted), or both."""
    adjust: tuple[str, ...] = ()
    """Covariates of the adjusted models; the crude model is always shown beside them."""
    subgroups: tuple[Subgroup, ...] = ()
    """The ratio in each part, with the ratios of these ratios and the test of interaction beside them."""
    interactions: tuple[str, ...] = ()
    """Covariates whose product with the exposure is tested, by each person's own value: the ratio at each value of a
    text, what a step of a number multiplies it by. What `subgroups` part is tested anyway."""
    ties: Literal["exact", "efron", "breslow"] = "exact"
    """The likelihood of sets with several cases; with one case a set the three are the same."""
    trend: YesNo = False
    """Also one slope over the ordered levels of the measure, with its test."""
    interval: Literal["wald", "profile"] = "wald"
    """Confidence intervals by Wald, or from the profile of the likelihood."""
    robust: YesNo = False
    """Sandwich standard errors, clustered by matched set, instead of model-based ones."""
    firth_below: Annotated[Real, Field(ge=0)] = 5
    """With fewer informative sets per parameter than this, Firth's estimate is shown beside the ordinary one in models
    of all sets; in subgroups, where the ordinary one does not exist."""
    missing: Literal["complete case", "level"] = "complete case"
    """Unknown values of a categorical covariate: the row is left out (counted), or `unknown` is a level."""

    @property
    def key(self) -> str:
        """The model's name, by which tables know it."""
        return self.name or self.measure

    @model_validator(mode="after")
    def _once(self) -> ConditionalLogistic:
        for field in ("exposures", "classes", "adjust", "interactions"):
            names = getattr(self, field)
            if len(set(names)) < len(names):
                raise Wrong("a name is there twice", "name each once", at=field)
        parted = [subgroup.by for subgroup in self.subgroups]
        if len(set(parted)) < len(parted):
            raise Wrong("two subgroups are by the same covariate", "part it once, by all its cuts", at="subgroups")
        return self

    @model_validator(mode="after")
    def _one_variance(self) -> ConditionalLogistic:
        if self.robust and self.interval == "profile":
            raise Wrong(
                "an interval from the profile of the likelihood cannot be robust",
                'write interval = "wald", or robust = false',
                at="interval",
            )
        return self


Model = ConditionalLogistic


class Prognosis(Part):
    """What became of the cases, by their exposure before the index date."""

    endpoint: Annotated[tuple[Literal["death", "invasive_ventilation"], ...], Field(min_length=1)]
    """The first of these ends follow-up as an event."""
    marker: AsStored | None = None
    """A repeated measurement followed jointly with survival."""
    marker_label: Wording = ""
    """What the report calls the marker, as ``"ALSFRS-R"``; left out, its name without underscores."""
    marker_range: tuple[Real, Real] = (0, 48)
    """The lowest and the highest value of the marker; a score outside is left out and counted."""
    decline: Literal["linear", "spline"] = "linear"
    """The mean course of the marker in time; with a spline, differences in slope are those over the first year."""
    association: tuple[Literal["value", "slope", "cumulative", "random effects"], ...] = ("value",)
    """What of the marker the hazard depends on; several are several models."""
    baseline: Literal["spline", "piecewise", "weibull"] = "spline"
    """The form of the baseline hazard of the joint models: a restricted cubic spline of the log hazard, pieces of a
    constant hazard, or Weibull's. Pieces leave part of the hazard's trend to the marker and bias its association."""
    other_baselines: tuple[Literal["spline", "piecewise", "weibull"], ...] = ()
    """Baseline hazards with which the fullest joint model is fitted again, as labelled sensitivities."""
    adjust: tuple[str, ...] = ()
    """Covariates at diagnosis."""
    entry: Literal["registration", "diagnosis"] = "registration"
    """When a case comes under follow-up: the later of diagnosis and registration, or diagnosis itself."""
    registry: AsStored | None = None
    """The quality register whose registration and onset count; left out, that of the cases, and where these come from
    none the only one delivered. With ``anchor = "onset"`` the windows end at an onset of the same one."""
    origin: Literal["diagnosis", "onset"] = "diagnosis"
    """Where time starts."""
    until: Day | None = None
    """The day after the last day of follow-up; left out, `period.stop`, up to which registers are complete."""
    curves_from: Duration = NO_TIME
    """Survival curves and means are of those free of every event so long after the origin. With late entry few are at
    risk at first, and a curve from them is worth little."""
    horizon: Duration = Duration(3, "y")
    """Restricted means are of the time up to so long after the origin."""
    survival_at: Duration = Duration(2, "y")
    """Adjusted models also give the share without an event so long after the origin, standardised to all patients."""
    lag: Duration = Duration(1, "y")
    """Exposure counts when it qualified this long before diagnosis."""
    lag_only: Literal["reference", "level", "exclude"] = "level"
    """Who qualified inside the lag only: a level of its own, counted as unexposed, or left out."""
    exposures: tuple[str, ...] = ()
    """Which exposures; none named means all."""
    classes: Annotated[Classes, Field(min_length=1)] = ("each", "together")
    """Each exposure in models of its own, all in one (mutually adjusted), or both."""
    time_varying: YesNo = False
    """Also a Cox model, a labelled sensitivity, in which who qualifies after diagnosis changes level the day after."""

    @model_validator(mode="after")
    def _range(self) -> Prognosis:
        if self.marker_range[0] >= self.marker_range[1]:
            raise Wrong("the range of the marker is empty", "write the lowest value first", at="marker_range")
        if not self.curves_from < self.horizon:
            raise Wrong("curves start at or after the horizon", "choose a later horizon", at="curves_from")
        return self

    @model_validator(mode="after")
    def _marker(self) -> Prognosis:
        if len(set(self.endpoint)) != len(self.endpoint):
            raise Wrong("an endpoint is named twice", "name each once", at="endpoint")
        for field in ("association", "other_baselines", "adjust", "exposures", "classes"):
            names = getattr(self, field)
            if len(set(names)) < len(names):
                raise Wrong("a name is there twice", "name each once", at=field)
        if self.baseline in self.other_baselines:
            raise Wrong(f"{self.baseline} is the baseline of the main models", "name others", at="other_baselines")
        return self


@dataclass(frozen=True)
class CourseAsked:
    """How the cases of a study are followed, and what is asked of it.

    Attributes
    ----------
    asked : the prognosis
    until : the day after the last day of follow-up
    exposures : those that the prognosis names, else all of the study
    register : the quality register whose registration and onset count; None where none is named
    conf_level : coverage of intervals
    """

    asked: Prognosis
    until: date
    exposures: tuple[Exposure, ...]
    register: str | None
    conf_level: float
