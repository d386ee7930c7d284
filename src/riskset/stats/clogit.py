"""Conditional logistic regression for matched sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskset.errors import FitError
from riskset.stats import separation
from riskset.stats.inference import Test, maximise_penalised, profile_interval, quadratic_test, wald_interval
from riskset.stats.likelihood import ConditionalLikelihood, Ties
from riskset.stats.newton import Floats, invert_information, maximise, one_thread
from riskset.stats.sets import SetLayout, label_codes


@dataclass(frozen=True, eq=False)
class ClogitFit:
    """A fitted conditional logistic regression.

    Attributes
    ----------
    names
        (p,) the terms.
    beta
        (p,) log odds ratios. Under incidence-density sampling with replacement across sets they estimate log hazard
        ratios, averaged over time; in other designs the odds ratio conditional on the set.
    covariance
        (p, p) the one inference uses: the sandwich where ``cluster`` was given, else ``covariance_model``.
    covariance_model
        (p, p) inverse of the information; with Firth's penalty, of the unpenalised information at the estimate.
    loglik, loglik_null
        Log conditional likelihood at ``beta`` and at 0 (the offset kept). With Firth's penalty both have
        ½ log|I| of the whole model added, so twice their difference is the penalised likelihood-ratio statistic.
    score
        Score test of all terms being 0, of the unpenalised likelihood.
    robust_score
        The same with the clusters' empirical variance; None without ``cluster``.
    iterations, converged
        Newton steps, and whether the decrement gᵀH⁻¹g came below 1e-18.
    n_rows, n_sets, n_cases
        Totals given.
    n_informative
        Sets that the likelihood uses and in which some term varies.
    n_discordant
        (p,) such sets in which the term varies.
    n_clusters
        Clusters of the sandwich; None without.
    ties, penalty
        As asked.
    likelihood
        The log-likelihood with its copy of the data, for profile intervals; it lives as long as the fit does.
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
    n_sets: int
    n_cases: int
    n_informative: int
    n_discordant: NDArray[np.int64]
    n_clusters: int | None
    ties: Ties
    penalty: Literal["firth"] | None
    likelihood: ConditionalLikelihood = field(repr=False)

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
        """(p, 2) confidence limits of the log odds ratios.

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
        return np.array([profile_interval(self, term, level) for term in range(len(self.beta))])


def fit_clogit(
    x: ArrayLike,
    case: ArrayLike | None,
    set_id: ArrayLike | None,
    *,
    weights: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    ties: str = "exact",
    penalty: str | None = None,
    cluster: ArrayLike | None = None,
    layout: SetLayout | None = None,
    names: Sequence[str] | None = None,
) -> ClogitFit:
    """Fit odds ratios conditional on matched sets. Rows come in any order.

    Parameters
    ----------
    x
        (n, p) covariates, or (n,) for one; without an intercept, which the sets take up.
    case
        (n,) boolean or 0/1.
    set_id
        (n,) the matched set of each row.
    weights
        (n,) positive row weights: a case's multiplies its term of the log-likelihood, everyone's the denominator.
        Refused with exact ties where a set has several cases.
    offset
        (n,) a known part of the linear predictor.
    ties
        For sets with several cases: ``"exact"``, ``"efron"`` or ``"breslow"``. With one case a set all are the same.
    penalty
        ``"firth"`` adds Jeffreys' prior (Heinze & Schemper 2002), which keeps estimates finite under separation and
        takes away their first-order bias in thin data.
    cluster
        (n,) labels of any type: ``covariance`` becomes the sandwich over clusters, without a small-sample factor.
        With exact ties a set with several cases must lie in one cluster.
    layout
        ``SetLayout(case, set_id)`` made earlier; then ``case`` and ``set_id`` are not read and may be None.
    names
        (p,) the terms, for errors; ``x[0]``, ``x[1]``, … by default.

    Raises
    ------
    FitError
        A term without informative sets, collinear terms, separation (without a penalty), values that are missing,
        no convergence. The message names the terms.

    Notes
    -----
    Breslow & Day, *Statistical Methods in Cancer Research I* (IARC 1980), chapter 7; the exact likelihood of several
    cases by Gail, Lubin & Rubinstein (Biometrika 1981; 68: 703-707).

    Examples
    --------
    McNemar: 3 pairs with only the case exposed, 1 with only the control; the odds ratio is 3.

    >>> fit = fit_clogit([1, 0, 1, 0, 1, 0, 0, 1], [1, 0] * 4, [1, 1, 2, 2, 3, 3, 4, 4])
    >>> round(float(np.exp(fit.beta[0])), 6)
    3.0
    """
    if ties not in ("exact", "efron", "breslow"):
        raise ValueError(f'ties is {ties!r}; it should be "exact", "efron" or "breslow"')
    if penalty not in (None, "firth"):
        raise ValueError(f'penalty is {penalty!r}; it should be None or "firth"')
    if cluster is not None and penalty is not None:
        raise FitError("no sandwich covariance is defined under Firth's penalty", where="cluster", remedy="drop one")
    if layout is None:
        if case is None or set_id is None:
            raise ValueError("case and set_id are needed where no layout is given")
        layout = SetLayout(case, set_id)
    clusters = None if cluster is None else _cluster_codes(cluster, layout, ties)
    with one_thread():
        likelihood = ConditionalLikelihood(
            x, layout, weights=weights, offset=offset, ties=cast(Ties, ties), names=names
        )
        return _fit(likelihood, layout, cast(Literal["firth"] | None, penalty), clusters)


def _fit(
    likelihood: ConditionalLikelihood,
    layout: SetLayout,
    penalty: Literal["firth"] | None,
    clusters: NDArray[np.int64] | None,
) -> ClogitFit:
    separation.require_informative(likelihood)
    zero = np.zeros(likelihood.n_terms)
    null = likelihood(zero)
    separation.require_independent(null.information, likelihood.names)
    score = quadratic_test(null.gradient, null.information)
    if penalty is None:
        separation.require_no_separating_term(likelihood)
        maximum = maximise(likelihood, zero, first=null)
        if not separation.has_finite_maximum(likelihood, maximum):
            separation.require_overlap(likelihood)
    else:
        null = likelihood.penalised(zero)
        maximum = maximise_penalised(likelihood, zero)
    if not maximum.converged:
        raise FitError(
            f"no convergence in {maximum.iterations} iterations",
            where="conditional logistic regression",
            remedy="look for near-collinear terms or very large offsets"
            + ("" if penalty else ', or use penalty="firth"'),
        )
    information = maximum.point.information if penalty is None else likelihood(maximum.beta).information
    model_based = invert_information(information)
    covariance, robust_score = model_based, None
    if clusters is not None:
        covariance, robust_score = _sandwich(likelihood, clusters, maximum.beta, model_based)
    return ClogitFit(
        names=likelihood.names,
        beta=maximum.beta,
        covariance=covariance,
        covariance_model=model_based,
        loglik=maximum.point.value,
        loglik_null=null.value,
        score=score,
        robust_score=robust_score,
        iterations=maximum.iterations,
        converged=maximum.converged,
        n_rows=layout.n_rows,
        n_sets=layout.n_sets,
        n_cases=layout.n_cases,
        n_informative=likelihood.n_informative,
        n_discordant=likelihood.n_discordant,
        n_clusters=None if clusters is None else np.unique(clusters).size,
        ties=likelihood.ties,
        penalty=penalty,
        likelihood=likelihood,
    )


def _sandwich(
    likelihood: ConditionalLikelihood, clusters: NDArray[np.int64], beta: Floats, bread: Floats
) -> tuple[Floats, Test]:
    """Sandwich covariance (p, p) at ``beta`` and the robust score test at 0."""
    scores = likelihood.cluster_scores(beta, clusters)
    if np.count_nonzero(scores.any(axis=1)) <= likelihood.n_terms:
        raise FitError(
            f"too few clusters for {likelihood.n_terms} terms", where="cluster", remedy="use the model-based covariance"
        )
    influence = scores @ bread
    at_zero = likelihood.cluster_scores(np.zeros_like(beta), clusters)
    return influence.T @ influence, quadratic_test(at_zero.sum(axis=0), at_zero.T @ at_zero)


def _cluster_codes(cluster: ArrayLike, layout: SetLayout, ties: str) -> NDArray[np.int64]:
    """Number the clusters 0, 1, … without gaps, checked against the exact likelihood's needs."""
    codes = np.unique(label_codes(cluster, what="cluster"), return_inverse=True)[1]
    if codes.shape != (layout.n_rows,):
        raise ValueError(f"cluster has shape {codes.shape}; it should be ({layout.n_rows},)")
    for group in layout.groups:
        if ties == "exact" and 1 < group.n_cases < group.size:
            of_set = codes[group.rows]
            if np.any(of_set != of_set[:, :1]):
                raise FitError(
                    "some set with several cases lies in several clusters, which the exact likelihood cannot part",
                    where="cluster",
                    remedy='use ties="efron", or clusters of whole sets',
                )
    return codes
