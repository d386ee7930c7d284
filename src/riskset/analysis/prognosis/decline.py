"""The course of the score by exposure: mixed models of what was measured."""

from __future__ import annotations

import numpy as np
from scipy import special

from riskset.analysis.coding import Block
from riskset.analysis.failing import note_of
from riskset.analysis.prognosis.forms import Design, ModelForm, design, scores_of
from riskset.analysis.prognosis.patients import REFERENCE, Floats, Ints, Patients
from riskset.analysis.prognosis.recording import Recorder, model_of, present
from riskset.errors import FitError, FitProblem
from riskset.results.notes import Note, NoteCode, note
from riskset.results.vocabulary import (
    Analysis,
    Contrast,
    CurveKind,
    DiagnosticCode,
    Estimator,
    Family,
    Form,
    Model,
    Scale,
    Who,
)
from riskset.spec.models import Prognosis
from riskset.stats import MixedFit, NaturalSpline, Polynomial, TimeBasis, Trajectory, fit_mixed

FIRST_YEAR = 12.0
"""Months over which a slope is taken; with straight lines it is the same over any time."""

BAND = 3
"""Months of a band in which measured scores are averaged."""

DAYS = {"linear": 2, "spline": 4}
"""Different days with scores that a level needs for its mean course."""


def time_basis(patients: Patients, asked: Prognosis) -> TimeBasis:
    """The mean course in months: a line, or a natural spline with knots at quantiles of the visits' times."""
    if asked.decline == "linear":
        return Polynomial(1)
    knots = np.unique(np.quantile(patients.month, [0.05, 0.35, 0.65, 0.95]))
    if len(knots) < 3:
        raise FitError(
            "the scores have too few different times for a spline",
            where="decline",
            remedy="use linear",
            problem=FitProblem.FEW_TIMES,
        )
    return NaturalSpline(tuple(float(knot) for knot in knots))


def refuse_single_scores(patients: Patients, made: Design) -> None:
    """Refuse patients of whom nobody has two scores: FitError."""
    number = np.bincount(patients.patient, minlength=len(patients))[made.rows]
    if number.max(initial=0) < 2:
        raise FitError(
            "no patient has two scores, so that patients' own courses cannot be told from error",
            where="marker",
            remedy="leave out marker, or see which scores were left out",
            problem=FitProblem.FEW_SCORES,
            facts={"most": int(number.max(initial=0)), "effects": 2, "needed": 2},
        )


def trajectory_of(made: Design, basis: TimeBasis) -> Trajectory:
    """Every column of the design stands in the level and in the change of the score."""
    columns = tuple(range(made.x.shape[1]))
    return Trajectory(fixed=basis, random=Polynomial(1), shifts=columns, bends=columns)


def fit_decline(record: Recorder, asked: Prognosis, form: ModelForm) -> None:
    """Fit a form by a mixed model with random intercept and slope (REML).

    It describes the scores that were measured. Where those who decline fast die early, its slopes are flatter than
    those of all patients; the joint model allows for that.
    """
    patients = record.patients
    model = model_of(Family.MIXED, form.form, analysis=Analysis.DECLINE, estimator=Estimator.REML)
    scored = np.bincount(patients.patient, minlength=len(patients)) > 0
    needs = [scores_of(patients, DAYS[asked.decline])]
    made = design(patients, form, lag_only=asked.lag_only, among=scored, needs=needs)
    record.losses(made, model)
    record.add_absent(made, model, Scale.SLOPE)
    if not made.estimable:
        record.fail_uncompared(made, model)
        return
    try:
        basis = time_basis(patients, asked)
        refuse_single_scores(patients, made)
        fit = _fit(patients, made, trajectory_of(made, basis))
    except FitError as error:
        _failed(record, made, model, note_of(error, NoteCode.NOT_ESTIMABLE))
        return
    _diagnose(record, made, model, fit)
    if not fit.converged:
        _failed(
            record,
            made,
            model,
            note(NoteCode.NOT_CONVERGED, iterations=int(fit.iterations)),
        )
        return
    scores, _ = _visits(patients, made)
    add_declines(record, made, basis, model, fit.beta, fit.covariance, len(scores), note(NoteCode.OF_MEASURED_SCORES))
    if form.form == Form.CRUDE:
        _mean_curves(record, made, basis, fit, model)


def _diagnose(record: Recorder, made: Design, model: Model, fit: MixedFit) -> None:
    scores, _ = _visits(record.patients, made)
    of_patients = note(NoteCode.OF_PATIENTS, patients=int(made.rows.sum()))
    exposure = made.form.exposure
    record.diagnose(model, DiagnosticCode.SCORES, len(scores), of_patients, exposure=exposure, who=Who.SCORES)
    record.diagnose(model, DiagnosticCode.RESIDUAL_SD, fit.sigma, exposure=exposure)
    slope_sd = float(np.sqrt(fit.random_covariance[1, 1]))
    record.diagnose(model, DiagnosticCode.SLOPE_SD, slope_sd, exposure=exposure)
    if fit.singular:
        record.diagnose(model, DiagnosticCode.SINGULAR, None, exposure=exposure)


