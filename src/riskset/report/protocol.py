"""The protocol of a study, written from its description alone, before there are data.

Its chapters are those of HARPER, the harmonised protocol template of ISPE and ISPOR (Wang et al., Pharmacoepidemiol
Drug Saf 2023;32:44-55), in our own wording. What a description cannot know is marked as the authors' part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import assert_never

from riskset.report.protocol_limits import limitations
from riskset.spec import words
from riskset.spec.check import needs, problems
from riskset.spec.design import (
    Controls,
    Event,
    GivenControls,
    PopulationControls,
    SiblingControls,
    SpouseControls,
)
from riskset.spec.explain import cases_in_words, controls_in_words, eligibility_in_words
from riskset.spec.explain_analysis import models_in_words, people_in_words, prognosis_in_words, published_in_words
from riskset.spec.explain_exposure import covariates_in_words, exposures_in_words
from riskset.spec.measure_words import measure_words
from riskset.spec.measures import AtcCodes, DiagnosisCovariate, DispensingCovariate
from riskset.spec.paragraphs import Drawing
from riskset.spec.study import Study
from riskset.spec.time import Duration
from riskset.spec.wording import heading_of, label_of, label_of_name, outcome_of, subtitle_of


@dataclass(frozen=True)
class TextTable:
    """A table of texts.

    Attributes
    ----------
    caption : what it shows
    head : the columns
    rows : as many texts each
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ToWrite:
    """What no description can know and the authors write."""

    what: str


@dataclass(frozen=True)
class DesignDiagram:
    """Where a page that can show pictures has the design as one; `TextTable` below it says the same in words."""


Block = str | Drawing | TextTable | ToWrite | DesignDiagram


@dataclass(frozen=True)
class Chapter:
    """A numbered heading and what stands below it; texts that begin with ``- `` are points of a list.

    Attributes
    ----------
    number : ``6.3``; a chapter within another has the other's number before the last point
    """

    number: str
    title: str
    blocks: tuple[Block, ...] = ()

    @property
    def depth(self) -> int:
        """1 of a chapter, 2 of a section of it."""
        return self.number.count(".") + 1


def protocol_chapters(study: Study) -> tuple[Chapter, ...]:
    """The protocol of a study; equal studies have equal protocols."""
    return (
        Chapter("1", "Title and authors", tuple(_title(study))),
        Chapter("2", "Abstract", (ToWrite("a structured summary, when the rest is settled"),)),
        Chapter("3", "Amendments", (_AMENDMENTS, ToWrite("each amendment: date, chapter, change, reason"))),
        Chapter("4", "Milestones", (ToWrite("dates of registration, data extraction, analysis and report"),)),
        Chapter("5", "Rationale and background", tuple(_rationale(study))),
        Chapter("6", "Research question and objectives", tuple(_question(study))),
        Chapter("7", "Methods"),
        Chapter("7.1", "Design", (*controls_in_words(study), *_why_this_design(study.controls))),
        Chapter("7.2", "Design diagram", (DesignDiagram(), _windows(study))),
        Chapter("7.3", "Setting and time zero", tuple(_setting(study))),
        Chapter("7.4", "Eligibility", (*eligibility_in_words(study.eligibility), _events(study))),
        Chapter("7.5", "Exposure", (*exposures_in_words(study, keys=False), *_exposure_codes(study))),
        Chapter("7.6", "Outcome", (*cases_in_words(study), ToWrite(_VALIDITY))),
        Chapter("7.7", "Follow-up", prognosis_in_words(study, keys=False) or (_NO_FOLLOW_UP,)),
        Chapter("7.8", "Covariates", tuple(_covariates(study))),
        Chapter("7.9", "Statistical analysis", tuple(_analysis(study))),
        Chapter("7.10", "Sensitivity analyses", tuple(_sensitivity(study))),
        Chapter("7.11", "Data sources", (_data(study), ToWrite(_REGISTERS))),
        Chapter("7.12", "Data management and quality control", _QUALITY),
        Chapter("7.13", "Study size", tuple(_size(study))),
        Chapter("8", "Limitations", (*(f"- {text}" for text in limitations(study)), *_advice(study))),
        Chapter("9", "Protection of persons", (_PROTECTION, ToWrite("ethical approval and legal basis"))),
        Chapter("10", "Reporting of adverse events", (_ADVERSE,)),
        Chapter("11", "References", tuple(_references(study))),
    )


