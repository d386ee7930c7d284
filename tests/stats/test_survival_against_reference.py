"""The survival kernels against the slow loops of ``tests/reference/survival.py`` on small data full of ties."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from riskset.errors import FitError
from riskset.stats import aalen_johansen, fit_cox, fit_fine_gray, kaplan_meier, log_rank_test, martingale_residuals
from riskset.stats.cox.exact_ties import at_each_event_time
from riskset.stats.cox.partial import CoxLikelihood
from riskset.stats.risk_sets import RiskSets, Survival
from tests.examples import examples
from tests.reference import survival as slow
from tests.reference.survival import Row
from tests.shown import Evidence, shows

NEAR = {"rtol": 1e-9, "atol": 1e-9}


@st.composite
def data(draw: st.DrawFn, *, causes: int = 1, strata: int = 1, weights: bool = False) -> list[Row]:
    """2 to 14 rows on days 0 to 6, some of them entering late, with two covariates."""
    rows = []
    for _ in range(draw(st.integers(2, 14))):
        start = draw(st.sampled_from([0, 0, 0, 1, 2, 4]))
        rows.append(
            Row(
                start,
                start + draw(st.integers(1, 4)),
                draw(st.integers(0, causes)),
                (draw(st.integers(0, 1)), draw(st.integers(-2, 2)) / 2),
                draw(st.sampled_from([0.5, 1.0, 2.0])) if weights else 1.0,
                draw(st.sampled_from([0.0, 0.3])),
                draw(st.integers(0, strata - 1)),
            )
        )
    assume(any(r.event for r in rows))
    return rows


def arrays(rows: list[Row]) -> dict[str, np.ndarray]:
    return {
        "x": np.array([r.x for r in rows]),
        "start": np.array([r.start for r in rows], float),
        "stop": np.array([r.stop for r in rows], float),
        "event": np.array([r.event for r in rows]),
        "weights": np.array([r.weight for r in rows]),
        "offset": np.array([r.offset for r in rows]),
        "strata": np.array([r.stratum for r in rows]),
    }


def likelihood(rows: list[Row], ties: Any) -> Any:
    a = arrays(rows)
    sets = RiskSets(Survival.checked(a["stop"], a["event"], a["start"]), a["strata"])
    if ties == "exact":
        return at_each_event_time(a["x"], sets, weights=None, offset=a["offset"], names=("a", "b"))
    return CoxLikelihood(a["x"], sets, weights=a["weights"], offset=a["offset"], ties=ties, names=("a", "b"))


def derivatives(function: Any, at: np.ndarray, step: float = 1e-4) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian by central differences."""
    p = len(at)
    unit = np.eye(p) * step
    gradient = np.array([(function(at + u) - function(at - u)) / (2 * step) for u in unit])
    corners = [
        [function(at + u + v) - function(at + u - v) - function(at - u + v) + function(at - u - v) for v in unit]
        for u in unit
    ]
    return gradient, np.array(corners) / (4 * step**2)


@shows("Family=cox", by=Evidence.REFERENCE)
@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
@given(rows=data(strata=3, weights=True), beta=st.tuples(st.floats(-1, 1), st.floats(-1, 1)))
@settings(max_examples=examples(60), deadline=None)
def test_likelihood_score_and_information(
    ties: Literal["efron", "breslow", "exact"], rows: list[Row], beta: tuple[float, float]
) -> None:
    if ties == "exact":
        rows = [Row(r.start, r.stop, r.event, r.x, 1.0, r.offset, r.stratum) for r in rows]
    point = likelihood(rows, ties)(np.array(beta))
    np.testing.assert_allclose(point.value, slow.loglik(rows, beta, ties), **NEAR)
    gradient, hessian = derivatives(lambda b: slow.loglik(rows, b, ties), np.array(beta))
    np.testing.assert_allclose(point.gradient, gradient, rtol=0, atol=1e-5)
    np.testing.assert_allclose(-point.information, hessian, rtol=0, atol=1e-5)


@given(rows=data(strata=2, weights=True), ties=st.sampled_from(["efron", "breslow"]))
@settings(max_examples=examples(60), deadline=None)
def test_martingale_residuals(rows: list[Row], ties: Any) -> None:
    try:
        fit = fit_cox(**arrays(rows), ties=ties)
    except FitError:
        assume(False)
    ours = martingale_residuals(fit)
    np.testing.assert_allclose(ours, slow.martingale(rows, tuple(fit.beta), ties), rtol=0, atol=1e-8)
    assert abs(ours @ arrays(rows)["weights"]) < 1e-8


