"""How much more often: conditional logistic regression of the matched sets, as the study asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import stats as distributions

from riskset.analysis.coding import (
    Block,
    code_covariate,
    code_exposure,
    discordant_sets,
    lag_only_rows,
    varies_within_sets,
)
from riskset.analysis.frame import AnalysisFrame, Rows, whole_sets
from riskset.errors import FitError
from riskset.spec.measures import Measure
from riskset.spec.models import ConditionalLogistic, Subgroup
from riskset.spec.study import Study
from riskset.stats import ClogitFit, fit_clogit, profile_interval, profile_test


@dataclass
class RiskResult:
    """What a model gave.

    Attributes
    ----------
    estimates, diagnostics : rows of ``results.tables.ESTIMATES`` and ``DIAGNOSTICS``
    failures : a sentence for each main model that could not be fitted as asked
    """

    estimates: list[dict[str, Any]] = field(default_factory=list)
    diagnostics: list[dict[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def fit_risk(
    study: Study, model: ConditionalLogistic, frame: AnalysisFrame, *, comparison: str, estimand: str
) -> RiskResult:
    """Fit one model of the study on the matched sets of one comparison.

    Estimated is the odds ratio of exposure within matched sets; with incidence-density sampling it estimates the
    hazard ratio (Prentice & Breslow 1978), which is what ``estimand`` says of these sets.

    Returns
    -------
    Estimates on the log scale: crude and adjusted for each class, mutually adjusted for all, then by subgroup with the
    interaction test beside; what could not be estimated is a row without a number and with the reason.
    """
    return _Risk(study, model, frame, comparison, estimand).run()


@dataclass
class _Fitting:
    """One model form on some of the rows."""

    label: str
    exposures: list[Block]
    covariates: list[Block]
    keep: Rows
    subgroup: str = ""

    def only(self, rows: Rows, subgroup: str) -> _Fitting:
        return replace(self, keep=self.keep & rows, subgroup=subgroup)


class _Risk:
    def __init__(
        self, study: Study, model: ConditionalLogistic, frame: AnalysisFrame, comparison: str, estimand: str
    ) -> None:
        self.study, self.model, self.frame = study, model, frame
        self.comparison, self.estimand = comparison, estimand
        self.result = RiskResult()
        self.measures: dict[str, Measure] = {
            exposure.name: measure
            for exposure in study.exposures
            for measure in exposure.measures
            if measure.key == model.measure and (not model.exposures or exposure.name in model.exposures)
        }

    def run(self) -> RiskResult:
        blocks = {name: code_exposure(self.frame, name, measure) for name, measure in self.measures.items()}
        covariates, known = self._covariates()
        for fitting in self._fittings(blocks, covariates, known):
            self._report_losses(fitting, known)
            self._fit(fitting)
            if self.model.trend:
                self._fit_trend(fitting)
            if fitting.label != "crude" or not covariates:
                for subgroup in self.model.subgroups:
                    self._fit_subgroups(fitting, subgroup)
                for name in self.model.interactions:
                    self._test_own_interaction(fitting, name)
        return self.result

    def _covariates(self) -> tuple[list[Block], Rows]:
        """The covariates that vary within sets, and the rows where all of them are known."""
        known = np.ones(len(self.frame.set_id), dtype=bool)
        blocks = []
        for name in self.model.adjust:
            block, here = code_covariate(self.frame, name, missing=self.model.missing)
            known &= here
            if varies_within_sets(block.columns[here], self.frame.set_id[here]).any():
                blocks.append(block)
            else:
                self._diagnose("", "", f"{name} left out", None, "it does not vary within any set (matched on?)")
        return blocks, known

    def _fittings(self, blocks: dict[str, Block], covariates: list[Block], known: Rows) -> Iterator[_Fitting]:
        everyone = np.ones(len(known), dtype=bool)
        excluded = {
            name: lag_only_rows(self.frame, name, measure)
            if getattr(measure, "lag_only", "") == "exclude"
            else ~everyone
            for name, measure in self.measures.items()
        }
        if "each" in self.model.classes:
            for name, block in blocks.items():
                yield _Fitting("crude", [block], [], ~excluded[name])
                if self.model.adjust:
                    yield _Fitting("adjusted", [block], covariates, ~excluded[name] & known)
        if "together" in self.model.classes and len(blocks) > 1:
            none_excluded = ~np.logical_or.reduce(list(excluded.values()))
            yield _Fitting("mutually adjusted", list(blocks.values()), covariates, none_excluded & known)

    def _report_losses(self, fitting: _Fitting, known: Rows) -> None:
        """Count who the model leaves out: an unknown covariate, excluded by the lag, or a set left without a pair."""
        exposure = _names(fitting.exposures)
        lost = ~whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        for who, rows in (("cases", self.frame.case), ("controls", ~self.frame.case)):
            if fitting.covariates and (missing := int((~known & rows).sum())):
                self._diagnose(fitting.label, exposure, f"{who} with an unknown covariate", missing, "complete case")
            if count := int((lost & rows).sum()):
                self._diagnose(
                    fitting.label, exposure, f"{who} not in the model", count, "with all reasons, whole sets"
                )

    def _without_one_sided(self, fitting: _Fitting) -> _Fitting:
        """Leave out rows at a covariate's level that only cases or only controls have.

        The likelihood rises without end as such a level's coefficient grows, and what it tends to is the likelihood of
        the other rows: nothing about the exposure is lost, and the rest has a maximum.
        """
        keep = whole_sets(self.frame.set_id, self.frame.case, fitting.keep)
        for block in fitting.covariates:
            for i, name in enumerate(block.names if not block.numeric else ()):
                here = keep & (block.columns[:, i] > 0)
                if here.any() and (not here[self.frame.case].any() or not here[~self.frame.case].any()):
                    keep = whole_sets(self.frame.set_id, self.frame.case, keep & ~here)
                    what = _of(f"rows left out at {name}", fitting)
                    note = "only cases or only controls have it: no finite coefficient, and no word on the exposure"
                    self._diagnose(fitting.label, _names(fitting.exposures), what, int(here.sum()), note)
        return replace(fitting, keep=keep)

    def _fit(self, fitting: _Fitting) -> None:
        fitting = self._without_one_sided(fitting)
        rows = fitting.keep
        exposures = [block.rows(rows) for block in fitting.exposures]
        covariates = [block.rows(rows) for block in fitting.covariates]
        set_id = self.frame.set_id[rows]
        if not rows.any():
            for block in exposures:
                self._add_empty(fitting, block, rows, "no set has both a case and a control")
            return
        estimable = [_varying(block, set_id) for block in exposures]
        for block, inside in zip(exposures, estimable, strict=True):
            absent = block.pick([i for i, level in enumerate(block.levels) if level not in inside.levels])
            if absent.levels:
                self._add_empty(
                    fitting, absent, rows, "no informative set: nobody, or no discordant set, has this level"
                )
        blocks = [*(b for b in estimable if b.levels), *(_varying(b, set_id) for b in covariates)]
        where = f"{self.comparison}, {fitting.label} model of {_names(fitting.exposures)}"
        if not any(b.levels for b in estimable):
            if not fitting.subgroup:
                self._fail(where, "no informative set: in none do the case and its controls differ in exposure")
            return
        try:
            fit = self._clogit(blocks, rows)
        except FitError as error:
            for block in estimable:
                self._add_empty(fitting, block, rows, f"not estimable: {error}")
            penalised = self._fit_firth(fitting, blocks, rows, "maximum likelihood fails")
            if not fitting.subgroup:
                usable = "merge levels" if "penalty" in error.remedy else error.remedy
                remedy = "Firth's estimate stands beside it" if penalised else usable
                self._fail(where, *filter(None, (f"{error.where}: {error.what}".lstrip(": "), remedy)))
            return
        self._add_fit(fitting, blocks, rows, fit)
        parameters = sum(len(b.levels) for b in blocks)
        if fit.n_informative < self.model.firth_below * parameters:
            self._fit_firth(fitting, blocks, rows, "few informative sets")

    def _fail(self, where: str, *clauses: str) -> None:
        sentence = f"{where}: {'; '.join(clauses)}"
        if sentence not in self.result.failures:
            self.result.failures.append(sentence)

    def _clogit(self, blocks: Sequence[Block], rows: Rows, penalty: str | None = None) -> ClogitFit:
        x = np.column_stack([block.columns for block in blocks])
        cluster = self.frame.person_id[rows] if self.model.robust and penalty is None else None
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

    def _fit_firth(self, fitting: _Fitting, blocks: list[Block], rows: Rows, why: str) -> bool:
        """Whether Firth's penalised likelihood could be fitted."""
        try:
            fit = self._clogit(blocks, rows, penalty="firth")
        except FitError as error:
            self._diagnose(fitting.label, _names(fitting.exposures), "Firth not fitted", None, str(error))
            return False
        labelled = _Fitting(f"{fitting.label}, Firth", fitting.exposures, [], fitting.keep, fitting.subgroup)
        self._add_fit(labelled, blocks, rows, fit, note=f"Firth penalty: {why}")
        return True

    def _fit_trend(self, fitting: _Fitting) -> None:
        """One slope over the ordered levels, scored 0, 1, 2, …"""
        scored = []
        for block in fitting.exposures:
            if block.numeric or len(block.levels) < 2:
                continue
            score = block.columns @ np.arange(1.0, len(block.levels) + 1)
            scored.append(Block(block.name, f"{block.term} trend", ("per level",), score[:, None], "", numeric=True))
        if scored:
            self._fit(_Fitting(fitting.label, scored, fitting.covariates, fitting.keep))

    def _fit_subgroups(self, fitting: _Fitting, subgroup: Subgroup) -> None:
        groups = self._case_groups(subgroup)
        for label, rows in groups.items():
            self._fit(fitting.only(rows, label))
        if len(groups) > 1:
            inside = np.logical_or.reduce(list(groups.values()))
            multipliers = np.column_stack(list(groups.values())[1:]).astype(float)
            self._test_interaction(fitting.only(inside, f"interaction with {subgroup.by}"), multipliers)

    def _test_own_interaction(self, fitting: _Fitting, name: str) -> None:
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

    def _test_interaction(self, fitting: _Fitting, multipliers: NDArray[np.float64]) -> None:
        """Likelihood-ratio test of each exposure's products with ``multipliers`` (n, g)."""
        fitting = self._without_one_sided(fitting)
        rows = fitting.keep
        if not rows.any():
            return
        set_id = self.frame.set_id[rows]
        base = [_varying(b.rows(rows), set_id) for b in (*fitting.exposures, *fitting.covariates)]
        for block in fitting.exposures:
            products = [block.columns * multiplier[:, None] for multiplier in multipliers.T]
            product = Block(f"{block.name}×", block.term, block.levels * len(products), np.hstack(products), "")
            added = _varying(product.rows(rows), set_id)
            row = self._row(fitting, block, rows)
            try:
                smaller, larger = self._clogit(base, rows), self._clogit([*base, added], rows)
            except FitError as error:
                self.result.estimates.append(row | {"converged": False, "note": f"not testable: {error}"})
                continue
            statistic = max(0.0, 2 * (larger.loglik - smaller.loglik))
            df = len(added.levels)
            row |= {
                "statistic": statistic,
                "p_value": float(distributions.chi2.sf(statistic, df)) if df else None,
                "converged": True,
                "note": f"likelihood-ratio test, {df} degree{'s' if df > 1 else ''} of freedom",
            }
            self.result.estimates.append(row)

    def _add_fit(self, fitting: _Fitting, blocks: list[Block], rows: Rows, fit: ClogitFit, note: str = "") -> None:
        level = self.study.conf_level
        errors = np.sqrt(np.diag(fit.covariance))
        focus = {block.name for block in fitting.exposures}
        position = 0
        z = float(distributions.norm.ppf(0.5 + level / 2))
        use_profile = fit.penalty is not None or (self.model.interval == "profile" and not self.model.robust)
        for block in blocks:
            is_exposure = block.name in focus
            for i, name in enumerate(block.levels):
                beta, se = float(fit.beta[position]), float(errors[position])
                low, high = beta - z * se, beta + z * se
                statistic, p_value = beta / se, float(2 * distributions.norm.sf(abs(beta / se)))
                said = [self.estimand if is_exposure else "a covariate", note]
                if use_profile and is_exposure:
                    try:
                        low, high = profile_interval(fit, position, level)
                        test = profile_test(fit, [position])
                        statistic, p_value = test.statistic, test.p_value
                        said.append("profile interval and test")
                    except FitError:
                        said.append("Wald interval and test: the profile has no end that could be found")
                row = self._row(fitting, block, rows, i)
                row |= {
                    "exposure": block.name if is_exposure else _names(fitting.exposures),
                    "level": name,
                    "estimate": beta,
                    "std_error": se,
                    "conf_low": low,
                    "conf_high": high,
                    "statistic": statistic,
                    "p_value": p_value,
                    "converged": fit.converged,
                    "note": "; ".join(filter(None, said)),
                }
                self.result.estimates.append(row)
                position += 1
        self._diagnose(fitting.label, _names(fitting.exposures), _of("log-likelihood", fitting), fit.loglik, "")
        self._diagnose(fitting.label, _names(fitting.exposures), _of("iterations", fitting), fit.iterations, "")

    def _add_empty(self, fitting: _Fitting, block: Block, rows: Rows, why: str) -> None:
        for i, name in enumerate(block.levels):
            row = self._row(fitting, block, rows, i)
            self.result.estimates.append(row | {"level": name, "converged": False, "note": why})

    def _row(self, fitting: _Fitting, block: Block, rows: Rows, level: int | None = None) -> dict[str, Any]:
        set_id, case = self.frame.set_id[rows], self.frame.case[rows]
        columns = block.columns if len(block.columns) == len(case) else block.columns[rows]
        if level is not None:
            columns = columns[:, [level]]
        exposed = (columns != 0).any(axis=1)
        differing = int(discordant_sets(columns, set_id).max(initial=0)) if level is not None else None
        return {
            "analysis": "risk",
            "comparison": self.comparison,
            "model": fitting.label,
            "exposure": block.name,
            "term": block.term,
            "level": "",
            "reference": block.reference,
            "subgroup": fitting.subgroup,
            "scale": "log_or",
            "conf_level": self.study.conf_level,
            "n_sets": len(np.unique(set_id)),
            "n_informative": differing,
            "n_cases": int(case.sum()),
            "n_controls": int((~case).sum()),
            "n_exposed_cases": int((exposed & case).sum()),
            "n_exposed_controls": int((exposed & ~case).sum()),
        }

    def _diagnose(self, model: str, exposure: str, name: str, value: float | None, note: str) -> None:
        self.result.diagnostics.append(
            {
                "analysis": "risk",
                "comparison": self.comparison,
                "model": f"{self.model.key}: {model}" if model else self.model.key,
                "exposure": exposure,
                "name": name,
                "value": None if value is None else float(value),
                "note": note,
            }
        )


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


def _names(blocks: Sequence[Block]) -> str:
    return ", ".join(dict.fromkeys(block.name for block in blocks))


def _of(name: str, fitting: _Fitting) -> str:
    return f"{name} ({fitting.subgroup})" if fitting.subgroup else name
