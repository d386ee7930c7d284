"""One nation, three engines: every table of the first two stages has the same digest."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from riskset.nation import NationSettings, write_delivery
from riskset.registers.engine import Engine, open_engine
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.ingest import import_registers, open_store
from riskset.registers.source import Sources
from riskset.spec.study import Study
from tests.engines.digests import digests_of

FOUNDING = Path(__file__).parents[2] / "examples" / "als" / "study.toml"

POPULATION = {"kind": "population", "ratio": 3}

VARIANTS: dict[str, dict[str, Any]] = {
    "the founding study": {},
    "without replacement": {
        "controls": [POPULATION | {"match": ["sex", "country_of_birth"], "replacement": False}],
        "eligibility": {"run_in": "18m", "min_history": "1y"},
    },
    "all that can be asked": {
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


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The imported registers of a nation of 8,000."""
    folder = tmp_path_factory.mktemp("nation")
    sources = write_delivery(NationSettings(persons=8_000, seed=3, incidence=150), folder / "delivered")
    with DuckDB(folder / "spill") as engine:
        import_registers(Sources.load(sources), folder / "store", engine=engine)
    return folder / "store"


@pytest.fixture(scope="session")
def expected(store: Path) -> Callable[[str], dict[str, str]]:
    """The digests of a variant on the embedded engine, with one thread."""

    @cache
    def of(variant: str) -> dict[str, str]:
        with open_engine("duckdb", threads=1) as engine:
            return digests_of(asked(VARIANTS[variant]), open_store(store, engine=engine))

    return of


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_digest_is_the_same(
    engine: Engine, variant: str, store: Path, expected: Callable[[str], dict[str, str]]
) -> None:
    assert digests_of(asked(VARIANTS[variant]), open_store(store, engine=engine)) == expected(variant)
