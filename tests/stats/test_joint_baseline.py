"""Baseline hazards: what they are called, and that their time nodes integrate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from riskset.errors import FitError
from riskset.stats import (
    NaturalSplineBaseline,
    PiecewiseConstant,
    Polynomial,
    SplineBaseline,
    Trajectory,
    Weibull,
    fit_joint,
)
from riskset.stats.joint import Baseline
from tests.stats.joint_made import LINE, make

BASELINES = [
    NaturalSplineBaseline((1.0, 2.0, 5.0, 6.0)),
    PiecewiseConstant((2.0, 5.0)),
    SplineBaseline((0.0, 2.0, 5.0, 9.0)),
    Weibull(),
]


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda b: type(b).__name__)
@pytest.mark.parametrize("since", [None, 1.5])
def test_nodes_integrate_a_hazard(baseline: Baseline, since: float | None) -> None:
    """The hazard of a declining patient, for patients followed for short and long."""
    coefficients = np.linspace(-0.4, 0.3, len(baseline.names))
    until = np.array([1.7, 4.0, 8.5])

    def hazard(t: np.ndarray) -> np.ndarray:
        return np.exp(baseline.terms(t) @ coefficients + 0.25 * t)

    begin = None if since is None else np.full(3, since)
    time, log_weight = baseline.nodes(until, since=begin)
    found = (hazard(time) * np.exp(log_weight)).sum(axis=1)
    for end, value in zip(until, found, strict=True):
        exact = quad(lambda t: float(hazard(np.array(t))), since or 0, end, points=[2, 5], limit=200, epsabs=1e-12)[0]
        assert value == pytest.approx(exact, rel=1e-4)


def test_weibull_nodes_hold_where_the_hazard_is_infinite_at_0() -> None:
    """Shape 0.7, the nation's: ∫ 0.7 t^−0.3 dt from 0 to 30 is 30^0.7."""
    time, log_weight = Weibull().nodes(np.array([30.0]))
    assert (0.7 * time**-0.3 * np.exp(log_weight)).sum() == pytest.approx(30**0.7, rel=1e-6)


def test_spline_terms_sum_to_one_and_stay_constant_beyond() -> None:
    spline = SplineBaseline((0.0, 2.0, 5.0, 9.0))
    np.testing.assert_allclose(spline.terms(np.linspace(0, 12, 50)).sum(axis=1), 1)
    np.testing.assert_array_equal(spline.terms(np.array([9.0])), spline.terms(np.array([11.0])))


def test_pieces_hold_equally_many_events() -> None:
    rng = np.random.default_rng(1)
    stop, event = rng.exponential(5, 700), np.ones(700, int)
    cuts = PiecewiseConstant.at_quantiles(stop, event, 7).cuts
    assert np.bincount(np.searchsorted(cuts, stop)).tolist() == [100] * 7
    with pytest.raises(FitError, match="3 events cannot be cut into 7"):
        PiecewiseConstant.at_quantiles(stop[:3], event[:3])


def test_natural_spline_is_straight_beyond_its_knots_and_curved_within() -> None:
    spline = NaturalSplineBaseline((2.0, 4.0, 5.0, 8.0))

    def bend(t: float) -> float:
        return float(np.abs(np.diff(spline.terms(t + np.array([0.0, 0.1, 0.2])), 2, axis=0)).max())

    assert max(bend(0.5), bend(1.7), bend(8.1), bend(30.0)) < 1e-10
    assert bend(3.0) > 1e-4
    assert spline.names == ("log h0", "log h0 t", "log h0 s1(t)", "log h0 s2(t)")


def test_one_knot_is_a_constant_hazard_and_two_are_gompertz() -> None:
    made = make(80, seed=11)
    constant = fit_joint(**made.arguments, baseline=NaturalSplineBaseline((1.0,)))
    pieces = fit_joint(**made.arguments, baseline=PiecewiseConstant(()))
    assert constant.loglik == pytest.approx(pieces.loglik, abs=1e-5)
    np.testing.assert_allclose(NaturalSplineBaseline((1.0, 2.0)).terms(np.array([3.0])), [[1.0, 1.5]])


def test_knots_lie_at_percentiles_of_events() -> None:
    rng = np.random.default_rng(1)
    stop, event = rng.exponential(5, 1_000), np.arange(1_000) % 2
    knots = NaturalSplineBaseline.at_quantiles(stop, event).knots
    np.testing.assert_allclose(knots, np.percentile(stop[event == 1], [5, 27.5, 50, 72.5, 95]))


