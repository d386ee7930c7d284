"""English of the front's section on what became of the patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riskset.report import formats
from riskset.report.catalogue.english_course_levels import ORIGINS
from riskset.report.catalogue.english_front import conf, endpoints, event, in_series, listed
from riskset.spec.levels import EVER, NEVER
from riskset.spec.models import Prognosis
from riskset.spec.study import Study
from riskset.spec.time import Duration
from riskset.spec.words import capital

TITLE, IN_CONTENTS = "After Diagnosis", "Prognosis"
AT_RISK = "At risk (events)"
FEW_LEFT, NOT_SHOWN = "<{few} (NR)", "NR"
REFERENCE = "Reference"
PLANTED = "planted"
NOT_REACHED = "not reached"


def between(shown: str, first: str, last: str) -> str:
    """An estimate that may be negative, with its interval: ``−0.22 (−0.55 to 0.11)``."""
    return f"{shown} ({first} to {last})"


def dashed(shown: str, first: str, last: str) -> str:
    """An estimate that is never negative, with its interval: ``1.2 (0.9–1.5)``."""
    return f"{shown} ({first}–{last})"


PATIENTS, EVENTS, USE = "Patients", "Events", "Use before diagnosis"
KAPLAN_MEIER = "Kaplan-Meier estimates with {conf}s."
OTHERS = "Use only within the lag, causes of death, and decline in time are in the supplement."

_DONE = {"death": "died", "invasive_ventilation": "started invasive ventilation"}


def done(asked: Prognosis) -> str:
    """``died or started invasive ventilation``."""
    return listed([_DONE[one] for one in asked.endpoint], "or")


def free_of(asked: Prognosis) -> str:
    """What a curve shows: ``Survival without invasive ventilation``."""
    others = [one for one in asked.endpoint if one != "death"]
    if "death" not in asked.endpoint:
        return f"Time to {endpoints(asked)}"
    return f"Survival without {listed([event(one) for one in others], 'or')}" if others else "Survival"


def followed(
    patients: int, years: float | None, events: int | None, causes: Mapping[str, int], asked: Prognosis
) -> str:
    """How many were followed, for how long, and what happened to them."""
    time = f" for {formats.count(years)} person-years" if years is not None else ""
    head = f"{formats.count(patients)} patients were followed up{time}"
    if events is None:
        return f"{head}."
    if len(causes) > 1:
        parts = [f"{formats.count(n)} {_DONE[cause]}" for cause, n in causes.items()]
        return f"Of {formats.count(patients)} patients followed up{time}, {listed(parts)}."
    return f"Of {formats.count(patients)} patients followed up{time}, {formats.count(events)} {done(asked)}."


def either(asked: Prognosis) -> str:
    """The events after they were named."""
    return "either" if len(asked.endpoint) > 1 else endpoints(asked)


def medians(names: Sequence[str], ever: Sequence[float], never: Sequence[float], asked: Prognosis) -> str:
    """Median times of users and of others, of one class or as ranges over several."""
    users = f"earlier users of {names[0]}" if len(names) == 1 else f"earlier users of {_classes(names)}"
    begin = asked.curves_from
    among = f"Among patients free of events at {begin.words()}, the unadjusted" if begin else "The unadjusted"
    return (
        f"{among} median time to {either(asked)} was {_range(ever)} years in {users} and {_range(never)} years in "
        "people with no such use."
    )


def _classes(names: Sequence[str]) -> str:
    return f"the {len(names)} classes" if len(names) > 4 else listed(list(names))


def _range(values: Sequence[float]) -> str:
    ends = list(dict.fromkeys(formats.number(v) for v in (min(values), max(values))))
    return " to ".join(ends)


def ratios(
    named: Sequence[tuple[str, float, float, float]], level: float | None, *, adjusted: bool, asked: Prognosis
) -> str:
    """Hazard ratios of earlier use: all of up to four classes, else the ends of their range."""
    several = len(named) > 1
    what = f"{'Adjusted hazard' if adjusted else 'Hazard'} {'ratios' if several else 'ratio'}"
    verb = "were" if several else "was"
    if len(named) > 4:
        ordered = sorted(named, key=lambda one: one[1])
        shown = " to ".join(in_series([one], level) for one in (ordered[0], ordered[-1]))
    else:
        shown = in_series(named, level)
    return f"{what} (HR{'s' if several else ''}) of {either(asked)} with earlier use {verb} {shown}."


def lived(months: float, low: float, high: float, horizon: Duration, level: float | None, asked: Prognosis) -> str:
    """A difference of restricted means, users minus others."""
    less = months < 0
    ends = sorted((abs(low), abs(high))) if (low < 0) == (high < 0) else None
    amount = formats.number(abs(months), 1)
    if ends is not None:
        between = "–".join(formats.number(end, 1) for end in ends)
    else:
        sign = -1 if less else 1
        between = " to ".join(formats.number(sign * end, 1) for end in sorted((low, high), key=lambda end: sign * end))
    return (
        f"Over the first {horizon.words()}, earlier users spent {amount} months {'less' if less else 'more'} without "
        f"{either(asked)} ({conf(level)}, {between}; unadjusted)."
    )


def half(ever: float, never: float, asked: Prognosis) -> str:
    """When half had had the event."""
    return (
        f"Half of earlier users had {done_participle(asked)} by {formats.number(ever)} years, and half of those with "
        f"no such use by {formats.number(never)} years."
    )


def done_participle(asked: Prognosis) -> str:
    """``died or started invasive ventilation``, after had."""
    return done(asked)


def curve_title(asked: Prognosis, classes: Sequence[str]) -> str:
    """The title of the picture."""
    by = f"{classes[0]} use" if len(classes) == 1 else "use of each class"
    return f"{free_of(asked)}, by {by} before diagnosis"


def kaplan_meier(level: float | None) -> str:
    """What the curves are."""
    return KAPLAN_MEIER.format(conf=conf(level))


def years_since(asked: Prognosis) -> str:
    """The axis of time."""
    return f"Years since {ORIGINS[asked.origin]}"


def level_short(level: str, never: str) -> str:
    """A curve: ``Ever used``; ``Never used``, where that is so."""
    if level == EVER:
        return "Ever used"
    return "Never used" if never == NEVER else "No earlier use"


def median_short(years: float) -> str:
    """``median 1.24 y``."""
    return f"median {formats.number(years)} y"


def curve_notes(asked: Prognosis, few: int, *, late: bool) -> tuple[str, ...]:
    """How to read the curves."""
    begin = asked.curves_from
    notes = []
    if begin:
        notes.append(f"Patients free of events {begin.words()} after {ORIGINS[asked.origin]}, where curves start.")
    if late:
        notes.append("Numbers at risk may rise because patients enter at registration.")
    notes.append(f"Lines end where fewer than {few} remain (NR, not reported).")
    return (*notes, OTHERS)


def levels(study: Study, never: str) -> Mapping[str, str]:
    """Rows of the table."""
    asked = study.prognosis
    lag = asked.lag if asked else None
    return {
        NEVER: "Never" if never == NEVER else f"None >{lag.words()} before" if lag else "Never",
        EVER: f"Ever, >{lag.words()} before" if lag else "Ever",
    }


def table_title(asked: Prognosis, *, decline: bool) -> str:
    """The title of the table."""
    more = " and functional decline" if decline else ""
    return f"{capital(endpoints(asked))}{more}, by use before diagnosis"


def heads(asked: Prognosis, level: float | None) -> Mapping[str, tuple[str, ...]]:
    """The columns of estimates, each in lines that are as short as its cells."""
    interval = f"({conf(level)})"
    horizon = asked.horizon
    length = f"{horizon.count}-{ {'d': 'day', 'w': 'week', 'm': 'month', 'y': 'year'}[horizon.unit] }"
    return {
        "median": ("Median, y", interval),
        "rmst": ("Difference", f"in {length} mean,", f"mo {interval}"),
        "total": ("Total effect,", f"HR {interval}"),
        "direct": ("Direct effect,", f"HR {interval}"),
        "decline": ("Difference", "in decline,", f"points/mo {interval}"),
    }


def effects(marker: str, covariates: Sequence[str], *, together: bool, direct: bool, sizes: str) -> str:
    """What the two effects are, and what they are adjusted for."""
    texts = ["Total effect: Cox regression."]
    if direct:
        texts.append(f"Direct effect: joint model, at the same current {marker} score.")
    given = [*(["the other classes"] if together else []), *covariates]
    who = "Both" if direct else "It"
    verb = "were" if direct else "was"
    if given:
        texts.append(f"{who} {verb} adjusted for {listed(given)}{f' ({sizes})' if sizes else ''}.")
    elif sizes:
        texts.append(f"Neither covariates nor other classes were adjusted for ({sizes}).")
    return " ".join(texts)


def sizes(patients: Sequence[int], events: Sequence[int]) -> str:
    """``833 patients, 539 events``."""
    parts = []
    for numbers, noun in ((patients, "patients"), (events, "events")):
        if numbers:
            ends = dict.fromkeys((min(numbers), max(numbers)))
            parts.append(f"{' to '.join(map(formats.count, ends))} {noun}")
    return ", ".join(parts)


UNADJUSTED = "Medians and means are unadjusted."
FEW_MARK = "a level with fewer than {few} patients has no estimate here"


def missed(names: Sequence[str]) -> str:
    """Which intervals do not hold what was planted."""
    if not names:
        return "Every CI holds its planted value."
    verb = "does" if len(names) == 1 else "do"
    return f"CIs that {verb} not hold the planted value: {'; '.join(names)}."


def effect_of(column: str, name: str) -> str:
    """``direct effect of antidepressants``."""
    return f"{ {'total': 'total effect', 'direct': 'direct effect', 'decline': 'decline'}[column] } of {name}"


def described(title: str, medians_of: Sequence[str]) -> str:
    """A picture of curves for those who do not see it."""
    return f"{title}. {'; '.join(medians_of)}." if medians_of else f"{title}."


def median_of(level: str, years: float) -> str:
    """One median, for that."""
    return f"{level}: median {formats.number(years)} years"
