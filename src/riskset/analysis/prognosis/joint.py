"""Direct effects on survival: joint models of the score and of the events that end it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from riskset.analysis.failing import note_of
from riskset.analysis.prognosis.decline import DAYS, add_declines, refuse_single_scores, time_basis, trajectory_of
from riskset.analysis.prognosis.forecasts import add_mean_scores
from riskset.analysis.prognosis.forms import Design, ModelForm, complete_case, design, events_of, scores_of
from riskset.analysis.prognosis.patients import Patients
from riskset.analysis.prognosis.recording import Recorder, model_of
from riskset.calendar import MONTH
from riskset.errors import FitError
from riskset.results.notes import Note, NoteCode, note
from riskset.results.vocabulary import (
    Analysis,
    Association,
    Contrast,
    DiagnosticCode,
    Family,
    Form,
    Model,
    Role,
    Scale,
    Sensitivity,
    Who,
)
from riskset.spec.models import Prognosis
from riskset.stats import JointFit, NaturalSplineBaseline, PiecewiseConstant, TimeBasis, Weibull, fit_joint
from riskset.stats.arrays import Floats, Integers
from riskset.stats.joint import Baseline

BASELINES = {
    "": Sensitivity.NONE,
    "spline": Sensitivity.SPLINE_BASELINE,
    "piecewise": Sensitivity.PIECEWISE_BASELINE,
    "weibull": Sensitivity.WEIBULL_BASELINE,
}
"""Another baseline hazard than the study's, as a sensitivity."""

PIECES, EVENTS_A_PIECE = 7, 8
"""Pieces of a piecewise-constant baseline at the most, and events in each at the least."""


@dataclass(frozen=True)
class Fitted:
    """A joint fit that converged, with its design."""

    fit: JointFit
    made: Design
    model: Model


def fit_direct(
    record: Recorder, asked: Prognosis, form: ModelForm, association: Association, *, baseline: str = ""
) -> Fitted | None:
    """Fit a form by a joint model; the fit if it converged. Another ``baseline`` than asked for is a sensitivity.

    γ of an exposure is its *direct* effect: the log hazard ratio between patients alike in what the association names
    of the current score. What the exposure does by way of the score is in the slope, and in the total effect (Cox).
    """
    patients = record.patients
    model = model_of(Family.JOINT, form.form, association=association, sensitivity=BASELINES[baseline])
    needs = [events_of(patients), scores_of(patients, DAYS[asked.decline])]
    made = design(patients, form, lag_only=asked.lag_only, needs=needs)
    record.losses(made, model)
    record.add_absent(made, model, Scale.LOG_HR)
    if not made.estimable:
        record.fail_uncompared(made, model)
        return None
    try:
        basis = time_basis(patients, asked)
        refuse_single_scores(patients, made)
        fit = _fit(patients, baseline or asked.baseline, made, basis, association)
    except FitError as error:
        _failed(record, made, model, note_of(error, NoteCode.NOT_ESTIMABLE))
        return None
    _diagnose(record, baseline or asked.baseline, made, model, fit)
    if fit.failure:
        _failed(record, made, model, note_of(fit.failure, NoteCode.NOT_CONVERGED))
        return None
    _add(record, asked, made, model, fit)
    p = len(fit.beta)
    slopes, of = model.but(analysis=Analysis.DECLINE), note(NoteCode.OF_ALL_AS_IF_NOBODY_DIED)
    add_declines(record, made, basis, slopes, fit.beta, fit.covariance[:p, :p], fit.n_visits, of)
    if form.form == Form.CRUDE and not baseline:
        add_mean_scores(record, made, fit, slopes)
    return Fitted(fit, made, model)


def _fit(patients: Patients, form: str, made: Design, basis: TimeBasis, association: Association) -> JointFit:
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
        association=str(association),
        baseline=_baseline(form, stop, event),
        x_names=[f"score:{name}" for name in made.names],
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


def _failed(record: Recorder, made: Design, model: Model, reason: Note) -> None:
    record.add_failed(made, model, Scale.LOG_HR, reason)
    record.fail(made, model, reason)


def _diagnose(record: Recorder, baseline: str, made: Design, model: Model, fit: JointFit) -> None:
    accuracy = fit.accuracy
    low, high = accuracy.nodes
    hazard = note(NoteCode.BASELINE_HAZARD, baseline=baseline, coefficients=int(fit.baseline.shape[1]))
    nodes = note(NoteCode.QUADRATURE_OF, low=int(low), high=int(high))
    unscored = note(NoteCode.WITHOUT_SCORE, patients=int(fit.n_without_visits))
    reason = (note_of(fit.failure, NoteCode.NOT_CONVERGED),) if fit.failure else ()
    diagnostics: list[tuple[DiagnosticCode, float | None, tuple[Note, ...], Who]] = [
        (DiagnosticCode.LOG_LIKELIHOOD, fit.loglik, (hazard,), Who.NOBODY),
        (DiagnosticCode.LOG_LIKELIHOOD_APART, fit.loglik_separate, (), Who.NOBODY),
        (DiagnosticCode.ITERATIONS, fit.iterations, (), Who.NOBODY),
        (DiagnosticCode.CONVERGED, float(fit.converged), reason, Who.NOBODY),
        (DiagnosticCode.DECREMENT, fit.decrement, (), Who.NOBODY),
        (DiagnosticCode.QUADRATURE_NODES, accuracy.change_nodes, (nodes,), Who.NOBODY),
        (DiagnosticCode.QUADRATURE_TIMES, accuracy.change_times, (), Who.NOBODY),
        (DiagnosticCode.QUADRATURE_SHIFT, accuracy.shift, (), Who.NOBODY),
        (DiagnosticCode.PATIENTS, fit.n_patients, (unscored,), Who.PATIENTS),
        (DiagnosticCode.EVENTS, float(fit.n_events.sum()), (), Who.PATIENTS),
        (DiagnosticCode.SCORES, fit.n_visits, (), Who.SCORES),
        (DiagnosticCode.RESIDUAL_SD, fit.sigma, (), Who.NOBODY),
    ]
    for code, value, notes, who in diagnostics:
        record.diagnose(model, code, value, *notes, exposure=made.form.exposure, who=who)


def _add(record: Recorder, asked: Prognosis, made: Design, model: Model, fit: JointFit) -> None:
    """Rows of γ and α."""
    error, scores = fit.std_error, fit.n_visits
    names = iter(made.names)
    for number, block in enumerate(made.blocks):
        for level in block.levels:
            at = fit.at(next(names))
            row = replace(record.block_row(model, made, block, level, Scale.LOG_HR), n_scores=scores)
            about = note(NoteCode.DIRECT_EFFECT, association=str(model.association)), *complete_case(made.form)
            record.add(row, float(fit.theta[at]), float(error[at]), *(about if number < made.n_exposures else ()))
    for level in fit.likelihood.data.trajectory.features(fit.likelihood.association):
        at = fit.at(f"alpha[{level}]")
        row = record.row(
            model, made.form.exposure, level, Scale.LOG_HR, role=Role.MARKER, covariate=asked.marker or "",
            contrast=Contrast.PER_UNIT,
        )  # fmt: skip
        record.add(record.counted(row, made, scores=scores), float(fit.theta[at]), float(error[at]))
