"""Times that part by rounding are one time, by the rule of R's ``survival::aeqSurv`` (its ``timefix``).

0.1 + 0.2 and 0.3 are the same day to everyone but a computer. Neighbouring times that part by at most √ε = 1.5 × 10⁻⁸,
or by as much of the mean time, become the earliest of them; whole days never do. Ends and entries are taken together,
so that who enters when another leaves does so in either spelling.
"""

from __future__ import annotations

import numpy as np

from riskset.stats.arrays import Floats

TOLERANCE = float(np.sqrt(np.finfo(float).eps))


def one_time(*columns: Floats) -> tuple[Floats, ...]:
    """The columns (n,) with near ties made ties."""
    highest = max(float(np.abs(column).max(initial=0.0)) for column in columns)
    if highest < 0.5 / TOLERANCE and all(bool(np.all(column == np.rint(column))) for column in columns):
        return columns
    times = np.sort(np.concatenate(columns))
    times = times[np.append(True, np.diff(times) > 0)]
    near = np.append(False, np.diff(times) <= tolerance(times))
    if not near.any():
        return columns
    earliest = times[np.maximum.accumulate(np.where(near, 0, np.arange(times.size)))]
    moved, to = times[near], earliest[near]
    return tuple(_replaced(column, moved, to) for column in columns)


def _replaced(column: Floats, moved: Floats, to: Floats) -> Floats:
    """The column with the values ``moved``, sorted and few, replaced."""
    place = np.searchsorted(moved, column).clip(0, moved.size - 1)
    return np.where(moved[place] == column, to[place], column)


def tolerance(times: Floats) -> float:
    """By how much two of these times may part and still be one."""
    return TOLERANCE * float(np.abs(times).mean()) if times.size else 0.0


def reach(known: Floats, asked: Floats) -> Floats:
    """``asked`` (k,), each moved to a time ``known`` (m,), sorted, from which it parts by rounding only."""
    if not known.size:
        return asked
    after = np.searchsorted(known, asked).clip(0, known.size - 1)
    before = (after - 1).clip(0)
    moved, near = np.array(asked, float), tolerance(known)
    for neighbour in (known[before], known[after]):
        close = np.abs(neighbour - asked) <= near
        moved[close] = neighbour[close]
    return moved
