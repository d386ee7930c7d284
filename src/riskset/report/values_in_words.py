"""Values of covariates as delivered, in the study's own words wherever a page tells of them."""

from __future__ import annotations

import json

from riskset.results.notes import Note, note, read_notes
from riskset.results.row_cells import DiagnosticCells
from riskset.spec.study import Study
from riskset.spec.wording import value_in_words


def notes_in_words(study: Study, cell: str) -> str:
    """The notes of a cell, in which the level of a covariate is as the report shows it."""
    if not study.values or not cell:
        return cell
    return json.dumps([_in_words(study, one).as_json() for one in read_notes(cell)], ensure_ascii=False)


def _in_words(study: Study, one: Note) -> Note:
    facts = dict(one.arguments.as_json())
    covariate, level = facts.get("covariate"), facts.get("level")
    if not isinstance(covariate, str) or not isinstance(level, str):
        return one
    return note(one.code, **{**facts, "level": value_in_words(study, covariate, level)})


def diagnosed_in_words(study: Study, row: DiagnosticCells) -> DiagnosticCells:
    """A diagnostic whose level of a covariate, stratum and notes are as the report shows them."""
    return row | {
        "level": value_in_words(study, row["covariate"], row["level"]),
        "stratum": value_in_words(study, row["modifier"], row["stratum"]),
        "notes": notes_in_words(study, row["notes"]),
    }
