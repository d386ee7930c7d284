"""What each command says and writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import riskset.cli.commands as riskset_cli
from riskset.spec.study import Study
from tests.cli import town
from tests.cli.conftest import Ended, files_in, riskset

ROOT = Path(__file__).parents[2]
EVERYTHING = '[[controls]]\nkind = "siblings"\n[[controls]]\nkind = "spouses"\n[prognosis]\nendpoint = ["death"]\n'
TRUTH = {
    "effects": [
        {"model": "crude", "exposure": "antidepressants", "measure": "ever", "level": "ever", "scale": "log_or"}
        | {"value": 0.4, "truth": "planted, assumed"}
    ]
}

IMPORTED = """
import sys
from riskset.cli import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    heavy = {"numpy", "pandas", "pyarrow", "ibis", "duckdb", "pydantic", "scipy", "altair"}
    print(ended.code, sorted(heavy & set(sys.modules)))
"""


@pytest.mark.parametrize("words", ["--help", "run --help", "--version"])
def test_help_imports_the_command_line_alone(words: str) -> None:
    """The command takes its time from its imports; a test of seconds would depend on the machine."""
    ended = subprocess.run([sys.executable, "-c", IMPORTED, *words.split()], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "0 []"
    assert not ended.stderr


def test_help_names_every_command() -> None:
    said = riskset("--help").out
    for name in ("demo", "nation", "check", "explain", "schema", "import", "run"):
        assert f"\n  {name} " in said or f" {name} " in said


def test_the_installed_command_ends_with_its_code(place: Path) -> None:
    """By a process of its own, as a shell sees it."""
    program = Path(sys.executable).with_name("riskset")
    ended = subprocess.run([program, "check", "nothing.toml"], capture_output=True, text=True, check=False)
    said = "nothing.toml: there is no such file; give the path of a TOML file.\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (10, "", said)


def test_a_reader_that_has_seen_enough() -> None:
    program = Path(sys.executable).with_name("riskset")
    with subprocess.Popen([program, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_check_says_by_whose_value_subgroups_are_made(place: Path) -> None:
    siblings = town.STUDY.replace("[[exposures]]", '[[controls]]\nkind = "siblings"\n[[exposures]]', 1)
    town.build(place, study=siblings + 'subgroups = [{ by = "sex" }]\n')
    said = [line for line in riskset("check", "study.toml").out.splitlines() if line.startswith("Subgroups: ")]
    assert len(said) == 2
    assert "Against population controls, by sex: sets are parted by the case's value" in said[0]
    assert "Against siblings, by sex: each person's own value counts, with its main effect" in said[1]
    explained = " ".join(riskset("explain", "study.toml").out.split())
    assert all(line.removeprefix("Subgroups: ") in explained for line in said)


def test_check_says_what_to_consider(place: Path) -> None:
    town.build(place, study=town.STUDY + 'adjust = ["sex"]\n' + EVERYTHING)
    ended = riskset("check", "study.toml")
    assert ended == Ended(0, ended.out, (), ())
    assert f"study.toml is a study: The town (fingerprint {Study.load('study.toml').fingerprint[:12]}).\n" in ended.out

    refused = riskset("check", "study.toml", "sources.toml")
    assert (refused.code, refused.out) == (11, "")
    assert refused.said[0] == f"{len(refused.said) - 1} problems:"
    assert [line.split(".")[0] for line in refused.said[1:]] == [str(i) for i in range(1, len(refused.said))]
    assert "siblings needs mother_id of the table person, which is not mapped" in refused.said[1]
    for missing in ("needs father_id", "needs the table couple", "needs the table death"):
        assert any(missing in line for line in refused.said), missing

    ended = riskset("check", "study.toml", "sources.toml", "--leave-out", "siblings", "spouses", "prognosis")
    assert ended.code == 0
    assert "Consider: models[0].adjust: controls are matched on sex" in ended.out
    assert "sources.toml maps every table and column that the study needs, and the files are there.\n" in ended.out
    assert files_in(place) == {"study.toml", "sources.toml", *(f"{name}.csv" for name in town.FILES)}


def test_explain_says_the_study(place: Path) -> None:
    town.build(place)
    said = riskset("explain", "study.toml").out
    assert said.startswith("The town\n========\n")
    assert "matched on sex and birth year" in said


def test_schema_is_the_one_in_the_docs() -> None:
    said = json.loads(riskset("schema").out)
    assert said == json.loads((ROOT / "docs" / "study.schema.json").read_text(encoding="utf-8"))


def test_import_counts_what_it_sets_aside_and_is_used_again(place: Path) -> None:
    town.build(place)
    ended = riskset("import", "sources.toml", "--store", "store")
    assert ended.code == 0
    assert ended.out == f"Imported person, residence, diagnosis, dispensing into {place}/store; no row breaks a rule.\n"
    assert any("importing dispensing" in line for line in ended.done)
    again = riskset("import", "sources.toml", "--store", "store")
    assert again.out == ended.out
    assert not any("importing" in line for line in again.done)
    assert {path.name for path in place.iterdir() if path.is_dir()} == {"store"}

    shared = riskset("run", "study.toml", "sources.toml", "--out", "run", "--store", "store")
    assert shared.code == 0
    assert not any("importing" in line for line in shared.done)
    assert not (place / "run" / "store").exists()


def test_run_leaves_out_what_it_is_told_and_sets_the_truth_beside(place: Path) -> None:
    town.build(place, study=town.STUDY + EVERYTHING)
    (place / "truth.json").write_text(json.dumps(TRUTH), encoding="utf-8")
    leave_out = ("--leave-out", "siblings", "spouses", "prognosis")
    ended = riskset(
        "run", "study.toml", "sources.toml", "--out", "run", *leave_out, "--truth", "truth.json", "--memory", "500MB"
    )
    assert (ended.code, ended.out) == (0, "The report: run/report.html\n")
    run = place / "run"
    assert Study.load(run / "study.toml").prognosis is None
    assert [controls.kind for controls in Study.load(run / "study.toml").controls] == ["population"]
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["study"]["left_out"] == ["siblings", "spouses", "prognosis"]
    assert pq.read_table(run / "internal" / "planted.parquet")["value"].to_pylist() == [0.4]
    assert "planted" in (run / "supplement.html").read_text(encoding="utf-8")


def test_demo_prints_estimates_beside_the_truth(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a small nation with a shorter study; `make demo` runs the founding study."""
    founding = Study.load(riskset_cli._founding_study())
    model = founding.models[1].model_copy(update={"classes": ("together",), "subgroups": ()})
    shorter = founding.model_copy(update={"models": (model,), "conf_level": 0.9})
    shorter.save(place / "shorter.toml")
    monkeypatch.setattr(riskset_cli, "_founding_study", lambda: place / "shorter.toml")
    ended = riskset("demo", "--out", "demo", "--persons", "40000", "--seed", "4")
    assert ended.code == 14, ended.said  # forty cases: some windows have no exposed control, and the rest is reported
    assert any("separation" in line for line in ended.said)
    for name in ("anxiolytics", "hypnotics", "antidepressants"):
        lines = [line for line in ended.out.splitlines() if line.strip().startswith(name)]
        assert [line.split()[1] for line in lines] == ["0-1y", "1-5y", ">5y"]
    assert "of 9 intervals hold the planted ratio." in ended.out
    assert "they replicate nothing: the published values were planted." in ended.out
    assert ended.out.splitlines()[-1] == "The report: demo/report.html"
    assert {"truth.json", "sources.toml"} <= files_in(place / "demo" / "nation")
    assert Study.load(place / "demo" / "study.toml").seed == 4
