"""The whole page: it opens anywhere, loses no estimate, says what must be said, and stands what is missing."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from functools import partial
from itertools import pairwise
from math import exp, log
from pathlib import Path

import pytest

from riskset.cohort.attrition import Attrition
from riskset.report import formats
from riskset.report.document import write_report
from riskset.report.tables import REFERENCE, Column, render_table
from riskset.results.notes import NoteCode, note
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.released import Released
from riskset.results.rows import AuditResult, Described, Diagnostic, QualityRow
from riskset.results.run_folder import FRONT
from riskset.results.set_vocabulary import (
    AttritionPart,
    AttritionRule,
    AuditCheck,
    Characteristic,
    Summary,
    Unit,
    Verdict,
)
from riskset.results.tables import SCHEMAS
from riskset.results.vocabulary import Analysis, DiagnosticCode, Model
from riskset.spec.study import Study
from tests.report.conftest import DRAWN
from tests.report.page import Page, is_table_of_ours, write_supplement
from tests.report.released import (
    CLASSES,
    TABLE_ONE,
    estimate,
    interaction,
    make_estimates,
    make_planted,
    make_released,
    make_study,
    noted,
)

NO_REPLICATION = "A synthetic result beside a published one is not a replication"
MEGABYTE = 1_000_000


def page_of(released: Released, folder: Path) -> Page:
    return Page(write_supplement(released, folder).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(make_released(), folder)
    return folder


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / "supplement.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_everything_is_inside(html: str, page: Page) -> None:
    assert not re.search(r"https?:|//[a-z0-9-]+\.[a-z]|@import|url\(", html, re.IGNORECASE)
    assert page.loads
    assert all(target.startswith(("#", f"{FRONT}#")) or is_table_of_ours(target) for target in page.loads)
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert not [a for a in page.attributes if a[1].startswith("on")]


def test_a_browser_may_use_the_pages_own_style_and_script_and_nothing_else(html: str, page: Page) -> None:
    (policy,) = [a[2] for a in page.attributes if a[1] == "content" and "default-src" in a[2]]
    ((style,), (begins,)) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL), re.findall(r"<style>", html)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    known = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in (style, script)
    ]
    runs = f"style-src {known[0]}; script-src {known[1]}"
    assert policy == f"default-src 'none'; {runs}; base-uri 'none'; form-action 'none'"
    assert page.tags.count("script") == 1
    assert html.index("Content-Security-Policy") < html.index(begins)
    assert not [a for a in page.attributes if a[1] == "style"]  # the policy would not let it act
    assert html.count("http-equiv") == 1


def test_links_lead_somewhere(page: Page) -> None:
    assert page.links_inside <= set(page.ids)


def test_every_element_is_closed(page: Page) -> None:
    assert page.problems == []


def test_identifiers_are_unique(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))


def test_it_is_small(html: str) -> None:
    assert len(html.encode()) < 2 * MEGABYTE


def test_the_same_results_give_the_same_page(html: str, folder: Path, tmp_path: Path) -> None:
    DRAWN.clear()
    assert write_supplement(make_released(), tmp_path).read_text(encoding="utf-8") == html
    for path in (*(folder / "figures").iterdir(), *(folder / "supplement").iterdir()):
        assert path.read_bytes() == (tmp_path / path.parent.name / path.name).read_bytes()


def test_nothing_half_written_is_left(folder: Path) -> None:
    assert not list(folder.rglob(".*"))


def test_it_is_accessible(page: Page) -> None:
    assert ("html", "lang", "en") in page.attributes
    assert all(t.caption for t in page.tables)
    drawings = [a for a in page.attributes if a[0] == "svg" and a[1] == "aria-label"]
    assert len(drawings) == page.tags.count("svg") == page.tags.count("figcaption") > 4
    assert all(len(label) > 20 for _, _, label in drawings)
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_the_stamp_is_on_the_screen_and_on_every_sheet(html: str, page: Page) -> None:
    assert "internal, not cleared" in page.text
    assert re.search(r'@top-center \{ content: "internal, not cleared"', html)


def test_planted_truth_stands_beside_its_own_model_form_only(page: Page) -> None:
    rows = [row for row in page.table("Planted truth").rows[1:] if len(row) == 6]
    planted = make_planted()
    assert len(rows) == len(planted)
    assert {row[1] for row in rows} == {"mutually adjusted"}
    assert [float(row[2]) for row in rows] == pytest.approx([round(exp(p["value"]), 2) for p in planted])
    assert {row[4] for row in rows} == {"yes"}
    assert "The crude and adjusted models are not judged by it" in page.text


def test_an_interval_that_misses_the_truth_is_said_to_miss(tmp_path: Path) -> None:
    planted = [row | {"value": log(9.0)} if row["level"] == ">5y" else row for row in make_planted()]
    page = page_of(make_released(planted_rows=planted), tmp_path)
    assert "6 of 9 intervals hold the planted ratio" in page.text
    assert [r[4] for r in page.table("Planted truth").rows if r[0] == "First use over 5 y before"] == ["no"] * 3


def test_published_and_planted_together_are_called_no_replication(page: Page) -> None:
    assert NO_REPLICATION in page.text
    assert page.table("Published figures").rows[2][2] == "1.34 (1.12–1.60)"


def test_without_a_truth_nothing_is_called_synthetic(tmp_path: Path) -> None:
    page = page_of(make_released(planted=False), tmp_path)
    assert "Planted truth" not in page.text
    assert "planted truth" not in page.text
    assert NO_REPLICATION not in page.text
    assert "invented" not in page.text
    assert page.table("Published figures").rows


def test_without_published_figures_there_is_no_such_table(tmp_path: Path) -> None:
    page = page_of(make_released(published=False), tmp_path)
    assert not [t for t in page.tables if t.caption.startswith("Published")]
    assert NO_REPLICATION not in page.text


def test_every_class_has_its_own_numbers_in_the_summary(page: Page) -> None:
    for name in CLASSES:
        words = name.replace("_", " ")
        e = next(
            e for e in make_estimates() if (e["exposure"], e["level"], e["form"]) == (name, "ever", "mutually adjusted")
        )
        share = f"{e['n_exposed_cases']} of 1,057 cases ({100 * e['n_exposed_cases'] / e['n_cases']:.1f}%)"
        assert f"Use of {words} (ever, more than 1 year before): {share} and" in page.text
        assert f"The odds ratio (OR) of such use of {words} was {exp(e['estimate']):.2f} (95% CI, " in page.text
    assert "These are associations. They do not show that a medicine causes the disease" in page.text


def test_the_explained_study_is_in_it(page: Page) -> None:
    assert "Who is a case" in page.text
    assert "First use: one factor by the time from the qualifying date" in page.text
    assert "lag_only" not in page.text.replace("lag only", "")
    assert "pre" not in page.tags


def test_audit_characteristics_and_quality(page: Page) -> None:
    assert [row[0] for row in page.table("Audit").rows[1:]] == [
        "control with the disease",
        "birth year differs",
        "control in several sets",
        "future case as control",
        "set without a control",
    ]
    rows = page.table("Cases and controls").rows
    marked = [row[3] for row in rows if row[-1].startswith("†")]
    assert marked == [f"† {row[-1]:.2f}" for row in TABLE_ONE if abs(row[-1]) > 0.1]
    assert ["after death", "118", "4,182,337", "0.003%", "quarantined"] in page.table("Quality").rows


def test_interaction_tests_stand_beside_the_subgroups(page: Page) -> None:
    """Made rows: subgroups that differ so far, p below 0.001, in every class."""
    rows = page.table("Subgroups").rows
    assert [row[5] for row in rows if row[0] == "Sex: female"] == ["0.71"] * 3
    assert [row[5] for row in rows if row[0] == "Age < 65"] == ["<0.001"] * 3


def test_per_cent_signs_stand_at_their_number_as_in_the_front(page: Page) -> None:
    assert "95% CI" in page.text
    assert not re.findall(r"\d\s%", page.text)


def test_the_other_style_of_numbers_is_one_too(tmp_path: Path) -> None:
    released = make_released()
    write_report(replace(released, study=released.study.model_copy(update={"number_style": "SI"})), tmp_path)
    for name in (FRONT, "supplement.html"):
        text = Page((tmp_path / name).read_text(encoding="utf-8")).text
        assert re.search(r"95\s% CI", text), name
        assert not re.findall(r".{20}\d%.{10}", text), name
    assert formats.percent(0.5) == "50.0%"


def test_a_joint_interaction_test_is_said_once(tmp_path: Path) -> None:
    """Made rows: one test of several windows, which sets of a handful of people do not give."""
    rows = make_estimates(["anxiolytics"], subgroups=False)
    for level in ("0-1y", "1-5y"):
        by_sex = [{"modifier": "sex", "stratum": x} for x in ("female", "male")]
        rows += [estimate("anxiolytics", "first_use", level, 1.2, **of) for of in by_sex]
    rows.append(interaction("anxiolytics", "first_use", "sex", 0.413))
    table = page_of(make_released(["anxiolytics"], estimates=rows), tmp_path).table("Subgroups").rows
    assert [row for row in table if row[-1] == "0.41"] == [["Interaction with sex", "", "", "", "", "0.41"]]
    assert ["Anxiolytics (N05B), first use before the index date: all levels together"] in table


def test_why_an_interaction_is_not_tested_is_said_in_its_cell(tmp_path: Path) -> None:
    """Made rows: ratios in both strata, and no test for all that."""
    rows = make_estimates(["anxiolytics"], subgroups=False)
    rows += [estimate("anxiolytics", "ever", "ever", 1.2, modifier="sex", stratum=x) for x in ("female", "male")]
    why = "not testable: no two values have an informative set"
    test = interaction("anxiolytics", "ever", "sex", None, notes=noted(note(NoteCode.TEST_UNINFORMATIVE)))
    page = page_of(make_released(["anxiolytics"], estimates=[*rows, test]), tmp_path)
    cells = {row[0]: row[-1] for row in page.table("Subgroups").rows}
    assert (cells["Sex: female"], cells["Sex: male"]) == ("—¹", "")
    assert f"¹ {why.capitalize()}." in page.text


def test_where_all_are_in_the_models_nobody_is_said_to_be_left_out(page: Page) -> None:
    assert "of these cases" not in page.text


def test_the_summary_says_what_was_measured(page: Page) -> None:
    said = (
        "whether they had been dispensed it on at least 2 different dates, the second of them more than 1 year before"
    )
    assert f"For each drug class we asked of everyone {said} the date." in page.text


def test_what_was_left_out_and_how_the_nation_differs_stand_at_the_top(tmp_path: Path) -> None:
    released = make_released()
    study = {"study": {"left_out": ["siblings", "prognosis"]}, "nation": {"persons": 9, "seed": 1, "incidence": 10.0}}
    page = page_of(Released(released.study, released.tables, dict(released.manifest) | study), tmp_path)
    assert page.text.index("Left out of this run: siblings and prognosis.") < page.text.index("Summary in plain")
    assert "with the incidence of the disease raised tenfold" in page.text


def test_nothing_left_out_and_a_nation_as_it_is_are_not_spoken_of(page: Page) -> None:
    assert "Left out of this run" not in page.text
    assert "with the incidence of the disease" not in page.text


def test_rules_without_rows_are_one_line(tmp_path: Path) -> None:
    of_sex = partial(QualityRow.counted, "person", of=9, action=QualityAction.KEPT, subject="sex")
    rows = [of_sex(QualityRule.MISSING, rows=3), of_sex(QualityRule.NOT_AMONG_VALUES, rows=0)]
    page = page_of(make_released(quality=rows), tmp_path)
    assert [row[0] for row in page.table("Quality").rows[1:]] == ["person", "sex missing"]
    assert "1 rule broke on no row: person, sex not among its values." in page.text


def test_diagnostics_are_in_words_and_said_once_for_classes_alike(tmp_path: Path) -> None:
    needed = note(NoteCode.QUALIFYING, dates=1, codes="N05B", without="")
    row = partial(Diagnostic, model=Model(Analysis.EXPOSURE), code=DiagnosticCode.QUALIFIED)
    rows = [row(exposure=name, value=1234567.8, notes=(needed,)) for name in CLASSES]
    page = page_of(make_released(diagnostics=rows), tmp_path)
    (shown,) = [row for row in page.table("What to know").rows[1:] if len(row) > 1]
    assert shown[0].count("N0") == len(CLASSES)
    assert shown[1:] == [
        "persons on index dates who qualified before the index date",
        "1,234,568",
        "At least 1 dispensing date of N05B.",
    ]


def test_a_number_is_no_level(tmp_path: Path) -> None:
    described = make_study(["anxiolytics"]).model_dump(mode="json") | {"models": [], "published": []}
    described["exposures"][0]["measures"] = [{"kind": "ddd", "per": 100, "lag": "1y"}]
    heading = "Anxiolytics (N05B), defined daily doses (DDD) more than 1 year before the index date"
    step = {"contrast": "per unit", "unit": "100 DDD"}
    row = estimate("anxiolytics", "ddd", "per 100 DDD", 1.07, reference="none", **step)
    counted = Described(
        comparison="population",
        about=Characteristic.EXPOSURE,
        exposure="anxiolytics",
        measure="ddd",
        level="per 100 DDD",
        kind=Summary.SHARE,
        cases_n=3,
        cases_value=0.3,
        controls_n=2,
        controls_value=0.2,
    )
    study = make_study().model_validate(described)
    page = page_of(make_released(study=study, estimates=[row], table_one=[counted]), tmp_path)
    assert page.table("Cases and controls").rows[1][0] == f"{heading}: any, n (%)"
    assert [r[0] for r in page.table("Odds ratios").rows[-2:]] == [heading, "Per 100 DDD (counts: any)"]
    assert "The odds ratio (OR) for each 100 DDD more of anxiolytics was 1.07 (95% CI, " in page.text


def test_reference_rows_stand_out(html: str) -> None:
    assert len(re.findall(r'<tr class="reference">\s*<th[^>]*>(?:Never|None) \(reference\)</th>', html)) == 9


def test_a_row_of_a_reference_is_one_by_its_key_and_not_by_its_label() -> None:
    labels = ["mine (reference)", "<b>", "never (reference)", "a & b"]
    rows = [{"label": label, "g": label[:1], "n": "1"} for label in labels]
    rows[2] |= {REFERENCE: "yes"}
    places = {"m": 'm\'s "1"', "<": "2", "n": "3", "a": "4"}
    html = str(
        render_table(rows, [Column("label", "L"), Column("n", "N")], name="t", caption="c", group="g", of_group=places)
    )
    assert re.findall(r'<tr class="reference"><th[^>]*>([^<]*)</th>', html) == ["never (reference)"]
    assert re.findall(r'<tbody data-of="([^"]*)"', html) == ["m&#39;s &#34;1&#34;", "2", "3", "4"]


def test_the_manifest_is_whole(page: Page) -> None:
    for value in ("c0de" * 16, "91ab" * 16, "1.4.2", "3.11.9"):
        assert value in page.text


@pytest.mark.parametrize("name", [n for n in SCHEMAS if n != "planted"])
def test_a_table_may_be_missing(name: str, tmp_path: Path) -> None:
    page = page_of(make_released(without=[name]), tmp_path)
    assert page.problems == []
    assert "Manifest" in page.text


def test_a_run_without_any_table(tmp_path: Path) -> None:
    page = page_of(make_released(without=list(SCHEMAS)), tmp_path)
    assert page.problems == []
    assert "Nothing has been compared in this run." in page.text


def test_no_subgroups(tmp_path: Path) -> None:
    page = page_of(make_released(subgroups=False), tmp_path)
    assert not [t for t in page.tables if t.caption.startswith("Subgroups")]
    assert not (tmp_path / "figures" / "subgroups-risk-population.svg").exists()


def test_a_study_without_exposures(tmp_path: Path) -> None:
    study = Study.model_validate(
        make_study().model_dump(mode="json") | {"exposures": [], "models": [], "published": []}
    )
    page = page_of(make_released(study=study, without=["estimates", "planted", "diagnostics"]), tmp_path)
    assert page.problems == []
    assert "We compared people with ALS" in page.text


@pytest.mark.parametrize("number", [1, 12])
def test_one_exposure_and_twelve(number: int, tmp_path: Path) -> None:
    classes = [*CLASSES, *(f"class_with_a_rather_long_name_number_{i:02d}" for i in range(9))][:number]
    page = page_of(make_released(classes), tmp_path)
    assert page.problems == []
    headings = [row[0] for row in page.table("Odds ratios").rows if len(row) == 1]
    assert sum(heading.endswith("first use before the index date") for heading in headings) == number
    assert (tmp_path / "supplement.html").stat().st_size < 2 * MEGABYTE


def test_what_is_not_estimable_is_a_dash_with_its_reason(tmp_path: Path) -> None:
    rows = [estimate("anxiolytics", "ever", "ever", None, form=m, n_exposed_cases=0) for m in ("crude", "adjusted")]
    page = page_of(make_released(["anxiolytics"], estimates=rows, published=False), tmp_path)
    row = page.table("Odds ratios").rows[-1]
    assert row[1] == "0 (0.0%)"
    assert row[4:] == ["—¹", "—¹"]
    assert "¹ No informative set: no discordant set has this level." in page.text
    assert "could not be estimated" in page.text
    assert not list((tmp_path / "figures").glob("forest*"))


def test_an_endless_interval(tmp_path: Path) -> None:
    row = estimate("anxiolytics", "ever", "ever", 3.0) | {"conf_high": float("inf")}
    page = page_of(make_released(["anxiolytics"], estimates=[row]), tmp_path)
    assert page.table("Odds ratios").rows[-1][-1].startswith("3.00 (")
    assert page.table("Odds ratios").rows[-1][-1].endswith("–∞)")


def test_several_comparisons_and_analyses(tmp_path: Path) -> None:
    more = [e | {"comparison": "spouses"} for e in make_estimates(["anxiolytics"])]
    hazard = estimate("anxiolytics", "ever", "ever", 1.52, analysis="prognosis", scale="log_hr")
    study = make_study(comparisons=["population", "spouses"])
    page = page_of(make_released(study=study, estimates=[*make_estimates(), *more, hazard]), tmp_path)
    assert page.problems == []
    assert {"Population controls", "Spouses"} <= {t.caption.split("window ")[-1] for t in page.tables}
    assert page.table("Hazard ratios").rows[-1][-1].startswith("1.52 (")
    assert len(page.ids) == len(set(page.ids))


def test_hostile_names_are_shown_and_not_run(tmp_path: Path) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>&lt;'
    study = make_study().model_copy(update={"name": evil, "description": f"</style>{evil}"})
    rows = [
        estimate(evil, "ever", evil, 1.2, comparison=evil, model_name=evil, reference=evil, unit=evil),
        estimate(evil, "ever", evil, 1.3, comparison=evil, model_name=evil, modifier=evil, stratum=f"{evil}=x"),
    ]
    released = make_released(
        study=study,
        estimates=rows,
        attrition=Attrition(AttritionPart.CONTROLS, Unit.SETS, AttritionRule.SETS, 5, evil).steps,
        audit=[
            AuditResult(
                comparison=evil,
                check=AuditCheck.KEY_DIFFERS,
                subject=evil,
                count=1,
                of=2,
                verdict=Verdict.VIOLATION,
            )
        ],
        table_one=[
            Described(
                comparison=evil,
                about=Characteristic.COVARIATE,
                variable=evil,
                level=evil,
                kind=Summary.SHARE,
                cases_value=0.5,
            )
        ],
        diagnostics=[
            Diagnostic(
                model=Model(Analysis.RISK, measure=evil, model_name=evil),
                comparison=evil,
                code=DiagnosticCode.COVARIATE_CONSTANT,
                exposure=evil,
                covariate=evil,
                modifier=evil,
                stratum=evil,
                notes=(note(NoteCode.NO_MARKER, marker=evil, known=evil),),
            )
        ],
        quality=[
            QualityRow.counted(evil, QualityRule.READS_MISSING, 1, 2, QualityAction.KEPT, subject=evil, texts=(evil,))
        ],
    )
    hostile = Released(study, released.tables, {evil: {evil: [evil]}}, stamp=f'{evil}" }} </style>')
    page = page_of(hostile, tmp_path)
    assert page.problems == []
    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert page.tags.count("style") == 1
    assert not [a for a in page.attributes if a[1].startswith("on")]
    assert page.text.count("<script>alert(1)</script>") > 10
    assert all(re.fullmatch(r"[a-z0-9-]+\.(svg|png|csv)", path.name) for path in (tmp_path / "figures").iterdir())
