"""Closed sets of values of the quality of a delivery: what rows were held to, and what became of them."""

from __future__ import annotations

from enum import StrEnum


class QualityAction(StrEnum):
    """What became of rows that break a rule, or that a remark is on."""

    QUARANTINED = "quarantined"
    TAKEN_BACK = "taken back"
    SET_TO_MISSING = "set to missing"
    KEPT = "kept"
    KEPT_APART = "kept, as no ICD-10"
    READ_AS_DECLARED = "read as declared"
    LEFT_OUT = "left out as declared"
    LACKING = "lacking"


class QualityRule(StrEnum):
    """A rule that delivered rows are held to, or what was noticed of rows that keep to them. `report` words each.

    A rule of a column has that column's name as its subject.
    """

    # of a column
    MISSING = "missing"
    UNREADABLE = "unreadable"
    NOT_AMONG_VALUES = "not among its values"
    NEITHER_YES_NOR_NO = "neither yes nor no"
    DAY_UNKNOWN = "day of the month unknown"
    TIME_CUT = "time of day cut"
    EVENING = "time of day 21:00, 22:00 or 23:00"
    ABSURD = "absurd"
    IN_CONFLICT = "in conflict"
    OUT_OF_RANGE = "out of range"
    DELIVERED_BEFORE = "delivered before"

    # of the identifier of a parent
    PARENT_UNKNOWN = "not in the person table"
    PARENT_IS_THE_PERSON = "is the person"
    PARENT_HARDLY_OLDER = "less than 12 years older"
    PARENT_FAR_OLDER = "more than 100 years older"
    MOTHER_MALE = "is male"
    FATHER_FEMALE = "is female"

    # of rows
    NO_FACT = "no fact in the row"
    LINE_UNREADABLE = "line unreadable"
    PERSON_SET_ASIDE = "person set aside"
    PERSON_UNKNOWN = "person not in the person table"
    TWO_PEOPLE = "two people under one identifier"
    PARTNER_UNKNOWN = "partner not in the person table"
    PARTNER_IS_THE_PERSON = "partner is the person"
    TWO_PARTNERS = "two partners from one day"
    ANOTHER_DAY_OF_DEATH = "another day of death"
    ANOTHER_ONSET = "another day of onset"
    ANOTHER_SITE = "another site of onset"
    SEVERAL_VALUES = "several values on one day"
    DIED_ON_UNKNOWN_DAY = "died on an unknown day"
    BEFORE_BIRTH = "before birth"
    AFTER_DEATH = "after death"
    BEFORE_START = "before the register starts"
    STOP_NOT_AFTER_START = "stop not after start"
    STARTS_BEFORE_BIRTH = "starts before birth"
    STARTS_AFTER_DEATH = "starts after death"
    LASTS_BEYOND_DEATH = "lasts beyond death"
    PARTNER_NOT_ALIVE = "partner not alive at its start"
    PARTNER_A_CHILD = "a child at its start"
    TOO_OLD = "older than 120 years"
    OVERLAPS = "overlaps an earlier spell"
    MALFORMED_ATC = "malformed ATC code"
    MALFORMED_ICD10 = "malformed ICD-10 code"
    REVERSAL = "reversal"
    REVERSED = "reversed"
    REVERSAL_WITHOUT_PURCHASE = "reversal without a purchase"
    PARTLY_REVERSED = "partly reversed"
    UNSEEN_SIGN = "negative number that is not mapped"
    IMPLAUSIBLE_DDD = "implausible ddd"

    # of the rows of a whole set; with set_id as the subject, of the set
    NO_CASE = "row of a set without a case"
    TWO_CASES = "row of a set with several cases"
    CASE_AND_CONTROL = "row of a set with a person as case and control"
    SEVERAL_DATES = "row of a set with several dates"
    CONTROL_REPEATED = "row of a set with a control twice"
    NO_CONTROL = "row of a set without a control"

    # noticed of rows that break no rule
    READS_MISSING = "reads as programs write a missing value"
    DIFFERS_IN_CASE = "levels differ in case alone"
    LOOKS_ALIKE = "levels look alike"
    MIXES_SCRIPTS = "levels mix scripts"
    NO_CODE = "no code of the system"
    SHORT_CODE = "fewer than seven characters"
    FEWER_ROWS = "fewer rows than in the years about it"
    ROWS_REPEAT = "rows of a year repeat another"
    SHARED_DAY = "day shared by many"
    SHARED_DAY_OF_YEAR = "day of the year shared by many"
    HALF_A_COUPLE = "couple delivered for one of the two"
    HALVES_DISAGREE = "halves of a couple disagree"
    PARTNER_OF_KIN = "partner is a parent or a child"
    DIED_BEFORE_CHILD = "died before the birth of a child"
    OLDER_CODE = "code older than ICD-10"
    OLDER_CAUSE = "cause older than ICD-10"
    MAYBE_OLDER = "may be of ICD-9 or of ICD-10"
    AMOUNT_OF_ZERO = "amount of 0"
    LAST_LINE_OPEN = "last line without an end"
    DATES_WRITTEN_OTHERWISE = "dates written otherwise than declared"
    SHARED_DAY_OF_MONTH = "day of the month shared by many"
    NO_LATE_DAY = "hardly a day after the 12th"
    NEAR_NAME = "spelt much like a known name"
    A_DAY_BETWEEN = "one day between spells"
    A_DAY_SHARED = "spells share one day"
    ENDS_BEFORE_DEATH = "ends the day before death"


class CodeFault(StrEnum):
    """What malformed codes in bulk are likely malformed by."""

    OLDER_SYSTEM = "ICD-8 or ICD-9"
    SKS_LETTER = "SKS letter"
    O_I_L_FOR_DIGITS = "O, I, L for digits"
    COMMA_FOR_DOT = "comma for dot"
    SEVERAL_OR_BLANKS = "several codes or blanks"
    MARK_AFTER = "mark after the code"
    MORE_AFTER = "more after the code"
    ARTICLE_NUMBERS = "numbers of articles"
    BLANKS = "blanks"
    DOT = "dot"
    ATCVET = "ATCvet"
    LETTERS_FOR_DIGITS = "letters for digits"
    CUT_OFF = "cut off"
    OTHER_ALPHABET = "letters of another alphabet"


class DateWay(StrEnum):
    """A way of writing dates that cannot be read as declared; where several fit the same cells the first is meant."""

    FORMAT = "format"
    NO_DAY = "no day"
    DECIMAL_YEAR = "decimal year"
    DECIMAL_COMMA = "decimal comma"
    TIMED = "timed"
    INSTANT = "instant"
    ODD_TIME = "odd time"
    NO_NOUGHTS = "no noughts"
    YEAR_ALONE = "year alone"
    DAYS = "days"
    SECONDS = "seconds"
    TWO_DIGIT_YEAR = "two-digit year"
    MONTH_IN_FULL = "month in full"
    OTHER_MONTH = "other month"
    NO_MONTH = "no month"


OF_SETS = (
    QualityRule.NO_CASE,
    QualityRule.TWO_CASES,
    QualityRule.CASE_AND_CONTROL,
    QualityRule.SEVERAL_DATES,
    QualityRule.CONTROL_REPEATED,
    QualityRule.NO_CONTROL,
)
"""The rules that whole sets break, in the order in which they are tried. They are counted in rows, and in sets too."""


def counts_sets(rule: str, subject: str) -> bool:
    """Whether a row of the quality counts sets, not rows."""
    return rule in OF_SETS and subject == "set_id"
