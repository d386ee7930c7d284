"""Curves, residuals, predictions and tests against R's survival and cmprsk, stored beside this file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskset.stats import (
    CoxFit,
    Curve,
    aalen_johansen,
    deviance_residuals,
    dfbeta_residuals,
    fit_cox,
    gray_test,
    kaplan_meier,
    martingale_residuals,
    nelson_aalen,
    predict_survival,
    proportional_hazards_test,
    quantiles,
    restricted_mean,
    schoenfeld_residuals,
    score_residuals,
)
from tests.shown import Evidence, shows
from tests.truth.r_data import columns, stored
from tests.truth.test_cox_against_r import CASES, COMPETING

REFERENCE = stored("cox.json")
CLOSE = {"rtol": 0, "atol": 1e-8}
LUNG = "data/lung.csv"
HERE = {
    *(f"heart_zph_{how}" for how in ("km", "rank", "identity", "log")),
    "lung_zph_strata_km",
    "lung_residuals",
    "lung_survfit_coxph_efron",
    "lung_survfit_coxph_breslow",
    "lung_basehaz_uncentered",
    *(f"km_lung_sex_quantiles_{how}" for how in ("log", "log-log", "plain", "logit", "arcsin")),
    *(f"km_lung_{what}" for what in ("delayed_entry", "weights", "FH", "NA", "rmean_365")),
    *("mgus2_AJ_sex", "mgus2_AJ_all_at_120_240", "mgus2_cuminc_gray"),
}
IN_FITS = {"diet_ncc_all_controls", "mgus2_crr_1", "mgus2_crr_2", "mgus2_coxph_multistate"} | {
    name.replace("finegray", "finegray_robust") for name in COMPETING
}


def numbers(values: Any) -> np.ndarray:
    return np.array(values, float)


def result(case: str) -> dict[str, Any]:
    return dict(REFERENCE[case]["result"])


def lung_fit(ties: str = "efron", terms: tuple[str, ...] = ("age", "sex", "ph.ecog"), strata: str = "") -> CoxFit:
    data = columns(LUNG)
    x = np.column_stack([data[name] for name in terms])
    keep = ~np.isnan(x).any(axis=1)
    layers = data[strata][keep] if strata else None
    return fit_cox(x[keep], data["time"][keep], data["status"][keep] == 2, strata=layers, ties=ties, names=terms)


def test_every_reference_case_is_used() -> None:
    assert set(REFERENCE) == {"about"} | set(CASES) | set(COMPETING) | HERE | IN_FITS


@pytest.mark.parametrize("transform", ["km", "rank", "identity", "log"])
def test_proportional_hazards(transform: Any) -> None:
    data = columns("data/heart.csv")
    x = np.column_stack([data[name] for name in ("age", "surgery", "transplant")])
    test = proportional_hazards_test(fit_cox(x, data["stop"], data["event"], start=data["start"]), transform=transform)
    require_tests(test, numbers(result(f"heart_zph_{transform}")["table"]["values"]))


def test_proportional_hazards_in_strata() -> None:
    test = proportional_hazards_test(lung_fit(terms=("age", "ph.ecog"), strata="sex"))
    require_tests(test, numbers(result("lung_zph_strata_km")["table"]["values"]))


def require_tests(test: Any, r: np.ndarray) -> None:
    ours = [[one.statistic, one.df, one.p_value] for one in (*test.terms.values(), test.overall)]
    np.testing.assert_allclose(ours, r, **CLOSE)


def test_residuals() -> None:
    r, fit = result("lung_residuals"), lung_fit()
    np.testing.assert_allclose(martingale_residuals(fit), r["martingale"], **CLOSE)
    np.testing.assert_allclose(deviance_residuals(fit), r["deviance"], **CLOSE)
    np.testing.assert_allclose(score_residuals(fit), r["score"], **CLOSE)
    np.testing.assert_allclose(dfbeta_residuals(fit), r["dfbeta"], **CLOSE)
    np.testing.assert_allclose(schoenfeld_residuals(fit).residual, r["schoenfeld"], **CLOSE)
    np.testing.assert_allclose(schoenfeld_residuals(fit, scaled=True).residual, r["scaledsch"], **CLOSE)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_predicted_survival(ties: str) -> None:
    r = result(f"lung_survfit_coxph_{ties}")
    ours = predict_survival(lung_fit(ties), [[60, 1, 1], [70, 2, 0]], times=r["time"])
    for name, values in (
        ("surv", ours.survival),
        ("cumhaz", ours.cumulative_hazard),
        ("std_err", ours.std_cumulative_hazard),
        ("lower", ours.conf_low),
        ("upper", ours.conf_high),
    ):
        np.testing.assert_allclose(values, numbers(r[name]), **CLOSE)


def test_baseline_hazard_at_zero() -> None:
    r = result("lung_basehaz_uncentered")
    ours = predict_survival(lung_fit(), np.zeros(3), times=r["time"])
    np.testing.assert_allclose(ours.cumulative_hazard[:, 0], r["hazard"], **CLOSE)


@shows("Scale=median", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("conf_type", ["log", "log-log", "plain", "logit", "arcsin"])
def test_quantiles(conf_type: Any) -> None:
    r, data = result(f"km_lung_sex_quantiles_{conf_type}"), columns(LUNG)
    for number, sex in enumerate((1, 2)):
        rows = data["sex"] == sex
        curve = kaplan_meier(data["time"][rows], data["status"][rows] == 2, conf_type=conf_type)
        ours = quantiles(curve, [0.25, 0.5, 0.75])
        for name, values in (("quantile", ours.time), ("lower", ours.conf_low), ("upper", ours.conf_high)):
            np.testing.assert_allclose(values, numbers(r[name]["values"][number]), **CLOSE)


def require_curve(curve: Curve, r: dict[str, Any], std_error: np.ndarray) -> None:
    for name, values in (
        ("time", curve.time),
        ("n_risk", curve.n_risk),
        ("n_event", curve.n_event),
        ("n_censor", curve.n_censor),
        ("surv", curve.estimate),
        ("lower", curve.conf_low),
        ("upper", curve.conf_high),
    ):
        np.testing.assert_allclose(values, numbers(r[name]), **CLOSE)
    np.testing.assert_allclose(std_error, numbers(r["std_err"]), **CLOSE)


@shows("Family=kaplan-meier", "CurveKind=survival", by=Evidence.OUTSIDE)
def test_kaplan_meier_with_delayed_entry_and_with_weights() -> None:
    """R's ``std_err`` is that of log S by Greenwood, and that of S by the infinitesimal jackknife with weights."""
    data = columns("data/lung_weights_entry.csv")
    event = data["status"] == 2
    curve = kaplan_meier(data["time"], event, start=data["entry"], conf_type="log")
    require_curve(curve, result("km_lung_delayed_entry"), curve.std_error / curve.estimate)
    curve = kaplan_meier(data["time"], event, weights=data["w"], conf_type="log")
    require_curve(curve, result("km_lung_weights"), curve.std_error)