DAY_0 = "day 0"


def _title(study: Study) -> Iterator[Block]:
    yield TextTable(
        "Title page",
        ("Item", "Content"),
        (
            ("Title", heading_of(study)),
            ("Subtitle", subtitle_of(study)),
            ("Name of the description", study.name),
            ("Fingerprint of the description", study.fingerprint),
            ("Fingerprint of its words", study.words_fingerprint),
        ),
    )
    yield ToWrite(
        "version and date; authors with affiliations; registration; sponsor and funding; conflicts of interest"
    )


def _rationale(study: Study) -> Iterator[Block]:
    if study.description:
        yield study.description
    yield ToWrite("what is known, what is not, and why this study is done")


def _question(study: Study) -> Iterator[Block]:
    classes = [label_of(exposure) for exposure in study.exposures]
    measured = dict.fromkeys(f"{label_of(e)}: {measure_words(m).heading}" for e in study.exposures for m in e.measures)
    low, high = study.eligibility.age
    form = study.primary_form
    use = f"use of {words.both(classes, 'or')}" if classes else "what is described"
    rows = (
        ("Objective", f"Whether {use} is associated with {outcome_of(study)}"),
        ("Population", f"Residents aged {low} to {high} years on the index date"),
        ("Exposure", "; ".join(measured) or "none"),
        ("Comparator", "; ".join(_reference(study)) or "none"),
        ("Outcome", words.counted(study.cases.first)),
        ("Time", f"Index dates from {words.day(study.period.start)} to {_last_day(study.period.stop)}"),
        ("Compared with", words.both([controls.comparison for controls in study.controls])),
        ("Main measure of effect", f"odds ratio within matched sets, {form}" if form else "none is asked for"),
    )
    yield TextTable("The question in parts", ("Part", "Content"), rows)
    if study.prognosis:
        ends = words.both([words.plain(end) for end in study.prognosis.endpoint], "or")
        yield f"A second objective is the course of the cases after diagnosis, to {ends}."
    yield ToWrite("hypotheses, each with the direction that is expected")


def _last_day(stop: date) -> str:
    return words.day(stop - timedelta(days=1))


def _reference(study: Study) -> Iterator[str]:
    for exposure in study.exposures:
        references = dict.fromkeys(m.widened_reference or m.reference(exposure.at_least) for m in exposure.measures)
        yield f"{label_of(exposure)}: {words.both(list(references), 'or')}"


def _why_this_design(controls: Sequence[Controls]) -> Iterator[str]:
    for one in controls:
        match one:
            case PopulationControls() | GivenControls():
                why = "describes the population, and is open to whatever the covariates miss"
            case SiblingControls():
                why = "holds constant what siblings share: parents, childhood, part of the genome"
            case SpouseControls():
                why = "holds constant much of what adults of one household share"
            case _:
                assert_never(one)
        yield f"- The comparison {one.comparison} {why}."


