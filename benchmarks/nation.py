"""How near a synthetic nation comes to what it is calibrated to, and what it costs.

python -m benchmarks.nation [--persons N] [--incidence X] [--seed S]      the calibration table
python -m benchmarks.nation --cost [--persons N]                          seconds and memory of a written delivery
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from riskset.nation import NationSettings, make_nation, write_delivery
from riskset.nation.calibration import calibrate
from riskset.nation.canonical import make_tables


def _cost(settings: NationSettings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        write_delivery(settings, Path(folder) / "delivery")
        seconds, work = time.perf_counter() - wall, time.process_time() - cpu
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file()) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{settings.persons:,} persons: {seconds:.1f} s, {work:.1f} CPU s, peak {peak:.2f} GB, {size:,.0f} MB written"
    )


def main() -> None:
    """Print the calibration table, or the cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=500_000)
    parser.add_argument("--incidence", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--cost", action="store_true")
    asked = parser.parse_args()
    settings = NationSettings(persons=asked.persons, seed=asked.seed, incidence=asked.incidence)
    if asked.cost:
        _cost(settings)
        return
    nation = make_nation(settings)
    for line in calibrate(nation.blocks, settings):
        print(f"{line.what:70s} {line.target:9.2f} {line.achieved:9.2f} ± {line.error:.2f}")
    rows = sum(len(block.people) + len(block.families.sex) for block in nation.blocks)
    fills = sum(len(block.fills) for block in nation.blocks)
    withheld = sum(block.withheld for block in nation.blocks)
    print(f"\n{rows:,} rows of persons, {fills:,} dispensings delivered and {withheld:,} withheld")
    tables = make_tables(nation.blocks[0])
    print("first block:", ", ".join(f"{name} {table.num_rows:,}" for name, table in tables.items()))


if __name__ == "__main__":
    main()
