"""Do the hazard ratios change with time?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import rankdata

from riskset.stats.arrays import Floats
from riskset.stats.cox.fitting import CoxFit
from riskset.stats.curves.kaplan_meier import kaplan_meier
from riskset.stats.inference import Test, numbers_of_terms, quadratic_test
from riskset.stats.newton import one_thread
from riskset.stats.risk_sets import RiskSets

Transform = Literal["km", "rank", "identity", "log"]


@dataclass(frozen=True, eq=False)
class ProportionalityTest:
    """Tests that hazard ratios are constant over a transformed time.

    ``terms`` maps each term, or each group of terms tested together, to its test; ``overall`` tests all at once.
    """

    transform: str
    terms: Mapping[str, Test]
    overall: Test


def proportional_hazards_test(
    fit: CoxFit,
    *,
    transform: Transform | Callable[[Floats], Floats] = "km",
    groups: Mapping[str, Sequence[int | str]] | None = None,
) -> ProportionalityTest:
    """Score test of adding x·(g(t) − ḡ) to the model, for each term and all together.

    That is the test of Grambsch & Therneau (Biometrika 1994; 81: 515-526) without its approximation of a constant
    variance over time, as R's ``cox.zph`` from survival 3 on. It uses the model information, whatever the clusters.

    Parameters
    ----------
    transform
        g: ``"km"`` (1 − the Kaplan-Meier curve just before t, all rows pooled), ``"rank"`` of t among all ends of
        rows, ``"identity"``, ``"log"``, or a function of the event times (m,).
    groups
        Terms tested together, such as the levels of a factor: name to their numbers or names. Each term alone by
        default.
    """
    likelihood = fit.partial_likelihood(where="test of proportional hazards")
    sets = likelihood.sets
    events = sets.n_tied > 0
    trend = np.zeros(events.size)
    trend[events] = _transformed(sets, sets.time[events], transform)
    trend[events] -= np.average(trend[events], weights=sets.n_tied[events])
    p = len(fit.beta)
    with one_thread():
        state = likelihood.state(fit.beta)
        parts = [likelihood.derivatives(state, power)[1] for power in (np.ones(trend.size), trend, trend**2)]
        score = likelihood.derivatives(state, trend)[0]
    information = np.block([[parts[0], parts[1]], [parts[1], parts[2]]])

    def tested(terms: Sequence[int | str]) -> Test:
        numbers = numbers_of_terms(fit, terms)
        kept = np.concatenate([np.arange(p), p + numbers])
        whole = np.concatenate([np.zeros(p), score[numbers]])
        test = quadratic_test(whole, information[np.ix_(kept, kept)])
        return Test.chi_square(test.statistic, len(numbers))

    by_name = groups if groups is not None else {name: [j] for j, name in enumerate(fit.names)}
    name = transform if isinstance(transform, str) else getattr(transform, "__name__", "function")
    return ProportionalityTest(name, {term: tested(js) for term, js in by_name.items()}, tested(range(p)))


def _transformed(sets: RiskSets, times: Floats, transform: Transform | Callable[[Floats], Floats]) -> Floats:
    survival = sets.survival
    if callable(transform):
        return np.asarray(transform(times), float)
    if transform == "identity":
        return times
    if transform == "log":
        return np.asarray(np.log(times))
    if transform == "rank":
        ends = np.sort(survival.stop)
        return np.asarray(rankdata(ends)[np.searchsorted(ends, times)])
    if transform == "km":
        curve = kaplan_meier(survival.stop, survival.event, start=survival.start)
        before = np.searchsorted(curve.time, times, side="left")
        return np.asarray(1 - np.concatenate([[1.0], curve.estimate])[before])
    raise ValueError(f'transform is {transform!r}; it should be "km", "rank", "identity", "log" or a function')
