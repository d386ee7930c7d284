"""Conditional logistic regression on data small enough to solve on paper; each docstring is the derivation."""

from __future__ import annotations

import numpy as np
import pytest
from numpy import log
from scipy.stats import chi2

from riskset.errors import FitError
from riskset.stats import fit_clogit
from tests.shown import Evidence, shows

Sets = list[tuple[int, list[float], list[float]]]


def expand(sets: Sets) -> dict[str, np.ndarray]:
    """Rows of ``sets``: (how many alike, exposure of the cases, exposure of the controls)."""
    x, case, set_id = [], [], []
    for count, cases, controls in sets:
        for _ in range(count):
            number = set_id[-1] + 1 if set_id else 0
            x += [*cases, *controls]
            case += [1] * len(cases) + [0] * len(controls)
            set_id += [number] * (len(cases) + len(controls))
    return {"x": np.array(x, float), "case": np.array(case), "set_id": np.array(set_id)}


def pairs(b: int, c: int, concordant: int = 0) -> dict[str, np.ndarray]:
    """``b`` pairs with only the case exposed, ``c`` with only the control."""
    return expand([(b, [1], [0]), (c, [0], [1]), (concordant, [1], [1])])


@shows("Family=conditional logistic", "Scale=log_or", by=Evidence.OUTSIDE)
def test_pairs_are_mcnemar() -> None:
    """A discordant pair has probability r/(1+r) if its case is exposed and 1/(1+r) if not, r the odds ratio.

    So l = b log r − (b+c) log(1+r), greatest at r = b/c; the information (b+c) r/(1+r)² = bc/(b+c) inverts to
    1/b + 1/c. The score at r = 1 is b − (b+c)/2 and its variance (b+c)/4: their ratio is McNemar's (b−c)²/(b+c).
    A concordant pair gives log ½ whatever r.
    """
    b, c, same = 21, 8, 5
    fit = fit_clogit(**pairs(b, c, same))
    assert fit.beta[0] == pytest.approx(log(b / c), abs=1e-9)
    assert fit.covariance[0, 0] == pytest.approx(1 / b + 1 / c, abs=1e-9)
    assert fit.loglik == pytest.approx(b * log(b / (b + c)) + c * log(c / (b + c)) - same * log(2), abs=1e-10)
    assert fit.loglik_null == pytest.approx(-(b + c + same) * log(2), abs=1e-10)
    assert fit.score.statistic == pytest.approx((b - c) ** 2 / (b + c), abs=1e-10)
    assert (fit.n_sets, fit.n_informative, list(fit.n_discordant)) == (b + c + same, b + c, [b + c])


@shows("conditional logistic.interval=profile", by=Evidence.OUTSIDE)
def test_profile_limits_of_pairs() -> None:
    """At a limit p = r/(1+r) of the profile interval, 2[l(p̂) − l(p)] is the χ² quantile; l is binomial."""
    b, c = 21, 8

    def loglik(beta: float) -> float:
        return b * beta - (b + c) * log(1 + np.exp(beta))

    fit = fit_clogit(**pairs(b, c))
    low, high = fit.interval(0.9, method="profile")[0]
    assert low < fit.beta[0] < high
    for limit in (low, high):
        assert 2 * (loglik(log(b / c)) - loglik(limit)) == pytest.approx(chi2.ppf(0.9, 1), abs=1e-7)


def test_one_case_and_two_controls() -> None:
    """Sets with one exposed member: the case is it with probability r/(r+2); with two: r/(2r+1) each.

    At r = 2 the expected exposed cases are ½ a set of the first kind and 4/5 of the second. Ten sets of each kind with
    5 and 8 exposed cases satisfy the score equation there; the information is 10·¼ + 10·(4/25) = 4.1.
    """
    fit = fit_clogit(**expand([(5, [1], [0, 0]), (5, [0], [1, 0]), (8, [1], [1, 0]), (2, [0], [1, 1])]))
    assert fit.beta[0] == pytest.approx(log(2), abs=1e-9)
    assert fit.covariance[0, 0] == pytest.approx(1 / 4.1, abs=1e-9)
    by_hand = 5 * log(2 / 4) + 5 * log(1 / 4) + 8 * log(2 / 5) + 2 * log(1 / 5)
    assert fit.loglik == pytest.approx(by_hand, abs=1e-10)
    assert fit.loglik_null == pytest.approx(-20 * log(3), abs=1e-10)


