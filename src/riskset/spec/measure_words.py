"""The words of each measure, one table a measure: for the explained study, the report and the drawn windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from riskset.spec import words
from riskset.spec.levels import NOT_BEFORE_LAG, band_names, time_names, unexposed_name
from riskset.spec.measure_base import WindowedMeasure
from riskset.spec.measures import AnyUse, Count, DefinedDailyDoses, Ever, FirstUse, Measure, Recency

INDEX_DATE = "the index date"


@dataclass(frozen=True)
class MeasureWords:
    """What a measure is called.

    Attributes
    ----------
    definition : what it is, for a methods section, after its name and a colon
    heading : in a few words, for a heading
    question : what was asked of each person, for a lay reader
    labels : each level, where it stands alone
    under_heading : each level, where the heading stands above it
    drawn, briefly_drawn : each of its windows, on a line of text and in a figure
    reference_holds : whom the reference holds besides those whom its name names; nothing where that says it all
    widened : what a reference that holds people of a level (`widened_reference`) is called, and whom it holds
    """

    definition: str
    heading: str
    question: str
    labels: tuple[str, ...]
    under_heading: tuple[str, ...]
    drawn: tuple[str, ...]
    briefly_drawn: tuple[str, ...]
    reference_holds: str
    widened: tuple[str, str] = ("", "")


def measure_words(measure: Measure, at_least: int = 1, *, end: str = INDEX_DATE, keys: bool = False) -> MeasureWords:
    """The words of a measure.

    Parameters
    ----------
    at_least : the exposure's number of distinct dispensing dates from which a person is exposed
    end : what the day is called on which windows end, in its heading and its question
    keys : whether the definition says how the description spells a choice, for its writer

    Raises
    ------
    ValueError
        A word is empty, or there are not as many as levels or windows: of a measure that is not finished.
    """
    worded = _words(measure, at_least, end, keys)
    _refuse_gaps(measure, worded)
    return worded


def _refuse_gaps(measure: Measure, worded: MeasureWords) -> None:
    n_levels, n_windows = len(measure.level_names), len(measure.windows)
    wanted = {
        "definition": 1,
        "heading": 1,
        "question": 1,
        "labels": n_levels,
        "under_heading": n_levels,
        "drawn": n_windows,
        "briefly_drawn": n_windows,
    }
    if measure.widened_reference is not None:
        wanted["widened"] = 2
    for name, n in wanted.items():
        value = getattr(worded, name)
        texts = (value,) if isinstance(value, str) else value
        if len(texts) != n or not all(map(str.strip, texts)):
            raise ValueError(f"the measure {measure.kind} needs {n} of {name} in its words, none of them empty")


def _words(measure: Measure, at_least: int, end: str, keys: bool) -> MeasureWords:
    match measure:
        case Ever():
            return _ever(measure, at_least, end, keys)
        case AnyUse():
            return _any_use(measure, at_least, end)
        case FirstUse():
            return _first_use(measure, at_least, end)
        case Count():
            return _count(measure, end)
        case DefinedDailyDoses():
            return _doses(measure, end)
        case Recency():
            return _recency(measure, at_least, end)
        case _:
            assert_never(measure)


def _ever(measure: Ever, at_least: int, end: str, keys: bool) -> MeasureWords:
    lag = measure.lag.words() if measure.lag else ""
    unexposed = unexposed_name(measure.lag, measure.lag_only)
    against = "not qualified by then" if unexposed == NOT_BEFORE_LAG else "never qualified before it"
    spelled = words.key("lag_only", measure.lag_only, keys=keys)
    inside = f" {_LAG_ONLY[measure.lag_only]}{spelled}." if lag else ""
    before = f"more than {lag} before" if lag else "before"
    labels = (f"Ever, {before}", f"Only in the last {lag}") if lag else ("Ever before",)
    fewer = f"on fewer than {at_least} dates" if at_least > 1 else ""
    return MeasureWords(
        definition=f"qualified {before} the index date, against {against}.{inside}",
        heading=f"ever use {before} {end}",
        question=f"whether they {_qualified(at_least)} {before} {end}",
        labels=labels,
        under_heading=labels,
        drawn=("exposed if qualified here",),
        briefly_drawn=("qualified here",),
        reference_holds=_also_fewer(at_least),
        widened=(
            f"Not before the last {lag}",
            words.both(["never", *filter(None, [fewer]), "in that time only"], "or"),
        )
        if lag
        else ("", ""),
    )


def _any_use(measure: AnyUse, at_least: int, end: str) -> MeasureWords:
    window = words.window(measure.lag, measure.lookback)
    return MeasureWords(
        definition=f"use in a window, at least {words.dates(at_least)} {window}, against fewer.",
        heading=f"any use {window_before(measure, end)}",
        question=f"whether they had been dispensed it {_times(at_least)} {window_before(measure, end)}",
        labels=(f"Any use, {_short_window(measure)}",),
        under_heading=("yes",),
        drawn=(_drawn_window(measure),),
        briefly_drawn=("counted here",),
        reference_holds=_also_outside(measure),
    )


def _first_use(measure: FirstUse, at_least: int, end: str) -> MeasureWords:
    times = time_names(measure.cuts)
    labels = tuple(f"First use {f'over {name[1:]}' if name.startswith('>') else name} before" for name in times)
    by = "their first dispensing" if at_least == 1 else f"their {words.ordinal(at_least)} dispensing date"
    return MeasureWords(
        definition=(
            "one factor by the time from the qualifying date to the index date, with the levels "
            f"{words.both(measure.level_names)}; the reference is never qualified before the index date."
        ),
        heading=f"first use before {end}",
        question=f"how long before {end} they became users, counted from {by}",
        labels=labels,
        under_heading=labels,
        drawn=times,
        briefly_drawn=times,
        reference_holds=_also_fewer(at_least),
    )


def _count(measure: Count, end: str) -> MeasureWords:
    window = words.window(measure.lag, measure.lookback)
    labels = tuple(f"{band} dispensing{'' if band == '1' else 's'}" for band in band_names(measure.bands))
    return MeasureWords(
        definition=(
            f"the number of distinct dispensing dates {window}, in the bands {words.both(measure.level_names)}, "
            f"against {_fewer(measure.bands[0])}."
        ),
        heading=f"dispensing dates {window_before(measure, end)}",
        question=f"on how many different dates they had been dispensed it {window_before(measure, end)}",
        labels=labels,
        under_heading=labels,
        drawn=(_drawn_window(measure),),
        briefly_drawn=("counted here",),
        reference_holds=_also_outside(measure),
    )


def _doses(measure: DefinedDailyDoses, end: str) -> MeasureWords:
    window = words.window(measure.lag, measure.lookback)
    if measure.bands:
        form = f"in the bands {words.both(measure.level_names)}, against {_fewer(measure.bands[0])}"
        labels = under_heading = tuple(f"{band} DDD" for band in band_names(measure.bands))
    else:
        form = f"as a number; the odds ratio is per {measure.per} DDD"
        labels, under_heading = (f"Per {measure.per} DDD",), ("any",)
    return MeasureWords(
        definition=f"the sum of defined daily doses (DDD) dispensed {window}, {form}.",
        heading=f"defined daily doses (DDD) {window_before(measure, end)}",
        question=(
            f"how much of it they had been dispensed {window_before(measure, end)}, in defined daily doses (one is the "
            "usual dose of an adult for a day)"
        ),
        labels=labels,
        under_heading=under_heading,
        drawn=(_drawn_window(measure),),
        briefly_drawn=("counted here",),
        reference_holds=_also_outside(measure),
    )


def _recency(measure: Recency, at_least: int, end: str) -> MeasureWords:
    times, names = time_names(measure.cuts), measure.level_names
    labels = tuple(f"Last use {name}" if name[0].isdigit() else name[0].upper() + name[1:] for name in names)
    return MeasureWords(
        definition=(
            "the time from the last dispensing to the index date among those qualified before it, with the levels "
            f"{words.both(names)}; the reference is never qualified."
        ),
        heading=f"last use before {end}",
        question=(
            f"how long before {end} they had last been dispensed it, if they {_qualified(at_least)} before {end}"
        ),
        labels=labels,
        under_heading=labels,
        drawn=times,
        briefly_drawn=times,
        reference_holds=_also_fewer(at_least),
    )


def _times(at_least: int) -> str:
    return "at least once" if at_least == 1 else f"on at least {at_least} different dates"


def _qualified(at_least: int) -> str:
    """What a user had done by the qualifying date."""
    nth = "" if at_least == 1 else f", the {words.ordinal(at_least)} of them"
    return f"had been dispensed it {_times(at_least)}{nth}"


def _fewer(first: int) -> str:
    return "none" if first == 1 else f"fewer than {first}"


def _also_fewer(at_least: int) -> str:
    return f"also who was dispensed it on fewer than {at_least} dates only" if at_least > 1 else ""


def _also_outside(measure: AnyUse | Count | DefinedDailyDoses) -> str:
    return "so in that time, whatever was dispensed outside it" if measure.lag or measure.lookback else ""


def _drawn_window(measure: AnyUse | Count | DefinedDailyDoses) -> str:
    return "counted" if measure.lookback is None else f"counted, from {measure.lookback} before"


def window_before(measure: WindowedMeasure, end: str) -> str:
    """``from 5 years to 1 year before the index date``."""
    lag, lookback = measure.lag, measure.lookback
    if lookback is None:
        return f"more than {lag.words()} before {end}" if lag else f"at any time before {end}"
    return (
        f"from {lookback.words()} to {lag.words()} before {end}" if lag else f"in the {lookback.words()} before {end}"
    )


def _short_window(measure: AnyUse | Count | DefinedDailyDoses) -> str:
    """``5 years to 1 year before``."""
    if measure.lookback is None:
        return f"more than {measure.lag.words()} before" if measure.lag else "at any time before"
    return f"{measure.lookback.words()} to {measure.lag.words() if measure.lag else 'the day'} before"


_LAG_ONLY = {
    "reference": "Who qualified inside the lag only counts as unexposed",
    "level": "Who qualified inside the lag only is a level of its own",
    "exclude": "Who qualified inside the lag only is left out and counted",
}
