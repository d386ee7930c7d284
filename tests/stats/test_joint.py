"""Fitting a joint model: what it promises whatever the data, and what it says of data it cannot take."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from riskset.errors import FitError
from riskset.stats import PiecewiseConstant, Polynomial, SplineBaseline, Trajectory, Weibull, fit_joint, joint_residuals
from riskset.stats.joint import JointFit
from tests.simulation.patients import draw_patients
from tests.stats.joint_made import LINE, Made, make

STEPS = PiecewiseConstant((1.0, 2.0))


@pytest.fixture(scope="module")
def made() -> Made:
    return make(160, seed=11)


@pytest.fixture(scope="module")
def fit(made: Made) -> JointFit:
    return fit_joint(**made.arguments, trajectory=LINE, baseline=STEPS)


def test_is_a_maximum(fit: JointFit) -> None:
    """The gradient vanishes, and a step either way lowers the log-likelihood at nodes adapted anew."""
    assert fit.converged
    assert not fit.reason
    assert fit.decrement < 1e-9
    assert fit.loglik > fit.loglik_separate
    for j in range(len(fit.theta)):
        for side in (-1, 1):
            moved = fit.theta.copy()
            moved[j] += side * 0.2 * fit.std_error[j]
            assert fit.likelihood(moved, fit.likelihood.adapt(moved))[0] < fit.loglik


def test_says_how_accurate_its_quadrature_is(made: Made, fit: JointFit) -> None:
    """What was announced is what finer quadrature gives."""
    assert fit.accuracy.shift < 0.02
    finer = fit_joint(**made.arguments, trajectory=LINE, baseline=STEPS, nodes=21)
    moved = np.abs(finer.theta - fit.theta) / fit.std_error
    assert moved.max() < 0.02
    assert finer.loglik - fit.loglik == pytest.approx(fit.accuracy.change_nodes, abs=5e-4)


def test_order_of_visits_and_of_patients_does_not_matter(made: Made, fit: JointFit) -> None:
    rng = np.random.default_rng(2)
    rows, patients = rng.permutation(len(made.y)), rng.permutation(len(made.stop))
    position = np.empty(len(patients), int)
    position[patients] = np.arange(len(patients))
    shuffled = Made(
        made.y[rows], made.time[rows], position[made.patient[rows]],
        made.start[patients], made.stop[patients], made.event[patients], made.x[patients],
    )  # fmt: skip
    again = fit_joint(**shuffled.arguments, trajectory=LINE, baseline=STEPS)
    assert again.loglik == pytest.approx(fit.loglik, abs=1e-7)
    np.testing.assert_allclose(again.theta, fit.theta, atol=1e-5 * fit.std_error.max())
    np.testing.assert_allclose(again.random_effects[position], fit.random_effects, atol=1e-4)


def test_order_does_not_matter_where_the_climb_is_hard() -> None:
    """Most were seen once, some scores lie at the floor, some patients live long: the promised digits hold still."""
    drawn, n = draw_patients(150, 4, delayed=True), 150
    first = np.zeros(len(drawn.time), bool)
    first[np.unique(drawn.patient, return_index=True)[1]] = True
    kept = np.flatnonzero(first | (drawn.patient % 3 == 0))

    def fitted(rows: np.ndarray, who: np.ndarray) -> JointFit:
        x = drawn.covariates[who, 2]
        return fit_joint(
            drawn.delivered[rows], drawn.time[rows], np.argsort(who)[drawn.patient[rows]], drawn.stop[who],
            drawn.event[who], start=drawn.start[who], x=x, w=x, trajectory=LINE,
        )  # fmt: skip

    rng = np.random.default_rng(5)
    one, other = fitted(kept, np.arange(n)), fitted(rng.permutation(kept), rng.permutation(n))
    assert one.converged
    np.testing.assert_allclose(other.theta, one.theta, rtol=1e-9, atol=1e-9 * one.std_error.min())
    np.testing.assert_allclose(other.std_error, one.std_error, rtol=1e-9)


def test_units_of_time_and_score(made: Made, fit: JointFit) -> None:
    """In months and tenths of points: coefficients change by their units, and the log-likelihood by the Jacobian."""
    other = replace(made, y=made.y * 10, time=made.time * 12, start=made.start * 12, stop=made.stop * 12)
    again = fit_joint(**other.arguments, trajectory=LINE, baseline=PiecewiseConstant((12.0, 24.0)))
    np.testing.assert_allclose(again.beta, fit.beta * [10, 10 / 12, 10 / 12], rtol=1e-4)
    assert again.alpha[0, 0] == pytest.approx(fit.alpha[0, 0] / 10, rel=1e-4)
    jacobian = -len(made.y) * np.log(10) - np.count_nonzero(made.event) * np.log(12)
    assert again.loglik == pytest.approx(fit.loglik + jacobian, abs=1e-4)


def test_each_patient_a_cluster_is_the_sandwich_by_hand(made: Made, fit: JointFit) -> None:
    robust = fit_joint(**made.arguments, trajectory=LINE, baseline=STEPS, cluster=np.arange(len(made.stop)))
    _, scores = fit.likelihood(fit.theta, fit.nodes)
    by_hand = fit.covariance @ scores.T @ scores @ fit.covariance
    np.testing.assert_allclose(robust.covariance, by_hand, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(robust.covariance_model, fit.covariance)
    assert robust.n_clusters == len(made.stop)


def test_doubled_data_in_clusters(made: Made, fit: JointFit) -> None:
    """Everybody twice, a cluster with himself: estimates and clustered errors are those of once."""
    n = len(made.stop)
    twice = Made(
        np.tile(made.y, 2), np.tile(made.time, 2), np.concatenate([made.patient, made.patient + n]),
        *(np.tile(part, 2) for part in (made.start, made.stop, made.event, made.x)),
    )  # fmt: skip
    who = np.tile(np.arange(n), 2)
    once = fit_joint(**made.arguments, trajectory=LINE, baseline=STEPS, cluster=np.arange(n))
    doubled = fit_joint(**twice.arguments, trajectory=LINE, baseline=STEPS, cluster=who)
    np.testing.assert_allclose(doubled.std_error, once.std_error, rtol=1e-3)
    np.testing.assert_allclose(doubled.theta, fit.theta, atol=1e-3)


def test_a_patient_without_visits_counts_by_survival(made: Made, fit: JointFit) -> None:
    assert fit.n_without_visits == 1
    assert fit.n_visits == len(made.y)
    assert fit.n_events.tolist() == [np.count_nonzero(made.event)]
    assert np.all(fit.random_spread[0].diagonal() > fit.random_spread[1].diagonal())


@pytest.mark.parametrize("baseline", [Weibull(), SplineBaseline((0.0, 1.5, 6.0)), None], ids=str)
def test_baselines_agree_on_what_is_asked(made: Made, fit: JointFit, baseline: Weibull | None) -> None:
    """α under other baselines lies within a standard error."""
    other = fit_joint(**made.arguments, trajectory=LINE, baseline=baseline)
    assert other.converged
    assert abs(other.alpha[0, 0] - fit.alpha[0, 0]) < fit.std_error[fit.at("alpha[value]")]


def test_several_causes_are_separate_hazards_under_one_trajectory() -> None:
    made = make(200, seed=4, causes=2)
    fit = fit_joint(**made.arguments, trajectory=LINE, baseline=STEPS)
    assert fit.converged
    assert fit.alpha.shape == (2, 1)
    assert fit.names[-1] == "alpha[value] (cause 2)"
    assert fit.n_events.tolist() == [np.count_nonzero(made.event == 1), np.count_nonzero(made.event == 2)]


def test_martingale_residuals_balance() -> None:
    """Followed from the origin, events and expected events are equal: the score equation of the baseline."""
    made = make(160, seed=11, delayed=False)
    fit = fit_joint(**made.arguments, trajectory=LINE, baseline=STEPS)
    left = joint_residuals(fit)
    assert abs(left.martingale.sum()) < 1e-3
    assert np.all(left.cox_snell > 0)
    np.testing.assert_allclose(left.standardised * fit.sigma, left.subject)


def test_a_vanishing_slope_is_said_and_has_no_interval() -> None:
    """Parallel patients: the slope's variance goes to 0 and its association to anything."""
    rng = np.random.default_rng(1)
    made = make(160, seed=11)
    level = rng.normal(0, 2, len(made.stop))
    y = 10 + level[made.patient] - 0.8 * made.time + rng.normal(0, 0.7, len(made.y))
    fit = fit_joint(**(made.arguments | {"y": y}), trajectory=LINE, baseline=STEPS, association="slope")
    assert not fit.converged
    assert "vanishes" in fit.reason
    assert np.isnan(fit.std_error).all()
    assert np.isnan(fit.interval()).all()


