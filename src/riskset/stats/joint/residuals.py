"""What a joint model leaves over, of the scores and of survival."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskset.microdata import Microdata
from riskset.stats.arrays import Floats
from riskset.stats.joint.expecting import cumulative_hazard
from riskset.stats.joint.fitting import JointFit
from riskset.stats.joint.quadrature import make_grid, posterior_weights
from riskset.stats.newton import one_thread


@dataclass(frozen=True)
class JointResiduals(Microdata):
    """Residuals of a joint model.

    Attributes
    ----------
    marginal
        (N,) score less the mean of its covariates. After many deaths these are not centred at 0: who is still
        seen declines more slowly, and that is no misfit.
    subject
        (N,) score less the patient's own expected score, at the mean of the random effects given all data.
    standardised
        (N,) subject residuals in units of σ.
    cox_snell
        (n,) cumulative hazard from entry to the last time of all causes, averaged over the random effects given all
        data; about a censored sample of a unit exponential where the model holds.
    martingale
        (n,) event (0/1, of any cause) less ``cox_snell``.
    """

    marginal: Floats
    subject: Floats
    standardised: Floats
    cox_snell: Floats
    martingale: Floats


def joint_residuals(fit: JointFit) -> JointResiduals:
    """Residuals of a fit, on its own data."""
    likelihood = fit.likelihood
    data, parameters = likelihood.data, likelihood.layout.unpack(fit.theta)
    design, random = data.design()
    marginal = data.y - design @ fit.beta
    subject = marginal - np.einsum("nq,nq->n", random, fit.random_effects[data.patient])
    hazard = np.zeros(data.n)
    with one_thread():
        for block, nodes in zip(likelihood.blocks, fit.nodes, strict=True):
            if block.sign < 0:
                continue
            take = block.patients
            grid = make_grid(block.k, likelihood.layout.q)
            weight, b = posterior_weights(block.integrand(data, parameters), nodes, grid)
            rows = likelihood.rows_between(data.start[take], data.stop[take])
            total = cumulative_hazard(data, parameters, take, rows, b).sum(axis=0)
            hazard[take] = np.einsum("ng,ng->n", weight, total)
    return JointResiduals(marginal, subject, subject / fit.sigma, hazard, (data.event > 0) - hazard)
