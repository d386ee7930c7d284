"""Each of several causes on its own: cause-specific hazards, and subdistribution hazards (Fine & Gray)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from riskset.analysis.failing import note_of
from riskset.analysis.prognosis.cox import add_proportionality, add_ratios
from riskset.analysis.prognosis.forms import Design, ModelForm, design
from riskset.analysis.prognosis.patients import Patients
from riskset.analysis.prognosis.recording import Recorder, model_of
from riskset.calendar import YEAR
from riskset.errors import FitError
from riskset.results.notes import Note, NoteCode, note
from riskset.results.vocabulary import DiagnosticCode, Family, Model, Scale
from riskset.spec.models import Prognosis
from riskset.stats import CoxFit, fit_cox, fit_fine_gray


def fit_competing(record: Recorder, asked: Prognosis, form: ModelForm) -> None:
    """Fit a form to each cause where there are several; the models of all endpoints together remain the main ones.

    A cause-specific hazard ratio is about the rate of a cause among those still free of any: the other causes end
    follow-up. A subdistribution hazard ratio is about the cumulative incidence of the cause, which depends on the
    other causes' rates too; under delayed entry it is weighted for censoring and truncation (Geskus, Biometrics 2011;
    67: 39-49). A cause too rare for the form has rows without a number and the reason, and fails no run.
    """
    patients = record.patients
    if len(patients.causes) < 2:
        return
    for number, cause in enumerate(patients.causes, start=1):
        of_cause = _of_cause(patients, number)
        specific = model_of(Family.CAUSE_SPECIFIC, form.form, cause=cause)
        if not of_cause.endpoint.any():
            record.diagnose(specific, DiagnosticCode.NO_MODEL_OF_CAUSE, 0, exposure=form.exposure)
            continue
        made = design(of_cause, form, lag_only=asked.lag_only)
        part = replace(record, patients=of_cause)
        if patients.n_endpoints > 1 or number > 1:  # else it is the model of the endpoint itself
            _record(part, made, specific, _cause_specific(of_cause, made))
        subdistribution = model_of(Family.FINE_GRAY, form.form, cause=cause)
        _record(part, made, subdistribution, _fine_gray(patients, made, number))


def _of_cause(patients: Patients, number: int) -> Patients:
    """The patients with one cause as the endpoint, all others as ends of follow-up."""
    event = (patients.event == number).astype(np.int64)
    return replace(patients, event=event, causes=(patients.causes[number - 1],), n_endpoints=1)


def _cause_specific(patients: Patients, made: Design) -> CoxFit | Note:
    if not made.estimable:
        return note(NoteCode.NO_LEVEL_TO_COMPARE)
    rows = made.rows
    start, stop = patients.start[rows] / YEAR, patients.stop[rows] / YEAR
    try:
        return fit_cox(made.x, stop, patients.endpoint[rows], start=start, names=made.names)
    except FitError as error:
        return note_of(error, NoteCode.NOT_ESTIMABLE)


def _fine_gray(patients: Patients, made: Design, number: int) -> CoxFit | Note:
    if not made.estimable:
        return note(NoteCode.NO_LEVEL_TO_COMPARE)
    rows = made.rows
    try:
        return fit_fine_gray(
            made.x,
            patients.stop[rows] / YEAR,
            patients.event[rows],
            cause=number,
            start=patients.start[rows] / YEAR if patients.delayed else None,
            names=made.names,
        )
    except FitError as error:
        return note_of(error, NoteCode.NOT_ESTIMABLE)


def _record(record: Recorder, made: Design, model: Model, fit: CoxFit | Note) -> None:
    is_subdistribution = model.family == Family.FINE_GRAY
    scale = Scale.LOG_SHR if is_subdistribution else Scale.LOG_HR
    record.losses(made, model)
    record.add_absent(made, model, scale)
    if isinstance(fit, Note):
        record.add_failed(made, model, scale, fit)
        return
    weighted = NoteCode.WEIGHTED_FOR_LATE_ENTRY if record.patients.delayed else NoteCode.WEIGHTED_FOR_CENSORING
    about = (note(NoteCode.SUBDISTRIBUTION), note(weighted)) if is_subdistribution else (note(NoteCode.CAUSE_SPECIFIC),)
    add_ratios(record, made, model, fit, about, scale=scale, exposures_only=True)
    if not is_subdistribution:
        add_proportionality(record, made, model, fit)
