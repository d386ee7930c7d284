"""What a reader of the supplement may do: open a table, point to a heading, search; and that it needs no script."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from riskset.report.document import write_report
from tests.report.page import Page, is_table_of_ours
from tests.report.released import make_released


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("closer")
    write_report(make_released(), folder)
    return folder


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / "supplement.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_the_script_asks_nothing_of_the_network_and_makes_no_markup(html: str) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    asks = r"fetch|XMLHttp|WebSocket|sendBeacon|EventSource|import|Image|\bopen\(|location|cookie|Storage"
    makes = r"eval|Function|innerHTML|outerHTML|insertAdjacent|document\.write|createElement|DOMParser|setTimeout"
    assert not re.findall(f"{asks}|{makes}", script)


def test_without_the_script_every_estimate_is_there_and_no_field_that_would_do_nothing(page: Page) -> None:
    finder = [a for a in page.attributes if a[0] == "div" and a[1] in ("id", "hidden")]
    assert ("div", "id", "finder") in finder
    assert ("div", "hidden", "") in finder
    assert not [a for a in page.attributes if a[0] in ("tr", "tbody", "td") and a[1] == "hidden"]


def test_what_the_script_looks_for_is_in_the_page(html: str, page: Page) -> None:
    (table,) = [a[2] for a in page.attributes if a[1] == "data-table"]
    assert table in page.ids
    (finder,) = re.findall(r'<div class="finder".*?</div>', html, re.DOTALL)
    assert [finder.count(f"<{field}") for field in ("select>", "input", "button", "label>")] == [3, 1, 1, 4]
    bodies = re.findall(r"<tbody([^>]*)>", re.findall(rf'<table id="{table}".*?</table>', html, re.DOTALL)[0])
    assert bodies
    assert all(re.fullmatch(' data-of="[^"]+"', body) for body in bodies)


def test_every_table_has_its_file_with_the_same_cells(folder: Path, page: Page) -> None:
    names = [target.removeprefix("supplement/") for target in page.loads if is_table_of_ours(target)]
    assert sorted(names) == sorted(path.name for path in (folder / "supplement").iterdir())
    assert len(names) == len(page.tables) > 9
    for name, table in zip(names, page.tables, strict=True):
        with (folder / "supplement" / name).open(encoding="utf-8-sig", newline="") as file:
            written = list(csv.reader(file))
        assert len({len(row) for row in written}) == 1
        width = max(len(row) for row in table.rows)
        shown = [row for row in table.rows if len(row) == width and row[-1] != written[0][-1]]
        grouped = written[0][0] == "Group"
        cells = [row[grouped : grouped + width] for row in written[1:]]
        assert [["".join(cell.split()) for cell in row] for row in cells] == [
            ["".join(cell.split()) for cell in row] for row in shown[-len(cells) :]
        ], name


def test_headings_link_to_themselves(html: str) -> None:
    headings = re.findall(r'<h([23])(?: id="([^"]+)")?[^>]*>(<a href="#([^"]+)">)?', html)
    assert len(headings) > 15
    assert all(anchor and anchor == target for _, anchor, _, target in headings)
