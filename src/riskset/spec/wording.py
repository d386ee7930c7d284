"""What a reader is shown for the things of a study: the study's own words, or what stands for them where it has none.

Words are as within a sentence (``anxiolytics``, ``SSRIs``); who begins a heading with them makes a capital.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from riskset.spec import words
from riskset.spec.measures import Covariate, Exposure

if TYPE_CHECKING:
    from riskset.spec.study import Study


def heading_of(study: Study) -> str:
    """What heads the report."""
    return study.title or study.name


def subtitle_of(study: Study) -> str:
    """What stands below it: ``Register-based case-control study with follow-up of the cases, 2015 to 2023``."""
    first, last = study.period.start.year, (study.period.stop - timedelta(days=1)).year
    course = " with follow-up of the cases" if study.prognosis else ""
    years = f"{first} to {last}" if first < last else str(first)
    return study.subtitle or f"Register-based case-control study{course}, {years}"


def outcome_of(study: Study) -> str:
    """What the cases have, in short: ``ALS``, ``dementia``, ``ICD-10 G12.2``, ``death``."""
    event = study.cases.first
    if study.cases.label:
        return study.cases.label
    if event.registry:
        return words.both(event.diagnosis, "or") if event.diagnosis else words.plain(event.registry)
    if event.icd10:
        return words.icd10(event.icd10)
    if event.atc:
        return words.event(event)
    return f"death from {words.icd10(event.cause)}" if event.cause else "death"


def lay_outcome_of(study: Study) -> str:
    """The same for the public."""
    return study.cases.lay or outcome_of(study)


def label_of(part: Exposure | Covariate) -> str:
    """A drug class or a covariate that the study defines: ``anxiolytics``."""
    return part.label or words.plain(part.name)


def lay_of(exposure: Exposure) -> str:
    """A drug class for the public: ``medicines for worry``."""
    return exposure.lay or label_of(exposure)


def own_label(study: Study, name: str) -> str:
    """What a study itself calls an exposure, a covariate or the marker; nothing of what it does not define."""
    for part in (*study.exposures, *study.covariates):
        if part.name == name:
            return label_of(part)
    if study.prognosis and study.prognosis.marker == name and study.prognosis.marker_label:
        return study.prognosis.marker_label
    return ""


def in_order_of_values(study: Study, covariate: str, values: Sequence[str]) -> list[str]:
    """Values of a categorical covariate in the order in which the study words them; those that it does not last."""
    worded = [*study.values.get(covariate, {})]
    return sorted(values, key=lambda value: worded.index(value) if value in worded else len(worded))


def value_in_words(study: Study, covariate: str, value: str) -> str:
    """A value of a categorical covariate as delivered, as the report shows it: ``1`` of `education` as ``primary``."""
    return study.values.get(covariate, {}).get(value, value)
