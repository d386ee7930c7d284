"""Who was followed, from when, and how many events there are to learn from."""

from __future__ import annotations

from collections.abc import Iterator

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_course_summary as english
from riskset.report.prognosis.rows import Rows
from riskset.report.tables import sentence
from riskset.report.view import distinct, words_of
from riskset.results.row_cells import DiagnosticCells
from riskset.results.vocabulary import Family, Form, Scale
from riskset.spec.study import Study


def who_was_followed(rows: Rows) -> list[str]:
    """Sentences on entry, immortal days, scores and unknown covariates; what is nought is left out, but for scores."""
    sentences = []
    if rows.asked.entry == "registration":
        sentences.append(english.ENTERS_LATE)
    return sentences + [_counted(rows.study, row) for row in rows.diagnostics if _is_of_patients(row)]


def _is_of_patients(row: DiagnosticCells) -> bool:
    """Whether a diagnostic is of the patients, before any model and of no class."""
    return not row["family"] and not row["exposure"] and row["value"] != 0


def _counted(study: Study, row: DiagnosticCells) -> str:
    number = "" if row["value"] is None else f": {formats.plain(row['value'])}"
    name, note = ENGLISH.diagnostic(row, study)
    return sentence(f"{words_of(name)}{number}{f' ({words_of(note)})' if note else ''}")


def compare_events(rows: Rows) -> str:
    """The events of the models whose ratios stand beside published ones, for how much the numbers can tell."""
    numbers = [(what, formats.count(min(ns)), formats.count(max(ns))) for what, ns in _events(rows) if ns]
    events = [english.events_of(*one) for one in numbers]
    notes = distinct(
        f"{words_of(f.exposure)}, {f.note}" for f in rows.study.published if f.analysis == "prognosis" and f.note
    )
    if not events or not notes:
        return ""
    return english.compare_events(events, notes)


def _events(rows: Rows) -> Iterator[tuple[str, list[int]]]:
    adjusted = (Form.ADJUSTED, Form.MUTUALLY_ADJUSTED)
    for family, what in ((Family.COX, english.TOTAL_EFFECTS), (Family.JOINT, english.DIRECT_EFFECTS)):
        lines = (x for x in rows.find(Scale.LOG_HR, family=family) if x["form"] in adjusted)
        yield what, [x["n_events"] for x in lines if formats.finite(x["n_events"]) is not None]
