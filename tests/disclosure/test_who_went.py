"""The heights of a curve tell how many left without an event: nearly, to four digits, and not to a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from riskset.disclosure.curve_steps import STEPS
from riskset.disclosure.door import clear
from riskset.disclosure.policy import Policy
from riskset.results.columns import table_of
from riskset.results.planted_prognosis import CASES
from riskset.results.released import Released
from riskset.results.rows import CurvePoint, Estimate
from riskset.results.vocabulary import Analysis, Contrast, CurveKind, Family, Model, Scale
from riskset.spec.levels import ALL
from tests.examples import examples
from tests.report.released import make_study

POLICY = Policy("under 5")
MONTHS, MOST = 24, 40


class Course:
    """Patients of whom a few leave without an event, and the curve of all of them."""

    def __init__(self, seed: int, few: int) -> None:
        rng = np.random.default_rng(seed)
        self.n = int(rng.integers(120, 600))
        stop = rng.exponential(rng.uniform(8, 30), self.n)
        gone = rng.uniform(0, MONTHS, few)
        event = np.ones(self.n, bool)
        event[:few] = stop[:few] < gone
        stop[:few] = np.minimum(stop[:few], gone)
        self.points = [self._point(stop, event, month) for month in range(1, MONTHS + 1)]
        self.events = int((event & (stop <= MONTHS)).sum())

    def _point(self, stop: Any, event: Any, time: float) -> dict[str, Any]:
        steps = [1 - 1 / (stop >= t).sum() for t in stop[event & (stop <= time)]]
        counts = {"n_risk": int((stop > time).sum()), "n_events": len(steps), "n_patients": self.n}
        return {"time": time / 12, "estimate": float(np.prod(steps)), **counts}

    @property
    def released(self) -> Released:
        def rate(**of: Any) -> Estimate:
            model = Model(Analysis.PROGNOSIS, Family.RATE, measure="ever")
            return Estimate(
                model=model, comparison=CASES, level=ALL, contrast=Contrast.VALUE, scale=Scale.RATE, estimate=0.3, **of
            )

        curve = {"level": ALL, "curve": CurveKind.SURVIVAL, "unit": "years"}
        model = Model(Analysis.PROGNOSIS, Family.KAPLAN_MEIER, measure="ever")
        points = [CurvePoint(model=model, **curve, **point) for point in self.points]
        estimates = [rate(n_cases=self.n, n_events=self.events)]
        return Released(
            make_study(), {"estimates": table_of(estimates, Estimate), "curves": table_of(points, CurvePoint)}, {}
        )


def left(course: Course) -> list[Mapping[str, Any]]:
    """The points whose heights leave."""
    rows = clear(course.released, POLICY).released.rows("curves")
    return [row for row in rows if row["estimate"] is not None and row["estimate"] == row["estimate"]]


def could_have_gone(rows: Sequence[Mapping[str, Any]], n: int, half: float) -> list[set[int]]:
    """How many can have gone until each point, for whoever tries all numbers, all at once and as late as can be."""
    spans: dict[int, tuple[float, float]] = {0: (1.0, 1.0)}
    ways: list[dict[int, tuple[float, float, set[int]]]] = []
    before = 0
    for row in rows:
        events, after = row["n_events"] - before, dict[int, tuple[float, float, set[int]]]()
        for went, (low, high) in spans.items():
            at_risk = n - before - went
            for now in range(went, min(MOST, n - row["n_events"]) + 1):
                stay = at_risk - (now - went)
                least = low * (stay - events) / stay if stay > 0 else 0.0
                most = high * (at_risk - events) / at_risk
                if stay < events or most < row["estimate"] - half or least > row["estimate"] + half:
                    continue
                one, two, of = after.get(now, (1.0, 0.0, set()))
                bottom, top = max(least, row["estimate"] - half), min(most, row["estimate"] + half)
                after[now] = min(one, bottom), max(two, top), of | {went}
        ways.append(after)
        spans = {went: (low, high) for went, (low, high, _) in after.items()}
        before = row["n_events"]
    possible = [set(ways[-1])] if ways else []
    for way in reversed(ways[1:]):
        possible.insert(0, set().union(*(way[now][2] for now in possible[0])))
    return possible


def narrowed(course: Course, rows: Sequence[Mapping[str, Any]], half: float) -> list[float]:
    """The times until which a few went, and it is known that they are few."""
    times = {point["time"]: point for point in course.points}
    found = []
    for row, possible in zip(rows, could_have_gone(rows, course.n, half), strict=True):
        point = times[row["time"]]
        went = course.n - point["n_events"] - point["n_risk"]
        assert went in possible
        if 0 < went < POLICY.minimum and max(possible) < POLICY.minimum:
            found.append(row["time"])
    return found


def step_of(rows: Sequence[Mapping[str, Any]]) -> float:
    """The step that the heights have, for whoever sees them: the coarsest of which all are multiples."""

    def fits(step: float) -> bool:
        return all(abs(row["estimate"] / step - round(row["estimate"] / step)) < 1e-6 for row in rows)

    return next((step for step in reversed(STEPS) if fits(step)), 1e-4)


@pytest.mark.parametrize("seed", range(examples(12)))
def test_who_sees_the_heights_does_not_know_how_few_went(seed: int) -> None:
    course = Course(seed, few=1 + seed % 4)
    rows = left(course)
    assert narrowed(course, rows, step_of(rows) / 2 if rows else 0.0) == []


def test_of_four_digits_he_does_and_curves_still_leave() -> None:
    courses = [Course(seed, few=1 + seed % 4) for seed in range(12)]
    assert sum(bool(left(course)) for course in courses) > 8
    told = 0
    for course in courses:
        times = {row["time"] for row in left(course)}
        exact = [{**p, "estimate": round(p["estimate"], 4)} for p in course.points if p["time"] in times]
        told += bool(narrowed(course, exact, 0.5e-4))
    assert told > 4


def test_the_step_is_of_as_many_patients_as_may_be_known_or_coarser() -> None:
    for seed in range(6):
        course = Course(seed, few=seed)
        rows = left(course)
        steps = [step for step in STEPS if step * course.n >= POLICY.minimum]
        assert not rows or step_of(rows) >= steps[0]
