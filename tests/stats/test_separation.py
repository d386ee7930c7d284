"""Estimates that do not exist are refused by name; estimates that are merely large are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from riskset.errors import FitError
from riskset.stats import fit_clogit
from riskset.stats.clogit import separation
from riskset.stats.clogit.layout import SetLayout
from riskset.stats.clogit.likelihood import ConditionalLikelihood
from tests.stats.sets_made import draw_sets

NAMES = ["opioids", "age", "education"]


def overlapping(n_cases: int = 1) -> dict[str, np.ndarray]:
    return draw_sets(120, 4, [0.5, 0.3, -0.2], n_cases=n_cases, seed=8)


def test_complete_separation_by_one_term() -> None:
    data = overlapping()
    data["x"][:, 1] += 100 * data["case"]
    with pytest.raises(FitError, match=r"^age: separation"):
        fit_clogit(**data, names=NAMES)


@pytest.mark.parametrize("exposed_are", ["cases", "controls"])
def test_quasi_separation_by_one_term_of_several(exposed_are: str) -> None:
    """A rare exposure that no control has, or no case: most sets are concordant in it."""
    data = overlapping()
    rare = np.arange(len(data["x"])) % 7 == 0
    data["x"][:, 0] = rare & (data["case"] if exposed_are == "cases" else ~data["case"])
    with pytest.raises(FitError, match=r"^opioids: separation"):
        fit_clogit(**data, names=NAMES)
    fit = fit_clogit(**data, names=NAMES, penalty="firth")
    low, high = fit.interval(method="profile")[0]
    assert np.isfinite([low, high]).all()
    assert (fit.beta[0] > 0) == (exposed_are == "cases")


@pytest.mark.parametrize(("n_cases", "ties"), [(1, "exact"), (2, "exact"), (2, "efron"), (2, "breslow")])
def test_separation_by_two_terms_together(n_cases: int, ties: str) -> None:
    """Neither column separates; their sum does, and the third has no part in it."""
    data = overlapping(n_cases)
    noise = np.random.default_rng(4).normal(size=len(data["x"]))
    data["x"][:, 0] = noise
    data["x"][:, 1] = np.where(data["case"], 1.0, -(np.random.default_rng(5).random(len(noise)) ** 2)) - noise
    with pytest.raises(FitError, match=r"^opioids, age: separation by these terms together"):
        fit_clogit(**data, ties=ties, names=NAMES)


def test_quasi_separation_by_two_terms_together() -> None:
    """Binary terms: the cases of a tenth of the sets have one of two drugs and no control has; elsewhere both overlap
    only as a difference, so that their sum never speaks against a case."""
    rng = np.random.default_rng(6)
    data = overlapping()
    n = len(data["x"])
    difference = rng.integers(-1, 2, n).astype(float)
    gain = np.where(data["case"] & (data["set_id"] % 10 == 0), 1.0, 0.0)
    data["x"][:, 0], data["x"][:, 1] = difference + gain, -difference
    with pytest.raises(FitError, match=r"^opioids, age: separation by these terms together"):
        fit_clogit(**data, names=NAMES)


@pytest.mark.parametrize("pairs_against", [1, 3])
def test_a_large_finite_estimate_is_not_separation(pairs_against: int) -> None:
    """A million pairs to one: β = log 10⁶ is large, has a standard error of 1, and exists.

    Set weights of 1 keep it a fit of pairs; 2,000 rows suffice when each of the thousand weighs a thousand.
    """
    n = 1000
    x = np.tile([1.0, 0.0], n + pairs_against)
    x[2 * n :] = np.tile([0.0, 1.0], pairs_against)
    weights = np.where(np.arange(len(x)) < 2 * n, 1000.0, 1.0)
    fit = fit_clogit(x, np.tile([1, 0], n + pairs_against), np.repeat(np.arange(n + pairs_against), 2), weights=weights)
    assert fit.beta[0] == pytest.approx(np.log(1e6 / pairs_against), abs=1e-6)


def test_a_huge_coefficient_of_a_tiny_unit_is_not_separation() -> None:
    data = overlapping()
    data["x"][:, 1] *= 1e-9
    assert abs(fit_clogit(**data).beta[1]) > 1e7


def test_one_set_against_separation_suffices() -> None:
    """Separated but for a single set with the opposite pattern: the linear program must not be fooled."""
    data = overlapping()
    noise = np.random.default_rng(4).normal(size=len(data["x"]))
    data["x"][:, 0] = noise
    data["x"][:, 1] = np.where(data["case"], 0.1, -0.1) - noise
    last = data["set_id"] == data["set_id"].max()
    data["x"][last, 1] = np.where(data["case"][last], -0.5, 0.1) - noise[last]
    fit = fit_clogit(**data, names=NAMES)
    assert fit.converged
    likelihood = ConditionalLikelihood(data["x"], SetLayout(data["case"], data["set_id"]))
    separation.require_overlap(likelihood)
    assert np.abs(likelihood(fit.beta).gradient).max() < 1e-6


def test_a_term_constant_within_sets_is_named() -> None:
    data = overlapping()
    data["x"][:, 2] = data["set_id"]
    with pytest.raises(FitError, match=r"^education: no informative sets"):
        fit_clogit(**data, names=NAMES)


def test_a_term_constant_in_the_informative_sets_is_named() -> None:
    """It varies only where there are no cases."""
    data = overlapping()
    data["x"][:, 2] = 0
    data["x"][-2:, 2] = [0, 1]
    data["case"][-4:] = False
    with pytest.raises(FitError, match=r"^education: no informative sets"):
        fit_clogit(**data, names=NAMES)


@pytest.mark.parametrize("penalty", [None, "firth"])
def test_collinear_terms_are_named(penalty: str | None) -> None:
    """Collinear within sets: a set's own constant may be added."""
    data = overlapping()
    data["x"][:, 2] = 2 * data["x"][:, 1] + 10 * data["set_id"]
    with pytest.raises(FitError, match=r"^education: collinear within sets with age;"):
        fit_clogit(**data, names=NAMES, penalty=penalty)


