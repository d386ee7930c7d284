"""What joint models predict: mean scores while alive, and an invented patient as an example."""

from __future__ import annotations

import numpy as np
from scipy import special

from riskset.analysis.failing import note_of
from riskset.analysis.prognosis.decline import months_ahead
from riskset.analysis.prognosis.forms import Design
from riskset.analysis.prognosis.patients import REFERENCE, Floats
from riskset.analysis.prognosis.recording import Recorder
from riskset.errors import FitError
from riskset.results.notes import NoteCode, note
from riskset.results.vocabulary import CurveKind, DiagnosticCode, Model, Pace, Who
from riskset.spec.models import Prognosis
from riskset.stats import (
    JointFit,
    forecast,
    landmark_risk,
    mean_scores,
    measure_calibration,
    measure_performance,
)

LANDMARK, AHEAD, EVERY = 6.0, 24, 3
"""Month at which a forecast is made, how many months ahead, and months between its points."""

GROUPS = 5
"""Groups of rising risk in which predicted risks are compared with observed ones."""

YEAR_AHEAD = 12.0
"""Months after the landmark in which the performance of a forecast is measured."""

DRAWS = 100
"""Draws for the limits of a forecast."""


def add_mean_scores(record: Recorder, made: Design, fit: JointFit, model: Model) -> None:
    """The mean latent score of each level among those alive, and as if nobody died, from the joint model.

    As if nobody died it is linear in the fixed effects, and so are its limits; while alive they are quantiles of the
    mean over draws of the parameters.
    """
    (block,) = made.exposures
    months = months_ahead(record.patients)[EVERY::EVERY]
    course, p = fit.likelihood.data.trajectory, len(fit.beta)
    reach = float(special.ndtri(0.5 + record.conf_level / 2))
    levels = (REFERENCE, *block.levels)
    rows = np.eye(len(levels), made.x.shape[1], -1)  # each with its own column set, the reference with none
    ahead = mean_scores(fit, months, x=rows, w=rows, level=record.conf_level, draws=DRAWS)
    for level, x, alive, limits in zip(levels, rows, ahead.score, ahead.interval, strict=True):
        terms, _ = course.design(months, np.tile(x, (len(months), 1)))
        mean = terms @ fit.beta
        half = reach * np.sqrt(np.einsum("np,pq,nq->n", terms, fit.covariance[:p, :p], terms))
        for month, living, (low, high), value, width in zip(months, alive, limits, mean, half, strict=True):
            record.curve(
                model, CurveKind.SCORE_WHILE_ALIVE, month, "months", float(living), exposure=block.name, level=level,
                conf_low=float(low), conf_high=float(high), n_patients=fit.n_patients,
                notes=(note(NoteCode.OF_THE_LIVING),),
            )  # fmt: skip
            record.curve(
                model, CurveKind.SCORE_AS_IF_NOBODY_DIED, month, "months", float(value), exposure=block.name,
                level=level, conf_low=float(value - width), conf_high=float(value + width), n_patients=fit.n_patients,
                notes=(note(NoteCode.OF_ALL_AS_IF_NOBODY_DIED),),
            )  # fmt: skip


def add_example(record: Recorder, asked: Prognosis, made: Design, fit: JointFit, model: Model) -> None:
    """Forecasts of two invented patients, never exposed, of mean age and at the reference of every other covariate.

    They were seen at 0, 3 and 6 months: one with the model's mean course, one who lost twice as much.
    """
    visits = np.array([0.0, 3.0, LANDMARK])
    basis = fit.likelihood.data.trajectory.fixed
    mean = basis.value(visits) @ fit.beta[: basis.n_terms]
    x = np.zeros(made.x.shape[1])
    times = LANDMARK + np.arange(EVERY, AHEAD + 1, EVERY, dtype=float)
    for level, pace in ((Pace.AVERAGE, 1.0), (Pace.DOUBLE, 2.0)):
        scores = np.clip(np.round(mean[0] + pace * (mean - mean[0])), *asked.marker_range)
        ahead = forecast(
            fit, scores, visits, landmark=LANDMARK, times=times, x=x, w=x, level=record.conf_level, draws=DRAWS
        )
        curves = (
            (CurveKind.FORECAST_SURVIVAL, ahead.survival, ahead.patient_interval),
            (CurveKind.FORECAST_SCORE, ahead.score, ahead.score_interval),
        )
        for curve, values, limits in curves:
            _add_forecast(record, made, model, curve, level, times, values, limits)
        for time, score in zip(visits, scores, strict=True):
            invented = (note(NoteCode.INVENTED_PATIENT),)
            record.curve(
                model, CurveKind.FORECAST_VISIT, time, "months", float(score), level=level, of=made.form.exposure,
                notes=invented,
            )  # fmt: skip


def _add_forecast(
    record: Recorder,
    made: Design,
    model: Model,
    curve: CurveKind,
    level: str,
    times: Floats,
    values: Floats,
    limits: Floats,
) -> None:
    notes = note(NoteCode.INVENTED_PATIENT), note(NoteCode.LIMITS_OF_THE_PATIENT)
    for time, value, (low, high) in zip(times, values, limits, strict=True):
        record.curve(
            model, curve, time, "months", float(value), level=level, of=made.form.exposure, conf_low=float(low),
            conf_high=float(high), notes=notes,
        )  # fmt: skip


def add_performance(record: Recorder, made: Design, fit: JointFit, model: Model) -> None:
    """How well the model predicts, at six months, who has an event in the next year.

    In the patients it was fitted to, which flatters it.
    """
    stop, event, exposure = fit.likelihood.data.stop, fit.likelihood.data.event, made.form.exposure
    try:
        at_risk, risk = landmark_risk(fit, LANDMARK, YEAR_AHEAD)
        stop, event = stop[at_risk], event[at_risk]
        measured = measure_performance(risk, stop, event, landmark=LANDMARK, horizon=YEAR_AHEAD)
    except FitError as error:
        reason = note_of(error, NoteCode.NOT_MEASURED)
        record.diagnose(model, DiagnosticCode.AUC, None, reason, exposure=exposure)
        return
    of = note(
        NoteCode.AT_LANDMARK, landmark=LANDMARK, ahead=YEAR_AHEAD, at_risk=int(measured.n_at_risk),
        events=int(measured.n_events),
    )  # fmt: skip
    for code, value in (
        (DiagnosticCode.AUC, measured.auc),
        (DiagnosticCode.BRIER, measured.brier),
        (DiagnosticCode.SCALED_BRIER, measured.scaled_brier),
    ):
        record.diagnose(model, code, value, of, exposure=exposure)
    groups = measure_calibration(risk, stop, event, landmark=LANDMARK, horizon=YEAR_AHEAD, groups=GROUPS)
    for number, (predicted, observed, size) in enumerate(
        zip(groups.predicted, groups.observed, groups.size, strict=True), start=1
    ):
        for code, value in ((DiagnosticCode.PREDICTED_RISK, predicted), (DiagnosticCode.OBSERVED_RISK, observed)):
            patients = note(NoteCode.OF_PATIENTS, patients=int(size))
            record.diagnose(model, code, value, patients, exposure=exposure, level=str(number), who=Who.PATIENTS)
