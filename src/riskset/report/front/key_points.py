"""Key points: question, findings and meaning in at most 250 words, with a small plot of the headlines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import english_front as english
from riskset.report.catalogue import english_key_points as key_words
from riskset.report.catalogue import english_page as page_words
from riskset.report.catalogue import english_results as result_words
from riskset.report.catalogue.english_summary import event_noun
from riskset.report.front.absolute_terms import decimals, rates_of
from riskset.report.front.claims import FiniteRatio, agree, less_precise, mostly_similar
from riskset.report.front.designs_together import among, pairs_of
from riskset.report.front.log_axis import LogAxis, Mark, Shape, fit_axis
from riskset.report.front.main_results import MainResults, UseRow, read_main, sayable
from riskset.report.front.medication_and_risk import planted_coverage, what_stands_out, windows_in_words
from riskset.report.front.naming import class_label, outcome, people
from riskset.report.front.participant_flow import known_pairs
from riskset.report.lines import Line
from riskset.report.templating import render
from riskset.report.view import FORMS_BY_ADJUSTMENT, View, choose_form, distinct, exposure_of
from riskset.results.comparisons import controls_of, is_kin
from riskset.results.released import Released
from riskset.results.vocabulary import Analysis, Family, Form, Scale, Sensitivity
from riskset.spec.levels import ALL, EVER
from riskset.spec.words import capital

MOST_STANDING_OUT = 2
"""More windows than these are left to the main figure."""


@dataclass(frozen=True)
class KeyPoints:
    """The box at the head of the page.

    Attributes
    ----------
    question : one sentence
    findings, meaning : sentences
    glance : the small plot with its numbers; empty where there is nothing to plot
    """

    question: str
    findings: tuple[str, ...]
    meaning: tuple[str, ...]
    glance: Markup

    @property
    def words(self) -> int:
        """How many words the three have."""
        return sum(len(re.findall(r"\S+", text)) for text in (self.question, *self.findings, *self.meaning))


@dataclass(frozen=True)
class _Course:
    """Hazard ratios of ever use, of the main model of the course of the disease."""

    lines: tuple[Line, ...]
    patients: int | None
    followed: int


def key_points(released: Released, view: View) -> KeyPoints:
    """The key points of a run; what may not be said in words is left out, and the question always stands."""
    study, main = view.study, read_main(view)
    course = _course(view)
    exposures = main.classes if main else study.exposures
    question = key_words.asked(
        [class_label(e) for e in exposures], study.cases.first, outcome(study), study.prognosis if course else None
    )
    findings = [*(_of_risk(main) if main else [page_words.NO_ESTIMATES]), *_of_course(view, course)]
    meaning = [key_words.not_a_cause(study.cases.first, _cause(view))]
    if main:
        meaning += _early(main)
        if (coverage := planted_coverage(main)) is not None:
            meaning.append(key_words.recovered(*coverage[:2], study.conf_level))
    return KeyPoints(question, tuple(findings), tuple(meaning), _glance(view, main, course))


def _cause(view: View) -> str:
    event = view.study.cases.first
    return event_noun(event) if event.atc and not event.death else outcome(view.study)


def _of_risk(main: MainResults) -> list[str]:
    return [*_compared(main), *_strongest(main), *windows_in_words(main), *_relatives(main)]


def _compared(main: MainResults) -> list[str]:
    """Who was compared, and the headlines that may be put in words; of the others that they may not."""
    rows = list(chain.from_iterable(main.headlines))
    lines = [row.lines[main.reference] for row in rows if main.reference in row.lines]
    sizes = known_pairs((x["n_cases"], x["n_controls"]) for x in lines)
    if not sizes:
        return []
    cases, controls = max(sizes)
    asked = controls_of(main.study.controls, main.reference)
    who = english.controls_name(asked).lower() if asked is not None else main.reference
    of_all = main.counts_of_all and main.form is not Form.CRUDE
    whom = key_words.compared(cases, people(main.study.cases, outcome(main.study)), controls, who, of_all=of_all)
    clauses, missing = [], []
    for words in distinct(row.words for row in rows):
        alike = [row for row in rows if row.words == words]
        ratios = _named((row.name, row.sayable(main.reference)) for row in alike)
        missing += [row.name for row in alike if row.sayable(main.reference) is None]
        if ratios:
            named = ratios if len(main.classes) > 1 else _without_names(ratios)
            use = words.of_any if len(main.classes) > 1 else words.of(ratios[0][0])
            adjective = english.ADJECTIVES[main.form]
            clauses.append(key_words.headline(use, adjective, named, main.study.conf_level))
    sentences = [f"{whom}, {english.listed(clauses)}."] if clauses else []
    if missing and (names := distinct(missing)):
        sentences.append(key_words.not_in_words(names))
    return sentences


_Named = tuple[str, float, float, float]


def _named(ratios: Iterable[tuple[str, FiniteRatio | None]]) -> list[_Named]:
    """Those that may be put in words, each with its name."""
    return [(name, one.value, one.low, one.high) for name, one in ratios if one is not None]


def _without_names(ratios: Sequence[_Named]) -> list[_Named]:
    """The same where there is one class only, which the sentence names."""
    return [("", value, low, high) for _, value, low, high in ratios]


def _strongest(main: MainResults) -> list[str]:
    standing = what_stands_out(main)
    if len(standing) > MOST_STANDING_OUT:
        return []
    ratios = [(row, row.sayable(main.reference)) for row, _ in standing]
    level = main.study.conf_level
    return [key_words.strongest(row.words.of(row.name), *one, level) for row, one in ratios if one is not None]


def _relatives(main: MainResults) -> list[str]:
    """How estimates from relatives compare with those of the same cases against unrelated controls."""
    pairs = pairs_of(main)
    if not pairs:
        return []
    there = distinct(pair.comparison for pair in pairs)
    adjectives = [english.controls_adjective(c) for name in there if (c := controls_of(main.study.controls, name))]
    both = [(pair.kin, pair.unrelated) for pair in pairs]
    uses = distinct(pair.row.words.of_any for pair in pairs)
    differing = [pair.words for pair in pairs if not agree(pair.kin, pair.unrelated)]
    return [
        key_words.relatives(
            distinct(adjectives),
            less_precise=all(less_precise(*pair) for pair in both),
            similar=mostly_similar(both),
            differing=differing,
            use=uses[0] if len(uses) == 1 else "",
            among=among(main),
        )
    ]


def _early(main: MainResults) -> list[str]:
    """That use near the day may reflect symptoms, where the window that stands out is the nearest one."""
    nearest = [row for row, _ in what_stands_out(main) if row.may_be_early_sign]
    return [key_words.early_symptoms(english.day_noun(main.study))] if nearest else []


def _course(view: View) -> _Course | None:
    """The hazard ratios of ever use in total, by the most adjusted Cox model there is or the form of the risk."""
    asked = view.study.prognosis
    lines = [
        x
        for x in view.lines
        if x["analysis"] == Analysis.PROGNOSIS
        and x["family"] == Family.COX
        and (x["scale"], x["level"], x["sensitivity"]) == (Scale.LOG_HR, EVER, Sensitivity.NONE)
        and x.is_exposure
        and not x.modifier
        and x.form in FORMS_BY_ADJUSTMENT
    ]
    if asked is None or not lines:
        return None
    form = choose_form(view.study.primary_prognosis_form, distinct(x.form for x in lines))
    held = [x for x in lines if x.form is form]
    order = [e.name for e in view.study.exposures]
    followed = [x["n_cases"] for x in view.lines if (x["scale"], x["level"]) == (Scale.RATE, ALL) and x["n_cases"]]
    modelled = [n for n, _ in known_pairs((x["n_cases"], x["n_events"]) for x in held)]
    of = max([*(n for n, _ in known_pairs((n, n) for n in followed)), *modelled], default=None)
    if of is None:
        return None
    patients = max(modelled, default=None)
    return _Course(tuple(sorted(held, key=lambda x: order.index(x["exposure"]))), patients, of)


def _of_course(view: View, course: _Course | None) -> list[str]:
    asked = view.study.prognosis
    if course is None or asked is None:
        return []
    ratios = _named((_name(view, x), sayable(x)) for x in course.lines)
    if not ratios:
        return []
    named = ratios if len(course.lines) > 1 else _without_names(ratios)
    use = key_words.course_use(asked.lag, "" if len(course.lines) > 1 else ratios[0][0])
    return [
        key_words.course_ratios(
            course.patients, course.followed, english.endpoints(asked), use, named, view.study.conf_level
        )
    ]


def _name(view: View, line: Line) -> str:
    exposure = exposure_of(view.study, line["exposure"])
    return class_label(exposure) if exposure is not None else str(line["exposure"])


@dataclass(frozen=True)
class _GlanceRow:
    name: str
    piece: Markup
    ratio: str


def _glance(view: View, main: MainResults | None, course: _Course | None) -> Markup:
    """The headlines of the reference comparison and of the course of the disease, those that may be put in words."""
    risk = _headline_ratios(main) if main else []
    after = [(capital(_name(view, x)), one) for x in course.lines if (one := sayable(x)) is not None] if course else []
    every = [one for _, one in (*risk, *after)]
    if not every or main is None:
        return Markup()
    axis = fit_axis([(one.value, one.low, one.high) for one in every])
    kin = is_kin(controls_of(main.study.controls, main.reference))
    mark = Mark(Shape.SQUARE, "siblings") if kin else Mark(Shape.CIRCLE, "population")
    endpoints = english.endpoints(view.study.prognosis) if view.study.prognosis else ""
    titles = key_words.glance_titles(outcome(view.study), endpoints)
    parts = [(titles[i], _rows(axis, mark, lines)) for i, lines in enumerate((risk, after)) if lines]
    rows = list(chain.from_iterable(main.headlines))
    uses = distinct(row.words.of_any for row in rows)
    return render(
        "front_glance.html",
        words=page_words,
        title=capital(uses[0]) if len(uses) == 1 else "",
        parts=parts,
        axis=axis.labels(few=True),
        scale=key_words.SCALE,
        absolute=_absolute(main, view),
        hue=mark.hue,
    )


def _headline_ratios(main: MainResults) -> list[tuple[str, FiniteRatio]]:
    ratios = []
    for of_class in main.headlines:
        for row in of_class:
            if (one := row.sayable(main.reference)) is not None:
                ratios.append((_short_name(row, of_class), one))
    return ratios


def _short_name(row: UseRow, of_class: Sequence[UseRow]) -> str:
    return capital(row.name) if len(of_class) == 1 else f"{capital(row.name)}, {row.words.label.lower()}"


def _rows(axis: LogAxis, mark: Mark, ratios: Sequence[tuple[str, FiniteRatio]]) -> list[_GlanceRow]:
    return [_GlanceRow(name, axis.row(*one, mark), formats.ratio_with_interval(*one)) for name, one in ratios]


def _absolute(main: MainResults, view: View) -> str:
    """Rates with and without the headline use, where they can be given for every class and these are few."""
    rates = [r for r in rates_of(main, view.incidence) if r.row.is_yes_or_no]
    both = [(r.with_use, r.without) for r in rates if r.with_use is not None]
    if not rates or len(both) < len(main.classes) or len(rates) > english.MOST_NAMED or view.incidence is None:
        return ""
    digits = decimals(view.incidence)
    what = english.outcome_rate(main.study.cases.first, outcome(main.study))[1]
    return key_words.glance_absolute(result_words.rather_than(both, digits), what, several=len(both) > 1)
