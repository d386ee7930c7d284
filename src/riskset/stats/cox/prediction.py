"""What a proportional hazards fit predicts: cumulative hazards and survival."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError
from riskset.microdata import Microdata
from riskset.stats.arrays import Floats, finite, in_a_row, number
from riskset.stats.cox.fitting import CoxFit
from riskset.stats.curves.limits import ConfType, survival_limits
from riskset.stats.near_ties import reach, tolerance
from riskset.stats.newton import one_thread


@dataclass(frozen=True, eq=False)
class Prediction(Microdata):
    """Predicted cumulative hazard and survival of k persons at m times.

    Attributes
    ----------
    time
        (m,) in the unit of the fit's ``stop``; predictions hold from each time to the next.
    cumulative_hazard, std_cumulative_hazard
        (m, k) and its standard error, which is that of log survival too.
    survival, std_error, conf_low, conf_high
        (m, k) exp(−cumulative hazard), its standard error and limits. NaN after the last time at risk of the stratum.
        Of a Fine-Gray fit 1 − survival is the cumulative incidence of the cause.
    """

    time: Floats
    cumulative_hazard: Floats
    std_cumulative_hazard: Floats
    survival: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats


def predict_survival(
    fit: CoxFit,
    x: ArrayLike,
    *,
    times: ArrayLike | None = None,
    stratum: object = None,
    offset: float = 0.0,
    conf_type: ConfType = "log",
    level: float = 0.95,
) -> Prediction:
    """Survival of persons with fixed covariates, by the baseline hazard that belongs to the fit's ties.

    Parameters
    ----------
    x
        (k, p) covariates, or (p,) of one person; zeros give the baseline.
    times
        (m,) when, in the unit of ``stop``; the stratum's event times by default.
    stratum
        The label of the stratum; needed where there are several.
    offset
        The known part of the log hazard ratio of these persons.
    conf_type
        As in ``kaplan_meier``; ``"log"`` is symmetric on the cumulative hazard.

    Notes
    -----
    The increments are Σ_k w̄/(S₀ − (k/d) D₀) under Efron and Σ w/S₀ under Breslow. The variance of Λ(t | x) is
    exp(2η) (Σ increments' variance + qᵀ V q), q = Σ h (x − mean), of Tsiatis (Ann Stat 1981; 9: 93-108), V the
    covariance that the fit uses.
    """
    likelihood = fit.partial_likelihood(where="prediction")
    sets = likelihood.sets
    persons = np.atleast_2d(finite(x, "x"))
    if persons.ndim != 2 or persons.shape[1] != len(fit.beta):
        raise ValueError(f"x has shape {persons.shape}; it should be (k, {len(fit.beta)})")
    added = number(offset, "offset") - likelihood.level
    number_of = 0
    if stratum is not None or sets.n_strata > 1:
        place = np.flatnonzero(sets.labels == stratum)
        if place.size == 0:
            raise FitError("there is no such stratum, or none was named", where="stratum")
        number_of = int(place[0])
    slots = slice(int(sets.base[number_of]), int(sets.base[number_of + 1]))
    with one_thread(), np.errstate(over="ignore", invalid="ignore"):
        state = likelihood.state(fit.beta)
        scale = 1.0
        if not isinstance(state.shift, float):
            scale = float(np.exp(-state.shift[np.flatnonzero(sets.stratum[sets.rows] == number_of)[:1]].sum()))
        means = np.cumsum(likelihood.hazard_means(state)[:, slots], axis=1) * scale
        hazard = np.cumsum(state.sums.hazard[slots]) * scale
        variance = np.cumsum(state.sums.a[slots] * (scale / state.sums.at_risk[slots]) ** 2)
    event_times = sets.time[slots][1:]
    asked = event_times if times is None else in_a_row(times, "times")
    near = reach(event_times, asked)
    step = np.searchsorted(event_times, near, side="right")
    away = persons - likelihood.centre[number_of]
    end = sets.ends[number_of]
    unknown = near > end + tolerance(np.append(event_times, end))
    with np.errstate(over="ignore", invalid="ignore"):
        ratio = np.exp(away @ fit.beta + added)
        cumulative = hazard[step][:, None] * ratio
        q = hazard[step][:, None, None] * away - means.T[step][:, None, :]
        spread = variance[step][:, None] + np.einsum("mkp,pq,mkq->mk", q, fit.covariance, q)
        error = np.sqrt(spread) * ratio
        cumulative[unknown], error[unknown] = np.nan, np.nan
        survival = np.exp(-cumulative)
        of_survival = survival * error
    low, high = survival_limits(survival, of_survival, conf_type, level)
    return Prediction(asked, cumulative, error, survival, of_survival, low, high)
