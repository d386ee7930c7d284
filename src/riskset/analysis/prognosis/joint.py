"""Direct effects on survival: joint models of the score and of the events that end it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskset.analysis.prognosis.decline import DAYS, add_declines, refuse_single_scores, time_basis, trajectory_of
from riskset.analysis.prognosis.forecasts import add_mean_scores
from riskset.analysis.prognosis.forms import CRUDE, Design, Form, design, events_of, scores_of
from riskset.analysis.prognosis.patients import Patients
from riskset.analysis.prognosis.recording import Recorder
from riskset.calendar import MONTH
from riskset.errors import FitError
from riskset.spec.models import Prognosis
from riskset.stats import JointFit, NaturalSplineBaseline, PiecewiseConstant, TimeBasis, Weibull, fit_joint
from riskset.stats.arrays import Floats, Integers
from riskset.stats.joint import Baseline

PIECES, EVENTS_A_PIECE = 7, 8
"""Pieces of a piecewise-constant baseline at the most, and events in each at the least."""


@dataclass(frozen=True)
class Fitted:
    """A joint fit that converged, with its design."""

    fit: JointFit
    made: Design
    model: str


def fit_direct(
    record: Recorder, asked: Prognosis, form: Form, association: str, *, baseline: str = ""
) -> Fitted | None:
    """Fit a form by a joint model; the fit if it converged. Another ``baseline`` than asked for is a sensitivity.

    γ of an exposure is its *direct* effect: the log hazard ratio between patients alike in what the association names
    of the current score. What the exposure does by way of the score is in the slope, and in the total effect (Cox).
    """
    patients = record.patients
    model = f"joint model, {association}, {form.label}"
    if baseline:
        model += f", {baseline} baseline (sensitivity)"
    needs = [events_of(patients), scores_of(patients, DAYS[asked.decline])]
    made = design(patients, form, lag_only=asked.lag_only, needs=needs)
    record.losses(made, "prognosis", model)
    record.add_absent(made, "prognosis", model, "ever", "log_hr")
    if not made.estimable:
        record.fail_uncompared(made, model)
        return None
    try:
        basis = time_basis(patients, asked)
        refuse_single_scores(patients, made)
        fit = _fit(patients, baseline or asked.baseline, made, basis, association)
    except FitError as error:
        _failed(record, made, model, str(error))
        return None
    _diagnose(record, baseline or asked.baseline, made, model, fit)
    if not fit.converged:
        _failed(record, made, model, f"not converged: {fit.reason}")
        return None
    _add(record, asked, made, model, fit, association)
    p = len(fit.beta)
    of = "all patients, as if nobody died"
    add_declines(record, made, basis, model, fit.beta, fit.covariance[:p, :p], fit.n_visits, of)
    if form.label == CRUDE and not baseline:
        add_mean_scores(record, made, fit, model)
    return Fitted(fit, made, model)


def _fit(patients: Patients, form: str, made: Design, basis: TimeBasis, association: str) -> JointFit:
    used = np.flatnonzero(made.rows[patients.patient])
    position = (np.cumsum(made.rows) - 1)[patients.patient[used]]
    stop, event = patients.stop[made.rows] / MONTH, patients.endpoint[made.rows].astype(np.int64)
    x = made.x
    return fit_joint(
        patients.score[used],
        patients.month[used],
        position,
        stop,
        event,
        start=patients.start[made.rows] / MONTH if patients.delayed else None,
        x=x,
        w=x,
        trajectory=trajectory_of(made, basis),
        association=association,
        baseline=_baseline(form, stop, event),
        x_names=[f"{name} on the score" for name in made.names],
        w_names=made.names,
    )


def _baseline(form: str, stop: Floats, event: Integers) -> Baseline:
    """Each with fewer coefficients where there are few events."""
    if form == "weibull":
        return Weibull()
    if form == "spline":
        return NaturalSplineBaseline.at_quantiles(stop, event)
    most = min(PIECES, len(np.unique(stop[event > 0])))  # a piece without an event has no finite hazard
    return PiecewiseConstant.at_quantiles(stop, event, int(np.clip(event.sum() // EVENTS_A_PIECE, 1, most)))


def _failed(record: Recorder, made: Design, model: str, why: str) -> None:
    for block in made.exposures:
        for level in block.levels:
            row = record.row("prognosis", model, block.name, "ever", level, block.reference, "log_hr")
            record.add_empty(row | record.counts(made, model, block.name, level), f"not estimable: {why}")
    record.fail(model, made.form.exposures, why)


def _diagnose(record: Recorder, baseline: str, made: Design, model: str, fit: JointFit) -> None:
    accuracy = fit.accuracy
    low, high = accuracy.nodes
    told: list[tuple[str, float | None, str]] = [
        ("log-likelihood", fit.loglik, f"{baseline} baseline hazard, {fit.baseline.shape[1]} coefficients"),
        ("log-likelihood, submodels apart", fit.loglik_separate, "no association"),
        ("iterations", fit.iterations, "converged" if fit.converged else f"not converged: {fit.reason}"),
        ("gᵀH⁻¹g", fit.decrement, "at the end; converged below 1e-9"),
        (
            "quadrature, k to k + 4",
            accuracy.change_nodes,
            f"change of the log-likelihood; {low if low == high else f'{low} to {high}'} nodes an axis",
        ),
        ("quadrature in time, twice the nodes", accuracy.change_times, "change of the log-likelihood"),
        ("quadrature, shift of the estimate", accuracy.shift, "standard errors"),
        ("patients", fit.n_patients, f"{fit.n_without_visits} of them without a score, by their survival alone"),
        ("events", float(fit.n_events.sum()), "endpoints"),
        ("scores", fit.n_visits, ""),
        ("residual SD", fit.sigma, "points"),
    ]
    for name, value, note in told:
        record.diagnose("prognosis", model, made.form.exposures, name, value, note)


def _add(record: Recorder, asked: Prognosis, made: Design, model: str, fit: JointFit, association: str) -> None:
    """Rows of γ and α."""
    error = fit.std_error
    position = 0
    for number, block in enumerate(made.blocks):
        for level in block.levels:
            focus = number < made.n_exposures
            exposure = block.name if focus else ", ".join(made.form.exposures)
            row = record.row("prognosis", model, exposure, block.term, level, block.reference, "log_hr")
            row |= record.counts(made, model, exposure, level, scores=fit.n_visits)
            about = f"direct effect, given the {_FEATURE[association]} of the score; complete case"
            note = about if focus else f"a covariate{'; for one unit' if block.numeric else ''}"
            at = fit.at(made.names[position])
            record.add(row, float(fit.theta[at]), float(error[at]), note)
            position += 1
    features = fit.names[-fit.alpha.shape[1] :]
    for name in features:
        at = fit.at(name)
        level = name.removeprefix("alpha[").removesuffix("]")
        row = record.row("prognosis", model, ", ".join(made.form.exposures), asked.marker or "", level, "", "log_hr")
        row |= record.counts(made, model, "", level, scores=fit.n_visits)
        record.add(row, float(fit.theta[at]), float(error[at]), f"{_UNIT.get(level, 'for one unit')}; association")


_FEATURE = {
    "value": "current value",
    "slope": "current slope",
    "cumulative": "area so far",
    "random effects": "random effects",
}
_UNIT = {"value": "for one point more", "slope": "for one point a month more", "cumulative": "for one point-month more"}
