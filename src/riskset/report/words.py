"""Sentences made from results, for readers who are no statisticians, and the lines that methods.md prescribes.

Every number is said of its own drug class, in absolute terms beside the ratio, and as an association.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskset.report import formats
from riskset.report.absolute import in_absolute_terms
from riskset.report.catalogue import english_lines as line_words
from riskset.report.catalogue import english_summary as english
from riskset.report.catalogue import english_supplement as supplement_words
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.measure_words import question
from riskset.report.tables import Notes, sentence
from riskset.report.view import (
    Line,
    Term,
    Variant,
    View,
    distinct,
    exposure_of,
    headline_variants,
    measure_of,
    spread,
    title_of,
    variants_of,
    words_of,
)
from riskset.report.worded import why_not_worded
from riskset.results.comparisons import controls_of
from riskset.results.vocabulary import Form
from riskset.spec.design import SiblingControls
from riskset.spec.levels import LAG_ONLY
from riskset.spec.study import Study


@dataclass(frozen=True)
class ClassSummary:
    """What was found of one drug class.

    Attributes
    ----------
    title : the class as a heading
    findings : sentences on each level of the class's first measure
    """

    title: str
    findings: tuple[tuple[str, ...], ...]


def what_was_asked(view: View, analysis: str, comparison: str) -> str:
    """What was measured of each class for the summary, in plain words; classes measured alike are asked together."""
    asked: dict[str, list[str]] = {}
    for term in _headlines(view, analysis, comparison):
        described, measure = exposure_of(view.study, term.exposure), measure_of(view.study, term.exposure, term.name)
        if described is not None and measure is not None:
            asked.setdefault(question(described, measure), []).append(words_of(term.exposure))
    if not asked:
        return ""
    controls = controls_of(view.study.controls, comparison)
    same_age = isinstance(controls, SiblingControls) and controls.at == "same age"
    return english.asked([*asked.items()], same_age=same_age, anchor=view.study.anchor)


def _headlines(view: View, analysis: str, comparison: str) -> list[Term]:
    return distinct(x.place.term for x in headlines_of(view, analysis, comparison))


def headlines_of(view: View, analysis: str, comparison: str) -> list[Line]:
    """The lines that the summary takes of all classes."""
    lines = view.main(analysis, comparison)
    classes = [[x for x in lines if x["exposure"] == name] for name in distinct(x["exposure"] for x in lines)]
    return [x for of_class in classes for x in headline_lines(view.study, of_class)]


def who_is_in_the_models(view: View, analysis: str, comparison: str) -> str:
    """That the models of the summary hold fewer people than were compared, and why; nothing where they hold all."""
    every = [x for x in view.main(analysis, comparison) if x["n_cases"] is not None]
    if not every:
        return ""
    lines = [x for x in headlines_of(view, analysis, comparison) if x["n_cases"] is not None]
    if any(formats.is_withheld(x[name]) for x in (*every, *lines) for name in ("n_cases", "n_controls")):
        return english.some_left_out(lag_only=_excludes_lag_only(view, analysis, comparison))
    whole = max((x["n_cases"], x["n_controls"] or 0) for x in every)
    held = distinct((x["n_cases"], x["n_controls"] or 0) for x in lines)
    if not held or held == [whole]:
        return ""
    cases, controls = (spread(numbers) for numbers in zip(*held, strict=True))
    return english.fewer_in_models(cases, controls, lag_only=_excludes_lag_only(view, analysis, comparison))


def _excludes_lag_only(view: View, analysis: str, comparison: str) -> bool:
    measures = (measure_of(view.study, term.exposure, term.name) for term in _headlines(view, analysis, comparison))
    return any(measure is not None and measure.excludes_lag_only for measure in measures)


def left_out(parts: Sequence[str]) -> str:
    """What the study describes and the run did not compute; nothing where it computed all."""
    if not parts:
        return ""
    return supplement_words.left_out([words_of(part) for part in parts], course="prognosis" in parts)


def summarise_classes(view: View, analysis: str, comparison: str) -> list[ClassSummary]:
    """A summary for each drug class, every number attributed to it alone."""
    lines = view.main(analysis, comparison)
    return [
        ClassSummary(title_of(view.study, exposure), _findings(view, [x for x in lines if x["exposure"] == exposure]))
        for exposure in distinct(x["exposure"] for x in lines)
    ]


def _findings(view: View, lines: Sequence[Line]) -> tuple[tuple[str, ...], ...]:
    headlines = headline_lines(view.study, lines)
    findings = []
    for line in headlines:
        levels = {x["level"] for x in headlines if x.variant == line.variant}
        if line["level"] != LAG_ONLY:
            findings.append(tuple(_finding(view, line, is_only_level=len(levels) == 1)))
    return tuple(findings)


def headline_lines(study: Study, lines: Sequence[Line]) -> list[Line]:
    """The lines of one class that the summary takes: its first measure in the headline models, without trends."""
    variants = headline_variants(study, lines)
    candidates = [x for x in lines if x.variant in variants and not x.is_trend and not x.is_firth]
    key = _headline_measure(study, candidates)
    return [x for x in candidates if x["measure"] == key]


def _headline_measure(study: Study, lines: Sequence[Line]) -> str:
    """The first measure in the study's order that was estimated: the main question comes first."""
    there = distinct(x["measure"] for x in lines)
    exposure = exposure_of(study, lines[0]["exposure"]) if lines else None
    keys = [m.key for m in exposure.measures] if exposure else []
    return next((key for key in keys if key in there), there[0] if there else "")


