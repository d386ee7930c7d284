"""What became of the patients: the numbers of the page are those of the tables, and what is missing is not shown."""

from __future__ import annotations

import re
from math import exp, log
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pytest

from riskset.errors import FitProblem
from riskset.precision import WRITTEN, significant
from riskset.report.catalogue.english_fits import PROBLEMS
from riskset.report.document import write_report
from riskset.results.notes import NoteCode, note
from riskset.results.released import Released
from riskset.results.vocabulary import Form, Scale
from riskset.spec.study import Study
from tests.report.course import (
    ADJUSTED,
    BEGIN,
    CLASSES,
    COX,
    DIRECT_RATIOS,
    JOINT,
    TOTAL_RATIOS,
    make_course,
    make_course_estimates,
    make_course_study,
    make_curves,
    make_diagnostics,
    ours,
)
from tests.report.page import Page, write_supplement
from tests.report.released import make_estimates, make_released

HEADING = "What became of the patients"
NO_REPLICATION = "A synthetic result beside a published one is not a replication"

NOT_CONCAVE = PROBLEMS[FitProblem.NOT_CONCAVE]


def page_of(released: Released, folder: Path) -> Page:
    return Page(write_supplement(released, folder).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    write_report(make_course(), folder)
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "supplement.html").read_text(encoding="utf-8"))


def read(path: Path) -> list[dict[str, object]]:
    return pa.csv.read_csv(path).to_pylist()


def row_of(page: Page, caption: str, group: str, label: str) -> list[str]:
    rows = page.table(caption).rows
    at = next(i for i, row in enumerate(rows) if row == [group])
    return next(row for row in rows[at:] if row[0].startswith(label))


def test_the_page_is_whole(page: Page) -> None:
    assert page.problems == []
    assert len(page.ids) == len(set(page.ids))
    assert page.links_inside <= set(page.ids)
    assert "course" in page.ids
    assert "Cases controls" not in page.text  # cases among themselves are no comparison with controls


def test_drawings_refer_to_nothing_but_their_own_parts(folder: Path, page: Page) -> None:
    html = (folder / "supplement.html").read_text(encoding="utf-8")
    inside = re.findall(r"url\(([^)]*)\)", html)
    assert inside
    assert {target.removeprefix("#") for target in inside} <= set(page.ids)
    assert not re.search(r"https?:|@import", html)


def test_the_same_results_give_the_same_page(folder: Path, tmp_path: Path) -> None:
    again = write_supplement(make_course(), tmp_path)
    assert again.read_bytes() == (folder / "supplement.html").read_bytes()


def test_nothing_undefined_is_shown(page: Page, folder: Path) -> None:
    course = page.text[page.text.rindex("Who was followed") : page.text.index("What to know of the estimates")]
    for wrong in ("NaN", "nan", "None", "inf"):
        assert not re.search(rf"\b{wrong}\b", course), wrong
    for path in (folder / "figures").glob("*.svg"):
        assert "NaN" not in path.read_text(encoding="utf-8"), path.name


def test_total_direct_and_published_stand_side_by_side(page: Page) -> None:
    row = row_of(page, "Hazard ratios against never", "Anxiolytics (N05B)", "Ever")
    value, low, high = (exp(log(TOTAL_RATIOS["anxiolytics"]) + d) for d in (0, -0.4, 0.4))
    assert row[1] == "27 / 45"
    assert row[3] == f"{value:.2f} ({low:.2f}–{high:.2f})"
    assert [cell[:4] for cell in row[2:]] == ["1.27"] * 3 + ["1.52"] * 2 + ["1.52"]
    assert row[-1] == "1.52 (1.12–2.05)¹"
    assert "A paper 2025;8(6) (as 300 events give)" in page.text
    assert row_of(page, "Hazard ratios against never", "Antidepressants (N06A)", "Ever")[-1] == "1.23³"
    assert "total effect (Cox regression without the score)" in page.text
    assert "Events in the adjusted models here: total effects 155; direct effects 155." in page.text


def test_a_level_without_an_estimate_has_its_reason(page: Page) -> None:
    row = row_of(page, "Hazard ratios against never", "Anxiolytics (N05B)", "Only in the last 1 year")
    assert row[3].startswith("—")
    assert "No event at this level: the hazard ratio tends to 0 and has no finite estimate." in page.text


