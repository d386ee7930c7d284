"""Another unit changes nothing but the unit: of every estimator, with a column times 10⁶ or 10⁻⁶, and moved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.errors import FitError
from riskset.stats import (
    Weibull,
    aalen_johansen,
    fit_clogit,
    fit_cox,
    fit_fine_gray,
    fit_joint,
    fit_mixed,
    kaplan_meier,
    landmark_risk,
    predict_survival,
)
from tests.examples import examples
from tests.stats.joint_made import LINE, make
from tests.stats.sets_made import draw_sets

UNITS = [1e6, 1e-6, 1e4]
Fit = Callable[[np.ndarray], Any]


def persons(seed: int, *, separated: bool = False) -> dict[str, np.ndarray]:
    """A drug, an income and an age; where ``separated`` nobody with the drug has the event of cause 1."""
    rng = np.random.default_rng(seed)
    n = 300
    x = np.column_stack([rng.random(n) < 0.15, rng.lognormal(5.5, 0.6, n), rng.normal(60, 10, n)]).astype(float)
    time, end = 100 * rng.exponential(size=n), rng.uniform(0, 150, n)
    event = np.where(time <= end, np.where(rng.random(n) < 0.6, 1, 2), 0)
    if separated:
        event[(x[:, 0] == 1) & (event == 1)] = 0
    stop = np.ceil(np.minimum(time, end))
    start = np.where(rng.random(n) < 0.5, np.floor(stop * rng.random(n) * 0.9), 0)
    return {"x": x, "stop": stop, "event": event, "start": start, "strata": rng.integers(0, 3, n)}


def fits(seed: int, *, separated: bool = False) -> dict[str, tuple[np.ndarray, Fit]]:
    """Every estimator as a function of its covariates."""
    p = persons(seed, separated=separated)
    x = p["x"]
    names = ["drug", "income", "age"]
    one = p["event"] == 1
    made = draw_sets(150, 6, [0.4, 0.2, -0.3], n_cases=1, seed=seed)
    sets = np.column_stack([made["x"][:, 0] > 0.8, np.exp(made["x"][:, 1]), made["x"][:, 2] + 60]).astype(float)
    several = draw_sets(60, 6, [0.4, 0.2, -0.3], n_cases=2, seed=seed)
    if separated:
        sets[made["case"] == 1, 0] = 0
        several["x"][:, 0] = np.where(several["case"] == 1, 0, several["x"][:, 0] > 0.5)

    def matched(x: np.ndarray, ties: str = "exact", penalty: str | None = None, data: Any = made) -> Any:
        return fit_clogit(x, data["case"], data["set_id"], ties=ties, penalty=penalty, names=names)

    found: dict[str, tuple[np.ndarray, Fit]] = {"clogit": (sets, matched)}
    for ties in ("exact", "efron", "breslow"):
        found[f"clogit {ties}"] = (several["x"], partial(matched, ties=ties, data=several))
        found[f"cox {ties}"] = (x, partial(_cox, p, one, names, ties))
    found["firth"] = (sets, partial(matched, penalty="firth"))
    found["fine-gray"] = (x, lambda x: fit_fine_gray(x, p["stop"], p["event"], names=names))
    found["fine-gray entry"] = (x, lambda x: fit_fine_gray(x, p["stop"], p["event"], start=p["start"], names=names))
    return found


def _cox(p: dict[str, np.ndarray], one: np.ndarray, names: list[str], ties: str, x: np.ndarray) -> Any:
    return fit_cox(x, p["stop"], one, start=p["start"], strata=p["strata"], ties=ties, names=names)


NAMES = sorted(fits(1))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_changes_nothing_else(name: str, unit: float) -> None:
    x, fit = fits(1)[name]
    plain = fit(x)
    for column in range(3):
        scale = np.where(np.arange(3) == column, unit, 1.0)
        other = fit(x * scale)
        np.testing.assert_allclose(other.beta * scale, plain.beta, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(other.covariance * np.outer(scale, scale), plain.covariance, rtol=1e-6, atol=1e-12)
        # under Firth ½ log|I| moves both log-likelihoods alike
        assert other.likelihood_ratio.statistic == pytest.approx(plain.likelihood_ratio.statistic, rel=1e-8)
        if plain.penalty is None:
            assert other.loglik == pytest.approx(plain.loglik, rel=1e-9)
        assert other.score.statistic == pytest.approx(plain.score.statistic, rel=1e-6)
        assert other.iterations == plain.iterations
        assert getattr(other, "notes", ()) == getattr(plain, "notes", ())
        np.testing.assert_allclose(other.interval() * scale[:, None], plain.interval(), rtol=1e-6, atol=1e-8)
    if plain.n_clusters is None:
        low, high = plain.interval(method="profile")[1]
        np.testing.assert_allclose(
            fit(x * [1, unit, 1]).interval(method="profile")[1] * unit, [low, high], rtol=1e-6, atol=1e-8
        )


@pytest.mark.parametrize("name", NAMES)
def test_a_column_may_have_its_zero_anywhere(name: str) -> None:
    x, fit = fits(1)[name]
    plain, moved = fit(x), fit(x + np.array([0, 1e6, -1e5]))
    np.testing.assert_allclose(moved.beta, plain.beta, rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(moved.covariance, plain.covariance, rtol=1e-5, atol=1e-10)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "firth"])
@pytest.mark.parametrize("seed", range(4))
def test_a_separated_term_is_named_in_any_unit(name: str, seed: int) -> None:
    x, fit = fits(seed, separated=True)[name]
    said = set()
    for unit in (1, 1e2, 1e5, 1e6, 1e-6):
        with pytest.raises(FitError, match="separation") as refused:
            fit(x * [1, unit, 1 / unit])
        assert refused.value.where == "drug"
        said.add(str(refused.value))
    assert len(said) == 1


def test_a_separated_term_is_named_whatever_weights_and_offsets() -> None:
    p = persons(2, separated=True)
    rng = np.random.default_rng(1)
    for more in ({"weights": np.exp(rng.normal(0, 10, 300))}, {"offset": rng.normal(0, 5, 300)}):
        with pytest.raises(FitError, match="separation") as refused:
            fit_cox(p["x"], p["stop"], p["event"] == 1, names=["drug", "income", "age"], **more)
        assert refused.value.where == "drug"


@pytest.mark.parametrize("unit", UNITS)
def test_two_terms_that_separate_together_are_named_in_any_unit(unit: float) -> None:
    rng = np.random.default_rng(6)
    a, other = rng.normal(size=(2, 80))
    stop = np.arange(1.0, 81)
    x = np.column_stack([other * unit, a / unit, -0.1 * stop - a])
    with pytest.raises(FitError, match="by these terms together") as refused:
        fit_cox(x, stop, np.ones(80), names=["other", "a", "b"])
    assert refused.value.where == "a, b"


def visits(seed: int = 4) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(60), 5)
    time = np.tile(np.arange(5.0), 60) + rng.random(300)
    age = np.repeat(rng.normal(60, 8, 60), 5)
    b = rng.normal(size=(60, 2)) * [3, 0.4]
    y = 40 - 1.2 * time + 0.1 * age + b[group, 0] + b[group, 1] * time + rng.normal(size=300)
    x = np.column_stack([np.ones(300), time, age])
    return {"y": y, "x": x, "z": x[:, :2], "group": group}


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("cluster", [False, True])
def test_a_mixed_model_in_any_unit(method: str, cluster: bool) -> None:
    data = visits()
    given = {"method": method} | ({"cluster": data["group"]} if cluster else {})
    plain = fit_mixed(**data, **given)
    for unit in UNITS:
        scale = np.array([1.0, unit, 1 / unit])
        other = fit_mixed(data["y"], data["x"] * scale, data["z"] * scale[:2], data["group"], **given)
        np.testing.assert_allclose(other.beta * scale, plain.beta, rtol=1e-6)
        np.testing.assert_allclose(other.std_error * scale, plain.std_error, rtol=1e-5)
        np.testing.assert_allclose(other.df, plain.df, rtol=1e-3)
        np.testing.assert_allclose(other.residuals, plain.residuals, rtol=0, atol=1e-5)
        assert (other.iterations, other.converged, other.singular) == (plain.iterations, True, plain.singular)
        scores = fit_mixed(data["y"] * unit, data["x"], data["z"], data["group"], **given)
        np.testing.assert_allclose(scores.beta / unit, plain.beta, rtol=1e-6)
        np.testing.assert_allclose(scores.sigma / unit, plain.sigma, rtol=1e-6)
    moved = fit_mixed(data["y"] + 1e6, data["x"] + np.array([0, 0, 1e6]), data["z"], data["group"], **given)
    np.testing.assert_allclose(moved.beta[1:], plain.beta[1:], rtol=1e-5)
    np.testing.assert_allclose(moved.std_error[1:], plain.std_error[1:], rtol=1e-5)
    np.testing.assert_allclose(moved.loglik, plain.loglik, rtol=1e-7)


@given(st.floats(-7, 7), st.sampled_from([1.0, -1.0]), st.integers(0, 50), st.sampled_from(["reml", "ml"]))
@settings(max_examples=examples(30), deadline=None)
def test_a_mixed_model_whose_time_has_its_zero_anywhere(size: float, side: float, seed: int, method: str) -> None:
    """Nothing moves but the intercept and its random effect, in either order of the columns."""
    data, moved = visits(seed), side * 10.0**size
    plain = fit_mixed(**data, method=method)
    back = np.array([[1, -moved], [0, 1]])
    for order in ([0, 1, 2], [1, 0, 2]):
        x = (data["x"] + np.array([0, moved, 0]))[:, order]
        z = x[:, :2]
        fit = fit_mixed(data["y"], x, z, data["group"], method=method)
        beta, effects = fit.beta[order], fit.random_effects[:, order[:2]]
        spread = fit.random_covariance[np.ix_(order[:2], order[:2])]
        assert (fit.converged, fit.singular) == (True, plain.singular)
        assert fit.loglik == pytest.approx(plain.loglik, abs=1e-5)
        np.testing.assert_allclose(beta[1:], plain.beta[1:], rtol=1e-5)
        np.testing.assert_allclose(beta[0] + beta[1] * moved, plain.beta[0], rtol=1e-6, atol=1e-7 * abs(moved))
        np.testing.assert_allclose(fit.sigma, plain.sigma, rtol=1e-5)
        np.testing.assert_allclose(spread, back @ plain.random_covariance @ back.T, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(fit.std_error[order][1:], plain.std_error[1:], rtol=1e-5)
        np.testing.assert_allclose(effects[:, 1], plain.random_effects[:, 1], atol=1e-5)
        np.testing.assert_allclose(fit.fitted, plain.fitted, atol=1e-5)


def test_what_the_docstrings_say_of_weights_times_a_hundred() -> None:
    """The model's standard errors are a tenth; the sandwich and the variances of curves do not change."""
    p = persons(3)
    w = np.random.default_rng(1).uniform(0.5, 2, 300)
    rows, one = np.arange(300), p["event"] == 1
    made = draw_sets(100, 5, [0.4, 0.2], seed=2)
    sets = np.repeat(np.arange(100), 5)
    fitted: list[tuple[Any, Any]] = [
        (partial(fit_cox, p["x"], p["stop"], one), rows),
        (partial(fit_fine_gray, p["x"], p["stop"], p["event"]), None),
        (partial(fit_clogit, made["x"], made["case"], sets), sets),
    ]
    for fit, cluster in fitted:
        weights = w if cluster is not sets else np.repeat(w[:100], 5)
        few, many = (fit(weights=weights * factor, cluster=cluster) for factor in (1, 100))
        np.testing.assert_allclose(many.beta, few.beta, rtol=1e-9)
        np.testing.assert_allclose(many.std_error, few.std_error, rtol=1e-8)
        np.testing.assert_allclose(many.covariance_model * 100, few.covariance_model, rtol=1e-8)
    for curve, event in ((kaplan_meier, one), (aalen_johansen, p["event"])):
        few, many = (curve(p["stop"], event, start=p["start"], weights=w * factor) for factor in (1, 100))
        np.testing.assert_allclose(many.std_error, few.std_error, rtol=1e-9, atol=1e-12)


