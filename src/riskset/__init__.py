"""riskset: nationwide-register studies of medicines, from the delivered registers to the released report.

A study is data (`Study` and its parts), the registers are tables (`Registers`), and `run_study` turns the one and the
other into results. Who wants a step of it alone has `sample_sets`, `measure` and `analysis_table`, and fits what they
like with `fit_risk`, `fit_clogit`, `fit_cox` and the rest of `riskset.stats`. Names are loaded when first used, so that
`riskset --help` stays instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from riskset.errors import RisksetError
    from riskset.registers.delivered.source import Sources
    from riskset.registers.registers import Registers
    from riskset.results.planted import read_planted
    from riskset.results.run_folder import read_results
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
    from riskset.stats import fit_clogit, fit_cox
    from riskset.steps import analysis_table, fit_risk, measure, remarks_on, sample_sets

_ELSEWHERE = {
    "RisksetError": "riskset.errors",
    "Registers": "riskset.registers.registers",
    "Run": "riskset.run",
    "Sources": "riskset.registers.delivered.source",
    "analysis_table": "riskset.steps",
    "fit_clogit": "riskset.stats",
    "fit_cox": "riskset.stats",
    "fit_risk": "riskset.steps",
    "measure": "riskset.steps",
    "read_planted": "riskset.results.planted",
    "read_results": "riskset.results.run_folder",
    "remarks_on": "riskset.steps",
    "run_study": "riskset.run",
    "sample_sets": "riskset.steps",
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
    "Sources",
    "SpouseControls",
    "Study",
    "Subgroup",
    "Washout",
    "__version__",
    "analysis_table",
    "explain",
    "fit_clogit",
    "fit_cox",
    "fit_risk",
    "measure",
    "read_planted",
    "read_results",
    "remarks_on",
    "run_study",
    "sample_sets",
    "write_run",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'riskset' has no attribute {name!r}")
    return getattr(import_module(_ELSEWHERE.get(name, "riskset.spec")), name)


def __dir__() -> list[str]:
    return list(__all__)
