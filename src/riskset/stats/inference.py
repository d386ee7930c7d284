"""Tests and intervals from a fitted conditional likelihood."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from riskset.errors import FitError
from riskset.stats.newton import Floats, Maximum, maximise, one_thread, solve_information

if TYPE_CHECKING:
    from riskset.stats.clogit import ClogitFit
    from riskset.stats.cox import CoxFit
    from riskset.stats.likelihood import ConditionalLikelihood


@dataclass(frozen=True)
class Test:
    """A χ² test: ``statistic``, degrees of freedom ``df`` and ``p_value``."""

    __test__ = False  # not a test case, whatever its name

    statistic: float
    df: int
    p_value: float

    @classmethod
    def chi_square(cls, statistic: float, df: int) -> Test:
        statistic = max(0.0, float(statistic))
        return cls(statistic, df, float(special.chdtrc(df, statistic)))


@dataclass(frozen=True)
class Contrast:
    """A linear combination of coefficients: estimate, standard error, limits and two-sided Wald test."""

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    statistic: float
    p_value: float


def quadratic_test(vector: Floats, covariance: Floats) -> Test:
    """Test that ``vector`` (q,), which has ``covariance`` (q, q), is zero."""
    try:
        statistic = float(vector @ solve_information(covariance, vector))
    except np.linalg.LinAlgError:
        raise FitError(
            "the covariance of what is tested is singular", where="test", remedy="test fewer terms"
        ) from None
    return Test.chi_square(statistic, len(vector))


def wald_interval(fit: ClogitFit | CoxFit, level: float = 0.95) -> Floats:
    """(p, 2) limits estimate ± z·SE."""
    z = _normal_quantile(level)
    return np.asarray(fit.beta[:, None] + fit.std_error[:, None] * np.array([-z, z]))


def wald_test(fit: ClogitFit | CoxFit, contrasts: ArrayLike) -> Test:
    """Joint Wald test that several linear combinations of coefficients are 0, such as all products of an interaction.

    Parameters
    ----------
    contrasts
        (q, p), one combination a row; or (q,) integers, the numbers of the terms to be tested together.
    """
    matrix = np.asarray(contrasts)
    if matrix.ndim == 1 and matrix.dtype.kind in "iu":
        matrix = np.eye(len(fit.beta))[matrix]
    matrix = np.atleast_2d(matrix).astype(float)
    return quadratic_test(matrix @ fit.beta, matrix @ fit.covariance @ matrix.T)


def likelihood_ratio_test(smaller: ClogitFit | CoxFit, larger: ClogitFit | CoxFit) -> Test:
    """Twice the gain in log-likelihood from ``smaller`` to ``larger``, which adds terms on the same rows.

    Raises
    ------
    FitError
        Fits of different rows or ties, or with a penalty: Jeffreys' priors of two models do not cancel, so there the
        smaller model is the larger with its terms held at 0 (see ``profile_test``).
    """
    alike = ("n_rows", "n_sets", "n_cases", "n_events", "n_event_times", "n_strata", "estimand", "ties", "penalty")
    if any(getattr(smaller, name, None) != getattr(larger, name, None) for name in alike):
        raise FitError("the two fits differ in rows, ties or penalty", where="likelihood-ratio test")
    if larger.penalty is not None:
        raise FitError(
            "not defined between two penalised fits", where="likelihood-ratio test", remedy="use profile_test"
        )
    df = len(larger.beta) - len(smaller.beta)
    if df <= 0:
        raise FitError("the second fit has no more terms than the first", where="likelihood-ratio test")
    return Test.chi_square(2 * (larger.loglik - smaller.loglik), df)


def profile_test(fit: ClogitFit | CoxFit, terms: ArrayLike) -> Test:
    """(Penalised) likelihood-ratio test that ``terms``, a sequence of numbers, are 0 together."""
    held = np.zeros(len(fit.beta), bool)
    held[np.asarray(terms)] = True
    with one_thread():
        restricted = _maximise(fit, np.where(held, 0.0, fit.beta), ~held)
    _require(restricted.converged)
    return Test.chi_square(2 * (fit.loglik - restricted.point.value), int(held.sum()))


def profile_interval(fit: ClogitFit | CoxFit, term: int | str, level: float = 0.95) -> tuple[float, float]:
    """Limits within which the (penalised) likelihood-ratio test does not refute a coefficient.

    The others are re-estimated at each value tried (Venzon & Moolgavkar, Applied Statistics 1988; 37: 87-94; under
    Firth's penalty Heinze & Schemper 2002). The signed root of the statistic is nearly linear in the coefficient, so
    Newton's method on it, kept inside its bracket, takes a few steps.

    Parameters
    ----------
    term
        Number or name of the coefficient.
    level
        Confidence level.

    Returns
    -------
    low, high
        On the scale of ``fit.beta``.
    """
    if fit.n_clusters is not None:
        raise FitError("a profile interval ignores clusters", where="profile interval", remedy="use the Wald interval")
    position = fit.names.index(term) if isinstance(term, str) else range(len(fit.beta))[term]
    with one_thread():
        return _profile_limit(fit, position, level, -1), _profile_limit(fit, position, level, 1)


def _profile_limit(fit: ClogitFit | CoxFit, term: int, level: float, side: int) -> float:
    aim = _normal_quantile(level)
    free = np.arange(len(fit.beta)) != term
    beta = fit.beta.copy()
    step = side * aim * float(np.sqrt(fit.covariance_model[term, term]))
    inside, outside = float(fit.beta[term]), side * np.inf
    value = inside + step
    for _ in range(100):
        beta[term] = value
        profile = _maximise(fit, beta, free)
        _require(profile.converged)
        beta = profile.beta
        root = float(np.sqrt(max(0.0, 2 * (fit.loglik - profile.point.value))))
        if abs(root - aim) < 1e-9:
            return value
        if root < aim:
            inside = value
        else:
            outside = value
        slope = abs(float(profile.point.gradient[term])) / root if root > 0 else 0.0
        proposal = value + side * (aim - root) / slope if slope > 0 else np.nan
        if not min(inside, outside) < proposal < max(inside, outside):
            proposal = (inside + outside) / 2 if np.isfinite(outside) else value + step
        if abs(proposal - value) <= 1e-14 * abs(value):
            return value
        value = float(proposal)
    raise FitError("the profile limit was not found", where=fit.names[term], remedy="use the Wald interval")


def _maximise(fit: ClogitFit | CoxFit, start: Floats, free: NDArray[np.bool_]) -> Maximum:
    if fit.penalty is None:
        return maximise(fit.likelihood, start, free=free, max_iterations=200)
    return maximise_penalised(fit.likelihood, start, free=free)


def maximise_penalised(
    likelihood: ConditionalLikelihood, start: Floats, *, free: NDArray[np.bool_] | None = None
) -> Maximum:
    """Maximise Firth's penalised likelihood; ``point.information`` is one to climb by, not to infer from.

    Steps by the unpenalised information are cheap and mostly enough; where they creep, as in thin sets, steps by the
    penalised curvature go on from there.
    """
    quick = maximise(likelihood.penalised, start, free=free, max_iterations=20)
    if quick.converged:
        return quick
    rest = maximise(likelihood.penalised_curved, quick.beta, free=free, max_iterations=200)
    return replace(rest, iterations=quick.iterations + rest.iterations)


def _require(converged: bool) -> None:
    if not converged:
        raise FitError("no convergence with a term held fixed", where="profile likelihood")


def _normal_quantile(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"the confidence level is {level}; it should lie between 0 and 1")
    return float(special.ndtri(0.5 + level / 2))
