"""One nation, three engines: every table that an engine has a part in has the same digest."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from riskset.cohort.cases import find_cases
from riskset.cohort.sampler import sample_population
from riskset.nation import NationSettings, write_delivery
from riskset.registers.delivered.source import Sources
from riskset.registers.engine import Engine, open_engine
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.ingest import import_registers, open_store
from riskset.registers.registers import Registers
from riskset.registers.shelf import AT_MOST
from riskset.spec.study import Study
from riskset.storage.digest import digest
from tests.engines.digests import digests_of, digests_of_course

FOUNDING = Path(__file__).parents[2] / "examples" / "als" / "study.toml"

POPULATION = {"kind": "population", "ratio": 3}

VARIANTS: dict[str, dict[str, Any]] = {
    "the founding study": {},
    "every kind of controls": {
        "controls": [
            POPULATION | {"match": ["sex"], "caliper": "60d"},
            {"kind": "siblings", "half": True},
            {"kind": "spouses"},
            {"kind": "given", "match": ["sex", "birth_year"]},
        ],
    },
    "without replacement": {
        "controls": [POPULATION | {"match": ["sex", "country_of_birth"], "replacement": False}],
        "eligibility": {"run_in": "18m", "min_history": "1y"},
    },
    "all that can be asked": {
        "primary": "adjusted",
        "anchor": "onset",
        "eligibility": {
            "min_residence": "2y",
            "min_history": "1y",
            "washout": [{"event": {"icd10": ["G20"]}, "within": "10y"}, {"event": {"atc": ["N07XX02"]}}],
        },
        "cases": {"first": {"icd10": ["G12.2"], "record": 2}},
        "controls": [
            POPULATION | {"match": ["sex", "birth_year", "county"]},
            {"kind": "siblings", "half": True, "at": "same age"},
        ],
        "exposures": [
            {
                "name": "psycholeptics",
                "codes": {"atc": ["N05"], "without": ["N05A"]},
                "at_least": 1,
                "measures": [
                    {"kind": "ever", "lag": "1y"},
                    {"kind": "count", "lookback": "5y", "lag": "90d", "bands": [1, 5]},
                    {"kind": "ddd", "lookback": "10y", "lag": "1y", "bands": [30, 365]},
                    {"kind": "recency", "cuts": ["90d", "2y"]},
                ],
            }
        ],
        "covariates": [
            {"kind": "dispensing", "name": "sleepless", "codes": {"atc": ["N05C"]}, "lag": "1y", "lookback": "5y"},
            {"kind": "diagnosis", "name": "hospital", "icd10": ["F"], "source": ["inpatient"], "lag": "0d"},
        ],
        "models": [
            {
                "kind": "conditional logistic",
                "measure": "count",
                "classes": ["each"],
                "adjust": ["age", "county", "income", "civil_status", "education", "sleepless", "hospital"],
            }
        ],
    },
}


def asked(change: dict[str, Any]) -> Study:
    """The founding study with some parts replaced."""
    stated = json.loads(Study.load(FOUNDING).model_dump_json())
    left_out = ("prognosis", "published")
    return Study.model_validate({k: value for k, value in {**stated, **change}.items() if k not in left_out})


FOLLOWED = Study.load(FOUNDING)
"""With its prognosis, which `asked` leaves out."""


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The imported registers of a nation of 8,000."""
    folder = tmp_path_factory.mktemp("nation")
    sources = write_delivery(NationSettings(persons=8_000, seed=3, incidence=150), folder / "delivered")
    with DuckDB(folder / "spill") as engine:
        import_registers(Sources.load(sources), folder / "store", engine=engine)
    return folder / "store"


@pytest.fixture(scope="session")
def delivered_sets(store: Path) -> pa.Table:
    """Population sets as an authority would deliver them."""
    study = asked({"controls": [POPULATION | {"match": ["sex", "birth_year"]}]})
    with open_engine("duckdb", threads=1) as engine:
        registers = open_store(store, engine=engine)
        sets = sample_population(
            registers, study.at_risk, study.controls[0], find_cases(registers, study.case_definition), seed=study.seed
        )
    return sets.table.select(["set_id", "person_id", "case", "index_date"])


def opened_on(engine: Engine, store: Path, sets: pa.Table) -> Registers:
    """The registers on an engine, with delivered sets among them."""
    registers = open_store(store, engine=engine)
    return replace(
        registers,
        tables={**registers.tables, "matched_set": engine.load("delivered_sets", sets)},
        delivered={**registers.delivered, "matched_set": frozenset(sets.column_names)},
        shelf=None,  # every engine computes the frame anew
    )


@pytest.fixture(scope="session")
def expected(store: Path, delivered_sets: pa.Table) -> Callable[[str], dict[str, str]]:
    """The digests of a variant on the embedded engine, with one thread."""

    @cache
    def of(variant: str) -> dict[str, str]:
        with open_engine("duckdb", threads=1) as engine:
            return digests_of(asked(VARIANTS[variant]), opened_on(engine, store, delivered_sets))

    return of


@pytest.fixture(scope="session")
def course(store: Path) -> dict[str, str]:
    """The digests of the prognosis on the embedded engine, with one thread."""
    with open_engine("duckdb", threads=1) as engine:
        return digests_of_course(FOLLOWED, open_store(store, engine=engine))


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_digest_is_the_same(
    engine: Engine, variant: str, store: Path, delivered_sets: pa.Table, expected: Callable[[str], dict[str, str]]
) -> None:
    assert digests_of(asked(VARIANTS[variant]), opened_on(engine, store, delivered_sets)) == expected(variant)


def test_what_becomes_of_the_cases_is_the_same(engine: Engine, store: Path, course: dict[str, str]) -> None:
    assert digests_of_course(FOLLOWED, open_store(store, engine=engine)) == course


def test_a_kept_frame_is_the_frame(engine: Engine, store: Path) -> None:
    said: list[str] = []
    registers = open_store(store, engine=engine, progress=said.append)
    digests = []
    for seed in (1, 1, 2):
        study = asked({"seed": seed, "controls": [POPULATION | {"match": ["country_of_birth"]}]})
        sets = sample_population(
            registers, study.at_risk, study.controls[0], find_cases(registers, study.case_definition), seed=study.seed
        )
        digests.append((sets.frame_digest, digest(sets.table)))
    assert said == ["keeping the frame in the store", *["the frame is taken from the store"] * 2]
    assert digests[0] == digests[1]
    assert digests[0][0] == digests[2][0]
    assert digests[0][1] != digests[2][1]


def test_of_kept_frames_the_longest_unused_goes(engine: Engine, store: Path) -> None:
    shelf = open_store(store, engine=engine).shelf
    assert shelf is not None
    for i in range(AT_MOST):
        engine.keep(shelf, f"kept_{i}", engine.load("counted", pa.table({"n": [i]})))
    assert engine.kept(shelf, "kept_0") is not None
    engine.keep(shelf, f"kept_{AT_MOST}", engine.load("counted", pa.table({"n": [AT_MOST]})))
    assert engine.kept(shelf, "kept_1") is None
    held = {name: engine.kept(shelf, name) for name in ("kept_0", f"kept_{AT_MOST}")}
    assert [engine.collect(t)["n"].to_pylist() for t in held.values() if t is not None] == [[0], [AT_MOST]]
    engine.drop("counted")