@pytest.mark.parametrize(
    ("events", "knots"), [(1, 1), (15, 1), (16, 2), (24, 3), (32, 4), (40, 5), (400, 5)], ids=lambda n: str(n)
)
def test_few_events_get_few_knots_by_the_rarest_cause(events: int, knots: int) -> None:
    event = np.concatenate([np.ones(events, int), np.zeros(50, int)])
    stop = np.arange(1.0, len(event) + 1)
    assert len(NaturalSplineBaseline.at_quantiles(stop, event).knots) == knots
    other = np.where(np.arange(len(event)) >= events, 2, event)
    assert len(NaturalSplineBaseline.at_quantiles(stop, other).knots) == min(knots, 5)


def test_tied_events_get_no_more_knots_than_times() -> None:
    at_quantiles = NaturalSplineBaseline.at_quantiles
    assert at_quantiles(np.full(100, 12.0), np.ones(100)).knots == (12.0,)
    assert len(at_quantiles(np.repeat([12.0, 24.0], 50), np.ones(100)).knots) == 2
    near = np.sort(np.concatenate([np.full(90, 12.0), 12 + 1e-13 * np.arange(5), np.arange(20.0, 25.0)]))
    knots = at_quantiles(near, np.ones(100)).knots
    assert np.all(np.diff(knots) > 0.01)
    with pytest.raises(FitError, match="nobody has an event"):
        at_quantiles([1.0], [0])


def test_the_default_is_the_natural_spline() -> None:
    made = make(200, seed=11)
    fit = fit_joint(**made.arguments)
    named = fit_joint(**made.arguments, baseline=NaturalSplineBaseline.at_quantiles(made.stop, made.event))
    assert fit.converged
    assert fit.names == named.names
    np.testing.assert_array_equal(fit.theta, named.theta)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_units_change_nothing_but_themselves(unit: float) -> None:
    """Of time, of the score, and of covariates of the hazard and of the slope."""
    made = make(120, seed=11)
    fit = fit_joint(**made.arguments, trajectory=LINE)
    value, alpha = fit.theta[fit.at("w[0]")], fit.theta[fit.at("alpha[value]")]
    longer = {name: getattr(made, name) * unit for name in ("time", "start", "stop")}
    for changed, w_factor, alpha_factor in (
        (longer, 1.0, 1.0),
        ({"w": made.x * unit}, unit, 1.0),
        ({"x": made.x * unit}, 1.0, 1.0),
        ({"y": made.y * unit}, 1.0, unit),
    ):
        again = fit_joint(**{**made.arguments, **changed}, trajectory=LINE)
        assert again.converged, again.reason
        assert again.theta[again.at("w[0]")] * w_factor == pytest.approx(value, rel=1e-4)
        assert again.theta[again.at("alpha[value]")] * alpha_factor == pytest.approx(alpha, rel=1e-4)
        at, there = fit.at("w[0]"), again.at("w[0]")
        assert again.std_error[there] * w_factor == pytest.approx(fit.std_error[at], rel=1e-4)


def test_mistakes() -> None:
    for knots in ((), (0.0, 1.0), (2.0, 1.0)):
        with pytest.raises(ValueError, match="knots"):
            NaturalSplineBaseline(knots)
    with pytest.raises(ValueError, match="6 knots"):
        NaturalSplineBaseline.at_quantiles([1.0], [1], 6)
    for wrong in ((2.0, 1.0), (0.0, 1.0)):
        with pytest.raises(ValueError, match="rise"):
            PiecewiseConstant(wrong)
    with pytest.raises(ValueError, match="rising"):
        SplineBaseline((3.0, 1.0))
    with pytest.raises(FitError, match="5 random effects"):
        fit_joint(**make(30).arguments, trajectory=Trajectory(random=Polynomial(4)))


def test_ties_leave_no_piece_without_events() -> None:
    """Of cuts at 1, 1 and 3 the first would leave nobody before it, and the last nobody between."""
    assert PiecewiseConstant.at_quantiles([1, 1, 1, 9], [1, 1, 1, 1], 4).cuts == (3.0,)


@pytest.mark.parametrize("cuts", [(1.0, 40.0, 50.0), (0.01, 2.0)], ids=["late", "early"])
def test_a_piece_without_events_is_refused_with_the_remedy(cuts: tuple[float, ...]) -> None:
    with pytest.raises(FitError, match="a piece of the baseline or a level has no events"):
        fit_joint(**make(60, seed=11).arguments, baseline=PiecewiseConstant(cuts))