def test_the_baseline_score_is_a_sensitivity_only(page: Page) -> None:
    row = row_of(page, "Sensitivities", "Anxiolytics (N05B)", "Cox, baseline score")
    assert row[0] == "Cox, baseline score: ever"
    assert (row[3][:4], row[4][:4]) == ("1.11", "1.27")
    assert not [r for r in page.table("Hazard ratios against never").rows if any(c.startswith("1.11 ") for c in r)]
    assert "that model stands as a sensitivity only" in page.text


def test_other_sensitivities_stand_beside_the_model_that_they_vary(page: Page) -> None:
    row = row_of(page, "Sensitivities", "Anxiolytics (N05B)", "Cox, time-varying")
    assert row[0] == "Cox, time-varying: from the day after qualifying"
    assert (row[3][:4], row[4]) == ("2.22", "")
    row = row_of(page, "Sensitivities", "Antidepressants (N06A)", "joint model, piecewise baseline")
    assert (row[3][:4], row[4][:4]) == ("1.66", "1.72")
    assert not [r for r in page.table("Hazard ratios against never").rows if any(c.startswith("1.66 ") for c in r)]


def test_adjusted_survival_says_shares_and_their_difference(page: Page) -> None:
    row = row_of(page, "Share without an event 2 years after diagnosis", "Anxiolytics (N05B)", "mutually adjusted")
    assert row[1:4] == ["50 (44 to 56)", "40 (34 to 46)", "−10.0 (−18.0 to −2.0)"]
    assert row[4].startswith("1.32 (")
    assert "the mean over all patients of what the model predicts for each" in page.text


def test_each_event_has_its_ratios(page: Page) -> None:
    row = row_of(page, "Hazard ratios of each event", "Anxiolytics (N05B)", "Death")
    assert (row[1], row[2][:4], row[3][:4]) == ("27 / 45", "1.30", "1.20")
    row = row_of(page, "Hazard ratios of each event", "Antidepressants (N06A)", "Invasive ventilation")
    assert (row[2][:4], row[3]) == ("0.90", "—¹")
    assert "No event at this level" in page.text


def test_times_have_their_units_and_ends(page: Page) -> None:
    table = page.table("Time without an event")
    assert "Median, years (95% CI)" in table.rows[0]
    assert "Difference from never, months (95% CI)" in table.rows[0]
    row = row_of(page, "Time without an event", "Anxiolytics (N05B)", "Ever")
    assert row[4] == "41.0 (1.0 to 81.0)"
    assert row[5] == "1.25 (0.85 to not reached)"
    assert row[7] == "−6.0 (−10.8 to −1.2)"
    assert row_of(page, "Time without an event", "Antidepressants (N06A)", "Ever")[5] == "—¹"
    assert "Fewer than half have had an event by the end of the curve." in page.text


def test_the_summary_says_months_of_its_own_class(page: Page) -> None:
    summary = page.text[: page.text.index("What was asked", page.text.index("Summary in plain language"))]
    for said in (
        "We followed 296 patients from the later of diagnosis and registration; 188 of them had died or come to",
        "had used anxiolytics more than 1 year before diagnosis had died or come to invasive ventilation within 15.0",
        "6.0 months fewer (95% CI of the difference, use minus never: −10.8 to −1.2 months)",
        "With age, body mass index and use of the other classes taken into account, the hazard ratio (HR) of such an "
        "event among patients who had used anxiolytics, against those who never had, was 1.27 (95% CI, ",
        "Between patients with the same current ALSFRS-R score, the HR of antidepressants was 1.72",
    ):
        assert said in summary, said
    assert "half of the patients who had used antidepressants" not in summary.lower()  # no median for them


def test_a_class_that_no_patient_used_says_so(tmp_path: Path) -> None:
    none = {"estimate": None, "conf_low": None, "conf_high": None, "n_exposed_cases": 0, "n_exposed_events": 0}
    rows = [
        row | none if (row["exposure"], row["level"]) == ("antidepressants", "ever") else row
        for row in make_course_estimates()
        if row["exposure"] != "antidepressants" or row["scale"] == "log_hr"
    ]
    page = page_of(make_course(estimates=[*make_estimates(["anxiolytics"]), *rows]), tmp_path)
    assert "No patient had used antidepressants more than 1 year before diagnosis." in " ".join(page.text.split())


