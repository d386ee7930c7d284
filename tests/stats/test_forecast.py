"""Forecasts against plain loops, and performance measures by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from riskset.errors import FitError
from riskset.stats import (
    JointFit,
    PiecewiseConstant,
    fit_joint,
    forecast,
    landmark_risk,
    mean_scores,
    measure_calibration,
    measure_performance,
)
from tests.reference.joint import Model, Patient, conditional_survival, mean_of_the_seen, simulate
from tests.shown import Evidence, shows
from tests.simulation.patients import draw_patients
from tests.stats.joint_made import LINE, Made, make

SEEN = ([10.5, 9.0, 8.2], [0.0, 0.6, 1.2])
LANDMARK, AHEAD = 1.4, (1.8, 2.6, 4.0)


@pytest.fixture(scope="module")
def made() -> Made:
    return make(160, seed=11)


@pytest.fixture(scope="module")
def fit(made: Made) -> JointFit:
    return fit_joint(**made.arguments, trajectory=LINE, baseline=PiecewiseConstant((1.0, 2.0)))


def plain(fit: JointFit) -> Model:
    """The fitted model for the plain loops."""
    levels, baseline = fit.baseline[0], fit.likelihood.baseline
    assert isinstance(baseline, PiecewiseConstant)
    cuts = np.array(baseline.cuts)
    return Model(
        tuple(fit.beta),
        fit.sigma,
        fit.random_covariance,
        (lambda t: float(levels[np.count_nonzero(t >= cuts)]),),
        (float(fit.gamma[0, 0]),),
        ({"value": float(fit.alpha[0, 0])},),
    )


@shows("CurveKind=forecast survival", "CurveKind=forecast score", by=Evidence.REFERENCE)
def test_equals_plain_loops(fit: JointFit) -> None:
    found = forecast(fit, *SEEN, landmark=LANDMARK, times=AHEAD, x=1.0, w=1.0, draws=20)
    patient = Patient(tuple(zip(SEEN[1], SEEN[0], strict=True)), 0.0, LANDMARK, 0, 1.0)
    for j, until in enumerate(AHEAD):
        survival, undying, living = conditional_survival(plain(fit), patient, until, (1.0, 2.0))
        assert found.survival[j] == pytest.approx(survival, abs=2e-4)
        assert found.score_undying[j] == pytest.approx(undying, abs=2e-3)
        assert found.score[j] == pytest.approx(living, abs=2e-3)
    np.testing.assert_allclose(found.incidence[0], 1 - found.survival, atol=1e-12)


def test_without_scores_a_patient_is_known_by_covariates(fit: JointFit) -> None:
    found = forecast(fit, [], [], landmark=0.0, times=[1.0, 3.0], x=0.0, w=0.0, draws=20)
    for j, until in enumerate((1.0, 3.0)):
        survival, *_ = conditional_survival(plain(fit), Patient((), 0.0, 1e-9, 0, 0.0), until, (1.0, 2.0))
        assert found.survival[j] == pytest.approx(survival, abs=2e-3)


@pytest.fixture(scope="module", params=[False, True], ids=["from diagnosis", "delayed entry"])
def decline(request: pytest.FixtureRequest) -> JointFit:
    """Patients whose slopes differ as much as the mean slope is steep, so that who falls fast is soon gone."""
    drawn = draw_patients(300, 1, delayed=request.param)
    return fit_joint(
        drawn.latent, drawn.time, drawn.patient, drawn.stop, drawn.event,
        start=drawn.start, x=drawn.covariates[:, 0], w=drawn.covariates[:, 0], trajectory=LINE,
        baseline=PiecewiseConstant((6.0, 18.0)),
    )  # fmt: skip


@shows("CurveKind=score while alive", by=Evidence.REFERENCE)
def test_mean_while_alive_is_that_of_simulated_patients(decline: JointFit) -> None:
    """Over years it rises, for those who fall fast die: so it does in patients drawn from the model, at any entry."""
    months = [6.0, 12.0, 24.0, 36.0, 48.0]
    found = forecast(decline, [], [], landmark=0.0, times=months, x=0.0, w=0.0, draws=2)
    model = plain(decline)
    lives = simulate(model, 0.0, 48.0, n=100_000, mean_entry=8.0, seed=4)
    everybody = replace(lives, entry=np.zeros_like(lives.entry))
    for j, month in enumerate(months):
        for seen in (everybody, lives):
            mean, error = mean_of_the_seen(model, seen, 0.0, month)
            assert found.score[j] == pytest.approx(mean, abs=4 * error + 0.1)
        assert found.survival[j] == pytest.approx((lives.death > month).mean(), abs=4 * 0.5 / np.sqrt(100_000) + 1e-3)
    assert found.score[-1] > found.score[1] > found.score_undying[1] > found.score_undying[-1]


def test_mean_while_alive_does_not_depend_on_when_it_is_foretold(decline: JointFit) -> None:
    """Who lives to 24 months lived to 5, so a forecast from there says the same of those alive."""
    first, later = (
        forecast(decline, [], [], landmark=landmark, times=[12.0, 24.0, 48.0], x=0.0, w=0.0, draws=2)
        for landmark in (0.0, 5.0)
    )
    np.testing.assert_allclose(first.score, later.score, atol=0.01)
    np.testing.assert_allclose(
        first.survival[1:] / first.survival[0], later.survival[1:] / later.survival[0], atol=1e-4
    )


def test_limits_of_means_are_those_of_the_parameters(decline: JointFit) -> None:
    """As if nobody died the mean is linear in β, so its limits have a closed form; the same draws give both."""
    times = np.array([6.0, 24.0])
    found = forecast(decline, [], [], landmark=0.0, times=times, x=1.0, w=1.0, draws=2000, seed=2)
    design = np.column_stack([np.ones(2), times, times])
    error = np.sqrt(np.einsum("tp,pq,tq->t", design, decline.covariance[:3, :3], design))
    np.testing.assert_allclose(np.diff(found.undying_interval)[:, 0], 2 * 1.96 * error, rtol=0.08)
    assert np.all((found.mean_interval[:, 0] < found.score) & (found.score < found.mean_interval[:, 1]))


def test_mean_scores_of_many_are_those_forecast_one_by_one(fit: JointFit, decline: JointFit) -> None:
    """With their limits, whoever else is foretold with them."""
    for fitted, times in ((fit, [0.5, 2.0, 3.5]), (decline, [6.0, 48.0])):
        x = np.array([[0.0], [1.0], [-0.5]])
        found = mean_scores(fitted, times, x=x, w=x, draws=12, seed=3, level=0.8)
        for row, score, limits in zip(x, found.score, found.interval, strict=True):
            alone = forecast(
                fitted, [], [], landmark=0.0, times=times, x=row, w=row, draws=12, seed=3, level=0.8
            )  # fmt: skip
            np.testing.assert_allclose(score, alone.score, rtol=1e-12)
            np.testing.assert_allclose(limits, alone.mean_interval, rtol=1e-12)
    assert not np.allclose(found.interval[:, :, 0], found.interval[:, :, 1])


def test_limits_hold_the_estimates_and_repeat(fit: JointFit) -> None:
    one, same, other = (
        forecast(fit, *SEEN, landmark=LANDMARK, times=AHEAD, x=1.0, w=1.0, draws=150, seed=seed) for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(one.patient_interval, same.patient_interval)
    assert not np.array_equal(one.patient_interval, other.patient_interval)
    for limits in (one.survival_interval, one.patient_interval):
        assert np.all((limits[:, 0] < one.survival) & (one.survival < limits[:, 1]))
    width = np.diff(one.survival_interval), np.diff(one.patient_interval)
    assert np.all(width[0] < width[1])
    assert np.all((one.score_interval[:, 0] < one.score) & (one.score < one.score_interval[:, 1]))
    assert np.all(np.diff(one.score_interval) < np.diff(one.measured_interval))
    assert np.all(one.score > one.score_undying)  # a low score kills


def test_patient_limits_cover_what_the_posterior_gives(fit: JointFit) -> None:
    """With the parameters as good as known, the spread of drawn scores is the posterior's."""
    sure = replace(fit, covariance=fit.covariance * 1e-8)
    found = forecast(sure, *SEEN, landmark=LANDMARK, times=[1.5], x=1.0, w=1.0, draws=2000)
    from tests.reference.joint import grid_for, log_joint

    model = plain(fit)
    b0, b1, _ = grid_for(model)
    patient = Patient(tuple(zip(SEEN[1], SEEN[0], strict=True)), 0.0, LANDMARK, 0, 1.0)
    weight = np.exp(log_joint(model, patient, b0, b1, (1.0, 2.0)))
    weight /= weight.sum()
    score = model.beta[0] + b0 + (model.beta[1] + model.beta[2] + b1) * 1.5
    mean = (weight * score).sum()
    deviation = np.sqrt((weight * (score - mean) ** 2).sum())
    assert np.diff(found.score_interval)[0, 0] / (2 * 1.96) == pytest.approx(deviation, rel=0.08)


