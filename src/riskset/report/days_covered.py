"""What a delivery may not cover, in a sentence for each kind."""

from __future__ import annotations

from collections.abc import Iterable

from riskset.report.catalogue import ENGLISH
from riskset.results.notes import read_notes
from riskset.results.row_cells import DiagnosticCells
from riskset.results.vocabulary import DiagnosticCode


def in_sentences(diagnostics: Iterable[DiagnosticCells]) -> list[str]:
    """The diagnostics that are of the delivery, among others."""
    rows = list(diagnostics)
    silent = [row for row in rows if row["code"] == DiagnosticCode.SILENT_TABLE]
    sentences = [f"{ENGLISH.diagnostic(row)[1]}." for row in rows if row["code"] == DiagnosticCode.START_NOT_STATED]
    if silent:
        over = read_notes(silent[0]["notes"])[0].arguments["over"]
        sentences.append(ENGLISH.silent_tables([row["covariate"] for row in silent], int(over)))
    return sentences
