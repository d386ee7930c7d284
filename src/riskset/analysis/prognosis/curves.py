"""Rates, survival curves and cumulative incidences by level of exposure, with medians and restricted means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from riskset.analysis.failing import note_of
from riskset.analysis.frame import Rows
from riskset.analysis.prognosis.patients import REFERENCE, Floats, Patients
from riskset.analysis.prognosis.recording import Recorder, model_of, present
from riskset.calendar import YEAR
from riskset.errors import FitError
from riskset.results.notes import Note, NoteCode, note
from riskset.results.rows import Estimate
from riskset.results.vocabulary import Contrast, CurveKind, DiagnosticCode, Family, Model, Scale, Who
from riskset.spec.levels import ALL, EVER
from riskset.spec.models import Prognosis
from riskset.spec.time import Duration
from riskset.stats import (
    Curve,
    RestrictedMean,
    aalen_johansen,
    gray_test,
    kaplan_meier,
    log_rank_test,
    quantiles,
    rates,
    restricted_mean,
    restricted_mean_difference,
)
from riskset.stats.inference import Test

KAPLAN_MEIER = model_of(Family.KAPLAN_MEIER)

STEPS = 12
"""Points of a curve in a year; a year's own are among them."""

FEW = 10
"""A curve that begins with fewer at risk is said to be thin."""


def describe_survival(record: Recorder, asked: Prognosis, exposure: str) -> None:
    """Rates, curves, medians and restricted means of each level of an exposure; of all patients where it is ""."""
    patients = record.patients
    groups = list(_groups(patients, asked, exposure))
    means: dict[str, RestrictedMean] = {}
    for level, rows in groups:
        _rate(record, exposure, level, rows)
        late = _after_landmark(patients, asked, rows)
        if not late.any():
            _no_curve(record, exposure, level, note(NoteCode.NOBODY_AT_RISK))
            continue
        mean = _survival(record, asked, exposure, level, late)
        if mean is not None:
            means[level] = mean
        _incidence(record, asked, exposure, level, late)
    _differences(record, asked, exposure, means, dict(groups))
    if len(groups) > 1:
        _tests(record, exposure, groups)


def _groups(patients: Patients, asked: Prognosis, exposure: str) -> Iterator[tuple[str, Rows]]:
    if not exposure:
        yield ALL, np.ones(len(patients), bool)
        return
    for level in patients.levels_of(exposure):
        if level in (REFERENCE, EVER) or asked.lag_only != "exclude":
            yield level, np.asarray(patients.level[exposure] == level)


def _row(record: Recorder, model: Model, exposure: str, level: str, rows: Rows, scale: Scale) -> Estimate:
    patients = record.patients
    compared = scale == Scale.RMST_DIFFERENCE
    row = record.row(
        model, exposure, level, scale, reference=REFERENCE if compared else "",
        contrast=Contrast.LEVEL if compared else Contrast.VALUE,
    )  # fmt: skip
    row = replace(
        row,
        n_cases=int(rows.sum()),
        n_events=int((rows & patients.endpoint).sum()),
        person_years=patients.person_years(rows),
    )
    if not exposure:
        return row
    at_level = rows & (patients.level[exposure] == level)
    return replace(row, n_exposed_cases=int(at_level.sum()), n_exposed_events=int((at_level & patients.endpoint).sum()))


def _rate(record: Recorder, exposure: str, level: str, rows: Rows) -> None:
    patients = record.patients
    rate = rates(
        patients.stop[rows],
        patients.endpoint[rows],
        start=patients.start[rows],
        per=YEAR,
        level=record.conf_level,
    )
    row = _row(record, model_of(Family.RATE), exposure, level, rows, Scale.RATE)
    low, high = float(rate.conf_low[0]), float(rate.conf_high[0])
    notes = (note(NoteCode.EXACT_POISSON),)
    record.keep(replace(row, estimate=float(rate.rate[0]), conf_low=low, conf_high=high, converged=True, notes=notes))


def _no_curve(record: Recorder, exposure: str, level: str, reason: Note) -> None:
    level = record.level_name(level)
    record.diagnose(KAPLAN_MEIER, DiagnosticCode.NO_CURVE, None, reason, exposure=exposure, level=level)


def years(length: Duration) -> float:
    """A duration in years."""
    return length.days_about / YEAR


def _after_landmark(patients: Patients, asked: Prognosis, rows: Rows) -> Rows:
    """Of some patients those who are still followed, free of any event, when curves begin."""
    return np.asarray(rows & (patients.stop > asked.curves_from.days_about))