def test_several_causes_sum_to_the_risk(made: Made) -> None:
    two = make(200, seed=4, causes=2)
    fit = fit_joint(**two.arguments, trajectory=LINE, baseline=PiecewiseConstant((1.0, 2.0)))
    found = forecast(fit, *SEEN, landmark=LANDMARK, times=np.linspace(1.6, 4, 13), x=1.0, w=1.0, draws=10)
    assert found.incidence.shape == (2, 13)
    np.testing.assert_allclose(found.incidence.sum(axis=0), 1 - found.survival, atol=1e-10)


def test_landmark_risk_is_the_forecast_of_each(made: Made, fit: JointFit) -> None:
    who, risk = landmark_risk(fit, 1.2, 1.0)
    assert np.array_equal(who, np.flatnonzero((made.stop > 1.2) & (made.start <= 1.2)))
    patient = who[3]
    own = (made.patient == patient) & (made.time <= 1.2)
    one = forecast(
        fit, made.y[own], made.time[own], landmark=1.2, times=[2.2], x=made.x[patient], w=made.x[patient], draws=5
    )
    assert risk[3] == pytest.approx(1 - one.survival[0], abs=1e-8)


@shows("CurveKind=forecast survival", by=Evidence.REFUSED)
def test_refuses_what_cannot_be_forecast(fit: JointFit) -> None:
    with pytest.raises(FitError, match="after the landmark"):
        forecast(fit, [9.0], [2.0], landmark=1.0, times=[3.0], x=0.0, w=0.0)
    with pytest.raises(FitError, match="did not converge"):
        forecast(replace(fit, converged=False, failure=FitError("no")), [], [], landmark=1.0, times=[3.0], x=0.0, w=0.0)
    with pytest.raises(ValueError, match="rise"):
        forecast(fit, [], [], landmark=1.0, times=[0.5], x=0.0, w=0.0)
    with pytest.raises(ValueError, match="covariates"):
        forecast(fit, [], [], landmark=1.0, times=[2.0])
    with pytest.raises(FitError, match="did not converge"):
        mean_scores(replace(fit, converged=False, failure=FitError("no")), [3.0], x=[[0.0]], w=[[0.0]])
    with pytest.raises(ValueError, match="rise"):
        mean_scores(fit, [0.0, 1.0], x=[[0.0]], w=[[0.0]])
    for x, w in (([[0.0]], None), ([[0.0], [1.0]], [[0.0]]), ([[0.0, 1.0]], [[0.0]])):
        with pytest.raises(ValueError, match=r"they should be \(n, 1\) and \(n, 1\)"):
            mean_scores(fit, [1.0], x=x, w=w)


