"""Thin sets under Firth's penalty: the curvature against differences, and profile limits in few evaluations."""

from __future__ import annotations

import numpy as np
import pytest

from riskset.errors import FitError
from riskset.stats import ClogitFit, SetLayout, fit_clogit, profile_interval
from riskset.stats.clogit.likelihood import ConditionalLikelihood, Ties
from riskset.stats.inference import _limit_at_once, _limit_by_bracketing
from tests.stats.sets_made import draw_sets


@pytest.mark.parametrize(("ties", "n_cases"), [("exact", 1), ("exact", 2), ("efron", 2), ("breslow", 3)])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_penalised_curvature_is_the_slope_of_the_penalised_score(ties: Ties, n_cases: int, weighted: bool) -> None:
    if weighted and ties == "exact" and n_cases > 1:
        pytest.skip("weights are not defined for exact sets of several cases")
    made = draw_sets(25, 7, [0.6, -0.4, 0.2], n_cases=n_cases)
    weights = np.random.default_rng(1).uniform(0.5, 2, len(made["x"])) if weighted else None
    likelihood = ConditionalLikelihood(made["x"], SetLayout(made["case"], made["set_id"]), weights=weights, ties=ties)
    at, h = np.array([0.4, -0.1, 0.3]), 1e-5
    slopes = [
        (likelihood.penalised(at - h * axis).gradient - likelihood.penalised(at + h * axis).gradient) / (2 * h)
        for axis in np.eye(3)
    ]
    np.testing.assert_allclose(likelihood.penalised_curved(at).information, slopes, rtol=0, atol=2e-5)


def thin(seed: int, n_sets: int) -> ClogitFit:
    """So many sets with eight terms, most of them levels that few have, some that no case has."""
    rng = np.random.default_rng(seed)
    n = n_sets * 6
    x = np.column_stack(
        [rng.normal(size=n), *(rng.random(n) < share for share in (0.5, 0.3, 0.2, 0.1, 0.1, 0.05, 0.2))]
    )
    x[::6, 7] = 0
    return fit_clogit(x.astype(float), np.arange(n) % 6 == 0, np.arange(n) // 6, penalty="firth")


@pytest.mark.parametrize("n_sets", [20, 40])
def test_limits_at_once_are_those_found_by_bracketing(n_sets: int) -> None:
    found = missed = 0
    for seed in range(4):
        fit = thin(seed, n_sets)
        for term in range(8):
            for side in (-1, 1):
                limit = _limit_at_once(fit, term, 1.959963984540054, side)
                missed += limit is None
                if limit is not None:
                    found += 1
                    slowly = _limit_by_bracketing(fit, term, 0.95, side)
                    assert limit == pytest.approx(slowly, rel=1e-7, abs=1e-7 * fit.std_error[term])
    assert found > 9 * missed


def test_a_profile_limit_takes_few_evaluations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty sets took hundreds of evaluations a limit, and thousands where the likelihood is flat."""
    counted = 0
    penalised = ConditionalLikelihood.penalised

    def count(self: ConditionalLikelihood, beta: np.ndarray) -> object:
        nonlocal counted
        counted += 1
        return penalised(self, beta)

    fits = [thin(seed, 40) for seed in range(5)]
    monkeypatch.setattr(ConditionalLikelihood, "penalised", count)
    for fit in fits:
        for term in range(8):
            profile_interval(fit, term)
    assert counted < 20 * 2 * 8 * len(fits)


@pytest.mark.parametrize("size", [2, 3])
def test_as_many_terms_as_sets_have_profile_limits(size: int) -> None:
    """Of 13 sets with 12 terms one fit in three had terms without limits: the way out went too far at once."""
    n = 13 * size
    for seed in (0, 2, 5, 8, 11, 31, 47, 57):
        rng = np.random.default_rng(seed)
        x = (rng.random((n, 12)) < 0.3).astype(float)
        x[:, :4] = rng.normal(size=(n, 4))
        try:
            fit = fit_clogit(x, np.arange(n) % size == 0, np.arange(n) // size, penalty="firth")
        except FitError:
            continue  # a term that no set differs in
        for term in range(12):
            low, high = profile_interval(fit, term)
            assert low < fit.beta[term] < high


@pytest.mark.parametrize("n_sets", [16, 40])
def test_a_fit_of_thin_sets_takes_few_steps(n_sets: int) -> None:
    assert max(thin(seed, n_sets).iterations for seed in range(10)) < 40
