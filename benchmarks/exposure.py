"""Measuring exposure, beside one plain SQL query over the same Parquet file in the same run.

    python -m benchmarks.exposure [--persons 1000000] [--dispensings 15000000] [--anchors 6000 60000]

Three classes of drugs, four windows each. Both must count the same people; times are the best of three.
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

from riskset.exposure.windows import Measures, measure_exposures
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.registers.schema import TABLES
from riskset.results.tables import QUALITY
from riskset.spec.measures import Exposure

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


def make_anchors(persons: int, n: int) -> pa.Table:
    """Distinct persons with index dates in 2015 to 2023."""
    random = np.random.default_rng(n)
    days = np.datetime64("2015-01-01") + random.integers(0, 3103, n)
    person = random.choice(persons, n, replace=False)
    return pa.table({"person_id": pa.array(person, pa.int64()), "index_date": pa.array(days, pa.date32())})


def best_of_three(task: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the fastest of three runs, and what the last one gave."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        result = task()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--dispensings", type=int, default=15_000_000)
    parser.add_argument("--anchors", type=int, nargs="+", default=[6_000, 60_000])
    options = parser.parse_args()
    exposures = [
        Exposure.model_validate({"name": name, "codes": {"atc": [code]}, "measures": MEASURES})
        for name, code in CLASSES.items()
    ]
    with tempfile.TemporaryDirectory() as folder, Engine(Path(folder) / "spill", threads=2) as engine:
        file = Path(folder) / "dispensing.parquet"
        write_dispensings(file, options.persons, options.dispensings)
        tables = {"dispensing": engine.read_parquet("dispensing", file)}
        columns = {"dispensing": frozenset(TABLES["dispensing"].arrow_schema.names)}
        registers = Registers(engine, tables, columns, "benchmark", QUALITY.empty_table())
        print(f"{options.dispensings:,} dispensings of {options.persons:,} persons, {file.stat().st_size / 1e6:.0f} MB")
        for n in options.anchors:
            anchors = make_anchors(options.persons, n)
            engine.load("anchors", anchors)
            ours, measures = best_of_three(lambda table=anchors: measure_exposures(registers, table, exposures))
            plain, counts = best_of_three(
                lambda: engine.connection.con.sql(PLAIN_SQL.format(file=file)).arrow().read_all()
            )
            agree = "same counts" if same_counts(counts, measures) else "COUNTS DIFFER"
            ratio = f"ratio {plain / ours:.2f}, {agree}"
            print(f"{n:>9,} anchors: riskset {ours:.3f} s, plain SQL {plain:.3f} s, {ratio}")


if __name__ == "__main__":
    main()
