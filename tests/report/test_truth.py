"""Planted ratios, limits of other forms, and what the crude model would have said stand apart."""

from __future__ import annotations

import re
from itertools import pairwise
from math import exp, log
from pathlib import Path
from typing import Any

import pyarrow.csv
import pytest

from riskset.report.document import write_report
from riskset.report.forest import LIMIT, PLANTED, plot_estimates
from riskset.report.view import read_view
from riskset.results.released import Released
from tests.report.page import Page, write_supplement
from tests.report.released import (
    CLASSES,
    RATIOS,
    estimate,
    make_estimates,
    make_limits,
    make_planted,
    make_released,
    make_study,
    not_estimable,
)

TRUTHS = [*make_planted(), *make_limits()]
SECTIONS = ("Planted truth", "What other model forms aim at", "What the crude model would have said")
FORBIDDEN = {"form": "mutually adjusted", "exposure": "anxiolytics", "measure": "first_use", "level": "0-1y"}


def page_of(released: Released, folder: Path) -> Page:
    return Page(write_supplement(released, folder).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("truth")
    write_report(make_released(planted_rows=TRUTHS), folder)
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "supplement.html").read_text(encoding="utf-8"))


def test_only_planted_ratios_are_called_planted(page: Page) -> None:
    table = page.table("Planted truth")
    rows = [row for row in table.rows[1:] if len(row) > 1]
    assert table.rows[0][2] == "Planted"
    assert len(rows) == len(make_planted())
    assert {row[1] for row in rows} == {"mutually adjusted"}
    assert all(row[0].startswith("First use") for row in rows)
    assert all(row[-1].startswith("planted") for row in rows)


def test_limits_have_a_table_of_their_own(page: Page) -> None:
    table = page.table("Limits of model forms")
    rows = [row for row in table.rows[1:] if len(row) > 1]
    assert table.rows[0][2] == "Limit of this form"
    assert not [heading for heading in table.rows[0] if "Planted" in heading]
    assert sorted(float(row[2]) for row in rows) == pytest.approx(
        sorted(round(exp(limit["value"]), 2) for limit in make_limits())
    )
    assert "targets something else than a planted ratio" in page.text
    assert "solved from the nation's own hazards" in page.text
    assert "Limit of this model's form, solved in 400,000 persons." in page.text


def test_intervals_are_counted_apart(tmp_path: Path) -> None:
    truths = [row | {"value": log(9.0)} if row["level"] == "ever" else row for row in TRUTHS]
    page = page_of(make_released(planted_rows=truths), tmp_path)
    assert "9 of 9 intervals hold the planted ratio" in page.text
    assert "18 of 27 intervals hold the limit of their form" in page.text


def test_the_crude_estimate_stands_beside_the_planted_ratio(tmp_path: Path) -> None:
    planted = [row | {"value": log(1.01)} if row["level"] == "1-5y" else row for row in make_planted()]
    page = page_of(make_released(planted_rows=[*planted, *make_limits()]), tmp_path)
    table = page.table("The crude model")
    rows = [row for row in table.rows[1:] if len(row) > 1]
    assert len(rows) == len(planted)
    assert table.rows[0][-1] == "Limit of the crude form"
    assert {row[3] for row in rows if "1–5" in row[0]} == {"yes"}
    assert {row[3] for row in rows if "over 5" in row[0]} == {"no"}
    assert rows[1][1] == "1.01"
    assert rows[1][2].startswith(f"{RATIOS['anxiolytics']['1-5y'] * 1.12:.2f} (")
    assert rows[1][4] == f"{RATIOS['anxiolytics']['1-5y'] * 1.11:.2f}"
    assert "3 of 9 of its intervals miss the planted ratio" in page.text


def test_sections_without_rows_are_left_out(tmp_path: Path) -> None:
    shown = {
        "both": page_of(make_released(planted_rows=TRUTHS), tmp_path).text,
        "planted": page_of(make_released(), tmp_path).text,
        "limits": page_of(make_released(planted_rows=make_limits()), tmp_path).text,
        "nothing": page_of(make_released(planted=False), tmp_path).text,
    }
    there = {name: [f"{section} " in text for section in SECTIONS] for name, text in shown.items()}
    assert there == {
        "both": [True, True, True],
        "planted": [True, False, True],
        "limits": [False, True, False],
        "nothing": [False, False, False],
    }
    assert "limit of the form" not in shown["nothing"]
    assert "limit" not in re.sub("limited|limitations", "", shown["nothing"].lower())


