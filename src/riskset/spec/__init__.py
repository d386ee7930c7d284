"""WHAT IS ASKED: the study as frozen, typed data.

The names here are the Python spelling of ``study.toml``: the same words, the same defaults, an equal object.
"""

from riskset.spec.check import RegisterNeed, needs, problems, without
from riskset.spec.design import (
    Cases,
    Eligibility,
    Event,
    GivenControls,
    Period,
    PopulationControls,
    SiblingControls,
    SpouseControls,
    Washout,
)
from riskset.spec.explain import explain
from riskset.spec.measures import (
    AnyUse,
    AtcCodes,
    Count,
    DefinedDailyDoses,
    DiagnosisCovariate,
    DispensingCovariate,
    Ever,
    Exposure,
    FirstUse,
    Recency,
)
from riskset.spec.models import ConditionalLogistic, Prognosis, Subgroup
from riskset.spec.published import Published, PublishedSets
from riskset.spec.study import Study
from riskset.spec.time import Duration

__all__ = [
    "AnyUse",
    "AtcCodes",
    "Cases",
    "ConditionalLogistic",
    "Count",
    "DefinedDailyDoses",
    "DiagnosisCovariate",
    "DispensingCovariate",
    "Duration",
    "Eligibility",
    "Event",
    "Ever",
    "Exposure",
    "FirstUse",
    "GivenControls",
    "Period",
    "PopulationControls",
    "Prognosis",
    "Published",
    "PublishedSets",
    "Recency",
    "RegisterNeed",
    "SiblingControls",
    "SpouseControls",
    "Study",
    "Subgroup",
    "Washout",
    "explain",
    "needs",
    "problems",
    "without",
]
