"""Parts of a study that there is nobody for: a comparison without sets, a prognosis of nobody."""

from __future__ import annotations

from collections.abc import Callable

from riskset.cohort.attrition import Criterion
from riskset.errors import DesignError
from riskset.results.notes import Arguable, Note, NoteCode, note


class NotMade(DesignError):
    """A part of a study that cannot be made; a run says why, and does the rest.

    Parameters
    ----------
    what, where, remedy
        As of every error.
    reason
        The same as a code with what it names, for the results.
    """

    def __init__(self, what: str, reason: Note, *, where: str, remedy: str) -> None:
        self.reason = reason
        super().__init__(what, where=where, remedy=remedy)

    def in_words(self, words: Callable[[Note], str]) -> DesignError:
        """The same error as it is worded in a report, its remedy within."""
        return DesignError(words(self.reason), where=self.where)


def after_rule(code: NoteCode, last: Criterion, **arguments: Arguable) -> Note:
    """Why a part is not made: after a rule nobody was left."""
    return note(code, rule=str(last.rule), **dict(last.arguments.pairs), **arguments)