def _windows(study: Study) -> TextTable:
    """The design diagram in words: each window, relative to the index date."""
    rule, end = study.eligibility, "index date" if study.anchor == "index date" else "symptom onset"
    rows = [
        ("Index dates", "calendar", words.day(study.period.start), words.day(study.period.stop)),
        ("Age, residence, no event yet", "index date", DAY_0, "the day after"),
    ]
    for what, length in (
        ("Residence without a gap", rule.min_residence),
        ("Run-in: since the start of the dispensing register", rule.run_in),
        ("Dispensing history of the person", rule.min_history),
    ):
        rows += [(what, "index date", _begin(length), DAY_0)] if length else []
    for washout in rule.washout:
        rows.append((f"No {words.event(washout.event)}", "index date", _begin(washout.within), DAY_0))
    for exposure in study.exposures:
        for measure in exposure.measures:
            marks = zip(measure_words(measure, exposure.at_least).drawn, measure.windows, strict=True)
            for drawn, window in marks:
                what = f"{label_of(exposure)}, {words.plain(measure.key)}: {drawn}"
                rows.append((what, end, _begin(window.lookback), _end(window.lag)))
    for covariate in study.covariates:
        rows.append((label_of(covariate), "index date", _begin(covariate.lookback), _end(covariate.lag)))
    if asked := study.prognosis:
        rows.append(("Follow-up of the cases", asked.origin, asked.entry, words.day(asked.until or study.period.stop)))
    head = ("What", "Day 0", "From (included)", "To (not included)")
    return TextTable("Each window, and the day from which it is counted", head, tuple(rows))


def _begin(lookback: Duration | None) -> str:
    return f"{words.time(lookback)} before" if lookback else "the start of the register"


def _end(lag: Duration) -> str:
    return f"{words.time(lag)} before" if lag else DAY_0


def _setting(study: Study) -> Iterator[Block]:
    yield (
        "Time zero is the index date: the day of the case's event, given to all of its set. Cases and controls are "
        "judged by one rule on that day, and nothing that happens on it or after it counts as exposure or covariate."
    )
    if any(isinstance(c, SiblingControls) and c.at == "same age" for c in study.controls):
        yield "Siblings at the same age have as their own day the one on which they were as old as the case."
    yield ToWrite("country, health care and how medicines are dispensed and reimbursed there")


def _events(study: Study) -> TextTable:
    """Every event that the description names, with its codes."""
    events = [("case", study.cases.first)]
    events += [("none through the index date", event) for event in study.cases.freedom()]
    events += [("none before (washout)", washout.event) for washout in study.eligibility.washout]
    rows = tuple((role, words.counted(event), _codes(event)) for role, event in events)
    return TextTable("Events and their codes", ("Role", "Event", "Codes"), rows)


def _codes(event: Event) -> str:
    icd10 = [words.dotted(code) for code in (*event.icd10, *event.cause)]
    return ", ".join((*event.diagnosis, *icd10, *event.atc)) or "any"


def _exposure_codes(study: Study) -> Iterator[TextTable]:
    rows = tuple((label_of(e), *_atc(e.codes), str(e.at_least)) for e in study.exposures)
    if rows:
        yield TextTable("Drug classes", ("Class", "ATC", "Without", "Dispensing dates needed"), rows)


def _atc(codes: AtcCodes) -> tuple[str, str]:
    return ", ".join(codes.atc), ", ".join(codes.without) or "none"


def _covariates(study: Study) -> Iterator[Block]:
    yield from covariates_in_words(study, keys=False) or ("No covariates are asked for.",)
    rows = []
    for covariate in study.covariates:
        match covariate:
            case DiagnosisCovariate():
                codes = f"ICD-10 {', '.join(map(words.dotted, covariate.icd10))}"
            case DispensingCovariate():
                codes = f"ATC {', '.join(covariate.codes.atc)}; without {_atc(covariate.codes)[1]}"
            case _:
                assert_never(covariate)
        rows.append((label_of(covariate), codes, _begin(covariate.lookback), _end(covariate.lag)))
    if rows:
        yield TextTable(
            "Covariates that the study defines",
            ("Covariate", "Codes", "From (included)", "To (not included)"),
            tuple(rows),
        )
    yield ToWrite("why these and no others, as a causal diagram shows it")


