"""``fit_mixed`` against lme4 and nlme, whose results are stored beside this file with the code that made them.

Log-likelihoods agree to 1e-8 where the peer is lmer. Its optimiser stops about 1e-7 of a variance from the maximum
(nlme's in the unbalanced ``aids`` 1e-5 and more), so estimates and variances are held to 2e-6 of their size, and
estimates to 1e-8 where the peer is at the maximum itself: balanced data under nlme. Ours is never below theirs.
"""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskset.stats import MixedFit, fit_mixed
from tests.outside import outside
from tests.shown import Evidence, shows

HERE = Path(__file__).parent
R: dict[str, Any] = json.loads((HERE / "lme.json").read_text())
SYNTH: dict[str, Any] = json.loads((HERE / "mixed_synth.json").read_text())
LMER = [case for case in R if "_lmer_" in case]
NLME = [case for case in R if "_lme_" in case]
LOGLIK = {"rtol": 0, "atol": 1e-8}
CLOSE = {"rtol": 2e-6, "atol": 1e-8}
STOPPED_EARLY = {
    "rtol": 3e-2,
    "atol": 1e-3,
}  # nlme on aids: its variances are 1e-5 to 2e-2 relative away, its maximum lower


def fit_case(case: str) -> tuple[MixedFit, list[str]]:
    """Our fit of a stored case, and the group's label of each of its groups."""
    rows = list(csv.DictReader(outside(Path(R[case]["data"]).name).read_text().splitlines()))
    if case.startswith("aids"):
        y, time, group = "CD4", "obstime", "patient"
    else:
        y, time, group = "Reaction", "Days", "Subject"
    t = np.array([float(row[time]) for row in rows])
    columns = [np.ones_like(t), t]
    if case.startswith("aids"):
        columns.append(t * np.array([row["drug"] == "ddI" for row in rows]))
    x = np.column_stack(columns)
    labels = [row[group] for row in rows]
    fit = fit_mixed(
        [float(row[y]) for row in rows],
        x,
        x[:, :1] if "_int_" in case else x[:, :2],
        labels,
        method="ml" if case.endswith("_ML") else "reml",
        structure="diagonal" if "uncorrelated" in case else "unstructured",
    )
    return fit, sorted(set(labels))


def test_every_reference_case_is_used() -> None:
    assert set(R) == {*LMER, *NLME, "sleepstudy_satterthwaite"}


