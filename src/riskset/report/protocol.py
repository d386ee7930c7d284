"""The protocol of a study, written from its description alone, before there are data.

Its chapters are those of HARPER, the harmonised protocol template of ISPE and ISPOR (Wang et al., Pharmacoepidemiol
Drug Saf 2023;32:44-55), in our own wording. What a description cannot know is marked as the authors' part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_protocol as english
from riskset.report.catalogue.english_cohort import DAYS
from riskset.report.catalogue.english_compared import controls_label
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.catalogue.english_front import event
from riskset.report.catalogue.english_lines import level, listed
from riskset.report.catalogue.english_prognosis import BASELINES
from riskset.report.catalogue.english_quality import table_name
from riskset.report.protocol_limits import limitations
from riskset.results.vocabulary import Form
from riskset.spec import words
from riskset.spec.check import needs, problems
from riskset.spec.design import (
    Controls,
    Event,
    SiblingControls,
)
from riskset.spec.explain import cases_in_words, controls_in_words, eligibility_in_words
from riskset.spec.explain_analysis import models_in_words, people_in_words, prognosis_in_words, published_in_words
from riskset.spec.explain_exposure import covariates_in_words, exposures_in_words
from riskset.spec.measure_words import measure_words
from riskset.spec.measures import AtcCodes, DiagnosisCovariate, DispensingCovariate
from riskset.spec.paragraphs import Drawing
from riskset.spec.study import Study
from riskset.spec.time import Duration
from riskset.spec.wording import heading_of, label_of, outcome_of, subtitle_of


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
        _chapter("1", *_title(study)),
        _chapter("2"),
        _chapter("3", english.AMENDMENTS),
        _chapter("4"),
        _chapter("5", *([study.description] if study.description else [])),
        _chapter("6", *_question(study)),
        _chapter("7"),
        _chapter("7.1", *controls_in_words(study), *_why_this_design(study.controls)),
        _chapter("7.2", DesignDiagram(), _windows(study)),
        _chapter("7.3", *_setting(study)),
        _chapter("7.4", *eligibility_in_words(study.eligibility), _events(study)),
        _chapter("7.5", *exposures_in_words(study, keys=False), *_exposure_codes(study)),
        _chapter("7.6", *cases_in_words(study)),
        _chapter("7.7", *(prognosis_in_words(study, keys=False) or (english.NO_FOLLOW_UP,))),
        _chapter("7.8", *_covariates(study)),
        _chapter("7.9", *_analysis(study)),
        _chapter("7.10", *_sensitivity(study)),
        _chapter("7.11", _data(study)),
        _chapter("7.12", *english.QUALITY),
        _chapter("7.13", *_size(study)),
        _chapter("8", *(f"- {text}" for text in limitations(study)), *_advice(study)),
        _chapter("9", english.PROTECTION),
        _chapter("10", english.ADVERSE),
        _chapter("11", *_references(study)),
    )


def _chapter(number: str, *blocks: Block) -> Chapter:
    """A chapter with what stands below its heading, and last what the authors write there."""
    left = (ToWrite(english.TO_WRITE[number]),) if number in english.TO_WRITE else ()
    return Chapter(number, english.TITLES[number], (*blocks, *left))


def _title(study: Study) -> Iterator[Block]:
    yield TextTable(
        english.TITLE_PAGE,
        (english.ITEM, english.CONTENT),
        (
            (english.TITLE, heading_of(study)),
            (english.SUBTITLE, subtitle_of(study)),
            (english.NAME, study.name),
            (english.FINGERPRINT, study.fingerprint),
            (english.FINGERPRINT_OF_WORDS, study.words_fingerprint),
        ),
    )


def _question(study: Study) -> Iterator[Block]:
    classes = [label_of(exposure) for exposure in study.exposures]
    measured = dict.fromkeys(f"{label_of(e)}: {measure_words(m).heading}" for e in study.exposures for m in e.measures)
    low, high = study.eligibility.age
    form = study.primary_form
    measure = english.odds_ratio(ENGLISH.forms[Form(form)]) if form else english.NO_MEASURE
    rows = (
        (english.OBJECTIVE, english.objective(classes, outcome_of(study))),
        (english.POPULATION, english.population(low, high)),
        (english.EXPOSURE, "; ".join(measured) or english.NONE),
        (english.COMPARATOR, "; ".join(_reference(study)) or english.NONE),
        (english.OUTCOME, words.counted(study.cases.first)),
        (english.TIME, english.index_dates(_index_dates(study))),
        (english.COMPARED_WITH, listed([controls_label(controls) for controls in study.controls])),
        (english.MEASURE, measure),
    )
    yield TextTable(english.QUESTION, (english.PART, english.CONTENT), rows)
    if study.prognosis:
        yield english.course([event(end) for end in study.prognosis.endpoint])


def _index_dates(study: Study) -> str:
    return words.days(study.period.start, study.period.stop - timedelta(days=1), study.number_style)


def _reference(study: Study) -> Iterator[str]:
    for exposure in study.exposures:
        references = dict.fromkeys(m.widened_reference or m.reference(exposure.at_least) for m in exposure.measures)
        yield f"{label_of(exposure)}: {english.either([level(one) for one in references])}"


def _why_this_design(controls: Sequence[Controls]) -> Iterator[str]:
    for one in controls:
        yield f"- {english.why_this_design(one, controls_label(one))}"


def _windows(study: Study) -> TextTable:
    """The design diagram in words: each window, relative to the index date."""
    rule, day = study.eligibility, english.INDEX_DATE
    end = day if study.anchor == "index date" else english.SYMPTOM_ONSET
    rows = [
        (
            english.INDEX_DATES,
            english.CALENDAR,
            *(words.day(one, study.number_style) for one in (study.period.start, study.period.stop)),
        ),
        (english.AT_RISK, day, english.DAY_0, english.DAY_AFTER),
    ]
    for what, length in (
        (english.RESIDENCE, rule.min_residence),
        (english.RUN_IN, rule.run_in),
        (english.HISTORY, rule.min_history),
    ):
        rows += [(what, day, _begin(length), english.DAY_0)] if length else []
    for washout in rule.washout:
        rows.append((english.no_event(words.event(washout.event)), day, _begin(washout.within), english.DAY_0))
    for exposure in study.exposures:
        for measure in exposure.measures:
            marks = zip(measure_words(measure, exposure.at_least).drawn, measure.windows, strict=True)
            for drawn, window in marks:
                what = english.window(label_of(exposure), words.plain(measure.key), drawn)
                rows.append((what, end, _begin(window.lookback), _end(window.lag)))
    for covariate in study.covariates:
        rows.append((label_of(covariate), day, _begin(covariate.lookback), _end(covariate.lag)))
    if asked := study.prognosis:
        last = words.day(asked.until or study.period.stop, study.number_style)
        rows.append((english.FOLLOW_UP, DAYS[asked.origin], DAYS[asked.entry], last))
    return TextTable(english.EACH_WINDOW, english.WINDOW_HEADS, tuple(rows))


def _begin(lookback: Duration | None) -> str:
    return english.before(words.time(lookback)) if lookback else english.START_OF_REGISTER


def _end(lag: Duration) -> str:
    return english.before(words.time(lag)) if lag else english.DAY_0


def _setting(study: Study) -> Iterator[Block]:
    yield english.TIME_ZERO
    if any(isinstance(c, SiblingControls) and c.at == "same age" for c in study.controls):
        yield english.SAME_AGE


def _events(study: Study) -> TextTable:
    """Every event that the description names, with its codes."""
    events = [(english.CASE, study.cases.first)]
    events += [(english.NONE_YET, other) for other in study.cases.freedom()]
    events += [(english.WASHED_OUT, washout.event) for washout in study.eligibility.washout]
    rows = tuple((role, words.counted(one), _codes(one)) for role, one in events)
    return TextTable(english.EVENTS, english.EVENT_HEADS, rows)


def _codes(event: Event) -> str:
    icd10 = [words.dotted(code) for code in (*event.icd10, *event.cause)]
    return ", ".join((*event.diagnosis, *icd10, *event.atc)) or english.ANY


def _exposure_codes(study: Study) -> Iterator[TextTable]:
    rows = tuple((label_of(e), *_atc(e.codes), str(e.at_least)) for e in study.exposures)
    if rows:
        yield TextTable(english.CLASSES, english.CLASS_HEADS, rows)


def _atc(codes: AtcCodes) -> tuple[str, str]:
    return ", ".join(codes.atc), ", ".join(codes.without) or english.NONE


def _covariates(study: Study) -> Iterator[Block]:
    yield from covariates_in_words(study, keys=False) or (english.NO_COVARIATES,)
    rows = []
    for covariate in study.covariates:
        match covariate:
            case DiagnosisCovariate():
                codes = english.icd10([words.dotted(code) for code in covariate.icd10])
            case DispensingCovariate():
                codes = english.atc(*_atc(covariate.codes))
            case _:
                assert_never(covariate)
        rows.append((label_of(covariate), codes, _begin(covariate.lookback), _end(covariate.lag)))
    if rows:
        yield TextTable(english.COVARIATES, english.COVARIATE_HEADS, tuple(rows))


def _analysis(study: Study) -> Iterator[Block]:
    rows = []
    for model in study.models:
        forms = ", ".join(_forms(study.forms_of(model))) or english.NONE
        adjust = ", ".join(label_of_name(study, name) for name in model.adjust) or english.NONE
        parted = [label_of_name(study, name) for name in (*(s.by for s in model.subgroups), *model.interactions)]
        role = english.PRIMARY if study.primary_form in study.forms_of(model) else english.SECONDARY
        rows.append((words.plain(model.key), role, forms, adjust, ", ".join(parted) or english.NONE))
    if rows:
        yield TextTable(english.models("".join(_forms([study.primary_form]))), english.MODEL_HEADS, tuple(rows))
    yield from models_in_words(study, keys=False) or (english.NO_MODEL,)


def _forms(names: Iterable[str | None]) -> list[str]:
    return [ENGLISH.forms[Form(name)] for name in names if name]


def _sensitivity(study: Study) -> Iterator[Block]:
    others = [form for form in study.forms_of_risk if form != study.primary_form]
    if others:
        yield f"- {english.other_forms(_forms(others))}"
    further = [controls_label(controls) for controls in study.controls[1:]]
    if further:
        yield f"- {english.other_comparisons(further)}"
    if any(model.firth_below for model in study.models):
        yield f"- {english.FIRTHS}"
    asked = study.prognosis
    if asked and asked.time_varying:
        yield f"- {english.TIME_VARYING}"
    if asked and asked.other_baselines:
        yield f"- {english.other_baselines([BASELINES[one] for one in asked.other_baselines])}"


def _data(study: Study) -> TextTable:
    wanted: dict[str, list[str]] = {}
    for need in needs(study):
        columns = wanted.setdefault(need.table, [])
        if need.column and need.column not in columns:
            columns.append(need.column)
    rows = tuple((table_name(table), ", ".join(columns) or english.AS_EVERY_STUDY) for table, columns in wanted.items())
    return TextTable(english.TABLES, english.TABLE_HEADS, rows)


def _size(study: Study) -> Iterator[Block]:
    yield english.SIZE
    for row in study.published_sets:
        yield f"- {row.source}: {people_in_words(row)}."


def _advice(study: Study) -> Iterator[str]:
    for advice in problems(study):
        yield f"- {advice}"


def _references(study: Study) -> Iterator[Block]:
    yield from published_in_words(study, keys=False)
    yield f"- {_HARPER}"


_HARPER = (
    "Wang SV, Pottegård A, Crown W, et al. HARmonized Protocol Template to Enhance Reproducibility of hypothesis "
    "evaluating real-world evidence studies on treatment effects. Pharmacoepidemiol Drug Saf 2023;32(1):44-55."
)
