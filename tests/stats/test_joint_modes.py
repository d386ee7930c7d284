"""The modes of the joint model's integrands, which are sought only for the patients who have not arrived."""

from __future__ import annotations

import numpy as np
import pytest

from riskset.stats.joint.baseline import PiecewiseConstant
from riskset.stats.joint.climbing import _higher, _Place, _scramble, climb
from riskset.stats.joint.data import check_data
from riskset.stats.joint.likelihood import JointLikelihood
from riskset.stats.joint.parameters import Parameters
from riskset.stats.joint.quadrature import Integrand, adapt, stack
from riskset.stats.joint.trajectory import Trajectory
from tests.simulation.patients import draw_patients


def newton_for_all(far: Integrand, b: np.ndarray) -> np.ndarray:
    """(n, q) modes by Newton's method on all units at every step, until the slowest stands still."""

    def height(b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rate = np.exp(np.clip(far.log_rate + np.einsum("nmq,nq->nm", far.load, b), -300, 300))
        quadratic = np.einsum("nq,nq->n", b, far.linear - 0.5 * np.einsum("nqr,nr->nq", far.precision, b))
        return quadratic - rate.sum(axis=1), rate

    for _ in range(2000):
        value, rate = height(b)
        gradient = far.linear - np.einsum("nqr,nr->nq", far.precision, b) - np.einsum("nm,nmq->nq", rate, far.load)
        curvature = far.precision + np.einsum("nm,nmq,nmr->nqr", rate, far.load, far.load)
        curvature += (
            1e-12 * np.einsum("nqq->nq", curvature)[:, :, None] * np.eye(b.shape[1])
        )  # it may drown in rounding
        step = np.linalg.solve(curvature, gradient[..., None])[..., 0]
        if np.einsum("nq,nq->n", step, gradient).max() < 1e-22:
            return b + step
        length = np.ones((len(b), 1))
        for _ in range(40):
            worse = ~(height(b + length * step)[0] >= value - 1e-9 * (1 + np.abs(value)))
            length[worse] /= 2
        b = b + length * step
    raise AssertionError("the slowest did not stand still")


def likelihood_of(kind: str, seed: int) -> JointLikelihood:
    """40 patients of the nation's course, every third of a kind."""
    drawn = draw_patients(40, seed, delayed=True)
    odd = drawn.patient % 3 == 0
    first = np.zeros(len(odd), bool)
    first[np.unique(drawn.patient, return_index=True)[1]] = True
    kept = ~odd | first if kind == "one visit and a late event" else ~odd if kind == "no visit" else np.ones_like(odd)
    y = np.where(odd, 0.0, drawn.delivered) if kind == "at the floor" else drawn.delivered
    late = kind == "one visit and a late event"
    stop = drawn.stop + np.where((np.arange(40) % 3 == 0) & late, 60.0, 0.0)
    patient, nothing = drawn.patient[kept], np.zeros((40, 0))
    entered = (drawn.event, drawn.start, nothing, nothing, None, None)
    data = check_data(Trajectory(), y[kept], drawn.time[kept], patient, stop, *entered)
    return JointLikelihood(data, PiecewiseConstant((12.0, 36.0)), ("value",), np.full((2, 40), 5))


def at_parameters(baseline: float, alpha: float, slope: float = -1.0) -> Parameters:
    """Others than those of the course: log hazards from ``baseline`` up, association, and slope of the score."""
    root = np.linalg.cholesky([[30.0, 0.5], [0.5, 0.4]])
    levels = baseline + np.arange(3.0)[None]
    return Parameters(np.array([38.0, slope]), 1.8, root, levels, np.zeros((1, 0)), np.array([[alpha]]))


def integrands(likelihood: JointLikelihood, parameters: Parameters, sign: int = 1) -> Integrand:
    """Of the patients' own likelihood, or of survival to entry."""
    blocks = [block for block in likelihood.blocks if block.sign == sign]
    return stack([block.integrand(likelihood.data, parameters) for block in blocks])


def awkward(kind: str, seed: int) -> Integrand:
    """Integrands at parameters that do not fit the patients."""
    return integrands(likelihood_of(kind, seed), at_parameters(6.0, -0.3))


HOPELESS = {
    "a hazard beyond all bounds": at_parameters(40.0, -0.1),
    "an association the other way": at_parameters(-6.0, 8.0),
    "a slope that no patient has": at_parameters(6.0, -0.3, slope=-10.0),
}
"""Trial points far from any maximum, as a line search may meet them."""


@pytest.mark.parametrize("kind", ["one visit and a late event", "at the floor", "no visit"])
@pytest.mark.parametrize("seed", range(4))
def test_who_has_arrived_is_left_alone_and_the_modes_are_those_of_newton_for_all(kind: str, seed: int) -> None:
    """From wherever they are sought, and whoever is sought with them."""
    far = awkward(kind, seed)
    nodes = adapt(far)

    def distance(centre: np.ndarray) -> float:
        return float(np.abs(np.linalg.solve(nodes.spread, (centre - nodes.centre)[..., None])).max())

    assert distance(newton_for_all(far, np.zeros((40, 2)))) < 1e-10
    assert distance(adapt(far, np.random.default_rng(seed).normal(0, 5, (40, 2))).centre) < 1e-10
    alone = [adapt(far.part(slice(i, i + 1))).centre for i in range(40)]
    assert distance(np.concatenate(alone)) < 1e-10
    late = np.isnan(adapt(far, iterations=3).centre).any(axis=1)
    assert 0 < late.sum() < 40  # some are slow: who has not arrived has no mode
    np.testing.assert_array_equal(adapt(far, iterations=3).centre[~late], nodes.centre[~late])


def test_who_runs_off_is_given_up_alone() -> None:
    """A unit without numbers has none for an answer, and the others theirs."""
    far = awkward("at the floor", 0)
    linear = far.linear.copy()
    linear[3] = np.inf
    lost = adapt(Integrand(far.constant, linear, far.precision, far.log_rate, far.load)).centre
    assert np.isnan(lost[3]).all()
    others = np.arange(40) != 3
    np.testing.assert_allclose(lost[others], adapt(far).centre[others], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("sign", [1, -1], ids=["own likelihood", "survival to entry"])
@pytest.mark.parametrize("point", HOPELESS.values(), ids=HOPELESS)
def test_modes_at_a_hopeless_trial_point_are_those_of_newton_for_all(point: Parameters, sign: int) -> None:
    """Found in few steps, too: each step of a search costs as much as one at a good point."""
    far = integrands(likelihood_of("one visit and a late event", 1), point, sign)
    nodes = adapt(far, iterations=60)
    plain = newton_for_all(far, np.zeros_like(nodes.centre))
    assert np.abs(np.linalg.solve(nodes.spread, (plain - nodes.centre)[..., None])).max() < 1e-8


def test_a_hopeless_trial_point_is_not_taken() -> None:
    """Its log-likelihood is far below, or NaN where modes are lost; the climb turns back from either."""
    likelihood = likelihood_of("one visit and a late event", 1)
    good = climb(likelihood, likelihood.layout.pack(at_parameters(-6.0, -0.05)), grade=False)
    place = _Place(good.theta, good.nodes, good.value, good.scores, 0)
    lost = at_parameters(np.nan, -0.05)
    for point in (*HOPELESS.values(), lost):
        away = likelihood.layout.pack(point) - good.theta
        value = likelihood.adapted(good.theta + away, likelihood.modes(good.nodes))[1]
        assert np.isnan(value) if point is lost else value < good.value - 1000
        assert _higher(likelihood, place, 27 * away, 1.0) is None  # cut to a third three times, the last is all of it


def test_a_climb_from_where_nothing_is_a_number_ends_and_says_so() -> None:
    """No error of linear algebra comes out of it, at its start or further on."""
    likelihood = likelihood_of("one visit and a late event", 1)
    theta = likelihood.layout.pack(at_parameters(np.nan, -0.3))
    summit = climb(likelihood, theta, grade=True)
    assert not summit.converged
    assert summit.decrement == np.inf
    place = _Place(theta, summit.nodes, 0.0, np.zeros((40, len(theta))), 7)
    there, matrix = _scramble(likelihood, place, True)
    assert there is place
    assert np.isnan(matrix).any()