def weighted(seed: int) -> dict[str, Callable[..., Any]]:
    """Estimators that take weights and offsets, as functions of them: a fit with the sandwich."""
    p = persons(seed)
    rows, one = np.arange(300), p["event"] == 1
    made = draw_sets(60, 5, [0.4, 0.2], seed=seed)
    sets = np.repeat(rows[:60], 5)
    cox = partial(fit_cox, p["x"], p["stop"], one, cluster=rows)
    return {
        "cox": cox,
        "cox breslow": partial(cox, ties="breslow", start=p["start"]),
        "fine-gray": partial(fit_fine_gray, p["x"], p["stop"], p["event"]),
        "clogit": partial(fit_clogit, made["x"], made["case"], sets, cluster=sets),
    }


@given(st.floats(-90, 60), st.floats(-1e5, 1e5), st.integers(0, 20), st.sampled_from(sorted(weighted(0))))
@settings(max_examples=examples(60), deadline=None)
def test_weights_times_anything_and_offsets_moved(size: float, moved: float, seed: int, name: str) -> None:
    """Neither changes the estimate or its sandwich, however small all weights are: at 0 the search has not arrived."""
    fit, rng = weighted(seed)[name], np.random.default_rng(seed)
    w, offset = rng.uniform(0.5, 2, 300), rng.normal(size=300)
    plain = fit(weights=w, offset=offset)
    other = fit(weights=w * 10.0**size, offset=offset + moved)
    np.testing.assert_allclose(other.beta, plain.beta, rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(other.std_error, plain.std_error, rtol=1e-5)
    if name != "clogit":
        asked = [40.0, 90.0]
        given = [
            predict_survival(of, [0, 5, 60], times=asked, offset=at).survival
            for of, at in ((plain, 0.5), (other, 0.5 + moved))
        ]
        np.testing.assert_allclose(given[1], given[0], rtol=1e-4)


def test_offsets_that_decide_nearly_everything_leave_the_estimate_right() -> None:
    """Where the cases' offset is c a set's part is e^(−c) Σ e^(βd), whose minimum does not hang on c; 0 is not it."""
    made = draw_sets(60, 5, [0.4, 0.2], seed=3)
    sets = np.repeat(np.arange(60), 5)
    found = [fit_clogit(made["x"], made["case"], sets, offset=c * made["case"]).beta for c in (25.0, 50.0, 300.0)]
    assert np.abs(found[0]).max() > 0.05
    np.testing.assert_allclose(found[1:], [found[0]] * 2, rtol=1e-6)
    for far in (2000.0, 1e90):
        with pytest.raises(FitError, match="offset"):
            fit_clogit(made["x"], made["case"], sets, offset=far * made["case"])


def test_a_joint_model_in_any_unit() -> None:
    made = make(80, delayed=False)
    marker = np.random.default_rng(0).normal(size=80)
    given = made.arguments | {"x": np.column_stack([made.x, marker]), "w": np.column_stack([made.x, marker])}
    plain = fit_joint(**given, trajectory=LINE, baseline=Weibull())
    for unit, moved in ((1e6, 0.0), (1e-6, 0.0), (1.0, 1e6)):
        for argument in ("x", "w"):
            other = given | {argument: given[argument] * np.array([1, unit]) + np.array([0, moved])}
            fit = fit_joint(**other, trajectory=LINE, baseline=Weibull())
            assert fit.converged == plain.converged  # steps end at 1e-18, where the last bit tells how many there are
            assert fit.loglik == pytest.approx(plain.loglik, rel=1e-8)
            np.testing.assert_allclose(fit.alpha, plain.alpha, rtol=1e-4)
            scale = np.array([1, unit]) if argument == "w" else 1.0
            np.testing.assert_allclose(fit.gamma * scale, plain.gamma, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("association", ["value", "slope", "random effects"])
@pytest.mark.parametrize("moved", [-1e3, 1e5, 1e6])
def test_a_joint_model_whose_scores_have_their_zero_anywhere(association: str, moved: float) -> None:
    """Only the intercept moves, and the log hazard at a score of 0."""
    given = make(80, delayed=False).arguments
    plain, other = (
        fit_joint(**given | {"y": given["y"] + c}, trajectory=LINE, baseline=Weibull(), association=association)
        for c in (0.0, moved)
    )
    assert other.converged == plain.converged
    assert other.loglik == pytest.approx(plain.loglik, abs=1e-6)
    np.testing.assert_allclose(other.beta - [moved, 0, 0], plain.beta, rtol=1e-5, atol=1e-8 * abs(moved))
    np.testing.assert_allclose(other.alpha, plain.alpha, rtol=1e-4)
    np.testing.assert_allclose(other.gamma, plain.gamma, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(other.sigma, plain.sigma, rtol=1e-6)
    np.testing.assert_allclose(other.random_covariance, plain.random_covariance, rtol=1e-4, atol=1e-7)
    risks = [landmark_risk(of, 1.0, 1.0)[1] for of in (plain, other)]
    np.testing.assert_allclose(risks[1], risks[0], rtol=1e-4)
