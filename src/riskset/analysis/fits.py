"""Fits of conditional logistic models on the whole sets of a comparison, and what is done where one does not exist."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from riskset.analysis.coding import Block, varies_within_sets
from riskset.analysis.frame import AnalysisFrame, Rows, whole_sets
from riskset.analysis.quasi_separation import leave_out_one_sided
from riskset.analysis.recording import Fitting, Recorder, names_of, told_of, why_not
from riskset.errors import FitError
from riskset.results.comparisons import is_kin
from riskset.spec.design import Controls
from riskset.spec.models import ConditionalLogistic
from riskset.stats import ClogitFit, Test, fit_clogit, likelihood_ratio_test, wald_test


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
        rows = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        if not rows.any():
            for block in fitting.exposures:
                self.record.add_empty(fitting, block, rows, "no set has both a case and a control")
            return
        kept, blocks, separated, left = self._settled(fitting, rows)
        set_id = self.frame.set_id[kept]
        self._add_absent(fitting, blocks, rows, kept)
        blocks = [varying(block.rows(kept), set_id) for block in blocks]
        exposures = blocks[: len(fitting.exposures)]
        where = f"{self.comparison}, {fitting.label} model of {names_of(fitting.exposures)}"
        if separated and not fitting.subgroup:
            self._fail(where, f"separation: {'; '.join(separated.values())}", "Firth's estimate stands beside it")
        everything = [varying(b.rows(rows), self.frame.set_id[rows]) for b in (*fitting.exposures, *fitting.covariates)]
        if not any(block.levels for block in exposures):
            if separated:
                self._fit_firth(fitting, everything, rows, "separation")
            elif not fitting.subgroup and any(block.columns.any() for block in fitting.exposures):
                self._fail(where, "no informative set: in none do the case and its controls differ in exposure")
            return
        try:
            fit = self.clogit(blocks, kept)
        except FitError as error:
            for block in exposures:
                self.record.add_empty(fitting, block, kept, f"not estimable: {why_not(error)}")
            penalised = self._fit_firth(fitting, everything, rows, "maximum likelihood fails")
            if not fitting.subgroup:
                usable = "merge levels" if "penalty" in error.remedy else error.remedy
                remedy = "Firth's estimate stands beside it" if penalised else usable
                self._fail(where, *filter(None, (f"{error.where}: {error.what}".lstrip(": "), remedy)))
            return
        self.record.add_fit(fitting, blocks, kept, fit, "; ".join(left))
        of_exposures = sum(len(block.levels) for block in exposures)
        informative = min(fit.n_informative / len(fit.beta), *fit.n_discordant[:of_exposures])
        if separated:
            self._fit_firth(fitting, everything, rows, "separation", only=separated if fitting.subgroup else None)
        elif not fitting.subgroup and informative < self.model.firth_below:
            self._fit_firth(fitting, everything, rows, "few informative sets")

    def _fail(self, where: str, *clauses: str) -> None:
        """Say that a main model could not be fitted as asked.

        Sets of relatives are few by nature: an empty level is a finding of theirs, with Firth's estimate by the
        pre-stated rule, and no failure of the run.
        """
        if is_kin(self.controls):
            self.record.diagnose("", "", "not estimable as asked", None, f"{where}: {'; '.join(clauses)}")
        else:
            self.record.fail(where, *clauses)

    def _settled(self, fitting: Fitting, rows: Rows) -> tuple[Rows, list[Block], dict[str, str], list[str]]:
        """Rows and blocks without one-sided levels, which are noted; name → sentence of those of the exposures; and a
        clause for each of the covariates.
        """
        given = [*fitting.exposures, *fitting.covariates]
        kept, blocks, found = leave_out_one_sided(self.frame, given, rows, exposures=len(fitting.exposures))
        said, left = {}, []
        for one in found:
            block = given[one.block]
            name = block.names[one.level] if one.level >= 0 else f"{block.name}={block.reference}"
            if one.block < len(fitting.exposures):
                other = "case" if one.among == "controls" else "control"
                at = rows & (block.columns[:, one.level] != 0)
                concordant = (at & (self.frame.case == (other == "case"))).any()
                where = " in an informative set" if concordant else ""  # some have it where the whole set shares it
                said[name] = f"no {other} has {name}{where}"
                tends = "0" if one.among == "controls" else "infinity"
                level = block.pick([one.level])
                self.record.add_empty(
                    fitting, level, rows, f"separation: no {other} has this level{where}, so the ratio tends to {tends}"
                )
            else:
                note = "only cases or only controls have it: no finite coefficient, and no word on the exposure"
                self.record.diagnose(
                    fitting.label,
                    names_of(fitting.exposures),
                    told_of(f"rows left out at {name}", fitting),
                    one.rows,
                    note,
                )
                left.append(f"without the {one.rows:,} at {name}, whom only {one.among} have")
        return kept, blocks, said, left

    def _add_absent(self, fitting: Fitting, blocks: list[Block], rows: Rows, kept: Rows) -> None:
        """Rows without a number for levels that no set informs."""
        for block in blocks[: len(fitting.exposures)]:
            inside = varying(block.rows(kept), self.frame.set_id[kept]).levels
            for i, level in enumerate(block.levels):
                if level not in inside:
                    nobody = not block.columns[rows, i].any()
                    why = "nobody in these sets has this level" if nobody else "no discordant set has this level"
                    self.record.add_empty(fitting, block.pick([i]), rows, f"no informative set: {why}")

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
        self, fitting: Fitting, blocks: list[Block], rows: Rows, why: str, *, only: Container[str] | None = None
    ) -> bool:
        """Whether Firth's penalised likelihood could be fitted; ``only`` names the columns to write down, or all."""
        try:
            fit = self.clogit(blocks, rows, penalty="firth")
        except FitError as error:
            self.record.diagnose(fitting.label, names_of(fitting.exposures), "Firth not fitted", None, str(error))
            return False
        labelled = replace(fitting, label=f"{fitting.label}, Firth")
        self.record.add_fit(labelled, blocks, rows, fit, note=f"Firth penalty: {why}", only=only)
        return True

    def tested(self, blocks: Sequence[Block], larger: ClogitFit, rows: Rows, tested: Sequence[bool]) -> Test:
        """Whether some of the blocks of a fit tell more than the others."""
        if self.model.robust:
            columns = np.repeat(tested, [len(block.levels) for block in blocks])
            return wald_test(larger, np.flatnonzero(columns))
        smaller = [block for block, is_tested in zip(blocks, tested, strict=True) if not is_tested]
        return likelihood_ratio_test(self.clogit(smaller, rows), larger)


def varying(block: Block, set_id: NDArray[np.int64]) -> Block:
    """The columns that differ within at least one set; the others carry no information."""
    return block.pick(np.flatnonzero(varies_within_sets(block.columns, set_id)).tolist())
