"""The heights of curves without a model, to a step at which they do not tell how few left without an event.

Of n at risk and d events the curve falls by the factor (n - d) / n where nobody leaves in between, and by a little
more where somebody does. Whoever knows the events so has those at risk at each point, nearly, though they do not stand
there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskset.disclosure.book import Spot
from riskset.disclosure.cells_of_course import OF_TIME
from riskset.disclosure.withholding import Withholding
from riskset.results.withheld import WithheldFor

STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
"""Steps that are tried: the first of as many patients as may be known, and coarser ones where it tells."""
HEIGHTS = ("estimate", "conf_low", "conf_high")
REACH = 4
"""How many times the policy's minimum more, or fewer, may have gone than did."""
NEARLY = 1e-9
NOBODY = 9.0
"""In the place of a height to which no way leads: higher than any, or lower."""

Flags = NDArray[np.bool_]

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Height:
    """How high a curve is at a point that leaves.

    Attributes
    ----------
    share : those without an event
    events, went : who had an event until then, and who left without one
    """

    share: float
    events: int
    went: int


def blunt(held: Withholding) -> None:
    """Round the heights of the curves that leave; one that would tell at every step does not leave."""
    curves: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, row in enumerate(held.rows["curves"]):
        if row["curve"] in OF_TIME and row["estimate"] is not None and Spot("curves", i, "estimate") not in held.cells:
            curves[row["measure"], row["exposure"], row["level"], row["cause"]].append(i)
    steps: dict[tuple[str, ...], float | None] = {}
    for (*of, cause), places in sorted(curves.items(), key=lambda one: bool(one[0][-1])):  # any event, and then each
        rows = [held.rows["curves"][i] for i in places]
        if tuple(of) not in steps:
            steps[tuple(of)] = step_of([] if cause else _points(rows), _patients(rows), held.policy.minimum)
        for i in places:
            _blunt(held, i, steps[tuple(of)])


def _blunt(held: Withholding, i: int, step: float | None) -> None:
    row = held.rows["curves"][i]
    for name in HEIGHTS:
        if step is None:
            held.withhold(Spot("curves", i, name), WithheldFor.THIN)
        elif row[name] is not None and np.isfinite(row[name]):
            row[name] = at_step(row[name], step)


def at_step(height: float, step: float) -> float:
    """A height to a step."""
    return round(round(height / step) * step, 6)


def _patients(rows: Sequence[Row]) -> int:
    return max(row["n_patients"] or 0 for row in rows)


def _points(rows: Sequence[Row]) -> list[Height]:
    """The points of a curve; none where patients come late, so that who came and who went are both unknown."""
    points = [
        Height(row["estimate"], row["n_events"], row["n_patients"] - row["n_events"] - row["n_risk"])
        for row in sorted(rows, key=lambda row: float(row["time"]))
        if None not in (row["n_events"], row["n_patients"], row["n_risk"])
    ]
    went = [0, *(point.went for point in points)]
    return points if went == sorted(went) else []


def step_of(points: Sequence[Height], patients: int, minimum: int) -> float | None:
    """The finest step of as many patients as may be known that tells of no few who went; None where each does."""
    steps = (step for step in STEPS if step * patients >= minimum)
    return next((step for step in steps if not tells_who_went(points, patients, step, minimum)), None)


def tells_who_went(points: Sequence[Height], patients: int, step: float, minimum: int) -> bool:
    """Whether heights to a step, with the events, leave it possible that no more than a few went until some point."""
    most = _most_gone(points, patients, step, REACH * minimum)
    return any(0 < point.went < minimum and n < minimum for point, n in zip(points, most, strict=True))


def _most_gone(points: Sequence[Height], patients: int, step: float, reach: int) -> list[int]:
    """How many can have gone until each point at most: all ways are tried on which not many more or fewer went.

    Between two points the curve falls least where all go at the last moment, and most where all go at the first.
    """
    went, low, high, events = np.zeros(1, np.int64), np.ones(1), np.ones(1), 0
    ways: list[Flags] = []
    numbers: list[NDArray[np.int64]] = []
    for point in points:
        now = np.arange(max(0, point.went - reach), point.went + reach + 1)
        d, at_risk = point.events - events, np.maximum(patients - events - went, 1)[:, None]
        staying = np.maximum(at_risk - (now[None, :] - went[:, None]), 1)
        height = at_step(point.share, step)
        bottom, top = height - step / 2 - NEARLY, height + step / 2 + NEARLY
        least, most = low[:, None] * (staying - d) / staying, high[:, None] * (at_risk - d) / at_risk
        can_be = (now[None, :] >= went[:, None]) & (now <= patients - point.events)[None, :]
        can_be &= (most >= bottom) & (least <= top)
        if not can_be.any():  # no curve of these events
            return [patients] * len(points)
        ways.append(can_be)
        numbers.append(now)
        low = np.where(can_be, np.maximum(least, bottom), NOBODY).min(axis=0)
        high = np.where(can_be, np.minimum(most, top), -NOBODY).max(axis=0)
        went, events = now, point.events
    return _on_whole_ways(ways, numbers)


def _on_whole_ways(ways: Sequence[Flags], numbers: Sequence[NDArray[np.int64]]) -> list[int]:
    """The largest number of each point from which a way leads to the last."""
    most: list[int] = []
    leads: Flags = np.ones(len(numbers[-1]) if numbers else 0, np.bool_)
    for can_be, now in zip(reversed(ways), reversed(numbers), strict=True):
        is_possible = np.asarray(leads & can_be.any(axis=0))
        most.append(int(now[is_possible].max(initial=0)))
        leads = np.asarray((can_be & is_possible[None, :]).any(axis=1))
    return most[::-1]
