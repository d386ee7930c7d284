"""``fit_cox`` and ``fit_fine_gray`` against R's survival and cmprsk, whose results are stored beside this file.

Notes on what R does:

* With weights that are not whole R reports the sandwich over rows by default; here it is asked for by ``cluster``.
* ``finegray`` estimates the censoring weights from all rows, ``coxph`` then leaves out those with a missing covariate;
  here the weights are made first, with ``Observable``. Without a cluster R's sandwich takes the pieces that it cuts a
  person into for persons; only its model-based errors are compared then.
* ``crr`` counts events on a day of censoring as at risk of it, ``finegray`` as gone: two sets of weights. Its standard
  errors add the uncertainty of the weights and are not compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskset.stats import CoxFit, Observable, fit_cox, fit_fine_gray, kaplan_meier
from tests.shown import Evidence, shows
from tests.truth.r_data import columns, stored

REFERENCE = stored("cox.json")
CLOSE = {"rtol": 0, "atol": 1e-8}

ALL_TIES = ("efron", "breslow", "exact")
SUMS = ("efron", "breslow")
THREE = ("age", "sex", "ph.ecog")
LUNG = {"stop": "time", "event": "status==2"}
HEART = {"stop": "stop", "event": "event==1", "start": "start"}
CASES: dict[str, dict[str, Any]] = {
    **{f"lung_age_sex_phecog_{t}": LUNG | {"terms": THREE, "ties": t} for t in ALL_TIES},
    **{
        f"lung_strata_inst_{t}": LUNG | {"terms": ("age", "sex", "ph.karno"), "strata": "inst", "ties": t}
        for t in ALL_TIES
    },
    **{
        f"heart_startstop_{t}": HEART | {"terms": ("age", "surgery", "transplant", "year"), "ties": t} for t in ALL_TIES
    },
    **{f"lung_heavy_ties_{t}": LUNG | {"stop": "tmon", "terms": THREE, "ties": t} for t in ALL_TIES},
    "heart_interaction": HEART
    | {"terms": ("age", "surgery", "transplant", "age*transplant", "surgery*transplant"), "ties": "efron"},
    **{f"lung_weights_{t}": LUNG | {"terms": THREE, "weights": "w", "cluster": "row", "ties": t} for t in SUMS},
    **{f"lung_delayed_entry_{t}": LUNG | {"terms": THREE, "start": "entry", "ties": t} for t in SUMS},
    **{
        f"lung_delayed_entry_weights_cluster_{t}": LUNG
        | {"terms": THREE, "start": "entry", "weights": "w", "cluster": "inst", "ties": t}
        for t in SUMS
    },
    "lung_offset": LUNG | {"terms": ("age", "sex"), "offset": "off", "ties": "efron"},
    **{
        f"mgus2_causespecific_{name}": {"stop": "etime", "event": f"event=={k}", "terms": ("age", "sexn", "mspike")}
        for k, name in ((1, "pcm"), (2, "death"))
    },
    "diet_full_cohort_cox": {"start": "ageE", "stop": "ageX", "event": "chd==1", "terms": ("hi",), "strata": "job"},
}
COMPETING = {f"mgus2_finegray_{name}": k for k, name in ((1, "pcm"), (2, "death"))}


def column(data: dict[str, np.ndarray], term: str) -> np.ndarray:
    if "==" in term:
        name, level = term.split("==")
        return data[name] == float(level)
    if "*" in term:
        first, second = term.split("*")
        return data[first] * data[second]
    return data[term]


def fitted(case: str) -> CoxFit:
    """The model of a case on complete rows, as in R."""
    data, how = columns(REFERENCE[case]["data"]), CASES[case]
    x = np.column_stack([column(data, term) for term in how["terms"]])
    given = {name: column(data, how[name]) for name in how if name not in ("terms", "ties")}
    keep = ~np.isnan(x).any(axis=1)
    for name in ("strata", "cluster"):
        if name in given and given[name].dtype.kind == "f":
            keep &= ~np.isnan(given[name])
    return fit_cox(x[keep], **{name: v[keep] for name, v in given.items()}, ties=how.get("ties", "efron"))


def require_equal(fit: CoxFit, r: dict[str, Any]) -> None:
    assert fit.converged
    np.testing.assert_allclose(fit.beta, r["coef"], **CLOSE)
    np.testing.assert_allclose(fit.covariance, r["var"], **CLOSE)
    np.testing.assert_allclose([fit.loglik, fit.loglik_null], [r["loglik"], r["loglik_null"]], **CLOSE)
    np.testing.assert_allclose(fit.score.statistic, r["score_test"], **CLOSE)
    np.testing.assert_allclose(fit.wald.statistic, r["wald_test"], **CLOSE)
    assert fit.n_events == r["nevent"]
    if "lr_test" in r:
        lr = fit.likelihood_ratio
        np.testing.assert_allclose([lr.statistic, lr.df, lr.p_value], r["lr_test"], **CLOSE)
    if "naive_se" in r:
        np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance_model)), r["naive_se"], **CLOSE)
    if "robust_score" in r:
        assert fit.robust_score is not None
        np.testing.assert_allclose(fit.robust_score.statistic, r["robust_score"], **CLOSE)


@shows("Family=cox", "Family=cause-specific cox", "Scale=log_hr", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("case", CASES)
def test_equals_r(case: str) -> None:
    require_equal(fitted(case), REFERENCE[case]["result"])


def test_all_members_of_the_risk_sets_as_controls_is_the_breslow_fit() -> None:
    """A nested case-control study that samples everyone is the cohort (methods of sampling, in R by ``clogit``)."""
    r = REFERENCE["diet_ncc_all_controls"]["result"]
    d = columns("data/diet.csv")
    fit = fit_cox(d["hi"], d["ageX"], d["chd"], start=d["ageE"], strata=d["job"], ties="breslow")
    np.testing.assert_allclose(fit.beta, r["coef"], **CLOSE)
    np.testing.assert_allclose(fit.covariance, r["var"], **CLOSE)
    np.testing.assert_allclose([fit.loglik, fit.loglik_null], [r["loglik"], r["loglik_null"]], **CLOSE)


def competing() -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    data = columns("data/mgus2_cr.csv")
    x = np.column_stack([data[name] for name in ("age", "sexn", "mspike")])
    return data, x, ~np.isnan(x).any(axis=1)


@shows("Family=fine-gray", "Scale=log_shr", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("case", COMPETING)
def test_fine_gray_equals_r(case: str) -> None:
    data, x, keep = competing()
    seen = Observable.estimated(data["etime"], data["event"])
    fit = fit_fine_gray(x[keep], data["etime"][keep], data["event"][keep], cause=COMPETING[case], observable=seen)
    events = int(np.sum(data["event"][keep] == COMPETING[case]))
    require_equal(fit, {**REFERENCE[case.replace("finegray", "finegray_robust")]["result"], "nevent": events})
    r = REFERENCE[case]["result"]
    np.testing.assert_allclose(fit.beta, r["coef"], **CLOSE)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance_model)), r["naive_se"], **CLOSE)
    np.testing.assert_allclose([fit.loglik, fit.loglik_null], [r["loglik"], r["loglik_null"]], **CLOSE)


@shows("Family=fine-gray", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("cause", [1, 2])
def test_breslow_fine_gray_equals_cmprsk(cause: int) -> None:
    data, x, keep = competing()
    stop, event = data["etime"][keep], data["event"][keep]
    censoring = kaplan_meier(stop, event == 0)
    seen = Observable(censoring.time, np.concatenate([[1.0], censoring.estimate]), np.zeros(0), np.ones(1))
    fit = fit_fine_gray(x[keep], stop, event, cause=cause, ties="breslow", observable=seen)
    r = REFERENCE[f"mgus2_crr_{cause}"]["result"]
    np.testing.assert_allclose(fit.beta, r["coef"], **CLOSE)
    np.testing.assert_allclose([fit.loglik, fit.loglik_null], [r["loglik"], r["loglik_null"]], **CLOSE)


@shows("Family=cause-specific cox", by=Evidence.OUTSIDE)
def test_two_causes_are_two_fits() -> None:
    """R's multi-state model of two competing causes is a Cox model of each."""
    data = columns("data/mgus2_cr.csv")
    r = REFERENCE["mgus2_coxph_multistate"]["result"]
    x = np.column_stack([data["age"], data["sexn"]])
    fits = [fit_cox(x, data["etime"], data["event"] == k, cluster=data["row"]) for k in (1, 2)]
    np.testing.assert_allclose(np.concatenate([fit.beta for fit in fits]), r["coef"], **CLOSE)
    np.testing.assert_allclose(np.concatenate([fit.std_error for fit in fits]), r["se"], **CLOSE)
    naive = np.concatenate([np.sqrt(np.diag(fit.covariance_model)) for fit in fits])
    np.testing.assert_allclose(naive, r["naive_se"], **CLOSE)
    np.testing.assert_allclose(sum(fit.loglik for fit in fits), r["loglik"][1], **CLOSE)
