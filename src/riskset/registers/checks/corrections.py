"""What can only be said of a person's rows together, in order of time: looked at for the few persons concerned."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from riskset.registers.checks.checked_columns import DELIVERED_ID, NOTED, REASON
from riskset.registers.checks.reversals import left_after_reversals
from riskset.registers.checks.rule import Rule
from riskset.registers.checks.rules import PARTLY_REVERSED, REVERSAL, REVERSED, WITHOUT_PURCHASE, is_reversal
from riskset.registers.checks.spells import overlaps_kept
from riskset.registers.checks.written import UNIT, as_written, in_units
from riskset.registers.delivered.conversion import UNROUNDED
from riskset.registers.engines.duckdb import DuckDB

_THOUSANDTHS = 3
"""`ddd` is in thousandths of a DDD: its last three digits are decimals."""


def give_back(engine: DuckDB, rows: ir.Table, overlap: int, kept_as: str) -> tuple[ir.Table, tuple[str, ...]]:
    """Spells that overlap only spells set aside, or spells with the same partner, are kept.

    Only the few persons who have an overlap are looked at.

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
    columns = ["person_id", "start", "stop", REASON, *(["partner_id"] if "partner_id" in rows.columns else [])]
    few = engine.collect(spells.semi_join(persons, "person_id").select(*columns))
    person, overlapping = few["person_id"].to_numpy(), few[REASON].to_numpy() == overlap
    start, stop = (few[name].to_numpy().astype("datetime64[D]") for name in ("start", "stop"))
    partner = few["partner_id"].to_numpy() if "partner_id" in columns else None
    stays = overlapping & ~overlaps_kept(person, start, stop, partner)
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
    packages, ddd = (pc.fill_null(rows[c], 0).to_numpy() for c in ("packages", "ddd"))
    by_packages = packages != 0
    back = (packages < 0) | (ddd < 0)
    codes = rows["atc"].combine_chunks().dictionary_encode().indices.to_numpy()
    person = rows["person_id"].to_numpy()
    pair = np.unique(np.stack([person, codes]), axis=1, return_inverse=True)[1].ravel()
    # Where packages are not always there, and DDD are, these are what a person's rows of a code have in common.
    by_packages &= ~((np.bincount(pair, ~by_packages) > 0) & (np.bincount(pair, ddd == 0) == 0))[pair]
    size, rounding = _sizes(rows, by_packages.tolist())
    # What is counted in packages and what is counted in DDD cannot take each other back.
    group = np.unique(np.stack([person, codes, by_packages]), axis=1, return_inverse=True)[1].ravel()
    day = rows["date"].to_numpy().astype("datetime64[D]")
    signed = [-one if is_back else one for one, is_back in zip(size, back.tolist(), strict=True)]
    left, short = left_after_reversals(group, day, signed, np.abs(ddd), rounding)

    place = {rule: rules.index(rule) + 1 for rule in (REVERSAL, REVERSED, WITHOUT_PURCHASE)}
    reason = np.where(back, np.where(short, place[WITHOUT_PURCHASE], place[REVERSAL]), 0)
    gone = np.array([of > 0 and not n for n, of in zip(left, size, strict=True)], np.bool_)
    less = np.array([0 < n < of for n, of in zip(left, size, strict=True)], np.bool_)
    reason = np.where(~back & gone, place[REVERSED], reason)
    partly = ~back & less
    bit = 1 << [rule for rule in rules if not rule.removes].index(PARTLY_REVERSED)
    noted = rows[NOTED].to_numpy() | np.where(partly, bit, 0)
    packages, ddd = packages.copy(), ddd.copy()
    for i in np.flatnonzero(partly).tolist():
        if by_packages[i]:
            packages[i], ddd[i] = left[i] / UNIT, _share(int(ddd[i]), left[i], size[i])
        else:
            ddd[i] = in_units(left[i], _THOUSANDTHS)
    values = {
        "packages": pa.array(packages, mask=~rows["packages"].is_valid().to_numpy()),
        "ddd": pa.array(ddd, mask=~rows["ddd"].is_valid().to_numpy()),
        REASON: pa.array(reason, pa.int64()),
        NOTED: pa.array(noted, pa.int64()),
        DELIVERED_ID: pc.if_else(pa.array(reason > 0), rows["who"], None),
    }
    for name, column in values.items():
        rows = rows.set_column(rows.column_names.index(name), name, column)
    return rows


def _sizes(rows: pa.Table, by_packages: list[bool]) -> tuple[list[int], list[int]]:
    """The amounts that count, as delivered and in units, and by how much each may have been rounded."""
    packages = as_written(pc.fill_null(rows["packages"], 0).to_pylist())
    # `ddd` is rounded to thousandths; a DDD with more decimals than three stands beside it.
    kept = as_written(pc.fill_null(rows["ddd"], 0).to_pylist(), -_THOUSANDTHS)
    whole = rows[UNROUNDED].is_null().to_pylist() if UNROUNDED in rows.column_names else [True] * len(rows)
    more = pc.fill_null(rows[UNROUNDED], 0).to_pylist() if UNROUNDED in rows.column_names else [0.0] * len(rows)
    exact = as_written(more, -_THOUSANDTHS)
    size, rounding = (
        [
            of[0] if in_packages else of[1] if is_whole else of[2]
            for in_packages, is_whole, *of in zip(by_packages, whole, *three, strict=True)
        ]
        for three in zip(packages, kept, exact, strict=True)
    )
    return [abs(one) for one in size], rounding


def _share(ddd: int, left: int, size: int) -> int:
    """The DDD of what is left of a row, to the nearest thousandth."""
    return (2 * ddd * left + size) // (2 * size)
