"""What a delivered row must obey, as data: the checks and their documentation are made from these lists.

A row is counted under the first rule that it breaks. `quarantined` rows are set aside with the rule's name, and so are
rows `taken back`: the delivery itself corrects them, so that they are no fault of it. Where a rule says `set to
missing`, the row stays and loses that one value; `kept` rows, and those `read as declared`, are only counted.
"""

from __future__ import annotations

from re import Pattern
from typing import Any

import ibis
import ibis.expr.types as ir

from riskset.registers.checks.repeats import (
    CONTRADICTED,
    OVERLAP,
    conflicts,
    repeated,
    several_values,
    two_people,
)
from riskset.registers.checks.rule import EARLIEST, Rule, after
from riskset.registers.checks.spell_rules import CHILDHOOD, DIED_TOO_OLD, OF_SPELLS
from riskset.registers.checks.whole_sets import SET_RULES
from riskset.registers.delivered.conversion import AMOUNTS, CELL, DAYLESS, EVENING, TIMED, UNSEEN
from riskset.registers.schema import BOOL, DAY, INT, MEASUREMENTS, REAL, TABLES, RegisterColumn
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.spec.codes import ATC, ICD10

_FAR_OLDER = 36_525
"""A hundred years: a parent is at most so much older than the child."""

LARGEST_DDD = 10_000_000
"""Thousandths: nobody is dispensed more than 10,000 DDD of a medicine at once."""


_NUMBERS = "state the file's decimal mark; numbers with a mark or a blank between their thousands are not read"


def rules_of(table: str) -> tuple[Rule, ...]:
    """The rules of a canonical table, in the order in which they are tried."""
    schema = TABLES[table]
    rules = [rule for column in schema.columns for rule in _column_rules(column)]
    if table != "person":
        rules += [SET_ASIDE_PERSON, UNKNOWN_PERSON]
    rules += _OF_TABLE.get(table, ())
    if schema.one_fact:
        rules += [*conflicts(table), *several_values(table), *CONTRADICTED.get(table, ())]
    if schema.key:
        rules.append(repeated(table))
    if table in ("residence", "couple"):
        rules.append(OVERLAP)
    return tuple(rules)


def link_rules(parent: str) -> tuple[Rule, ...]:
    """The rules of a person's link to ``mother_id`` or ``father_id``: a broken link is no link, the person stays.

    The row holds `<parent>_delivered`, the parent's `<parent>` (dense), `<parent>_born` and `<parent>_sex`. As every
    parent is older than the child, nobody is their own ancestor by way of others; as a mother is female and a father
    male, nobody is both.
    """
    given, known, born, sex = f"{parent}_delivered", parent, f"{parent}_born", f"{parent}_sex"
    other = "male" if parent == "mother_id" else "female"
    swapped_sex = QualityRule.MOTHER_MALE if parent == "mother_id" else QualityRule.FATHER_FEMALE
    swapped = f"see that {parent} is mapped from that parent's column, and that the values of sex are not exchanged"
    return (
        Rule(
            QualityRule.PARENT_UNKNOWN,
            "The parent is nobody in the person table.",
            lambda t, _: t[given].notnull() & t[known].isnull(),
            QualityAction.SET_TO_MISSING,
            (parent,),
            subject=(parent,),
            hint="see that identifiers are written in one way, and that the parents are delivered as persons, too",
            spared=0.5,
        ),
        Rule(
            QualityRule.PARENT_IS_THE_PERSON,
            "A person is delivered as their own parent.",
            lambda t, _: t[known] == t["person_id"],
            QualityAction.SET_TO_MISSING,
            (parent,),
            subject=(parent,),
            hint=swapped,
        ),
        Rule(
            QualityRule.PARENT_HARDLY_OLDER,
            f"The parent was born less than 12 years ({CHILDHOOD:,} days) before the child.",
            lambda t, _: after(t[born], CHILDHOOD) > t["birth_date"],
            QualityAction.SET_TO_MISSING,
            (parent,),
            subject=(parent,),
            hint=swapped,
        ),
        Rule(
            QualityRule.PARENT_FAR_OLDER,
            f"The parent was born more than 100 years ({_FAR_OLDER:,} days) before the child.",
            lambda t, _: after(t[born], _FAR_OLDER) < t["birth_date"],
            QualityAction.SET_TO_MISSING,
            (parent,),
            subject=(parent,),
            hint="see that the century of birth dates is right",
        ),
        Rule(
            swapped_sex,
            "The mother is delivered as male, or the father as female.",
            lambda t, _: t[sex] == other,
            QualityAction.SET_TO_MISSING,
            (parent,),
            subject=(parent,),
            hint=swapped,
        ),
    )


