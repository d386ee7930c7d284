"""The same settings give the same nation, whatever the order of the work."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from riskset.errors import SpecError
from riskset.nation import LiabilityPart, Mechanism, NationSettings, make_nation
from riskset.nation.block import make_block
from riskset.nation.canonical import make_tables

STREAMS = "4c33e5b4853114698a4bd38b70bd7aeadb5d42c57687edfd7cca7a69b8037a79"
"""SHA-256 of people, use and disease of a nation of 5,000, on every processor and with every NumPy."""
NATIONS = {
    "plain": "63e5b49fe8548732def4095a01dc4157522f5d0e4b680a16ea4f42018f297adb",
    "mechanism": "026fa2cb1b1ea4fe11bc90a3262423af12585392ede85c2e10d09a5b832c10c0",
}
"""SHA-256 of all tables and of the truth of two small nations, likewise."""


def digest(tables: dict[str, pa.Table]) -> str:
    """Of the values alone, in the order of the rows, and not of how a version of Arrow lays them out."""
    total = hashlib.sha256()
    for name in sorted(tables):
        for column in tables[name].column_names:
            values = tables[name][column].combine_chunks()
            total.update(f"{name}.{column} {values.type} {len(values)}".encode())
            total.update(np.ascontiguousarray(values.is_null().to_numpy(zero_copy_only=False)).tobytes())
            total.update(_bytes(values))
    return total.hexdigest()


def _bytes(values: pa.Array) -> bytes:
    if pa.types.is_string(values.type) or pa.types.is_dictionary(values.type):
        return "\0".join(values.cast(pa.string()).fill_null("").to_pylist()).encode()
    if pa.types.is_date32(values.type):
        values = values.cast(pa.int32())
    elif pa.types.is_boolean(values.type):
        values = values.cast(pa.uint8())
    numbers = values.fill_null(0).to_numpy(zero_copy_only=False)
    return numbers.astype(numbers.dtype.newbyteorder("<")).tobytes()


def test_the_same_seed_gives_the_same_nation_and_another_seed_another() -> None:
    first = digest(make_nation(NationSettings(persons=3_000, seed=1)).tables())
    assert digest(make_nation(NationSettings(persons=3_000, seed=1)).tables()) == first
    assert digest(make_nation(NationSettings(persons=3_000, seed=2)).tables()) != first


def test_blocks_do_not_depend_on_each_other_or_on_their_order() -> None:
    settings = NationSettings(persons=101_000, seed=5)
    forward = [digest(make_tables(block)) for block in make_nation(settings).blocks]
    backward = [digest(make_tables(make_block(settings, number))) for number in (2, 1, 0)]
    assert forward == backward[::-1]
    assert len(set(forward)) == 3


def test_a_larger_nation_keeps_the_full_blocks_of_a_smaller_one() -> None:
    small, large = (make_block(NationSettings(persons=n, seed=5), 0) for n in (60_000, 110_000))
    assert digest(make_tables(small)) == digest(make_tables(large))


def test_a_mechanism_that_is_off_changes_nothing() -> None:
    off = Mechanism(constant=LiabilityPart(0.0, 0.0), unrecorded_users=0.0)
    plain, asked = (make_block(NationSettings(persons=5_000, seed=5, mechanism=m), 0) for m in (Mechanism(), off))
    assert digest(make_tables(plain)) == digest(make_tables(asked))


def test_families_change_neither_use_nor_disease() -> None:
    """Stored limits and expectations rest on these streams."""
    block = make_block(NationSettings(persons=5_000, seed=3, incidence=200), 0)
    drawn = [
        *(getattr(block.people, name) for name in ("sex", "birth", "enter", "leave", "back", "stop", "birthplace")),
        *(getattr(block.fills, name) for name in ("person", "day", "medicine", "ddd")),
        *block.qualified.values(),
        block.patients.person,
        block.patients.diagnosis,
        block.patients.death,
    ]
    total = hashlib.sha256()
    for values in drawn:
        total.update(values.astype("<i8").tobytes())
    assert total.hexdigest() == STREAMS


@pytest.mark.parametrize("name", NATIONS)
def test_every_fact_is_the_stored_one(name: str) -> None:
    settings = {
        "plain": NationSettings(persons=20_000, seed=20, incidence=10),
        "mechanism": NationSettings(
            persons=8_000, seed=7, incidence=150, mechanism=replace(Mechanism.preset("half-shared"), not_taken=0.1)
        ),
    }[name]
    nation = make_nation(settings)
    truth = json.dumps(nation.truth(), sort_keys=True)
    assert hashlib.sha256((digest(nation.tables()) + truth).encode()).hexdigest() == NATIONS[name]


def test_progress_is_told_after_each_block() -> None:
    told: list[tuple[int, int]] = []
    make_nation(NationSettings(persons=51_000), progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize("wrong", [{"persons": 5}, {"seed": -1}, {"incidence": 0.0}])
def test_impossible_settings_are_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(SpecError, match=next(iter(wrong))):
        NationSettings(**wrong)  # type: ignore[arg-type]
