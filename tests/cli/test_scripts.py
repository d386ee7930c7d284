"""``riskset run --scripts``: what lies beside the results, and what of it a release carries."""

from __future__ import annotations

import csv
import os
import re
import shutil
from pathlib import Path
from stat import S_IMODE

import pyarrow.parquet as pq
import pytest

from riskset.results.refitting_files import read_refitting
from riskset.results.run_folder import ANALYSIS
from tests.cli import town
from tests.cli.conftest import files_in, riskset
from tests.truth.test_scripts_live_r import run_in_r

STUDY = town.STUDY.replace(
    "[[models]]",
    """[[exposures]]
name = "sedatives"
codes = { atc = ["N05C"] }
at_least = 1
measures = [{ kind = "ever", lag = "1y" }]
[[models]]""",
).replace('["each"]', '["each", "together"]')
SCRIPTS = ["analysis.R", "analysis.do"]


def dispensed(n: int) -> str | None:
    rows = [f"{town.name_of(n)};2010-03-01;N06AB04"] if town.exposed(n) else []
    rows += [f"{town.name_of(n)};2010-03-01;N05CF01"] if n in (3, 5, 9, 20, 31, 47, 50) else []
    return "\n".join(rows) or None


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the town with its scripts, and a release of it that withholds some ratios. For reading only."""
    folder = tmp_path_factory.mktemp("project")
    town.build(folder, study=STUDY, dispensing=town.lines("id;day;atc", dispensed))
    usual = os.umask(0o022)
    try:
        ended = riskset("run", folder / "study.toml", folder / "sources.toml", "--out", folder / "run", "--scripts")
    finally:
        os.umask(usual)
    assert ended.code == 0, ended.said
    (folder / "policy.toml").write_text('name = "few"\nminimum = 3\n', encoding="utf-8")
    ended = riskset("release", folder / "run", "--policy", folder / "policy.toml")
    assert ended.code == 0, ended.said
    return folder


def test_data_and_scripts_are_their_owners_alone(project: Path) -> None:
    analysis = project / "run" / ANALYSIS
    names = ["sets_1.csv", "sets_1_groups.csv", "variables.csv", "models.json", *SCRIPTS]
    assert files_in(analysis) == set(names)
    assert S_IMODE(analysis.stat().st_mode) == 0o700
    assert {S_IMODE((analysis / name).stat().st_mode) for name in names} == {0o600}


def test_nothing_in_the_data_names_a_person_or_a_day(project: Path) -> None:
    """All cells of the data are numbers, persons are told apart by none, and sets are numbered from 1."""
    analysis = project / "run" / ANALYSIS
    with (analysis / "sets_1.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["row", "set", "case", "group", "x1", "x2"]
    assert {int(row["set"]) for row in rows} == set(range(1, town.CASES + 1))
    assert [int(row["row"]) for row in rows] == list(range(1, len(rows) + 1))
    assert {row[name] for row in rows for name in ("case", "x1", "x2")} == {"0", "1"}
    for path in analysis.iterdir():
        text = path.read_text(encoding="utf-8-sig")
        assert town.SECRET not in text, path.name
        assert not re.search(r"\b(19|20)\d\d-\d\d", text), path.name


def test_a_release_has_the_scripts_of_what_it_shows_and_no_data(project: Path) -> None:
    export, internal = project / "run" / "export", project / "run" / ANALYSIS
    assert [name for name in files_in(export) if "sets_" in name or "variables" in name] == []
    released = pq.read_table(export / "estimates.parquet").to_pylist()
    shown = [row["estimate"] for row in released if row["estimate"] is not None]
    full = [row["estimate"] for row in pq.read_table(project / "run/internal/estimates.parquet").to_pylist()]
    assert 0 < len(shown) < len(full) == 4
    for script, number in zip(SCRIPTS, (r'ratio\("\w+", (\S+),', r"set_beside \w+ (\S+)"), strict=True):
        text = (export / script).read_text(encoding="utf-8")
        assert [float(found) for found in re.findall(number, text)] == shown
        assert "few" in text, "the policy"
        assert script in (export / "checker.html").read_text(encoding="utf-8")
        assert len(re.findall(number, (internal / script).read_text(encoding="utf-8"))) == 4
        for one in full:
            assert f"{one:.6f}"[:8] not in text, "more digits than leave"
        assert not re.search(rf"{town.SECRET}|/(home|tmp|root)/", text)


def test_a_release_names_no_column_of_what_it_withholds(project: Path) -> None:
    """Who saw which levels a withheld model informs would know that some are at them."""
    text = "".join((project / "run" / "export" / name).read_text(encoding="utf-8") for name in SCRIPTS)
    every = {one.column for model in read_refitting(project / "run" / ANALYSIS).models for one in model.printed}
    assert every == {"x1_1", "x2_1"}
    assert set(re.findall(r"\bx\d_\d\b", text)) == {"x1_1"}


def test_a_run_without_scripts_takes_the_data_away(project: Path, tmp_path: Path) -> None:
    place = tmp_path / "again"
    shutil.copytree(project, place)
    assert riskset("run", place / "study.toml", place / "sources.toml", "--out", place / "run").code == 0
    assert files_in(place / "run" / ANALYSIS) == set()


@pytest.mark.r
@pytest.mark.parametrize("folder", [ANALYSIS, "export"])
def test_r_agrees_with_the_run_and_with_its_release(project: Path, folder: str) -> None:
    said = run_in_r(project / "run" / folder / "analysis.R", project / "run" / ANALYSIS)
    assert re.search(r"^(\d) of \1 estimates agree$", said.splitlines()[-1])
