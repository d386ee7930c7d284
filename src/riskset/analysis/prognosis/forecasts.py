"""What joint models foretell: mean scores while alive, and an invented patient as an example."""

from __future__ import annotations

import numpy as np
from scipy import special

from riskset.analysis.prognosis.decline import months_ahead
from riskset.analysis.prognosis.forms import Design
from riskset.analysis.prognosis.patients import REFERENCE, Floats
from riskset.analysis.prognosis.recording import Recorder
from riskset.errors import FitError
from riskset.spec.models import Prognosis
from riskset.stats import JointFit, forecast, landmark_risk, measure_calibration, measure_performance

LANDMARK, AHEAD, EVERY = 6.0, 24, 3
"""Month at which a forecast is made, how many months ahead, and months between its points."""

GROUPS = 5
"""Groups of rising risk in which what was foretold is held against what came."""

DRAWS = 100
"""Draws for the limits of a forecast."""


def add_mean_scores(record: Recorder, made: Design, fit: JointFit, model: str) -> None:
    """The mean latent score of each level among those alive, and as if nobody died, from the joint model.

    As if nobody died it is linear in the fixed effects, and so are its limits; while alive they are quantiles of the
    mean over draws of the parameters.
    """
    (block,) = made.exposures
    months = months_ahead(record.patients)[EVERY::EVERY]
    course, p = fit.likelihood.data.trajectory, len(fit.beta)
    reach = float(special.ndtri(0.5 + record.conf_level / 2))
    for position, level in enumerate((REFERENCE, *block.levels)):
        x = np.zeros(made.x.shape[1])
        if position:
            x[position - 1] = 1.0
        ahead = forecast(fit, [], [], landmark=0.0, times=months, x=x, w=x, level=record.conf_level, draws=DRAWS)
        alive = "mean of those who live to that time: those who decline fast have died"
        terms, _ = course.design(months, np.tile(x, (len(months), 1)))
        mean = terms @ fit.beta
        half = reach * np.sqrt(np.einsum("np,pq,nq->n", terms, fit.covariance[:p, :p], terms))
        common = {"analysis": "decline", "model": model, "exposure": block.name, "level": level}
        for month, living, (low, high), value, width in zip(
            months, ahead.score, ahead.mean_interval, mean, half, strict=True
        ):
            record.curve(
                "score while alive", month, "months", float(living), conf_low=float(low), conf_high=float(high),
                n_patients=fit.n_patients, note=alive, **common,
            )  # fmt: skip
            record.curve(
                "score as if nobody died", month, "months", float(value), conf_low=float(value - width),
                conf_high=float(value + width), n_patients=fit.n_patients,
                note="mean of all patients, as if nobody died", **common,
            )  # fmt: skip


def add_example(record: Recorder, asked: Prognosis, made: Design, fit: JointFit, model: str) -> None:
    """Forecasts of two invented patients, never exposed, of mean age and at the reference of every other covariate.

    They were seen at 0, 3 and 6 months: one with the model's mean course, one who lost twice as much.
    """
    visits = np.array([0.0, 3.0, LANDMARK])
    basis = fit.likelihood.data.trajectory.fixed
    mean = basis.value(visits) @ fit.beta[: basis.n_terms]
    x = np.zeros(made.x.shape[1])
    times = LANDMARK + np.arange(EVERY, AHEAD + 1, EVERY, dtype=float)
    for level, pace in (("declines as on average", 1.0), ("declines twice as fast", 2.0)):
        scores = np.clip(np.round(mean[0] + pace * (mean - mean[0])), *asked.marker_range)
        ahead = forecast(
            fit, scores, visits, landmark=LANDMARK, times=times, x=x, w=x, level=record.conf_level, draws=DRAWS
        )
        about = "an invented patient; " + ", ".join(
            f"{s:g} at {t:g} months" for s, t in zip(scores, visits, strict=True)
        )
        _add_forecast(record, "forecast survival", level, times, ahead.survival, ahead.patient_interval, model, about)
        _add_forecast(record, "forecast score", level, times, ahead.score, ahead.score_interval, model, about)
        for time, score in zip(visits, scores, strict=True):
            record.curve(
                "forecast visit", time, "months", float(score), analysis="prognosis", model=model, exposure="",
                level=level, note=about,
            )  # fmt: skip


def _add_forecast(
    record: Recorder, name: str, level: str, times: Floats, values: Floats, limits: Floats, model: str, about: str
) -> None:
    for time, value, (low, high) in zip(times, values, limits, strict=True):
        record.curve(
            name, time, "months", float(value), analysis="prognosis", model=model, exposure="", level=level,
            conf_low=float(low), conf_high=float(high), note=f"{about}; limits of this patient's own",
        )  # fmt: skip


def add_performance(record: Recorder, made: Design, fit: JointFit, model: str) -> None:
    """How well the model foretells, at six months, who has an event in the next year.

    In the patients it was fitted to, which flatters it.
    """
    stop, event = fit.likelihood.data.stop, fit.likelihood.data.event
    try:
        at_risk, risk = landmark_risk(fit, LANDMARK, 12.0)
        found = measure_performance(risk, stop[at_risk], event[at_risk], landmark=LANDMARK, horizon=12.0)
    except FitError as error:
        record.diagnose("prognosis", model, made.form.exposures, "AUC", None, f"not measured: {error}")
        return
    note = f"of {found.n_at_risk} at risk at 6 months, {found.n_events} with an event in the next 12; flattering"
    for name, value in (("AUC", found.auc), ("Brier score", found.brier), ("Brier score, scaled", found.scaled_brier)):
        record.diagnose("prognosis", model, made.form.exposures, name, value, note)
    fifths = measure_calibration(risk, stop[at_risk], event[at_risk], landmark=LANDMARK, horizon=12.0, groups=GROUPS)
    for number, (foretold, seen, size) in enumerate(
        zip(fifths.predicted, fifths.observed, fifths.size, strict=True), start=1
    ):
        note = f"{100 * seen:.1f} % observed, in {size} patients"
        record.diagnose("prognosis", model, made.form.exposures, f"foretold risk, fifth {number}", foretold, note)
