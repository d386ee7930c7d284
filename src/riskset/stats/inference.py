"""Tests and intervals from a fitted conditional likelihood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Booleans, Floats, Integers, confidence, finite, label_array
from riskset.stats.newton import Maximum, Point, maximise, one_thread, reachable, solve_information
from riskset.stats.summaries import FitTable, Names, ShownFit, fit_table

_STEPS_AT_ONCE = 25
"""A profile limit takes five to ten of them, or none is found this way."""


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
class LinearContrast:
    """A linear combination of coefficients: estimate, standard error, limits and two-sided Wald test."""

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    statistic: float
    p_value: float


def quadratic_test(vector: Floats, covariance: Floats) -> Test:
    """Test that ``vector`` (q,), which has ``covariance`` (q, q), is zero."""
    test = try_quadratic_test(vector, covariance)
    if np.isnan(test.statistic):
        raise FitError(
            "the covariance of what is tested is singular",
            where="test",
            remedy="test fewer terms",
            problem=FitProblem.SINGULAR,
        )
    return test


def try_quadratic_test(vector: Floats, covariance: Floats) -> Test:
    """As ``quadratic_test``, but NaN where the covariance is singular: for tests that come with a fit, unasked for."""
    try:
        return Test.chi_square(float(vector @ solve_information(covariance, vector)), len(vector))
    except np.linalg.LinAlgError:
        return Test(np.nan, len(vector), np.nan)


class Likelihood(Protocol):
    """What inference needs of a conditional or partial likelihood."""

    n_terms: int
    case_weight: float

    def __call__(self, beta: Floats) -> Point:
        """Log-likelihood, score and information at ``beta`` (p,)."""

    def cluster_scores(self, beta: Floats, cluster: Integers) -> Floats:
        """(clusters, p) sums of the score residuals; ``cluster`` (n,) numbers the clusters from 0."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ConditionalFit(ShownFit):
    """A fitted likelihood conditional on who was at risk: of matched sets, or of the risk sets at event times.

    Attributes
    ----------
    names
        (p,) the terms.
    beta
        (p,) log odds ratios, or log hazard ratios.
    covariance
        (p, p) the one inference uses: the sandwich where ``cluster`` was given, else ``covariance_model``.
    covariance_model
        (p, p) inverse of the information.
    loglik, loglik_null
        Log-likelihood at ``beta`` and at 0 (the offset kept).
    score
        Score test of all terms being 0.
    robust_score
        The same with the clusters' empirical variance; None without ``cluster``, NaN where that variance is singular.
    iterations, converged
        Newton steps, and whether the decrement gᵀH⁻¹g came below 1e-18, or below what rounding
        lets it where weights are very large.
    n_rows, n_clusters
        Rows given, and clusters of the sandwich, None without.
    penalty
        ``"firth"`` or None.
    likelihood
        The log-likelihood with its copy of the data; it lives as long as the fit does.
    """

    names: tuple[str, ...]
    beta: Floats
    covariance: Floats
    covariance_model: Floats
    loglik: float
    loglik_null: float
    score: Test
    robust_score: Test | None
    iterations: int
    converged: bool
    n_rows: int
    n_clusters: int | None
    penalty: Literal["firth"] | None = None
    likelihood: Likelihood = field(repr=False)

    def _heading(self) -> str:
        return f"{self.n_rows:,} rows, log-likelihood {self.loglik:.6g}"

    @property
    def std_error(self) -> Floats:
        """(p,) standard errors, from ``covariance``."""
        return np.asarray(np.sqrt(np.diagonal(self.covariance)))

    @property
    def wald(self) -> Test:
        """Wald test of all terms being 0."""
        return quadratic_test(self.beta, self.covariance)

    @property
    def likelihood_ratio(self) -> Test:
        """Likelihood-ratio test of all terms being 0; penalised under Firth."""
        return Test.chi_square(2 * (self.loglik - self.loglik_null), len(self.beta))

    def interval(self, level: float = 0.95, *, method: Literal["wald", "profile"] = "wald") -> Floats:
        """(p, 2) confidence limits of ``beta``.

        Parameters
        ----------
        level
            Confidence level, between 0 and 1.
        method
            ``"profile"`` inverts the (penalised) likelihood-ratio test of each term, the recommended interval for
            thin data and under Firth's penalty; it is not defined for a clustered fit.
        """
        if method == "wald":
            return wald_interval(self, level)
        if method != "profile":
            raise ValueError(f'method is {method!r}; it should be "wald" or "profile"')
        return np.array([profile_interval(self, term, level) for term in range(len(self.beta))])

    def table(
        self,
        names: Names = None,
        *,
        ratio: bool = False,
        level: float = 0.95,
        method: Literal["wald", "profile"] = "wald",
    ) -> FitTable:
        """The terms with estimate, standard error, Wald test and limits, as R's ``broom::tidy`` has them.

        Parameters
        ----------
        names
            (p,) what the terms shall be called, or a mapping of some to new names.
        ratio
            Whether ``estimate`` and its limits are odds or hazard ratios; ``std_error`` stays that of the logarithm.
        level, method
            As of `interval`.
        """
        limits = self.interval(level, method=method)
        return fit_table(self.names, self.beta, self.std_error, limits, names=names, ratio=ratio)

    def curved(self, beta: Floats, free: Booleans) -> Point:
        """Value, slope and curvature of what was maximised, positive definite in the terms that are ``free`` (p,)."""
        return self.likelihood(beta)

    def maximise(self, start: Floats, free: Booleans) -> Maximum:
        """The maximum with the terms that are not ``free`` (p,) held at ``start``, for profile likelihoods."""
        tolerance = reachable(self.likelihood.case_weight)
        return maximise(self.likelihood, start, free=free, max_iterations=100, tolerance=tolerance)


