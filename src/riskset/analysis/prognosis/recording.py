"""Fits of the prognosis become rows: estimates with their counts, curves, diagnostics, and what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import special

from riskset.analysis.coding import Block
from riskset.analysis.prognosis.forms import FIRST_SCORE, Design
from riskset.analysis.prognosis.patients import REFERENCE, Patients
from riskset.analysis.recording import unwatched
from riskset.microdata import Microdata
from riskset.results.columns import table_of
from riskset.results.fitted_model import FittedModel, is_adjusted
from riskset.results.notes import Note, NoteCode, note
from riskset.results.planted_prognosis import CASES
from riskset.results.rows import CurvePoint, Diagnostic, Estimate, Failure
from riskset.results.vocabulary import (
    Analysis,
    Contrast,
    CurveKind,
    DiagnosticCode,
    Family,
    Form,
    Model,
    Role,
    Scale,
    Sensitivity,
    Who,
)
from riskset.spec.levels import AFTER_DIAGNOSIS, EVER, LAG_ONLY
from riskset.spec.models import CourseAsked

MEASURE = "ever"
"""The measure of exposure in every model of the prognosis."""


def model_of(family: Family, form: Form = Form.NONE, *, analysis: Analysis = Analysis.PROGNOSIS, **facts: Any) -> Model:
    """A model of the prognosis."""
    return Model(analysis, family, form, MEASURE, **facts)


@dataclass
class PrognosisResult:
    """What the prognosis gave; ``failures`` are of models that could not be fitted as asked."""

    estimates: list[Estimate] = field(default_factory=list)
    curves: list[CurvePoint] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def tables(self) -> dict[str, pa.Table]:
        """The tables of the rows.

        Raises
        ------
        ValueError
            Two rows of a table have one key.
        """
        return {
            "estimates": table_of(self.estimates, Estimate),
            "curves": table_of(self.curves, CurvePoint),
            "diagnostics": table_of(self.diagnostics, Diagnostic),
        }


@dataclass(frozen=True)
class HazardsSeen(Microdata):
    """A Cox or Fine-Gray fit, for who watches.

    Attributes
    ----------
    patients, design, model : what was fitted
    estimates : the rows of results that it gave
    left_out : where follow-up is cut at changes of exposure, the exposures whose time after them is no part; else None
    """

    patients: Patients
    design: Design
    model: Model
    estimates: Sequence[Estimate]
    left_out: tuple[str, ...] | None


WatchHazards = Callable[[HazardsSeen], None]
"""Is shown each fit."""


@dataclass
class Recorder:
    """Writes down what the models of a study's prognosis gave."""

    patients: Patients
    course: CourseAsked
    watch: WatchHazards = unwatched
    result: PrognosisResult = field(default_factory=PrognosisResult)

    def row(
        self, model: Model, exposure: str, level: str, scale: Scale, *, reference: str = "", **facts: Any
    ) -> Estimate:
        """A row with what every one has; ``facts`` are further columns."""
        fitted = self.fitted(model, exposure)
        return Estimate(
            model_id=fitted.model_id,
            adjusted_for=fitted.adjusted_for(facts.get("covariate") or exposure),
            model=model,
            comparison=CASES,
            exposure=exposure,
            level=self.level_name(level),
            reference=self.level_name(reference),
            scale=scale,
            conf_level=self.conf_level,
            **facts,
        )

    @property
    def conf_level(self) -> float:
        """The coverage of intervals."""
        return self.course.conf_level

    def fitted(self, model: Model, exposure: str) -> FittedModel:
        """The fit that rows of a model are of, given the class that they are about."""
        asked = self.course.asked
        of_one = not model.form.is_mutual or model.family is Family.STANDARDISED
        classes = tuple(one.name for one in self.course.exposures)
        beside = tuple(name for name in classes if name != exposure) if model.form.is_mutual and of_one else ()
        first = (FIRST_SCORE,) if model.sensitivity is Sensitivity.BASELINE_SCORE else ()
        covariates = (*asked.adjust, *first) if is_adjusted(model.form) else ()
        exposures = (exposure,) if of_one else classes
        return FittedModel(model=model, comparison=CASES, exposures=exposures, covariates=(*covariates, *beside))

    def block_row(self, model: Model, design: Design, block: Block, level: str, scale: Scale) -> Estimate:
        """A row of one column of a design: of an exposure, or of a covariate at a level or for one unit more."""
        if block.name in design.form.exposures:
            row = self.row(model, block.name, level, scale, reference=block.reference)
            return self.counted(row, design, block.name, level)
        contrast = Contrast.PER_UNIT if block.numeric else Contrast.LEVEL
        row = self.row(
            model, design.form.exposure, level, scale, reference=block.reference, role=Role.COVARIATE,
            covariate=block.name, contrast=contrast,
        )  # fmt: skip
        return self.counted(row, design)

    def level_name(self, level: str) -> str:
        """What results call a level: the reference by whom it holds."""
        return self.patients.unexposed if level == REFERENCE else level

    def counted(
        self, row: Estimate, design: Design, exposure: str = "", level: str = "", *, scores: int | None = None
    ) -> Estimate:
        """A row with the patients, events and person-years of a design, and the patients and events at one level."""
        patients, rows = self.patients, design.rows
        row = replace(
            row,
            n_cases=int(rows.sum()),
            n_events=int((rows & patients.endpoint).sum()),
            person_years=patients.person_years(rows),
            n_scores=scores,
        )
        if not exposure:
            return row
        at_level = rows & (patients.level[exposure] == level)
        return replace(
            row,
            n_exposed_cases=int(at_level.sum()),
            n_exposed_events=int((at_level & patients.endpoint).sum()),
        )

    @contextmanager
    def in_order_of_levels(self) -> Iterator[None]:
        """Rows of a model that are written within stand in the order of classes and levels, estimated or not."""
        since = len(self.result.estimates)
        yield
        exposures = list(self.patients.level)
        levels = [self.level_name(level) for level in (REFERENCE, EVER, LAG_ONLY, AFTER_DIAGNOSIS)]
        kinds: dict[tuple[Any, ...], int] = {}

        def place(row: Estimate) -> tuple[int, int, int]:
            is_exposure = row.role is Role.EXPOSURE
            of = (row.contrast, row.horizon) if is_exposure else ()
            kind = kinds.setdefault((row.model, row.role, row.scale, *of), len(kinds))
            if not is_exposure or row.level not in levels:
                return kind, 0, 0
            return kind, exposures.index(row.exposure), levels.index(row.level)

        self.result.estimates[since:] = sorted(self.result.estimates[since:], key=place)

    def keep(self, row: Estimate) -> None:
        """Keep a row as it is."""
        self.result.estimates.append(row)

    def add(self, row: Estimate, estimate: float, std_error: float, *notes: Note, test: bool = True) -> None:
        """An estimate with its Wald interval and, unless told not to, its test."""
        reach = float(special.ndtri(0.5 + self.conf_level / 2)) * std_error
        row = replace(
            row,
            estimate=estimate,
            std_error=std_error,
            conf_low=estimate - reach,
            conf_high=estimate + reach,
            converged=True,
            notes=notes,
        )
        if test:
            z = estimate / std_error if std_error > 0 else np.nan
            row = replace(row, statistic=z, p_value=float(2 * special.ndtr(-abs(z))))
        self.keep(row)

    def add_empty(self, row: Estimate, *reasons: Note) -> None:
        """A row without a number, and why."""
        self.keep(replace(row, converged=False, notes=reasons))

    def add_absent(self, design: Design, model: Model, scale: Scale) -> None:
        """Rows without a number for the levels that have no estimate."""
        for exposure, level, reason in design.absent:
            row = self.row(model, exposure, level, scale, reference=REFERENCE)
            # Counted before the level's patients were left out of the fit.
            at_level = self.patients.level[exposure] == level
            row = replace(
                self.counted(row, design),
                n_exposed_cases=int(at_level.sum()),
                n_exposed_events=int((at_level & self.patients.endpoint).sum()),
            )
            self.add_empty(row, reason)

    def add_failed(self, design: Design, model: Model, scale: Scale, reason: Note) -> None:
        """Rows without a number for every level of a model whose fit failed."""
        for block in design.exposures:
            for level in block.levels:
                self.add_empty(self.block_row(model, design, block, level, scale), reason)

    def diagnose(
        self, model: Model, code: DiagnosticCode, value: float | None, *notes: Note, exposure: str = "", **facts: Any
    ) -> None:
        """Keep what a reader must know to judge a model; ``facts`` are further columns."""
        self.result.diagnostics.append(
            Diagnostic(
                model_id="" if model.family is Family.NONE else self.fitted(model, exposure).model_id,
                model=model,
                comparison=CASES,
                code=code,
                exposure=exposure,
                value=None if value is None or not np.isfinite(value) else float(value),
                notes=notes,
                **facts,
            )
        )

    def losses(self, design: Design, model: Model) -> None:
        """Whom a model leaves out, and why."""
        for loss in design.losses:
            self.diagnose(
                model, loss.code, loss.count, loss.reason, exposure=design.form.exposure, covariate=loss.name,
                level=loss.level, who=Who.PATIENTS,
            )  # fmt: skip

    def fail(self, design: Design, model: Model, reason: Note) -> None:
        """Keep that a model could not be fitted as asked."""
        failure = Failure(model=model, comparison=CASES, exposures=design.form.exposures, notes=(reason,))
        if failure not in self.result.failures:
            self.result.failures.append(failure)

    def fail_uncompared(self, design: Design, model: Model) -> None:
        """Keep that a model compares nobody.

        A class that no patient used is shown with its count instead, as one that nobody in the matched sets used;
        where no class at all has been used the prognosis has failed.
        """
        some_class = any((level != REFERENCE).any() for level in self.patients.level.values())
        if some_class and all(reason.code == NoteCode.NO_PATIENT_AT_LEVEL for _, _, reason in design.absent):
            return
        self.fail(design, model, note(NoteCode.NO_LEVEL_TO_COMPARE))

    def curve(
        self,
        model: Model,
        curve: CurveKind,
        time: float,
        unit: str,
        estimate: float,
        *,
        level: str,
        exposure: str = "",
        of: str | None = None,
        **facts: Any,
    ) -> None:
        """A point of a curve; ``facts`` are further columns, ``of`` is the class of its model where it names none."""
        finite: dict[str, Any] = {
            name: _number(value) if isinstance(value, float) else value for name, value in facts.items()
        }
        self.result.curves.append(
            CurvePoint(
                model_id=self.fitted(model, exposure if of is None else of).model_id,
                model=model,
                exposure=exposure,
                curve=curve,
                time=float(time),
                unit=unit,
                level=self.level_name(level),
                estimate=_number(estimate),
                conf_level=self.conf_level,
                **finite,
            )
        )


def _number(value: float) -> float | None:
    """The value, null where it is not defined."""
    return float(value) if np.isfinite(value) else None


def present(*notes: Note | None) -> tuple[Note, ...]:
    """The notes that there are."""
    return tuple(one for one in notes if one is not None)
