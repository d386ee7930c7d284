"""What a delivery does not cover, and who may read what is made of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.ingest import _Import
from riskset.storage.atomic import replacing
from tests.cli import town
from tests.cli.conftest import riskset

WITHOUT_ENDS = town.SOURCES.replace("ends = 2019-12-31\n", "")
COMMANDS = [
    ("check", "study.toml", "sources.toml"),
    ("run", "study.toml", "sources.toml", "--out", "run"),
    ("audit", "study.toml", "sources.toml"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_period_that_goes_on_after_the_delivery(place: Path, command: tuple[str, ...]) -> None:
    town.build(place, study=town.STUDY.replace("2018-01-01", "2020-01-03"), sources=WITHOUT_ENDS)
    ended = riskset(*command)
    assert ended.code == 11
    assert ended.sentence.startswith(
        "period.stop: it is 2020-01-03, and the delivery of 2020-01-01 covers no later day;"
    )
    assert "write 2020-01-02 at the latest" in ended.sentence
    assert not (place / "store").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_register_that_ends_within_the_period(place: Path, command: tuple[str, ...]) -> None:
    town.build(place, sources=WITHOUT_ENDS.replace('file = "diagnosis"\n', 'file = "diagnosis"\nends = 2017-06-30\n'))
    ended = riskset(*command)
    assert ended.code == 11
    assert ended.sentence.startswith("period.stop: it is 2018-01-01, and the table diagnosis ends on 2017-06-30; ")


def test_a_run_tells_of_registers_that_fall_silent(place: Path) -> None:
    town.build(place, sources=WITHOUT_ENDS)
    ended = riskset("run", "study.toml", "sources.toml", "--out", "run")
    assert ended.code == 0, ended.said
    said = [line for line in ended.out.splitlines() if line.startswith("Consider: ")]
    assert len(said) == 1
    assert said[0].startswith(
        "Consider: the last rows of diagnosis, dispensing, residence lie more than 60 days before"
    )
    diagnostics = pq.read_table(place / "run" / "internal" / "diagnostics.parquet").to_pylist()
    days = {row["covariate"]: row["value"] for row in diagnostics if row["analysis"] == "delivery"}
    assert days == {"diagnosis": 721, "dispensing": 2862, "residence": 10226}
    assert "he last row is of 2010-03" in (place / "run" / "supplement.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_source_that_is_not_delivered(place: Path, command: tuple[str, ...]) -> None:
    """All diagnoses are of inpatients. Beside these another source is told; alone it could make nobody a case."""
    first = 'first = { icd10 = ["G12.2"]'
    town.build(place, study=town.STUDY.replace(first, f'{first}, source = ["registry"]'))
    ended = riskset(*command)
    assert ended.code == 13
    assert ended.sentence == (
        "cases.first.source: 'registry' is no source of diagnoses of sources.toml; there are inpatient."
    )
    assert not (place / "store").exists()
    town.build(place, study=town.STUDY.replace(first, f'{first}, source = ["inpatient", "registry"]'))
    ended = riskset(*command)
    assert ended.code == 0, ended.said
    if command[0] == "check":
        assert (
            "Consider: cases.first.source: 'registry' is no source of diagnoses of sources.toml; there are inpatient."
        ) in ended.out
    if command[0] == "run":
        supplement = (place / "run" / "supplement.html").read_text(encoding="utf-8")
        assert "diagnoses from the source registry" in supplement


def test_a_run_in_without_a_start(place: Path) -> None:
    town.build(place, study=town.STUDY.replace('"0d"', '"18m"'))
    checked = riskset("check", "study.toml", "sources.toml")
    assert "Consider: the run-in and the history have no effect: sources.toml does not say when" in checked.out
    ended = riskset("run", "study.toml", "sources.toml", "--out", "run")
    assert "Consider: the run-in and the history have no effect" in ended.out
    assert "the history have no effect" in (place / "run" / "supplement.html").read_text(encoding="utf-8")
    started = town.SOURCES.replace('file = "dispensing"\n', 'file = "dispensing"\nstarts = 2005-07-01\n')
    (place / "sources.toml").write_text(started, encoding="utf-8")
    assert "run-in" not in riskset("check", "study.toml", "sources.toml").out


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield int(request.param)
    os.umask(before)


def modes(folder: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*")) if path.is_dir()}


def file_modes(folder: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}


def test_microdata_are_the_owners_alone(place: Path, umask: int) -> None:
    latin = town.SOURCES.replace('path = "person.csv"\nformat = "csv"\ndelimiter = ";"\nencoding = "utf-8"', CP1252)
    town.build(place, sources=latin)
    assert riskset("run", "study.toml", "sources.toml", "--out", "run").code == 0
    for private in ("store", "internal/stages"):
        assert modes(place / "run" / private) == {0o700}, private
        assert file_modes(place / "run" / private) == {0o600}, private
    assert (place / "run").stat().st_mode & 0o777 == 0o777 & ~umask
    assert (place / "run" / "report.html").stat().st_mode & 0o777 == 0o666 & ~umask


CP1252 = 'path = "person.csv"\nformat = "csv"\ndelimiter = ";"\nencoding = "cp1252"'


def test_what_an_import_is_reading_is_the_owners_alone(
    place: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    """Looked at from within: the unfinished store, the copies of texts, what is parked, and where memory spills."""
    seen: dict[str, int] = {}
    everything: dict[bool, set[int]] = {True: set(), False: set()}
    parked = set()
    written = _Import._write

    def looking(self: _Import, *of: object) -> None:
        for path in (self.folder, self.folder / "text", *(self.folder / "text").iterdir(), place / "store.spill"):
            seen[re.sub(r"_import_\w+", "", path.name)] = path.stat().st_mode & 0o777
        for path in self.folder.rglob("*"):
            everything[path.is_dir()].add(path.stat().st_mode & 0o777)
            parked.update([path.name] if path.parent.name == "parked" else [])
        written(self, *of)  # type: ignore[arg-type]

    monkeypatch.setattr(_Import, "_write", looking)
    latin = town.SOURCES.replace('path = "person.csv"\nformat = "csv"\ndelimiter = ";"\nencoding = "utf-8"', CP1252)
    town.build(place, sources=latin)
    assert riskset("import", "sources.toml", "--store", "store").code == 0
    assert seen == {"store.partial": 0o700, "text": 0o700, "file_0.csv": 0o600, "store.spill": 0o700}
    assert parked
    assert everything == {True: {0o700}, False: {0o600}}


def test_a_private_file_is_private_while_it_is_written(place: Path, umask: int) -> None:
    place.chmod(0o755)
    with replacing(place / "open" / "table", private=True) as partial:
        partial.write_text("x")
        assert partial.stat().st_mode & 0o777 == 0o600
        (place / "folder").mkdir()
        assert (place / "folder").stat().st_mode & 0o777 == 0o700
    (place / "later").touch()
    assert (place / "later").stat().st_mode & 0o777 == 0o666 & ~umask


def test_what_an_engine_parks_and_spills_is_private(place: Path, umask: int) -> None:
    with DuckDB(place / "spill") as engine:
        rows = engine.load("rows", pa.table({"person_id": [1, 2]}))
        engine.park("parked", rows, place / "parked" / "rows.parquet")
        assert modes(place / "parked") == modes(place / "spill") == {0o700}
        assert file_modes(place / "parked") == {0o600}


def test_a_folder_of_ones_own_keeps_its_permissions(place: Path) -> None:
    town.build(place)
    for name in ("store", "run"):
        (place / name).mkdir()
        (place / name).chmod(0o750)
    assert riskset("run", "study.toml", "sources.toml", "--out", "run", "--store", "store").code == 0
    assert (place / "run").stat().st_mode & 0o777 == 0o750
    assert (place / "store").stat().st_mode & 0o777 == 0o750
    assert file_modes(place / "store") == {0o600}
