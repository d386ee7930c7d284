"""Every feature that a study can ask for and every kind of result, read off from the closed sets of the source.

Nothing is typed by hand: a new key of `study.toml`, a new value of a closed set and a new kind of result are new
features. A feature is spelled as its key in `study.toml` after its part (`eligibility.age`), with the value where the
values are a closed set (`siblings.at=same age`); a kind of a part by its name alone (`siblings`).
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic.fields import FieldInfo

from riskset.results.quality_vocabulary import QualityAction
from riskset.results.set_vocabulary import AttritionPart, Summary, Unit, Verdict
from riskset.results.tables import KINDS
from riskset.results.vocabulary import Analysis, TruthKind, Who
from riskset.spec.base import Part
from riskset.spec.covariates import BUILT_IN_COVARIATES, PROGNOSIS_COVARIATES
from riskset.spec.study import Published, PublishedSets, Study

NO_CELLS: Mapping[type[StrEnum] | str, str] = {
    QualityAction: "what became of rows that a rule found: tested with the rule",
    AttritionPart: "whom a count is of: tested with the rule",
    Unit: "whether persons or sets are counted: tested with the rule",
    Who: "whom a diagnostic counts: tested with the diagnostic",
    Verdict: "what a check comes to: tested with each check",
    TruthKind: "where a planted value comes from: no result of a study",
    Summary: "whether a row of Table 1 is a share or a mean: tested with what it describes",
    Analysis: "the part of a study that a row is of; each of its families has a cell",
    "Form=mutually adjusted, no covariates": "it is known only that it is there, of classes together without each",
    "Characteristic=exposure": "described as covariates are; no test holds its rows to a definition yet",
}
"""Closed sets in the columns of results, and values of others, that are no features here; and why."""


def _closed_sets(kind: Any) -> Iterator[type[StrEnum]]:
    """The closed sets in the columns of a kind of row."""
    for held in typing.get_type_hints(kind).values():
        for one in (held, *typing.get_args(held)):
            if isinstance(one, type) and issubclass(one, StrEnum):
                yield one
            elif dataclasses.is_dataclass(one):
                yield from _closed_sets(one)


CLOSED_SETS = tuple(dict.fromkeys(one for kind in KINDS.values() for one in _closed_sets(kind)))
"""Of the columns of all tables of results, and of what stands in them."""

RESULTS = tuple(one for one in CLOSED_SETS if one not in NO_CELLS)

OF_OTHERS = (Published, PublishedSets)
"""Parts that hold others' numbers, shown as they are written."""

WORDS = frozenset({"name", "description", "kind"})
"""Keys that are words for people or tell parts apart, besides `Wording`; no number depends on them."""


def features() -> dict[str, tuple[str, ...]]:
    """Heading → its features, in the order of the source."""
    named = {_title(part): features_of(part) for part in _parts(Study) if part not in OF_OTHERS}
    built_in = tuple(f"covariate={name}" for name in (*BUILT_IN_COVARIATES, *PROGNOSIS_COVARIATES))
    named["Covariates that need no definition"] = built_in
    for kind in RESULTS:
        values = [f"{kind.__name__}={value}" for value in kind if value]
        named[f"Results: {kind.__name__}"] = tuple(value for value in values if value not in NO_CELLS)
    return {heading: some for heading, some in named.items() if some}


def no_cells() -> dict[str, str]:
    """What has no cell, by its name: why."""
    return {one if isinstance(one, str) else one.__name__: why for one, why in NO_CELLS.items()}


def features_of(part: type[Part]) -> tuple[str, ...]:
    """The features of one part, without those of the parts that it must hold."""
    return tuple(_of_part(part))


def _of_part(part: type[Part]) -> Iterator[str]:
    prefix = _prefix(part)
    if "kind" in part.model_fields:
        yield prefix
    for name, field in part.model_fields.items():
        holds = any(_held(field.annotation))
        if name not in WORDS and not field.exclude and not (holds and (part is Study or field.is_required())):
            yield from _of_field(f"{prefix}.{name}", field)


def _of_field(name: str, field: FieldInfo) -> Iterator[str]:
    """A key: a feature for each value of a closed set (of a yes or no, the one that is not the default)."""
    if field.annotation is bool:
        yield f"{name}={_spelled(not field.default)}"
    elif any(_held(field.annotation)):
        yield name
    else:
        values = [f"{name}={value}" for value in _closed(field.annotation)]
        yield from values or [name]


def _closed(kind: Any) -> Iterator[str]:
    """The values that an annotation lists."""
    if kind is bool:
        yield from ("true", "false")
    elif typing.get_origin(kind) is Literal:
        yield from map(_spelled, typing.get_args(kind))
    else:
        for inner in typing.get_args(kind):
            yield from _closed(inner)


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parts(part: type[Part], before: tuple[type[Part], ...] = ()) -> tuple[type[Part], ...]:
    """The parts that were met before, this one and all that it holds, each once."""
    if part in before:
        return before
    before = (*before, part)
    for field in part.model_fields.values():
        for inner in _held(field.annotation):
            before = _parts(inner, before)
    return before


def _held(kind: Any) -> Iterator[type[Part]]:
    """The parts within an annotation."""
    if isinstance(kind, type) and issubclass(kind, Part):
        yield kind
    for inner in typing.get_args(kind):
        yield from _held(inner)


def _prefix(part: type[Part]) -> str:
    kind = part.model_fields.get("kind")
    return kind.default if kind else "".join(f"_{c.lower()}" if c.isupper() else c for c in part.__name__)[1:]


def _title(part: type[Part]) -> str:
    return f"{part.__name__}: `{_prefix(part)}`"
