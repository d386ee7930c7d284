"""A nation as a whole: its blocks, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from riskset.nation.block import BLOCK, NationBlock, make_block
from riskset.nation.canonical import make_tables
from riskset.nation.planted_truth import truth_of
from riskset.nation.settings import NationSettings
from riskset.plain import Plain

Progress = Callable[[int, int], None]
"""Called with the blocks done and the blocks there are."""


@dataclass(frozen=True)
class Nation:
    """A nation held in memory: for thousands to a million persons. Larger ones are written block by block.

    Attributes
    ----------
    settings : what it was asked to be
    blocks : its persons, in blocks of `block.BLOCK` residents
    """

    settings: NationSettings
    blocks: tuple[NationBlock, ...]

    def tables(self) -> dict[str, pa.Table]:
        """The canonical register tables: int64 identifiers, ends half-open, ICD-10 without dot, DDD in thousandths."""
        parts = [make_tables(block) for block in self.blocks]
        tables = {name: pa.concat_tables(part[name] for part in parts) for name in parts[0]}
        dispensing = tables["dispensing"]
        at = dispensing.column_names.index("atc")
        tables["dispensing"] = dispensing.set_column(at, "atc", dispensing["atc"].cast(pa.string()))
        return {name: table.combine_chunks() for name, table in tables.items()}

    def truth(self) -> dict[str, Plain]:
        """What was planted: the contents of ``truth.json``."""
        return truth_of(self.settings)


def count_blocks(settings: NationSettings) -> int:
    """How many blocks a nation has."""
    return -(-settings.persons // BLOCK)


def make_blocks(settings: NationSettings, progress: Progress | None = None) -> Iterator[NationBlock]:
    """The blocks of a nation, one after the other."""
    total = count_blocks(settings)
    for number in range(total):
        yield make_block(settings, number)
        if progress:
            progress(number + 1, total)


def make_nation(settings: NationSettings, progress: Progress | None = None) -> Nation:
    """Generate a nation and hold it in memory.

    Parameters
    ----------
    settings : size, seed and what is planted
    progress : called after each block with the number done and the number there are
    """
    return Nation(settings, tuple(make_blocks(settings, progress)))
