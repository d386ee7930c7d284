"""A window drawn on a line: the past on the left, the index date at the right end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from riskset.spec.levels import time_names
from riskset.spec.measures import Ever, FirstUse, Measure, Recency
from riskset.spec.time import Duration

WIDTH = 72
"""Characters from the left margin to the index date."""

_OPEN_END = 9 * 365.25  # days that a window without lookback is drawn to reach past its last mark


@dataclass(frozen=True)
class Stretch:
    """A stretch of the line: its label, its length in days (about), and whether what happens in it counts."""

    label: str
    days: float
    counts: bool = True


def draw(title: str, stretches: Sequence[Stretch], *, end: str = "index date", starts: bool = False) -> str:
    """Two lines of text: the title and the end's name, and the line below them.

    Parameters
    ----------
    stretches : from the past to the present
    end : the name of the right end
    starts : whether the window has a first day of its own (lookback), drawn as ├
    """
    widths = _widths([s.days for s in stretches], [len(s.label) + 4 for s in stretches])
    drawn = [f" {s.label} ".center(w, "─" if s.counts else "·") for s, w in zip(stretches, widths, strict=True)]
    line = ("├" if starts else "─") + "┤".join(drawn) + "┤"
    return f"{title}{end.rjust(max(len(line) - len(title), len(end) + 2))}\n{line}"


def timeline(measure: Measure, title: str, *, end: str = "index date") -> str:
    """The window of a measure, drawn."""
    if isinstance(measure, (FirstUse, Recency)):
        return draw(title, _parted(measure.cuts), end=end)
    if isinstance(measure, Ever):
        return draw(title, [Stretch("exposed if qualified here", _OPEN_END), *_lag(measure.lag)], end=end)
    counted = "counted" if measure.lookback is None else f"counted, from {measure.lookback} before"
    reach = _OPEN_END if measure.lookback is None else measure.lookback.days_about - measure.lag.days_about
    return draw(title, [Stretch(counted, reach), *_lag(measure.lag)], end=end, starts=measure.lookback is not None)


def _parted(cuts: Sequence[Duration]) -> list[Stretch]:
    ends = [0.0, *(cut.days_about for cut in cuts)]
    lengths = [*(b - a for a, b in pairwise(ends)), _OPEN_END]
    return [Stretch(name, days) for name, days in zip(time_names(cuts), lengths, strict=True)][::-1]


def _lag(lag: Duration) -> list[Stretch]:
    return [Stretch(f"lag {lag}", lag.days_about, counts=False)] if lag else []


def _widths(days: Sequence[float], least: Sequence[int]) -> list[int]:
    # Square roots keep a day and a decade on one line; a label always fits.
    spare = max(WIDTH - 1 - sum(least) - len(least), 0)
    shares = [sqrt(d) for d in days]
    widths = [n + int(spare * share / sum(shares)) for n, share in zip(least, shares, strict=True)]
    widths[0] += max(WIDTH - 1 - sum(widths) - len(widths), 0)
    return widths
