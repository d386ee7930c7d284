"""Proportional hazards: what it equals, what it refuses and how it says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskset.errors import FitError
from riskset.stats import (
    fit_clogit,
    fit_cox,
    fit_fine_gray,
    gray_test,
    kaplan_meier,
    likelihood_ratio_test,
    log_rank_test,
    martingale_residuals,
    nelson_aalen,
    poisson_limits,
    predict_survival,
    proportional_hazards_test,
    quantiles,
    rates,
    restricted_mean,
    restricted_mean_difference,
    schoenfeld_residuals,
    score_residuals,
    wald_test,
)
from tests.stats.sets_made import draw_sets


def cohort(n: int = 400, seed: int = 1, p: int = 3) -> dict[str, np.ndarray]:
    """Persons with p covariates, whole days, a third censored."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    x[:, 0] = rng.random(n) < 0.4
    time = np.ceil(60 * rng.exponential(size=n) * np.exp(-x @ np.linspace(0.5, -0.3, p)))
    end = np.ceil(rng.uniform(20, 150, n))
    return {"x": x, "stop": np.minimum(time, end), "event": time <= end}


@pytest.mark.parametrize("ties", ["exact", "efron", "breslow"])
def test_matched_sets_are_a_cox_model_of_one_day(ties: str) -> None:
    """Cases on day 1 and controls seen longer, stratified by set: the conditional logistic model with the same ties."""
    made = draw_sets(60, 6, [0.6, -0.4], n_cases=2)
    clogit = fit_clogit(**made, ties=ties)
    cox = fit_cox(made["x"], np.where(made["case"], 1, 2), made["case"], strata=made["set_id"], ties=ties)
    np.testing.assert_allclose(cox.beta, clogit.beta, rtol=0, atol=1e-10)
    np.testing.assert_allclose(cox.covariance, clogit.covariance, rtol=0, atol=1e-10)
    np.testing.assert_allclose([cox.loglik, cox.loglik_null], [clogit.loglik, clogit.loglik_null], rtol=0, atol=1e-9)
    assert cox.n_strata == 60


@pytest.mark.parametrize("height", [40.0, 700.0])
def test_many_strata_lose_no_digits(height: float) -> None:
    """300 sets whose hazards differ by e⁴⁰, or e⁷⁰⁰, from set to set: nothing is added across strata and taken off."""
    made = draw_sets(300, 5, [0.6, -0.4])
    given = (made["x"], np.where(made["case"], 1, 2), made["case"])
    plain = fit_cox(*given, strata=made["set_id"])
    moved = fit_cox(*given, strata=made["set_id"], offset=height * (made["set_id"] % 2))
    np.testing.assert_allclose(moved.beta, plain.beta, rtol=0, atol=1e-12)
    np.testing.assert_allclose(moved.loglik, plain.loglik, rtol=0, atol=1e-8)
    ours, theirs = (predict_survival(fit, [0, 0], stratum=1) for fit in (moved, plain))
    np.testing.assert_allclose(ours.cumulative_hazard, theirs.cumulative_hazard * np.exp(-height), rtol=1e-9)


def test_rows_come_in_any_order_and_units_do_not_matter() -> None:
    data = cohort()
    fit = fit_cox(**data)
    order = np.random.default_rng(2).permutation(len(data["stop"]))
    scale = np.array([1, 1e6, 1e-6])
    other = fit_cox(data["x"][order] * scale, data["stop"][order] / 365.25, data["event"][order])
    np.testing.assert_allclose(other.beta * scale, fit.beta, rtol=1e-10)
    np.testing.assert_allclose(other.loglik, fit.loglik, rtol=1e-12)
    assert other.iterations == fit.iterations


def test_splitting_follow_up_changes_nothing() -> None:
    """A person's row cut into days gives the same fit, and martingale residuals that add up to the person's."""
    data = cohort(120)
    person = np.repeat(np.arange(120), data["stop"].astype(int))
    stop = np.concatenate([np.arange(1, days + 1) for days in data["stop"].astype(int)])
    last = stop == data["stop"][person]
    whole, cut = (
        fit_cox(**data),
        fit_cox(data["x"][person], stop, data["event"][person] & last, start=stop - 1, cluster=person),
    )
    np.testing.assert_allclose(cut.beta, whole.beta, rtol=0, atol=1e-10)
    np.testing.assert_allclose(cut.loglik, whole.loglik, rtol=0, atol=1e-9)
    np.testing.assert_allclose(np.bincount(person, martingale_residuals(cut)), martingale_residuals(whole), atol=1e-10)
    by_row = fit_cox(**data, cluster=np.arange(120))
    np.testing.assert_allclose(cut.covariance, by_row.covariance, rtol=0, atol=1e-12)


