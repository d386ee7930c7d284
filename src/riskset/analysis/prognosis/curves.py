"""Rates, survival curves and cumulative incidences by level of exposure, with medians and restricted means."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from riskset.analysis.frame import Rows
from riskset.analysis.prognosis.patients import REFERENCE, Floats, Patients
from riskset.analysis.prognosis.recording import Recorder, Row
from riskset.calendar import YEAR
from riskset.errors import FitError
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

STEPS = 12
"""Points of a curve in a year; a year's own are among them."""

ALL = "all"
"""The level of all patients together, under the exposure ""."""

FEW = 10
"""A curve that begins with fewer at risk is told to be thin."""

LATE = (
    "not made: the test is not defined where patients come under follow-up late; Fine-Gray models, weighted for late "
    "entry, compare cumulative incidences instead"
)
"""Why there is no Gray's test."""


def describe_survival(record: Recorder, asked: Prognosis, exposure: str) -> None:
    """Rates, curves, medians and restricted means of each level of an exposure; of all patients where it is ""."""
    patients = record.patients
    groups = list(_groups(patients, asked, exposure))
    means: dict[str, RestrictedMean] = {}
    for level, rows in groups:
        _rate(record, exposure, level, rows)
        late = _after_landmark(patients, asked, rows)
        if not late.any():
            record.diagnose("prognosis", "Kaplan-Meier", [exposure], f"no curve of {level}", None, "nobody at risk")
            continue
        mean = _survival(record, asked, exposure, level, late)
        if mean is not None:
            means[level] = mean
        _incidence(record, asked, exposure, level, late)
    _differences(record, asked, exposure, means, dict(groups))
    if len(groups) > 1:
        _test(record, exposure, groups)


def _groups(patients: Patients, asked: Prognosis, exposure: str) -> Iterator[tuple[str, Rows]]:
    if not exposure:
        yield ALL, np.ones(len(patients), bool)
        return
    for level in patients.levels_of(exposure):
        if level == REFERENCE or level == "ever" or asked.lag_only != "exclude":
            yield level, np.asarray(patients.level[exposure] == level)


def _row(record: Recorder, model: str, exposure: str, level: str, rows: Rows, term: str, scale: str) -> Row:
    patients = record.patients
    reference = REFERENCE if scale == "rmst_difference" else ""
    return record.row("prognosis", model, exposure, term, level, reference, scale) | {
        "n_cases": int(rows.sum()),
        "n_events": int((rows & patients.endpoint).sum()),
        "person_years": patients.person_years(rows),
        "n_exposed_cases": int((rows & (patients.level[exposure] == level)).sum()) if exposure else None,
        "n_exposed_events": int((rows & patients.endpoint & (patients.level[exposure] == level)).sum())
        if exposure
        else None,
    }


def _rate(record: Recorder, exposure: str, level: str, rows: Rows) -> None:
    patients = record.patients
    found = rates(
        patients.stop[rows],
        patients.endpoint[rows],
        start=patients.start[rows],
        per=YEAR,
        level=record.conf_level,
    )
    row = _row(record, "rates", exposure, level, rows, "rate", "rate")
    ends = {"conf_low": float(found.conf_low[0]), "conf_high": float(found.conf_high[0])}
    note = "events a person-year, exact Poisson limits"
    record.result.estimates.append(row | ends | {"estimate": float(found.rate[0]), "converged": True, "note": note})


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
    patients, begin = record.patients, years(asked.curves_from)
    start, stop = _spans(patients, asked, rows)
    curve = kaplan_meier(stop, patients.endpoint[rows], start=start, level=record.conf_level)
    since = f"of those free of events {asked.curves_from.words()} after {asked.origin}" if begin else ""
    assumed = as_if_nobody_died(asked)
    if why := _collapsed(curve, stop):
        record.diagnose("prognosis", "Kaplan-Meier", [exposure], f"no curve of {level}", None, why)
        for term, scale in (("median survival", "median"), ("restricted mean", "rmst")):
            record.add_empty(_row(record, "Kaplan-Meier", exposure, level, rows, term, scale), why)
        return None
    first = int(curve.at([1 / YEAR]).n_risk[0])
    if first < FEW:
        note = f"the curve begins with {first} at risk; curves_from starts it later"
        record.diagnose("prognosis", "Kaplan-Meier", [exposure], f"at risk on the first day, {level}", first, note)
    points = curve.at(_grid(stop))
    n_risk = _at_risk(points.n_risk, start)
    for i, t in enumerate(points.time):
        record.curve(
            "survival", t + begin, "years", points.estimate[i], analysis="prognosis", model="Kaplan-Meier",
            exposure=exposure, level=level, conf_low=points.conf_low[i], conf_high=points.conf_high[i],
            n_risk=n_risk[i], n_events=int(points.n_event[i]), n_patients=int(rows.sum()),
            note="; ".join(filter(None, (since, assumed))),
        )  # fmt: skip
    half = quantiles(curve)
    row = _row(record, "Kaplan-Meier", exposure, level, rows, "median survival", "median")
    found, low, high = (float(value[0]) + begin for value in (half.time, half.conf_low, half.conf_high))
    if np.isnan(found):
        record.add_empty(row, "fewer than half have had an event by the end of the curve")
    else:
        note = "; ".join(filter(None, (f"years from {asked.origin}", since, assumed)))
        ends = {"conf_low": _or_none(low), "conf_high": _or_none(high)}
        record.result.estimates.append(row | ends | {"estimate": found, "converged": True, "note": note})
    return _mean(record, asked, exposure, level, rows, curve, since)


