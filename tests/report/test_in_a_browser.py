"""The pages in a real browser, where the machine has Chromium: the finder finds, and no page complains or asks."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from riskset.report.document import write_report
from tests.report.released import make_released

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]

STEPS = """
const finder = document.getElementById("finder"), table = document.getElementById(finder.dataset.table);
const bodies = () => [...table.tBodies].filter((body) => !body.hidden);
const rows = () => bodies().flatMap((body) => [...body.rows].slice(1)).filter((row) => !row.hidden);
const state = () => ({ status: finder.querySelector("[role=status]").textContent,
  rows: rows().map((row) => row.textContent.trim().replace(/\\s+/g, " ")) });
const put = (field, value) => { field.value = value; field.dispatchEvent(new Event("input", { bubbles: true })); };
const [comparison, drug, term] = finder.querySelectorAll("select"), search = finder.querySelector("input");
const seen = { hidden: finder.hidden, options: [...drug.options].map((o) => o.textContent), all: state() };
put(drug, "anxiolytics"); seen.drug = state();
put(search, "no such estimate"); seen.none = state();
finder.querySelector("button").click(); seen.again = state();
put(search, "ANXIO"); seen.search = state();
document.documentElement.setAttribute("data-seen", JSON.stringify(seen));
"""


def open_page(page: Path) -> tuple[str, str]:
    """The page as it is after its scripts have run, and what the browser's console says."""
    asked = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom", page.as_uri()]
    done = subprocess.run([str(BROWSER), *asked], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    write_report(make_released(), folder)
    return folder


@pytest.fixture(scope="module")
def seen(folder: Path) -> Any:
    """What a reader sees who types in the finder."""
    page = (folder / "supplement.html").read_text(encoding="utf-8")
    without_policy = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert without_policy != page
    typed = folder / "typed.html"
    typed.write_text(without_policy.replace("</body>", f"<script>{STEPS}</script></body>"), encoding="utf-8")
    dom, _ = open_page(typed)
    (found,) = re.findall(r'data-seen="([^"]*)"', dom)
    return json.loads(found.replace("&quot;", '"').replace("&nbsp;", " ").replace("&amp;", "&"))


@pytest.mark.parametrize("name", ["report.html", "supplement.html"])
def test_no_page_has_anything_to_complain_of(folder: Path, name: str) -> None:
    dom, console = open_page(folder / name)
    assert "<main" in dom
    assert console == ""


def test_a_complaint_would_be_seen(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    bad = folder / "bad.html"
    bad.write_text(page.replace("</body>", '<img src="http://localhost/x.png"></body>'), encoding="utf-8")
    assert "Content Security Policy" in open_page(bad)[1]


def test_the_finder_shows_itself_and_counts_every_estimate(seen: Any) -> None:
    assert seen["hidden"] is False
    assert seen["all"]["status"] == f"{len(seen['all']['rows'])} of {len(seen['all']['rows'])} estimates"
    assert "anxiolytics" in seen["options"]


def test_choosing_a_class_leaves_its_estimates(seen: Any) -> None:
    chosen = seen["drug"]["rows"]
    assert 0 < len(chosen) < len(seen["all"]["rows"])
    assert all("anxiolytics" in row for row in chosen)


def test_what_is_not_there_is_nothing_and_the_button_brings_all_back(seen: Any) -> None:
    assert seen["none"]["rows"] == []
    assert seen["none"]["status"].startswith("0 of ")
    assert seen["again"] == seen["all"]


def test_capitals_and_beginnings_are_enough(seen: Any) -> None:
    assert seen["search"]["rows"] == seen["drug"]["rows"]
