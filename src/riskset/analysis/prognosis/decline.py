"""The course of the score by exposure: mixed models of what was measured."""

from __future__ import annotations

import numpy as np
from scipy import special

from riskset.analysis.coding import Block
from riskset.analysis.prognosis.forms import CRUDE, Design, Form, design, scores_of
from riskset.analysis.prognosis.patients import REFERENCE, Floats, Patients
from riskset.analysis.prognosis.recording import Recorder
from riskset.errors import FitError
from riskset.spec.models import Prognosis
from riskset.stats import MixedFit, NaturalSpline, Polynomial, TimeBasis, Trajectory, fit_mixed

FIRST_YEAR = 12.0
"""Months over which a slope is taken; with straight lines it is the same over any time."""

BAND = 3
"""Months of a band in which measured scores are averaged."""

DAYS = {"linear": 2, "spline": 4}
"""Different days with scores that a level needs for its mean course."""

SLOPE, LEVEL = "slope", "score at origin"
"""Terms of a decline: points a month, and points."""


def time_basis(patients: Patients, asked: Prognosis) -> TimeBasis:
    """The mean course in months: a line, or a natural spline with knots at quantiles of the visits' times."""
    if asked.decline == "linear":
        return Polynomial(1)
    knots = np.unique(np.quantile(patients.month, [0.05, 0.35, 0.65, 0.95]))
    if len(knots) < 3:
        raise FitError("the scores have too few different times for a spline", where="decline", remedy="use linear")
    return NaturalSpline(tuple(float(knot) for knot in knots))


def refuse_single_scores(patients: Patients, made: Design) -> None:
    """Refuse patients of whom nobody has two scores: FitError."""
    number = np.bincount(patients.patient, minlength=len(patients))[made.rows]
    if number.max(initial=0) < 2:
        raise FitError(
            "no patient has two scores, so that patients' own courses cannot be told from error",
            where="marker",
            remedy="leave out marker, or see which scores were left out",
        )


def trajectory_of(made: Design, basis: TimeBasis) -> Trajectory:
    """Every column of the design stands in the level and in the change of the score."""
    columns = tuple(range(made.x.shape[1]))
    return Trajectory(fixed=basis, random=Polynomial(1), shifts=columns, bends=columns)


def fit_decline(record: Recorder, asked: Prognosis, form: Form) -> None:
    """Fit a form by a mixed model with random intercept and slope (REML).

    It describes the scores that were measured. Where those who decline fast die early, its slopes are flatter than
    those of all patients; the joint model allows for that.
    """
    patients = record.patients
    model = f"mixed model, {form.label}"
    scored = np.bincount(patients.patient, minlength=len(patients)) > 0
    needs = [scores_of(patients, DAYS[asked.decline])]
    made = design(patients, form, lag_only=asked.lag_only, among=scored, needs=needs)
    record.losses(made, "decline", model)
    record.add_absent(made, "decline", model, SLOPE, "mean")
    if not made.estimable:
        record.fail_uncompared(made, model)
        return
    try:
        basis = time_basis(patients, asked)
        refuse_single_scores(patients, made)
        fit = _fit(patients, made, trajectory_of(made, basis))
    except FitError as error:
        _failed(record, made, model, str(error))
        return
    n_scores, _ = _visits(patients, made)
    told: list[tuple[str, float, str]] = [
        ("scores", len(n_scores), f"of {int(made.rows.sum())} patients"),
        ("residual SD", fit.sigma, "points"),
        ("SD of patients' slopes", float(np.sqrt(fit.random_covariance[1, 1])), "points a month"),
    ]
    for name, value, note in told:
        record.diagnose("decline", model, form.exposures, name, value, note)
    if fit.singular:
        record.diagnose("decline", model, form.exposures, "singular", None, "a random effect has no variance")
    if not fit.converged:
        _failed(record, made, model, f"not converged in {fit.iterations} iterations")
        return
    add_declines(record, made, basis, model, fit.beta, fit.covariance, len(n_scores), "the scores that were measured")
    if form.label == CRUDE:
        _mean_curves(record, made, basis, fit, model)


def _visits(patients: Patients, made: Design) -> tuple[np.ndarray, np.ndarray]:
    """Which scores (k,) are of the design's patients, and (k,) of which of its rows."""
    used = np.flatnonzero(made.rows[patients.patient])
    return used, (np.cumsum(made.rows) - 1)[patients.patient[used]]


