"""Estimates as a page shows them: on the ratio scale, named, beside what was planted and what was published.

The table of estimates stays on the model's scale; here alone it is exponentiated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_lines as line_words
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.lines import DIFFERENCES as DIFFERENCES
from riskset.report.lines import FEW_SETS as FEW_SETS
from riskset.report.lines import RATIOS as RATIOS
from riskset.report.lines import Line as Line
from riskset.report.lines import Place as Place
from riskset.report.lines import Term as Term
from riskset.report.lines import Variant as Variant
from riskset.report.lines import words_of as words_of
from riskset.report.values_in_words import notes_in_words
from riskset.results.beside import known_of
from riskset.results.columns import key_of
from riskset.results.comparisons import controls_of, is_companion, is_kin
from riskset.results.released import Released
from riskset.results.row_cells import EstimateCells, KnownCells
from riskset.results.rows import Estimate
from riskset.results.vocabulary import Contrast, DiagnosticCode, Form, Role, Scale, TruthKind
from riskset.spec.levels import ALL
from riskset.spec.measure_words import measure_words
from riskset.spec.measures import Exposure, Measure
from riskset.spec.modification import range_names, range_words
from riskset.spec.published import Published
from riskset.spec.study import Study
from riskset.spec.wording import value_in_words
from riskset.spec.words import capital

K = TypeVar("K")

FORMS = (Form.CRUDE, Form.ADJUSTED, Form.MUTUALLY_ADJUSTED)
"""The order in which forms of a model of the risk are shown."""


@dataclass(frozen=True)
class View:
    """Everything that was estimated, as lines."""

    study: Study
    lines: tuple[Line, ...]
    incidence: float | None = None
    """Cases per 100,000 person-years of people of the cases' sex and birth years, where the run counted them, or that
    this is withheld."""
    constant: frozenset[tuple[str, str]] = frozenset()
    """Comparisons and the covariates that vary within no set of theirs, and so are in none of their models."""

    def main(self, analysis: str, comparison: str) -> list[Line]:
        """Exposures in all sets."""
        lines = [x for x in self._of(analysis, comparison) if x.is_exposure and not x.modifier]
        places = places_of(lines)
        return sorted(lines, key=lambda x: places.index(x.place))

    def subgroups(self, analysis: str, comparison: str) -> list[Line]:
        """Exposures in subgroups, and the interaction tests."""
        lines = [x for x in self._of(analysis, comparison) if x.is_exposure and x.modifier]
        places = places_of(lines)
        return sorted(lines, key=lambda x: places.index(x.place))

    def analyses(self) -> list[tuple[str, str]]:
        """Pairs of analysis and comparison, in the order of the table."""
        return distinct((x["analysis"], x["comparison"]) for x in self.lines)

    def _of(self, analysis: str, comparison: str) -> list[Line]:
        return [x for x in self.lines if (x["analysis"], x["comparison"]) == (analysis, comparison)]

    def covariates_of(self, lines: Iterable[Line]) -> list[str]:
        """The covariates that some estimates are adjusted for, as the study calls them.

        One that varies within no set of its comparison is in no model.
        """
        classes = {exposure.name for exposure in self.study.exposures}
        asked = ((x["comparison"], name) for x in lines for name in x.adjusted_for if name not in classes)
        return distinct(name for comparison, name in asked if (comparison, name) not in self.constant)

    @cached_property
    def _labels(self) -> dict[str, dict[str, str]]:
        """Modifier → range → the range in words."""
        labels: dict[str, dict[str, str]] = {}
        for subgroup in (s for m in self.study.models for s in m.subgroups if s.cuts):
            ranges = zip(range_names(subgroup.cuts), range_words(subgroup.cuts), strict=True)
            labels.setdefault(subgroup.by, {}).update(ranges)
        return labels

    def stratum_label(self, modifier: str, stratum: str) -> str:
        """``Sex: female``, ``Age < 65``."""
        name = capital(label_of_name(self.study, modifier))
        ranges = self._labels.get(modifier, {})
        if stratum in ranges:
            return f"{name} {ranges[stratum]}"
        return f"{name}: {value_in_words(self.study, modifier, stratum)}"

    def people(self, line: Line) -> str:
        """The subgroup that an estimate is of, or what it compares; nothing where it is of all sets."""
        if not line.modifier:
            return ""
        if not line.is_interaction:
            return self.stratum_label(*line.stratum)
        sides = (value_in_words(self.study, line.modifier, line[name]) for name in ("stratum", "against"))
        compared = line_words.against(*sides) if line["stratum"] else ""
        step = line_words.per(line["unit"]) if line["unit"] and not compared else ""
        return ": ".join(filter(None, (line_words.interaction(line.modifier_words), compared or step)))


def read_view(released: Released) -> View:
    """Join estimates with what was planted and published, and exponentiate them."""
    study = released.study
    planted = released.rows("planted")
    lines = [_line(study, planted, row) for row in released.rows("estimates")]
    penalised = {_fit(x): x for x in lines if x.is_firth}
    lines = [x if x.is_firth else replace(x, firth=penalised.get(_fit(x))) for x in lines]
    diagnostics = released.rows("diagnostics")
    counted = {row["code"]: row["value"] for row in diagnostics}
    constant = {
        (row["comparison"], row["covariate"]) for row in diagnostics if row["code"] == DiagnosticCode.COVARIATE_CONSTANT
    }
    incidence = counted.get(DiagnosticCode.INCIDENCE_LIKE_CASES)
    is_known = formats.is_withheld(incidence) or formats.finite(incidence) is not None
    return View(study, tuple(lines), incidence if is_known else None, frozenset(constant))


def _fit(line: Line) -> tuple[Any, ...]:
    """What an ordinary estimate shares with Firth's."""
    return tuple(line[name] for name in _KEY)


