"""Sampling at the size of a nation: ``python -m benchmarks.scale``, and of a store, ``… --store PATH``.

For populations of 10,000 to a million persons in Parquet (``--persons 10000 100000 1000000 10500000`` for more) and
1,000 to 100,000 cases, five controls matched on sex and birth year: seconds and peak memory of the frame and of the
draws, beside plain SQL (a join of every case with its risk set and ``row_number``) up to ``--plain-up-to`` pairs, and
``Epi::ccwc`` in R at a size it can do. Each measurement has a process of its own, so that its peak memory is its own.
Joining residence into observation is timed apart: an import does it once.

With ``--store``, the founding study on an imported store instead: seconds of each stage and peak memory.
With ``--out docs``, the measurements and their figure are written there too.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair as alt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.sampling import PLAIN, STUDY, canonical, make_tables, time_epi
from riskset.cohort.cases import find_cases
from riskset.cohort.sampler import draw_controls
from riskset.cohort.sampling_frame import find_risk_sets
from riskset.registers.engine import Engine
from riskset.registers.ingest import open_store
from riskset.registers.observation import OBSERVATION, observe
from riskset.registers.registers import Registers
from riskset.results.tables import QUALITY
from riskset.run import run_study
from riskset.spec.study import Study
from riskset.storage.stage_cache import Stages

FOUNDING = Path(__file__).parents[1] / "examples" / "als" / "study.toml"
PERSONS, CASES = (10_000, 100_000, 1_000_000), (1_000, 10_000, 100_000)
MEMORY = "3GB"
Row = dict[str, Any]


def spent(task: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of the processor, and what the task gave."""
    wall, work = time.perf_counter(), time.process_time()
    result = task()
    return round(time.perf_counter() - wall, 3), round(time.process_time() - work, 3), result


