"""The rows of the prognosis, found by what they are about; names and numbers as the page words them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from riskset.report import formats
from riskset.report.catalogue import ENGLISH, english_course
from riskset.report.catalogue import english_course_levels as english
from riskset.report.catalogue.english_lines import ALL_PATIENTS
from riskset.report.values_in_words import diagnosed_in_words
from riskset.report.view import Line, View, distinct, title_of
from riskset.results.notes import NoteCode, read_notes
from riskset.results.planted_prognosis import CASES
from riskset.results.released import Released
from riskset.results.row_cells import CurveCells, DiagnosticCells, EstimateCells
from riskset.results.rows import model_of
from riskset.results.vocabulary import Association, DiagnosticCode, Family, Model, Role, Scale, Sensitivity
from riskset.spec.levels import NEVER, NOT_BEFORE_LAG, unexposed_name
from riskset.spec.models import Prognosis
from riskset.spec.published import Published
from riskset.spec.study import Study

MONTHS = 12.0


@dataclass(frozen=True)
class Rows:
    """What the run has of the prognosis.

    Attributes
    ----------
    study : the study that was run
    asked : its prognosis
    lines : estimates, exponentiated where they are ratios
    curves, diagnostics : rows of the tables
    """

    study: Study
    asked: Prognosis
    lines: Sequence[Line]
    curves: Sequence[CurveCells] = ()
    diagnostics: Sequence[DiagnosticCells] = ()

    @property
    def exposures(self) -> list[str]:
        """The exposures in the study's order, of which there is anything."""
        there = {x["exposure"] for x in self.lines} | {row["exposure"] for row in self.curves}
        return [e.name for e in self.study.exposures if e.name in there]

    @property
    def marker(self) -> str:
        """The marker as a reader knows it: ``ALSFRS-R``."""
        return english.marker(self.study, self.asked.marker)

    @property
    def conf(self) -> str:
        """``95% CI``."""
        return formats.confidence_interval(self.study.conf_level)

    @property
    def confidence(self) -> str:
        """``95%``."""
        return formats.confidence(self.study.conf_level)

    def find(
        self, scale: Scale, *, family: Family | None = None, role: Role = Role.EXPOSURE, sensitivity: bool = False
    ) -> list[Line]:
        """Estimates on a scale, of exposures or as ``role`` says; sensitivities apart."""
        return [
            x
            for x in self.lines
            if (x["scale"], x["role"]) == (scale, role)
            and family in (None, x["family"])
            and (x["sensitivity"] != Sensitivity.NONE) == sensitivity
        ]

    def diagnosed(self, *codes: DiagnosticCode) -> list[DiagnosticCells]:
        """The diagnostics of some codes."""
        return [row for row in self.diagnostics if row["code"] in codes]

    def curve(self, curve: str, exposure: str) -> list[CurveCells]:
        """The points of a curve for all levels of an exposure."""
        return [row for row in self.curves if (row["curve"], row["exposure"]) == (curve, exposure)]

    def associations(self) -> list[Association]:
        """What the hazard of the joint models depends on, in their order."""
        return distinct(Association(x["association"]) for x in self.lines if x["family"] == Family.JOINT)

    def covariates_of(self, lines: Sequence[Line]) -> list[str]:
        """The covariates that some estimates are adjusted for, as the study calls them."""
        classes = {exposure.name for exposure in self.study.exposures}
        return distinct(name for x in lines for name in x.adjusted_for if name not in classes)

    def published(self, exposure: str, level: str) -> Published | None:
        """The published hazard ratio of a level."""
        figures = (f for f in self.study.published if f.analysis == "prognosis")
        return next((f for f in figures if (f.exposure, f.level) == (exposure, level)), None)

    def title(self, exposure: str) -> str:
        return title_of(self.study, exposure) if exposure else ALL_PATIENTS

    def level(self, name: str) -> str:
        """A level in words: ``Ever, more than 1 year before diagnosis``."""
        return english.level(name, self.asked, self.never)

    @property
    def never(self) -> str:
        """What the unexposed are called within a sentence."""
        return unexposed_name(self.asked.lag, self.asked.lag_only)

    def short(self, name: str) -> str:
        """A level in a few words, in figures and where there is no room for more: ``Only in the last 1 year``."""
        return english.short(name, self.asked, self.never)