def _spans(patients: Patients, asked: Prognosis, rows: Rows) -> tuple[Floats, Floats]:
    """Start and stop in years since the curves begin."""
    begin = asked.curves_from.days_about
    start, stop = (np.asarray(days[rows], np.float64) - begin for days in (patients.start, patients.stop))
    return np.maximum(start, 0.0) / YEAR, stop / YEAR


def _survival(record: Recorder, asked: Prognosis, exposure: str, level: str, rows: Rows) -> RestrictedMean | None:
    patients = record.patients
    start, stop = _spans(patients, asked, rows)
    curve = kaplan_meier(stop, patients.endpoint[rows], start=start, level=record.conf_level)
    if _collapses(curve, stop):
        reason = note(NoteCode.CURVE_COLLAPSED)
        _no_curve(record, exposure, level, reason)
        for scale in (Scale.MEDIAN, Scale.RMST):
            row = _row(record, KAPLAN_MEIER, exposure, level, rows, scale)
            record.add_empty(_with_horizon(row, asked), reason)
        return None
    first = int(curve.at([1 / YEAR]).n_risk[0])
    if first < FEW:
        record.diagnose(
            KAPLAN_MEIER, DiagnosticCode.AT_RISK_FIRST_DAY, first, note(NoteCode.CURVE_BEGINS_THIN, at_risk=first),
            exposure=exposure, level=record.level_name(level), who=Who.PATIENTS,
        )  # fmt: skip
    _survival_curve(record, asked, exposure, level, rows, curve)
    _median(record, asked, exposure, level, rows, curve)
    return _mean(record, asked, exposure, level, rows, curve)


def _survival_curve(record: Recorder, asked: Prognosis, exposure: str, level: str, rows: Rows, curve: Curve) -> None:
    begin, (start, stop) = years(asked.curves_from), _spans(record.patients, asked, rows)
    points, notes = curve.at(_grid(stop)), present(_landmark(asked), as_if_nobody_died(asked))
    n_risk = _at_risk(points.n_risk, start)
    for i, t in enumerate(points.time):
        record.curve(
            KAPLAN_MEIER, CurveKind.SURVIVAL, t + begin, "years", points.estimate[i], exposure=exposure, level=level,
            conf_low=points.conf_low[i], conf_high=points.conf_high[i], n_risk=n_risk[i],
            n_events=int(points.n_event[i]), n_patients=int(rows.sum()), notes=notes,
        )  # fmt: skip


def _median(record: Recorder, asked: Prognosis, exposure: str, level: str, rows: Rows, curve: Curve) -> None:
    half, begin = quantiles(curve), years(asked.curves_from)
    row = _row(record, KAPLAN_MEIER, exposure, level, rows, Scale.MEDIAN)
    median, first, last = (float(value[0]) + begin for value in (half.time, half.conf_low, half.conf_high))
    if np.isnan(median):
        record.add_empty(row, note(NoteCode.FEWER_THAN_HALF))
        return
    since = note(NoteCode.YEARS_FROM, origin=asked.origin)
    notes = present(since, _landmark(asked), as_if_nobody_died(asked))
    low, high = _or_none(first), _or_none(last)
    record.keep(replace(row, estimate=median, conf_low=low, conf_high=high, converged=True, notes=notes))


def _landmark(asked: Prognosis) -> Note | None:
    """Whom curves are of, where they begin after the origin."""
    if not years(asked.curves_from):
        return None
    return note(NoteCode.FREE_OF_EVENTS_AT, time=str(asked.curves_from), origin=asked.origin)


def as_if_nobody_died(asked: Prognosis) -> Note | None:
    """What a share without an event supposes where death is no part of the endpoint; None where it is."""
    return None if "death" in asked.endpoint else note(NoteCode.AS_IF_NOBODY_DIED)


def _collapses(curve: Curve, stop: Floats) -> bool:
    """Whether a curve says nothing: all who were at risk early had the event while others were still to enter."""
    empty = np.flatnonzero(curve.estimate <= 0)
    return bool(empty.size and (stop > curve.time[empty[0]]).any())


def _grid(stop: Floats) -> Floats:
    """From 0 by steps of a month to the last time at risk."""
    return np.asarray(np.arange(int(np.floor(stop.max() * STEPS)) + 1) / STEPS, float)


def _at_risk(n_risk: Floats, start: Floats) -> list[int]:
    """Patients at risk at the times of a grid; at 0, where nobody has been at risk before, those who are just after."""
    return [int((start <= 0).sum()), *(int(n) for n in n_risk[1:])]


def _with_horizon(row: Estimate, asked: Prognosis) -> Estimate:
    """A row that is up to the study's horizon, where it is a restricted mean."""
    return row if row.scale == Scale.MEDIAN else replace(row, horizon=years(asked.horizon))


