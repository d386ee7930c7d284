"""Survival methods against R on made data with heavy ties, delayed entry, weights, strata, clusters and two causes.

Data and results are those of survival_made.R (survival 3.5-3, cmprsk 2.2-11). Times are small integers, so that most
events are tied and many rows begin when others end.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskset.stats import (
    aalen_johansen,
    deviance_residuals,
    dfbeta_residuals,
    fit_cox,
    fit_fine_gray,
    gray_test,
    kaplan_meier,
    log_rank_test,
    martingale_residuals,
    poisson_limits,
    predict_survival,
    proportional_hazards_test,
    quantiles,
    schoenfeld_residuals,
    score_residuals,
)
from tests.shown import Evidence, shows

STORED: dict[str, Any] = json.loads(Path(__file__).with_name("survival_made.json").read_text())
DATA = {name: np.array(values) for name, values in STORED["data"].items()}
X = np.column_stack([DATA["x1"], DATA["x2"]])
FIRST = {"stop": DATA["stop"], "event": DATA["cause"] == 1}
CLOSE = {"rtol": 0, "atol": 1e-8}
TIES = ("efron", "breslow")


def numbers(values: Any) -> np.ndarray:
    return np.array(values, float)


@pytest.mark.parametrize("ties", TIES)
def test_cox_with_everything(ties: str) -> None:
    """Intervals, strata, weights, an offset and clusters of persons that lie in several strata."""
    r = STORED["cox"][ties]
    fit = fit_cox(
        X,
        **FIRST,
        start=DATA["start"],
        strata=DATA["layer"],
        weights=DATA["w"],
        offset=DATA["off"],
        cluster=DATA["person"],
        ties=ties,
    )
    np.testing.assert_allclose(fit.beta, r["coef"], **CLOSE)
    np.testing.assert_allclose(fit.covariance, r["var"], **CLOSE)
    np.testing.assert_allclose(fit.covariance_model, r["naive_var"], **CLOSE)
    coef, se, table = np.array(r["coef"]), np.sqrt(np.diagonal(r["var"])), fit.table()  # as summary.coxph has them
    np.testing.assert_allclose(table.std_error, se, **CLOSE)
    np.testing.assert_allclose(table.statistic, coef / se, **CLOSE)
    np.testing.assert_allclose(table.conf_low, coef - 1.959963984540054 * se, **CLOSE)
    np.testing.assert_allclose(fit.table(ratio=True).estimate, np.exp(coef), **CLOSE)
    np.testing.assert_allclose([fit.loglik_null, fit.loglik], r["loglik"], **CLOSE)
    np.testing.assert_allclose(fit.score.statistic, r["score"], **CLOSE)


@pytest.mark.parametrize("ties", TIES)
def test_residuals_with_weights_and_strata(ties: str) -> None:
    r = STORED["cox"][ties]
    fit = fit_cox(X, **FIRST, start=DATA["start"], strata=DATA["layer"], weights=DATA["w"], ties=ties)
    np.testing.assert_allclose(martingale_residuals(fit), r["martingale"], **CLOSE)
    np.testing.assert_allclose(deviance_residuals(fit), r["deviance"], **CLOSE)
    np.testing.assert_allclose(score_residuals(fit), r["score_residuals"], **CLOSE)
    np.testing.assert_allclose(dfbeta_residuals(fit), r["dfbeta"], **CLOSE)
    ours = schoenfeld_residuals(fit)
    theirs = np.column_stack([r["schoenfeld_time"], r["schoenfeld"]])
    mine = np.column_stack([ours.time, ours.residual])
    assert len(mine) == len(theirs)
    order = [np.lexsort(table.round(6).T) for table in (mine, theirs)]
    np.testing.assert_allclose(mine[order[0]], theirs[order[1]], **CLOSE)


@pytest.mark.parametrize("transform", ["km", "rank", "identity", "log"])
@pytest.mark.parametrize("ties", TIES)
def test_proportional_hazards_with_weights_and_strata(ties: str, transform: Any) -> None:
    fit = fit_cox(X, **FIRST, start=DATA["start"], strata=DATA["layer"], weights=DATA["w"], ties=ties)
    ours = proportional_hazards_test(fit, transform=transform)
    r = numbers(STORED["cox"][ties][f"zph_{transform}"])
    np.testing.assert_allclose([test.statistic for test in ours.terms.values()], r[:2, 0], **CLOSE)
    np.testing.assert_allclose([ours.overall.statistic, ours.overall.p_value], r[2, [0, 2]], **CLOSE)


@pytest.mark.parametrize("ties", TIES)
def test_predictions_of_strata(ties: str) -> None:
    """Person 1 in stratum b, person 2 in c, with delayed entry."""
    r = STORED["cox"][ties]["survival"]
    fit = fit_cox(X, **FIRST, start=DATA["start"], strata=DATA["layer"], ties=ties)
    bounds = np.cumsum([0, *r["strata"]])
    for person, stratum, number in (([0, 0.5], "b", 0), ([1, -1], "c", 1)):
        part = slice(bounds[number], bounds[number + 1])
        ours = predict_survival(fit, person, times=numbers(r["time"][part]), stratum=stratum, conf_type="log-log")
        np.testing.assert_allclose(ours.survival[:, 0], numbers(r["surv"][part]), **CLOSE)
        np.testing.assert_allclose(ours.cumulative_hazard[:, 0], numbers(r["cumhaz"][part]), **CLOSE)
        np.testing.assert_allclose(ours.std_cumulative_hazard[:, 0], numbers(r["std_err"][part]), **CLOSE)
        np.testing.assert_allclose(ours.conf_low[:, 0], numbers(r["lower"][part]), **CLOSE)
        np.testing.assert_allclose(ours.conf_high[:, 0], numbers(r["upper"][part]), **CLOSE)


@shows("Family=fine-gray", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("case", "cause", "entry", "ties"),
    [
        ("entry_one_efron", 1, True, "efron"),
        ("entry_two_efron", 2, True, "efron"),
        ("entry_one_breslow", 1, True, "breslow"),
        ("plain_two_efron", 2, False, "efron"),
    ],
)
def test_fine_gray_with_truncation_weights(case: str, cause: int, entry: bool, ties: str) -> None:
    r = STORED["fine_gray"][case]
    start = DATA["start"] if entry else None
    fit = fit_fine_gray(X, DATA["stop"], DATA["cause"], cause=cause, start=start, offset=DATA["off"], ties=ties)
    np.testing.assert_allclose(fit.beta, r["coef"], **CLOSE)
    np.testing.assert_allclose(fit.covariance_model, r["naive_var"], **CLOSE)
    np.testing.assert_allclose(fit.covariance, r["var"], **CLOSE)
    np.testing.assert_allclose([fit.loglik_null, fit.loglik], r["loglik"], **CLOSE)


@shows("Family=aalen-johansen", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("case", ["plain", "entry", "weights"])
def test_aalen_johansen(case: str) -> None:
    """Under delayed entry R's rows also hold the times at which nothing but entries happen; those are left out."""
    given = {"plain": {}, "entry": {"start": DATA["start"]}, "weights": {"weights": DATA["w"]}}[case]
    curve = aalen_johansen(DATA["stop"], DATA["cause"], conf_type="log", **given)
    r = STORED["aalen_johansen"][case]
    found = np.isin(numbers(r["time"]), curve.time)
    np.testing.assert_array_equal(numbers(r["time"])[found], curve.time)
    if case != "weights":  # there R's are persons
        np.testing.assert_allclose(curve.n_risk, numbers(r["n_risk"])[found, 0], **CLOSE)
    np.testing.assert_allclose(curve.estimate, numbers(r["pstate"])[found, 1:], **CLOSE)
    np.testing.assert_allclose(curve.std_error, numbers(r["std_err"])[found, 1:], **CLOSE)
    np.testing.assert_allclose(curve.conf_low, numbers(r["lower"])[found, 1:], **CLOSE)
    np.testing.assert_allclose(curve.conf_high, numbers(r["upper"])[found, 1:], **CLOSE)