def test_the_forest_tells_limits_from_planted_ratios(folder: Path) -> None:
    files = sorted((folder / "figures").glob("forest*.csv"))
    rows = [row for path in files for row in pyarrow.csv.read_csv(path).to_pylist()]
    found = {series: sorted(r["value"] for r in rows if r["series"] == series) for series in (PLANTED, LIMIT)}
    assert found[PLANTED] == pytest.approx(sorted(exp(p["value"]) for p in make_planted()))
    assert found[LIMIT] == pytest.approx(sorted(exp(p["value"]) for p in make_limits()))
    view = read_view(make_released(planted_rows=TRUTHS))
    figure = plot_estimates(view, view.main("risk", "population"), name="forest", title="Forest")[0]
    outlines = {
        series: set(re.findall(rf'series: {series}"[^>]* d="([^"]+)"', figure.svg)) for series in (PLANTED, LIMIT)
    }
    assert [len(shapes) for shapes in outlines.values()] == [1, 1]
    assert [next(iter(shapes)).count("M") for shapes in outlines.values()] == [1, 2]  # the second is hollow
    assert "limit of the form" in figure.svg
    assert "A hollow bar is" in figure.text


def test_subgroup_figures_have_no_truth(folder: Path) -> None:
    (path,) = (folder / "figures").glob("subgroups*.csv")
    assert {row["series"] for row in pyarrow.csv.read_csv(path).to_pylist()} == {"All sets", "subgroup"}


def test_firths_estimate_stands_in_the_main_table(tmp_path: Path) -> None:
    rows = not_estimable(make_estimates(), firth=0.21, **FORBIDDEN)
    page = page_of(make_released(estimates=rows, planted_rows=TRUTHS), tmp_path)
    row = next(row for row in page.table("Odds ratios").rows if row[0] == "First use 0–1 y before")
    assert re.fullmatch(r"Firth 0\.21 \([\d.]+–[\d.]+\)[¹²³]", row[-1])
    mark = row[-1][-1]
    assert (
        f"{mark} Separation: no case has this level, so the ratio tends to 0; Firth penalty: maximum likelihood fails."
        in page.text
    )


@pytest.mark.parametrize(
    ("firth", "cell", "holds", "counted"),
    [
        (2.5, r"not estimable; Firth 2\.50 \(.*\)", "yes (Firth)", "9 of 9 intervals (1 of them Firth's, where"),
        (0.01, r"not estimable; Firth 0\.01 \(.*\)", "no (Firth)", "8 of 9 intervals (1 of them Firth's, where"),
        (None, "not estimable", "—", "8 of 8 intervals hold the planted ratio"),
    ],
)
def test_what_is_not_estimable_does_not_vanish_from_the_truth(
    firth: float | None, cell: str, holds: str, counted: str, tmp_path: Path
) -> None:
    rows = not_estimable(make_estimates(), firth=firth, **FORBIDDEN)
    page = page_of(make_released(estimates=rows), tmp_path)
    shown = [row for row in page.table("Planted truth").rows[1:] if len(row) > 1]
    assert len(shown) == len(make_planted())
    assert re.fullmatch(cell, shown[0][3])
    assert shown[0][4] == holds
    assert counted in page.text
    assert ("1 could not be estimated." in page.text) == (firth is None)


def test_the_figure_marks_firths_estimate_and_the_summary_does_not_word_it(tmp_path: Path) -> None:
    where = {"form": "mutually adjusted", "exposure": "anxiolytics", "level": "ever"}
    rows = not_estimable(make_estimates(), firth=1.2, **where)
    page = page_of(make_released(estimates=rows), tmp_path)
    assert "Maximum likelihood has no finite estimate of the association of anxiolytics" in page.text
    assert "The odds ratio (OR) of such use of anxiolytics was" not in page.text
    assert "A diamond is Firth's penalized estimate" in page.text
    drawn = pyarrow.csv.read_csv(tmp_path / "figures" / "forest-risk-population-1.csv").to_pylist()
    (row,) = [r for r in drawn if r["series"].endswith("Firth")]
    assert (row["series"], row["level"], row["value"]) == ("mutually adjusted, Firth", "ever", pytest.approx(1.2))


