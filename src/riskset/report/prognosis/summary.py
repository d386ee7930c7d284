"""What became of the patients, for a reader who knows no statistics: in months and in shares, class by class."""

from __future__ import annotations

import math

from riskset.report import formats
from riskset.report.catalogue import english_course_summary as english
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.prognosis.ratios import lines_of
from riskset.report.prognosis.rows import MONTHS, Rows, few_patients, signed
from riskset.report.view import FORMS_BY_ADJUSTMENT, Line, choose_form, words_of
from riskset.report.worded import why_not_worded
from riskset.report.words import ClassSummary, certainty
from riskset.results.vocabulary import Association, Family, Scale
from riskset.spec.levels import ALL, EVER, NEVER
from riskset.spec.study import Study


def in_general(rows: Rows) -> str:
    """How many were followed, what happened to them, and when to half of them."""
    of_all = {x["scale"]: x for x in rows.lines if x["level"] == ALL}
    rate = of_all.get(Scale.RATE)
    if rate is None:
        return ""
    sentences = [english.followed(rows.asked, rate["n_cases"], rate["n_events"], rate["person_years"])]
    median = of_all.get(Scale.MEDIAN)
    if median is not None and median.value is not None:
        sentences.append(english.half_within(rows.asked, _in_months(median)))
    return " ".join(filter(None, (*sentences, english.from_beginning(rows.asked))))


def by_class(rows: Rows) -> list[ClassSummary]:
    """Each class by itself: medians and mean time in months, then the adjusted ratios; or that there are none."""
    return [
        ClassSummary(rows.title(e), tuple(filter(None, (_times(rows, e), _ratios(rows, e)))) or (_nothing(rows, e),))
        for e in rows.exposures
    ]


def _nothing(rows: Rows, exposure: str) -> tuple[str, ...]:
    """Why a class has no number that may be put in words."""
    name = words_of(exposure)
    used = [x["n_exposed_cases"] for x in rows.lines if (x["exposure"], x["level"]) == (exposure, EVER)]
    if not any(used):
        return (english.nobody_used(rows.asked, name),)
    return (english.not_in_words(rows.asked, name),)


def _times(rows: Rows, exposure: str) -> tuple[str, ...]:
    of_class = (x for x in rows.lines if x["exposure"] == exposure and not few_patients(x))
    times = {(x["level"], x["scale"]): x for x in of_class if x["scale"] in _TIMES}
    name, sentences = words_of(exposure), []
    medians = [times.get((level, Scale.MEDIAN)) for level in (EVER, NEVER)]
    if all(x is not None and x.value is not None for x in medians):
        used, others = (_in_months(x) for x in medians if x is not None)
        sentences.append(english.medians(rows.asked, name, used, others, rows.never))
    mean, usual, less = (
        times.get(key) for key in ((EVER, Scale.RMST), (NEVER, Scale.RMST), (EVER, Scale.RMST_DIFFERENCE))
    )
    if mean and usual and less and less.value is not None and mean.value is not None and usual.value is not None:
        horizon = f"{MONTHS * rows.asked.horizon.days_about / 365.25:.0f}"
        difference = _fewer(less, rows.never)
        sentences.append(english.means(horizon, name, _months(mean), _months(usual), difference, rows.never))
    return tuple(sentences)


_TIMES = (Scale.MEDIAN, Scale.RMST, Scale.RMST_DIFFERENCE)


def headlines(rows: Rows, exposure: str) -> tuple[Line | None, Line | None]:
    """The primary hazard ratio of ever use, in total and given the score at that time; None where there is none.

    One that is withheld is there.
    """
    association = next(iter(rows.associations()), Association.NONE)
    total = _headline(rows.study, lines_of(rows, Family.COX), exposure)
    joint = lines_of(rows, Family.JOINT, association) if association else []
    return total, _headline(rows.study, joint, exposure)


def _ratios(rows: Rows, exposure: str) -> tuple[str, ...]:
    total, direct = headlines(rows, exposure)
    name, sentences = words_of(exposure), []
    if withheld := [x for x in (total, direct) if x is not None and x.is_withheld]:
        sentences.append(english.ratios_withheld(name, len(withheld)))
        total, direct = (None if x in withheld else x for x in (total, direct))
    if total is not None:
        covariates = [label_of_name(rows.study, name) for name in rows.covariates_of([total])]
        covariates += [english.OTHER_CLASSES] if total.form.is_mutual and len(rows.exposures) > 1 else []
        shown = f"{formats.ratio(total.value)}{certainty(total)}"
        sentences.append(english.total_effect(name, shown, covariates, rows.never))
    if direct is not None:
        shown = f"{formats.ratio(direct.value)}{certainty(direct)}"
        sentences.append(english.direct_effect(name, shown, rows.marker))
    if total is not None:
        sentences.append(english.rests_on(name, total["n_exposed_cases"], total["n_exposed_events"]))
    return tuple(sentences)


def _headline(study: Study, lines: list[Line], exposure: str) -> Line | None:
    """The estimate of ever use by the study's primary form, or where there is none of it by the most adjusted one."""
    by_form = {x.form: x for x in lines if (x["exposure"], x["level"]) == (exposure, EVER)}
    there = [form for form in by_form if form in FORMS_BY_ADJUSTMENT]
    if not there:
        return None
    chosen = by_form[choose_form(study.primary_prognosis_form, there)]
    return chosen if chosen.is_withheld or not why_not_worded(chosen) else None


def _fewer(less: Line, never: str) -> str:
    """A difference of means in months: ``1.2 months fewer (95% CI of the difference, …)``."""
    assert less.value is not None
    months = formats.number(abs(less.value) * MONTHS, 1)
    difference = english.NO_DIFFERENCE if months == "0.0" else english.fewer(months, less=less.value < 0)
    if less.low is None or less.high is None:
        return difference
    low, high = (signed(end * MONTHS, 1) for end in (less.low, less.high))
    return english.of_difference(difference, formats.confidence_interval(less["conf_level"]), low, high, never)


def _months(line: Line) -> str:
    return formats.NONE if line.value is None else formats.number(line.value * MONTHS, 1)


def _in_months(line: Line) -> english.Months:
    """A time with its interval, in months."""
    low = "" if line.low is None else formats.number(line.low * MONTHS, 1)
    high = "" if line.high is None or math.isinf(line.high) else formats.number(line.high * MONTHS, 1)
    return english.Months(_months(line), low, high, formats.confidence_interval(line["conf_level"]))
