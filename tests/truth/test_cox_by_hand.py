"""Cox models of six persons solved on paper, one for each pattern of ties; each docstring is the derivation.

The two data sets follow the validation of R's survival (Therneau & Grambsch, *Modeling Survival Data*, 2000, appendix
E); likelihood, score and information are worked out here again. r is the hazard ratio e^β.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy import exp, log, sqrt

from riskset.stats import (
    aalen_johansen,
    fit_cox,
    fit_fine_gray,
    kaplan_meier,
    log_rank_test,
    martingale_residuals,
    predict_survival,
    rates,
    restricted_mean,
    restricted_mean_difference,
    schoenfeld_residuals,
    score_residuals,
)
from tests.shown import Evidence, shows

CLOSE = {"abs": 1e-9}
STOP = np.array([1, 1, 6, 6, 8, 9.0])
EVENT = np.array([1, 0, 1, 1, 0, 1])
X = np.array([1, 1, 1, 0, 0, 0.0])


def test_breslow() -> None:
    """Time 1: all six at risk, u = 3r + 3, the event has x = 1. Time 6: four at risk, r + 3, events with x = 1 and 0.
    Time 9: one at risk, which adds 0.

    l = 2β − log(3r + 3) − 2 log(r + 3)
    U = 2 − r/(r + 1) − 2r/(r + 3) = (6 + 3r − r²) / ((r + 1)(r + 3)), zero at r = (3 + √33)/2
    I = r/(r + 1)² + 6r/(r + 3)²; at 0: l = −log 6 − 2 log 4, U = 1, I = ¼ + 3/8 = 5/8, score test 8/5.
    """
    fit = fit_cox(X, STOP, EVENT, ties="breslow")
    r = (3 + sqrt(33)) / 2
    assert fit.beta[0] == pytest.approx(log(r), **CLOSE)
    assert fit.loglik == pytest.approx(2 * log(r) - log(3 * r + 3) - 2 * log(r + 3), **CLOSE)
    assert fit.loglik_null == pytest.approx(-log(6) - 2 * log(4), **CLOSE)
    assert fit.covariance[0, 0] == pytest.approx(1 / (r / (r + 1) ** 2 + 6 * r / (r + 3) ** 2), **CLOSE)
    assert fit.score.statistic == pytest.approx(8 / 5, **CLOSE)
    assert (fit.n_events, fit.n_event_times, fit.n_rows) == (4, 3, 6)


def test_breslow_residuals_and_baseline() -> None:
    """Increments 1/(3r + 3), 2/(r + 3), 1. Expected: r or 1 times those met; e.g. the third row, x = 1 until 6, has
    1 − r (1/(3r + 3) + 2/(r + 3)). Schoenfeld: x less the mean r/(r + 1), r/(r + 3), 0."""
    fit = fit_cox(X, STOP, EVENT, ties="breslow")
    r = (3 + sqrt(33)) / 2
    a, b = 1 / (3 * r + 3), 2 / (r + 3)
    expected = [r * a, r * a, r * (a + b), a + b, a + b, a + b + 1]
    assert martingale_residuals(fit) == pytest.approx(EVENT - expected, **CLOSE)
    means = [r / (r + 1), r / (r + 3), r / (r + 3), 0]
    assert schoenfeld_residuals(fit).residual[:, 0] == pytest.approx(np.array([1, 1, 0, 0]) - means, **CLOSE)
    at_zero = predict_survival(fit, [0.0])
    assert at_zero.cumulative_hazard[:, 0] == pytest.approx([a, a + b, a + b + 1], **CLOSE)
    assert at_zero.time == pytest.approx([1, 6, 9])
    assert at_zero.survival[1, 0] == pytest.approx(exp(-a - b), **CLOSE)


@shows("Family=cox", "Scale=log_hr", by=Evidence.OUTSIDE)
def test_efron() -> None:
    """Only time 6 changes: its events leave together, so its second denominator is r + 3 less half of r + 1,
    (r + 5)/2.

    l = 2β − log(3r + 3) − log(r + 3) − log((r + 5)/2)
    U = 2 − r/(r + 1) − r/(r + 3) − r/(r + 5), zero at r³ − 23r − 30 = 0, r = 5.2566…
    I = r/(r + 1)² + 3r/(r + 3)² + 5r/(r + 5)²; at 0: U = 2 − ½ − ¼ − 1/6 = 13/12, I = ¼ + 3/16 + 5/36 = 83/144.
    """
    fit = fit_cox(X, STOP, EVENT)
    r = float(np.real(max(np.roots([1, 0, -23, -30]), key=np.real)))
    assert fit.beta[0] == pytest.approx(log(r), **CLOSE)
    assert fit.loglik == pytest.approx(2 * log(r) - log(3 * r + 3) - log(r + 3) - log((r + 5) / 2), **CLOSE)
    assert fit.loglik_null == pytest.approx(-log(6) - log(4) - log(3), **CLOSE)
    information = r / (r + 1) ** 2 + 3 * r / (r + 3) ** 2 + 5 * r / (r + 5) ** 2
    assert fit.covariance[0, 0] == pytest.approx(1 / information, **CLOSE)
    assert fit.score.statistic == pytest.approx((13 / 12) ** 2 / (83 / 144), **CLOSE)


def test_efron_residuals() -> None:
    """Steps of the hazard: 1/(3r + 3); at 6, 1/(r + 3) and 2/(r + 5), of whose second the two events meet half."""
    fit = fit_cox(X, STOP, EVENT)
    r = exp(fit.beta[0])
    a, b, c = 1 / (3 * r + 3), 1 / (r + 3), 2 / (r + 5)
    expected = [r * a, r * a, r * (a + b + c / 2), a + b + c / 2, a + b + c, a + b + c + 1]
    assert martingale_residuals(fit) == pytest.approx(EVENT - expected, **CLOSE)
    assert score_residuals(fit).sum() == pytest.approx(0, **CLOSE)
    mean = (r / (r + 3) + r / (r + 5)) / 2
    assert schoenfeld_residuals(fit).residual[1:3, 0] == pytest.approx([1 - mean, -mean], **CLOSE)


def test_exact() -> None:
    """At time 6 two of four had the event: of the six pairs three hold the exposed one, three do not: 3r + 3.

    l = 2β − log(3r + 3) − log(3r + 3); U = 2 − 2r/(r + 1) has no zero: the case of separation. With one more person,
    censored at 8 with x = 1, time 1 has 4r + 3, and at 6 of 2 exposed and 3 others ten pairs: r² + 6r + 3.

    l = 2β − log(4r + 3) − log(r² + 6r + 3)
    U = 2 − 4r/(4r + 3) − (2r² + 6r)/(r² + 6r + 3); at 0, U = 2 − 4/7 − 8/10, and I = 12/49 + the variance of the
    number of exposed among two of five, 2·(2/5)(3/5)(3/4) = 9/25.
    """
    fit = fit_cox(np.append(X, 1), np.append(STOP, 8), np.append(EVENT, 0), ties="exact")
    r = exp(fit.beta[0])
    score = 2 - 4 * r / (4 * r + 3) - (2 * r**2 + 6 * r) / (r**2 + 6 * r + 3)
    assert score == pytest.approx(0, **CLOSE)
    assert fit.loglik == pytest.approx(2 * log(r) - log(4 * r + 3) - log(r**2 + 6 * r + 3), **CLOSE)
    assert fit.loglik_null == pytest.approx(-log(7) - log(10), **CLOSE)
    assert fit.score.statistic == pytest.approx((2 - 4 / 7 - 8 / 10) ** 2 / (12 / 49 + 9 / 25), **CLOSE)


def test_weights_are_copies_under_breslow() -> None:
    """The weight w multiplies a person's term and part of the sum, as w alike persons would."""
    copies = np.array([1, 2, 1, 3, 2, 1])
    weighted = fit_cox(X, STOP, EVENT, weights=copies, ties="breslow")
    repeated = fit_cox(*(np.repeat(column, copies) for column in (X, STOP, EVENT)), ties="breslow")
    assert weighted.beta == pytest.approx(repeated.beta, **CLOSE)
    assert weighted.loglik == pytest.approx(repeated.loglik, **CLOSE)
    assert weighted.covariance_model == pytest.approx(repeated.covariance_model, **CLOSE)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_intervals(ties: str) -> None:
    """(start, stop]: who enters at 2 is not at risk at 2, who leaves at 2 is.

    Rows (x: start, stop, event): 1: (0, 2, 1); 0: (0, 3, 1); 1: (2, 4, 1); 0: (3, 5, 0); 0: (2, 6, 0); 1: (1, 6, 1).
    At 2: rows 1, 2, 6, u = 2r + 1. At 3: 2, 3, 5, 6: 2r + 2. At 4: 3, 4, 5, 6: 2r + 2. At 6: 5, 6: r + 1.

    l = 3β − log(2r + 1) − 2 log(2r + 2) − log(r + 1)
    U = 3 − 2r/(2r + 1) − 3r/(r + 1) = (3 + 4r − 2r²) / ((2r + 1)(r + 1)), zero at r = 1 + √(5/2)
    I = 2r/(2r + 1)² + 3r/(r + 1)².
    """
    start, stop = [0, 0, 2, 3, 2, 1], [2, 3, 4, 5, 6, 6]
    fit = fit_cox([1, 0, 1, 0, 0, 1], stop, [1, 1, 1, 0, 0, 1], start=start, ties=ties)
    r = 1 + sqrt(5 / 2)
    assert fit.beta[0] == pytest.approx(log(r), **CLOSE)
    assert fit.loglik_null == pytest.approx(-log(3) - 2 * log(4) - log(2), **CLOSE)
    assert fit.loglik == pytest.approx(3 * log(r) - log(2 * r + 1) - 2 * log(2 * r + 2) - log(r + 1), **CLOSE)
    assert fit.covariance[0, 0] == pytest.approx(1 / (2 * r / (2 * r + 1) ** 2 + 3 * r / (r + 1) ** 2), **CLOSE)


