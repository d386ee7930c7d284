"""riskset: nationwide-register studies of medicines, from the delivered registers to the released report.

A study is data (`Study` and its parts), the registers are tables (`Registers`), and `run_study` turns the one and the
other into results. Names are loaded when first used, so that `riskset --help` stays instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from riskset.errors import RisksetError
    from riskset.registers.registers import Registers
    from riskset.run import Run, run_study, write_run
    from riskset.spec import (
        AnyUse,
        AtcCodes,
        Cases,
        ConditionalLogistic,
        Count,
        DefinedDailyDoses,
        DiagnosisCovariate,
        DispensingCovariate,
        Duration,
        Eligibility,
        Event,
        Ever,
        Exposure,
        FirstUse,
        GivenControls,
        Period,
        PopulationControls,
        Prognosis,
        Published,
        PublishedSets,
        Recency,
        SiblingControls,
        SpouseControls,
        Study,
        Subgroup,
        Washout,
        explain,
    )

_ELSEWHERE = {
    "RisksetError": "riskset.errors",
    "Registers": "riskset.registers.registers",
    "Run": "riskset.run",
    "run_study": "riskset.run",
    "write_run": "riskset.run",
}

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
    "Registers",
    "RisksetError",
    "Run",
    "SiblingControls",
    "SpouseControls",
    "Study",
    "Subgroup",
    "Washout",
    "__version__",
    "explain",
    "run_study",
    "write_run",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'riskset' has no attribute {name!r}")
    return getattr(import_module(_ELSEWHERE.get(name, "riskset.spec")), name)
