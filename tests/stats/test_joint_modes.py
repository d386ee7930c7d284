"""The modes of the joint model's integrands, which are sought only for the patients who have not arrived."""

from __future__ import annotations

import numpy as np
import pytest

from riskset.stats.joint.baseline import PiecewiseConstant
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
        step = np.linalg.solve(curvature, gradient[..., None])[..., 0]
        if np.einsum("nq,nq->n", step, gradient).max() < 1e-22:
            return b + step
        length = np.ones((len(b), 1))
        for _ in range(40):
            worse = ~(height(b + length * step)[0] >= value - 1e-9 * (1 + np.abs(value)))
            length[worse] /= 2
        b = b + length * step
    raise AssertionError("the slowest did not stand still")


def awkward(kind: str, seed: int) -> Integrand:
    """Integrands of 40 patients of the nation's course at parameters that do not fit them, every third of a kind."""
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
    likelihood = JointLikelihood(data, PiecewiseConstant((12.0, 36.0)), ("value",), np.full((2, 40), 5))
    root = np.linalg.cholesky([[30.0, 0.5], [0.5, 0.4]])
    alpha, baseline = np.array([[-0.3]]), np.array([[6.0, 7.0, 8.0]])
    far = Parameters(np.array([38.0, -1.0]), 1.8, root, baseline, np.zeros((1, 0)), alpha)
    return stack([block.integrand(data, far) for block in likelihood.blocks if block.sign > 0])


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
    assert distance(adapt(far, iterations=3).centre) > 0.01  # some are slow


def test_who_runs_off_is_given_up_alone() -> None:
    """A unit without numbers has none for an answer, and the others theirs."""
    far = awkward("at the floor", 0)
    linear = far.linear.copy()
    linear[3] = np.inf
    lost = adapt(Integrand(far.constant, linear, far.precision, far.log_rate, far.load)).centre
    assert np.isnan(lost[3]).all()
    others = np.arange(40) != 3
    np.testing.assert_allclose(lost[others], adapt(far).centre[others], rtol=1e-9, atol=1e-9)
