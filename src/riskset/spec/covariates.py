"""The built-in covariates, one row each: where it comes from, what kind of value it is, of whom, and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class BuiltIn:
    """A covariate that needs no definition in a study.

    Attributes
    ----------
    name : what models call it
    table : the canonical table that it comes from
    column : the column of it; None where its rows are told apart by name and every register has the rest. A covariate
        that is called as its column is that column; any other is derived, and `exposure` must say how
    words : what the registers say of it, after its name and a colon
    scope : "everyone" has it on an index date (a case at diagnosis, too), or only a "case" at diagnosis
    numeric : whether it is a number, which subgroups part by cuts; else it is a text
    years : whether that number is in years, of which a reader pictures decades
    days : of a measurement, how many days from diagnosis it counts, both ends included; negative is before
    """

    name: str
    table: str
    column: str | None
    words: str
    scope: Literal["everyone", "case"] = "everyone"
    numeric: bool = False
    years: bool = False
    days: tuple[int, int] | None = None

    @property
    def is_derived(self) -> bool:
        """Whether it is made of what was delivered: no column of its name, nor a measurement of its name."""
        return self.name != self.column and self.days is None


_LAST_YEAR = "that of the last recorded year before the year of the index date"
_NEAR = 180  # days from diagnosis within which a body-mass index is that at diagnosis
_EVER = 10**6

COVARIATES = (
    BuiltIn("age", "person", "birth_date", "exact, in years, on the index date", numeric=True, years=True),
    BuiltIn("sex", "person", "sex", "as registered"),
    BuiltIn("birth_year", "person", "birth_date", "the calendar year of birth", numeric=True, years=True),
    BuiltIn("education", "socioeconomic", "education", _LAST_YEAR),
    BuiltIn("income", "socioeconomic", "income", _LAST_YEAR, numeric=True),
    BuiltIn("civil_status", "socioeconomic", "civil_status", _LAST_YEAR),
    BuiltIn("country_of_birth", "person", "country_of_birth", "as registered"),
    BuiltIn("county", "residence", "county", "that of residence on the index date"),
    BuiltIn(
        "bmi",
        "measurement",
        None,
        f"the body-mass index measured nearest to diagnosis, within {_NEAR} days; the prediagnostic one is kept apart",
        "case",
        numeric=True,
        days=(-_NEAR, _NEAR),
    ),
    BuiltIn(
        "bmi_prediagnostic",
        "measurement",
        None,
        "the last body-mass index measured before the disease",
        "case",
        numeric=True,
        days=(-_EVER, -1),
    ),
    BuiltIn("onset_site", "registry_item", "text", "where the disease began, by the quality register", "case"),
    BuiltIn(
        "diagnostic_delay",
        "registry_item",
        None,
        "the time from symptom onset to diagnosis, by the quality register",
        "case",
        numeric=True,
    ),
)
"""In the order in which sentences name them."""

BUILT_IN = {covariate.name: covariate for covariate in COVARIATES}

BUILT_IN_COVARIATES = tuple(c.name for c in COVARIATES if c.scope == "everyone")
"""Covariates that need no definition: age on the index date, and what the registers say at that time."""

NUMERIC_COVARIATES = tuple(c.name for c in COVARIATES if c.scope == "everyone" and c.numeric)
"""Built-in covariates of everyone that are numbers."""

PROGNOSIS_COVARIATES = tuple(c.name for c in COVARIATES if c.scope == "case")
"""Built-in covariates of a case at diagnosis, besides those of everyone; for `prognosis`, and to part sets by."""

PARTED_BY_CUTS = tuple(c.name for c in COVARIATES if c.numeric)
"""Covariates that are numbers: subgroups part them by cuts."""
