"""How much more often: conditional logistic regression of the matched sets, as the study asks for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from riskset.analysis.coding import (
    Block,
    code_exposure,
)
from riskset.analysis.failing import note_of
from riskset.analysis.fits import Fits, varying
from riskset.analysis.forms import forms_of
from riskset.analysis.frame import AnalysisFrame, Rows, whole_sets
from riskset.analysis.quasi_separation import leave_out_one_sided
from riskset.analysis.recording import Cases, Fitting, Recorder, RiskAsked, RiskResult, WatchOdds, unwatched
from riskset.analysis.stratified import Stratified
from riskset.errors import FitError, FitProblem
from riskset.results.notes import Note, NoteCode, note
from riskset.results.vocabulary import Contrast, DiagnosticCode, Who
from riskset.spec.models import ConditionalLogistic
from riskset.spec.modification import refuses
from riskset.spec.study import Study


def fit_risk(
    study: Study,
    model: ConditionalLogistic,
    frame: AnalysisFrame,
    *,
    comparison: str,
    estimand: tuple[Note, ...],
    among: Cases | None = None,
    watch: WatchOdds = unwatched,
) -> RiskResult:
    """Fit one model of the study on the matched sets of one comparison.

    Estimated is the odds ratio of exposure within matched sets; with incidence-density sampling it estimates the
    hazard ratio (Prentice & Breslow 1978), which is what ``estimand`` says of these sets.

    Parameters
    ----------
    study, model : what is asked
    frame : the matched sets of the comparison and of no other, with what was measured of them
    comparison, estimand : its label, and notes on what its odds ratio estimates
    among : form of the model → the cases whom it is fitted on (`RiskResult.cases` of another comparison); all of them
        when left out
    watch : is shown each fit of which something is printed

    Returns
    -------
    Estimates on the log scale: crude and adjusted for each class, mutually adjusted for all, then by subgroup with the
    ratios of their ratios and the interaction test beside; what could not be estimated is a row without a number and
    with the reason. With relatives as controls age (a natural spline) and sex stand in every model, in the crude one
    alone.
    """
    frame.refuse_several()
    return _Risk(RiskAsked.of(study, model, comparison), frame, estimand, watch).run(among)


class _Risk:
    def __init__(
        self,
        asked: RiskAsked,
        frame: AnalysisFrame,
        estimand: tuple[Note, ...],
        watch: WatchOdds,
    ) -> None:
        self.model, self.measures, self.controls, self.frame = asked.model, asked.measures, asked.controls, frame
        self.record = Recorder(asked, frame, estimand, watch)
        self.fits = Fits(asked.model, frame, asked.controls, asked.comparison, self.record)

    def run(self, among: Cases | None = None) -> RiskResult:
        blocks = {name: code_exposure(self.frame, name, measure) for name, measure in self.measures.items()}
        stratified = Stratified(self.fits)
        refused = DiagnosticCode.SUBGROUPS_REFUSED, DiagnosticCode.INTERACTION_REFUSED
        subgroups = [s for s in self.model.subgroups if not self._refused(refused[0], s.by)]
        interactions = [name for name in self._interactions() if not self._refused(refused[1], name)]
        for fitting in forms_of(self.model, self.frame, self.controls, blocks, self.measures, self.record):
            if among is not None:
                fitting = fitting.only(self._rows_of_cases(among[fitting.place]))
            self.record.result.cases[fitting.place] = self._cases_in(fitting)
            self._report_losses(fitting)
            self.fits.fit(fitting)
            if self.model.trend:
                self._fit_trend(fitting)
            if not fitting.plain:
                for subgroup in subgroups:
                    stratified.by_subgroup(fitting, subgroup)
                for name in interactions:
                    stratified.by_interaction(fitting, name)
        return self.record.result

    def _interactions(self) -> list[str]:
        """Those that no subgroup makes anyway."""
        made = [s.by for s in self.model.subgroups if not s.cuts and not refuses(self.controls, s.by)]
        for name in self.model.interactions:
            if name in made:
                self.record.diagnose(DiagnosticCode.INTERACTION_MADE_ONCE, modifier=name)
        return [name for name in self.model.interactions if name not in made]

    def _cases_in(self, fitting: Fitting) -> NDArray[np.int64]:
        """The persons who are cases of whole sets."""
        rows = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        return self.frame.person_id[rows & self.frame.case]

    def _rows_of_cases(self, persons: NDArray[np.int64]) -> Rows:
        """Whole sets (n,) by whether one of these persons is their case."""
        chosen = self.frame.case & np.isin(self.frame.person_id, persons)
        return np.isin(self.frame.set_id, self.frame.set_id[chosen])

    def _refused(self, code: DiagnosticCode, by: str) -> bool:
        """Whether a parting of the sets is not made in this comparison; noted if so."""
        if refused := refuses(self.controls, by):
            self.record.diagnose(code, modifier=by)
        return refused

    def _report_losses(self, fitting: Fitting) -> None:
        """Count who the model leaves out: an unknown covariate, excluded by the lag, or a set left without a pair."""
        lost = ~whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        for who, rows in ((Who.CASES, self.frame.case), (Who.CONTROLS, ~self.frame.case)):
            if missing := int((~fitting.known & rows).sum()):
                self.record.diagnose(DiagnosticCode.UNKNOWN_COVARIATE, fitting, value=missing, who=who)
            if count := int((lost & rows).sum()):
                self.record.diagnose(DiagnosticCode.NOT_IN_MODEL, fitting, value=count, who=who)

    def _fit_trend(self, fitting: Fitting) -> None:
        """One slope over the ordered levels, scored 0, 1, 2, …, and whether the levels depart from it."""
        scored = []
        for block in fitting.exposures:
            if block.numeric or len(block.levels) < 2:
                continue
            score = block.columns @ np.arange(1.0, len(block.levels) + 1)
            scored.append(Block(block.name, block.term, ("",), score[:, None], "", numeric=True))
        if not scored:
            return
        fitting, levels_of = replace(fitting, exposures=scored, contrast=Contrast.TREND), fitting.exposures
        self.fits.fit(fitting)
        rows = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        if not rows.any():
            return
        kept, blocks, _ = leave_out_one_sided(self.frame, [*scored, *fitting.covariates], rows, exposures=len(scored))
        set_id = self.frame.set_id[kept]
        slopes = [varying(block.rows(kept), set_id) for block in blocks]
        for block in levels_of:
            # The slope and all levels but one say what all levels say.
            levels = varying(block.rows(kept), set_id)
            all_but_one = [*slopes, levels.pick(range(1, len(levels.levels)))]
            try:
                if len(levels.levels) < 2:
                    raise FitError("no set differs in it", where="test", problem=FitProblem.UNINFORMATIVE)
                larger = self.fits.clogit(all_but_one, kept)
                test = self.fits.tested(all_but_one, larger, kept, [*(False for _ in slopes), True])
                remark, p_value = note(NoteCode.SCORED_LEVELS, statistic=test.statistic, df=test.df), test.p_value
            except FitError as error:
                remark, p_value = note_of(error, NoteCode.TEST_NOT_FITTED), None
            self.record.diagnose(
                DiagnosticCode.DEPARTURE_FROM_TREND, fitting, remark, value=p_value, exposure=block.name
            )
