"""Curves made coarser: each step rests on as many events as the policy asks for, and a curve ends with as many at risk.

Points are on a common grid of times for all levels of a class, which is part of the grid of all patients, so that no
level follows from the others and from all; curves of single causes are on a part of their grid.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskset.disclosure.book import Spot
from riskset.disclosure.cells_of_course import OF_TIME
from riskset.disclosure.course_audit import thin_until_safe
from riskset.disclosure.policy import Policy
from riskset.disclosure.withholding import LEVEL_COUNTS, Withholding
from riskset.results.vocabulary import CurveKind, Family
from riskset.results.withheld import WithheldFor
from riskset.spec.levels import ALL

VALUES = ("estimate", "conf_low", "conf_high", "n_risk", "n_events", "n_scores")
"""What a point shows, besides of how many patients its curve is."""

STEPS = (1, 2, 3, 4, 6, 12, 24)
"""Grids that are tried: each time, every second, …"""
NEARLY = 0.8
"""How far a grid must go, of the farthest."""

OF_NOBODY = (CurveKind.FORECAST_SURVIVAL, CurveKind.FORECAST_SCORE, CurveKind.FORECAST_VISIT)
"""Curves of an invented patient."""


@dataclass(frozen=True)
class _Series:
    """A curve.

    Attributes
    ----------
    level, cause : of whom, and of which event (empty for any)
    rows : time → number of its row in the table
    at_risk, events : time → at risk then, events so far
    patients : of whom it is
    total : events in all, of which some may come before the curve begins
    """

    level: str
    cause: str
    rows: Mapping[float, int]
    at_risk: Mapping[float, int]
    events: Mapping[float, int]
    patients: int
    total: int

    def so_far(self, time: float) -> int:
        return max((n for t, n in self.events.items() if t <= time), default=0)


@dataclass(frozen=True)
class _Group:
    """The curves of a class by level, or of all patients.

    Attributes
    ----------
    of_any, of_cause : curves of any event, and of each
    """

    of_any: tuple[_Series, ...]
    of_cause: tuple[_Series, ...]


def coarsen(held: Withholding) -> None:
    """Empty the points of curves that too few events or patients stand behind."""
    rows = held.rows["curves"]
    levels = _levels_withheld(held)
    for i, row in enumerate(rows):
        is_of_withheld = (row["exposure"], row["level"]) in levels and row["curve"] not in OF_NOBODY
        if is_of_withheld:
            _empty(held, i, WithheldFor.FOLLOWS)
        elif row["curve"] == CurveKind.MEASURED_SCORE:
            # Each band has other patients: with their number and mean, all and some give one patient's score.
            _empty(held, i, WithheldFor.UNSTATED)
        elif _is_withheld_itself(held, "curves", i, ("n_patients",)):
            _empty(held, i, WithheldFor.THIN)
    groups = _groups(rows, _events(held.rows["estimates"]))
    for comparison in dict.fromkeys(comparison for comparison, _ in groups):
        _coarsen_together(held, {exposure: g for (of, exposure), g in groups.items() if of == comparison}, levels)
    thin_until_safe(held)
    _without_curve(held)


def _without_curve(held: Withholding) -> None:
    """Medians, means and shares without a model go with the curve of their level."""
    shown = {
        (row["exposure"], row["level"])
        for i, row in enumerate(held.rows["curves"])
        if row["curve"] == CurveKind.SURVIVAL and Spot("curves", i, "estimate") not in held.cells
    }
    for i, row in enumerate(held.rows["estimates"]):
        if row["family"] == Family.KAPLAN_MEIER and (row["exposure"], row["level"]) not in shown:
            held.without_estimate(i, WithheldFor.THIN)


def _levels_withheld(held: Withholding) -> set[tuple[str, str]]:
    """Class and level of which the patients or the events are withheld, for whatever reason."""
    from_estimates = {
        (row["exposure"], row["level"])
        for i, row in enumerate(held.rows["estimates"])
        if row["exposure"] and not row["covariate"] and row["n_sets"] is None
        and row["form"] == ""
        and _is_withheld_itself(held, "estimates", i, (*LEVEL_COUNTS, "n_cases"))
    }  # fmt: skip
    from_curves = {
        (row["exposure"], row["level"])
        for i, row in enumerate(held.rows["curves"])
        if row["curve"] in OF_TIME and row["exposure"] and _is_withheld_itself(held, "curves", i, ("n_patients",))
    }
    return from_estimates | from_curves


def _is_withheld_itself(held: Withholding, table: str, row: int, columns: Sequence[str]) -> bool:
    """Whether a count is withheld for more than that a few are left out of it."""
    return any(held.cells.get(Spot(table, row, name)) not in (None, WithheldFor.UNSTATED) for name in columns)


def _events(estimates: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    """Class and level → events of all its patients, which stand beside the rates."""
    return {
        (row["exposure"], row["level"]): row["n_events"]
        for row in estimates
        if row["family"] == Family.RATE and row["n_events"] is not None and not row["cause"]
    }


def _groups(rows: Sequence[Mapping[str, Any]], events: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], _Group]:
    """Comparison of a measure, and class → its curves."""
    members: defaultdict[tuple[str, str], defaultdict[tuple[str, str], list[int]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for i, row in enumerate(rows):
        if row["curve"] in OF_TIME:
            members[row["measure"], row["exposure"]][row["level"], row["cause"]].append(i)
    made = {}
    for place, by_series in members.items():
        of_all = {level: events.get((place[1], level), 0) for level, _ in by_series}
        series = [
            _series(rows, level, cause, of, 0 if cause else of_all[level]) for (level, cause), of in by_series.items()
        ]
        made[place] = _Group(tuple(s for s in series if not s.cause), tuple(s for s in series if s.cause))
    return made


def _series(rows: Sequence[Mapping[str, Any]], level: str, cause: str, of: Sequence[int], total: int) -> _Series:
    def by_time(column: str) -> dict[float, int]:
        return {rows[i]["time"]: rows[i][column] for i in of if rows[i][column] is not None}

    patients = max((rows[i]["n_patients"] or 0 for i in of), default=0)
    events = by_time("n_events")
    total = max(total, max(events.values(), default=0))
    return _Series(level, cause, {rows[i]["time"]: i for i in of}, by_time("n_risk"), events, patients, total)


def _coarsen_together(held: Withholding, groups: Mapping[str, _Group], levels: set[tuple[str, str]]) -> None:
    everybody = groups.get("")
    times: Sequence[float] | None = None
    if everybody is not None:
        times = _apply(held, everybody.of_any, None, None)
        _apply(held, everybody.of_cause, times, None)
    for exposure, group in groups.items():
        if not exposure:
            continue
        shown = _shown_levels(held.policy, group, everybody, {level for of, level in levels if of == exposure})
        for series in (s for s in group.of_any if s.level not in shown):
            for i in series.rows.values():
                _empty(held, i, WithheldFor.THIN)
        for series in group.of_cause:  # events by level, cause and time at once are linked by too much
            for i in series.rows.values():
                _empty(held, i, WithheldFor.UNSTATED)
        any_event = [s for s in group.of_any if s.level in shown]
        _apply(held, any_event, times, everybody.of_any if everybody else None)


def _shown_levels(policy: Policy, group: _Group, everybody: _Group | None, withheld: set[str]) -> set[str]:
    """Levels with enough patients and events, of which none is left that follows from all and the others."""
    by_size = sorted(group.of_any, key=lambda s: s.total)
    shown = [
        s
        for s in by_size
        if s.level not in withheld and not _is_small(policy, s.total) and not _is_small(policy, s.patients)
    ]
    whole = next(iter(everybody.of_any), None) if everybody else None
    while shown and whole is not None:
        events, patients = whole.total - sum(s.total for s in shown), whole.patients - sum(s.patients for s in shown)
        if not _is_small(policy, events) and not _is_small(policy, patients):
            break
        shown = shown[1:]
    return {s.level for s in shown}


def _apply(
    held: Withholding, series: Sequence[_Series], within: Sequence[float] | None, whole: Sequence[_Series] | None
) -> list[float]:
    """Empty the points that are not on the finest grid that the policy allows, and return the grid.

    Parameters
    ----------
    within : the times to choose among; all when None
    whole : the curves of all patients, by cause, with which those of the levels leave a rest
    """
    policy = held.policy
    rests = _rests(series, whole)
    if any(_is_small(policy, s.total) for s in (*series, *rests)):
        grid: list[float] = []
    else:
        grid = _grid(policy, series, rests, within)
    risk = _risk_times(policy, series, rests, grid)
    for one in series:
        for time, i in one.rows.items():
            if time not in grid:
                _empty(held, i, WithheldFor.THIN)
            elif time not in risk:
                held.withhold(Spot("curves", i, "n_risk"), WithheldFor.THIN)
    return grid


def _rests(series: Sequence[_Series], whole: Sequence[_Series] | None) -> list[_Series]:
    """By cause, all patients without those of the levels that are shown."""
    made = []
    for all_of in whole or ():
        parts = [s for s in series if s.cause == all_of.cause]
        if parts:
            times = all_of.events
            events = {t: n - sum(s.so_far(t) for s in parts) for t, n in times.items()}
            at_risk = {t: n - sum(s.at_risk.get(t, 0) for s in parts) for t, n in all_of.at_risk.items()}
            patients = all_of.patients - sum(s.patients for s in parts)
            total = all_of.total - sum(s.total for s in parts)
            made.append(_Series(ALL, all_of.cause, {}, at_risk, events, patients, total))
    return made


def _grid(
    policy: Policy, series: Sequence[_Series], rests: Sequence[_Series], within: Sequence[float] | None
) -> list[float]:
    """The finest regular grid that goes nearly as far as any.

    A grid that took each time that it may would tell of those between that they are few.
    """
    times = sorted({t for s in series for t in s.rows if within is None or t in within})
    grids = [_as_far_as_allowed(policy, series, rests, times[::every]) for every in STEPS]
    farthest = max(_reach(grid) for grid in grids)
    return next(grid for grid in grids if _reach(grid) >= NEARLY * farthest)


def _reach(grid: Sequence[float]) -> float:
    return grid[-1] - grid[0] if grid else 0.0


def _as_far_as_allowed(
    policy: Policy, series: Sequence[_Series], rests: Sequence[_Series], times: Sequence[float]
) -> list[float]:
    """Times until one at which too few are at risk, or too few events lie behind it."""
    grid: list[float] = []
    for time in times:
        too_few = any(s.at_risk.get(time, 0) < policy.minimum for s in series)
        steps = [s.so_far(time) - (s.so_far(grid[-1]) if grid else 0) for s in (*series, *rests)]
        if too_few or any(_is_small_step(policy, n) for n in steps):
            break
        grid.append(time)
    while grid and any(_is_small_step(policy, s.total - s.so_far(grid[-1])) for s in (*series, *rests)):
        grid.pop()
    return grid


def _risk_times(
    policy: Policy, series: Sequence[_Series], rests: Sequence[_Series], grid: Sequence[float]
) -> set[float]:
    """Times at which the numbers at risk tell of no few who came or went without an event since the last such time."""
    shown: list[float] = []
    for time in grid:
        changes = []
        for s in (*series, *rests):
            before = s.at_risk.get(shown[-1], 0) if shown else s.patients
            events = s.so_far(time) - (s.so_far(shown[-1]) if shown else 0)
            changes.append(abs(before - events - s.at_risk.get(time, 0)))
        thin = any(_is_small(policy, s.at_risk.get(time, 0)) for s in rests)
        if not thin and not any(_is_small_step(policy, n) for n in changes):
            shown.append(time)
    return set(shown)


def _is_small(policy: Policy, count: int | None) -> bool:
    return count is not None and policy.is_small(count)


def _is_small_step(policy: Policy, count: int) -> bool:
    """Nobody in a step is no disclosure, whatever the policy says of zeros in tables: time passes."""
    return 0 < count < policy.minimum


def _empty(held: Withholding, i: int, rule: WithheldFor) -> None:
    for column in VALUES:
        held.withhold(Spot("curves", i, column), rule)