def test_strongly_correlated_terms_are_not_collinear() -> None:
    data = overlapping()
    data["x"][:, 2] = data["x"][:, 1] + 1e-3 * data["x"][:, 2]
    assert fit_clogit(**data, names=NAMES).converged


def separable(x: np.ndarray, case: np.ndarray, set_id: np.ndarray, ties: str) -> bool:
    """By definition, all pairs of a case and a rival written out: is there γ, γᵀ(rival − case) ≤ 0, not all 0?"""
    pairs = [
        x[j] - x[i]
        for i in np.flatnonzero(case)
        for j in np.flatnonzero(set_id == set_id[i])
        if not case[j] or ties != "exact"
    ]
    d = np.array(pairs)
    best = linprog(d.sum(axis=0), A_ub=d, b_ub=np.zeros(len(d)), bounds=(-1, 1))
    return bool(best.fun < -1e-7)


@pytest.mark.parametrize(("n_cases", "ties"), [(1, "exact"), (2, "exact"), (2, "efron"), (2, "breslow")])
def test_refused_exactly_when_separable(n_cases: int, ties: str) -> None:
    """Small sets of three terms: neither a false alarm nor an estimate that is not one.

    In half of them the first two terms sum to the case indicator, but for one row in half of these.
    """
    outcomes = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        n_sets = int(rng.integers(3, 14))
        data = draw_sets(n_sets, 4, [2.0, -1.0, 1.0], n_cases=n_cases, seed=seed)
        if seed % 2:
            data["x"] = np.round(data["x"])
            data["x"][:, 0] = data["case"] - data["x"][:, 1]
            data["x"][0, 0] -= rng.choice([0, 3])
        try:
            fit = fit_clogit(**data, ties=ties)
        except FitError as error:
            if "separation" not in str(error):
                continue  # collinear or uninformative
            outcomes.append((separable(**data, ties=ties), True))
        else:
            outcomes.append((separable(**data, ties=ties), False))
            assert fit.converged
    assert all(truth == refused for truth, refused in outcomes)
    assert 20 < sum(truth for truth, _ in outcomes) < len(outcomes) - 20
