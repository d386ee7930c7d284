"""Exposure in windows before the index date, in long form: anchor × term, non-zero only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from riskset.calendar import Days
from riskset.exposure.diagnostics import Tally
from riskset.exposure.dispensings import find_dispensings, require, since_start
from riskset.exposure.history import Anchors, History, read_histories
from riskset.exposure.levels import terms_of
from riskset.lookup import Ints
from riskset.microdata import Microdata
from riskset.registers.registers import Registers
from riskset.results.rows import Diagnostic
from riskset.spec.levels import Level
from riskset.spec.measures import AnyUse, Count, DefinedDailyDoses, Ever, Exposure, FirstUse, Recency
from riskset.spec.time import Duration

VALUES = pa.schema(
    [("person_id", pa.int64()), ("index_date", pa.date32()), ("term", pa.string()), ("value", pa.int64())]
)
"""What an anchor has of a term; an anchor without a row has none of it. Where anchors have a ``history_start``, this is
a further column."""


@dataclass(frozen=True)
class Measures(Microdata):
    """What was measured.

    Attributes
    ----------
    terms : every column that the measures can give (``levels.TERMS``)
    values : anchor × term, non-zero only (``VALUES``), sorted by person, index date and term
    diagnostics : rows for ``results.tables.DIAGNOSTICS``
    """

    terms: pa.Table
    values: pa.Table
    diagnostics: tuple[Diagnostic, ...]


def anchors_of(sets: pa.Table) -> pa.Table:
    """The distinct (person_id, index_date) of matched sets, sorted: a person may serve in several.

    Where the sets have an ``anchor_date``, as with ``anchor = "onset"``, that is where windows end. Where they have a
    ``history_start`` (`shortest`), nothing before it counts, and it is a further column of the anchors.
    """
    dates = "anchor_date" if "anchor_date" in sets.column_names else "index_date"
    further = [name for name in ("history_start",) if name in sets.column_names]
    names = ["person_id", "index_date", *further]
    columns = sets.select(["person_id", dates, *further]).rename_columns(names)
    distinct = columns.group_by(names).aggregate([])
    return distinct.sort_by([(name, "ascending") for name in names])


def measure_exposures(
    registers: Registers,
    anchors: ir.Table | pa.Table,
    exposures: Sequence[Exposure],
    *,
    run_in: Duration | None = None,
) -> Measures:
    """Measure what persons had been dispensed before their index dates.

    A window is ``[index − lookback, index − lag)``; the index day is in none. Dispensings before the register's
    stated start are not used, and are counted.

    Parameters
    ----------
    registers : with the table dispensing; with residence, windows cut by a person's entry are counted too
    anchors : person_id, index_date; with ``history_start``, no dispensing before it counts (null: all do)
    exposures : the drug classes and what is measured of each
    run_in : fills this soon after the register's start are prevalent use; who qualified then is counted

    Raises
    ------
    SourceError
        The registers hold no dispensings, or no DDD where a measure asks for them.
    """
    _require_amounts(registers, exposures)
    engine, who = registers.engine, Anchors.of(registers.engine, anchors)
    tally = Tally(registers.starts.get("dispensing"), run_in)
    terms = terms_of(exposures)
    pieces = [VALUES.empty_table()]
    if exposures and len(who):
        persons = engine.load("exposure_persons", who.persons())
        classes = [exposure.codes for exposure in exposures]
        doses = any(measure.amount for exposure in exposures for measure in exposure.measures)
        dispensings = engine.materialise(
            "exposure_dispensings", find_dispensings(registers, classes, persons, doses=doses)
        )
        tally.count_early(registers, dispensings, exposures)
        for part, histories in read_histories(engine, since_start(registers, dispensings), who, len(exposures)):
            cells: list[tuple[Ints, Ints]] = []
            for exposure, history in zip(exposures, histories, strict=True):
                rows = history.known(part)
                known = part.take(rows)
                cells.extend((rows, value) for value in _values(history, known, exposure))
                tally.count(exposure, history, known)
            pieces.append(_long_form(part, terms["term"], cells))
        engine.drop("exposure_dispensings", "exposure_persons")
    return Measures(
        terms, pa.concat_tables(pieces, promote_options="default"), tuple(tally.rows(registers, exposures, who))
    )


def _values(history: History, anchors: Anchors, exposure: Exposure) -> Iterator[Ints]:
    """(a,) int64 for each level of each measure, in the order of the terms."""
    qualifying = history.nth(anchors, exposure.at_least)
    for measure in exposure.measures:
        levels = measure.levels(exposure.at_least)
        match measure:
            case Ever() | FirstUse():
                yield from (_lies_in(qualifying, anchors, level) for level in levels)
            case Recency():
                last = np.where(np.isnat(qualifying), qualifying, history.last(anchors))
                yield from (_lies_in(last, anchors, level) for level in levels)
            case AnyUse() | Count():
                dates = history.count(anchors, *anchors.window(measure.lag, measure.lookback))
                yield from (_reaches(dates, level.low, level.high) for level in levels)
            case DefinedDailyDoses(per=per):
                amount = history.total("ddd", anchors, *anchors.window(measure.lag, measure.lookback))
                thousandths = (_reaches(amount, 1000 * x.low, x.high and 1000 * x.high) for x in levels)
                yield from thousandths if per is None else [amount]
            case _:
                assert_never(measure)


def _lies_in(day: Days, anchors: Anchors, level: Level) -> Ints:
    """(a,) 1 where the day lies in the level's window; NaT lies in none."""
    start, stop = anchors.window(level.lag, level.lookback)
    inside = day < stop if start is None else (day >= start) & (day < stop)
    return inside.astype(np.int64)


