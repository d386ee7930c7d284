"""``riskset release``: what leaves, what stays, and what is refused; every released file is opened."""

from __future__ import annotations

import csv
import json
import re
import shutil
import zipfile
from itertools import pairwise
from math import isclose, isfinite
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from riskset.report.printed import Print, prints_of
from riskset.results.columns import columns_of
from riskset.results.roles import DisclosureRole
from riskset.results.run_folder import read_results
from riskset.results.tables import KINDS
from tests.cli import town
from tests.cli.conftest import riskset

COUNTS = (DisclosureRole.COUNT, DisclosureRole.TOTAL)


FEW = (2, 4, 6)
"""The cases who had been dispensed the drug."""

DISPENSING = town.lines(
    "id;day;atc",
    lambda n: f"{town.name_of(n)};2010-03-01;N06AB04" if (n in FEW if n <= town.CASES else n % 3 == 0) else None,
)
"""Three exposed cases of twelve."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the town with few exposed cases, and a release of it. For reading only."""
    place, folder = tmp_path_factory.mktemp("town"), tmp_path_factory.mktemp("project") / "run"
    town.build(place, dispensing=DISPENSING)
    ended = riskset("run", place / "study.toml", place / "sources.toml", "--out", folder, "--store", place / "store")
    assert ended.code == 0, ended.said
    ended = riskset("release", folder)
    assert ended.code == 0, ended.said
    assert "not cleared" in ended.out
    return folder


def released_rows(run: Path, table: str) -> list[dict[str, Any]]:
    return pq.read_table(run / "export" / f"{table}.parquet").to_pylist()


def test_no_small_count_is_in_a_table(run: Path) -> None:
    seen = 0
    for table in read_results(run):
        names = [c.name for c in columns_of(KINDS[table]) if c.role in COUNTS]
        counts = [row[name] for row in released_rows(run, table) for name in names]
        assert not [n for n in counts if n is not None and 0 < n < 5], table
        seen += sum(n is not None for n in counts)
    assert seen > 50


def test_withheld_differs_from_missing_and_everything_else_is_as_it_was(run: Path) -> None:
    emptied = 0
    for table, internal in read_results(run).items():
        for before, after in zip(internal.to_pylist(), released_rows(run, table), strict=True):
            withheld = [name for name in after.pop("withheld").split(", ") if name]
            emptied += len(withheld)
            for name, value in before.items():
                if name in withheld:
                    assert value is not None
                    assert after[name] is None
                elif name != "notes":
                    is_near = isinstance(value, float) and isfinite(value) and isclose(after[name], value, rel_tol=5e-4)
                    assert after[name] == value or is_near
                    assert all(prints(after[name]) == prints(value) for prints in kept_prints(table, before, name))
    assert emptied > 0


def kept_prints(table: str, row: dict[str, Any], name: str) -> tuple[Print, ...]:
    is_number = isinstance(row[name], float) and isfinite(row[name])
    return prints_of(table, row, name) if is_number else ()


def test_a_cell_that_leaves_is_printed_as_inside(run: Path) -> None:
    """Every page's cells side by side: where both are numbers, they are the same number."""
    inside, seen = run / "supplement", 0
    for path in sorted(inside.glob("*.csv")):
        before, after = (cells_of(folder / path.name) for folder in (inside, run / "export" / "supplement"))
        for place in before.keys() & after.keys():
            if NUMBER.fullmatch(before[place]) and NUMBER.fullmatch(after[place]):
                seen += 1
                assert before[place] == after[place], (path.name, place)
    assert seen > 40


NUMBER = re.compile(r"[−\d.,]+( \([−–to \d.,]+\))?%?")


def cells_of(path: Path) -> dict[tuple[int, int], str]:
    """Row and column → what stands there, without the marks of notes."""
    rows = csv.reader(path.read_text("utf-8-sig").splitlines())
    return {(i, j): cell.translate(_NO_MARKS) for i, row in enumerate(rows) for j, cell in enumerate(row)}


