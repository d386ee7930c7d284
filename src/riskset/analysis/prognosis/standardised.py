"""Total effects without proportional hazards: survival at a time, standardised to the covariates of all patients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from riskset.analysis.frame import Rows
from riskset.analysis.prognosis.curves import as_if_nobody_died
from riskset.analysis.prognosis.forms import Design, Form, design
from riskset.analysis.prognosis.patients import REFERENCE, Floats, Ints, Patients
from riskset.analysis.prognosis.recording import Recorder
from riskset.calendar import YEAR
from riskset.errors import FitError
from riskset.results.planted_prognosis import survival_term
from riskset.spec.models import Prognosis
from riskset.stats import fit_cox


@dataclass(frozen=True)
class Standardised:
    """Survival at one time, had all patients been at one level.

    Attributes
    ----------
    survival : a share
    of_hazard : variance by the events of the level, given the coefficients
    of_beta : (p,) derivative by the coefficients
    """

    survival: float
    of_hazard: float
    of_beta: Floats


def fit_standardised(record: Recorder, asked: Prognosis, form: Form) -> None:
    """Compare survival at ``survival_at`` between levels of each exposure of a form with other columns.

    Each level is a stratum with a baseline hazard of its own (Breslow), so that nothing is assumed of how the hazards
    of the levels go; the other columns have hazard ratios. The survival of a level is the mean of what the model
    foretells for all patients of the form, were they at it. The ratio of cumulative hazards is log S₁ / log S₀.
    """
    patients, term = record.patients, survival_term(asked.survival_at)
    made = design(patients, form, lag_only=asked.lag_only)
    for number, block in enumerate(made.exposures):
        others = replace(made, blocks=(*made.blocks[:number], *made.blocks[number + 1 :]))
        if not block.levels or not others.x.shape[1]:
            continue
        model = f"standardised Cox, {form.label}"
        level = patients.level[block.name][made.rows]
        try:
            found = _fit(patients, asked, others, level)
        except FitError as error:
            for name in block.levels:
                row = record.row("prognosis", model, block.name, term, name, REFERENCE, "log_chr")
                record.add_empty(row | record.counts(made, model, block.name, name), f"not estimable: {error}")
            continue
        _record(record, asked, made, model, block.name, *found)


def _fit(
    patients: Patients, asked: Prognosis, others: Design, level: NDArray[Any]
) -> tuple[dict[str, Standardised], Floats]:
    rows, x = others.rows, others.x
    start, stop, event = patients.start[rows], patients.stop[rows], patients.endpoint[rows]
    fit = fit_cox(x, stop / YEAR, event, start=start / YEAR, strata=level, names=others.names)
    x = x - x.mean(axis=0)
    limit = asked.survival_at.days_about
    found = {}
    for name in np.unique(level):
        own = level == name
        if stop[own].max() >= limit:
            found[str(name)] = standardise(x, fit.beta, start, stop, event & (stop <= limit), own)
    return found, fit.covariance


def standardise(x: Floats, beta: Floats, start: Ints, stop: Ints, event: Rows, own: Rows) -> Standardised:
    """Mean survival of all n patients under the baseline hazard of some.

    Parameters
    ----------
    x : (n, p) covariates, and beta (p,) their log hazard ratios
    start, stop : (n,) at risk in (start, stop]
    event : (n,) whether an event came at stop, in the time asked for
    own : (n,) whose hazard it is

    Notes
    -----
    The cumulative hazard is Breslow's, Σ d/S₀, with variance Σ d/S₀² given the coefficients and derivative
    −Σ d S₁/S₀² by them (Tsiatis, Ann Stat 1981; 9: 93-108). The patients are taken as they are.
    """
    ratio = np.exp(x @ beta)
    times, number = np.unique(stop[own & event], return_counts=True)
    weighted = np.column_stack([ratio, ratio[:, None] * x])[own]
    sums = _at_or_after(weighted, stop[own], times) - _at_or_after(weighted, start[own], times)
    s0, s1 = sums[:, 0], sums[:, 1:]
    hazard, variance = float((number / s0).sum()), float((number / s0**2).sum())
    by_beta = -(number / s0**2) @ s1
    survival = np.exp(-hazard * ratio)
    slope = float(-(ratio * survival).mean())
    gradient = slope * by_beta - hazard * ((ratio * survival) @ x) / len(x)
    return Standardised(float(survival.mean()), slope**2 * variance, gradient)


def _at_or_after(values: Floats, when: Ints, times: Ints) -> Floats:
    """(k, c) sums of values (n, c) whose day is at or after each time."""
    order = np.argsort(when, kind="stable")
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values[order][::-1], axis=0)])[::-1]
    return np.asarray(sums[np.searchsorted(when[order], times, side="left")])


def _record(
    record: Recorder,
    asked: Prognosis,
    made: Design,
    model: str,
    exposure: str,
    found: dict[str, Standardised],
    covariance: Floats,
) -> None:
    term, when = survival_term(asked.survival_at), f"{asked.survival_at.words()} after {asked.origin}"
    about = "total effect, standardised to all patients of the model; no hazards assumed proportional"
    usual = found.get(REFERENCE)
    for level in [REFERENCE, *next(b.levels for b in made.exposures if b.name == exposure)]:
        one = found.get(level)
        row = record.row("prognosis", model, exposure, term, level, "", "survival")
        row |= record.counts(made, model, exposure, level)
        if one is None or one.of_hazard == 0:
            why = "no event before then" if one else "nobody is at risk then"
            record.add_empty(row, f"not estimable {when}: {why}")
            continue
        error = float(np.sqrt(one.of_hazard + one.of_beta @ covariance @ one.of_beta))
        low, high = _limits(one.survival, error, record.conf_level)
        note = "; ".join(filter(None, (f"share without an event {when}", about, as_if_nobody_died(asked))))
        ends = {"conf_low": low, "conf_high": high, "statistic": None, "p_value": None}
        record.add(row, one.survival, error, note, **ends)
        if level == REFERENCE or usual is None or usual.of_hazard == 0:
            continue
        for scale, what, by, by_usual, value in _contrasts(one.survival, usual.survival):
            gradient = by * one.of_beta + by_usual * usual.of_beta
            spread = by**2 * one.of_hazard + by_usual**2 * usual.of_hazard + gradient @ covariance @ gradient
            record.add(row | {"scale": scale, "reference": REFERENCE}, value, float(np.sqrt(spread)), f"{what} {when}")


def _contrasts(one: float, usual: float) -> list[tuple[str, str, float, float, float]]:
    """Scale, words, derivatives by both, and value of the contrasts between two shares of survivors."""
    logs = np.log(one), np.log(usual)
    return [
        ("survival_difference", "difference in the share without an event", 1.0, -1.0, one - usual),
        (
            "log_chr",
            "ratio of cumulative hazards",
            float(1 / (one * logs[0])),
            float(-1 / (usual * logs[1])),
            float(np.log(logs[0] / logs[1])),
        ),
    ]


def _limits(survival: float, error: float, level: float) -> tuple[float, float]:
    """Limits symmetric in log(−log S)."""
    reach = float(special.ndtri(0.5 + level / 2)) * error / abs(survival * np.log(survival))
    low, high = (float(survival ** np.exp(sign * reach)) for sign in (1, -1))
    return low, high
