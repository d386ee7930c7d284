"""What became of the patients, for a reader who knows no statistics: in months and in shares, class by class."""

from __future__ import annotations

import math

from riskset.report import formats
from riskset.report.prognosis.ratios import lines_of
from riskset.report.prognosis.rows import MONTHS, Rows, covariate_words, few_patients, signed
from riskset.report.view import FORMS_BY_ADJUSTMENT, Line, choose_form, words_of
from riskset.report.worded import why_not_worded
from riskset.report.words import ClassSummary, certainty, listed
from riskset.results.vocabulary import Association, Family, Scale
from riskset.spec.levels import ALL, EVER, NEVER
from riskset.spec.study import Study

ASSOCIATION = (
    "These are associations too. People to whom such medicines are prescribed differ from others in illness, age and "
    "care, and none of these numbers says what would happen to a patient who starts or stops a medicine."
)


def in_general(rows: Rows) -> str:
    """How many were followed, what happened to them, and when to half of them."""
    of_all = {x["scale"]: x for x in rows.lines if x["level"] == ALL}
    rate = of_all.get(Scale.RATE)
    if rate is None:
        return ""
    text = (
        f"We followed {formats.count(rate['n_cases'])} patients from {_entry(rows)}; {formats.count(rate['n_events'])} "
        f"of them had {_event(rows)}, over {formats.count(rate['person_years'])} years of follow-up in all."
    )
    median = of_all.get(Scale.MEDIAN)
    if median is not None and median.value is not None:
        text += f" For half of them that came within {_months(median)} months of {rows.asked.origin}{_between(median)}."
    if rows.asked.curves_from:
        text += (
            f" Medians and means are of patients who had come {rows.asked.curves_from.words()} from "
            f"{rows.asked.origin} without it."
        )
    return text


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
        return (f"No patient had used {name} {_when(rows)}.",)
    return (f"Nothing is put in words of patients who had used {name} {_when(rows)}; the tables say why.",)


def _times(rows: Rows, exposure: str) -> tuple[str, ...]:
    of_class = (x for x in rows.lines if x["exposure"] == exposure and not few_patients(x))
    times = {(x["level"], x["scale"]): x for x in of_class if x["scale"] in _TIMES}
    name, sentences = words_of(exposure), []
    medians = [times.get((level, Scale.MEDIAN)) for level in (EVER, NEVER)]
    if all(x is not None and x.value is not None for x in medians):
        used, never = (f"{_months(x)} months{_between(x)}" for x in medians if x is not None)
        sentences.append(
            f"Half of the patients who had used {name} {_when(rows)} had {_event(rows)} within {used}; of those who "
            f"{_none(rows)} used {name}, half had within {never}."
        )
    mean, usual, less = (
        times.get(key) for key in ((EVER, Scale.RMST), (NEVER, Scale.RMST), (EVER, Scale.RMST_DIFFERENCE))
    )
    if mean and usual and less and less.value is not None and mean.value is not None and usual.value is not None:
        horizon = f"{MONTHS * rows.asked.horizon.days_about / 365.25:.0f}"
        sentences.append(
            f"Of the first {horizon} months patients who had used {name} lived {_months(mean)} without such an event "
            f"on average, those who {_others(rows)} {_months(usual)}: {_fewer(less, rows.never)}. "
            "These times are not adjusted for age or anything else."
        )
    return tuple(sentences)


_TIMES = (Scale.MEDIAN, Scale.RMST, Scale.RMST_DIFFERENCE)


def _none(rows: Rows) -> str:
    """``had never``; where use inside the lag counts as none, only that they had not by then."""
    return "had never" if rows.never == NEVER else f"by {rows.asked.lag.words()} before diagnosis had not"


def _others(rows: Rows) -> str:
    return "never had" if rows.never == NEVER else "had not by then"


def headlines(rows: Rows, exposure: str) -> tuple[Line | None, Line | None]:
    """The primary hazard ratio of ever use, in total and given the score at that time; None where there is none."""
    association = next(iter(rows.associations()), Association.NONE)
    total = _headline(rows.study, lines_of(rows, Family.COX), exposure)
    joint = lines_of(rows, Family.JOINT, association) if association else []
    return total, _headline(rows.study, joint, exposure)


def _ratios(rows: Rows, exposure: str) -> tuple[str, ...]:
    total, direct = headlines(rows, exposure)
    name, sentences = words_of(exposure), []
    if total is not None:
        covariates = [covariate_words(name) for name in rows.covariates_of([total])]
        covariates += ["use of the other classes"] if total.form.is_mutual and len(rows.exposures) > 1 else []
        given = f"With {listed(covariates)} taken into account, the" if covariates else "The"
        sentences.append(
            f"{given} hazard ratio (HR) of such an event among patients who had used {name}, against those who "
            f"{_others(rows)}, was {formats.ratio(total.value)}{certainty(total)}; this is the total effect."
        )
    if direct is not None:
        sentences.append(
            f"Between patients with the same current {rows.marker} score, the HR of {name} was "
            f"{formats.ratio(direct.value)}{certainty(direct)}; this is the direct effect."
        )
    if total is not None:
        where = f"{formats.count(total['n_exposed_cases'])} patients who had used {name}"
        sentences.append(f"This rests on {where}, {formats.count(total['n_exposed_events'])} of them with the event.")
    return tuple(sentences)


def _headline(study: Study, lines: list[Line], exposure: str) -> Line | None:
    """The estimate of ever use by the study's primary form, or where there is none of it by the most adjusted one."""
    by_form = {x.form: x for x in lines if (x["exposure"], x["level"]) == (exposure, EVER)}
    there = [form for form in by_form if form in FORMS_BY_ADJUSTMENT]
    if not there:
        return None
    chosen = by_form[choose_form(study.primary_prognosis_form, there)]
    return chosen if not why_not_worded(chosen) else None


def _fewer(less: Line, never: str) -> str:
    """A difference of means in months: ``1.2 months fewer (95% CI of the difference, …)``."""
    assert less.value is not None
    months = formats.number(abs(less.value) * MONTHS, 1)
    difference = "no difference" if months == "0.0" else f"{months} months {'fewer' if less.value < 0 else 'more'}"
    if less.low is None or less.high is None:
        return difference
    ends = " to ".join(signed(end * MONTHS, 1) for end in (less.low, less.high))
    confidence = formats.confidence_interval(less["conf_level"])
    return f"{difference} ({confidence} of the difference, use minus {never}: {ends} months)"


def _months(line: Line) -> str:
    return formats.NONE if line.value is None else formats.number(line.value * MONTHS, 1)


def _between(line: Line) -> str:
    """The interval in months; one without an upper end says so."""
    if line.low is None:
        return ""
    confidence = formats.confidence_interval(line["conf_level"])
    low = formats.number(line.low * MONTHS, 1)
    if line.high is None or math.isinf(line.high):
        return f" ({confidence}, from {low}, without an upper end)"
    return f" ({confidence}, {low} to {formats.number(line.high * MONTHS, 1)})"


def _when(rows: Rows) -> str:
    return f"more than {rows.asked.lag.words()} before diagnosis" if rows.asked.lag else "before diagnosis"


def _entry(rows: Rows) -> str:
    return "the later of diagnosis and registration" if rows.asked.entry == "registration" else "diagnosis"


def _event(rows: Rows) -> str:
    """``died or been ventilated``, after "had"."""
    done = {"death": "died", "invasive_ventilation": "come to invasive ventilation"}
    return " or ".join(done[e] for e in rows.asked.endpoint)