def test_who_was_followed(page: Page, folder: Path) -> None:
    assert "Patients with unknown body mass index: 55 (of 296; 32 of them with an event)." in page.text
    assert "The days between are immortal" in page.text
    assert read(folder / "figures" / "flow-prognosis.csv")[-1]["remaining"] == 296
    row = row_of(page, "Patients, events and scores", "Anxiolytics (N05B)", "Cox, adjusted")
    assert row == ["Cox, adjusted", "240", "155", "", "patients with unknown body mass index (55)"]
    assert row_of(page, "Patients, events and scores", "All classes together", "joint model")[3] == "900"


def written(value: Any) -> Any:
    return significant(value, WRITTEN) if isinstance(value, float) else value


def test_curves_are_the_tables_numbers(folder: Path) -> None:
    rows = read(folder / "figures" / "survival-anxiolytics.csv")
    made = {
        (r["level"], written(r["time"])): {name: written(value) for name, value in r.items()}
        for r in make_curves()
        if (r["curve"], r["exposure"]) == ("survival", "anxiolytics")
    }
    assert {row["level"] for row in rows} == {"never", "ever"}  # of three patients no curve is drawn
    for row in rows:
        wanted = made[row["level"], row["time"]]
        assert [row[k] for k in ("estimate", "n_risk", "n_events")] == [
            wanted[k] for k in ("estimate", "n_risk", "n_events")
        ]
        assert row["conf_low"] == wanted.get("conf_low")
    assert min(row["time"] for row in rows) == BEGIN


def test_numbers_at_risk_stand_below_the_curve(folder: Path) -> None:
    svg = (folder / "figures" / "survival-antidepressants.svg").read_text(encoding="utf-8")
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    made = {(r["level"], round(r["time"], 6)): r for r in make_curves() if r["curve"] == "survival"}
    assert {"At risk", "Events so far"} <= set(texts)
    for year in (1.0, 2.0, 3.0, 4.0):
        for level in ("never", "ever"):
            point = made[level, year]
            assert {str(point["n_risk"]), str(point["n_events"])} <= set(texts)


def test_causes_and_trajectories_are_drawn(folder: Path, page: Page) -> None:
    assert {row["cause"] for row in read(folder / "figures" / "incidence-anxiolytics.csv")} == {"death"}
    drawn = {row["curve"] for row in read(folder / "figures" / "course-anxiolytics.csv")}
    assert drawn == {"score", "score while alive", "score as if nobody died"}
    assert "That is survivors' bias." in page.text
    assert (
        row_of(page, "Decline of the score", "Anxiolytics (N05B)", "Ever: difference a month")[1]
        == "−0.31 (−0.71 to 0.09)"
    )


def test_joint_models_tell_how_they_went(page: Page) -> None:
    row = row_of(page, "Joint models", "Anxiolytics (N05B)", "value, adjusted")
    assert row[1] == "0.914 (0.905 to 0.923)"
    assert row[2:4] == ["converged", "13"]
    said = "With four more nodes an axis (k to k + 4) no log-likelihood changed by more than 0.00066, with twice the"
    assert page.text.count(said) == 1
    assert "move no estimate by more than 0.0036 standard errors" in page.text
    assert "10.0% predicted, 12.0% observed." in page.text
    assert (
        row_of(page, "Joint models", "Antidepressants (N06A)", "value, adjusted")[2] == f"not converged: {NOT_CONCAVE}"
    )
    assert "overstates the association of score and hazard by about a tenth" in page.text


def test_tests_of_proportional_hazards(page: Page) -> None:
    rows = page.table("Tests between levels").rows
    assert ["Cox, adjusted", "proportional hazards, anxiolytics", "0.012", "χ² = 6.27, 1 df"] in rows
    assert not [row for row in rows if len(row) > 1 and row[1].startswith("Gray")]
    assert "Gray's test between cumulative incidences is not made" in page.text


