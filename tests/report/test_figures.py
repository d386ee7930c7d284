"""Figures: the file of numbers is what was plotted, and the drawing shows it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from math import exp, log
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.csv
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.report.document import write_report
from riskset.report.flow import plot_flows
from riskset.report.forest import plot_estimates
from riskset.report.forest_rows import ratio_ticks
from riskset.report.theme import COLOURS, FONT, SIZE
from riskset.report.view import read_view
from riskset.report.windows import plot_windows
from riskset.results.set_vocabulary import AttritionPart
from riskset.results.withheld import HiddenNumber, WithheldFor
from riskset.spec.study import Study
from tests.report.course import make_course
from tests.report.released import estimate, make_attrition, make_estimates, make_planted, make_released, make_study

PNG = b"\x89PNG\r\n\x1a\n"
CONTRAST = 4.5


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    write_report(make_released(), folder, png=True)
    return folder / "figures"


def read(path: Path) -> list[dict[str, object]]:
    return pa.csv.read_csv(path, convert_options=pa.csv.ConvertOptions(strings_can_be_null=False)).to_pylist()


def test_each_figure_is_there_three_times(figures: Path) -> None:
    names = {path.stem for path in figures.iterdir()}
    assert names == {
        "flow-cases",
        "flow-population-controls",
        "forest-risk-population-1",
        "forest-risk-population-2",
        "forest-risk-population-3",
        "subgroups-risk-population",
        "windows",
    }
    for name in names:
        ElementTree.parse(figures / f"{name}.svg")
        assert (figures / f"{name}.png").read_bytes().startswith(PNG)
        assert read(figures / f"{name}.csv")


def test_a_figure_is_no_png_unless_that_is_asked_for(figures: Path, tmp_path: Path) -> None:
    write_report(make_released(), tmp_path)
    there = {path.name for path in (tmp_path / "figures").iterdir()}
    assert there == {path.name for path in figures.iterdir() if path.suffix != ".png"}


def test_numbers_of_the_forest_are_those_of_the_estimates(figures: Path) -> None:
    rows = [row for n in (1, 2, 3) for row in read(figures / f"forest-risk-population-{n}.csv")]
    wanted = {
        (e["exposure"], e["measure"], e["level"], e["form"]): [exp(e[k]) for k in ("estimate", "conf_low", "conf_high")]
        for e in make_estimates()
        if (e["estimator"], e["role"], e["modifier"]) == ("maximum likelihood", "exposure", "")
        and e["contrast"] != "trend"
    }
    models = ("crude", "adjusted", "mutually adjusted")
    found = {
        (r["exposure"], r["measure"], r["level"], r["series"]): [r["value"], r["low"], r["high"]]
        for r in rows
        if r["series"] in models
    }
    assert found.keys() == wanted.keys()
    for key, numbers in wanted.items():
        assert found[key] == pytest.approx(numbers)
    truth = sorted(r["value"] for r in rows if r["series"] == "planted truth")
    assert truth == pytest.approx(sorted(exp(p["value"]) for p in make_planted()))
    assert sorted(r["value"] for r in rows if r["series"] == "published") == [1.21, 1.26, 1.34]


def test_the_drawing_shows_every_estimate_where_it_belongs() -> None:
    ratios = (0.5, 1.0, 2.0, 4.0)
    rows = [estimate("anxiolytics", "first_use", f"{i}", ratio, form="crude") for i, ratio in enumerate(ratios)]
    released = make_released(["anxiolytics"], estimates=rows, planted=False, published=False)
    view = read_view(released)
    (figure,) = plot_estimates(view, view.main("risk", "population"), name="forest", title="Forest")
    drawn = re.findall(r'<path aria-label="[^"]*scale: ([\d.]+);[^"]*"[^>]*transform="translate\(([\d.]+),', figure.svg)
    points = sorted((float(value), float(x)) for value, x in drawn)
    assert [value for value, _ in points] == list(ratios)
    steps = [b - a for (_, a), (_, b) in pairwise(points)]
    assert steps == pytest.approx([steps[0]] * 3, rel=1e-3)  # equal ratios are equal distances


def test_who_points_at_an_estimate_is_told_its_numbers_and_counts() -> None:
    view = read_view(make_released(["anxiolytics"], planted=False, published=False))
    lines = [x for x in view.main("risk", "population") if not (x.is_firth or x.is_trend)]
    figures = plot_estimates(view, lines, name="forest", title="Forest")
    told = re.findall(r'<path[^>]* opacity="0"><title>([^<]+)</title></path>', "".join(f.inline for f in figures))
    assert len(told) == len(lines)
    for line in lines:
        counts = f"{line['n_exposed_cases']:,} ({100 * line['n_exposed_cases'] / line['n_cases']:.1f}%) of cases"
        assert any(all(x in text for x in (line.label, line.cell, counts, f"{line.variant.label}, ")) for text in told)


def test_who_points_at_an_estimate_is_told_no_count_that_is_withheld() -> None:
    released = make_released(["anxiolytics"], planted=False, published=False)
    number = released.table("estimates").num_rows
    hidden = {i: {"n_exposed_cases": HiddenNumber(WithheldFor.SMALL)} for i in range(number)}
    view = read_view(replace(released, withheld={"estimates": hidden}))
    figures = plot_estimates(view, view.main("risk", "population"), name="forest", title="Forest")
    told = re.findall("<title>([^<]+)", "".join(figure.inline for figure in figures))
    assert told
    assert all("Exposed: withheld of cases and " in text for text in told)


def test_what_is_left_out_of_a_page_changes_no_point_of_a_drawing() -> None:
    figures = [plot_windows(make_study())]
    view = read_view(make_released(["anxiolytics"]))
    figures += plot_estimates(view, view.main("risk", "population"), name="forest", title="Forest")
    for figure in figures:
        assert figure is not None
        own = f'<svg xmlns="http://www.w3.org/2000/svg" font-family="{FONT}" font-size="{SIZE}px"'
        lean = str(figure.inline).replace("<svg", own, 1)
        assert len(lean) < 0.9 * len(figure.svg)
        assert vl_convert.svg_to_png(lean) == vl_convert.svg_to_png(figure.svg), figure.name


def test_an_interval_beyond_the_axis_ends_in_an_arrow() -> None:
    row = estimate("anxiolytics", "ever", "ever", 3.0) | {"conf_low": -9.0, "conf_high": float("inf")}
    view = read_view(make_released(["anxiolytics"], estimates=[row], planted=False, published=False))
    (figure,) = plot_estimates(view, view.main("risk", "population"), name="forest", title="Forest")
    assert figure.data["high"].to_pylist() == [float("inf")]
    (arrow,) = re.findall(r'aria-roledescription="point" transform="translate\(400,[\d.]+\)" d="([^"]+)"', figure.svg)
    assert "A" not in arrow  # a triangle at the right edge, not a circle
    assert min(float(x) for x in re.findall(r"[ML](-?[\d.]+),", arrow)) > 3  # and outside it, where no mark covers it
    assert "An arrow at the edge" in figure.text
    assert "NaN" not in figure.svg
    assert "Infinity" not in figure.svg


@pytest.mark.parametrize("ratio", [19.87, 40.0, 0.11, 0.02])
def test_a_mark_at_the_edge_does_not_hide_its_arrow(ratio: float) -> None:
    """With a mark at the edge, or one that is itself beyond the axis and not drawn at all."""
    row = estimate("anxiolytics", "ever", "ever", ratio) | {"conf_low": log(ratio / 9), "conf_high": log(ratio * 9)}
    view = read_view(make_released(["anxiolytics"], estimates=[row], planted=False, published=False))
    (figure,) = plot_estimates(view, view.main("risk", "population"), name="forest", title="Forest")
    marks = re.findall(r'aria-roledescription="point" transform="translate\(([\d.]+),[\d.]+\)" d="([^"]+)"', figure.svg)
    circles = [float(x) for x, path in marks if "A" in path]
    tips = [float(x) + float(re.findall(r"L(-?[\d.]+),", path)[0]) for x, path in marks if "A" not in path]
    assert len(circles) == (0.1 <= ratio <= 20)
    assert tips
    assert all(tip < -8 or tip > 408 for tip in tips)


def test_without_anything_beyond_no_arrow_is_spoken_of() -> None:
    view = read_view(make_released(["anxiolytics"], estimates=[estimate("anxiolytics", "ever", "ever", 1.4)]))
    (figure,) = plot_estimates(view, view.main("risk", "population"), name="forest", title="Forest")
    assert "arrow" not in figure.text


def test_every_row_says_in_words_what_it_is() -> None:
    view = read_view(make_released(["anxiolytics"]))
    (figure,) = plot_estimates(view, view.main("risk", "population"), name="forest", title="Forest")
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", figure.svg)
    for series in ("crude", "adjusted", "mutually adjusted"):
        rows = sum(row["series"] == series for row in figure.data.to_pylist())
        assert texts.count(series) == rows + 1  # and once in the legend


def test_no_text_of_a_figure_is_black_on_black(tmp_path: Path) -> None:
    """Every colour of a drawing is one that the style sheet exchanges in the dark."""
    write_report(make_course(), tmp_path)
    known = {pair[0] for pair in COLOURS.values()} | {"none", "transparent"}
    for path in (tmp_path / "figures").glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        for element in re.findall(r"<text[^>]*>", text):
            assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', element)) <= known, (path.name, element)
            assert "fill=" in element, (path.name, element)


def test_the_flow_shows_losses_and_names_rules_without() -> None:
    cases, controls = plot_flows(make_released().table("attrition").to_pylist())
    assert cases.data.num_rows == sum(step.part == AttritionPart.CASES for step in make_attrition())
    for text in ("3,120 persons", "1,871 removed", "1,249 persons", "73 removed", "1,176 persons"):
        assert text in cases.svg
    assert "0 removed" not in cases.svg
    assert "age 18 to 110" in cases.text
    assert "1,057 sets" in controls.svg


def test_parts_of_the_same_name_do_not_overwrite_each_other() -> None:
    rows = make_released().table("attrition").to_pylist()
    alike = [row | {"comparison": "Population!"} for row in rows if row["comparison"] == "population"]
    names = [figure.name for figure in plot_flows([*rows, *alike])]
    assert names == ["flow-cases", "flow-population-controls", "flow-population-controls-2"]


def test_windows_are_drawn_from_the_description() -> None:
    figure = plot_windows(make_study())
    assert figure is not None
    rows = figure.data.to_pylist()
    first = [(r["years_from"], r["years_to"]) for r in rows if r["measure"] == "First use"]
    assert first == [(pytest.approx(1.0), 0.0), (pytest.approx(5.0), pytest.approx(1.0)), (10.0, pytest.approx(5.0))]
    lag = next(r for r in rows if r["stretch"].startswith("lag"))
    assert (lag["years_from"], lag["years_to"], lag["counts"]) == (1.0, 0.0, False)


@pytest.mark.parametrize("paper", [0, 1])
def test_text_colours_can_be_read(paper: int) -> None:
    for name in ("ink", "quiet", "strong", "crude", "adjusted", "mutual", "other", "planted", "published", "warn"):
        assert contrast(COLOURS[name][paper], COLOURS["paper"][paper]) >= CONTRAST, name
    assert contrast(COLOURS["ink"][paper], COLOURS["band"][paper]) >= CONTRAST


def contrast(first: str, second: str) -> float:
    """The contrast ratio of WCAG 2.1."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@settings(deadline=None)
@given(st.floats(0.1, 0.694), st.floats(1.512, 20))
def test_an_axis_of_ratios_has_marks_on_each_side_of_one_that_it_reaches(low: float, high: float) -> None:
    ticks = ratio_ticks(low, high)
    assert ticks == sorted(ticks)
    assert low <= ticks[0] < 1 < ticks[-1] <= high
    assert 1 in ticks
    assert {tick for tick in (0.1, 0.25, 0.5, 2, 5, 10, 20) if low <= tick <= high} <= set(ticks)


def test_the_marks_of_windows_stand_in_one_order() -> None:
    """Not in that of a set, which another run has otherwise: a page would differ from itself."""
    described = make_study(["anxiolytics"]).model_dump(mode="json", by_alias=True) | {"models": [], "published": []}
    cuts = [f"{years}y" for years in range(1, 9)]
    described["exposures"][0]["measures"] = [{"kind": "first_use", "cuts": cuts}]
    figure = plot_windows(Study.model_validate(described))
    assert figure is not None
    marks = re.findall(r">(\d)\u00a0y</text>", figure.svg)
    assert marks[-8:] == [str(years) for years in range(1, 9)]
