"""English of the covariates that need no definition, one row each of `spec.covariates.COVARIATES`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from riskset.spec.covariates import BUILT_IN
from riskset.spec.study import Study
from riskset.spec.wording import label_of_name


@dataclass(frozen=True)
class CovariateWords:
    """A covariate within a sentence, and the unit of its mean where a table needs one."""

    name: str
    unit: str = ""


WORDS: Mapping[str, CovariateWords] = {
    "age": CovariateWords("age", unit="y"),
    "sex": CovariateWords("sex"),
    "birth_year": CovariateWords("birth year"),
    "education": CovariateWords("education"),
    "income": CovariateWords("income"),
    "civil_status": CovariateWords("civil status"),
    "country_of_birth": CovariateWords("country of birth"),
    "county": CovariateWords("county"),
    "bmi": CovariateWords("body mass index"),
    "bmi_prediagnostic": CovariateWords("prediagnostic body mass index"),
    "onset_site": CovariateWords("site of onset"),
    "diagnostic_delay": CovariateWords("diagnostic delay"),
}


def covariate_name(study: Study, name: str) -> str:
    """A covariate within a sentence: ``body mass index``."""
    return WORDS[name].name if name in BUILT_IN else label_of_name(study, name)


def covariate_unit(name: str) -> str:
    """The unit of a covariate's mean; nothing of one that a study defines."""
    return WORDS[name].unit if name in BUILT_IN else ""
