"""The frame is kept in the store: used again for the same question, never for another, never when half written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest

import riskset.cohort.sampling_frame
from riskset.cohort.cases import find_cases
from riskset.cohort.sampler import MatchedSets, sample_population
from riskset.nation import NationSettings, write_delivery
from riskset.registers.delivered.source import Sources
from riskset.registers.engine import Engine
from riskset.registers.ingest import import_registers, open_store
from riskset.registers.registers import Registers
from riskset.registers.shelf import AT_MOST
from riskset.spec.study import Study
from riskset.storage.digest import digest

KEEPING, TAKEN = "keeping the frame in the store", "the frame is taken from the store"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a small nation."""
    folder = tmp_path_factory.mktemp("nation")
    sources = write_delivery(NationSettings(persons=2_000, seed=5, incidence=300), folder / "delivered")
    with Engine() as engine:
        import_registers(Sources.load(sources), folder / "store", engine=engine)
    return folder / "store"


@pytest.fixture
def store(imported: Path, tmp_path: Path) -> Path:
    """The store with nothing kept in it yet."""
    place = tmp_path / "store"
    place.mkdir()
    for file in imported.iterdir():
        (place / file.name).symlink_to(file)
    return place


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as opened:
        yield opened


def study(seed: int = 1, period: str = "2020-01-01", **change: Any) -> Study:
    controls = {"kind": "population", "ratio": 3, "match": ["sex", "birth_year"]} | change.pop("controls", {})
    return Study.model_validate(
        {
            "name": "kept",
            "seed": seed,
            "period": {"start": "2008-01-01", "stop": period},
            "eligibility": change.pop("eligibility", {}),
            "cases": {"first": {"registry": "mnd", "diagnosis": ["ALS"]}} | change.pop("cases", {}),
            "controls": [controls],
            "exposures": [{"name": "pills", "codes": {"atc": ["N05"]}, "measures": [{"kind": "ever", "lag": "1y"}]}],
            "models": [{"kind": "conditional logistic", "measure": "ever", "classes": ["each"]}],
            **change,
        }
    )


def drawn(registers: Registers, asked: Study) -> MatchedSets:
    return sample_population(
        registers, asked.at_risk, asked.controls[0], find_cases(registers, asked.case_definition), seed=asked.seed
    )


def told(engine: Engine, store: Path, asked: Study) -> tuple[list[str], MatchedSets]:
    """What the progress said of the store, and the sets."""
    said: list[str] = []
    sets = drawn(open_store(store, engine=engine, progress=said.append), asked)
    return said, sets


def frames(store: Path) -> list[str]:
    return sorted(path.name for path in (store / "derived").glob("*"))


def test_another_seed_ratio_or_exposure_takes_the_same_frame(engine: Engine, store: Path) -> None:
    said, first = told(engine, store, study())
    assert said == [KEEPING]
    exposures = [{"name": "x", "codes": {"atc": ["N06"]}, "measures": [{"kind": "ever", "lag": "2y"}]}]
    for asked in (study(), study(seed=2), study(controls={"ratio": 7}), study(exposures=exposures)):
        said, again = told(engine, store, asked)
        assert said == [TAKEN]
        assert again.frame_digest == first.frame_digest
    assert len(frames(store)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"controls": {"match": ["sex"], "caliper": "90d"}},
        {"controls": {"match": ["sex", "birth_year", "county"]}},
        {"controls": {"match": []}, "eligibility": {"min_residence": "2y"}},
    ],
)
def test_the_sets_are_those_without_a_store(engine: Engine, store: Path, change: dict[str, Any]) -> None:
    found = [told(engine, store, study(**change))[1] for _ in range(2)]
    registers = open_store(store, engine=engine)
    bare = drawn(Registers(engine, registers.tables, registers.delivered, "", registers.quality), study(**change))
    assert {digest(sets.table) for sets in found} == {digest(bare.table)}
    assert {sets.frame_digest for sets in found} == {bare.frame_digest}
    assert {digest(sets.attrition) for sets in found} == {digest(bare.attrition)}


@pytest.mark.parametrize(
    "change",
    [
        {"period": "2018-01-01"},
        {"cases": {"free_of": [{"icd10": ["G12"]}]}},
        {"eligibility": {"min_residence": "2y"}},
        {"controls": {"match": ["sex"]}},
        {"controls": {"match": ["sex"], "caliper": "90d"}},
        {"controls": {"match": ["sex"], "caliper": "180d"}},
    ],
)
def test_another_question_has_another_frame(engine: Engine, store: Path, change: dict[str, Any]) -> None:
    assert told(engine, store, study())[0] == [KEEPING]
    assert told(engine, store, study(**change))[0] == [KEEPING]
    assert len(frames(store)) == 2


def test_other_code_has_another_frame(engine: Engine, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(engine, store, study())
    monkeypatch.setattr(riskset.cohort.sampling_frame, "code_digest", lambda *rooms: "another version")
    assert told(engine, store, study())[0] == [KEEPING]


def test_a_frame_whose_writing_was_stopped_is_never_taken(
    engine: Engine, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = told(engine, store, study())[1]
    (path,) = (store / "derived").iterdir()
    content = path.read_bytes()
    path.unlink()
    stopped = path.with_name(f".{path.name}.partial")

    def half(self: Engine, sql: str, place: Path, **_: Any) -> None:
        place.write_bytes(content[: len(content) // 2])
        os.link(place, stopped.with_suffix(".seen"))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(engine), "_copy", half)
        with pytest.raises(KeyboardInterrupt):
            told(engine, store, study())
    assert stopped.with_suffix(".seen").exists()
    stopped.write_bytes(content[: len(content) // 2])  # as a killed process leaves it
    said, again = told(engine, store, study())
    assert said == [KEEPING]
    assert digest(again.table) == digest(whole.table)
    assert path.read_bytes()[-4:] == b"PAR1"
    assert not stopped.exists()


def test_a_frame_that_a_crash_of_the_machine_cut_short_is_made_again(engine: Engine, store: Path) -> None:
    whole = told(engine, store, study())[1]
    (path,) = (store / "derived").iterdir()
    path.write_bytes(path.read_bytes()[:1000])
    said, again = told(engine, store, study())
    assert said == [KEEPING]
    assert digest(again.table) == digest(whole.table)


def test_the_longest_unused_go(engine: Engine, store: Path) -> None:
    stops = [f"{2014 + i}-01-01" for i in range(AT_MOST)]
    for stop in stops:
        told(engine, store, study(period=stop))
    assert told(engine, store, study(period=stops[0]))[0] == [TAKEN]
    assert told(engine, store, study(period="2019-01-01"))[0] == [KEEPING]
    assert len(frames(store)) == AT_MOST
    assert told(engine, store, study(period=stops[0]))[0] == [TAKEN]
    assert told(engine, store, study(period=stops[1]))[0] == [KEEPING]


def test_tables_in_memory_keep_nothing(engine: Engine, store: Path) -> None:
    registers = open_store(store, engine=engine)
    with Engine() as other:
        assert registers.on(other).shelf is None


def test_a_query_of_the_kept_frame_reads_its_file(engine: Engine, store: Path) -> None:
    told(engine, store, study())
    registers = open_store(store, engine=engine)
    assert registers.shelf is not None
    (name,) = (file.removesuffix(".duckdb") for file in frames(store))
    kept = engine.kept(registers.shelf, name)
    assert isinstance(kept, ir.Table)
    assert {"stratum", "pos", "person_id", "entry", "exit", "birth_date"} == set(kept.columns)
    assert engine.kept(registers.shelf, "frame_of_another") is None