def as_if_nobody_died(asked: Prognosis) -> str:
    """What a share without an event supposes where death is no part of the endpoint; nothing where it is."""
    if "death" in asked.endpoint:
        return ""
    return "as if nobody died, for death ends follow-up: what happens is the cumulative incidence"


def _collapsed(curve: Curve, stop: Floats) -> str:
    """Why a curve says nothing: all who were at risk early had the event while others were still to enter."""
    empty = np.flatnonzero(curve.estimate <= 0)
    if empty.size and (stop > curve.time[empty[0]]).any():
        return "all who were at risk early had the event before others entered: let curves_from begin later"
    return ""


def _grid(stop: Floats) -> Floats:
    """From 0 by steps of a month to the last time at risk."""
    return np.asarray(np.arange(int(np.floor(stop.max() * STEPS)) + 1) / STEPS, float)


def _at_risk(n_risk: Floats, start: Floats) -> list[int]:
    """Patients at risk at the times of a grid; at 0, where nobody has been at risk before, those who are just after."""
    return [int((start <= 0).sum()), *(int(n) for n in n_risk[1:])]


def _mean(
    record: Recorder, asked: Prognosis, exposure: str, level: str, rows: Rows, curve: Curve, since: str
) -> RestrictedMean | None:
    begin, until = years(asked.curves_from), years(asked.horizon)
    row = _row(record, "Kaplan-Meier", exposure, level, rows, "restricted mean", "rmst")
    try:
        mean = restricted_mean(curve, until - begin, level=record.conf_level)
    except FitError as error:
        record.add_empty(row, f"not estimable up to {asked.horizon.words()}: {error}")
        return None
    if mean.std_error == 0:
        record.add_empty(row, "no event before the horizon")
        return None
    note = f"years without an event up to {asked.horizon.words()} after {asked.origin}"
    included = f"{since}, {begin:.2f} years for each included" if since else ""
    note = "; ".join(filter(None, (note, included, as_if_nobody_died(asked))))
    record.add(row, mean.estimate + begin, mean.std_error, note, statistic=None, p_value=None)
    return mean


def _differences(
    record: Recorder, asked: Prognosis, exposure: str, means: dict[str, RestrictedMean], groups: dict[str, Rows]
) -> None:
    for level, mean in means.items():
        if level in (REFERENCE, ALL) or REFERENCE not in means:
            continue
        difference = restricted_mean_difference(mean, means[REFERENCE], level=record.conf_level)
        rows = groups[level] | groups[REFERENCE]
        row = _row(record, "Kaplan-Meier", exposure, level, rows, "restricted mean", "rmst_difference")
        note = f"years, up to {asked.horizon.words()} after {asked.origin}; total effect, unadjusted"
        note = "; ".join(filter(None, (note, as_if_nobody_died(asked))))
        record.add(row, difference.estimate, difference.std_error, note)


def _incidence(record: Recorder, asked: Prognosis, exposure: str, level: str, rows: Rows) -> None:
    """Cumulative incidence of each cause, where there are several."""
    patients = record.patients
    if len(patients.causes) < 2 or not patients.event[rows].any():
        return
    start, stop = _spans(patients, asked, rows)
    curve = aalen_johansen(stop, patients.event[rows], start=start, level=record.conf_level)
    points = curve.at(_grid(stop))
    n_risk = _at_risk(points.n_risk, start)
    for number in range(points.estimate.shape[1]):
        for i, t in enumerate(points.time):
            record.curve(
                "incidence", t + years(asked.curves_from), "years", points.estimate[i, number], analysis="prognosis",
                model="Aalen-Johansen", exposure=exposure, level=level, cause=patients.causes[number],
                conf_low=points.conf_low[i, number], conf_high=points.conf_high[i, number],
                n_risk=n_risk[i], n_events=int(points.n_event[i, number]), n_patients=int(rows.sum()),
            )  # fmt: skip


def _test(record: Recorder, exposure: str, groups: list[tuple[str, Rows]]) -> None:
    """The log-rank test between levels, and Gray's for each cause, which delayed entry forbids."""
    patients = record.patients
    used = np.logical_or.reduce([rows for _, rows in groups])
    label = patients.level[exposure][used]
    start, stop, event = patients.start[used], patients.stop[used], patients.event[used]
    try:
        test = log_rank_test(stop, patients.endpoint[used], label, start=start).test
        note = f"χ² = {test.statistic:.2f}, {test.df} df; between {len(groups)} levels"
        record.diagnose("prognosis", "Kaplan-Meier", [exposure], "log-rank test, p", test.p_value, note)
    except FitError as error:
        why = f"not tested: {error.what}"
        record.diagnose("prognosis", "Kaplan-Meier", [exposure], "log-rank test, p", None, why)
    for number, cause in enumerate(patients.causes, start=1):
        if len(patients.causes) < 2:
            continue
        name = f"Gray's test, {cause}, p"
        if patients.delayed:
            record.diagnose("prognosis", "Aalen-Johansen", [exposure], name, None, LATE)
            continue
        try:
            test = gray_test(stop, event, label, cause=number)
            note = f"χ² = {test.statistic:.2f}, {test.df} df"
            record.diagnose("prognosis", "Aalen-Johansen", [exposure], name, test.p_value, note)
        except FitError as error:
            record.diagnose("prognosis", "Aalen-Johansen", [exposure], name, None, f"not tested: {error.what}")


def _or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None
