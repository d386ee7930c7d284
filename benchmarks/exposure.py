"""Measuring exposure, beside one plain SQL query over the same Parquet file in the same run.

    python -m benchmarks.exposure [--persons 1000000] [--dispensings 15000000] [--anchors 6000 60000]
    python -m benchmarks.exposure --store PATH [--anchors 6000 60000]

Three classes of drugs, four windows each. Both must count the same people; seconds by the clock and of the processor
are the best of three. With ``--store``, the dispensings of an imported store: the founding study's cases, with as many
controls for each as make at least the number of persons asked for.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from riskset.cohort.cases import find_cases
from riskset.cohort.sampler import sample_population
from riskset.exposure.windows import Measures, anchors_of, measure_exposures
from riskset.registers.engine import Engine
from riskset.registers.ingest import open_store
from riskset.registers.registers import Registers
from riskset.registers.schema import TABLES
from riskset.results.tables import QUALITY
from riskset.spec.measures import Exposure
from riskset.spec.study import Study

FOUNDING = Path(__file__).parents[1] / "examples" / "als" / "study.toml"
DISPENSING = "dispensing.parquet"

CLASSES = {"anxiolytics": "N05B", "hypnotics": "N05C", "antidepressants": "N06A"}
MEASURES = [
    {"kind": "ever", "lag": "1y"},
    {"kind": "first_use", "cuts": ["1y", "5y"]},
    {"kind": "count", "bands": [1, 2, 4], "lookback": "5y"},
    {"kind": "any_use", "lookback": "1y"},
]

PLAIN_SQL = """
with dates as (
  select distinct person_id, date,
    case when atc < 'N05C' then 'N05B' when atc < 'N05D' then 'N05C' else 'N06A' end as class
  from '{file}'
  where ((atc >= 'N05B' and atc < 'N05D') or (atc >= 'N06A' and atc < 'N06B'))
    and person_id in (select person_id from anchors)
), ranked as (
  select *, row_number() over (partition by person_id, class order by date) as k from dates
), measured as (
  select person_id, index_date, class,
    min(date) filter (k = 2) as qualified,
    count(*) filter (date >= index_date - interval 5 year) as n,
    count(*) filter (date >= index_date - interval 1 year) as n_recent
  from anchors join ranked using (person_id) where date < index_date group by all
)
select class,
  count(*) filter (qualified < index_date - interval 1 year) as "ever|ever",
  count(*) filter (qualified >= index_date - interval 1 year) as "first_use|0-1y",
  count(*) filter (qualified < index_date - interval 5 year) as "first_use|>5y",
  count(*) filter (n between 2 and 3) as "count|2-3",
  count(*) filter (n >= 4) as "count|≥4",
  count(*) filter (n_recent >= 2) as "any_use|any"
