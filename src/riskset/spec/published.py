"""Published figures, to be set beside those of a study."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from riskset.spec.base import Part, Real, Whole
from riskset.spec.complaints import Wrong


class Published(Part):
    """A published figure to be set beside ours; for a synthetic nation it is no replication."""

    exposure: str
    """The exposure, by its name here."""
    measure: str
    """The measure, by its key here; of the prognosis always `ever`."""
    level: str
    """The level as tables spell it: `ever`, `1-5y`, `≥4`."""
    analysis: Literal["risk", "prognosis"] = "risk"
    """An odds ratio of the risk, or a hazard ratio of the prognosis."""
    estimate: Annotated[Real, Field(gt=0)]
    """On the ratio scale."""
    low: Annotated[Real, Field(gt=0)] | None = None
    """Lower confidence limit."""
    high: Annotated[Real, Field(gt=0)] | None = None
    """Upper confidence limit."""
    source: str
    """Where it was published."""
    note: str = ""
    """What else is known of it, such as that no interval was given."""

    @model_validator(mode="after")
    def _inside(self) -> Published:
        if not (self.low or self.estimate) <= self.estimate <= (self.high or self.estimate):
            raise Wrong("the estimate lies outside its interval", "low, estimate and high rise", at="estimate")
        return self


class PublishedSets(Part):
    """How many people a published study compared, to be set beside the sets of a comparison."""

    comparison: str
    """The comparison as tables call it: `population`, `siblings`, `spouses`."""
    cases: Annotated[Whole, Field(ge=1)] | None = None
    """Cases with such controls, where the paper says how many."""
    controls: Annotated[Whole, Field(ge=1)]
    """Their controls."""
    source: str
    """Where it was published."""
