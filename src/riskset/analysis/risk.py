"""How much more often: conditional logistic regression of the matched sets, as the study asks for it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from riskset.analysis.coding import (
    Block,
    code_covariate,
    code_exposure,
    varies_within_sets,
)
from riskset.analysis.forms import forms_of
from riskset.analysis.frame import AnalysisFrame, Rows, whole_sets
from riskset.analysis.kin import SEX_OF_SPOUSES, stands_for
from riskset.analysis.modification import Strata, against_first, in_units, lacking, strata_of, with_number
from riskset.analysis.one_sided import leave_out_one_sided
from riskset.analysis.recording import Fitting, Recorder, RiskResult, names_of, told_of
from riskset.errors import FitError
from riskset.results.comparisons import controls_of, is_kin
from riskset.spec.measures import Measure
from riskset.spec.models import ConditionalLogistic, Subgroup
from riskset.spec.modification import Parting, parting_of, refuses
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
    ratios of their ratios and the interaction test beside; what could not be estimated is a row without a number and
    with the reason. With relatives as controls age (a natural spline) and sex stand in every model, in the crude one
    alone.
    """
    return _Risk(study, model, frame, comparison, estimand).run(among)


@dataclass(frozen=True)
class _Settled:
    """A model's columns in the rows (n,) of its whole sets; exposure → its level that only cases or controls have."""

    rows: Rows
    exposures: list[Block]
    covariates: list[Block]
    separated: dict[str, str]


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
        interactions = [name for name in self._interactions() if not self._refused("interaction", name)]
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
                    self._fit_interaction(fitting, name)
        return self.record.result

    def _interactions(self) -> list[str]:
        """Those that no subgroup makes anyway."""
        made = [subgroup.by for subgroup in self.model.subgroups if not subgroup.cuts]
        for name in self.model.interactions:
            if name in made:
                self.record.diagnose("", "", f"interaction with {name}", None, "made once, as that of the subgroups")
        return [name for name in self.model.interactions if name not in made]

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
            elif not fitting.subgroup and any(block.columns.any() for block in fitting.exposures):
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
            for i, level in enumerate(block.levels):
                if level not in inside:
                    nobody = not block.columns[rows, i].any()
                    why = "nobody in these sets has this level" if nobody else "no discordant set has this level"
                    self.record.add_empty(fitting, block.pick([i]), rows, f"no informative set: {why}")

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
            all_but_one = [*slopes, levels.pick(range(1, len(levels.levels)))]
            try:
                if len(levels.levels) < 2:
                    raise FitError("no set differs in it", where="test")
                larger = self._clogit(all_but_one, kept)
                test = self._tested(all_but_one, larger, kept, [*(False for _ in slopes), True])
            except FitError as error:
                self.record.diagnose(
                    fitting.label, block.name, "departure from trend, p", None, f"not testable: {error}"
                )
                continue
            note = f"χ² = {test.statistic:.2f}, {test.df} df; the levels against one slope"
            self.record.diagnose(fitting.label, block.name, "departure from trend, p", test.p_value, note)

    def _fit_subgroups(self, fitting: Fitting, subgroup: Subgroup) -> None:
        strata = strata_of(self.frame, subgroup.by, subgroup.cuts, parting_of(self.controls, subgroup.by))
        self._fit_strata(fitting, strata, f"interaction with {subgroup.by}")

    def _fit_interaction(self, fitting: Fitting, name: str) -> None:
        """By each person's own value, whose main effect the model then has."""
        title = f"interaction with own {name}"
        block, known = code_covariate(self.frame, name, missing="complete case")
        if not block.numeric:
            strata = strata_of(self.frame, name, (), Parting(True, "an interaction is a product with the own value"))
            self._fit_strata(fitting, strata, title)
            return
        number, unit = in_units(name, block.columns[:, 0], known)
        # What every model of relatives has says age and birth year, and more than a line does.
        said = name in stands_for(self.controls) or any(c.name == name for c in fitting.covariates)
        main = [] if said else [replace(block, columns=number[:, None])]
        widened = replace(fitting, covariates=[*fitting.covariates, *main]).only(known, title)
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
            self._fit(together.only(strata.placed, f"by own {strata.by}"))
        else:
            together = replace(fitting, exposures=exposures, covariates=strata.split(fitting.covariates))
            for label, rows in zip(strata.labels, strata.members.T, strict=True):
                self._fit(fitting.only(rows, label))
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
        blocks = [_varying(block.rows(kept), set_id) for block in blocks]
        separated = {given[one.block].name: given[one.block].names[one.level] for one in found if one.block < number}
        return _Settled(kept, blocks[:number], blocks[number:], separated)

    def _compare(self, fitting: Fitting, settled: _Settled, groups: Sequence[Sequence[Block]]) -> None:
        """Record, for each exposure, the ratios of ratios and the test that they are all 1.

        Parameters
        ----------
        groups : the exposures' columns, those that compare ratios among them
        """
        rows, set_id = settled.rows, self.frame.set_id[settled.rows]
        blocks = [_varying(block, set_id) for group in groups for block in group]
        blocks = [block for block in (*blocks, *settled.covariates) if block.levels]
        larger, why = None, ""
        if any(block.compares for block in blocks):
            try:
                larger = self._clogit(blocks, rows)
            except FitError as error:
                why = str(error)
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
            test = self._tested(blocks, larger, rows, tested)
            kind = "Wald test with robust errors" if self.model.robust else "likelihood-ratio test"
            note = f"{kind}, {test.df} degree{'s' if test.df > 1 else ''} of freedom"
            row |= {"statistic": test.statistic, "p_value": test.p_value, "converged": True}
        except FitError as error:
            note = f"not testable: {str(error).removesuffix('.')}"
            row |= {"statistic": None, "p_value": None, "converged": False}
        row["note"] = "; ".join(filter(None, (said_before, note, fitting.how)))
        self.record.result.estimates.append(row)

    def _tested(self, blocks: Sequence[Block], larger: ClogitFit, rows: Rows, tested: Sequence[bool]) -> Test:
        """Whether some of the blocks of a fit tell more than the others."""
        if self.model.robust:
            columns = np.repeat(tested, [len(block.levels) for block in blocks])
            return wald_test(larger, np.flatnonzero(columns))
        smaller = [block for block, is_tested in zip(blocks, tested, strict=True) if not is_tested]
        return likelihood_ratio_test(self._clogit(smaller, rows), larger)


def _form(fitting: Fitting) -> str:
    return f"{fitting.label}: {names_of(fitting.exposures)}"


def _varying(block: Block, set_id: NDArray[np.int64]) -> Block:
    """The columns that differ within at least one set; the others carry no information."""
    return block.pick(np.flatnonzero(varies_within_sets(block.columns, set_id)).tolist())
