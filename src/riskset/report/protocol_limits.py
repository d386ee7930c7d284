"""Limitations that follow from a description, each by a rule."""

from __future__ import annotations

from collections.abc import Iterator

from riskset.spec import words
from riskset.spec.design import GivenControls, PopulationControls, SiblingControls, SpouseControls
from riskset.spec.measures import Ever
from riskset.spec.study import Study
from riskset.spec.wording import label_of


def limitations(study: Study) -> Iterator[str]:
    """Sentences that are true of the study as it is described."""
    yield from _of_exposure(study)
    yield from _of_design(study)
    yield from _of_adjustment(study)
    if study.prognosis and study.prognosis.entry == "registration":
        yield "Cases are followed from registration on: who died before it is in no analysis of the course."


def _of_exposure(study: Study) -> Iterator[str]:
    if not study.exposures:
        return
    yield "A dispensing is no proof of use; medicines given in hospital or bought without prescription are not seen."
    without_lag = [label_of(e) for e in study.exposures if any(isinstance(m, Ever) and not m.lag for m in e.measures)]
    if without_lag:
        yield (
            f"Ever use of {words.both(without_lag)} counts up to the index date: early signs of the disease may be the "
            "reason for it."
        )
    if not study.eligibility.run_in:
        yield "Without a run-in, first dispensings in the register's first months are taken for first use."
    if not study.eligibility.min_history:
        yield "People differ in how long the dispensing register covers them, and early use of some is not seen."


def _of_design(study: Study) -> Iterator[str]:
    kinds = tuple(type(controls) for controls in study.controls)
    if GivenControls in kinds:
        yield "Whether the authority drew its controls at random from all at risk cannot be seen in the sets."
    if any(isinstance(c, PopulationControls) and not c.replacement for c in study.controls):
        yield "Sampling without replacement makes the odds ratio approximate the hazard ratio only."
    if SiblingControls in kinds:
        yield (
            "Comparing siblings takes away only confounding that they share, can amplify what they do not, and is "
            "carried by the few sets that differ in exposure."
        )
    if SpouseControls in kinds:
        yield "Spouses are mostly of the other sex, and their own use may answer to the case's illness."


def _of_adjustment(study: Study) -> Iterator[str]:
    unadjusted = [words.plain(model.key) for model in study.models if not model.adjust]
    if unadjusted:
        yield f"The models of {words.both(unadjusted)} adjust for nothing besides the matching."
    if study.models:
        yield (
            "Registers lack much that may confound: smoking, alcohol, body weight of most people, severity of the "
            "condition that was treated. Estimates are associations."
        )
        if any(model.missing == "complete case" and model.adjust for model in study.models):
            yield "Rows with unknown covariates are left out, which biases estimates where that goes with the outcome."
