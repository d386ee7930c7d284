"""The names of a study in one list: what tables, columns and sentences call things is one thing each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from riskset.spec.complaints import Wrong
from riskset.spec.covariates import BUILT_IN_COVARIATES, PROGNOSIS_COVARIATES
from riskset.spec.design import Controls, SiblingControls, SpouseControls
from riskset.spec.measures import Measure
from riskset.spec.reserved import IN_EVERY_TABLE, folded, reserved

if TYPE_CHECKING:
    from riskset.spec.study import Study


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


def companions(asked: Sequence[Controls], kin: Controls) -> list[tuple[Controls, str]]:
    """The unrelated controls to set beside relatives, the first of the study, with the label of that comparison.

    Without them a kin estimate would stand beside one of other cases: those without relatives too.
    """
    unrelated = [c for c in asked if not is_kin(c)]
    return [(c, companion_of(c, kin)) for c in unrelated[:1]] if is_kin(kin) else []


def collisions(study: Study) -> Iterator[Wrong]:
    """Names of any two things of a study that are one, or differ in nothing but capitals and underscores."""
    taken: dict[str, _Named] = {}
    refused: set[str] = set()
    for named in _named(study):
        before = taken.setdefault(folded(named.name), named)
        if before is named or (before[:2] == named[:2] and named.kind == _MEASURE):
            continue
        refused.add(named.at)
        yield Wrong(_collide(named, before), _remedy(named, before), at=named.at)
    yield from (wrong for wrong in _words_of_ours(study) if wrong.at not in refused)
    yield from _model_names(study, taken)


def _words_of_ours(study: Study) -> Iterator[Wrong]:
    """Names that mean something else in a table of results or in a description; a measure may be called as its kind."""
    ours = {folded(word): word for word in reserved(type(study))}
    built_in = {folded(name) for name in _BUILT_IN}
    kinds = {at: measure.kind for at, measure in _measures(study)}
    for named in _named(study):
        key = folded(named.name)
        chosen = named.kind not in (_COMPARISON, _COMPANION, _MARKER) and named.at and kinds.get(named.at) != named.name
        if chosen and key in ours and key not in built_in:
            same = "" if named.name == ours[key] else f", as {ours[key]!r},"
            yield Wrong(f"{named.name!r}{same} means something else in descriptions and tables", _OTHER, at=named.at)


def _measures(study: Study) -> Iterator[tuple[str, Measure]]:
    """Each measure with the place of its name."""
    for i, exposure in enumerate(study.exposures):
        for j, measure in enumerate(exposure.measures):
            yield f"exposures[{i}].measures[{j}]" + (".name" if measure.name else ""), measure


_BUILT_IN = (*BUILT_IN_COVARIATES, *PROGNOSIS_COVARIATES, *IN_EVERY_TABLE)
_MEASURE, _COMPARISON, _COMPANION = "a measure", "a comparison", "a comparison made beside relatives"
_MARKER = "the marker"
_MODELLED = ("an exposure", "a covariate", _MARKER)
"""What stands in a model, and is called as none."""


def _named(study: Study) -> Iterator[_Named]:
    """Everything that has a name, what the describer cannot rename first."""
    for name in _BUILT_IN:
        yield _Named(name, "built in", "")
    for kin in study.controls:
        for _, label in companions(study.controls, kin):
            yield _Named(label, _COMPANION, "")
    for at, measure in _measures(study):
        yield _Named(measure.key, _MEASURE, at)
    for i, controls in enumerate(study.controls):
        yield _Named(controls.comparison, _COMPARISON, f"controls[{i}]")
    for i, exposure in enumerate(study.exposures):
        yield _Named(exposure.name, "an exposure", f"exposures[{i}].name")
    for i, covariate in enumerate(study.covariates):
        yield _Named(covariate.name, "a covariate", f"covariates[{i}].name")
    if study.prognosis and study.prognosis.marker and study.prognosis.marker not in _BUILT_IN:
        yield _Named(study.prognosis.marker, _MARKER, "prognosis.marker")


def _model_names(study: Study, taken: dict[str, _Named]) -> Iterator[Wrong]:
    """A model may be called as its own measure is, which is its name when it has none; as nothing else."""
    models: dict[str, str] = {}
    for i, model in enumerate(study.models):
        key, at = folded(model.key), f"models[{i}].name"
        if key in models:
            yield Wrong(_collide(_Named(model.key, "a model", ""), _Named(models[key], "a model", "")), _OWN, at=at)
        models.setdefault(key, model.key)
        before = taken.get(key)
        if before is not None and before.kind in _MODELLED and model.name:
            yield Wrong(_collide(_Named(model.key, "a model", ""), before), _OTHER, at=at)
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
