"""``fit_clogit`` against R's survival::clogit, whose results are stored beside this file with the code that made them.

Exceptions, with their reasons:

* ``bdendo_weights_exact``: R warns and ignores weights under ``method="exact"``. With one case a set the exact
  likelihood is Breslow's, so ours is R's *weighted* Breslow fit.
* R's robust score test sets the linear predictor to 0 and so forgets the offset, which its score test keeps; ours keeps
  it in both. The values agree where there is no offset.
* With weights R reports the sandwich over rows by default; here it is asked for by ``cluster``.

Sets in which everyone is a case count under Breslow and not under exact, in R as here: ``bdendo_noinfo_sets_*``.
"""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskset.stats import fit_clogit, likelihood_ratio_test, wald_test
from tests.outside import outside
from tests.shown import Evidence, shows

HERE = Path(__file__).parent
REFERENCE: dict[str, Any] = json.loads((HERE / "clogit.json").read_text())
CLOSE = {"rtol": 0, "atol": 1e-8}

THREE = ("gall", "hyp", "est")
FOUR = (*THREE, "non")
CASES: dict[str, dict[str, Any]] = {
    **{f"bdendo_{term}": {"terms": (term,)} for term in ("est", "gall", "hyp", "ob", "non", "durn")},
    **{f"bdendo_full_{ties}": {"terms": FOUR, "ties": ties} for ties in ("exact", "efron", "breslow")},
    "bdendo_gall_est_interaction": {"terms": ("gall", "est", "gall*est")},
    "bdendo_missing_ob": {"terms": ("est", "gall", "ob")},
    "bdendo_dose_factor": {"terms": ("cestn==1", "cestn==2", "cestn==3")},
    "bdendo_dose_trend": {"terms": ("cestn",)},
    **{
        f"bdendo_agegrp_nm_{ties}": {"terms": THREE, "ties": ties, "sets": "agegrp"}
        for ties in ("exact", "efron", "breslow")
    },
    "bdendo_noinfo_sets_exact": {"terms": THREE},
    "bdendo_noinfo_sets_removed": {"terms": THREE, "from_set": 6},
    "bdendo_noinfo_sets_breslow": {"terms": THREE, "ties": "breslow"},
    "bdendo_weights_efron": {"terms": THREE, "ties": "efron", "weights": "w", "cluster": "row"},
    "bdendo_weights_breslow": {"terms": THREE, "ties": "breslow", "weights": "w", "cluster": "row"},
    "bdendo_cluster_efron": {"terms": THREE, "ties": "efron", "cluster": "fam"},
    "bdendo_cluster_breslow": {"terms": THREE, "ties": "breslow", "cluster": "fam"},
    "bdendo_cluster_set": {"terms": THREE, "ties": "efron", "cluster": "set"},
    "bdendo_weights_cluster_efron": {"terms": THREE, "ties": "efron", "weights": "w", "cluster": "fam"},
    "bdendo_offset": {"terms": THREE, "offset": "off"},
    "synth_1to5_p10": {"terms": tuple(f"X{j}" for j in range(1, 11)), "case": "case"},
}
ELSEWHERE = {"about", "bdendo_trend_LR_departure", "bdendo_weights_exact", "bdendo_residuals"}


def read(case: str) -> dict[str, np.ndarray]:
    """The columns of a case's data: numbers as floats with NaN for missing, anything else as text."""
    stored = HERE / (Path(REFERENCE[case]["data"]).name + ".gz")
    if stored.exists():
        text = gzip.decompress(stored.read_bytes()).decode()
    else:
        text = outside(Path(REFERENCE[case]["data"]).name).read_text()
    rows = list(csv.DictReader(text.splitlines()))
    columns = {}
    for name in rows[0]:
        texts = [row[name] for row in rows]
        try:
            columns[name] = np.array([float(text) if text not in ("", "NA") else np.nan for text in texts])
        except ValueError:
            columns[name] = np.array(texts)
    columns["row"] = np.arange(len(rows))
    return columns


def column(data: dict[str, np.ndarray], term: str) -> np.ndarray:
    if "==" in term:
        name, level = term.split("==")
        return np.where(np.isnan(data[name]), np.nan, data[name] == float(level))
    if "*" in term:
        first, second = term.split("*")
        return data[first] * data[second]
    return data[term]


def arguments(case: str) -> dict[str, Any]:
    """What ``fit_clogit`` is called with: complete rows only, as R does."""
    data, how = read(case), CASES[case]
    x = np.column_stack([column(data, term) for term in how["terms"]])
    keep = ~np.isnan(x).any(axis=1)
    if "from_set" in how:
        keep &= data["set"] >= how["from_set"]
    given = {"x": x, "case": data[how.get("case", "d")], "set_id": data[how.get("sets", "set")]}
    given |= {name: data[how[name]] for name in ("weights", "offset", "cluster") if name in how}
    return {name: values[keep] for name, values in given.items()} | {"ties": how.get("ties", "exact")}


def test_every_reference_case_is_used() -> None:
    assert set(REFERENCE) == set(CASES) | ELSEWHERE