@pytest.mark.parametrize("ties", ["exact", "efron"])
def test_profile_interval_and_tests_between_fits(ties: str) -> None:
    data = cohort(60)
    larger = fit_cox(**data, ties=ties)
    smaller = fit_cox(data["x"][:, :2], data["stop"], data["event"], ties=ties)
    test = likelihood_ratio_test(smaller, larger)
    assert test.df == 1
    assert test.statistic == pytest.approx(2 * (larger.loglik - smaller.loglik))
    low, high = larger.interval(method="profile")[2]
    assert low < larger.beta[2] < high
    assert (low > 0 or high < 0) == (test.p_value < 0.05)
    assert wald_test(larger, [2]).statistic == pytest.approx((larger.beta[2] / larger.std_error[2]) ** 2)
    with pytest.raises(FitError, match="differ in rows"):
        likelihood_ratio_test(smaller, fit_cox(**{name: v[:-1] for name, v in data.items()}, ties=ties))


def test_a_stratum_without_events_is_noted() -> None:
    data = cohort(90)
    strata = np.arange(90) % 3
    fit = fit_cox(data["x"], data["stop"], data["event"] & (strata > 0), strata=strata)
    assert fit.notes == ("1 of 3 strata have no event and say nothing",)
    kept = fit_cox(
        data["x"][strata > 0], data["stop"][strata > 0], data["event"][strata > 0], strata=strata[strata > 0]
    )
    np.testing.assert_allclose(fit.beta, kept.beta, rtol=0, atol=1e-12)
    assert not kept.notes
    with pytest.raises(FitError, match="stratum"):
        predict_survival(fit, np.zeros(3))
    assert predict_survival(fit, np.zeros(3), stratum=2).survival[-1, 0] < 1


def test_a_constant_hazard_is_found_by_prediction_and_rates() -> None:
    rng = np.random.default_rng(5)
    time, end = 100 * rng.exponential(size=4000), rng.uniform(0, 200, 4000)
    x = rng.normal(size=4000)
    stop, event = np.minimum(time, end), time <= end
    predicted = predict_survival(fit_cox(x, stop, event), [0.0], times=[50])
    assert predicted.conf_low[0, 0] < np.exp(-0.5) < predicted.conf_high[0, 0]
    found = rates(stop, event)
    assert found.conf_low[0] < 0.01 < found.conf_high[0]
    assert nelson_aalen(stop, event).at([50]).estimate[0] == pytest.approx(0.5, abs=0.05)


def test_a_changing_hazard_ratio_is_found() -> None:
    """x doubles the hazard before day 30 and halves it after: seen by its term and not by the other's."""
    rng = np.random.default_rng(3)
    n = 3000
    x, z = rng.random(n) < 0.5, rng.normal(size=n)
    early = rng.exponential(size=n) * 60 / np.where(x, 2, 1)
    late = 30 + rng.exponential(size=n) * 60 / np.where(x, 0.5, 1)
    fit = fit_cox(np.column_stack([x, z]), np.where(early < 30, early, late), np.ones(n), names=["drug", "age"])
    test = proportional_hazards_test(fit)
    assert test.terms["drug"].p_value < 1e-6 < 0.001 < test.terms["age"].p_value
    assert test.overall.df == 2
    together = proportional_hazards_test(fit, transform=np.sqrt, groups={"both": [0, 1]})
    assert together.terms["both"].df == 2
    scaled = schoenfeld_residuals(fit, scaled=True)
    before = scaled.residual[scaled.time < 30, 0].mean()
    assert before > fit.beta[0] > scaled.residual[scaled.time >= 30, 0].mean()


GOOD = cohort(60)
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"event": np.zeros(60)}, "no row has an event", "event"),
    ({"event": np.full(60, 2)}, "other values", "event"),
    ({"event": np.full(60, np.nan)}, "other values", "event"),
    ({"stop": np.where(np.arange(60) < 2, 0, GOOD["stop"])}, "2 of 60 rows end at or before", "stop"),
    ({"start": GOOD["stop"]}, "60 of 60 rows end", "stop"),
    ({"stop": np.where(np.arange(60) < 2, np.nan, GOOD["stop"])}, "missing", "stop"),
    ({"start": np.full(60, -np.inf)}, "infinite", "start"),
    ({"weights": np.zeros(60)}, "not positive", "weights"),
    ({"offset": np.full(60, np.nan)}, "missing", "offset"),
    ({"x": np.where(np.arange(180).reshape(60, 3) == 4, np.nan, GOOD["x"])}, "missing", "x[1]"),
    ({"x": np.column_stack([GOOD["x"], np.ones(60)])}, "no event time", "x[3]"),
    ({"x": np.column_stack([GOOD["x"], GOOD["x"] @ [1, 2, 3]])}, "collinear within the risk sets", "x[3]"),
    ({"x": np.empty((60, 0))}, "no terms", "regression"),
    ({"x": np.column_stack([GOOD["x"], GOOD["stop"]])}, "separation", "x[3]"),
    ({"x": np.column_stack([GOOD["x"], GOOD["event"] * -1.0])}, "separation", "x[3]"),
    ({"cluster": np.zeros(60)}, "too few clusters", "cluster"),
    ({"cluster": np.zeros(60), "ties": "exact"}, "no sandwich", "cluster"),
    ({"weights": np.ones(60), "ties": "exact"}, "not defined for exact", "weights"),
    ({"x": np.column_stack([GOOD["x"], GOOD["stop"]]), "ties": "exact"}, "separation", "x[3]"),
]