def read_rows(released: Released, view: View) -> Rows | None:
    """The rows of the prognosis; None where the study asks for none or the run has no estimate of it."""
    asked = released.study.prognosis
    lines = [replace(x, row=_by_key(x.row)) for x in view.lines if x["comparison"] == CASES]
    if asked is None or not lines:
        return None
    curves = [_by_key(_drawable(row)) for row in released.rows("curves")]
    diagnostics = [row for row in released.rows("diagnostics") if row["comparison"] == CASES]
    diagnostics = [diagnosed_in_words(released.study, row) for row in diagnostics]
    return Rows(released.study, asked, lines, curves, diagnostics)


def model_in(row: Line | CurveCells | DiagnosticCells) -> Model:
    """The model that an estimate, a point or a diagnostic is of."""
    return model_of(row.row if isinstance(row, Line) else row)


def clauses(row: Line | CurveCells | DiagnosticCells, *, without: Collection[NoteCode] = ()) -> tuple[str, ...]:
    """The notes of a row as clauses, but for some that its place says already; none of a withheld estimate."""
    if isinstance(row, Line) and row.is_withheld:
        return ()
    notes = (note for note in read_notes(row["notes"]) if note.code not in without)
    return ENGLISH.clauses(notes, row.study if isinstance(row, Line) else None)


def note_of(row: Line | CurveCells | DiagnosticCells) -> str:
    """The notes of a row in one text."""
    return "; ".join(clauses(row))


C = TypeVar("C", EstimateCells, CurveCells)
N = TypeVar("N", int, float)


def _by_key(row: C) -> C:
    """A row in which the unexposed are `NEVER`, whoever is among them, as the page looks them up."""
    return row | {"level": NEVER} if row["level"] == NOT_BEFORE_LAG else row


def value_of(point: CurveCells) -> float:
    """The value of a point that is drawn, which has one."""
    value = point["estimate"]
    assert value is not None
    return value


def _drawable(row: CurveCells) -> CurveCells:
    """A point in which a limit at infinity, or a number that is withheld, is none.

    That a number at risk is withheld stays: the curve goes on there.
    """
    return row | {
        "estimate": _known(row["estimate"]),
        "conf_low": _known(row["conf_low"]),
        "conf_high": _known(row["conf_high"]),
        "conf_level": _known(row["conf_level"]),
        "n_events": _known(row["n_events"]),
        "n_patients": _known(row["n_patients"]),
        "n_scores": _known(row["n_scores"]),
    }


def _known(number: N | None) -> N | None:
    return number if number is not None and math.isfinite(number) else None


FEW = 10
"""A level with fewer patients has no curve, and its numbers are marked."""


def few_patients(line: Line) -> str:
    """``few patients (6)``, where a number is shown that so few are behind."""
    n = line["n_exposed_cases"] if line["exposure"] else line["n_cases"]
    return english.few_patients(n) if n is not None and n < FEW and line.value is not None else ""


def signed(value: float | None, decimals: int = 2) -> str:
    """A number that may be negative, ``−0.22``; never a minus before zero."""
    return formats.number(value, decimals)


def signed_cell(
    value: float | None,
    low: float | None,
    high: float | None,
    *,
    times: float = 1,
    decimals: int = 2,
    worded: Callable[[str, str, str], str] = english_course.between,
) -> str:
    """``−0.22 (−0.55 to 0.11)``, each times a factor of units; an end that there is not was not reached.

    Parameters
    ----------
    worded : how an estimate and the ends of its interval are written
    """
    if formats.finite(value) is None:
        return formats.blank(value)
    shown, *ends = (signed(None if v is None else v * times, decimals) for v in (value, low, high))
    if ends == [formats.NONE] * 2:
        return shown
    first, last = (english_course.NOT_REACHED if end == formats.NONE else end for end in ends)
    return worded(shown, first, last)


def cell(line: Line | None, *, times: float = 1, decimals: int = 2) -> str:
    """An estimate that is no ratio, with its interval; a ratio as ever."""
    if line is None:
        return ""
    return line.cell if Scale(line["scale"]).is_ratio else signed_line(line, times=times, decimals=decimals)


def signed_line(line: Line, *, times: float = 1, decimals: int = 2) -> str:
    """An estimate as a number that may be negative, whatever its scale; that it is withheld, where it is."""
    if line.value is None:
        return line.blank
    return signed_cell(line.value, line.low, line.high, times=times, decimals=decimals)