def _finding(view: View, line: Line, *, is_only_level: bool) -> list[str]:
    """The same sentences of every estimate that may be put in words, wherever its interval lies."""
    study = view.study
    name = words_of(line["exposure"])
    use = english.ANY_AMOUNT if line.is_continuous else f"{line.label[:1].lower()}{line.label[1:]}"
    sentences = [_shares(name, use, line)]
    if line.model_name:
        sentences.insert(0, english.in_model(words_of(line.model_name)))
    if line.shown.is_withheld:
        return [*sentences, english.withheld(name, study.cases.first)]
    if line.shown.value is None:
        return [*sentences, english.not_estimated(name, study.cases.first)]
    if why := why_not_worded(line):
        text = english.not_in_words(name, why)
        if line.shown is not line:
            text = english.firth_in_table(name, "" if why == english.NOT_FINITE else why)
        return [*sentences, text]
    shown = f"{formats.ratio(line.value)}{certainty(line)}"
    unit = line["unit"] if line.is_continuous else ""
    sentences.append(english.effect_was(line["scale"], shown, name=name, unit=unit))
    if is_only_level and (absolute := in_absolute_terms(view, name, line)):
        sentences.append(absolute)
    if line.thin:
        sentences.append(english.rests_on(line.thin))
    return sentences


def _shares(name: str, use: str, line: Line) -> str:
    counted = [
        (exposed, n, words)
        for who, words in (("cases", line_words.CASES), ("controls", line_words.CONTROLS))
        if (n := line[f"n_{who}"]) and (exposed := line[f"n_exposed_{who}"]) is not None
    ]
    if len(counted) < 2:
        return english.shares(name, use, [])
    withheld = [words for *numbers, words in counted if any(map(formats.is_withheld, numbers))]
    return english.shares(name, use, [english.exposed(*one) for one in counted if one[-1] not in withheld], withheld)


def certainty(line: Line) -> str:
    """`` (95% CI, 0.98–1.44)``, behind an estimate; nothing where it has no interval."""
    ends = formats.interval(line.low, line.high)
    return f" ({formats.confidence_interval(line['conf_level'])}, {ends})" if ends != formats.NONE else ""


def taken_into_account(view: View, analysis: str, comparison: str) -> str:
    """What the numbers of the summary are adjusted for, one sentence for each model."""
    lines = headlines_of(view, analysis, comparison)
    sentences = (_adjusted_for(view, lines, variant) for variant in variants_of(lines))
    return " ".join(filter(None, sentences))


def _adjusted_for(view: View, lines: Sequence[Line], variant: Variant) -> str:
    name = variant.name
    covariates = covariates_in_words(view, [x for x in lines if x.variant == variant])
    if variant.form is Form.CRUDE:
        return english.adjusted_for(words_of(name), covariates, crude=True)
    if variant.form is Form.MUTUALLY_ADJUSTED:
        covariates.append(english.OTHER_CLASSES)
    return english.adjusted_for(words_of(name), covariates, crude=False)


def covariates_in_words(view: View, lines: Sequence[Line]) -> list[str]:
    """The covariates that some estimates are adjusted for."""
    return [label_of_name(view.study, name) for name in view.covariates_of(lines)]


def explain_models(view: View, lines: Sequence[Line]) -> list[str]:
    """What each model form shown is, one sentence each; models told alike share it."""
    several = len(distinct(x["exposure"] for x in lines)) > 1
    explained: dict[str, list[str]] = {}
    for variant in variants_of(lines):
        covariates = covariates_in_words(view, [x for x in lines if x.variant == variant])
        if meaning := english.form_meaning(variant.form, covariates, several=several):
            explained.setdefault(meaning, []).append(variant.words)
    return [english.models_are(models, meaning) for meaning, models in explained.items()]


def multiplicity(lines: Sequence[Line]) -> str:
    """That intervals are not widened for their number."""
    n = sum(not x.is_missing for x in lines)
    return english.multiplicity(n) if n > 1 else ""


def estimand_line(view: View, comparison: str) -> str:
    """What the numbers of a comparison estimate: what all notes on its exposures say."""
    lines = [x for x in view.lines if x["comparison"] == comparison and x.is_exposure and x.value is not None]
    common = Notes.of(x.estimand for x in lines if not x.is_interaction).common
    return sentence("; ".join(common)) if common else ""
