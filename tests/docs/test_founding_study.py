"""The page with the published study beside the demo shows what is stored of the demo, and what the study file has."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from riskset.spec.study import Study
from tests.demo import OUTPUT
from tests.founding_study import CLASSES, PAGE, STUDY, TABLES, WINDOWS, filled, stored

PAGE_TEXT = PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.load(STUDY)


def test_the_tables_are_those_of_the_published_study_and_the_stored_demo(study: Study) -> None:
    assert filled(PAGE_TEXT, study, stored()) == PAGE_TEXT, "write them by python -m tests.founding_study"
    assert set(re.findall(r"<!-- table: (\w+) -->", PAGE_TEXT)) == set(TABLES)


def test_another_number_of_the_demo_is_another_page(study: Study) -> None:
    """Every stored number is on the page: none is stored that nobody sees."""
    for key, numbers in stored().items():
        changed = stored() | {key: [each + 1 for each in numbers]}
        assert filled(PAGE_TEXT, study, changed) != PAGE_TEXT, key


def test_the_published_figures_are_all_there_and_of_one_source(study: Study) -> None:
    for figure in study.published:
        ends = f" ({figure.low:.2f}–{figure.high:.2f})" if figure.low and figure.high else ""
        assert re.search(
            rf"^\| {figure.exposure} .*\| {figure.estimate:.2f}{re.escape(ends)} \|", PAGE_TEXT, re.MULTILINE
        )
    assert {one.source for one in (*study.published, *study.published_sets)} == {
        "Chourpiliadis et al., JAMA Netw Open 2025;8(6):e2514437"
    }
    assert "2025;8(6):e2514437" in PAGE_TEXT


def test_the_page_says_what_the_demo_prints() -> None:
    """The same run by another way: the windows' ratios, and how many intervals hold the planted one."""
    printed = OUTPUT.read_text(encoding="utf-8")
    table = PAGE_TEXT.partition("<!-- table: windows -->")[2].partition("<!-- end -->")[0]
    rows = [re.split(r" *\| *", line.strip("| ")) for line in table.splitlines() if line.startswith("| ")][2:]
    assert [tuple(row[:2]) for row in rows] == [(name, window) for name in CLASSES for window in WINDOWS]
    assert [row[4 + at].replace("–", "-") for row in rows for at in range(3)] == list(_printed_ratios(printed))
    (held,) = re.findall(r"population: (\d) of 9 intervals hold the planted ratio", printed)
    assert f"hold {held} of 9 values that the model aims at" in table


def _printed_ratios(printed: str) -> Iterator[str]:
    yield from re.findall(r"\d+\.\d\d \(\d+\.\d\d-\d+\.\d\d\)", printed)