def _reaches(number: Ints, low: int, high: int | None) -> Ints:
    """(a,) 1 where the number lies in ``[low, high)``."""
    inside = number >= low if high is None else (number >= low) & (number < high)
    return inside.astype(np.int64)


def _long_form(anchors: Anchors, terms: pa.ChunkedArray, cells: Sequence[tuple[Ints, Ints]]) -> pa.Table:
    """One row per anchor and term that is not zero, sorted by person, index date and term.

    ``cells`` holds, for each term, positions of anchors and their values; anchors that are not named have zero.

    Raises
    ------
    ValueError
        There are not as many cells as terms, so that a value would go to the term of another.
    """
    if len(cells) != len(terms):
        raise ValueError(f"{len(cells)} levels were measured and {len(terms)} terms are described")
    rows = np.concatenate([row[value != 0] for row, value in cells])
    values = np.concatenate([value[value != 0] for _, value in cells])
    number = np.repeat(np.arange(len(cells)), [np.count_nonzero(value) for _, value in cells])
    by_name = np.argsort(np.array(terms.to_pylist(), dtype=object), kind="stable")
    rank = np.empty_like(by_name)
    rank[by_name] = np.arange(len(by_name))
    order = np.argsort(rows * len(cells) + rank[number], kind="stable")
    rows = rows[order]
    table = pa.table(
        [
            pa.array(anchors.person[rows]),
            pa.array(anchors.index[rows], pa.date32()),
            terms.take(pa.array(number[order])),
            pa.array(values[order]),
        ],
        schema=VALUES,
    )
    if anchors.begin is None:
        return table
    return table.append_column("history_start", pa.array(anchors.begin[rows], pa.date32()))


def _require_amounts(registers: Registers, exposures: Sequence[Exposure]) -> None:
    for exposure in exposures:
        require(registers, "dispensing", "atc", f"the exposure {exposure.name!r}")
        for measure in exposure.measures:
            if measure.amount:
                require(registers, "dispensing", measure.amount, f"the measure {measure.key!r} of {exposure.name!r}")
