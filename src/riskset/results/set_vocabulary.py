"""Closed sets of values of who is compared: Table 1, attrition and the audit of matched sets. Nothing here is prose."""

from __future__ import annotations

from enum import StrEnum


class Characteristic(StrEnum):
    """What a row of Table 1 describes.

    Of the sizes of sets, sets are counted in the place of cases; of relations, controls alone.
    """

    SET_SIZE = "controls in the set"
    RELATION = "relation to the case"
    COVARIATE = "covariate"
    EXPOSURE = "exposure"


class Summary(StrEnum):
    """What a row of Table 1 gives of people."""

    SHARE = "share"
    MEAN = "mean"


class Relation(StrEnum):
    """What controls are to their case."""

    FULL_SIBLING = "full sibling"
    ANY_SIBLING = "full or half-sibling"
    HALF_SIBLING = "half-sibling"
    PARTNER = "partner"


class Serving(StrEnum):
    """What it means that a control serves in several sets."""

    REPLACEMENT = "with replacement"
    NO_REPLACEMENT = "without replacement"
    KIN_OF_SEVERAL = "relative of several cases"


class AttritionPart(StrEnum):
    """Whom rules of attrition make."""

    CASES = "cases"
    CONTROLS = "controls"
    RELATIVES = "relatives of cases"
    CASES_WITH_RELATIVES = "cases with relatives"
    ANCHORED = "anchored sets"
    PROGNOSIS = "prognosis"


class AttritionRule(StrEnum):
    """A rule that removes people, or who those counted at first are. Each is worded in `report`."""

    EVENT = "event"
    FIRST_IN_PERIOD = "first event in the period"
    OBSERVED = "under observation"
    AGE = "age"
    RESIDENCE = "residence"
    RUN_IN = "run-in"
    HISTORY = "history"
    WASHOUT = "washout"
    CASES = "cases"
    KEYS_KNOWN = "matching keys known"
    ELIGIBLE_CONTROL = "at least one eligible control"
    DELIVERED_SETS = "delivered sets"
    CASE_OF_STUDY = "case not left out by the study"
    ANY_CONTROL = "at least one control"
    SETS = "sets"
    ONSET_OF_CASE = "onset of the case known"
    SHARED_PARENT = "sharing a known parent with a case"
    PARENTS_OF_BOTH = "parents of both known"
    KIN = "kin"
    BORN_SINCE_PARENTS = "born since parents are registered"
    PARENTS = "mother and father known"
    PARTNER = "partner on the date"
    ONE_PARTNER = "no two partners at once"
    OF_AGE_IN_PERIOD = "of that age within the period"
    BORN = "born by the date"
    ALIVE = "alive on the date"
    OBSERVED_ON_DATE = "under observation on the date"
    FREE_OF_DISEASE = "free of the disease through the date"
    REGISTERED = "registered in the quality register"
    ONSET = "onset date known"
    ONSET_BEFORE_DIAGNOSIS = "onset on or before diagnosis"
    ENTRY_BEFORE_END = "entry before the end of follow-up"
    ALIVE_AT_ENTRY = "alive at entry"
    RESIDENT_AT_ENTRY = "resident at entry"
    NO_EVENT_BEFORE_ENTRY = "no such event before entry"


class Unit(StrEnum):
    """What a step of attrition counts."""

    PERSONS = "persons"
    SETS = "sets"


class AuditCheck(StrEnum):
    """What an audit of matched sets looks for. Each is worded in `report`."""

    NOT_UNDER_OBSERVATION = "not under observation"
    AGE = "age"
    RUN_IN = "run-in"
    HISTORY = "history"
    WASHOUT = "washout"
    CONTROL_WITH_DISEASE = "control with the disease"
    FUTURE_CASE = "future case as control"
    KEY_DIFFERS = "matching key differs"
    BEYOND_CALIPER = "birth date beyond the caliper"
    NOT_SUCH_KIN = "not such a relative"
    NOT_AT_AGE_OF_CASE = "not at the case's age"
    OUTSIDE_PERIOD = "outside the period"
    NOT_THE_PARTNER = "not the partner on the date"
    TWO_PARTNERS = "two partners at once"
    KIN_LEFT_OUT = "relative left out"
    SET_WITHOUT_CASE = "set without a case"
    SEVERAL_CASES = "several cases in a set"
    CASE_IN_SEVERAL_SETS = "case in several sets"
    SEVERAL_DATES = "several dates in a set"
    PERSON_TWICE = "person twice in a set"
    OWN_CONTROL = "case as its own control"
    CONTROL_IN_SEVERAL_SETS = "control in several sets"
    SHORT_SET = "short set"
    SET_TOO_LARGE = "set too large"
    SET_WITHOUT_CONTROL = "set without a control"
    NOT_OF_STUDY = "not a case of the study"
    CASE_WITHOUT_SET = "case without a set"


class Verdict(StrEnum):
    """Of a check: as it should be, to be known, must not be."""

    PASS = "pass"
    NOTE = "note"
    VIOLATION = "violation"
