"""The whole study: a description that travels, without a single location in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from riskset.spec.base import Part, Real, Whole
from riskset.spec.complaints import Wrong, closest
from riskset.spec.design import Cases, Controls, Eligibility, Period
from riskset.spec.measures import Count, Covariate, DefinedDailyDoses, Exposure, FirstUse
from riskset.spec.models import (
    BUILT_IN_COVARIATES,
    NUMERIC_COVARIATES,
    PROGNOSIS_COVARIATES,
    Model,
    Prognosis,
    Subgroup,
)
from riskset.spec.reading import parse, parse_toml, read_toml
from riskset.spec.writing import to_toml

__all__ = ["Published", "Study", "parse", "parse_toml", "read_toml"]


class Published(Part):
    """A published figure to be set beside ours; for a synthetic nation it is no replication."""

    exposure: str
    """The exposure, by its name here."""
    measure: str
    """The measure, by its key here; of the prognosis always `ever`."""
    level: str
    """The level as tables spell it: `ever`, `1-5y`, `≥4`."""
    analysis: Literal["risk", "prognosis"] = "risk"
    """An odds ratio of the risk, or a hazard ratio of the prognosis."""
    estimate: Annotated[Real, Field(gt=0)]
    """On the ratio scale."""
    low: Annotated[Real, Field(gt=0)] | None = None
    """Lower confidence limit."""
    high: Annotated[Real, Field(gt=0)] | None = None
    """Upper confidence limit."""
    source: str
    """Where it was published."""
    note: str = ""
    """What else is known of it, such as that no interval was given."""

    @model_validator(mode="after")
    def _inside(self) -> Published:
        if not (self.low or self.estimate) <= self.estimate <= (self.high or self.estimate):
            raise Wrong("the estimate lies outside its interval", "low, estimate and high rise", at="estimate")
        return self


class PublishedSets(Part):
    """How many people a published study compared, to be set beside the sets of a comparison."""

    comparison: str
    """The comparison as tables call it: `population`, `siblings`, `spouses`."""
    cases: Annotated[Whole, Field(ge=1)] | None = None
    """Cases with such controls, where the paper says how many."""
    controls: Annotated[Whole, Field(ge=1)]
    """Their controls."""
    source: str
    """Where it was published."""


class Study(Part):
    """A register study as data."""

    name: Annotated[str, Field(min_length=1)]
    """The title of the study."""
    seed: Annotated[Whole, Field(ge=0, lt=2**63)] = 1
    """Of the sampler; the same seed draws the same controls on any engine."""
    description: str = ""
    """What the study is for, in a few sentences; printed at the head of the report."""
    period: Period
    """When index dates fall."""
    eligibility: Eligibility = Eligibility()
    """The rule that cases and candidates alike must meet."""
    cases: Cases
    """Who is a case."""
    controls: Annotated[tuple[Controls, ...], Field(min_length=1)]
    """Who is compared with the cases; each kind is a comparison of its own."""
    anchor: Literal["index date", "onset"] = "index date"
    """Where windows end: at the set's date, or at the case's symptom onset, given to its whole set."""
    exposures: tuple[Exposure, ...] = ()
    """Drug classes, and what is measured of their use."""
    covariates: tuple[Covariate, ...] = ()
    """Covariates that need a definition; the built-in ones need none."""
    models: tuple[Model, ...] = ()
    """What is estimated."""
    conf_level: Annotated[Real, Field(gt=0.5, lt=1)] = 0.95
    """Of every interval."""
    prognosis: Prognosis | None = None
    """What became of the cases."""
    published_sets: tuple[PublishedSets, ...] = ()
    """Numbers of people to be set beside the sets of a comparison."""
    published: tuple[Published, ...] = ()
    """Figures to be set beside ours."""

    @model_validator(mode="after")
    def _references(self) -> Study:
        _check_unique("controls", [c.comparison for c in self.controls], _APART)
        _check_unique("exposures", [e.name for e in self.exposures])
        _check_unique("covariates", [c.name for c in self.covariates])
        _check_unique("models", [m.key for m in self.models])
        own = [c.name for c in self.covariates]
        for i, name in enumerate(own):
            if name in (*BUILT_IN_COVARIATES, *PROGNOSIS_COVARIATES, "person_id", "index_date"):
                raise Wrong(f"{name!r} is built in", "choose another name", at=f"covariates[{i}].name")
            if name in [e.name for e in self.exposures]:
                raise Wrong(f"{name!r} is an exposure, too", "choose another name", at=f"covariates[{i}].name")
        known = (*BUILT_IN_COVARIATES, *own)
        for i, model in enumerate(self.models):
            here = f"models[{i}]"
            having = self._check_measured(f"{here}.measure", model.measure)
            _check_named(f"{here}.exposures", model.exposures, having, f"exposure with a measure {model.measure!r}")
            if model.trend and not self._has_order(model):
                raise Wrong(
                    f"the levels of {model.measure} have no order to have a trend in",
                    "remove trend, or choose first_use, count or ddd in bands",
                    at=f"{here}.trend",
                )
            _check_named(f"{here}.adjust", model.adjust, known, "covariate")
            _check_subgroups(f"{here}.subgroups", model.subgroups, known)
            _check_named(f"{here}.interactions", model.interactions, known, "covariate")
        for i, row in enumerate(self.published):
            if row.analysis == "prognosis":
                _check_named(f"published[{i}].measure", [row.measure], ["ever"], "measure of the prognosis")
                _check_named(f"published[{i}].exposure", [row.exposure], [e.name for e in self.exposures], "exposure")
                continue
            having = self._check_measured(f"published[{i}].measure", row.measure)
            if row.exposure not in having:
                what = f"{row.exposure!r} is no exposure with a measure {row.measure!r}"
                raise Wrong(what, closest(row.exposure, having), at=f"published[{i}].exposure")
        if self.prognosis:
            names = [e.name for e in self.exposures]
            _check_named("prognosis.exposures", self.prognosis.exposures, names, "exposure")
            if self.prognosis.until and self.prognosis.until <= self.period.start:
                raise Wrong("follow-up ends before the period starts", "choose a later day", at="prognosis.until")
            _check_named("prognosis.adjust", self.prognosis.adjust, (*known, *PROGNOSIS_COVARIATES), "covariate")
        return self

    def _check_measured(self, here: str, measure: str) -> list[str]:
        having = [e.name for e in self.exposures if any(m.key == measure for m in e.measures)]
        if not having:
            keys = sorted({m.key for e in self.exposures for m in e.measures})
            raise Wrong(f"no exposure has a measure {measure!r}", closest(measure, keys), at=here)
        return having

    def _has_order(self, model: Model) -> bool:
        asked = [e for e in self.exposures if not model.exposures or e.name in model.exposures]
        measures = [m for e in asked for m in e.measures if m.key == model.measure]
        return all(isinstance(m, Count | FirstUse) or (isinstance(m, DefinedDailyDoses) and m.bands) for m in measures)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON: equal for the Python and the TOML spelling of one study."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @classmethod
    def load(cls, path: str | Path) -> Study:
        """Read ``study.toml``.

        Raises
        ------
        SpecError
            The file is missing, is no TOML, or says something that cannot be meant; with the path inside it.
        """
        return read_toml(cls, path)

    def to_toml(self) -> str:
        """The study as TOML: only what differs from the defaults; reading it gives an equal study."""
        return to_toml(self)

    def save(self, path: str | Path) -> None:
        """Write the study as TOML (UTF-8)."""
        Path(path).write_text(self.to_toml(), encoding="utf-8", newline="\n")


_APART = "name the further comparison with the population; those with siblings differ in half or at"


def _check_unique(where: str, names: Sequence[str], remedy: str = "each needs a name of its own") -> None:
    lowered = [name.lower() for name in names]  # files are named after them, and some systems know no capitals
    for i, name in enumerate(names):
        if lowered[i] in lowered[:i]:
            raise Wrong(f"{name!r} is there twice", remedy, at=f"{where}[{i}]")


def _check_named(where: str, names: Sequence[str], known: Sequence[str], what: str) -> None:
    for i, name in enumerate(names):
        if name not in known:
            raise Wrong(f"{name!r} is no {what}", closest(name, known), at=f"{where}[{i}]")


def _check_subgroups(where: str, subgroups: Sequence[Subgroup], known: Sequence[str]) -> None:
    for i, subgroup in enumerate(subgroups):
        if subgroup.by not in known:
            what = f"{subgroup.by!r} is no covariate"
            raise Wrong(what, closest(subgroup.by, known), at=f"{where}[{i}].by")
        if subgroup.cuts and subgroup.by not in NUMERIC_COVARIATES:
            raise Wrong(f"{subgroup.by} is no number and has no cuts", "remove them", at=f"{where}[{i}].cuts")
