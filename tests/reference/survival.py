"""Every definition of the survival room as slow plain Python, one row and one time at a time.

A row is at risk at t if start < t ≤ stop. Nothing here is shared with the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, log, prod


@dataclass(frozen=True)
class Row:
    """One row: (start, stop], the cause at stop or 0, covariates, weight, offset and stratum."""

    start: float
    stop: float
    event: int
    x: tuple[float, ...]
    weight: float = 1.0
    offset: float = 0.0
    stratum: int = 0


def at_risk(rows: Sequence[Row], t: float, stratum: int | None = None) -> list[Row]:
    return [r for r in rows if r.start < t <= r.stop and (stratum is None or r.stratum == stratum)]


def event_times(rows: Sequence[Row]) -> list[tuple[int, float]]:
    return sorted({(r.stratum, r.stop) for r in rows if r.event})


def linear(row: Row, beta: Sequence[float]) -> float:
    return sum(b * x for b, x in zip(beta, row.x, strict=True)) + row.offset


def loglik(rows: Sequence[Row], beta: Sequence[float], ties: str) -> float:
    """The log partial likelihood, written as in the papers."""
    total = 0.0
    for stratum, t in event_times(rows):
        risk = at_risk(rows, t, stratum)
        events = [r for r in risk if r.event and r.stop == t]
        d = len(events)
        total += sum(r.weight * linear(r, beta) for r in events)
        everyone = sum(r.weight * exp(linear(r, beta)) for r in risk)
        tied = sum(r.weight * exp(linear(r, beta)) for r in events)
        mean_weight = sum(r.weight for r in events) / d
        if ties == "efron":
            total -= mean_weight * sum(log(everyone - k / d * tied) for k in range(d))
        elif ties == "breslow":
            total -= mean_weight * d * log(everyone)
        else:
            chosen = (prod(exp(linear(r, beta)) for r in some) for some in combinations(risk, d))
            total -= log(sum(chosen))
    return total


def baseline_increments(rows: Sequence[Row], beta: Sequence[float], ties: str) -> dict[tuple[int, float], list[float]]:
    """For each stratum and event time the steps of the baseline hazard: one for each event under Efron."""
    found = {}
    for stratum, t in event_times(rows):
        risk = at_risk(rows, t, stratum)
        events = [r for r in risk if r.event and r.stop == t]
        d = len(events)
        everyone = sum(r.weight * exp(linear(r, beta)) for r in risk)
        tied = sum(r.weight * exp(linear(r, beta)) for r in events)
        mean_weight = sum(r.weight for r in events) / d
        shares = [k / d if ties == "efron" else 0.0 for k in range(d)]
        found[stratum, t] = [mean_weight / (everyone - share * tied) for share in shares]
    return found


def martingale(rows: Sequence[Row], beta: Sequence[float], ties: str) -> list[float]:
    """Event less expected; under Efron each tied event is at risk for (d − k)/d of step k."""
    steps = baseline_increments(rows, beta, ties)
    residuals = []
    for r in rows:
        met = 0.0
        for (stratum, t), hazards in steps.items():
            if stratum == r.stratum and r.start < t <= r.stop:
                own = r.event and t == r.stop and ties == "efron"
                met += sum(h * (1 - k / len(hazards) if own else 1.0) for k, h in enumerate(hazards))
        residuals.append(r.event - exp(linear(r, beta)) * met)
    return residuals


def kaplan_meier(rows: Sequence[Row], t: float) -> float:
    survival = 1.0
    for s in sorted({r.stop for r in rows if r.event and r.stop <= t}):
        risk = sum(r.weight for r in at_risk(rows, s))
        survival *= 1 - sum(r.weight for r in rows if r.event and r.stop == s) / risk
    return survival


def incidence(rows: Sequence[Row], t: float, cause: int) -> float:
    """The Aalen-Johansen estimate."""
    survival, total = 1.0, 0.0
    for s in sorted({r.stop for r in rows if r.event and r.stop <= t}):
        risk = sum(r.weight for r in at_risk(rows, s))
        total += survival * sum(r.weight for r in rows if r.event == cause and r.stop == s) / risk
        survival *= 1 - sum(r.weight for r in rows if r.event and r.stop == s) / risk
    return total


def jackknife_variance(rows: Sequence[Row], t: float, cause: int | None) -> float:
    """Σ (w ∂F/∂w)² over rows by central differences of the weights; of Kaplan-Meier where ``cause`` is None."""
    step, total = 1e-5, 0.0
    for i, r in enumerate(rows):
        ends = []
        for sign in (1, -1):
            moved = Row(r.start, r.stop, r.event, r.x, r.weight * (1 + sign * step))
            changed = [*rows[:i], moved, *rows[i + 1 :]]
            ends.append(kaplan_meier(changed, t) if cause is None else incidence(changed, t, cause))
        total += ((ends[0] - ends[1]) / (2 * step)) ** 2
    return total


def log_rank(rows: Sequence[Row], group: Sequence[int]) -> tuple[float, float]:
    """Observed less expected events of group 1 of two, and its hypergeometric variance."""
    difference, variance = 0.0, 0.0
    for stratum, t in event_times(rows):
        present = [(r, g) for r, g in zip(rows, group, strict=True) if r.start < t <= r.stop and r.stratum == stratum]
        n, n1 = len(present), sum(g for _, g in present)
        d = sum(1 for r, _ in present if r.event and r.stop == t)
        d1 = sum(g for r, g in present if r.event and r.stop == t)
        difference += d1 - d * n1 / n
        if n > 1:
            variance += d * (n1 / n) * (1 - n1 / n) * (n - d) / (n - 1)
    return difference, variance


def fine_gray_weight(rows: Sequence[Row], since: float, t: float) -> float:
    """Of a row with a competing event at ``since``, at a later t: G(t−)H(t−) over the same at ``since``."""

    def observable(u: float) -> float:
        g = h = 1.0
        for s in sorted({r.stop for r in rows if not r.event and r.stop < u}):
            present = sum(1 for r in rows if r.start < s <= r.stop and not (r.event and r.stop == s))
            g *= 1 - sum(1 for r in rows if not r.event and r.stop == s) / present
        for s in sorted({r.start for r in rows if r.start >= u}):
            present = sum(1 for r in rows if r.start <= s < r.stop)
            h *= 1 - sum(1 for r in rows if r.start == s) / present
        return g * h

    return observable(t) / observable(since)


def fine_gray_rows(rows: Sequence[Row], cause: int) -> list[Row]:
    """The expanded data: who had a competing event goes on in one row from each event time to the next."""
    times = sorted({r.stop for r in rows if r.event == cause})
    expanded = []
    for r in rows:
        expanded.append(Row(r.start, r.stop, int(r.event == cause), r.x, r.weight, r.offset))
        if r.event not in (0, cause):
            before = r.stop
            for t in (t for t in times if t > r.stop):
                expanded.append(Row(before, t, 0, r.x, r.weight * fine_gray_weight(rows, r.stop, t), r.offset))
                before = t
    return expanded
