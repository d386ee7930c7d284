"""Fits become rows of results: estimates with their counts, diagnostics, and what failed."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from riskset.analysis.coding import Block, discordant_sets
from riskset.analysis.frame import AnalysisFrame, Rows
from riskset.analysis.kin import covariates_always, covariates_beside, notes_always, notes_of_level
from riskset.errors import FitError
from riskset.microdata import Microdata
from riskset.results.comparisons import controls_of
from riskset.results.fitted_model import FittedModel, is_adjusted
from riskset.results.notes import Note, NoteCode, note
from riskset.results.rows import Diagnostic, Estimate, Failure
from riskset.results.vocabulary import (
    Analysis,
    Contrast,
    DiagnosticCode,
    Estimator,
    Family,
    Form,
    Model,
    Role,
    Scale,
    ValueOf,
)
from riskset.spec.design import Controls
from riskset.spec.measures import Measure
from riskset.spec.models import ConditionalLogistic
from riskset.spec.study import Study
from riskset.stats import ClogitFit, profile_interval, profile_test

Cases = dict[tuple[Form, str], NDArray[np.int64]]
"""Form of a model and its class, ``""`` where it has several → persons."""


def model_of(asked: ConditionalLogistic) -> Model:
    """What rows call a model of the study, before it has a form."""
    return Model(Analysis.RISK, Family.CONDITIONAL_LOGISTIC, measure=asked.measure, model_name=asked.name or "")


@dataclass
class RiskResult(Microdata):
    """What a model gave.

    Attributes
    ----------
    estimates, diagnostics : rows
    failures : of main models that could not be fitted as asked
    cases : the persons who are cases of the whole sets of each form (microdata: stays in memory)
    """

    estimates: list[Estimate] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    cases: Cases = field(default_factory=dict)


@dataclass(frozen=True)
class PartedBy(Microdata):
    """What a model has in parts, by what may modify the effect.

    Attributes
    ----------
    by : the strata as a covariate; or the number that the exposures are multiplied by
    exposures, covariates : what is parted, as it was before; the covariates stay whole where each person's value counts
    """

    by: Block
    exposures: Sequence[Block]
    covariates: Sequence[Block] = ()


@dataclass
class Fitting(Microdata):
    """One model form on some of the rows."""

    model: Model
    exposures: list[Block]
    covariates: list[Block]
    keep: Rows
    known: Rows
    """Rows where every covariate is known."""
    contrast: Contrast = Contrast.LEVEL
    """What its coefficients of exposure compare."""
    modifier: str = ""
    stratum: str = ""
    """What may modify the effect, and the level of it whose people the rows are; of all levels none."""
    plain: bool = False
    """Whether an adjusted model of the same stands beside it, to which subgroups are left."""
    parted: tuple[Note, ...] = ()
    """By whose value people are parted, and why."""
    parts: PartedBy | None = None
    """What of it is in parts; nothing in a model of one stratum alone."""

    @property
    def exposure(self) -> str:
        """The class, or nothing where the model has several."""
        names = self.classes
        return names[0] if len(names) == 1 else ""

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes in the model, each once."""
        return tuple(dict.fromkeys(block.name for block in self.exposures))

    @property
    def is_main(self) -> bool:
        """Whether it is of all people, whatever may modify the effect."""
        return not self.modifier

    @property
    def place(self) -> tuple[Form, str]:
        """Its form and class, under which its cases are kept."""
        return self.model.form, self.exposure

    def only(self, rows: Rows, **facts: Any) -> Fitting:
        """The same model on some of the rows."""
        return replace(self, keep=self.keep & rows, **facts)


@dataclass(frozen=True)
class OddsSeen(Microdata):
    """A fit by maximum likelihood, for who watches.

    Attributes
    ----------
    fitting, ties : what was asked
    blocks : the columns that were fitted
    rows : (n,) of the frame that they were fitted in
    estimates : the rows of results that it gave
    """

    fitting: Fitting
    ties: str
    blocks: Sequence[Block]
    rows: Rows
    estimates: Sequence[Estimate]


WatchOdds = Callable[[OddsSeen], None]
"""Is shown each fit of which something is printed."""


def unwatched(seen: Microdata) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class RiskAsked:
    """What is asked of the matched sets of one comparison.

    Attributes
    ----------
    model : one of the study
    measures : exposure in the model → the measure that it holds
    comparison, controls : its label, and the controls; None of a companion, which has those of another comparison
    conf_level : coverage of intervals
    """

    model: ConditionalLogistic
    measures: Mapping[str, Measure]
    comparison: str
    controls: Controls | None
    conf_level: float

    @classmethod
    def of(cls, study: Study, model: ConditionalLogistic, comparison: str) -> RiskAsked:
        """The parts of a study that one of its models speaks of."""
        return cls(
            model, study.measures_of(model), comparison, controls_of(study.controls, comparison), study.conf_level
        )


