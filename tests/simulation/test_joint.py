"""The planted course is found again by the joint model, and not by plainer ones. Minutes: `make slow`."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from riskset.nation.settings import Course
from tests.simulation.joint import TERMS, Fitted, fit_all
from tests.simulation.patients import truth

REPLICATES = 60
ALPHA = 0.001 / 4  # family-wise 0.001: bias and coverage, with and without delayed entry


@pytest.fixture(scope="module", params=[False, True], ids=["from diagnosis", "delayed entry"])
def fits(request: pytest.FixtureRequest) -> list[Fitted]:
    return [fit for seed in range(9_001, 9_001 + REPLICATES) for fit in fit_all(seed, delayed=request.param)]


def chosen(fits: list[Fitted], model: str, score: str = "latent") -> list[Fitted]:
    return [fit for fit in fits if fit.model == model and fit.score == score]


def away(fits: list[Fitted], terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Estimates less what was planted, and standard errors: (replicates, terms)."""
    planted = truth(Course())
    both = np.array([[fit.found[term] for term in terms] for fit in fits])
    return both[..., 0] - [planted[term] for term in terms], both[..., 1]


@pytest.mark.slow
def test_no_bias_and_right_coverage_on_the_latent_score(fits: list[Fitted]) -> None:
    """One joint test of all biases, and one of all intervals."""
    joint = chosen(fits, "joint model")
    assert all(fit.converged for fit in joint)
    difference, error = away(joint, TERMS)
    mean, spread = difference.mean(axis=0), np.cov(difference.T) / len(joint)
    n, p = difference.shape
    hotelling = mean @ np.linalg.solve(spread, mean) * (n - p) / (p * (n - 1))
    assert stats.f.sf(hotelling, p, n - p) > ALPHA
    covered = np.abs(difference) < 1.959964 * error
    for term, count in zip(TERMS, covered.sum(axis=0), strict=True):
        assert stats.binomtest(int(count), n, 0.95).pvalue > ALPHA / len(TERMS), term


@pytest.mark.slow
def test_plainer_models_are_biased(fits: list[Fitted]) -> None:
    """Survivors look gentler to a mixed model; an old score, measured with error, tells less of the hazard."""
    for model, term in (("mixed model alone", "t"), ("Cox, last score", "alpha[value]")):
        difference, _ = away(chosen(fits, model), (term,))
        t = difference.mean() / (difference.std(ddof=1) / np.sqrt(len(difference)))
        assert t > 4, model


@pytest.mark.slow
def test_the_delivered_score_is_biased_in_its_variance(fits: list[Fitted]) -> None:
    """Rounding and the floor of 0 add to the residual variance."""
    difference, _ = away(chosen(fits, "joint model", "delivered"), ("log sigma",))
    assert difference.mean() > 0
