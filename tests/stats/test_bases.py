"""Bases of time: slopes are derivatives, areas integrals, and splines what they are called."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.interpolate import CubicSpline

from riskset.stats import NaturalSpline, Polynomial, TimeBasis
from tests.shown import Evidence, shows

SPLINE = NaturalSpline((1.0, 2.5, 4.0, 7.0))
BASES = [Polynomial(0), Polynomial(1), Polynomial(3), SPLINE, NaturalSpline((0.0, 2.0, 5.0))]


@pytest.mark.parametrize("basis", BASES, ids=str)
def test_slope_and_area(basis: TimeBasis) -> None:
    t = np.linspace(0.05, 9, 60)
    h = 1e-6
    assert basis.value(t).shape == (60, basis.n_terms)
    np.testing.assert_allclose((basis.value(t + h) - basis.value(t - h)) / (2 * h), basis.slope(t), atol=1e-6)
    for j in range(basis.n_terms):
        area = quad(lambda s, j=j: basis.value(np.array(s))[j], 0, 8.0, points=[1, 2, 2.5, 4, 5, 7])[0]
        assert basis.area(np.array(8.0))[j] == pytest.approx(area, rel=1e-9, abs=1e-9)


@shows("prognosis.decline=spline", by=Evidence.REFERENCE)
def test_natural_spline_spans_the_natural_cubic_interpolants() -> None:
    """Any natural cubic spline through values at the knots is a combination of the terms."""
    knots = np.array(SPLINE.knots)
    through = CubicSpline(knots, [1.0, -2.0, 0.5, 3.0], bc_type="natural")
    t = np.linspace(1, 7, 101)
    coefficients = np.linalg.lstsq(SPLINE.value(t), through(t), rcond=None)[0]
    np.testing.assert_allclose(SPLINE.value(t) @ coefficients, through(t), atol=1e-9)


def test_natural_spline_is_straight_outside() -> None:
    for ends in (np.array([-2.0, -1.0, 0.0, 1.0]), np.array([7.0, 8.0, 9.0, 12.0])):
        slope = SPLINE.slope(ends)
        np.testing.assert_allclose(slope, np.broadcast_to(slope[0], slope.shape), atol=1e-12)


def test_mistakes() -> None:
    with pytest.raises(ValueError, match="rising"):
        NaturalSpline((1.0, 1.0, 2.0))
    with pytest.raises(ValueError, match="degree"):
        Polynomial(-1)
