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
    ABSURD = "absurd"
    IN_CONFLICT = "in conflict"
    DELIVERED_BEFORE = "delivered before"

    # of the identifier of a parent
    PARENT_UNKNOWN = "not in the person table"
    PARENT_IS_THE_PERSON = "is the person"
    PARENT_HARDLY_OLDER = "less than 12 years older"
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
    DIED_ON_UNKNOWN_DAY = "died on an unknown day"
    BEFORE_BIRTH = "before birth"
    AFTER_DEATH = "after death"
    BEFORE_START = "before the register starts"
    STOP_NOT_AFTER_START = "stop not after start"
    STARTS_BEFORE_BIRTH = "starts before birth"
    LASTS_BEYOND_DEATH = "lasts beyond death"
    OVERLAPS = "overlaps an earlier spell"
    MALFORMED_ATC = "malformed ATC code"
    MALFORMED_ICD10 = "malformed ICD-10 code"
    REVERSAL = "reversal"
    REVERSED = "reversed"
    REVERSAL_WITHOUT_PURCHASE = "reversal without a purchase"
    PARTLY_REVERSED = "partly reversed"
    UNSEEN_SIGN = "negative number that is not mapped"
    IMPLAUSIBLE_DDD = "implausible ddd"

    # noticed of rows that break no rule
    READS_MISSING = "reads as programs write a missing value"
    DIFFERS_IN_CASE = "levels differ in case alone"
    NO_CODE = "no code of the system"
    SHORT_CODE = "fewer than seven characters"
    FEWER_ROWS = "fewer rows than in the years about it"
    ROWS_REPEAT = "rows of a year repeat another"
    SHARED_DAY = "day shared by many"
    SHARED_DAY_OF_YEAR = "day of the year shared by many"
    HALF_A_COUPLE = "couple delivered for one of the two"
    OLDER_CODE = "code older than ICD-10"
    OLDER_CAUSE = "cause older than ICD-10"
    AMOUNT_OF_ZERO = "amount of 0"
    LAST_LINE_OPEN = "last line without an end"


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
