"""Siblings at the same age in nations where no medicine does anything: the ratios must be 1.

``python -m tests.simulation.same_age [nations]`` prints the table of docs/validation.md. Nothing is planted, because a
set's windows are cut to its shortest history, so that what a planted ratio becomes differs from set to set.
"""

from __future__ import annotations

import sys
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from riskset.nation import NationSettings, make_nation
from riskset.nation.settings import CLASSES, LEVELS, Effects
from riskset.registers.engine import Engine
from riskset.registers.tables import registers_from_tables
from riskset.run import run_study
from riskset.spec import SiblingControls
from riskset.spec.design import Cases
from tests.simulation.replicates import ALL_DIAGNOSES, START, founding_study

NOTHING = Effects(**{name: (1.0,) * len(LEVELS) for name in CLASSES})
FIRST_SEED = 30_001
Key = tuple[str, str, str]
"""Measure, class, level."""


class Row(NamedTuple):
    """The estimates of several nations taken together, weighted by their information."""

    key: Key
    estimate: float
    std_error: float


def run_null(seed: int, *, persons: int = 1_000_000) -> dict[Key, tuple[float, float]]:
    """Log ratios and standard errors of one nation, mutually adjusted."""
    siblings = (SiblingControls(at="same age"),)
    study = founding_study(seed, Cases(first=ALL_DIAGNOSES, free_of=(ALL_DIAGNOSES,)), siblings)
    settings = NationSettings(persons=persons, seed=seed, incidence=300, effects=NOTHING)
    tables = make_nation(settings).tables()
    atc = tables["dispensing"]["atc"]
    asked = [pc.starts_with(atc, code) for exposure in study.exposures for code in exposure.codes.atc]
    tables["dispensing"] = tables["dispensing"].filter(reduce(pc.or_, asked))
    with TemporaryDirectory() as spill, Engine(Path(spill), threads=1) as engine:
        run = run_study(study, registers_from_tables(tables, engine=engine, starts=START, remarks=False))
    return {
        (row["measure"], row["exposure"], row["level"]): (row["estimate"], row["std_error"])
        for row in run.released.table("estimates").to_pylist()
        if (row["form"], row["estimator"]) == ("mutually adjusted", "maximum likelihood")
        and row["comparison"] == siblings[0].comparison
        and row["estimate"] is not None
        and row["role"] == "exposure"
    }


def pool(found: list[dict[Key, tuple[float, float]]]) -> list[Row]:
    """The nations together; a level without an estimate in some has those of the others."""
    rows = []
    for key in dict.fromkeys(key for nation in found for key in nation):
        estimate, error = np.array([nation[key] for nation in found if key in nation]).T
        weight = error**-2
        rows.append(Row(key, float(estimate @ weight / weight.sum()), float(weight.sum() ** -0.5)))
    return rows


def main(nations: int = 8) -> None:
    print("| measure | class | level | ratio | SE of its log | z |\n|---|---|---|---|---|---|")
    for row in pool([run_null(seed) for seed in range(FIRST_SEED, FIRST_SEED + nations)]):
        z = row.estimate / row.std_error
        print(f"| {' | '.join(row.key)} | {np.exp(row.estimate):.3f} | {row.std_error:.4f} | {z:.2f} |")


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
