"""Ratios in strata of what may modify the effect, the ratios of these ratios, and the test that they are all 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from riskset.analysis.coding import Block, code_covariate
from riskset.analysis.failing import note_of
from riskset.analysis.fits import Fits, varying
from riskset.analysis.frame import AnalysisFrame, Rows, whole_sets
from riskset.analysis.kin import stands_for
from riskset.analysis.modification import Strata, against_first, how_parted, in_units, lacking, strata_of, with_number
from riskset.analysis.quasi_separation import leave_out_one_sided
from riskset.analysis.recording import Fitting, PartedBy, Recorder
from riskset.errors import FitError
from riskset.microdata import Microdata
from riskset.results.notes import Note, NoteCode, note
from riskset.results.vocabulary import Contrast, DiagnosticCode, Scale, Who
from riskset.spec.models import Subgroup
from riskset.spec.modification import Parting, Reason, parting_of
from riskset.stats import ClogitFit


@dataclass(frozen=True)
class _Settled(Microdata):
    """A model's columns in the rows (n,) of its whole sets; exposure → why it has no test, where only cases or only
    controls have some level.
    """

    rows: Rows
    exposures: list[Block]
    covariates: list[Block]
    separated: dict[str, Note]


@dataclass(frozen=True)
class Stratified:
    """PartedBy the forms of one model."""

    fits: Fits

    @property
    def frame(self) -> AnalysisFrame:
        return self.fits.frame

    @property
    def record(self) -> Recorder:
        return self.fits.record

    def by_subgroup(self, fitting: Fitting, subgroup: Subgroup) -> None:
        """By the case's value or each person's own, as design and data have it."""
        self._fit_strata(fitting, strata_of(self.frame, subgroup.cuts, parting_of(self.fits.controls, subgroup.by)))

    def by_interaction(self, fitting: Fitting, name: str) -> None:
        """By each person's own value, whose main effect the model then has."""
        parting = Parting(name, True, Reason.PRODUCT)
        block, known = code_covariate(self.frame, name, missing="complete case")
        if not block.numeric:
            self._fit_strata(fitting, strata_of(self.frame, (), parting))
            return
        number, unit = in_units(name, block.columns[:, 0], known)
        # What every model of relatives has stands for age and birth year, and is more than a line.
        is_in = name in stands_for(self.fits.controls) or any(c.name == name for c in fitting.covariates)
        factor = replace(block, columns=number[:, None])
        covariates = [*fitting.covariates, *([] if is_in else [factor])]
        parts = PartedBy(factor, fitting.exposures)
        widened = replace(fitting, covariates=covariates, parted=(how_parted(parting),), parts=parts)
        widened = widened.only(known, modifier=name, contrast=Contrast.PER_UNIT)
        settled = self._settle(widened)
        if settled is not None:
            # The step of the modifier stands in the key of the test, which a subgroup of the same may have, too.
            products = [with_number(b, name, number[settled.rows], unit) for b in settled.exposures]
            self._compare(widened, settled, products, step=unit)

    def _fit_strata(self, fitting: Fitting, strata: Strata) -> None:
        """The ratio in each stratum, the ratios of ratios, and the test that there is one ratio for all.

        Where the case's value parts the sets, each part has coefficients of its own for the covariates, too, and all
        that is said of the parts is said by the one model that holds them all.
        """
        self._report_unplaced(fitting, strata)
        if not strata.labels:
            return
        exposures = strata.split(fitting.exposures)
        fitting = replace(fitting, parted=(how_parted(strata.parting),), modifier=strata.by)
        if strata.by_own_value:
            is_in = any(c.name == strata.by and not c.numeric for c in fitting.covariates)
            covariates = [*fitting.covariates, *([] if is_in else [strata.main_effect()])]
            made = PartedBy(strata.main_effect(), fitting.exposures)
            together = replace(fitting, exposures=exposures, covariates=covariates, parts=made)
            self.fits.fit(together.only(strata.placed))
        else:
            made = PartedBy(strata.main_effect(), fitting.exposures, fitting.covariates)
            together = replace(fitting, exposures=exposures, covariates=strata.split(fitting.covariates), parts=made)
            for label, rows in zip(strata.labels, strata.members.T, strict=True):
                self.fits.fit(fitting.only(rows, stratum=label))
        together = together.only(strata.placed, contrast=Contrast.RATIO_OF_RATIOS)
        settled = self._settle(together)
        if settled is None:
            return
        k = len(strata.labels)
        parts = [settled.exposures[i : i + k] for i in range(0, len(exposures), k)]
        with self.record.in_order_of_levels(exposures):
            for block, part in zip(fitting.exposures, parts, strict=True):
                for missing in lacking(block, part, strata) if k * len(block.levels) > 2 else ():
                    self.record.add_empty(together, missing, settled.rows, note(NoteCode.ONE_RATIO_MISSING))
            self._compare(together, settled, [against_first(part) for part in parts])

    def _report_unplaced(self, fitting: Fitting, strata: Strata) -> None:
        """Count who is in no stratum, the value being unknown."""
        whole = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        lost = whole & ~strata.placed
        counted = {Who.SETS: len(np.unique(self.frame.set_id[lost]))}
        if strata.by_own_value:
            groups = {Who.CASES: self.frame.case, Who.CONTROLS: ~self.frame.case}
            counted = {who: int((lost & rows).sum()) for who, rows in groups.items()}
        for who, number in counted.items():
            if number:
                self.record.diagnose(
                    DiagnosticCode.UNKNOWN_MODIFIER, fitting, value=number, who=who, modifier=strata.by
                )

    def _settle(self, fitting: Fitting) -> _Settled | None:
        """The columns that a model's whole sets inform, without one-sided levels; None where there is no whole set."""
        rows = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        if not rows.any():
            return None
        given = [*fitting.exposures, *fitting.covariates]
        number = len(fitting.exposures)
        kept, blocks, one_sided = leave_out_one_sided(self.frame, given, rows, exposures=number)
        set_id = self.frame.set_id[kept]
        blocks = [varying(block.rows(kept), set_id) for block in blocks]
        separated = {
            given[one.block].name: note(
                NoteCode.TEST_SEPARATED,
                exposure=given[one.block].name,
                level=given[one.block].levels[one.level],
                modifier=given[one.block].modifier,
                stratum=given[one.block].stratum,
            )
            for one in one_sided
            if one.block < number
        }
        return _Settled(kept, blocks[:number], blocks[number:], separated)

    def _compare(
        self, fitting: Fitting, settled: _Settled, groups: Sequence[Sequence[Block]], *, step: str = ""
    ) -> None:
        """Record, for each exposure, the ratios of ratios and the test that they are all 1.

        Parameters
        ----------
        groups : the exposures' columns, those that compare ratios among them
        step : of a modifier that is a number
        """
        rows, set_id = settled.rows, self.frame.set_id[settled.rows]
        blocks = [varying(block, set_id) for group in groups for block in group]
        blocks = [block for block in (*blocks, *settled.covariates) if block.levels]
        larger: ClogitFit | None = None
        why: Note | None = None
        if any(block.compares for block in blocks):
            try:
                larger = self.fits.clogit(blocks, rows)
                self.record.diagnose_fit(fitting, larger)
            except FitError as error:
                why = note_of(error, NoteCode.TEST_NOT_FITTED)
        for name in dict.fromkeys(block.name for block in fitting.exposures):
            of = [block for block in fitting.exposures if block.name == name]
            tested = [block.compares and block.name == name for block in blocks]
            untested = settled.separated.get(name, why)
            if not any(tested):
                untested = untested or note(NoteCode.TEST_UNINFORMATIVE)
            self._record_comparison(fitting, settled.rows, of, blocks, tested, larger, untested, step)

    def _record_comparison(
        self,
        fitting: Fitting,
        rows: Rows,
        of: Sequence[Block],
        blocks: Sequence[Block],
        tested: Sequence[bool],
        larger: ClogitFit | None,
        untested: Note | None,
        step: str,
    ) -> None:
        """The ratios of ratios of one exposure, and the test of them all together, or why there is none.

        Where two strata and one level leave one such ratio only, it stands in the row of its test.
        """
        anyone = replace(of[0], columns=np.sum([b.columns for b in of], axis=0), stratum="", members=None)
        row = self.record.row(fitting, anyone, rows) | {"contrast": Contrast.TEST, "unit": step}
        products = [block for block, is_tested in zip(blocks, tested, strict=True) if is_tested]
        alone = len(products) == 1 and len(of[0].levels) == 1 and len(of) == 2
        if larger is not None and products and not alone:
            names = {name for block in products for name in block.names}
            self.record.add_fit(fitting, list(blocks), rows, larger, only=names)
        made: tuple[Note, ...] = ()
        if larger is not None and alone:
            position = sum(len(block.levels) for block in blocks[: tested.index(True)])
            numbers, made = self.record.numbers(larger, position)
            (product,) = products
            row |= numbers | {"contrast": Contrast.RATIO_OF_RATIOS, "scale": Scale.LOG_ROR, "level": product.levels[0]}
            row |= {name: getattr(product, name) for name in ("stratum", "against", "unit")}
        outcome, test = self._test(blocks, larger, rows, tested, untested)
        self.record.add(row | test, (*made, outcome, *fitting.parted))
        if larger is not None and alone:
            self.record.show(fitting, blocks, rows, self.record.result.estimates[-1:])

    def _test(
        self,
        blocks: Sequence[Block],
        larger: ClogitFit | None,
        rows: Rows,
        tested: Sequence[bool],
        untested: Note | None,
    ) -> tuple[Note, dict[str, Any]]:
        """Which test was made, or why none was; and its numbers."""
        failed = {"statistic": None, "p_value": None, "converged": False}
        if untested is not None or larger is None:
            return untested or note(NoteCode.TEST_UNINFORMATIVE), failed
        try:
            test = self.fits.tested(blocks, larger, rows, tested)
        except FitError as error:
            return note_of(error, NoteCode.TEST_NOT_FITTED), failed
        kind = NoteCode.WALD_TEST if self.fits.model.robust else NoteCode.LIKELIHOOD_RATIO_TEST
        return note(kind, df=test.df), {"statistic": test.statistic, "p_value": test.p_value, "converged": True}
