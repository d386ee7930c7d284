"""Amounts of dispensings that a delivery has in another unit, or in a column that nobody mapped: refused by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ibis
import ibis.expr.types as ir

from riskset.errors import SourceError
from riskset.registers.checks.rules import LARGEST_DDD
from riskset.registers.delivered.texts import tidied, with_sign_of_amount
from riskset.registers.engines.duckdb import DuckDB
from riskset.spec.complaints import shown

_NUMBER = r"^-?[0-9]+([.,][0-9]+)?$"


def refuse_unmapped_reversals(
    engine: DuckDB, raw: ir.Table, mapped: Iterable[str], place: str, *, amount: str | None = None
) -> None:
    """Refuse dispensings of which a column that is not mapped has negative numbers among positive ones.

    Such a row takes an earlier one back, and would count as one more dispensing.

    Parameters
    ----------
    mapped : the delivered columns that are mapped
    amount : the delivered column of an amount that is mapped: rows where it is negative are known to be reversals
    place : what the message calls the delivered table

    Raises
    ------
    SourceError
        Names the column.
    """
    others = [name for name in raw.columns if name not in set(mapped)]
    counts: dict[str, Any] = {}
    unknown = ~_signs(raw[amount])[0].fill_null(False) if amount else ibis.literal(True)
    for i, name in enumerate(others):
        negative, number = _signs(raw[name])
        conditions = {"negative": negative & unknown, "number": number, "known": raw[name].notnull()}
        counts |= {f"{what}_{i}": yes.fill_null(False).sum() for what, yes in conditions.items()}
    if not counts:
        return
    [counted] = engine.collect(raw.agg(**counts)).to_pylist()
    for i, name in enumerate(others):
        negative, number, known = (counted.get(f"{what}_{i}") or 0 for what in ("negative", "number", "known"))
        if negative and 2 * negative < number and 10 * number >= 9 * known:
            raise SourceError(
                f"{shown(name)} is not mapped and holds negative numbers (rows: {negative:,}): dispensings taken back "
                "would count as dispensings",
                where=place,
                remedy=f'map it, as in packages = "{name}" (or as ddd, if it is an amount in DDD), or state '
                'reversals = "none" where such rows take nothing back',
            )


def _signs(cell: Any) -> tuple[Any, Any]:
    """Whether a cell is a negative number, and whether it is a number at all."""
    kind = cell.type()
    if kind.is_numeric():
        return cell < 0, cell.notnull()
    if kind.is_string():
        text = with_sign_of_amount(tidied(cell))
        number = text.re_search(_NUMBER)
        return ibis.and_(text.startswith("-"), number), number
    return ibis.literal(False), ibis.literal(False)


def refuse_wrong_scale(engine: DuckDB, dispensings: ir.Table, where: str, *, in_memory: bool = False) -> None:
    """Raise SourceError when most amounts cannot be thousandths of a DDD; of a frame, it is told what to multiply."""
    ddd = dispensings.filter(dispensings["ddd"] > 0)["ddd"]
    [n] = engine.collect(
        ddd.as_table().agg(all=ddd.count(), small=(ddd < 1000).sum(), large=(ddd > LARGEST_DDD).sum())
    ).to_pylist()
    if n["all"] and 2 * n["small"] > n["all"]:
        raise SourceError(
            "more than half of the amounts are below 1 DDD: the canonical ddd is in thousandths",
            where=where,
            remedy="multiply ddd by 1000" if in_memory else "state scale = 1000 for ddd where the file has DDD",
        )
    if n["all"] and 2 * n["large"] > n["all"]:
        raise SourceError(
            f"more than half of the amounts are above {LARGEST_DDD // 1000:,} DDD",
            where=where,
            remedy="multiply ddd by 1000 only where it is in DDD, not in thousandths"
            if in_memory
            else "state scale = 1000 for ddd only where the file has DDD, not thousandths",
        )
