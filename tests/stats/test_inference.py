"""Tests and intervals against their definitions, worked out by other means."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.stats import chi2, norm

from riskset.errors import FitError
from riskset.stats import (
    ClogitFit,
    fit_clogit,
    likelihood_ratio_test,
    profile_interval,
    profile_test,
    wald_test,
)
from tests.shown import Evidence, shows
from tests.stats.by_enumeration import loglik
from tests.stats.sets_made import draw_sets

BETA = [0.7, -0.5, 0.3]


def penalised(beta: np.ndarray, data: dict[str, np.ndarray]) -> float:
    """Firth's penalised log-likelihood for single cases: the information sums the sets' covariances of x."""
    chance = np.exp(data["x"] @ beta)
    members = [data["set_id"] == label for label in set(data["set_id"])]
    information = sum(np.cov(data["x"][m].T, aweights=chance[m], ddof=0) for m in members)
    return loglik(beta, **data) + 0.5 * float(np.linalg.slogdet(information)[1])


@shows("conditional logistic.interval=profile", "Estimator=firth", by=Evidence.REFERENCE)
@pytest.mark.parametrize("penalty", [None, "firth"])
def test_profile_limits_by_brute_force(penalty: str | None) -> None:
    """Maximise over the other coefficients by Nelder-Mead, then find the root of the statistic by Brent's method."""
    data = draw_sets(12, 4, BETA[:2], seed=21)
    fit = fit_clogit(**data, penalty=penalty)

    def value(beta: np.ndarray) -> float:
        return loglik(beta, **data) if penalty is None else penalised(beta, data)

    def excess(b: float) -> float:
        options = {"xatol": 1e-6, "fatol": 1e-10}
        other = minimize(
            lambda free: -value(np.array([b, free[0]])), [fit.beta[1]], method="Nelder-Mead", options=options
        )
        return 2 * (value(fit.beta) + other.fun) - float(chi2.ppf(0.95, 1))

    low, high = profile_interval(fit, 0)
    wide = 6 * fit.std_error[0]
    assert low == pytest.approx(brentq(excess, fit.beta[0] - wide, fit.beta[0], xtol=1e-6), abs=1e-4)
    assert high == pytest.approx(brentq(excess, fit.beta[0], fit.beta[0] + wide, xtol=1e-6), abs=1e-4)
    assert high - fit.beta[0] != pytest.approx(fit.beta[0] - low, rel=0.01)


def test_profile_interval_by_name_and_for_several_cases() -> None:
    data = draw_sets(60, 6, BETA, n_cases=2, seed=5)
    fit = fit_clogit(**data, names=["drug", "age", "county"])
    both = fit.interval(0.9, method="profile")
    for term, name in enumerate(fit.names):
        assert tuple(both[term]) == profile_interval(fit, name, 0.9)
        for limit in both[term]:
            held = fit_clogit(
                np.delete(data["x"], term, axis=1), data["case"], data["set_id"], offset=limit * data["x"][:, term]
            )
            assert 2 * (fit.loglik - held.loglik) == pytest.approx(chi2.ppf(0.9, 1), abs=1e-6)


@shows("conditional logistic.interval=wald", by=Evidence.OUTSIDE)
def test_wald_interval_is_the_normal_one() -> None:
    fit = fit_clogit(**draw_sets(80, 4, BETA))
    reach = norm.ppf(0.95) * np.sqrt(np.diag(fit.covariance))
    np.testing.assert_allclose(fit.interval(0.9), np.column_stack([fit.beta - reach, fit.beta + reach]), rtol=1e-12)
    with pytest.raises(ValueError, match="between 0 and 1"):
        fit.interval(95)


def nested() -> tuple[ClogitFit, ClogitFit]:
    data = draw_sets(150, 5, BETA, seed=9)
    product = data["x"][:, :1] * data["x"][:, 2:]
    larger = fit_clogit(np.hstack([data["x"], product]), data["case"], data["set_id"])
    return fit_clogit(**data), larger


