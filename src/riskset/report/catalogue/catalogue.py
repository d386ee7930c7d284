"""What a language has to word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from riskset.results.notes import Arguments, Note, NoteCode
from riskset.results.vocabulary import Family, Form, Model

Clause = str | Callable[[Arguments], str]
"""Words, or what makes them of a code's arguments."""


@dataclass(frozen=True)
class Style:
    """How numbers are set.

    Attributes
    ----------
    percent : what stands before a per cent sign: a space, or nothing as American medical journals have it
    """

    percent: str = " "


@dataclass(frozen=True)
class Catalogue:
    """A language: words for every value of the vocabulary.

    Attributes
    ----------
    style : how numbers are set
    families, forms : kinds of models, and what stands in them
    notes : what is said of a number, a clause without a capital and a full stop
    """

    style: Style
    families: Mapping[Family, str]
    forms: Mapping[Form, str]
    notes: Mapping[NoteCode, Clause]

    def note(self, note: Note) -> str:
        """A note as a clause."""
        return _worded(self.notes[note.code], note.arguments)

    def model(self, model: Model) -> str:
        """A model in a few words: ``Cox, mutually adjusted``."""
        return ", ".join(filter(None, (self.families[model.family], self.forms[model.form])))


def _worded(clause: Clause, arguments: Arguments) -> str:
    return clause if isinstance(clause, str) else clause(arguments)
