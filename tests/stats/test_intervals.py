"""Sums at risk by adding alone: intervals against plain loops, and small risk sets after large ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.errors import FitError
from riskset.stats import (
    Observable,
    aalen_johansen,
    fit_cox,
    fit_fine_gray,
    kaplan_meier,
    log_rank_test,
    martingale_residuals,
    nelson_aalen,
    predict_survival,
    proportional_hazards_test,
    schoenfeld_residuals,
    score_residuals,
)
from riskset.stats.intervals import Intervals
from tests.examples import examples

SPANS = st.lists(st.tuples(st.integers(-1, 38), st.integers(1, 40)), min_size=1, max_size=60)


@given(spans=SPANS, seed=st.integers(0, 9))
@settings(max_examples=examples(60), deadline=None)
def test_intervals_against_plain_loops(spans: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = np.array([a for a, _ in spans])
    last = np.minimum(first + np.array([b for _, b in spans]), 39)
    made = Intervals(first, last, 40)
    covers = (np.arange(40) > first[:, None]) & (np.arange(40) <= last[:, None])
    values, slots, other = rng.random(len(spans)), rng.random(40), rng.random(40)
    np.testing.assert_allclose(made.over(values), values @ covers, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(made.within(slots), covers @ slots, rtol=1e-13)
    rank = rng.permutation(len(spans))
    np.testing.assert_array_equal(made.highest(rank), np.where(covers, rank[:, None], -1).max(axis=0))
    a, b = (np.cumsum(np.where(covers, part, 0), axis=1) for part in (slots, other))
    np.testing.assert_allclose(
        made.products(values, slots, other), (values[:, None] * a * b * covers).sum(axis=0), rtol=1e-12, atol=1e-15
    )


def test_a_small_sum_beside_a_large_one_keeps_its_digits() -> None:
    first, last = np.array([-1, 20, 3, -1]), np.array([10, 39, 6, 2])
    made = Intervals(first, last, 40)
    weight = np.array([1e18, 1.0, 1e-9, 3.0])
    assert made.over(weight)[25] == 1.0
    hazard = np.where(np.arange(40) < 11, 1e18, 1.0)
    assert made.within(hazard)[1] == 19.0


def early_and_late(seed: int = 3, n: int = 100, competing: bool = False) -> dict[str, np.ndarray]:
    """n persons from day 0 to 50 and n others from day 100 to 150, who are never at risk together."""
    rng = np.random.default_rng(seed)
    late = np.repeat([0.0, 100.0], n)
    event = (rng.random(2 * n) < 0.7).astype(int)
    if competing:
        event[rng.random(2 * n) < 0.3] *= 2
    return {
        "x": rng.normal(size=(2 * n, 2)),
        "start": late + rng.integers(0, 5, 2 * n) * (late > 0),
        "stop": late + np.ceil(rng.uniform(5, 50, 2 * n)),
        "event": event,
    }


@pytest.mark.parametrize("height", [15.0, 30.0, 60.0, 200.0, 400.0, 800.0, -30.0, -200.0, -400.0, -800.0])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_an_offset_between_those_who_never_meet_changes_nothing(height: float, ties: str) -> None:
    data = early_and_late()
    offset = np.where(data["start"] >= 100, height, 0)
    plain, moved = fit_cox(**data, ties=ties), fit_cox(**data, ties=ties, offset=offset)
    np.testing.assert_allclose(moved.beta, plain.beta, rtol=1e-9)
    np.testing.assert_allclose(moved.covariance, plain.covariance, rtol=1e-9)
    assert moved.iterations == plain.iterations
    for residuals in (martingale_residuals, score_residuals):
        np.testing.assert_allclose(residuals(moved), residuals(plain), rtol=0, atol=1e-9)
    np.testing.assert_allclose(
        schoenfeld_residuals(moved).residual, schoenfeld_residuals(plain).residual, rtol=0, atol=1e-9
    )
    ours, theirs = (proportional_hazards_test(fit, transform="rank").overall.statistic for fit in (moved, plain))
    assert ours == pytest.approx(theirs, rel=1e-8)
    if -700 < height < 0:  # of the late, the hazard is then the larger part of the whole
        times = predict_survival(plain, [0.0, 0.0]).time
        late = times[times > 100]
        hazards = [predict_survival(fit, [0.0, 0.0], times=late).cumulative_hazard[:, 0] for fit in (plain, moved)]
        np.testing.assert_allclose(np.diff(hazards[1]) * np.exp(height), np.diff(hazards[0]), rtol=1e-9)


@pytest.mark.parametrize("height", [3000.0, -3000.0])
def test_an_offset_beyond_a_double_is_called_what_it_is(height: float) -> None:
    data = early_and_late()
    with pytest.raises(FitError, match=r"^offset: .*so far apart"):
        fit_cox(**data, offset=np.where(data["start"] >= 100, height, 0))


@pytest.mark.parametrize("height", [1e-13, 1e13, 1e26])
def test_weights_of_those_who_never_meet(height: float) -> None:
    """With one group's weights very large the estimate is that group's own, and each group's curve is its own."""
    data = early_and_late(competing=True)
    late = data["start"] >= 100
    weights = np.where(late, height, 1.0)
    heavier = late if height > 1 else ~late
    one = data | {"event": (data["event"] == 1).astype(int)}
    own = fit_cox(**{name: values[heavier] for name, values in one.items()})
    np.testing.assert_allclose(fit_cox(**one, weights=weights).beta, own.beta, rtol=1e-7)
    for curve, rows in ((kaplan_meier, one), (aalen_johansen, data)):
        times = {name: rows[name] for name in ("stop", "event", "start")}
        with_weights, without = curve(**times, weights=weights), curve(**times, weights=np.ones(200))
        np.testing.assert_allclose(with_weights.estimate, without.estimate, rtol=1e-9, atol=1e-300)
        np.testing.assert_allclose(with_weights.std_error, without.std_error, rtol=1e-7, atol=1e-12)


