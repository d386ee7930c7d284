"""Proportional hazards regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Integers, checked_columns, checked_per_row, dense_codes
from riskset.stats.clogit import separation
from riskset.stats.clogit.likelihood import ConditionalLikelihood
from riskset.stats.cox.exact_ties import at_each_event_time
from riskset.stats.cox.partial import CoxLikelihood
from riskset.stats.cox.separation import require_independent, require_no_separation
from riskset.stats.inference import ConditionalFit, sandwich, try_quadratic_test
from riskset.stats.newton import Maximum, Point, invert_information, maximise, one_thread, reachable
from riskset.stats.risk_sets import RiskSets, Survival

CoxTies = Literal["efron", "breslow", "exact"]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class CoxFit(ConditionalFit):
    """A fitted proportional hazards model.

    ``beta`` are log hazard ratios; of a Fine-Gray fit log subdistribution hazard ratios.

    Attributes
    ----------
    n_events, n_event_times, n_strata
        Totals given; distinct event times are those of each stratum.
    ties
        As asked.
    estimand
        ``"hazard ratio"`` or ``"subdistribution hazard ratio"``, each on the log scale in ``beta``.
    notes
        What the reader should know, such as strata without events.
    """

    n_events: int
    n_event_times: int
    n_strata: int
    ties: CoxTies
    estimand: str
    notes: tuple[str, ...]
    likelihood: CoxLikelihood | ConditionalLikelihood = field(repr=False)

    def partial_likelihood(self, *, where: str) -> CoxLikelihood:
        """The likelihood of Efron's and Breslow's sums; a fit with exact ties has none and is refused at ``where``."""
        if not isinstance(self.likelihood, CoxLikelihood):
            raise FitError("not defined for exact ties", where=where, remedy='fit with ties="efron"')
        return self.likelihood


def fit_cox(
    x: ArrayLike,
    stop: ArrayLike,
    event: ArrayLike,
    *,
    start: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    ties: str = "efron",
    cluster: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> CoxFit:
    """Fit hazard ratios by the partial likelihood. Rows come in any order.

    Parameters
    ----------
    x
        (n, p) covariates, or (n,) for one; without an intercept, which the baseline hazard takes up.
    stop
        (n,) end of the row's time at risk, the interval (start, stop], in any one unit. Who dies on the day after day
        t − 1 of follow-up has stop t: the last day counts.
    event
        (n,) boolean or 0/1: did the event happen at ``stop``?
    start
        (n,) delayed entry, or where a person's row before ended; 0 for all by default.
    strata
        (n,) labels of any type; each stratum has a baseline hazard of its own.
    weights
        (n,) positive row weights. Refused with exact ties where events are tied. The covariance takes them for numbers
        of persons alike (times 100, every standard error is a tenth). For weights of sampling or of inverse probability
        give ``cluster``, the person's id or the row numbers: the sandwich does not change when all are multiplied.
    offset
        (n,) a known part of the log hazard ratio.
    ties
        ``"efron"``, ``"breslow"`` or ``"exact"``: the probability, among all choices of as many, of who had the event,
        which is conditional logistic regression of the risk sets and meant for data of some thousand rows.
    cluster
        (n,) labels of any type: ``covariance`` becomes the sandwich over clusters, without a small-sample factor. The
        row numbers give the robust covariance of single rows, a person's id that of persons in several rows.
    names
        (p,) the terms, for errors and tables; by default the columns of a data frame, else ``x[0]``, ``x[1]``, ….

    Raises
    ------
    FitError
        No events, times out of order, a term that varies in no risk set, collinear terms, separation, values that are
        missing, no convergence. The message names the terms.

    Notes
    -----
    Cox (J R Stat Soc B 1972; 34: 187-220); Efron (J Am Stat Assoc 1977; 72: 557-565); Breslow (Biometrics 1974; 30:
    89-99); exact ties as Gail, Lubin & Rubinstein (Biometrika 1981; 68: 703-707); the sandwich of Lin & Wei (J Am Stat
    Assoc 1989; 84: 1074-1078).

    Examples
    --------
    Two persons, of whom the exposed one dies first, and two who do the opposite: the hazard ratio is 1.

    >>> fit = fit_cox([1, 0, 1, 0], [1, 2, 2, 1], [1, 0, 0, 1], strata=[1, 1, 2, 2])
    >>> round(float(np.exp(fit.beta[0])), 6)
    1.0
    """
    if ties not in ("exact", "efron", "breslow"):
        raise ValueError(f'ties is {ties!r}; it should be "efron", "breslow" or "exact"')
    survival = Survival.checked(stop, event, start)
    columns, terms = checked_columns(x, survival.stop.size, names)
    row_weights = checked_per_row(weights, survival.stop.size, "weights")
    row_offset = checked_per_row(offset, survival.stop.size, "offset")
    clusters = None if cluster is None else dense_codes(cluster, survival.stop.size, "cluster")
    with one_thread():
        sets = RiskSets(survival, strata)
        if ties == "exact":
            if clusters is not None:
                raise FitError(
                    "no sandwich covariance is defined for exact ties", where="cluster", remedy='use ties="efron"'
                )
            likelihood: CoxLikelihood | ConditionalLikelihood = at_each_event_time(
                columns, sets, weights=row_weights, offset=row_offset, names=terms
            )
        else:
            likelihood = CoxLikelihood(
                columns,
                sets,
                weights=row_weights,
                offset=row_offset,
                ties=cast(Literal["efron", "breslow"], ties),
                names=terms,
            )
        return fit_partial(likelihood, sets, cast(CoxTies, ties), clusters)


def fit_partial(
    likelihood: CoxLikelihood | ConditionalLikelihood,
    sets: RiskSets,
    ties: CoxTies,
    clusters: Integers | None,
    estimand: str = "hazard ratio",
) -> CoxFit:
    """Maximise a partial likelihood and gather what a ``CoxFit`` holds; the kernel of all fits of hazards."""
    where = "proportional hazards regression"
    if likelihood.n_terms == 0:
        raise FitError("the model has no terms", where=where)
    zero = np.zeros(likelihood.n_terms)
    null = likelihood(zero)
    if isinstance(likelihood, ConditionalLikelihood):
        separation.require_informative(likelihood)
        separation.require_weight(null)
        separation.require_independent(null.information, likelihood.names)
    else:
        require_independent(likelihood, null)
    maximum = _maximum(likelihood, null)
    if not maximum.converged:
        raise FitError(
            f"no convergence in {maximum.iterations} iterations",
            where=where,
            remedy="look for near-collinear terms or very large offsets",
            problem=FitProblem.NOT_CONVERGED,
            facts={"iterations": int(maximum.iterations)},
        )
    covariance = model_based = invert_information(maximum.point.information)
    robust_score = None
    if clusters is not None and isinstance(likelihood, CoxLikelihood):
        covariance, robust_score = sandwich(likelihood, clusters, maximum.beta, model_based)
    silent = sets.n_strata - int(np.count_nonzero(np.diff(sets.base) > 1))
    notes = (f"{silent} of {sets.n_strata} strata have no event and say nothing",) if silent else ()
    return CoxFit(
        names=likelihood.names,
        beta=maximum.beta,
        covariance=covariance,
        covariance_model=model_based,
        loglik=maximum.point.value,
        loglik_null=null.value,
        score=try_quadratic_test(null.gradient, null.information),
        robust_score=robust_score,
        iterations=maximum.iterations,
        converged=maximum.converged,
        n_rows=sets.n_rows,
        n_events=sets.events.size,
        n_event_times=sets.n_event_times,
        n_strata=sets.n_strata,
        n_clusters=None if clusters is None else np.unique(clusters).size,
        ties=ties,
        estimand=estimand,
        notes=notes,
        likelihood=likelihood,
    )


def _maximum(likelihood: CoxLikelihood | ConditionalLikelihood, null: Point) -> Maximum:
    """The maximum, refused where cases are separated."""
    zero = np.zeros(likelihood.n_terms)
    if isinstance(likelihood, ConditionalLikelihood):
        separation.require_no_separating_term(likelihood)
    tolerance = reachable(likelihood.case_weight)
    maximum = maximise(likelihood, zero, first=null, tolerance=tolerance, widths=likelihood.widest)
    if not separation.has_finite_maximum(likelihood, maximum):
        if isinstance(likelihood, ConditionalLikelihood):
            separation.require_overlap(likelihood)
        else:
            require_no_separation(likelihood)
    return maximum
