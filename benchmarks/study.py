"""A whole study in memory: 20,000 persons from tables to estimates, cold and warm.

``python -m benchmarks.study [--persons N] [--repeats R]``
"""

from __future__ import annotations

import argparse
import time
from datetime import date
from pathlib import Path

from riskset.nation import NationSettings, make_nation
from riskset.registers.engine import Engine
from riskset.registers.tables import registers_from_tables
from riskset.run import run_study
from riskset.spec import Study
from riskset.storage.stage_cache import Stages

STUDY = Path(__file__).parents[1] / "examples" / "als" / "study.toml"
LEFT_OUT = ("siblings", "spouses", "prognosis")


def main() -> None:
    """Print the seconds of each part, the first time (cold) and the median of the others (warm)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    tables = make_nation(NationSettings(persons=given.persons, seed=1, incidence=600)).tables()
    study = Study.load(STUDY)
    runs = [_once(tables, study) for _ in range(given.repeats + 1)]
    print(f"{given.persons:,} persons, {tables['dispensing'].num_rows:,} dispensings")
    print("part        cold s   warm s")
    for part in runs[0]:
        warm = sorted(run[part] for run in runs[1:])
        print(f"{part:10s} {runs[0][part]:7.2f}  {warm[len(warm) // 2]:7.2f}")


def _once(tables: dict[str, object], study: Study) -> dict[str, float]:
    started = time.perf_counter()
    with Engine() as engine:
        registers = registers_from_tables(tables, engine=engine, starts={"dispensing": date(2005, 7, 1)}, remarks=False)
        read = time.perf_counter()
        stages = Stages()
        run_study(study, registers, leave_out=LEFT_OUT, stages=stages)
    done = time.perf_counter()
    return {"registers": read - started, **stages.seconds, "all": done - started}


if __name__ == "__main__":
    main()
