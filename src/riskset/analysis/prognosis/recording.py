"""Fits of the prognosis become rows: estimates with their counts, curves, diagnostics, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special

from riskset.analysis.prognosis.forms import NOBODY, Design
from riskset.analysis.prognosis.patients import REFERENCE, Patients

CASES = "cases"
"""The comparison of every row of the prognosis: cases among themselves."""

Row = dict[str, Any]


@dataclass
class PrognosisResult:
    """What the prognosis gave.

    Attributes
    ----------
    estimates, curves, diagnostics : rows of ``results.tables.ESTIMATES``, ``CURVES`` and ``DIAGNOSTICS``
    failures : a sentence for each model that could not be fitted as asked
    """

    estimates: list[Row] = field(default_factory=list)
    curves: list[Row] = field(default_factory=list)
    diagnostics: list[Row] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass
class Recorder:
    """Writes down what the models of a study's prognosis gave."""

    patients: Patients
    conf_level: float
    result: PrognosisResult = field(default_factory=PrognosisResult)

    def row(self, analysis: str, model: str, exposure: str, term: str, level: str, reference: str, scale: str) -> Row:
        """A row with what every one has."""
        return {
            "analysis": analysis, "comparison": CASES, "model": model, "exposure": exposure, "term": term,
            "level": self.called(level), "reference": self.called(reference), "subgroup": "", "scale": scale,
            "conf_level": self.conf_level,
        }  # fmt: skip

    def called(self, level: str) -> str:
        """What results call a level: the reference by whom it holds."""
        return self.patients.unexposed if level == REFERENCE else level

    def counts(self, design: Design, model: str, exposure: str, level: str, *, scores: int | None = None) -> Row:
        """Patients, events, person-years (and scores) of a model, and the patients and events at one level."""
        who = self.patients
        rows = design.rows
        at = rows & (who.level[exposure] == level) if exposure in who.level else rows & False
        known = exposure in who.level
        return {
            "n_cases": int(rows.sum()),
            "n_events": int((rows & who.endpoint).sum()),
            "person_years": who.person_years(rows),
            "n_exposed_cases": int(at.sum()) if known else None,
            "n_exposed_events": int((at & who.endpoint).sum()) if known else None,
            "n_scores": scores,
        }

    def add(self, row: Row, estimate: float, std_error: float, note: str, **more: Any) -> None:
        """An estimate with its Wald interval and test."""
        reach = float(special.ndtri(0.5 + self.conf_level / 2)) * std_error
        z = estimate / std_error if std_error > 0 else np.nan
        self.result.estimates.append(
            row
            | {
                "estimate": estimate, "std_error": std_error, "conf_low": estimate - reach,
                "conf_high": estimate + reach, "statistic": z, "p_value": float(2 * special.ndtr(-abs(z))),
                "converged": True, "note": note,
            }
            | more
        )  # fmt: skip

    def add_empty(self, row: Row, why: str) -> None:
        """A row without a number, and the reason."""
        self.result.estimates.append(row | {"converged": False, "note": why})

    def add_absent(self, design: Design, analysis: str, model: str, term: str, scale: str) -> None:
        """Rows without a number for the levels that have no estimate."""
        for exposure, level, why in design.absent:
            if self.patients.unexposed != REFERENCE:
                why = why.replace("never exposed", "unexposed")
            row = self.row(analysis, model, exposure, term, level, REFERENCE, scale)
            # Counted before the level's patients were left out of the fit.
            at = self.patients.level[exposure] == level
            counts = {
                "n_exposed_cases": int(at.sum()),
                "n_exposed_events": int((at & self.patients.endpoint).sum()),
            }
            self.add_empty(row | self.counts(design, model, exposure, level) | counts, why)

    def diagnose(
        self, analysis: str, model: str, exposures: Sequence[str], name: str, value: float | None, note: str = ""
    ) -> None:
        """Keep what a reader must know to judge a model."""
        self.result.diagnostics.append(
            {
                "analysis": analysis,
                "comparison": CASES,
                "model": model,
                "exposure": ", ".join(exposures),
                "name": name,
                "value": None if value is None or not np.isfinite(value) else float(value),
                "note": note,
            }
        )

    def losses(self, design: Design, analysis: str, model: str) -> None:
        """Whom a model leaves out, and why."""
        for what, count, why in design.losses:
            self.diagnose(analysis, model, design.form.exposures, what, count, why)

    def fail(self, model: str, exposures: Sequence[str], why: str) -> None:
        """Keep a sentence on a model that could not be fitted as asked."""
        sentence = f"prognosis, {model} of {', '.join(exposures)}: {why}"
        if sentence not in self.result.failures:
            self.result.failures.append(sentence)

    def fail_uncompared(self, design: Design, model: str) -> None:
        """Keep a sentence on a model that compares nobody.

        A class that no patient used is shown with its count instead, as one that nobody in the matched sets used;
        where no class at all has been used the prognosis has failed.
        """
        some_class = any((level != REFERENCE).any() for level in self.patients.level.values())
        if some_class and all(why == NOBODY for _, _, why in design.absent):
            return
        why = "no level of exposure can be compared; see the reasons in its rows"
        self.fail(model, design.form.exposures, why)

    def curve(self, curve: str, time: float, unit: str, estimate: float, **more: Any) -> None:
        """A point of a curve."""
        self.result.curves.append(
            {"curve": curve, "time": float(time), "unit": unit, "estimate": _number(estimate)}
            | {"conf_level": self.conf_level}
            | {name: _number(value) if isinstance(value, float) else value for name, value in more.items()}
            | ({"level": self.called(more["level"])} if "level" in more else {})
        )


def _number(value: float) -> float | None:
    """The value, null where it is not defined."""
    return float(value) if np.isfinite(value) else None
