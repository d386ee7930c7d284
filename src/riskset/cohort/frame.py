"""The frame that controls are drawn from, and the risk sets in it.

Spells at risk stand in strata (the matching keys), numbered within the stratum in order of (exit, person, entry).
Whoever is at risk in a year has a position after all spells that ended in earlier years. A spell at risk is a
spell of observation whose last day comes before the person has what ``free_of`` names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from riskset.cohort.cases import Cases
from riskset.cohort.eligibility import Rules, rules_of
from riskset.cohort.events import find_first
from riskset.cohort.hashing import PRIME, Ints
from riskset.cohort.population import find_observation
from riskset.errors import DesignError, SourceError
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.spec.design import PopulationControls
from riskset.spec.study import Study

ROWS_AT_ONCE = 2_000_000
"""Rows of a query of the sampler, which bounds its memory."""

_FRAME, _PROBES, _STRATA = "cohort_frame", "cohort_probes", "cohort_strata"


@dataclass(frozen=True)
class RiskSets:
    """The frame and the cases placed in it.

    Attributes
    ----------
    case_id : int64 (n,), the cases that have a stratum, ascending
    size : int64 (n,), spells in the case's stratum
    start : int64 (n,), spells of the stratum that ended before the year of the index date: the first position that can
        be at risk
    anchors : a row for each case: ``case_id, case_person, index_date, stratum, first_pos`` and the rules' bounds
    frame : ``stratum, pos, person_id, entry, exit, since, birth_date``
    digest : SHA-256 of the frame; positions, and so the draws, depend on it
    """

    engine: Engine
    rules: Rules
    case_id: Ints
    size: Ints
    start: Ints
    anchors: pa.Table
    frame: ir.Table
    digest: str

    def at(self, cases: Ints, number: Ints, position: Ints) -> pa.Table:
        """Which positions hold an eligible member of the case's risk set.

        Parameters
        ----------
        cases, number, position : int64 (m,), probes: a case, a running number, a position in its stratum

        Returns
        -------
        ``case_id, number, person_id`` of the probes that hit one, in no order.
        """
        probes = self.anchors.take(pa.array(np.searchsorted(self.case_id, cases))).drop_columns(["first_pos"])
        probes = probes.append_column("number", pa.array(number)).append_column("pos", pa.array(position))
        rows = self.engine.load(_PROBES, probes).inner_join(self.frame, ["stratum", "pos"])
        return self.engine.collect(self._members(rows).select("case_id", "number", "person_id"))

    def everyone(self, cases: Ints) -> Iterator[pa.Table]:
        """The whole risk sets of some cases, a few at a time.

        Parameters
        ----------
        cases : int64 (m,), ascending

        Yields
        ------
        ``case_id, person_id`` of each eligible member of the risk set of the next cases, in no order.
        """
        places = np.searchsorted(self.case_id, cases)
        work = np.cumsum(self.size[places] - self.start[places])
        cuts = np.arange(ROWS_AT_ONCE, work[-1] if len(work) else 0, ROWS_AT_ONCE)
        for chunk in np.split(places, np.searchsorted(work, cuts)):
            if len(chunk):
                asked = self.engine.load(_PROBES, self.anchors.take(pa.array(chunk)))
                rows = asked.inner_join(self.frame, "stratum")
                rows = self._members(rows.filter(rows["pos"] >= rows["first_pos"]))
                yield self.engine.collect(rows.select("case_id", "person_id"))

    def _members(self, rows: ir.Table) -> ir.Table:
        """The pairs of a case and a spell in which the spell's person belongs to the case's risk set."""
        live = (rows["entry"] <= rows["index_date"]) & (rows["index_date"] < rows["exit"])
        return self.rules.eligible(rows.filter(live & (rows["person_id"] != rows["case_person"])))

    def drop(self) -> None:
        """Forget the tables in the engine."""
        washouts = [_washout(i) for i in range(len(self.rules.washouts))]
        self.engine.drop(_FRAME, _PROBES, *washouts)


def find_risk_sets(registers: Registers, study: Study, controls: PopulationControls, cases: Cases) -> RiskSets:
    """Build the frame, and place each case that has a known value of every matching key in it.

    Raises
    ------
    DesignError
        No case has a known value of every matching key; or matching within a caliper is asked for.
    SourceError
        A matching key is not delivered.
    """
    _refuse(registers, controls)
    engine = registers.engine
    keys: list[str] = list(controls.match)
    known = cases.table.filter(_all_known(cases.table, keys))
    if not len(known):
        raise DesignError(
            f"no case has a known value of {', '.join(keys)}", where="controls.match", remedy="match on other keys"
        )
    values = list(zip(*(known[key].to_pylist() for key in keys), strict=True)) or [()] * len(known)
    number = {value: i for i, value in enumerate(sorted(set(values)))}
    stratum = np.array([number[value] for value in values], dtype=np.int64)
    strata = _strata_table(known, keys, list(number))

    frame = engine.materialise(_FRAME, _numbered(_placed_spells(registers, study, keys, strata)))
    dates = known["index_date"].to_numpy()
    counts = _counts(engine, frame)
    size, start = _places(counts, stratum, dates.astype("datetime64[Y]").astype(np.int64) + 1970)
    rules = rules_of(registers, study.eligibility)
    washouts = tuple(engine.materialise(_washout(i), table) for i, table in enumerate(rules.washouts))
    bounds = rules.bounds(dates)
    anchors = {
        "case_id": known["case_id"],
        "case_person": known["person_id"],
        "index_date": known["index_date"],
        "stratum": pa.array(stratum),
        "first_pos": pa.array(start),
        **dict(zip(bounds.column_names, bounds.columns, strict=True)),
    }
    rules = replace(rules, washouts=washouts)
    engine.drop(_STRATA)
    return RiskSets(engine, rules, known["case_id"].to_numpy(), size, start, pa.table(anchors), frame, _digest(counts))


def _washout(i: int) -> str:
    return f"cohort_washout_{i}"


def _refuse(registers: Registers, controls: PopulationControls) -> None:
    if controls.caliper is not None:
        raise DesignError(
            "matching within a caliper of the birth date is not possible yet",
            where="controls.caliper",
            remedy="match on birth_year",
        )
    for key, table in (("county", "residence"), ("country_of_birth", "person")):
        if key in controls.match and not registers.has(table, key):
            raise SourceError(f"{key} is not delivered", where=f"{table}.{key}", remedy=f"do not match on {key}")


def _all_known(table: pa.Table, keys: list[str]) -> pa.Array:
    mask = np.ones(len(table), dtype=bool)
    for key in keys:
        mask &= table[key].is_valid().to_numpy()
    return pa.array(mask)


def _strata_table(known: pa.Table, keys: list[str], values: list[tuple[object, ...]]) -> pa.Table:
    columns = {"stratum": pa.array(range(len(values)), pa.int64())}
    for i, key in enumerate(keys):
        columns[key] = pa.array([value[i] for value in values], known.schema.field(key).type)
    return pa.table(columns)


def _placed_spells(registers: Registers, study: Study, keys: list[str], strata: pa.Table) -> ir.Table:
    """Spells that can be at risk in the period, of persons in a stratum that has a case."""
    placed = registers.engine.load(_STRATA, strata)
    person = registers["person"]
    person = person.select(
        "person_id", "sex", "birth_date", "country_of_birth", birth_year=person["birth_date"].year().cast("int64")
    )
    of_person = [key for key in keys if key != "county"]
    if of_person:
        person = person.semi_join(placed.select(*of_person).distinct(), of_person)
    person = person.select("person_id", "birth_date", *of_person)
    spells = find_observation(registers, by_county="county" in keys, persons=person if of_person else None)
    ill = find_first(registers, study.cases.freedom())
    spells = spells.left_join(ill, "person_id").drop("person_id_right")
    spells = spells.mutate(exit=ibis.least(spells["exit"], ibis.coalesce(spells["date"], spells["exit"])))
    start, stop = ibis.literal(study.period.start), ibis.literal(study.period.stop)
    # The last condition drops who was ill on entry.
    spells = spells.filter(spells["exit"] > start, spells["entry"] < stop, spells["entry"] < spells["exit"]).inner_join(
        person, "person_id"
    )
    spells = spells.inner_join(placed, keys) if keys else spells.mutate(stratum=ibis.literal(0, "int64"))
    return spells.select("stratum", "person_id", "entry", "exit", "since", "birth_date")


def _numbered(spells: ir.Table) -> ir.Table:
    position = ibis.row_number().over(group_by="stratum", order_by=["exit", "person_id", "entry"])
    return spells.mutate(pos=position.cast("int64"))


def _counts(engine: Engine, frame: ir.Table) -> pa.Table:
    """Spells by stratum and year of exit, with an integer sum that changes when a row of the frame changes."""
    mixed = ibis.literal(0, "int64")
    for part in (frame["pos"], frame["person_id"], _as_number(frame["entry"]), _as_number(frame["exit"])):
        mixed = (mixed * 1_103_515_245 + part) % PRIME
    table = frame.select("stratum", year=frame["exit"].year().cast("int64"), mixed=(mixed * mixed) % PRIME)
    grouped = table.group_by(["stratum", "year"])
    counts = grouped.agg(spells=table.count().cast("int64"), check=table["mixed"].sum().cast("int64"))
    return engine.collect(counts).sort_by([("stratum", "ascending"), ("year", "ascending")])


def _as_number(day: ir.DateValue) -> ir.IntegerValue:
    return day.year().cast("int64") * 512 + day.month().cast("int64") * 32 + day.day().cast("int64")


def _places(counts: pa.Table, stratum: Ints, year: Ints) -> tuple[Ints, Ints]:
    """Size of the stratum of each case, and how many of its spells ended before the year."""
    key = counts["stratum"].to_numpy() * 100_000 + counts["year"].to_numpy()
    ended = np.concatenate([[0], np.cumsum(counts["spells"].to_numpy())])
    first, last = (ended[np.searchsorted(key, (stratum + i) * 100_000)] for i in (0, 1))
    return last - first, ended[np.searchsorted(key, stratum * 100_000 + year)] - first


def _digest(counts: pa.Table) -> str:
    columns = [np.ascontiguousarray(counts[name].to_numpy(), dtype="<i8").tobytes() for name in counts.column_names]
    return hashlib.sha256(b"".join(columns)).hexdigest()
