"""Linear mixed models: closed forms, plain loops, and bad input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from riskset.errors import FitError
from riskset.stats import fit_mixed
from riskset.stats.mixed.deviance import Deviance, Method, Sums
from tests.shown import Evidence, shows


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def one_way(rng: np.random.Generator, groups: int = 12, size: int = 5) -> tuple[np.ndarray, np.ndarray]:
    group = np.repeat(np.arange(groups), size)
    return 3 + rng.normal(0, 1.5, groups)[group] + rng.normal(0, 1, groups * size), group


@shows("Estimator=reml", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("method", ["reml", "ml"])
def test_balanced_one_way_layout_by_hand(rng: np.random.Generator, method: str) -> None:
    """σ² is the mean square within; the variance between, (MSB − MSW)/m, with g − 1 under REML and g under ML."""
    y, group = one_way(rng)
    g, m = 12, 5
    means = y.reshape(g, m).mean(axis=1)
    within = ((y.reshape(g, m) - means[:, None]) ** 2).sum() / (g * (m - 1))
    between = m * ((means - y.mean()) ** 2).sum() / (g - 1 if method == "reml" else g)
    fit = fit_mixed(y, np.ones_like(y), np.ones_like(y), group, method=method)
    assert fit.converged
    assert fit.sigma**2 == pytest.approx(within, rel=1e-9)
    assert fit.random_covariance[0, 0] == pytest.approx((between - within) / m, rel=1e-8)
    assert fit.beta[0] == pytest.approx(y.mean(), rel=1e-12)
    assert fit.covariance[0, 0] == pytest.approx(between / (g * m), rel=1e-9)
    if method == "reml":
        assert fit.df[0] == pytest.approx(g - 1, rel=1e-4)


def made(rng: np.random.Generator, groups: int = 15) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    size = rng.integers(1, 7, groups)
    group = np.repeat(np.arange(groups), size)
    t = rng.uniform(0, 3, len(group))
    b = rng.multivariate_normal([0, 0], [[2, 0.4], [0.4, 0.6]], groups)
    x = np.column_stack([np.ones_like(t), t, rng.normal(size=len(t))])
    y = x @ [1.0, -0.5, 0.3] + b[group, 0] + b[group, 1] * t + rng.normal(0, 0.7, len(t))
    return y, x, x[:, :2], group


@shows("Family=mixed", "Estimator=reml", by=Evidence.REFERENCE)
@pytest.mark.parametrize("method", ["reml", "ml"])
def test_log_likelihood_by_plain_loops(rng: np.random.Generator, method: str) -> None:
    """The marginal normal density, group by group, with dense matrices."""
    y, x, z, group = made(rng)
    fit = fit_mixed(y, x, z, group, method=method)
    total, information, toward = 0.0, np.zeros((3, 3)), np.zeros(3)
    for g in np.unique(group):
        own = group == g
        v = z[own] @ fit.random_covariance @ z[own].T + fit.sigma**2 * np.eye(own.sum())
        r = y[own] - x[own] @ fit.beta
        total -= 0.5 * (own.sum() * math.log(2 * math.pi) + np.linalg.slogdet(v)[1] + r @ np.linalg.solve(v, r))
        information += x[own].T @ np.linalg.solve(v, x[own])
        toward += x[own].T @ np.linalg.solve(v, y[own])
        b = fit.random_covariance @ z[own].T @ np.linalg.solve(v, r)
        np.testing.assert_allclose(fit.random_effects[g], b, atol=1e-9)
    if method == "reml":
        total += 0.5 * (3 * math.log(2 * math.pi) - np.linalg.slogdet(information)[1])
    assert fit.loglik == pytest.approx(total, abs=1e-9)
    np.testing.assert_allclose(fit.beta, np.linalg.solve(information, toward), rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, np.linalg.inv(information), rtol=1e-9)
    np.testing.assert_allclose(fit.residuals + fit.fitted, y)


def test_sandwich_by_plain_loops(rng: np.random.Generator) -> None:
    y, x, z, group = made(rng, 30)
    cluster = group // 2
    fit = fit_mixed(y, x, z, group, cluster=cluster)
    meat, bread = np.zeros((3, 3)), np.zeros((3, 3))
    for c in np.unique(cluster):
        score = np.zeros(3)
        for g in np.unique(group[cluster == c]):
            own = group == g
            v = z[own] @ fit.random_covariance @ z[own].T + fit.sigma**2 * np.eye(own.sum())
            score += x[own].T @ np.linalg.solve(v, y[own] - x[own] @ fit.beta)
            bread += x[own].T @ np.linalg.solve(v, x[own])
        meat += np.outer(score, score)
    by_hand = np.linalg.inv(bread) @ meat @ np.linalg.inv(bread)
    np.testing.assert_allclose(fit.covariance, by_hand, rtol=1e-8)
    assert fit.n_clusters == 15


def test_order_of_rows_and_labels_do_not_matter(rng: np.random.Generator) -> None:
    y, x, z, group = made(rng)
    fit = fit_mixed(y, x, z, group)
    order = rng.permutation(len(y))
    again = fit_mixed(y[order], x[order], z[order], [f"patient {g:03d}" for g in group[order]])
    np.testing.assert_allclose(again.beta, fit.beta, rtol=1e-8)
    np.testing.assert_allclose(again.random_effects, fit.random_effects, atol=1e-7)
    np.testing.assert_allclose(again.residuals, fit.residuals[order], atol=1e-7)


def test_no_variance_between_groups_is_said() -> None:
    """Groups exactly alike in their means: the estimate lies on the boundary, and β is that of least squares."""
    rng = np.random.default_rng(1)
    y = np.tile(rng.normal(size=6), 8)
    fit = fit_mixed(y, np.ones(48), np.ones(48), np.repeat(np.arange(8), 6))
    assert fit.converged
    assert fit.singular
    assert fit.random_covariance[0, 0] < 1e-8
    assert fit.beta[0] == pytest.approx(y.mean())
    assert np.isnan(fit.df).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y": np.full(10, 2.0)}, "constant"),
        ({"y": np.append(np.nan, np.arange(9.0))}, "1 rows have missing"),
        ({"group": np.arange(10)}, "no group has more than 1"),
        ({"x": np.column_stack([np.ones(10), np.full(10, 3.0)])}, r"x\[1\]: collinear with x\[0\]"),
        ({"cluster": np.arange(10)}, "lie in several clusters"),
        ({"cluster": np.zeros(10)}, "too few clusters"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input_is_named(change: dict[str, np.ndarray], words: str) -> None:
    t = np.arange(10.0)
    given = {"y": np.sin(7 * t), "x": np.ones(10), "z": np.ones(10), "group": np.arange(10) // 5, **change}
    with pytest.raises(FitError, match=words):
        fit_mixed(**given)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_a_trial_however_far_away_is_a_deviance_or_none(rng: np.random.Generator, method: Method) -> None:
    """The first steps of a search may lie far off, where nothing is left of the squares: a search turns back there."""
    beyond = 0
    for noise in (1e-6, 1.0, 3.0):
        group = np.repeat(np.arange(30), 1 + np.arange(30) % 5)
        t = rng.uniform(0, 3, len(group))
        x = np.column_stack([np.ones(len(group)), t, rng.uniform(size=30)[group]])
        y = 40 + rng.normal(0, 5, 30)[group] - 5 * t + rng.normal(0, noise, len(group))
        at = Deviance(Sums.of(y, x, x[:, :2], group, None), method, "unstructured")
        for size in 10.0 ** np.arange(13):
            with np.errstate(all="raise"):
                profiled, gradient = at(rng.normal(size=3) * size)
            assert profiled.deviance > -np.inf  # and no NaN
            assert np.isfinite(gradient).all()
            beyond += np.isinf(profiled.deviance)
    assert beyond


@pytest.mark.parametrize("structure", ["unstructured", "diagonal"])
def test_random_effects_that_cannot_be_told_apart_are_refused(rng: np.random.Generator, structure: str) -> None:
    """D would be any of many: of the same column twice, and of one that others make."""
    y, x, z, group = made(rng)
    for doubled, name in ((z[:, [0, 0]], r"z\[1\]"), (np.column_stack([z, 2 * z[:, 1] + 1]), r"z\[2\]")):
        with pytest.raises(FitError, match=f"{name}: collinear"):
            fit_mixed(y, x, doubled, group, structure=structure)


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize(
    "change",
    [
        lambda t, group: {"kept": np.arange(60) % 5 < 2, "t": np.tile([0.0, 1.0], 12)},
        lambda t, group: {"group": np.zeros(60, int)},
        lambda t, group: {"more": np.eye(12)[group][:, 1:], "effects": 1},
        lambda t, group: {"group": np.arange(60) % 3, "more": np.eye(3)[np.arange(60) % 3][:, 1:], "effects": 1},
    ],
    ids=["two scores at the same times", "one group", "each group's level in x", "three groups, all in x"],
)
def test_variances_that_cannot_be_told_apart_are_refused(rng: np.random.Generator, method: str, change: Any) -> None:
    """D and σ would be any of many that fit alike: no estimate of them is one."""
    y, group = one_way(rng)
    t = np.tile(np.arange(5.0), 12) + rng.random(60)
    made = change(t, group)
    kept = made.get("kept", np.ones(60, bool))
    t = made.get("t", t)
    x = np.column_stack([np.ones_like(t), t])
    more = made.get("more", np.zeros((60, 0)))[kept]
    z = x[:, : made.get("effects", 2)]
    with pytest.raises(FitError, match="told from one another"):
        fit_mixed(y[kept], np.column_stack([x, more]), z, made.get("group", group)[kept], method=method)


def test_two_scores_at_times_of_their_own_tell_variances_apart(rng: np.random.Generator) -> None:
    y, _ = one_way(rng, 60, 2)
    group, t = np.repeat(np.arange(60), 2), rng.uniform(0, 3, 120)
    x = np.column_stack([np.ones(120), t])
    assert fit_mixed(y, x, x, group).converged
    assert fit_mixed(y, x, x, group, structure="diagonal").converged
