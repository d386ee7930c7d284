"""0.1 + 0.2 and 0.3 are one time, as to R's ``timefix``: of ends, of entries, and of entries against ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.errors import FitError
from riskset.stats import (
    aalen_johansen,
    fit_cox,
    fit_fine_gray,
    gray_test,
    kaplan_meier,
    log_rank_test,
    nelson_aalen,
    predict_survival,
    rates,
    restricted_mean,
)
from riskset.stats.near_ties import one_time
from tests.examples import examples

NEAR = 0.1 + 0.2  # not 0.3


def test_cox_as_in_r() -> None:
    """R 4.2, survival 3.5: coxph(Surv(c(0.1 + 0.2, 0.3, 0.5, 0.7, 0.9), …) ~ x) gives −0.403173269198."""
    x, event = [1.0, 0, 1, 0, 1], [1, 1, 1, 1, 0]
    near = fit_cox(x, [NEAR, 0.3, 0.5, 0.7, 0.9], event)
    assert near.beta[0] == pytest.approx(-0.403173269198, abs=1e-10)
    assert near.n_event_times == 3


def made(jitter: bool, seed: int = 2) -> dict[str, np.ndarray]:
    """90 persons on tenths of a day, or the same with times that part in the last digits."""
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 15, 90) / 10
    stop = start + rng.integers(1, 20, 90) / 10
    start, stop = np.round(start, 1), np.round(stop, 1)
    if jitter:
        start, stop = start + rng.uniform(0, 1e-9, 90), stop + rng.uniform(0, 1e-9, 90)
    rng = np.random.default_rng(seed + 1)
    return {"stop": stop, "event": rng.integers(0, 3, 90), "start": start, "x": rng.normal(size=(90, 2))}


def one_cause(data: dict[str, np.ndarray], *, entry: bool = True) -> dict[str, Any]:
    return {"stop": data["stop"], "event": data["event"] == 1} | ({"start": data["start"]} if entry else {})


def test_every_estimator_takes_them_as_ties() -> None:
    near, exact = made(True), made(False)
    group = np.arange(90) % 2

    def numbers(data: dict[str, np.ndarray]) -> list[Any]:
        causes = {"stop": data["stop"], "event": data["event"], "start": data["start"]}
        curve = kaplan_meier(data["stop"], data["event"] > 0)
        fit = fit_cox(data["x"], **one_cause(data))
        return [
            fit.beta,
            fit_cox(data["x"], **one_cause(data), ties="exact").beta,
            fit_fine_gray(data["x"], **causes).beta,
            fit_fine_gray(data["x"], data["stop"], data["event"]).covariance,
            kaplan_meier(**one_cause(data)).estimate,
            aalen_johansen(**causes).std_error,
            nelson_aalen(**one_cause(data)).estimate,
            gray_test(data["stop"], data["event"], group).statistic,
            log_rank_test(**one_cause(data), group=group).test.statistic,
            restricted_mean(curve, 2.0).estimate,
            predict_survival(fit, [0.0, 0.0], times=[0.5, 1.0, 1.5]).survival,
            curve.at([0.3, 0.7, 1.1]).estimate,
            curve.at([0.3, 0.7, 1.1]).n_risk,
        ]

    for ours, theirs in zip(numbers(near), numbers(exact), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-8)


def test_who_enters_when_another_leaves() -> None:
    """The entry at 0.1 + 0.2 is not before the event at 0.3, in either spelling."""
    for enters, leaves in ((NEAR, 0.3), (0.3, NEAR)):
        curve = kaplan_meier([leaves, 1.0, 0.9], [1, 1, 0], start=[0, enters, 0])
        assert curve.n_risk[0] == 2


def test_an_interval_of_rounding_is_empty_and_refused() -> None:
    with pytest.raises(FitError, match="rounding only"):
        fit_cox([0.0, 1, 0], [NEAR, 1, 2], [1, 1, 0], start=[0.3, 0, 0])
    assert rates([NEAR, 1.0], [1, 1], start=[0.3, 0.0]).person_time[0] == pytest.approx(1.0)


@given(days=st.lists(st.integers(0, 60_000), min_size=1, max_size=30), far=st.sampled_from([1.0, 365.25, 1e-3]))
@settings(max_examples=examples(50), deadline=None)
def test_days_stay_apart_in_any_unit(days: list[int], far: float) -> None:
    times = np.array(days) / far
    np.testing.assert_array_equal(one_time(times)[0], times)
    assert np.unique(one_time(times + np.finfo(float).eps * times)[0]).size == np.unique(times).size
