"""What there is to draw of a study's design: rows of boxes, each from where to where and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from riskset.report.catalogue import english_design as english
from riskset.report.catalogue.english_measures import report_words
from riskset.report.front.drawing import (
    HATCHED,
)
from riskset.report.front.naming import class_label, outcome
from riskset.report.view import distinct
from riskset.spec.covariates import BUILT_IN
from riskset.spec.design import GivenControls, PopulationControls
from riskset.spec.levels import Window
from riskset.spec.measures import Covariate, DiagnosisCovariate, Exposure, Measure
from riskset.spec.study import Study
from riskset.spec.time import Duration

Edge = Duration | str
"""A day before day 0, or a named place on the axis."""
EARLY, START, RUN_IN_END, ZERO, INDEX, ENTRY, END = ("early", "start", "run-in end", "zero", "index", "entry", "end")


@dataclass(frozen=True)
class Span:
    """A box: from where to where, and what it says, the first line in bold."""

    start: Edge
    stop: Edge
    lines: tuple[str, ...]
    look: str
    opens: bool = False


@dataclass(frozen=True)
class Track:
    """A row of the picture: boxes that do not overlap, and text before day 0 that belongs to no box."""

    label: str
    spans: tuple[Span, ...] = ()
    aside: tuple[str, ...] = ()
    marks_day: bool = False


def tracks_of(study: Study, starts: Mapping[str, date]) -> Iterator[Track]:
    """The rows of the picture, from the top."""
    if study.exposures and study.eligibility.run_in:
        lines = (study.eligibility.run_in.words(), english.NO_INDEX_DATES)
        yield Track(english.RUN_IN, (Span(START, RUN_IN_END, lines, HATCHED),))
    for (measure, at_least), classes in _measures(study).items():
        named = [] if len(classes) == len(study.exposures) else [class_label(e) for e in classes]
        yield Track(english.measure_label(measure, named), tuple(_windows(study, measure, at_least)))
    yield from _patients_exposure(study)
    yield from _covariates(study, starts)
    yield from _exclusions(study)
    yield _day(study)
    if study.prognosis is not None:
        span = Span(
            ENTRY, END, english.followed(study.prognosis, study.prognosis.until or study.period.stop), "follow-up"
        )
        yield Track(english.FOLLOW_UP, (span,), (english.entry(study.prognosis),))


def _measures(study: Study) -> dict[tuple[Measure, int], list[Exposure]]:
    """Each measure once, with the classes that have it."""
    classes: dict[tuple[Measure, int], list[Exposure]] = {}
    for exposure in study.exposures:
        for measure in exposure.measures:
            at_least = exposure.at_least if measure.uses_at_least else 1
            classes.setdefault((measure, at_least), []).append(exposure)
    return classes


def _windows(study: Study, measure: Measure, at_least: int) -> Iterator[Span]:
    counted = zip(measure.windows, report_words(measure, at_least).windows, strict=True)
    for window, what in reversed([*counted]):
        lines = (what, english.bracket(window))
        yield Span(window.lookback or START, window.lag or ZERO, lines, "exposure")
    yield from _uncounted(study, measure.windows[0].lag, english.lag_words(measure))


def _uncounted(study: Study, lag: Duration, lines: tuple[str, ...]) -> Iterator[Span]:
    """What lies between a window and the index date."""
    if lag:
        yield Span(lag, ZERO, lines, HATCHED)
    if study.anchor == "onset":
        yield Span(ZERO, INDEX, english.AFTER_ONSET, HATCHED)


def _patients_exposure(study: Study) -> Iterator[Track]:
    """What the prognosis counts as use, where no measure of the risk is the same; of patients it ends at diagnosis."""
    asked = study.prognosis
    if asked is None or not study.exposures:
        return
    alike = any(m.lag_of_ever == asked.lag for e in study.exposures for m in e.measures)
    if alike and study.anchor == "index date":
        return
    if study.anchor == "onset":
        used = Span(START, INDEX, (english.PATIENTS_USE, english.to_diagnosis(asked.lag)), "exposure")
        yield Track(english.PATIENTS_EXPOSURE, (used,))
        return
    used = Span(START, asked.lag or ZERO, (english.PATIENTS_USE, english.bracket(Window(asked.lag))), "exposure")
    lag = [Span(asked.lag, ZERO, english.patients_lag(asked), HATCHED)] if asked.lag else []
    yield Track(english.PATIENTS_EXPOSURE, (used, *lag))


def _covariates(study: Study, starts: Mapping[str, date]) -> Iterator[Track]:
    """Those of one window and one register share a box."""
    alike: dict[tuple[bool, Duration, Duration | None], list[Covariate]] = {}
    for covariate in study.covariates:
        key = isinstance(covariate, DiagnosisCovariate), covariate.lag, covariate.lookback
        alike.setdefault(key, []).append(covariate)
    label = english.COVARIATES
    for (diagnosed, lag, lookback), covariates in alike.items():
        opens = diagnosed and lookback is None
        known = starts.get("diagnosis") if diagnosed else None
        start = f"[{english.day_short(known)}" if known else english.REGISTER
        lines = ("; ".join(map(english.covariate_words, covariates)), english.bracket(Window(lag, lookback), start))
        yield Track(label, (Span(lookback or (EARLY if opens else START), lag or ZERO, lines, "covariate", opens),))
        label = ""
    last = [name for name in adjusted_for(study) if BUILT_IN[name].table == "socioeconomic"]
    if last:
        yield Track(label, (Span(LAST_YEAR, BEFORE_INDEX, (english.built_in(last), english.LAST_RECORD), "covariate"),))


LAST_YEAR, BEFORE_INDEX = "last year", "before index"


def adjusted_for(study: Study) -> list[str]:
    """The built-in covariates of everyone that models adjust for, relatives' among them."""
    asked = [name for model in study.models for name in model.adjust]
    always = [name for controls in study.controls for name in getattr(controls, "always", ())]
    return [name for name in distinct([*asked, *always]) if name in BUILT_IN]


def _exclusions(study: Study) -> Iterator[Track]:
    free = [event for event in study.cases.freedom() if event != study.cases.first]
    what, when = english.earlier(outcome(study), free, study)
    yield Track(english.EXCLUSION, (Span(EARLY, INDEX, (what, when), "exclusion", opens=True),))
    for washout in study.eligibility.washout:
        lines = english.without(washout.event, washout.within, study)
        yield Track("", (Span(washout.within or EARLY, INDEX, lines, "exclusion", opens=washout.within is None),))
    label = english.ELIGIBILITY
    rules = ((study.eligibility.min_residence, english.resident), (study.eligibility.min_history, english.history))
    for length, say in rules:
        if length:
            yield Track(label, (Span(length, INDEX, say(length), "exclusion"),))
            label = ""


def _day(study: Study) -> Track:
    unrelated = [c for c in study.controls if isinstance(c, PopulationControls | GivenControls)]
    lines = [english.eligible(study.eligibility)]
    lines += distinct(english.matched(c, several=len(study.controls) > 1) for c in unrelated)
    recorded = [name for name in BUILT_IN if name in adjusted_for(study) and BUILT_IN[name].table != "socioeconomic"]
    if recorded:
        lines.append(english.recorded(recorded))
    return Track(english.DAY_0, aside=tuple(lines), marks_day=True)


# Where days lie