_KEY = tuple(name for name in key_of(Estimate) if name != "estimator")


def _line(study: Study, planted: Sequence[KnownCells], row: EstimateCells) -> Line:
    row = row | {"notes": notes_in_words(study, row["notes"])}
    change = formats.exponentiated if row["scale"] in RATIOS else formats.finite
    value, low, high = (change(row[name]) for name in ("estimate", "conf_low", "conf_high"))
    known = known_of(row, planted)
    return Line(
        row,
        value,
        low,
        high,
        level_label(study, row),
        study=study,
        planted=change(_value(known.planted)),
        planted_source=_source(known.planted),
        limit=change(_value(known.pseudo_true)),
        limit_source=_source(known.pseudo_true),
        planted_elsewhere=change(_value(known.elsewhere)),
        published=_published(study, row),
    )


def _value(truth: KnownCells | None) -> float | None:
    return None if truth is None else truth["value"]


def _source(truth: KnownCells | None) -> str:
    """Where a truth comes from, in words."""
    if truth is None:
        return ""
    kind = ENGLISH.truths[TruthKind(truth["truth"])]
    return line_words.where_from(kind, truth["n_persons"], is_causal_only=truth["is_causal_only"])


def _published(study: Study, row: EstimateCells) -> Published | None:
    """The published figure of a level, which is one against unrelated controls."""
    of_relatives = is_kin(controls_of(study.controls, row["comparison"])) or is_companion(
        study.controls, row["comparison"]
    )
    if row["modifier"] or row["scale"] != Scale.LOG_OR or row["contrast"] == Contrast.TREND or of_relatives:
        return None
    for figure in study.published:
        place = figure.exposure, figure.measure, figure.level
        if figure.analysis == "risk" and place == (row["exposure"], row["measure"], row["level"]):
            return figure
    return None


def distinct(values: Iterable[K]) -> list[K]:
    """Each value once, in order of appearance."""
    return list(dict.fromkeys(values))


def by_class(lines: Sequence[Line]) -> list[Line]:
    """Lines of a class beside each other, the classes in the order in which they come."""
    exposures = distinct(x["exposure"] for x in lines)
    return sorted(lines, key=lambda x: exposures.index(x["exposure"]))


def places_of(lines: Sequence[Line]) -> list[Place]:
    """Places of lines, those of an exposure together, and of a measure within it."""
    places = distinct(x.place for x in lines)
    exposures = distinct(p.term.exposure for p in places)
    terms = distinct((p.term.name, p.term.is_trend) for p in places)
    return sorted(places, key=lambda p: (exposures.index(p.term.exposure), terms.index((p.term.name, p.term.is_trend))))


def variants_of(lines: Sequence[Line]) -> list[Variant]:
    """The forms of models among lines, crude first, without Firth's, which are shown apart."""
    names = names_of(lines)
    there = distinct(x.variant for x in lines if not x.is_firth)
    return sorted(there, key=lambda v: (names.index(v.name), FORMS.index(v.form)))


def names_of(lines: Sequence[Line]) -> list[str]:
    """The names of models among lines, those without one first, as ``""``."""
    return sorted(distinct(x.model_name for x in lines), key=bool)