def test_few_nodes_on_the_way_do_not_end_a_climb() -> None:
    """Forty patients under delayed entry: where BFGS hands over to Newton's method, the information at five nodes an
    axis is not positive definite. At the nodes that each patient needs it is, and Newton must start from that."""
    drawn = draw_patients(40, 86, delayed=True)
    arguments = {
        "y": drawn.latent, "time": drawn.time, "patient": drawn.patient, "stop": drawn.stop, "event": drawn.event,
        "start": drawn.start, "association": ("value", "slope"),
        "baseline": PiecewiseConstant.at_quantiles(drawn.stop, drawn.event, 2),
    }  # fmt: skip
    fit = fit_joint(**arguments)
    assert fit.converged
    assert np.isfinite(fit.std_error).all()


def change(made: Made, **parts: np.ndarray) -> dict[str, np.ndarray]:
    return made.arguments | parts


BAD: dict[str, tuple[Callable[[Made], dict[str, np.ndarray]], str]] = {
    "event at entry": (lambda m: change(m, stop=np.append(m.start[:2], m.stop[2:]), time=0 * m.time), "2 patients"),
    "score after death": (lambda m: change(m, time=np.where(m.patient == 3, 99.0, m.time)), "1 patients have scores"),
    "no events": (lambda m: change(m, event=np.zeros(len(m.stop), int)), "nobody has an event"),
    "a cause without events": (lambda m: change(m, event=2 * m.event), "of cause 1"),
    "one visit each": (lambda m: first_visits(m), "no patient has more than 1"),
    "constant marker": (lambda m: change(m, y=np.full(len(m.y), 3.0)), "constant"),
    "missing score": (lambda m: change(m, y=np.where(np.arange(len(m.y)) == 5, np.nan, m.y)), "1 values are missing"),
    "separation": (lambda m: change(m, w=(m.event > 0).astype(float)), "separation"),
    "no events in a group": (lambda m: change(m, w=((m.event == 0) & (m.x == 1)).astype(float)), "separation"),
    "collinear": (lambda m: change(m, w=np.column_stack([m.x, 1 - m.x])), "collinear"),
    "constant covariate": (lambda m: change(m, w=np.ones(len(m.stop))), "collinear with a constant"),
    "entry before the origin": (lambda m: change(m, start=m.start - 1), "enter before time 0"),
}  # fmt: skip


