"""What must be said of a number, as codes with arguments; `report` alone words them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Argument = str | int | float


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
    REASON = "reason"


@dataclass(frozen=True)
class Arguments:
    """What a code is about, by name."""

    pairs: tuple[tuple[str, Argument], ...] = ()

    @classmethod
    def of(cls, **arguments: Argument) -> Arguments:
        """In alphabetical order of the names."""
        return cls(tuple(sorted(arguments.items())))

    def as_json(self) -> Mapping[str, Argument]:
        """An object."""
        return dict(self.pairs)

    @classmethod
    def read(cls, cell: str) -> Arguments:
        """Those of a cell of a table."""
        return cls.of(**json.loads(cell or "{}"))

    def also(self, **arguments: Argument) -> Arguments:
        """These and more."""
        return Arguments.of(**dict(self.pairs), **arguments)

    def __getitem__(self, name: str) -> Argument:
        return dict(self.pairs)[name]

    def __contains__(self, name: str) -> bool:
        return name in dict(self.pairs)

    def get(self, name: str, otherwise: Argument) -> Argument:
        """An argument, or what stands in its place."""
        return dict(self.pairs).get(name, otherwise)


NOTHING = Arguments()
"""Of a code that names nothing."""


@dataclass(frozen=True)
class Note:
    """A code and its arguments, by name: ``note(NoteCode.LEFT_OUT, rows=50, name="education")``."""

    code: NoteCode
    arguments: Arguments = Arguments()

    def as_json(self) -> Mapping[str, Argument]:
        """An object with the code and each argument."""
        return {"code": str(self.code), **self.arguments.as_json()}


def note(code: NoteCode, **arguments: Argument) -> Note:
    """A code with its arguments by name."""
    return Note(code, Arguments.of(**arguments))


def read_notes(cell: str) -> tuple[Note, ...]:
    """The notes of a cell of a table."""
    return tuple(note(NoteCode(one.pop("code")), **one) for one in (dict(each) for each in json.loads(cell or "[]")))
