"""RECORD-PE: every item once, the author's part marked, every link arrives, nothing said that the run does not have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riskset.report.catalogue import english_record_pe as english
from riskset.report.document import write_report
from riskset.report.record_pe import ENTRIES, Checklist, Filler, FrontPart, ReportingItem, entries_of, reporting_rows
from riskset.report.supplement_part import SupplementPart
from riskset.report.view import read_view
from riskset.results.released import Released
from tests.report.course import make_course
from tests.report.front.studies import released_of, rows_of, without_anything
from tests.report.page import Page
from tests.report.released import make_released, make_study

STROBE = [
    *("1a", "1b", "2", "3", "4", "5", "6a", "6b", "7", "8", "9", "10", "11", "12a", "12b", "12c", "12d", "12e"),
    *("13a", "13b", "13c", "14a", "14b", "14c", "15", "16a", "16b", "16c", "17", "18", "19", "20", "21", "22"),
]
RECORD = ["1.1", "1.2", "1.3", "6.1", "6.2", "6.3", "7.1", "12.1", "12.2", "12.3", "13.1", "19.1", "22.1"]
RECORD_PE = [
    *("4.a", "with 4", "with 6.1", "7.1.a", "7.1.b", "7.1.c", "with 7.1", "with 7.1", "with 7.1", "with 7.1"),
    *("with 8", "with 12", "with 12", "19.1.a", "with 20"),
]
"""The fifteen, in the order of the checklist: a number only where one could be checked."""

STUDIES = {
    "usual": released_of(rows_of(["anxiolytics"]), make_study(["anxiolytics"], comparisons=["population", "siblings"])),
    "course": make_course(),
    "one comparison": make_released(["anxiolytics"]),
    "nothing": without_anything(make_study()),
}


def test_every_item_of_the_three_checklists_stands_once_with_its_words() -> None:
    assert [entry.number for entry in entries_of(Checklist.STROBE)] == STROBE
    assert [entry.number for entry in entries_of(Checklist.RECORD)] == RECORD
    numbers = [("with " if entry.extends else "") + entry.number for entry in entries_of(Checklist.RECORD_PE)]
    assert numbers == RECORD_PE
    assert list(ENTRIES) == list(ReportingItem)
    assert list(english.ASKS) == list(ReportingItem)
    assert len(set(english.ASKS.values())) == len(ReportingItem)


def test_an_item_of_the_authors_alone_stands_nowhere_and_every_other_one_somewhere() -> None:
    for entry in ENTRIES.values():
        assert bool(entry.places) == (entry.filler is not Filler.AUTHORS)
        assert len(set(entry.places)) == len(entry.places)


def test_every_part_has_a_name_and_every_filler_words() -> None:
    assert set(english.PLACES) == set(FrontPart)
    assert set(english.FILLERS) == set(Filler)


@pytest.mark.parametrize("name", STUDIES)
def test_every_link_arrives_and_no_part_that_is_there_is_called_absent(name: str, tmp_path: Path) -> None:
    path = write_report(STUDIES[name], tmp_path)
    front, behind = (Page((tmp_path / page).read_text(encoding="utf-8")) for page in (path.name, "supplement.html"))
    assert behind.problems == []
    rows = list(reporting_rows(STUDIES[name], read_view(STUDIES[name]), front.ids, behind.ids))
    links = [target for row in rows for target, _ in row.links]
    assert set(links) <= set(behind.loads)
    for target in links:
        page, anchor = re.fullmatch(r"(report\.html)?#(.+)", target, re.DOTALL).groups()  # type: ignore[union-attr]
        assert anchor in (front if page else behind).ids
    table = next(t for t in behind.tables if t.caption == english.TITLE)
    assert [row[4] for row in table.rows[1:]] == [" ".join(row.answer) for row in rows]


@pytest.mark.parametrize("released", STUDIES.values(), ids=STUDIES)
def test_the_authors_part_is_marked_and_no_other(released: Released) -> None:
    rows = reporting_rows(released, read_view(released), list(FrontPart), list(SupplementPart))
    for entry, row in zip(ENTRIES.values(), rows, strict=True):
        assert (english.TO_COMPLETE in row.answer) == (entry.filler is not Filler.RUN)
        assert "None" not in " ".join(row.answer)


def test_what_the_run_says_is_of_the_description_and_the_results() -> None:
    released = STUDIES["usual"]
    rows = reporting_rows(released, read_view(released), list(FrontPart), list(SupplementPart))
    answers = {item: " ".join(row.answer) for item, row in zip(ENTRIES, rows, strict=True)}
    assert "Anxiolytics, ATC N05B" in answers[ReportingItem.RECORD_7_1]
    assert "January 1, 2015, through June 30, 2023" in answers[ReportingItem.RECORD_1_2]
    assert "Population controls: 1,057 cases, 5,281 controls" in answers[ReportingItem.STROBE_13A]
    assert "Primary estimates: adjusted" in answers[ReportingItem.STROBE_16A]
    assert released.study.fingerprint[:16] in answers[ReportingItem.RECORD_22_1]
