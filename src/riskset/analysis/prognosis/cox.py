"""Total effects on survival: Cox models without the score, and labelled sensitivities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from riskset.analysis.coding import Block
from riskset.analysis.frame import Rows
from riskset.analysis.prognosis.forms import ADJUSTED, SAME_PATIENTS, Design, Form, design
from riskset.analysis.prognosis.patients import Floats, Ints, Patients
from riskset.analysis.prognosis.recording import Recorder
from riskset.calendar import YEAR
from riskset.errors import FitError
from riskset.exposure.splitting import Pieces, split_followup
from riskset.microdata import Microdata
from riskset.spec.models import Prognosis
from riskset.stats import CoxFit, fit_cox, proportional_hazards_test

TOTAL = "total effect: the score is not held fixed"
AFTER = "after diagnosis"
"""The level of who qualified after diagnosis, from the day after; in the time-varying sensitivity alone."""


def fit_total(record: Recorder, asked: Prognosis, form: Form) -> None:
    """Fit a form by Cox regression (Efron's ties), with the test of proportional hazards; then the sensitivities.

    Where unknown covariates leave patients out of an adjusted model, the crude one is fitted to its patients too.
    """
    patients = record.patients
    made = design(patients, form, lag_only=asked.lag_only)
    model = f"Cox, {form.label}"
    record.losses(made, "prognosis", model)
    record.add_absent(made, "prognosis", model, "ever", "log_hr")
    _fit(record, made, model, _spans(patients, made), TOTAL)
    if form.label == ADJUSTED:
        _crude_of_these(record, asked, made)
    if asked.marker and form.covariates:
        _with_baseline_score(record, asked, form)
    if patients.changes:
        _time_varying(record, made, form)


def _crude_of_these(record: Recorder, asked: Prognosis, adjusted: Design) -> None:
    """The crude model of an adjusted one's patients, where they are not all whom the crude model has."""
    patients, alone = record.patients, adjusted.form.exposures
    whole = design(patients, Form(SAME_PATIENTS, alone, ()), lag_only=asked.lag_only)
    made = design(patients, whole.form, lag_only=asked.lag_only, among=adjusted.rows)
    if not made.estimable or np.array_equal(whole.rows, made.rows):
        return  # as is said of the adjusted model, or the crude model itself
    model = f"Cox, {SAME_PATIENTS}"
    record.losses(made, "prognosis", model)
    _fit(record, made, model, _spans(patients, made), TOTAL)


Spans = tuple[Ints, Ints, Rows]
"""Start, stop and whether an endpoint came then, of each row of a design."""


def _spans(patients: Patients, made: Design) -> Spans:
    return patients.start[made.rows], patients.stop[made.rows], patients.endpoint[made.rows]


def _fit(record: Recorder, made: Design, model: str, spans: Spans, about: str, *, patient: Ints | None = None) -> None:
    """Fit, and write down a row for each column; ``patient`` (r,) tells whose each row is, where follow-up is cut."""
    if not made.estimable:
        record.fail_uncompared(made, model)
        return
    start, stop, event = spans
    try:
        fit = fit_cox(made.x, stop / YEAR, event, start=start / YEAR, names=made.names)
    except FitError as error:
        _failed(record, made, model, error)
        return
    of_pieces = None if patient is None else Pieced(patient, event, (stop - start) / YEAR)
    add_ratios(record, made, model, fit, about, pieces=of_pieces)
    add_proportionality(record, made, model, fit)


@dataclass(frozen=True)
class Pieced(Microdata):
    """Follow-up cut where exposure changes: whose a piece (r,) is, whether it ends with the event, its years."""

    patient: Ints
    event: Rows
    years: Floats

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
    model: str,
    fit: CoxFit,
    about: str,
    *,
    scale: str = "log_hr",
    all_rows: bool = True,
    pieces: Pieced | None = None,
) -> None:
    """A row for each level of the exposures and, where ``all_rows``, of the covariates; and the log-likelihood."""
    position = 0
    for number, block in enumerate(made.blocks):
        focus = number < made.n_exposures
        for column, level in enumerate(block.levels):
            exposure = block.name if focus else ", ".join(made.form.exposures)
            row = record.row("prognosis", model, exposure, block.term, level, block.reference, scale)
            row |= record.counts(made, model, exposure, level)
            if pieces is not None and focus:
                row |= pieces.counts(block.columns[:, column] != 0)
            note = f"{about}; complete case" if focus else f"a covariate{'; for one unit' if block.numeric else ''}"
            if focus or all_rows:
                record.add(row, float(fit.beta[position]), float(fit.std_error[position]), note)
            position += 1
    record.diagnose("prognosis", model, made.form.exposures, "log-likelihood", fit.loglik)


