"""What a synthetic nation planted of the course of the disease, keyed like the rows of the prognosis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from riskset.spec.study import Study
from riskset.spec.time import Duration

Row = dict[str, Any]

CASES = "cases"
"""The comparison of the prognosis."""

MODEL = "joint model, value, mutually adjusted"
"""The model form whose truth the direct ratios, the association and the slopes are: all classes and covariates."""

STANDARDISED = "standardised Cox, mutually adjusted"
"""The model whose truth the total effects are: ratios of cumulative hazards, marginal over the covariates."""


def survival_term(when: Duration) -> str:
    """The term of rows on survival at a time."""
    return f"survival at {when.words()}"


NEEDED = ("age", "onset_site")
"""Covariates that drive the planted hazard of death, so that a model without them aims at something else."""


def prognosis_rows(truth: Mapping[str, Any]) -> Iterator[Row]:
    """Rows of ``results.tables.PLANTED`` from a ``truth.json``; none where it says nothing of the course.

    The planted hazard is that of death from the disease. Deaths from other causes and ventilation, which the nation
    makes independent of the medicines, add events that carry no ratio, so an estimate lies a little nearer to 0.
    """
    stated = truth.get("prognosis", ())
    for effect in stated:
        common = {"comparison": CASES, "exposure": effect["exposure"], "level": "ever", "source": effect["source"]}
        if effect["effect"] == "direct":
            yield common | {"model": MODEL, "term": "ever", "scale": "log_hr", "value": float(effect["value"])}
        elif effect["effect"] == "total":
            term = survival_term(Duration(2, "y"))  # solved at 24 months
            yield common | {"model": STANDARDISED, "term": term, "scale": "log_chr", "value": float(effect["value"])}
        else:
            yield common | {"model": MODEL, "term": "slope", "scale": "mean", "value": float(effect["value"])}
    steeper = {effect["exposure"] for effect in stated if effect["effect"] not in ("direct", "total")}
    for effect in stated:
        if effect["effect"] == "direct" and effect["exposure"] not in steeper:
            yield {
                "comparison": CASES, "exposure": effect["exposure"], "level": "ever", "model": MODEL, "term": "slope",
                "scale": "mean", "value": 0.0, "source": "planted (assumed)",
            }  # fmt: skip
    course = truth.get("settings", {}).get("course", {})
    if stated and "association" in course:
        classes = ", ".join(dict.fromkeys(effect["exposure"] for effect in stated))
        yield {
            "comparison": CASES, "exposure": classes, "level": "value", "model": MODEL, "term": "alsfrs_r",
            "scale": "log_hr", "value": float(course["association"]), "source": "planted (assumed)",
        }  # fmt: skip


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
