"""Who was followed, from when, and how many events there are to learn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.prognosis.rows import Rows, covariate_words
from riskset.report.tables import sentence
from riskset.report.view import distinct, words_of
from riskset.results.vocabulary import Family, Form, Scale


def who_was_followed(rows: Rows) -> list[str]:
    """Sentences on entry, immortal days, scores and unknown covariates; what is nought is left out, but for scores."""
    sentences = []
    if rows.asked.entry == "registration":
        sentences.append(
            "A patient comes under follow-up on the later of diagnosis and registration in the quality register. The "
            "days between are immortal: who died in them was never registered, so they count for nobody, and a patient "
            "counts as at risk from entry on only (delayed entry)."
        )
    return sentences + [_counted(row) for row in rows.diagnostics if _is_of_patients(row)]


def _is_of_patients(row: Mapping[str, Any]) -> bool:
    """Whether a diagnostic is of the patients, before any model and of no class."""
    return not row["family"] and not row["exposure"] and row["value"] != 0


def _counted(row: Mapping[str, Any]) -> str:
    number = "" if row["value"] is None else f": {formats.plain(row['value'])}"
    name, note = ENGLISH.diagnostic(row)
    return sentence(f"{covariate_words(name)}{number}{f' ({words_of(note)})' if note else ''}")


def compare_events(rows: Rows) -> str:
    """The events of the models whose ratios stand beside published ones, for how much the numbers can tell."""
    events = [
        f"{what} {' to '.join(formats.count(n) for n in distinct([min(ns), max(ns)]))}"
        for what, ns in _events(rows)
        if ns
    ]
    notes = distinct(
        f"{words_of(f.exposure)}, {f.note}" for f in rows.study.published if f.analysis == "prognosis" and f.note
    )
    if not events or not notes:
        return ""
    return (
        f"Events in the adjusted models here: {'; '.join(events)}. Of the published hazard ratios is known: "
        f"{'; '.join(notes)}. How wide an interval is follows from the number of events: with twice as many it is "
        f"about {formats.percent(0.3, decimals=0)} narrower."
    )


def _events(rows: Rows) -> Iterator[tuple[str, list[int]]]:
    adjusted = (Form.ADJUSTED, Form.MUTUALLY_ADJUSTED)
    for family, what in ((Family.COX, "total effects"), (Family.JOINT, "direct effects")):
        lines = (x for x in rows.find(Scale.LOG_HR, family=family) if x["form"] in adjusted)
        yield what, [x["n_events"] for x in lines if x["n_events"] is not None]
