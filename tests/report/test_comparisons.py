"""Several comparisons on one page: side by side, each with what it can tell, none claiming more than it shows."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pytest

from riskset.report.absolute import in_absolute_terms
from riskset.report.catalogue.english_compared import CUT, SIBLINGS, SPOUSES, controls_words
from riskset.report.compared import comparison_title, set_sizes
from riskset.report.document import write_report
from riskset.report.side_by_side import comparisons_of
from riskset.report.view import View, read_view
from riskset.report.words import taken_into_account
from riskset.results.columns import as_cells
from riskset.results.notes import NoteCode, note
from riskset.results.released import Released
from riskset.results.rows import Described
from riskset.results.set_vocabulary import Characteristic, Summary
from riskset.results.tables import SCHEMAS, rows_to_table
from riskset.spec.design import Event, SiblingControls, SpouseControls
from riskset.spec.published import PublishedSets
from tests.report.course import make_course
from tests.report.page import Page, write_supplement
from tests.report.released import (
    ESTIMAND,
    adjusted,
    estimate,
    make_planted,
    make_released,
    make_study,
    make_table_one,
    noted,
)

CLASS = ["anxiolytics"]
KIN = {"siblings": 1.9, "spouses": 1.2}
POPULATION = 1.3


def rows(**ratios: float | None) -> list[dict[str, Any]]:
    """Ever and first use in three models; the ratios of siblings, spouses and population of the same cases."""
    told: list[tuple[str, float | None]] = [("population", POPULATION)]
    for name, usual in KIN.items():
        told += [(name, ratios.get(name, usual)), (f"population, cases with {name}", ratios.get("same", POPULATION))]
    made = []
    for comparison, ratio in told:
        for form in ("crude", "adjusted", "mutually adjusted"):
            for measure, level in (
                ("ever", "ever"),
                ("first_use", "0-1y"),
                ("first_use", "1-5y"),
                ("first_use", ">5y"),
            ):
                row = estimate("anxiolytics", measure, level, ratio, form=form, comparison=comparison, scale_sets=0.6)
                flag = [note(NoteCode.MAY_REACT)] if (comparison, level) == ("spouses", "0-1y") else []
                made.append(row | ({"notes": noted(ESTIMAND, *flag)} if ratio else {}))
    return made


def table_one() -> list[dict[str, Any]]:
    row = partial(Described, comparison="siblings", kind=Summary.SHARE)
    sizes = [
        row(about=Characteristic.SET_SIZE, level=level, cases_n=n, cases_value=n / 400)
        for level, n in (("1", 300), ("3", 100))
    ]
    kinds = [
        row(about=Characteristic.RELATION, level=level, controls_n=n, controls_value=n / 600)
        for level, n in (("full sibling", 500), ("half sibling", 100))
    ]
    return [dict(as_cells(one)) for one in (*sizes, *kinds, *make_table_one())]


def released(**ratios: float | None) -> Released:
    study = make_study(CLASS, comparisons=("population", "siblings", "spouses"))
    numbers = PublishedSets(comparison="siblings", cases=709, controls=1418, source="a paper")
    study = study.model_copy(update={"published_sets": (numbers,)})
    planted = [
        row | {"comparison": name}
        for row in make_planted(CLASS)
        for name in ("population", "siblings", "spouses", "population, cases with siblings")
    ]
    return make_released(CLASS, study=study, estimates=rows(**ratios), planted_rows=planted, table_one=table_one())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("comparisons")
    write_report(released(), folder)
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "supplement.html").read_text(encoding="utf-8"))


def test_the_page_is_sound(page: Page) -> None:
    assert page.problems == []
    assert len(page.ids) == len(set(page.ids))
    assert page.links_inside <= set(page.ids)


def test_companions_follow_their_relatives_and_have_no_section_of_their_own(page: Page) -> None:
    named = comparisons_of(read_view(released()), "risk")
    assert named == [
        "population",
        "siblings",
        "population, cases with siblings",
        "spouses",
        "population, cases with spouses",
    ]
    assert {"population", "siblings", "spouses", "together"} <= set(page.ids)
    assert "population-cases-with-siblings" not in page.ids


def test_every_comparison_stands_side_by_side_with_its_informative_sets(page: Page) -> None:
    found = page.table("All comparisons, adjusted").rows
    at = next(i for i, row in enumerate(found) if row == ["Anxiolytics (N05B): Ever, more than 1 year before"])
    shown = found[at + 1 : at + 6]
    assert [row[0] for row in shown] == [
        "Population controls",
        "Siblings",
        "Population, cases with siblings",
        "Spouses",
        "Population, cases with spouses",
    ]
    assert [row[4][:4] for row in shown] == ["1.30", "1.90", "1.30", "1.20", "1.30"]
    assert {row[3] for row in shown} == {str(rows()[0]["n_informative"])}


def test_the_figure_has_every_comparison_and_the_truth_of_its_form(folder: Path) -> None:
    adjusted, mutual = (
        pyarrow.csv.read_csv(folder / "figures" / f"comparisons-{form}.csv").to_pylist()
        for form in ("adjusted", "mutually-adjusted")
    )
    assert {r["series"] for r in adjusted} == set(comparisons_of(read_view(released()), "risk"))
    truths = [r for r in mutual if r["series"] == "planted truth"]
    assert len(truths) == 3 * 4
    assert {round(r["value"], 2) for r in adjusted if r["series"] == "siblings"} == {1.9}


def test_each_comparison_says_what_it_can_and_cannot_tell(page: Page) -> None:
    assert SIBLINGS in page.text
    assert SPOUSES in page.text
    assert "half of the genes" in SIBLINGS
    assert "is not removed but weighs more" in SIBLINGS
    assert "does not by itself show confounding by family" in SIBLINGS


def test_only_matched_controls_are_said_to_be_alike_by_design(tmp_path: Path) -> None:
    people = [row for row in table_one() if row["comparison"] == "population"]
    rows_of_two = [row | {"comparison": name} for row in people for name in ("population", "siblings")]
    study = make_study(CLASS, comparisons=("population", "siblings", "spouses"))
    made = make_released(CLASS, study=study, estimates=rows(), table_one=rows_of_two)
    text = Page(write_supplement(made, tmp_path).read_text(encoding="utf-8")).text
    assert text.count("standardized mean difference (cases minus") == 2
    assert text.count("What was matched on is alike by design.") == 1


def test_crude_of_relatives_says_what_is_in_it(page: Page) -> None:
    headings = [next(r for r in t.rows if "Informative sets" in r) for t in page.tables if t.caption.startswith("Odds")]
    assert any("crude (age, sex)" in row for t in page.tables for row in t.rows)
    assert len(headings) == 5  # of population, two kinds of relatives, and the same cases twice
    assert "Crude: the class alone with age and sex, within matched sets." in page.text
    assert "Crude: the class alone, within matched sets." in page.text


def test_the_flag_of_spouses_marks_their_window(page: Page) -> None:
    shown = next(t for t in page.tables if t.caption.startswith("Odds ratios") and t.caption.endswith("Spouses"))
    marked = [row[0] for row in shown.rows if row[-1][-1:] in "¹²³"]
    assert marked == ["First use 0–1 y before"]
    assert "The window reaches the index date" in page.text


def test_set_sizes_and_relations_are_told(page: Page) -> None:
    assert "400 sets, with 1.5 controls each on average: 1 in 300 (75.0%), 3 in 100 (25.0%) of them." in page.text
    assert "Controls by relation to the case: full sibling 500 (83.3%), half sibling 100 (16.7%)." in page.text
    assert str(Characteristic.SET_SIZE) not in [row[0].lower() for row in page.table("Cases and controls").rows]
    assert set_sizes([]) == ""
    assert page.text.count("Published: 1,418 controls of 709 cases (a paper).") == 1


@pytest.mark.parametrize(
    ("siblings", "said"),
    [
        (1.31, "each interval holds the other's estimate, so the two are compatible"),
        (
            1.9,
            "the intervals overlap, but not each holds the other's estimate: neither agreement nor difference is shown",
        ),
        (9.0, "the intervals do not overlap, so the two are incompatible"),
        (None, "there is no estimate in both to set beside each other"),
    ],
)
def test_agreement_is_said_of_intervals_and_no_further(siblings: float | None, said: str, tmp_path: Path) -> None:
    text = Page(write_supplement(released(siblings=siblings), tmp_path).read_text(encoding="utf-8")).text
    part = text[text.index("The same cases against unrelated people") :]
    assert said in part[: part.index("Intervals that hold")]
    assert "which does not show that the two are equal" in part
    assert not re.search(r"\bconfirm|\bprove[sd]?\b|\brule[sd]? out\b|\breplicat(es|ed)\b", part[:3000])


def test_published_figures_stand_beside_unrelated_controls_alone(page: Page) -> None:
    published = [t.caption for t in page.tables if t.caption.startswith("Published")]
    assert len(published) == 1
    assert published[0].endswith("Population controls")


def at_the_same_age() -> Released:
    """The siblings of the page, compared at the same age."""
    made, name = released(), "siblings at the same age"
    controls = tuple(
        SiblingControls(at="same age") if isinstance(c, SiblingControls) else c for c in made.study.controls
    )
    tables = {}
    for key, table in made.tables.items():
        if "comparison" in table.column_names:
            renamed = [None if c is None else re.sub(r"siblings$", name, c) for c in table["comparison"].to_pylist()]
            at = table.column_names.index("comparison")
            table = table.set_column(at, table.field(at), pa.array(renamed, table.field(at).type))
        tables[key] = table
    study = made.study.model_copy(update={"controls": controls})
    rows = [adjusted(study, row | {"adjusted_for": "[]"}) for row in tables["estimates"].to_pylist()]
    tables["estimates"] = rows_to_table(rows, SCHEMAS["estimates"])
    return Released(study, tables, made.manifest)


def test_siblings_at_the_same_age_have_their_birth_year_in_every_model_and_no_verdict(tmp_path: Path) -> None:
    page = Page(write_supplement(at_the_same_age(), tmp_path).read_text(encoding="utf-8"))
    headings = {cell for t in page.tables for row in t.rows for cell in row if cell.startswith("crude (")}
    assert headings == {"crude (birth year, sex)", "crude (age, sex)"}
    assert "The ratios below take birth year, sex, education" in page.text
    part = page.text[page.text.index("The same cases against unrelated people") :]
    assert CUT in part[: part.index("Intervals that hold")]


def test_a_covariate_that_varies_within_no_set_is_not_said_to_be_taken_into_account() -> None:
    view = read_view(released())
    assert "country of birth" in taken_into_account(view, "risk", "siblings")
    constant = frozenset({("siblings", "country_of_birth")})
    view = View(view.study, view.lines, constant=constant)
    assert "country of birth" not in taken_into_account(view, "risk", "siblings")
    assert "country of birth" in taken_into_account(view, "risk", "population")


def test_comparisons_with_the_population_are_told_apart_by_name() -> None:
    study = make_study(CLASS, comparisons=("population", "siblings"))
    close = study.controls[0].model_copy(update={"name": "close"})
    study = study.model_copy(update={"controls": (*study.controls, close)})
    assert comparison_title(study, "population") == "Population controls"
    assert comparison_title(study, "population, close") == "Population controls, close"
    assert comparison_title(study, "population, cases with siblings") == "Population, cases with siblings"


def test_absolute_terms_are_of_the_population_alone() -> None:
    view = read_view(released())
    counted = View(view.study, view.lines, 3.6)
    lines = {x["comparison"]: x for x in counted.lines if (x["form"], x["level"]) == ("adjusted", "ever")}
    assert "In absolute terms" in in_absolute_terms(counted, "anxiolytics", lines["population"])
    assert in_absolute_terms(counted, "anxiolytics", lines["siblings"]) == ""


def test_the_study_at_a_glance_has_the_primary_ratio_of_each_comparison(page: Page) -> None:
    glance = page.table("The study at a glance")
    (row,) = [row for row in glance.rows if row[0].startswith("Ever")]
    assert [cell.split()[0] for cell in row[1:]] == ["1.30", "1.90", "1.20"]
    assert "Odds ratios are adjusted, each class in a model of its own" in page.text
    assert page.tables.index(glance) == 0


def test_the_course_of_the_disease_stands_at_a_glance_too(tmp_path: Path) -> None:
    made = make_course()
    page = Page(write_supplement(made, tmp_path).read_text(encoding="utf-8"))
    glance = page.table("The study at a glance")
    assert any("HR after diagnosis" in row for row in glance.rows)
    shown = {
        x.cell
        for x in read_view(made).lines
        if (x["level"], x["form"]) == ("ever", "adjusted") and x["family"] in ("cox", "joint")
    }
    cells = [cell for row in glance.rows if row[0].startswith("Ever") for cell in row[-2:]]
    assert len(cells) == 2 * len(made.study.exposures)
    assert set(cells) <= shown


def test_a_comparison_alone_has_nothing_beside_it(tmp_path: Path) -> None:
    page = Page(write_supplement(make_released(CLASS), tmp_path).read_text(encoding="utf-8"))
    assert "The study at a glance" not in page.text
    assert "together" not in page.ids
    assert "The same cases against unrelated people" not in page.text


@pytest.mark.parametrize(
    ("controls", "said"),
    [
        (SiblingControls(), "their full siblings who did not have the disease on the same date"),
        (SiblingControls(half=True), "their full and half-siblings who did not have the disease on the same date"),
        (SiblingControls(half="only"), "their half-siblings who did not have the disease on the same date"),
        (SiblingControls(at="same age"), "their full siblings who did not have the disease at the same age"),
        (SpouseControls(), "their partners, who did not have the disease"),
    ],
)
def test_who_the_controls_are(controls: SiblingControls | SpouseControls, said: str) -> None:
    assert controls_words(controls, Event(registry="mnd")) == said
