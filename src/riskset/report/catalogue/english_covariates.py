"""What pages call whatever has a name in a study: in its own words, else in these.

Of the covariates that need no definition there is one row for each of `spec.covariates.COVARIATES`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from riskset.results.notes import Arguments
from riskset.spec import words
from riskset.spec.covariates import BUILT_IN
from riskset.spec.study import Study
from riskset.spec.wording import own_label


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


_MARKERS: Mapping[str, str] = {"alsfrs_r": "ALSFRS-R"}


def label_of_name(study: Study | None, name: str) -> str:
    """An exposure, a covariate or the marker within a sentence: ``anxiolytics``, ``body mass index``.

    Without a study only what is built in has words of its own.
    """
    return words.plain(named(name, study))


def labels_of(names: Iterable[str]) -> list[str]:
    """The same of several that are built in: keys that controls are matched on."""
    return [label_of_name(None, name) for name in names]


def matched_on(arguments: Arguments) -> str:
    """The keys that a code names: ``sex, birth year``."""
    return ", ".join(labels_of(arguments.several("keys")))


def named(name: str, study: Study | None = None) -> str:
    """What has words in its words, the study's own first; of anything else the name as it is."""
    label = own_label(study, name) if study is not None else ""
    return label or (WORDS[name].name if name in BUILT_IN else _MARKERS.get(name, name))


def covariate_unit(name: str) -> str:
    """The unit of a covariate's mean; nothing of one that a study defines."""
    return WORDS[name].unit if name in BUILT_IN else ""
