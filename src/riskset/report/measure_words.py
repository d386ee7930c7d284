"""What a measure is, in words: as a heading, as a question to a lay reader."""

from __future__ import annotations

from riskset.report.catalogue import english_lines as line_words
from riskset.report.catalogue import english_tables as english
from riskset.report.view import Line, Term, exposure_of, measure_of, title_of, words_of
from riskset.spec.measure_words import measure_words
from riskset.spec.measures import Exposure, Measure
from riskset.spec.study import Study


def measure_heading(study: Study, term: Term) -> str:
    """``Anxiolytics (N05B), first use before the index date``; a term of no measure is named as it is."""
    measure = measure_of(study, term.exposure, term.name)
    title = title_of(study, term.exposure)
    if measure is None:
        return title
    what = measure_words(measure, end=end_of(study)).heading
    return english.measure_heading(title, what, words_of(measure.name or ""), trend=term.is_trend)


def end_of(study: Study) -> str:
    """The day on which windows end."""
    return english.INDEX_DATE if study.anchor == "index date" else english.SYMPTOM_ONSET


def reference_label(study: Study, line: Line) -> str:
    """Who the reference of a line is, in a few words: ``Never``; ``Not before the last 1 year``."""
    measure = measure_of(study, line["exposure"], line["measure"])
    if measure is not None and line["reference"] == measure.widened_reference:
        return measure_words(measure).widened[0]
    return line_words.level(line["reference"]).capitalize()


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
    return measure_words(measure, exposure.at_least, end=english.THE_DATE).question
