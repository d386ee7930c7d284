"""English of a measure, wherever the front and the public's page speak of one: all its words in this place.

What `riskset explain` and the supplement's tables say of it is in `spec.measure_words`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from riskset.report.catalogue.english_front import listed, span
from riskset.spec import words
from riskset.spec.levels import LAG_ONLY, Level, Window
from riskset.spec.measure_base import WindowedMeasure
from riskset.spec.measures import AnyUse, Count, DefinedDailyDoses, Ever, FirstUse, Measure, Recency
from riskset.spec.time import Duration
from riskset.spec.words import capital

INDEX_DATE = "the index date"


@dataclass(frozen=True)
class ReportWords:
    """A measure in the report.

    Attributes
    ----------
    heading : in two or three words
    drawn : before its windows in the picture of the design
    windows : what counts in each of its windows, in that picture
    method : the sentence of the methods
    reference, also : who the reference is, after "Reference:", and who else is in it
    since : of a measure that parts time, the day from which it does
    """

    heading: str
    drawn: str
    windows: tuple[str, ...]
    method: str
    reference: str
    also: str = ""
    since: str = ""


@dataclass(frozen=True)
class UseWords:
    """A level of use.

    Attributes
    ----------
    label, detail : on its row, and in small letters beside it
    use, when : around the name of a class: ``first use`` of anxiolytics ``1 to 5 years before diagnosis``
    lay : on its row of the public's page: ``First used 1 to 5 years before diagnosis``
    """

    label: str
    detail: str
    use: str
    when: str
    lay: str

    def of(self, name: str) -> str:
        """``first use of anxiolytics 1 to 5 years before diagnosis``."""
        return f"{self.use} of {name} {self.when}"

    @property
    def of_any(self) -> str:
        """``first use 1 to 5 years before diagnosis``."""
        return f"{self.use} {self.when}"


def report_words(measure: Measure, at_least: int = 1, *, end: str = INDEX_DATE) -> ReportWords:
    """The words of a measure.

    Parameters
    ----------
    at_least : the exposure's number of distinct dispensing dates from which a person is exposed
    end : what the methods call the day on which windows end

    Raises
    ------
    ValueError
        The day is missing from which a measure parts the time: of a measure that is not finished.
    """
    worded = _report_words(measure, at_least, end)
    if measure.parts_time != bool(worded.since):
        raise ValueError(f"the measure {measure.kind} needs since in its words if it parts time, and else not")
    return worded


def _report_words(measure: Measure, at_least: int, end: str) -> ReportWords:
    match measure:
        case Ever(lag=lag):
            which = f"{words.ordinal(at_least)} dispensing" if at_least > 1 else "first dispensing"
            left_out = f"excluded the {_last(lag)} before" if lag else "was use before"
            return ReportWords(
                heading="ever use",
                drawn="ever use",
                windows=(f"Ever use: {which} {f'more than {lag.words()} before' if lag else 'before day 0'}",),
                method=f"Ever use {left_out} {end}.",
                reference="never used",
                also=f"first use within the last {_last(lag)}" if measure.widened_reference is not None else "",
            )
        case AnyUse():
            return ReportWords(
                heading="any use",
                drawn="any use",
                windows=(f"Any use: at least {'one dispensing' if at_least == 1 else f'{at_least} dispensings'}",),
                method=f"Any use {window_before(measure, end)} was measured.",
                reference="no such use in the window"
                if at_least == 1
                else f"fewer than {at_least} dispensings in the window",
            )
        case FirstUse(cuts=cuts):
            return ReportWords(
                heading="time since first use",
                drawn="time since first use",
                windows=tuple(_stretch(window, "First use ") for window in measure.windows),
                method=f"Time from first use to {end} was divided at {_cuts(cuts)}.",
                reference="never used",
                since="first use",
            )
        case Recency(cuts=cuts):
            return ReportWords(
                heading="time since last use",
                drawn="time since last use",
                windows=tuple(_stretch(window, "Last use ") for window in measure.windows),
                method=f"Time from last use to {end} was divided at {_cuts(cuts)}.",
                reference="never used",
                since="last use",
            )
        case Count(bands=bands):
            return ReportWords(
                heading="dispensings",
                drawn="number of dispensings",
                windows=("Dispensings counted",),
                method=f"Dispensing dates {window_before(measure, end)} were counted.",
                reference="no dispensing" if bands[0] == 1 else f"fewer than {bands[0]} dispensings",
            )
        case DefinedDailyDoses(bands=bands):
            return ReportWords(
                heading="amount (DDD)",
                drawn="defined daily doses",
                windows=("Defined daily doses summed",),
                method=f"Defined daily doses dispensed {window_before(measure, end)} were summed.",
                reference=f"fewer than {bands[0]} DDD" if bands else "none; the OR is per step of a number",
            )
        case _:
            assert_never(measure)


def use_words(measure: Measure, level: Level, day: str) -> UseWords:
    """A level of a measure in words.

    Parameters
    ----------
    day : the day before which use counts
    """
    before = f"before {day}"
    when = f"{span(level)} {before}"
    match measure:
        case Ever() if level.label == LAG_ONLY:
            last = f"only within the last {_last(level.lookback)}"
            return UseWords(capital(last), before, "use", f"{last} {before}", f"Used {last} {before}")
        case Ever():
            detail, when = (f"first use {span(level)} before", when) if level.lag else (before, before)
            return UseWords("Ever", detail, "ever use", when, f"Used {when}")
        case FirstUse():
            return UseWords(capital(span(level)), "", "first use", when, f"First used {when}")
        case Recency():
            return UseWords(f"Last use {span(level)}", before, "last use", when, f"Last used {when}")
        case AnyUse():
            return UseWords("Any use", when, "any use", when, f"Used {when}")
        case Count():
            band, once = _band(level), (level.low, level.high) == (1, 2)
            noun, times = ("dispensing", "time") if once else ("dispensings", "times")
            lay = f"Given out {band} {times}, {when}"
            return UseWords(f"{capital(band)} {noun}", when, f"{band} {noun}", when, lay)
        case DefinedDailyDoses(per=per):
            amount = f"each {per}" if per is not None else _band(level)
            label = f"Per {per} DDD" if per is not None else capital(f"{amount} DDD")
            return UseWords(label, when, f"{amount} DDD", when, f"{capital(amount)} daily doses, {when}")
        case _:
            assert_never(measure)


def _last(length: Duration | None) -> str:
    """``year``, ``18 months``, after "the last"."""
    if length is None:
        return ""
    return "year" if length == Duration(1, "y") else length.words()


def _cuts(cuts: tuple[Duration, ...]) -> str:
    return listed([cut.words() for cut in cuts])


def _stretch(window: Window, use: str) -> str:
    """``0–1 year``; where a window reaches back without end, after what it is of: ``First use >5 years before``."""
    near, far = window.lag, window.lookback
    if far is None:
        return f"{use}{f'>{near.words()} before' if near else 'at any time before'}"
    if not near:
        return f"0–{far.words()}"
    return f"{near.count}–{far.words()}" if near.unit == far.unit else f"{near.words()}–{far.words()}"


def window_before(measure: WindowedMeasure, end: str) -> str:
    """``from 5 years to 1 year before the index date``: in the words of `spec.measure_words`."""
    lag, lookback = measure.lag, measure.lookback
    if lookback is None:
        return f"more than {lag.words()} before {end}" if lag else f"at any time before {end}"
    return (
        f"from {lookback.words()} to {lag.words()} before {end}" if lag else f"in the {lookback.words()} before {end}"
    )


def _band(level: Level) -> str:
    """``1``, ``2 to 3``, ``4 or more``: whole numbers in ``[low, high)``."""
    if level.high is None:
        return f"{level.low} or more"
    return str(level.low) if level.high == level.low + 1 else f"{level.low} to {level.high - 1}"
