"""The page of a prognosis that was fitted: what the analysis gives, the report shows, by columns alone."""

from __future__ import annotations

from dataclasses import replace
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from riskset.analysis.prognosis import PrognosisResult, fit_prognosis
from riskset.errors import FitProblem
from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue.english_fits import PROBLEMS
from riskset.results.columns import as_cells
from riskset.results.notes import NoteCode, note
from riskset.results.planted_prognosis import CASES, HORIZON, MODEL, STANDARDISED
from riskset.results.released import Released
from riskset.results.rows import KnownTruth
from riskset.results.vocabulary import Analysis, Contrast, DiagnosticCode, Role, Scale, TruthKind
from riskset.spec.study import Study
from tests.analysis.patients_made import RATIO, diagnosed, joint, of, one, points, rows, simulated, study
from tests.report.page import Page, write_supplement
from tests.report.released import make_released
from tests.report.test_course import row_of

CLASSES = ("anxiolytics", "antidepressants")
TITLES = {name: f"{name.capitalize()} (N05B)" for name in CLASSES}
CAUSES = ("death", "invasive_ventilation")
N = 120

NOT_CONCAVE = PROBLEMS[FitProblem.NOT_CONCAVE]


def asked() -> Study:
    return study(
        CLASSES, endpoint=CAUSES, marker="alsfrs_r", adjust=["age", "sex"], other_baselines=["weibull"],
        time_varying=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def result() -> PrognosisResult:
    """Two classes, two causes, an unknown covariate and exposure that changes."""
    patients = simulated(N)
    number = np.arange(N)
    never = patients.level["anxiolytics"] == "never"
    changes = {name: np.full(N, np.nan) for name in CLASSES} | {
        "anxiolytics": np.where((number % 4 == 0) & never, 200.0, np.nan)
    }
    sex = patients.covariates["bulbar"].to_pylist()
    unknown = [None if i % 25 == 0 else value for i, value in enumerate(sex)]
    made = replace(
        patients,
        event=np.where((patients.event == 1) & (number % 4 == 0), 2, patients.event),
        causes=CAUSES,
        n_endpoints=2,
        level={name: patients.level[name] for name in CLASSES},
        changes=changes,
        covariates={"age": patients.covariates["age"], "sex": pa.array(unknown)},
    )
    return fit_prognosis(asked().course, made)


def cells_of(made: list[Any]) -> list[dict[str, Any]]:
    return [dict(as_cells(row)) for row in made]


def planted_beside(result: PrognosisResult) -> list[dict[str, Any]]:
    """Values on the estimates themselves, so that every interval holds what was planted."""
    common: dict[str, Any] = {"comparison": CASES, "truth": TruthKind.PLANTED_ASSUMED, "value": 0.0}
    truths = []
    for exposure in CLASSES:
        for model, scale, horizon in (
            (MODEL, Scale.LOG_HR, None),
            (MODEL.but(analysis=Analysis.DECLINE), Scale.SLOPE, None),
            (STANDARDISED, Scale.LOG_CHR, HORIZON),
        ):
            at = {"exposure": exposure, "level": "ever", "scale": scale, "horizon": horizon}
            truths.append(KnownTruth(model=model, **at, **common))
    marker: dict[str, Any] = {"role": Role.MARKER, "covariate": "alsfrs_r", "contrast": Contrast.PER_UNIT}
    truths.append(KnownTruth(model=MODEL, level="value", scale=Scale.LOG_HR, **marker, **common))
    return [row | {"value": one(result, **keyed(row))["estimate"]} for row in cells_of(truths)]


def keyed(row: dict[str, Any]) -> dict[str, Any]:
    """The columns of a planted value that an estimate shares."""
    return {name: value for name, value in row.items() if name not in ("value", "truth", "n_persons", "is_causal_only")}


def released(result: PrognosisResult, **changed: list[dict[str, Any]]) -> Released:
    made: dict[str, Any] = {
        "estimates": cells_of(result.estimates),
        "curves": cells_of(result.curves),
        "diagnostics": cells_of(result.diagnostics),
        "attrition": [],
        "planted_rows": planted_beside(result),
    }
    return make_released(CLASSES, study=asked(), **made | changed)


@pytest.fixture(scope="module")
def page(result: PrognosisResult, tmp_path_factory: pytest.TempPathFactory) -> Page:
    folder = tmp_path_factory.mktemp("fitted")
    return Page(write_supplement(released(result), folder).read_text(encoding="utf-8"))


def shown(row: dict[str, Any]) -> str:
    ends = (row["estimate"], row["conf_low"], row["conf_high"])
    return formats.ratio_with_interval(*(exp(value) for value in ends))


def test_the_page_is_whole_and_every_diagnostic_is_worded(page: Page, result: PrognosisResult) -> None:
    assert page.problems == []
    fits = {row[1] for row in page.table("Fits").rows if len(row) > 1}
    known = {row[1] for row in page.table("What to know of the estimates").rows if len(row) > 1} | fits
    for row in cells_of(result.diagnostics):
        assert ENGLISH.diagnostic(row)[0].replace("_", " ") in known


@pytest.mark.parametrize("exposure", CLASSES)
def test_every_ratio_of_a_class_stands_in_its_row(exposure: str, page: Page, result: PrognosisResult) -> None:
    row = row_of(page, "Hazard ratios against never", TITLES[exposure], "Ever")
    for form in ("crude", "crude, patients of the adjusted model", "adjusted", "mutually adjusted"):
        estimate = one(result, **of("cox", form), exposure=exposure, level="ever", **RATIO)
        assert any(cell.startswith(shown(estimate)) for cell in row), form
    for form in ("adjusted", "mutually adjusted"):
        estimate = one(result, **joint(form), exposure=exposure, level="ever", **RATIO)
        assert any(cell.startswith(shown(estimate)) for cell in row), form
    first = one(result, **of("cox", "crude"), exposure=exposure, level="ever")
    assert row[1] == f"{first['n_exposed_events']} / {first['n_exposed_cases']}"


def test_sensitivities_stand_beside_the_models_that_they_vary(page: Page, result: PrognosisResult) -> None:
    labels = {
        "Cox, baseline score: ever": of("cox", "adjusted", sensitivity="baseline score", level="ever"),
        "Cox, time-varying: from the day": of(
            "cox", "adjusted", sensitivity="time-varying exposure", level="after diagnosis"
        ),
        "joint model, Weibull baseline: ever": joint(
            "mutually adjusted", sensitivity="weibull baseline hazard", level="ever"
        ),
    }
    for label, columns in labels.items():
        row = row_of(page, "Sensitivities", TITLES["anxiolytics"], label)
        estimate = one(result, **columns, exposure="anxiolytics", **RATIO)
        assert row[3].startswith(shown(estimate)), label


def test_convergence_is_a_diagnostic_of_its_own(page: Page, result: PrognosisResult, tmp_path: Path) -> None:
    (iterations,) = diagnosed(result, DiagnosticCode.ITERATIONS, **joint("adjusted"), exposure="anxiolytics")
    row = row_of(page, "Joint models", TITLES["anxiolytics"], "value, adjusted")
    assert row[2:4] == ["converged", formats.plain(iterations["value"])]
    failed = note(NoteCode.NOT_CONVERGED, problem="not concave")
    diagnostics = [
        replace(x, value=0.0, notes=(failed,)) if x.code == DiagnosticCode.CONVERGED else x for x in result.diagnostics
    ]
    changed = released(result, diagnostics=cells_of(diagnostics))
    other = Page(write_supplement(changed, tmp_path).read_text(encoding="utf-8"))
    assert row_of(other, "Joint models", TITLES["anxiolytics"], "value, adjusted")[2] == f"not converged: {NOT_CONCAVE}"


def test_tests_of_hazards_are_found_by_their_covariate(page: Page, result: PrognosisResult) -> None:
    tests = page.table("Tests between levels").rows
    for covariate, label in (("anxiolytics", "proportional hazards, anxiolytics"),):
        (row,) = diagnosed(
            result, DiagnosticCode.PROPORTIONAL_HAZARDS, **of("cox", "adjusted"), covariate=covariate,
            exposure="anxiolytics",
        )  # fmt: skip
        assert any(cells[:3] == ["Cox, adjusted", label, formats.p_value(row["value"])] for cells in tests)
    assert not [cells for cells in tests if len(cells) > 1 and "hazards, age" in cells[1]]  # among the diagnostics
    assert diagnosed(result, DiagnosticCode.PROPORTIONAL_HAZARDS, covariate="age")


def test_each_cause_has_both_its_ratios(page: Page, result: PrognosisResult) -> None:
    for cause, label in zip(CAUSES, ("Death", "Invasive ventilation"), strict=True):
        row = row_of(page, "Hazard ratios of each event", TITLES["antidepressants"], label)
        for column, family in ((2, "cause-specific cox"), (3, "fine-gray")):
            columns = of(family, "adjusted", cause=cause, level="ever", exposure="antidepressants")
            estimate = one(result, **columns, role="exposure")
            assert row[column].startswith("—" if estimate["estimate"] is None else shown(estimate))


def test_slopes_are_of_their_model_and_form(page: Page, result: PrognosisResult) -> None:
    row = row_of(page, "Decline of the score", TITLES["antidepressants"], "Ever: difference a month")
    for column, columns in ((1, of("mixed", "adjusted")), (2, joint("adjusted")), (3, joint("mutually adjusted"))):
        estimate = one(result, **columns, exposure="antidepressants", level="ever", scale="slope")
        assert row[column].startswith(formats.number(estimate["estimate"]))


def test_every_planted_value_finds_its_estimate(page: Page) -> None:
    rows = [row for row in page.table("Planted truth of the course").rows if len(row) == 6][1:]
    assert [row[4] for row in rows] == ["yes"] * 7
    assert "7 of 7 intervals hold what was planted" in page.text


def test_patients_left_out_are_counted_by_covariate(page: Page) -> None:
    row = row_of(page, "Patients, events and scores", TITLES["anxiolytics"], "Cox, adjusted")
    assert row[-1] == f"patients with unknown sex ({-(-N // 25)})"
    assert row[1] == str(N - -(-N // 25))


def test_the_forecast_is_by_pace(page: Page, result: PrognosisResult) -> None:
    visits = [p["estimate"] for p in points(result, curve="forecast visit", level="twice the average pace")]
    assert f"Declines twice as fast, scores {', '.join(map(formats.plain, visits))}: free of events" in page.text


def test_a_marker_of_several_classes_is_of_none(result: PrognosisResult) -> None:
    assert one(result, **joint("mutually adjusted"), role="marker")["exposure"] == ""
    covariates = rows(result, **of("cox", "mutually adjusted"), role="covariate")
    assert {(row["exposure"], row["n_exposed_cases"]) for row in covariates} == {("", None)}
    assert {(row["covariate"], row["contrast"]) for row in covariates} == {
        ("age", "per unit"),
        ("sex", "level against reference"),
    }
