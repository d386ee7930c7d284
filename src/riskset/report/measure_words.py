"""What a measure is, in words: as a heading, as a question to a lay reader."""

from __future__ import annotations

from riskset.report.view import TREND, Line, exposure_of, measure_of, title_of, words_of
from riskset.spec import words as spec_words
from riskset.spec.levels import NOT_BEFORE_LAG
from riskset.spec.measures import AnyUse, Count, DefinedDailyDoses, Ever, Exposure, FirstUse, Measure, Recency
from riskset.spec.study import Study


def measure_heading(study: Study, exposure: str, term: str) -> str:
    """``Anxiolytics (N05B), first use before the index date``; a term of no measure is named as it is."""
    measure = measure_of(study, exposure, term)
    title = title_of(study, exposure)
    if measure is None:
        return title
    what = measure_words(measure, end_of(study))
    trend = ", trend" if term.endswith(TREND) else ""
    return f"{title}, {what}{f' ({words_of(measure.name)})' if measure.name else ''}{trend}"


def end_of(study: Study) -> str:
    """The day on which windows end."""
    return "the index date" if study.anchor == "index date" else "the case's symptom onset"


def measure_words(measure: Measure, end: str) -> str:
    """``ever use more than 1 year before the index date``."""
    match measure:
        case Ever(lag=lag):
            return f"ever use {f'more than {lag.words()} ' if lag else ''}before {end}"
        case AnyUse():
            return f"any use {_window(measure, end)}"
        case FirstUse():
            return f"first use before {end}"
        case Count():
            return f"dispensing dates {_window(measure, end)}"
        case DefinedDailyDoses():
            return f"defined daily doses (DDD) {_window(measure, end)}"
        case Recency():
            return f"last use before {end}"


def reference_label(study: Study, line: Line) -> str:
    """Who the reference of a line is, in a few words: ``Never``; ``Not before the last 1 year``."""
    measure = measure_of(study, line["exposure"], str(line["term"]))
    if line["reference"] == NOT_BEFORE_LAG and isinstance(measure, Ever):
        return f"Not before the last {measure.lag.words()}"
    return str(line["reference"]).capitalize()


def who_is_reference(study: Study, line: Line) -> str:
    """Whom the reference of a line holds besides those whom its label names; nothing where the label says it all."""
    exposure = exposure_of(study, line["exposure"])
    measure = measure_of(study, line["exposure"], str(line["term"]))
    label = reference_label(study, line)
    fewer = f"on fewer than {exposure.at_least} dates" if exposure and exposure.at_least > 1 else ""
    match measure:
        case Ever() if line["reference"] == NOT_BEFORE_LAG:
            return f"{label}: {spec_words.both(['never', *filter(None, [fewer]), 'in that time only'], 'or')}"
        case Ever() | FirstUse() | Recency() if fewer:
            return f"{label}: also who was dispensed it {fewer} only"
        case AnyUse() | Count() | DefinedDailyDoses() if measure.lag or measure.lookback:
            return f"{label}: so in that time, whatever was dispensed outside it"
    return ""


def question(exposure: Exposure, measure: Measure) -> str:
    """What was asked of each person, for a lay reader; "the date" is the index date, explained before."""
    k = exposure.at_least
    end = "the date"
    dates = "at least once" if k == 1 else f"on at least {k} different dates"
    qualified = f"had been dispensed it {dates}{'' if k == 1 else f', the {spec_words.ordinal(k)} of them'}"
    by = "their first dispensing" if k == 1 else f"their {spec_words.ordinal(k)} dispensing date"
    match measure:
        case Ever(lag=lag):
            return f"whether they {qualified} {f'more than {lag.words()} ' if lag else ''}before {end}"
        case AnyUse():
            return f"whether they had been dispensed it {dates} {_window(measure, end)}"
        case FirstUse():
            return f"how long before {end} they became users, counted from {by}"
        case Count():
            return f"on how many different dates they had been dispensed it {_window(measure, end)}"
        case DefinedDailyDoses():
            return (
                f"how much of it they had been dispensed {_window(measure, end)}, in defined daily doses (one is the "
                "usual dose of an adult for a day)"
            )
        case Recency():
            return f"how long before {end} they had last been dispensed it, if they {qualified} before {end}"


def _window(measure: AnyUse | Count | DefinedDailyDoses, end: str) -> str:
    lag, lookback = measure.lag, measure.lookback
    if lookback is None:
        return f"more than {lag.words()} before {end}" if lag else f"at any time before {end}"
    return (
        f"from {lookback.words()} to {lag.words()} before {end}" if lag else f"in the {lookback.words()} before {end}"
    )
