"""Amounts of dispensings that a delivery has in another unit, or in a column that nobody mapped: refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import ibis

from riskset.errors import SourceError
from riskset.registers.checks.checked import Checked
from riskset.registers.checks.rules import LARGEST_DDD, UNSEEN_SIGN
from riskset.registers.delivered.column_map import ColumnMap
from riskset.registers.delivered.conversion import Mapped
from riskset.registers.delivered.signs import is_negative, is_number, is_there
from riskset.registers.engines.duckdb import DuckDB
from riskset.spec.complaints import shown


def refuse_unmapped_reversals(engine: DuckDB, checked: Checked, parts: Iterable[Mapped]) -> None:
    """Refuse dispensings of which a column that is not mapped has negative numbers in some rows.

    Such a row takes an earlier one back, and would count as one more dispensing. A purchase comes before what takes it
    back, so that these are at most half of the rows. The delivered rows are read again only where one of those kept
    has a sign that nobody read.

    Raises
    ------
    SourceError
        Names the column.
    """
    if checked.counts.get(UNSEEN_SIGN.name):
        for part in parts:
            _refuse_signs(engine, part)


def _refuse_signs(engine: DuckDB, part: Mapped) -> None:
    raw, seen = part.raw, ibis.or_(ibis.literal(False), *(is_negative(part.raw[name]) for name in part.amounts))
    counts: dict[str, Any] = {"rows": raw.count()}
    for i, name in enumerate(part.unmapped):
        cell = raw[name]
        conditions = {"negative": is_negative(cell) & ~seen, "number": is_number(cell), "known": is_there(cell)}
        counts |= {f"{what}_{i}": yes.fill_null(False).sum() for what, yes in conditions.items()}
    [counted] = engine.collect(raw.agg(**counts)).to_pylist()
    for i, name in enumerate(part.unmapped):
        negative, number, known = (counted.get(f"{what}_{i}") or 0 for what in ("negative", "number", "known"))
        if negative and 2 * negative <= counted["rows"] and 10 * number >= 9 * known:
            raise SourceError(
                f"{shown(name)} is not mapped and holds negative numbers (rows: {negative:,}): dispensings taken back "
                "would count as dispensings",
                where=part.place,
                remedy=f'map it, as in packages = "{name}" (or as ddd, if it is an amount in DDD), or state '
                'reversals = "none" where such rows take nothing back',
            )


def refuse_wrong_scale(
    engine: DuckDB, checked: Checked, maps: Sequence[Mapping[str, ColumnMap]], where: str, *, in_memory: bool = False
) -> None:
    """Refuse amounts of which most cannot be thousandths of a DDD, as they are before any is taken back.

    Small ones are what they are where each mapping states a scale; of a frame, it is told what to multiply.

    Raises
    ------
    SourceError
        Most amounts are below 1 DDD and a scale is not stated, or most are above what anybody is dispensed.
    """
    ddd = checked.before_netting.filter(checked.before_netting["ddd"] > 0)["ddd"]
    [n] = engine.collect(
        ddd.as_table().agg(all=ddd.count(), small=(ddd < 1000).sum(), large=(ddd > LARGEST_DDD).sum())
    ).to_pylist()
    scales = [columns["ddd"].scale for columns in maps if "ddd" in columns]
    if n["all"] and 2 * n["small"] > n["all"] and None in scales and _has_ddd(engine, checked):
        raise SourceError(
            "more than half of the amounts are below 1 DDD: the canonical ddd is in thousandths",
            where=where,
            remedy="multiply ddd by 1000, or state in a mapping scale = 1 for ddd where it has thousandths"
            if in_memory
            else "state scale = 1000 for ddd where the file has DDD, scale = 1 where it has thousandths",
        )
    if n["all"] and 2 * n["large"] > n["all"]:
        stated = ", ".join(f"{scale:g}" for scale in dict.fromkeys(scales) if scale not in (None, 1))
        raise SourceError(
            f"more than half of the amounts are above {LARGEST_DDD // 1000:,} DDD",
            where=where,
            remedy="multiply ddd by 1000 only where it is in DDD, not in thousandths"
            if in_memory
            else "state scale = 1000 for ddd only where the file has DDD, not thousandths"
            + (f" (stated: {stated})" if stated else ""),
        )


def _has_ddd(engine: DuckDB, checked: Checked) -> bool:
    """Whether an amount stays that could be misread: where all is taken back, none does."""
    return bool(len(engine.collect(checked.kept.filter(checked.kept["ddd"] > 0).select("ddd").limit(1))))