@shows("Family=kaplan-meier", "CurveKind=survival", by=Evidence.OUTSIDE)
def test_kaplan_meier_and_its_greenwood_variance() -> None:
    """At 1: 5/6. At 6, two of four: 5/12. At 9 the last: 0. Greenwood at 6: S² (1/(6·5) + 2/(4·2)) = S² · 17/60.

    Restricted to 8: 1 + 5 · 5/6 + 2 · 5/12 = 6, the area after 1 is 5, after 6 it is 5/6: variance
    25/30 + (25/36)/4 = 145/144. Of a death at 4 among two: 4 + 4 · ½ = 6 too, and variance 2²/(2 · 1) = 2.
    """
    curve = kaplan_meier(STOP, EVENT, conf_type="plain")
    assert curve.time == pytest.approx([1, 6, 8, 9])
    assert curve.n_risk == pytest.approx([6, 4, 2, 1])
    assert curve.estimate == pytest.approx([5 / 6, 5 / 12, 5 / 12, 0], **CLOSE)
    assert curve.std_error[1] == pytest.approx(5 / 12 * sqrt(17 / 60), **CLOSE)
    assert np.isnan(curve.std_error[3])
    mean = restricted_mean(curve, 8)
    assert mean.estimate == pytest.approx(6, **CLOSE)
    assert mean.std_error == pytest.approx(sqrt(145 / 144), **CLOSE)
    other = restricted_mean(kaplan_meier([4, 9], [1, 0]), 8)
    difference = restricted_mean_difference(mean, other)
    assert difference.estimate == pytest.approx(6 - (4 + 4 / 2), abs=1e-9)
    assert difference.std_error == pytest.approx(sqrt(145 / 144 + 2**2 / 2), **CLOSE)
    table = curve.at([0.5, 1, 7, 9])
    assert table.n_risk == pytest.approx([6, 6, 2, 1])
    assert table.n_event == pytest.approx([0, 1, 3, 4])
    assert table.estimate == pytest.approx([1, 5 / 6, 5 / 12, 0], **CLOSE)


