"""What a prognosis says of its rates, curves, medians, restricted means and their tests, on eight patients by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from riskset.analysis.prognosis import Patients, PrognosisResult, fit_prognosis
from riskset.calendar import YEAR
from riskset.results.notes import NoteCode as N
from riskset.results.vocabulary import DiagnosticCode as D
from riskset.stats import gray_test
from tests.analysis.patients_made import few, simulated, study
from tests.reference.survival import Row, log_rank
from tests.said import Said, arguments, diagnosed, said
from tests.shown import Evidence, shows

NAME = "anxiolytics"
LEVELS = ("=all", f" {NAME}=ever", f" {NAME}=never")
IV, DEATH = "invasive_ventilation", "death"


def describe(patients: Patients, **asked: Any) -> PrognosisResult:
    return fit_prognosis(study([NAME], **asked), patients)


def notes(result: PrognosisResult) -> Said:
    """Those of what is described without a model."""
    rows = [result.estimates, result.diagnostics, result.curves]
    free = ("rate", "kaplan-meier", "aalen-johansen")
    return said([one for table in rows for one in table if one.model.family in free])


def of_all_levels(*what: str) -> set[str]:
    return {f"kaplan-meier {level.strip()} {one}" for level in LEVELS for one in what}


def from_the_start(**changes: Any) -> Patients:
    """Nobody enters late."""
    return few(start=np.zeros(8, np.int64), **changes)


def causes(patients: Patients, first: str = DEATH) -> Patients:
    """Events of the third and the fourth patient are of a second cause; beside ventilation death is no endpoint."""
    event = np.where((patients.event == 1) & np.isin(np.arange(8), (2, 3)), 2, patients.event)
    second = IV if first == DEATH else DEATH
    return replace(patients, event=event, causes=(first, second), n_endpoints=2 if first == DEATH else 1)


MEDIAN, MEAN, DIFFERENCE, CURVE = "median value", "rmst value", f"kaplan-meier {NAME}=ever rmst_difference", "survival"
RATES = {f"rate {level.strip()} rate value" for level in LEVELS}
THIN = {f"at risk on the first day: kaplan-meier {level.strip()} patients" for level in LEVELS}
LOG_RANK = {f"log-rank test, p: kaplan-meier {NAME}"}
PLAIN = {
    N.EXACT_POISSON: RATES,
    N.CURVE_BEGINS_THIN: THIN,
    N.YEARS_FROM: of_all_levels(MEDIAN),
    N.RESTRICTED_MEAN: of_all_levels(MEAN),
    N.RESTRICTED_MEAN_DIFFERENCE: {DIFFERENCE},
    N.CHI_SQUARED: LOG_RANK,
}
LANDMARK = of_all_levels(MEDIAN, MEAN, CURVE) | {DIFFERENCE}
INCIDENCES = {
    f"aalen-johansen {cause} {level.strip()} incidence" for cause in (IV, DEATH) for level in LEVELS
}  # fmt: skip


@shows(
    "NoteCode=exact poisson limits",
    "NoteCode=curve begins thin",
    "NoteCode=years from the origin",
    "NoteCode=restricted mean",
    "NoteCode=difference of restricted means",
    "NoteCode=chi-squared",
    "NoteCode=of those free of events at a landmark",
    "NoteCode=landmark included",
    "NoteCode=as if nobody died",
    "NoteCode=late entry forbids the test",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("patients", "asked", "more"),
    [
        pytest.param(few(), {}, {}, id="survival"),
        pytest.param(
            few(),
            {"curves_from": "20d"},
            {N.FREE_OF_EVENTS_AT: LANDMARK, N.LANDMARK_INCLUDED: of_all_levels(MEAN)},
            id="from a landmark",
        ),
        pytest.param(
            causes(few(), IV),
            {"endpoint": [IV], "curves_from": "20d"},
            {
                N.FREE_OF_EVENTS_AT: LANDMARK | INCIDENCES,
                N.LANDMARK_INCLUDED: of_all_levels(MEAN),
                N.AS_IF_NOBODY_DIED: LANDMARK,
                N.LATE_ENTRY_FORBIDS: {f"gray's test, p: aalen-johansen {cause} {NAME}" for cause in (IV, DEATH)},
            },
            id="death competes, late entry",
        ),
        pytest.param(
            causes(from_the_start()),
            {"endpoint": [DEATH, IV]},
            {N.CHI_SQUARED: LOG_RANK | {f"gray's test, p: aalen-johansen {cause} {NAME}" for cause in (IV, DEATH)}},
            id="two causes, no late entry",
        ),
    ],
)
def test_each_note_stands_on_the_rows_that_it_is_true_of(patients: Patients, asked: dict[str, Any], more: Said) -> None:
    assert notes(describe(patients, horizon="300d", **asked)) == PLAIN | more


def test_the_diagnosis_or_the_onset_is_what_is_named() -> None:
    result = describe(few(), horizon="300d", curves_from="20d", origin="onset")
    for code in (N.YEARS_FROM, N.RESTRICTED_MEAN, N.RESTRICTED_MEAN_DIFFERENCE, N.FREE_OF_EVENTS_AT):
        assert {one["origin"] for one in arguments(code, result.estimates).values()} == {"onset"}
    times = arguments(N.FREE_OF_EVENTS_AT, result.estimates).values()
    assert {one["time"] for one in times} == {"20d"}
    included = arguments(N.LANDMARK_INCLUDED, result.estimates).values()
    assert [one["years"] for one in included] == pytest.approx([20 / YEAR] * 3)


def alone(stop: int, event: int, start: int = 0) -> Patients:
    """The last patient is the only one exposed."""
    made = from_the_start(level={NAME: np.array(["never"] * 7 + ["ever"])})
    change = {"start": start, "stop": stop, "event": event}
    return replace(made, **{name: np.append(getattr(made, name)[:7], value) for name, value in change.items()})


EVER = f"kaplan-meier {NAME}=ever"


@shows(
    "NoteCode=no event before the horizon",
    "NoteCode=all on one day",
    "NoteCode=not estimable up to the horizon",
    "NoteCode=fewer than half had an event",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("patients", "mean", "median"),
    [
        pytest.param(alone(50, 1), {N.ALL_ON_ONE_DAY}, {N.YEARS_FROM}, id="dies at once"),
        pytest.param(alone(330, 1), {N.NO_EVENT_BEFORE_HORIZON}, {N.YEARS_FROM}, id="dies after the horizon"),
        pytest.param(alone(330, 0), {N.NO_EVENT_BEFORE_HORIZON}, {N.FEWER_THAN_HALF}, id="lives"),
        pytest.param(alone(250, 0), {N.NOT_UP_TO_HORIZON}, {N.FEWER_THAN_HALF}, id="is followed too short"),
    ],
)
def test_why_a_level_has_no_mean_or_median(patients: Patients, mean: set[N], median: set[N]) -> None:
    """One patient alone has no spread: what is said is whether nobody died, or all did on one day."""
    result = describe(patients, horizon="300d")
    found = {code: {row for row in rows if EVER in row} for code, rows in notes(result).items()}
    of_mean = {code for code, rows in found.items() if f"{EVER} rmst value" in rows}
    of_median = {code for code, rows in found.items() if f"{EVER} median value" in rows}
    assert (of_mean, of_median) == (mean, median)
    (row,) = [row for row in result.estimates if row.scale == "rmst" and row.level == "ever"]
    assert row.estimate is None
    others = notes(result)
    for code in (N.ALL_ON_ONE_DAY, N.NO_EVENT_BEFORE_HORIZON, N.NOT_UP_TO_HORIZON):
        assert all(EVER in place for place in others.get(code, set()))
    for one in arguments(N.NOT_UP_TO_HORIZON, result.estimates).values():
        assert (one["time"], one["problem"]) == ("300d", "beyond the last time at risk")


@shows(
    "NoteCode=nobody at risk",
    "NoteCode=curve collapsed",
    "DiagnosticCode=no curve",
    "DiagnosticCode=at risk on the first day",
    by=Evidence.OUTSIDE,
)
def test_why_there_is_no_curve() -> None:
    """The only exposed patient is gone before curves begin; then dies before the other exposed one enters."""
    place = f"no curve: kaplan-meier {NAME}=ever"
    gone = describe(alone(15, 1), curves_from="20d")
    assert notes(gone)[N.NOBODY_AT_RISK] == {place}
    assert diagnosed(gone.diagnostics)[D.NO_CURVE] == {place.partition(": ")[2]: None}
    assert not [row for row in gone.estimates if row.level == "ever" and row.model.family == "kaplan-meier"]
    level = {NAME: np.array(["never"] * 6 + ["ever"] * 2)}
    late = few(level=level, start=np.array([0] * 6 + [0, 60]), stop=np.array([100, 200, 300, 400, 150, 250, 50, 350]))
    late = replace(late, event=np.array([1, 0, 1, 1, 1, 1, 1, 1]))
    empty = describe(late)
    assert notes(empty)[N.CURVE_COLLAPSED] == {place, f"{EVER} median value", f"{EVER} rmst value"}
    assert N.NOBODY_AT_RISK not in notes(empty)
    thin = diagnosed(empty.diagnostics)[D.AT_RISK_FIRST_DAY]
    assert thin == {"kaplan-meier =all patients": 7, f"kaplan-meier {NAME}=never patients": 6}
    at_risk = arguments(N.CURVE_BEGINS_THIN, empty.diagnostics).values()
    assert sorted(one["at_risk"] for one in at_risk) == [6, 7]
    whole = describe(from_the_start())
    assert D.NO_CURVE not in diagnosed(whole.diagnostics)


def test_a_curve_of_ten_is_not_said_to_be_thin() -> None:
    patients = simulated(60, delayed=False)
    everyone = replace(patients, level={NAME: np.where(np.arange(60) < 9, "ever", "never")})
    assert diagnosed(describe(everyone).diagnostics)[D.AT_RISK_FIRST_DAY] == {f"kaplan-meier {NAME}=ever patients": 9}
    ten = replace(patients, level={NAME: np.where(np.arange(60) < 10, "ever", "never")})
    assert D.AT_RISK_FIRST_DAY not in diagnosed(describe(ten).diagnostics)


@shows("DiagnosticCode=log-rank test, p", "NoteCode=chi-squared", by=Evidence.REFERENCE)
def test_the_log_rank_test_is_that_of_a_loop_over_days() -> None:
    patients = few()
    ever = (patients.level[NAME] == "ever").astype(int)
    rows = [Row(a, b, int(e), ()) for a, b, e in zip(patients.start, patients.stop, patients.event, strict=True)]
    difference, variance = log_rank(rows, ever.tolist())
    result = describe(patients)
    (facts,) = [one for place, one in arguments(N.CHI_SQUARED, result.diagnostics).items() if "log-rank" in place]
    assert (facts["statistic"], facts["df"]) == (pytest.approx(difference**2 / variance, abs=1e-9), 1)


@shows("NoteCode=not tested", by=Evidence.OUTSIDE)
def test_a_test_without_two_groups_at_risk_together_is_not_made() -> None:
    """The exposed have all died before any unexposed enters."""
    level = {NAME: np.array(["ever"] * 4 + ["never"] * 4)}
    apart = few(level=level, start=np.array([0] * 4 + [100] * 4), stop=np.array([20, 30, 40, 50, 150, 250, 350, 400]))
    result = describe(replace(apart, event=np.ones(8, np.int64)))
    assert diagnosed(result.diagnostics)[D.LOG_RANK] == {f"kaplan-meier {NAME}": None}
    assert notes(result)[N.NOT_TESTED] == LOG_RANK
    assert N.NOT_TESTED not in notes(describe(few()))


@shows("DiagnosticCode=gray's test, p", "NoteCode=chi-squared", by=Evidence.REFERENCE)
def test_grays_test_is_that_of_these_columns_for_each_cause() -> None:
    patients = causes(from_the_start())
    result = describe(patients, endpoint=[DEATH, IV])
    found = diagnosed(result.diagnostics)[D.GRAY]
    assert found.keys() == {f"aalen-johansen {cause} {NAME}" for cause in (DEATH, IV)}
    for number, cause in enumerate((DEATH, IV), start=1):
        tested = gray_test(patients.stop, patients.event, patients.level[NAME], cause=number)
        place = f"aalen-johansen {cause} {NAME}"
        assert found[place] == pytest.approx(tested.p_value, rel=1e-9)
        facts = arguments(N.CHI_SQUARED, result.diagnostics)[f"gray's test, p: {place}"]
        assert facts["statistic"] == pytest.approx(tested.statistic, rel=1e-9)
    assert D.GRAY not in diagnosed(describe(from_the_start()).diagnostics)
