"""What a result says, and of what: every note with the rows that it stands on, every diagnostic with its number.

A test that compares all of it with what it expects shows what is said where it should be, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from riskset.results.notes import NoteCode
from riskset.results.vocabulary import Contrast, DiagnosticCode, Estimator

Said = dict[NoteCode, set[str]]
"""Note → the rows on which it stands."""


def said(*tables: Iterable[Any]) -> Said:
    """Every note of some rows, with the places of the rows that it stands on."""
    found: Said = {}
    for row in (row for table in tables for row in table):
        for one in row.notes:
            found.setdefault(one.code, set()).add(place(row))
    return found


def arguments(code: NoteCode, *tables: Iterable[Any]) -> dict[str, Mapping[str, Any]]:
    """The place of each row on which a note stands → the note's arguments."""
    rows = [row for table in tables for row in table]
    return {place(row): one.arguments.as_json() for row in rows for one in row.notes if one.code is code}


def place(row: Any) -> str:
    """Where a row is, in words: ``crude pills=ever``, ``separated: crude``."""
    model = row.model
    firth = "firth" if model.estimator is Estimator.FIRTH else ""
    words = [*_of_model(model), firth]
    if hasattr(row, "exposures"):
        return " ".join(filter(None, ["failure:", *words, *row.exposures]))
    words += [_of_whom(row)]
    if hasattr(row, "code"):
        return " ".join(filter(None, [f"{row.code}:", *words]))
    contrast = getattr(row, "contrast", "")
    words += [] if contrast in (Contrast.LEVEL, Contrast.NONE) else [contrast]
    return " ".join(filter(None, words))


def _of_model(model: Any) -> list[str]:
    family = "" if model.family == "conditional logistic" else model.family
    return [family, model.form, model.association, model.cause, model.sensitivity]


def _of_whom(row: Any) -> str:
    name = getattr(row, "covariate", "") or row.exposure
    level = f"{name}={row.level}" if row.level else name
    more = [getattr(row, "curve", ""), getattr(row, "scale", "")]
    strata = [getattr(row, key, "") for key in ("modifier", "stratum", "against")]
    more = [one for one in more if one not in ("log_or", "log_ror", "log_hr", "log_shr")]
    return " ".join(filter(None, [level, *more, *strata, str(getattr(row, "who", ""))]))


def diagnosed(rows: Iterable[Any]) -> dict[DiagnosticCode, dict[str, float | None]]:
    """Diagnostic → its place, without its own name → its number."""
    found: dict[DiagnosticCode, dict[str, float | None]] = {}
    for row in rows:
        found.setdefault(row.code, {})[place(row).removeprefix(f"{row.code}:").strip()] = row.value
    return found
