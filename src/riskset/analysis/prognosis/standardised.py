"""Total effects without proportional hazards: survival at a time, standardised to the covariates of all patients."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from riskset.analysis.failing import note_of
from riskset.analysis.frame import Rows
from riskset.analysis.prognosis.curves import as_if_nobody_died, years
from riskset.analysis.prognosis.forms import Design, ModelForm, design
from riskset.analysis.prognosis.patients import REFERENCE, Floats, Ints, Patients
from riskset.analysis.prognosis.recording import Recorder, model_of, present
from riskset.calendar import YEAR
from riskset.errors import FitError
from riskset.results.notes import NoteCode, note
from riskset.results.rows import Estimate
from riskset.results.vocabulary import Contrast, Family, Model, Scale
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


def fit_standardised(record: Recorder, asked: Prognosis, form: ModelForm) -> None:
    """Compare survival at ``survival_at`` between levels of each exposure of a form with other columns.

    Each level is a stratum with a baseline hazard of its own (Breslow), so that nothing is assumed of how the hazards
    of the levels go; the other columns have hazard ratios. The survival of a level is the mean of what the model
    predicts for all patients of the form, were they at it. The ratio of cumulative hazards is log S₁ / log S₀.
    """
    patients = record.patients
    made = design(patients, form, lag_only=asked.lag_only)
    model, horizon = model_of(Family.STANDARDISED, form.form), years(asked.survival_at)
    for number, block in enumerate(made.exposures):
        others = replace(made, blocks=(*made.blocks[:number], *made.blocks[number + 1 :]))
        if not block.levels or not others.x.shape[1]:
            continue
        level = patients.level[block.name][made.rows]
        try:
            survival, covariance = _fit(patients, asked, others, level)
        except FitError as error:
            reason = note_of(error, NoteCode.NOT_ESTIMABLE)
            for name in block.levels:
                row = record.block_row(model, made, block, name, Scale.LOG_CHR)
                record.add_empty(replace(row, horizon=horizon), reason)
            continue
        _record(record, asked, made, model, block.name, survival, covariance)


def _fit(
    patients: Patients, asked: Prognosis, others: Design, level: NDArray[np.str_]
) -> tuple[dict[str, Standardised], Floats]:
    rows, x = others.rows, others.x
    start, stop, event = patients.start[rows], patients.stop[rows], patients.endpoint[rows]
    fit = fit_cox(x, stop / YEAR, event, start=start / YEAR, strata=level, names=others.names)
    x = x - x.mean(axis=0)
    limit = asked.survival_at.days_about
    survival = {}
    for name in np.unique(level):
        at_level = level == name
        if stop[at_level].max() >= limit:
            survival[str(name)] = standardise(x, fit.beta, start, stop, event & (stop <= limit), at_level)
    return survival, fit.covariance


def standardise(x: Floats, beta: Floats, start: Ints, stop: Ints, event: Rows, at_level: Rows) -> Standardised:
    """Mean survival of all n patients under the baseline hazard of some.

    Parameters
    ----------
    x : (n, p) covariates, and beta (p,) their log hazard ratios
    start, stop : (n,) at risk in (start, stop]
    event : (n,) whether an event came at stop, in the time asked for
    at_level : (n,) whose hazard it is

    Notes
    -----
    The cumulative hazard is Breslow's, Σ d/S₀, with variance Σ d/S₀² given the coefficients and derivative
    −Σ d S₁/S₀² by them (Tsiatis, Ann Stat 1981; 9: 93-108). The patients are taken as they are.
    """
    ratio = np.exp(x @ beta)
    times, number = np.unique(stop[at_level & event], return_counts=True)
    weighted = np.column_stack([ratio, ratio[:, None] * x])[at_level]
    sums = _at_or_after(weighted, stop[at_level], times) - _at_or_after(weighted, start[at_level], times)
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
    model: Model,
    exposure: str,
    survival: dict[str, Standardised],
    covariance: Floats,
) -> None:
    when = {"time": str(asked.survival_at), "origin": asked.origin}
    usual = survival.get(REFERENCE)
    for level in [REFERENCE, *next(b.levels for b in made.exposures if b.name == exposure)]:
        one = survival.get(level)
        row = record.row(
            model, exposure, level, Scale.SURVIVAL, contrast=Contrast.VALUE, horizon=years(asked.survival_at)
        )
        row = record.counted(row, made, exposure, level)
        if one is None or one.of_hazard == 0:
            code = NoteCode.NO_EVENT_BEFORE_TIME if one else NoteCode.NOBODY_AT_RISK_AT_TIME
            record.add_empty(row, note(code, **when))
            continue
        error = float(np.sqrt(one.of_hazard + one.of_beta @ covariance @ one.of_beta))
        _add_survival(record, asked, row, one.survival, error)
        if level == REFERENCE or usual is None or usual.of_hazard == 0:
            continue
        compared = replace(row, contrast=Contrast.LEVEL, reference=record.level_name(REFERENCE))
        for scale, code, by, by_usual, value in _contrasts(one.survival, usual.survival):
            gradient = by * one.of_beta + by_usual * usual.of_beta
            spread = by**2 * one.of_hazard + by_usual**2 * usual.of_hazard + gradient @ covariance @ gradient
            record.add(replace(compared, scale=scale), value, float(np.sqrt(spread)), note(code, **when))


def _add_survival(record: Recorder, asked: Prognosis, row: Estimate, survival: float, error: float) -> None:
    low, high = _limits(survival, error, record.conf_level)
    notes = present(
        note(NoteCode.SURVIVAL_AT, time=str(asked.survival_at), origin=asked.origin),
        note(NoteCode.STANDARDISED),
        as_if_nobody_died(asked),
    )
    row = replace(row, estimate=survival, std_error=error, conf_low=low, conf_high=high, converged=True, notes=notes)
    record.keep(row)


def _contrasts(one: float, usual: float) -> list[tuple[Scale, NoteCode, float, float, float]]:
    """Scale, note, derivatives by both, and value of the contrasts between two shares of survivors."""
    logs = np.log(one), np.log(usual)
    return [
        (Scale.SURVIVAL_DIFFERENCE, NoteCode.SURVIVAL_DIFFERENCE_AT, 1.0, -1.0, one - usual),
        (
            Scale.LOG_CHR,
            NoteCode.CUMULATIVE_HAZARDS_AT,
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
