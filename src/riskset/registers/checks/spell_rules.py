"""Rules on spells: of residence, and of couples."""

from __future__ import annotations

import ibis

from riskset.registers.checks.rule import Rule, after
from riskset.registers.delivered.conversion import OPEN_END
from riskset.results.quality_vocabulary import QualityAction, QualityRule

CHILDHOOD = 4383
"""Days, twelve years: nobody has a child or a partner before."""

OLDEST = 43_830
"""Days, 120 years: nobody becomes older."""

UNDATED_DEATH = Rule(
    QualityRule.DIED_ON_UNKNOWN_DAY,
    "A death of the person is delivered, and set aside: when observation ends is not known, so there is none.",
    lambda t, _: t["undated"],
    hint="see which rows of the table death are set aside, and why",
)
NO_LENGTH = Rule(
    QualityRule.STOP_NOT_AFTER_START,
    "The spell ends before it begins, or has no day.",
    lambda t, _: t["stop"] <= t["start"],
    hint="see whether last_day is included or excluded",
)
BEYOND_BIRTH = Rule(
    QualityRule.STARTS_BEFORE_BIRTH,
    "The spell begins before the person's birth; it is kept, observation begins at birth.",
    lambda t, _: t["start"] < t["born"],
    QualityAction.KEPT,
)
_AFTER_DEATH = Rule(
    QualityRule.STARTS_AFTER_DEATH,
    "The spell begins after the day of death; it is kept, and nobody is under observation in it.",
    lambda t, _: t["start"] > t["died"],
    QualityAction.KEPT,
)
_BEYOND_DEATH = Rule(
    QualityRule.LASTS_BEYOND_DEATH,
    "The spell ends after the day of death and is not open; it is kept, observation ends at death.",
    lambda t, _: (t["start"] <= t["died"]) & (t["stop"] > after(t["died"], 1)) & (t["stop"] < ibis.literal(OPEN_END)),
    QualityAction.KEPT,
)
_TOO_OLD = Rule(
    QualityRule.TOO_OLD,
    "The spell goes on after the person's 120th birthday, and no death is delivered; it is kept.",
    lambda t, limits: (
        t["died"].isnull() & (ibis.least(t["stop"], ibis.literal(limits.latest)) > after(t["born"], OLDEST))
    ),
    QualityAction.KEPT,
)
DIED_TOO_OLD = Rule(
    QualityRule.TOO_OLD,
    "The death is more than 120 years after the birth; it is kept.",
    lambda t, _: t["date"] > after(t["born"], OLDEST),
    QualityAction.KEPT,
)

_OF_PARTNERS = (
    Rule(
        QualityRule.PARTNER_UNKNOWN,
        "The partner is nobody in the person table.",
        lambda t, _: t["partner_id"].isnull(),
    ),
    Rule(
        QualityRule.PARTNER_IS_THE_PERSON,
        "A person is delivered as their own partner.",
        lambda t, _: t["partner_id"] == t["person_id"],
    ),
    NO_LENGTH,
    BEYOND_BIRTH,
    _AFTER_DEATH,
    _BEYOND_DEATH,
    Rule(
        QualityRule.PARTNER_NOT_ALIVE,
        "The spell begins before the partner's birth, or after their day of death; it is kept.",
        lambda t, _: (
            (t["start"] < t["partner_born"]).fill_null(False) | (t["start"] > t["partner_died"]).fill_null(False)
        ),
        QualityAction.KEPT,
    ),
    Rule(
        QualityRule.PARTNER_A_CHILD,
        f"The spell begins before the person is 12 years ({CHILDHOOD:,} days) old, or the partner is; it is kept.",
        lambda t, _: (
            t["start"].between(t["born"], after(t["born"], CHILDHOOD - 1)).fill_null(False)
            | t["start"].between(t["partner_born"], after(t["partner_born"], CHILDHOOD - 1)).fill_null(False)
        ),
        QualityAction.KEPT,
    ),
)

OF_SPELLS = {
    "residence": (UNDATED_DEATH, NO_LENGTH, BEYOND_BIRTH, _AFTER_DEATH, _BEYOND_DEATH, _TOO_OLD),
    "couple": _OF_PARTNERS,
}
"""The rules of a table of spells; those on rows of one start, and on spells that overlap, are in `repeats`."""