def test_performance_without_censoring_by_hand() -> None:
    """Two events, two without: 3 of 4 pairs in order; the Brier score is a plain mean of squares."""
    risk = np.array([0.9, 0.4, 0.5, 0.1])
    found = measure_performance(risk, [1.5, 1.8, 9, 9], [1, 1, 0, 0], landmark=1, horizon=1)
    assert found.auc == pytest.approx(0.75)
    assert found.brier == pytest.approx((0.01 + 0.36 + 0.25 + 0.01) / 4)
    assert found.brier_null == pytest.approx(0.25)
    assert (found.n_at_risk, found.n_events, found.n_censored) == (4, 2, 0)


def test_performance_with_censoring_by_hand() -> None:
    """Of five, one is censored at 1.2 when five are at risk: who is known later weighs 1/(4/5)."""
    risk = np.array([0.9, 0.4, 0.5, 0.1, 0.3])
    found = measure_performance(risk, [1.1, 1.8, 9, 9, 1.2], [1, 1, 0, 0, 0], landmark=1, horizon=1)
    weight = 1 / 0.75  # the event at 1.1 has left: four at risk at 1.2
    brier = (0.01 + weight * (0.36 + 0.25 + 0.01)) / 5
    assert found.brier == pytest.approx(brier)
    assert found.auc == pytest.approx((2 * 1 + weight * 1) / (2 * (1 + weight)))
    assert found.n_censored == 1


