"""Fits of conditional logistic models on the whole sets of a comparison, and what is done where one does not exist."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from riskset.analysis.coding import Block, varies_within_sets
from riskset.analysis.failing import note_of
from riskset.analysis.frame import AnalysisFrame, Rows, whole_sets
from riskset.analysis.quasi_separation import leave_out_one_sided
from riskset.analysis.recording import Fitting, Recorder, firth
from riskset.errors import FitError
from riskset.microdata import Microdata
from riskset.results.comparisons import is_kin
from riskset.results.notes import Note, NoteCode, note
from riskset.results.vocabulary import DiagnosticCode, FirthReason, Who
from riskset.spec.design import Controls
from riskset.spec.models import ConditionalLogistic
from riskset.stats import ClogitFit, Test, fit_clogit, likelihood_ratio_test, wald_test


@dataclass(frozen=True)
class _Settled(Microdata):
    """A model without the levels that only cases, or only controls, have.

    Attributes
    ----------
    rows : (n,) that are left, of whole sets
    exposures, covariates : columns, in the rows of the frame
    separated : column → note, of such levels of the exposures
    left : a note on each such level of the covariates
    """

    rows: Rows
    exposures: list[Block]
    covariates: list[Block]
    separated: dict[str, Note]
    left: list[Note]

    @property
    def blocks(self) -> list[Block]:
        """All columns, the exposures first."""
        return [*self.exposures, *self.covariates]


@dataclass(frozen=True)
class Fits:
    """Fits one model of a study, in any of its forms, on the sets of one comparison, and has the rows recorded."""

    model: ConditionalLogistic
    frame: AnalysisFrame
    controls: Controls | None
    comparison: str
    record: Recorder

    def fit(self, fitting: Fitting) -> None:
        """Fit a form and record its estimates, with Firth's where the pre-stated rule asks for them."""
        with self.record.in_order_of_levels([*fitting.exposures, *fitting.covariates]):
            self._fit(fitting)

    def _fit(self, fitting: Fitting) -> None:
        rows = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        if not rows.any():
            for block in fitting.exposures:
                self.record.add_empty(fitting, block, rows, note(NoteCode.NO_WHOLE_SET))
            return
        settled = self._settled(fitting, rows)
        self._add_absent(fitting, settled, rows)
        everything = [self._varying(block, rows) for block in (*fitting.exposures, *fitting.covariates)]
        if any(self._varying(block, settled.rows).levels for block in settled.exposures):
            self._fit_settled(fitting, settled, everything, rows)
        elif settled.separated:
            made = self._fit_firth(fitting, everything, rows, FirthReason.SEPARATION)
            self._fail_separated(fitting, settled, made)
        elif fitting.is_main and any(block.columns.any() for block in fitting.exposures):
            differs = any(block.levels for block in everything[: len(fitting.exposures)])
            why = NoteCode.NO_SET_LEFT if differs else NoteCode.NOBODY_DIFFERS
            self._fail(fitting, DiagnosticCode.UNINFORMATIVE, note(why))

    def _fit_settled(self, fitting: Fitting, settled: _Settled, everything: list[Block], rows: Rows) -> None:
        """Fit what is left without one-sided levels; Firth's model has ``everything``, in all rows."""
        kept, separated = settled.rows, settled.separated
        blocks = [self._varying(block, kept) for block in settled.blocks]
        exposures = blocks[: len(fitting.exposures)]
        try:
            fit = self.clogit(blocks, kept)
        except FitError as error:
            why = note_of(error, NoteCode.NOT_FITTED)
            for block in exposures:
                self.record.add_empty(fitting, block, kept, why)
            made = self._fit_firth(fitting, everything, rows, FirthReason.NOT_FITTED)
            self._fail_separated(fitting, settled, made)
            if fitting.is_main:
                self._fail(fitting, DiagnosticCode.NOT_FITTED, why, *_beside(made))
            return
        self.record.add_fit(fitting, blocks, kept, fit, settled.left)
        self.record.diagnose_fit(fitting, fit)
        of_exposures = sum(len(block.levels) for block in exposures)
        informative = min(fit.n_informative / len(fit.beta), *fit.n_discordant[:of_exposures])
        if separated:
            only = None if fitting.is_main else separated
            made = self._fit_firth(fitting, everything, rows, FirthReason.SEPARATION, only=only)
            self._fail_separated(fitting, settled, made)
        elif fitting.is_main and informative < self.model.firth_below:
            self._fit_firth(fitting, everything, rows, FirthReason.FEW_SETS)

    def _fail_separated(self, fitting: Fitting, settled: _Settled, is_beside: bool) -> None:
        """Keep that levels of a main model have no ratio, and whether Firth's estimate could be put beside."""
        if settled.separated and fitting.is_main:
            self._fail(fitting, DiagnosticCode.SEPARATED, *settled.separated.values(), *_beside(is_beside))

    def _fail(self, fitting: Fitting, code: DiagnosticCode, *notes: Note) -> None:
        """Keep that a main model could not be fitted as asked.

        Sets of relatives are few by nature: an empty level is a finding of theirs, with Firth's estimate by the
        pre-stated rule, and no failure of the run.
        """
        if is_kin(self.controls):
            self.record.diagnose(code, fitting, *notes, contrast=fitting.contrast)
        else:
            self.record.fail(fitting, *notes)

    def _settled(self, fitting: Fitting, rows: Rows) -> _Settled:
        """Rows and blocks without one-sided levels, which are noted."""
        given = [*fitting.exposures, *fitting.covariates]
        kept, blocks, one_sided = leave_out_one_sided(self.frame, given, rows, exposures=len(fitting.exposures))
        separated, left = {}, []
        for one in one_sided:
            block = given[one.block]
            level = block.levels[one.level] if one.level >= 0 else block.reference
            if one.block < len(fitting.exposures):
                cases_lack_it = one.among == "controls"
                at = rows & (block.columns[:, one.level] != 0)
                # Some may have it after all, where the whole set shares it.
                shared = int((at & (self.frame.case == cases_lack_it)).any())
                facts: dict[str, str | int] = {"only": one.among, "shared": shared}
                separated[block.names[one.level]] = note(
                    NoteCode.SEPARATED, **facts, exposure=block.name, level=level, stratum=block.stratum
                )
                self.record.add_empty(fitting, block.pick([one.level]), rows, note(NoteCode.SEPARATED, **facts))
            else:
                at_level = {"covariate": block.name, "level": level}
                self.record.diagnose(
                    DiagnosticCode.LEFT_OUT_AT_LEVEL,
                    fitting,
                    value=one.rows,
                    who=Who.ROWS,
                    contrast=fitting.contrast,
                    **at_level,
                )
                left.append(note(NoteCode.LEVEL_LEFT_OUT, **at_level, rows=one.rows, only=one.among))
        return _Settled(kept, blocks[: len(fitting.exposures)], blocks[len(fitting.exposures) :], separated, left)

    def _add_absent(self, fitting: Fitting, settled: _Settled, rows: Rows) -> None:
        """Rows without a number for levels that no set informs."""
        for block in settled.exposures:
            inside, before = (self._varying(block, some).levels for some in (settled.rows, rows))
            for i, level in enumerate(block.levels):
                if level not in inside:
                    nobody = not block.columns[rows, i].any()
                    why = NoteCode.NOBODY_AT_LEVEL if nobody else NoteCode.NOBODY_DIFFERS_AT_LEVEL
                    why = NoteCode.NO_SET_LEFT if level in before else why
                    self.record.add_empty(fitting, block.pick([i]), rows, note(why))

    def _varying(self, block: Block, rows: Rows) -> Block:
        """A block's columns in these rows, those that differ within at least one set."""
        return varying(block.rows(rows), self.frame.set_id[rows])

    def clogit(self, blocks: Sequence[Block], rows: Rows, penalty: str | None = None) -> ClogitFit:
        """The model with these columns in these rows (n,)."""
        x = np.column_stack([block.columns for block in blocks])
        cluster = self.frame.set_id[rows] if self.model.robust and penalty is None else None
        names = [name for block in blocks for name in block.names]
        return fit_clogit(
            x,
            self.frame.case[rows],
            self.frame.set_id[rows],
            ties=self.model.ties,
            penalty=penalty,
            cluster=cluster,
            names=names,
        )

    def _fit_firth(
        self, fitting: Fitting, blocks: list[Block], rows: Rows, why: FirthReason, *, only: Container[str] | None = None
    ) -> bool:
        """Whether Firth's penalised likelihood could be fitted; ``only`` names the columns to write down, or all."""
        fitting = replace(fitting, model=firth(fitting.model))
        try:
            fit = self.clogit(blocks, rows, penalty="firth")
        except FitError as error:
            reason = note_of(error, NoteCode.NOT_FITTED)
            self.record.diagnose(DiagnosticCode.FIRTH_NOT_FITTED, fitting, reason, contrast=fitting.contrast)
            return False
        self.record.add_fit(fitting, blocks, rows, fit, [note(NoteCode.FIRTH, reason=str(why))], only=only)
        self.record.diagnose_fit(fitting, fit)
        return True

    def tested(self, blocks: Sequence[Block], larger: ClogitFit, rows: Rows, tested: Sequence[bool]) -> Test:
        """Whether some of the blocks of a fit tell more than the others."""
        if self.model.robust:
            columns = np.repeat(tested, [len(block.levels) for block in blocks])
            return wald_test(larger, np.flatnonzero(columns))
        smaller = [block for block, is_tested in zip(blocks, tested, strict=True) if not is_tested]
        return likelihood_ratio_test(self.clogit(smaller, rows), larger)


def _beside(is_made: bool) -> tuple[Note, ...]:
    """That Firth's estimate stands beside, where it could be made."""
    return (note(NoteCode.FIRTH_BESIDE),) if is_made else ()


def varying(block: Block, set_id: NDArray[np.int64]) -> Block:
    """The columns that differ within at least one set; the others carry no information."""
    return block.pick(np.flatnonzero(varies_within_sets(block.columns, set_id)).tolist())
