"""The truth of a synthetic nation, read from its ``truth.json``. Real deliveries have none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NotRequired, TypedDict

import pyarrow as pa

from riskset.errors import SourceError
from riskset.given import path_given
from riskset.results.columns import table_of
from riskset.results.comparisons import companions, is_kin
from riskset.results.planted_prognosis import Definition, TruthSettings, aims_at_course, prognosis_rows
from riskset.results.rows import KnownTruth
from riskset.results.vocabulary import Analysis, Family, Form, Model, Scale, TruthKind
from riskset.spec.covariates import COVARIATES
from riskset.spec.design import Controls, PopulationControls
from riskset.spec.measures import DiagnosisCovariate, Exposure
from riskset.spec.models import ConditionalLogistic
from riskset.spec.study import Study

HARMLESS = tuple(c.name for c in COVARIATES if c.table in ("person", "residence"))
"""Adjusting for these changes no form's truth, who somebody is and where one lives: within a set, the nation's hazard
of ALS does not know them."""


class PlantedEffect(TypedDict):
    """A ratio in ``truth.json``: planted, or what a model of another form tends to."""

    model: str
    measure: str
    exposure: str
    level: str
    scale: str
    truth: str
    value: float
    comparison: NotRequired[str]
    persons: NotRequired[int]
    causal_only: NotRequired[bool]


@dataclass(frozen=True)
class Planted:
    """What was planted, and for whom it is the truth.

    Attributes
    ----------
    rows : planted values, and pseudo-true values of other model forms
    definition : codes, `at_least`, windows, confounders and comparisons as the nation means them; None where the file
        names none
    settings : of the nation: persons, seed, how much its incidence is raised
    """

    rows: tuple[KnownTruth, ...]
    definition: Definition | None
    settings: TruthSettings


def read_planted(path: str | Path) -> Planted:
    """Read ``truth.json`` as `riskset nation` writes it; values are on the model's scale."""
    path = path_given(path, "path", "give the truth.json of a nation")
    try:
        if path.exists() and not path.is_file():  # a device may never end
            raise ValueError
        truth = json.loads(path.read_text(encoding="utf-8"))
        rows = tuple(_known(effect) for effect in (*truth["effects"], *truth.get("limits", ())))
        rows += tuple(prognosis_rows(truth))
        return Planted(rows, truth.get("definition") or None, truth.get("settings", {}))
    except FileNotFoundError:
        raise SourceError("there is no such file", where=str(path), remedy="give the truth.json of a nation") from None
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError):
        raise SourceError("this is no truth.json of a nation", where=str(path)) from None


def applicable(planted: Planted, study: Study) -> pa.Table:
    """The truths that a study's models aim at, as ``results.tables.PLANTED``.

    A planted ratio is the truth of a definition (the codes, the qualifying date, the windows) in a model form (which
    classes and confounders stand in it) on sets of a design. A study that defines one of these otherwise aims at
    something else, and gets no truth beside its estimate: never one that merely bears the same name.
    """
    defined = planted.definition
    if not defined:
        return table_of(planted.rows, KnownTruth)
    of_risk = [row for row in planted.rows if row.model.analysis is Analysis.RISK]
    rows = [replace(row, comparison=name) for row in of_risk for name in _comparisons_of(row, defined, study)]
    if aims_at_course(defined, study):
        rows += [row for row in planted.rows if row.model.analysis is not Analysis.RISK]
    return table_of(rows, KnownTruth)


def _comparisons_of(row: KnownTruth, defined: Definition, study: Study) -> Iterator[str]:
    """Where a row is the truth.

    A pseudo-true value was solved for sets of the definition's matching keys. A planted ratio multiplies everyone's
    hazard: in the model that has all classes and confounders it is the truth of relatives too, where the nation says
    so, and of the unrelated controls of the cases who have relatives.
    """
    if not _is_truth_of(row, defined, study):
        return
    matched = [c for c in study.controls if not is_kin(c) and _same_keys(c, defined)]
    if not row.truth.is_planted:
        yield from (c.comparison for c in matched if isinstance(c, PopulationControls))
        return
    for controls in study.controls:
        if controls in matched or (controls.comparison in defined.get("comparisons", ()) and _is_uncut_kin(controls)):
            yield controls.comparison
            yield from (label for base, label in companions(study.controls, controls) if base in matched)


def _is_uncut_kin(controls: Controls) -> bool:
    """Whether controls are relatives on the case's own date.

    At the same age windows are cut to the shortest history of a set, so that some who are exposed by the definition
    count as unexposed.
    """
    return is_kin(controls) and getattr(controls, "at", "index date") == "index date"


def _same_keys(controls: Controls, defined: Definition) -> bool:
    return set(getattr(controls, "match", ())) == set(defined["match"])


def _is_truth_of(row: KnownTruth, defined: Definition, study: Study) -> bool:
    case = study.cases.first.model_dump(mode="json", exclude_defaults=True)
    if study.anchor != "index date" or case not in defined["cases"] or study.eligibility.washout:
        return False
    named = {e.name: e for e in study.exposures}
    if not _same_measure(named.get(row.exposure), row.exposure, row.model.measure, defined):
        return False
    return any(
        model.name is None and model.measure == row.model.measure and _same_form(row.model.form, model, defined, study)
        for model in study.models
    )


def _same_measure(exposure: Exposure | None, name: str, key: str, defined: Definition) -> bool:
    if exposure is None or [*exposure.codes.atc] != defined["exposures"].get(name) or exposure.codes.without:
        return False
    measure = next((m for m in exposure.measures if m.key == key), None)
    if measure is None or exposure.at_least != defined["at_least"]:
        return False
    described = measure.model_dump(mode="json", exclude={"name"})
    return bool(described == defined["measures"].get(key))


def _same_form(form: Form, model: ConditionalLogistic, defined: Definition, study: Study) -> bool:
    if form is Form.CRUDE:
        return True
    adjusted = set(_confounders(model, study))
    if not set(defined["confounders"]) <= adjusted or adjusted - {*defined["confounders"], *HARMLESS}:
        return False
    if form is not Form.MUTUALLY_ADJUSTED:
        return True
    named = {e.name: e for e in study.exposures if any(m.key == model.measure for m in e.measures)}
    together = set(model.exposures or named) == set(defined["exposures"])
    return together and all(_same_measure(named[name], name, model.measure, defined) for name in defined["exposures"])


def _confounders(model: ConditionalLogistic, study: Study) -> Iterator[str]:
    """What a model adjusts for, in the words of the definition: a built-in name, or codes and lag of a diagnosis."""
    defined = {c.name: c for c in study.covariates}
    for name in model.adjust:
        covariate = defined.get(name)
        if covariate is None:
            yield name
        elif not isinstance(covariate, DiagnosisCovariate) or covariate.source or covariate.lookback is not None:
            yield f"{name} of the study's own"
        else:
            yield f"diagnosis {' '.join(covariate.icd10)} before {covariate.lag}"


def _known(effect: PlantedEffect) -> KnownTruth:
    return KnownTruth(
        model=Model(Analysis.RISK, Family.CONDITIONAL_LOGISTIC, form=Form(effect["model"]), measure=effect["measure"]),
        comparison=effect.get("comparison", ""),
        exposure=effect["exposure"],
        level=effect["level"],
        scale=Scale(effect["scale"]),
        truth=TruthKind(effect["truth"]),
        value=float(effect["value"]),
        n_persons=effect.get("persons"),
        is_causal_only=bool(effect.get("causal_only", False)),
    )
