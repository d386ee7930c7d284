"""The rows of a run's tables, typed: what a row is, its key, and what it says.

`analysis` and the rooms below it emit these and no prose. What is said of a number stands in ``notes``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskset.results.columns import column, columns_of
from riskset.results.notes import Arguable, Arguments, Note, read_notes
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.roles import DisclosureRole
from riskset.results.set_vocabulary import (
    AttritionPart,
    AttritionRule,
    AuditCheck,
    Characteristic,
    Summary,
    Unit,
    Verdict,
)
from riskset.results.vocabulary import (
    Analysis,
    Association,
    Contrast,
    CurveKind,
    DiagnosticCode,
    Estimator,
    Family,
    Form,
    Model,
    Role,
    Scale,
    Sensitivity,
    TruthKind,
    ValueOf,
    Who,
)

_COUNTS_OF_AN_ESTIMATE = (
    *("n_sets", "n_informative", "n_cases", "n_controls", "n_exposed_cases", "n_exposed_controls"),
    *("n_events", "n_exposed_events", "n_scores"),
)
_COUNTS_OF_A_POINT = ("n_risk", "n_events", "n_patients", "n_scores")
"""The columns of counts that give an estimate, and a point of a curve."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One number and its uncertainty, on the scale of its model."""

    model_id: str = column("the fitted model that it is of, by which rows are joined", default="")
    model: Model
    comparison: str = column("label of the controls; cases where cases are compared among themselves", key=True)
    exposure: str = column("the class; empty where a coefficient is of a model of several", key=True, default="")
    role: Role = column("what the coefficient belongs to", key=True, default=Role.EXPOSURE)
    covariate: str = column("name of the covariate or marker whose coefficient it is", key=True, default="")
    level: str = column("level of the measure or covariate", key=True, default="")
    contrast: Contrast = column("what is compared", key=True, default=Contrast.LEVEL)
    modifier: str = column("what may modify the effect", key=True, default="")
    stratum: str = column(
        "level of the modifier that the estimate is of, or the upper one compared", key=True, default=""
    )
    against: str = column("level of the modifier that a ratio of ratios compares with", key=True, default="")
    unit: str = column("of one step of a number, or of the estimate", key=True, default="")
    scale: Scale = column("what the estimate is", key=True)
    horizon: float | None = column(
        "time that a share or a mean is up to", key=True, unit="years", role=DisclosureRole.FREE, default=None
    )
    adjusted_for: tuple[str, ...] = column(
        "covariates that the description adjusts the model for, and the other classes in it, by name, as JSON",
        json=True,
        role=DisclosureRole.FREE,
        default=(),
    )
    reference: str = column("who the reference is", default="")
    value_of: ValueOf = column("by whose value strata are parted", default=ValueOf.NOBODY)
    estimate: float | None = column(
        "estimate on the model's scale; ratios as natural logarithms",
        role=DisclosureRole.FUNCTION,
        of=_COUNTS_OF_AN_ESTIMATE,
        default=None,
    )
    std_error: float | None = column(
        "standard error", role=DisclosureRole.FUNCTION, of=_COUNTS_OF_AN_ESTIMATE, default=None
    )
    conf_low: float | None = column(
        "lower limit of the confidence interval", role=DisclosureRole.FUNCTION, of=_COUNTS_OF_AN_ESTIMATE, default=None
    )
    conf_high: float | None = column(
        "upper limit of the confidence interval", role=DisclosureRole.FUNCTION, of=_COUNTS_OF_AN_ESTIMATE, default=None
    )
    conf_level: float | None = column("coverage of the interval, in (0, 1)", role=DisclosureRole.FREE, default=None)
    statistic: float | None = column(
        "test statistic: z, or chi-squared of a joint test",
        role=DisclosureRole.FUNCTION,
        of=_COUNTS_OF_AN_ESTIMATE,
        default=None,
    )
    p_value: float | None = column(
        "two-sided p-value", role=DisclosureRole.FUNCTION, of=_COUNTS_OF_AN_ESTIMATE, default=None
    )
    n_sets: int | None = column("matched sets in the model", role=DisclosureRole.TOTAL, default=None)
    n_informative: int | None = column(
        "matched sets whose members differ in this column", role=DisclosureRole.COUNT, default=None
    )
    n_cases: int | None = column("cases, or patients followed", role=DisclosureRole.TOTAL, default=None)
    n_controls: int | None = column("controls", role=DisclosureRole.TOTAL, default=None)
    n_exposed_cases: int | None = column("cases, or patients, at this level", role=DisclosureRole.COUNT, default=None)
    n_exposed_controls: int | None = column("controls at this level", role=DisclosureRole.COUNT, default=None)
    n_events: int | None = column("events", role=DisclosureRole.TOTAL, default=None)
    person_years: float | None = column(
        "person-time under follow-up",
        unit="years",
        role=DisclosureRole.FUNCTION,
        of=("n_cases", "n_events"),
        default=None,
    )
    n_exposed_events: int | None = column("events at this level", role=DisclosureRole.COUNT, default=None)
    n_scores: int | None = column("scores of the marker", role=DisclosureRole.TOTAL, default=None)
    converged: bool | None = column(
        "whether the fit converged", role=DisclosureRole.FUNCTION, of=_COUNTS_OF_AN_ESTIMATE, default=None
    )
    notes: tuple[Note, ...] = column(
        "what must be said of the number: codes with arguments, as JSON",
        json=True,
        role=DisclosureRole.BY_CODE,
        default=(),
    )


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """A function of time at one of its times."""

    model_id: str = column("the fitted model that it is of, by which rows are joined", default="")
    model: Model
    exposure: str = column("the class; empty for all patients", key=True, default="")
    level: str = column("level of ever use; all for all patients", key=True, default="")
    curve: CurveKind = column("what is shown", key=True)
    time: float = column("since the origin of follow-up", key=True, role=DisclosureRole.FREE)
    unit: str = column("of time: years or months")
    estimate: float | None = column(
        "value of the curve", role=DisclosureRole.FUNCTION, of=_COUNTS_OF_A_POINT, default=None
    )
    conf_low: float | None = column("lower limit", role=DisclosureRole.FUNCTION, of=_COUNTS_OF_A_POINT, default=None)
    conf_high: float | None = column("upper limit", role=DisclosureRole.FUNCTION, of=_COUNTS_OF_A_POINT, default=None)
    conf_level: float | None = column("coverage of the interval, in (0, 1)", role=DisclosureRole.FREE, default=None)
    n_risk: int | None = column("patients at risk at that time", role=DisclosureRole.COUNT, default=None)
    n_events: int | None = column("events so far", role=DisclosureRole.COUNT, default=None)
    n_patients: int | None = column("patients that the curve is of", role=DisclosureRole.TOTAL, default=None)
    n_scores: int | None = column("scores that the point is of", role=DisclosureRole.COUNT, default=None)
    notes: tuple[Note, ...] = column(
        "what must be said of the curve: codes with arguments, as JSON",
        json=True,
        role=DisclosureRole.BY_CODE,
        default=(),
    )


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """What a reader must know to judge an estimate: who was left out, how a fit went, what was tested."""

    model_id: str = column(
        "the fitted model that it is of, by which rows are joined; empty where it is of none or of several", default=""
    )
    model: Model
    comparison: str = column("label of the controls; empty for the whole study", key=True, default="")
    code: DiagnosticCode = column("what was found", key=True)
    who: Who = column("of whom it was counted", key=True, default=Who.NOBODY)
    exposure: str = column("the class", key=True, default="")
    covariate: str = column("the covariate, marker or table concerned", key=True, default="")
    level: str = column("the level concerned", key=True, default="")
    modifier: str = column("what may modify the effect", key=True, default="")
    stratum: str = column("level of the modifier", key=True, default="")
    contrast: Contrast = column("what the fit compares that it is of", key=True, default=Contrast.NONE)
    value: float | None = column(
        "the number found; empty where there is none", role=DisclosureRole.BY_CODE, default=None
    )
    notes: tuple[Note, ...] = column(
        "what must be said of it: codes with arguments, as JSON", json=True, role=DisclosureRole.BY_CODE, default=()
    )


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A main model that could not be fitted as asked, or a part that was not made, for the end of a run.

    It stays among the stages of a run and is no table of its results.
    """

    model: Model
    comparison: str = column("label of the controls; cases where cases are compared among themselves")
    exposures: tuple[str, ...] = column("the classes in the model, as JSON; of a part not made none", json=True)
    notes: tuple[Note, ...] = column("why, and what stands in its place: codes with arguments, as JSON", json=True)


@dataclass(frozen=True, kw_only=True)
class KnownTruth:
    """What is known of a synthetic nation, keyed as the estimates that aim at it are. Comes from ``run --truth`` only.

    A row without a form is the truth of every form, one without a comparison of every comparison.
    """

    model: Model
    comparison: str = column("label of the controls; empty for all", key=True, default="")
    exposure: str = column("the class; empty where it is of a model of several", key=True, default="")
    role: Role = column("what the coefficient belongs to", key=True, default=Role.EXPOSURE)
    covariate: str = column("name of the covariate or marker", key=True, default="")
    level: str = column("level of the measure or covariate", key=True, default="")
    contrast: Contrast = column("what is compared", key=True, default=Contrast.LEVEL)
    scale: Scale = column("what the number is", key=True)
    horizon: float | None = column(
        "time that a share or a mean is up to", key=True, unit="years", role=DisclosureRole.FREE, default=None
    )
    truth: TruthKind = column("what kind of truth it is", key=True)
    value: float = column("the truth on the model's scale; ratios as natural logarithms", role=DisclosureRole.FREE)
    n_persons: int | None = column(
        "persons in whom a pseudo-true value was solved", role=DisclosureRole.FREE, default=None
    )
    is_causal_only: bool = column(
        "whether no model of these registers estimates it without bias", role=DisclosureRole.FREE, default=False
    )


@dataclass(frozen=True, kw_only=True)
class Described:
    """A line of Table 1: members of sets with a level of a characteristic, or its mean among them."""

    comparison: str = column("label of the controls", key=True)
    about: Characteristic = column("what is described", key=True)
    variable: str = column("name of the covariate", key=True, default="")
    exposure: str = column("the class", key=True, default="")
    measure: str = column("key of the measure of exposure", key=True, default="")
    level: str = column("level of the measure or covariate; empty for a mean", key=True, default="")
    kind: Summary = column("what is given: a share of people, or a mean", key=True)
    cases_n: int | None = column(
        "cases at the level, or with a known value; sets of that size", role=DisclosureRole.COUNT, default=None
    )
    cases_value: float | None = column(
        "share of the cases, in [0, 1], or their mean", role=DisclosureRole.SHARE, of=("cases_n",), default=None
    )
    cases_spread: float | None = column(
        "standard deviation among the cases; empty for a share",
        role=DisclosureRole.FUNCTION,
        of=("cases_n",),
        default=None,
    )
    controls_n: int | None = column(
        "controls at the level, or with a known value", role=DisclosureRole.COUNT, default=None
    )
    controls_value: float | None = column(
        "share of the controls, in [0, 1], or their mean", role=DisclosureRole.SHARE, of=("controls_n",), default=None
    )
    controls_spread: float | None = column(
        "standard deviation among the controls; empty for a share",
        role=DisclosureRole.FUNCTION,
        of=("controls_n",),
        default=None,
    )
    smd: float | None = column(
        "standardised mean difference, cases minus controls; infinite where they differ and neither varies",
        unit="standard deviations",
        role=DisclosureRole.FUNCTION,
        of=("cases_n", "controls_n"),
        default=None,
    )
    smd_variable: float | None = column(
        "size of the standardised mean difference of the covariate as a whole, among known values; of several levels "
        "the Mahalanobis distance of their shares; infinite where cases and controls have no level in common",
        unit="standard deviations",
        role=DisclosureRole.FUNCTION,
        of=("cases_n", "controls_n"),
        default=None,
    )


@dataclass(frozen=True, kw_only=True)
class QualityRow:
    """A rule that delivered rows were held to, and how many broke it; or what was noticed of rows that broke none."""

    table: str = column("the canonical table", key=True)
    rule: QualityRule = column("the rule, or what was noticed", key=True)
    subject: str = column(
        "the column concerned, or several with a comma between; empty for the row", key=True, default=""
    )
    arguments: Arguments = column(
        "what the rule names, as JSON", key=True, json=True, role=DisclosureRole.FREE, default=Arguments()
    )
    rows: int = column("rows that break it", role=DisclosureRole.COUNT)
    of: int = column("rows that were held to it", role=DisclosureRole.TOTAL)
    share: float = column(
        "rows that break it of those held to it, in [0, 1]", role=DisclosureRole.SHARE, of=("rows", "of")
    )
    action: QualityAction = column("what was done with them")

    @classmethod
    def counted(
        cls,
        table: str,
        rule: QualityRule,
        rows: int,
        of: int,
        action: QualityAction,
        *,
        subject: str = "",
        **arguments: Arguable,
    ) -> QualityRow:
        """So many rows of so many."""
        share, named = rows / of if of else 0.0, Arguments.of(**arguments)
        return cls(
            table=table, rule=rule, subject=subject, arguments=named, rows=rows, of=of, share=share, action=action
        )

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> QualityRow:
        """That of a row of the table."""
        closed = {"rule": QualityRule(row["rule"]), "action": QualityAction(row["action"])}
        return cls(**{**row, **closed, "arguments": Arguments.read(row["arguments"])})


@dataclass(frozen=True, kw_only=True)
class AttritionStep:
    """A rule that removes people, with how many it removed and left."""

    part: AttritionPart = column("whom the rules make", key=True)
    comparison: str = column("label of the controls; empty for cases and patients", key=True, default="")
    step: int = column("number of the rule, from 0", key=True, role=DisclosureRole.FREE)
    rule: AttritionRule = column("the rule")
    arguments: Arguments = column(
        "what the rule names, as JSON", json=True, role=DisclosureRole.FREE, default=Arguments()
    )
    removed: int = column("how many it removed", role=DisclosureRole.COUNT)
    remaining: int = column("how many it left", role=DisclosureRole.TOTAL)
    unit: Unit = column("what is counted")


@dataclass(frozen=True, kw_only=True)
class AuditResult:
    """A check of matched sets against the description and the registers."""

    comparison: str = column("label of the controls", key=True)
    check: AuditCheck = column("what was looked for", key=True)
    subject: str = column("the matching key or covariate concerned", key=True, default="")
    count: int = column("how many were found", role=DisclosureRole.COUNT)
    of: int = column("among how many", role=DisclosureRole.TOTAL)
    verdict: Verdict = column("whether what was found must not be")
    arguments: Arguments = column(
        "what the check names, as JSON", json=True, role=DisclosureRole.FREE, default=Arguments()
    )


def failure_of(row: Mapping[str, Any]) -> Failure:
    """The failure that a row of a table is."""
    exposures, notes = tuple(json.loads(row["exposures"])), read_notes(row["notes"])
    return Failure(model=model_of(row), comparison=row["comparison"], exposures=exposures, notes=notes)


def names_in(cell: str | None) -> tuple[str, ...]:
    """The names in a cell of ``adjusted_for``; none where nothing is said."""
    return tuple(json.loads(cell)) if cell else ()


def model_of(row: Mapping[str, Any]) -> Model:
    """The model that a row of a table is of."""
    kinds = {c.name: row[c.name] or "" for c in columns_of(Model)}
    return Model(
        analysis=Analysis(kinds["analysis"]),
        family=Family(kinds["family"]),
        form=Form(kinds["form"]),
        measure=kinds["measure"],
        model_name=kinds["model_name"],
        estimator=Estimator(kinds["estimator"]),
        association=Association(kinds["association"]),
        cause=kinds["cause"],
        sensitivity=Sensitivity(kinds["sensitivity"]),
    )