@shows("Family=aalen-johansen", "CurveKind=incidence", by=Evidence.OUTSIDE)
def test_cumulative_incidence() -> None:
    """Causes 1, 0, 2, 1, 0, 1: F₁ = 1/6 at 1, plus 5/6 · 1/4 at 6, plus 5/12 at 9; F₂ = 5/24 from 6 on.

    var F₂(6) from q = 1/4 of S(1) = 5/6: (5/6)² q(1 − q)/4 + q² · (5/6)(1/6)/6, since S(1) has variance (5/6)(1/6)/6.
    """
    curve = aalen_johansen(STOP, [1, 0, 2, 1, 0, 1])
    assert curve.estimate[:, 0] == pytest.approx(np.array([4, 9, 9, 19]) / 24, **CLOSE)
    assert curve.estimate[:, 1] == pytest.approx(np.array([0, 5, 5, 5]) / 24, **CLOSE)
    variance = (5 / 6) ** 2 * (3 / 16) / 4 + (1 / 16) * (5 / 36) / 6
    assert curve.std_error[1, 1] == pytest.approx(sqrt(variance), **CLOSE)


def test_log_rank_of_two_groups() -> None:
    """Observed in group x = 1: 2; expected 3/6 + 2 · 1/4 = 1. Variance ¼ + 2 · ¼ · ¾ · 2/3 = ½."""
    test = log_rank_test(STOP, EVENT, X)
    assert test.observed == pytest.approx([2, 2])
    assert test.expected == pytest.approx([3, 1], **CLOSE)
    assert test.test.statistic == pytest.approx(1 / (1 / 2), **CLOSE)


@shows("Family=fine-gray", "Scale=log_shr", by=Evidence.OUTSIDE)
def test_fine_gray_without_censoring_keeps_competing_events_for_ever() -> None:
    """Nobody is censored, so all weights are 1: the Cox model in which a competing event is censored at the end."""
    event = np.array([1, 2, 1, 2, 1, 1])
    stop = np.array([1, 2, 3, 4, 5, 6.0])
    x = np.array([1, 0, 0, 1, 1, 0.0])
    fit = fit_fine_gray(x, stop, event)
    kept = fit_cox(x, np.where(event == 2, 7, stop), event == 1)
    assert fit.beta == pytest.approx(kept.beta, **CLOSE)
    assert fit.covariance_model == pytest.approx(kept.covariance_model, **CLOSE)
    assert fit.estimand == "subdistribution hazard ratio"


@shows("Family=rate", "Scale=rate", by=Evidence.OUTSIDE)
def test_rates() -> None:
    """3 events in 2 · 365.25 days are 1.5 a person-year; the limits of 3 are 0.618672 and 8.767273 (Garwood 1936)."""
    found = rates([400, 330.5, 50], [1, 1, 1], start=[0, 0, 50 - 1e-9], group=["a"] * 3, per=365.25)
    assert found.person_time[0] == pytest.approx(2, abs=1e-6)
    assert found.rate[0] == pytest.approx(1.5, abs=1e-6)
    assert [found.conf_low[0] * 2, found.conf_high[0] * 2] == pytest.approx([0.618672, 8.767273], abs=1e-5)
