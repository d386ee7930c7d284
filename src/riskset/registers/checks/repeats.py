"""Rules on rows of one key: exact repeats, rows that complete each other, and rows that contradict each other."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from riskset.registers.checks.rule import EARLIEST, Broken, Limits, Rule
from riskset.registers.delivered.conversion import DAYLESS, SKIPPED
from riskset.registers.ordering import order_keys
from riskset.registers.schema import ONSET_DATE, ONSET_SITE, TABLES
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.spec.words import both


def two_people(t: ir.Table, limits: Limits) -> Any:
    """Whether rows of one identifier contradict each other about sex or birth, as far as they can be read."""
    sensible = ~t[SKIPPED] & t["birth_date"].between(ibis.literal(EARLIEST), ibis.literal(limits.latest))
    birth = ibis.ifelse(sensible, t["birth_date"], ibis.null("date"))
    sex = ibis.ifelse(t[SKIPPED], ibis.null("string"), t["sex"])
    values = [sex, birth]
    if DAYLESS + "birth_date" in t.columns:  # the 15th that stands for any day contradicts none of its month
        values = [sex, ibis.ifelse(t[DAYLESS + "birth_date"], ibis.null("date"), birth), birth.truncate("M")]
    differing = [value.min().over(group_by=t["id"]) != value.max().over(group_by=t["id"]) for value in values]
    return t["id"].notnull() & ibis.or_(*(differs.fill_null(False) for differs in differing))


def _one_fact(table: str) -> tuple[str, ...]:
    """The columns of which rows that agree are one fact of a table, as the rules name them."""
    return tuple("id" if (table, column) == ("person", "person_id") else column for column in TABLES[table].one_fact)


_UNLIKE = 1e-9
"""Two numbers differ where they do by more than this share: not in digits that a scale has made."""

_SETTLED = {"person": ("sex", "birth_date"), "couple": ("partner_id",), "death": ("date",)}
"""Columns of which rows of one key contradict each other by a rule of their own, and what becomes of them."""


def conflicts(table: str) -> list[Rule]:
    """Of rows that are one fact, values that contradict each other: which is right is not known.

    Where a row says something without the value, that value is set to missing; else none of the rows stays.
    """
    schema = TABLES[table]
    of = f" of {both(schema.fact.names)}" if schema.fact else ""
    what = f"Rows{of} with the same {' and '.join(schema.one_fact)} have different values of it"
    known = (*schema.one_fact, *_SETTLED.get(table, ()))
    rules = []
    for column in (column for column in schema.columns if column.name not in known):
        says_more = column.optional or schema.key
        rules.append(
            Rule(
                QualityRule.IN_CONFLICT,
                f"{what}." if says_more else f"{what}; none of them stays.",
                _differs_in(table, column.name),
                QualityAction.SET_TO_MISSING if says_more else QualityAction.QUARANTINED,
                (column.name,),
                subject=(column.name,),
                among=True,
                agreed=column.name if says_more else "",
                hint="" if says_more else "see which of the values is the right one, and deliver that",
            )
        )
    return rules


def several_values(table: str) -> list[Rule]:
    """Of rows that agree in all but a value, and may: they are only counted."""
    schema = TABLES[table]
    if not schema.fact:
        return []
    values = [column.name for column in schema.columns if column.name not in schema.fact.columns]
    names = schema.fact.names

    def broken(t: ir.Table, _: Limits) -> Any:
        differing = [differs_among(t, table, value, named=False) for value in values]
        return ~t["name"].isin(names) & ibis.or_(*differing)

    agree = " and ".join(schema.fact.columns)
    meaning = f"Rows of no {both(names, 'or')} with the same {agree} have different values; all are kept."
    return [Rule(QualityRule.SEVERAL_VALUES, meaning, broken, QualityAction.KEPT, among=True)]


def _differs_in(table: str, name: str) -> Broken:
    return lambda t, _: differs_among(t, table, name)


def differs_among(t: ir.Table, table: str, name: str, *, named: bool = True) -> Any:
    """Whether a column has different values among the rows that are one fact with a row.

    ``named``: only where the rows are such of which that is a contradiction.
    """
    fact, (least, most) = TABLES[table].fact, span_among(t, table, name)
    differs = least != most
    if t[name].type().is_floating():
        differs = (most - least) > _UNLIKE * ibis.greatest(least.abs(), most.abs())
    if fact and named:
        differs = differs & t["name"].isin(fact.names)
    return differs.fill_null(False)


def span_among(t: ir.Table, table: str, name: str) -> tuple[Any, Any]:
    """The least and the greatest value of a column among the rows that are one fact with a row, itself included."""
    same = [t[c] for c in ("fine", *_one_fact(table))]
    return t[name].min().over(group_by=same), t[name].max().over(group_by=same)


def _of_item(t: ir.Table) -> list[Any]:
    """What the rows of an item of a person in a register have in common."""
    return [t[c] for c in ("fine", "person_id", "registry", "name")]


def _later(t: ir.Table, alike: list[Any]) -> Any:
    """Whether another of the rows ``alike`` has an earlier day; a 15th that stands for any day contradicts none of its
    month."""
    later = t["date"] > t["date"].min().over(group_by=alike)
    if DAYLESS + "date" in t.columns:
        by_month, month = t[DAYLESS + "date"].any().over(group_by=alike), t["date"].truncate("M")
        later = ibis.ifelse(by_month, month > month.min().over(group_by=alike), later)
    return later


def _other_site(t: ir.Table, _: Limits) -> Any:
    text = t["text"]
    known = ibis.ifelse(text.isnull(), ibis.literal(date.max), t["date"])  # a day that tells two sites tells none
    first = text.argmin(known).over(group_by=_of_item(t))
    return (t["name"] == ONSET_SITE) & (text != first)


CONTRADICTED: dict[str, tuple[Rule, ...]] = {
    "death": (
        Rule(
            QualityRule.ANOTHER_DAY_OF_DEATH,
            "Another row of the person has an earlier day of death; the earliest stays.",
            lambda t, _: _later(t, [t["fine"], t["person_id"]]),
            among=True,
            hint="see which of the days of death is the right one, and deliver that",
        ),
    ),
    "couple": (
        Rule(
            QualityRule.TWO_PARTNERS,
            "Rows with the same person_id and start have different partners: who it was is not known, and none stays.",
            lambda t, _: (
                t["partner_id"].min().over(group_by=[t[c] for c in ("fine", "person_id", "start")])
                != t["partner_id"].max().over(group_by=[t[c] for c in ("fine", "person_id", "start")])
            ),
            among=True,
        ),
    ),
    "registry_item": (
        Rule(
            QualityRule.ANOTHER_ONSET,
            f"Another row of `{ONSET_DATE}` of the person in the register has an earlier day; the earliest stays.",
            lambda t, _: (t["name"] == ONSET_DATE) & _later(t, _of_item(t)),
            among=True,
            hint="see which of the days of onset is the right one, and deliver that",
        ),
        Rule(
            QualityRule.ANOTHER_SITE,
            f"An earlier row of `{ONSET_SITE}` of the person in the register has another text; the earliest stays.",
            _other_site,
            needs=("text",),
            among=True,
            hint="see which of the sites of onset is the right one, and deliver that",
        ),
    ),
}
"""Rows that contradict each other in what they cannot do without."""


def repeated(table: str) -> Rule:
    """Of rows of one key that remain, one stays: the longest spell, else the first by the other columns' values."""
    schema = TABLES[table]
    who = ("id" if table == "person" else "person_id", *schema.key[1:])
    rest = [c.name for c in schema.columns if c.name not in schema.key]

    longest = ["stop"] if "stop" in rest else []
    order = [*longest, *(name for name in rest if name not in longest)]
    stays = "the longest" if longest else "the first by the other columns' values"
    return Rule(
        QualityRule.DELIVERED_BEFORE,
        f"Another row has the same {' and '.join(schema.key)}; {stays} stays.",
        lambda t, _: (
            ibis.row_number().over(
                group_by=[t[c] for c in ("fine", *who)], order_by=order_keys(t, order, last_first=longest)
            )
            > 0
        ),
        among=True,
        subject=tuple(schema.key),
    )


OVERLAP = Rule(
    QualityRule.OVERLAPS,
    "A spell of the person that began earlier, and stays, has not ended (of couples: with another partner); a spell "
    "that is set aside hides no later one.",
    lambda t, _: (
        t["start"]
        < t["stop"]
        .max()
        .over(ibis.window(group_by=[t["fine"], t["person_id"]], order_by=[t["start"]], rows=(None, -1)))
    ),
    among=True,
    hint="see whether last_day is included or excluded",
)
"""Tried last, when no person has two spells of one start. `broken` also finds spells that overlap only those set aside
themselves, or those with the same partner: `checking` gives these back."""