def named_models() -> tuple[Any, list[dict[str, Any]]]:
    """Ever use in two models with names, their estimates known apart by their ratios; first use as always."""
    described = make_study(["anxiolytics"]).model_dump(mode="json")
    ever, first = described["models"]
    narrow, wide = ever | {"name": "narrow", "adjust": ["education"]}, ever | {"name": "wide", "adjust": ["county"]}
    study = make_study().model_validate(described | {"models": [narrow, wide, first]})
    rows = make_estimates(["anxiolytics"])
    kept = [row for row in rows if row["measure"] == "first_use"]
    for name, times in (("narrow", 1.0), ("wide", 2.0)):
        for row in rows:
            if row["measure"] == "ever" and row.get("estimate") is not None:
                shifted = {key: row[key] + log(times) for key in ("estimate", "conf_low", "conf_high")}
                kept.append(row | shifted | {"model_name": name})
    return study, kept


def test_models_with_names_stand_apart(tmp_path: Path) -> None:
    study, rows = named_models()
    released = make_released(["anxiolytics"], study=study, estimates=rows, planted_rows=TRUTHS)
    page = page_of(released, tmp_path)
    assert page.problems == []
    assert len(page.ids) == len(set(page.ids))
    ratio = RATIOS["anxiolytics"]["ever"] * 1.12
    for name, times in (("narrow", 1), ("wide", 2)):
        table = page.table(f"Odds ratios by class and window, model {name}")
        assert table.rows[1][-3:] == ["crude", "adjusted", "mutually adjusted"]
        row = next(row for row in table.rows if row[0].startswith("Ever"))
        assert row[4].startswith(f"{ratio * times:.2f} (")
        drawn = pyarrow.csv.read_csv(tmp_path / "figures" / f"forest-risk-population-{name}.csv").to_pylist()
        crude = next(r for r in drawn if r["series"] == f"{name}: crude")
        assert crude["value"] == pytest.approx(ratio * times)
        assert f"In the model {name}: Use of anxiolytics" in page.text
        assert re.search(rf"Anxiolytics \(N05B\): Ever, more than 1 year before, model {name}", page.text)
    assert "The ratios of the model narrow take education into account." in page.text
    assert "The ratios of the model wide take county into account." in page.text
    own = page.table("Odds ratios by class and window Population").rows
    assert [row[0] for row in own if row[0].startswith("Ever")] == []
    subgroups = [row for row in page.table("Subgroups").rows if row[0] == "Sex: female"]
    first, second = (float(row[4].split()[0]) for row in subgroups)
    assert second / first == pytest.approx(2, abs=0.02)
    ours = [float(row[1].split()[0]) for row in page.table("Published").rows if row[0].startswith("Ever")]
    assert [b / a for a, b in pairwise(ours)] == [pytest.approx(2, abs=0.02)]


def test_a_model_with_a_name_is_not_judged(tmp_path: Path) -> None:
    study, rows = named_models()
    rows = [row | {"model_name": "narrow"} if row["measure"] == "first_use" else row for row in rows]
    rows.append(estimate("anxiolytics", "first_use", "0-1y", 2.6, form="mutually adjusted"))
    truths = [*TRUTHS, *(row | {"form": ""} for row in make_planted(["anxiolytics"]))]
    released = make_released(["anxiolytics"], study=study, estimates=rows, planted_rows=truths)
    page = page_of(released, tmp_path)
    assert len([row for row in page.table("Planted truth").rows[1:] if len(row) > 1]) == 1
    assert not [t for t in page.tables if t.caption.startswith(("Limits", "The crude"))]
    assert "1 of 1 intervals hold the planted ratio" in page.text


def test_every_class_is_in_both_tables(page: Page) -> None:
    for caption in ("Planted truth", "Limits of model forms", "The crude model"):
        assert len([row for row in page.table(caption).rows if len(row) == 1]) == len(CLASSES)
