"""Limitations that follow from a description, each by a rule."""

from __future__ import annotations

from collections.abc import Iterator

from riskset.report.catalogue import english_protocol as english
from riskset.spec import words
from riskset.spec.design import GivenControls, PopulationControls, SiblingControls, SpouseControls
from riskset.spec.study import Study
from riskset.spec.wording import label_of


def limitations(study: Study) -> Iterator[str]:
    """Sentences that are true of the study as it is described."""
    yield from _of_exposure(study)
    yield from _of_design(study)
    yield from _of_adjustment(study)
    if study.prognosis and study.prognosis.entry == "registration":
        yield english.ONLY_REGISTERED


def _of_exposure(study: Study) -> Iterator[str]:
    if not study.exposures:
        return
    yield english.NO_PROOF_OF_USE
    up_to_the_day = [label_of(e) for e in study.exposures if any(m.leaves_near_use_open for m in e.measures)]
    if up_to_the_day:
        yield english.no_lag(up_to_the_day)
    if not study.eligibility.run_in:
        yield english.NO_RUN_IN
    if not study.eligibility.min_history:
        yield english.NO_HISTORY


def _of_design(study: Study) -> Iterator[str]:
    kinds = tuple(type(controls) for controls in study.controls)
    if GivenControls in kinds:
        yield english.SETS_GIVEN
    if any(isinstance(c, PopulationControls) and not c.replacement for c in study.controls):
        yield english.NO_REPLACEMENT
    if SiblingControls in kinds:
        yield english.SIBLINGS
    if SpouseControls in kinds:
        yield english.SPOUSES


def _of_adjustment(study: Study) -> Iterator[str]:
    unadjusted = [words.plain(model.key) for model in study.models if not model.adjust]
    if unadjusted:
        yield english.unadjusted(unadjusted)
    if study.models:
        yield english.NOT_IN_REGISTERS
        if any(model.missing == "complete case" and model.adjust for model in study.models):
            yield english.COMPLETE_CASE
