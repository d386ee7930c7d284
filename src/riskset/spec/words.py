"""Parts of a description in words, for sentences that an epidemiologist would write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from riskset.spec.base import NumberStyle
from riskset.spec.classes import class_name
from riskset.spec.design import Event
from riskset.spec.measures import AtcCodes
from riskset.spec.time import Duration

ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def day(value: date, style: NumberStyle) -> str:
    """``July 1, 2023``; of SI ``1 July 2023``."""
    month = _MONTHS[value.month - 1]
    return f"{month} {value.day}, {value.year}" if style == "AMA" else f"{value.day} {month} {value.year}"


def days(first: date, last: date, style: NumberStyle) -> str:
    """``July 1, 2015, to June 30, 2023``."""
    return f"{day(first, style)}{',' if style == 'AMA' else ''} to {day(last, style)}"


def per_cent(share: float, style: NumberStyle) -> str:
    """``95%``."""
    return f"{100 * share:g}{'' if style == 'AMA' else ' '}%"


def ordinal(n: int) -> str:
    """``second``, ``12th``."""
    return ORDINALS[n] if n < len(ORDINALS) else f"{n}{'th' if 10 < n % 100 < 14 else _ENDING.get(n % 10, 'th')}"


def both(names: Sequence[str], word: str = "and") -> str:
    """``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"


def capital(text: str) -> str:
    """The text with a capital at its head."""
    return text[:1].upper() + text[1:]


def plain(name: str) -> str:
    """A name of the description as words: ``birth_year`` → ``birth year``, ``ddd`` → ``DDD``."""
    return " ".join("DDD" if word == "ddd" else word for word in name.split("_"))


def key(name: str, value: str, *, keys: bool) -> str:
    """`` (lag_only = 'reference')``: how the description spells what was said, where its writer reads it."""
    return f" ({name} = {value!r})" if keys else ""


def atc(codes: AtcCodes) -> str:
    """``ATC N05B (anxiolytics), without N05BB01``."""
    left_out = f", without {both([class_name(c) for c in codes.without])}" if codes.without else ""
    return f"ATC {both([class_name(c) for c in codes.prefixes])}{left_out}"


def dotted(code: str) -> str:
    """``G12.2``: an ICD-10 code as books have it."""
    return code if len(code) < 4 else f"{code[:3]}.{code[3:]}"


def icd10(codes: Sequence[str]) -> str:
    """``ICD-10 G12.2 and F``, with the dot."""
    return f"ICD-10 {both([dotted(code) for code in codes], 'or')}"


def sources(names: Sequence[str]) -> str:
    """Where a diagnosis was made."""
    if not names:
        return "from any source"
    return "from " + both([_SOURCES[name] for name in names], "or")


def event(what: Event) -> str:
    """What an event is, as a noun phrase without an article."""
    if what.registry:
        of = f" of {both([repr(d) for d in what.diagnosis], 'or')}" if what.diagnosis else ""
        return f"diagnosis{of} in the quality register {what.registry}"
    if what.icd10:
        main = "" if what.main is None else "main " if what.main else "secondary "
        return f"{main}diagnosis of {icd10(what.icd10)} {sources(what.source)}"
    if what.atc:
        return f"dispensing of ATC {both([class_name(c) for c in what.atc], 'or')}"
    return f"death from {icd10(what.cause)}" if what.cause else "death from any cause"


def counted(what: Event) -> str:
    """An event with the record that counts: ``second recorded dispensing of …``."""
    if what.death:
        return event(what)
    return f"{ordinal(what.record)} recorded {event(what)}" if what.record > 1 else f"first {event(what)}"


def window(lag: Duration, lookback: Duration | None) -> str:
    """``from 5 years before the index date to 1 year before the index date``."""
    end = f"{lag.words()} before the index date" if lag else "the day before the index date"
    return f"from {lookback.words()} before the index date to {end}" if lookback else f"at any time up to {end}"


def dates(n: int) -> str:
    """``2 distinct dispensing dates``."""
    return "one dispensing date" if n == 1 else f"{n} distinct dispensing dates"


def time(length: Duration) -> str:
    """``1 year``."""
    return length.words()


_ENDING = {1: "st", 2: "nd", 3: "rd"}
_SOURCES = {
    "inpatient": "inpatient care",
    "outpatient": "specialist outpatient care",
    "death": "the cause-of-death register",
    "registry": "a quality register",
}
