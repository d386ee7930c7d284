"""A covariate is called one thing on every page: what the study calls it, else what the catalogue does."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue.english_covariates import WORDS, label_of_name
from riskset.report.document import write_report
from riskset.report.public import render_public
from riskset.results.notes import NoteCode, note
from riskset.results.released import Released
from riskset.spec.study import Study
from tests.report.course import make_course
from tests.report.page import Page
from tests.report.public.studies import STAMP, lay_study
from tests.report.released import diagnostic, estimate, interaction, make_estimates, make_released, make_study, noted

NAME, LABEL = "psychiatric_diagnosis", "mental disorder"
OF_THE_DESCRIPTION = re.compile(r'<div class="asked">.*?</div>|id="[^"]*"|href="[^"]*"', re.DOTALL)
"""What repeats the description as it is spelled."""


def labelled(study: Study) -> Study:
    """The study with a covariate of its own words."""
    described = study.model_dump(mode="json", by_alias=True)
    described["covariates"][0]["label"] = LABEL
    described["models"][0]["subgroups"] = [{"by": NAME}]
    return Study.model_validate(described)


def pages(released: Released, folder: Path) -> dict[str, str]:
    """The text of each page, without the description."""
    front = write_report(released, folder)
    htmls = {
        "front": front.read_text(encoding="utf-8"),
        "supplement": front.with_name("supplement.html").read_text(encoding="utf-8"),
    }
    if released.study.prognosis is None:
        htmls["public"] = str(render_public(released))
    return {name: " ".join(Page(OF_THE_DESCRIPTION.sub("", html)).text.split()) for name, html in htmls.items()}


def of_risk() -> Released:
    study = labelled(lay_study(["anxiolytics"], ["population"], published=[]))
    parted = {"modifier": NAME, "notes": noted(note(NoteCode.PARTED_BY_CASE, by=NAME, reason="not matched on"))}
    left_out = noted(note(NoteCode.LEVEL_LEFT_OUT, rows=3, covariate=NAME, level="yes", only="cases"))
    rows: list[dict[str, Any]] = [
        *make_estimates(["anxiolytics"]),
        estimate("anxiolytics", "ever", "ever", 1.2, stratum="yes", **parted),
        interaction("anxiolytics", "ever", NAME, 0.4),
        estimate("anxiolytics", "ever", "yes", 1.9, role="covariate", covariate=NAME, notes=left_out),
    ]
    found = [
        diagnostic("left out at a level", "cases", 3, covariate=NAME, level="yes"),
        diagnostic("unknown modifier", "cases", 3, modifier=NAME),
    ]
    made = make_released(["anxiolytics"], study=study, estimates=rows, diagnostics=found, planted=False)
    return replace(made, stamp=STAMP)


def test_the_study_s_own_words_stand_on_every_page(tmp_path: Path) -> None:
    texts = pages(of_risk(), tmp_path)
    for page, text in texts.items():
        assert re.search(LABEL, text, re.IGNORECASE), page
        assert not re.search("psychiatric.diagnosis", text, re.IGNORECASE), page
    assert "Mental disorder: yes" in texts["supplement"]


def test_a_covariate_that_is_built_in_has_the_catalogue_s_words_on_every_page(tmp_path: Path) -> None:
    for page, text in pages(make_course(), tmp_path).items():
        assert WORDS["bmi"].name in text.lower(), page
        assert not re.search(r"\bbmi\b", text, re.IGNORECASE), page


@pytest.mark.parametrize(
    ("name", "shown"),
    [("bmi", "body mass index"), ("alsfrs_r", "ALSFRS-R"), (NAME, LABEL), ("something_else", "something else")],
)
def test_one_look_up_names_all(name: str, shown: str) -> None:
    assert label_of_name(labelled(make_study()), name) == shown


def test_notes_and_diagnostics_look_up_the_same_words() -> None:
    said = note(NoteCode.LEVEL_LEFT_OUT, rows=3, covariate="bmi", level="x", only="cases")
    assert "body mass index" in ENGLISH.note(said)
    own = note(NoteCode.LEVEL_LEFT_OUT, rows=3, covariate=NAME, level="x", only="cases")
    assert LABEL in ENGLISH.note(own, labelled(make_study()))
