"""Fits become rows of results: estimates with their counts, diagnostics, and sentences on what failed."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from riskset.analysis.coding import Block, discordant_sets
from riskset.analysis.frame import AnalysisFrame, Rows
from riskset.analysis.kin import flag_of, says_always
from riskset.errors import FitError
from riskset.microdata import Microdata
from riskset.results.comparisons import controls_of
from riskset.spec.models import ConditionalLogistic
from riskset.spec.study import Study
from riskset.stats import ClogitFit, profile_interval, profile_test

RATIO_OF_RATIOS = "a ratio of two odds ratios: 1 where they do not differ"


def why_not(error: FitError) -> str:
    """An error as clauses of a note. Nobody needs to ask for Firth's penalty: its estimate stands beside."""
    remedy = "" if "penalty" in error.remedy else error.remedy
    return "; ".join(filter(None, (f"{error.where}: {error.what}".removeprefix(": "), remedy)))


@dataclass
class RiskResult(Microdata):
    """What a model gave.

    Attributes
    ----------
    estimates, diagnostics : rows of ``results.tables.ESTIMATES`` and ``DIAGNOSTICS``
    failures : a sentence for each main model that could not be fitted as asked
    cases : form of the model → the persons who are cases of its whole sets (microdata: stays in memory)
    """

    estimates: list[dict[str, Any]] = field(default_factory=list)
    diagnostics: list[dict[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    cases: dict[str, NDArray[np.int64]] = field(default_factory=dict)


@dataclass
class Fitting(Microdata):
    """One model form on some of the rows."""

    label: str
    exposures: list[Block]
    covariates: list[Block]
    keep: Rows
    known: Rows
    """Rows where every covariate is known."""
    subgroup: str = ""
    plain: bool = False
    """Whether an adjusted model of the same stands beside it, to which subgroups are left."""
    how: str = ""
    """By whose value people are parted, and why."""

    def only(self, rows: Rows, subgroup: str) -> Fitting:
        """The same model on some of the rows, under a label."""
        return replace(self, keep=self.keep & rows, subgroup=subgroup)


@dataclass(frozen=True)
class Recorder(Microdata):
    """Writes down what the fits of one model of a study gave, on the sets of one comparison."""

    study: Study
    model: ConditionalLogistic
    frame: AnalysisFrame
    comparison: str
    estimand: str
    result: RiskResult = field(default_factory=RiskResult)

    def fail(self, where: str, *clauses: str) -> None:
        """Keep a sentence on a main model that could not be fitted as asked."""
        sentence = f"{where}: {'; '.join(clauses)}"
        if sentence not in self.result.failures:
            self.result.failures.append(sentence)

    def add_fit(
        self,
        fitting: Fitting,
        blocks: list[Block],
        rows: Rows,
        fit: ClogitFit,
        note: str = "",
        *,
        only: Container[str] | None = None,
    ) -> None:
        """A row for each coefficient of a fit, whose columns are those of ``blocks`` in the given rows.

        A spline's columns have no ratio of their own and no rows, nor have the covariates of a model that holds all
        strata. ``only`` names the columns to write down, if not all.
        """
        focus = {block.name for block in fitting.exposures}
        if only is None and any(block.stratum for block in blocks):
            only = {name for block in blocks if block.name in focus for name in block.names}
        position = -1
        for block in blocks:
            is_exposure = block.name in focus
            for i, name in enumerate(block.levels):
                position += 1
                if block.basis or (only is not None and block.names[i] not in only):
                    continue
                about = [*self._said_of(block, name), fitting.how] if is_exposure else ["a covariate"]
                numbers, said = self.numbers(fit, position, is_exposure=is_exposure)
                row = self.row(fitting, block, rows, i) | numbers
                row |= {
                    "exposure": block.name if is_exposure else names_of(fitting.exposures),
                    "level": name,
                    "note": "; ".join(filter(None, [*about, note, *said])),
                }
                self.result.estimates.append(row)
        self.diagnose(fitting.label, names_of(fitting.exposures), told_of("log-likelihood", fitting), fit.loglik, "")
        self.diagnose(fitting.label, names_of(fitting.exposures), told_of("iterations", fitting), fit.iterations, "")

    def numbers(self, fit: ClogitFit, position: int, *, is_exposure: bool = True) -> tuple[dict[str, Any], list[str]]:
        """A coefficient with its interval and test, by profile where that is asked for; and how they were made."""
        level = self.study.conf_level
        beta, se = float(fit.beta[position]), float(fit.std_error[position])
        low, high = (float(end) for end in fit.interval(level)[position])
        statistic, p_value = beta / se, float(2 * special.ndtr(-abs(beta / se)))
        said = ["robust standard error, clustered by set" if fit.n_clusters else ""]
        if is_exposure and (fit.penalty is not None or self.model.interval == "profile"):
            try:
                low, high = profile_interval(fit, position, level)
                test = profile_test(fit, [position])
                statistic, p_value = test.statistic, test.p_value
                said.append("profile interval and test")
            except FitError:
                said.append("Wald interval and test: the profile has no end that could be found")
        numbers = {"estimate": beta, "std_error": se, "conf_low": low, "conf_high": high}
        return numbers | {"statistic": statistic, "p_value": p_value, "converged": fit.converged}, said

    def _said_of(self, block: Block, level: str) -> list[str]:
        """What the kind of controls asks to be said of a level."""
        if block.compares:
            return [RATIO_OF_RATIOS]
        controls = controls_of(self.study, self.comparison)
        exposure = next((e for e in self.study.exposures if e.name == block.name), None)
        measure = next((m for m in exposure.measures if m.key == block.term), None) if exposure else None
        return [self.estimand, says_always(controls), flag_of(controls, measure, level)]

    def add_empty(self, fitting: Fitting, block: Block, rows: Rows, why: str) -> None:
        """A row without a number, with the reason, for each level of a block."""
        for i, name in enumerate(block.levels):
            row = self.row(fitting, block, rows, i)
            note = "; ".join(filter(None, (why, fitting.how)))
            self.result.estimates.append(row | {"level": name, "converged": False, "note": note})

    def row(self, fitting: Fitting, block: Block, rows: Rows, level: int | None = None) -> dict[str, Any]:
        """What every row has: whom it is about, and the counts, of one level or of all levels of a block.

        Of a stratum its own people are counted, and the sets that have some of them; a ratio of ratios has no exposed.
        """
        block = block if len(block.columns) == int(rows.sum()) else block.rows(rows)
        set_id, case, columns = self.frame.set_id[rows], self.frame.case[rows], block.columns
        here = np.ones(len(case), dtype=bool) if block.members is None else block.members
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
            "subgroup": block.stratum or fitting.subgroup,
            "scale": "log_ror" if block.compares else "log_or",
            "conf_level": self.study.conf_level,
            "n_sets": len(np.unique(set_id[here])),
            "n_informative": differing,
            "n_cases": int((here & case).sum()),
            "n_controls": int((here & ~case).sum()),
            "n_exposed_cases": None if block.compares else int((exposed & case).sum()),
            "n_exposed_controls": None if block.compares else int((exposed & ~case).sum()),
        }

    def diagnose(self, model: str, exposure: str, name: str, value: float | None, note: str) -> None:
        """Keep what a reader must know to judge a model."""
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


def names_of(blocks: Sequence[Block]) -> str:
    """The blocks' names in a row, each once."""
    return ", ".join(dict.fromkeys(block.name for block in blocks))


def told_of(name: str, fitting: Fitting) -> str:
    """A diagnostic's name, with the subgroup it is of."""
    return f"{name} ({fitting.subgroup})" if fitting.subgroup else name
