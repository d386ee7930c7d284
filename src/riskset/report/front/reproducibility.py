"""What is needed to tell a run from another and to make it again."""

from __future__ import annotations

from datetime import date

from riskset.report import formats
from riskset.report.catalogue import english_front as english
from riskset.report.catalogue import english_page as page_words
from riskset.report.front.naming import outcome
from riskset.report.front.section import Section
from riskset.report.run_facts import days_of, delivery_of, fingerprint_of, software_of
from riskset.report.templating import render
from riskset.report.view import View
from riskset.results.manifest_keys import RegisterFacts
from riskset.results.released import Released
from riskset.results.vocabulary import DiagnosticCode
from riskset.spec.words import capital

SHOWN = 16
"""Characters of a fingerprint; the supplement has all."""


def reproducibility(released: Released, view: View) -> Section | None:
    """The section; there always."""
    manifest = released.manifest
    registers = manifest.get("registers", {})
    lines = {
        "registers": _coverage(registers),
        "delivered": _day(registers.get("delivered")),
        "run": _day(manifest.get("date")),
        "risk": _at_risk(released, view),
        "software": "; ".join(software_of(manifest)),
        "seed": str(released.study.seed),
        "study": fingerprint_of(released)[:SHOWN],
        "data": delivery_of(manifest)[:SHOWN],
        "estimates": manifest.get("digests", {}).get("estimates", "")[:SHOWN],
    }
    body = render("front_facts.html", lines=[(page_words.LABELS[key], text) for key, text in lines.items() if text])
    return Section(
        "reproducibility", page_words.REPRODUCIBILITY, body=body, short=page_words.REPRODUCIBILITY_IN_CONTENTS
    )


def _day(value: str | None) -> str:
    return formats.day(date.fromisoformat(value)) if value else ""


def _coverage(registers: RegisterFacts) -> str:
    """The stated first and last days of the registers."""
    starts, ends = days_of(registers.get("starts")), days_of(registers.get("ends"))
    names = dict.fromkeys([*starts, *ends])
    return capital("; ".join(page_words.covered(name, starts.get(name), ends.get(name)) for name in names))


def _at_risk(released: Released, view: View) -> str:
    counted = {row["code"]: row["value"] for row in released.table("diagnostics").to_pylist()}
    years = formats.finite(counted.get(DiagnosticCode.PERSON_YEARS_AT_RISK))
    if not years:
        return ""
    incidence = formats.finite(counted.get(DiagnosticCode.INCIDENCE))
    what = english.outcome_rate(view.study.cases.first, outcome(view.study))[1]
    return page_words.person_years(years, incidence, what)