def first_visits(made: Made) -> dict[str, np.ndarray]:
    _, first = np.unique(made.patient, return_index=True)
    return change(made, y=made.y[first], time=made.time[first], patient=made.patient[first])


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(made: Made, case: str) -> None:
    arguments, words = BAD[case]
    with pytest.raises(FitError, match=words):
        fit_joint(**arguments(made), trajectory=LINE, baseline=STEPS)


def test_covariates_that_separate_together_have_no_interval(made: Made) -> None:
    """Nobody in the reference of three groups has an event, which no column shows alone."""
    third = np.arange(len(made.stop)) % 3
    event = np.where(third == 0, 0, made.event)
    w = np.column_stack([third == 1, third == 2]).astype(float)
    fit = fit_joint(**change(made, event=event, w=w), trajectory=LINE, baseline=STEPS, w_names=["low", "high"])
    assert not fit.converged
    assert fit.reason.startswith("separation by low, high")
    assert np.isnan(fit.std_error).all()
    assert not np.isfinite(fit.accuracy.shift)


@pytest.mark.parametrize(
    "wrong",
    [
        {"association": "level"},
        {"association": []},
        {"patient": np.array([0.5])},
        {"x_names": ["a", "b"]},
        {"stop": np.ones((3, 2))},
    ],
    ids=str,
)
def test_mistakes_in_the_call(made: Made, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"should|columns"):
        fit_joint(**{**made.arguments, "trajectory": LINE, **wrong})  # type: ignore[arg-type]


def test_ties_everywhere_and_whole_numbers() -> None:
    """Times in whole years and rounded scores: nothing special."""
    made = make(200, seed=9, delayed=False)
    stop = np.ceil(made.stop)
    halves = PiecewiseConstant((1.5, 2.5))
    rounded = fit_joint(**change(made, y=np.round(made.y), stop=stop), trajectory=LINE, baseline=halves)
    assert rounded.converged


def test_extreme_values_do_not_overflow(made: Made) -> None:
    """A marker in millions far from any reasonable hazard ends in a fit or in a reason, never in a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = fit_joint(**change(made, y=made.y * 1e6), trajectory=Trajectory(Polynomial(1), Polynomial(0)))
    assert fit.converged or fit.reason


def test_a_climb_goes_on_where_bfgs_stands_still() -> None:
    """All enter a year late: at five nodes an axis height and slope disagree, and the information at more is not
    positive definite where BFGS ends. Newton's method gets from there to the maximum in a few steps."""
    drawn = draw_patients(12_000, 1, delayed=True)
    some = np.flatnonzero(drawn.start >= 12)[:1000]
    position = np.full(len(drawn.stop), -1)
    position[some] = np.arange(len(some))
    kept = position[drawn.patient] >= 0
    x = drawn.covariates[some]
    fit = fit_joint(
        drawn.delivered[kept], drawn.time[kept], position[drawn.patient[kept]], drawn.stop[some], drawn.event[some],
        start=drawn.start[some], x=x[:, 2], w=x, trajectory=LINE, association="slope",
    )  # fmt: skip
    assert fit.converged
    assert fit.iterations < 60
    assert np.isfinite(fit.std_error).all()