@shows("Family=kaplan-meier", "CurveKind=survival", by=Evidence.REFERENCE)
@given(rows=data(weights=True))
@settings(max_examples=examples(60), deadline=None)
def test_kaplan_meier(rows: list[Row]) -> None:
    a = arrays(rows)
    weighted = kaplan_meier(a["stop"], a["event"], start=a["start"], weights=a["weights"])
    np.testing.assert_allclose(weighted.estimate, [slow.kaplan_meier(rows, t) for t in weighted.time], **NEAR)
    np.testing.assert_allclose(
        weighted.n_risk, [sum(r.weight for r in slow.at_risk(rows, t)) for t in weighted.time], **NEAR
    )
    inside = weighted.estimate > 0
    slowly = np.array([slow.jackknife_variance(rows, t, None) for t in weighted.time[inside]])
    np.testing.assert_allclose(weighted.std_error[inside] ** 2, slowly, rtol=0, atol=1e-7)
    asked = np.array([0.5, 1.0, 2.5])
    present = [sum(r.weight for r in slow.at_risk(rows, t)) for t in asked]
    np.testing.assert_allclose(weighted.at(asked).n_risk, present, **NEAR)


@given(rows=data())
@settings(max_examples=examples(40), deadline=None)
def test_greenwood_is_the_jackknife_of_right_censored_data(rows: list[Row]) -> None:
    rows = [Row(0, r.stop, r.event, r.x) for r in rows]
    a = arrays(rows)
    plain = kaplan_meier(a["stop"], a["event"])
    robust = kaplan_meier(a["stop"], a["event"], weights=a["weights"])
    np.testing.assert_allclose(plain.std_error, robust.std_error, rtol=0, atol=1e-9)


@shows("Family=aalen-johansen", "CurveKind=incidence", by=Evidence.REFERENCE)
@given(rows=data(causes=2, weights=True))
@settings(max_examples=examples(60), deadline=None)
def test_aalen_johansen(rows: list[Row]) -> None:
    a = arrays(rows)
    curve = aalen_johansen(a["stop"], a["event"], start=a["start"], weights=a["weights"])
    for cause in range(1, curve.estimate.shape[1] + 1):
        slowly = [slow.incidence(rows, t, cause) for t in curve.time]
        np.testing.assert_allclose(curve.estimate[:, cause - 1], slowly, **NEAR)
        variance = [slow.jackknife_variance(rows, t, cause) for t in curve.time]
        np.testing.assert_allclose(curve.std_error[:, cause - 1] ** 2, variance, rtol=0, atol=1e-7)
    survival = kaplan_meier(a["stop"], a["event"] > 0, start=a["start"], weights=a["weights"])
    np.testing.assert_allclose(curve.estimate.sum(axis=1) + survival.estimate, 1, **NEAR)


@given(rows=data(strata=2), seed=st.integers(0, 5))
@settings(max_examples=examples(60), deadline=None)
def test_log_rank(rows: list[Row], seed: int) -> None:
    group = np.random.default_rng(seed).integers(0, 2, len(rows))
    difference, variance = slow.log_rank(rows, list(group))
    assume(variance > 1e-6 and len(set(group)) == 2)
    a = arrays(rows)
    ours = log_rank_test(a["stop"], a["event"], group, start=a["start"], strata=a["strata"])
    np.testing.assert_allclose((ours.observed - ours.expected)[1], difference, **NEAR)
    np.testing.assert_allclose(ours.test.statistic, difference**2 / variance, **NEAR)


@shows("Family=fine-gray", "Scale=log_shr", by=Evidence.REFERENCE)
@given(rows=data(causes=2), ties=st.sampled_from(["efron", "breslow"]), late=st.booleans())
@settings(max_examples=examples(80), deadline=None)
def test_fine_gray_is_the_fit_of_the_expanded_data(rows: list[Row], ties: Any, late: bool) -> None:
    if not late:
        rows = [Row(0, r.stop, r.event, r.x, 1.0, r.offset) for r in rows]
    a = arrays(rows)
    del a["weights"], a["strata"]
    try:
        fit = fit_fine_gray(**a, ties=ties)
    except FitError:
        assume(False)
    expanded = arrays(slow.fine_gray_rows(rows, 1))
    del expanded["strata"]
    whole = fit_cox(**expanded, ties=ties)
    np.testing.assert_allclose(fit.beta, whole.beta, rtol=0, atol=1e-7)
    np.testing.assert_allclose(fit.covariance_model, whole.covariance_model, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(fit.loglik, whole.loglik, rtol=0, atol=1e-8)


def separable(rows: list[Row]) -> bool:
    """Does some combination of the covariates never rise, and once fall, from an event to another at risk with it?"""
    pairs = [
        np.subtract(other.x, one.x) for one in rows if one.event for other in slow.at_risk(rows, one.stop, one.stratum)
    ]
    differences = np.array(pairs)
    solution = linprog(differences.sum(axis=0), A_ub=differences, b_ub=np.zeros(len(differences)), bounds=(-1, 1))
    return bool(solution.fun < -1e-7)


@given(rows=data(strata=2))
@settings(max_examples=examples(150), deadline=None)
def test_separation_is_found_if_and_only_if_it_is_there(rows: list[Row]) -> None:
    a = arrays(rows)
    try:
        fit = fit_cox(**a, names=["a", "b"])
    except FitError as refused:
        if "separation" not in refused.what:
            assume(False)
        assert separable(rows)
    else:
        assert not separable(rows)
        assert np.abs(fit.beta).max() < 20
