"""What a measure is, in words: as a heading, as a question to a lay reader."""

from __future__ import annotations

from riskset.report.view import Line, Term, exposure_of, measure_of, title_of, words_of
from riskset.spec.measure_words import INDEX_DATE, measure_words
from riskset.spec.measures import Exposure, Measure
from riskset.spec.study import Study


def measure_heading(study: Study, term: Term) -> str:
    """``Anxiolytics (N05B), first use before the index date``; a term of no measure is named as it is."""
    measure = measure_of(study, term.exposure, term.name)
    title = title_of(study, term.exposure)
    if measure is None:
        return title
    what = measure_words(measure, end=end_of(study)).heading
    trend = ", trend" if term.is_trend else ""
    return f"{title}, {what}{f' ({words_of(measure.name)})' if measure.name else ''}{trend}"


def end_of(study: Study) -> str:
    """The day on which windows end."""
    return INDEX_DATE if study.anchor == "index date" else "the case's symptom onset"


def reference_label(study: Study, line: Line) -> str:
    """Who the reference of a line is, in a few words: ``Never``; ``Not before the last 1 year``."""
    measure = measure_of(study, line["exposure"], line["measure"])
    if measure is not None and line["reference"] == measure.widened_reference:
        return measure_words(measure).widened[0]
    return str(line["reference"]).capitalize()


def who_is_reference(study: Study, line: Line) -> str:
    """Whom the reference of a line holds besides those whom its label names; nothing where the label says it all."""
    exposure = exposure_of(study, line["exposure"])
    measure = measure_of(study, line["exposure"], line["measure"])
    if exposure is None or measure is None:
        return ""
    words = measure_words(measure, exposure.at_least)
    holds = words.widened[1] if line["reference"] == measure.widened_reference else words.reference_holds
    return f"{reference_label(study, line)}: {holds}" if holds else ""


def question(exposure: Exposure, measure: Measure) -> str:
    """What was asked of each person, for a lay reader; "the date" is the index date, explained before."""
    return measure_words(measure, exposure.at_least, end="the date").question
