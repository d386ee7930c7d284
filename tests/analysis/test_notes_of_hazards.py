"""What a prognosis says of its hazard ratios: what they are, who is left out of a model, and why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from riskset.analysis.prognosis import Patients, PrognosisResult, fit_prognosis
from riskset.calendar import YEAR
from riskset.results.notes import NoteCode as N
from riskset.results.vocabulary import DiagnosticCode as D
from tests.analysis.patients_made import simulated, study
from tests.said import Said, arguments, diagnosed, said
from tests.shown import Evidence, shows

NAME = "anxiolytics"
FAMILIES = ("cox", "cause-specific cox", "fine-gray", "standardised cox", "")
IV, DEATH = "invasive_ventilation", "death"


def made(n: int = 80, *, delayed: bool = True, **changes: Any) -> Patients:
    """Patients with one class, an age and a sex."""
    patients = simulated(n, delayed=delayed)
    covariates = {"age": patients.covariates["age"], "sex": patients.covariates["bulbar"]}
    level = {NAME: patients.level[NAME].astype("<U8")}
    return replace(patients, level=level, covariates=covariates, **changes)


def causes(patients: Patients, *, first: str = DEATH) -> Patients:
    """Every fourth event is of a second cause; death is no endpoint where it is the second."""
    event = np.where((patients.event == 1) & (np.arange(len(patients)) % 4 == 0), 2, patients.event)
    second = IV if first == DEATH else DEATH
    return replace(patients, event=event, causes=(first, second), n_endpoints=2 if first == DEATH else 1)


def fit(patients: Patients, named: Sequence[str] = (NAME,), **asked: Any) -> PrognosisResult:
    return fit_prognosis(study(named, **asked), patients)


def notes(result: PrognosisResult, *families: str) -> Said:
    rows = [*result.estimates, *result.diagnostics, *result.failures]
    return said([row for row in rows if row.model.family in (families or FAMILIES)])


def with_level(patients: Patients, chosen: Any, level: str = "lag only") -> Patients:
    levels = patients.level[NAME].copy()
    levels[chosen] = level
    return replace(patients, level={NAME: levels})


CRUDE, ADJUSTED = f"cox crude {NAME}=ever", f"cox adjusted {NAME}=ever"


def proportional(model: str, *terms: str) -> set[str]:
    """Where the tests of proportional hazards of a model stand: of each term, and of all."""
    each = {f"proportional hazards, p: {model} {term}" for term in terms}
    return {*each, f"proportional hazards of all terms, p: {model} {NAME}"}


@shows(
    "NoteCode=total effect",
    "NoteCode=complete case",
    "NoteCode=score test against kaplan-meier",
    "NoteCode=chi-squared",
    "NoteCode=survival at a time",
    "NoteCode=standardised",
    "NoteCode=difference in survival at a time",
    "NoteCode=ratio of cumulative hazards at a time",
    "NoteCode=of, with an event",
    by=Evidence.OUTSIDE,
)
def test_each_note_stands_on_the_rows_that_it_is_true_of() -> None:
    """A crude model leaves nobody out, whatever is unknown; an adjusted one is of complete cases."""
    result = fit(made(), adjust=["age"], origin="onset", survival_at="18m")
    tested = proportional("cox crude", NAME) | proportional("cox adjusted", NAME, "age")
    survival = {f"standardised cox adjusted {NAME}={level} survival value" for level in ("never", "ever")}
    contrast = f"standardised cox adjusted {NAME}=ever"
    assert notes(result) == {
        N.TOTAL_EFFECT: {CRUDE, ADJUSTED},
        N.COMPLETE_CASE: {ADJUSTED},
        N.CHI_SQUARED: tested,
        N.SCORE_TEST: tested,
        N.SURVIVAL_AT: survival,
        N.STANDARDISED: survival,
        N.SURVIVAL_DIFFERENCE_AT: {f"{contrast} survival_difference"},
        N.CUMULATIVE_HAZARDS_AT: {f"{contrast} log_chr"},
        N.OF_WITH_EVENT: {f"unknown value of a covariate: {name} patients" for name in ("age", "sex")},
    }
    for code in (N.SURVIVAL_AT, N.SURVIVAL_DIFFERENCE_AT, N.CUMULATIVE_HAZARDS_AT):
        facts = list(arguments(code, result.estimates).values())
        assert facts
        assert all(one == {"time": "18m", "origin": "onset"} for one in facts)


@shows(
    "NoteCode=cause-specific",
    "NoteCode=subdistribution",
    "NoteCode=weighted for censoring",
    "NoteCode=weighted for censoring and delayed entry",
    "NoteCode=total effect",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize("delayed", [True, False])
@pytest.mark.parametrize("first", [DEATH, IV])
def test_of_several_causes_each_ratio_says_what_it_is_of(delayed: bool, first: str) -> None:
    """Of an endpoint beside which death competes the model of the endpoint is the total effect, and not made twice."""
    endpoints = [DEATH, IV] if first == DEATH else [IV]
    told = notes(fit(causes(made(delayed=delayed), first=first), endpoint=endpoints))
    specific = {
        f"cause-specific cox crude {cause} {NAME}=ever" for cause in ({DEATH, IV} if first == DEATH else {DEATH})
    }
    gray = {f"fine-gray crude {cause} {NAME}=ever" for cause in (DEATH, IV)}
    weights = {True: N.WEIGHTED_FOR_LATE_ENTRY, False: N.WEIGHTED_FOR_CENSORING}
    assert told[N.TOTAL_EFFECT] == {CRUDE}
    assert told[N.CAUSE_SPECIFIC] == specific
    assert told[N.SUBDISTRIBUTION] == told[weights[delayed]] == gray
    assert weights[not delayed] not in told
    assert N.COMPLETE_CASE not in told
    alone = notes(fit(made(delayed=delayed)))
    assert not {N.CAUSE_SPECIFIC, N.SUBDISTRIBUTION, *weights.values()} & alone.keys()


@shows(
    "NoteCode=exposure changes",
    "NoteCode=no event after qualifying",
    "DiagnosticCode=person-years after qualifying",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize("happens", [True, False])
def test_exposure_that_changes_is_called_a_sensitivity_and_has_events_or_is_counted(happens: bool) -> None:
    """One unexposed patient qualifies a month into the follow-up."""
    patients = made()
    wanted = (patients.level[NAME] == "never") & ((patients.event == 1) == happens) & (patients.stop > 200)
    one = int(np.flatnonzero(wanted)[0])
    change = np.full(len(patients), np.nan)
    change[one] = patients.start[one] + 30
    result = fit(replace(patients, changes={NAME: change}), time_varying=True)
    told, model = notes(result), "cox crude time-varying exposure"
    rows = {f"{model} {NAME}=ever", f"{model} {NAME}=after diagnosis"} if happens else None
    assert told.get(N.EXPOSURE_CHANGES) == rows
    place, years = f"{model} {NAME}", (patients.stop[one] - change[one]) / YEAR
    counted = None if happens else {place: pytest.approx(years)}
    assert diagnosed(result.diagnostics).get(D.PERSON_YEARS_AFTER_QUALIFYING) == counted
    assert told.get(N.NO_EVENT_AFTER_QUALIFYING) == (
        None if happens else {f"person-years after qualifying: {place}"}
    )  # fmt: skip
    assert N.EXPOSURE_CHANGES not in notes(fit(patients))


def quiet(patients: Patients, number: int = 4) -> Any:
    """Unexposed patients without an event."""
    return np.flatnonzero((patients.event == 0) & (patients.level[NAME] == "never"))[:number]


LAG = f"cox crude {NAME}=lag only"


@shows(
    "NoteCode=no event at this level",
    "NoteCode=nobody left at this level",
    "NoteCode=no patient at this level",
    "NoteCode=excluded by the study",
    "DiagnosticCode=patients left out at a level",
    by=Evidence.OUTSIDE,
)
def test_why_a_level_has_no_ratio_and_who_is_left_out_with_it() -> None:
    patients = made()
    silent = with_level(patients, quiet(patients))
    result = fit(silent)
    out = f"patients left out at a level: cox crude {NAME}=lag only patients"
    assert notes(result)[N.NO_EVENT_AT_LEVEL] == {LAG, out}
    place = out.partition(": ")[2]
    assert diagnosed(result.diagnostics)[D.PATIENTS_LEFT_OUT] == {place: 4}

    excluded = fit(silent, lag_only="exclude")
    assert notes(excluded)[N.EXCLUDED_BY_STUDY] == {out}
    assert N.NO_EVENT_AT_LEVEL not in notes(excluded)
    assert diagnosed(excluded.diagnostics)[D.PATIENTS_LEFT_OUT] == {place: 4}

    age = patients.covariates["age"].to_pylist()
    unknown = [None if i in quiet(patients) else value for i, value in enumerate(age)]
    emptied = fit(replace(silent, covariates={"age": pa.array(unknown)}), adjust=["age"])
    assert notes(emptied, "cox")[N.NOBODY_LEFT_AT_LEVEL] == {f"cox adjusted {NAME}=lag only"}
    assert notes(emptied, "cox")[N.NO_EVENT_AT_LEVEL] == {LAG, out}

    nobody = replace(patients, level={NAME: patients.level[NAME], "opioids": np.full(80, "never")})
    told = notes(fit(nobody, [NAME, "opioids"]), "cox")
    assert told[N.NO_PATIENT_AT_LEVEL] == {"cox crude opioids=ever", "cox mutually adjusted opioids=ever"}
    plain = fit(patients)
    reasons = {N.NO_EVENT_AT_LEVEL, N.NOBODY_LEFT_AT_LEVEL, N.NO_PATIENT_AT_LEVEL, N.EXCLUDED_BY_STUDY}
    assert not reasons & notes(plain).keys()
    assert D.PATIENTS_LEFT_OUT not in diagnosed(plain.diagnostics)


@shows(
    "NoteCode=nobody left",
    "NoteCode=nobody unexposed",
    "NoteCode=no event in the reference",
    "NoteCode=no level to compare",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize("called", ["never", "not before the lag"])
def test_why_nothing_is_compared(called: str) -> None:
    patients = made(unexposed=called)
    everyone = with_level(patients, slice(None), "ever")
    event = np.where(patients.level[NAME] == "never", 0, patients.event)
    unknown = replace(patients, covariates={"age": pa.nulls(80, pa.float64())})
    found = {
        N.NOBODY_UNEXPOSED: (fit(everyone), "crude"),
        N.NO_EVENT_IN_REFERENCE: (fit(replace(patients, event=event)), "crude"),
        N.NOBODY_LEFT: (fit(unknown, adjust=["age"]), "adjusted"),
    }
    for code, (result, form) in found.items():
        told = notes(result, "cox")
        assert f"cox {form} {NAME}=ever" in told[code]
        assert told[N.NO_LEVEL_TO_COMPARE] == {f"failure: cox {form} {NAME}"}
        assert not (found.keys() - {code}) & told.keys()
        (facts,) = arguments(code, [row for row in result.estimates if row.model.family == "cox"]).values()
        assert facts == ({} if code is N.NOBODY_LEFT else {"reference": called})


@shows(
    "DiagnosticCode=unknown value of a covariate",
    "DiagnosticCode=covariate left out",
    "NoteCode=does not vary",
    "NoteCode=complete case",
    "NoteCode=of, with an event",
    by=Evidence.OUTSIDE,
)
def test_unknown_values_and_covariates_that_do_not_vary_are_told() -> None:
    patients = made()
    age = [None if i % 8 == 0 else value for i, value in enumerate(patients.covariates["age"].to_pylist())]
    one_sex = pa.array([True] * 80)
    result = fit(replace(patients, covariates={"age": pa.array(age), "sex": one_sex}), adjust=["age", "sex"])
    found = diagnosed(result.diagnostics)
    adjusted = {"cox adjusted age patients": 10}
    assert found[D.UNKNOWN_VALUE] == {"age patients": 10, "sex patients": 0} | adjusted
    assert found[D.COVARIATE_LEFT_OUT] == {"cox adjusted sex patients": 0}
    unknown = np.arange(80) % 8 == 0
    assert arguments(N.OF_WITH_EVENT, result.diagnostics) == {
        "unknown value of a covariate: age patients": {"of": 80, "events": int(patients.event[unknown].sum())},
        "unknown value of a covariate: sex patients": {"of": 80, "events": 0},
    }
    told = notes(result, "cox", "")
    assert told[N.DOES_NOT_VARY] == {"covariate left out: cox adjusted sex patients"}
    same = f"cox crude, patients of the adjusted model {NAME}=ever"
    assert told[N.COMPLETE_CASE] == {ADJUSTED, "unknown value of a covariate: cox adjusted age patients"}
    assert told[N.TOTAL_EFFECT] == {CRUDE, ADJUSTED, same}
    plain = fit(patients, adjust=["age", "sex"])
    assert D.COVARIATE_LEFT_OUT not in diagnosed(plain.diagnostics)
    assert N.DOES_NOT_VARY not in notes(plain)


@shows("NoteCode=not estimable", "NoteCode=not tested", by=Evidence.OUTSIDE)
def test_a_fit_that_fails_says_why_in_its_rows_and_among_what_failed() -> None:
    """Who dies first is oldest by construction: the hazard ratio of age has no finite estimate."""
    patients = made()
    first = replace(patients, covariates={"age": pa.array(-patients.stop.astype(float))})
    result = fit(first, adjust=["age"])
    told = notes(result)
    rows = {ADJUSTED, f"standardised cox adjusted {NAME}=ever log_chr", f"failure: cox adjusted {NAME}"}
    assert told[N.NOT_ESTIMABLE] == rows
    facts = arguments(N.NOT_ESTIMABLE, result.failures, result.estimates).values()
    assert {(one["problem"], one["terms"]) for one in facts} == {("separated at risk", "age")}
    assert N.NOT_ESTIMABLE not in notes(fit(patients, adjust=["age"]))


@shows("DiagnosticCode=no model of a cause", by=Evidence.OUTSIDE)
def test_a_cause_that_nobody_has_has_no_models() -> None:
    patients = replace(made(), causes=(DEATH, IV), n_endpoints=2)
    found = diagnosed(fit(patients, endpoint=[DEATH, IV]).diagnostics)
    assert found[D.NO_MODEL_OF_CAUSE] == {f"cause-specific cox crude {IV} {NAME}": 0}
    assert D.NO_MODEL_OF_CAUSE not in diagnosed(fit(causes(made()), endpoint=[DEATH, IV]).diagnostics)


STANDARD = f"standardised cox adjusted {NAME}=ever survival value"


@shows("NoteCode=no event before that time", "NoteCode=nobody at risk at that time", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("stop", "event", "code"),
    [(400, 1, N.NO_EVENT_BEFORE_TIME), (300, 0, N.NOBODY_AT_RISK_AT_TIME)],
    ids=["they live longer", "they are not followed so long"],
)
def test_a_level_without_an_event_or_anybody_at_a_time_has_no_survival_then(stop: int, event: int, code: N) -> None:
    """The exposed have their events after the year that is asked for, or leave before it, but for one early death."""
    patients = made()
    ever = patients.level[NAME] == "ever"
    ends = np.where(ever, stop, patients.stop)
    happens = np.where(ever, event, patients.event)
    if not event:
        ends[np.flatnonzero(ever)[0]], happens[np.flatnonzero(ever)[0]] = 200, 1
    changed = replace(patients, start=np.zeros(80, np.int64), stop=ends, event=happens)
    result = fit(changed, adjust=["age"], survival_at="1y")
    told = notes(result, "standardised cox")
    assert told[code] == {STANDARD}
    assert not ({N.NO_EVENT_BEFORE_TIME, N.NOBODY_AT_RISK_AT_TIME} - {code}) & told.keys()
    assert {N.SURVIVAL_DIFFERENCE_AT, N.CUMULATIVE_HAZARDS_AT}.isdisjoint(told)
    assert arguments(code, result.estimates)[STANDARD] == {"time": "1y", "origin": "diagnosis"}
