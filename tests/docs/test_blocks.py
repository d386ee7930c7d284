"""What the documentation shows loads and runs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from riskset.registers.delivered.source import Sources
from riskset.spec.from_toml import parse
from riskset.spec.measures import Exposure
from riskset.spec.study import Study
from tests.cli.conftest import riskset
from tests.docs.pages import ROOT, Block, blocks, typed
from tests.engines.servers import postgres_server

README_STUDY = next(block.text for block in blocks("toml") if block.place.startswith("README"))
PROGRAMS = [
    block for block in blocks("python") if not block.place.startswith("exposure.md")
]  # tests/exposure runs those


@pytest.mark.parametrize("block", blocks("toml"), ids=lambda block: block.place)
def test_toml_loads(block: Block) -> None:
    """As a study, as sources, or as measures of an exposure, one a line."""
    if "[period]" in block.text:
        assert parse(Study, tomllib.loads(block.text)).models
    elif "[[tables]]" in block.text:
        assert parse(Sources, tomllib.loads(block.text)).tables
    else:
        measures = [tomllib.loads(f"m = {line}")["m"] for line in block.text.splitlines()]
        assert parse(Exposure, {"name": "a", "codes": {"atc": ["N05B"]}, "measures": measures}).measures


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: block.place)
def test_python_runs(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block.text, block.place, "exec"), {})


SMALL = "--persons 6000 --incidence 200 --seed 3"
"""A nation with cases enough that each model of the README's study can be fitted."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the README's study and a delivery lie, as the pages suppose."""
    desk = tmp_path_factory.mktemp("desk")
    (desk / "study.toml").write_text(README_STUDY, encoding="utf-8")
    for folder in (desk, desk / "delivery"):
        assert riskset("nation", "--out", folder, *SMALL.split()).code == 0
    return desk


ENGINE = re.compile(r"--engine (postgres|spark)")
COMMANDS = {" ".join(words): place for place, words in typed("riskset") if words[0] != "demo"}
ENGINES = [pytest.param(line, marks=getattr(pytest.mark, name)) for line in COMMANDS for name in ENGINE.findall(line)]
"""The lines that ask for another engine: for `make test-engines`."""


def run_line(line: str) -> str:
    """Run a line and say what was wrong, nothing if all was well."""
    ended = riskset(*re.sub(r"--persons \d+", SMALL, line).split())
    if (ended.code, ended.said) == (0, ()) and ended.out:
        return ""
    return f"{COMMANDS[line]}: {line}: {ended.code}, {ended.said}"


def test_commands_run(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the pages, for a line may read what one before it wrote."""
    monkeypatch.chdir(desk)
    wrong = [run_line(line) for line in COMMANDS if not ENGINE.search(line)]
    assert [sentence for sentence in wrong if sentence] == []


@pytest.mark.parametrize("line", ENGINES)
def test_commands_run_on_other_engines(line: str, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As above, but what the page says of a server that we do not have is said of one that we have."""
    if "postgres" not in line:
        monkeypatch.chdir(desk)
        assert run_line(line) == ""
        return
    with postgres_server() as address:
        monkeypatch.chdir(desk)
        ended = riskset(*re.sub(r"postgresql://\S+", address, line).split())
    assert (ended.code, ended.said) == (0, ()), COMMANDS[line]


def test_what_make_is_told_to_do_it_can() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = {words[0] for _, words in typed("make")}
    assert {"demo", "test"} <= told <= targets
    map_of_the_repository = (ROOT / "AGENTS.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`make (\w+)`", map_of_the_repository)) <= targets