@shows("conditional logistic.ties=exact", by=Evidence.OUTSIDE)
def test_two_cases_and_two_controls_exact() -> None:
    """Two of four exposed: the six choices of two cases have weights 1 (none exposed), r four times, and r².

    At r = 2 they sum to 1 + 8 + 4 = 13, so 13 sets with 1, 8 and 4 of the three kinds are exactly what is expected. The
    number of exposed cases has mean 16/13 and variance 24/13 − (16/13)² = 56/169: information 13·56/169 = 56/13.
    """
    fit = fit_clogit(**expand([(1, [0, 0], [1, 1]), (8, [1, 0], [1, 0]), (4, [1, 1], [0, 0])]))
    assert fit.beta[0] == pytest.approx(log(2), abs=1e-9)
    assert fit.covariance[0, 0] == pytest.approx(13 / 56, abs=1e-9)
    assert fit.loglik == pytest.approx(log(1 / 13) + 8 * log(2 / 13) + 4 * log(4 / 13), abs=1e-10)
    assert fit.loglik_null == pytest.approx(-13 * log(6), abs=1e-10)


SIX_OBSERVATIONS = expand([(1, [1], [1, 1, 0, 0, 0]), (1, [1, 0], [0, 0]), (1, [0], [])])
"""The risk sets of the six observations in the validation vignette of R's survival: times 1, 1+, 6, 6, 8+, 9."""


@shows("conditional logistic.ties=breslow", by=Evidence.OUTSIDE)
def test_breslow_on_six_observations() -> None:
    """l = 2β − log(3r+3) − 2 log(r+3), so 2 = r/(r+1) + 2r/(r+3), that is r² − 3r − 6 = 0 and r = (3+√33)/2.

    Information: r/(r+1)² + 6r/(r+3)².
    """
    fit = fit_clogit(**SIX_OBSERVATIONS, ties="breslow")
    r = (3 + np.sqrt(33)) / 2
    assert fit.beta[0] == pytest.approx(log(r), abs=1e-9)
    assert fit.loglik == pytest.approx(2 * log(r) - log(3 * r + 3) - 2 * log(r + 3), abs=1e-9)
    assert 1 / fit.covariance[0, 0] == pytest.approx(r / (r + 1) ** 2 + 6 * r / (r + 3) ** 2, abs=1e-10)
    assert fit.loglik_null == pytest.approx(-log(6) - 2 * log(4), abs=1e-9)


@shows("conditional logistic.ties=efron", by=Evidence.OUTSIDE)
def test_efron_on_six_observations() -> None:
    """The second denominator of the tied pair loses half of it: l = 2β − log(3r+3) − log(r+3) − log((r+5)/2).

    So 2 = r/(r+1) + r/(r+3) + r/(r+5), that is r³ − 23r − 30 = 0, whose positive root is 5.3487…
    Information: r/(r+1)² + 3r/(r+3)² + 5r/(r+5)².
    """
    fit = fit_clogit(**SIX_OBSERVATIONS, ties="efron")
    r = max(np.roots([1, 0, -23, -30]).real)
    assert fit.beta[0] == pytest.approx(log(r), abs=1e-9)
    assert fit.loglik == pytest.approx(2 * log(r) - log(3 * r + 3) - log(r + 3) - log((r + 5) / 2), abs=1e-9)
    information = r / (r + 1) ** 2 + 3 * r / (r + 3) ** 2 + 5 * r / (r + 5) ** 2
    assert 1 / fit.covariance[0, 0] == pytest.approx(information, abs=1e-10)
    assert fit.loglik_null == pytest.approx(-log(6) - log(4) - log(3), abs=1e-9)


