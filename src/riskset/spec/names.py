"""The names of a study in one list: what tables, columns and sentences call things is one thing each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from riskset.spec.complaints import Wrong
from riskset.spec.covariates import BUILT_IN_COVARIATES, PROGNOSIS_COVARIATES
from riskset.spec.design import Controls, SiblingControls, SpouseControls

if TYPE_CHECKING:
    from riskset.spec.study import Study

RESERVED = (
    *("person_id", "index_date", "anchor_date", "history_start"),
    *("set_id", "case_id", "case", "comparison", "relation", "birth_date"),
)
"""Columns that every study's tables have."""


class _Named(NamedTuple):
    name: str
    kind: str
    """With its article, as ``an exposure``."""
    at: str
    """Its place in the description; empty where it has none."""


def is_kin(controls: Controls | None) -> bool:
    """Whether controls are relatives, so that nothing is matched on but the family or the household."""
    return isinstance(controls, SiblingControls | SpouseControls)


def companion_of(base: Controls, kin: Controls) -> str:
    """``population, cases with siblings``: unrelated controls of the cases in the models of such relatives."""
    return f"{base.comparison}, cases with {kin.comparison}"


def companions(study: Study, kin: Controls) -> list[tuple[Controls, str]]:
    """The unrelated controls to set beside relatives, the first of the study, with the label of that comparison.

    Without them a kin estimate would stand beside one of other cases: those without relatives too.
    """
    unrelated = [c for c in study.controls if not is_kin(c)]
    return [(c, companion_of(c, kin)) for c in unrelated[:1]] if is_kin(kin) else []


def folded(name: str) -> str:
    """A name without what some system or reader does not tell apart: capitals, and how often _ or a space stands."""
    return " ".join(re.split(r"[_\s]+", name.casefold())).strip()


def collisions(study: Study) -> Iterator[Wrong]:
    """Names of any two things of a study that are one, or differ in nothing but capitals and underscores."""
    taken: dict[str, _Named] = {}
    for named in _named(study):
        before = taken.setdefault(folded(named.name), named)
        if before is named or (before[:2] == named[:2] and named.kind == _MEASURE):
            continue
        yield Wrong(_collide(named, before), _remedy(named, before), at=named.at)
    yield from _model_names(study, taken)


_MEASURE, _COMPARISON, _COMPANION = "a measure", "a comparison", "a comparison made beside relatives"


def _named(study: Study) -> Iterator[_Named]:
    """Everything that has a name, what the describer cannot rename first."""
    for name in (*BUILT_IN_COVARIATES, *PROGNOSIS_COVARIATES, *RESERVED):
        yield _Named(name, "built in", "")
    for kin in study.controls:
        for _, label in companions(study, kin):
            yield _Named(label, _COMPANION, "")
    for i, exposure in enumerate(study.exposures):
        for j, measure in enumerate(exposure.measures):
            yield _Named(measure.key, _MEASURE, f"exposures[{i}].measures[{j}]" + (".name" if measure.name else ""))
    for i, controls in enumerate(study.controls):
        yield _Named(controls.comparison, _COMPARISON, f"controls[{i}]")
    for i, exposure in enumerate(study.exposures):
        yield _Named(exposure.name, "an exposure", f"exposures[{i}].name")
    for i, covariate in enumerate(study.covariates):
        yield _Named(covariate.name, "a covariate", f"covariates[{i}].name")


def _model_names(study: Study, taken: dict[str, _Named]) -> Iterator[Wrong]:
    """A model may be called as its own measure is, which is its name when it has none; as nothing else."""
    models: dict[str, str] = {}
    for i, model in enumerate(study.models):
        key, at = folded(model.key), f"models[{i}].name"
        if key in models:
            yield Wrong(_collide(_Named(model.key, "a model", ""), _Named(models[key], "a model", "")), _OWN, at=at)
        models.setdefault(key, model.key)
        before = taken.get(key)
        if before is not None and before.kind == _MEASURE and model.name and key != folded(model.measure):
            yield Wrong(f"{model.key!r} is a measure, and not the one of this model", _OTHER, at=at)


_OWN, _OTHER = "each needs a name of its own", "choose another name"
_APART = "name the further comparison with the population; those with siblings differ in half or at"


def _collide(named: _Named, before: _Named) -> str:
    if named.name != before.name:
        also = "" if before.kind in (named.kind, "built in") else f", which is {before.kind},"
        return f"{named.name!r} and {before.name!r}{also} differ in capitals or underscores only"
    if named.kind == before.kind:
        return f"{named.name!r} is there twice"
    return f"{named.name!r} is built in" if before.kind == "built in" else f"{named.name!r} is {before.kind}, too"


def _remedy(named: _Named, before: _Named) -> str:
    if named.kind == before.kind == _COMPARISON:
        return _APART
    return _OWN if named.kind == before.kind else _OTHER