@shows(
    "conditional logistic",
    "conditional logistic.ties=exact",
    "conditional logistic.ties=efron",
    "conditional logistic.ties=breslow",
    "conditional logistic.robust=true",
    "conditional logistic.adjust",
    "Family=conditional logistic",
    "Estimator=maximum likelihood",
    "Scale=log_or",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize("case", CASES)
def test_equals_r(case: str) -> None:
    r = REFERENCE[case]["result"]
    fit = fit_clogit(**arguments(case))
    assert fit.converged
    np.testing.assert_allclose(fit.beta, r["coef"], **CLOSE)
    np.testing.assert_allclose(fit.covariance, r["var"], **CLOSE)
    np.testing.assert_allclose([fit.loglik, fit.loglik_null], [r["loglik"], r["loglik_null"]], **CLOSE)
    np.testing.assert_allclose(fit.score.statistic, r["score_test"], **CLOSE)
    np.testing.assert_allclose(fit.wald.statistic, r["wald_test"], **CLOSE)
    lr = fit.likelihood_ratio
    np.testing.assert_allclose([lr.statistic, lr.df, lr.p_value], r["lr_test"], **CLOSE)
    if "naive_se" in r:
        np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance_model)), r["naive_se"], **CLOSE)
    if "robust_score" in r:
        assert fit.robust_score is not None
        np.testing.assert_allclose(fit.robust_score.statistic, r["robust_score"], **CLOSE)


def test_weighted_exact_fit_of_single_cases_is_the_weighted_breslow_fit() -> None:
    r = REFERENCE["bdendo_weights_breslow"]["result"]
    fit = fit_clogit(**arguments("bdendo_weights_breslow") | {"ties": "exact"})
    np.testing.assert_allclose(fit.beta, r["coef"], **CLOSE)
    np.testing.assert_allclose(fit.covariance, r["var"], **CLOSE)
    ignored = REFERENCE["bdendo_weights_exact"]["result"]["coef"]
    assert np.abs(fit.beta - ignored).max() > 0.01


@shows("conditional logistic.trend=true", "Contrast=trend", "Contrast=test", by=Evidence.OUTSIDE)
def test_trend_and_departure_from_it() -> None:
    r = REFERENCE["bdendo_trend_LR_departure"]["result"]
    data = read("bdendo_trend_LR_departure")
    known = ~np.isnan(data["cestn"])
    dose, case, set_id = (data[name][known] for name in ("cestn", "d", "set"))
    linear = fit_clogit(dose, case, set_id)
    by_level = fit_clogit((dose[:, None] == np.unique(dose)[1:]).astype(float), case, set_id)
    departure = likelihood_ratio_test(linear, by_level)
    np.testing.assert_allclose([linear.loglik, by_level.loglik], r["loglik"], **CLOSE)
    np.testing.assert_allclose(departure.statistic, r["chisq"], **CLOSE)
    np.testing.assert_allclose(departure.p_value, r["p"], **CLOSE)
    assert departure.df == r["df"]
    slope = wald_test(linear, [0])
    np.testing.assert_allclose(slope.statistic, REFERENCE["bdendo_dose_trend"]["result"]["wald_test"], **CLOSE)


def test_score_residuals_and_dfbeta() -> None:
    r = REFERENCE["bdendo_residuals"]["result"]
    data = read("bdendo_residuals")
    x = np.column_stack([data[name] for name in THREE])
    fit = fit_clogit(x, data["d"], data["set"], ties="breslow")
    scores = fit.likelihood.cluster_scores(fit.beta, data["row"])
    np.testing.assert_allclose(scores, r["score"], **CLOSE)
    np.testing.assert_allclose(scores @ fit.covariance_model, r["dfbeta"], **CLOSE)


@shows(
    "conditional logistic.ties=exact",
    "conditional logistic.ties=efron",
    "conditional logistic.ties=breslow",
    "conditional logistic.robust=true",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize("ties", ["exact", "efron", "breslow"])
def test_several_cases_with_weights_offset_and_clusters(ties: str) -> None:
    """Sets of 4 to 7 with one to four cases; under Efron and Breslow persons appear in several sets as clusters.

    Data and results are those of clogit_several_cases.R. R cannot weight or cluster the exact likelihood.
    """
    stored = json.loads((HERE / "clogit_several_cases.json").read_text())
    r = stored[ties]
    given = {"offset": stored["off"]} | (
        {} if ties == "exact" else {"weights": stored["w"], "cluster": stored["person"]}
    )
    x = np.column_stack([stored["x1"], stored["x2"]])
    fit = fit_clogit(x, stored["case"], stored["set"], ties=ties, **given)
    np.testing.assert_allclose(fit.beta, r["coef"], **CLOSE)
    np.testing.assert_allclose(fit.covariance.ravel(), r["var"], **CLOSE)
    np.testing.assert_allclose(fit.covariance_model.ravel(), r["naive_var"], **CLOSE)
    np.testing.assert_allclose([fit.loglik_null, fit.loglik], r["loglik"], **CLOSE)
    np.testing.assert_allclose(fit.score.statistic, r["score"][0], **CLOSE)
    if r["robust_score"] is not None:
        without_offset = fit_clogit(x, stored["case"], stored["set"], ties=ties, **given | {"offset": None})
        assert without_offset.robust_score is not None
        np.testing.assert_allclose(without_offset.robust_score.statistic, r["robust_score"][0], **CLOSE)
