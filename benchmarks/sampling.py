"""Time the sampler beside a plain SQL join: ``python -m benchmarks.sampling --persons 1000000 --cases 10000``.

The same cases are matched on sex and birth year in the same run by

- riskset: observation spells, frame, five controls a case;
- plain SQL: a join of every case with its whole risk set in DuckDB and ``row_number() over (order by random())``;
- R, ``Epi::ccwc``, at a size that it can do, where Rscript with the package Epi is there.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import time
from datetime import date

import numpy as np
import pyarrow as pa

from riskset.cohort.cases import CaseList, find_cases
from riskset.cohort.sampler import draw_controls, sample_population
from riskset.cohort.sampling_frame import find_risk_sets
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.registers.schema import TABLES
from riskset.results.tables import QUALITY, rows_to_table
from riskset.spec.design import PopulationControls
from riskset.spec.study import Study

START, STOP = date(2015, 1, 1), date(2023, 7, 1)
STUDY = Study.model_validate(
    {
        "name": "benchmark",
        "period": {"start": START, "stop": STOP},
        "cases": {"first": {"registry": "mnd", "diagnosis": ["ALS"]}},
        "eligibility": {"age": [18, 110], "run_in": "0d"},
        "controls": [{"kind": "population", "ratio": 5, "match": ["sex", "birth_year"]}],
    }
)

PLAIN = """
with pairs as (
  select c.case_id, p.person_id, row_number() over (partition by c.case_id order by random()) as place
  from cases c
  join person p on p.sex = c.sex and year(p.birth_date) = c.birth_year and p.person_id <> c.person_id
  join residence r on r.person_id = p.person_id and r.start <= c.index_date and c.index_date < r.stop
  left join registry_item i on i.person_id = p.person_id
  where i.date is null or i.date > c.index_date
) select case_id, person_id from pairs where place <= 5
"""

EPI = """
suppressMessages(library(Epi)); set.seed(1); n <- 20000; cases <- 200
d <- data.frame(entry = 0, exit = runif(n, 1, 8.5), fail = 0, sex = rbinom(n, 1, .5), born = sample(1930:1997, n, TRUE))
d$fail[sample(n, cases)] <- 1
t <- system.time(ccwc(entry, exit, fail, data = d, controls = 5, match = list(sex, born), silent = TRUE))
cat(sprintf("Epi::ccwc %.2f s for %d cases in %d persons\\n", t[["elapsed"]], cases, n))
"""


def make_registers(persons: int, cases: int, seed: int, engine: Engine) -> Registers:
    """Registers of `make_tables`."""
    return _held(engine, **make_tables(persons, cases, seed))


def make_tables(persons: int, cases: int, seed: int) -> dict[str, pa.Table]:
    """Invented people, one in six with two spells of residence, and cases spread over the period."""
    random = np.random.default_rng(seed)
    day = np.timedelta64(1, "D")
    ids = np.arange(1, persons + 1)
    born = np.datetime64("1915-01-01") + random.integers(0, 365 * 88, persons) * day
    leaves = np.datetime64("2000-01-01") + random.integers(0, 365 * 60, persons) * day
    leaves = np.minimum(leaves, np.datetime64("2024-01-01"))
    again = random.random(persons) < 1 / 6
    first_stop = np.where(again, np.minimum(leaves, np.datetime64("2010-01-01")), leaves)
    onset = (
        np.datetime64(START)
        + random.integers(0, int((np.datetime64(STOP) - np.datetime64(START)) / day), persons) * day
    )
    fit = np.flatnonzero((onset < leaves) & (onset > born + 18 * 366 * day) & (again | (onset < first_stop)))
    ill = random.choice(fit, min(cases, len(fit)), replace=False)
    residence = {
        "person_id": np.concatenate([ids, ids[again]]),
        "start": np.concatenate(
            [np.maximum(born, np.datetime64("1990-01-01")), np.full(again.sum(), "2010-06-01", "M8[D]")]
        ),
        "stop": np.concatenate([first_stop, leaves[again]]),
    }
    kept = residence["start"] < residence["stop"]
    return {
        "person": pa.table(
            {"person_id": ids, "sex": np.where(random.random(persons) < 0.5, "male", "female"), "birth_date": born}
        ),
        "residence": pa.table({name: values[kept] for name, values in residence.items()}),
        "registry_item": pa.table(
            {
                "person_id": ids[ill],
                "registry": ["mnd"] * len(ill),
                "date": onset[ill],
                "name": ["diagnosis"] * len(ill),
                "text": ["ALS"] * len(ill),
            }
        ),
    }


def _held(engine: Engine, **tables: pa.Table) -> Registers:
    held = {name: engine.load(name, canonical(name, table)) for name, table in tables.items()}
    delivered = {name: frozenset(table.column_names) for name, table in tables.items()}
    return Registers(engine, held, delivered, "benchmark", rows_to_table([], QUALITY))


def canonical(name: str, table: pa.Table) -> pa.Table:
    """With all columns of the canonical table, those that are not there null."""
    schema = TABLES[name].arrow_schema
    columns = [
        table[f.name].cast(f.type) if f.name in table.column_names else pa.nulls(len(table), f.type) for f in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def time_riskset(registers: Registers, cases: CaseList) -> float:
    """Seconds for the frame and the draws, and print them apart."""
    (controls,) = STUDY.controls
    assert isinstance(controls, PopulationControls)
    begin = time.perf_counter()
    risk_sets = find_risk_sets(registers, STUDY.at_risk, controls, cases)
    framed = time.perf_counter()
    draws = draw_controls(risk_sets, STUDY.seed, controls)
    end = time.perf_counter()
    risk_sets.drop()
    print(f"riskset: frame {framed - begin:.2f} s, draws {end - framed:.2f} s ({len(draws.case_id):,} controls)")
    whole = time.perf_counter()
    sample_population(registers, STUDY.at_risk, controls, cases, seed=STUDY.seed)
    print(f"riskset: sample_population as a whole, again {time.perf_counter() - whole:.2f} s")
    return end - begin


def time_plain(registers: Registers, cases: CaseList) -> float:
    """Seconds for the plain join."""
    registers.engine.load("cases", cases.table)
    begin = time.perf_counter()
    found = registers.engine.connection.raw_sql(PLAIN).fetchall()
    seconds = time.perf_counter() - begin
    print(f"plain SQL: {seconds:.2f} s ({len(found):,} controls)")
    return seconds


def time_epi() -> str:
    """What R needs, or why it was not asked."""
    if shutil.which("Rscript") is None:
        return "R: there is no Rscript here"
    done = subprocess.run(["Rscript", "-e", EPI], capture_output=True, text=True, check=False)
    return f"R: {done.stdout.strip()}" if done.returncode == 0 else "R: the package Epi is not installed here"


def peak() -> str:
    """The most memory so far; it never falls, so read it in order."""
    unit = 1 if sys.platform == "darwin" else 1024
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6:,.0f} MB at most so far"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-plain", action="store_true", help="leave out the plain join")
    asked = parser.parse_args()
    with Engine(memory="8GB") as engine:
        begin = time.perf_counter()
        registers = make_registers(asked.persons, asked.cases, asked.seed, engine)
        print(f"{asked.persons:,} persons made in {time.perf_counter() - begin:.2f} s; {peak()}")
        begin = time.perf_counter()
        cases = find_cases(registers, STUDY.case_definition)
        print(f"{len(cases):,} cases found in {time.perf_counter() - begin:.2f} s; {peak()}")
        ours = time_riskset(registers, cases)
        print(peak())
        if not asked.no_plain:
            theirs = time_plain(registers, cases)
            print(f"{peak()}\nplain SQL / riskset = {theirs / ours:.1f}")
    print(time_epi())


if __name__ == "__main__":
    main()