@shows("Family=mixed", "Estimator=reml", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("case", LMER)
def test_equals_lmer(case: str) -> None:
    fit, groups = fit_case(case)
    r = R[case]["result"]
    assert fit.converged
    assert not fit.singular
    np.testing.assert_allclose(fit.loglik, r["loglik"], **LOGLIK)
    np.testing.assert_allclose(fit.beta, r["fixef"], **CLOSE)
    np.testing.assert_allclose(fit.covariance, r["vcov"], **CLOSE)
    np.testing.assert_allclose(fit.sigma, r["sigma"], **CLOSE)
    entries = {(row["var1"], row["var2"]): row["vcov"] for row in r["varcorr"] if row["grp"] != "Residual"}
    names = list(dict.fromkeys(first for first, _ in entries))
    for (first, second), value in entries.items():
        found = fit.random_covariance[names.index(first), names.index(second or first)]
        np.testing.assert_allclose(found, value, rtol=5e-6)
    place = [groups.index(str(label)) for label in r["ranef"]["ids"]]
    theirs = np.array(r["ranef"]["values"]).reshape(len(place), -1)
    np.testing.assert_allclose(fit.random_effects[place], theirs, atol=5e-6)


@shows("Family=mixed", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("case", NLME)
def test_equals_nlme(case: str) -> None:
    fit, _ = fit_case(case)
    r = R[case]["result"]
    at_maximum = "sleepstudy" in case or "_int_" in case
    assert fit.loglik > r["loglik"] - 1e-10 * abs(r["loglik"])
    np.testing.assert_allclose(fit.beta, r["fixef"], atol=1e-8 if at_maximum else 2e-6)
    np.testing.assert_allclose(fit.sigma, r["sigma"], rtol=1e-8 if at_maximum else 2e-5)
    np.testing.assert_allclose(fit.random_covariance, r["D"], **(CLOSE if at_maximum else STOPPED_EARLY))


def test_degrees_of_freedom_equal_lmertest() -> None:
    fit, _ = fit_case("sleepstudy_satterthwaite")
    table = np.array(R["sleepstudy_satterthwaite"]["result"]["coef"]["values"])
    np.testing.assert_allclose(fit.df, table[:, 2], rtol=1e-6)
    np.testing.assert_allclose(fit.std_error, table[:, 1], rtol=1e-6)


def test_table_equals_lmertest() -> None:
    """Estimate, standard error, t and Pr(>|t|), as its summary prints them."""
    fit, _ = fit_case("sleepstudy_satterthwaite")
    ours = fit.table(["(Intercept)", "Days"], satterthwaite=True)
    theirs = np.array(R["sleepstudy_satterthwaite"]["result"]["coef"]["values"])
    for column, stored in zip(
        ("estimate", "std_error", "statistic", "p_value"), theirs[:, [0, 1, 3, 4]].T, strict=True
    ):
        np.testing.assert_allclose(getattr(ours, column), stored, rtol=1e-5)


def read_synth() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Visits and patients of the generated data."""
    tables = []
    for name in ("visits", "patients"):
        text = gzip.decompress((HERE / f"synth_als_{name}.csv.gz").read_bytes()).decode()
        rows = list(csv.DictReader(text.splitlines()))
        tables.append({column: np.array([float(row[column]) for row in rows]) for column in rows[0]})
    return tables[0], tables[1]


@shows("Family=mixed", "prognosis.decline=linear", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("case", SYNTH)
def test_equals_lmer_on_generated_scores(case: str) -> None:
    visits, patients = read_synth()
    who, t = visits["patient"].astype(int), visits["time"]
    one = np.ones_like(t)
    name, method = case.rsplit("_", 1)
    x = {
        "slope": [one, t, t * patients["antidepressants"][who]],
        "intercept": [one, t, patients["anxiolytics"][who]],
        "uncorrelated": [one, t],
        "quadratic": [one, t, t**2],
    }[name]
    z = {"intercept": [one], "quadratic": [one, t, t**2]}.get(name, [one, t])
    fit = fit_mixed(
        visits["latent" if name in ("uncorrelated", "quadratic") else "delivered"],
        np.column_stack(x),
        np.column_stack(z),
        who,
        method=method.lower(),
        structure="diagonal" if name == "uncorrelated" else "unstructured",
    )
    r = SYNTH[case]
    assert fit.converged
    assert fit.singular == (name == "quadratic")
    assert fit.loglik > r["loglik"] - 1e-8 * abs(r["loglik"])
    if fit.singular:
        assert fit.loglik == pytest.approx(r["loglik"], abs=1e-4)
        return
    np.testing.assert_allclose(fit.loglik, r["loglik"], **LOGLIK)
    np.testing.assert_allclose(fit.beta, r["beta"], **CLOSE)
    np.testing.assert_allclose(fit.covariance, r["vcov"], rtol=1e-5)
    np.testing.assert_allclose(fit.df, r["df"], rtol=1e-3)
    np.testing.assert_allclose(fit.random_effects, r["ranef"], atol=1e-5)


@pytest.mark.parametrize("case", [case for case in SYNTH if case.startswith("slope")])
def test_equals_lmer_whatever_the_zero_of_time(case: str) -> None:
    """Time from another origin, as an age or a calendar time has it: the same fit, and the same lines of patients."""
    visits, patients = read_synth()
    who, t = visits["patient"].astype(int), visits["time"]
    treated, moved = patients["antidepressants"][who], 1e5
    shifted = np.column_stack([np.ones_like(t), t + moved])
    x = np.column_stack([shifted, t * treated])
    fit = fit_mixed(visits["delivered"], x, shifted, who, method=case.rsplit("_", 1)[1].lower())
    r = SYNTH[case]
    assert (fit.converged, fit.singular) == (True, False)
    np.testing.assert_allclose(fit.loglik, r["loglik"], rtol=1e-11)
    np.testing.assert_allclose(fit.beta[1:], r["beta"][1:], rtol=1e-5)
    np.testing.assert_allclose(fit.std_error[1:], np.sqrt(np.diagonal(r["vcov"]))[1:], rtol=1e-5)
    np.testing.assert_allclose(fit.random_effects[:, 1], np.array(r["ranef"])[:, 1], atol=1e-5)
    np.testing.assert_allclose(fit.random_effects @ [1, moved], np.array(r["ranef"])[:, 0], atol=1e-4)
