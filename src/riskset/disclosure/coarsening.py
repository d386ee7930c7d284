"""Curves made coarser: each step rests on as many events as the policy asks for, and a curve ends with as many at risk.

Points are on a common grid of times for all levels of a class, which is part of the grid of all patients, so that no
level follows from the others and from all; curves of single causes are on a part of their grid. A later release has
no point that an earlier one of the same curve lacks, and no step of a few more or fewer than that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from riskset.disclosure.book import Spot
from riskset.disclosure.cells_of_course import OF_TIME
from riskset.disclosure.course_audit import thin_until_safe
from riskset.disclosure.curve_steps import blunt
from riskset.disclosure.policy import Policy
from riskset.disclosure.series import Before, Series, rests
from riskset.disclosure.withholding import LEVEL_COUNTS, Withholding
from riskset.results.vocabulary import CurveKind, Family
from riskset.results.withheld import WithheldFor

VALUES = ("estimate", "conf_low", "conf_high", "n_risk", "n_events", "n_scores")
"""What a point shows, besides of how many patients its curve is."""

STEPS = (1, 2, 3, 4, 6, 12, 24)
"""Grids that are tried: each time, every second, …"""
NEARLY = 0.8
"""How far a grid must go, of the farthest."""

OF_NOBODY = (CurveKind.FORECAST_SURVIVAL, CurveKind.FORECAST_SCORE, CurveKind.FORECAST_VISIT)
"""Curves of an invented patient."""


@dataclass(frozen=True)
class _Group:
    """The curves of a class by level, or of all patients.

    Attributes
    ----------
    of_any, of_cause : curves of any event, and of each
    """

    of_any: tuple[Series, ...]
    of_cause: tuple[Series, ...]


def coarsen(held: Withholding, before: Sequence[Before] = ()) -> None:
    """Empty the points of curves that too few events or patients stand behind.

    Parameters
    ----------
    before : the curves of earlier releases
    """
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
        of_comparison = {exposure: g for (of, exposure), g in groups.items() if of == comparison}
        _coarsen_together(held, of_comparison, levels, before)
    thin_until_safe(held)
    blunt(held)
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
            _series(rows, place, level, cause, of, 0 if cause else of_all[level])
            for (level, cause), of in by_series.items()
        ]
        made[place] = _Group(tuple(s for s in series if not s.cause), tuple(s for s in series if s.cause))
    return made


def _series(
    rows: Sequence[Mapping[str, Any]], place: tuple[str, str], level: str, cause: str, of: Sequence[int], total: int
) -> Series:
    def by_time(column: str) -> dict[float, int]:
        return {rows[i]["time"]: rows[i][column] for i in of if rows[i][column] is not None}

    patients = max((rows[i]["n_patients"] or 0 for i in of), default=0)
    events = by_time("n_events")
    total = max(total, max(events.values(), default=0))
    at_risk, places = by_time("n_risk"), {rows[i]["time"]: i for i in of}
    return Series(place, level, cause, at_risk, events, patients, total, places)


def curves_left(held: Withholding) -> list[Series]:
    """All curves without a model, with the times that are left of them."""
    rows = held.rows["curves"]

    def left(series: Series, column: str) -> frozenset[float]:
        return frozenset(t for t, i in series.rows.items() if Spot("curves", i, column) not in held.cells)

    groups = _groups(rows, _events(held.rows["estimates"])).values()
    return [
        replace(series, rows={}, shown=left(series, "n_events"), shown_at_risk=left(series, "n_risk"))
        for group in groups
        for series in (*group.of_any, *group.of_cause)
    ]


def _coarsen_together(
    held: Withholding, groups: Mapping[str, _Group], levels: set[tuple[str, str]], before: Sequence[Before]
) -> None:
    everybody = groups.get("")
    times: Sequence[float] | None = None
    if everybody is not None:
        times = _apply(held, everybody.of_any, None, (), before)
        _apply(held, everybody.of_cause, times, (), before)
    for exposure, group in groups.items():
        if not exposure:
            continue
        withheld = {level for of, level in levels if of == exposure}
        withheld |= {s.level for s in group.of_any if any(earlier.lacks_curve(s) for earlier in before)}
        shown = _shown_levels(held.policy, group, everybody, withheld)
        for series in (s for s in group.of_any if s.level not in shown):
            for i in series.rows.values():
                _empty(held, i, WithheldFor.THIN)
        for series in group.of_cause:  # events by level, cause and time at once are linked by too much
            for i in series.rows.values():
                _empty(held, i, WithheldFor.UNSTATED)
        any_event = [s for s in group.of_any if s.level in shown]
        _apply(held, any_event, times, everybody.of_any if everybody else (), before)


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
    held: Withholding,
    series: Sequence[Series],
    within: Sequence[float] | None,
    whole: Sequence[Series],
    before: Sequence[Before],
) -> list[float]:
    """Empty the points that are not on the finest grid that the policy allows, and return the grid.

    Parameters
    ----------
    within : the times to choose among; all when None
    whole : the curves of all patients, by cause, with which those of the levels leave a rest
    before : the curves of earlier releases
    """
    policy = held.policy
    others = rests(series, whole)
    came = [one for earlier in before for one in earlier.came(series, whole)]
    thin = any(_is_small(policy, s.total) for s in (*series, *others))
    if thin or any(_is_small_step(policy, s.total) for s in came):
        grid: list[float] = []
    else:
        times = sorted({t for s in series for t in s.rows if within is None or t in within})
        times = [t for t in times if not any(earlier.lacks(series, t) for earlier in before)]
        grid = _grid(policy, series, [*others, *came], times)
    risk = _risk_times(policy, series, others, came, grid)
    risk = {t for t in risk if not any(earlier.lacks(series, t, at_risk=True) for earlier in before)}
    for one in series:
        for time, i in one.rows.items():
            if time not in grid:
                _empty(held, i, WithheldFor.THIN)
            elif time not in risk:
                held.withhold(Spot("curves", i, "n_risk"), WithheldFor.THIN)
    return grid


def _grid(policy: Policy, series: Sequence[Series], others: Sequence[Series], times: Sequence[float]) -> list[float]:
    """The finest regular grid that goes nearly as far as any.

    A grid that took each time that it may would tell of those between that they are few.
    """
    grids = [_as_far_as_allowed(policy, series, others, times[::every]) for every in STEPS]
    farthest = max(_reach(grid) for grid in grids)
    return next(grid for grid in grids if _reach(grid) >= NEARLY * farthest)


def _reach(grid: Sequence[float]) -> float:
    return grid[-1] - grid[0] if grid else 0.0


def _as_far_as_allowed(
    policy: Policy, series: Sequence[Series], others: Sequence[Series], times: Sequence[float]
) -> list[float]:
    """Times until one at which too few are at risk, or too few events lie behind it."""
    grid: list[float] = []
    for time in times:
        too_few = any(s.at_risk.get(time, 0) < policy.minimum for s in series)
        steps = [s.so_far(time) - (s.so_far(grid[-1]) if grid else 0) for s in (*series, *others)]
        if too_few or any(_is_small_step(policy, n) for n in steps):
            break
        grid.append(time)
    while grid and any(_is_small_step(policy, s.total - s.so_far(grid[-1])) for s in (*series, *others)):
        grid.pop()
    return grid


def _risk_times(
    policy: Policy,
    series: Sequence[Series],
    others: Sequence[Series],
    came: Sequence[Series],
    grid: Sequence[float],
) -> set[float]:
    """Times at which the numbers at risk tell of no few who came or went without an event since the last such time."""
    shown: list[float] = []
    for time in grid:
        changes = []
        for s in (*series, *others, *came):
            before = s.at_risk.get(shown[-1], 0) if shown else s.patients
            events = s.so_far(time) - (s.so_far(shown[-1]) if shown else 0)
            changes.append(abs(before - events - s.at_risk.get(time, 0)))
        thin = any(_is_small(policy, s.at_risk.get(time, 0)) for s in others)
        thin = thin or any(_is_small_step(policy, s.at_risk.get(time, 0)) for s in came)
        if not thin and not any(_is_small_step(policy, n) for n in changes):
            shown.append(time)
    return set(shown)


def _is_small(policy: Policy, count: int | None) -> bool:
    return count is not None and policy.is_small(count)


def _is_small_step(policy: Policy, count: int) -> bool:
    """Nobody in a step is no disclosure, whatever the policy says of zeros in tables: time passes."""
    return 0 < abs(count) < policy.minimum


def _empty(held: Withholding, i: int, rule: WithheldFor) -> None:
    for column in VALUES:
        held.withhold(Spot("curves", i, column), rule)