from measured group by class
"""


def write_dispensings(file: Path, persons: int, rows: int) -> None:
    """Dispensings over 18 years and 450 ATC codes, clustered in users, sorted as the store keeps them."""
    random = np.random.default_rng(20)
    codes = sorted(
        f"{letter}{group}{sub}A{number:02d}"
        for letter in "ABCGHJLMNR"
        for group in ("01", "05", "06")
        for sub in "ABC"
        for number in range(1, 6)
    )
    user = random.integers(0, persons, rows // 8)
    usual = random.integers(0, len(codes), len(user))
    refill = random.integers(0, len(user), rows)
    day = np.datetime64("2005-07-01") + random.integers(0, 6574, rows)
    order = np.lexsort((day, user[refill], usual[refill]))
    table = {
        "person_id": user[refill][order],
        "date": pa.array(day[order], pa.date32()),
        "atc": pa.array(codes).take(pa.array(usual[refill][order])),
        "ddd": random.integers(1, 100_000, rows),
        "packages": np.ones(rows, np.int64),
    }
    pq.write_table(pa.table(table, schema=TABLES["dispensing"].arrow_schema), file, row_group_size=122_880)


def made(engine: Engine, folder: Path, persons: int, dispensings: int) -> Registers:
    """Registers with nothing but such dispensings."""
    file = folder / DISPENSING
    write_dispensings(file, persons, dispensings)
    tables = {"dispensing": engine.read_parquet("dispensing", file)}
    columns = {"dispensing": frozenset(TABLES["dispensing"].arrow_schema.names)}
    return Registers(engine, tables, columns, "benchmark", QUALITY.empty_table())


def make_anchors(persons: int, n: int) -> pa.Table:
    """Distinct persons with index dates in 2015 to 2023."""
    random = np.random.default_rng(n)
    days = np.datetime64("2015-01-01") + random.integers(0, 3103, n)
    person = random.choice(persons, n, replace=False)
    return pa.table({"person_id": pa.array(person, pa.int64()), "index_date": pa.array(days, pa.date32())})


def draw_anchors(registers: Registers, study: Study, n: int) -> pa.Table:
    """The study's cases and as many population controls for each as make at least ``n`` persons."""
    cases = find_cases(registers, study.case_definition)
    controls = study.controls[0].model_copy(update={"ratio": max(1, -(-n // len(cases)) - 1)})
    return anchors_of(sample_population(registers, study.at_risk, controls, cases, seed=study.seed).table)


def best_of_three(task: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of the processor, the least of three runs each, and what the last one gave."""
    wall, work = [], []
    for _ in range(3):
        start, busy = time.perf_counter(), time.process_time()
        result = task()
        wall.append(time.perf_counter() - start)
        work.append(time.process_time() - busy)
    return min(wall), min(work), result


def same_counts(plain: pa.Table, measures: Measures) -> bool:
    """Whether both found as many anchors in each level."""
    counted = measures.values.group_by("term").aggregate([("value", "sum")])
    ours = dict(zip(counted["term"].to_pylist(), counted["value_sum"].to_pylist(), strict=True))
    names = {code: name for name, code in CLASSES.items()}
    return all(
        number == ours.get(f"{names[row['class']]}|{level}", 0)
        for row in plain.to_pylist()
        for level, number in row.items()
        if level != "class"
    )


def compare(registers: Registers, file: Path, anchors: pa.Table) -> None:
    """Time both on the same anchors, and print it."""
    exposures = [
        Exposure.model_validate({"name": name, "codes": {"atc": [code]}, "measures": MEASURES})
        for name, code in CLASSES.items()
    ]
    engine = registers.engine
    engine.load("anchors", anchors)
    query = PLAIN_SQL.format(file=file)
    wall, work, measures = best_of_three(lambda: measure_exposures(registers, anchors, exposures))
    their_wall, their_work, counts = best_of_three(lambda: engine.connection.con.sql(query).arrow().read_all())
    agree = "same counts" if same_counts(counts, measures) else "COUNTS DIFFER"
    print(
        f"{len(anchors):>9,} anchors: riskset {wall:.3f} s ({work:.2f} CPU), "
        f"plain SQL {their_wall:.3f} s ({their_work:.2f} CPU), ratio {their_wall / wall:.2f}, {agree}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--dispensings", type=int, default=15_000_000)
    parser.add_argument("--anchors", type=int, nargs="+", default=[6_000, 60_000])
    parser.add_argument("--store", type=Path, help="measure on this imported store instead")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Engine(Path(name) / "spill", threads=2) as engine:
        folder = asked.store or Path(name)
        if asked.store:
            registers, study = open_store(asked.store, engine=engine), Study.load(FOUNDING)
        else:
            registers = made(engine, folder, asked.persons, asked.dispensings)
        file = folder / DISPENSING
        print(f"{pq.read_metadata(file).num_rows:,} dispensings, {file.stat().st_size / 1e6:.0f} MB")
        for n in asked.anchors:
            anchors = draw_anchors(registers, study, n) if asked.store else make_anchors(asked.persons, n)
            compare(registers, file, anchors)


if __name__ == "__main__":
    main()