@pytest.mark.parametrize("case", ["groups", "strata"])
def test_log_rank(case: str) -> None:
    strata = DATA["layer"] if case == "strata" else None
    ours = log_rank_test(DATA["stop"], DATA["cause"] > 0, DATA["group"], strata=strata)
    r = STORED["log_rank"][case]
    np.testing.assert_allclose(ours.test.statistic, r["chisq"], **CLOSE)
    if case == "groups":
        np.testing.assert_allclose(ours.observed, r["observed"], **CLOSE)
        np.testing.assert_allclose(ours.expected, r["expected"], **CLOSE)
    else:
        np.testing.assert_allclose(ours.expected, np.sum(r["expected"], axis=1), **CLOSE)


def test_log_rank_under_delayed_entry_is_the_score_test_with_exact_ties() -> None:
    event = DATA["cause"] > 0
    ours = log_rank_test(DATA["stop"], event, DATA["group"], start=DATA["start"], strata=DATA["layer"])
    np.testing.assert_allclose(ours.test.statistic, STORED["log_rank"]["entry_strata_score"], **CLOSE)
    factor = (DATA["group"][:, None] == [2, 3]).astype(float)
    fit = fit_cox(factor, DATA["stop"], event, start=DATA["start"], strata=DATA["layer"], ties="exact")
    np.testing.assert_allclose(ours.test.statistic, fit.score.statistic, **CLOSE)


@pytest.mark.parametrize("case", ["groups", "strata"])
def test_gray(case: str) -> None:
    strata = DATA["layer"] if case == "strata" else None
    ours = [gray_test(DATA["stop"], DATA["cause"], DATA["group"], cause=k, strata=strata).statistic for k in (1, 2)]
    np.testing.assert_allclose(ours, STORED["gray"][case], **CLOSE)


@pytest.mark.parametrize("number", range(3))
def test_quantiles_where_the_curve_stays_on_the_share(number: int) -> None:
    r = STORED["quantiles"][number]
    ours = quantiles(kaplan_meier(r["time"], r["event"]), [0.1, 0.25, 0.5, 0.75])
    for name, values in (("quantile", ours.time), ("lower", ours.conf_low), ("upper", ours.conf_high)):
        np.testing.assert_allclose(values, numbers(r[name]), **CLOSE)


def test_exact_poisson_limits() -> None:
    low, high = poisson_limits(STORED["rates"]["events"])
    np.testing.assert_allclose(np.column_stack([low, high]), STORED["rates"]["limits"], **CLOSE)
