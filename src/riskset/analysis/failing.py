"""Why a fit failed, as a note: the code of the problem with its terms and numbers."""

from __future__ import annotations

from riskset.errors import FitError
from riskset.results.notes import Argument, Note, NoteCode, note


def note_of(error: FitError, code: NoteCode, **arguments: Argument) -> Note:
    """Why there is no fit, test or number; ``arguments`` are what else the code names."""
    terms = {"terms": ", ".join(error.terms)} if error.terms else {}
    return note(code, problem=str(error.problem), **terms, **error.facts, **arguments)