_NO_MARKS = str.maketrans("", "", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def test_totals_do_not_give_a_small_count_back(run: Path) -> None:
    """The reader adds up: what a rule of attrition removed is what was there before without what is left."""
    internal = read_results(run)["attrition"].to_pylist()
    for i, (before, after) in enumerate(pairwise(released_rows(run, "attrition"))):
        small = 0 < internal[i + 1]["removed"] < 5
        if after["step"] and small:
            assert before["remaining"] is None or after["remaining"] is None


def test_an_estimate_of_a_few_is_withheld_in_every_form(run: Path) -> None:
    internal = read_results(run)["estimates"].to_pylist()
    for before, after in zip(internal, released_rows(run, "estimates"), strict=True):
        counts = [before[name] for name in ("n_exposed_cases", "n_exposed_controls", "n_informative")]
        if any(n is not None and 0 < n < 5 for n in counts):
            assert [after[name] for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value")] == [None] * 5


def test_no_file_holds_an_identifier_or_a_path(run: Path) -> None:
    files = [path for path in (run / "export").rglob("*") if path.is_file()]
    kinds = {".csv", ".parquet", ".html", ".json", ".svg", ".png", ".toml", ".docx", ".xlsx", ".tex"}
    assert {path.suffix for path in files} >= kinds
    for path in files:
        for content in contents_of(path):
            assert not re.search(rf"\b{town.SECRET}\d\d\b".encode(), content), path.name
            assert str(run.parent).encode() not in content, path.name
            assert not re.search(rb"/(home|tmp|root)/", content), path.name


def contents_of(path: Path) -> list[bytes]:
    """A file, or the files within it where it is an archive."""
    if path.suffix not in (".docx", ".xlsx"):
        return [path.read_bytes()]
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_the_word_document_and_the_tables_carry_the_stamp(run: Path) -> None:
    paths = [run / "export" / "report.docx", *(run / "export" / "tables").iterdir()]
    assert len(paths) > 2
    for path in paths:
        assert any(b"not cleared" in content for content in contents_of(path)), path.name


def test_no_date_of_an_event_is_in_a_table(run: Path) -> None:
    """The only days are those of the study's period."""
    for table in read_results(run):
        days = set(re.findall(r"\d{4}-\d\d-\d\d", (run / "export" / f"{table}.csv").read_text("utf-8")))
        assert days <= {"2015-01-01", "2018-01-01"}


def test_no_digest_of_an_internal_table_leaves_by_which_numbers_could_be_tried(run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    digests = [*manifest["digests"].values(), *manifest["frames"].values()]
    texts = [
        path.read_text("utf-8") for path in (run / "export").rglob("*") if path.suffix in (".json", ".html", ".csv")
    ]
    assert digests
    assert not [digest for digest in digests if any(digest in text for text in texts)]


def test_pages_show_the_stamp_and_what_is_withheld(run: Path) -> None:
    for page in ("report.html", "supplement.html", "public.html", "checker.html"):
        text = (run / "export" / page).read_text("utf-8")
        assert "draft by the policy “under 5”, not cleared" in text.lower()
        words = re.sub(r"<[^>]+>", " ", text)
        assert not re.search(r"\bnan\b|\bNone\b", words), page
        assert not re.search(r"&lt;/?[a-z]", text), f"{page} shows markup"
    assert "internal, not cleared" in (run / "report.html").read_text("utf-8").lower()
    assert '<td class="w">withheld</td>' in (run / "export" / "checker.html").read_text("utf-8")


def test_the_log_tells_rules_and_no_number(run: Path) -> None:
    log = (run / "export" / "disclosure_log.csv").read_text("utf-8-sig").splitlines()
    emptied = sum(
        len([name for name in row["withheld"].split(", ") if name])
        for table in read_results(run)
        for row in released_rows(run, table)
    )
    assert log[0] == '"table","key","column","rule"'
    assert len(log) - 1 >= emptied > 0


def test_a_second_release_of_the_same_is_the_same(run: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(run.parent, project)
    assert riskset("release", project / "run", "--out", project / "again").code == 0
    for path in (project / "run" / "export").glob("*.parquet"):
        assert (project / "again" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("tampering", ["edited", "removed", "file"])
def test_a_ledger_tampered_with_ends_with_15(run: Path, tmp_path: Path, tampering: str) -> None:
    project = tmp_path / "project"
    shutil.copytree(run.parent, project)
    ledger = project / "releases.jsonl"
    if tampering == "edited":
        ledger.write_text(ledger.read_text("utf-8").replace("under 5", "under 9"), "utf-8")
    elif tampering == "removed":
        ledger.write_text("", "utf-8")
    else:
        (project / "run" / "export" / "table_one.csv").unlink()
    ended = riskset("release", project / "run")
    assert ended.code == 15
    assert "restore the ledger" in ended.sentence


def test_a_policy_that_is_none_and_a_foreign_folder_end_with_15(run: Path, tmp_path: Path) -> None:
    assert riskset("release", run, "--policy", "under five").code == 15
    contradictory = tmp_path / "policy.toml"
    contradictory.write_text("minimum = 1\n", "utf-8")
    assert riskset("release", run, "--policy", contradictory).code == 15
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine", "utf-8")
    assert riskset("release", run, "--out", foreign).code == 15
    assert (foreign / "thesis.txt").read_text("utf-8") == "mine"


def test_the_list_of_files_says_what_the_policy_asked(run: Path) -> None:
    facts = json.loads((run / "export" / "release.json").read_text("utf-8"))
    asked = {"minimum": 5, "zero": "shown", "margin": 1, "complementary": True, "rounding": None}
    assert facts["policy"] == {"name": "under 5", **asked}


def section_of(page: str, anchor: str) -> str:
    """A section of the checker's page."""
    return page.split(f'<h2 id="check-{anchor}">')[1].split("</section>")[0]


@pytest.fixture(scope="module")
def checked(run: Path) -> str:
    return (run / "export" / "checker.html").read_text("utf-8")


def test_who_checks_reads_first_what_readers_see_and_last_the_whole_tables(run: Path, checked: str) -> None:
    order = re.findall(r'<h2 id="check-([a-z-]+)">', checked)
    assert order[:2] == ["front", "close"]
    assert order[-2:] == ["decision", "tables"]
    contents = checked.split("<nav")[1].split("</nav>")[0]
    assert re.findall(r'href="#check-([a-z-]+)"', contents) == order
    report = (run / "export" / "report.html").read_text("utf-8")
    headings = re.findall(r"<figcaption[^>]*><b>(.*?)</b>", report)
    assert headings
    assert re.findall(r"<figcaption[^>]*><b>(.*?)</b>", section_of(checked, "front")) == headings
    assert '<mark class="w">' in section_of(checked, "front")
    folded = re.findall(r"<details><summary[^>]*>.*?</details>", checked, re.DOTALL)
    assert len(folded) == len(list((run / "export").glob("*.parquet")))
    assert "@media print" in checked


def test_who_checks_sees_every_count_close_to_the_threshold_and_no_other(run: Path, checked: str) -> None:
    tables = {table: [c.name for c in columns_of(KINDS[table]) if c.role in COUNTS] for table in read_results(run)}
    counts = [row[name] for table, names in tables.items() for row in released_rows(run, table) for name in names]
    close = sorted(n for n in counts if n is not None and 5 <= n < 10)
    assert close
    assert [int(n) for n in re.findall(r"<tr><td>(\d+)</td>", section_of(checked, "close"))] == close


def test_who_checks_sees_each_file_with_its_digest_and_a_place_to_sign(run: Path, checked: str) -> None:
    facts = json.loads((run / "export" / "release.json").read_text("utf-8"))["files"]
    listed = dict(
        re.findall(r'<tr><td>([^<]+)</td><td><span class="digest">([0-9a-f]{64})', section_of(checked, "files"))
    )
    assert listed == {name: digest for name, digest in facts.items() if name != "checker.html"}
    assert section_of(checked, "decision").count("<td></td>") == 4


def test_who_checks_sees_the_earlier_releases_of_the_ledger(run: Path, checked: str, tmp_path: Path) -> None:
    assert "The ledger holds no earlier release." in section_of(checked, "earlier")
    copied = tmp_path / "project"
    shutil.copytree(run.parent, copied)
    assert riskset("release", copied / "run", "--out", copied / "again").code == 0
    earlier = section_of((copied / "again" / "checker.html").read_text("utf-8"), "earlier")
    (line,) = re.findall(r"<tr><td>(.*?)</tr>", earlier)
    assert line.startswith("1</td><td>run/export</td><td>under 5</td>")