def _failed(record: Recorder, made: Design, model: str, error: FitError) -> None:
    for block in made.exposures:
        for level in block.levels:
            row = record.row("prognosis", model, block.name, "ever", level, block.reference, "log_hr")
            record.add_empty(row | record.counts(made, model, block.name, level), f"not estimable: {error}")
    record.fail(model, made.form.exposures, str(error))


def add_proportionality(record: Recorder, made: Design, model: str, fit: CoxFit) -> None:
    """Test of proportional hazards by the scaled Schoenfeld residuals, of each block and of all."""
    groups, position = {}, 0
    for block in made.blocks:
        groups[block.name] = list(range(position, position + len(block.levels)))
        position += len(block.levels)
    try:
        test = proportional_hazards_test(fit, transform="km", groups={k: v for k, v in groups.items() if v})
    except FitError as error:
        record.diagnose("prognosis", model, made.form.exposures, "proportional hazards", None, f"not tested: {error}")
        return
    for name, one in [*test.terms.items(), ("all terms", test.overall)]:
        note = f"χ² = {one.statistic:.2f}, {one.df} df; score test against 1 − Kaplan-Meier"
        record.diagnose("prognosis", model, made.form.exposures, f"proportional hazards, {name}, p", one.p_value, note)


def _with_baseline_score(record: Recorder, asked: Prognosis, form: Form) -> None:
    """The same with the first score as a covariate, from the day of that score on, so that no time is immortal."""
    patients = record.patients
    first, value = first_scores(patients)
    late = replace(
        patients,
        start=np.where(np.isnan(first), patients.start, np.fmax(patients.start, first)).astype(np.int64),
        covariates={**patients.covariates, "first score": _nullable(value)},
    )
    with_score = Form(f"{form.label}, baseline score (sensitivity)", form.exposures, (*form.covariates, "first score"))
    made = design(late, with_score, lag_only=asked.lag_only)
    model = f"Cox, {with_score.label}"
    shifted = replace(record, patients=late)
    shifted.losses(made, "prognosis", model)
    shifted.add_absent(made, "prognosis", model, "ever", "log_hr")
    about = "sensitivity, no total effect: the first score is an outcome and a mediator; followed from that score"
    _fit(shifted, made, model, _spans(late, made), about)


def first_scores(patients: Patients) -> tuple[Floats, Floats]:
    """(n,) the day of each patient's first score and its value (the mean, of several that day); NaN for none."""
    first = np.full(len(patients), np.inf)
    np.minimum.at(first, patients.patient, patients.day)
    own = patients.day == first[patients.patient]
    total = np.bincount(patients.patient[own], patients.score[own], minlength=len(patients))
    number = np.bincount(patients.patient[own], minlength=len(patients))
    value = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    return np.where(np.isfinite(first), first, np.nan), value


def _nullable(values: Floats) -> pa.Array:
    return pa.array(np.nan_to_num(values), mask=np.isnan(values))


def _time_varying(record: Recorder, made: Design, form: Form) -> None:
    """Who qualifies after diagnosis is at a level of its own from the day after, for each exposure of the form."""
    model = f"Cox, {form.label}, time-varying (sensitivity)"
    pieces, after = _split(record.patients, made)
    event = pieces.event > 0
    keep = np.ones(len(event), bool)
    for name, later in after.items():
        if not (later & event).any():
            note = "no estimate, and this person-time left out: nobody who qualified after diagnosis has an event"
            record.diagnose("prognosis", model, [name], "person-years after qualifying", _years(pieces, later), note)
            keep &= ~later
    fitted = {name: later[keep] for name, later in after.items() if (later & event).any()}
    if not fitted:
        return
    row = pieces.row[keep]
    blocks = tuple(
        _varying(block, row, fitted.get(block.name)) if number < made.n_exposures else _repeated(block, row)
        for number, block in enumerate(made.blocks)
    )
    about = (
        "sensitivity: exposure changes the day after who had not qualified by diagnosis does; early signs of decline "
        "may lead to treatment"
    )
    spans = pieces.start[keep], pieces.stop[keep], event[keep]
    _fit(record, replace(made, blocks=blocks), model, spans, about, patient=row)


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
    return replace(block, levels=(*block.levels, AFTER), columns=columns)
