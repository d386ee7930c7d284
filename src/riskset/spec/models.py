"""What is estimated: models of risk, and the course of the disease."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from riskset.spec.base import Part
from riskset.spec.measures import Name
from riskset.spec.time import Duration

BUILT_IN_COVARIATES = (
    "age",
    "sex",
    "birth_year",
    "education",
    "income",
    "civil_status",
    "country_of_birth",
    "county",
)
"""Covariates that need no definition: age on the index date, and what the registers say at that time."""


class Subgroup(Part):
    """A part of the sets, by the case's value; whole sets are kept."""

    by: str
    """A built-in covariate or one of `covariates`."""
    cuts: tuple[float, ...] = ()
    """Where a number is parted: 65 gives under 65 and 65 or over."""


class ConditionalLogistic(Part):
    """Conditional logistic regression within matched sets."""

    kind: Literal["conditional logistic"]
    name: Name | None = None
    measure: str
    """The measure, by its key, of every exposure that has it."""
    exposures: tuple[str, ...] = ()
    """Which exposures; none named means all that have the measure."""
    classes: tuple[Literal["each", "together"], ...] = ("each", "together")
    """Each exposure in a model of its own, all in one (mutually adjusted), or both."""
    adjust: tuple[str, ...] = ()
    """Covariates of the adjusted models; the crude model is always shown beside them."""
    subgroups: tuple[Subgroup, ...] = ()
    interactions: tuple[str, ...] = ()
    """Covariates whose product with the exposure is tested (subgroups are tested anyway)."""
    ties: Literal["exact", "efron", "breslow"] = "exact"
    trend: bool = False
    """Also one slope over the ordered levels of the measure, with its test."""
    robust: bool = False
    """Standard errors clustered by person instead of model-based."""
    firth_below: Annotated[float, Field(ge=0)] = 5
    """Fewer informative sets per parameter than this: Firth's estimate is shown beside the ordinary one."""
    missing: Literal["complete case", "level"] = "complete case"
    """Unknown values of a categorical covariate: the row is left out (counted), or `unknown` is a level."""

    @property
    def key(self) -> str:
        return self.name or self.measure


Model = ConditionalLogistic


class Prognosis(Part):
    """What became of the cases, by their exposure before the index date."""

    endpoint: Annotated[tuple[Literal["death", "invasive_ventilation"], ...], Field(min_length=1)]
    """The first of these ends follow-up as an event."""
    marker: str | None = None
    """A repeated measurement followed jointly with survival."""
    association: tuple[Literal["value", "slope", "cumulative", "random effects"], ...] = ("value",)
    baseline: Literal["piecewise", "spline", "weibull"] = "piecewise"
    adjust: tuple[str, ...] = ()
    entry: Literal["registration", "diagnosis"] = "registration"
    """When a case comes under follow-up: the later of diagnosis and registration, or diagnosis itself."""
    origin: Literal["diagnosis", "onset"] = "diagnosis"
    """Where time starts."""
    lag: Duration = Duration(1, "y")
    """Exposure counts when it qualified this long before diagnosis."""
    lag_only: Literal["reference", "level", "exclude"] = "level"
    exposures: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _marker(self) -> Prognosis:
        if len(set(self.endpoint)) != len(self.endpoint):
            raise ValueError("an endpoint is named twice")
        return self