def _visits(patients: Patients, made: Design) -> tuple[Ints, Ints]:
    """Which scores (k,) are of the design's patients, and (k,) of which of its rows."""
    used = np.flatnonzero(made.rows[patients.patient])
    return used, (np.cumsum(made.rows) - 1)[patients.patient[used]]


def _fit(patients: Patients, made: Design, course: Trajectory) -> MixedFit:
    used, row = _visits(patients, made)
    x, z = course.design(patients.month[used], made.x[row])
    return fit_mixed(patients.score[used], x, z, row, names=course.names(made.names))


def _failed(record: Recorder, made: Design, model: Model, reason: Note) -> None:
    record.add_failed(made, model, Scale.SLOPE, reason)
    record.fail(made, model, reason)


def add_declines(
    record: Recorder,
    made: Design,
    basis: TimeBasis,
    model: Model,
    beta: Floats,
    covariance: Floats,
    scores: int,
    of: Note,
) -> None:
    """Rows of the differences in slope and in score by exposure, and of the reference's own where it stands alone.

    Parameters
    ----------
    beta, covariance : (p,) and (p, p) fixed effects of `trajectory_of`
    scores : how many were used
    of : what the slopes describe
    """
    course = trajectory_of(made, basis)
    zero, year = basis.value(np.array([0.0]))[0], basis.value(np.array([FIRST_YEAR]))[0]
    first_year = note(NoteCode.OVER_FIRST_YEAR) if basis.n_terms > 2 else None
    weights = (
        (Scale.SLOPE, (year - zero) / FIRST_YEAR, present(first_year, of)),
        (Scale.SCORE, zero, (of,)),
    )

    def add(exposure: str, level: str, reference: str, contrast: Contrast, column: int | None) -> None:
        for scale, weight, notes in weights:
            terms = np.array([weight[k] if j == column else 0.0 for k, j in course.terms])
            row = record.row(model, exposure, level, scale, reference=reference, contrast=contrast)
            row = record.counted(row, made, exposure, level, scores=scores)
            record.add(row, float(terms @ beta), _error(terms, covariance), *notes)

    column = 0
    for block in made.exposures:
        for level in block.levels:
            add(block.name, level, block.reference, Contrast.LEVEL, column)
            column += 1
    if made.form.form == Form.CRUDE:
        add(made.form.exposure, REFERENCE, "", Contrast.VALUE, None)


def _error(contrast: Floats, covariance: Floats) -> float:
    return float(np.sqrt(contrast @ covariance @ contrast))


def _mean_curves(record: Recorder, made: Design, basis: TimeBasis, fit: MixedFit, model: Model) -> None:
    """The mean course of each level, as the mixed model has it, up to the time that one score in twenty is beyond."""
    patients = record.patients
    course = trajectory_of(made, basis)
    months = months_ahead(patients)
    (block,) = made.exposures
    for position, level in enumerate((REFERENCE, *block.levels)):
        x = np.zeros((len(months), len(block.levels)))
        if position:
            x[:, position - 1] = 1.0
        terms, _ = course.design(months, x)
        spread = np.sqrt(np.einsum("np,pq,nq->n", terms, fit.covariance, terms))
        reach = spread * _normal(record.conf_level)
        n_patients = int((made.rows & (patients.level[block.name] == level)).sum())
        for month, mean, half in zip(months, terms @ fit.beta, reach, strict=True):
            record.curve(
                model, CurveKind.SCORE, month, "months", mean, exposure=block.name, level=level, conf_low=mean - half,
                conf_high=mean + half, n_patients=n_patients, notes=(note(NoteCode.OF_MEASURED_SCORES),),
            )  # fmt: skip
        _measured_curve(record, made, block, level, months)


def _measured_curve(record: Recorder, made: Design, block: Block, level: str, months: Floats) -> None:
    """Plain means of the scores in bands of three months: of those who lived and came."""
    patients = record.patients
    model = model_of(Family.MEASURED, analysis=Analysis.DECLINE)
    used, _ = _visits(patients, made)
    at_level = used[patients.level[block.name][patients.patient[used]] == level]
    for low in np.arange(0, months[-1], BAND):
        inside = at_level[(patients.month[at_level] >= low) & (patients.month[at_level] < low + BAND)]
        if len(inside):
            band = note(NoteCode.BAND_MEAN, low=int(low), high=int(low + BAND))
            record.curve(
                model, CurveKind.MEASURED_SCORE, low + BAND / 2, "months", float(patients.score[inside].mean()),
                exposure=block.name, level=level, n_scores=len(inside),
                n_patients=len(np.unique(patients.patient[inside])), notes=(band,),
            )  # fmt: skip


def months_ahead(patients: Patients) -> Floats:
    """Every month of the time that nine scores in ten lie in, but one year at least and two at the most."""
    last = np.quantile(patients.month, 0.9) if len(patients.month) else FIRST_YEAR
    return np.arange(int(np.clip(last, FIRST_YEAR, 2 * FIRST_YEAR)) + 1, dtype=float)


def _normal(level: float) -> float:
    return float(special.ndtri(0.5 + level / 2))
