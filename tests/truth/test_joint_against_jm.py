"""``fit_joint`` against R's JM, whose results on its ``aids`` data are stored with the code that made them.

* JM's own optimiser stops early: its tight fits (9 nodes an axis) are held to 0.05 of a standard error, and its
  log-likelihood is a floor. At its default tolerance it stops at −4328.2613 (piecewise), −4322.626 (value and slope).
* In the Weibull model JM integrates the hazard by 15 nodes over the whole of [0, T], where the baseline bends at 0;
  ours is graded towards 0 and lies 0.01 higher.
* In the spline model JM had not converged; ours is 0.8 higher.
* JM's baseline and coefficient of drug are those of a hazard without centring, as ours.

The data belong to an R package; what needs them is skipped where they are not. Always run: a generated data set with a
fit stored beside it and its log-likelihood as the plain loops of tests/reference/joint.py found it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskset.stats import JointFit, PiecewiseConstant, Polynomial, SplineBaseline, Trajectory, Weibull, fit_joint
from tests.shown import Evidence, shows
from tests.simulation.patients import ANTIDEPRESSANTS, COVARIATES
from tests.truth.r_data import columns, stored
from tests.truth.test_mixed_against_r import read_synth

HERE = Path(__file__).parent
JM = stored("jm.json")
SYNTH: dict[str, Any] = json.loads((HERE / "joint_synth.json").read_text())
TIGHT = "aids_piecewise_PH_aGH_GHk9_tight"
WITHIN = 0.05  # standard errors
CUTS = tuple(JM[TIGHT]["result"]["knots"])


def fit_aids(**how: Any) -> JointFit:
    """CD4 over months, by drug, and death."""
    visits, patients = columns("data/aids.csv"), columns("data/aids_id.csv")
    position = {label: i for i, label in enumerate(patients["patient"])}
    drug = (patients["drug"] == "ddI").astype(float)
    random = how.pop("random", Polynomial(1))
    return fit_joint(
        visits["CD4"],
        visits["obstime"],
        np.array([position[label] for label in visits["patient"]]),
        patients["Time"],
        patients["death"].astype(int),
        x=drug,
        w=drug,
        trajectory=Trajectory(random=random, bends=(0,)),
        x_names=["ddI"],
        w_names=["ddI"],
        **how,
    )


def assert_near(fit: JointFit, case: str) -> None:
    """Fixed effects, γ, α and σ within 0.05 of a standard error of JM's; D within a hundredth."""
    r = JM[case]["result"]
    event = {name: values[0] for name, values in zip(r["event"]["rows"], r["event"]["values"], strict=True)}
    theirs = [*(values[0] for values in r["longitudinal"]["values"]), event["drugddI"], event["Assoct"]]
    ours = [fit.at(name) for name in ("1", "t", "t:ddI", "ddI", "alpha[value]")]
    away = (fit.theta[ours] - theirs) / fit.std_error[ours]
    assert np.abs(away).max() < WITHIN, away
    errors = [values[1] for values in r["event"]["values"][:3] if values[0] in (event["drugddI"], event["Assoct"])]
    np.testing.assert_allclose(fit.std_error[ours[-2:]], errors, rtol=0.005)
    assert abs(np.log(fit.sigma / r["sigma"])) < WITHIN * fit.std_error[fit.at("log sigma")]
    np.testing.assert_allclose(fit.random_covariance, np.array(r["D"]["values"]), rtol=0.02, atol=2e-3)


@shows("Family=joint", "prognosis.association=value", "prognosis.baseline=piecewise", by=Evidence.OUTSIDE)
def test_piecewise_equals_tight_jm_and_reaches_its_floor() -> None:
    fit = fit_aids(baseline=PiecewiseConstant(CUTS), nodes=9)
    assert fit.converged
    assert_near(fit, TIGHT)
    assert fit.loglik > -4328.25739
    assert fit.loglik == pytest.approx(-4328.25734, abs=5e-5)
    assert np.all(np.abs(fit.beta - [7.2035, -0.19164, 0.01165]) < [6e-5, 6e-6, 6e-6])
    assert fit.alpha[0, 0] == pytest.approx(-0.28784, abs=2e-5)
    assert fit.gamma[0, 0] == pytest.approx(0.33416, abs=5e-5)
    ratios = fit.table(ratio=True)  # beside JM's rows drugddI and Assoct: value, z and p
    assert ratios.term == ("ddI", "alpha[value]")
    theirs = np.array(JM[TIGHT]["result"]["event"]["values"])[:2]
    np.testing.assert_allclose(np.log(ratios.estimate), theirs[:, 0], atol=WITHIN * theirs[:, 1].min())
    np.testing.assert_allclose(ratios.statistic, theirs[:, 2], atol=WITHIN)


