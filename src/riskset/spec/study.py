"""The whole study: a description that travels, without a single location in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from riskset.errors import SpecError, there_are
from riskset.given import path_given
from riskset.microdata import as_html
from riskset.spec.base import AsStored, FrozenDict, NumberStyle, Part, Real, Whole, Wording, WordsOfValues
from riskset.spec.complaints import Wrong, closest, refuse, shown
from riskset.spec.covariates import (
    BUILT_IN,
    BUILT_IN_COVARIATES,
    COVARIATES,
    PARTED_BY_CUTS,
    PROGNOSIS_COVARIATES,
)
from riskset.spec.design import AtRisk, CaseDefinition, Cases, Controls, Eligibility, Period, PopulationControls
from riskset.spec.from_toml import parse, parse_toml, read_toml
from riskset.spec.leaves import leaves
from riskset.spec.measures import WITH_TREND, Covariate, Exposure, Measure
from riskset.spec.models import ADJUSTMENT_FORMS, AdjustmentForm, CourseAsked, Model, Prognosis, forms_given
from riskset.spec.names import collisions
from riskset.spec.tidying import as_read
from riskset.spec.to_toml import to_toml
from riskset.spec.wording import label_of
from riskset.spec.words import both

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


Anchor = Literal["index date", "onset"]


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

    on_several_lines: ClassVar = frozenset({"description"})

    name: Annotated[str, Field(min_length=1)]
    """What the study is called."""
    seed: Annotated[Whole, Field(ge=0, lt=2**63)] = 1
    """Of the sampler; the same seed draws the same controls on any engine."""
    description: str = ""
    """What the study is for, in a few sentences; printed at the head of the report."""
    title: Wording = ""
    """Heads the report; left out, `name`."""
    subtitle: Wording = ""
    """Stands below it; left out, the design and its years."""
    number_style: Annotated[NumberStyle, Field(exclude=True)] = "AMA"
    """How the report sets numbers: "AMA", as American medical journals do (95% CI, June 30, 2023), or "SI", with a
    space before the sign (95 % CI, 30 June 2023)."""
    policy: Wording = ""
    """The name of the policy by which numbers leave, where ``riskset release`` is given no other."""
    period: Period
    """When index dates fall."""
    eligibility: Eligibility = Eligibility()
    """The rule that cases and candidates alike must meet."""
    cases: Cases
    """Who is a case."""
    controls: Annotated[tuple[Controls, ...], Field(min_length=1)]
    """Who is compared with the cases; each kind is a comparison of its own."""
    anchor: Anchor = "index date"
    """Where windows end: at the set's date, or at the case's symptom onset, given to its whole set."""
    exposures: tuple[Exposure, ...] = ()
    """Drug classes, and what is measured of their use."""
    covariates: tuple[Covariate, ...] = ()
    """Covariates that need a definition; the built-in ones need none."""
    most_levels: Annotated[Whole, Field(ge=2)] = 50
    """The most levels of a categorical covariate. One with more is refused, and so is one of more than five levels
    whose values most people share with at most one other, as names or dates: a report would show them."""
    levels: Annotated[dict[str, tuple[AsStored, ...]], AfterValidator(FrozenDict)] = Field(default_factory=FrozenDict)
    """Of categorical covariates, levels as delivered that stay apart however few people have them:
    ``education = ["primary", "doctorate"]``. Others that fewer than 5 people of the registers have are one level,
    "other (rare levels)": a text of one person could be her name."""
    models: tuple[Model, ...] = ()
    """What is estimated."""
    primary: AdjustmentForm | None = None
    """The estimates that the front of the report holds, all others being in its supplement; left out, the most adjusted
    that the models give. Of the prognosis these, too, where its models give them, else the most adjusted."""
    conf_level: Annotated[Real, Field(gt=0.5, lt=1)] = 0.95
    """Of every interval."""
    prognosis: Prognosis | None = None
    """What became of the cases."""
    values: Annotated[dict[str, WordsOfValues], AfterValidator(FrozenDict)] = Field(
        default_factory=FrozenDict, exclude=True
    )
    """Of categorical covariates, what the report shows for values as delivered:
    ``education = { 1 = "primary", 2 = "secondary" }``. Other values are shown as they are."""
    published_sets: tuple[PublishedSets, ...] = ()
    """Numbers of people to be set beside the sets of a comparison."""
    published: tuple[Published, ...] = ()
    """Figures to be set beside ours."""

    @model_validator(mode="after")
    def _names_and_references(self) -> Study:
        refuse(
            [
                *collisions(self),
                *self._of_models(),
                *self._of_published(),
                *self._of_prognosis(),
                *self._of_levels(),
                *self._of_words(),
            ]
        )
        refuse(self._of_primary())  # of models whose names hold
        return self

    def _of_models(self) -> Iterator[Wrong]:
        known = (*BUILT_IN_COVARIATES, *(c.name for c in self.covariates))
        for i, model in enumerate(self.models):
            place = f"models[{i}]"
            having = [e.name for e in self.exposures if any(m.key == model.measure for m in e.measures)]
            if having:
                what = f"exposure with a measure {shown(model.measure)}"
                yield from self._named(f"{place}.exposures", model.exposures, having, what)
            else:
                yield self._unmeasured(f"{place}.measure", model.measure)
            if having and model.trend and not self._has_order(model):
                yield Wrong(
                    f"the levels of {model.measure} have no order to have a trend in",
                    f"remove trend, or choose {both(WITH_TREND, 'or')}",
                    at=f"{place}.trend",
                )
            yield from self._named(f"{place}.adjust", model.adjust, known, "covariate")
            parting = (*known, *PROGNOSIS_COVARIATES)  # sets may also be parted by what only their case has
            for j, subgroup in enumerate(model.subgroups):
                yield from self._named(f"{place}.subgroups[{j}].by", [subgroup.by], parting, "covariate", listed=False)
                if subgroup.by in parting and subgroup.cuts and subgroup.by not in PARTED_BY_CUTS:
                    what = f"{subgroup.by} is no number and has no cuts"
                    yield Wrong(what, "remove them", at=f"{place}.subgroups[{j}].cuts")
            yield from self._named(f"{place}.interactions", model.interactions, known, "covariate")

    def _of_published(self) -> Iterator[Wrong]:
        names = [e.name for e in self.exposures]
        for i, row in enumerate(self.published):
            place = f"published[{i}]"
            if row.analysis == "prognosis":
                what = "measure of the prognosis"
                yield from self._named(f"{place}.measure", [row.measure], ["ever"], what, listed=False)
                yield from self._named(f"{place}.exposure", [row.exposure], names, "exposure", listed=False)
                continue
            having = [e.name for e in self.exposures if any(m.key == row.measure for m in e.measures)]
            if having:
                what = f"exposure with a measure {shown(row.measure)}"
                yield from self._named(f"{place}.exposure", [row.exposure], having, what, listed=False)
            else:
                yield self._unmeasured(f"{place}.measure", row.measure)

    def _of_prognosis(self) -> Iterator[Wrong]:
        if self.prognosis is None:
            return
        names = [e.name for e in self.exposures]
        yield from self._named("prognosis.exposures", self.prognosis.exposures, names, "exposure")
        if self.prognosis.until and self.prognosis.until <= self.period.start:
            yield Wrong("follow-up ends before the period starts", "choose a later day", at="prognosis.until")
        known = (*BUILT_IN_COVARIATES, *(c.name for c in self.covariates), *PROGNOSIS_COVARIATES)
        yield from self._named("prognosis.adjust", self.prognosis.adjust, known, "covariate")

    def _of_primary(self) -> Iterator[Wrong]:
        given = [*self.forms_of_risk, *([] if self.models else self.forms_of_prognosis)]
        if self.primary and self.primary not in given:
            what = f"no model gives estimates that are {self.primary}"
            remedy = there_are(given) if given else "ask for a model of an exposure"
            yield Wrong(what, f"{remedy}, or leave it out", at="primary")

    def _of_words(self) -> Iterator[Wrong]:
        yield from self._alike("exposures", "label", [label_of(exposure) for exposure in self.exposures])
        yield from self._alike("exposures", "lay", [exposure.lay or label_of(exposure) for exposure in self.exposures])
        yield from self._alike("covariates", "label", [label_of(covariate) for covariate in self.covariates])
        known = [c.name for c in COVARIATES if not c.numeric] + [c.name for c in self.covariates]
        for name, values in self.values.items():
            if name in BUILT_IN and BUILT_IN[name].numeric:
                yield Wrong(f"{name} is a number and has no values to put in words", "remove it", at="values")
                continue
            yield from self._named("values", [name], known, "categorical covariate", listed=False)
            if len(set(values.values())) < len(values):
                yield Wrong(f"two values of {name} have the same words", "tell them apart", at="values")

    def _of_levels(self) -> Iterator[Wrong]:
        known = [c.name for c in COVARIATES if not c.numeric]
        for name, levels in self.levels.items():
            yield from self._named("levels", [name], known, "built-in covariate of texts", listed=False)
            if len(set(levels)) < len(levels):
                yield Wrong(f"a level of {name} is there twice", "name each once", at="levels")

    def _alike(self, where: str, key: str, shown_as: Sequence[str]) -> Iterator[Wrong]:
        """Complaints of things that a reader could not tell apart."""
        names = [as_read(one.name) for one in getattr(self, where)]
        for i, words in enumerate(shown_as):
            if names[i] in names[:i]:
                continue  # said of its name
            if as_read(words) in map(as_read, shown_as[:i]):
                yield Wrong(
                    f"{shown(words)} is what another one is called", "tell them apart", at=f"{where}[{i}].{key}"
                )

    def _unmeasured(self, place: str, measure: str) -> Wrong:
        keys = sorted({m.key for e in self.exposures for m in e.measures})
        return Wrong(f"no exposure has a measure {shown(measure)}", self._meant(measure, keys), at=place)

    def _named(
        self, where: str, names: Sequence[str], known: Sequence[str], what: str, *, listed: bool = True
    ) -> Iterator[Wrong]:
        """Complaints of names that are none of those that are known here."""
        for i, name in enumerate(names):
            if name not in known:
                at = f"{where}[{i}]" if listed else where
                yield Wrong(f"{shown(name)} is no {what}", self._meant(name, known), at=at)

    def _meant(self, name: str, known: Sequence[str]) -> str:
        """What a name was meant for; of one that the study has elsewhere, what it is there."""
        kinds = {
            "an exposure": [e.name for e in self.exposures],
            "a measure": [m.key for e in self.exposures for m in e.measures],
            "a model": [m.name for m in self.models if m.name],
            "a covariate": [*BUILT_IN_COVARIATES, *(c.name for c in self.covariates)],
            "a covariate of the prognosis alone": PROGNOSIS_COVARIATES,
        }
        elsewhere = next((kind for kind, names in kinds.items() if name in names), None)
        return f"it is {elsewhere}, and here {closest('', known)}" if elsewhere else closest(name, known)

    def _has_order(self, model: Model) -> bool:
        return all(m.form == "ordered levels" for m in self.measures_of(model).values())

    @property
    def forms_of_risk(self) -> tuple[AdjustmentForm, ...]:
        """The forms in which some model of the risk is fitted, the least adjusted first."""
        given = {form for model in self.models for form in self.forms_of(model)}
        return tuple(form for form in ADJUSTMENT_FORMS if form in given)

    def forms_of(self, model: Model) -> tuple[AdjustmentForm, ...]:
        """The forms in which a model of the risk is fitted, the least adjusted first."""
        return forms_given(model.classes, model.adjust, len(self.measures_of(model)))

    def measures_of(self, model: Model) -> dict[str, Measure]:
        """The exposures that a model is about, those it names or all that have its measure, each with that measure."""
        asked = (e for e in self.exposures if not model.exposures or e.name in model.exposures)
        return {e.name: m for e in asked for m in e.measures if m.key == model.measure}

    @property
    def forms_of_prognosis(self) -> tuple[AdjustmentForm, ...]:
        """The forms in which models of the prognosis are fitted, the least adjusted first."""
        asked = self.prognosis
        return forms_given(asked.classes, asked.adjust, len(asked.exposures or self.exposures)) if asked else ()

    @property
    def primary_form(self) -> AdjustmentForm | None:
        """The estimates of the risk that the front of the report holds; None where no model is asked for."""
        return self._primary_of(self.forms_of_risk)

    @property
    def primary_prognosis_form(self) -> AdjustmentForm | None:
        """The same of the prognosis."""
        return self._primary_of(self.forms_of_prognosis)

    def _primary_of(self, given: Sequence[AdjustmentForm]) -> AdjustmentForm | None:
        most_adjusted = given[-1] if given else None
        return self.primary if self.primary in given else most_adjusted

    @property
    def at_risk(self) -> AtRisk:
        """Who could be a case, and when."""
        return AtRisk(self.period, self.eligibility, self.cases.freedom())

    @property
    def case_definition(self) -> CaseDefinition:
        """Who is a case."""
        on_county = (isinstance(c, PopulationControls) and "county" in c.match for c in self.controls)
        return CaseDefinition(self.cases.first, self.at_risk, any(on_county))

    @property
    def quality_register(self) -> str | None:
        """The register whose items count: the prognosis's, else that of the cases; None where neither is named."""
        return (self.prognosis.registry if self.prognosis else None) or self.cases.first.registry

    @property
    def course(self) -> CourseAsked:
        """What is asked of the course of the cases.

        Raises
        ------
        SpecError
            Nothing is.
        """
        asked = self.prognosis
        if asked is None:
            raise SpecError("the study asks for no prognosis", where="prognosis", remedy="describe one")
        exposures = tuple(e for e in self.exposures if not asked.exposures or e.name in asked.exposures)
        until = asked.until or self.period.stop
        return CourseAsked(asked, until, exposures, self.quality_register, self.conf_level)

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return as_html(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"Study {self.name!r}, {self.period.start} to {self.period.stop}"
        yield f"  controls: {', '.join(controls.comparison for controls in self.controls)}"
        for what, names in (
            ("exposures", [e.name for e in self.exposures]),
            ("models", [m.key for m in self.models]),
            ("covariates", [c.name for c in self.covariates]),
        ):
            if names:
                yield f"  {what}: {', '.join(names)}"
        if self.prognosis is not None:
            yield f"  followed until {' or '.join(self.prognosis.endpoint)}"
        yield "  riskset.explain(study) says it in sentences"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON: equal for the Python and the TOML spelling of one study.

        What is only worded (titles, labels, values in words) is not in it; `words_fingerprint` is of that.
        """
        return _sha256(self.model_dump(mode="json"))

    @property
    def words_fingerprint(self) -> str:
        """SHA-256 of the words that the report takes from the description, and of nothing that a number depends on."""
        return _sha256({leaf.path: leaf.value for leaf in leaves(self) if leaf.is_wording})

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
        """Write the study as TOML (UTF-8).

        Raises
        ------
        SpecError
            No file can be written there.
        """
        path = path_given(path, "path", "give the path of a TOML file")
        try:
            path.write_text(self.to_toml(), encoding="utf-8", newline="\n")
        except OSError as error:
            raise SpecError(
                f"it cannot be written ({error.strerror})", where=str(path), remedy="give another path"
            ) from None


def _sha256(content: object) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
