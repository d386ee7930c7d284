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
    fit_joint,
    forecast,
    gray_test,
    joint_residuals,
    kaplan_meier,
    landmark_risk,
    log_rank_test,
    martingale_residuals,
    mean_scores,
    measure_calibration,
    measure_performance,
    nelson_aalen,
    predict_survival,
    proportional_hazards_test,
    quantiles,
    rates,
    restricted_mean,
)
from riskset.stats.near_ties import one_time
from tests.examples import examples
from tests.stats.joint_made import LINE, make

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


SPELT = [(0.3, 0.9), (NEAR, 0.9), (0.3, 0.1 + 0.2 + 0.6), (0.3 - 1e-10, 0.9 + 1e-10)]


@pytest.mark.parametrize(("landmark", "until"), SPELT)
def test_performance_at_a_landmark_in_any_spelling(landmark: float, until: float) -> None:
    """Who leaves at the landmark has left, and an event at the end of the horizon is in it: 0.7 − 0.4 is 0.3 too."""
    data = made(False)
    stop, event = data["stop"], data["event"]
    kept = stop > 0.3 + 1e-9
    risk = np.random.default_rng(3).random(90)
    near = np.where(np.arange(90) % 2, stop + 1e-10, stop - 1e-10)

    def measured(times: np.ndarray, begin: float, end: float) -> list[Any]:
        given = {"landmark": begin, "horizon": end - begin}
        performance = measure_performance(risk[kept], times[kept], event[kept], **given)
        groups = measure_calibration(risk[kept], times[kept], event[kept], groups=3, **given)
        return [performance.auc, performance.brier, performance.n_events, performance.n_censored, groups.observed]

    for ours, theirs in zip(measured(near, landmark, until), measured(stop, 0.3, 0.9), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    gone = np.append(near[kept], NEAR)
    with pytest.raises(FitError, match="1 patients are not at risk"):
        measure_performance(np.append(risk[kept], 0.5), gone, np.append(event[kept], 0), landmark=0.3, horizon=0.6)


def test_who_is_at_risk_at_a_landmark_in_any_spelling() -> None:
    """The same patients with the same scores, whether they left, entered or were seen at 0.3 or at 0.1 + 0.2."""
    data = make(60, seed=11)
    found = []
    for leaves, enters, seen in ((0.3, 0.3, 0.3), (NEAR, 0.3, NEAR), (0.3, NEAR, NEAR), (NEAR, NEAR, 0.3)):
        stop, start, time = data.stop.copy(), data.start.copy(), data.time.copy()
        stop[5], start[4] = leaves, enters
        first = np.unique(data.patient, return_index=True)[1]
        kept = (data.patient != 5) | (np.arange(time.size) == first[4])
        time[first[10:20]] = seen
        arguments = {
            **data.arguments, "stop": stop, "start": start, "time": time[kept], "y": data.y[kept],
            "patient": data.patient[kept],
        }  # fmt: skip
        arguments["time"][arguments["patient"] == 5] = seen
        fit = fit_joint(**arguments, trajectory=LINE)
        for landmark in (0.3, NEAR):
            who, risk = landmark_risk(fit, landmark, 1.0)
            assert 5 not in who
            assert 4 in who
            found.append(risk)
            known = forecast(fit, [10.0], [seen], landmark=landmark, times=[1.3], x=0, w=0, draws=2).survival
            found.append(np.resize(known, risk.size))
    for risk, known in zip(found[2::2], found[3::2], strict=True):
        np.testing.assert_allclose(risk, found[0], rtol=1e-6)
        np.testing.assert_allclose(known, found[1], rtol=1e-6)


def _answers(unit: float) -> list[Any]:
    """Of every estimator that takes times, what has no unit; times are tenths in this unit."""
    data = made(False)
    stop, start, event, x = data["stop"] * unit, data["start"] * unit, data["event"], data["x"]
    group = np.arange(90) % 2
    one = {"stop": stop, "event": event == 1, "start": start}
    causes = {"stop": stop, "event": event, "start": start}
    cox, curve = fit_cox(x, **one), kaplan_meier(stop, event > 0)
    tested = [proportional_hazards_test(cox, transform=kind).overall.statistic for kind in ("km", "identity", "rank")]
    mean, half = restricted_mean(curve, 2.0 * unit), quantiles(curve, [0.25, 0.5])
    plain = rates(**one, per=unit)
    given = {"landmark": 0.2 * unit, "horizon": 0.6 * unit}
    kept, risk = stop > 0.25 * unit, np.random.default_rng(3).random(90)
    performance = measure_performance(risk[kept], stop[kept], event[kept], **given)
    return [
        cox.beta, cox.covariance, cox.loglik, cox.n_event_times,
        fit_cox(x, **one, ties="exact").beta, fit_cox(x, **one, ties="breslow").beta,
        fit_fine_gray(x, **causes).beta, fit_fine_gray(x, stop, event).covariance,
        curve.estimate, curve.at(np.array([0.3, 0.7]) * unit).n_risk, curve.conf_low,
        aalen_johansen(**causes).std_error, nelson_aalen(**one).estimate,
        gray_test(stop, event, group).statistic, log_rank_test(**one, group=group).test.statistic,
        mean.estimate / unit, mean.std_error / unit, half.time / unit,
        predict_survival(cox, [0.0, 0.0], times=np.array([0.5, 1.5]) * unit).survival,
        martingale_residuals(cox), tested, plain.rate, plain.conf_low,
        performance.auc, performance.brier, measure_calibration(risk[kept], stop[kept], event[kept], **given).observed,
    ]  # fmt: skip


def _joint_answers(unit: float) -> list[Any]:
    data = make(60, seed=11)
    times = {name: data.arguments[name] * unit for name in ("time", "stop", "start")}
    fit = fit_joint(**data.arguments | times, trajectory=LINE)
    ahead = forecast(fit, [10, 9], np.array([0, 0.5]) * unit, landmark=unit, times=[2 * unit], x=0, w=0, draws=3)
    return [
        fit.converged, fit.alpha, fit.gamma, fit.sigma, fit.beta * [1, unit, unit],
        fit.loglik + np.log(unit) * fit.n_events.sum(), joint_residuals(fit).cox_snell,
        ahead.survival, ahead.score, ahead.score_undying, ahead.patient_interval, *landmark_risk(fit, unit, unit),
        mean_scores(fit, [unit], x=[[0.0]], w=[[0.0]], draws=2).score,
    ]  # fmt: skip


@pytest.mark.parametrize("unit", [1e12, 1e-12, 1e6, 1e-6, 365.25])
def test_a_unit_of_time_changes_nothing_but_the_unit(unit: float) -> None:
    """Seconds, years or ages of the universe: what is one time in one of them is one in all."""
    for answers in (_answers, _joint_answers):
        for ours, theirs in zip(answers(unit), answers(1.0), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)
