"""A window drawn on a line: the past on the left, the index date at the right end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from riskset.spec.levels import Window
from riskset.spec.measure_words import measure_words
from riskset.spec.measures import Measure

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
    """The windows of a measure, drawn."""
    labelled = zip(measure_words(measure).drawn, measure.windows, strict=True)
    stretches = [Stretch(label, _days(window)) for label, window in labelled][::-1]
    nearest, furthest = measure.windows[0], measure.windows[-1]
    if lag := nearest.lag:
        stretches.append(Stretch(f"lag {lag}", lag.days_about, counts=False))
    return draw(title, stretches, end=end, starts=furthest.lookback is not None)


def _days(window: Window) -> float:
    return _OPEN_END if window.lookback is None else window.lookback.days_about - window.lag.days_about


def _widths(days: Sequence[float], least: Sequence[int]) -> list[int]:
    # Square roots keep a day and a decade on one line; a label always fits.
    spare = max(WIDTH - 1 - sum(least) - len(least), 0)
    shares = [sqrt(d) for d in days]
    widths = [n + int(spare * share / sum(shares)) for n, share in zip(least, shares, strict=True)]
    widths[0] += max(WIDTH - 1 - sum(widths) - len(widths), 0)
    return widths
