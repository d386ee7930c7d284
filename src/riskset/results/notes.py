"""What must be said of a number, as codes with arguments; `report` alone words them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Argument = str | int | float
Arguable = Argument | tuple[str, ...]
"""What a code may be about: one thing, or texts of which `report` makes a list."""


class NoteCode(StrEnum):
    """What a note says. Its arguments stand beside it."""

    # of the risk: what is estimated, and of whom
    ESTIMAND = "estimand"
    SETS_GIVEN = "sets given"
    AGES_DIFFER = "ages differ"
    OF_SAME_CASES = "of the same cases"
    ALWAYS_ADJUSTED = "always adjusted"
    MAY_REACT = "may react"
    LEVEL_LEFT_OUT = "level left out"
    PARTED_BY_CASE = "parted by the case"
    PARTED_BY_OWN = "parted by each person"

    # how an estimate, its interval or its test was made
    ROBUST_ERRORS = "robust errors"
    PROFILE = "profile"
    PROFILE_NOT_FOUND = "profile not found"
    FIRTH = "firth"
    LIKELIHOOD_RATIO_TEST = "likelihood-ratio test"
    WALD_TEST = "wald test"
    SCORED_LEVELS = "levels against one slope"

    # why there is none
    NO_WHOLE_SET = "no whole set"
    NOBODY_AT_LEVEL = "nobody at the level"
    NOBODY_DIFFERS_AT_LEVEL = "nobody differs at the level"
    NOBODY_DIFFERS = "nobody differs"
    NO_SET_LEFT = "no set left"
    SEPARATED = "separated"
    NOT_FITTED = "not fitted"
    FIRTH_BESIDE = "firth beside"
    ONE_RATIO_MISSING = "one ratio missing"
    TEST_SEPARATED = "test separated"
    TEST_UNINFORMATIVE = "test uninformative"
    TEST_NOT_FITTED = "test not fitted"

    # Of the delivery, the cohort and what was measured.
    AGED = "aged"
    OUT_OF = "out of"
    UNTIL = "until"
    RANGE = "range"
    ORIGIN = "origin"
    QUALIFYING = "what qualifies"
    IN_RUN_IN = "in the run-in"
    BEFORE_START = "before the start"
    REACH = "reach"
    OPEN_MEASURE = "open measure"
    LOST_HISTORY = "lost history"
    LAST_ROW = "last row"

    # why a part of the study is not made
    NO_RELATIVE_LEFT = "no relative left"
    NOBODY_FOLLOWED = "nobody followed"
    EMPTY_RISK_SETS = "empty risk sets"
    KEYS_UNKNOWN = "matching keys unknown"
    NO_SET_GIVEN = "no set given"
    NO_REGISTRATION_DATE = "no registration date"
    NO_ONSET_DATE = "no onset date"
    SEVERAL_REGISTERS = "several registers"
    NO_MARKER = "no such marker"
    NO_ENDPOINT = "no endpoint"

    # Of the prognosis: what an estimate is.
    TOTAL_EFFECT = "total effect"
    DIRECT_EFFECT = "direct effect"
    COMPLETE_CASE = "complete case"
    FROM_FIRST_SCORE = "from the first score"
    EXPOSURE_CHANGES = "exposure changes"
    CAUSE_SPECIFIC = "cause-specific"
    SUBDISTRIBUTION = "subdistribution"
    WEIGHTED_FOR_CENSORING = "weighted for censoring"
    WEIGHTED_FOR_LATE_ENTRY = "weighted for censoring and delayed entry"
    STANDARDISED = "standardised"
    EXACT_POISSON = "exact poisson limits"
    YEARS_FROM = "years from the origin"
    FREE_OF_EVENTS_AT = "of those free of events at a landmark"
    LANDMARK_INCLUDED = "landmark included"
    AS_IF_NOBODY_DIED = "as if nobody died"
    RESTRICTED_MEAN = "restricted mean"
    RESTRICTED_MEAN_DIFFERENCE = "difference of restricted means"
    SURVIVAL_AT = "survival at a time"
    SURVIVAL_DIFFERENCE_AT = "difference in survival at a time"
    CUMULATIVE_HAZARDS_AT = "ratio of cumulative hazards at a time"
    OF_MEASURED_SCORES = "of the measured scores"
    OF_ALL_AS_IF_NOBODY_DIED = "of all patients as if nobody died"
    OF_THE_LIVING = "of those who live to that time"
    OVER_FIRST_YEAR = "mean over the first year"
    BAND_MEAN = "mean of a band of months"
    INVENTED_PATIENT = "invented patient"
    LIMITS_OF_THE_PATIENT = "limits of the patient's own"

    # Of the prognosis: why there is no number.
    NOT_ESTIMABLE = "not estimable"
    NOT_CONVERGED = "not converged"
    NO_LEVEL_TO_COMPARE = "no level to compare"
    NO_PATIENT_AT_LEVEL = "no patient at this level"
    NOBODY_LEFT_AT_LEVEL = "nobody left at this level"
    NOBODY_LEFT = "nobody left"
    NOBODY_UNEXPOSED = "nobody unexposed"
    NO_EVENT_AT_LEVEL = "no event at this level"
    NO_EVENT_IN_REFERENCE = "no event in the reference"
    FEW_SCORE_DAYS_AT_LEVEL = "scores on too few days at this level"
    FEW_SCORE_DAYS_IN_REFERENCE = "scores on too few days in the reference"
    CURVE_COLLAPSED = "curve collapsed"
    NOBODY_AT_RISK = "nobody at risk"
    FEWER_THAN_HALF = "fewer than half had an event"
    NOT_UP_TO_HORIZON = "not estimable up to the horizon"
    NO_EVENT_BEFORE_HORIZON = "no event before the horizon"
    ALL_ON_ONE_DAY = "all on one day"
    NO_EVENT_BEFORE_TIME = "no event before that time"
    NOBODY_AT_RISK_AT_TIME = "nobody at risk at that time"

    # Of the prognosis: what a diagnostic is of.
    EXCLUDED_BY_STUDY = "excluded by the study"
    DOES_NOT_VARY = "does not vary"
    OF_WITH_EVENT = "of, with an event"
    OF = "of"
    OF_PATIENTS = "of patients"
    WITHOUT_SCORE = "of them without a score"
    BASELINE_HAZARD = "baseline hazard"
    QUADRATURE_OF = "nodes an axis"
    CHI_SQUARED = "chi-squared"
    SCORE_TEST = "score test against kaplan-meier"
    LATE_ENTRY_FORBIDS = "late entry forbids the test"
    NOT_TESTED = "not tested"
    NOT_MEASURED = "not measured"
    AT_LANDMARK = "at risk at the landmark"
    CURVE_BEGINS_THIN = "curve begins thin"
    NO_EVENT_AFTER_QUALIFYING = "no event after qualifying"

    # of disclosure control
    WITHHELD = "note withheld"


@dataclass(frozen=True)
class Arguments:
    """What a code is about, by name."""

    pairs: tuple[tuple[str, Arguable], ...] = ()

    @classmethod
    def of(cls, **arguments: Arguable) -> Arguments:
        """In alphabetical order of the names."""
        return cls(tuple(sorted(arguments.items())))

    def as_json(self) -> Mapping[str, Arguable]:
        """An object, in which several texts are a list."""
        return dict(self.pairs)

    @classmethod
    def read(cls, cell: str) -> Arguments:
        """Those of a cell of a table."""
        return cls.of(**_read(json.loads(cell or "{}")))

    def also(self, **arguments: Arguable) -> Arguments:
        """These and more."""
        return Arguments.of(**dict(self.pairs), **arguments)

    def but(self, **arguments: Arguable) -> Arguments:
        """These, some of them changed."""
        return Arguments.of(**(dict(self.pairs) | arguments))

    def __getitem__(self, name: str) -> Argument:
        return _one(name, dict(self.pairs)[name])

    def several(self, name: str) -> tuple[str, ...]:
        """The texts of an argument; one text is one of them."""
        value = dict(self.pairs)[name]
        return value if isinstance(value, tuple) else (str(value),)

    def __contains__(self, name: str) -> bool:
        return name in dict(self.pairs)

    def get(self, name: str, otherwise: Argument) -> Argument:
        """An argument, or what stands in its place."""
        return _one(name, dict(self.pairs).get(name, otherwise))


def _one(name: str, value: Arguable) -> Argument:
    if isinstance(value, tuple):
        raise TypeError(f"the argument {name} is several texts; ask for them by several({name!r})")
    return value


def _read(stored: Mapping[str, Any]) -> dict[str, Arguable]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}


NOTHING = Arguments()
"""Of a code that names nothing."""


@dataclass(frozen=True)
class Note:
    """A code and its arguments, by name: ``note(NoteCode.LEFT_OUT, rows=50, name="education")``."""

    code: NoteCode
    arguments: Arguments = Arguments()

    def as_json(self) -> Mapping[str, Arguable]:
        """An object with the code and each argument."""
        return {"code": str(self.code), **self.arguments.as_json()}


def note(code: NoteCode, **arguments: Arguable) -> Note:
    """A code with its arguments by name."""
    return Note(code, Arguments.of(**arguments))


def read_notes(cell: str) -> tuple[Note, ...]:
    """The notes of a cell of a table."""
    return tuple(
        note(NoteCode(str(one.pop("code"))), **one) for one in (_read(each) for each in json.loads(cell or "[]"))
    )
