"""Sentences made from results, for readers who are no statisticians, and the lines that methods.md prescribes.

Every number is said of its own drug class, in absolute terms beside the ratio, and as an association.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskset.report import formats
from riskset.report.absolute import in_absolute_terms
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
from riskset.report.worded import NOT_FINITE, why_not_worded
from riskset.results.comparisons import controls_of
from riskset.results.vocabulary import Form
from riskset.spec.design import Cases, Event, SiblingControls
from riskset.spec.levels import LAG_ONLY
from riskset.spec.study import Study

NO_REPLICATION = (
    "A synthetic result beside a published one is not a replication: the published values were planted, so agreement "
    "shows that the program recovers what was put in, and nothing about medicines or disease."
)
"""methods.md 22; on every table and figure that has both."""


def association(study: Study) -> str:
    """Association, not cause, and why."""
    noun = event_noun(study.cases.first)
    return (
        f"These are associations. They do not show that a medicine causes {noun}: the reason for the prescription, "
        "early signs that came before the index date, and differences between people that registers do not hold can "
        "all make use more common among cases."
    )


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


def disease_words(cases: Cases) -> str:
    """The cases as a lay reader would name them: ``people with ALS``."""
    event = cases.first
    if cases.label:
        return f"people with {cases.label}"
    if event.registry:
        return f"people with {' or '.join(event.diagnosis) if event.diagnosis else words_of(event.registry)}"
    if event.icd10:
        return f"people with a diagnosis of {' or '.join(event.icd10)}"
    if event.atc:
        return f"people who were dispensed {' or '.join(event.atc)}"
    return "people who died" + (f" of {' or '.join(event.cause)}" if event.cause else "")


def event_noun(event: Event) -> str:
    """What happened to the cases, as a noun."""
    if event.death:
        return "death"
    return "the event" if event.atc else "the disease"


def what_was_asked(view: View, analysis: str, comparison: str) -> str:
    """What was measured of each class for the summary, in plain words; classes measured alike are asked together."""
    asked: dict[str, list[str]] = {}
    for term in _headlines(view, analysis, comparison):
        described, measure = exposure_of(view.study, term.exposure), measure_of(view.study, term.exposure, term.name)
        if described is not None and measure is not None:
            asked.setdefault(question(described, measure), []).append(words_of(term.exposure))
    if not asked:
        return ""
    day = "on which the case became one" if view.study.anchor == "index date" else "of the case's first symptoms"
    questions = [f"{what} ({listed(names)})" if len(asked) > 1 else what for what, names in asked.items()]
    whom = "each drug class" if sum(map(len, asked.values())) > 1 else "the drug class"
    controls = controls_of(view.study, comparison)
    if isinstance(controls, SiblingControls) and controls.at == "same age":
        date = f"A case has as its date the day {day}, a sibling the day on which it was as old"
    else:
        date = f"A case and its controls share one date, the day {day}"
    return f"{date}. For {whom} we asked of everyone {'; '.join(questions)}."


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
    whole = max((x["n_cases"], x["n_controls"] or 0) for x in every)
    held = distinct((x["n_cases"], x["n_controls"] or 0) for x in lines)
    if not held or held == [whole]:
        return ""
    excluded = any(
        m is not None and m.excludes_lag_only
        for m in (measure_of(view.study, t.exposure, t.name) for t in _headlines(view, analysis, comparison))
    )
    whom = "people with an unknown covariate" + (", or with use inside the lag only," if excluded else "")
    return (
        f"The numbers below are of {spread([n for n, _ in held])} of these cases and {spread([m for _, m in held])} of "
        f"these controls: {whom} are left out of the adjusted model, and with them sets that lose their case or all "
        "controls."
    )


def left_out(parts: Sequence[str]) -> str:
    """What the study describes and the run did not compute; nothing where it computed all."""
    if not parts:
        return ""
    missing = " What becomes of people after the diagnosis is not answered here." if "prognosis" in parts else ""
    return f"Left out of this run: {listed([words_of(part) for part in parts])}.{missing}"


def synthetic(nation: Mapping[str, Any]) -> str:
    """That nobody in the run exists, and how the invented nation differs from a real one."""
    times = nation.get("incidence") or 1
    named = {10: "raised tenfold", 100: "raised a hundredfold"}
    how = named.get(times, f"raised {times:g}-fold" if times > 1 else f"lowered to {times:g} of what it is")
    raised = f", and with the incidence of the disease {how}" if times != 1 else ""
    return (
        f"The people in this run are invented: a synthetic nation with effects planted in it{raised}. It shows whether "
        "the program finds what was put in, and tells nothing about medicines or disease."
    )


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
    use = "any amount" if line.is_continuous else f"{line.label[:1].lower()}{line.label[1:]}"
    sentences = [_shares(name, use, line)]
    if line.model_name:
        sentences.insert(0, f"In the model {words_of(line.model_name)}:")
    if line.shown.value is None:
        noun = event_noun(study.cases.first)
        why = "the reason stands in the notes below the table of odds ratios"
        return [*sentences, f"The association of {name} with {noun} could not be estimated in these data; {why}."]
    if why := why_not_worded(line):
        text = f"How strong the association of {name} is cannot be put in words: {why}."
        if line.shown is not line:
            reason = "" if why == NOT_FINITE else f": {why}"
            text = (
                f"Maximum likelihood has no finite estimate of the association of {name} here{reason}; Firth's "
                "penalised estimate stands in the table of odds ratios."
            )
        return [*sentences, text]
    effect, short = formats.EFFECT_LONG.get(line["scale"], "estimate"), formats.EFFECT.get(line["scale"])
    more = f"for each {line['unit']} more of {name}" if line.is_continuous else f"of such use of {name}"
    abbreviated = f" ({short})" if short else ""
    sentences.append(f"The {effect}{abbreviated} {more} was {formats.ratio(line.value)}{certainty(line)}.")
    if is_only_level and (absolute := in_absolute_terms(view, name, line)):
        sentences.append(absolute)
    if line.thin:
        sentences.append(f"This rests on {line.thin}.")
    return sentences


def _shares(name: str, use: str, line: Line) -> str:
    parts = [
        f"{formats.count(exposed)} of {formats.count(n)} {who} ({formats.percent(exposed / n)})"
        for who in ("cases", "controls")
        if (n := line[f"n_{who}"]) and (exposed := line[f"n_exposed_{who}"]) is not None
    ]
    if len(parts) < 2:
        return f"How many had used {name} ({use}) was not counted."
    return f"Use of {name} ({use}): {' and '.join(parts)}."


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
    ratios = f"The ratios of the model {words_of(name)}" if name else "The ratios below"
    covariates = covariates_in_words(view, [x for x in lines if x.variant == variant])
    if variant.form is Form.CRUDE:
        return f"{ratios} take nothing but {listed(covariates) or 'the matching'} into account."
    if variant.form is Form.MUTUALLY_ADJUSTED:
        covariates.append("use of the other classes")
    return f"{ratios} take {listed(covariates)} into account." if covariates else ""


def covariates_in_words(view: View, lines: Sequence[Line]) -> list[str]:
    """The covariates that some estimates are adjusted for."""
    return [words_of(name) for name in view.covariates_of(lines)]


def explain_models(view: View, lines: Sequence[Line]) -> list[str]:
    """What each model form shown is, one sentence each; models told alike share it."""
    explained: dict[str, list[str]] = {}
    for variant in variants_of(lines):
        adjust = covariates_in_words(view, [x for x in lines if x.variant == variant])
        covariates = listed(adjust) if adjust else "no covariate"
        several = len(distinct(x["exposure"] for x in lines)) > 1
        together = " A class alone carries what often goes with it, other classes included." if several else ""
        meanings = {
            Form.CRUDE: f"the class alone{f' with {covariates}' if adjust else ''}, within matched sets.",
            Form.ADJUSTED: f"the class alone, with {covariates}.{together}",
            Form.MUTUALLY_ADJUSTED: f"all classes in one model, with {covariates}.",
        }
        if variant.form in meanings:
            explained.setdefault(meanings[variant.form], []).append(variant.words)
    return [f"{listed(models)[:1].upper()}{listed(models)[1:]}: {text}" for text, models in explained.items()]


def multiplicity(lines: Sequence[Line]) -> str:
    """That intervals are not widened for their number."""
    n = sum(x.value is not None for x in lines)
    return f"The table has {formats.count(n)} estimates; no interval is widened for their number." if n > 1 else ""


def estimand_line(view: View, comparison: str) -> str:
    """What the numbers of a comparison estimate: what all notes on its exposures say."""
    lines = [x for x in view.lines if x["comparison"] == comparison and x.is_exposure and x.value is not None]
    common = Notes.of(x.estimand for x in lines if not x.is_interaction).common
    return sentence("; ".join(common)) if common else ""


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))
