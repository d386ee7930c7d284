"""What the prognosis makes of patients from whom a model cannot learn: named, counted, handled or refused.

Scores that cannot be (outside the range, before onset, after death) are those of tests/cohort/test_followup.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from riskset.analysis.prognosis import Patients, PrognosisResult, decline, fit_prognosis
from riskset.report.catalogue import ENGLISH
from riskset.results.notes import NoteCode, read_notes
from riskset.results.vocabulary import DiagnosticCode
from riskset.stats import fit_cox
from tests.analysis.patients_made import RATIO, diagnosed, joint, noted, of, one, points, rows, simulated, study

MARKED = {"marker": "alsfrs_r"}


@pytest.fixture(scope="module")
def patients() -> Patients:
    made = simulated(200)
    return replace(made, level={"anxiolytics": made.level["anxiolytics"].astype("<U8")})


def scores(patients: Patients, keep: np.ndarray) -> Patients:
    return replace(patients, patient=patients.patient[keep], day=patients.day[keep], score=patients.score[keep])


def no_interval(result: PrognosisResult, **wanted: Any) -> list[str]:
    """The notes of rows without a number, worded; a row without a number has no interval."""
    found = rows(result, **wanted)
    assert found
    assert all(row["estimate"] is None and row["conf_low"] is None and not row["converged"] for row in found)
    return ["; ".join(ENGLISH.clauses(read_notes(row["notes"]))) for row in found]


def test_patients_without_a_visit_are_in_the_joint_model_by_their_survival(patients: Patients) -> None:
    half = scores(patients, patients.patient % 2 == 0)
    result = fit_prognosis(study(["anxiolytics"], **MARKED).course, half)
    assert result.failures == []
    direct = one(result, **joint("crude"), **RATIO)
    assert direct["n_cases"] == 200
    assert one(result, **of("mixed", "crude"), scale="slope", level="ever")["n_cases"] < 100
    seen = len(np.unique(half.patient))
    (counted,) = diagnosed(result, DiagnosticCode.PATIENTS, family="joint")
    assert noted(counted)[NoteCode.WITHOUT_SCORE]["patients"] == 200 - seen


def test_one_visit_each_tells_nothing_of_a_course(patients: Patients) -> None:
    first = np.zeros(len(patients.day), bool)
    first[np.unique(patients.patient, return_index=True)[1]] = True
    result = fit_prognosis(study(["anxiolytics"], **MARKED).course, scores(patients, first))
    for model in (of("mixed", "crude"), joint("crude")):
        assert "no patient has two scores" in no_interval(result, **model)[0]
    assert len(result.failures) == 2
    assert one(result, **of("cox", "crude"))["converged"]


def test_a_level_with_scores_on_one_day_is_left_out_of_the_course_alone(patients: Patients) -> None:
    """Two patients who took it inside the lag only, seen once on the same day: no slope of their own."""
    few = np.flatnonzero((patients.event == 1) & (patients.stop > 40))[:2]
    level = patients.level["anxiolytics"].copy()
    level[few] = "lag only"
    keep = ~np.isin(patients.patient, few)
    changed = replace(
        scores(patients, keep),
        level={"anxiolytics": level},
        patient=np.append(patients.patient[keep], few),
        day=np.append(patients.day[keep], [40, 40]),
        score=np.append(patients.score[keep], [30.0, 31.0]),
    )
    result = fit_prognosis(study(["anxiolytics"], **MARKED).course, changed)
    assert result.failures == []
    assert one(result, **of("cox", "crude"), level="lag only")["estimate"] is not None
    for model in (of("mixed", "crude", scale="slope"), joint("crude", **RATIO)):
        (note,) = no_interval(result, **model, level="lag only")
        assert note == "scores on fewer than 2 different days at this level: its course has no estimate"
        assert one(result, **model, level="ever")["converged"]
    lost = diagnosed(
        result, DiagnosticCode.PATIENTS_LEFT_OUT, covariate="anxiolytics", level="lag only", family="joint"
    )
    assert [row["value"] for row in lost] == [2]


def test_ties_everywhere_are_efrons(patients: Patients) -> None:
    """Every day is the last of a quarter."""
    stop = -(-patients.stop // 91) * 91
    tied = replace(
        patients, start=np.zeros(200, np.int64), stop=stop, day=np.minimum(patients.day, (stop - 1)[patients.patient])
    )
    result = fit_prognosis(study(["anxiolytics"], **MARKED).course, tied)
    users = (patients.level["anxiolytics"] == "ever").astype(float)
    fit = fit_cox(users, stop, patients.event, ties="efron")
    assert one(result, **of("cox", "crude"))["estimate"] == pytest.approx(float(fit.beta[0]), abs=1e-10)
    assert one(result, **joint("crude"), **RATIO)["converged"]
    assert result.failures == []


def test_an_event_on_the_day_of_entry_has_a_day_at_risk(patients: Patients) -> None:
    stop = patients.stop.copy()
    stop[:5] = patients.start[:5] + 1
    event = patients.event.copy()
    event[:5] = 1
    early = replace(scores(patients, patients.patient >= 5), stop=stop, event=event)
    result = fit_prognosis(study(["anxiolytics"], **MARKED).course, early)
    assert one(result, **of("rate"), level="all")["n_events"] == int(event.sum())
    assert result.failures == []


@pytest.mark.parametrize("score", ["the same for all", "the same for each patient"])
def test_a_marker_that_does_not_change_is_refused_or_not_converged(patients: Patients, score: str) -> None:
    value = np.full(len(patients.day), 30.0) if score == "the same for all" else 30.0 + patients.patient % 5
    result = fit_prognosis(study(["anxiolytics"], **MARKED).course, replace(patients, score=value))
    for model in (of("mixed", "crude"), joint("crude")):
        assert no_interval(result, **model)[0].startswith(("not estimable: ", "not converged"))
    assert len(result.failures) == 2
    assert one(result, **of("cox", "crude"))["converged"]


def test_a_number_that_separates_is_named_and_the_crude_model_stands(patients: Patients) -> None:
    first_to_die = replace(patients, covariates={"age": pa.array(-patients.stop.astype(float))})
    result = fit_prognosis(study(["anxiolytics"], adjust=["age"]).course, first_to_die)
    notes = no_interval(result, **of("cox", "adjusted"))
    notes += no_interval(result, **of("standardised cox", "adjusted"), exposure="anxiolytics")
    assert all("age: separation" in note for note in notes)
    assert [(failure.model.family, failure.model.form) for failure in result.failures] == [("cox", "adjusted")]
    assert one(result, **of("cox", "crude"))["converged"]


@pytest.mark.parametrize("kind", ["text", "yes or no"])
def test_a_level_of_a_covariate_without_events_is_left_out_as_its_limit(patients: Patients, kind: str) -> None:
    quiet = (patients.event == 0) & (np.arange(200) % 3 == 0)
    value = pa.array(quiet) if kind == "yes or no" else pa.array(np.where(quiet, "yes", "no").tolist())
    result = fit_prognosis(study(["anxiolytics"], adjust=["sex"]).course, replace(patients, covariates={"sex": value}))
    adjusted = of("cox", "adjusted")
    (lost,) = diagnosed(result, DiagnosticCode.PATIENTS_LEFT_OUT, covariate="sex", level="yes", **adjusted)
    assert lost["value"] == quiet.sum()
    assert list(noted(lost)) == [NoteCode.NO_EVENT_AT_LEVEL]
    users = (patients.level["anxiolytics"] == "ever")[~quiet].astype(float)
    fit = fit_cox(users, patients.stop[~quiet], patients.event[~quiet], start=patients.start[~quiet])
    row = one(result, **of("cox", "adjusted"), **RATIO)
    assert row["estimate"] == pytest.approx(float(fit.beta[0]), abs=1e-9)
    assert row["n_cases"] == 200 - quiet.sum()


def test_collinear_covariates_are_named(patients: Patients) -> None:
    age = np.asarray(patients.covariates["age"])
    both = {"age": pa.array(age), "birth_year": pa.array(2000 - age)}
    asked = study(["anxiolytics"], adjust=["age", "birth_year"], **MARKED)
    result = fit_prognosis(asked.course, replace(patients, covariates=both))
    for family in ("cox", "mixed", "joint"):
        notes = no_interval(result, **of(family, "adjusted"), exposure="anxiolytics")
        assert "birth_year" in notes[0]
        assert "collinear" in notes[0]


def test_nobody_with_a_known_covariate_is_left(patients: Patients) -> None:
    unknown = replace(patients, covariates={"age": pa.nulls(200, pa.float64())})
    result = fit_prognosis(study(["anxiolytics"], adjust=["age"]).course, unknown)
    assert no_interval(result, **of("cox", "adjusted")) == ["nobody is left among the patients of this model"]
    assert {row["value"] for row in diagnosed(result, DiagnosticCode.UNKNOWN_VALUE, covariate="age")} == {200}


def test_all_exposed_is_no_comparison(patients: Patients) -> None:
    everyone = replace(patients, level={"anxiolytics": np.full(200, "ever")})
    result = fit_prognosis(study(["anxiolytics"], **MARKED).course, everyone)
    for model in (of("cox", "crude"), of("mixed", "crude"), joint("crude")):
        assert no_interval(result, **model) == ["nobody was never exposed: nothing to compare with"]
    assert one(result, **of("rate"), level="ever")["n_cases"] == 200


def test_a_mixed_model_that_did_not_converge_prints_no_number(
    patients: Patients, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = decline.fit_mixed
    monkeypatch.setattr(decline, "fit_mixed", lambda *given, **named: replace(true(*given, **named), converged=False))
    result = fit_prognosis(study(["anxiolytics"], **MARKED).course, patients)
    (note,) = no_interval(result, **of("mixed", "crude"))
    assert "not converged" in note
    assert not points(result, curve="score")


def test_the_reference_is_called_by_whom_it_holds(patients: Patients) -> None:
    """Where use inside the lag counts as none, nothing says that the unexposed never used it."""
    names: dict[str, set[str]] = {}
    for name in ("never", "not before the lag"):
        result = fit_prognosis(study(list(patients.level)).course, replace(patients, unexposed=name))
        every = [*rows(result), *points(result)]
        names[name] = {row[key] for row in every for key in ("level", "reference") if key in row}
        assert name in names[name]
    assert names["not before the lag"] - names["never"] == {"not before the lag"}
    assert "never" not in names["not before the lag"]
