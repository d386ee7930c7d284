"""The course of ALS follows what is planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate

from riskset.nation import DiseaseCourse, Nation
from riskset.nation.progression import GRID, solve_scale, survival_times, typical_survival
from riskset.nation.streams import MONTH, NEVER


@pytest.mark.parametrize(
    "course", [DiseaseCourse(), DiseaseCourse(association=-0.06, shape=0.9), DiseaseCourse(median=19.0)]
)
def test_the_baseline_is_solved_for_the_marginal_median(course: DiseaseCourse) -> None:
    survival = typical_survival(course, solve_scale(course))
    assert np.interp(course.median, GRID, survival) == pytest.approx(0.5, abs=0.002)


def test_the_marginal_shape_is_that_of_a_weibull_of_1_1_to_1_2() -> None:
    survival = typical_survival(DiseaseCourse(), solve_scale(DiseaseCourse()))
    months = (GRID >= 3) & (GRID <= 48)
    slope = np.polyfit(np.log(GRID[months]), np.log(-np.log(survival[months])), 1)[0]
    assert 1.1 < slope < 1.25


def test_times_have_the_planted_hazard() -> None:
    """The cumulative hazard at death, integrated apart from the code, is the unit exponential that was drawn."""
    course, rng = DiseaseCourse(), np.random.default_rng(1)
    n = 300
    b0, b1 = 37 + 5 * rng.standard_normal(n), -1 + rng.standard_normal(n)
    log_hazard = np.log(course.antidepressants) * (rng.random(n) < 0.5)
    drawn = rng.standard_exponential(n)
    times, scale = survival_times(course, b0, b1, log_hazard, drawn), solve_scale(course)
    ended = np.flatnonzero(np.isfinite(times))
    assert len(ended) > 0.8 * n  # those whose score rises may outlive the grid

    def hazard(power: float, i: int) -> float:
        # by t ** shape, along which the Weibull baseline is constant
        score = b0[i] + b1[i] * power ** (1 / course.shape)
        return float(np.exp(course.association * (score - course.score) + log_hazard[i]) / scale**course.shape)

    totals = [integrate.quad(hazard, 0, times[i] ** course.shape, args=(i,), limit=200)[0] for i in ended]
    # the score is held within each interval of the grid, a quarter of a month at first
    np.testing.assert_allclose(totals, drawn[ended], rtol=0.01, atol=2e-4)


def test_steeper_slopes_and_higher_hazards_shorten_life() -> None:
    scale = solve_scale(DiseaseCourse())
    without, with_use = (typical_survival(DiseaseCourse(), scale, {"antidepressants": use}) for use in (False, True))
    assert (with_use[1:] <= without[1:]).all()
    direct = replace(DiseaseCourse(), antidepressant_slope=0.0)
    only_direct = typical_survival(direct, scale, {"antidepressants": True})
    assert with_use[GRID == 24.0] < only_direct[GRID == 24.0]


def test_some_are_never_registered_because_they_die_first_and_some_were_registered_late(nation: Nation) -> None:
    patients = [block.patients for block in nation.blocks]
    diagnosis, registration = (np.concatenate([getattr(p, n) for p in patients]) for n in ("diagnosis", "registration"))
    registered = registration != NEVER
    start = np.datetime64("2012-01-01", "D").astype(int)
    assert (registered & (diagnosis < start)).any()
    assert (registration[registered] >= start).all()
    after = registered & (diagnosis >= start)
    delay = (registration - diagnosis)[after]
    assert (delay >= 0).all()
    assert 25 < delay.mean() < 50


def test_scores_fall_about_a_point_a_month(nation: Nation) -> None:
    """Within patients: the mean of the fitted slopes of those with four visits or more, who fall less than all do."""
    slopes = []
    for block in nation.blocks:
        patient, day, score = block.patients.visits
        for one in np.flatnonzero(np.bincount(patient, minlength=1) >= 4):
            those = patient == one
            slopes.append(np.polyfit(day[those] / MONTH, score[those], 1)[0])
    assert -1.1 < np.mean(slopes) < -0.4
