"""What was typed wrong, and places that will not do: one sentence that says what can be written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

import riskset.cli.commands as riskset_cli
import riskset.run as riskset_run
from riskset.nation.settings import NationSettings
from tests.cli import town
from tests.cli.conftest import files_in, riskset


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("rnu", 2, "Unknown command \"rnu\"; did you mean 'run'? There are demo, nation, check, explain, schema, "),
        ("report", 2, 'Unknown command "report"; there are demo, nation, check, explain, schema, import, run, audit, '),
        ("report", 2, "protocol, compare, release; riskset --help shows what can be written."),
        ("nation --out n --mechanism halfshared", 2, 'did you mean "half-shared"? riskset nation --help shows what'),
        ("run", 2, "riskset run needs STUDY; riskset run --help shows what can be written."),
        ("run study.toml sources.toml", 2, "riskset run needs --out; riskset run --help shows what can be written."),
        ("run study.toml sources.toml --out", 2, "riskset run needs --out; "),
        ("check --deep study.toml", 2, "Unknown option: --deep; riskset check --help shows what can be written."),
        ("explain study.toml sources.toml", 2, "riskset explain takes fewer words: sources.toml is left over; "),
        ("nation --out n --persons ten", 2, 'Invalid value for --persons: unable to convert "ten" into int; '),
        ("nation --out n --format sas", 2, 'Invalid value "sas" for --format; choose from: "parquet", "csv"; '),
        ("nation --out n --persons 99", 10, "persons: a nation has 100 to 20,000,000 persons."),
        ("nation --out n --seed -1", 10, "seed: a seed is a whole number from 0."),
        ("nation --out n --incidence 0", 10, "incidence: the incidence multiplier is above 0."),
        ("demo --out n --persons 30000000", 10, "persons: a nation has 100 to 20,000,000 persons."),
        ("import sources.toml --store s --threads 0", 2, 'Invalid value "0" for --threads; it must be at least 1; '),
        (
            "import sources.toml --store s --memory all",
            2,
            'Invalid value "all" for --memory; write it as 3GB or 500MB; ',
        ),
        ("check nothing.toml", 10, "nothing.toml: there is no such file; give the path of a TOML file."),
        ("explain folder", 10, "folder: this is a folder; give the path of a TOML file."),
        ("run study.toml sources.toml --out person.csv", 10, "--out: person.csv is a file; name a folder."),
        ("run study.toml sources.toml --out person.csv/run", 10, "person.csv is a file; name a folder."),
        ("nation --out person.csv", 10, "--out: person.csv is a file; name a folder."),
        ("demo --out person.csv", 10, "--out: person.csv is a file; name a folder."),
        ("import sources.toml --store person.csv", 10, "--store: person.csv is a file; name a folder."),
        (
            "import sources.toml --store folder",
            11,
            "this folder holds other files than an import's; name an empty or a new one.",
        ),
        ("import sources.toml --store .", 10, "holds delivered files; name a folder of its own."),
        ("import sources.toml --store ..", 10, "holds delivered files; name a folder of its own."),
        ("audit study.toml sources.toml --store .", 10, "--store: "),
        ("audit study.toml sources.toml --out .", 10, "holds delivered files; name a folder of its own."),
        ("run study.toml sources.toml --out away/r --store .", 10, "--store: . is where the run goes; name a folder"),
        (
            "run sources.toml study.toml --out r",
            10,
            "sources.toml: this is a sources file, in the place of the study; name study.toml here.",
        ),
        ("check sources.toml study.toml", 10, "sources.toml: this is a sources file, in the place of the study; "),
        ("audit sources.toml study.toml", 10, "sources.toml: this is a sources file, in the place of the study; "),
        ("explain sources.toml", 10, "sources.toml: this is a sources file, in the place of the study; "),
        (
            "check study.toml study.toml",
            10,
            "study.toml: this is a study, in the place of the sources file; name sources.toml here.",
        ),
        (
            "import study.toml --store s",
            10,
            "study.toml: this is a study, in the place of the sources file; name sources.toml here.",
        ),
        ("run study.toml sources.toml --out . ", 10, "--out: study.toml would be replaced by the run's own copy; name"),
        (
            "run study.toml sources.toml --out r --store r",
            10,
            "--store: r is where the run goes; name a folder of its own.",
        ),
        (
            "run study.toml sources.toml --out r --truth no.json",
            11,
            "no.json: there is no such file; give the truth.json",
        ),
        ("run study.toml sources.toml --out r --truth study.toml", 11, "study.toml: this is no truth.json of a nation"),
        ("run study.toml sources.toml --out r --truth /dev/zero", 11, "/dev/zero: this is no truth.json of a nation"),
        ("run study.toml sources.toml --out r --truth deep.json", 11, "deep.json: this is no truth.json of a nation"),
        ("check /dev/zero", 10, "/dev/zero: this is no plain file; give the path of a TOML file."),
        ("check study.toml /dev/zero", 10, "/dev/zero: this is no plain file; give the path of a TOML file."),
        ("import sources.toml --store s --memory 1KB", 2, 'Invalid value "1KB" for --memory; it must be from 10MB to'),
        ("import sources.toml --store s --memory 0GB", 2, 'Invalid value "0GB" for --memory; it must be from 10MB to'),
        ("import sources.toml --store s --memory 2000TB", 2, "for --memory; it must be from 10MB to 1000TB; "),
        ("import sources.toml --store s --threads 1000000", 2, 'Invalid value "1000000" for --threads; it must be at'),
        ("run study.toml sources.toml --out r --truth folder", 11, "folder: this is no truth.json of a nation"),
        ("run study.toml sources.toml --out r --truth list.json", 11, "list.json: this is no truth.json of a nation"),
        ("run study.toml sources.toml --out r --truth other.json", 11, "other.json: this is no truth.json of a nation"),
    ],
)
def test_one_sentence_and_nothing_is_written(place: Path, words: str, code: int, says: str) -> None:
    town.build(place)
    (place / "folder").mkdir()
    (place / "folder" / "mine").write_text("mine", encoding="utf-8")
    (place / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    (place / "list.json").write_text("[1]", encoding="utf-8")
    (place / "other.json").write_text('{"effects": ["strong"]}', encoding="utf-8")
    before = files_in(place)
    ended = riskset(*words.split())
    assert ended.code == code
    assert says in ended.sentence
    assert files_in(place) == before


def test_results_never_lie_among_delivered_files(place: Path) -> None:
    """The folder of the files is refused, one below it or beside it is not."""
    (place / "desk").mkdir()
    town.build(place / "delivery")
    (place / "delivery" / "study.toml").rename(place / "desk" / "study.toml")
    before = files_in(place)
    command = ("run", "desk/study.toml", "delivery/sources.toml", "--out")
    ended = riskset(*command, "delivery")
    assert ended.code == 10
    assert ended.sentence.startswith("--out: ")
    assert ended.sentence.endswith("/delivery holds delivered files; name a folder of its own.")
    for store in (".", "delivery"):
        ended = riskset(*command, "desk/run", "--store", store)
        assert (ended.code, ended.sentence.partition(": ")[0]) == (10, "--store")
    assert files_in(place) == before
    assert riskset(*command, "delivery/run", "--store", "delivery/store").code == 0
    assert riskset(*command, ".").code == 0  # as riskset demo: OUT, OUT/nation and OUT/store


def test_a_folder_of_another_run_is_no_store_and_is_left_as_it_is(finished: Path) -> None:
    before = files_in(finished)
    ended = riskset("import", finished / "sources.toml", "--store", finished / "run")
    assert ended.code == 11
    assert "holds other files than an import's" in ended.sentence
    assert files_in(finished) == before


def test_a_folder_that_may_not_be_written(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town.build(place)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    ended = riskset("run", "study.toml", "sources.toml", "--out", "run")
    assert ended.code == 10
    assert ended.sentence.startswith("--out: ")
    assert ended.sentence.endswith("cannot be written; name another folder, or ask for the right.")


@pytest.mark.parametrize(
    ("failure", "code", "says"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device"),
            1,
            "the disk is full; free some space and run again; what was finished is kept.",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "x.parquet"), 1, "x.parquet: Permission denied; ask for"),
        (MemoryError(), 1, "the tables outgrow the memory and the folder for intermediates; allow more memory"),
        (KeyboardInterrupt(), 130, "Stopped; what was finished is kept, and the same command goes on from there."),
        (ValueError("person 7310"), 1, "A fault of riskset's own (ValueError in run.py line "),
    ],
)
def test_what_fails_late_is_one_sentence_and_no_report(
    place: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException, code: int, says: str
) -> None:
    """Fails when results are written; what an earlier run left there is not passed off as this one's."""
    town.build(place)
    (place / "run" / "internal").mkdir(parents=True)
    (place / "run" / "report.html").write_text("of another study", encoding="utf-8")
    (place / "run" / "internal" / "owned.json").write_text('["report.html"]', encoding="utf-8")

    def failing(folder: Path, tables: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(riskset_run, "write_tables", failing)
        ended = riskset("run", "study.toml", "sources.toml", "--out", "run")
    assert ended.code == code
    assert says in ended.sentence
    assert "7310" not in ended.sentence
    assert {file.split("/")[0] for file in files_in(place / "run")} == {"store", "internal"}
    assert not (place / "run" / "internal" / "spill").exists()


def test_what_no_run_wrote_is_not_replaced(place: Path) -> None:
    town.build(place)
    (place / "run").mkdir()
    (place / "run" / "report.html").write_text("mine", encoding="utf-8")
    ended = riskset("run", "study.toml", "sources.toml", "--out", "run")
    assert (ended.code, ended.sentence) == (
        10,
        "run: this folder holds report.html, which no run wrote; name another one.",
    )
    assert files_in(place / "run") == {"report.html"}


def test_a_figure_of_ones_own_stays(place: Path) -> None:
    town.build(place)
    assert riskset("run", "study.toml", "sources.toml", "--out", "run").code == 0
    (place / "run" / "figures" / "mine.csv").write_text("mine", encoding="utf-8")
    assert riskset("run", "study.toml", "sources.toml", "--out", "run").code == 0
    assert (place / "run" / "figures" / "mine.csv").read_text(encoding="utf-8") == "mine"


def test_the_documented_size_of_a_nation_is_the_one_that_is_checked() -> None:
    assert "100 to 20,000,000" in (riskset_cli.nation.__doc__ or "")
    assert NationSettings(persons=100).persons + NationSettings(persons=20_000_000).persons == 20_000_100


def test_the_list_of_owned_files_reaches_nothing_outside_the_folder(place: Path) -> None:
    town.build(place)
    (place / "precious").write_text("mine", encoding="utf-8")
    (place / "run" / "internal").mkdir(parents=True)
    listed = f'["../precious", "{place}/precious"]'
    (place / "run" / "internal" / "owned.json").write_text(listed, encoding="utf-8")
    assert riskset("run", "study.toml", "sources.toml", "--out", "run").code == 0
    assert (place / "precious").read_text(encoding="utf-8") == "mine"