@pytest.mark.parametrize(("case", "ties"), [("km_lung_NA", "together"), ("km_lung_FH", "one by one")])
def test_nelson_aalen(case: str, ties: Any) -> None:
    r, data = result(case), columns(LUNG)
    curve = nelson_aalen(data["time"], data["status"] == 2, ties=ties)
    np.testing.assert_allclose(curve.estimate, r["cumhaz"], **CLOSE)
    np.testing.assert_allclose(curve.std_error, r["std_chaz"], **CLOSE)
    np.testing.assert_allclose(np.exp(-curve.estimate), r["surv"], **CLOSE)


@shows("Scale=rmst", "Scale=median", by=Evidence.OUTSIDE)
def test_restricted_mean() -> None:
    r, data = result("km_lung_rmean_365"), columns(LUNG)
    for number, sex in enumerate((1, 2)):
        rows = data["sex"] == sex
        curve = kaplan_meier(data["time"][rows], data["status"][rows] == 2, conf_type="log")
        mean, theirs = restricted_mean(curve, 365), dict(zip(r["cols"], r["values"][number], strict=True))
        np.testing.assert_allclose([mean.estimate, mean.std_error], [theirs["rmean"], theirs["se(rmean)"]], **CLOSE)
        median = quantiles(curve)
        ours = [median.time[0], median.conf_low[0], median.conf_high[0]]
        np.testing.assert_allclose(ours, numbers([theirs[name] for name in ("median", "0.95LCL", "0.95UCL")]), **CLOSE)


@shows("Family=aalen-johansen", "CurveKind=incidence", by=Evidence.OUTSIDE)
def test_aalen_johansen_by_sex() -> None:
    r, data = result("mgus2_AJ_sex"), columns("data/mgus2_cr.csv")
    bounds = np.cumsum([0, *r["strata"].values()])
    for number, sex in enumerate("FM"):
        part, rows = slice(bounds[number], bounds[number + 1]), data["sex"] == sex
        curve = aalen_johansen(data["etime"][rows], data["event"][rows], conf_type="log")
        np.testing.assert_allclose(curve.time, r["time"][part], **CLOSE)
        np.testing.assert_allclose(curve.n_risk, numbers(r["n_risk"])[part, 0], **CLOSE)
        for name, values in (
            ("n_event", curve.n_event),
            ("pstate", curve.estimate),
            ("std_err", curve.std_error),
            ("lower", curve.conf_low),
            ("upper", curve.conf_high),
        ):
            np.testing.assert_allclose(values, numbers(r[name])[part, 1:], **CLOSE)


def test_aalen_johansen_at_some_times() -> None:
    r, data = result("mgus2_AJ_all_at_120_240"), columns("data/mgus2_cr.csv")
    curve = aalen_johansen(data["etime"], data["event"], conf_type="log").at(r["time"])
    np.testing.assert_allclose(curve.estimate, numbers(r["pstate"])[:, 1:], **CLOSE)
    np.testing.assert_allclose(curve.std_error, numbers(r["se"])[:, 1:], **CLOSE)
    np.testing.assert_allclose(curve.conf_low, numbers(r["lower"])[:, 1:], **CLOSE)
    np.testing.assert_allclose(curve.conf_high, numbers(r["upper"])[:, 1:], **CLOSE)


@shows("Family=aalen-johansen", "CurveKind=incidence", by=Evidence.OUTSIDE)
def test_cumulative_incidence_and_gray_test_of_cmprsk() -> None:
    r, data = result("mgus2_cuminc_gray"), columns("data/mgus2_cr.csv")
    stop, event, sex = data["etime"], data["event"], data["sex"]
    for cause in (1, 2):
        test = gray_test(stop, event, sex, cause=cause)
        theirs = r["gray_test"]["values"][cause - 1]
        np.testing.assert_allclose([test.statistic, test.p_value, test.df], theirs, **CLOSE)
    curves = {name: aalen_johansen(stop[sex == name], event[sex == name]).at([60, 120, 240]) for name in "FM"}
    for row, values in zip(r["est"]["est"]["rows"], r["est"]["est"]["values"], strict=True):
        name, cause = row.split()
        np.testing.assert_allclose(curves[name].estimate[:, int(cause) - 1], values, **CLOSE)
