"""What a synthetic nation planted of the course of the disease, keyed like the rows of the prognosis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from riskset.results.rows import KnownTruth
from riskset.results.vocabulary import Analysis, Association, Contrast, Family, Form, Model, Role, Scale, TruthKind
from riskset.spec.study import Study

CASES = "cases"
"""The comparison of the prognosis."""

MODEL = Model(
    Analysis.PROGNOSIS, Family.JOINT, form=Form.MUTUALLY_ADJUSTED, measure="ever", association=Association.VALUE
)
"""The model form whose truth the direct ratios, the association and the slopes are: all classes and covariates."""

STANDARDISED = Model(Analysis.PROGNOSIS, Family.STANDARDISED, form=Form.MUTUALLY_ADJUSTED, measure="ever")
"""The model whose truth the total effects are: ratios of cumulative hazards, marginal over the covariates."""

HORIZON = 2.0
"""Years at which the total effect was solved."""


NEEDED = ("age", "onset_site")
"""Covariates that drive the planted hazard of death, so that a model without them aims at something else."""


def prognosis_rows(truth: Mapping[str, Any]) -> Iterator[KnownTruth]:
    """Rows from a ``truth.json``; none where it says nothing of the course.

    The planted hazard is that of death from the disease. Deaths from other causes and ventilation, which the nation
    makes independent of the medicines, add events that carry no ratio, so an estimate lies a little nearer to 0.
    """
    stated = truth.get("prognosis", ())
    for effect in stated:
        yield _of_class(effect)
    steeper = {effect["exposure"] for effect in stated if effect["effect"] not in ("direct", "total")}
    for effect in stated:
        if effect["effect"] == "direct" and effect["exposure"] not in steeper:
            yield _of_class(effect | {"effect": "slope", "value": 0.0, "truth": TruthKind.PLANTED_ASSUMED})
    course = truth.get("settings", {}).get("course", {})
    if stated and "association" in course:
        yield KnownTruth(
            model=MODEL,
            comparison=CASES,
            role=Role.MARKER,
            covariate="alsfrs_r",
            level="value",
            contrast=Contrast.PER_UNIT,
            scale=Scale.LOG_HR,
            truth=TruthKind.PLANTED_ASSUMED,
            value=float(course["association"]),
        )


def _of_class(effect: Mapping[str, Any]) -> KnownTruth:
    """What was planted of a class: its direct effect, the total effect that follows, or a steeper decline."""
    direct = KnownTruth(
        model=MODEL,
        comparison=CASES,
        exposure=effect["exposure"],
        level="ever",
        scale=Scale.LOG_HR,
        truth=TruthKind(effect["truth"]),
        value=float(effect["value"]),
    )
    if effect["effect"] == "direct":
        return direct
    if effect["effect"] == "total":
        return replace(direct, model=STANDARDISED, scale=Scale.LOG_CHR, horizon=HORIZON)
    return replace(direct, model=MODEL.but(analysis=Analysis.DECLINE), scale=Scale.SLOPE)


def aims_at_course(defined: Mapping[str, Any], study: Study) -> bool:
    """Whether the prognosis of a study means by its words what the nation means by them.

    The same classes, codes and qualifying dates more than a year before diagnosis, all in one model with what drives
    the hazard, time from diagnosis, and the current value of the score.
    """
    asked = study.prognosis
    if asked is None or asked.marker != "alsfrs_r" or asked.origin != "diagnosis" or str(asked.lag) != "1y":
        return False
    if "value" not in asked.association or "death" not in asked.endpoint or not set(NEEDED) <= set(asked.adjust):
        return False
    case = study.cases.first.model_dump(mode="json", exclude_defaults=True)
    exposures = [e for e in study.exposures if not asked.exposures or e.name in asked.exposures]
    return case in defined["cases"] and _same_classes(defined, exposures)


def _same_classes(defined: Mapping[str, Any], exposures: Sequence[Any]) -> bool:
    named = {exposure.name: exposure for exposure in exposures}
    return set(named) == set(defined["exposures"]) and all(
        [*exposure.codes.atc] == defined["exposures"][name]
        and not exposure.codes.without
        and exposure.at_least == defined["at_least"]
        for name, exposure in named.items()
    )