@dataclass(frozen=True)
class Recorder(Microdata):
    """Writes down what the fits of one model of a study gave, on the sets of one comparison."""

    asked: RiskAsked
    frame: AnalysisFrame
    estimand: tuple[Note, ...]
    watch: WatchOdds = unwatched
    result: RiskResult = field(default_factory=RiskResult)

    def fitted(self, fitting: Fitting) -> FittedModel:
        """What all rows of a fit have in common, which is from the description."""
        controls = self.asked.controls
        beside = covariates_beside(self.asked.model.adjust, controls) if is_adjusted(fitting.model.form) else ()
        return FittedModel(
            model=fitting.model,
            comparison=self.asked.comparison,
            exposures=fitting.classes,
            covariates=(*covariates_always(controls), *beside),
            contrast=fitting.contrast,
            modifier=fitting.modifier,
            stratum=fitting.stratum,
        )

    def fail(self, fitting: Fitting, *notes: Note) -> None:
        """Keep that a main model could not be fitted as asked."""
        failure = Failure(model=fitting.model, comparison=self.asked.comparison, exposures=fitting.classes, notes=notes)
        if failure not in self.result.failures:
            self.result.failures.append(failure)

    def add_fit(
        self,
        fitting: Fitting,
        blocks: list[Block],
        rows: Rows,
        fit: ClogitFit,
        notes: Sequence[Note] = (),
        *,
        only: Container[str] | None = None,
    ) -> None:
        """A row for each coefficient of a fit, whose columns are those of ``blocks`` in the given rows.

        A spline's columns have no ratio of their own and no rows, nor have the covariates of a model that holds all
        strata, or of one slope over levels, beside which the levels' model stands. ``only`` names the columns to write
        down, if not all.
        """
        focus = {block.name for block in fitting.exposures}
        if only is None and (fitting.contrast is Contrast.TREND or any(block.modifier for block in blocks)):
            only = {name for block in blocks if block.name in focus for name in block.names}
        position, since = -1, len(self.result.estimates)
        for block in blocks:
            is_exposure = block.name in focus
            for i, level in enumerate(block.levels):
                position += 1
                if block.basis or (only is not None and block.names[i] not in only):
                    continue
                about = (*self._notes_on(block, level), *fitting.parted) if is_exposure else ()
                numbers, made = self.numbers(fit, position, is_exposure=is_exposure)
                self.add(self.row(fitting, block, rows, i) | numbers, (*about, *notes, *made))
        self.show(fitting, blocks, rows, self.result.estimates[since:])

    def show(self, fitting: Fitting, blocks: Sequence[Block], rows: Rows, estimates: Sequence[Estimate]) -> None:
        """Let who watches see a fit."""
        if estimates and fitting.model.estimator is not Estimator.FIRTH:
            self.watch(OddsSeen(fitting, self.asked.model.ties, blocks, rows, estimates))

    def add(self, row: dict[str, Any], notes: Sequence[Note]) -> None:
        """Keep an estimate, given its columns."""
        self.result.estimates.append(Estimate(**row, notes=tuple(notes)))

    @contextmanager
    def in_order_of_levels(self, blocks: Sequence[Block]) -> Iterator[None]:
        """Rows that are written within stand in the order of these blocks and their levels, estimated or not.

        Firth's estimates follow the others, and what is of no level follows the levels of its exposure.
        """
        since = len(self.result.estimates)
        yield
        names = list(dict.fromkeys(block.name for block in blocks))
        places = [(block.name, block.stratum, level) for block in blocks for level in block.levels]
        order = {place: number for number, place in enumerate(places)}

        def place_of(row: Estimate) -> tuple[bool, int, int]:
            name = row.covariate or row.exposure
            of_any = order.get((name, "", row.level), len(order))
            of = order.get((name, row.stratum, row.level), of_any)
            return row.model.estimator is Estimator.FIRTH, names.index(name), of

        self.result.estimates[since:] = sorted(self.result.estimates[since:], key=place_of)

    def numbers(
        self, fit: ClogitFit, position: int, *, is_exposure: bool = True
    ) -> tuple[dict[str, Any], tuple[Note, ...]]:
        """A coefficient with its interval and test, by profile where that is asked for; and how they were made."""
        level = self.asked.conf_level
        beta, se = float(fit.beta[position]), float(fit.std_error[position])
        low, high = (float(end) for end in fit.interval(level)[position])
        statistic, p_value = beta / se, float(2 * special.ndtr(-abs(beta / se)))
        notes = [note(NoteCode.ROBUST_ERRORS)] if fit.n_clusters else []
        if is_exposure and (fit.penalty is not None or self.asked.model.interval == "profile"):
            try:
                low, high = profile_interval(fit, position, level)
                test = profile_test(fit, [position])
                statistic, p_value = test.statistic, test.p_value
                notes.append(note(NoteCode.PROFILE))
            except FitError:
                notes.append(note(NoteCode.PROFILE_NOT_FOUND))
        numbers = {"estimate": beta, "std_error": se, "conf_low": low, "conf_high": high}
        return numbers | {"statistic": statistic, "p_value": p_value, "converged": fit.converged}, tuple(notes)

    def _notes_on(self, block: Block, level: str) -> tuple[Note, ...]:
        """What the kind of controls asks to be noted of a level; nothing of a ratio of ratios."""
        if block.compares:
            return ()
        controls, measure = self.asked.controls, self.asked.measures.get(block.name)
        return *self.estimand, *notes_always(controls), *notes_of_level(controls, measure, level)

    def add_empty(self, fitting: Fitting, block: Block, rows: Rows, why: Note) -> None:
        """A row without a number, with the reason, for each level of a block."""
        for i in range(len(block.levels)):
            self.add(self.row(fitting, block, rows, i) | {"converged": False}, (why, *fitting.parted))

    def row(self, fitting: Fitting, block: Block, rows: Rows, level: int | None = None) -> dict[str, Any]:
        """What every row has: whom it is about, and the counts, of one level or of all levels of a block.

        Of a stratum its own people are counted, and the sets that have some of them; a ratio of ratios has no exposed.
        """
        block = block if len(block.columns) == int(rows.sum()) else block.rows(rows)
        set_id, case, columns = self.frame.set_id[rows], self.frame.case[rows], block.columns
        members = np.ones(len(case), dtype=bool) if block.members is None else block.members
        if level is not None:
            columns = columns[:, [level]]
        exposed = (columns != 0).any(axis=1)
        differing = int(discordant_sets(columns, set_id).max(initial=0)) if level is not None else None
        is_exposure = block.name in fitting.classes
        fitted = self.fitted(fitting)
        return {
            "model_id": fitted.model_id,
            "adjusted_for": fitted.adjusted_for(block.name),
            "model": fitting.model,
            "comparison": self.asked.comparison,
            "exposure": block.name if is_exposure else fitting.exposure,
            "role": Role.EXPOSURE if is_exposure else Role.COVARIATE,
            "covariate": "" if is_exposure else block.name,
            "level": "" if level is None else block.levels[level],
            "contrast": _contrast_of(fitting, block),
            "modifier": block.modifier or fitting.modifier,
            "stratum": block.stratum or fitting.stratum,
            "against": block.against,
            "scale": Scale.LOG_ROR if block.compares else Scale.LOG_OR,
            "reference": block.reference,
            "value_of": _value_of(fitting.parted),
            "unit": block.unit,
            "conf_level": self.asked.conf_level,
            "n_sets": len(np.unique(set_id[members])),
            "n_informative": differing,
            "n_cases": int((members & case).sum()),
            "n_controls": int((members & ~case).sum()),
            "n_exposed_cases": None if block.compares else int((exposed & case).sum()),
            "n_exposed_controls": None if block.compares else int((exposed & ~case).sum()),
        }

    def diagnose_fit(self, fitting: Fitting, fit: ClogitFit) -> None:
        """Keep how a fit went."""
        self.diagnose(DiagnosticCode.LOG_LIKELIHOOD, fitting, value=fit.loglik, contrast=fitting.contrast)
        self.diagnose(DiagnosticCode.ITERATIONS, fitting, value=fit.iterations, contrast=fitting.contrast)

    def diagnose(
        self,
        code: DiagnosticCode,
        fitting: Fitting | None = None,
        *notes: Note,
        value: float | None = None,
        **place: Any,
    ) -> None:
        """Keep what a reader must know to judge a model, or one form of it."""
        where: dict[str, Any] = {"model": model_of(self.asked.model)}
        if fitting is not None:
            where = {name: getattr(fitting, name) for name in ("model", "exposure", "modifier", "stratum")}
            where["model_id"] = self.fitted(fitting).model_id
        number = None if value is None else float(value)
        row = Diagnostic(comparison=self.asked.comparison, code=code, value=number, notes=notes, **where | place)
        self.result.diagnostics.append(row)


def _contrast_of(fitting: Fitting, block: Block) -> Contrast:
    if block.compares:
        return Contrast.RATIO_OF_RATIOS
    if block.name in fitting.classes and fitting.contrast is Contrast.TREND:
        return Contrast.TREND
    return Contrast.PER_UNIT if block.numeric else Contrast.LEVEL


def _value_of(parted: Sequence[Note]) -> ValueOf:
    codes = {each.code for each in parted}
    if NoteCode.PARTED_BY_CASE in codes:
        return ValueOf.CASE
    return ValueOf.PERSON if NoteCode.PARTED_BY_OWN in codes else ValueOf.NOBODY


def firth(model: Model) -> Model:
    """The same model by Firth's penalised likelihood."""
    return model.but(estimator=Estimator.FIRTH)
