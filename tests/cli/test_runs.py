"""A run's folder: what is in it, the same again, taken up where it stopped, whole or not there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import riskset.run as riskset_run
from riskset.results.tables import SCHEMAS
from riskset.spec.study import Study
from tests.cli import town
from tests.cli.conftest import files_in, riskset


def manifest(run: Path) -> dict[str, Any]:
    """What equal runs have in common."""
    found: dict[str, Any] = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    del found["seconds"], found["date"]
    return found


def test_what_a_run_leaves(finished: Path) -> None:
    run = finished / "run"
    left = files_in(run)
    tables = set(SCHEMAS) - {"planted"}
    assert {f"internal/{name}.{kind}" for name in tables for kind in ("parquet", "csv")} <= left
    assert {"report.html", "supplement.html", "study.toml", "manifest.json", "figures/flow-cases.svg"} <= left
    for name in tables:
        assert pq.read_schema(run / "internal" / f"{name}.parquet").equals(SCHEMAS[name])
    stages = {path.name.partition("-")[0] for path in (run / "internal" / "stages").iterdir()}
    assert stages == {"sets", "measures", "estimates"}
    assert Study.load(run / "study.toml") == Study.load(finished / "study.toml")
    assert not [file for file in left if "partial" in file or "spill" in file]
    assert {file.split("/")[0] for file in left} == {
        "figures", "internal", "manifest.json", "report.docx", "report.html", "store", "study.toml", "supplement",
        "supplement.html",
        "tables",
    }  # fmt: skip


def test_nothing_of_a_person_outside_store_and_stages(finished: Path) -> None:
    run = finished / "run"
    for file in files_in(run):
        if file.startswith(("store/", "internal/stages/")):
            continue
        assert town.SECRET.encode() not in (run / file).read_bytes(), file
        if file.endswith(".parquet"):
            assert not {"person_id", "set_id", "case_id"} & set(pq.read_schema(run / file).names), file
    for stage in (run / "internal" / "stages").rglob("*.parquet"):
        assert town.SECRET not in str(pq.read_table(stage).to_pydict()), stage


def test_the_same_again_elsewhere_is_the_same(finished: Path, place: Path) -> None:
    town.build(place, person=_last_row_first(town.PERSON), dispensing=_last_row_first(town.DISPENSING))
    assert riskset("run", "study.toml", "sources.toml", "--out", "again", "--threads", "1").code == 0
    mine, first = manifest(place / "again"), manifest(finished / "run")
    differ = {"registers", "stages"}  # the files' bytes are not the same
    assert {key: mine[key] for key in mine if key not in differ} == {k: first[k] for k in first if k not in differ}
    for name in set(SCHEMAS) - {"planted"}:
        csv = Path("internal", f"{name}.csv")
        assert (place / "again" / csv).read_bytes() == (finished / "run" / csv).read_bytes(), name


def _last_row_first(text: str) -> str:
    header, *rows = text.splitlines(keepends=True)
    return "".join([header, *reversed(rows)])


def test_what_is_finished_is_used_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town.build(place)
    command = ("run", "study.toml", "sources.toml", "--out", "run")
    assert riskset(*command).code == 0
    first = manifest(place / "run")
    computed = _watch(monkeypatch)
    assert riskset(*command).code == 0
    assert computed == []
    (gone,) = (place / "run" / "internal" / "stages").glob("measures-*")
    for file in gone.iterdir():
        file.unlink()
    gone.rmdir()
    assert riskset(*command).code == 0
    assert computed == ["measure"]
    assert manifest(place / "run") == first

    computed.clear()
    (place / "study.toml").write_text("conf_level = 0.9\n" + town.STUDY, encoding="utf-8")
    assert riskset(*command).code == 0
    assert computed == ["estimate"]
    assert len(list((place / "run" / "internal" / "stages").iterdir())) == 3


def _watch(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the stages that are computed from now on."""
    computed: list[str] = []
    for name in ("find_sets", "measure", "estimate"):
        real = getattr(riskset_run, name)
        monkeypatch.setattr(riskset_run, name, lambda *of, n=name, f=real: (computed.append(n), f(*of))[1])
    return computed


def test_a_stage_that_cannot_be_read_any_more_is_computed_anew(place: Path) -> None:
    town.build(place)
    command = ("run", "study.toml", "sources.toml", "--out", "run")
    assert riskset(*command).code == 0
    first = manifest(place / "run")
    (cut,) = (place / "run" / "internal" / "stages").glob("sets-*/sets.parquet")
    cut.write_bytes(cut.read_bytes()[:100])
    assert riskset(*command).code == 0
    assert manifest(place / "run") == first


def test_results_of_an_earlier_study_do_not_stay(place: Path) -> None:
    town.build(place)
    (place / "truth.json").write_text('{"effects": []}', encoding="utf-8")
    command = ("run", "study.toml", "sources.toml", "--out", "run")
    assert riskset(*command, "--truth", "truth.json").code == 0
    with_model = files_in(place / "run")
    assert {"internal/planted.csv", "figures/forest-risk-population.svg"} <= with_model
    assert [file for file in with_model if file.startswith("tables/figure")]
    (place / "study.toml").write_text(town.STUDY.partition("[[models]]")[0], encoding="utf-8")
    assert riskset(*command).code == 0
    left = files_in(place / "run")
    assert not {"internal/planted.csv", "internal/planted.parquet"} & left
    assert not [file for file in left if file.startswith(("figures/forest", "tables/figure"))]


HALT = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs the tests in the background may have it ignored
import pyarrow.parquet as pq
import riskset.run
from riskset.cli import main
from riskset.registers.engines.duckdb import DuckDB

def halt(*_, **__):
    print("now", flush=True)
    time.sleep(100)

def half(table, path, *_, **__):
    path.write_bytes(b"PAR1 half of a table")
    halt()

if sys.argv[1] == "import":
    DuckDB.write_parquet = lambda self, table, path, **_: half(table, path)
elif sys.argv[1] == "fit":
    riskset.run.estimate = halt
else:
    real = pq.write_table
    pq.write_table = lambda table, path, **how: (real if "stages" in str(path) else half)(table, path, **how)
main(sys.argv[2:])
"""


@pytest.mark.parametrize(
    ("at", "by"),
    [("import", signal.SIGKILL), ("fit", signal.SIGINT), ("write", signal.SIGKILL)],
)
def test_a_run_that_is_killed_leaves_nothing_half_and_goes_on(
    finished: Path, place: Path, monkeypatch: pytest.MonkeyPatch, at: str, by: signal.Signals
) -> None:
    town.build(place)
    command = ["run", "study.toml", "sources.toml", "--out", "run"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", HALT, at, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "now\n"
        process.send_signal(by)
        said = process.stderr.read()
        code = process.wait()
    if by == signal.SIGINT:
        assert code == 130
        assert said.splitlines()[-1] == "Stopped; what was finished is kept, and the same command goes on from there."
        assert not [file for file in files_in(place / "run") if "partial" in file or "spill" in file]
    assert "Traceback" not in said
    assert not (place / "run" / "report.html").exists()
    for file in files_in(place):
        if file.endswith(".parquet"):
            pq.read_metadata(place / file)  # whole

    computed = _watch(monkeypatch)
    ended = riskset(*command)
    assert ended.code == 0
    assert computed == {"import": ["find_sets", "measure", "estimate"], "fit": ["estimate"], "write": []}[at]
    assert manifest(place / "run") == manifest(finished / "run")
    assert files_in(place / "run") == files_in(finished / "run")
    assert sorted(path.name for path in place.iterdir() if path.is_dir()) == ["run"]
