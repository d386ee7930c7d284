"""What curves, their levels and the rates beside them leave possible of the points between: bounds by linear programs.

Each patient has a level, came at a time or between two, left at one no earlier, and for one reason: every number is a
sum over those who came, left and are there. A point that is not shown must still be able to be as large as the policy
lets be known, whatever is made of all that is shown; otherwise the nearest time is taken out of the curves, until it
can.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from riskset.disclosure.book import Spot
from riskset.disclosure.cells_of_course import OF_TIME
from riskset.disclosure.withholding import Withholding
from riskset.results.vocabulary import Family
from riskset.results.withheld import WithheldFor
from riskset.spec.levels import ALL

SLACK = 1e-6
UNBOUNDED = 3
"""The status of a linear program whose answer is as large as you like."""
VALUES = ("estimate", "conf_low", "conf_high", "n_risk", "n_events")
"""What a point of a curve without a model shows, besides of how many patients it is."""

CAME, THERE = -2, -1
"""Where, behind the reasons for which patients leave, those stand who came in a slot and who are there after it."""

Counts = NDArray[np.float64]
"""How often a number counts each kind of patient."""


@dataclass(frozen=True)
class _Number:
    """A number, where it stands, and how often it counts each kind of patient.

    Attributes
    ----------
    value : the number
    time : of a point of a curve; None of all patients
    series : level and cause of the curve
    """

    spot: Spot
    value: int
    counts: Counts
    time: float | None
    series: tuple[str, str]


def thin_until_safe(held: Withholding) -> None:
    """Take times out of the curves of each class until no small number between them can be told."""
    rows = held.rows["curves"]
    for measure, exposure in dict.fromkeys(
        (row["measure"], row["exposure"]) for row in rows if row["curve"] in OF_TIME and row["exposure"]
    ):
        course = _Course(held, measure, exposure)
        while (wrong := course.first_told()) is not None:
            time = course.nearest_shown(wrong.time)
            if time is None:
                break
            course.take_out(time)


class _Course:
    """The numbers of a class, and of all patients."""

    def __init__(self, held: Withholding, measure: str, exposure: str) -> None:
        self._held, self._exposure = held, exposure
        self._of_curves = [
            i
            for i, row in enumerate(held.rows["curves"])
            if row["curve"] in OF_TIME and row["measure"] == measure and row["exposure"] in ("", exposure)
        ]
        self._of_rates = [
            i
            for i, row in enumerate(held.rows["estimates"])
            if row["family"] == Family.RATE and not row["cause"] and row["exposure"] in ("", exposure)
        ]
        points = [held.rows["curves"][i] for i in self._of_curves]
        self._times = sorted({row["time"] for row in points})
        self._levels = sorted({row["level"] for row in points if row["exposure"]})
        self._causes = sorted({row["cause"] for row in points if row["cause"]})
        self._at: dict[float, int] = {}

    def _numbers(self) -> list[_Number]:
        """All numbers; those of points between two shown times are bounded alike, and stand at the first of them."""
        self._at.clear()
        shown = set(self._shown(("", self._exposure)))
        slots, is_between = -1, False
        for time in self._times:
            if time in shown or not is_between:
                slots += 1
            is_between = time not in shown
            self._at[time] = slots
        return [*self._rates(), *self._points()]

    def _rates(self) -> Iterator[_Number]:
        for i in self._of_rates:
            row = self._held.rows["estimates"][i]
            level = row["level"] if row["exposure"] else ALL
            for name, event in (("n_cases", None), ("n_events", "")):
                if row[name] is not None:
                    yield _Number(
                        Spot("estimates", i, name), row[name], self._left(level, 0, None, event), None, (level, "")
                    )

    def _points(self) -> Iterator[_Number]:
        for i in self._of_curves:
            row = self._held.rows["curves"][i]
            level = row["level"] if row["exposure"] else ALL
            at = 2 * self._at[row["time"]] + 2
            asked = {
                "n_patients": self._left(level, 1, None, None),
                "n_risk": self._at_risk(level, at),
                "n_events": self._left(level, 1, at + 1, row["cause"]),
            }
            for name, counts in asked.items():
                if row[name] is not None:
                    time = None if name == "n_patients" else row["time"]
                    yield _Number(Spot("curves", i, name), row[name], counts, time, (level, row["cause"]))

    def _before(self) -> Iterator[_Number]:
        """Patients of each level who left before the curves begin, with the place of how many the curve is of."""
        of_rate = {n.series[0]: n.value for n in self._rates() if n.spot.column == "n_cases"}
        for number in self._points():
            level = number.series[0]
            if number.spot.column == "n_patients" and level in of_rate:
                left = of_rate[level] - number.value
                yield _Number(number.spot, left, self._left(level, 0, 1, None), None, number.series)

    @property
    def _shape(self) -> tuple[int, int, int]:
        """Levels; slots of time; who left for each cause, with another event and with none, who came, who is there.

        Slot 0 is before the curves begin; then come, by turns, the time between two points and a point; the last is
        beyond them all.
        """
        return len(self._levels) + 1, 2 * len(set(self._at.values())) + 2, len(self._causes) + 4

    def _left(self, level: str, first: int, stop: int | None, event: str | None) -> Counts:
        """Patients of a level who left in slots ``[first, stop)``, with an event (empty: any) or for any reason."""
        counts = np.zeros(self._shape)
        why = slice(CAME) if event is None else slice(CAME - 1) if not event else self._causes.index(event)
        counts[self._rows_of(level), first:stop, why] = 1
        return counts.ravel()

    def _at_risk(self, level: str, slot: int) -> Counts:
        """Patients of a level who were there after the slot before, or came."""
        counts = np.zeros(self._shape)
        counts[self._rows_of(level), slot - 1, THERE] = counts[self._rows_of(level), slot, CAME] = 1
        return counts.ravel()

    def _rows_of(self, level: str) -> slice | int:
        return slice(None) if level == ALL else (*self._levels, _ELSEWHERE).index(level)

    def _balance(self) -> list[Counts]:
        """Who is there after a slot was there before or came, and has not left; in the end, nobody is."""
        equations = []
        levels, slots, _ = self._shape
        for level in range(levels):
            for slot in range(1, slots):
                counts = np.zeros(self._shape)
                counts[level, slot, :CAME], counts[level, slot, CAME] = 1, -1
                if slot > 1:
                    counts[level, slot - 1, THERE] = -1
                if slot < slots - 1:
                    counts[level, slot, THERE] = 1
                equations.append(counts.ravel())
        return equations

    def first_told(self) -> _Number | None:
        """A small number that is not shown and cannot be as large as may be known; None if there is none."""
        cells, policy = self._held.cells, self._held.policy
        numbers = self._numbers()
        shown = [n for n in numbers if n.spot not in cells]
        hidden = [n for n in (*numbers, *self._before()) if n.spot in cells and policy.is_small(n.value)]
        if not shown or not hidden:
            return None
        equal = {number.counts.tobytes(): number for number in shown}.values()
        balance = self._balance()
        matrix = csr_array(np.array([*(number.counts for number in equal), *balance]))
        values = np.array([*(number.value for number in equal), *(0 for _ in balance)])
        for number in _tightest(hidden):
            highest = linprog(-number.counts, A_eq=matrix, b_eq=values)
            # What is no course that anybody can have had (status 2) is not bounded so: it is not shown.
            if highest.status != UNBOUNDED and not -(highest.fun or 0.0) >= policy.minimum - SLACK:
                return number
        return None

    def nearest_shown(self, time: float | None) -> float | None:
        """The time at which a level's curve has a point, else one of all patients, that is nearest to a time."""
        for exposures in ((self._exposure,), ("", self._exposure)):
            shown = self._shown(exposures)
            if shown:
                return min(shown, key=lambda one: abs(one - (max(shown) if time is None else time)))
        return None

    def _shown(self, exposures: Sequence[str]) -> list[float]:
        rows = self._held.rows["curves"]
        return [
            rows[i]["time"]
            for i in self._of_curves
            if rows[i]["exposure"] in exposures
            and any(rows[i][name] is not None and Spot("curves", i, name) not in self._held.cells for name in VALUES)
        ]

    def take_out(self, time: float) -> None:
        """Show no point of any level at a time; where no level shows one, none of all patients."""
        rows = self._held.rows["curves"]
        exposure = self._exposure if time in self._shown((self._exposure,)) else ""
        for i in self._of_curves:
            if rows[i]["exposure"] == exposure and rows[i]["time"] == time:
                for name in VALUES:
                    self._held.withhold(Spot("curves", i, name), WithheldFor.THIN)


def _tightest(hidden: Sequence[_Number]) -> list[_Number]:
    """Numbers that may be told, each once; of events so far the earliest, since later ones can be no fewer."""
    kept: dict[object, _Number] = {}
    for number in sorted(hidden, key=lambda number: number.time or 0.0):
        is_so_far = number.spot.column == "n_events" and number.time is not None
        kept.setdefault((number.series, "so far") if is_so_far else number.counts.tobytes(), number)
    return list(kept.values())


_ELSEWHERE = "(at a level without a curve)"
