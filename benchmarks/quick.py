"""What became slower: ``python -m benchmarks.quick [--write]``, in minutes.

Each piece of work is timed between two runs of the same fixed computation, and its ratio to that is compared with the
one that is kept in ``quick.json``: seconds of two machines cannot be compared, ratios nearly. What takes more than a
quarter longer is named. ``--write`` keeps the ratios of this run. Seconds are of processor time, the best of a few.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from tests.simulation.patients import draw_patients

from benchmarks import clogit, cox, joint, sampling, study
from riskset.cohort.cases import find_cases
from riskset.cohort.sampler import sample_population
from riskset.nation import NationSettings, make_nation
from riskset.registers.engine import Engine
from riskset.registers.tables import registers_from_tables
from riskset.report.document import write_report
from riskset.run import run_study
from riskset.spec import Study
from riskset.stats import fit_clogit, fit_cox

KEPT = Path(__file__).with_suffix(".json")
SLOWER = 1.25
REPEATS = 2


@dataclass(frozen=True)
class Piece:
    """A piece of work, and how its time is counted."""

    name: str
    work: Callable[[], object]
    seconds: Callable[[], float] = time.process_time


def reference() -> None:
    """A fixed computation: arithmetic in NumPy, a sort, and plain Python."""
    rng = np.random.default_rng(1)
    square = rng.random((400, 400))
    for _ in range(10):
        square = np.tanh(square @ square / 400)
    np.sort(rng.random(1_000_000))
    sum(i % 7 for i in range(1_500_000))


def pieces() -> Iterator[Piece]:
    """What people wait for, at sizes that take a second or two."""
    yield Piece("riskset --help", _help, lambda: resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime)
    x, case, set_id = clogit.simulate(100_000)
    yield Piece("conditional logistic regression, 100,000 sets", lambda: fit_clogit(x, case, set_id))
    persons = cox.simulate(100_000, 10, days=True, entry=True)
    yield Piece(
        "Cox with delayed entry, 100,000 persons",
        lambda: fit_cox(persons.x, persons.stop, persons.event, start=persons.start),
    )
    yield Piece("joint model, 300 patients", joint.work(draw_patients(300, 1, delayed=True)))
    yield Piece("joint model, 300 seldom seen", joint.work(joint.seldom_seen(300)))
    with Engine() as engine:
        registers = sampling.make_registers(100_000, 2_000, 1, engine)
        asked, (controls,) = sampling.STUDY, sampling.STUDY.controls
        cases = find_cases(registers, asked.case_definition)
        yield Piece("2,000 sets from 100,000 persons", lambda: sample_population(registers, asked, controls, cases))
    yield Piece("a nation of 30,000", lambda: make_nation(NationSettings(persons=30_000, seed=1, incidence=10)))
    yield from _study()


def _help() -> None:
    subprocess.run([Path(sys.executable).with_name("riskset"), "--help"], check=True, capture_output=True)


def _study() -> Iterator[Piece]:
    tables = make_nation(NationSettings(persons=20_000, seed=1, incidence=600)).tables()
    asked = Study.load(study.STUDY)
    with Engine() as engine:
        starts = {"dispensing": date(2005, 7, 1)}
        registers = registers_from_tables(tables, engine=engine, starts=starts, remarks=False)
        run = run_study(asked, registers)
        yield Piece("a study with relatives and follow-up, 20,000 persons", lambda: run_study(asked, registers))
        with tempfile.TemporaryDirectory() as folder:
            yield Piece("its report", lambda: write_report(run.released, folder))


def time_of(piece: Piece) -> float:
    """Its time as a ratio to the reference, each the best of the same number of turns, which alternate."""
    ours, fixed = [], []
    for _ in range(REPEATS):
        begun = time.process_time()
        reference()
        fixed.append(time.process_time() - begun)
        begun = piece.seconds()
        piece.work()
        ours.append(piece.seconds() - begun)
    return min(ours) / min(fixed)


def main() -> None:
    """Print each ratio beside the kept one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep the ratios of this run")
    given = parser.parse_args()
    kept: dict[str, float] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    found: dict[str, float] = {}
    print(f"{'times the reference':55s} {'now':>8s} {'kept':>8s}")
    for piece in pieces():
        found[piece.name] = round(time_of(piece), 2)
        before = kept.get(piece.name)
        is_slower = before is not None and found[piece.name] > SLOWER * before
        mark = f"  {found[piece.name] / before:.2f} times as long" if before and is_slower else ""
        print(f"{piece.name:55s} {found[piece.name]:8.2f} {before if before is not None else '':>8}{mark}", flush=True)
    if given.write:
        KEPT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
