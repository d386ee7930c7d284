"""One estimate, as a page shows it, and its place: of which exposure, measure and level, in which form of a model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_lines as line_words
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.results.notes import NoteCode, read_notes
from riskset.results.row_cells import EstimateCells
from riskset.results.rows import model_of, names_in
from riskset.results.vocabulary import Contrast, Estimator, Family, Form, Role, Scale
from riskset.spec.published import Published
from riskset.spec.study import Study

FEW_SETS = 10
"""An estimate with fewer informative sets is marked."""

DIFFERENCES = (Scale.SLOPE, Scale.SCORE, Scale.RMST_DIFFERENCE, Scale.SURVIVAL_DIFFERENCE)
"""Scales on which a number may lie on either side of nought."""
RATIOS = tuple(scale for scale in Scale if scale.is_ratio)


class Variant(NamedTuple):
    """A form of a model of one name, on whatever measure: a column of a table, a series of a figure.

    Attributes
    ----------
    name : the model's own, where the study fits several on one measure; else empty
    form : what stands in it
    """

    name: str
    form: Form

    @property
    def words(self) -> str:
        """``adjusted``, or ``adjusted (strict)`` for a model with a name of its own."""
        form = ENGLISH.forms[self.form]
        return f"{form} ({words_of(self.name)})" if self.name else form

    @property
    def label(self) -> str:
        """``adjusted``, ``strict: adjusted``."""
        form = ENGLISH.forms[self.form]
        return f"{words_of(self.name)}: {form}" if self.name else form


class Term(NamedTuple):
    """What of an exposure levels are of: a measure, or one slope over its levels; or a covariate."""

    exposure: str
    name: str
    is_trend: bool = False


class Place(NamedTuple):
    """Exposure, measure and level: the same in every model."""

    term: Term
    level: str

    @property
    def whole(self) -> Place:
        """The place of what is of all levels together."""
        return Place(self.term, "")


@dataclass(frozen=True)
class Line:
    """One estimate.

    Attributes
    ----------
    row : the row of the estimates table
    value, low, high : exponentiated where the scale is a logarithm; None where not estimable, or withheld
    label : the level in words
    planted, planted_source : the planted ratio that a model of this form aims at, where there is one
    limit, limit_source : what a model of this form tends to in the synthetic nation, where that was solved
    planted_elsewhere : the ratio planted for this level, where models of another form aim at it
    published : the published figure for this level
    firth : the estimate by Firth's penalised likelihood of the same model, level and sets
    """

    row: EstimateCells
    value: float | None
    low: float | None
    high: float | None
    label: str
    planted: float | None = None
    planted_source: str = ""
    limit: float | None = None
    limit_source: str = ""
    planted_elsewhere: float | None = None
    published: Published | None = None
    firth: Line | None = None
    study: Study | None = None

    def __getitem__(self, column: str) -> Any:
        cells: Mapping[str, Any] = self.row
        return cells[column]

    @property
    def is_withheld(self) -> bool:
        """Whether there is an estimate, and it is not given away."""
        return formats.is_withheld(self.row["estimate"])

    @property
    def is_missing(self) -> bool:
        """Whether there is no estimate, for a reason that its notes say; one that is withheld is none of these."""
        return self.value is None and not self.is_withheld

    @property
    def blank(self) -> str:
        """What stands where it has no number: that it is withheld, or a dash."""
        return formats.blank(self.row["estimate"])

    @property
    def cell(self) -> str:
        """``1.34 (1.12–1.60)``; a difference ``−0.22 (−0.55 to 0.11)``."""
        if self.value is None:
            return self.blank
        differs = self.row["scale"] in DIFFERENCES
        shown = formats.difference_with_interval if differs else formats.ratio_with_interval
        return shown(self.value, self.low, self.high)

    @property
    def is_ratio(self) -> bool:
        return self.row["scale"] in RATIOS

    @property
    def adjusted_for(self) -> tuple[str, ...]:
        """The covariates and other classes that its model is adjusted for, as the study calls them."""
        return names_in(self.row["adjusted_for"])

    @property
    def is_firth(self) -> bool:
        return bool(self.row["estimator"] == Estimator.FIRTH)

    @property
    def thin(self) -> str:
        """``few informative sets (7)``, where an estimate is shown that so few are behind; not where withheld."""
        n = self.row["n_informative"]
        if n is None or formats.is_withheld(n) or n >= FEW_SETS or self.shown.value is None:
            return ""
        return line_words.few_sets(n)

    @property
    def is_trend(self) -> bool:
        """Whether the ratio is for one level more of a measure's."""
        return bool(self.row["contrast"] == Contrast.TREND)

    @property
    def is_continuous(self) -> bool:
        """Whether the ratio is for a step of a number, such as 100 DDD: nobody "has" such a level."""
        return bool(self.row["contrast"] == Contrast.PER_UNIT)

    @property
    def is_exposure(self) -> bool:
        """Whether it is about a measure of an exposure; the others are about covariates."""
        return bool(self.row["role"] == Role.EXPOSURE)

    @property
    def shown(self) -> Line:
        """The estimate itself, or Firth's where it has no finite one."""
        firth = self.firth
        return firth if self.is_missing and firth is not None and not firth.is_missing else self

    @property
    def shown_cell(self) -> str:
        """``1.34 (1.12–1.60)``, or ``Firth 0.21 (0.02–0.90)`` where that stands in."""
        return line_words.firth(self.shown.cell) if self.shown is not self else self.cell

    def holds_in_words(self, truth: float | None, *, yes: str, no: str) -> str:
        """Whether the interval shown holds a value, in words; of a withheld one that it is withheld."""
        holds = self.holds(truth)
        return self.shown.blank if holds is None else yes if holds else no

    def holds(self, truth: float | None) -> bool | None:
        """Whether the interval shown holds a value; None where either is missing."""
        low, high = self.shown.low, self.shown.high
        return None if truth is None or low is None or high is None else low <= truth <= high

    @property
    def model_name(self) -> str:
        """The model's own name where the study fits several on one measure, else nothing."""
        return str(self.row["model_name"])

    @property
    def form(self) -> Form:
        """Crude, adjusted, mutually adjusted."""
        return Form(self.row["form"])

    @property
    def variant(self) -> Variant:
        """The column of a table that it stands in."""
        return Variant(self.model_name, self.form)

    @property
    def model_words(self) -> str:
        """``adjusted``, ``strict: adjusted, Firth``; of the prognosis ``Cox, adjusted``."""
        if self.row["family"] != Family.CONDITIONAL_LOGISTIC:
            return ENGLISH.model(model_of(self.row))
        return f"{self.variant.label}{f', {line_words.FIRTH}' if self.is_firth else ''}"

    @property
    def place(self) -> Place:
        """Exposure, measure and level: the same in every model."""
        name = self.row["measure"] if self.is_exposure else self.row["covariate"]
        return Place(Term(self.row["exposure"], name, self.is_trend), self.row["level"])

    @property
    def clauses(self) -> tuple[str, ...]:
        """What is to be said of it, each a clause; nothing of an estimate that is withheld."""
        if self.is_withheld:
            return ()
        compared = (line_words.RATIO_OF_RATIOS,) if self.row["contrast"] == Contrast.RATIO_OF_RATIOS else ()
        return (*compared, *ENGLISH.clauses(read_notes(self.row["notes"]), self.study))

    @property
    def estimand(self) -> tuple[str, ...]:
        """What it estimates, each a clause."""
        return ENGLISH.clauses((n for n in read_notes(self.row["notes"]) if n.code in _OF_ALL), self.study)

    @property
    def is_interaction(self) -> bool:
        """Whether it is a ratio of ratios, or their joint test."""
        return self.row["contrast"] in (Contrast.RATIO_OF_RATIOS, Contrast.TEST)

    @property
    def modifier(self) -> str:
        """What may modify the effect; nothing where it is of all sets."""
        return str(self.row["modifier"])

    @property
    def modifier_words(self) -> str:
        """The same as the study calls it."""
        return label_of_name(self.study, self.modifier)

    @property
    def stratum(self) -> tuple[str, str]:
        """What may modify the effect, and the level of it."""
        return self.row["modifier"], self.row["stratum"]


_OF_ALL = (
    *(NoteCode.ESTIMAND, NoteCode.SETS_GIVEN, NoteCode.AGES_DIFFER, NoteCode.OF_SAME_CASES),
    NoteCode.ALWAYS_ADJUSTED,
)
"""Notes that every number of a comparison has."""


def words_of(name: str) -> str:
    """A name as words: ``hypnotics_sedatives`` → ``hypnotics sedatives``, ``ddd`` → ``DDD``."""
    return re.sub(r"\bddd\b", "DDD", name.replace("_", " "))
