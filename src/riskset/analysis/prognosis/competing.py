"""Each of several causes on its own: cause-specific hazards, and subdistribution hazards (Fine & Gray)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from riskset.analysis.prognosis.cox import add_proportionality, add_ratios
from riskset.analysis.prognosis.forms import Design, Form, design
from riskset.analysis.prognosis.patients import Patients
from riskset.analysis.prognosis.recording import Recorder
from riskset.calendar import YEAR
from riskset.errors import FitError
from riskset.spec.models import Prognosis
from riskset.stats import CoxFit, fit_cox, fit_fine_gray

CAUSE_SPECIFIC, FINE_GRAY = "cause-specific Cox", "Fine-Gray"


def fit_competing(record: Recorder, asked: Prognosis, form: Form) -> None:
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
        own = _of_cause(patients, number)
        if not own.endpoint.any():
            record.diagnose("prognosis", CAUSE_SPECIFIC, form.exposures, f"{cause}: no models", 0, "nobody has it")
            continue
        made = design(own, form, lag_only=asked.lag_only)
        part = replace(record, patients=own)
        if patients.n_endpoints > 1 or number > 1:  # else it is the model of the endpoint itself
            _record(part, made, f"{CAUSE_SPECIFIC}, {cause}, {form.label}", _cause_specific(own, made))
        _record(part, made, f"{FINE_GRAY}, {cause}, {form.label}", _fine_gray(patients, made, number))


def _of_cause(patients: Patients, number: int) -> Patients:
    """The patients with one cause as the endpoint, all others as ends of follow-up."""
    event = (patients.event == number).astype(np.int64)
    return replace(patients, event=event, causes=(patients.causes[number - 1],), n_endpoints=1)


def _cause_specific(own: Patients, made: Design) -> CoxFit | str:
    if not made.estimable:
        return "no level of exposure can be compared"
    rows = made.rows
    try:
        return fit_cox(
            made.x, own.stop[rows] / YEAR, own.endpoint[rows], start=own.start[rows] / YEAR, names=made.names
        )
    except FitError as error:
        return str(error)


def _fine_gray(patients: Patients, made: Design, number: int) -> CoxFit | str:
    if not made.estimable:
        return "no level of exposure can be compared"
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
        return str(error)


def _record(record: Recorder, made: Design, model: str, fit: CoxFit | str) -> None:
    fine_gray = model.startswith(FINE_GRAY)
    scale = "log_shr" if fine_gray else "log_hr"
    record.losses(made, "prognosis", model)
    record.add_absent(made, "prognosis", model, "ever", scale)
    if isinstance(fit, str):
        for block in made.exposures:
            for level in block.levels:
                row = record.row("prognosis", model, block.name, "ever", level, block.reference, scale)
                record.add_empty(row | record.counts(made, model, block.name, level), f"not estimable: {fit}")
        return
    weighted = "weighted for censoring and delayed entry" if record.patients.delayed else "weighted for censoring"
    about = (
        f"subdistribution hazard ratio, of the cumulative incidence, the other causes competing; {weighted}"
        if fine_gray
        else "cause-specific hazard ratio: the other causes end follow-up"
    )
    add_ratios(record, made, model, fit, about, scale=scale, all_rows=False)
    if not fine_gray:
        add_proportionality(record, made, model, fit)