def wald_interval(fit: ConditionalFit, level: float = 0.95) -> Floats:
    """(p, 2) limits estimate ± z·SE."""
    z = normal_quantile(level)
    return np.asarray(fit.beta[:, None] + fit.std_error[:, None] * np.array([-z, z]))


def wald_test(fit: ConditionalFit, contrasts: ArrayLike) -> Test:
    """Joint Wald test that several linear combinations of coefficients are 0, such as all products of an interaction.

    Parameters
    ----------
    contrasts
        (q, p), one combination a row; or (q,) integers, the numbers of the terms to be tested together.
    """
    matrix = np.atleast_1d(finite(contrasts, "contrasts"))
    if matrix.ndim == 1 and np.asarray(contrasts).dtype.kind in "iu":
        matrix = np.eye(len(fit.beta))[numbers_of_terms(fit, contrasts)]
    matrix = np.atleast_2d(matrix)
    if matrix.ndim != 2 or matrix.shape[1] != len(fit.beta) or not matrix.size:
        raise ValueError(f"contrasts have shape {matrix.shape}; it should be (q, {len(fit.beta)})")
    return quadratic_test(matrix @ fit.beta, matrix @ fit.covariance @ matrix.T)


def likelihood_ratio_test(smaller: ConditionalFit, larger: ConditionalFit) -> Test:
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


def profile_test(fit: ConditionalFit, terms: ArrayLike) -> Test:
    """(Penalised) likelihood-ratio test that ``terms``, a sequence of numbers, are 0 together."""
    held = np.zeros(len(fit.beta), bool)
    held[numbers_of_terms(fit, terms)] = True
    with one_thread():
        restricted = _profile(fit, fit.beta, held, np.zeros(int(held.sum())))
    return Test.chi_square(2 * (fit.loglik - restricted.point.value), int(held.sum()))


def _profile(fit: ConditionalFit, known: Floats, held: Booleans, value: Floats) -> Maximum:
    """The maximum with ``held`` terms (p,) at ``value``, from one that is ``known`` (p,).

    The other terms begin where their covariance has them go along: in thin sets the information may be singular there
    where they stay behind.
    """
    covariance = fit.covariance_model
    start = known + covariance[:, held] @ np.linalg.solve(covariance[held][:, held], value - known[held])
    start[held] = value
    maximised = fit.maximise(start, ~held)
    if not maximised.converged:
        raise FitError(
            "no convergence with a term held fixed",
            where="profile likelihood",
            remedy="leave terms out: there may be too many for so few cases",
            problem=FitProblem.NOT_CONVERGED,
        )
    return maximised


def numbers_of_terms(fit: ConditionalFit, terms: ArrayLike) -> Integers:
    """Which of the fit's terms: numbers, counted from the end where negative, or names."""
    known = {name: j for j, name in enumerate(fit.names)}
    given = np.atleast_1d(label_array(terms, "terms")).tolist()
    numbers = [known.get(term, -1) if isinstance(term, str) else term for term in given]
    p = len(fit.beta)
    if (
        not numbers
        or not all(isinstance(j, int) and -p <= j < p for j in numbers)
        or any(isinstance(term, str) and term not in known for term in given)
    ):
        raise ValueError(f"terms should be some of the {p} of the fit, by number or name")
    return np.array(numbers, np.int64) % p


