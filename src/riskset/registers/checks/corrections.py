"""What can only be said of a person's rows together, in order of time: looked at for the few persons concerned."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskset.registers.checks.checked_columns import DELIVERED_ID, NOTED, REASON
from riskset.registers.checks.reversals import left_after_reversals
from riskset.registers.checks.rule import Rule
from riskset.registers.checks.rules import PARTLY_REVERSED, REVERSAL, REVERSED, WITHOUT_PURCHASE, is_reversal
from riskset.registers.checks.spells import overlaps_kept
from riskset.registers.engines.duckdb import DuckDB

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PARTS = 1000
"""A package is counted in thousandths: of multi-dose dispensing a row may have 0.14 of one."""
_MOST = 2.0**40
"""Packages beyond which nothing is meant, and whose thousandths can still be added."""


def give_back(engine: DuckDB, rows: ir.Table, overlap: int, kept_as: str) -> tuple[ir.Table, tuple[str, ...]]:
    """Spells that overlap only spells set aside are kept; only the few persons who have an overlap are looked at.

    Parameters
    ----------
    rows : rows held against the rules
    overlap : the reason of spells that overlap
    kept_as : the engine's name for the rows

    Returns
    -------
    The rows, and the names of what they are made of in the engine.
    """
    spells = rows.filter(rows[REASON].isin((0, overlap)))
    persons = rows.filter(rows[REASON] == overlap).select("person_id").distinct()
    few = engine.collect(spells.semi_join(persons, "person_id").select("person_id", "start", "stop", REASON))
    person, overlapping = few["person_id"].to_numpy(), few[REASON].to_numpy() == overlap
    start, stop = (few[name].to_numpy().astype("datetime64[D]") for name in ("start", "stop"))
    stays = overlapping & ~overlaps_kept(person, start, stop)
    if not stays.any():
        return rows, (kept_as,)
    given_back = f"{kept_as}_given_back"
    back = engine.load(given_back, pa.table({"of": person[stays], "began": pa.array(start[stays], pa.date32())}))
    joined = rows.left_join(back, [rows["person_id"] == back["of"], rows["start"] == back["began"]])
    reason = ibis.ifelse((joined[REASON] == overlap) & joined["of"].notnull(), 0, joined[REASON])
    return joined.mutate(**{REASON: reason.cast("int64")}).select(rows.columns), (kept_as, given_back)


def take_back(
    engine: DuckDB, rows: ir.Table, people: ir.Table, rules: Sequence[Rule], kept_as: str
) -> tuple[ir.Table, tuple[str, ...]]:
    """Dispensings with a negative amount take back earlier ones of the person and the code, whole or in part.

    Parameters
    ----------
    rows : rows held against the rules
    people : who the persons are as delivered, for the rows set aside
    rules : the rules of the table
    kept_as : the engine's name for the rows

    Returns
    -------
    The rows, and the names of what they are made of in the engine.
    """
    key = ["person_id", "atc"]
    fine = rows.filter(rows[REASON] == 0)
    name = f"{kept_as}_reversals"
    concerned = engine.materialise(name, fine.filter(is_reversal(fine)).select(*key).distinct())
    if not engine.collect(concerned.agg(n=concerned.count()))["n"][0].as_py():
        engine.drop(name)
        return rows, (kept_as,)
    ids = people.filter(people["person_id"].notnull()).select("person_id", who=people["id"].cast("string"))
    few = engine.collect(fine.semi_join(concerned, key).left_join(ids, "person_id").select(*rows.columns, "who"))
    corrected = engine.load(f"{kept_as}_corrected", _corrected(few, rules).select(rows.columns))
    untouched = ibis.union(rows.filter(rows[REASON] != 0), fine.anti_join(concerned, key), distinct=False)
    return ibis.union(untouched, corrected, distinct=False), (kept_as, name, f"{kept_as}_corrected")


def _corrected(rows: pa.Table, rules: Sequence[Rule]) -> pa.Table:
    """The rows of the persons and codes concerned (``who``: as delivered), with what became of each."""
    delivered, ddd = (pc.fill_null(rows[c], 0).to_numpy() for c in ("packages", "ddd"))
    packages = _thousandths(delivered)
    by_packages = packages != 0
    back = (packages < 0) | (ddd < 0)
    codes = rows["atc"].combine_chunks().dictionary_encode().indices.to_numpy()
    person = rows["person_id"].to_numpy()
    pair = np.unique(np.stack([person, codes]), axis=1, return_inverse=True)[1].ravel()
    # Where packages are not always there, and DDD are, these are what a person's rows of a code have in common.
    by_packages &= ~((np.bincount(pair, ~by_packages) > 0) & (np.bincount(pair, ddd == 0) == 0))[pair]
    size = np.abs(np.where(by_packages, packages, ddd))
    # What is counted in packages and what is counted in DDD cannot take each other back.
    group = np.unique(np.stack([person, codes, by_packages]), axis=1, return_inverse=True)[1].ravel()
    day = rows["date"].to_numpy().astype("datetime64[D]")
    left, short = left_after_reversals(group, day, np.where(back, -size, size), np.abs(ddd))

    place = {rule: rules.index(rule) + 1 for rule in (REVERSAL, REVERSED, WITHOUT_PURCHASE)}
    reason = np.where(back, np.where(short, place[WITHOUT_PURCHASE], place[REVERSAL]), 0)
    reason = np.where(~back & (size > 0) & (left == 0), place[REVERSED], reason)
    partly = ~back & (left > 0) & (left < size)
    bit = 1 << [rule for rule in rules if not rule.removes].index(PARTLY_REVERSED)
    noted = rows[NOTED].to_numpy() | np.where(partly, bit, 0)
    in_ddd = np.where(by_packages, ddd, left)
    shared = partly & by_packages
    in_ddd[shared] = [_share(*one) for one in zip(*(x[shared].tolist() for x in (ddd, left, size)), strict=True)]
    values = {
        "packages": pa.array(np.where(shared, left / _PARTS, delivered), mask=~rows["packages"].is_valid().to_numpy()),
        "ddd": pa.array(np.where(partly, in_ddd, ddd), mask=~rows["ddd"].is_valid().to_numpy()),
        REASON: pa.array(reason, pa.int64()),
        NOTED: pa.array(noted, pa.int64()),
        DELIVERED_ID: pc.if_else(pa.array(reason > 0), rows["who"], None),
    }
    for name, column in values.items():
        rows = rows.set_column(rows.column_names.index(name), name, column)
    return rows


def _thousandths(packages: Floats) -> Ints:
    """Packages in whole thousandths, so that sums are exact; what is above or below 0 stays so."""
    size = np.floor(np.minimum(np.abs(packages), _MOST) * _PARTS + 0.5)
    return (np.sign(packages) * np.where(packages != 0, np.maximum(size, 1), 0)).astype(np.int64)


def _share(ddd: int, left: int, size: int) -> int:
    """The DDD of what is left of a row, to the nearest thousandth."""
    return (2 * ddd * left + size) // (2 * size)
