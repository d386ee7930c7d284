"""Residuals of a proportional hazards fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskset.microdata import Microdata
from riskset.stats.arrays import Floats, Integers
from riskset.stats.cox.fitting import CoxFit
from riskset.stats.newton import one_thread


@dataclass(frozen=True, eq=False)
class Schoenfeld(Microdata):
    """Schoenfeld residuals, one row an event, by stratum and time.

    Attributes
    ----------
    row
        (e,) the row with the event.
    time
        (e,) when.
    residual
        (e, p) its covariates less their mean in the risk set; scaled ones are estimates of β at that time.
    """

    row: Integers
    time: Floats
    residual: Floats


def martingale_residuals(fit: CoxFit) -> Floats:
    """(n,) event less the number expected from the row's time at risk; without weights they sum to 0.

    A person in several rows has the sum of theirs: ``np.bincount(person, martingale_residuals(fit))``. With tied events
    under Efron each of the d meets the parts 1, (d − 1)/d, … of the increment (Therneau & Grambsch, *Modeling Survival
    Data*, 2000, §4.2).
    """
    likelihood = fit.partial_likelihood(where="martingale residuals")
    sets = likelihood.sets
    with one_thread():
        residual = -likelihood.expected(likelihood.state(fit.beta)) / likelihood.row_weight
    residual[sets.events] += 1
    return np.asarray(np.bincount(sets.rows, residual, sets.n_rows), float)


def deviance_residuals(fit: CoxFit) -> Floats:
    """(n,) martingale residuals made more symmetric: sign(M) √(−2 (M + δ log(δ − M))), δ the event."""
    martingale = martingale_residuals(fit)
    sets = fit.partial_likelihood(where="deviance residuals").sets
    event = np.zeros(sets.n_rows)
    event[sets.rows[sets.events]] = 1
    expected = np.where(event == 1, event - martingale, 1.0)
    deviance = -2 * (martingale + event * np.log(expected))
    return np.asarray(np.sign(martingale) * np.sqrt(np.maximum(deviance, 0)))


def score_residuals(fit: CoxFit) -> Floats:
    """(n, p) each row's part of the score at the estimate; weighted by the row weights they sum to 0."""
    likelihood = fit.partial_likelihood(where="score residuals")
    with one_thread():
        weighted = likelihood.score_residuals(fit.beta)
    weight = np.ones(likelihood.sets.n_rows)
    weight[likelihood.sets.rows] = likelihood.row_weight
    return np.asarray((weighted / weight).T)


def dfbeta_residuals(fit: CoxFit) -> Floats:
    """(n, p) the approximate change of β that each row, with its weight, makes."""
    likelihood = fit.partial_likelihood(where="dfbeta residuals")
    with one_thread():
        return np.asarray(likelihood.score_residuals(fit.beta).T @ fit.covariance_model)


def schoenfeld_residuals(fit: CoxFit, *, scaled: bool = False) -> Schoenfeld:
    """Each event's covariates less their mean among those at risk.

    Parameters
    ----------
    scaled
        Multiply by the number of events and the model covariance and add β: the average over a stretch of time is then
        nearly β in that stretch (Grambsch & Therneau, Biometrika 1994; 81: 515-526).
    """
    likelihood = fit.partial_likelihood(where="Schoenfeld residuals")
    sets = likelihood.sets
    order = np.lexsort((sets.rows[sets.events], sets.last[sets.events]))
    events = sets.events[order]
    with one_thread():
        mean = likelihood.event_means(likelihood.state(fit.beta))
        residual = (likelihood.z[:, events] - mean[:, sets.last[events]]).T
        if scaled:
            residual = residual @ fit.covariance_model * events.size + fit.beta
    return Schoenfeld(sets.rows[events], sets.time[sets.last[events]], residual)
