"""How much more often: conditional logistic regression of the matched sets, as the study asks for it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.analysis.coding import (
    Block,
    code_covariate,
    code_exposure,
    varies_within_sets,
)
from riskset.analysis.forms import forms_of
from riskset.analysis.frame import AnalysisFrame, Rows, whole_sets
from riskset.analysis.kin import SEX_OF_SPOUSES, refuses
from riskset.analysis.one_sided import leave_out_one_sided
from riskset.analysis.recording import Fitting, Recorder, RiskResult, names_of, told_of
from riskset.errors import FitError
from riskset.results.comparisons import controls_of, is_kin
from riskset.spec.measures import Measure
from riskset.spec.models import ConditionalLogistic, Subgroup
from riskset.spec.study import Study
from riskset.stats import (
    ClogitFit,
    Test,
    fit_clogit,
    likelihood_ratio_test,
    wald_test,
)


def fit_risk(
    study: Study,
    model: ConditionalLogistic,
    frame: AnalysisFrame,
    *,
    comparison: str,
    estimand: str,
    among: Mapping[str, NDArray[np.int64]] | None = None,
) -> RiskResult:
    """Fit one model of the study on the matched sets of one comparison.

    Estimated is the odds ratio of exposure within matched sets; with incidence-density sampling it estimates the
    hazard ratio (Prentice & Breslow 1978), which is what ``estimand`` says of these sets.

    Parameters
    ----------
    study, model : what is asked
    frame : the matched sets of the comparison, with what was measured of them
    comparison, estimand : its label, and what its odds ratio estimates
    among : form of the model → the cases whom it is fitted on (`RiskResult.cases` of another comparison); all of them
        when left out

    Returns
    -------
    Estimates on the log scale: crude and adjusted for each class, mutually adjusted for all, then by subgroup with the
    interaction test beside; what could not be estimated is a row without a number and with the reason. With relatives
    as controls age (a natural spline) and sex stand in every model, in the crude one alone.
    """
    return _Risk(study, model, frame, comparison, estimand).run(among)


class _Risk:
    def __init__(
        self, study: Study, model: ConditionalLogistic, frame: AnalysisFrame, comparison: str, estimand: str
    ) -> None:
        self.study, self.model, self.frame = study, model, frame
        self.comparison, self.controls = comparison, controls_of(study, comparison)
        self.record = Recorder(study, model, frame, comparison, estimand)
        self.measures: dict[str, Measure] = {
            exposure.name: measure
            for exposure in study.exposures
            for measure in exposure.measures
            if measure.key == model.measure and (not model.exposures or exposure.name in model.exposures)
        }

    def run(self, among: Mapping[str, NDArray[np.int64]] | None = None) -> RiskResult:
        blocks = {name: code_exposure(self.frame, name, measure) for name, measure in self.measures.items()}
        subgroups = [s for s in self.model.subgroups if not self._refused("subgroups", s.by)]
        interactions = [name for name in self.model.interactions if not self._refused("interaction", name)]
        for fitting in forms_of(self.model, self.frame, self.controls, blocks, self.measures, self.record):
            if among is not None:
                fitting = fitting.only(self._rows_of_cases(among[_form(fitting)]), "")
            self.record.result.cases[_form(fitting)] = self._cases_in(fitting)
            self._report_losses(fitting)
            self._fit(fitting)
            if self.model.trend:
                self._fit_trend(fitting)
            if not fitting.plain:
                for subgroup in subgroups:
                    self._fit_subgroups(fitting, subgroup)
                for name in interactions:
                    self._test_own_interaction(fitting, name)
        return self.record.result

    def _cases_in(self, fitting: Fitting) -> NDArray[np.int64]:
        """The persons who are cases of whole sets."""
        rows = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        return self.frame.person_id[rows & self.frame.case]

    def _rows_of_cases(self, persons: NDArray[np.int64]) -> Rows:
        """Whole sets (n,) by whether one of these persons is their case."""
        chosen = self.frame.case & np.isin(self.frame.person_id, persons)
        return np.isin(self.frame.set_id, self.frame.set_id[chosen])

    def _refused(self, what: str, by: str) -> bool:
        """Whether a parting of the sets is not made in this comparison; said if so."""
        if refused := refuses(self.controls, by):
            self.record.diagnose("", "", f"{what} by {by}", None, SEX_OF_SPOUSES)
        return refused

    def _report_losses(self, fitting: Fitting) -> None:
        """Count who the model leaves out: an unknown covariate, excluded by the lag, or a set left without a pair."""
        exposure = names_of(fitting.exposures)
        lost = ~whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        for who, rows in (("cases", self.frame.case), ("controls", ~self.frame.case)):
            if missing := int((~fitting.known & rows).sum()):
                self.record.diagnose(
                    fitting.label, exposure, f"{who} with an unknown covariate", missing, "complete case"
                )
            if count := int((lost & rows).sum()):
                self.record.diagnose(
                    fitting.label, exposure, f"{who} not in the model", count, "with all reasons, whole sets"
                )

    def _fit(self, fitting: Fitting) -> None:
        rows = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        if not rows.any():
            for block in fitting.exposures:
                self.record.add_empty(fitting, block, rows, "no set has both a case and a control")
            return
        kept, blocks, separated, left = self._settled(fitting, rows)
        set_id = self.frame.set_id[kept]
        self._add_absent(fitting, blocks, rows, kept)
        blocks = [_varying(block.rows(kept), set_id) for block in blocks]
        exposures = blocks[: len(fitting.exposures)]
        where = f"{self.comparison}, {fitting.label} model of {names_of(fitting.exposures)}"
        if separated and not fitting.subgroup:
            self._fail(where, f"separation: {'; '.join(separated.values())}", "Firth's estimate stands beside it")
        everything = [
            _varying(b.rows(rows), self.frame.set_id[rows]) for b in (*fitting.exposures, *fitting.covariates)
        ]
        if not any(block.levels for block in exposures):
            if separated:
                self._fit_firth(fitting, everything, rows, "separation")
            elif not fitting.subgroup:
                self._fail(where, "no informative set: in none do the case and its controls differ in exposure")
            return
        try:
            fit = self._clogit(blocks, kept)
        except FitError as error:
            for block in exposures:
                self.record.add_empty(fitting, block, kept, f"not estimable: {error}")
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
                said[name] = f"no {other} has {name}"
                tends = "0" if one.among == "controls" else "infinity"
                level = block.pick([one.level])
                self.record.add_empty(
                    fitting, level, rows, f"separation: no {other} has this level, so the ratio tends to {tends}"
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
            inside = _varying(block.rows(kept), self.frame.set_id[kept]).levels
            absent = block.pick([i for i, level in enumerate(block.levels) if level not in inside])
            if absent.levels:
                why = "no informative set: nobody, or no discordant set, has this level"
                self.record.add_empty(fitting, absent, rows, why)

    def _clogit(self, blocks: Sequence[Block], rows: Rows, penalty: str | None = None) -> ClogitFit:
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
            fit = self._clogit(blocks, rows, penalty="firth")
        except FitError as error:
            self.record.diagnose(fitting.label, names_of(fitting.exposures), "Firth not fitted", None, str(error))
            return False
        labelled = replace(fitting, label=f"{fitting.label}, Firth")
        self.record.add_fit(labelled, blocks, rows, fit, note=f"Firth penalty: {why}", only=only)
        return True

    def _fit_trend(self, fitting: Fitting) -> None:
        """One slope over the ordered levels, scored 0, 1, 2, …, and whether the levels depart from it."""
        scored = []
        for block in fitting.exposures:
            if block.numeric or len(block.levels) < 2:
                continue
            score = block.columns @ np.arange(1.0, len(block.levels) + 1)
            scored.append(Block(block.name, f"{block.term} trend", ("per level",), score[:, None], "", numeric=True))
        if not scored:
            return
        self._fit(replace(fitting, exposures=scored))
        rows = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        if not rows.any():
            return
        kept, blocks, _ = leave_out_one_sided(self.frame, [*scored, *fitting.covariates], rows, exposures=len(scored))
        set_id = self.frame.set_id[kept]
        slopes = [_varying(block.rows(kept), set_id) for block in blocks]
        for block in fitting.exposures:
            # The slope and all levels but one say what all levels say.
            levels = _varying(block.rows(kept), set_id)
            try:
                test = self._tested(slopes, levels.pick(range(1, len(levels.levels))), kept)
            except FitError as error:
                self.record.diagnose(
                    fitting.label, block.name, "departure from trend, p", None, f"not testable: {error}"
                )
                continue
            note = f"χ² = {test.statistic:.2f}, {test.df} df; the levels against one slope"
            self.record.diagnose(fitting.label, block.name, "departure from trend, p", test.p_value, note)

    def _fit_subgroups(self, fitting: Fitting, subgroup: Subgroup) -> None:
        groups = self._case_groups(subgroup)
        placed = np.logical_or.reduce(list(groups.values())) if groups else np.zeros(len(fitting.keep), dtype=bool)
        whole = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        if unplaced := len(np.unique(self.frame.set_id[whole & ~placed])):
            what = f"sets whose case has an unknown {subgroup.by}"
            self.record.diagnose(
                fitting.label, names_of(fitting.exposures), what, unplaced, "in no subgroup, and not in the test"
            )
        for label, rows in groups.items():
            self._fit(fitting.only(rows, label))
        if len(groups) > 1:
            multipliers = np.column_stack(list(groups.values())[1:]).astype(float)
            self._test_interaction(fitting.only(placed, f"interaction with {subgroup.by}"), multipliers)

    def _test_own_interaction(self, fitting: Fitting, name: str) -> None:
        """By each person's own value, whose main effect the model then has."""
        block, known = code_covariate(self.frame, name, missing=self.model.missing)
        main = [] if any(c.name == name for c in fitting.covariates) else [block]
        widened = replace(fitting, covariates=[*fitting.covariates, *main])
        self._test_interaction(widened.only(known, f"interaction with own {name}"), block.columns)

    def _case_groups(self, subgroup: Subgroup) -> dict[str, Rows]:
        """Whole sets by the value of their case."""
        values = self.frame.covariate(subgroup.by)
        if subgroup.cuts:
            numbers = np.asarray(values.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False))
            return _parted(subgroup, self.frame.case_value(numbers))
        texts = np.asarray(values.cast(pa.string()).fill_null("").to_pylist(), dtype=object)
        of_case = self.frame.case_value(texts)
        return {f"{subgroup.by}={text}": of_case == text for text in sorted(set(of_case) - {""})}

    def _test_interaction(self, fitting: Fitting, multipliers: NDArray[np.float64]) -> None:
        """Test each exposure's products with ``multipliers`` (n, g): likelihood ratio, or Wald with robust errors."""
        rows = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        if not rows.any():
            return
        given = [*fitting.exposures, *fitting.covariates]
        kept, blocks, _ = leave_out_one_sided(self.frame, given, rows, exposures=len(fitting.exposures))
        set_id = self.frame.set_id[kept]
        base = [_varying(block.rows(kept), set_id) for block in blocks]
        for block in fitting.exposures:
            if not multipliers.shape[1]:
                row = self.record.row(fitting, block, kept)
                self.record.result.estimates.append(row | {"converged": False, "note": "not testable: one value only"})
                continue
            products = [block.columns * multiplier[:, None] for multiplier in multipliers.T]
            product = Block(f"{block.name}×", block.term, block.levels * len(products), np.hstack(products), "")
            added = _varying(product.rows(kept), set_id)
            row = self.record.row(fitting, block, kept)
            try:
                test = self._tested(base, added, kept)
            except FitError as error:
                self.record.result.estimates.append(row | {"converged": False, "note": f"not testable: {error}"})
                continue
            kind = "Wald test with robust errors" if self.model.robust else "likelihood-ratio test"
            note = f"{kind}, {test.df} degree{'s' if test.df > 1 else ''} of freedom"
            tested = {"statistic": test.statistic, "p_value": test.p_value, "converged": True, "note": note}
            self.record.result.estimates.append(row | tested)

    def _tested(self, base: Sequence[Block], added: Block, rows: Rows) -> Test:
        """Whether the added columns tell more than the base."""
        if not added.levels:
            raise FitError("no set differs in it", where="test")
        larger = self._clogit([*base, added], rows)
        if self.model.robust:
            return wald_test(larger, np.arange(len(larger.beta) - len(added.levels), len(larger.beta)))
        return likelihood_ratio_test(self._clogit(base, rows), larger)


def _form(fitting: Fitting) -> str:
    return f"{fitting.label}: {names_of(fitting.exposures)}"


def _parted(subgroup: Subgroup, of_case: NDArray[np.float64]) -> dict[str, Rows]:
    edges = (-np.inf, *subgroup.cuts, np.inf)
    groups: dict[str, Rows] = {}
    for low, high in pairwise(edges):
        if low == -np.inf:
            label = f"{subgroup.by}<{high:g}"
        elif high == np.inf:
            label = f"{subgroup.by}≥{low:g}"
        else:
            label = f"{subgroup.by} {low:g}-{high:g}"
        groups[label] = (of_case >= low) & (of_case < high)
    return groups


def _varying(block: Block, set_id: NDArray[np.int64]) -> Block:
    """The columns that differ within at least one set; the others carry no information."""
    return block.pick(np.flatnonzero(varies_within_sets(block.columns, set_id)).tolist())