def test_the_probability_of_being_observed_with_weights_far_apart() -> None:
    """Kaplan-Meier of censoring and of entry backwards, by loops; the early weigh 10¹³ times the late."""
    data = early_and_late(competing=True)
    n = 206
    stop = np.append(data["stop"], [160.0] * 6)
    start = np.append(data["start"], [0.0] * 6)
    event = np.append(data["event"], [0] * 6)
    weight = np.where(start < 100, 1e13, 1.0)
    weight[200:] = 1.0
    seen = Observable.estimated(stop, event, start=start, weights=weight)
    for t in (20.5, 60.0, 120.5, 149.5):
        g = h = 1.0
        for c in np.unique(stop[(event == 0) & (stop < t)]):
            leave = [weight[i] for i in range(n) if event[i] == 0 and stop[i] == c]
            stay = [weight[i] for i in range(n) if start[i] < c < stop[i]]
            g *= sum(stay) / (sum(stay) + sum(leave))
        for e in np.unique(start[start >= t]):
            join = [weight[i] for i in range(n) if start[i] == e]
            there = [weight[i] for i in range(n) if start[i] < e < stop[i]]
            h *= sum(there) / (sum(there) + sum(join))
        assert seen.before(np.array([t]))[0] == pytest.approx(g * h, rel=1e-12)
    x = np.append(data["x"], np.zeros((6, 2)), axis=0)
    fit = fit_fine_gray(x, stop, event, start=start, weights=weight, observable=seen)
    assert fit.converged


def test_a_cumulative_hazard_and_a_log_rank_test_after_a_gap() -> None:
    data = early_and_late()
    late = data["start"] >= 100
    whole = nelson_aalen(data["stop"], data["event"], start=data["start"])
    parts = [nelson_aalen(data["stop"][g], data["event"][g], start=data["start"][g]) for g in (~late, late)]
    np.testing.assert_allclose(whole.estimate[-1], sum(part.estimate[-1] for part in parts), rtol=1e-12)
    group = np.arange(200) % 2
    test = log_rank_test(data["stop"], data["event"], group, start=data["start"])
    again = log_rank_test(data["stop"], data["event"], group, start=data["start"], strata=late)
    assert test.test.statistic == pytest.approx(again.test.statistic, rel=1e-12)