def test_errors_of_performance_where_they_are_known() -> None:
    """Without censoring the Brier score is a mean, and the AUC's error that of DeLong et al. (Biometrics 1988)."""
    rng = np.random.default_rng(6)
    risk = rng.beta(2, 3, 900)
    event = (rng.random(900) < risk).astype(int)
    stop = np.where(event, 1.5, 9.0)
    found = measure_performance(risk, stop, event, landmark=1, horizon=1, draws=400)
    assert found.brier_error == pytest.approx(((event - risk) ** 2).std() / np.sqrt(900), rel=0.12)
    one, two = risk[event == 1], risk[event == 0]
    higher = (one[:, None] > two).astype(float)
    variance = higher.mean(axis=1).var() / len(one) + higher.mean(axis=0).var() / len(two)
    assert found.auc_error == pytest.approx(np.sqrt(variance), rel=0.12)
    assert 0 < found.scaled_brier_error < 0.1
    assert np.isnan(measure_performance(risk, stop, event, landmark=1, horizon=1).auc_error)


def test_calibration_by_hand() -> None:
    risk = np.array([0.1, 0.2, 0.7, 0.9])
    found = measure_calibration(risk, [9, 1.5, 1.5, 1.2], [0, 1, 1, 1], landmark=1, horizon=1, groups=2)
    np.testing.assert_allclose(found.predicted, [0.15, 0.8])
    np.testing.assert_allclose(found.observed, [0.5, 1.0])
    assert found.size.tolist() == [2, 2]


def test_risks_of_the_model_itself_are_calibrated() -> None:
    """On its own data the model's mean risk is near the observed, and tells patients apart."""
    made = make(600, seed=21, delayed=False)
    fit = fit_joint(**made.arguments, trajectory=LINE, baseline=PiecewiseConstant((1.0, 2.0)))
    who, risk = landmark_risk(fit, 1.0, 1.0)
    one = measure_calibration(risk, made.stop[who], made.event[who], landmark=1, horizon=1, groups=1)
    assert one.predicted[0] == pytest.approx(one.observed[0], abs=0.06)
    assert measure_performance(risk, made.stop[who], made.event[who], landmark=1, horizon=1).auc > 0.55


def test_nobody_at_risk_is_said(fit: JointFit) -> None:
    with pytest.raises(FitError, match="nobody is at risk"):
        landmark_risk(fit, 99.0, 1.0)
    with pytest.raises(FitError, match="not at risk at the landmark"):
        measure_performance([0.5], [1.0], [1], landmark=2.0, horizon=1.0)
    with pytest.raises(FitError, match="another horizon"):
        measure_performance([0.5, 0.2], [9.0, 9.0], [0, 0], landmark=2.0, horizon=1.0)


def test_what_comes_after_the_last_time_at_risk_is_not_known(fit: JointFit) -> None:
    """A horizon to which nobody is followed: with weights of 1/0 an AUC would be that of those who left."""
    risk, stop = np.linspace(0.1, 0.9, 20), np.arange(1.0, 21)
    causes = np.where(np.arange(20) < 10, 1 + np.arange(20) % 2, 0)
    with pytest.raises(FitError, match="nobody is followed"):
        measure_performance(risk, stop, causes, landmark=0.5, horizon=30)
    found = measure_calibration(risk, stop, causes, landmark=0.5, horizon=30, groups=2)
    assert found.observed[0] == pytest.approx(0.5)
    assert np.isnan(found.observed[1])
    everybody = measure_performance(risk, stop, np.ones(20) + np.arange(20) % 2, landmark=0.5, horizon=30)
    assert everybody.n_events == 10


def test_what_cannot_be_computed_is_said(fit: JointFit) -> None:
    for change in ({"x": 1e9}, {"y": [1e12, 9.0, 8.0]}):
        given = {"y": SEEN[0], "time": SEEN[1], "x": 1.0, "w": 1.0, **change}
        with pytest.raises(FitError, match="nothing can be computed"):
            forecast(fit, landmark=LANDMARK, times=AHEAD, draws=3, **given)