FORMS_BY_ADJUSTMENT = (Form.MUTUALLY_ADJUSTED, Form.ADJUSTED, Form.CRUDE)
"""The most adjusted first."""


def choose_form(declared: str | None, there: Sequence[Form]) -> Form:
    """The form whose numbers are put first: the study's primary one, or where there is none of it the most adjusted.

    Parameters
    ----------
    declared : ``Study.primary_form`` or ``Study.primary_prognosis_form``
    there : forms in `FORMS_BY_ADJUSTMENT`, at least one
    """
    primary = [form for form in there if form == declared]
    return next(iter(primary), min(there, key=FORMS_BY_ADJUSTMENT.index))


def headline_variants(study: Study, lines: Sequence[Line]) -> list[Variant]:
    """The models whose numbers go into the summary: of each name the one of the study's primary form."""
    there = variants_of(lines)
    names = distinct(v.name for v in there)
    return [Variant(name, choose_form(study.primary_form, [v.form for v in there if v.name == name])) for name in names]


def exposure_of(study: Study, name: str) -> Exposure | None:
    """The exposure that bears a name; None where an estimate is about none of the study's."""
    return next((e for e in study.exposures if e.name == name), None)


def measure_of(study: Study, exposure: str, key: str) -> Measure | None:
    """The measure of an exposure that bears a key; None of a covariate."""
    described = exposure_of(study, exposure)
    return next((m for m in described.measures if m.key == key), None) if described else None


def title_of(study: Study, name: str) -> str:
    """An exposure as a heading: ``Anxiolytics (N05B)``."""
    exposure = exposure_of(study, name)
    words = capital(words_of(name))
    return f"{words} ({', '.join(exposure.codes.prefixes)})" if exposure else words


_ASSOCIATIONS = {str(kind): words for kind, words in ENGLISH.associations.items()}


def level_label(study: Study, row: EstimateCells) -> str:
    """A level in words: ``Ever, more than 1 year before``; ``First use 1–5 y before``; ``Education: short``."""
    if row["level"] == ALL:
        return line_words.ALL_PATIENTS
    if row["contrast"] == Contrast.TREND:
        return line_words.trend(words_of(row["measure"]))
    if row["role"] == Role.EXPOSURE:
        return measure_level(study, row["exposure"], row["measure"], row["level"])
    name = label_of_name(study, row["covariate"])
    per = line_words.per(row["unit"]) if row["unit"] else ""
    level = _ASSOCIATIONS.get(row["level"]) if row["role"] == Role.MARKER else None
    level = level or spaced(line_words.level(value_in_words(study, row["covariate"], row["level"])))
    return ": ".join(x for x in (capital(name), level or per) if x)


def measure_level(study: Study, exposure: str, key: str, level: str) -> str:
    """A level of a measure in words; of all levels together the measure."""
    measure = measure_of(study, exposure, key)
    if measure is None or not level:
        return ": ".join(x for x in (capital(words_of(key)), spaced(line_words.level(level))) if x)
    labels = zip(measure.level_names, measure_words(measure).labels, strict=True)
    return spaced(dict(labels).get(level) or line_words.level(level))


def spaced(level: str) -> str:
    """A level with an en dash between numbers and a space before units: ``0-90d`` → ``0–90 d``."""
    level = re.sub(r"(?<=[0-9dwmy])-(?=[0-9])", "–", level)
    return re.sub(r"(?<=[0-9])(?=[dwmy]\b)", "\u00a0", level)


def unexposed(levels: Sequence[Line]) -> tuple[int, int] | None:
    """Cases and controls in no level of a measure, given its lines in one model; None where not all are counted."""
    counts = [(x["n_cases"], x["n_controls"], x["n_exposed_cases"], x["n_exposed_controls"]) for x in levels]
    stated = {c[:2] for c in counts if not any(map(formats.is_withheld, c[:2]))}
    if not counts or any(None in c for c in counts) or len(stated) > 1:
        return None
    return counts[0][0] - sum(c[2] for c in counts), counts[0][1] - sum(c[3] for c in counts)


def spread(counts: Sequence[int]) -> str:
    """``1,009``, or ``1,001 to 1,009`` where counts differ; one that is withheld withholds all."""
    if withheld := next(filter(formats.is_withheld, counts), None):
        return formats.blank(withheld)
    low, high = (formats.count(n) for n in (min(counts), max(counts)))
    return low if low == high else line_words.spread(low, high)
