"""Conditional logistic regression for matched sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Booleans, Floats, Integers, dense_codes
from riskset.stats.clogit import separation
from riskset.stats.clogit.layout import SetLayout
from riskset.stats.clogit.likelihood import ConditionalLikelihood, Ties
from riskset.stats.inference import ConditionalFit, sandwich, try_quadratic_test
from riskset.stats.newton import Maximum, Point, invert_information, maximise, one_thread, reachable

_QUICK = 5
"""Steps by the unpenalised information before those by the penalised curvature."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ClogitFit(ConditionalFit):
    """A fitted conditional logistic regression.

    ``beta`` are log odds ratios. Under incidence-density sampling with replacement across sets they estimate log hazard
    ratios, averaged over time; in other designs the odds ratio conditional on the set.

    Under Firth's penalty ``covariance_model`` is the inverse of the unpenalised information at the estimate, both
    log-likelihoods have ½ log|I| of the whole model added, so that twice their difference is the penalised
    likelihood-ratio statistic, and ``score`` is that of the unpenalised likelihood.

    Attributes
    ----------
    n_sets, n_cases
        Totals given.
    n_informative
        Sets that the likelihood uses and in which some term varies.
    n_discordant
        (p,) such sets in which the term varies.
    ties
        As asked.
    """

    n_sets: int
    n_cases: int
    n_informative: int
    n_discordant: Integers
    ties: Ties
    likelihood: ConditionalLikelihood = field(repr=False)

    def curved(self, beta: Floats, free: Booleans) -> Point:
        """As maximised: with Firth's penalty where the fit has it."""
        return super().curved(beta, free) if self.penalty is None else self.likelihood.penalised_curved(beta, free)

    def maximise(self, start: Floats, free: Booleans) -> Maximum:
        """The maximum, penalised as the fit was, with the terms that are not ``free`` (p,) held at ``start``."""
        if self.penalty is None:
            return super().maximise(start, free)
        return maximise_penalised(self.likelihood, start, free=free)


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
        Refused with exact ties where a set has several cases. The covariance takes them for numbers of persons alike
        (times 100, every standard error is a tenth). For weights of sampling or of inverse probability give
        ``cluster``, the person or the set: the sandwich does not change when all weights are multiplied.
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
        (p,) the terms, for errors and tables; by default the columns of a data frame, else ``x[0]``, ``x[1]``, ….

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
    clusters: Integers | None,
) -> ClogitFit:
    separation.require_informative(likelihood)
    zero = np.zeros(likelihood.n_terms)
    null = likelihood(zero)
    separation.require_weight(null)
    separation.require_independent(null.information, likelihood.names)
    score = try_quadratic_test(null.gradient, null.information)
    if penalty is None:
        separation.require_no_separating_term(likelihood)
        tolerance = reachable(likelihood.case_weight)
        maximum = maximise(likelihood, zero, first=null, tolerance=tolerance, widths=likelihood.widest)
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
            problem=FitProblem.NOT_CONVERGED,
            facts={"iterations": int(maximum.iterations)},
        )
    information = maximum.point.information if penalty is None else likelihood(maximum.beta).information
    model_based = invert_information(information)
    covariance, robust_score = model_based, None
    if clusters is not None:
        covariance, robust_score = sandwich(likelihood, clusters, maximum.beta, model_based)
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


def maximise_penalised(likelihood: ConditionalLikelihood, start: Floats, *, free: Booleans | None = None) -> Maximum:
    """Maximise Firth's penalised likelihood; ``point.information`` is one to climb by, not to infer from.

    Steps by the unpenalised information are cheap and mostly enough; where they creep, as in thin sets, steps by the
    penalised curvature go on from there.
    """
    quick = maximise(likelihood.penalised, start, free=free, max_iterations=_QUICK)
    if quick.converged:
        return quick
    rest = maximise(partial(likelihood.penalised_curved, free=free), quick.beta, free=free, max_iterations=100)
    return replace(rest, iterations=quick.iterations + rest.iterations)


def _cluster_codes(cluster: ArrayLike, layout: SetLayout, ties: str) -> Integers:
    """Number the clusters 0, 1, … without gaps, checked against the exact likelihood's needs."""
    codes = dense_codes(cluster, layout.n_rows, "cluster")
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