def test_six_observations_have_no_exact_estimate() -> None:
    """Exactly, both sets have probability r/(3r+3), which rises for ever: the exposed members are always cases."""
    with pytest.raises(FitError, match=r"x\[0\]: separation"):
        fit_clogit(**SIX_OBSERVATIONS)


@shows("conditional logistic.firth_below", "Estimator=firth", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(("b", "c"), [(7, 2), (4, 0)])
def test_firth_on_pairs(b: int, c: int) -> None:
    """With information n p(1−p), Jeffreys' prior adds ½ log p + ½ log(1−p): half a pair on each side.

    So r = (b+½)/(c+½), finite where c = 0; and l* = (b+½) log p + (c+½) log(1−p) + ½ log n.
    """
    n = b + c

    def penalised(beta: float) -> float:
        p = 1 / (1 + np.exp(-beta))
        return (b + 0.5) * log(p) + (c + 0.5) * log(1 - p) + 0.5 * log(n)

    fit = fit_clogit(**pairs(b, c), penalty="firth")
    estimate = log((b + 0.5) / (c + 0.5))
    p = (b + 0.5) / (n + 1)
    assert fit.beta[0] == pytest.approx(estimate, abs=1e-9)
    assert fit.covariance[0, 0] == pytest.approx(1 / (n * p * (1 - p)), abs=1e-8)
    assert fit.loglik == pytest.approx(penalised(estimate), abs=1e-10)
    assert fit.loglik_null == pytest.approx(penalised(0.0), abs=1e-10)
    low, high = fit.interval(method="profile")[0]
    assert low < estimate < high
    for limit in (low, high):
        assert 2 * (penalised(estimate) - penalised(limit)) == pytest.approx(chi2.ppf(0.95, 1), abs=1e-7)


@shows("conditional logistic.robust=true", by=Evidence.OUTSIDE)
def test_sandwich_of_pairs() -> None:
    """The score of a pair is 1−p if its case is exposed and −p if not, p = b/n; its square sums to bc/n.

    That equals the information, so over pairs the sandwich is the model-based variance 1/b + 1/c. Clusters of k equal
    pairs multiply it by k.
    """
    data = pairs(12, 6)
    fit = fit_clogit(**data, cluster=[f"pair {s}" for s in data["set_id"]])
    assert fit.covariance[0, 0] == pytest.approx(1 / 12 + 1 / 6, abs=1e-10)
    tripled = fit_clogit(**data, cluster=data["set_id"] // 3)
    assert tripled.covariance[0, 0] == pytest.approx(3 * (1 / 12 + 1 / 6), abs=1e-10)
    assert tripled.covariance_model[0, 0] == pytest.approx(1 / 12 + 1 / 6, abs=1e-10)


def test_set_weights_count_sets() -> None:
    """A set with weight k throughout adds k times its log-likelihood less k log k, as k equal sets do but for that."""
    once = expand([(1, [1], [0, 0]), (1, [0], [1, 0]), (1, [1], [1, 0]), (1, [0], [1, 1])])
    weights = np.repeat([5.0, 5.0, 8.0, 2.0], 3)
    fit = fit_clogit(**once, weights=weights)
    assert fit.beta[0] == pytest.approx(log(2), abs=1e-9)
    assert fit.covariance[0, 0] == pytest.approx(1 / 4.1, abs=1e-9)
    repeated = 5 * log(2 / 4) + 5 * log(1 / 4) + 8 * log(2 / 5) + 2 * log(1 / 5)
    assert fit.loglik == pytest.approx(repeated - (2 * 5 * log(5) + 8 * log(8) + 2 * log(2)), abs=1e-10)
