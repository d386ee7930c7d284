"""What a synthetic nation planted of the course of the disease, keyed like the rows of the prognosis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NotRequired, TypedDict

from riskset.plain import Plain
from riskset.results.rows import KnownTruth
from riskset.results.vocabulary import Analysis, Association, Contrast, Family, Form, Model, Role, Scale, TruthKind
from riskset.spec.measures import Exposure
from riskset.spec.study import Study


class Definition(TypedDict):
    """What a nation means by its words: codes, `at_least`, windows, confounders, matching keys and comparisons."""

    cases: list[dict[str, Plain]]
    exposures: dict[str, list[str]]
    at_least: int
    measures: dict[str, dict[str, Plain]]
    confounders: list[str]
    match: list[str]
    comparisons: NotRequired[list[str]]


class CourseEffect(TypedDict):
    """What a nation planted of a class in the course of the disease."""

    exposure: str
    effect: str
    value: float
    truth: str


class TruthSettings(TypedDict, total=False):
    """The settings of a nation, as far as they are read."""

    persons: int
    seed: int
    incidence: float
    course: dict[str, float]


class Truth(TypedDict):
    """The file ``truth.json``, as far as it is read."""

    prognosis: NotRequired[list[CourseEffect]]
    settings: NotRequired[TruthSettings]


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


def prognosis_rows(truth: Truth) -> Iterator[KnownTruth]:
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


def _of_class(effect: CourseEffect) -> KnownTruth:
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


def aims_at_course(defined: Definition, study: Study) -> bool:
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
    return case in defined["cases"] and _same_classes(defined, study.course.exposures)


def _same_classes(defined: Definition, exposures: Sequence[Exposure]) -> bool:
    named = {exposure.name: exposure for exposure in exposures}
    return set(named) == set(defined["exposures"]) and all(
        [*exposure.codes.atc] == defined["exposures"][name]
        and not exposure.codes.without
        and exposure.at_least == defined["at_least"]
        for name, exposure in named.items()
    )
