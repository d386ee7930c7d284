"""``riskset protocol``, a run that is given one, and ``riskset compare`` of two runs."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import pytest

from riskset.spec.study import Study
from tests.cli import town
from tests.cli.conftest import Ended, riskset


def run(out: str, *words: str) -> Ended:
    return riskset("run", "study.toml", "sources.toml", "--out", out, "--store", "store", *words)


def test_a_protocol_is_printed_or_written(place: Path) -> None:
    town.build(place)
    fingerprint = Study.load("study.toml").fingerprint
    printed = riskset("protocol", "study.toml")
    assert printed.code == 0
    assert f"Fingerprint of the description: `{fingerprint}`" in printed.out
    for name in ("protocol.md", "protocol.html"):
        written = riskset("protocol", "study.toml", "--out", name)
        assert written.out == f"The protocol: {name} (fingerprint {fingerprint[:12]})\n"
        assert fingerprint in Path(name).read_text(encoding="utf-8")
    assert Path("protocol.md").read_text(encoding="utf-8") == printed.out
    refused = riskset("protocol", "study.toml", "--out", "study.toml")
    assert (refused.code, refused.sentence) == (
        10,
        "study.toml: a protocol is no such file; end its name in .html or .md.",
    )
    assert "in the place of the study" in riskset("protocol", "sources.toml").sentence


def test_a_run_says_what_changed_since_its_protocol(place: Path) -> None:
    town.build(place)
    riskset("protocol", "study.toml", "--out", "protocol.html")
    assert run("run", "--protocol", "protocol.html").code == 0
    manifest = json.loads(Path("run/manifest.json").read_text(encoding="utf-8"))
    study = Study.load("study.toml")
    assert manifest["protocol"]["fingerprint"] == study.fingerprint == manifest["study"]["fingerprint"]
    assert manifest["study"]["words"] == study.words_fingerprint
    as_described = f"The study was run as its protocol (description {study.fingerprint[:12]}, file "
    for page in ("report.html", "supplement.html"):
        assert as_described in Path("run", page).read_text(encoding="utf-8")
    changed = town.STUDY.replace("ratio = 3", "ratio = 2").replace("seed = 7", "seed = 8")
    Path("study.toml").write_text(changed, encoding="utf-8")
    assert run("run", "--protocol", "protocol.html").code == 0
    assert "in 2 places." in Path("run/report.html").read_text(encoding="utf-8")
    page = Path("run/supplement.html").read_text(encoding="utf-8")
    changes = ["Seed: was 7, is now 8.", "Comparison population, ratio: was 3, is now 2."]
    assert re.findall(r"<li>([^<]*is now[^<]*)</li>", page) == changes
    refused = run("run", "--protocol", "study.toml")
    assert (refused.code, "no description of a study is in this file" in refused.sentence) == (10, True)


def test_words_do_not_run_a_study_anew(place: Path) -> None:
    town.build(place)
    assert run("run").code == 0
    before = json.loads(Path("run/manifest.json").read_text(encoding="utf-8"))
    worded = town.STUDY.replace('name = "antidepressants"', 'name = "antidepressants"\nlabel = "SSRIs"\nlay = "pills"')
    worded = 'title = "A title"\nvalues = { sex = { male = "men" } }\n' + worded
    worded = worded.replace("[cases]", '[cases]\nlabel = "ALS"')
    Path("study.toml").write_text(worded, encoding="utf-8")
    assert run("run").code == 0
    after = json.loads(Path("run/manifest.json").read_text(encoding="utf-8"))
    assert after["stages"] == before["stages"]
    assert after["study"]["fingerprint"] == before["study"]["fingerprint"]
    assert after["study"]["words"] != before["study"]["words"]
    stages = {path.name.split("-")[0] for path in Path("run/internal/stages").iterdir()}
    assert len(list(Path("run/internal/stages").iterdir())) == len(stages)


def test_two_runs_that_are_alike(finished: Path, place: Path) -> None:
    shutil.copytree(finished / "run", place / "other", ignore=shutil.ignore_patterns("stages", "store", "figures"))
    ended = riskset("compare", finished / "run", "other")
    assert (ended.code, ended.said) == (0, ())
    assert ended.out.endswith("are alike: description, data, software and numbers.\n")


def test_what_changed_between_two_runs(place: Path) -> None:
    town.build(place)
    assert run("one").code == 0
    other = town.STUDY.replace("ratio = 3", "ratio = 2").replace("stop = 2018-01-01", "stop = 2015-12-01")
    Path("study.toml").write_text(other, encoding="utf-8")
    dispensing = town.DISPENSING.replace(f"{town.name_of(2)};2010-03-01;N06AB04\n", "")
    Path("dispensing.csv").write_text(dispensing, encoding="utf-8")
    assert run("two").code == 0
    ended = riskset("compare", "one", "two", "--out", "changes.csv")
    assert (ended.code, ended.said) == (3, ())
    assert "  Comparison population, ratio: was 3, is now 2.\n" in ended.out
    for part in ("description: 2 changes\n", "data: ", "size: ", "estimates: ", "attrition: "):
        assert part in ended.out
    assert "software" not in ended.out
    with Path("changes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["part"] for row in rows} >= {"description", "data", "size", "estimates", "attrition"}
    (registers,) = (row for row in rows if (row["part"], row["what"]) == ("data", "registers"))
    fingerprints = [
        json.loads(Path(folder, "manifest.json").read_text(encoding="utf-8"))["registers"]["delivery"][:12]
        for folder in ("one", "two")
    ]
    assert [registers["before"], registers["after"]] == fingerprints
    (crude,) = (
        row for row in rows if row["part"] == "estimates" and "crude" in row["what"] and "log or" in row["what"]
        and "maximum likelihood" in row["what"]
    )  # fmt: skip
    assert crude["change"] == "changed"
    assert re.match(r"ratio [\d.]+, ", crude["before"])
    back = riskset("compare", "two", "one")
    assert back.out.count("change") == ended.out.count("change")


@pytest.mark.parametrize(
    ("spoil", "code", "what"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), 11, "there is no finished run here"),
        (lambda folder: retabled(folder, 1), 11, "these results are of tables version 1, written by riskset 0"),
        (lambda folder: (folder / "study.toml").unlink(), 10, "there is no such file"),
        (lambda folder: (folder / "internal/estimates.parquet").unlink(), 11, "the table estimates is not there"),
    ],
)
def test_a_folder_that_cannot_be_compared(finished: Path, place: Path, spoil: object, code: int, what: str) -> None:
    shutil.copytree(finished / "run", place / "run", ignore=shutil.ignore_patterns("stages", "store", "figures"))
    assert callable(spoil)
    spoil(place / "run")
    ended = riskset("compare", finished / "run", "run")
    assert ended.code == code
    assert what in ended.sentence


def retabled(folder: Path, version: int) -> None:
    """Give a run's tables another version."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | {"tables": version}), encoding="utf-8")


def test_where_the_changes_cannot_be_written(finished: Path, place: Path) -> None:
    ended = riskset("compare", finished / "run", finished / "run", "--out", "changes.html")
    assert (ended.code, ended.sentence) == (10, "--out: no CSV file can be written here; name a file ending in .csv.")
