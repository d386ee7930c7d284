"""Rules on rows of one key: exact repeats, rows that complete each other, and rows that contradict each other."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from riskset.registers.checks.rule import EARLIEST, Broken, Limits, Rule
from riskset.registers.delivered.conversion import DAYLESS, SKIPPED
from riskset.registers.ordering import order_keys
from riskset.registers.schema import TABLES
from riskset.results.quality_vocabulary import QualityAction, QualityRule


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
    """The columns of which rows that agree are one fact of a table: its key, of a spell also its end."""
    schema = TABLES[table]
    stop = ("stop",) if any(column.name == "stop" for column in schema.columns) else ()
    return ("id" if table == "person" else "person_id", *schema.key[1:], *stop)


def conflicts(table: str) -> list[Rule]:
    """Of rows that are one fact, optional values that contradict each other: which is right is not known."""
    what = " and ".join(("person_id", *_one_fact(table)[1:]))

    def differs(name: str) -> Broken:
        def broken(t: ir.Table, _: Limits) -> Any:
            least, most = span_among(t, table, name)
            return least != most

        return broken

    return [
        Rule(
            QualityRule.IN_CONFLICT,
            f"Rows with the same {what} have different values of it.",
            differs(column.name),
            QualityAction.SET_TO_MISSING,
            (column.name,),
            subject=(column.name,),
            among=True,
            agreed=column.name,
        )
        for column in TABLES[table].columns
        if column.optional
    ]


def span_among(t: ir.Table, table: str, name: str) -> tuple[Any, Any]:
    """The least and the greatest value of a column among the rows that are one fact with a row, itself included."""
    same = [t[c] for c in ("fine", *_one_fact(table))]
    return t[name].min().over(group_by=same), t[name].max().over(group_by=same)


CONTRADICTED: dict[str, tuple[Rule, ...]] = {
    "death": (
        Rule(
            QualityRule.ANOTHER_DAY_OF_DEATH,
            "Another row of the person has an earlier day of death; the earliest stays.",
            lambda t, _: t["date"] > t["date"].min().over(group_by=[t["fine"], t["person_id"]]),
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
    "A spell of the person that began earlier, and stays, has not ended; a spell that is set aside hides no later one.",
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
themselves: `checking` gives these back."""
