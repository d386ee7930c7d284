"""Converted rows are held against the rules: what is kept, what is set aside and why, and the counts of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from riskset.registers.checks.checked import Checked
from riskset.registers.checks.checked_columns import DELIVERED_CELL, DELIVERED_ID, NOTED, REASON
from riskset.registers.checks.corrections import give_back, take_back
from riskset.registers.checks.older_codes import OLDER, older_codes
from riskset.registers.checks.repeats import OVERLAP, differs_among, span_among
from riskset.registers.checks.rule import Limits, Rule
from riskset.registers.checks.rules import REVERSAL, UNKNOWN_PERSON, link_rules, rules_of
from riskset.registers.checks.spell_ends import told_of_ends
from riskset.registers.checks.whole_sets import EQUAL_ROWS, SET_RULES, count_sets, judge_sets
from riskset.registers.delivered.conversion import CELL, SKIPPED, UNROUNDED
from riskset.registers.delivered.delivered_types import why_unknown
from riskset.registers.delivered.texts import reads_missing
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.schema import TABLES
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.rows import QualityRow

_NO_FACT = -1


def check_persons(engine: DuckDB, converted: ir.Table, delivered: frozenset[str], limits: Limits, tag: str) -> Checked:
    """Check the person table and number its persons by the rank, from 1, of the delivered identifier as text.

    Parameters
    ----------
    converted : as `conversion.convert` gives it
    delivered : canonical columns that the source has
    tag : makes the names of intermediates unique in the engine

    Returns
    -------
    Checked, its rows with the further column `id`: the identifier as delivered.
    """
    rules = _applicable(rules_of("person"), delivered, converted)
    marked = _mark(
        "person", converted.mutate(id=converted["person_id"], **{DELIVERED_ID: converted["person_id"]}), rules, limits
    )
    rank = ibis.row_number().over(group_by=marked[REASON] == 0, order_by=marked["id"].cast("string"))
    marked = marked.mutate(person_id=rank.cast("int64") + 1)
    parents = [parent for parent in ("mother_id", "father_id") if parent in delivered]
    if not parents:
        unlinked = {parent: ibis.null("int64") for parent in ("mother_id", "father_id")}
        return _checked(engine, "person", marked.mutate(**unlinked), rules, f"person_{tag}", keep=("id",))
    numbered = engine.materialise(f"numbered_{tag}", marked)
    links = tuple(rule for parent in parents for rule in link_rules(parent))
    noting = sum(not rule.removes for rule in rules)
    linked = _link_parents(numbered, parents, links, limits, noting)
    checked = _checked(engine, "person", linked, (*rules, *links), f"person_{tag}", keep=("id",))
    engine.drop(f"numbered_{tag}")
    return checked


def people_of(
    engine: DuckDB,
    known: ir.Table,
    deaths: ir.Table | None,
    tag: str,
    *,
    undated: ir.Table | None = None,
    aside: ir.Table | None = None,
) -> ir.Table:
    """Whom facts are held against.

    Parameters
    ----------
    known : id (as delivered), person_id, born
    deaths : the canonical table, when there is one
    undated : the deaths that were set aside, with `delivered_id`
    aside : the rows of the person table that were, with `delivered_id`

    Returns
    -------
    Ibis table with id, person_id, born, died (null: not known to be dead, or not when), undated: whether every death
    that is delivered of the person was set aside; and aside: whether every row of the person was (there is then no
    person_id).
    """
    people = known.mutate(aside=ibis.literal(False))
    if aside is not None:
        kind = known["id"].type()
        ids = aside.select(id=aside[DELIVERED_ID].try_cast(kind)).distinct()
        ids = ids.filter(ids["id"].notnull()).anti_join(known, "id")
        nobody = {"person_id": ibis.null("int64"), "born": ibis.null("date"), "aside": ibis.literal(True)}
        people = ibis.union(people, ids.mutate(**nobody).select(people.columns), distinct=False)
    if deaths is None or undated is None:
        return people.mutate(died=ibis.null("date"), undated=ibis.literal(False))
    dead = deaths.select(of=deaths["person_id"], died=deaths["date"])
    joined = people.left_join(dead, people["person_id"] == dead["of"]).drop("of")
    wrong = undated.filter(undated[DELIVERED_ID].notnull()).select(wrong=undated[DELIVERED_ID]).distinct()
    joined = joined.left_join(wrong, joined["id"].cast("string") == wrong["wrong"])
    joined = joined.mutate(undated=joined["wrong"].notnull() & joined["died"].isnull()).drop("wrong")
    return engine.materialise(f"people_{tag}", joined)


def check_facts(
    engine: DuckDB,
    name: str,
    converted: ir.Table,
    people: ir.Table,
    delivered: frozenset[str],
    limits: Limits,
    tag: str,
    where: str,
    *,
    parked: Path | None = None,
    audited: bool = False,
) -> Checked:
    """Check a table of facts about persons, and give their identifiers the persons' numbers.

    Parameters
    ----------
    converted : as `conversion.convert` gives it
    people : as `people_of` gives it
    delivered, limits, tag : as for `check_persons`
    where : what messages call the table
    parked : a file to keep the checked rows in until they are written in order; in memory when left out
    audited : whether matched sets whose rows contradict each other stay, for an audit to find
    """
    rules = _applicable(rules_of(name), delivered, converted)
    # An audit finds what contradicts itself; of equal rows, which are one before it, it must be told.
    rules = tuple(rule for rule in rules if not (audited and rule in SET_RULES and rule.code is not EQUAL_ROWS))
    facts = converted.rename(id="person_id")
    joined = facts.left_join(people, _same_id(facts["id"], people["id"]), rname="known_{name}")
    joined = joined.select(
        *facts.columns,
        **{c: joined[c] for c in ("person_id", "born", "died", "undated", "aside")},
        **{DELIVERED_ID: joined["id"]},
    )
    if "partner_id" in facts.columns:
        partners = people.select(
            known=people["id"], number=people["person_id"], partner_born=people["born"], partner_died=people["died"]
        )
        joined = joined.left_join(partners, _same_id(joined["partner_id"], partners["known"]))
        joined = joined.mutate(**{"id partner_id": joined["partner_id"], "partner_id": joined["number"]})
    for label in (column.name for column in TABLES[name].columns if column.label):
        rank = ibis.dense_rank().over(order_by=joined[label]).cast("int64") + 1
        joined = joined.mutate(**{label: ibis.ifelse(joined[label].isnull(), ibis.null("int64"), rank)})
    marked = _mark(name, joined, rules, limits)
    of_sets = any(rule in SET_RULES for rule in rules)
    if of_sets:
        marked = judge_sets(engine.materialise(f"sets_{tag}", marked), rules)
    checked = _checked(engine, name, marked, rules, f"{name}_{tag}", people=people, parked=parked)
    checked = _with_older_codes_apart(engine, checked)
    if of_sets:
        engine.drop(f"sets_{tag}")
        checked = replace(checked, remarks=(*checked.remarks, *count_sets(engine, checked.rows, rules)))
    if OVERLAP in rules:
        ends = told_of_ends(engine, name, checked.rows, rules.index(OVERLAP) + 1, people, checked.of)
        checked = replace(checked, remarks=(*checked.remarks, *ends))
    if not checked.counts[UNKNOWN_PERSON.name]:
        return checked
    unknown = checked.rows.filter(checked.rows[REASON] == rules.index(UNKNOWN_PERSON) + 1)
    likely = why_unknown(engine, unknown[DELIVERED_ID], people, where)
    return replace(checked, hints={UNKNOWN_PERSON.name: likely}) if likely else checked


def _applicable(rules: Sequence[Rule], delivered: frozenset[str], converted: ir.Table) -> tuple[Rule, ...]:
    there = [rule for rule in rules if delivered.issuperset(rule.needs)]
    there = [rule for rule in there if not rule.needs_one or delivered.intersection(rule.needs_one)]
    return tuple(rule for rule in there if not rule.flag or rule.flag in converted.columns)


def _mark(name: str, rows: ir.Table, rules: Sequence[Rule], limits: Limits) -> ir.Table:
    """Add `reason` and `noted`; rules that compare rows see only those that broke none before."""
    setting_aside = [(i, rule) for i, rule in enumerate(rules, 1) if rule.removes]
    alone = [(rule.broken(rows, limits), i) for i, rule in setting_aside if not rule.among]
    staying = [(2**i, rule) for i, rule in enumerate(rule for rule in rules if not rule.removes)]
    noted = ibis.literal(0, "int64")
    for bit, rule in staying:
        if not rule.among:
            noted = noted + ibis.ifelse(rule.broken(rows, limits), bit, 0)
    reason = ibis.cases((rows[SKIPPED], _NO_FACT), *alone, else_=0)
    rows = rows.mutate(**{REASON: reason.cast("int64"), NOTED: noted})
    rows = _agree(name, rows, [(bit, rule) for bit, rule in staying if rule.agreed])
    for bit, rule in staying:
        if rule.among and not rule.agreed:
            rows = rows.mutate(fine=rows[REASON] == 0)
            rows = rows.mutate(**{NOTED: rows[NOTED] + ibis.ifelse(rows["fine"] & rule.broken(rows, limits), bit, 0)})
    for i, rule in setting_aside:
        if rule.among:
            rows = rows.mutate(fine=rows[REASON] == 0)
            reason = ibis.cases((rows["fine"] & rule.broken(rows, limits), i), else_=rows[REASON])
            rows = rows.mutate(**{REASON: reason.cast("int64")})
    return rows


def _agree(name: str, rows: ir.Table, conflicts: Sequence[tuple[int, Rule]]) -> ir.Table:
    """Give rows that are one fact the one value that they have between them, or none where they contradict."""
    if not conflicts:
        return rows
    rows = rows.mutate(fine=rows[REASON] == 0)
    noted, values = rows[NOTED], {}
    for bit, rule in conflicts:
        column = rows[rule.agreed]
        least, _ = span_among(rows, name, rule.agreed)
        differs = rows["fine"] & differs_among(rows, name, rule.agreed)
        noted = noted + ibis.ifelse(differs, bit, 0)
        agreed = ibis.ifelse(differs, ibis.null(column.type()), least if TABLES[name].key else column)
        values[rule.agreed] = ibis.ifelse(rows["fine"], agreed, column)
    return rows.mutate(**{NOTED: noted}, **values)


def _link_parents(
    persons: ir.Table, parents: Sequence[str], links: Sequence[Rule], limits: Limits, noting: int
) -> ir.Table:
    """Number the parents, and note broken links in the bits of `noted` after the first ``noting``."""
    known = persons.filter(persons[REASON] == 0)
    for parent in parents:
        candidates = known.select(
            known=known["id"], number=known["person_id"], parent_born=known["birth_date"], parent_sex=known["sex"]
        )
        joined = persons.left_join(candidates, _same_id(persons[parent], candidates["known"]))
        persons = joined.mutate(
            **{
                f"{parent}_delivered": joined[parent],
                parent: joined["number"],
                f"{parent}_born": joined["parent_born"],
                f"{parent}_sex": joined["parent_sex"],
            }
        ).drop("known", "number", "parent_born", "parent_sex")
    noted = persons[NOTED]
    broken = {parent: ibis.literal(False) for parent in parents}
    for i, rule in enumerate(links, noting):
        # A row counts under the first rule that its link breaks.
        parent = rule.needs[0]
        wrong = rule.broken(persons, limits).fill_null(False) & ~broken[parent]
        noted = noted + ibis.ifelse(wrong, 2**i, 0)
        broken[parent] = broken[parent] | wrong
    cleared = {parent: ibis.ifelse(broken[parent], ibis.null("int64"), persons[parent]) for parent in parents}
    missing = {p: ibis.null("int64") for p in ("mother_id", "father_id") if p not in parents}
    return persons.mutate(**{NOTED: noted}, **cleared, **missing)


def _checked(
    engine: DuckDB,
    name: str,
    marked: ir.Table,
    rules: tuple[Rule, ...],
    kept_as: str,
    *,
    keep: Sequence[str] = (),
    people: ir.Table | None = None,
    parked: Path | None = None,
) -> Checked:
    """Compute the marked rows once, and count them by rule."""
    aside = marked[REASON] > 0
    unread = [(i, CELL + rule.cell) for i, rule in enumerate(rules, 1) if rule.cell]
    cells = [(marked[REASON] == i, marked[cell]) for i, cell in unread if cell in marked.columns]
    delivered = {
        DELIVERED_ID: ibis.ifelse(aside, marked[DELIVERED_ID].cast("string"), ibis.null("string")),
        DELIVERED_CELL: ibis.cases(*cells, (ibis.literal(False), ibis.null("string")), else_=ibis.null("string")),
    }
    unrounded = [UNROUNDED] if UNROUNDED in marked.columns else []
    names = [*TABLES[name].arrow_schema.names, REASON, NOTED, *unrounded, *keep]
    marked = marked.select(*(marked[c] for c in names), **delivered)
    rows = engine.park(kept_as, marked, parked) if parked else engine.materialise(kept_as, marked)
    stored: tuple[str, ...] = (kept_as,)
    if OVERLAP in rules:
        rows, stored = give_back(engine, rows, rules.index(OVERLAP) + 1, kept_as)
    netted_from = None
    if REVERSAL in rules and people is not None:
        netted_from = rows
        rows, stored = take_back(engine, rows, people, rules, kept_as)
    counted = engine.collect(rows.group_by(REASON, NOTED).agg(n=rows.count())).to_pylist()
    counts = dict.fromkeys((rule.name for rule in rules), 0)
    staying = [rule for rule in rules if not rule.removes]
    for row in counted:
        if row[REASON] > 0:
            counts[rules[row[REASON] - 1].name] += row["n"]
        elif row[REASON] == 0:
            for i, rule in enumerate(staying):
                counts[rule.name] += row["n"] if row[NOTED] >> i & 1 else 0
    skipped = sum(row["n"] for row in counted if row[REASON] == _NO_FACT)
    checked = Checked(name, rows, rules, counts, sum(row["n"] for row in counted) - skipped, skipped, stored)
    checked = replace(checked, netted_from=netted_from)
    return replace(checked, given=_values_given(engine, checked), unread=_unread_as_missing(engine, checked))


def _values_given(engine: DuckDB, checked: Checked) -> dict[str, int]:
    """Of the columns with values set to missing, how many there were in the rows that stay."""
    lost: dict[str, int] = {}
    for rule in checked.rules:
        if rule.action is QualityAction.SET_TO_MISSING and checked.counts[rule.name]:
            lost[rule.needs[0]] = lost.get(rule.needs[0], 0) + checked.counts[rule.name]
    if not lost:
        return lost
    kept = checked.kept
    [left] = engine.collect(kept.agg(**{column: kept[column].count() for column in lost})).to_pylist()
    return {column: n + left[column] for column, n in lost.items()}


def _unread_as_missing(engine: DuckDB, checked: Checked) -> dict[str, QualityRow]:
    """Of the rules with unreadable cells, those cells that programs write for no value: it may be undeclared."""
    read = [
        rule
        for rule in checked.rules
        if rule.cell and rule.action is QualityAction.QUARANTINED and checked.counts[rule.name]
    ]
    if not read:
        return {}
    rows = checked.rows.filter(reads_missing(checked.rows[DELIVERED_CELL]))
    cells = engine.collect(rows.group_by(REASON, DELIVERED_CELL).agg(n=rows.count())).to_pylist()
    remarks = {}
    for rule in read:
        texts = {r[DELIVERED_CELL]: r["n"] for r in cells if r[REASON] == checked.rules.index(rule) + 1}
        if texts:
            remarks[rule.name] = QualityRow.counted(
                checked.name,
                QualityRule.READS_MISSING,
                sum(texts.values()),
                checked.of,
                rule.action,
                subject=rule.cell,
                texts=tuple(sorted(texts)),
            )
    return remarks


def _with_older_codes_apart(engine: DuckDB, checked: Checked) -> Checked:
    """Codes of ICD-8 and ICD-9 that were delivered as ICD-10 are kept as what they are, or are no cause of death."""
    if checked.name not in ("diagnosis", "death"):
        return checked
    rows, code = checked.rows, "code" if checked.name == "diagnosis" else "cause"
    coded = rows.mutate(of_icd10=(rows[REASON] == 0) & (rows["system"] == "icd10" if code == "code" else True))
    judged = older_codes(engine, coded.filter(coded["of_icd10"]), coded, code)
    if judged is None:
        return checked
    asked = coded["of_icd10"].fill_null(False)
    older, doubtful = asked & judged.older, asked & judged.doubtful
    [n] = engine.collect(coded.agg(older=older.sum(), doubtful=doubtful.sum(), of=asked.sum())).to_pylist()
    n = {what: number or 0 for what, number in n.items()}
    if code == "code":
        apart = coded.mutate(system=ibis.ifelse(older, OLDER, coded["system"]))
        rule, action = QualityRule.OLDER_CODE, QualityAction.KEPT_APART
    else:
        apart = coded.mutate(cause=ibis.ifelse(older, ibis.null("string"), coded["cause"]))
        rule, action = QualityRule.OLDER_CAUSE, QualityAction.SET_TO_MISSING
    remarks = [
        QualityRow.counted(checked.name, rule, n["older"], n["of"], action),
        QualityRow.counted(
            checked.name, QualityRule.MAYBE_OLDER, n["doubtful"], n["of"], QualityAction.KEPT, subject=code
        ),
    ]
    remarks = [remark for remark in remarks if remark.rows]
    return replace(checked, rows=apart.drop("of_icd10"), remarks=(*checked.remarks, *remarks))


def _same_id(one: Any, other: Any) -> Any:
    if one.type().is_integer() and other.type().is_integer():
        return one == other
    return one.cast("string") == other.cast("string")