@pytest.mark.parametrize(("change", "what", "where"), BAD)
def test_bad_input_is_named(change: dict[str, Any], what: str, where: str) -> None:
    with pytest.raises(FitError) as refused:
        fit_cox(**GOOD | change)
    assert what in str(refused.value)
    assert where in refused.value.where


def test_a_group_without_events_is_separation_and_named() -> None:
    rng = np.random.default_rng(4)
    group = rng.random(60) < 0.2
    x = np.column_stack([GOOD["x"], group])
    with pytest.raises(FitError, match="separation") as refused:
        fit_cox(x, GOOD["stop"], GOOD["event"] & ~group, names=["a", "b", "c", "opioids"])
    assert refused.value.where == "opioids"


def test_separation_by_two_terms_together() -> None:
    """Neither a nor b alone orders the events, a + b does; a third term is not named."""
    rng = np.random.default_rng(6)
    a, other = rng.normal(size=(2, 80))
    stop = np.arange(1.0, 81)
    b = -0.1 * stop - a
    with pytest.raises(FitError, match="by these terms together") as refused:
        fit_cox(np.column_stack([other, a, b]), stop, np.ones(80), names=["other", "a", "b"])
    assert refused.value.where == "a, b"


def test_a_large_but_finite_estimate_is_not_separation() -> None:
    """Of 10,000 pairs the exposed one dies first in all but one: the hazard ratio is 9,999."""
    pair = np.repeat(np.arange(10_000), 2)
    exposed = np.tile([1, 0], 10_000)
    stop = np.where((exposed == 1) == (pair > 0), 1, 2)
    fit = fit_cox(exposed, stop, stop == 1, strata=pair)
    assert fit.converged
    assert fit.beta[0] == pytest.approx(np.log(9999))


@pytest.mark.parametrize("late", [False, True])
def test_separation_under_delayed_entry(late: bool) -> None:
    """Who has the largest value would have the event, were it not that one with a larger had entered by then."""
    start = np.array([0, 0, 0, 3.0 if late else 1.0, 0])
    stop = np.array([2, 4, 6, 7, 8.0])
    x = np.array([4, 3, 1, 9.0, 0])
    event = np.array([1, 0, 1, 0, 0])
    x[3] = 9 if not late else 0.5
    if late:
        with pytest.raises(FitError, match="separation"):
            fit_cox(x, stop, event, start=start)
    else:
        assert fit_cox(x, stop, event, start=start).converged


def test_residuals_and_predictions_of_exact_ties_are_refused() -> None:
    fit = fit_cox(**GOOD, ties="exact")
    for function in (martingale_residuals, score_residuals, proportional_hazards_test):
        with pytest.raises(FitError, match="exact ties"):
            function(fit)


def test_wrong_shapes_are_the_programmers_errors() -> None:
    for change in ({"x": GOOD["x"][1:]}, {"names": ["a"]}, {"ties": "best"}, {"event": GOOD["event"][1:]}):
        with pytest.raises(ValueError, match=r"should be|names for"):
            fit_cox(**GOOD | change)
    for change in ({"strata": np.zeros(3)}, {"cluster": np.zeros(3)}, {"weights": np.ones(3)}, {"start": np.zeros(3)}):
        with pytest.raises(ValueError, match="shape"):
            fit_cox(**GOOD | change)


def test_curves_refuse_what_they_cannot_say() -> None:
    curve = kaplan_meier([1, 2, 3], [1, 0, 0])
    with pytest.raises(FitError, match="beyond the last time"):
        restricted_mean(curve, 4)
    with pytest.raises(FitError, match="different ends"):
        restricted_mean_difference(restricted_mean(curve, 2), restricted_mean(curve, 3))
    with pytest.raises(FitError, match="survival curve"):
        quantiles(nelson_aalen([1, 2], [1, 1]))
    with pytest.raises(FitError, match="delayed entry"):
        gray_test([2, 3], [1, 2], [0, 1], start=[0, 1])
    with pytest.raises(FitError, match="one group"):
        log_rank_test([2, 3], [1, 0], [1, 1])
    with pytest.raises(FitError, match="of this cause"):
        fit_fine_gray([0, 1], [1, 2], [1, 1], cause=2)
    with pytest.raises(FitError, match="had just entered"):
        fit_fine_gray([0, 1, 0, 1], [2, 2, 5, 6], [2, 1, 1, 1], start=[0, 0, 3, 3])
    with pytest.raises(ValueError, match="confidence level"):
        poisson_limits([1], 95)
    beyond = curve.at([2.5, 4])
    assert beyond.estimate[0] == pytest.approx(2 / 3)
    assert np.isnan(beyond.estimate[1])
    assert beyond.n_risk[1] == 0
