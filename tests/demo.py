"""What ``riskset demo`` prints and finds, stored, so that README and every processor can be held to it.

``python -m tests.demo write``   runs the demo of a million into demo/ and stores what it prints (tests/demo.txt), its
                                 digests and the numbers of docs/founding-study.md (tests/demo.json), and the sample
                                 in README.md; the page's tables are written by ``python -m tests.founding_study``.
``python -m tests.demo check``   runs it and compares with what is stored.
``python -m tests.demo again``   makes the nation anew, samples, measures and fits the models of the risk, and compares
                                 with the demo in demo/: run it under another setting (`tests.instruction_sets`).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from riskset.nation import NationSettings, write_delivery
from riskset.registers.delivered.source import Sources
from riskset.registers.registers import registers_on
from riskset.results.run_folder import read_results
from riskset.run import run_study
from riskset.spec.study import Study
from riskset.storage.digest import differences, digest
from tests.founding_study import figures

ROOT = Path(__file__).parents[1]
README, OUTPUT, DIGESTS, FOLDER = ROOT / "README.md", ROOT / "tests/demo.txt", ROOT / "tests/demo.json", ROOT / "demo"
EXACT = ("sets", "attrition", "audit", "quality")
"""Tables without floating numbers of a model: their digests are the same everywhere."""
SHOWN = (("anxiolytics", "1-5y"), ("hypnotics", "0-1y"))
"""The rows of the README's sample."""
_SAMPLE = re.compile(r"(?<=prints\n\n```\n).*?(?=```\n)", re.DOTALL)


def sample_of(output: str) -> str:
    """The README's sample: the head of what the demo prints, and some of its rows."""
    lines = output.splitlines()
    head = next(i for i, line in enumerate(lines) if line.split()[:1] == ["class"]) + 1
    shown, inside = [], False
    for line in lines[head:]:
        words = line.split()
        if line[1:2].strip():  # the first row of a class and a time
            inside = tuple(words[:2]) in SHOWN
        if inside and line.startswith(" "):
            shown.append(line)
    return "\n".join([*lines[:head], " …", *shown, " …"]) + "\n"


def sample_in(readme: str) -> str:
    """The sample that stands in the README."""
    found = _SAMPLE.search(readme)
    assert found, "README.md holds no sample of what the demo prints"
    return found[0]


def run_demo() -> str:
    """Run the demo into ``demo/`` and return what it prints, without the path of its report."""
    command = [sys.executable, "-c", "from riskset.cli import main; main()", "demo", "--out", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the demo ends with code {done.returncode}: {done.stderr[-2000:]}")
    lines = [line.rstrip() for line in done.stdout.splitlines() if not line.startswith("The report: ")]
    return "\n".join(lines) + "\n"


def findings() -> dict[str, Any]:
    """What the demo in ``demo/`` found: what is exact, by its digest; and numbers of its models, rounded."""
    manifest = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    tables = {name: manifest["digests"][name] for name in EXACT}
    digests = {"frames": manifest["frames"], "rows": manifest["rows"], "digests": tables}
    return digests | {"figures": figures(read_results(FOLDER), Study.load(FOLDER / "study.toml"))}


def written(findings: dict[str, Any]) -> str:
    """As they are stored, an estimate and its interval on a line."""
    text = json.dumps(findings, indent=1)
    return re.sub(r"\[([^\]]*)\]", lambda numbers: f"[{' '.join(numbers[1].split())}]", text) + "\n"


def write() -> None:
    """Store what the demo prints and finds."""
    output = run_demo()
    OUTPUT.write_text(output, encoding="utf-8")
    DIGESTS.write_text(written(findings()), encoding="utf-8")
    readme = README.read_text(encoding="utf-8")
    README.write_text(_SAMPLE.sub(lambda _: sample_of(output), readme), encoding="utf-8")


def check() -> list[str]:
    """What differs between the demo and what is stored."""
    output, stored = run_demo(), OUTPUT.read_text(encoding="utf-8")
    wrong = [] if output == stored else [f"the demo prints\n{output}\nand tests/demo.txt holds\n{stored}"]
    now, asked = findings(), json.loads(DIGESTS.read_text(encoding="utf-8"))
    for part in asked:
        keys = sorted({*now[part], *asked[part]})
        pairs = [(key, now[part].get(key), asked[part].get(key)) for key in keys]
        wrong += [f"{part}, {key}: {here} against {there}" for key, here, there in pairs if here != there]
    return wrong


def again() -> list[str]:
    """What differs between the demo in ``demo/`` and its nation, sets, measures and models of the risk made anew."""
    study = Study.load(FOLDER / "study.toml")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        settings = NationSettings(persons=1_000_000, seed=study.seed, incidence=10.0)
        sources = Sources.load(write_delivery(settings, place / "nation"))
        with registers_on(
            "duckdb", sources, place / "store", folder=place / "spill", memory="3GB", threads=None, progress=print
        ) as registers:
            run = run_study(study, registers, leave_out=("prognosis",))
    first = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    wrong = [] if run.released.manifest["frames"] == first["frames"] else ["the frames differ"]
    wrong += [] if digest(run.sets.to_arrow()) == first["digests"]["sets"] else ["the matched sets differ"]
    stored = read_results(FOLDER)
    for table in ("estimates", "table_one", "audit", "quality"):
        here, there = run.released.table(table), stored[table]
        if table == "estimates":
            there = there.filter(pc.field("analysis") == "risk")
        wrong += [f"{table}: {what}" for what in differences(here, there)]
    return wrong


if __name__ == "__main__":
    asked = {"write": write, "check": check, "again": again}[sys.argv[1]]
    if found := asked():
        sys.exit("\n".join(found))
