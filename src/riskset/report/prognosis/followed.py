"""Who was followed, from when, and how many events there are to learn from."""

from __future__ import annotations

from collections.abc import Iterator

from riskset.report import formats
from riskset.report.prognosis.rows import COX, EVER, JOINT, Rows, covariate_words
from riskset.report.tables import sentence
from riskset.report.view import Line, distinct, words_of

_SHOWN = ("patients who entered", "days from diagnosis", "follow-up ends", "scores ", "patients without a score",
          "patients with one score", "patients with unknown")  # fmt: skip
"""Beginnings of the names of what is told of the patients before any model."""


def who_was_followed(rows: Rows) -> list[str]:
    """Sentences on entry, immortal days, scores and unknown covariates; what is nought is left out, but for scores."""
    asked = rows.asked
    said = []
    if asked.entry == "registration":
        said.append(
            "A patient comes under follow-up on the later of diagnosis and registration in the quality register. The "
            "days between are immortal: who died in them was never registered, so they count for nobody, and a patient "
            "counts as at risk from entry on only (delayed entry)."
        )
    said += [_told(row["name"], row["value"], row["note"]) for row in rows.diagnostics if _is_told(row)]
    return said


def _is_told(row: dict[str, object]) -> bool:
    name = str(row["name"])
    return not row["model"] and not row["exposure"] and name.startswith(_SHOWN) and row["value"] != 0


def _told(name: str, value: float | None, note: str) -> str:
    number = "" if value is None else f": {formats.plain(value)}"
    return sentence(f"{covariate_words(name)}{number}{f' ({words_of(note)})' if note else ''}")


def compare_events(rows: Rows) -> str:
    """The events of the models whose ratios stand beside published ones, for how much the numbers can tell."""
    said = [
        f"{what} {' to '.join(formats.count(n) for n in distinct([min(ns), max(ns)]))}"
        for what, ns in _events(rows)
        if ns
    ]
    notes = distinct(
        f"{words_of(f.exposure)}, {f.note}" for f in rows.study.published if f.analysis == "prognosis" and f.note
    )
    if not said or not notes:
        return ""
    return (
        f"Events in the adjusted models here: {'; '.join(said)}. Of the published hazard ratios is known: "
        f"{'; '.join(notes)}. How wide an interval is follows from the number of events: with twice as many it is "
        "about 30 % narrower."
    )


def _events(rows: Rows) -> Iterator[tuple[str, list[int]]]:
    for kind, what in ((COX, "total effects"), (JOINT, "direct effects")):
        lines: list[Line] = [
            x
            for x in rows.find("log_hr", kind=kind, term=EVER)
            if rows.model(x["model"]).form in ("adjusted", "mutually adjusted") and x["n_events"] is not None
        ]
        yield what, [x["n_events"] for x in lines]