def test_default_quadrature_is_as_good() -> None:
    fit = fit_aids(baseline=PiecewiseConstant(CUTS))
    assert_near(fit, TIGHT)
    assert fit.loglik == pytest.approx(-4328.25734, abs=1e-3)
    assert fit.accuracy.shift < 0.005


def test_robust_error_of_the_association() -> None:
    fit = fit_aids(baseline=PiecewiseConstant(CUTS), cluster=np.arange(467))
    assert fit.std_error[fit.at("alpha[value]")] == pytest.approx(0.043, abs=0.0005)


@shows("prognosis.association=slope", by=Evidence.OUTSIDE)
def test_value_and_slope() -> None:
    fit = fit_aids(baseline=PiecewiseConstant(CUTS), association=("value", "slope"), nodes=15)
    assert fit.converged
    assert fit.loglik == pytest.approx(-4322.5454, abs=2e-3)
    assert fit.alpha[0, 1] == pytest.approx(-3.788, abs=0.02)


@shows("prognosis.baseline=weibull", by=Evidence.OUTSIDE)
def test_weibull() -> None:
    fit = fit_aids(baseline=Weibull())
    assert_near(fit, "aids_weibull_PH_aGH_GHk9_tight")
    assert fit.loglik > -4327.37799
    assert fit.alpha[0, 0] == pytest.approx(-0.28066, abs=2e-5)
    assert fit.std_error[fit.at("alpha[value]")] == pytest.approx(0.03565, abs=5e-5)


def test_random_intercept_weibull() -> None:
    fit = fit_aids(baseline=Weibull(), random=Polynomial(0))
    case = JM["aids_randint_weibull_PH_aGH"]["result"]
    assert fit.loglik > case["loglik"]
    assert fit.alpha[0, 0] == pytest.approx(case["event"]["values"][2][0], abs=0.05 * 0.0314)


def test_spline_baseline_is_at_least_as_high() -> None:
    knots = JM["aids_spline_PH_aGH"]["result"]["knots"]["1"][3:-3]
    fit = fit_aids(baseline=SplineBaseline(tuple(knots), points=8))
    assert fit.converged
    assert fit.loglik > JM["aids_spline_PH_aGH"]["result"]["loglik"]
    assert fit.alpha[0, 0] == pytest.approx(-0.2825, abs=0.05 * 0.0355)


@shows("prognosis.baseline=spline", by=Evidence.OUTSIDE)
def test_default_baseline_lies_with_other_splines() -> None:
    """JM's nine B-splines give α −0.2825, JMbayes2 (penalised B-splines) −0.2832; seven pieces −0.2878."""
    fit = fit_aids()
    assert fit.converged
    assert fit.loglik == pytest.approx(-4327.2594, abs=1e-3)
    alpha = fit.at("alpha[value]")
    assert np.abs(fit.theta[alpha] - [-0.2825, -0.28324]).max() < WITHIN * fit.std_error[alpha]
    assert fit.accuracy.shift < 0.005


def test_slope_alone_is_degenerate_and_said() -> None:
    fit = fit_aids(baseline=PiecewiseConstant(CUTS), association="slope")
    assert not fit.converged
    assert "vanishes" in fit.reason


def fit_synth() -> JointFit:
    """ALS-like patients with delayed entry and delivered (rounded, bounded) scores."""
    visits, patients = read_synth()
    covariates = np.column_stack([patients[name] for name in COVARIATES])
    return fit_joint(
        visits["delivered"],
        visits["time"],
        visits["patient"].astype(int),
        patients["stop"],
        patients["event"].astype(int),
        start=patients["start"],
        x=covariates[:, ANTIDEPRESSANTS],
        w=covariates[:, ANTIDEPRESSANTS],
        trajectory=Trajectory(bends=(0,)),
        baseline=PiecewiseConstant(tuple(SYNTH["cuts"])),
        x_names=["antidepressants"],
        w_names=["antidepressants"],
        nodes=15,
    )


def test_generated_patients_are_fitted_as_stored() -> None:
    """The first hundred patients' log-likelihood at the stored estimate was also found by plain loops."""
    fit = fit_synth()
    assert fit.converged
    assert list(fit.names) == SYNTH["names"]
    np.testing.assert_allclose(fit.theta, SYNTH["theta"], atol=1e-4 * fit.std_error.min())
    np.testing.assert_allclose(fit.std_error, SYNTH["std_error"], rtol=1e-4)
    assert fit.loglik == pytest.approx(SYNTH["loglik"], abs=1e-5)
    first = np.broadcast_to(np.arange(fit.n_patients) < 100, (2, fit.n_patients))
    fine = fit.likelihood.finer(orders=np.full(first.shape, 81), points_factor=2, only=first)
    theta = np.array(SYNTH["theta"])
    own, entry = fine.by_patient(theta, fine.adapt(theta)).sum(axis=1)
    assert own - entry == pytest.approx(SYNTH["loglik_by_plain_loops"], abs=3e-5)