def peak() -> float:
    """The most memory of this process so far, in GB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9, 3)


def make(folder: Path, persons: int) -> list[Row]:
    """Write the people, and their observation as an import keeps it."""
    tables = make_tables(persons, min(max(CASES), persons // 5), seed=1)
    for name in ("person", "residence"):
        pq.write_table(canonical(name, tables[name].sort_by("person_id")), folder / f"{name}.parquet")
    for cases in CASES:
        ill = tables["registry_item"]
        pq.write_table(canonical("registry_item", ill.slice(0, cases)), folder / f"registry_item_{cases}.parquet")
    return []


def join(folder: Path, persons: int) -> list[Row]:
    """Join the spells of residence, once an import."""
    with Engine(folder / "spill", memory=MEMORY) as engine:
        residence, person = (engine.read_parquet(name, folder / f"{name}.parquet") for name in ("residence", "person"))
        joined = observe(residence, person, None)
        joined = joined.order_by([joined["person_id"], joined["entry"]])
        wall, work, _ = spent(lambda: engine.write_parquet(joined, folder / f"{OBSERVATION}.parquet"))
    return [row("observation", persons, 0, wall, work)]


def sample(folder: Path, persons: int, cases: int) -> list[Row]:
    """The frame and the draws of riskset."""
    with Engine(folder / "spill", memory=MEMORY) as engine:
        registers = opened(engine, folder, cases)
        controls = STUDY.controls[0]
        found = find_cases(registers, STUDY.case_definition)
        wall, work, risk_sets = spent(lambda: find_risk_sets(registers, STUDY.at_risk, controls, found))
        rows = [row("frame", persons, len(found), wall, work)]
        wall, work, draws = spent(lambda: draw_controls(risk_sets, STUDY.seed, controls))
        return [*rows, row("draws", persons, len(found), wall, work) | {"controls": len(draws.case_id)}]


def plain(folder: Path, persons: int, cases: int) -> list[Row]:
    """The plain join."""
    with Engine(folder / "spill", memory=MEMORY) as engine:
        found = find_cases(opened(engine, folder, cases), STUDY.case_definition)
        engine.load("cases", found.table)
        wall, work, drawn = spent(lambda: engine.connection.raw_sql(PLAIN).fetchall())
        return [row("plain SQL", persons, len(found), wall, work) | {"controls": len(drawn)}]


def opened(engine: Engine, folder: Path, cases: int) -> Registers:
    names = {name: name for name in ("person", "residence", OBSERVATION)} | {"registry_item": f"registry_item_{cases}"}
    tables = {name: engine.read_parquet(name, folder / f"{file}.parquet") for name, file in names.items()}
    return Registers(engine, tables, {name: frozenset(t.columns) for name, t in tables.items()}, "", empty_quality())


def empty_quality() -> pa.Table:
    return QUALITY.empty_table()


def row(what: str, persons: int, cases: int, wall: float, work: float) -> Row:
    return {"what": what, "persons": persons, "cases": cases, "seconds": wall, "cpu_seconds": work, "peak_gb": peak()}


def apart(task: str, folder: Path, persons: int, cases: int = 0) -> list[Row]:
    """Run one of the measurements in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scale", "--task", task, "--folder", str(folder)]
    command += ["--persons", str(persons), "--cases", str(cases)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows: list[Row] = json.loads(done.stdout.splitlines()[-1])
    for one in rows:
        show(one)
    return rows


def show(one: Row) -> None:
    print(
        f"{one['what']:12s} {one['persons']:>11,} persons {one['cases']:>8,} cases {one['seconds']:9.2f} s "
        f"{one['cpu_seconds']:9.2f} CPU s, peak {one['peak_gb']:.2f} GB",
        flush=True,
    )


def grow(sizes: list[int], plain_up_to: float) -> list[Row]:
    """All measurements at all sizes."""
    rows: list[Row] = []
    for persons in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            apart("make", folder, persons)
            rows += apart("join", folder, persons)
            for cases in (n for n in CASES if n <= persons // 10):
                ours = apart("sample", folder, persons, cases)
                rows += ours
                pairs = cases * persons / 180  # of a sex and one of 90 birth years
                if pairs <= plain_up_to:
                    theirs = apart("plain", folder, persons, cases)
                    rows += theirs
                    work = sum(one["cpu_seconds"] for one in ours)
                    print(f"  plain SQL / riskset = {theirs[0]['cpu_seconds'] / work:.1f} in CPU seconds", flush=True)
    return rows


def run_founding(store: Path) -> None:
    """The founding study on a store."""
    study = Study.load(FOUNDING)
    with tempfile.TemporaryDirectory() as name, Engine(Path(name), memory=MEMORY) as engine:
        stages = Stages()

        def whole() -> Any:
            return run_study(study, open_store(store, engine=engine), stages=stages)

        wall, work, run = spent(whole)
    for stage, seconds in stages.seconds.items():
        print(f"{stage:12s} {seconds:8.2f} s")
    comparisons = run.sets.to_arrow().group_by("comparison").aggregate([([], "count_all")]).to_pylist()
    print("; ".join(f"{one['comparison']}: {one['count_all']:,} rows" for one in comparisons))
    print(f"whole study {wall:.1f} s, {work:.1f} CPU s, peak {peak():.2f} GB")


def write(rows: list[Row], docs: Path) -> None:
    """The measurements as CSV, and how they grow with the population as a figure."""
    for folder in ("data", "figures"):
        (docs / folder).mkdir(parents=True, exist_ok=True)
    fields = ["what", "persons", "cases", "seconds", "cpu_seconds", "peak_gb", "controls"]
    with (docs / "data" / "scale.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    shown = [one | {"line": one["what"] + (f", {one['cases']:,} cases" if one["cases"] else "")} for one in rows]
    points = alt.Chart(alt.Data(values=shown), width=560, height=320).mark_line(point=True)
    chart = points.encode(
        x=alt.X("persons:Q", title="persons").scale(type="log"),
        y=alt.Y("cpu_seconds:Q", title="processor seconds").scale(type="log"),
        color=alt.Color("line:N", title=None, sort=None),
    )
    chart.save(str(docs / "figures" / "scale.svg"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, nargs="+", default=list(PERSONS))
    parser.add_argument("--cases", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--plain-up-to", type=float, default=1e8, help="the most pairs of a case and a candidate")
    parser.add_argument("--store", type=Path, help="time the founding study on this imported store instead")
    parser.add_argument("--out", type=Path, help="the documentation's folder")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.task:
        tasks = {"make": make, "join": join, "sample": sample, "plain": plain}
        more = (asked.cases,) if asked.cases else ()
        print(json.dumps(tasks[asked.task](asked.folder, asked.persons[0], *more)))
    elif asked.store:
        run_founding(asked.store)
    else:
        rows = grow(asked.persons, asked.plain_up_to)
        print(time_epi())
        if asked.out:
            write(rows, asked.out)


if __name__ == "__main__":
    main()
