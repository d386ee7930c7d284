"""The frame that controls are drawn from, and the risk sets in it.

Spells at risk stand in strata (the matching keys), numbered within the stratum in order of (exit, person).
Whoever is at risk in a year has a position after all spells that ended in earlier years. A spell at risk is a
spell of observation whose last day comes before the person has what ``free_of`` names. The risk set of a case lies in
one stratum, or with a caliper on birth dates in the one to three bins of birth dates that the caliper touches; then the
positions of these strata are taken one after another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from riskset.cohort.cases import CaseList
from riskset.cohort.eligibility import Rules, rules_of
from riskset.cohort.events import find_first
from riskset.cohort.hashing import PRIME, Ints
from riskset.cohort.likeness import BIN, Likeness, keys_of
from riskset.cohort.not_made import NotMade
from riskset.cohort.population import find_observation
from riskset.errors import SourceError
from riskset.lookup import columns_by_name
from riskset.microdata import Microdata
from riskset.registers.engine import Engine
from riskset.registers.observation import OBSERVATION
from riskset.registers.registers import Registers
from riskset.results.notes import NoteCode, note
from riskset.spec.design import AtRisk, Eligibility, PopulationControls
from riskset.storage.code import code_digest
from riskset.storage.digest import digest as digest_of

ROWS_AT_ONCE = 2_000_000
"""Rows of a query of the sampler, which bounds its memory."""

_DECIDING = ("calendar.py", "cohort", "lookup.py", "registers", "spec", "unseen.py")
"""The code that decides what the frame of a question is."""

_FRAME, _PROBES, _STRATA, _BORN = "cohort_frame", "cohort_probes", "cohort_strata", "cohort_born"


@dataclass(frozen=True)
class SamplingFrame(Microdata):
    """The frame and the cases placed in it.

    Attributes
    ----------
    case_id : int64 (n,), the cases whose matching keys are known, ascending
    stratum : int64 (n, s), the strata that the case's risk set lies in
    start : int64 (n, s), spells of the stratum that ended before the year of the index date: the first position that
        can be at risk
    size : int64 (n, s), spells from there on; 0 where a case has fewer strata
    anchors : a row for each case: ``case_id, case_person, index_date`` and the bounds of rules and likeness
    frame : ``stratum, pos, person_id, entry, exit, birth_date``, and ``since`` where a rule or a key asks for it
    digest : SHA-256 of the frame; positions, and so the draws, depend on it
    """

    engine: Engine
    rules: Rules
    likeness: Likeness
    case_id: Ints
    stratum: Ints
    start: Ints
    size: Ints
    anchors: pa.Table
    frame: ir.Table
    digest: str

    @property
    def room(self) -> Ints:
        """int64 (n,), positions that can be at risk; a probe is a number below it."""
        summed: Ints = self.size.sum(axis=1)
        return summed

    def at(self, cases: Ints, number: Ints, probe: Ints) -> pa.Table:
        """Which probes hit an eligible member of the case's risk set.

        Parameters
        ----------
        cases, number, probe : int64 (m,): a case with room, a running number, a number from 0 to the case's room − 1

        Returns
        -------
        ``case_id, number, person_id`` of the probes that hit one, in no order.
        """
        place = np.searchsorted(self.case_id, cases)
        ends = np.cumsum(self.size[place], axis=1)
        part = (probe[:, None] >= ends).sum(axis=1)
        passed = np.take_along_axis(ends - self.size[place], part[:, None], axis=1)[:, 0]
        probes = self.anchors.take(pa.array(place))
        probes = probes.append_column("number", pa.array(number))
        probes = probes.append_column("stratum", pa.array(self.stratum[place, part]))
        probes = probes.append_column("pos", pa.array(self.start[place, part] + probe - passed))
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
        work = np.cumsum(self.room[places])
        cuts = np.arange(ROWS_AT_ONCE, work[-1] if len(work) else 0, ROWS_AT_ONCE)
        for chunk in np.split(places, np.searchsorted(work, cuts)):
            case, part = np.nonzero(self.size[chunk])
            if len(case):
                asked = self.anchors.take(pa.array(chunk[case]))
                asked = asked.append_column("stratum", pa.array(self.stratum[chunk[case], part]))
                asked = asked.append_column("first_pos", pa.array(self.start[chunk[case], part]))
                rows = self.engine.load(_PROBES, asked).inner_join(self.frame, "stratum")
                rows = self._members(rows.filter(rows["pos"] >= rows["first_pos"]))
                yield self.engine.collect(rows.select("case_id", "person_id"))

    def _members(self, rows: ir.Table) -> ir.Table:
        """The pairs of a case and a spell in which the spell's person belongs to the case's risk set."""
        live = (rows["entry"] <= rows["index_date"]) & (rows["index_date"] < rows["exit"])
        other = rows["person_id"] != rows["case_person"]
        return self.rules.eligible(rows.filter(live, other, *self.likeness.met(rows)))

    def drop(self) -> None:
        """Forget the tables in the engine."""
        washouts = [_washout(i) for i in range(len(self.rules.washouts))]
        self.engine.drop(_FRAME, _PROBES, *washouts)


def find_risk_sets(
    registers: Registers, at_risk: AtRisk, controls: PopulationControls, cases: CaseList
) -> SamplingFrame:
    """Build the frame, and place each case that has a known value of every matching key in it.

    Raises
    ------
    DesignError
        No case has a known value of every matching key.
    SourceError
        A matching key is not delivered.
    """
    _refuse(registers, controls)
    engine, likeness = registers.engine, Likeness(controls)
    keys = keys_of(cases, controls)
    mask = _all_known(keys)
    known, keys = cases.table.filter(mask), keys.filter(mask)
    if not len(known):
        raise NotMade(
            f"no case has a known value of {', '.join(controls.match)}",
            note(NoteCode.KEYS_UNKNOWN, keys=controls.match),
            where="controls.match",
            remedy="match on other keys",
        )
    dates = known["index_date"].to_numpy()
    rules = rules_of(registers, at_risk.eligibility)
    bounds = {**columns_by_name(rules.bounds(dates)), **columns_by_name(likeness.bounds(known))}
    anchors = {"case_id": known["case_id"], "case_person": known["person_id"], "index_date": known["index_date"]}

    stratum, strata = _strata(keys, likeness, pa.table(bounds))
    frame = _frame(registers, at_risk, likeness, strata)
    counts = _counts(engine, frame)
    start, size = _places(counts, stratum, dates.astype("datetime64[Y]").astype(np.int64) + 1970)
    washouts = tuple(engine.materialise(_washout(i), table) for i, table in enumerate(rules.washouts))
    rules = replace(rules, washouts=washouts)
    case_id = known["case_id"].to_numpy()
    placed = pa.table(anchors | bounds)
    return SamplingFrame(engine, rules, likeness, case_id, stratum, start, size, placed, frame, _digest(counts))


def _washout(i: int) -> str:
    return f"cohort_washout_{i}"


def _refuse(registers: Registers, controls: PopulationControls) -> None:
    for key, table in (("county", "residence"), ("country_of_birth", "person")):
        if key in controls.match and not registers.has(table, key):
            raise SourceError(f"{key} is not delivered", where=f"{table}.{key}", remedy=f"do not match on {key}")


def _all_known(keys: pa.Table) -> pa.Array:
    mask = np.ones(len(keys), dtype=bool)
    for key in keys.columns:
        mask &= key.is_valid().to_numpy()
    return pa.array(mask)


def _strata(keys: pa.Table, likeness: Likeness, bounds: pa.Table) -> tuple[Ints, pa.Table]:
    """The strata of each case, int64 (n, s) with −1 for none, and the table of all: ``stratum`` and its keys."""
    bins = likeness.bins(bounds)
    case, part = np.nonzero(bins >= 0)
    columns = {key: keys[key].take(pa.array(case)) for key in keys.column_names if key != "history"}
    if BIN in likeness.strata:
        columns[BIN] = pa.chunked_array([bins[case, part]])
    if not columns:
        return np.zeros(bins.shape, dtype=np.int64), pa.table({"stratum": pa.array([0], pa.int64())})
    ranks = [np.unique(column.to_numpy(), return_inverse=True)[1] for column in columns.values()]
    _, first, number = np.unique(np.column_stack(ranks), axis=0, return_index=True, return_inverse=True)
    stratum = np.full(bins.shape, -1, dtype=np.int64)
    stratum[case, part] = number.ravel()
    each = {name: column.take(pa.array(first)) for name, column in columns.items()}
    return stratum, pa.table({"stratum": pa.array(np.arange(len(first)))} | each)


def _frame(registers: Registers, at_risk: AtRisk, likeness: Likeness, strata: pa.Table) -> ir.Table:
    """The frame, computed or taken from the store where an earlier run of the same question has left it."""
    engine, shelf = registers.engine, registers.shelf
    name = f"frame_{_key(registers, at_risk, likeness, strata)[:16]}"
    kept = engine.kept(shelf, name) if shelf else None
    if shelf and kept is not None:
        shelf.say("the frame is taken from the store")
        return engine.materialise(_FRAME, kept)
    frame = engine.materialise(_FRAME, _numbered(_placed_spells(registers, at_risk, likeness, strata)))
    engine.drop(_STRATA, _BORN)
    if shelf:
        shelf.say("keeping the frame in the store")
        engine.keep(shelf, name, frame)
    return frame


def _key(registers: Registers, at_risk: AtRisk, likeness: Likeness, strata: pa.Table) -> str:
    """SHA-256 of all that decides the frame; seed, ratio and exposures do not."""
    decides = {
        "registers": registers.fingerprint,
        "code": code_digest(*_DECIDING),
        "period": at_risk.period.model_dump(mode="json"),
        "free_of": [event.model_dump(mode="json") for event in at_risk.free_of],
        "strata": digest_of(strata),
        "born": digest_of(likeness.days_of(strata[BIN].to_numpy())) if BIN in likeness.strata else "",
        "since": _with_since(at_risk.eligibility, likeness),
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def _with_since(eligibility: Eligibility, likeness: Likeness) -> bool:
    """Whether a rule or a key asks since when a candidate has been under observation."""
    return bool(eligibility.min_residence or eligibility.min_history or likeness.by_history)


def _placed_spells(registers: Registers, at_risk: AtRisk, likeness: Likeness, strata: pa.Table) -> ir.Table:
    """Spells that can be at risk in the period, of persons in a stratum that has a case."""
    keys = likeness.strata
    placed = registers.engine.load(_STRATA, strata)
    person = registers["person"]
    person = person.select(
        "person_id", "sex", "birth_date", "country_of_birth", birth_year=person["birth_date"].year().cast("int64")
    )
    if BIN in keys:
        born = registers.engine.load(_BORN, likeness.days_of(strata[BIN].to_numpy()))
        person = person.inner_join(born, "birth_date")
    by_county = "county" in keys
    of_person = [key for key in keys if key != "county"]
    if by_county:
        person = person.select("person_id", "birth_date", *of_person)
        person = person.semi_join(placed.select(*of_person).distinct(), of_person) if of_person else person
    else:
        person = person.inner_join(placed, keys) if keys else person.mutate(stratum=ibis.literal(0, "int64"))
        person = person.select("person_id", "birth_date", "stratum")
    since = _with_since(at_risk.eligibility, likeness)
    during = None if since else at_risk.period
    # Joining spells of residence is more work than joining persons twice; reading kept observation is less.
    few = person if keys and (by_county or OBSERVATION not in registers) else None
    spells = find_observation(registers, by_county=by_county, persons=few, during=during)
    ill = find_first(registers, at_risk.free_of)
    spells = spells.left_join(ill, "person_id").drop("person_id_right")
    spells = spells.mutate(exit=ibis.least(spells["exit"], ibis.coalesce(spells["date"], spells["exit"])))
    start, stop = ibis.literal(at_risk.period.start), ibis.literal(at_risk.period.stop)
    # Cut to the period, the frame is the same whether or not what lies outside it was read.
    spells = spells.mutate(entry=ibis.greatest(spells["entry"], start), exit=ibis.least(spells["exit"], stop))
    spells = spells.filter(spells["entry"] < spells["exit"])  # drops who was ill on entry, too
    spells = spells.inner_join(person, "person_id")
    if by_county:
        spells = spells.inner_join(placed, keys)
    columns = ["stratum", "person_id", "entry", "exit", "birth_date"]
    return spells.select(*columns, *(["since"] if since else []))


def _numbered(spells: ir.Table) -> ir.Table:
    # A person's spells do not overlap, so that no two of them end on the same day.
    position = ibis.row_number().over(group_by="stratum", order_by=["exit", "person_id"])
    return spells.mutate(pos=position.cast("int64"))


def _counts(engine: Engine, frame: ir.Table) -> pa.Table:
    """Spells by stratum and year of exit, with an integer sum that changes when a row of the frame changes."""
    mixed = ibis.literal(0, "int64")
    days = [_as_number(frame[name]) for name in ("entry", "exit", "birth_date", "since") if name in frame.columns]
    for part in (frame["pos"], frame["person_id"], *days):
        mixed = (mixed * 1_103_515_245 + part) % PRIME
    table = frame.select("stratum", year=frame["exit"].year().cast("int64"), mixed=(mixed * mixed) % PRIME)
    grouped = table.group_by(["stratum", "year"])
    counts = grouped.agg(spells=table.count().cast("int64"), check=table["mixed"].sum().cast("int64"))
    return engine.collect(counts).sort_by([("stratum", "ascending"), ("year", "ascending")])


def _as_number(day: ir.DateValue) -> ir.IntegerValue:
    return day.year().cast("int64") * 512 + day.month().cast("int64") * 32 + day.day().cast("int64")


def _places(counts: pa.Table, stratum: Ints, year: Ints) -> tuple[Ints, Ints]:
    """In each stratum of each case, how many spells ended before the year, and how many did not."""
    key = counts["stratum"].to_numpy() * 100_000 + counts["year"].to_numpy()
    ended = np.concatenate([[0], np.cumsum(counts["spells"].to_numpy())])
    first, now, last = (
        ended[np.searchsorted(key, wanted)]
        for wanted in (stratum * 100_000, stratum * 100_000 + year[:, None], (stratum + 1) * 100_000)
    )
    # Of no stratum (−1) there are no spells before the first one's.
    return now - first, last - now


def _digest(counts: pa.Table) -> str:
    columns = [np.ascontiguousarray(counts[name].to_numpy(), dtype="<i8").tobytes() for name in counts.column_names]
    return hashlib.sha256(b"".join(columns)).hexdigest()
