"""The subdistribution hazard of one of several competing causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError, FitProblem
from riskset.microdata import Microdata
from riskset.stats.arrays import Floats, checked_columns, checked_per_row, dense_codes, whole
from riskset.stats.cox.fitting import CoxFit, fit_partial
from riskset.stats.cox.partial import CoxLikelihood
from riskset.stats.curves.counts import covering
from riskset.stats.near_ties import reach
from riskset.stats.newton import one_thread
from riskset.stats.risk_sets import RiskSets, Survival


@dataclass(frozen=True, eq=False)
class Observable(Microdata):
    """The estimated probability, up to a constant, that a person alive is under observation just before each time.

    ``censoring`` (c,) are times of censoring and ``uncensored`` (c + 1,) the probability of not being censored at the
    first 0, 1, … of them; ``entry`` (l,) and ``entered`` (l + 1,) the probability of entry at one of the first 0, 1, …
    """

    censoring: Floats
    uncensored: Floats
    entry: Floats
    entered: Floats

    @classmethod
    def estimated(
        cls, stop: ArrayLike, event: ArrayLike, *, start: ArrayLike | None = None, weights: ArrayLike | None = None
    ) -> Observable:
        """Estimate from rows; a censoring on the day of an event comes after it."""
        survival = Survival.checked(stop, event, start, causes=True)
        given = checked_per_row(weights, survival.stop.size, "weights")
        w = np.ones(survival.stop.size) if given is None else given
        stop, start = survival.stop, survival.start
        censored = survival.event == 0
        times = np.unique(stop[censored])
        low = np.zeros(stop.size, np.int64) if start is None else np.searchsorted(times, start, side="right")
        remain = covering(low, np.searchsorted(times, stop, side="left") - 1, w, times.size)
        leave = np.bincount(np.searchsorted(times, stop[censored]), w[censored], times.size)
        uncensored = np.concatenate([[1.0], np.cumprod(remain / (remain + leave))])
        if start is None:
            return cls(times, uncensored, np.zeros(0), np.ones(1))
        entry = np.unique(start)
        low = np.searchsorted(entry, start, side="right")
        there = covering(low, np.searchsorted(entry, stop, side="left") - 1, w, entry.size)
        join = np.bincount(low - 1, w, entry.size)
        entered = np.concatenate([np.cumprod((there / (there + join))[::-1])[::-1], [1.0]])
        return cls(times, uncensored, entry, entered)

    def before(self, times: Floats) -> Floats:
        """(k,) G(t−) H(t−)."""
        h = self.entered[np.searchsorted(self.entry, reach(self.entry, times), side="left")]
        g = self.uncensored[np.searchsorted(self.censoring, reach(self.censoring, times), side="left")]
        return np.asarray(g * h)


def _positive(probability: Floats) -> Floats:
    """Refuse a probability of 0: behind a time at which everyone had just entered, or everyone was censored."""
    if np.any(probability <= 0):
        raise FitError(
            "at some time everyone under observation had just entered, or was censored, so that the weights of"
            " competing events are not defined",
            where="start",
            remedy="choose a later origin",
            problem=FitProblem.WEIGHTS_UNDEFINED,
        )
    return probability


def fit_fine_gray(
    x: ArrayLike,
    stop: ArrayLike,
    event: ArrayLike,
    *,
    cause: int = 1,
    start: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    ties: str = "efron",
    cluster: ArrayLike | None = None,
    observable: Observable | None = None,
    names: Sequence[str] | None = None,
) -> CoxFit:
    """Fit subdistribution hazard ratios, which act on the cumulative incidence of a cause.

    Who has a competing event stays in the risk sets, with the probability of not having been censored since: the
    weight G(t−)/G(T−), G the Kaplan-Meier estimate of remaining uncensored. Under delayed entry the weight is
    G(t−)H(t−)/(G(T−)H(T−)), H(t−) the estimated probability of having entered before t.

    Parameters
    ----------
    x
        (n, p) covariates that do not change with time; each row is one person.
    stop
        (n,) end of the time at risk (start, stop].
    event
        (n,) 0 censored, 1 … K the cause.
    cause
        The one whose incidence is modelled.
    start
        (n,) delayed entry.
    weights, offset, names
        As in ``fit_cox``. ``covariance``, a sandwich, does not change when all weights are multiplied;
        ``covariance_model`` takes them for numbers of persons alike (times 100, its standard errors are a tenth).
    ties
        ``"efron"`` or ``"breslow"``.
    cluster
        (n,) labels. By default each row is a cluster: the weighted likelihood is not one, so that ``covariance`` is
        always the sandwich, which takes the weights as known.
    observable
        Made earlier, from more rows than have all covariates, or without ``weights``; by default of these rows and
        their weights.

    Notes
    -----
    Fine & Gray (J Am Stat Assoc 1999; 94: 496-509); Geskus (Biometrics 2011; 67: 39-49) for the truncation weights and
    for the sandwich. Nothing is expanded: a weight is a function of t over one of T, so sums over those who stay are
    cumulative sums too.
    """
    if ties not in ("efron", "breslow"):
        raise ValueError(f'ties is {ties!r}; it should be "efron" or "breslow"')
    survival = Survival.checked(stop, event, start, causes=True)
    columns, terms = checked_columns(x, survival.stop.size, names)
    row_weights = checked_per_row(weights, survival.stop.size, "weights")
    row_offset = checked_per_row(offset, survival.stop.size, "offset")
    n = survival.stop.size
    clusters = dense_codes(np.arange(n) if cluster is None else cluster, n, "cluster")
    of_cause = survival.event == whole(cause, "cause", least=1)
    if not of_cause.any():
        raise FitError("no row has an event of this cause", where="event", problem=FitProblem.NO_EVENT_OF_CAUSE)
    seen = observable if observable is not None else Observable.estimated(stop, event, start=start, weights=weights)
    with one_thread():
        late = (survival.event > 0) & ~of_cause
        sets = RiskSets(
            Survival(survival.stop, of_cause.astype(np.int64), survival.start), late=late, factor=seen.before
        )
        late_weight = np.ones(late.size)
        late_weight[late] = 1 / _positive(seen.before(survival.stop[late]))
        likelihood = CoxLikelihood(
            columns,
            sets,
            weights=row_weights,
            offset=row_offset,
            ties=cast(Literal["efron", "breslow"], ties),
            names=terms,
            late_weight=late_weight,
        )
        return fit_partial(
            likelihood, sets, cast(Literal["efron", "breslow"], ties), clusters, "subdistribution hazard ratio"
        )