def rule_of_cells(column: RegisterColumn) -> QualityRule:
    """The rule that a column's cells are as declared."""
    if column.values:
        return QualityRule.NOT_AMONG_VALUES
    if column.type in (DAY, INT, REAL):
        return QualityRule.UNREADABLE
    return QualityRule.NEITHER_YES_NOR_NO if column.type == BOOL else QualityRule.NOT_AMONG_VALUES


def _column_rules(column: RegisterColumn) -> list[Rule]:
    name = column.name
    cell = CELL + name
    rules = []
    value = "id" if name == "person_id" else f"id {name}" if column.person else name
    if not column.null and name != "stop":
        rules.append(
            Rule(
                QualityRule.MISSING,
                "There is no value in a required column.",
                lambda t, _: t[value].isnull() & t[cell].isnull() if cell in t.columns else t[value].isnull(),
                needs=(name,),
                subject=(name,),
                hint=f"see that {name} is mapped from the column that has it, or name under skip_if_missing the column "
                "without which a row is no fact",
            )
        )
    if column.values:
        meaning = f"The value is none of {', '.join(column.values)}."
        hint = f"list the delivered values of {name} under values"
    elif column.type == DAY:
        meaning = "The cell is no date as declared."
        hint = f"state how {name} is written with date, and with day which day one without a day of the month takes"
    elif column.type in (INT, REAL):
        meaning, hint = "The cell is no number as declared.", _NUMBERS
    elif column.type == BOOL:
        meaning = "The cell is none of 1, true, 0 and false."
        hint = f"write {name} as 1 or true, and 0 or false, or list the delivered values under values"
    else:
        meaning, hint = "The cell is none of the values listed in sources.toml.", ""
    if not column.person and not column.label:
        # What need not be delivered at all costs the row no other value; a day left out may mean another day.
        spares_row = column.optional and column.type != DAY
        action = QualityAction.SET_TO_MISSING if spares_row else QualityAction.QUARANTINED
        broken = lambda t, _: _is_there(t, cell)  # noqa: E731
        code = rule_of_cells(column)
        rules.append(Rule(code, meaning, broken, action, (name,), hint=hint, cell=name, subject=(name,)))
    if column.type == DAY:
        rules.append(
            Rule(
                QualityRule.DAY_UNKNOWN,
                "The day is not delivered, or is 00, and is taken to be `day` of sources.toml.",
                lambda t, _: t[DAYLESS + name],
                QualityAction.READ_AS_DECLARED,
                needs=(name,),
                subject=(name,),
                flag=DAYLESS + name,
            )
        )
        rules.append(
            Rule(
                QualityRule.TIME_CUT,
                "The day is delivered with a time of day other than midnight; the day is the one it is written with.",
                lambda t, _: t[TIMED + name],
                QualityAction.KEPT,
                needs=(name,),
                subject=(name,),
                flag=TIMED + name,
            )
        )
        rules.append(
            Rule(
                QualityRule.EVENING,
                "The day is delivered with 21:00, 22:00 or 23:00 and no zone, as midnights are in UTC.",
                lambda t, _: t[EVENING + name],
                QualityAction.KEPT,
                needs=(name,),
                subject=(name,),
                flag=EVENING + name,
            )
        )
    if column.type == DAY and name != "stop":
        rules.append(
            Rule(
                QualityRule.ABSURD,
                "The day lies before 1850, or later than the day after the delivery.",
                lambda t, limits: (t[name] < ibis.literal(EARLIEST)) | (t[name] > ibis.literal(limits.latest)),
                hint="see that delivered is the day of the delivery, and that the dates are those of this column",
                needs=(name,),
                subject=(name,),
            )
        )
    return rules


