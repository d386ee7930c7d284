"""Sets that an authority drew and delivered, as matched sets of the study.

What was delivered is taken as it is: whoever does not belong in a set stays there for the audit to find. (Sets that
contradict themselves an import has set aside; of a file that is only audited, they are there.) Only what says nothing
is left out, and counted: sets of cases whom the study's own period or eligibility leave out, and cases alone.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from riskset.cohort.attrition import Attrition
from riskset.cohort.cases import CaseList
from riskset.cohort.events import find_events
from riskset.cohort.not_made import NotMade
from riskset.cohort.sampler import MatchedSets
from riskset.errors import SourceError
from riskset.registers.registers import Registers
from riskset.results.notes import NoteCode, note
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, Unit
from riskset.spec.design import Controls, Event, GivenControls
from riskset.storage.digest import digest


def given_sets(registers: Registers, event: Event, controls: GivenControls, cases: CaseList) -> MatchedSets:
    """The sets of the register table ``matched_set``; see `take_sets`.

    Raises
    ------
    DesignError
        No set is left.
    SourceError
        The table is not delivered or has no rows, or a set has no date.
    """
    return take_sets(registers, event, controls, cases, registers.engine.collect(registers["matched_set"]))


def take_sets(
    registers: Registers, event: Event, controls: Controls, cases: CaseList, delivered: pa.Table
) -> MatchedSets:
    """Make delivered sets those of a comparison of the study.

    A row without a date has that of its set's case, and a case without one the date of its event. Equal rows are
    one: the case may be delivered once for each of its controls. The set of a case of the study has its
    ``case_id`` as the number. The set of one who has the event on that date, but whom the study's period or eligibility
    leave out, is left out and counted. All others (the case has no such event on that date; several cases, or none; a
    second set of one case) have numbers above every ``case_id``, and are the audit's to judge.

    Parameters
    ----------
    event
        The case event, whose date a set without one has.
    delivered
        ``set_id, person_id`` (int64), ``case`` (bool), ``index_date`` (may be null), one row a person in a set.

    Raises
    ------
    DesignError
        No set is left.
    SourceError
        There are no rows, or a set has no date.
    """
    if not len(delivered):
        raise SourceError("there are no matched sets", where="matched_set", remedy="deliver them again")
    rows = delivered.select(["set_id", "person_id", "case", "index_date"])
    rows = rows.set_column(3, "index_date", rows["index_date"].cast(pa.date32()))
    events = registers.engine.collect(find_events(registers, event))
    rows = _once(_dated(rows, events))
    sets = _placed(rows, events, cases)

    attrition = Attrition(
        AttritionPart.CONTROLS, Unit.SETS, AttritionRule.DELIVERED_SETS, len(sets), controls.comparison
    )
    sets = sets.filter(pc.invert(sets["left_out"]))
    attrition.keep(AttritionRule.CASE_OF_STUDY, len(sets))
    sets = sets.filter(sets["controls"])
    attrition.keep(AttritionRule.ANY_CONTROL, len(sets))
    if not attrition.remaining:
        raise NotMade(
            "no delivered set holds a control and is of a case of the study",
            note(NoteCode.NO_SET_GIVEN),
            where="controls",
            remedy="see that identifiers and dates of the delivery are those of the registers",
        )
    table = _table(rows.join(sets.select(["set_id", "number"]), "set_id", join_type="inner"), cases, controls)
    return MatchedSets(table, attrition.table(), digest(table))


def _dated(rows: pa.Table, events: pa.Table) -> pa.Table:
    """The rows, each with a date: its own, that of the set's case, or that of the case's event."""
    of_case = rows.filter(rows["case"]).join(events, "person_id", join_type="left outer")
    of_set = of_case.group_by("set_id").aggregate([("index_date", "min"), ("date", "min")])
    known = pa.table({"set_id": of_set["set_id"], "known": pc.coalesce(of_set["index_date_min"], of_set["date_min"])})
    joined = rows.join(known, "set_id", join_type="left outer")
    dates = pc.coalesce(joined["index_date"], joined["known"])
    if dates.null_count:
        undated = joined.filter(pc.is_null(dates))["set_id"].unique()
        raise SourceError(
            f"{len(undated):,} sets have no date: none is delivered, and the event of their case is not known",
            where="matched_set.index_date",
            remedy="map the date, and the rows of the cases",
        )
    return joined.select(["set_id", "person_id", "case"]).append_column("index_date", dates)


def _once(rows: pa.Table) -> pa.Table:
    columns = rows.column_names
    return rows.group_by(columns).aggregate([]).select(columns)


def _placed(rows: pa.Table, events: pa.Table, cases: CaseList) -> pa.Table:
    """Each set with its ``number``, whether it is ``left_out`` by the study, and whether it has ``controls``."""
    every = rows.group_by("set_id").aggregate([("case", "min"), ("case", "count")])
    of_case = rows.filter(rows["case"]).group_by("set_id")
    of_case = of_case.aggregate([("person_id", "min"), ("index_date", "min"), ("case", "count")])
    of_case = of_case.rename_columns(["set_id", "person_id", "index_date", "n"])
    one = of_case.filter(pc.equal(of_case["n"], 1))
    one = one.join(
        cases.table.select(["person_id", "index_date", "case_id"]), ["person_id", "index_date"], join_type="left outer"
    ).join(events, "person_id", join_type="left outer")
    first = one.filter(one["case_id"].is_valid()).group_by("case_id").aggregate([("set_id", "min")])
    first = pa.table({"set_id": first["set_id_min"], "number": first["case_id"]})
    happened = pc.fill_null(pc.equal(one["date"], one["index_date"]), False)
    left_out = pa.table({"set_id": one["set_id"], "left_out": pc.and_(happened, one["case_id"].is_null())})

    sets = pa.table({"set_id": every["set_id"], "controls": pc.invert(every["case_min"])})
    sets = sets.join(first, "set_id", join_type="left outer").join(left_out, "set_id", join_type="left outer")
    sets = sets.sort_by("set_id")
    beyond = pa.array(len(cases) + np.arange(1, len(sets) + 1, dtype=np.int64))
    sets = sets.set_column(sets.column_names.index("number"), "number", pc.coalesce(sets["number"], beyond))
    return sets.set_column(sets.column_names.index("left_out"), "left_out", pc.fill_null(sets["left_out"], False))


def _table(rows: pa.Table, cases: CaseList, controls: Controls) -> pa.Table:
    """The sets as ``MatchedSets.table`` has them; keys of a case that is not the study's are null."""
    rows = rows.sort_by([("number", "ascending"), ("case", "descending"), ("person_id", "ascending")])
    n = len(rows)
    relation = pc.if_else(rows["case"], pa.scalar("case"), pa.scalar(controls.comparison))
    columns = {
        "comparison": pa.array([controls.comparison] * n, pa.string()),
        "set_id": rows["number"],
        "person_id": rows["person_id"],
        "case": rows["case"],
        "index_date": rows["index_date"],
        "relation": relation,
    }
    place = pc.index_in(rows["number"], cases.table["case_id"])
    keys = [key for key in getattr(controls, "match", ()) if key in cases.table.column_names]
    return pa.table(columns | {key: cases.table[key].take(place) for key in keys}).combine_chunks()
