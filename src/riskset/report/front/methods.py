"""Methods that a person can paste into a manuscript, generated from the description, the manifest and the tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from riskset.report.catalogue import english_methods as english
from riskset.report.front.naming import outcome
from riskset.report.front.reproducibility import SHOWN
from riskset.report.front.section import Section
from riskset.report.run_facts import delivery_of, fingerprint_of, import_of, software_of, starts_of
from riskset.report.templating import render
from riskset.report.view import View
from riskset.results.released import Released
from riskset.results.vocabulary import Family, Form
from riskset.spec.measures import Measure
from riskset.spec.study import Study


def methods(released: Released, view: View) -> Section:
    """The section: a paragraph on the study, one on the analysis, one on software and data."""
    study = released.study
    joint = any(x["family"] == Family.JOINT for x in view.lines)
    paragraphs = [
        " ".join(filter(None, _people(study))),
        " ".join(filter(None, _analysis(study, starts_of(released.manifest).get("dispensing"), joint=joint))),
        " ".join(_made(released)),
    ]
    body = render("front_methods.html", heading=english.PASTE, paragraphs=paragraphs)
    return Section("methods", english.TITLE, body=body)


def _people(study: Study) -> Iterator[str]:
    yield english.design()
    yield english.case_sentence(study, outcome(study))
    yield english.eligibility_sentence(study)
    yield from english.controls_sentences(study)
    if study.exposures:
        yield english.run_in_sentence(study)


def _analysis(study: Study, start: date | None, *, joint: bool) -> Iterator[str]:
    yield from english.use_sentences(study.exposures, start)
    used = {model.measure for model in study.models}
    measures = [m for e in study.exposures for m in e.measures if m.key in used or not study.models]
    yield from english.measure_sentences(study, _once(measures))
    if study.models:
        form = Form(study.primary_form or Form.CRUDE)
        adjusted = form is not Form.CRUDE
        together = form.is_mutual
        yield english.model_sentence(study, study.models, together=together, adjusted=adjusted)
        yield english.estimand_sentence(study.controls)
    if study.prognosis is not None:
        yield from english.followup_sentences(study, study.prognosis, joint=joint)
    if study.models:
        yield english.analysis_sentence(study.models)


def _once(measures: list[Measure]) -> list[Measure]:
    return [measure for i, measure in enumerate(measures) if measure not in measures[:i]]


def _made(released: Released) -> Iterator[str]:
    manifest = released.manifest
    registers = manifest.get("registers", {})
    yield english.made_with(software_of(manifest), released.study.seed)
    study = fingerprint_of(released)
    yield english.made_of(
        study[:SHOWN],
        delivery_of(manifest)[:SHOWN],
        import_of(manifest)[:SHOWN],
        _day(registers.get("delivered")),
        _day(manifest.get("date")),
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
