"""What is needed to tell a run from another and to make it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from riskset.report import formats
from riskset.report.catalogue import english_front as english
from riskset.report.catalogue import english_page as page_words
from riskset.report.front.naming import outcome
from riskset.report.front.section import Section
from riskset.report.templating import capital, render
from riskset.report.view import View
from riskset.results.released import Released
from riskset.results.vocabulary import DiagnosticCode

SHOWN = 16
"""Characters of a fingerprint; the supplement has all."""

SOFTWARE = {"riskset": "riskset", "python": "Python", "duckdb": "DuckDB", "numpy": "NumPy", "scipy": "SciPy"}
"""What is named, by its key in the manifest."""


def reproducibility(released: Released, view: View) -> Section | None:
    """The section; there always."""
    manifest = released.manifest
    registers = _mapping(manifest.get("registers"))
    study = _mapping(manifest.get("study"))
    versions = _mapping(manifest.get("versions"))
    lines = {
        "registers": _coverage(registers),
        "delivered": _day(registers.get("delivered")),
        "run": _day(manifest.get("date")),
        "risk": _at_risk(released, view),
        "software": "; ".join(f"{name} {versions[key]}" for key, name in SOFTWARE.items() if key in versions),
        "seed": str(released.study.seed),
        "study": str(study.get("fingerprint", released.study.fingerprint))[:SHOWN],
        "data": str(registers.get("fingerprint", ""))[:SHOWN],
        "estimates": str(_mapping(manifest.get("digests")).get("estimates", ""))[:SHOWN],
    }
    body = render("front_facts.html", lines=[(page_words.LABELS[key], text) for key, text in lines.items() if text])
    return Section(
        "reproducibility", page_words.REPRODUCIBILITY, body=body, short=page_words.REPRODUCIBILITY_IN_CONTENTS
    )


def _mapping(value: object) -> Mapping[str, Any]:
    """A part of the manifest; an empty one where it has none."""
    return value if isinstance(value, Mapping) else {}


def _day(value: object) -> str:
    return formats.day(date.fromisoformat(str(value))) if value else ""


def _coverage(registers: Mapping[str, Any]) -> str:
    """The stated first and last days of the registers."""
    starts, ends = _days(registers.get("starts")), _days(registers.get("ends"))
    names = dict.fromkeys([*starts, *ends])
    return capital("; ".join(page_words.covered(name, starts.get(name), ends.get(name)) for name in names))


def _days(stated: object) -> dict[str, date]:
    return {table: date.fromisoformat(str(day)) for table, day in _mapping(stated).items()}


def _at_risk(released: Released, view: View) -> str:
    counted = {row["code"]: row["value"] for row in released.table("diagnostics").to_pylist()}
    years = formats.finite(counted.get(DiagnosticCode.PERSON_YEARS_AT_RISK))
    if not years:
        return ""
    incidence = formats.finite(counted.get(DiagnosticCode.INCIDENCE))
    what = english.outcome_rate(view.study.cases.first, outcome(view.study))[1]
    return page_words.person_years(years, incidence, what)
