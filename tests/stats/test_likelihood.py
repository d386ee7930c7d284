"""The block-wise likelihood against enumeration and finite differences, on sets of every shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.stats.clogit.layout import SetLayout
from riskset.stats.clogit.likelihood import ConditionalLikelihood
from tests.examples import examples
from tests.shown import Evidence, shows
from tests.stats.by_enumeration import loglik, slope


@st.composite
def matched_sets(draw: st.DrawFn) -> dict[str, Any]:
    """A few sets of 1-6 rows with any number of cases, in any row order; columns binary, whole and real."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shapes = draw(
        st.lists(st.integers(1, 6).flatmap(lambda m: st.tuples(st.just(m), st.integers(0, m))), min_size=1, max_size=6)
    )
    size = np.array([m for m, _ in shapes])
    n = int(size.sum())
    order = rng.permutation(n)
    case = np.concatenate([np.arange(m) < k for m, k in shapes])[order]
    set_id = np.repeat(rng.permutation(len(shapes)) * 7 - 3, size)[order]
    x = np.column_stack([rng.random(n) < 0.4, rng.integers(0, 4, n), rng.normal(size=n)])
    return {
        "x": x,
        "case": case,
        "set_id": set_id,
        "beta": rng.normal(size=3),
        "offset": rng.normal(size=n) if draw(st.booleans()) else None,
        "weights": rng.uniform(0.2, 3, n) if draw(st.booleans()) else None,
    }


@shows(
    "conditional logistic.ties=exact",
    "conditional logistic.ties=efron",
    "conditional logistic.ties=breslow",
    by=Evidence.REFERENCE,
)
@pytest.mark.parametrize("ties", ["exact", "efron", "breslow"])
@settings(max_examples=examples(60), deadline=None)
@given(data=matched_sets())
def test_value_score_and_information(ties: str, data: dict[str, Any]) -> None:
    beta = data.pop("beta")
    if ties == "exact":
        data["weights"] = None
    layout = SetLayout(data["case"], data["set_id"])
    likelihood = ConditionalLikelihood(data["x"], layout, weights=data["weights"], offset=data["offset"], ties=ties)
    point = likelihood(beta)
    np.testing.assert_allclose(point.value, loglik(beta, **data, ties=ties), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(point.gradient, slope(lambda b: loglik(b, **data, ties=ties), beta), atol=1e-6)
    np.testing.assert_allclose(-point.information, slope(lambda b: likelihood(b).gradient, beta), atol=1e-6)


@pytest.mark.parametrize("ties", ["exact", "efron", "breslow"])
@settings(max_examples=examples(40), deadline=None)
@given(data=matched_sets())
def test_skewness_is_the_slope_of_the_information(ties: str, data: dict[str, Any]) -> None:
    """tr(M ∂I/∂β_r) for a fixed M, which gives Firth's score with M = I⁻¹."""
    weights = None if ties == "exact" else data["weights"]
    layout = SetLayout(data["case"], data["set_id"])
    likelihood = ConditionalLikelihood(data["x"], layout, weights=weights, offset=data["offset"], ties=ties)
    m = np.array([[2.0, 0.3, -0.2], [0.3, 1.0, 0.4], [-0.2, 0.4, 0.7]])
    by_blocks = sum((block.skewness(data["beta"], m) for block in likelihood.blocks), np.zeros(3))
    by_differences = slope(lambda b: np.sum(m * likelihood(b).information), data["beta"])
    np.testing.assert_allclose(by_blocks, by_differences, atol=1e-5)


@pytest.mark.parametrize("ties", ["exact", "efron", "breslow"])
@settings(max_examples=examples(40), deadline=None)
@given(data=matched_sets())
def test_score_residuals_sum_to_the_score(ties: str, data: dict[str, Any]) -> None:
    weights = None if ties == "exact" else data["weights"]
    layout = SetLayout(data["case"], data["set_id"])
    likelihood = ConditionalLikelihood(data["x"], layout, weights=weights, offset=data["offset"], ties=ties)
    residuals = likelihood.cluster_scores(data["beta"], np.arange(len(data["x"])))
    np.testing.assert_allclose(residuals.sum(axis=0), likelihood(data["beta"]).gradient, atol=1e-9)


def test_large_sets_and_predictors_neither_overflow_nor_lose_digits() -> None:
    """200 cases among 500, η up to ±400: e_200 is far beyond floating point, its logarithm is not.

    With x 0 or 1 the number of exposed cases t is all that matters: Σ_t C(a, t) C(500 − a, 200 − t) e^{βt}.
    """
    from scipy.special import gammaln

    exposed = np.arange(500) % 5 == 0
    case = np.arange(500) % 5 < 2
    likelihood = ConditionalLikelihood(exposed, SetLayout(case, np.zeros(500, int)))

    def log_choose(n: float, k: np.ndarray) -> np.ndarray:
        return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

    t = np.arange(101.0)
    for beta in (-400.0, -3.0, 0.0, 2.0, 400.0):
        terms = log_choose(100, t) + log_choose(400, 200 - t) + beta * t
        largest = terms.max()
        chance = np.exp(terms - largest)
        mean = chance @ t / chance.sum()
        point = likelihood(np.array([beta]))
        by_sum = 100 * beta - largest - np.log(chance.sum())
        np.testing.assert_allclose(point.value, by_sum, rtol=1e-10)
        np.testing.assert_allclose(point.gradient, 100 - mean, rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(point.information, chance @ (t - mean) ** 2 / chance.sum(), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_sums_do_not_overflow(ties: str) -> None:
    """η of ±1,000 in two tied cases: the log denominators are those of the largest members."""
    x, case = np.array([1000.0, -1000.0, 999.0]), [1, 1, 0]
    likelihood = ConditionalLikelihood(x, SetLayout(case, [1, 1, 1]), ties=ties)
    e = np.exp(-1.0)
    log_denominators = 2000 + (2 * np.log1p(e) if ties == "breslow" else np.log1p(e) + np.log(0.5 + e))
    np.testing.assert_allclose(likelihood(np.ones(1)).value, 0 - log_denominators, rtol=1e-12)
