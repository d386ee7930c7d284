"""The estimates that the front holds: of the primary model alone, each class and level with all its comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from riskset.report.absolute import may_be_early_sign
from riskset.report.catalogue import english_front as english
from riskset.report.catalogue.english_measures import UseWords, report_words, use_words
from riskset.report.front.claims import FiniteRatio, finite_ratio
from riskset.report.front.naming import class_label
from riskset.report.front.participant_flow import known_pairs
from riskset.report.lines import Line, Place
from riskset.report.view import (
    FORMS_BY_ADJUSTMENT,
    View,
    choose_form,
    distinct,
    exposure_of,
    measure_of,
    names_of,
    places_of,
)
from riskset.report.worded import why_not_worded
from riskset.results.comparisons import companions, controls_of, is_companion, is_kin
from riskset.results.vocabulary import Analysis, Contrast, Form, Scale
from riskset.results.withheld import HiddenNumber, WithheldFor
from riskset.spec.levels import LAG_ONLY, Level
from riskset.spec.measures import Exposure, Measure
from riskset.spec.study import Study


@dataclass(frozen=True)
class UseRow:
    """One level of one class, with its estimate in each comparison.

    Attributes
    ----------
    exposure, measure, level : what was measured
    words : what the level is called
    lines : comparison → its estimate by the primary model, companions among them
    """

    exposure: Exposure
    measure: Measure
    level: Level
    words: UseWords
    lines: Mapping[str, Line]

    @property
    def name(self) -> str:
        """The class within a sentence."""
        return class_label(self.exposure)

    @property
    def is_yes_or_no(self) -> bool:
        """Whether the level is that of ever or any use, and not use within a lag alone."""
        return self.measure.form == "yes or no" and self.level.label != LAG_ONLY

    @property
    def may_be_early_sign(self) -> bool:
        """Whether it is use within a window that ends on the day, of which early signs may be the reason."""
        return may_be_early_sign(self.level)

    @property
    def since(self) -> str:
        """Of a measure that parts time, the day from which it does: ``first use``."""
        return report_words(self.measure).since

    def sayable(self, comparison: str) -> FiniteRatio | None:
        """The ratio in a comparison if it may be put in words; else None."""
        line = self.lines.get(comparison)
        return sayable(line) if line is not None else None


@dataclass(frozen=True)
class MainResults:
    """What the front shows of the risk.

    Attributes
    ----------
    study : the study
    form : the form of its primary model
    comparisons : groups of controls in the study's order, without companions
    rows : levels in the study's order, class by class
    counts_of_all : whether some counts are of all sets, because disclosure control states none of the model's own
    """

    study: Study
    form: Form
    comparisons: tuple[str, ...]
    rows: tuple[UseRow, ...]
    counts_of_all: bool = False

    @property
    def classes(self) -> list[Exposure]:
        """The classes, in the study's order."""
        return distinct(row.exposure for row in self.rows)

    def of_class(self, exposure: Exposure) -> list[UseRow]:
        """Its rows."""
        return [row for row in self.rows if row.exposure == exposure]

    @property
    def since(self) -> list[str]:
        """The days from which its measures part the time, in words; none where no measure parts it."""
        return distinct(row.since for row in self.rows if row.measure.parts_time)

    @cached_property
    def reference(self) -> str:
        """The comparison that is read first: that with unrelated controls, else the first one."""
        unrelated = [c for c in self.comparisons if not is_kin(controls_of(self.study.controls, c))]
        return [*unrelated, *self.comparisons][0]

    @property
    def has_unrelated(self) -> bool:
        """Whether the reference is a comparison with unrelated controls."""
        return not is_kin(controls_of(self.study.controls, self.reference))

    @property
    def headlines(self) -> list[list[UseRow]]:
        """Of each class the levels that are put first: those of its first yes-or-no measure, else of its first one."""
        return [_headline(self.of_class(exposure)) for exposure in self.classes]

    def companion(self, comparison: str) -> str | None:
        """The comparison of the same cases with the unrelated controls of the reference; None where there is none."""
        controls = controls_of(self.study.controls, comparison)
        pairs = companions(self.study.controls, controls) if controls is not None else ()
        return next((label for base, label in pairs if base.comparison == self.reference), None)

    def largest_model(self, comparison: str) -> tuple[int, int] | None:
        """Cases and controls of its largest model; None where a number is not given."""
        lines = [row.lines[comparison] for row in self.rows if comparison in row.lines]
        return max(known_pairs((x["n_cases"], x["n_controls"]) for x in lines), default=None)

    @property
    def shown(self) -> list[Line]:
        """The estimates of all comparisons, companions left out."""
        return [row.lines[name] for row in self.rows for name in self.comparisons if name in row.lines]

    def windows(self, exposure: Exposure) -> list[UseRow]:
        """The rows of a class's first measure that parts time or amounts into two or more levels."""
        of_class = [row for row in self.of_class(exposure) if row.measure.form in ("ordered levels", "levels")]
        keys = distinct(row.measure.key for row in of_class)
        parted = ([row for row in of_class if row.measure.key == key] for key in keys)
        return next((rows for rows in parted if len(rows) > 1), [])


