"""Baseline hazards: what they are called, and that their time nodes integrate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from riskset.errors import FitError
from riskset.stats import PiecewiseConstant, Polynomial, SplineBaseline, Trajectory, Weibull, fit_joint
from riskset.stats.joint import Baseline
from tests.stats.joint_made import make

BASELINES = [PiecewiseConstant((2.0, 5.0)), SplineBaseline((0.0, 2.0, 5.0, 9.0)), Weibull()]


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


def test_mistakes() -> None:
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
