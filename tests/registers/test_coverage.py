"""No day is counted that no register covers, and one is told of a register that falls silent."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from riskset.errors import SourceError
from riskset.registers.coverage import SILENCE, Coverage, describe_coverage, refuse_uncovered
from riskset.registers.delivered.source import Sources
from riskset.registers.ingest import open_store
from riskset.report.catalogue import ENGLISH
from riskset.report.days_covered import in_sentences
from riskset.results.columns import table_of
from riskset.results.notes import NoteCode, note
from riskset.results.rows import Diagnostic
from riskset.results.vocabulary import Analysis
from riskset.run import run_study
from riskset.spec.from_toml import parse
from riskset.spec.study import Study
from tests.cli import town
from tests.registers.delivery import DEATH_MAP, PERSON_MAP, deliver, imported
from tests.registers.test_unknown_days import RESIDENCE_MAP
from tests.shown import Evidence, shows

STOP = date(2018, 1, 1)
LAST = date(2017, 12, 31)
PROGNOSIS = '[prognosis]\nendpoint = ["death"]\nentry = "diagnosis"\nuntil = 2019-07-01\n'


def study(more: str = "", run_in: str = "0d") -> Study:
    return parse(Study, tomllib.loads(town.STUDY.replace('"0d"', f'"{run_in}"') + more))


def test_a_period_may_end_the_day_after_the_delivery_and_no_later() -> None:
    refuse_uncovered(study(), Coverage(delivered=LAST))
    with pytest.raises(SourceError) as refused:
        refuse_uncovered(study(), Coverage(delivered=LAST - timedelta(days=1)))
    assert str(refused.value) == (
        "period.stop: it is 2018-01-01, and the delivery of 2017-12-30 covers no later day; write 2017-12-31 at the "
        "latest, the day after `delivered`, or mend `delivered` in sources.toml."
    )


def test_follow_up_has_an_end_of_its_own() -> None:
    refuse_uncovered(study(PROGNOSIS), Coverage(delivered=date(2019, 6, 30)))
    with pytest.raises(SourceError, match=r"prognosis\.until: it is 2019-07-01, and the delivery of 2019-06-29"):
        refuse_uncovered(study(PROGNOSIS), Coverage(delivered=date(2019, 6, 29)))


@pytest.mark.parametrize("table", ["residence", "death", "diagnosis", "dispensing"])
def test_each_register_that_is_needed_reaches_the_end_of_the_period(table: str) -> None:
    refuse_uncovered(study(), Coverage(ends={table: LAST}))
    with pytest.raises(
        SourceError, match=rf"period\.stop: it is 2018-01-01, and the table {table} ends on 2017-12-30; "
    ):
        refuse_uncovered(study(), Coverage(ends={table: LAST - timedelta(days=1)}))


@pytest.mark.parametrize(
    ("table", "needed"), [("death", True), ("residence", True), ("diagnosis", False), ("dispensing", False)]
)
def test_follow_up_needs_the_registers_in_which_it_ends(table: str, needed: bool) -> None:
    coverage = Coverage(ends={table: LAST})
    if not needed:
        refuse_uncovered(study(PROGNOSIS), coverage)
        return
    with pytest.raises(SourceError, match=rf"prognosis\.until: it is 2019-07-01, and the table {table} ends on 2017"):
        refuse_uncovered(study(PROGNOSIS), coverage)


def test_a_register_that_no_part_of_the_study_asks_for_may_end() -> None:
    refuse_uncovered(study(), Coverage(ends={"procedure": date(2000, 1, 1), "measurement": date(2000, 1, 1)}))


@shows(
    "DiagnosticCode=days without a row before the end",
    "NoteCode=last row",
    by=Evidence.OUTSIDE,
)
def test_a_table_is_silent_after_more_than_sixty_days() -> None:
    quiet = LAST - timedelta(days=SILENCE)
    assert describe_coverage(study(), Coverage(last={"dispensing": quiet}), {}) == []
    found = describe_coverage(study(), Coverage(last={"dispensing": quiet - timedelta(days=1)}), {})
    assert [(row.model.analysis, row.value) for row in found] == [(Analysis.DELIVERY, 61.0)]
    facts = {"month": "2017-10", "key": "period.stop", "stop": "2018-01-01", "over": SILENCE}
    assert list(found[0].notes) == [note(NoteCode.LAST_ROW, **facts)]
    rows = table_of(found, Diagnostic).to_pylist()
    _, worded = ENGLISH.diagnostic(rows[0])
    assert "the last row is of 2017-10, and the register is needed to period.stop, 2018-01-01" in worded
    assert [sentence.partition(" lie ")[0] for sentence in in_sentences(rows)] == ["the last rows of dispensing"]
    stated = Coverage(last={"dispensing": date(2010, 1, 1)}, ends={"dispensing": LAST})
    assert describe_coverage(study(), stated, {}) == []


@shows(
    "DiagnosticCode=start not stated",
    by=Evidence.OUTSIDE,
)
def test_a_run_in_without_a_start_is_told() -> None:
    with_run_in, there = study(run_in="18m"), {"dispensing": None}
    [row] = table_of(describe_coverage(with_run_in, Coverage(), there), Diagnostic).to_pylist()
    _, worded = ENGLISH.diagnostic(row)
    assert "the run-in and the history have no effect" in worded
    assert in_sentences([row]) == [f"{worded}."]
    assert describe_coverage(with_run_in, Coverage(starts={"dispensing": date(2005, 7, 1)}), there) == []
    assert describe_coverage(study(), Coverage(), there) == []


def test_an_import_keeps_the_days(tmp_path: Path) -> None:
    """Of spells, the last that began or ended; an open one, and an end after the delivery, say nothing."""
    residence = "id;in;ut\na;1990-01-01;2009-03-04\nb;1990-01-01;\nc;2008-02-03;2030-01-01\n"
    ends = DEATH_MAP.replace('file = "death"', 'file = "death"\nends = 2015-12-31')
    sources = deliver(
        tmp_path / "in",
        "delivered = 2020-01-01\n" + PERSON_MAP + ends + RESIDENCE_MAP,
        death="id;dag\nb;2010-06-01\n",
        residence=residence,
    )
    first = imported(sources, tmp_path / "store")
    assert first.coverage == Coverage(
        delivered=date(2020, 1, 1),
        ends={"death": date(2015, 12, 31)},
        last={"death": date(2010, 6, 1), "residence": date(2009, 3, 5)},
    )
    assert open_store(tmp_path / "store", engine=first.engine).coverage == first.coverage


def test_a_program_is_refused_too(tmp_path: Path) -> None:
    town.build(tmp_path / "town", sources=town.SOURCES.replace("delivered = 2020", "delivered = 2017"))
    registers = imported(Sources.load(tmp_path / "town" / "sources.toml"), tmp_path / "store")
    with pytest.raises(SourceError, match=r"period\.stop: it is 2018-01-01, and the delivery of 2017-01-01 covers"):
        run_study(study(), registers)
