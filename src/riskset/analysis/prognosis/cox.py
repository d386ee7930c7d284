"""Total effects on survival: Cox models without the score, and labelled sensitivities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from riskset.analysis.coding import Block
from riskset.analysis.failing import note_of
from riskset.analysis.frame import Rows
from riskset.analysis.prognosis.forms import FIRST_SCORE, Design, ModelForm, complete_case, design
from riskset.analysis.prognosis.patients import Floats, Ints, Patients
from riskset.analysis.prognosis.recording import HazardsSeen, Recorder, model_of
from riskset.calendar import YEAR
from riskset.errors import FitError
from riskset.exposure.splitting import Pieces, split_followup
from riskset.microdata import Microdata
from riskset.results.notes import Note, NoteCode, note
from riskset.results.vocabulary import DiagnosticCode, Family, Form, Model, Scale, Sensitivity
from riskset.spec.levels import AFTER_DIAGNOSIS
from riskset.spec.models import Prognosis
from riskset.stats import CoxFit, fit_cox, proportional_hazards_test


def fit_total(record: Recorder, asked: Prognosis, form: ModelForm) -> None:
    """Fit a form by Cox regression (Efron's ties), with the test of proportional hazards; then the sensitivities.

    Where unknown covariates leave patients out of an adjusted model, the crude one is fitted to its patients too.
    """
    patients = record.patients
    made = design(patients, form, lag_only=asked.lag_only)
    model = model_of(Family.COX, form.form)
    record.losses(made, model)
    record.add_absent(made, model, Scale.LOG_HR)
    _fit(record, made, model, _spans(patients, made), note(NoteCode.TOTAL_EFFECT))
    if form.form == Form.ADJUSTED:
        _crude_of_these(record, asked, made)
    if asked.marker and form.covariates:
        _with_baseline_score(record, asked, form)
    if patients.changes:
        _time_varying(record, made, form)


def _crude_of_these(record: Recorder, asked: Prognosis, adjusted: Design) -> None:
    """The crude model of an adjusted one's patients, where they are not all whom the crude model has."""
    patients = record.patients
    form = ModelForm(Form.CRUDE_SAME_PATIENTS, adjusted.form.exposures, ())
    whole = design(patients, form, lag_only=asked.lag_only)
    made = design(patients, form, lag_only=asked.lag_only, among=adjusted.rows)
    if not made.estimable or np.array_equal(whole.rows, made.rows):
        return  # its reasons are those of the adjusted model, or it is the crude model itself
    model = model_of(Family.COX, form.form)
    record.losses(made, model)
    _fit(record, made, model, _spans(patients, made), note(NoteCode.TOTAL_EFFECT))


Spans = tuple[Ints, Ints, Rows]
"""Start, stop and whether an endpoint came then, of each row of a design."""


def _spans(patients: Patients, made: Design) -> Spans:
    return patients.start[made.rows], patients.stop[made.rows], patients.endpoint[made.rows]


def _fit(
    record: Recorder, made: Design, model: Model, spans: Spans, about: Note, *, pieces: Pieced | None = None
) -> None:
    """Fit, and write down a row for each column; ``pieces`` tells of each row whose it is, where follow-up is cut."""
    if not made.estimable:
        record.fail_uncompared(made, model)
        return
    start, stop, event = spans
    try:
        fit = fit_cox(made.x, stop / YEAR, event, start=start / YEAR, names=made.names)
    except FitError as error:
        reason = note_of(error, NoteCode.NOT_ESTIMABLE)
        record.add_failed(made, model, Scale.LOG_HR, reason)
        record.fail(made, model, reason)
        return
    add_ratios(record, made, model, fit, (about,), pieces=pieces)
    add_proportionality(record, made, model, fit)


@dataclass(frozen=True)
class Pieced(Microdata):
    """Follow-up cut where exposure changes: whose a piece (r,) is, whether it ends with the event, its years.

    ``left_out`` are exposures whose time after the change is no part of it.
    """

    patient: Ints
    event: Rows
    years: Floats
    left_out: tuple[str, ...]

    def counts(self, exposed: Rows) -> dict[str, Any]:
        """Patients, events and person-years; and, given the pieces (r,) at a level, its patients and events."""
        return {
            "n_cases": len(np.unique(self.patient)),
            "n_events": int(self.event.sum()),
            "person_years": float(self.years.sum()),
            "n_exposed_cases": len(np.unique(self.patient[exposed])),
            "n_exposed_events": int((self.event & exposed).sum()),
        }


def add_ratios(
    record: Recorder,
    made: Design,
    model: Model,
    fit: CoxFit,
    about: tuple[Note, ...],
    *,
    scale: Scale = Scale.LOG_HR,
    exposures_only: bool = False,
    pieces: Pieced | None = None,
) -> None:
    """A row for each level of the exposures and, unless ``exposures_only``, of the covariates; and the log-likelihood.

    Parameters
    ----------
    about : what the ratios of the exposures are
    pieces : follow-up cut where exposure changes, from which the exposures' levels are counted
    """
    position, since = 0, len(record.result.estimates)
    for number, block in enumerate(made.blocks):
        is_exposure = number < made.n_exposures
        for column, level in enumerate(block.levels):
            row = record.block_row(model, made, block, level, scale)
            if pieces is not None and is_exposure:
                row = replace(row, **pieces.counts(block.columns[:, column] != 0))
            if is_exposure or not exposures_only:
                notes = (*about, *complete_case(made.form)) if is_exposure else ()
                record.add(row, float(fit.beta[position]), float(fit.std_error[position]), *notes)
            position += 1
    left_out = None if pieces is None else pieces.left_out
    record.watch(HazardsSeen(record.patients, made, model, record.result.estimates[since:], left_out))
    record.diagnose(model, DiagnosticCode.LOG_LIKELIHOOD, fit.loglik, exposure=made.form.exposure)


def add_proportionality(record: Recorder, made: Design, model: Model, fit: CoxFit) -> None:
    """Test of proportional hazards by the scaled Schoenfeld residuals, of each block and of all."""
    groups, position = {}, 0
    for block in made.blocks:
        groups[block.name] = list(range(position, position + len(block.levels)))
        position += len(block.levels)
    exposure, overall = made.form.exposure, DiagnosticCode.PROPORTIONAL_HAZARDS_OVERALL
    try:
        test = proportional_hazards_test(fit, transform="km", groups={k: v for k, v in groups.items() if v})
    except FitError as error:
        record.diagnose(model, overall, None, note_of(error, NoteCode.NOT_TESTED), exposure=exposure)
        return
    for name, one in [*test.terms.items(), ("", test.overall)]:
        statistic = note(NoteCode.CHI_SQUARED, statistic=float(one.statistic), df=int(one.df))
        code = DiagnosticCode.PROPORTIONAL_HAZARDS if name else overall
        notes = statistic, note(NoteCode.SCORE_TEST)
        record.diagnose(model, code, one.p_value, *notes, exposure=exposure, covariate=name)


def _with_baseline_score(record: Recorder, asked: Prognosis, form: ModelForm) -> None:
    """The same with the first score as a covariate, from the day of that score on, so that no time is immortal."""
    patients = record.patients
    first, value = first_scores(patients)
    late = replace(
        patients,
        start=np.where(np.isnan(first), patients.start, np.fmax(patients.start, first)).astype(np.int64),
        covariates={**patients.covariates, FIRST_SCORE: _nullable(value)},
    )
    with_score = replace(form, covariates=(*form.covariates, FIRST_SCORE), sensitivity=Sensitivity.BASELINE_SCORE)
    made = design(late, with_score, lag_only=asked.lag_only)
    model = model_of(Family.COX, form.form, sensitivity=with_score.sensitivity)
    shifted = replace(record, patients=late)
    shifted.losses(made, model)
    shifted.add_absent(made, model, Scale.LOG_HR)
    _fit(shifted, made, model, _spans(late, made), note(NoteCode.FROM_FIRST_SCORE))


def first_scores(patients: Patients) -> tuple[Floats, Floats]:
    """(n,) the day of each patient's first score and its value (the mean, of several that day); NaN for none."""
    first = np.full(len(patients), np.inf)
    np.minimum.at(first, patients.patient, patients.day)
    is_first = patients.day == first[patients.patient]
    total = np.bincount(patients.patient[is_first], patients.score[is_first], minlength=len(patients))
    number = np.bincount(patients.patient[is_first], minlength=len(patients))
    value = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    return np.where(np.isfinite(first), first, np.nan), value


def _nullable(values: Floats) -> pa.Array:
    return pa.array(np.nan_to_num(values), mask=np.isnan(values))


def _time_varying(record: Recorder, made: Design, form: ModelForm) -> None:
    """Who qualifies after diagnosis is at a level of its own from the day after, for each exposure of the form."""
    model = model_of(Family.COX, form.form, sensitivity=Sensitivity.TIME_VARYING)
    pieces, after = _split(record.patients, made)
    event = pieces.event > 0
    keep = np.ones(len(event), bool)
    for name, later in after.items():
        if not (later & event).any():
            code, reason = DiagnosticCode.PERSON_YEARS_AFTER_QUALIFYING, note(NoteCode.NO_EVENT_AFTER_QUALIFYING)
            record.diagnose(model, code, _years(pieces, later), reason, exposure=name)
            keep &= ~later
    fitted = {name: later[keep] for name, later in after.items() if (later & event).any()}
    if not fitted:
        return
    row = pieces.row[keep]
    blocks = tuple(
        _varying(block, row, fitted.get(block.name)) if number < made.n_exposures else _repeated(block, row)
        for number, block in enumerate(made.blocks)
    )
    spans = pieces.start[keep], pieces.stop[keep], event[keep]
    about = note(NoteCode.EXPOSURE_CHANGES)
    years, left_out = (spans[1] - spans[0]) / YEAR, tuple(name for name in after if name not in fitted)
    pieced = Pieced(row, event[keep], years, left_out)
    _fit(record, replace(made, blocks=blocks), model, spans, about, pieces=pieced)


def _split(patients: Patients, made: Design) -> tuple[Pieces, dict[str, Rows]]:
    """Follow-up cut wherever an exposure of the form changes, and which pieces lie after each one's change."""
    rows = np.flatnonzero(made.rows)
    start, stop = patients.start[rows], patients.stop[rows]
    pieces = Pieces(np.arange(len(rows)), start, stop, patients.endpoint[rows].astype(np.int64), start < 0)
    changes = {name: patients.changes[name][rows] for name in made.form.exposures}
    for change in changes.values():
        cut = split_followup(pieces.start, pieces.stop, pieces.event, change[pieces.row])
        pieces = replace(cut, row=pieces.row[cut.row])
    return pieces, {name: np.asarray(change[pieces.row] <= pieces.start) for name, change in changes.items()}


def _years(pieces: Pieces, which: Rows) -> float:
    return float((pieces.stop - pieces.start)[which].sum() / YEAR)


def _repeated(block: Block, row: Ints) -> Block:
    return replace(block, columns=block.columns[row])


def _varying(block: Block, row: Ints, after: Rows | None) -> Block:
    """A block of an exposure in the rows of pieces, with a level for those after the change."""
    block = _repeated(block, row)
    if after is None:
        return block
    columns = np.column_stack([block.columns, after.astype(float)])
    return replace(block, levels=(*block.levels, AFTER_DIAGNOSIS), columns=columns)
