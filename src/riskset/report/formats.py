"""Numbers as a reader expects them. What cannot be estimated is a dash; what may not be known is withheld.

All pages of a study are set in one style, its `number_style`. Examples are in that of American medical journals.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

from riskset.results.withheld import HiddenNumber
from riskset.spec.base import NumberStyle


@dataclass(frozen=True)
class Style:
    """How numbers are set.

    Attributes
    ----------
    percent : what stands before a per cent sign
    series : what stands before the "and" of three or more
    month_first : whether a day is ``June 30, 2023`` rather than ``30 June 2023``
    """

    percent: str
    series: str
    month_first: bool


STYLES: Mapping[NumberStyle, Style] = {
    "AMA": Style(percent="", series=",", month_first=True),  # AMA Manual of Style, 11th edition: 95% CI
    "SI": Style(percent="\u00a0", series="", month_first=False),  # SI Brochure, 9th edition, 5.4.7: 95 % CI
}
_STYLE = ContextVar("style of numbers", default=STYLES["AMA"])


@contextmanager
def in_style(name: NumberStyle) -> Iterator[None]:
    """What is written inside is set in this style."""
    token = _STYLE.set(STYLES[name])
    try:
        yield
    finally:
        _STYLE.reset(token)


NONE = "—"
"""What stands where there is no number."""

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

EFFECT = {
    "log_or": "OR",
    "log_ror": "Ratio of ORs",
    "log_hr": "HR",
    "log_shr": "Subdistribution HR",
    "log_chr": "Ratio of cumulative hazards",
    "slope": "Slope, points a month",
    "score": "Score, points",
    "rate": "Rate per person-year",
    "median": "Median, years",
    "rmst": "Restricted mean, years",
    "rmst_difference": "Difference in restricted means, years",
    "survival": "Share without an event",
    "survival_difference": "Difference in that share",
}
EFFECT_LONG = {"log_or": "odds ratio", "log_hr": "hazard ratio"}
"""What estimates on a scale are called, in a heading and in a sentence."""


def finite(value: float | None) -> float | None:
    """The number, or None where it is null or no number; an infinite end of an interval stays."""
    return None if value is None or math.isnan(value) else float(value)


def is_withheld(value: float | None) -> bool:
    """Whether there is a number, and it is not given away: something else than that there is none."""
    return isinstance(value, HiddenNumber)


def blank(value: float | None) -> str:
    """What stands where there is no number: a dash, or that it is withheld."""
    return str(value) if is_withheld(value) else NONE


def exponentiated(value: float | None) -> float | None:
    """A ratio from its logarithm: beyond what a number can be ∞, and nought only where the logarithm is −∞."""
    value = finite(value)
    if value is None or value == -math.inf:
        return None if value is None else 0.0
    try:
        return math.exp(value) or sys.float_info.min
    except OverflowError:
        return math.inf


def ratio(value: float | None) -> str:
    """A ratio or a limit with two decimals, whatever its size, as JAMA has it; past 999 only that it is.

    One rule for the ratio and both limits, so that ``11.32 (1.15–111.00)`` does not mix roundings.
    """
    if finite(value) is None:
        return blank(value)
    value = float(value or 0.0)
    if math.isinf(value):
        return number(value)
    if 0 < value < 0.005:
        return "<0.01"
    return ">999" if value >= 999.995 else number(value)


def interval(low: float | None, high: float | None, *, between: str = "–") -> str:
    """``1.12–1.60``; an end below zero is parted by "to"."""
    low, high = finite(low), finite(high)
    if low is None or high is None:
        return NONE
    between = " to " if min(low, high) < 0 else between
    return between.join("0" if end == 0 else ratio(end) for end in (low, high))


def ratio_with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """``1.34 (1.12–1.60)``, without the interval where there is none."""
    if finite(value) is None:
        return blank(value)
    ends = interval(low, high)
    return ratio(value) if ends == NONE else f"{ratio(value)} ({ends})"


def difference_with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """``−0.22 (−0.55 to 0.11)``: a number of whose size a ratio's bounds, ``<0.01`` and ``>999``, say nothing."""
    if finite(value) is None:
        return blank(value)
    ends = [end for end in (finite(low), finite(high)) if end is not None]
    return number(value) if len(ends) < 2 else f"{number(value)} ({' to '.join(map(number, ends))})"


def p_value(value: float | None) -> str:
    """``<0.001``, three decimals below 0.1, else two."""
    known = finite(value)
    if known is None or math.isinf(known):
        return blank(value)
    value = known
    if value < 0.001:
        return "<0.001"
    return f"{value:.3f}" if value < 0.0995 else f"{value:.2f}"


def p_phrase(value: float | None) -> str:
    """``p = 0.03`` or ``p < 0.001``."""
    text = p_value(value)
    return f"p {text[0]} {text[1:]}" if text.startswith("<") else f"p = {text}"


def number(value: float | None, decimals: int = 2) -> str:
    """A number that may be negative or infinite, ``−0.22``; never a minus before zero, commas between thousands."""
    known = finite(value)
    if known is None:
        return blank(value)
    value = known
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    shown = f"{value:,.{decimals}f}"
    return shown.removeprefix("-") if not shown.strip("-0.,") else shown.replace("-", "−")


def count(value: float | None) -> str:
    """A count, with commas between thousands: ``10,570``."""
    return number(value, 0)


def per_cent(text: str) -> str:
    """A number with the sign behind it: ``95%``."""
    return f"{text}{_STYLE.get().percent}%"


def percent(share: float | None, decimals: int = 1) -> str:
    """A share in [0, 1] as ``17.2%``."""
    known = finite(share)
    return blank(share) if known is None else per_cent(number(100 * known, decimals))


def count_of(number: float | None, total: float | None) -> str:
    """``182 (17.2%)``; of a total that is withheld, so is the share."""
    known, whole = finite(number), finite(total)
    if known is None:
        return blank(number)
    if is_withheld(total):
        return f"{count(known)} ({blank(total)})"
    return f"{count(known)} ({percent(known / whole)})" if whole else count(known)


def plain(value: float | None) -> str:
    """Any number, with four significant digits, and whole from a thousand on."""
    known = finite(value)
    if known is None or math.isinf(known):
        return number(value)
    value = known
    if abs(value) >= 1000 or value == round(value):
        return count(value)
    return f"{value:.4g}".replace("-", "−")


def confidence(level: float | None) -> str:
    """``95%``."""
    level = finite(level)
    return NONE if level is None else per_cent(f"{100 * level:.4g}")


def confidence_interval(level: float | None) -> str:
    """``95% CI``, what stands before the two ends of one."""
    return f"{confidence(level)} CI"


def count_with_percent(number: int, total: int) -> str:
    """``182 (17.2)``, below a heading that says what the numbers are: ``No. (%)``."""
    return f"{count(number)} ({100 * number / total:.1f})" if total else count(number)


def series(names: Sequence[str], word: str = "and") -> str:
    """``a, b, and c``."""
    if len(names) < 3:
        return f" {word} ".join(names)
    return f"{', '.join(names[:-1])}{_STYLE.get().series} {word} {names[-1]}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day(value: date) -> str:
    """``June 30, 2023``."""
    month = _MONTHS[value.month - 1]
    return f"{month} {value.day}, {value.year}" if _STYLE.get().month_first else f"{value.day} {month} {value.year}"


def superscript(number: int) -> str:
    """The mark of a note."""
    return str(number).translate(_SUPERSCRIPT)
