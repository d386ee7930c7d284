"""How a delivered date is written: the formats that there are, and which of them are of instants.

A zone that a format names as it names a dash is read by nobody: 23:00 UTC would be a day early in Sweden. So a format
has no letters beside its directives but those that are known to be no zone, and no offset that is the same for all.
"""

from __future__ import annotations

import re

from riskset.spec.complaints import Wrong, shown

WIDTHS = {"Y": 4, "m": 2, "b": 3, "d": 2, "H": 2, "M": 2, "S": 2, "j": 3}
"""What a format may ask for, and how many characters that takes."""
_INSTANT = re.compile(r"(?<=%[HMS])(\.0+)?\s?((?i:Z|UTC|GMT)|%z)$")
"""How the format of an instant ends: after a time of day, with a name of UTC or an offset from it."""
_MINUS = "-\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_OFFSET = re.compile(rf"[+\u00b1\uff0b]|(^|\s|%[HMS]|\d)(\.0+)?\s?[{_MINUS}]\s?\d")
_NO_ZONE = re.compile(r"(?<=%[dYjmb])\s?T(?=%H|\d)|\bkl\.?(?=\s?%H)|(?<=%H)h(?=%M)")
"""Letters between a day and its time, or its hours and minutes: 2012-02-28T23:00, kl. 23, 23h00."""


def is_instant(written: str) -> bool:
    """Whether dates in this format are instants, whose day depends on the time zone."""
    return _INSTANT.search(written) is not None


def as_offset(written: str) -> str:
    """The format of an instant with an offset at its end, whatever its zone is called."""
    return _INSTANT.sub(r"\1%z", written)


def width_of(written: str) -> int:
    """How many characters a date in this format has."""
    return len(re.sub(r"%.", "", written)) + sum(WIDTHS[d] for d in re.findall(r"%(.)", written))


def refuse_format(written: str, day: int | None) -> None:
    """Refuse a format that gives no date, or a time zone that would not be read.

    Parameters
    ----------
    written : as in strptime
    day : the day of the month that stands for an unknown one, where declared
    """
    text = _INSTANT.sub("", written)
    letters = ["m" if letter == "b" else letter for letter in re.findall(r"%(.)", text)]
    _refuse_zone(text)
    if sorted(letters) == ["Y", "m"] and day is None:
        remedy = f'write {{ …, date = "{text}", day = 15 }}, with the day that every date shall take'
        raise Wrong(f"{text!r} has no day of the month", remedy, at="date")
    dated = {"Y", "m", "d"} <= set(letters) or {"Y", "j"} <= set(letters) or sorted(letters) == ["Y", "m"]
    if (unread := _unread(text)) is not None:
        raise Wrong(*unread, at="date")
    if not dated or not set(letters) <= set(WIDTHS):
        remedy = "use %Y, %m and %d as in %Y-%m-%d or %Y%m%d, %d%b%Y for 01MAR1950, decimal_year, or native"
        raise Wrong(f"{shown(text)} is no way to write a date", remedy, at="date")
    if day is not None and ("m" not in letters or letters.count("d") > 1):
        raise Wrong("this format has a day of the year", "remove day", at="day")


def _refuse_zone(text: str) -> None:
    """Refuse a format in which a zone stands as if it were a mark between the parts of a date."""
    if _OFFSET.search(text):
        raise Wrong(
            f"{shown(text)} has one offset from UTC for every date",
            "write %z for the offset, and state zone",
            at="date",
        )
    words = re.findall(r"[^\W\d_]+", re.sub(r"%.", " ", _NO_ZONE.sub(" ", text)))
    if words and re.search(r"%[YmdbjHMS]", text):
        raise Wrong(
            f"{shown(text)} has {shown(words[0])} beside its date, and a time zone is read after a time of day only",
            "end it with Z, UTC, GMT or %z after %H, %M or %S and state zone, or deliver the dates of the calendar "
            "that counts",
            at="date",
        )


def _unread(text: str) -> tuple[str, str] | None:
    """Of a way of writing dates that is known and not read, what it is and what to do; None of any other."""
    spelled = re.sub("[yY]{4}", "%Y", re.sub("[dD]{2}", "%d", re.sub("[mM]{2}", "%m", text)))
    if "%" not in text and sorted(re.findall("%(.)", spelled)) == ["Y", "d", "m"]:
        return f"{shown(text)} is spelled as other programs do", f'write date = "{spelled}"'
    if "%y" in text:
        what = f"{shown(text)} has years of two digits, which leave the century open"
        return what, f'have years written with four digits, and write "{text.replace("%y", "%Y")}"'
    if "%B" in text:
        return (
            f"{shown(text)} has months in full, which are not read",
            "have them in three English letters (%b), or as numbers",
        )
    if text.casefold() in ("excel", "sas", "stata", "spss", "r", "unix", "epoch", "serial", "days", "seconds"):
        return f"{shown(text)} is a count from some origin, which is not read", "have dates written as 1950-03-01"
    if text.casefold() in ("iso", "iso8601", "iso-8601"):
        return f"{shown(text)} is no format", 'write date = "%Y-%m-%d"'
    return None
