"""Changes of a description in sentences."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from riskset.report import formats
from riskset.spec import words
from riskset.spec.base import Part
from riskset.spec.difference import Change, Difference
from riskset.spec.time import Duration
from riskset.spec.to_toml import as_line

SECTIONS = {
    "controls": "comparison",
    "exposures": "exposure",
    "covariates": "covariate",
    "models": "model",
    "measures": "measure",
    "subgroups": "subgroup by",
    "published": "published figure",
    "published_sets": "published sets of",
    "free_of": "free_of, event",
    "washout": "washout, event",
    "values": "values of",
}
"""Lists of the description → what one of them is called before its name."""

NOTHING = "nothing"

WORDS_ALONE = " (words alone; no number depends on them)"


EDITED = (
    "The fingerprint that the protocol states is not that of the description in it: the description was edited there, "
    "or another version of riskset wrote it."
)
RATIO = "ratio"


def rows(n: int) -> str:
    """The size of a table."""
    return f"{n:,} rows"


def since_protocol(description: str, file: str, *, places: int, words_alone: bool) -> str:
    """Whether a study was run as its protocol describes it.

    Parameters
    ----------
    description, file : fingerprints of the protocol's description, and of its file
    places : how many changed
    words_alone : whether no number depends on any of these
    """
    which = f"its protocol (description {description}, file {file})"
    if not places:
        return f"The study was run as {which} describes it."
    if words_alone:
        return f"The study was run as {which} describes it, but for words on which no number depends."
    return f"The study differs from {which} in {'1 place' if places == 1 else f'{places} places'}."


def change_in_words(difference: Difference) -> str:
    """A change as a sentence: ``Exposure anxiolytics, at least: was 2, is now 3.``"""
    place = _place(difference.path)
    alone = WORDS_ALONE if difference.is_wording else ""
    before, after = in_words(difference.before), in_words(difference.after)
    match difference.change:
        case Change.ADDED:
            return f"{place}: was added, {after}{alone}."
        case Change.REMOVED:
            return f"{place}: was left out, {before}{alone}."
        case Change.CHANGED:
            return f"{place}: was {before}, is now {after}{alone}."
        case Change.REORDERED:
            return f"{place}: the order was {before}, is now {after}."
        case _:
            assert_never(difference.change)


def _place(path: tuple[str, ...]) -> str:
    """``Exposure anxiolytics, measure ever, lag``."""
    parts: list[str] = []
    names = iter(path)
    for name in names:
        section = SECTIONS.get(name)
        inside = next(names, None) if section else None
        parts.append(f"{section} {words.plain(inside)}" if inside is not None else words.plain(name))
    return words.capital(", ".join(parts))


def in_words(value: object) -> str:
    """A value of a description: ``2``, ``'ALS'``, ``1 year``, ``sex and birth_year``; a part as it stands in TOML."""
    match value:
        case None | "" | ():
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case Duration():
            return words.time(value)
        case Part():
            return as_line(value)
        case date():
            return formats.day(value)
        case str():
            return repr(value)
        case tuple():
            return words.both([str(item) if isinstance(item, str) else in_words(item) for item in value])
        case dict():
            return words.both([f"{key!r} as {in_words(item)}" for key, item in value.items()]) if value else "nothing"
        case int():
            return str(value)
        case float():
            return f"{value:g}"
        case _:
            raise TypeError(f"a description holds no {type(value).__name__}")