def test_the_forecast_is_of_nobody(page: Page, folder: Path) -> None:
    assert "These patients are nobody" in page.text
    assert (
        "Declines twice as fast, scores 36, 33, 30: free of events 12 months later 61.3% (40.0% to 80.0%)" in page.text
    )
    assert len(read(folder / "figures" / "forecast.csv")) == 18


def test_planted_truth_stands_beside_the_full_joint_model(page: Page) -> None:
    rows = [row for row in page.table("Planted truth of the course").rows if len(row) == 6][1:]
    direct = [row for row in rows if row[0] == "Direct hazard ratio"]
    assert [row[2] for row in direct] == [f"{ratio:.2f}" for ratio in DIRECT_RATIOS.values()]
    assert {row[4] for row in direct} == {"yes"}
    (total,) = [row for row in rows if row[0].startswith("Total effect")]
    assert total[0] == "Total effect: ratio of cumulative hazards, first 2 years"
    assert (total[2], total[3][:4], total[4]) == ("1.25", "1.32", "yes")
    assert "3 of 3 intervals hold what was planted" in page.text
    assert page.text.count(NO_REPLICATION) >= 3


def test_without_a_truth_nothing_is_called_planted(tmp_path: Path) -> None:
    page = page_of(make_course(planted=False), tmp_path)
    assert "Planted truth of the course" not in page.text
    assert NO_REPLICATION not in page.text
    assert "The published study had another population" in page.text


def test_no_prognosis_no_section(tmp_path: Path) -> None:
    for released in (make_released(), make_course(estimates=make_estimates(), curves=[], diagnostics=[], attrition=[])):
        page = page_of(released, tmp_path)
        assert HEADING not in page.text
        assert not list((tmp_path / "figures").glob("survival*"))


def test_a_run_with_cox_alone(tmp_path: Path) -> None:
    study = make_course_study(prognosis={"endpoint": ["death"]}, published=[])
    rows = [r for r in make_course_estimates() if (r["family"], r["form"]) == ("cox", "crude")]
    page = page_of(make_course(study=study, estimates=rows, curves=[], planted=False, diagnostics=[]), tmp_path)
    assert page.problems == []
    assert page.table("Hazard ratios against never").rows[3][2].startswith("1.27")
    for absent in ("joint model", "Survival", "A forecast", "Decline of the score"):
        assert absent not in [t.caption for t in page.tables]
    assert "direct effect (joint" not in page.text


def test_a_model_that_failed_prints_no_interval(tmp_path: Path) -> None:
    failed = note(NoteCode.NOT_CONVERGED, problem="not concave")
    at = {"family": "joint", "form": "adjusted", "exposure": "anxiolytics", "level": "ever", "scale": "log_hr"}
    rows = [
        ours(JOINT.but(form=ADJUSTED), "anxiolytics", "ever", Scale.LOG_HR, None, failed)
        if at.items() <= r.items() and not r["sensitivity"]
        else r
        for r in make_course_estimates()
    ]
    page = page_of(make_course(estimates=rows), tmp_path)
    assert row_of(page, "Hazard ratios against never", "Anxiolytics (N05B)", "Ever")[5].startswith("—")
    assert "Not converged: the log-likelihood is not concave where the climb ended." in page.text


def test_lines_end_below_ten_at_risk(folder: Path, page: Page) -> None:
    for kind in ("survival", "incidence"):
        rows = [r for r in read(folder / "figures" / f"{kind}-anxiolytics.csv") if r["level"] == "ever"]
        assert min(r["n_risk"] for r in rows if r["time"] > BEGIN) == 10  # type: ignore[operator, type-var]
        assert max(r["time"] for r in rows) < 3.5  # type: ignore[operator, type-var]
    texts = re.findall(
        r"<text[^>]*>([^<]*)</text>", (folder / "figures" / "survival-anxiolytics.svg").read_text("utf-8")
    )
    assert not [text for text in texts if text.startswith("&lt;")]  # nothing on an internal page is masked
    few = [r["n_risk"] for r in make_curves() if r["curve"] == "survival" and r["level"] == "ever" and r["n_risk"] < 10]
    assert str(few[-1]) in texts
    assert "No curve, since never 10 at risk: only in the last 1 year before diagnosis (3 patients)." in page.text
    assert "At the beginning those count who are under observation then; 250 more come later." in page.text


