"""Ratios in strata of what may modify the effect, the ratios of these ratios, and the test that they are all 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from riskset.analysis.coding import Block, code_covariate
from riskset.analysis.fits import Fits, varying
from riskset.analysis.frame import AnalysisFrame, Rows, whole_sets
from riskset.analysis.kin import stands_for
from riskset.analysis.modification import Strata, against_first, in_units, lacking, strata_of, with_number
from riskset.analysis.quasi_separation import leave_out_one_sided
from riskset.analysis.recording import Fitting, Recorder, names_of, why_not
from riskset.errors import FitError
from riskset.microdata import Microdata
from riskset.spec import words
from riskset.spec.models import Subgroup
from riskset.spec.modification import OWN, Parting, parting_of
from riskset.stats import ClogitFit


@dataclass(frozen=True)
class _Settled(Microdata):
    """A model's columns in the rows (n,) of its whole sets; exposure → its level that only cases or controls have."""

    rows: Rows
    exposures: list[Block]
    covariates: list[Block]
    separated: dict[str, str]


@dataclass(frozen=True)
class Stratified:
    """Parts the forms of one model."""

    fits: Fits

    @property
    def frame(self) -> AnalysisFrame:
        return self.fits.frame

    @property
    def record(self) -> Recorder:
        return self.fits.record

    def by_subgroup(self, fitting: Fitting, subgroup: Subgroup) -> None:
        """By the case's value or each person's own, as design and data have it."""
        strata = strata_of(self.frame, subgroup.by, subgroup.cuts, parting_of(self.fits.controls, subgroup.by))
        self._fit_strata(fitting, strata, f"interaction with {subgroup.by}")

    def by_interaction(self, fitting: Fitting, name: str) -> None:
        """By each person's own value, whose main effect the model then has."""
        title = f"interaction with own {name}"
        block, known = code_covariate(self.frame, name, missing="complete case")
        if not block.numeric:
            strata = strata_of(self.frame, name, (), Parting(True, "an interaction is a product with the own value"))
            self._fit_strata(fitting, strata, title)
            return
        number, unit = in_units(name, block.columns[:, 0], known)
        # What every model of relatives has says age and birth year, and more than a line does.
        said = name in stands_for(self.fits.controls) or any(c.name == name for c in fitting.covariates)
        main = [] if said else [replace(block, columns=number[:, None])]
        how = f"by {words.plain(name)}: {OWN}"
        widened = replace(fitting, covariates=[*fitting.covariates, *main], how=how).only(known, title)
        settled = self._settle(widened)
        if settled is not None:
            products = [with_number(b, number[settled.rows], f"{title}: {unit}") for b in settled.exposures]
            self._compare(widened, settled, products)

    def _fit_strata(self, fitting: Fitting, strata: Strata, title: str) -> None:
        """The ratio in each stratum, the ratios of ratios, and the test that there is one ratio for all.

        Where the case's value parts the sets, each part has coefficients of its own for the covariates, too, and all
        that is said of the parts is said by the one model that holds them all.
        """
        self._report_unplaced(fitting, strata)
        if not strata.labels:
            return
        exposures = strata.split(fitting.exposures)
        fitting = replace(fitting, how=strata.how)
        if strata.own:
            said = any(c.name == strata.by and not c.numeric for c in fitting.covariates)
            covariates = [*fitting.covariates, *([] if said else [strata.main_effect()])]
            together = replace(fitting, exposures=exposures, covariates=covariates)
            self.fits.fit(together.only(strata.placed, f"by own {strata.by}"))
        else:
            together = replace(fitting, exposures=exposures, covariates=strata.split(fitting.covariates))
            for label, rows in zip(strata.labels, strata.members.T, strict=True):
                self.fits.fit(fitting.only(rows, label))
        together = together.only(strata.placed, title)
        settled = self._settle(together)
        if settled is None:
            return
        k = len(strata.labels)
        parts = [settled.exposures[i : i + k] for i in range(0, len(exposures), k)]
        for block, part in zip(fitting.exposures, parts, strict=True):
            for missing in lacking(block, part, strata.labels, title) if k * len(block.levels) > 2 else ():
                self.record.add_empty(together, missing, settled.rows, "not estimable: one of the two ratios is not")
        self._compare(together, settled, [against_first(part, title) for part in parts])

    def _report_unplaced(self, fitting: Fitting, strata: Strata) -> None:
        """Count who is in no stratum, the value being unknown."""
        whole = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        lost = whole & ~strata.placed
        what, note = f"an unknown {strata.by}", "in no subgroup, and not in the test"
        counted = {f"sets whose case has {what}": len(np.unique(self.frame.set_id[lost]))}
        if strata.own:
            groups = {"cases": self.frame.case, "controls": ~self.frame.case}
            counted = {f"{who} with {what}": int((lost & rows).sum()) for who, rows in groups.items()}
        for name, number in counted.items():
            if number:
                self.record.diagnose(fitting.label, names_of(fitting.exposures), name, number, note)

    def _settle(self, fitting: Fitting) -> _Settled | None:
        """The columns that a model's whole sets inform, without one-sided levels; None where there is no whole set."""
        rows = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        if not rows.any():
            return None
        given = [*fitting.exposures, *fitting.covariates]
        number = len(fitting.exposures)
        kept, blocks, found = leave_out_one_sided(self.frame, given, rows, exposures=number)
        set_id = self.frame.set_id[kept]
        blocks = [varying(block.rows(kept), set_id) for block in blocks]
        separated = {given[one.block].name: given[one.block].names[one.level] for one in found if one.block < number}
        return _Settled(kept, blocks[:number], blocks[number:], separated)

    def _compare(self, fitting: Fitting, settled: _Settled, groups: Sequence[Sequence[Block]]) -> None:
        """Record, for each exposure, the ratios of ratios and the test that they are all 1.

        Parameters
        ----------
        groups : the exposures' columns, those that compare ratios among them
        """
        rows, set_id = settled.rows, self.frame.set_id[settled.rows]
        blocks = [varying(block, set_id) for group in groups for block in group]
        blocks = [block for block in (*blocks, *settled.covariates) if block.levels]
        larger, why = None, ""
        if any(block.compares for block in blocks):
            try:
                larger = self.fits.clogit(blocks, rows)
            except FitError as error:
                why = why_not(error)
        for name in dict.fromkeys(block.name for block in fitting.exposures):
            of = [block for block in fitting.exposures if block.name == name]
            tested = [block.compares and block.name == name for block in blocks]
            untested = f"separation: {settled.separated[name]}" if name in settled.separated else why
            if not any(tested):
                untested = untested or "no two values at which sets differ in exposure"
            self._record_comparison(fitting, settled.rows, of, blocks, tested, larger, untested)

    def _record_comparison(
        self,
        fitting: Fitting,
        rows: Rows,
        of: Sequence[Block],
        blocks: Sequence[Block],
        tested: Sequence[bool],
        larger: ClogitFit | None,
        untested: str,
    ) -> None:
        """The ratios of ratios of one exposure, and the test of them all together, or why there is none.

        Where two strata and one level leave one such ratio only, it stands in the row of its test.
        """
        anyone = replace(of[0], columns=np.sum([b.columns for b in of], axis=0), stratum="", members=None)
        row = self.record.row(fitting, anyone, rows)
        products = [block for block, is_tested in zip(blocks, tested, strict=True) if is_tested]
        alone = len(products) == 1 and len(of[0].levels) == 1 and len(of) == 2
        if larger is not None and products and not alone:
            names = {name for block in products for name in block.names}
            self.record.add_fit(fitting, list(blocks), rows, larger, only=names)
        elif larger is not None and products:
            position = sum(len(block.levels) for block in blocks[: tested.index(True)])
            numbers, said = self.record.numbers(larger, position)
            row |= numbers | {"scale": "log_ror", "note": "; ".join(filter(None, [products[0].stratum, *said]))}
        said_before = row.get("note", "")
        try:
            if untested or larger is None:
                raise FitError(untested)
            test = self.fits.tested(blocks, larger, rows, tested)
            kind = "Wald test with robust errors" if self.fits.model.robust else "likelihood-ratio test"
            note = f"{kind}, {test.df} degree{'s' if test.df > 1 else ''} of freedom"
            row |= {"statistic": test.statistic, "p_value": test.p_value, "converged": True}
        except FitError as error:
            note = f"not testable: {why_not(error)}"
            row |= {"statistic": None, "p_value": None, "converged": False}
        row["note"] = "; ".join(filter(None, (said_before, note, fitting.how)))
        self.record.result.estimates.append(row)
