"""The joint log-likelihood against plain loops, and its derivatives against differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from riskset.stats.joint.baseline import Baseline, NaturalSplineBaseline, PiecewiseConstant, SplineBaseline, Weibull
from riskset.stats.joint.curvature import information
from riskset.stats.joint.quadrature import Integrand, adapt
from riskset.stats.joint.trajectory import Association
from tests.reference.joint import Model, log_likelihood, natural_spline
from tests.shown import Evidence, shows
from tests.stats.joint_made import Made, make, parameters

COVARIANCE = np.array([[4.0, 0.3], [0.3, 0.25]])
ASSOCIATIONS: dict[tuple[Association, ...], dict[str, float]] = {
    ("value",): {"value": -0.12},
    ("slope",): {"slope": -0.6},
    ("value", "slope"): {"value": -0.12, "slope": -0.5},
    ("cumulative",): {"cumulative": -0.04},
    ("random effects",): {"b0": -0.1, "b1": -0.5},
}


def plain_model(alpha: dict[str, float], causes: int, level: float = -1.0) -> Model:
    """Piecewise-constant baselines cut at 1.3, one for each cause."""

    def step(cause: int):  # type: ignore[no-untyped-def]
        return lambda t: level - 0.4 * cause + (0.3 if t >= 1.3 else 0.0)

    return Model(
        (10.1, -0.7, -0.25),
        0.8,
        COVARIANCE,
        tuple(step(cause) for cause in range(causes)),
        tuple(0.4 - 0.5 * cause for cause in range(causes)),
        tuple({name: value * (1 - 0.4 * cause) for name, value in alpha.items()} for cause in range(causes)),
    )


@shows(
    "Family=joint",
    "prognosis.association=value",
    "prognosis.association=slope",
    "prognosis.association=cumulative",
    "prognosis.association=random effects",
    "prognosis.baseline=piecewise",
    by=Evidence.REFERENCE,
)
@pytest.mark.parametrize("causes", [1, 2])
@pytest.mark.parametrize("association", ASSOCIATIONS, ids=" and ".join)
def test_agrees_with_plain_loops(association: tuple[Association, ...], causes: int) -> None:
    """Every association, entry from the origin and later, one cause and two, patients with and without visits."""
    alpha = ASSOCIATIONS[association]
    made = make(12, causes=causes)
    model = plain_model(alpha, causes)
    likelihood = made.likelihood(PiecewiseConstant((1.3,)), association)
    levels = np.array([[-1.0 - 0.4 * cause, -0.7 - 0.4 * cause] for cause in range(causes)])
    theta = likelihood.layout.pack(parameters(model, levels, tuple(alpha)))
    found, _ = likelihood(theta, likelihood.adapt(theta))
    assert found == pytest.approx(log_likelihood(model, made.patients(), (1.3,)), abs=1e-5)


@shows("prognosis.baseline=weibull", by=Evidence.REFERENCE)
def test_weibull_agrees_with_plain_loops() -> None:
    made = make(8)
    flat = plain_model({"value": -0.12}, 1)
    model = Model(
        flat.beta, flat.sigma, flat.covariance, (lambda t: -1.0 + 0.8 * math.log(max(t, 1e-12)),), (0.4,), flat.alpha
    )
    likelihood = made.likelihood(Weibull(), ("value",))
    theta = likelihood.layout.pack(parameters(model, np.array([[-1.0, 0.8]]), ("value",)))
    found, _ = likelihood(theta, likelihood.adapt(theta))
    assert found == pytest.approx(log_likelihood(model, made.patients(), (0.05, 0.3, 1.0)), abs=2e-5)


@shows("prognosis.baseline=spline", by=Evidence.REFERENCE)
@pytest.mark.parametrize("causes", [1, 2])
@pytest.mark.parametrize("knots", [(0.6, 1.3), (0.5, 1.2, 2.4), (0.4, 0.9, 1.5, 2.2, 3.0)], ids=len)
def test_natural_spline_agrees_with_plain_loops(knots: tuple[float, ...], causes: int) -> None:
    """Entry from the origin and later, followed beyond the last knot."""
    made = make(8, causes=causes)
    levels = np.array([[-1.0 - 0.3 * cause, 0.8, -2.0, 3.0, -1.5][: len(knots)] for cause in range(causes)])
    flat = plain_model({"value": -0.12}, causes)
    hazards = tuple(natural_spline(list(level), knots) for level in levels)
    model = Model(flat.beta, flat.sigma, flat.covariance, hazards, flat.gamma, flat.alpha)
    likelihood = made.likelihood(NaturalSplineBaseline(knots), ("value",))
    theta = likelihood.layout.pack(parameters(model, levels, ("value",)))
    found, _ = likelihood(theta, likelihood.adapt(theta))
    assert made.stop.max() > knots[-1]
    assert found == pytest.approx(log_likelihood(model, made.patients(), knots, steps=48), abs=1e-5)


BASELINES: dict[str, Baseline] = {
    "natural spline": NaturalSplineBaseline((0.4, 1.3, 2.0, 3.1)),
    "piecewise": PiecewiseConstant((1.3, 2.0)),
    "spline": SplineBaseline((0.0, 1.3, 5.2)),
    "Weibull": Weibull(),
}


@pytest.fixture(scope="module", params=BASELINES)
def somewhere(request: pytest.FixtureRequest) -> tuple[Made, Baseline]:
    return make(40, seed=5, causes=2), BASELINES[request.param]


@pytest.mark.parametrize("association", ASSOCIATIONS, ids=" and ".join)
def test_gradient_and_information_against_differences(
    somewhere: tuple[Made, Baseline], association: tuple[Association, ...]
) -> None:
    """At nodes held fixed, a little away from where they were adapted."""
    made, baseline = somewhere
    likelihood = made.likelihood(baseline, association, k=7, factor=1)
    layout = likelihood.layout
    alpha = np.array(list(ASSOCIATIONS[association].values()))
    levels = np.linspace(-1.5, -0.5, layout.m)
    model = plain_model({str(j): value for j, value in enumerate(alpha)}, 2)
    theta = layout.pack(parameters(model, np.array([levels, levels - 0.3]), [str(j) for j in range(len(alpha))]))
    nodes = likelihood.adapt(theta)
    theta = theta + 0.02 * np.random.default_rng(1).standard_normal(layout.size)
    value, scores = likelihood(theta, nodes)
    gradient, matrix = scores.sum(axis=0), information(likelihood, theta, nodes)
    h = 1e-5
    steps = h * np.eye(layout.size)
    above = [likelihood(theta + step, nodes) for step in steps]
    below = [likelihood(theta - step, nodes) for step in steps]
    by_value = np.array([(up[0] - down[0]) / (2 * h) for up, down in zip(above, below, strict=True)])
    by_gradient = np.array([(down[1] - up[1]).sum(axis=0) / (2 * h) for up, down in zip(above, below, strict=True)])
    scale = np.sqrt(np.abs(np.diagonal(matrix)))
    assert np.isfinite(value)
    np.testing.assert_allclose(gradient / scale, by_value / scale, atol=1e-6)
    np.testing.assert_allclose(matrix / scale / scale[:, None], by_gradient / scale / scale[:, None], atol=1e-6)


@pytest.mark.parametrize("q_terms", [0, 2])
def test_other_numbers_of_random_effects(q_terms: int) -> None:
    """One random effect and three: gradient against differences."""
    from riskset.stats import Polynomial
    from riskset.stats.joint.data import check_data
    from riskset.stats.joint.likelihood import JointLikelihood
    from riskset.stats.joint.parameters import Parameters
    from riskset.stats.joint.trajectory import Trajectory

    made = make(25, seed=8)
    course = Trajectory(Polynomial(2), Polynomial(q_terms), shifts=(0,))
    data = check_data(
        course, made.y, made.time, made.patient, made.stop, made.event, made.start, made.x, None, None, None
    )
    likelihood = JointLikelihood(data, PiecewiseConstant((1.3,)), ("value",), np.full((2, data.n), 7))
    q = q_terms + 1
    root = np.tril(0.1 + 0.4 * np.eye(q))
    start = Parameters(
        np.array([10, -0.7, 0.05, 0.1]), 0.8, root, np.array([[-1, -0.5]]), np.zeros((1, 0)), np.array([[-0.1]])
    )
    theta = likelihood.layout.pack(start)
    nodes = likelihood.adapt(theta)
    gradient = likelihood(theta, nodes)[1].sum(axis=0)
    h = 1e-5
    differences = [
        (likelihood(theta + step, nodes)[0] - likelihood(theta - step, nodes)[0]) / (2 * h)
        for step in h * np.eye(len(theta))
    ]
    np.testing.assert_allclose(gradient, differences, atol=1e-6 * np.abs(gradient).max())


def test_the_mode_of_a_patient_far_from_what_the_model_expects_is_reached() -> None:
    """One visit and a late event: plain steps lower the log hazard by about one each, and it begins a hundred above.

    Sixty of them once ended the search at a wrong mode; doubled ones are there by then, and not at once.
    """
    times = np.linspace(1.0, 81.0, 40)
    load = -0.5 * np.column_stack([np.ones_like(times), times])[None]
    precision = np.array([[[0.05, 0.0], [0.0, 0.8]]])
    far = Integrand(np.zeros(1), np.array([[0.0, -2.0]]), precision, np.full((1, 40), 5.0), load)

    def distance(iterations: int) -> float:
        """From the mode, in standard deviations."""
        nodes = adapt(far, iterations=iterations)
        rate = np.exp(far.log_rate + far.load @ nodes.centre[0])
        gradient = far.linear[0] - precision[0] @ nodes.centre[0] - rate[0] @ load[0]
        return float(np.abs(nodes.spread[0].T @ gradient).max())

    assert distance(400) < 1e-9
    assert distance(60) < 1e-9
    assert np.isnan(distance(3))  # who has not arrived has no mode