def test_whole_numbers_are_said_of_scores_that_are(tmp_path: Path) -> None:
    for decimals, floor, said in ((0.0, 12.0, True), (900.0, 12.0, False), (900.0, 0.0, False)):
        counted = {"scores with decimals": decimals, "scores at the floor": floor}
        diagnostics = [r | {"value": counted.get(r.get("code"), r["value"])} for r in make_diagnostics()]
        page = page_of(make_course(diagnostics=diagnostics), tmp_path)
        assert ("Delivered scores are whole numbers from 0 to 48" in page.text) is said
        assert ("12 (of 900) are at the floor" in page.text) is (decimals > 0 and floor > 0)


def test_numbers_of_few_patients_are_marked_and_in_no_summary(tmp_path: Path) -> None:
    rows = [
        r | {"n_exposed_cases": 6} if (r["exposure"], r["level"]) == ("anxiolytics", "ever") else r
        for r in make_course_estimates()
    ]
    page = page_of(make_course(estimates=rows), tmp_path)
    assert row_of(page, "Time without an event", "Anxiolytics (N05B)", "Ever")[7] == "−6.0 (−10.8 to −1.2)¹"
    assert "Few patients (6)." in page.text
    assert "6.0 months fewer" not in page.text.split("What was asked")[1].split("antidepressants")[0]


def test_crude_ratios_stand_of_the_adjusted_models_patients_too(tmp_path: Path) -> None:
    model = COX.but(form=Form.CRUDE_SAME_PATIENTS)
    same = ours(model, "anxiolytics", "ever", Scale.LOG_HR, log(1.33), n_cases=201)
    page = page_of(make_course(estimates=[*make_course_estimates(), same]), tmp_path)
    assert any(
        "crude, patients of the adjusted model (n 201)" in c for r in page.table("Hazard ratios").rows for c in r
    )
    assert "Crude and adjusted models differ in patients" in page.text


def test_no_note_is_a_lone_full_stop_and_levels_have_one_wording(folder: Path, page: Page) -> None:
    assert not [cell for table in page.tables for row in table.rows for cell in row if cell == "."]
    svg = (folder / "figures" / "survival-anxiolytics.svg").read_text(encoding="utf-8")
    assert "Lag only" not in svg
    assert "Only in the last 1 year" in page.text


def test_the_reference_of_a_course_is_called_by_whom_it_holds(tmp_path: Path) -> None:
    described = make_course_study().model_dump(mode="json")
    described["prognosis"]["lag_only"] = "reference"
    rows = [*make_estimates(CLASSES, subgroups=False), *make_course_estimates()]
    name = {"never": "not before the lag"}
    rows = [row | {key: name.get(row[key], row[key]) for key in ("level", "reference")} for row in rows]
    curves = [row | {"level": name.get(row["level"], row["level"])} for row in make_curves()]
    course = make_course(study=Study.model_validate(described), estimates=rows, curves=curves)
    page = page_of(course, tmp_path)
    assert row_of(page, "Hazard ratios against not before the lag", "Anxiolytics (N05B)", "Ever")[1] == "27 / 45"
    table = next(t for t in page.tables if t.caption.startswith("Time without an event"))
    assert "Not before the last 1 year before diagnosis" in [row[0] for row in table.rows]
    told = page.text[page.text.rindex("Who was followed") : page.text.index("What to know of the estimates")]
    assert not re.search(r"[Nn]ever (used|had)|[Aa]gainst never|from never|minus never|\bNever\b", told)


def test_numbers_of_the_front_lead_to_tables_that_are_there(folder: Path) -> None:
    front, behind = ((folder / name).read_text(encoding="utf-8") for name in ("report.html", "supplement.html"))
    targets = set(re.findall(r'class="behind" href="supplement.html#([^"]+)"', front))
    assert {"course-times", "course-ratios-1", "course-slopes"} <= targets
    assert all(f'<table id="{target}">' in behind for target in targets)