def _mean(
    record: Recorder, asked: Prognosis, exposure: str, level: str, rows: Rows, curve: Curve
) -> RestrictedMean | None:
    begin, until = years(asked.curves_from), years(asked.horizon)
    row = _with_horizon(_row(record, KAPLAN_MEIER, exposure, level, rows, Scale.RMST), asked)
    try:
        mean = restricted_mean(curve, until - begin, level=record.conf_level)
    except FitError as error:
        record.add_empty(row, note_of(error, NoteCode.NOT_UP_TO_HORIZON, time=str(asked.horizon)))
        return None
    if mean.std_error == 0:
        happened = bool(curve.n_event[curve.time < mean.until].any())
        record.add_empty(row, note(NoteCode.ALL_ON_ONE_DAY if happened else NoteCode.NO_EVENT_BEFORE_HORIZON))
        return None
    notes = present(
        note(NoteCode.RESTRICTED_MEAN, time=str(asked.horizon), origin=asked.origin),
        _landmark(asked),
        note(NoteCode.LANDMARK_INCLUDED, years=begin) if begin else None,
        as_if_nobody_died(asked),
    )
    record.add(row, mean.estimate + begin, mean.std_error, *notes, test=False)
    return mean


def _differences(
    record: Recorder, asked: Prognosis, exposure: str, means: dict[str, RestrictedMean], groups: dict[str, Rows]
) -> None:
    for level, mean in means.items():
        if level in (REFERENCE, ALL) or REFERENCE not in means:
            continue
        difference = restricted_mean_difference(mean, means[REFERENCE], level=record.conf_level)
        rows = groups[level] | groups[REFERENCE]
        row = _row(record, KAPLAN_MEIER, exposure, level, rows, Scale.RMST_DIFFERENCE)
        about = note(NoteCode.RESTRICTED_MEAN_DIFFERENCE, time=str(asked.horizon), origin=asked.origin)
        notes = present(about, _landmark(asked), as_if_nobody_died(asked))
        record.add(_with_horizon(row, asked), difference.estimate, difference.std_error, *notes)


def _incidence(record: Recorder, asked: Prognosis, exposure: str, level: str, rows: Rows) -> None:
    """Cumulative incidence of each cause, where there are several."""
    patients = record.patients
    if len(patients.causes) < 2 or not patients.event[rows].any():
        return
    start, stop = _spans(patients, asked, rows)
    curve = aalen_johansen(stop, patients.event[rows], start=start, level=record.conf_level)
    points = curve.at(_grid(stop))
    n_risk = _at_risk(points.n_risk, start)
    for number, cause in enumerate(patients.causes[: points.estimate.shape[1]]):
        model = model_of(Family.AALEN_JOHANSEN, cause=cause)
        for i, t in enumerate(points.time):
            record.curve(
                model, CurveKind.INCIDENCE, t + years(asked.curves_from), "years", points.estimate[i, number],
                exposure=exposure, level=level, conf_low=points.conf_low[i, number],
                conf_high=points.conf_high[i, number], n_risk=n_risk[i], n_events=int(points.n_event[i, number]),
                n_patients=int(rows.sum()), notes=present(_landmark(asked)),
            )  # fmt: skip


def _tests(record: Recorder, exposure: str, groups: list[tuple[str, Rows]]) -> None:
    """The log-rank test between levels, and Gray's for each cause, which delayed entry forbids."""
    patients = record.patients
    used = np.logical_or.reduce([rows for _, rows in groups])
    label = patients.level[exposure][used]
    start, stop, event = patients.start[used], patients.stop[used], patients.event[used]

    def test(model: Model, code: DiagnosticCode, fit: Callable[[], Test]) -> None:
        try:
            tested = fit()
        except FitError as error:
            record.diagnose(model, code, None, note_of(error, NoteCode.NOT_TESTED), exposure=exposure)
            return
        statistic = note(NoteCode.CHI_SQUARED, statistic=float(tested.statistic), df=int(tested.df))
        record.diagnose(model, code, tested.p_value, statistic, exposure=exposure)

    endpoint = patients.endpoint[used]
    test(KAPLAN_MEIER, DiagnosticCode.LOG_RANK, lambda: log_rank_test(stop, endpoint, label, start=start).test)
    for number, cause in enumerate(patients.causes, start=1) if len(patients.causes) > 1 else ():
        model = model_of(Family.AALEN_JOHANSEN, cause=cause)
        if patients.delayed:
            record.diagnose(model, DiagnosticCode.GRAY, None, note(NoteCode.LATE_ENTRY_FORBIDS), exposure=exposure)
            continue
        test(model, DiagnosticCode.GRAY, partial(gray_test, stop, event, label, cause=number))


def _or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None