def profile_interval(fit: ConditionalFit, term: int | str, level: float = 0.95) -> tuple[float, float]:
    """Limits within which the (penalised) likelihood-ratio test does not refute a coefficient.

    Newton's method for all coefficients at once, towards the point where the statistic is what it may be and no other
    coefficient pulls (Venzon & Moolgavkar, Applied Statistics 1988; 37: 87-94; under Firth's penalty Heinze & Schemper
    2002). Where that fails, the others are re-estimated at each value tried, and Newton's method on the signed root of
    the statistic, kept inside its bracket, finds the value.

    With nearly as many terms as cases a likelihood under Firth's penalty may have several maxima where a term is held;
    a limit is then that of one of them.

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
    position = int(numbers_of_terms(fit, [term])[0])
    with one_thread():
        low, high = (_profile_limit(fit, position, level, side) for side in (-1, 1))
    return low, high


def _profile_limit(fit: ConditionalFit, term: int, level: float, side: int) -> float:
    limit = _limit_at_once(fit, term, normal_quantile(level), side)
    return _limit_by_bracketing(fit, term, level, side) if limit is None else limit


def _limit_at_once(fit: ConditionalFit, term: int, aim: float, side: int) -> float | None:
    """The limit by a system of p equations, ℓ = ℓ̂ − aim²/2 and no slope but along the term; None if it is not reached.

    With the curvature A the step δ = A⁻¹(g + s e) leaves the slope −s along the term alone, and s follows from the
    value asked for. A need be positive definite in the other terms only.
    """
    target = fit.loglik - aim**2 / 2
    others = np.arange(len(fit.beta)) != term
    unit = np.sqrt(np.diagonal(fit.covariance_model))
    beta, last = fit.beta, np.inf
    for _ in range(_STEPS_AT_ONCE):
        point = fit.curved(beta, others)
        if not np.isfinite(point.value):
            return None
        try:
            inverse = np.linalg.inv(point.information * unit * unit[:, None])
        except np.linalg.LinAlgError:
            return None
        gradient = point.gradient * unit
        newton = inverse @ gradient
        square = (2 * (point.value - target) + float(gradient @ newton)) / inverse[term, term]
        if not square > 0:
            return None
        step = newton + side * float(np.sqrt(square)) * inverse[:, term]
        length = float(np.abs(step).max())
        beta = beta + unit * step * min(1.0, 2 * aim / max(length, aim))
        if length <= 1e-9 or last / 2 < length <= 1e-5:  # there, or as near as rounding lets it come
            return float(beta[term]) if side * (beta[term] - fit.beta[term]) > 0 else None
        last = length
    return None


def _limit_by_bracketing(fit: ConditionalFit, term: int, level: float, side: int) -> float:
    aim = normal_quantile(level)
    held = np.arange(len(fit.beta)) == term
    beta = fit.beta
    step = side * aim * float(np.sqrt(fit.covariance_model[term, term]))
    inside, outside = float(fit.beta[term]), side * np.inf
    value = inside + step
    for _ in range(100):
        profile = _profile(fit, beta, held, np.array([value]))
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
        # The slope may be that of a nearly flat stretch: at most three times as far from the estimate at once.
        reach = outside if np.isfinite(outside) else value + 2 * (value - float(fit.beta[term]))
        if not min(inside, reach) < proposal < max(inside, reach):
            proposal = (inside + reach) / 2
        if abs(proposal - value) <= 1e-14 * abs(value):
            return value
        value = float(proposal)
    raise FitError("the profile limit was not found", where=fit.names[term], remedy="use the Wald interval")


def sandwich(likelihood: Likelihood, clusters: Integers, beta: Floats, bread: Floats) -> tuple[Floats, Test]:
    """Sandwich covariance (p, p) at ``beta`` and the robust score test at 0; ``bread`` (p, p) is model-based."""
    scores = likelihood.cluster_scores(beta, clusters)
    if np.count_nonzero(scores.any(axis=1)) <= likelihood.n_terms:
        raise FitError(
            f"too few clusters for {likelihood.n_terms} terms",
            where="cluster",
            remedy="use the model-based covariance",
            problem=FitProblem.FEW_CLUSTERS,
        )
    influence = scores @ bread
    at_zero = likelihood.cluster_scores(np.zeros_like(beta), clusters)
    return influence.T @ influence, try_quadratic_test(at_zero.sum(axis=0), at_zero.T @ at_zero)


def normal_quantile(level: float) -> float:
    """The number of standard errors that limits of this confidence level lie away."""
    return float(special.ndtri(0.5 + confidence(level) / 2))