def _is_there(t: ir.Table, cell: str) -> Any:
    # Where the delivered type leaves nothing to read, no cell can be unreadable.
    return t[cell].notnull() if cell in t.columns else ibis.literal(False)


LOST_LINE = Rule(
    QualityRule.LINE_UNREADABLE,
    "The line of a CSV file cannot be parted into the columns of its header, or an unclosed quote took it in.",
    lambda t, _: ibis.literal(False),
    hint='see that delimiter and quote are as declared (quote = "" where the file quotes nothing)',
)
"""Found by the engine when it reads the file, for any table."""

SET_ASIDE_PERSON = Rule(
    QualityRule.PERSON_SET_ASIDE,
    "A fact of a person whose rows of the person table are all set aside.",
    lambda t, _: t["aside"],
    hint="see why persons are set aside",
)
UNKNOWN_PERSON = Rule(
    QualityRule.PERSON_UNKNOWN,
    "A fact of nobody in the person table.",
    lambda t, _: t["person_id"].isnull(),
    hint="see that identifiers are written the same way in all files",
)
_BEFORE_BIRTH = Rule(
    QualityRule.BEFORE_BIRTH, "The day lies before the person's birth.", lambda t, _: t["date"] < t["born"]
)
_AFTER_DEATH = Rule(
    QualityRule.AFTER_DEATH, "The day lies after the person's death.", lambda t, _: t["date"] > t["died"]
)
_DISPENSED_AFTER_DEATH = Rule(
    QualityRule.AFTER_DEATH,
    "The day lies after the person's death, and the amount is not below zero.",
    lambda t, _: (t["date"] > t["died"]) & ~is_reversal(t),
)
_AFTER_DEATH_KEPT = Rule(
    QualityRule.AFTER_DEATH,
    "The day lies after the person's death; such rows are kept.",
    _AFTER_DEATH.broken,
    QualityAction.KEPT,
)
_BEFORE_START = Rule(
    QualityRule.BEFORE_START,
    "The day lies before `starts`; such rows are kept, windows begin at `starts` all the same.",
    lambda t, limits: t["date"] < ibis.literal(limits.starts or EARLIEST),
    QualityAction.KEPT,
)
_OUT_OF_RANGE = Rule(
    QualityRule.OUT_OF_RANGE,
    "The value is none that a measurement of this name can have ("
    + ", ".join(f"{name} {known.low}–{known.high}" for name, known in MEASUREMENTS.items())
    + ").",
    lambda t, _: ibis.or_(
        *((t["name"] == name) & ~t["value"].between(known.low, known.high) for name, known in MEASUREMENTS.items())
    ),
    hint="see that values are in the unit of their name, and state under missing of value what stands for no value",
    subject=("value",),
)


def _is_malformed(code: Any, pattern: Pattern[str]) -> Any:
    return ~code.re_search(f"^({pattern.pattern})$")


_MALFORMED_ATC = Rule(
    QualityRule.MALFORMED_ATC,
    "The code has none of the forms of the five ATC levels (N05BA01, N05BA, …); such rows are kept.",
    lambda t, _: _is_malformed(t["atc"], ATC),
    QualityAction.KEPT,
    hint="see that the column holds ATC codes",
)
_MALFORMED_ICD10 = Rule(
    QualityRule.MALFORMED_ICD10,
    "The code is not a letter, two digits and at most four more characters (F32, F321, F32.1); such rows are kept.",
    lambda t, _: (t["system"] == "icd10") & _is_malformed(t["code"], ICD10),
    QualityAction.KEPT,
    hint="see that the column holds ICD-10 codes",
)


def is_reversal(t: ir.Table) -> Any:
    """Whether a dispensing takes another one back: an amount is below zero."""
    return (t["packages"] < 0).fill_null(False) | (t["ddd"] < 0).fill_null(False)


