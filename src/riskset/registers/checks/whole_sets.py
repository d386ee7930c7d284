"""Matched sets whose rows contradict each other: who is the case, when, and against whom, is then not known.

A set is set aside whole: of what is left of one, nobody knows how it was drawn. A person may serve in several sets, and
be a case after having been a control. Equal rows contradict nothing, of a case or of a control: they are one.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from riskset.registers.checks.checked_columns import NOTED, REASON
from riskset.registers.checks.rule import Rule
from riskset.registers.engines.duckdb import DuckDB
from riskset.results.quality_vocabulary import OF_SETS, QualityAction, QualityRule
from riskset.results.rows import QualityRow

EQUAL_ROWS = QualityRule.CONTROL_REPEATED
_FOUND_LATER = ibis.literal(False)  # by `judge_sets`, on the rows that break no other rule
_HINT = "see that set_id is what the rows of one set share, and that case is read the right way round"


def _of_set(code: QualityRule, meaning: str, action: QualityAction = QualityAction.QUARANTINED) -> Rule:
    return Rule(code, meaning, lambda t, _: _FOUND_LATER, action, hint=_HINT)


SET_RULES = (
    _of_set(QualityRule.NO_CASE, "No row of the set is of a case; none of its rows stays."),
    _of_set(QualityRule.TWO_CASES, "The set has several persons as cases; none of its rows stays."),
    _of_set(QualityRule.CASE_AND_CONTROL, "The set has a person as case and as control; none of its rows stays."),
    _of_set(QualityRule.SEVERAL_DATES, "Rows of the set have different index dates; none of its rows stays."),
    _of_set(
        QualityRule.CONTROL_REPEATED,
        "The set has a person as control in several equal rows: they are one, and it is kept.",
        QualityAction.KEPT,
    ),
    _of_set(QualityRule.NO_CONTROL, "No row of the set is of a control; it is kept.", QualityAction.KEPT),
)


def judge_sets(rows: ir.Table, rules: Sequence[Rule]) -> ir.Table:
    """Note for each row which rule its set breaks first, of the rows that break no other rule.

    Parameters
    ----------
    rows : rows held against the other rules, with ``reason`` and ``noted``
    rules : the rules of the table
    """
    fine = rows.filter(rows[REASON] == 0)
    one = {"cases": fine["case"].sum(), "controls": (~fine["case"]).sum()}
    days = {"first": fine["index_date"].min(), "last": fine["index_date"].max()}
    persons = fine.group_by("set_id", "person_id").agg(**one, **days)
    sets = persons.group_by(of="set_id").agg(
        cases=(persons["cases"] > 0).sum(),
        controls=(persons["controls"] > 0).sum(),
        both=((persons["cases"] > 0) & (persons["controls"] > 0)).any(),
        again=(persons["controls"] > 1).any(),
        apart=persons["first"].min() != persons["last"].max(),
    )
    broken = {
        QualityRule.NO_CASE: sets["cases"] == 0,
        QualityRule.TWO_CASES: sets["cases"] > 1,
        QualityRule.CASE_AND_CONTROL: sets["both"],
        QualityRule.SEVERAL_DATES: sets["apart"].fill_null(False),
    }
    pointed_out = {
        QualityRule.CONTROL_REPEATED: sets["again"] & ~broken[QualityRule.SEVERAL_DATES],
        QualityRule.NO_CONTROL: sets["controls"] == 0,
    }
    place = {rule.code: i for i, rule in enumerate(rules, 1)}
    fault = ibis.cases(
        *((broken[code], place[code]) for code in OF_SETS if code in broken and code in place),
        (ibis.literal(False), 0),
        else_=0,
    )
    staying = [rule.code for rule in rules if not rule.removes]
    bits = [ibis.ifelse(pointed_out[code], 1 << i, 0) for i, code in enumerate(staying) if code in pointed_out]
    noted = ibis.ifelse(fault == 0, sum(bits), 0)
    sets = sets.select("of", fault=fault.cast("int64"), told=noted.cast("int64"))
    joined = rows.left_join(sets, rows["set_id"] == sets["of"])
    stays = (joined[REASON] == 0) & joined["of"].notnull()
    reason = ibis.ifelse(stays, joined["fault"], joined[REASON])
    noted = ibis.ifelse(stays, joined[NOTED] + joined["told"], joined[NOTED])
    return joined.mutate(**{REASON: reason.cast("int64"), NOTED: noted.cast("int64")}).select(rows.columns)


def count_sets(engine: DuckDB, rows: ir.Table, rules: Sequence[Rule]) -> list[QualityRow]:
    """How many sets break each of the rules of whole sets, where any does; of how many that are delivered."""
    staying = [rule for rule in rules if not rule.removes]
    breaks = {
        rule.code: (rows[REASON] == 0) & ((rows[NOTED] & (1 << staying.index(rule))) != 0)
        if rule in staying
        else rows[REASON] == i
        for i, rule in enumerate(rules, 1)
        if rule in SET_RULES
    }
    counted = {f"n_{i}": rows["set_id"].nunique(where=broken) for i, broken in enumerate(breaks.values())}
    [n] = engine.collect(rows.agg(of=rows["set_id"].nunique(), **counted)).to_pylist()
    action = {rule.code: rule.action for rule in rules}
    return [
        QualityRow.counted("matched_set", code, n[f"n_{i}"], n["of"], action[code], subject="set_id")
        for i, code in enumerate(breaks)
        if n[f"n_{i}"]
    ]
