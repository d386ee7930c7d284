"""What must be said of a number, as codes with arguments; `report` alone words them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Argument = str | int | float


class NoteCode(StrEnum):
    """What a note says. Its arguments stand beside it."""

    COVARIATE = "covariate"


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

    def __getitem__(self, name: str) -> Argument:
        return dict(self.pairs)[name]


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