_FOUND_LATER = ibis.literal(False)  # these rules are tried by `reversals`, on the rows that break no other
REVERSAL = Rule(
    QualityRule.REVERSAL,
    "The amount is below zero: the row takes back an earlier one of the person and the code.",
    lambda t, _: _FOUND_LATER,
    QualityAction.TAKEN_BACK,
    needs_one=AMOUNTS,
)
REVERSED = Rule(
    QualityRule.REVERSED,
    "A row with a negative amount takes this one back, so that nothing was dispensed.",
    lambda t, _: _FOUND_LATER,
    QualityAction.TAKEN_BACK,
    needs_one=AMOUNTS,
)
WITHOUT_PURCHASE = Rule(
    QualityRule.REVERSAL_WITHOUT_PURCHASE,
    "The amount is below zero, and no more than a part of it is left of the earlier rows of the person and the code.",
    lambda t, _: _FOUND_LATER,
    needs_one=AMOUNTS,
    hint="see that corrections are delivered with what they correct",
)
PARTLY_REVERSED = Rule(
    QualityRule.PARTLY_REVERSED,
    "A row with a smaller negative amount takes a part of this one back; the rest of the amount stays.",
    lambda t, _: _FOUND_LATER,
    QualityAction.KEPT,
    needs_one=AMOUNTS,
)
UNSEEN_SIGN = Rule(
    QualityRule.UNSEEN_SIGN,
    "A column that is not mapped is below zero, and no mapped amount is; such rows are kept.",
    lambda t, _: t[UNSEEN],
    QualityAction.KEPT,
    flag=UNSEEN,
)
_IMPLAUSIBLE = Rule(
    QualityRule.IMPLAUSIBLE_DDD,
    "The amount is less than 0.1 DDD and not 0, or more than 10,000 DDD; such rows are kept.",
    lambda t, _: ((t["ddd"] > 0) & (t["ddd"] < 100)) | (t["ddd"] > LARGEST_DDD),
    QualityAction.KEPT,
    ("ddd",),
)


_OF_TABLE: dict[str, tuple[Rule, ...]] = {
    "person": (
        Rule(
            QualityRule.TWO_PEOPLE,
            "Rows with this person_id differ in sex or birth: who it is is not known, and none of them stays.",
            two_people,
            hint="see that person_id identifies one person",
        ),
    ),
    **OF_SPELLS,
    "death": (_BEFORE_BIRTH, DIED_TOO_OLD),
    "diagnosis": (
        _BEFORE_BIRTH,
        Rule(
            QualityRule.AFTER_DEATH,
            "The day lies after the person's death, and the source is not the death certificate.",
            lambda t, _: (t["date"] > t["died"]) & (t["source"] != "death"),
        ),
        _BEFORE_START,
        _MALFORMED_ICD10,
    ),
    "dispensing": (
        _BEFORE_BIRTH,
        _DISPENSED_AFTER_DEATH,
        REVERSAL,
        REVERSED,
        WITHOUT_PURCHASE,
        PARTLY_REVERSED,
        UNSEEN_SIGN,
        _IMPLAUSIBLE,
        _BEFORE_START,
        _MALFORMED_ATC,
    ),
    "socioeconomic": (
        Rule(
            QualityRule.ABSURD,
            "The year lies before 1850 or after the delivery.",
            lambda t, limits: (t["year"] < EARLIEST.year) | (t["year"] > limits.latest.year),
            subject=("year",),
        ),
        Rule(
            QualityRule.BEFORE_BIRTH,
            "The year lies before the year of birth.",
            lambda t, _: t["year"] < t["born"].year(),
        ),
        Rule(
            QualityRule.AFTER_DEATH,
            "The year lies after the year of death; such rows are kept.",
            lambda t, _: t["year"] > t["died"].year(),
            QualityAction.KEPT,
        ),
    ),
    "registry_item": (_BEFORE_BIRTH, _AFTER_DEATH_KEPT, _BEFORE_START),
    "measurement": (_OUT_OF_RANGE, _BEFORE_BIRTH, _AFTER_DEATH, _BEFORE_START),
    "matched_set": SET_RULES,
    "procedure": (_BEFORE_BIRTH, _AFTER_DEATH, _BEFORE_START),
}