def _analysis(study: Study) -> Iterator[Block]:
    rows = []
    for model in study.models:
        forms = ", ".join(study.forms_of(model)) or "none"
        adjust = ", ".join(label_of_name(study, name) for name in model.adjust) or "none"
        parted = [label_of_name(study, name) for name in (*(s.by for s in model.subgroups), *model.interactions)]
        role = "primary" if study.primary_form in study.forms_of(model) else "secondary"
        rows.append((words.plain(model.key), role, forms, adjust, ", ".join(parted) or "none"))
    if rows:
        head = ("Model", "Role", "Forms", "Covariates", "Effect modifiers")
        yield TextTable(f"Models; primary are the {study.primary_form} estimates", head, tuple(rows))
    yield from models_in_words(study, keys=False) or ("No model of the risk is asked for.",)
    yield ToWrite("how many comparisons are made, and how they are read together")


def _sensitivity(study: Study) -> Iterator[Block]:
    others = [form for form in study.forms_of_risk if form != study.primary_form]
    if others:
        yield f"- The {words.both(others)} estimates stand beside the primary ones."
    further = [controls.comparison for controls in study.controls[1:]]
    if further:
        yield f"- The comparisons with {words.both(further)} ask the same under other assumptions."
    if any(model.firth_below for model in study.models):
        yield "- Firth's penalised estimates, where few sets are informative."
    asked = study.prognosis
    if asked and asked.time_varying:
        yield "- Of the course: exposure that changes after diagnosis, as a time-varying covariate."
    if asked and asked.other_baselines:
        yield f"- Of the course: {words.both(asked.other_baselines)} baseline hazards."
    yield ToWrite("further analyses: negative controls, other lags, quantitative bias analysis")


def _data(study: Study) -> TextTable:
    wanted: dict[str, list[str]] = {}
    for need in needs(study):
        columns = wanted.setdefault(need.table, [])
        if need.column and need.column not in columns:
            columns.append(need.column)
    rows = tuple((words.plain(table), ", ".join(columns) or "as every study") for table, columns in wanted.items())
    return TextTable("Tables that the study needs", ("Table", "Columns besides those always there"), rows)


def _size(study: Study) -> Iterator[Block]:
    yield "The size is what the registers hold; no sample is drawn of the cases."
    for row in study.published_sets:
        yield f"- {row.source}: {people_in_words(row)}."
    yield ToWrite("expected cases, exposed cases, and the odds ratio that they can tell from 1")


def _advice(study: Study) -> Iterator[str]:
    for advice in problems(study):
        yield f"- {advice}"


def _references(study: Study) -> Iterator[Block]:
    yield from published_in_words(study, keys=False)
    yield "- " + _HARPER
    yield ToWrite("further references")


_HARPER = (
    "Wang SV, Pottegård A, Crown W, et al. HARmonized Protocol Template to Enhance Reproducibility of hypothesis "
    "evaluating real-world evidence studies on treatment effects. Pharmacoepidemiol Drug Saf 2023;32(1):44-55."
)
_AMENDMENTS = (
    "A run that is given this file says whether the study that was run is the one described here, and if not, in "
    "sentences, what changed."
)
_VALIDITY = "how valid the outcome is in these registers: positive predictive value, completeness"
_REGISTERS = "each register: its keeper, its coverage in time and persons, how persons are linked, date of extraction"
_NO_FOLLOW_UP = "The cases are not followed: the study is of the risk alone."
_QUALITY: tuple[Block, ...] = (
    "Delivered rows are checked by stated rules before anything is computed; rows that break one are set aside and "
    "counted. Matched sets are audited anew against the registers, and one violation stops the run.",
    "A run keeps a manifest: fingerprints of description and delivery, versions of software, the seed, rows and "
    "digests of every table. Equal inputs on equal software give equal tables.",
    ToWrite("where data are kept, who may read them, and for how long"),
)
_PROTECTION = (
    "Only pseudonymised register data are used, where their keeper allows; nobody is contacted. Only aggregates leave, "
    "when they have been cleared for release."
)
_ADVERSE = "Secondary use of registers: no individual case is assessed, and none is reported."