def sayable(line: Line) -> FiniteRatio | None:
    """A ratio that may be put in words: finite, of a fit that converged, of ten informative sets, with its counts."""
    if why_not_worded(line) or line.thin or hidden(line):
        return None
    return finite_ratio(line.value, line.low, line.high)


def hidden(line: Line) -> bool:
    """Whether a level's odds ratio is withheld, or a count behind it not given, so that no cell may give it back.

    Disclosure control lets some ratios stand whose counts it withholds, since they do not tell them.
    """
    if isinstance(line["estimate"], HiddenNumber):
        return True
    is_of_level = (line["scale"], line["contrast"]) == (Scale.LOG_OR, Contrast.LEVEL)
    return is_of_level and None in (line["n_exposed_cases"], line["n_exposed_controls"])


def read_main(view: View) -> MainResults | None:
    """The front's estimates of the risk; None where the primary model has none.

    Of each measure the lines are those of the primary form, or of the most adjusted one that it has. Where the study
    fits several models on a measure, they are of the first.
    """
    study = view.study
    lines = [
        x
        for x in view.lines
        if x["analysis"] == Analysis.RISK
        and x.is_exposure
        and not (x.modifier or x.is_firth or x.is_trend)
        and x.form in FORMS_BY_ADJUSTMENT
    ]
    if not lines:
        return None
    form = choose_form(study.primary_form, distinct(x.form for x in lines))
    of_models = _held(study, lines, form)
    held = [_with_counts_of_all(line, lines) for line in of_models]
    rows = tuple(row for place in places_of(held) if (row := _row(study, place, held)) is not None)
    there = distinct(x["comparison"] for x in held if not is_companion(study.controls, x["comparison"]))
    comparisons = tuple(c.comparison for c in study.controls if c.comparison in there)
    counts_of_all = any(line is not before for line, before in zip(held, of_models, strict=True))
    return MainResults(study, form, comparisons, rows, counts_of_all) if rows and comparisons else None


def _held(study: Study, lines: Sequence[Line], form: Form) -> list[Line]:
    held = []
    for measure in distinct(x["measure"] for x in lines):
        of_measure = [x for x in lines if x["measure"] == measure]
        name = _first_name(study, measure, names_of(of_measure))
        of_model = [x for x in of_measure if x.model_name == name]
        shown = choose_form(form, distinct(x.form for x in of_model))
        held += [x for x in of_model if x.form is shown]
    return held


def _with_counts_of_all(line: Line, lines: Sequence[Line]) -> Line:
    """A line whose own counts are not stated, with those of the model at its place that leaves nobody out."""
    if not _is_unstated(line):
        return line
    there = [x for x in lines if (x["comparison"], x.place) == (line["comparison"], line.place) and not _is_unstated(x)]
    if not there:
        return line
    of_all = there[0].row
    row = line.row | {
        "n_sets": of_all["n_sets"],
        "n_cases": of_all["n_cases"],
        "n_controls": of_all["n_controls"],
        "n_exposed_cases": of_all["n_exposed_cases"],
        "n_exposed_controls": of_all["n_exposed_controls"],
    }
    return replace(line, row=row)


def _is_unstated(line: Line) -> bool:
    number = line["n_cases"]
    return isinstance(number, HiddenNumber) and number.rule is WithheldFor.UNSTATED


def _first_name(study: Study, measure: str, names: Sequence[str]) -> str:
    """The name, among several, of the model that the study names first on a measure."""
    ordered = [model.key for model in study.models if model.measure == measure and model.key in names]
    return next(iter(ordered), names[0]) if all(names) else ""


def _row(study: Study, place: Place, lines: Sequence[Line]) -> UseRow | None:
    """A level of the study; None of what it does not describe."""
    exposure = exposure_of(study, place.term.exposure)
    measure = measure_of(study, place.term.exposure, place.term.name)
    if exposure is None or measure is None:
        return None
    levels = measure.levels(exposure.at_least)
    at_place = [x for x in lines if x.place == place]
    level = next((x for x in levels if x.label == place.level), None)
    if level is None and any(x.is_continuous for x in at_place):
        level = levels[0]
    if level is None:
        return None
    words = use_words(measure, level, english.day_noun(study))
    return UseRow(exposure, measure, level, words, {x["comparison"]: x for x in at_place})


def _headline(rows: Sequence[UseRow]) -> list[UseRow]:
    plain = [row for row in rows if row.is_yes_or_no]
    first = plain[:1] or rows[:1]
    return [row for row in rows if row.measure == first[0].measure and (not plain or row.is_yes_or_no)]
