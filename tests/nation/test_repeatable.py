"""The same settings give the same nation, whatever the order of the work."""

from __future__ import annotations

import hashlib
import io

import pyarrow as pa
import pytest

from riskset.errors import SpecError
from riskset.nation import Mechanism, NationSettings, Part, make_nation
from riskset.nation.block import make_block
from riskset.nation.tables import make_tables

STREAMS = "ba767e3c095c6786a90b82f0d9c6de0a2ff2887f44c0851f06bc1a2b4f319aa3"
"""SHA-256 of people, use and disease as they were before families had streams of their own."""


def digest(tables: dict[str, pa.Table]) -> str:
    total = hashlib.sha256()
    for name in sorted(tables):
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, tables[name].schema) as writer:
            writer.write_table(tables[name].combine_chunks())
        total.update(name.encode() + sink.getvalue())
    return total.hexdigest()


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
    off = Mechanism(constant=Part(0.0, 0.0), unrecorded_users=0.0)
    plain, asked = (make_block(NationSettings(persons=5_000, seed=5, mechanism=m), 0) for m in (Mechanism(), off))
    assert digest(make_tables(plain)) == digest(make_tables(asked))


def test_families_change_neither_use_nor_disease() -> None:
    """Stored limits and expectations rest on these streams; NumPy promises them within a major version's generators."""
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


def test_progress_is_told_after_each_block() -> None:
    told: list[tuple[int, int]] = []
    make_nation(NationSettings(persons=51_000), progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize("wrong", [{"persons": 5}, {"seed": -1}, {"incidence": 0.0}])
def test_impossible_settings_are_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(SpecError, match=next(iter(wrong))):
        NationSettings(**wrong)  # type: ignore[arg-type]
