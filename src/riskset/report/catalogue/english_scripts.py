"""English for the scripts in R and Stata: what stands at their head."""

from __future__ import annotations

RATIOS = (
    "The odds ratios and hazard ratios of a riskset run, fitted again from its own data and set beside those printed.",
    "The data are of persons and stay where they are: the folder internal/analysis of the run (riskset run --scripts).",
    "This script holds none. variables.csv of that folder says what its columns are.",
)
NOT_GIVEN = (
    "Not given: estimates by Firth's penalized likelihood, joint and mixed models, survival standardized by a model,",
    "curves, rates; standard errors, intervals and tests.",
)
OF_R = (
    "R with the package survival. In the folder of the data: Rscript analysis.R; from elsewhere, with that folder:",
    "Rscript analysis.R FOLDER",
    "The last line says how many agree; where not all do, the script ends with status 1.",
)
OF_STATA = (
    "Stata 14 or later. In the folder of the data: do analysis.do; from elsewhere, with that folder:",
    "do analysis.do FOLDER",
    "Not given here, but in analysis.R: subdistribution hazard ratios (Fine & Gray).",
    "The last line says how many agree. Those who wrote this had no Stata: it has never been run.",
)


def printed_as(stamp: str, digits: int) -> str:
    """Which numbers the script compares with."""
    return f"Printed: {stamp}; logarithms of ratios, to {digits} digits."


def stratum_of(modifier: str, stratum: str, against: str) -> str:
    """By what people are parted: ``sex female``, ``sex male against female``."""
    return " ".join(filter(None, (modifier, stratum, against and f"against {against}")))


def step_of(unit: str) -> str:
    """What one step of a number is."""
    return f"per {unit}"


def title_of(comparison: str, *parts: str) -> str:
    """What a model is of: ``population: conditional logistic, adjusted; pills``."""
    return f"{comparison}: {'; '.join(filter(None, parts))}"


def row_of(*parts: str) -> str:
    """What a ratio is of: ``pills, ever, sex male``."""
    return ", ".join(filter(None, parts))