def _fit(patients: Patients, made: Design, course: Trajectory) -> MixedFit:
    used, row = _visits(patients, made)
    x, z = course.design(patients.month[used], made.x[row])
    return fit_mixed(patients.score[used], x, z, row, names=course.names(made.names))


def _failed(record: Recorder, made: Design, model: str, why: str) -> None:
    for block in made.exposures:
        for level in block.levels:
            row = record.row("decline", model, block.name, SLOPE, level, block.reference, "mean")
            record.add_empty(row | record.counts(made, model, block.name, level), f"not estimable: {why}")
    record.fail(model, made.form.exposures, why)


def add_declines(
    record: Recorder, made: Design, basis: TimeBasis, model: str, beta: Floats, covariance: Floats, scores: int, of: str
) -> None:
    """Rows of the differences in slope and in level by exposure, and of the reference's own where it stands alone.

    Parameters
    ----------
    beta, covariance : (p,) and (p, p) fixed effects of `trajectory_of`
    scores : how many were used
    of : what the slopes describe
    """
    course = trajectory_of(made, basis)
    zero, year = basis.value(np.array([0.0]))[0], basis.value(np.array([FIRST_YEAR]))[0]
    change = (year - zero) / FIRST_YEAR
    per = "points a month" + ("" if basis.n_terms == 2 else ", mean over the first year")
    column = 0
    for block in made.exposures:
        for level in block.levels:
            counts = record.counts(made, model, block.name, level, scores=scores)
            for term, weight, unit in ((SLOPE, change, f"{per}, difference"), (LEVEL, zero, "points, difference")):
                contrast = np.array([weight[k] if j == column else 0.0 for k, j in course.terms])
                row = record.row("decline", model, block.name, term, level, block.reference, "mean")
                record.add(row | counts, float(contrast @ beta), _error(contrast, covariance), f"{unit}; of {of}")
            column += 1
    if made.form.label == CRUDE:
        (exposure,) = made.form.exposures
        counts = record.counts(made, model, exposure, REFERENCE, scores=scores)
        for term, weight, unit in ((SLOPE, change, per), (LEVEL, zero, "points")):
            contrast = np.array([weight[k] if j is None else 0.0 for k, j in course.terms])
            row = record.row("decline", model, exposure, term, REFERENCE, "", "mean")
            record.add(row | counts, float(contrast @ beta), _error(contrast, covariance), f"{unit}; of {of}")


def _error(contrast: Floats, covariance: Floats) -> float:
    return float(np.sqrt(contrast @ covariance @ contrast))


def _mean_curves(record: Recorder, made: Design, basis: TimeBasis, fit: MixedFit, model: str) -> None:
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
        for month, mean, half in zip(months, terms @ fit.beta, reach, strict=True):
            record.curve(
                "score", month, "months", mean, analysis="decline", model=model, exposure=block.name, level=level,
                conf_low=mean - half, conf_high=mean + half,
                n_patients=int((made.rows & (patients.level[block.name] == level)).sum()),
                note="mean of the scores that were measured, as if the missing ones were like them",
            )  # fmt: skip
        _measured_curve(record, made, block, level, months)


def _measured_curve(record: Recorder, made: Design, block: Block, level: str, months: Floats) -> None:
    """Plain means of the scores in bands of three months: of those who lived and came."""
    patients = record.patients
    used, _ = _visits(patients, made)
    own = used[patients.level[block.name][patients.patient[used]] == level]
    for low in np.arange(0, months[-1], BAND):
        inside = own[(patients.month[own] >= low) & (patients.month[own] < low + BAND)]
        who = len(np.unique(patients.patient[inside]))
        if len(inside):
            record.curve(
                "measured score", low + BAND / 2, "months", float(patients.score[inside].mean()), analysis="decline",
                model="measured", exposure=block.name, level=level, n_scores=len(inside), n_patients=who,
                note=f"plain mean of the scores of {low:g} to {low + BAND:g} months: of those who lived and came",
            )  # fmt: skip


def months_ahead(patients: Patients) -> Floats:
    """Every month of the time that nine scores in ten lie in, but one year at least and two at the most."""
    last = np.quantile(patients.month, 0.9) if len(patients.month) else FIRST_YEAR
    return np.arange(int(np.clip(last, FIRST_YEAR, 2 * FIRST_YEAR)) + 1, dtype=float)


def _normal(level: float) -> float:
    return float(special.ndtri(0.5 + level / 2))