def test_the_three_tests_of_an_interaction_agree_in_large_data() -> None:
    smaller, larger = nested()
    lr, wald, profile = likelihood_ratio_test(smaller, larger), wald_test(larger, [3]), profile_test(larger, [3])
    assert lr.statistic == pytest.approx(profile.statistic, abs=1e-9)
    assert wald.statistic == pytest.approx((larger.beta[3] / larger.std_error[3]) ** 2, rel=1e-10)
    assert lr.statistic == pytest.approx(wald.statistic, rel=0.1)
    assert lr.df == wald.df == 1
    assert lr.p_value == pytest.approx(chi2.sf(lr.statistic, 1), rel=1e-10)


def test_joint_tests_by_recoding() -> None:
    """β₁ − β₃ is the coefficient of x₁ when x₃ is replaced by x₁ + x₃."""
    data = draw_sets(120, 4, BETA, seed=12)
    fit = fit_clogit(**data)
    recoded = data["x"].copy()
    recoded[:, 2] += recoded[:, 0]
    other = fit_clogit(recoded, data["case"], data["set_id"])
    squared = (other.beta[0] / other.std_error[0]) ** 2
    assert wald_test(fit, [[1, 0, -1]]).statistic == pytest.approx(squared, rel=1e-9)
    assert wald_test(fit, [0, 1, 2]).statistic == pytest.approx(fit.wald.statistic, rel=1e-12)
    assert wald_test(fit, [[1, 0, -1], [0, 1, 0]]).statistic == pytest.approx(
        wald_test(other, [0, 1]).statistic, rel=1e-8
    )


def test_firth_test_of_all_terms_is_the_profile_test() -> None:
    fit = fit_clogit(**draw_sets(30, 4, BETA, seed=2), penalty="firth")
    everything = profile_test(fit, [0, 1, 2])
    assert everything.statistic == pytest.approx(fit.likelihood_ratio.statistic, abs=1e-9)
    assert everything.df == fit.likelihood_ratio.df == 3


def test_comparisons_it_refuses() -> None:
    smaller, larger = nested()
    data = draw_sets(150, 5, BETA, seed=9)
    for pair in ((larger, smaller), (fit_clogit(**draw_sets(20, 3, BETA)), larger)):
        with pytest.raises(FitError, match="likelihood-ratio test"):
            likelihood_ratio_test(*pair)
    with pytest.raises(FitError, match="use profile_test"):
        likelihood_ratio_test(fit_clogit(**data, penalty="firth"), fit_clogit(**data, penalty="firth"))
    with pytest.raises(FitError, match="ignores clusters"):
        profile_interval(fit_clogit(**data, cluster=data["set_id"]), 0)
    with pytest.raises(FitError, match="singular"):
        wald_test(larger, [[1, 0, 0, 0], [2, 0, 0, 0]])


def test_firth_in_thin_sets_converges_where_plain_steps_creep() -> None:
    """Pairs with separated and collinear-looking terms: the maximum is where the penalised score is zero."""
    rng = np.random.default_rng(3)
    x = (rng.random((60, 6)) < 0.2).astype(float)
    x[:, 5] = rng.normal(size=60)
    case = np.tile([1, 0], 30)
    x[case == 0, 0] = 0.0  # no control has the first
    fit = fit_clogit(x, case, np.repeat(np.arange(30), 2), penalty="firth")
    assert fit.converged
    point = fit.likelihood.penalised(fit.beta)
    np.testing.assert_allclose(point.gradient, 0, atol=1e-8)
    np.testing.assert_allclose(fit.covariance, np.linalg.inv(point.information), rtol=1e-8)
    better = [fit.likelihood.penalised(fit.beta + step).value for step in 0.01 * np.vstack([np.eye(6), -np.eye(6)])]
    assert max(better) < point.value


def test_the_penalised_curvature_is_the_derivative_of_its_score() -> None:
    data = draw_sets(40, 3, BETA, seed=8)
    likelihood = fit_clogit(**data, penalty="firth").likelihood
    beta = np.array([0.2, -0.1, 0.3])
    curved = likelihood.penalised_curved(beta)
    for j, axis in enumerate(np.eye(3)):
        slope = (
            likelihood.penalised(beta + 1e-4 * axis).gradient - likelihood.penalised(beta - 1e-4 * axis).gradient
        ) / 2e-4
        np.testing.assert_allclose(curved.information[j], -slope, rtol=1e-3, atol=1e-3)
    assert curved.value == likelihood.penalised(beta).value
